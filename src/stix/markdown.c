/* SPDX-License-Identifier: Apache-2.0 */
#include "markdown.h"

#include "eii/base/utf8.h"

/* ---- what is left of the characters ------------------------------------------ */

static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029;
}

/* Marks of direction, which nobody sees. */
static bool is_mark(uint32_t c)
{
	return c == 0x200e || c == 0x200f;
}

/* What turns the direction of the lines around it. */
static bool is_direction(uint32_t c)
{
	return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void add_visible(struct eii_text text, struct eii_buf *out)
{
	while (text.len) {
		uint32_t c;
		const size_t n = eii_utf8_decode(text.data, text.len, &c);

		if (!n)
			return;
		if (is_control(c))
			eii_buf_add_char(out, ' ');
		else if (is_direction(c))
			eii_buf_addf(out, "[U+%04X]", c);
		else if (!is_mark(c))
			eii_buf_add(out, text.data, n);
		text = eii_text(text.data + n, text.len - n);
	}
}

/* ---- escaped ----------------------------------------------------------------- */

/* `!` as an entity: the platform reads an image even behind a backslash (measured). */
static const char *entity_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '!':
		return "&#33;";
	default:
		return NULL;
	}
}

static void add_escaped(struct eii_text visible, struct eii_buf *out)
{
	for (size_t i = 0; i < visible.len; i++) {
		const char c = visible.data[i];
		const char *entity = entity_of(c);

		if (entity) {
			eii_buf_add_str(out, entity);
			continue;
		}
		/* A colon before `//`: no address is made a link of by itself. */
		if (strchr("\\`*_[]()#|~{}$^", c) ||
		    (visible.len - i > 2 && memcmp(visible.data + i, "://", 3) == 0))
			eii_buf_add_char(out, '\\');
		eii_buf_add_char(out, c);
	}
}

/* ---- in code ----------------------------------------------------------------- */

static bool holds_address(struct eii_text visible)
{
	for (size_t i = 0; i < visible.len; i++) {
		struct eii_text rest = eii_text(visible.data + i, visible.len - i);

		if (*rest.data == '@' || eii_text_starts_nocase(rest, "://") ||
		    eii_text_starts_nocase(rest, "www."))
			return true;
	}
	return false;
}

static size_t longest_run(struct eii_text text)
{
	size_t longest = 0, run = 0;

	for (size_t i = 0; i < text.len; i++) {
		run = text.data[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

/* A backtick at an end needs a blank beside it; one at both ends is taken off again. */
static bool needs_room(struct eii_text code)
{
	const char first = code.data[0], last = code.data[code.len - 1];

	return first == '`' || last == '`' ||
	       (first == ' ' && last == ' ' && eii_text_trim(code).len > 0);
}

static void add_ticks(size_t n, struct eii_buf *out)
{
	while (n--)
		eii_buf_add_char(out, '`');
}

static void add_span(struct eii_text code, struct eii_buf *out)
{
	const size_t n = longest_run(code) + 1;
	const char *room;

	if (!code.len)
		return;
	room = needs_room(code) ? " " : "";
	add_ticks(n, out);
	eii_buf_add_str(out, room);
	eii_buf_add_text(out, code);
	eii_buf_add_str(out, room);
	add_ticks(n, out);
}

/*
 * What the platform looks for in the raw text, code or not: images, and its own
 * mark of code, which it replaces by backticks.
 */
static bool is_looked_for(struct eii_text rest)
{
	return eii_text_starts_nocase(rest, "![") || eii_text_starts_nocase(rest, "<code") ||
	       eii_text_starts_nocase(rest, "</code");
}

static void add_code(struct eii_text visible, struct eii_buf *out)
{
	size_t from = 0;

	for (size_t i = 0; i < visible.len; i++) {
		if (!is_looked_for(eii_text(visible.data + i, visible.len - i)))
			continue;
		add_span(eii_text(visible.data + from, i - from), out);
		eii_buf_add_str(out, entity_of(visible.data[i]));
		from = i + 1;
	}
	add_span(eii_text(visible.data + from, visible.len - from), out);
}

/* ---- both -------------------------------------------------------------------- */

void eii_markdown_escape(struct eii_text text, struct eii_buf *out)
{
	struct eii_buf visible;

	eii_buf_init(&visible, SIZE_MAX / 2);
	add_visible(text, &visible);
	add_escaped(eii_buf_text(&visible), out);
	eii_buf_clear(&visible);
}

void eii_markdown_value(struct eii_text text, struct eii_buf *out)
{
	struct eii_buf visible;

	eii_buf_init(&visible, SIZE_MAX / 2);
	add_visible(text, &visible);
	if (holds_address(eii_buf_text(&visible)))
		add_code(eii_buf_text(&visible), out);
	else
		add_escaped(eii_buf_text(&visible), out);
	eii_buf_clear(&visible);
}
