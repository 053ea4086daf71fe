/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/imap/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mailutils/stream.h>

#include "carrier.h"
#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/utf8.h"
#include "eii/net/stream.h"
#include "imap_private.h"

#define LITERAL_MAX_DEFAULT UINT32_MAX

/* ---- life -------------------------------------------------------------- */

struct eii_imap *eii_imap_new(struct eii_stream *stream, const struct eii_imap_options *options)
{
	struct eii_imap *imap = EII_NEW(struct eii_imap);

	imap->stream = stream;
	imap->carrier = eii_carrier_new(stream);
	if (!imap->carrier)
		abort();
	eii_imap_reader_init(&imap->reader, imap->carrier, eii_stream_where(stream));
	eii_buf_init(&imap->joined, EII_IMAP_LINE_MAX);
	eii_buf_init(&imap->command, EII_IMAP_COMMAND_MAX);
	imap->literal_max = options->literal_max ? options->literal_max : LITERAL_MAX_DEFAULT;
	imap->timeout_ms = options->timeout_ms ? options->timeout_ms : EII_IMAP_TIMEOUT_MS;
	return imap;
}

void eii_imap_free(struct eii_imap *imap)
{
	if (!imap)
		return;
	for (size_t i = 0; i < EII_IMAP_PIPELINE_MAX; i++)
		eii_imap_give_held(&imap->groups[i], NULL);
	mu_stream_destroy(&imap->carrier);
	eii_stream_free(imap->stream);
	eii_imap_reader_clear(&imap->reader);
	eii_buf_clear(&imap->joined);
	eii_buf_clear(&imap->command);
	free(imap->folder_name);
	free(imap);
}

void eii_imap_close(struct eii_imap *imap, int wait_ms)
{
	struct eii_imap_handler nothing = { 0 };
	enum eii_imap_status status;
	enum eii_rc rc = EII_RETRY;

	if (!imap)
		return;
	if (imap->state != EII_IMAP_OVER && wait_ms > 0) {
		eii_imap_start_clock(imap, (uint32_t)wait_ms);
		eii_buf_add_str(&imap->command, "LOGOUT");
		rc = eii_imap_send(imap, NULL);
	}
	if (!rc)
		(void)!eii_imap_read_answer(imap, imap->tag, &nothing, &status, NULL);
	eii_imap_free(imap);
}

bool eii_imap_is_open(const struct eii_imap *imap)
{
	return imap->state != EII_IMAP_OVER;
}

/* ---- failing ----------------------------------------------------------- */

enum eii_rc eii_imap_end(struct eii_imap *imap, enum eii_rc rc)
{
	if (rc == EII_RETRY || rc == EII_FATAL)
		imap->state = EII_IMAP_OVER;
	return rc;
}

enum eii_rc eii_imap_fail(struct eii_imap *imap, const char *what, struct eii_error *err)
{
	return eii_imap_end(
		imap, eii_fail(err, EII_RETRY, "%s: %s", eii_stream_where(imap->stream), what));
}

enum eii_rc eii_imap_need(struct eii_imap *imap, enum eii_imap_state state, struct eii_error *err)
{
	if (imap->state == EII_IMAP_OVER)
		return eii_imap_fail(imap, "the session is over", err);
	if (imap->state < state)
		return eii_imap_fail(imap, "no folder is open", err);
	if (imap->n_groups)
		return eii_imap_fail(imap, "bodies were asked for and not read", err);
	return EII_OK;
}

void eii_imap_make_words(struct eii_text text, char *out, size_t capacity)
{
	size_t len = 0;

	for (size_t i = 0; i < text.len;) {
		uint32_t c = '?';
		size_t n = eii_utf8_decode(text.data + i, text.len - i, &c);
		bool is_bad =
			!n || c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;

		if (len + (is_bad ? 1 : n) >= capacity)
			break;
		if (is_bad)
			out[len++] = '?';
		else
			memcpy(out + len, text.data + i, n);
		len += is_bad ? 0 : n;
		i += n ? n : 1;
	}
	out[len] = '\0';
}

bool eii_imap_is_refusal_temporary(const struct eii_imap *imap)
{
	static const char *const codes[] = { "UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG" };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (strcmp(imap->code, codes[i]) == 0)
			return true;
	}
	/* Gmail: [ALERT] Too many simultaneous connections. */
	return strcasestr(imap->words, "too many") || strcasestr(imap->words, "try again");
}

/* ---- commands ---------------------------------------------------------- */

void eii_imap_start_clock(struct eii_imap *imap, uint32_t timeout_ms)
{
	imap->deadline_ms = eii_clock_monotonic_ms() + timeout_ms;
	eii_stream_set_deadline(imap->stream, imap->deadline_ms);
}

void eii_imap_extend_clock(struct eii_imap *imap, uint64_t literal_bytes)
{
	imap->deadline_ms += (int64_t)(literal_bytes * 1000 / EII_IMAP_LITERAL_RATE);
	eii_stream_set_deadline(imap->stream, imap->deadline_ms);
}

enum eii_rc eii_imap_write(struct eii_imap *imap, const char *data, size_t len,
			   struct eii_error *err)
{
	int code = mu_stream_write(imap->carrier, data, len, NULL);

	if (code)
		return eii_imap_end(imap, eii_carrier_fail(imap->carrier, code, err));
	return EII_OK;
}

static void wipe_command(struct eii_imap *imap)
{
	explicit_bzero(imap->command.data, imap->command.len);
	eii_buf_reset(&imap->command);
}

enum eii_rc eii_imap_send(struct eii_imap *imap, struct eii_error *err)
{
	char tag[16];
	int len = snprintf(tag, sizeof(tag), "A%u ", ++imap->tag);
	enum eii_rc rc;

	if (!eii_buf_ok(&imap->command)) {
		wipe_command(imap);
		return eii_imap_fail(imap, "a command is too long to be sent", err);
	}
	rc = eii_imap_write(imap, tag, (size_t)len, err);
	if (!rc)
		rc = eii_imap_write(imap, imap->command.data, imap->command.len, err);
	wipe_command(imap);
	return rc ? rc : eii_imap_write(imap, "\r\n", 2, err);
}

enum eii_rc eii_imap_run(struct eii_imap *imap, const struct eii_imap_handler *handler,
			 enum eii_imap_status *out, struct eii_error *err, const char *format, ...)
{
	char text[2048];
	va_list args;
	enum eii_rc rc;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof(text))
		return eii_imap_fail(imap, "a command is too long to be sent", err);
	eii_imap_start_clock(imap, imap->timeout_ms);
	eii_buf_add(&imap->command, text, (size_t)len);
	rc = eii_imap_send(imap, err);
	return rc ? rc : eii_imap_read_answer(imap, imap->tag, handler, out, err);
}

/* ---- opening ----------------------------------------------------------- */

enum eii_rc eii_imap_ask_capabilities(struct eii_imap *imap, struct eii_error *err)
{
	struct eii_imap_handler nothing = { 0 };
	enum eii_imap_status status;
	enum eii_rc rc;

	if (imap->knows_capabilities)
		return EII_OK;
	eii_buf_add_str(&imap->command, "CAPABILITY");
	rc = eii_imap_send(imap, err);
	if (!rc)
		rc = eii_imap_read_answer(imap, imap->tag, &nothing, &status, err);
	if (rc)
		return rc;
	if (status != EII_IMAP_OK || !imap->knows_capabilities)
		return eii_imap_fail(imap, "the server does not say what it can do", err);
	return EII_OK;
}

static enum eii_rc start_tls(struct eii_imap *imap, const struct eii_imap_options *options,
			     struct eii_error *err)
{
	if (eii_imap_reader_has_rest(&imap->reader))
		return eii_imap_fail(
			imap,
			"the server, or someone between, sent plain text into the start "
			"of TLS",
			err);
	return eii_imap_end(imap, eii_stream_start_tls(imap->stream, options->tls_options, err));
}

static enum eii_rc upgrade(struct eii_imap *imap, const struct eii_imap_options *options,
			   struct eii_error *err)
{
	struct eii_imap_handler nothing = { 0 };
	enum eii_imap_status status;
	enum eii_rc rc;

	/* RFC 3501, section 6.2.1: signed in means that STARTTLS cannot be had any more. */
	if (imap->state != EII_IMAP_GREETED)
		return eii_imap_end(imap,
				    eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
						  "%s: the server signs us in before STARTTLS; "
						  "not accepted",
						  eii_stream_where(imap->stream)));
	eii_buf_add_str(&imap->command, "STARTTLS");
	rc = eii_imap_send(imap, err);
	if (!rc)
		rc = eii_imap_read_answer(imap, imap->tag, &nothing, &status, err);
	if (rc)
		return rc;
	if (status != EII_IMAP_OK)
		return eii_imap_end(imap,
				    eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
						  "%s: the server refuses STARTTLS: '%s' (use "
						  "implicit TLS, port 993)",
						  eii_stream_where(imap->stream), imap->words));
	imap->knows_capabilities = false;
	imap->capabilities = 0;
	return start_tls(imap, options, err);
}

enum eii_rc eii_imap_begin(struct eii_imap *imap, const struct eii_imap_options *options,
			   struct eii_error *err)
{
	enum eii_rc rc = EII_OK;

	if (options->tls == EII_IMAP_TLS_IMPLICIT)
		rc = start_tls(imap, options, err);
	if (!rc)
		rc = eii_imap_read_greeting(imap, err);
	if (!rc && options->tls == EII_IMAP_TLS_STARTTLS)
		rc = upgrade(imap, options, err);
	if (!rc)
		rc = eii_imap_ask_capabilities(imap, err);
	if (!rc && imap->state == EII_IMAP_GREETED)
		rc = eii_imap_sign_in(imap, options, err);
	return rc;
}

enum eii_rc eii_imap_open(const struct eii_imap_options *options, struct eii_imap **out,
			  struct eii_error *err)
{
	uint32_t timeout_ms =
		options->open_timeout_ms ? options->open_timeout_ms : EII_IMAP_OPEN_TIMEOUT_MS;
	int64_t deadline_ms = eii_clock_monotonic_ms() + timeout_ms;
	EII_AUTO(eii_imap) imap = NULL;
	struct eii_stream *stream = NULL;
	enum eii_rc rc;

	rc = eii_stream_connect("IMAP server", options->host, options->port, deadline_ms,
				options->stop, &stream, err);
	if (rc)
		return rc;
	imap = eii_imap_new(stream, options);
	imap->deadline_ms = deadline_ms;
	rc = eii_imap_begin(imap, options, err);
	if (rc)
		return rc;
	*out = EII_DETACH(imap);
	return EII_OK;
}
