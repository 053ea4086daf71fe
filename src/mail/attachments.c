/* SPDX-License-Identifier: Apache-2.0 */
#include <nettle/sha2.h>

#include "eii/base/utf8.h"
#include "eii/fields/type_pattern.h"
#include "eii/mail/first_bytes.h"
#include "eii/mail/header_text.h"

#include "message_private.h"

#define CID_REFERENCES_MAX 4096 /* "cid:" in the HTML of a mail that are looked at */
#define CID_MAX            256

bool eii_message_keeps_type(const struct eii_message *message, struct eii_text type)
{
	const struct eii_convert_settings *settings = message->settings;

	for (size_t i = 0; i < settings->n_types; i++) {
		if (eii_type_pattern_matches(settings->types[i], type))
			return true;
	}
	return false;
}

static bool is_image_type(struct eii_text type)
{
	return eii_text_starts_nocase(type, "image/");
}

/* A file: whatever is no text to read, and text that is sent as one. */
static bool is_file(const struct eii_part *part)
{
	if (part->kind == EII_PART_UNDIVIDED || part->kind == EII_PART_BESIDE)
		return false;
	if (part->kind == EII_PART_MESSAGE)
		return part->messages == 0;
	if (part->disposition == EII_DISPOSITION_ATTACHMENT || part->name.len)
		return true;
	/* Reports of machines are shown and listed. */
	return (!part->is_in_content || !strncmp(part->type, "message/", 8)) &&
	       !eii_part_is_text(part) && !eii_part_is_html(part);
}

static int hex_digit(char c)
{
	if (eii_is_ascii_digit(c))
		return c - '0';
	c = eii_ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The identifier behind "cid:" at p, %XX undone; gives its length. */
static size_t take_cid(const char *p, const char *end, char out[CID_MAX])
{
	size_t n = 0;

	while (p < end && n < CID_MAX && (unsigned char)*p > ' ' && !strchr("\"'<>)\\", *p)) {
		int high = *p == '%' && end - p > 2 ? hex_digit(p[1]) : -1;
		int low = high >= 0 ? hex_digit(p[2]) : -1;

		if (low >= 0) {
			out[n++] = (char)(high << 4 | low);
			p += 3;
		} else {
			out[n++] = *p++;
		}
	}
	return n;
}

static void refer(struct eii_message *message, struct eii_text cid)
{
	for (size_t i = 0; i < message->n_parts; i++) {
		struct eii_part *part = &message->parts[i];

		if (part->content_id.len && eii_text_equal(part->content_id, cid))
			part->is_referred_to = true;
	}
}

/* Marks the parts that one HTML body shows by "cid:"; counts down *left. */
static void find_references(struct eii_message *message, struct eii_text html, size_t *left)
{
	const char *p = html.data;
	const char *end = p + html.len;
	char cid[CID_MAX];

	while (*left && p < end) {
		p = memmem(p, (size_t)(end - p), "cid:", 4);
		if (!p)
			return;
		p += 4;
		(*left)--;
		refer(message, eii_text(cid, take_cid(p, end, cid)));
	}
}

static bool has_inline_images(const struct eii_message *message)
{
	for (size_t i = 0; i < message->n_parts; i++) {
		struct eii_text type = eii_text_of(message->parts[i].type);

		if (message->parts[i].content_id.len &&
		    (is_image_type(type) || eii_file_type_says_nothing(type)))
			return true;
	}
	return false;
}

/* Content-IDs are ASCII: the bytes of the HTML do, whatever its charset. */
static void mark_references(struct eii_message *message)
{
	size_t left = CID_REFERENCES_MAX;

	if (!has_inline_images(message))
		return;
	for (size_t i = 0; i < message->n_parts; i++) {
		struct eii_part *part = &message->parts[i];
		struct eii_buf html;

		if (!part->is_in_content || !eii_part_is_html(part))
			continue;
		eii_buf_init(&html, part->raw.len + 64);
		eii_part_decode(part, &html);
		find_references(message, eii_buf_text(&html), &left);
		eii_buf_clear(&html);
	}
}

/* What the list itself takes of the answer, before content and files get the rest. */
static void reserve_names(struct eii_message *message, const struct eii_part *part)
{
	uint64_t bytes = part->name.len + strlen(part->type);

	message->budget -= bytes < message->budget ? bytes : message->budget;
}

void eii_attachments_find(struct eii_message *message)
{
	size_t n = 0;

	mark_references(message);
	for (size_t i = 0; i < message->n_parts; i++) {
		struct eii_part *part = &message->parts[i];

		part->is_attachment = is_file(part);
		if (part->is_attachment)
			reserve_names(message, part);
		if (!part->is_attachment || n++ >= EII_LIMIT_ATTACHMENTS)
			continue;
		eii_buf_init(&part->decoded, part->raw.len + 64);
		eii_part_decode(part, &part->decoded);
	}
}

/* A mail in this one, whatever it was declared as. */
static bool is_forwarded(const struct eii_part *part, struct eii_text judged)
{
	return part->kind == EII_PART_MESSAGE ||
	       eii_text_equal(judged, eii_text_of("message/rfc822"));
}

static enum eii_attachment_fate fate_of(const struct eii_message *message,
					const struct eii_part *part, enum eii_file_kind kind)
{
	const struct eii_convert_settings *settings = message->settings;
	struct eii_text declared = eii_text_of(part->type);
	struct eii_text judged = eii_file_type_judge(declared, part->name, kind);

	if (is_image_type(judged) && part->is_referred_to &&
	    part->disposition != EII_DISPOSITION_ATTACHMENT)
		return EII_ATTACHMENT_INLINE;
	if (!(settings->attach_forwarded && is_forwarded(part, judged)) &&
	    !eii_message_keeps_type(message, declared) && !eii_message_keeps_type(message, judged))
		return EII_ATTACHMENT_TYPE_NOT_LISTED;
	if (part->decoded.len > settings->max_file_bytes || part->decoded.len > message->budget)
		return EII_ATTACHMENT_TOO_LARGE;
	return EII_ATTACHMENT_KEPT;
}

static void add_attachment(struct eii_message *message, struct eii_part *part)
{
	struct eii_attachment *attachment = eii_fields_add_attachment(message->fields);
	struct sha256_ctx hash;

	attachment->name = part->name;
	attachment->mime_type = eii_fields_keep(message->fields, eii_text_of(part->type));
	if (message->fields->n_attachments > EII_LIMIT_ATTACHMENTS) {
		attachment->fate = EII_ATTACHMENT_TOO_MANY;
		message->fields->defects |= EII_DEFECT_TOO_MANY_ATTACHMENTS;
		return;
	}
	attachment->kind = eii_first_bytes_kind(eii_buf_text(&part->decoded));
	attachment->fate = fate_of(message, part, attachment->kind);
	attachment->size_bytes = part->decoded.len;
	sha256_init(&hash);
	sha256_update(&hash, part->decoded.len, (const uint8_t *)part->decoded.data);
	sha256_digest(&hash, sizeof(attachment->sha256), attachment->sha256);
	if (attachment->fate != EII_ATTACHMENT_KEPT)
		return;
	message->budget -= part->decoded.len;
	attachment->data = eii_fields_take_buf(message->fields, &part->decoded);
}

/* Does the report say nothing, though the mail has files, of which it holds none? */
static bool says_nothing(const struct eii_message *message)
{
	const struct eii_fields *fields = message->fields;
	bool has_files = false;

	for (size_t i = 0; i < fields->n_attachments; i++) {
		const struct eii_attachment *attachment = &fields->attachments[i];

		if (attachment->fate == EII_ATTACHMENT_KEPT)
			return false;
		has_files = has_files || attachment->size_bytes;
	}
	return has_files && !message->has_words && message->settings->content == EII_CONTENT_SAFE;
}

void eii_attachments_write(struct eii_message *message)
{
	for (size_t i = 0; i < message->n_parts; i++) {
		struct eii_part *part = &message->parts[i];

		if (!part->is_attachment)
			continue;
		add_attachment(message, part);
		eii_buf_clear(&part->decoded);
	}
	/* Where more is missing, that says it. */
	if (!(message->fields->defects & EII_DEFECTS_INCOMPLETE) && says_nothing(message))
		message->fields->defects |= EII_DEFECT_NO_WORDS;
}
