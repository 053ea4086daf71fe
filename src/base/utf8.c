/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/utf8.h"

#include <string.h>

static bool is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

static bool is_scalar(uint32_t c)
{
	return c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

size_t eii_utf8_decode(const char *data, size_t len, uint32_t *out_code_point)
{
	const unsigned char *p = (const unsigned char *)data;
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c = n < 2 ? p[0] : p[0] & (0x7fu >> n);

	if (n == 0 || n > len || p[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if (!is_tail(p[i]))
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < least[n] || !is_scalar(c))
		return 0;
	*out_code_point = c;
	return n;
}

/* Eight ASCII bytes at a time: most mail is ASCII. */
static size_t skip_ascii(const char *data, size_t len)
{
	size_t i = 0;

	for (; i + sizeof(uint64_t) <= len; i += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, data + i, sizeof(word));
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	return i;
}

size_t eii_utf8_valid_prefix(const char *data, size_t len)
{
	size_t i = 0;

	while (i < len) {
		uint32_t c;
		size_t n;

		i += skip_ascii(data + i, len - i);
		if (i == len)
			break;
		n = eii_utf8_decode(data + i, len - i, &c);
		if (n == 0)
			return i;
		i += n;
	}
	return i;
}

void eii_utf8_add(struct eii_buf *out, uint32_t c)
{
	char bytes[4];
	size_t n;

	if (!is_scalar(c))
		c = 0xfffd;
	if (c < 0x80) {
		eii_buf_add_char(out, (char)c);
		return;
	}
	n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n; i-- > 1; c >>= 6)
		bytes[i] = (char)(0x80 | (c & 0x3f));
	bytes[0] = (char)((0xf00u >> n & 0xf0u) | c);
	eii_buf_add(out, bytes, n);
}

size_t eii_utf8_cut(struct eii_text text, size_t max)
{
	size_t n = text.len < max ? text.len : max;

	if (n == text.len)
		return n;
	while (n > 0 && is_tail((unsigned char)text.data[n]))
		n--;
	return n;
}

void eii_utf8_make_line(char *text)
{
	size_t len = strlen(text);
	size_t i = eii_utf8_valid_prefix(text, len);

	while (i < len) {
		text[i] = '?';
		i += eii_utf8_valid_prefix(text + i, len - i);
	}
	for (i = 0; i < len; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			text[i] = '?';
	}
}
