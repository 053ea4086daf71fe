/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that stand in a plain text as uuencode wrote them, from "begin 644 name" to "end":
 * what mail programs did before MIME, and some still read.
 */
#include "eii/base/utf8.h"
#include "eii/mail/header_text.h"

#include "message_private.h"

struct file {
	struct eii_text name;
	struct eii_text block; /* with its first and its last line */
};

static struct eii_text take_line(struct eii_text *text)
{
	const char *mark = memchr(text->data, '\n', text->len);
	const size_t len = mark ? (size_t)(mark - text->data) + 1 : text->len;
	const struct eii_text line = eii_text(text->data, len);

	*text = eii_text(text->data + len, text->len - len);
	return line;
}

/* The name of "begin 644 name"; empty: another line. */
static struct eii_text name_of(struct eii_text line)
{
	size_t i = 6;

	if (!eii_text_starts_nocase(line, "begin ") || memcmp(line.data, "begin", 5) != 0)
		return eii_text(NULL, 0);
	while (i < line.len && line.data[i] >= '0' && line.data[i] <= '7')
		i++;
	if (i < 9 || i > 10 || i == line.len || line.data[i] != ' ')
		return eii_text(NULL, 0);
	return eii_text_trim(eii_text(line.data + i, line.len - i));
}

/* A line of so many bytes as its first character says; blanks at its end may be lost. */
static bool is_data(struct eii_text line)
{
	size_t n;

	while (line.len && (line.data[line.len - 1] == '\r' || line.data[line.len - 1] == '\n'))
		line.len--;
	n = line.len ? ((unsigned char)line.data[0] - 32u) & 63u : 0;
	for (size_t i = 0; i < line.len; i++) {
		if (line.data[i] < ' ' || line.data[i] > '`')
			return false;
	}
	return line.len <= 1 + (n + 2) / 3 * 4 + 1;
}

/* The lines of data up to "end"; false: it is no file. What was read is gone of rest. */
static bool take_data(struct eii_text *rest)
{
	size_t n = 0;

	while (rest->len) {
		struct eii_text line = take_line(rest);

		if (eii_text_equal(eii_text_trim(line), eii_text_of("end")))
			return n > 0;
		if (!is_data(line))
			return false;
		n++;
	}
	return false;
}

/* The next file in text, of which it takes what it read. */
static bool take_file(struct eii_text *text, struct file *out)
{
	while (text->len) {
		const struct eii_text line = take_line(text);

		out->name = name_of(line);
		if (!out->name.len || !take_data(text))
			continue;
		out->block = eii_text(line.data, (size_t)(text->data - line.data));
		return true;
	}
	return false;
}

/* Like a raw name in a header. */
static struct eii_text keep_name(struct eii_message *message, struct eii_text raw)
{
	struct eii_text name;
	struct eii_buf text;

	eii_buf_init(&text, raw.len * 4 + 4);
	eii_header_text_decode(raw, &text);
	name = eii_buf_text(&text);
	name.len = eii_utf8_cut(name, EII_LIMIT_FILE_NAME_BYTES);
	if (name.len)
		name = eii_fields_keep(message->fields, name);
	eii_buf_clear(&text);
	return name;
}

void eii_uuencoded_read(struct eii_message *message, const struct eii_part *part,
			const struct eii_place *place)
{
	static const struct eii_part_header header = {
		.type = { "application/octet-stream", sizeof("application/octet-stream") - 1 },
		.disposition = { "attachment", sizeof("attachment") - 1 },
	};
	struct eii_text text = part->raw;
	struct file file;

	if (!eii_part_is_text(part) || part->transfer != EII_TRANSFER_IDENTITY ||
	    !eii_text_find(text, "begin "))
		return;
	/* The list of parts grows: part is gone. */
	while (take_file(&text, &file)) {
		struct eii_part *added = eii_message_add_part(message, &header, place);

		if (!added)
			return;
		added->raw = file.block;
		added->transfer = EII_TRANSFER_UUENCODE;
		added->name = keep_name(message, file.name);
	}
}
