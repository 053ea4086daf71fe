/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/transfer.h"

#include <stdint.h>
#include <string.h>

/* What a byte is in base64: 0 to 63, or a class. '-' and '_' are RFC 4648's other alphabet. */
#define SKIP 64 /* white space and whatever is not in the alphabet */
#define PAD  65

#define X16                                                                                        \
	SKIP, SKIP, SKIP, SKIP, SKIP, SKIP, SKIP, SKIP, SKIP, SKIP, SKIP, SKIP, SKIP, SKIP, SKIP,  \
		SKIP

/* clang-format off */
static const uint8_t sextet_of[256] = {
	X16, X16,
	SKIP, SKIP, SKIP, SKIP, SKIP, SKIP, SKIP, SKIP, SKIP, SKIP, SKIP, 62, SKIP, SKIP, SKIP, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, SKIP, SKIP, SKIP, PAD, SKIP, SKIP,
	SKIP, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, SKIP, SKIP, SKIP, SKIP, SKIP,
	SKIP, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, SKIP, SKIP, SKIP, SKIP, SKIP,
	X16, X16, X16, X16, X16, X16, X16, X16,
};

static const int8_t hex_of[256] = {
	['0'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
	['A'] = 11, 12, 13, 14, 15, 16,
	['a'] = 11, 12, 13, 14, 15, 16,
};
/* clang-format on */

static bool ends_in_blank(struct eii_text value)
{
	while (value.len &&
	       (value.data[value.len - 1] == '\r' || value.data[value.len - 1] == '\n'))
		value.len--;
	return value.len && (value.data[value.len - 1] == ' ' || value.data[value.len - 1] == '\t');
}

static enum eii_transfer find_name(struct eii_text word)
{
	static const struct {
		const char *name;
		enum eii_transfer transfer;
	} names[] = {
		{ "base64", EII_TRANSFER_BASE64 },
		{ "quoted-printable", EII_TRANSFER_QUOTED_PRINTABLE },
		{ "x-uuencode", EII_TRANSFER_UUENCODE },
		{ "uuencode", EII_TRANSFER_UUENCODE },
		{ "x-uue", EII_TRANSFER_UUENCODE },
		{ "uue", EII_TRANSFER_UUENCODE },
	};

	if (word.len > 1 && *word.data == '"')
		word = eii_text(word.data + 1, word.len - 1);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (eii_text_starts_nocase(word, names[i].name))
			return names[i].transfer;
	}
	return EII_TRANSFER_IDENTITY;
}

/* Behind blanks and comments, which may hold others. */
static struct eii_text without_comments(struct eii_text value)
{
	size_t depth = 0;
	size_t i = 0;

	for (; i < value.len; i++) {
		const char c = value.data[i];

		if (c == '(')
			depth++;
		else if (c == ')' && depth)
			depth--;
		else if (c == '\\' && depth)
			i++;
		else if (!depth && (unsigned char)c > ' ')
			break;
	}
	return i < value.len ? eii_text(value.data + i, value.len - i) : eii_text(NULL, 0);
}

enum eii_transfer eii_transfer_of(struct eii_text value)
{
	return find_name(without_comments(value));
}

bool eii_transfer_is_clear(struct eii_text value)
{
	static const char *const names[] = {
		"7bit",       "8bit",     "binary", "base64", "quoted-printable",
		"x-uuencode", "uuencode", "x-uue",  "uue"
	};
	struct eii_text word = eii_text_trim(without_comments(value));

	if (word.len > 1 && *word.data == '"')
		word = eii_text(word.data + 1, word.len - 1);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const size_t len = strlen(names[i]);
		struct eii_text rest;

		if (!eii_text_starts_nocase(word, names[i]))
			continue;
		rest = eii_text(word.data + len, word.len - len);
		if (rest.len && *rest.data == '"')
			rest = eii_text(rest.data + 1, rest.len - 1);
		return without_comments(rest).len == 0;
	}
	return word.len == 0;
}

/* Lines of base64 and nothing else, enough to be no single word. */
static bool is_base64(struct eii_text raw)
{
	size_t n = 0;

	raw = eii_text_trim(raw);
	for (size_t i = 0; i < raw.len; i++) {
		const char c = raw.data[i];

		if (c == '\r' || c == '\n')
			continue;
		if (sextet_of[(uint8_t)c] == SKIP)
			return false;
		n++;
	}
	return n >= 16;
}

/* An escape, and none that is none. */
static bool is_quoted_printable(struct eii_text raw)
{
	const char *const end = raw.data + raw.len;
	const char *p = raw.data;
	size_t n = 0;

	while (p < end) {
		p = memchr(p, '=', (size_t)(end - p));
		if (!p)
			break;
		p++;
		if (end - p >= 2 && hex_of[(uint8_t)p[0]] && hex_of[(uint8_t)p[1]])
			n++;
		else if (p < end && *p != '\r' && *p != '\n')
			return false;
	}
	return n > 0;
}

enum eii_transfer eii_transfer_guess(struct eii_text raw)
{
	if (is_base64(raw))
		return EII_TRANSFER_BASE64;
	if (is_quoted_printable(raw))
		return EII_TRANSFER_QUOTED_PRINTABLE;
	if (eii_text_starts_nocase(eii_text_trim(raw), "begin "))
		return EII_TRANSFER_UUENCODE;
	return EII_TRANSFER_IDENTITY;
}

enum eii_transfer eii_transfer_verbatim(struct eii_text value)
{
	const struct eii_text word = eii_text_trim(value);

	if (eii_text_equal_nocase(word, eii_text_of("quoted-printable")) && ends_in_blank(value))
		return EII_TRANSFER_IDENTITY;
	return find_name(word);
}

/* Where the groups that are read a whole line at a time stand. */
struct groups {
	const uint8_t *p;
	const uint8_t *end;
	uint8_t *out;
	uint32_t bits;
	unsigned int n_bits; /* of a group begun: 0, 6, 12 or 18 */
	unsigned int n_pads; /* '=' behind it so far */
};

/* Whole groups of four without anything between them: the bulk of each line. */
static void decode_run(struct groups *g)
{
	while (g->end - g->p >= 4) {
		uint32_t a = sextet_of[g->p[0]];
		uint32_t b = sextet_of[g->p[1]];
		uint32_t c = sextet_of[g->p[2]];
		uint32_t d = sextet_of[g->p[3]];
		uint32_t word = a << 18 | b << 12 | c << 6 | d;

		if ((a | b | c | d) > 63)
			return;
		g->out[0] = (uint8_t)(word >> 16);
		g->out[1] = (uint8_t)(word >> 8);
		g->out[2] = (uint8_t)word;
		g->out += 3;
		g->p += 4;
	}
}

/* The bytes of a group that ends early. */
static void end_group(struct groups *g)
{
	if (g->n_bits >= 12)
		*g->out++ = (uint8_t)(g->bits >> (g->n_bits - 8));
	if (g->n_bits == 18)
		*g->out++ = (uint8_t)(g->bits >> 2);
}

/* Takes one character; false when it is the padding that ends all. */
static bool decode_one(struct groups *g)
{
	uint8_t sextet = sextet_of[*g->p++];

	if (sextet == SKIP)
		return true;
	if (sextet == PAD) {
		g->n_pads++;
		return g->n_bits < 12 || g->n_bits + 6 * g->n_pads < 24;
	}
	g->n_pads = 0;
	g->bits = g->bits << 6 | sextet;
	g->n_bits += 6;
	if (g->n_bits < 24)
		return true;
	*g->out++ = (uint8_t)(g->bits >> 16);
	*g->out++ = (uint8_t)(g->bits >> 8);
	*g->out++ = (uint8_t)g->bits;
	g->bits = 0;
	g->n_bits = 0;
	return true;
}

/* Up to the padding that ends it; what is behind that is left in text. */
static bool decode_piece(struct eii_text *text, struct eii_buf *out)
{
	struct groups g = { .p = (const uint8_t *)text->data };
	char *room = eii_buf_reserve(out, text->len / 4 * 3 + 3);

	if (!room || !text->len) {
		text->len = 0;
		return true;
	}
	g.end = g.p + text->len;
	g.out = (uint8_t *)room;
	while (g.p < g.end) {
		if (!g.n_bits)
			decode_run(&g);
		if (g.p < g.end && !decode_one(&g))
			break;
	}
	end_group(&g);
	out->len += (size_t)((char *)g.out - room);
	out->data[out->len] = '\0';
	*text = eii_text((const char *)g.p, (size_t)(g.end - g.p));
	return g.n_bits != 6;
}

bool eii_base64_lenient(struct eii_text text, struct eii_buf *out)
{
	return decode_piece(&text, out);
}

bool eii_has_inner_blanks(struct eii_text text)
{
	size_t n = 0;

	text = eii_text_trim(text);
	for (size_t i = 1; i + 1 < text.len; i++) {
		const bool is_inner = (unsigned char)text.data[i - 1] > ' ' &&
				      (unsigned char)text.data[i + 1] > ' ';

		n += is_inner && (text.data[i] == ' ' || text.data[i] == '\t');
	}
	return n > text.len / 32;
}

/* Takes the first line of text, its end included. */
static struct eii_text take_line(struct eii_text *text)
{
	const char *mark = memchr(text->data, '\n', text->len);
	const size_t len = mark ? (size_t)(mark - text->data) + 1 : text->len;
	const struct eii_text line = eii_text(text->data, len);

	*text = eii_text(text->data + len, text->len - len);
	return line;
}

/* Whole groups and nothing else, more than a word. */
static bool is_base64_line(struct eii_text line)
{
	line = eii_text_trim(line);
	for (size_t i = 0; i < line.len; i++) {
		if (sextet_of[(uint8_t)line.data[i]] == SKIP)
			return false;
	}
	return line.len % 4 == 0 && line.len && (line.len >= 16 || line.data[line.len - 1] == '=');
}

/* From the first such line to the last one; all of the text where there is none. */
static struct eii_text find_base64(struct eii_text text)
{
	const char *begin = NULL;
	const char *end = text.data + text.len;
	struct eii_text rest = text;

	while (rest.len) {
		const struct eii_text line = take_line(&rest);

		if (!is_base64_line(line))
			continue;
		if (!begin)
			begin = line.data;
		end = line.data + line.len;
	}
	return begin ? eii_text(begin, (size_t)(end - begin)) : text;
}

bool eii_base64_text(struct eii_text text, struct eii_buf *out)
{
	const struct eii_text found = find_base64(text);
	const struct eii_text before = eii_text(text.data, (size_t)(found.data - text.data));
	const struct eii_text after =
		eii_text(found.data + found.len, text.len - before.len - found.len);
	const bool has_before = eii_has_inner_blanks(before);
	const bool has_after = eii_has_inner_blanks(after);
	struct eii_text rest =
		eii_text(has_before ? found.data : text.data,
			 text.len - (has_before ? before.len : 0) - (has_after ? after.len : 0));
	bool is_whole = true;

	if (has_before)
		eii_buf_add_text(out, before);
	while (rest.len)
		is_whole = decode_piece(&rest, out) && is_whole;
	if (has_after) {
		eii_buf_add_char(out, '\n');
		eii_buf_add_text(out, after);
	}
	return is_whole;
}

/* Bytes of a soft line break at p ("=" is behind us), blanks before the line end included; 0 =
 * none. */
static size_t soft_break(const char *p, const char *end)
{
	const char *q = p;

	while (q < end && (*q == ' ' || *q == '\t'))
		q++;
	if (q == end)
		return (size_t)(q - p);
	if (*q == '\n')
		return (size_t)(q - p) + 1;
	if (*q == '\r' && q + 1 < end && q[1] == '\n')
		return (size_t)(q - p) + 2;
	return 0;
}

void eii_quoted_printable(struct eii_text text, struct eii_buf *out)
{
	const char *p = text.data;
	const char *end = p + text.len;
	char *room = eii_buf_reserve(out, text.len);
	char *to = room;

	if (!room || !text.len)
		return;
	while (p < end) {
		const char *equals = memchr(p, '=', (size_t)(end - p));
		size_t plain = (size_t)((equals ? equals : end) - p);
		int high;
		int low;

		memcpy(to, p, plain);
		to += plain;
		p += plain;
		if (!equals)
			break;
		p++;
		high = end - p >= 2 ? hex_of[(uint8_t)p[0]] : 0;
		low = end - p >= 2 ? hex_of[(uint8_t)p[1]] : 0;
		if (high && low) {
			*to++ = (char)((high - 1) << 4 | (low - 1));
			p += 2;
		} else if (p < end && !soft_break(p, end)) {
			*to++ = '=';
		} else {
			p += soft_break(p, end);
		}
	}
	out->len += (size_t)(to - room);
	out->data[out->len] = '\0';
}

void eii_quoted_word(struct eii_text text, struct eii_buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		int high = c == '=' && i + 2 < text.len ? hex_of[(uint8_t)text.data[i + 1]] : 0;
		int low = high ? hex_of[(uint8_t)text.data[i + 2]] : 0;

		if (high && low) {
			c = (char)((high - 1) << 4 | (low - 1));
			i += 2;
		} else if (c == '_') {
			c = ' ';
		}
		eii_buf_add_char(out, c);
	}
}

/* One line of uuencoded text; false at the one that ends it. */
static bool uudecode_line(struct eii_text line, struct eii_buf *out)
{
	size_t n = line.len ? ((unsigned char)line.data[0] - 32u) & 63u : 0;

	if (!n || eii_text_starts_nocase(line, "end"))
		return false;
	for (size_t i = 1; i < line.len && n; i += 4) {
		uint32_t word = 0;

		/* Blanks at a line's end may be lost: they count as zero. */
		for (size_t k = i; k < i + 4; k++)
			word = word << 6 |
			       (k < line.len ? (((uint8_t)line.data[k] - 32u) & 63u) : 0);
		for (int shift = 16; shift >= 0 && n; shift -= 8, n--)
			eii_buf_add_char(out, (char)(word >> shift & 0xff));
	}
	return true;
}

void eii_uudecode(struct eii_text text, struct eii_buf *out)
{
	bool has_begun = false;

	while (text.len) {
		const char *mark = memchr(text.data, '\n', text.len);
		size_t len = mark ? (size_t)(mark - text.data) : text.len;
		struct eii_text line = eii_text(text.data, len);

		if (line.len && line.data[line.len - 1] == '\r')
			line.len--;
		text = eii_text(text.data + len, text.len - len);
		if (mark)
			text = eii_text(text.data + 1, text.len - 1);
		if (!has_begun)
			has_begun = eii_text_starts_nocase(line, "begin ");
		else if (!uudecode_line(line, out))
			return;
	}
}
