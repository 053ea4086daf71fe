/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/utf8.h"
#include "eii/fields/file_type.h"
#include "eii/mail/header_text.h"

#include "message_private.h"

#define FIRST_PARTS 8

void eii_part_header_add(struct eii_part_header *header, struct eii_text name,
			 struct eii_text value)
{
	const struct {
		const char *name;
		struct eii_text *slot;
	} slots[] = {
		{ "content-type", &header->type },
		{ "content-transfer-encoding", &header->transfer },
		{ "content-disposition", &header->disposition },
		{ "content-id", &header->id },
		{ "content-location", &header->location },
	};

	name = eii_text_trim(name);
	if (value.len > EII_LIMIT_HEADER_BYTES)
		value.len = EII_LIMIT_HEADER_BYTES;
	if (header->transfer.data &&
	    eii_text_equal_nocase(name, eii_text_of("content-transfer-encoding")))
		header->is_encoded_twice = true;
	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		if (!slots[i].slot->data && eii_text_equal_nocase(name, eii_text_of(slots[i].name)))
			*slots[i].slot = value;
	}
}

static bool is_type_char(char c)
{
	return eii_is_ascii_alpha(c) || eii_is_ascii_digit(c) || (c && strchr("/!#$&^_.+-*", c));
}

/* "type/subtype" in lower case; what is none is text/plain (RFC 2045, 5.2). */
static void set_type(struct eii_part *part, struct eii_text value)
{
	size_t n = 0;
	size_t slashes = 0;

	while (n < value.len && is_type_char(value.data[n]) && n < EII_LIMIT_MIME_TYPE_BYTES) {
		part->type[n] = eii_ascii_lower(value.data[n]);
		slashes += part->type[n] == '/';
		n++;
	}
	part->type[n] = '\0';
	if (slashes != 1 || part->type[0] == '/' || part->type[n - 1] == '/')
		memcpy(part->type, "text/plain", sizeof("text/plain"));
}

static struct eii_text keep_buf(struct eii_message *message, struct eii_buf *buf, size_t max)
{
	struct eii_text text = eii_text_trim(eii_buf_text(buf));

	text.len = eii_utf8_cut(text, max);
	if (text.len)
		text = eii_fields_keep(message->fields, text);
	eii_buf_reset(buf);
	return text;
}

static void set_charset(struct eii_part *part, const struct eii_header_params *type,
			struct eii_buf *scratch)
{
	if (!eii_header_params_find(type, "charset", scratch))
		return;
	if (scratch->len < EII_PART_CHARSET_MAX && !memchr(scratch->data, '\0', scratch->len)) {
		size_t n = strcspn(scratch->data, " (;\t");

		memcpy(part->charset, scratch->data, n);
		part->charset[n] = '\0';
	}
	eii_buf_reset(scratch);
}

static bool says(const struct eii_header_params *params, const char *name, const char *value,
		 struct eii_buf *scratch)
{
	bool found;

	(void)eii_header_params_find(params, name, scratch);
	found = eii_text_equal_nocase(eii_buf_text(scratch), eii_text_of(value));
	eii_buf_reset(scratch);
	return found;
}

static void set_flow(struct eii_part *part, const struct eii_header_params *type,
		     struct eii_buf *scratch)
{
	if (!eii_part_is(part, "text/plain") || !says(type, "format", "flowed", scratch))
		return;
	part->flow =
		says(type, "delsp", "yes", scratch) ? EII_FLOW_DROP_BLANKS : EII_FLOW_KEEP_BLANKS;
}

static void set_name(struct eii_message *message, struct eii_part *part,
		     const struct eii_header_params *disposition,
		     const struct eii_header_params *type, struct eii_buf *scratch)
{
	if (eii_header_params_find(disposition, "filename", scratch))
		part->name = keep_buf(message, scratch, EII_LIMIT_FILE_NAME_BYTES);
	if (!part->name.len && eii_header_params_find(type, "name", scratch))
		part->name = keep_buf(message, scratch, EII_LIMIT_FILE_NAME_BYTES);
	eii_buf_reset(scratch);
}

static void add_param(const struct eii_header_params *type, const char *name, const char *before,
		      struct eii_buf *out)
{
	const size_t mark = out->len;

	eii_buf_add_str(out, before);
	if (!eii_header_params_find(type, name, out))
		out->len = mark;
}

/* Where a body is that is not in the mail (RFC 2017; RFC 2046, 5.2.3). */
static void set_url(struct eii_message *message, struct eii_part *part,
		    const struct eii_header_params *type, struct eii_buf *scratch)
{
	if (!eii_part_is(part, "message/external-body"))
		return;
	/* In pieces of 40 characters, and blanks. */
	if (!eii_header_params_find(type, "url", scratch)) {
		add_param(type, "server", "mailto:", scratch);
		add_param(type, "site", "ftp://", scratch);
		if (scratch->len) {
			add_param(type, "directory", "/", scratch);
			add_param(type, "name", "/", scratch);
		}
	}
	part->url = keep_buf(message, scratch, EII_LIMIT_HEADER_BYTES);
}

/* What its relative links are relative to (RFC 2557). */
static void set_location(struct eii_message *message, struct eii_part *part, struct eii_text value,
			 struct eii_buf *scratch)
{
	value = eii_text_trim(value);
	if (part->url.len || !(eii_text_starts_nocase(value, "http://") ||
			       eii_text_starts_nocase(value, "https://")))
		return;
	eii_header_text_decode(value, scratch);
	part->url = keep_buf(message, scratch, EII_LIMIT_HEADER_BYTES);
}

static void set_id(struct eii_message *message, struct eii_part *part, struct eii_text value)
{
	value = eii_text_trim(value);
	if (value.len && *value.data == '<')
		value = eii_text(value.data + 1, value.len - 1);
	if (value.len && value.data[value.len - 1] == '>')
		value.len--;
	if (value.len && value.len <= EII_LIMIT_MESSAGE_ID_BYTES)
		part->content_id = eii_fields_keep(message->fields, value);
}

static void read_header(struct eii_message *message, struct eii_part *part,
			const struct eii_part_header *header)
{
	struct eii_header_params type;
	struct eii_header_params disposition;
	struct eii_buf scratch;

	eii_header_params_init(&type, header->type);
	type.label = eii_header_charset_for(&message->header_charset, message->mail, header->type);
	eii_header_params_init(&disposition, header->disposition);
	disposition.label = eii_header_charset_for(&message->header_charset, message->mail,
						   header->disposition);
	set_type(part, type.value);
	if (message->settings->content == EII_CONTENT_SAFE)
		part->transfer = eii_transfer_of(header->transfer);
	else
		part->transfer = eii_transfer_verbatim(header->transfer);
	part->is_transfer_open = part->is_judged && (header->is_encoded_twice ||
						     !eii_transfer_is_clear(header->transfer));
	if (eii_text_equal_nocase(disposition.value, eii_text_of("attachment")))
		part->disposition = EII_DISPOSITION_ATTACHMENT;
	else if (disposition.value.len)
		part->disposition = EII_DISPOSITION_INLINE;
	eii_buf_init(&scratch, (size_t)EII_LIMIT_HEADER_BYTES * 4);
	set_charset(part, &type, &scratch);
	if (message->settings->content == EII_CONTENT_SAFE)
		set_flow(part, &type, &scratch);
	set_name(message, part, &disposition, &type, &scratch);
	set_url(message, part, &type, &scratch);
	set_location(message, part, header->location, &scratch);
	set_id(message, part, header->id);
	eii_buf_clear(&scratch);
}

struct eii_part *eii_message_add_part(struct eii_message *message,
				      const struct eii_part_header *header,
				      const struct eii_place *place)
{
	struct eii_part *part;

	if (message->n_parts == EII_LIMIT_PARTS) {
		message->fields->defects |= EII_DEFECT_TOO_MANY_PARTS;
		return NULL;
	}
	if (message->n_parts == message->parts_capacity) {
		message->parts_capacity =
			message->parts_capacity ? message->parts_capacity * 2 : FIRST_PARTS;
		message->parts = eii_realloc(message->parts, message->parts_capacity,
					     sizeof(*message->parts));
	}
	part = &message->parts[message->n_parts++];
	*part = (struct eii_part){
		.messages = place->messages,
		.alternative = place->alternative,
		.branch = place->branch,
		.is_judged = message->settings->content == EII_CONTENT_SAFE,
	};
	eii_buf_init(&part->decoded, 0);
	read_header(message, part, header);
	return part;
}

size_t eii_message_open_alternative(struct eii_message *message, const struct eii_place *place)
{
	size_t n = message->n_alternatives;

	/* Doubles: many of them stay linear. */
	if ((n & (n - 1)) == 0)
		message->alternatives = eii_realloc(message->alternatives, n ? n * 2 : 1,
						    sizeof(*message->alternatives));
	message->alternatives[n] = (struct eii_alternative){
		.parent = place->alternative,
		.branch = place->branch,
	};
	message->n_alternatives = n + 1;
	return n;
}

bool eii_part_is(const struct eii_part *part, const char *type)
{
	return !strcmp(part->type, type);
}

static bool is_one_of(const struct eii_part *part, const char *const *types)
{
	while (*types && !eii_part_is(part, *types))
		types++;
	return *types != NULL;
}

bool eii_part_is_rtf(const struct eii_part *part)
{
	static const char *const types[] = { "application/rtf", "application/x-rtf", "text/rtf",
					     "text/richtext", NULL };

	return part->is_judged && part->kind == EII_PART_LEAF && is_one_of(part, types);
}

bool eii_part_is_calendar(const struct eii_part *part)
{
	static const char *const types[] = {
		"text/calendar",  "application/ics",  "text/vcard", "text/x-vcard",
		"text/directory", "text/x-vcalendar", NULL
	};

	return part->is_judged && part->kind == EII_PART_LEAF && is_one_of(part, types);
}

bool eii_part_is_html(const struct eii_part *part)
{
	return part->kind == EII_PART_LEAF && eii_part_is(part, "text/html");
}

bool eii_part_is_text(const struct eii_part *part)
{
	return part->kind == EII_PART_LEAF && eii_part_is(part, "text/plain");
}

void eii_part_settle(struct eii_part *part)
{
	if (part->is_transfer_open)
		part->transfer = eii_transfer_guess(part->raw);
	part->is_transfer_open = false;
}

bool eii_part_is_message(const struct eii_part *part)
{
	return eii_part_is(part, "message/rfc822") || eii_part_is(part, "message/news") ||
	       eii_part_is(part, "message/global");
}

bool eii_part_is_undeclared_message(const struct eii_part *part)
{
	const struct eii_text name = part->name;

	return part->is_judged && eii_file_type_says_nothing(eii_text_of(part->type)) &&
	       name.len > 4 &&
	       eii_text_equal_nocase(eii_text(name.data + name.len - 4, 4), eii_text_of(".eml"));
}

void eii_part_decode(const struct eii_part *part, struct eii_buf *out)
{
	switch (part->kind == EII_PART_LEAF ? part->transfer : EII_TRANSFER_IDENTITY) {
	case EII_TRANSFER_IDENTITY:
		eii_buf_add_text(out, part->raw);
		break;
	case EII_TRANSFER_BASE64:
		(void)eii_base64_lenient(part->raw, out);
		break;
	case EII_TRANSFER_QUOTED_PRINTABLE:
		eii_quoted_printable(part->raw, out);
		break;
	case EII_TRANSFER_UUENCODE:
		eii_uudecode(part->raw, out);
		break;
	}
}

struct eii_text eii_message_keep_source(struct eii_message *message, char *bytes, size_t len)
{
	message->sources =
		eii_realloc(message->sources, message->n_sources + 1, sizeof(*message->sources));
	message->sources[message->n_sources++] = bytes;
	return eii_text(bytes, len);
}

struct eii_text eii_message_keep_decoded(struct eii_message *message, const struct eii_part *part)
{
	struct eii_buf bytes;
	size_t len;

	eii_buf_init(&bytes, part->raw.len + 64);
	eii_part_decode(part, &bytes);
	len = bytes.len;
	return eii_message_keep_source(message, eii_buf_detach(&bytes), len);
}

void eii_message_clear(struct eii_message *message)
{
	for (size_t i = 0; i < message->n_parts; i++)
		eii_buf_clear(&message->parts[i].decoded);
	free(message->parts);
	free(message->alternatives);
	for (size_t i = 0; i < message->n_sources; i++)
		free(message->sources[i]);
	free(message->sources);
}
