/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/jail/serve.h"

#include <malloc.h>
#include <stdbool.h>

#include "eii/fields/wire.h"
#include "eii/jail/jail.h"
#include "eii/mail/authentication.h"
#include "eii/mail/message.h"
#include "eii/mail/scan.h"
#include "eii/mail/tlp.h"

#define LOOK_BYTES  ((size_t)256 * 1024) /* mails from here on may leave holes in the heap */
#define LARGE_BYTES (1024 * 1024)
#define FREE_BYTES  ((size_t)16 * 1024 * 1024) /* free and kept: more is given back */

static enum eii_rc close_jail(struct eii_channel *channel, int fd, uint64_t address_space_bytes,
			      struct eii_error *err)
{
	const struct eii_jail_options options = { .fd = fd,
						  .address_space_bytes = address_space_bytes };
	unsigned char word[EII_WIRE_READY_BYTES];
	struct eii_jail_status status;
	struct eii_wire_ready ready;
	enum eii_rc rc;

	rc = eii_jail_close(&options, &status, err);
	if (rc)
		return rc;
	ready.is_relaxed = status.is_relaxed;
	ready.landlock_abi = status.landlock_abi;
	ready.missing_charsets = eii_message_missing_charsets();
	eii_wire_ready_encode(&ready, word);
	return eii_sink_write(eii_channel_sink(channel), word, sizeof(word), err);
}

enum eii_rc eii_serve_prepare(struct eii_channel *channel, int fd, uint64_t address_space_bytes,
			      struct eii_error *err)
{
	enum eii_rc rc;

	/* One thread needs one heap; others would be made by mmap and mprotect. */
	(void)mallopt(M_ARENA_MAX, 1);
	/* What is large grows in place, and is given back when it is freed. */
	(void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
	eii_message_prepare();
	rc = close_jail(channel, fd, address_space_bytes, err);
	if (rc) {
		struct eii_error ignored;

		if (eii_wire_failure_write(0, eii_text_of(err->text), eii_channel_sink(channel),
					   &ignored) == EII_OK)
			(void)!eii_channel_flush(channel, &ignored);
		return rc;
	}
	return eii_channel_flush(channel, err);
}

static enum eii_rc read_mail(const struct eii_channel_request *request, struct eii_fields **out,
			     struct eii_error *err)
{
	struct eii_text mail = request->mail;

	if (request->wire.mode == EII_CONVERT_SCAN)
		return eii_header_scan(mail.data, mail.len, out);
	return eii_message_read(mail.data, mail.len, &request->wire.settings, out, err);
}

static enum eii_rc convert(const struct eii_channel_request *request, struct eii_fields **out,
			   struct eii_error *err)
{
	struct eii_text authority = request->wire.settings.authority;
	enum eii_rc rc = read_mail(request, out, err);

	/* Of a mail whose body is not read its subject speaks alone. */
	if (!rc && request->wire.mode == EII_CONVERT_SCAN && request->wire.settings.asks_tlp)
		(*out)->tlp = eii_tlp_find((*out)->subject);
	if (!rc && authority.len)
		(*out)->authentication = eii_authentication_of(request->mail, authority);
	return rc;
}

static bool leaves_holes(size_t mail_bytes, size_t content_bytes)
{
	if (mail_bytes > EII_CHANNEL_KEEP_BYTES || content_bytes > EII_CHANNEL_KEEP_BYTES)
		return true;
	return mail_bytes > LOOK_BYTES && mallinfo2().fordblks > FREE_BYTES;
}

enum eii_rc eii_serve_answer(struct eii_channel *channel, const struct eii_channel_request *request,
			     struct eii_error *err)
{
	EII_AUTO(eii_fields) fields = NULL;
	struct eii_sink *sink = eii_channel_sink(channel);
	uint64_t number = request->wire.number;
	uint64_t max_bytes = eii_wire_answer_max_bytes(request->mail.len);
	size_t content_bytes = 0;
	enum eii_rc rc;

	rc = convert(request, &fields, err);
	if (rc == EII_OK) {
		content_bytes = fields->content.len;
		rc = eii_wire_answer_write(number, fields, max_bytes, sink, err);
	}
	if (rc == EII_REJECT)
		rc = eii_wire_failure_write(number, eii_text_of(err->text), sink, err);
	if (rc)
		return rc;
	rc = eii_channel_flush(channel, err);
	if (leaves_holes(request->mail.len, content_bytes)) {
		eii_fields_free(EII_DETACH(fields));
		eii_channel_shrink(channel);
		(void)malloc_trim(0);
	}
	return rc;
}

enum eii_rc eii_converter_serve(int fd, uint64_t address_space_bytes, struct eii_error *err)
{
	EII_AUTO(eii_channel) channel = eii_channel_new(fd);
	enum eii_rc rc;

	rc = eii_serve_prepare(channel, fd, address_space_bytes, err);
	while (rc == EII_OK) {
		struct eii_channel_request request;
		bool has_ended = false;

		rc = eii_channel_read(channel, &request, &has_ended, err);
		if (rc || has_ended)
			return rc;
		rc = eii_serve_answer(channel, &request, err);
	}
	return rc;
}
