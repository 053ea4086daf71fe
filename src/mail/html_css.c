/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses in style sheets. */
#include "html_private.h"

#include <string.h>

#include "eii/base/text.h"
#include "eii/base/utf8.h"

#define ESCAPE_DIGITS 6 /* of a CSS escape, at most */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static struct eii_text from(struct eii_text text, size_t n)
{
	return eii_text(text.data + n, text.len - n);
}

static int hex_digit(char c)
{
	c = eii_ascii_lower(c);
	if (eii_is_ascii_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * What ends an address unless it is escaped, and what stands for it meanwhile: bytes that no
 * UTF-8 has.
 */
static const char delimiters[] = ")(\"' ";
#define FIRST_STAND_IN 0xf8

static void add_character(uint32_t c, struct eii_buf *out)
{
	const char *found = c && c < 0x80 ? strchr(delimiters, (int)c) : NULL;

	if (found)
		eii_buf_add_char(out, (char)(FIRST_STAND_IN + (found - delimiters)));
	else
		eii_utf8_add(out, c ? c : 0xfffd);
}

/* Adds what the escape behind a backslash means; gives its bytes. */
static size_t add_escape(struct eii_text rest, struct eii_buf *out)
{
	uint32_t c = 0;
	size_t n = 0;

	while (n < rest.len && n < ESCAPE_DIGITS && hex_digit(rest.data[n]) >= 0)
		c = c * 16 + (uint32_t)hex_digit(rest.data[n++]);
	if (n == 0) {
		/* A line that goes on, or the character itself. */
		n = rest.len ? 1 : 0;
		if (n && (unsigned char)rest.data[0] >= 0x80)
			eii_buf_add_char(out, rest.data[0]);
		else if (n && rest.data[0] != '\n')
			add_character((unsigned char)rest.data[0], out);
		return n;
	}
	add_character(c, out);
	return n < rest.len && is_space(rest.data[n]) ? n + 1 : n;
}

/* Undoes the escapes, also where they are part of names: "u\72l(". */
static void unescape(struct eii_text css, struct eii_buf *out)
{
	for (size_t i = 0; i < css.len;) {
		const char *next = memchr(css.data + i, '\\', css.len - i);
		const size_t n = next ? (size_t)(next - css.data) - i : css.len - i;

		eii_buf_add(out, css.data + i, n);
		i += n;
		if (i < css.len) {
			i++;
			i += add_escape(from(css, i), out);
		}
	}
}

static struct eii_text skip_spaces_and_comments(struct eii_text css)
{
	for (;;) {
		const char *end;

		while (css.len && is_space(css.data[0]))
			css = from(css, 1);
		if (css.len < 2 || memcmp(css.data, "/*", 2) != 0)
			return css;
		end = memmem(css.data + 2, css.len - 2, "*/", 2);
		if (!end)
			return from(css, css.len);
		css = from(css, (size_t)(end + 2 - css.data));
	}
}

static bool ends_bare_url(char c)
{
	return is_space(c) || c == '"' || c == '\'' || c == '(';
}

/* The text in quotes at css, or up to close; css is moved behind it. */
static struct eii_text take_value(struct eii_text *css, char close)
{
	const char quote = css->len ? css->data[0] : '\0';
	struct eii_text value = *css;
	size_t n = 0;

	if (quote == '"' || quote == '\'') {
		value = from(value, 1);
		close = quote;
	}
	while (n < value.len && value.data[n] != close &&
	       (close == quote || !ends_bare_url(value.data[n])))
		n++;
	value.len = n;
	*css = from(*css, (size_t)(value.data + value.len - css->data));
	return value;
}

static void found(const struct eii_html_finding *finding, struct eii_text value)
{
	struct eii_buf plain;

	eii_buf_init(&plain, value.len);
	for (size_t i = 0; i < value.len; i++) {
		const unsigned char c = (unsigned char)value.data[i];
		const bool is_stand_in = c >= FIRST_STAND_IN;

		eii_buf_add_char(&plain, is_stand_in ? delimiters[c - FIRST_STAND_IN] : (char)c);
	}
	eii_html_found(finding, EII_ADDRESS_STYLE, eii_buf_text(&plain));
	eii_buf_clear(&plain);
}

/* At "url(" or "@import"; gives what is behind. */
static struct eii_text find_one(const struct eii_html_finding *finding, struct eii_text css)
{
	const bool is_import = css.data[0] == '@';
	struct eii_text value;

	css = from(css, is_import ? sizeof("@import") - 1 : sizeof("url(") - 1);
	css = is_import ? skip_spaces_and_comments(css) : css;
	while (css.len && is_space(css.data[0]))
		css = from(css, 1);
	if (is_import && (css.len == 0 || (css.data[0] != '"' && css.data[0] != '\'')))
		return css; /* a url() comes */
	value = take_value(&css, ')');
	found(finding, value);
	/* One that was not ended before the next: "url(a url(b)". */
	if (value.len >= 3 && css.len && css.data[0] == '(')
		css = eii_text(css.data - 3, css.len + 3);
	return css;
}

/* At a quotation mark. Some functions load what they are told in quotes: image-set("…"). */
static struct eii_text find_quoted(const struct eii_html_finding *finding, struct eii_text css)
{
	const struct eii_text inside = from(css, 1);

	if (!eii_address_prefix(inside) && !eii_text_starts_nocase(inside, "//"))
		return inside;
	found(finding, take_value(&css, css.data[0]));
	return css.len ? from(css, 1) : css;
}

static void find_in(const struct eii_html_finding *finding, struct eii_text css)
{
	while (css.len) {
		const char c = eii_ascii_lower(css.data[0]);

		if (c == '"' || c == '\'')
			css = find_quoted(finding, css);
		else if ((c == 'u' && eii_text_starts_nocase(css, "url(")) ||
			 (c == '@' && eii_text_starts_nocase(css, "@import")))
			css = find_one(finding, css);
		else
			css = from(css, 1);
	}
}

bool eii_html_css_may_load(struct eii_text css)
{
	const char *p = css.data;
	const char *const end = p + css.len;

	if (css.len == 0 || memchr(p, '\\', css.len) || memchr(p, '@', css.len) ||
	    memchr(p, '/', css.len))
		return css.len > 0;
	for (; p < end; p++) {
		p = memchr(p, '(', (size_t)(end - p));
		if (!p)
			return false;
		if (p - css.data >= 3 && eii_ascii_lower(p[-1]) == 'l')
			return true;
	}
	return false;
}

void eii_html_find_in_css(const struct eii_html_finding *finding, struct eii_text css)
{
	struct eii_buf plain;

	if (!finding->addresses || css.len == 0)
		return;
	if (!memchr(css.data, '\\', css.len)) {
		find_in(finding, css);
		return;
	}
	eii_buf_init(&plain, css.len * 4);
	unescape(css, &plain);
	find_in(finding, eii_buf_text(&plain));
	eii_buf_clear(&plain);
}
