/* SPDX-License-Identifier: Apache-2.0 */
#include "ending.h"

#include "eii/fields/file_type.h"

static bool is_ending_char(char c)
{
	return eii_is_ascii_alpha(c) || eii_is_ascii_digit(c);
}

static bool is_hex(char c)
{
	return eii_is_ascii_digit(c) || (eii_ascii_lower(c) >= 'a' && eii_ascii_lower(c) <= 'f');
}

static struct eii_text behind(struct eii_text text, size_t at)
{
	return eii_text(text.data + at, text.len - at);
}

static bool has_known_ending(struct eii_text name)
{
	const size_t dot = eii_file_ending_at(name);

	return dot < name.len && eii_file_ending_is_known(behind(name, dot + 1));
}

static size_t ending_len(struct eii_text text)
{
	size_t n = 0;

	while (n < text.len && is_ending_char(text.data[n]))
		n++;
	return n;
}

/* The last ".pdf" of "a.pdf (comment)", or the name's end. */
static struct eii_text find_buried(struct eii_text name, struct eii_text mime_type)
{
	for (size_t i = name.len; i-- > 1;) {
		struct eii_text rest = behind(name, i);
		size_t len;

		if (rest.data[0] != '.')
			continue;
		len = ending_len(behind(rest, 1));
		if (1 + len < rest.len &&
		    eii_file_ending_is_of(eii_text(rest.data + 1, len), mime_type))
			return eii_text(rest.data, 1 + len);
	}
	return behind(name, name.len);
}

static struct eii_text without_tail(struct eii_text text)
{
	while (text.len && (text.data[text.len - 1] == '.' || text.data[text.len - 1] == ' '))
		text.len--;
	return text;
}

static void add_with_ending(struct eii_text name, struct eii_text mime_type, struct eii_buf *out)
{
	struct eii_text usual = eii_file_ending_of(mime_type);
	struct eii_text buried = find_buried(name, mime_type);
	const size_t before = (size_t)(buried.data - name.data);

	eii_buf_add(out, name.data, before);
	eii_buf_add_text(out, without_tail(behind(name, before + buried.len)));
	out->len = without_tail(eii_buf_text(out)).len;
	if (buried.len) {
		eii_buf_add_text(out, buried);
	} else {
		eii_buf_add_char(out, '.');
		eii_buf_add_text(out, usual);
	}
}

static void disarm(struct eii_buf *name)
{
	for (size_t i = 0; i < name->len; i++) {
		char *c = &name->data[i];

		if (*c == '"' || (*c == '%' && name->len - i > 2 && is_hex(c[1]) && is_hex(c[2])))
			*c = '_';
	}
}

void eii_ending_mend(struct eii_text name, struct eii_text mime_type, struct eii_buf *out)
{
	if (has_known_ending(name) || !eii_file_ending_of(mime_type).len)
		eii_buf_add_text(out, name);
	else
		add_with_ending(name, mime_type, out);
	disarm(out);
}
