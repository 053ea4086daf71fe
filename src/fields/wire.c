/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/fields/wire.h"

#include <string.h>

#include "eii/base/utf8.h"
#include "wire_private.h"

void eii_wire_ready_encode(const struct eii_wire_ready *ready,
			   unsigned char out[EII_WIRE_READY_BYTES])
{
	struct eii_wire_writer writer = { out };

	eii_wire_put(&writer, 4, EII_WIRE_READY_MAGIC);
	eii_wire_put(&writer, 2, EII_WIRE_VERSION);
	eii_wire_put(&writer, 2, ready->is_relaxed ? EII_WIRE_FLAG_RELAXED : 0);
	eii_wire_put(&writer, 4, ready->landlock_abi);
	eii_wire_put(&writer, 4, ready->missing_charsets);
}

static bool can_be_asked_for(struct eii_text type)
{
	return type.len > 0 && type.len <= EII_LIMIT_MIME_TYPE_BYTES;
}

static size_t words_size(const struct eii_convert_settings *settings)
{
	size_t sum = settings->authority.len ? 1 + settings->authority.len : 0;

	for (size_t i = 0; i < settings->n_types; i++) {
		if (can_be_asked_for(settings->types[i]))
			sum += 1 + settings->types[i].len;
	}
	return sum;
}

static void add_word(struct eii_buf *out, struct eii_text word)
{
	eii_buf_add_char(out, (char)word.len);
	eii_buf_add_text(out, word);
}

static enum eii_rc check_words(const struct eii_convert_settings *settings, size_t words_bytes,
			       struct eii_error *err)
{
	if (settings->authority.len > EII_LIMIT_AUTHORITY_BYTES)
		return eii_fail(err, EII_FATAL, "a name of a mail server takes at most %d bytes",
				EII_LIMIT_AUTHORITY_BYTES);
	if (words_bytes > EII_WIRE_WORDS_MAX_BYTES)
		return eii_fail(
			err, EII_FATAL,
			"the list of attachment types takes %zu bytes, at most %u can be asked for",
			words_bytes, EII_WIRE_WORDS_MAX_BYTES);
	return EII_OK;
}

enum eii_rc eii_wire_request_encode(uint64_t number, enum eii_convert_mode mode,
				    const struct eii_convert_settings *settings,
				    uint64_t mail_bytes, struct eii_buf *out, struct eii_error *err)
{
	unsigned char head[EII_WIRE_REQUEST_HEAD_BYTES] = { 0 };
	struct eii_wire_writer writer = { head };
	size_t words_bytes = words_size(settings);
	enum eii_rc rc = check_words(settings, words_bytes, err);

	if (rc)
		return rc;
	eii_wire_put(&writer, 4, EII_WIRE_REQUEST_MAGIC);
	eii_wire_put(&writer, 2, EII_WIRE_VERSION);
	eii_wire_put(&writer, 1, mode);
	eii_wire_put(&writer, 1, settings->content);
	eii_wire_put(&writer, 8, number);
	eii_wire_put(&writer, 8, mail_bytes);
	eii_wire_put(&writer, 8, settings->max_file_bytes);
	eii_wire_put(&writer, 4, settings->inline_image_bytes);
	eii_wire_put(&writer, 4,
		     (settings->attach_forwarded ? EII_WIRE_ATTACH_FORWARDED : 0) |
			     (settings->authority.len ? EII_WIRE_HAS_AUTHORITY : 0) |
			     (settings->asks_tlp ? EII_WIRE_ASKS_TLP : 0));
	eii_wire_put(&writer, 4, words_bytes);
	eii_wire_put(&writer, 4, settings->max_content_bytes);
	eii_buf_add(out, head, sizeof(head));
	if (settings->authority.len)
		add_word(out, settings->authority);
	for (size_t i = 0; i < settings->n_types; i++) {
		if (can_be_asked_for(settings->types[i]))
			add_word(out, settings->types[i]);
	}
	if (!eii_buf_ok(out))
		return eii_fail(err, EII_FATAL, "no room for a request's head");
	return EII_OK;
}

uint64_t eii_wire_answer_max_bytes(uint64_t mail_bytes)
{
	uint64_t most = UINT64_MAX / EII_LIMIT_ANSWER_FACTOR - EII_LIMIT_ANSWER_EXTRA_BYTES;

	if (mail_bytes > most)
		mail_bytes = most;
	return mail_bytes * EII_LIMIT_ANSWER_FACTOR + EII_LIMIT_ANSWER_EXTRA_BYTES;
}

static struct eii_text cut(struct eii_text text, size_t max)
{
	return eii_text(text.data, text.len > max ? eii_utf8_cut(text, max) : text.len);
}

/* The texts as they go out, in the order of the wire. */
struct header_texts {
	struct eii_text subject, sender, reply_to, recipients, message_id;
};

static struct header_texts cut_headers(const struct eii_fields *fields)
{
	return (struct header_texts){
		.subject = cut(fields->subject, EII_LIMIT_SUBJECT_BYTES),
		.sender = cut(fields->sender, EII_LIMIT_ADDRESS_BYTES),
		.reply_to = cut(fields->reply_to, EII_LIMIT_ADDRESS_BYTES),
		.recipients = cut(fields->recipients, EII_LIMIT_RECIPIENTS_BYTES),
		.message_id = cut(fields->message_id, EII_LIMIT_MESSAGE_ID_BYTES),
	};
}

static struct eii_attachment cut_attachment(const struct eii_attachment *attachment)
{
	struct eii_attachment out = *attachment;

	out.name = cut(out.name, EII_LIMIT_FILE_NAME_BYTES);
	out.mime_type = cut(out.mime_type, EII_LIMIT_MIME_TYPE_BYTES);
	if (out.fate != EII_ATTACHMENT_KEPT)
		out.data.len = 0;
	return out;
}

static uint64_t body_size(const struct eii_fields *fields, const struct header_texts *headers)
{
	uint64_t sum = EII_WIRE_FIXED_BYTES;

	sum += headers->subject.len + headers->sender.len + headers->reply_to.len;
	sum += headers->recipients.len + headers->message_id.len + fields->content.len;
	for (size_t i = 0; i < fields->n_attachments; i++) {
		struct eii_attachment a = cut_attachment(&fields->attachments[i]);

		sum += EII_WIRE_ENTRY_BYTES + a.name.len + a.mime_type.len + a.data.len;
	}
	return sum;
}

static void put_answer_head(unsigned char out[EII_WIRE_ANSWER_HEAD_BYTES], uint64_t number,
			    enum eii_wire_status status, uint64_t body_bytes)
{
	struct eii_wire_writer writer = { out };

	eii_wire_put(&writer, 4, EII_WIRE_ANSWER_MAGIC);
	eii_wire_put(&writer, 2, EII_WIRE_VERSION);
	eii_wire_put(&writer, 2, status);
	eii_wire_put(&writer, 8, number);
	eii_wire_put(&writer, 8, body_bytes);
}

static enum eii_rc write_fixed(const struct eii_fields *fields, const struct header_texts *headers,
			       struct eii_sink *sink, struct eii_error *err)
{
	unsigned char fixed[EII_WIRE_FIXED_BYTES] = { 0 };
	struct eii_wire_writer writer = { fixed };
	const struct eii_date *date = &fields->date;

	eii_wire_put(&writer, 4, fields->defects);
	eii_wire_put(&writer, 1, fields->content_kind);
	eii_wire_put(&writer, 1,
		     (date->is_known ? EII_WIRE_DATE_KNOWN : 0) |
			     (date->has_offset ? EII_WIRE_DATE_OFFSET : 0) |
			     ((unsigned)fields->authentication << EII_WIRE_AUTHENTICATION_SHIFT) |
			     ((unsigned)fields->tlp << EII_WIRE_TLP_SHIFT));
	eii_wire_put(&writer, 2,
		     fields->n_addresses < UINT16_MAX ? fields->n_addresses : UINT16_MAX);
	eii_wire_put(&writer, 4, (uint32_t)date->offset_min);
	eii_wire_put(&writer, 4, fields->n_attachments);
	eii_wire_put(&writer, 8, (uint64_t)date->unix_s);
	eii_wire_put(&writer, 4, headers->subject.len);
	eii_wire_put(&writer, 4, headers->sender.len);
	eii_wire_put(&writer, 4, headers->reply_to.len);
	eii_wire_put(&writer, 4, headers->recipients.len);
	eii_wire_put(&writer, 4, headers->message_id.len);
	eii_wire_put(&writer, 8, fields->content.len);
	return eii_sink_write(sink, fixed, sizeof(fixed), err);
}

static enum eii_rc write_entry(const struct eii_attachment *attachment, struct eii_sink *sink,
			       struct eii_error *err)
{
	unsigned char entry[EII_WIRE_ENTRY_BYTES] = { 0 };
	struct eii_wire_writer writer = { entry };

	eii_wire_put(&writer, 2, attachment->fate);
	eii_wire_put(&writer, 2, attachment->kind);
	eii_wire_put(&writer, 4, attachment->name.len);
	eii_wire_put(&writer, 4, attachment->mime_type.len);
	eii_wire_put(&writer, 8, attachment->size_bytes);
	eii_wire_put(&writer, 8, attachment->data.len);
	memcpy(writer.at, attachment->sha256, EII_SHA256_BYTES);
	return eii_sink_write(sink, entry, sizeof(entry), err);
}

static enum eii_rc write_texts(const struct eii_text *texts, size_t n, struct eii_sink *sink,
			       struct eii_error *err)
{
	for (size_t i = 0; i < n; i++) {
		enum eii_rc rc = eii_sink_write(sink, texts[i].data, texts[i].len, err);

		if (rc)
			return rc;
	}
	return EII_OK;
}

static enum eii_rc write_attachments(const struct eii_fields *fields, struct eii_sink *sink,
				     struct eii_error *err)
{
	for (size_t i = 0; i < fields->n_attachments; i++) {
		struct eii_attachment a = cut_attachment(&fields->attachments[i]);
		struct eii_text texts[] = { a.name, a.mime_type, a.data };
		enum eii_rc rc;

		rc = write_texts(texts, sizeof(texts) / sizeof(texts[0]), sink, err);
		if (rc)
			return rc;
	}
	return EII_OK;
}

static enum eii_rc write_entries(const struct eii_fields *fields, struct eii_sink *sink,
				 struct eii_error *err)
{
	for (size_t i = 0; i < fields->n_attachments; i++) {
		struct eii_attachment a = cut_attachment(&fields->attachments[i]);
		enum eii_rc rc = write_entry(&a, sink, err);

		if (rc)
			return rc;
	}
	return EII_OK;
}

static enum eii_rc write_body(const struct eii_fields *fields, const struct header_texts *headers,
			      struct eii_sink *sink, struct eii_error *err)
{
	struct eii_text texts[] = { headers->subject,    headers->sender,     headers->reply_to,
				    headers->recipients, headers->message_id, fields->content };
	enum eii_rc rc;

	rc = write_fixed(fields, headers, sink, err);
	if (rc)
		return rc;
	rc = write_entries(fields, sink, err);
	if (rc)
		return rc;
	rc = write_texts(texts, sizeof(texts) / sizeof(texts[0]), sink, err);
	if (rc)
		return rc;
	return write_attachments(fields, sink, err);
}

enum eii_rc eii_wire_answer_write(uint64_t number, const struct eii_fields *fields,
				  uint64_t max_bytes, struct eii_sink *sink, struct eii_error *err)
{
	unsigned char head[EII_WIRE_ANSWER_HEAD_BYTES];
	struct header_texts headers = cut_headers(fields);
	uint64_t size = body_size(fields, &headers);
	enum eii_rc rc;

	if (size > max_bytes)
		return eii_fail(err, EII_REJECT,
				"its fields take %llu bytes, over the limit of %llu",
				(unsigned long long)size, (unsigned long long)max_bytes);
	put_answer_head(head, number, EII_WIRE_FIELDS, size);
	rc = eii_sink_write(sink, head, sizeof(head), err);
	if (rc)
		return rc;
	return write_body(fields, &headers, sink, err);
}

enum eii_rc eii_wire_failure_write(uint64_t number, struct eii_text why, struct eii_sink *sink,
				   struct eii_error *err)
{
	unsigned char head[EII_WIRE_ANSWER_HEAD_BYTES];
	enum eii_rc rc;

	why = cut(why, EII_WIRE_FAILURE_MAX_BYTES);
	put_answer_head(head, number, EII_WIRE_FAILED, why.len);
	rc = eii_sink_write(sink, head, sizeof(head), err);
	if (rc)
		return rc;
	return eii_sink_write(sink, why.data, why.len, err);
}
