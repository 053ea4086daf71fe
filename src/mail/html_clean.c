/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libxml2 is spared. It compares each attribute of a tag with all before it
 * (quadratic), so a tag has at most EII_HTML_ATTRIBUTES. Whether a '<' begins a tag
 * depends on what stands before it (comment, script, a value in quotes); rather than
 * to follow that, every '<' before a letter is measured as if it began one, and one
 * too many loses its '<' to a '{', which is of the same class for every reader, so
 * that no other tag changes by it.
 */
#include "html_private.h"

#include <string.h>

#include "eii/base/text.h"

/* libxml2's HTML_PARSER_BUFFER_SIZE: what is longer is read as several names. */
#define NAME_BYTES 100

/*
 * Bytes looked at for each byte of input. Tags without a '>' make each look run on
 * to what belongs to the next ones; honest HTML needs less than 1.
 */
#define LOOKS_PER_BYTE 8
#define LOOKS_ANYWAY   65536

#define CONDITION_BYTES 256 /* of "<![if ...]>" */

struct scanner {
	const char *p;
	const char *end;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool is_name_char(char c)
{
	return eii_is_ascii_alpha(c) || eii_is_ascii_digit(c) || c == ':' || c == '-' || c == '_' ||
	       c == '.';
}

static void skip_blanks(struct scanner *s)
{
	while (s->p < s->end && is_blank(*s->p))
		s->p++;
}

/* Up to the next blank or the tag's end. */
static void skip_word(struct scanner *s)
{
	while (s->p < s->end && !is_blank(*s->p) && *s->p != '>')
		s->p++;
}

static void skip_value(struct scanner *s)
{
	const char *close;
	char quote;

	skip_blanks(s);
	if (s->p == s->end)
		return;
	quote = *s->p;
	if (quote != '"' && quote != '\'') {
		skip_word(s);
		return;
	}
	s->p++;
	close = memchr(s->p, quote, (size_t)(s->end - s->p));
	s->p = close ? close + 1 : s->end;
}

/* Moves over one attribute as libxml2 reads it; gives how many it may count for. */
static size_t skip_attribute(struct scanner *s)
{
	const char *start = s->p;
	size_t n;

	while (s->p < s->end && is_name_char(*s->p))
		s->p++;
	if (s->p == start) {
		s->p++;
		skip_word(s);
		return 1;
	}
	n = 1 + (size_t)(s->p - start) / NAME_BYTES;
	skip_blanks(s);
	if (s->p < s->end && *s->p == '=') {
		s->p++;
		skip_value(s);
	}
	return n;
}

/* Is this too much for one tag? tag points behind its '<'; *looks is spent. */
static bool is_overlong_tag(const char *tag, const char *end, size_t *looks)
{
	struct scanner s = { .p = tag, .end = end };
	size_t n = 0;
	size_t seen;

	while (s.p < s.end && is_name_char(*s.p))
		s.p++;
	n = (size_t)(s.p - tag) / NAME_BYTES;
	skip_blanks(&s);
	while (s.p < s.end && *s.p != '>' && n <= EII_HTML_ATTRIBUTES) {
		n += skip_attribute(&s);
		skip_blanks(&s);
	}
	seen = (size_t)(s.p - tag);
	*looks = seen < *looks ? *looks - seen : 0;
	return n > EII_HTML_ATTRIBUTES || *looks == 0;
}

static void defuse_tags(char *html, size_t len)
{
	char *const end = html + len;
	size_t looks = len * LOOKS_PER_BYTE + LOOKS_ANYWAY;

	for (char *p = html; p < end; p++) {
		p = memchr(p, '<', (size_t)(end - p));
		if (!p || end - p < 2)
			return;
		if (eii_is_ascii_alpha(p[1]) && is_overlong_tag(p + 1, end, &looks))
			*p = '{';
	}
}

/* Controls go, a form feed is a blank, a line end is LF. */
static void add_without_controls(struct eii_text html, struct eii_buf *out)
{
	for (size_t i = 0; i < html.len; i++) {
		size_t start = i;
		char c;

		while (i < html.len && ((unsigned char)html.data[i] >= 0x20 ||
					html.data[i] == '\n' || html.data[i] == '\t'))
			i++;
		eii_buf_add(out, html.data + start, i - start);
		if (i == html.len)
			return;
		c = html.data[i];
		if (c == '\f')
			eii_buf_add_char(out, ' ');
		else if (c == '\r' && (i + 1 == html.len || html.data[i + 1] != '\n'))
			eii_buf_add_char(out, '\n');
	}
}

struct replacement {
	const char *from;
	const char *to;
};

/*
 * The same for browsers, and right for libxml2 2.9: it looks on for the end of the
 * first two, and takes all that follows a <wbr> for its content.
 */
static const struct replacement replacements[] = {
	{ "<!-->", "<!---->" },
	{ "<!--->", "<!---->" },
	{ "<wbr>", "<wbr/>" },
};

static const struct replacement *replacement_at(struct eii_text rest)
{
	for (size_t i = 0; i < sizeof(replacements) / sizeof(replacements[0]); i++) {
		if (eii_text_starts_nocase(rest, replacements[i].from))
			return &replacements[i];
	}
	return NULL;
}

/*
 * Bytes of a "<![if ...]>" or "<![endif]>" at rest, a comment to browsers and text to
 * libxml2, or 0. What ends in "]-->" belongs to a comment that began before.
 */
static size_t condition_at(struct eii_text rest)
{
	const char *close;

	if (!eii_text_starts_nocase(rest, "<!["))
		return 0;
	close = memchr(rest.data, '>', rest.len < CONDITION_BYTES ? rest.len : CONDITION_BYTES);
	return close && close[-1] == ']' ? (size_t)(close - rest.data) + 1 : 0;
}

/* Does a browser take '<' and this character for more than text? */
static bool begins_markup(char c)
{
	return eii_is_ascii_alpha(c) || c == '/' || c == '!' || c == '?';
}

/* Adds what stands for the markup at rest, which begins with '<'; gives its bytes. */
static size_t add_markup(struct eii_text rest, struct eii_buf *out)
{
	const struct replacement *r;
	size_t n;

	if (rest.len < 2 || !begins_markup(rest.data[1])) {
		eii_buf_add_str(out, "&lt;");
		return 1;
	}
	n = condition_at(rest);
	if (n)
		return n;
	r = replacement_at(rest);
	eii_buf_add_str(out, r ? r->to : "<");
	return r ? strlen(r->from) : 1;
}

static void add_replaced(struct eii_text html, struct eii_buf *out)
{
	const char *p = html.data;
	const char *const end = p + html.len;

	while (p < end) {
		const char *next = memchr(p, '<', (size_t)(end - p));

		if (!next)
			next = end;
		eii_buf_add(out, p, (size_t)(next - p));
		p = next;
		if (p < end)
			p += add_markup(eii_text(p, (size_t)(end - p)), out);
	}
}

void eii_html_clean(struct eii_text html, struct eii_buf *out)
{
	struct eii_buf plain;

	eii_buf_init(&plain, html.len);
	add_without_controls(html, &plain);
	eii_buf_reset(out);
	add_replaced(eii_buf_text(&plain), out);
	eii_buf_clear(&plain);
	if (out->len)
		defuse_tags(out->data, out->len);
}
