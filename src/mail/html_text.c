/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/html.h"

#include <string.h>

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
	if (c == '\r')
		return '\n';
	if (c < 0x20 || c == 0x7f)
		return 0;
	if (c >= 0x80 && c <= 0x9f)
		return windows_1252[c - 0x80];
	/* Overrides show text in another order than it has; U+FEFF shows nothing. */
	if (c == 0x202d || c == 0x202e || c == 0xfeff)
		return 0;
	if ((c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef))
		return 0;
	return c;
}

/* Is the byte written as it is, whatever comes after it? */
static bool is_plain(unsigned char c, enum eii_html_quotes quotes)
{
	if (c > '>' && c < 0x80)
		return c != 0x7f;
	if (c == '\'')
		return quotes == EII_HTML_QUOTES_DOUBLE;
	if (c < 0x80)
		return (c >= 0x20 && c != '&' && c != '<' && c != '>' && c != '"') || c == '\t' ||
		       c == '\n';
	/* Continuation bytes, and lead bytes of blocks of which nothing goes. */
	return c != 0xc2 && c != 0xe2 && c != 0xef && c < 0xf0;
}

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

/* Adds the character at text (len > 0); gives its bytes. */
static size_t add_special(const char *text, size_t len, struct eii_buf *out)
{
	const char *escape = escape_of(*text);
	uint32_t c = 0xfffd;
	size_t n;

	if (escape) {
		eii_buf_add_str(out, escape);
		return 1;
	}
	n = eii_utf8_decode(text, len, &c);
	c = safe_code_point(c);
	if (c)
		eii_utf8_add(out, c);
	return n ? n : 1;
}

static size_t plain_run(struct eii_text text, enum eii_html_quotes quotes)
{
	size_t n = 0;

	while (n < text.len && is_plain((unsigned char)text.data[n], quotes))
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
	size_t valid = eii_utf8_valid_prefix(text.data, text.len);

	for (size_t i = 0; i < valid;) {
		size_t n = plain_run(eii_text(text.data + i, valid - i), quotes);

		eii_buf_add(out, text.data + i, n);
		i += n;
		if (i < valid)
			i += add_special(text.data + i, valid - i, out);
	}
	/* libxml2 gives valid UTF-8 only; should it ever not, the rest must not pass. */
	if (valid < text.len)
		eii_utf8_add(out, 0xfffd);
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
