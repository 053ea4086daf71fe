/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/look.h"

#include <stdint.h>

#include "eii/base/utf8.h"

struct range {
	uint32_t first, last;
};

/* Beyond ASCII. Blanks, and what Unicode calls default ignorable. */
static const struct range unseen[] = {
	{ 0x80, 0xa0 },     { 0xad, 0xad },       { 0x34f, 0x34f },   { 0x61c, 0x61c },
	{ 0x115f, 0x1160 }, { 0x1680, 0x1680 },   { 0x17b4, 0x17b5 }, { 0x180b, 0x180f },
	{ 0x2000, 0x200f }, { 0x2028, 0x202f },   { 0x205f, 0x206f }, { 0x2800, 0x2800 },
	{ 0x3000, 0x3000 }, { 0x3164, 0x3164 },   { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 }, { 0xe0000, 0xe0fff },
};

/* Seen, but neither letters nor digits: marks, symbols, pictures, private use. */
static const struct range signs[] = {
	{ 0xa1, 0xa9 },     { 0xab, 0xb4 },       { 0xb6, 0xb9 },        { 0xbb, 0xbf },
	{ 0xd7, 0xd7 },     { 0xf7, 0xf7 },       { 0x2010, 0x205e },    { 0x20a0, 0x20cf },
	{ 0x2190, 0x245f }, { 0x2500, 0x2bff },   { 0x3001, 0x3004 },    { 0x3008, 0x3020 },
	{ 0x3030, 0x3030 }, { 0xe000, 0xf8ff },   { 0xfe10, 0xfe6f },    { 0xff01, 0xff0f },
	{ 0xfffc, 0xfffd }, { 0x1f000, 0x1faff }, { 0xf0000, 0x10ffff },
};

static bool is_in(const struct range *ranges, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n && ranges[i].first <= c; i++) {
		if (c <= ranges[i].last)
			return true;
	}
	return false;
}

static bool is_unseen(uint32_t c)
{
	return c <= ' ' || c == 0x7f || is_in(unseen, sizeof(unseen) / sizeof(unseen[0]), c);
}

static bool is_word(uint32_t c)
{
	if (c < 0x80)
		return eii_is_ascii_alpha((char)c) || eii_is_ascii_digit((char)c);
	return !is_in(signs, sizeof(signs) / sizeof(signs[0]), c);
}

void eii_look_at(struct eii_text text, struct eii_look *look)
{
	for (size_t i = 0; i < text.len && !eii_look_is_over(look);) {
		uint32_t c = 0xfffd;
		size_t n = eii_utf8_decode(text.data + i, text.len - i, &c);

		i += n ? n : 1;
		if (is_unseen(c))
			continue;
		look->n_visible += look->n_visible < look->max;
		look->has_words = look->has_words || is_word(c);
	}
}
