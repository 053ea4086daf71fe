/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multiparts that break the rules: as a whole in a transfer encoding (which RFC 2045, 6.4
 * forbids), with lines that end in CR alone, or with another boundary than their header
 * names. Mail programs differ in what they show of them.
 */
#include "message_private.h"

#define BOUNDARY_MAX 200 /* RFC 2046 has 70 */

static struct eii_text keep(struct eii_message *message, struct eii_buf *bytes)
{
	const size_t len = bytes->len;

	return eii_message_keep_source(message, eii_buf_detach(bytes), len);
}

/* Decoded, and with line ends that count. */
static struct eii_text decode(struct eii_message *message, struct eii_text bytes,
			      enum eii_transfer transfer)
{
	const struct eii_part part = { .transfer = transfer, .raw = bytes };
	struct eii_buf decoded;

	if (transfer != EII_TRANSFER_IDENTITY) {
		eii_buf_init(&decoded, bytes.len + 64);
		eii_part_decode(&part, &decoded);
		bytes = keep(message, &decoded);
	}
	if (eii_bare_cr(bytes, &decoded))
		bytes = keep(message, &decoded);
	return bytes;
}

static bool holds(struct eii_text bytes, struct eii_text boundary)
{
	return bytes.len && memmem(bytes.data, bytes.len, boundary.data, boundary.len);
}

static struct eii_text line_at(struct eii_text text, size_t at)
{
	const char *line = text.data + at;
	const char *end = memchr(line, '\n', text.len - at);

	return eii_text(line, end ? (size_t)(end - line) : text.len - at);
}

/* "--name" in front of a line that says something of a part; the name, or nothing. */
static struct eii_text name_at(struct eii_text text, size_t at)
{
	const struct eii_text line = line_at(text, at);
	const struct eii_text name = eii_text_trim(line);
	const size_t next = at + line.len + 1;

	if (name.len <= 2 || name.len > BOUNDARY_MAX || next >= text.len ||
	    !eii_text_starts_nocase(eii_text(text.data + next, text.len - next), "content-t"))
		return eii_text(NULL, 0);
	return eii_text(name.data + 2, name.len - 2);
}

/* The boundary of the first line in front of a part with a type or an encoding. */
static struct eii_text guess(struct eii_message *message, struct eii_text bytes)
{
	size_t at = 0;

	while (bytes.len - at > 2) {
		struct eii_text name;
		const char *mark;

		if (bytes.data[at] == '-' && bytes.data[at + 1] == '-') {
			name = name_at(bytes, at);
			if (name.len)
				return eii_fields_keep(message->fields, name);
		}
		mark = memmem(bytes.data + at, bytes.len - at, "\n--", 3);
		if (!mark)
			break;
		at = (size_t)(mark + 1 - bytes.data);
	}
	return eii_text(NULL, 0);
}

struct eii_text eii_divide_again(struct eii_message *message, enum eii_transfer transfer,
				 struct eii_text boundary, struct eii_text *bytes)
{
	const struct eii_text decoded = decode(message, *bytes, transfer);

	if (decoded.data == bytes->data || !boundary.len || !holds(decoded, boundary))
		boundary = guess(message, decoded);
	*bytes = decoded;
	return boundary;
}
