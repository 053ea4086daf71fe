/* SPDX-License-Identifier: Apache-2.0 */
/* The reading side of fields/wire.h. */
#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/utf8.h"
#include "eii/fields/wire.h"
#include "wire_private.h"

#define DATE_MIN_UNIX_S INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define DATE_MAX_UNIX_S INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define OFFSET_MAX_MIN  1439

enum eii_rc eii_wire_ready_decode(const unsigned char data[EII_WIRE_READY_BYTES],
				  struct eii_wire_ready *out, struct eii_error *err)
{
	struct eii_wire_reader reader = { data };
	struct eii_wire_ready ready;
	uint32_t magic = eii_wire_u32(&reader);
	uint16_t version = eii_wire_u16(&reader);
	uint16_t flags = eii_wire_u16(&reader);

	if (magic != EII_WIRE_READY_MAGIC)
		return eii_fail(err, EII_REJECT, "the program is not the converter");
	if (version != EII_WIRE_VERSION)
		return eii_fail(err, EII_REJECT,
				"the converter speaks version %u, this program version %u: "
				"install both from one build",
				version, EII_WIRE_VERSION);
	ready.is_relaxed = flags & EII_WIRE_FLAG_RELAXED;
	ready.landlock_abi = eii_wire_u32(&reader);
	ready.missing_charsets = eii_wire_u32(&reader);
	*out = ready;
	return EII_OK;
}

static enum eii_rc check_request(const struct eii_wire_request *request, uint64_t mode,
				 uint64_t content, struct eii_error *err)
{
	if (mode > EII_CONVERT_SCAN || content > EII_CONTENT_VERBATIM)
		return eii_fail(err, EII_REJECT, "a request of an unknown mode");
	if (request->mail_bytes > EII_LIMIT_MAIL_BYTES_MAX)
		return eii_fail(err, EII_REJECT, "a mail of %llu bytes is over every limit",
				(unsigned long long)request->mail_bytes);
	if (request->words_bytes > EII_WIRE_WORDS_MAX_BYTES)
		return eii_fail(err, EII_REJECT, "a list of words of %u bytes",
				request->words_bytes);
	return EII_OK;
}

enum eii_rc eii_wire_request_decode(const unsigned char head[EII_WIRE_REQUEST_HEAD_BYTES],
				    struct eii_wire_request *out, struct eii_error *err)
{
	struct eii_wire_reader reader = { head };
	struct eii_wire_request request = { 0 };
	uint32_t magic = eii_wire_u32(&reader);
	uint16_t version = eii_wire_u16(&reader);
	uint8_t mode = eii_wire_u8(&reader);
	uint8_t content = eii_wire_u8(&reader);
	uint32_t flags;
	enum eii_rc rc;

	if (magic != EII_WIRE_REQUEST_MAGIC || version != EII_WIRE_VERSION)
		return eii_fail(err, EII_REJECT, "not a request of version %u", EII_WIRE_VERSION);
	request.number = eii_wire_u64(&reader);
	request.mail_bytes = eii_wire_u64(&reader);
	request.settings.max_file_bytes = eii_wire_u64(&reader);
	request.settings.inline_image_bytes = eii_wire_u32(&reader);
	flags = eii_wire_u32(&reader);
	request.settings.attach_forwarded = flags & EII_WIRE_ATTACH_FORWARDED;
	request.settings.asks_tlp = flags & EII_WIRE_ASKS_TLP;
	request.has_authority = flags & EII_WIRE_HAS_AUTHORITY;
	request.words_bytes = eii_wire_u32(&reader);
	request.settings.max_content_bytes = eii_wire_u32(&reader);
	rc = check_request(&request, mode, content, err);
	if (rc)
		return rc;
	request.mode = (enum eii_convert_mode)mode;
	request.settings.content = (enum eii_content_mode)content;
	*out = request;
	return EII_OK;
}

/* How many words the bytes hold; false when the last one is cut. */
static bool count_words(struct eii_text data, size_t *out)
{
	size_t n = 0;
	size_t at = 0;

	for (; at < data.len; n++)
		at += 1 + (size_t)(unsigned char)data.data[at];
	*out = n;
	return at == data.len;
}

enum eii_rc eii_wire_request_words(struct eii_wire_request *request, struct eii_text data,
				   struct eii_text **out, struct eii_error *err)
{
	struct eii_convert_settings *settings = &request->settings;
	size_t n_authorities = request->has_authority ? 1 : 0;
	struct eii_text *words;
	size_t n = 0;

	if (!count_words(data, &n) || n < n_authorities)
		return eii_fail(err, EII_REJECT, "the list of words is cut");
	words = eii_calloc(n, sizeof(*words));
	for (size_t i = 0, at = 0; i < n; i++) {
		words[i] = eii_text(data.data + at + 1, (unsigned char)data.data[at]);
		at += 1 + words[i].len;
	}
	settings->authority = n_authorities ? words[0] : eii_text(NULL, 0);
	settings->types = words ? words + n_authorities : NULL;
	settings->n_types = n - n_authorities;
	*out = words;
	return EII_OK;
}

enum eii_rc eii_wire_answer_decode(const unsigned char head[EII_WIRE_ANSWER_HEAD_BYTES],
				   uint64_t max_bytes, struct eii_wire_answer *out,
				   struct eii_error *err)
{
	struct eii_wire_reader reader = { head };
	struct eii_wire_answer answer;
	uint32_t magic = eii_wire_u32(&reader);
	uint16_t version = eii_wire_u16(&reader);
	uint16_t status = eii_wire_u16(&reader);

	if (magic != EII_WIRE_ANSWER_MAGIC || version != EII_WIRE_VERSION)
		return eii_fail(err, EII_REJECT, "the answer does not begin as one");
	if (status > EII_WIRE_FAILED)
		return eii_fail(err, EII_REJECT, "the answer has the unknown status %u", status);
	answer.status = (enum eii_wire_status)status;
	answer.number = eii_wire_u64(&reader);
	answer.body_bytes = eii_wire_u64(&reader);
	if (answer.status == EII_WIRE_FAILED && max_bytes > EII_WIRE_FAILURE_MAX_BYTES)
		max_bytes = EII_WIRE_FAILURE_MAX_BYTES;
	if (answer.body_bytes > max_bytes)
		return eii_fail(err, EII_REJECT,
				"the answer wants %llu bytes, %llu are allowed for this mail",
				(unsigned long long)answer.body_bytes,
				(unsigned long long)max_bytes);
	*out = answer;
	return EII_OK;
}

/* A text's place in the body, before anything is pointed at. */
struct span {
	struct eii_text *text;
	uint64_t len;
	uint64_t max;
	const char *what;
};

/* Takes the next bytes of the body for the span and checks them as text. */
static enum eii_rc take_text(struct eii_text *rest, const struct span *span, struct eii_error *err)
{
	size_t len = (size_t)span->len;

	if (span->len > span->max || span->len > rest->len)
		return eii_fail(err, EII_REJECT, "the answer's %s has a length of %llu", span->what,
				(unsigned long long)span->len);
	*span->text = eii_text(rest->data, len);
	*rest = eii_text(rest->data + len, rest->len - len);
	if (len && memchr(span->text->data, '\0', len))
		return eii_fail(err, EII_REJECT, "the answer's %s holds NUL", span->what);
	if (!eii_utf8_is_valid(*span->text))
		return eii_fail(err, EII_REJECT, "the answer's %s is not UTF-8", span->what);
	return EII_OK;
}

static enum eii_rc take_data(struct eii_text *rest, uint64_t len, struct eii_attachment *attachment,
			     const struct eii_wire_expected *expected, struct eii_error *err)
{
	bool is_kept = attachment->fate == EII_ATTACHMENT_KEPT;

	if (len > rest->len || (len && !is_kept))
		return eii_fail(err, EII_REJECT, "the answer has %llu bytes of a file too many",
				(unsigned long long)len);
	if (is_kept && (len != attachment->size_bytes || len > expected->max_file_bytes))
		return eii_fail(err, EII_REJECT, "the answer has a file of %llu bytes, not of %llu",
				(unsigned long long)len,
				(unsigned long long)attachment->size_bytes);
	attachment->data = eii_text(rest->data, (size_t)len);
	*rest = eii_text(rest->data + len, rest->len - (size_t)len);
	return EII_OK;
}

static enum eii_rc take_date(struct eii_date *date, uint8_t flags, uint32_t offset, uint64_t unix_s,
			     struct eii_error *err)
{
	date->is_known = flags & EII_WIRE_DATE_KNOWN;
	date->has_offset = flags & EII_WIRE_DATE_OFFSET;
	date->offset_min = (int32_t)offset;
	date->unix_s = (int64_t)unix_s;
	if (date->offset_min < -OFFSET_MAX_MIN || date->offset_min > OFFSET_MAX_MIN ||
	    date->unix_s < DATE_MIN_UNIX_S || date->unix_s > DATE_MAX_UNIX_S)
		return eii_fail(err, EII_REJECT, "the answer has a date out of range");
	return EII_OK;
}

/* Lengths of the fixed block, in the order of the wire. */
struct lengths {
	uint64_t subject, sender, reply_to, recipients, message_id, content;
	uint64_t n_attachments;
};

static enum eii_rc take_authentication(struct eii_fields *fields, unsigned value,
				       const struct eii_wire_expected *expected,
				       struct eii_error *err)
{
	if (value > EII_AUTHENTICATION_NO_ONE_SENDER || !value != !expected->has_authority)
		return eii_fail(err, EII_REJECT, "the answer says %u of the sender", value);
	fields->authentication = (enum eii_authentication)value;
	return EII_OK;
}

static enum eii_rc take_tlp(struct eii_fields *fields, unsigned value,
			    const struct eii_wire_expected *expected, struct eii_error *err)
{
	if (value > EII_TLP_RED || (value && !expected->asks_tlp))
		return eii_fail(err, EII_REJECT, "the answer has a level %u", value);
	fields->tlp = (enum eii_tlp)value;
	return EII_OK;
}

static enum eii_rc take_fixed(const char *body, struct eii_fields *fields,
			      const struct eii_wire_expected *expected, struct lengths *out,
			      struct eii_error *err)
{
	struct eii_wire_reader reader = { (const unsigned char *)body };
	uint32_t defects = eii_wire_u32(&reader);
	uint8_t kind = eii_wire_u8(&reader);
	uint8_t flags = eii_wire_u8(&reader);
	uint32_t offset;

	fields->n_addresses = eii_wire_u16(&reader);
	offset = eii_wire_u32(&reader);
	out->n_attachments = eii_wire_u32(&reader);
	if (defects & ~(uint32_t)EII_DEFECTS_ALL || kind > EII_CONTENT_HTML)
		return eii_fail(err, EII_REJECT, "the answer has unknown flags");
	fields->defects = defects;
	fields->content_kind = (enum eii_content_kind)kind;
	if (take_authentication(
		    fields, flags >> EII_WIRE_AUTHENTICATION_SHIFT & EII_WIRE_AUTHENTICATION_MASK,
		    expected, err) ||
	    take_tlp(fields, flags >> EII_WIRE_TLP_SHIFT, expected, err) ||
	    take_date(&fields->date, flags & EII_WIRE_DATE_FLAGS, offset, eii_wire_u64(&reader),
		      err))
		return EII_REJECT;
	out->subject = eii_wire_u32(&reader);
	out->sender = eii_wire_u32(&reader);
	out->reply_to = eii_wire_u32(&reader);
	out->recipients = eii_wire_u32(&reader);
	out->message_id = eii_wire_u32(&reader);
	out->content = eii_wire_u64(&reader);
	if (fields->content_kind == EII_CONTENT_EMPTY && out->content)
		return eii_fail(err, EII_REJECT, "the answer has content of no kind");
	return EII_OK;
}

static enum eii_rc check_counts(const struct lengths *lengths, size_t rest,
				const struct eii_wire_expected *expected, struct eii_error *err)
{
	bool is_scan = expected->mode == EII_CONVERT_SCAN;

	if (is_scan && (lengths->n_attachments || lengths->content))
		return eii_fail(err, EII_REJECT, "the answer to a header scan has a body");
	if (lengths->n_attachments > EII_LIMIT_PARTS ||
	    lengths->n_attachments > rest / EII_WIRE_ENTRY_BYTES)
		return eii_fail(err, EII_REJECT, "the answer has %llu attachments",
				(unsigned long long)lengths->n_attachments);
	return EII_OK;
}

static enum eii_rc take_headers(struct eii_text *rest, struct eii_fields *fields,
				const struct lengths *lengths, struct eii_error *err)
{
	const struct span spans[] = {
		{ &fields->subject, lengths->subject, EII_LIMIT_SUBJECT_BYTES, "subject" },
		{ &fields->sender, lengths->sender, EII_LIMIT_ADDRESS_BYTES, "sender" },
		{ &fields->reply_to, lengths->reply_to, EII_LIMIT_ADDRESS_BYTES, "Reply-To" },
		{ &fields->recipients, lengths->recipients, EII_LIMIT_RECIPIENTS_BYTES,
		  "recipients" },
		{ &fields->message_id, lengths->message_id, EII_LIMIT_MESSAGE_ID_BYTES,
		  "Message-ID" },
		{ &fields->content, lengths->content, UINT64_MAX, "content" },
	};

	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		if (take_text(rest, &spans[i], err))
			return EII_REJECT;
	}
	return EII_OK;
}

static enum eii_rc take_attachment(struct eii_wire_reader *entry, struct eii_text *rest,
				   struct eii_attachment *attachment,
				   const struct eii_wire_expected *expected, struct eii_error *err)
{
	uint16_t fate = eii_wire_u16(entry);
	uint16_t kind = eii_wire_u16(entry);
	const struct span name = { &attachment->name, eii_wire_u32(entry),
				   EII_LIMIT_FILE_NAME_BYTES, "file name" };
	const struct span type = { &attachment->mime_type, eii_wire_u32(entry),
				   EII_LIMIT_MIME_TYPE_BYTES, "MIME type" };
	uint64_t data_len;

	if (fate >= EII_ATTACHMENT_FATES)
		return eii_fail(err, EII_REJECT, "the answer has an attachment of fate %u", fate);
	if (kind >= EII_FILE_KINDS)
		return eii_fail(err, EII_REJECT, "the answer has an attachment of kind %u", kind);
	attachment->fate = (enum eii_attachment_fate)fate;
	attachment->kind = (enum eii_file_kind)kind;
	attachment->size_bytes = eii_wire_u64(entry);
	if (attachment->size_bytes > eii_wire_answer_max_bytes(expected->mail_bytes))
		return eii_fail(err, EII_REJECT, "the answer has a file larger than its mail");
	data_len = eii_wire_u64(entry);
	memcpy(attachment->sha256, entry->at, EII_SHA256_BYTES);
	entry->at += EII_SHA256_BYTES;
	if (take_text(rest, &name, err) || take_text(rest, &type, err))
		return EII_REJECT;
	return take_data(rest, data_len, attachment, expected, err);
}

static enum eii_rc take_attachments(const char *entries, struct eii_text *rest,
				    struct eii_fields *fields, size_t n,
				    const struct eii_wire_expected *expected, struct eii_error *err)
{
	struct eii_wire_reader entry = { (const unsigned char *)entries };
	size_t n_kept = 0;

	if (n == 0)
		return EII_OK;
	fields->attachments = eii_calloc(n, sizeof(*fields->attachments));
	fields->n_attachments = n;
	for (size_t i = 0; i < n; i++) {
		struct eii_attachment *attachment = &fields->attachments[i];

		if (take_attachment(&entry, rest, attachment, expected, err))
			return EII_REJECT;
		n_kept += attachment->fate == EII_ATTACHMENT_KEPT;
	}
	if (n_kept > EII_LIMIT_ATTACHMENTS)
		return eii_fail(err, EII_REJECT, "the answer has %zu files", n_kept);
	return EII_OK;
}

enum eii_rc eii_wire_fields_decode(char *body, size_t len, const struct eii_wire_expected *expected,
				   struct eii_fields **out, struct eii_error *err)
{
	EII_AUTO(eii_fields) fields = eii_fields_new();
	struct lengths lengths = { 0 };
	struct eii_text rest;
	size_t skip;

	if (len < EII_WIRE_FIXED_BYTES)
		return eii_fail(err, EII_REJECT, "the answer is cut");
	if (take_fixed(body, fields, expected, &lengths, err))
		return EII_REJECT;
	if (check_counts(&lengths, len - EII_WIRE_FIXED_BYTES, expected, err))
		return EII_REJECT;
	skip = EII_WIRE_FIXED_BYTES + (size_t)lengths.n_attachments * EII_WIRE_ENTRY_BYTES;
	rest = eii_text(body + skip, len - skip);
	if (take_headers(&rest, fields, &lengths, err))
		return EII_REJECT;
	if (take_attachments(body + EII_WIRE_FIXED_BYTES, &rest, fields,
			     (size_t)lengths.n_attachments, expected, err))
		return EII_REJECT;
	if (rest.len)
		return eii_fail(err, EII_REJECT, "the answer has %zu bytes too many", rest.len);
	eii_fields_take(fields, body);
	*out = EII_DETACH(fields);
	return EII_OK;
}
