/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header of a mail or a part as far as the structure needs it.
 */
#include "eii/base/utf8.h"
#include "eii/mail/header_text.h"

#include "message_private.h"

bool eii_part_header_is_multipart(const struct eii_part_header *header)
{
	return eii_text_starts_nocase(eii_text_trim(header->type), "multipart/");
}

bool eii_part_header_is(const struct eii_part_header *header, const char *type)
{
	struct eii_header_params params;

	eii_header_params_init(&params, header->type);
	return eii_text_equal_nocase(params.value, eii_text_of(type));
}

void eii_head_read(struct eii_message *message, struct eii_text bytes,
		   const struct eii_place *place, struct eii_head *out)
{
	struct eii_header_walk headers;
	struct eii_header header;

	*out = (struct eii_head){ .body = bytes };
	eii_header_walk_init(&headers, bytes);
	headers.is_part = !place->is_root;
	while (eii_header_walk_next(&headers, &header)) {
		if (headers.text.data - bytes.data > (ptrdiff_t)EII_LIMIT_HEADER_BLOCK_BYTES)
			message->fields->defects |= EII_DEFECT_HEADERS_TOO_LONG;
		if (header.value.len > EII_LIMIT_HEADER_BYTES)
			message->fields->defects |= EII_DEFECT_HEADER_TOO_LONG;
		eii_part_header_add(&out->part, header.name, header.value);
	}
	/* In a multipart/digest the type need not be said (RFC 2046, 5.1.5). */
	if (place->is_digest && !out->part.type.data)
		out->part.type = eii_text_of("message/rfc822");
	out->body = headers.text;
}

struct eii_text eii_head_boundary(struct eii_message *message, const struct eii_head *head)
{
	struct eii_header_params params;
	struct eii_text boundary;
	struct eii_buf raw;

	eii_buf_init(&raw, (size_t)EII_LIMIT_HEADER_BYTES * 4);
	eii_header_params_init(&params, head->part.type);
	if (!eii_header_params_raw(&params, "boundary", &raw))
		(void)eii_header_params_find(&params, "boundary", &raw); /* in pieces */
	boundary = eii_buf_text(&raw);
	/* Blanks at the end do not count (RFC 2046, 5.1.1). */
	while (boundary.len && (unsigned char)boundary.data[boundary.len - 1] <= ' ')
		boundary.len--;
	if (boundary.len)
		boundary = eii_fields_keep(message->fields, boundary);
	eii_buf_clear(&raw);
	return boundary;
}

bool eii_head_begins(struct eii_text body)
{
	struct eii_header_walk walk;
	struct eii_header header;

	eii_header_walk_init(&walk, body);
	return eii_header_walk_next(&walk, &header) && walk.is_clean;
}

void eii_head_name_message(struct eii_message *message, struct eii_part *part)
{
	struct eii_header_walk headers;
	struct eii_header header;
	struct eii_buf name;

	if (part->name.len)
		return;
	eii_buf_init(&name, (size_t)EII_LIMIT_HEADER_BYTES * 4);
	eii_header_walk_init(&headers, part->raw);
	while (!name.len && eii_header_walk_next(&headers, &header)) {
		if (header.value.len < EII_LIMIT_HEADER_BYTES &&
		    eii_text_equal_nocase(header.name, eii_text_of("subject")))
			eii_header_text_decode_as(header.value,
						  eii_header_charset_for(&message->header_charset,
									 message->mail,
									 header.value),
						  &name);
	}
	name.len = eii_utf8_cut(eii_buf_text(&name), EII_LIMIT_FILE_NAME_BYTES - 4);
	if (!name.len)
		eii_buf_add_str(&name, "forwarded");
	eii_buf_add_str(&name, ".eml");
	part->name = eii_fields_keep(message->fields, eii_buf_text(&name));
	eii_buf_clear(&name);
}
