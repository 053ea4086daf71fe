/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/html.h"

#include <string.h>

#include "eii/base/bytes.h"
#include "eii/base/utf8.h"
#include "html_private.h"

#define TAB_COLUMNS 8

/* What browsers read for the C1 controls 0x80 to 0x9f: windows-1252; 0 = none. */
static const unsigned short windows_1252[32] = {
	0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
	0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
	0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

/* 0 = the character goes. */
static uint32_t safe_code_point(uint32_t c)
{
	if (c == '\t' || c == '\n')
		return c;
	if (c == '\r' || c == '\f') /* white space, in HTML */
		return '\n';
	if (c < 0x20 || c == 0x7f)
		return 0;
	if (c >= 0x80 && c <= 0x9f)
		return windows_1252[c - 0x80];
	/* U+FEFF shows nothing. */
	if (c == 0xfeff)
		return 0;
	if ((c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef))
		return 0;
	return c;
}

/* Embeddings, overrides and isolates: they show text in another order than it has. */
static bool turns_direction(uint32_t c)
{
	return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

#define SPECIAL    1 /* is written in another way, or not at all */
#define APOSTROPHE 2 /* the same, for BOTH */

/*
 * Not special: continuation bytes, and lead bytes of blocks of which nothing goes. All
 * controls are, but for tab and line feed.
 */
static const unsigned char special[256] = {
	[0x00] = SPECIAL,    [0x01] = SPECIAL, [0x02] = SPECIAL, [0x03] = SPECIAL, [0x04] = SPECIAL,
	[0x05] = SPECIAL,    [0x06] = SPECIAL, [0x07] = SPECIAL, [0x08] = SPECIAL, [0x0b] = SPECIAL,
	[0x0c] = SPECIAL,    [0x0d] = SPECIAL, [0x0e] = SPECIAL, [0x0f] = SPECIAL, [0x10] = SPECIAL,
	[0x11] = SPECIAL,    [0x12] = SPECIAL, [0x13] = SPECIAL, [0x14] = SPECIAL, [0x15] = SPECIAL,
	[0x16] = SPECIAL,    [0x17] = SPECIAL, [0x18] = SPECIAL, [0x19] = SPECIAL, [0x1a] = SPECIAL,
	[0x1b] = SPECIAL,    [0x1c] = SPECIAL, [0x1d] = SPECIAL, [0x1e] = SPECIAL, [0x1f] = SPECIAL,
	[0x7f] = SPECIAL,    ['&'] = SPECIAL,  ['<'] = SPECIAL,  ['>'] = SPECIAL,  ['"'] = SPECIAL,
	['\''] = APOSTROPHE, [0xc2] = SPECIAL, [0xe2] = SPECIAL, [0xef] = SPECIAL, [0xf0] = SPECIAL,
	[0xf1] = SPECIAL,    [0xf2] = SPECIAL, [0xf3] = SPECIAL, [0xf4] = SPECIAL, [0xf5] = SPECIAL,
	[0xf6] = SPECIAL,    [0xf7] = SPECIAL, [0xf8] = SPECIAL, [0xf9] = SPECIAL, [0xfa] = SPECIAL,
	[0xfb] = SPECIAL,    [0xfc] = SPECIAL, [0xfd] = SPECIAL, [0xfe] = SPECIAL, [0xff] = SPECIAL,
};

static const char *escape_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static void add_percent_encoded(const char *bytes, size_t len, struct eii_buf *out)
{
	for (size_t i = 0; i < len; i++)
		eii_buf_addf(out, "%%%02X", (unsigned char)bytes[i]);
}

/* Adds the character at text (len > 0); gives its bytes. */
static size_t add_special(const char *text, size_t len, enum eii_html_quotes quotes,
			  struct eii_buf *out)
{
	const char *escape = escape_of(*text);
	uint32_t c = 0xfffd;
	uint32_t safe;
	size_t n;

	if (escape) {
		eii_buf_add_str(out, escape);
		return 1;
	}
	n = eii_utf8_decode(text, len, &c);
	n = n ? n : 1;
	safe = safe_code_point(c);
	if (quotes == EII_HTML_QUOTES_TARGET && (safe != c || turns_direction(c)))
		add_percent_encoded(text, n, out);
	else if (turns_direction(c))
		eii_buf_addf(out, "[U+%04X]", c);
	else if (safe)
		eii_utf8_add(out, safe);
	return n;
}

/* Of sixteen bytes. */
static bool may_be_special(eii_bytes bytes)
{
	return eii_bytes_any(((bytes < 0x20) & (bytes != '\n') & (bytes != '\t')) | (bytes == '"') |
			     (bytes == '&') | (bytes == '\'') | (bytes == '<') | (bytes == '>') |
			     (bytes == 0x7f) | (bytes == 0xc2) | (bytes == 0xe2) | (bytes >= 0xef));
}

static size_t plain_run(const char *text, size_t len, unsigned int mask)
{
	size_t n = 0;

	while (len - n >= EII_BYTES && !may_be_special(eii_bytes_at(text + n)))
		n += EII_BYTES;
	while (n < len && !(special[(unsigned char)text[n]] & mask))
		n++;
	return n;
}

void eii_html_take_back(struct eii_buf *out, size_t mark)
{
	if (out->len <= mark)
		return;
	out->len = mark;
	out->data[mark] = '\0';
}

void eii_html_escape(struct eii_text text, enum eii_html_quotes quotes, struct eii_buf *out)
{
	const unsigned int mask = quotes == EII_HTML_QUOTES_BOTH ? SPECIAL | APOSTROPHE : SPECIAL;

	for (size_t i = 0; i < text.len;) {
		size_t n = plain_run(text.data + i, text.len - i, mask);

		eii_html_put(out, text.data + i, n);
		i += n;
		if (i < text.len)
			i += add_special(text.data + i, text.len - i, quotes, out);
	}
}

struct line {
	size_t column;
	size_t n_spaces; /* held back until what follows them is known */
};

/* All but the last space of a run do not collapse; none does at a line's begin or end. */
static void flush_spaces(struct line *line, char next, struct eii_buf *out)
{
	const size_t n = line->n_spaces;
	const bool at_edge = n == line->column || next == '\n';

	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n || at_edge)
			eii_buf_add_str(out, "&nbsp;");
		else
			eii_buf_add_char(out, ' ');
	}
	line->n_spaces = 0;
}

static void add_blank(struct line *line, char c)
{
	size_t n = 1;

	if (c == '\t')
		n = TAB_COLUMNS - line->column % TAB_COLUMNS;
	line->n_spaces += n;
	line->column += n;
}

static bool is_blank_or_end(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Bytes of the line end at text, or 0. */
static size_t line_end(struct eii_text text)
{
	if (text.len >= 2 && text.data[0] == '\r' && text.data[1] == '\n')
		return 2;
	return text.len && (text.data[0] == '\n' || text.data[0] == '\r');
}

/* Adds the run of other characters that begins at text; gives its bytes. */
static size_t add_word(struct line *line, struct eii_text text, struct eii_buf *out)
{
	size_t n = 0;

	for (; n < text.len && !is_blank_or_end(text.data[n]); n++)
		line->column += ((unsigned char)text.data[n] & 0xc0) != 0x80;
	eii_html_escape(eii_text(text.data, n), EII_HTML_QUOTES_BOTH, out);
	return n;
}

void eii_text_to_html(struct eii_text text, struct eii_buf *out)
{
	struct line line = { 0 };

	for (size_t i = 0; i < text.len && eii_buf_ok(out);) {
		struct eii_text rest = eii_text(text.data + i, text.len - i);
		size_t n = line_end(rest);

		if (n) {
			flush_spaces(&line, '\n', out);
			eii_buf_add_str(out, "<br>");
			line = (struct line){ 0 };
		} else if (*rest.data == ' ' || *rest.data == '\t') {
			add_blank(&line, *rest.data);
			n = 1;
		} else {
			flush_spaces(&line, *rest.data, out);
			n = add_word(&line, rest, out);
		}
		i += n;
	}
	flush_spaces(&line, '\n', out);
}
