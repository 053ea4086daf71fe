/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/codec/lower.h"

#include <stdlib.h>

#include <unicase.h>

#include "eii/base/alloc.h"
#include "eii/base/utf8.h"

static bool is_ascii(struct eii_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.data[i] >= 0x80)
			return false;
	}
	return true;
}

void eii_lower(struct eii_text text, struct eii_buf *out)
{
	uint8_t *lower;
	size_t len = 0;

	if (is_ascii(text)) {
		char *room = eii_buf_reserve(out, text.len);

		if (!room)
			return;
		for (size_t i = 0; i < text.len; i++)
			room[i] = eii_ascii_lower(text.data[i]);
		out->len += text.len;
		out->data[out->len] = '\0';
		return;
	}
	lower = u8_tolower((const uint8_t *)text.data, text.len, NULL, NULL, NULL, &len);
	eii_alloc_check(lower); /* the text was checked to be UTF-8 */
	eii_buf_add(out, lower, len);
	free(lower);
}

/* ECMA-262: WhiteSpace and LineTerminator. */
static bool is_js_space(uint32_t c)
{
	return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0xa0 || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
	       c == 0x205f || c == 0x3000 || c == 0xfeff;
}

/* Bytes of the last character of a text that is not empty. */
static size_t last_size(struct eii_text text)
{
	size_t n = 1;

	while (n < 4 && n < text.len && ((unsigned char)text.data[text.len - n] & 0xc0) == 0x80)
		n++;
	return n;
}

struct eii_text eii_lower_trim(struct eii_text text)
{
	uint32_t c;
	size_t n;

	while (text.len) {
		n = eii_utf8_decode(text.data, text.len, &c);
		if (!n || !is_js_space(c))
			break;
		text.data += n;
		text.len -= n;
	}
	while (text.len) {
		n = last_size(text);
		if (eii_utf8_decode(text.data + text.len - n, n, &c) != n || !is_js_space(c))
			break;
		text.len -= n;
	}
	return text;
}
