/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/address.h"

#include <string.h>

#include "eii/base/utf8.h"
#include "eii/fields/limits.h"
#include "eii/mail/charset.h"
#include "eii/mail/header_text.h"

#define ANGLE_MAX 4096 /* bytes between '<' and '>' that may be an address */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Ends a word that may be an address. */
static bool ends_word(char c)
{
	return is_space(c) || c == ',' || c == ';' || c == '<' || c == '>' || c == '(' ||
	       c == ')' || c == '"';
}

/* Behind the comment that begins at p, nested ones with it. */
static const char *skip_comment(const char *p, const char *end)
{
	size_t depth = 0;

	for (; p < end; p++) {
		if (*p == '\\')
			p++;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && --depth == 0)
			return p + 1;
	}
	return end;
}

/* Behind the quoted string that begins at p; NULL where it never ends. */
static const char *skip_quoted(const char *p, const char *end)
{
	for (const char *q = p + 1; q < end; q++) {
		if (*q == '\\')
			q++;
		else if (*q == '"')
			return q + 1;
	}
	return NULL;
}

static const char *find_at(struct eii_text text)
{
	return text.len ? memrchr(text.data, '@', text.len) : NULL;
}

/* An address as it stands between '<' and '>': a route before its ':' goes (RFC 5322, 4.4). */
static struct eii_text without_route(struct eii_text text)
{
	const char *at = find_at(text);
	const char *p = text.data;

	if (!p || !at)
		return eii_text_trim(text);
	for (const char *q = p; q < at; q++) {
		const char *after = *q == '"' ? skip_quoted(q, at) : NULL;

		if (after)
			q = after - 1;
		else if (*q == '"')
			break;
		else if (*q == ':')
			p = q + 1;
	}
	return eii_text_trim(eii_text(p, text.len - (size_t)(p - text.data)));
}

/* '@' with something on both sides. */
static bool is_address(struct eii_text text)
{
	const char *at = find_at(text);

	return at && at > text.data && at + 1 < text.data + text.len;
}

/* What one walk over a list of addresses found. */
struct search {
	const char *end;
	struct eii_text first_word; /* a word with '@' that a display name went on behind */
	bool quotes_hide;           /* a quoted string is one piece */
	bool no_close;              /* there is no '>' any more */
};

/* The word at p, with a quoted local part; *out_end is behind it. */
static struct eii_text take_word(struct search *s, const char *p, const char **out_end)
{
	const char *start = p;

	if (*p == '"' && s->quotes_hide) {
		const char *after = skip_quoted(p, s->end);

		/* A quote that never ends hides nothing, and is not looked for again. */
		s->quotes_hide = after != NULL;
		if (!after)
			after = p + 1;
		if (after == s->end || *after != '@') {
			*out_end = after;
			return eii_text(NULL, 0);
		}
		p = after;
	}
	while (p < s->end && !ends_word(*p))
		p++;
	*out_end = p > start ? p : start + 1;
	return eii_text(start, (size_t)(p - start));
}

/* Is this word, from here on, all of its list item? */
static bool is_whole_item(const struct search *s, const char *after)
{
	while (after < s->end && is_space(*after))
		after++;
	return after == s->end || *after == ',' || *after == ';' || *after == '(';
}

/* The address in the angle brackets that open at p; *out_after is where to go on. */
static struct eii_text take_angle(struct search *s, const char *p, const char **out_after)
{
	const char *close = s->no_close ? NULL : memchr(p, '>', (size_t)(s->end - p));
	const char *stop = close ? close : s->end;
	bool is_first = !s->no_close;

	s->no_close = !close;
	*out_after = close ? close + 1 : p + 1;
	if (!is_first || stop - p > ANGLE_MAX)
		return eii_text(NULL, 0);
	while (stop - p > 1 && p[1] == '<') /* "<<a@b.example>>" */
		p++;
	return without_route(eii_text(p + 1, (size_t)(stop - p - 1)));
}

/* A list's first address from p on; a word with '@' in a display name only if nothing else is. */
static struct eii_text find_address(struct search *s, const char *p)
{
	bool item_began = false;

	while (p < s->end) {
		const char *after;
		struct eii_text word;

		if (*p == '(' && s->quotes_hide) {
			p = skip_comment(p, s->end);
			continue;
		}
		if (*p == ',' || *p == ';' || is_space(*p)) {
			item_began = item_began && is_space(*p);
			p++;
			continue;
		}
		if (*p == '<') {
			word = take_angle(s, p, &after);
			if (is_address(word))
				return word;
		} else {
			word = without_route(take_word(s, p, &after));
			if (is_address(word) && !item_began && is_whole_item(s, after))
				return word;
			if (is_address(word) && !s->first_word.len)
				s->first_word = word;
			/* "name:" opens a group, whose first address comes next. */
			item_began = after[-1] != ':';
		}
		p = after;
	}
	return s->first_word;
}

/* Do quotes and comments hide what is in them? */
enum hiding { HIDING, NOT_HIDING };

static struct eii_text search_in(struct eii_text value, enum hiding hiding)
{
	struct search s = { .quotes_hide = hiding == HIDING };

	if (!value.len)
		return value;
	s.end = value.data + value.len;
	return find_address(&s, value.data);
}

/* Without white space and control characters, as UTF-8, cut to its limit. */
static void add_address(struct eii_text address, struct eii_buf *out)
{
	struct eii_buf text;
	size_t len;

	eii_buf_init(&text, address.len * 3);
	eii_charset_decode(address, eii_text(NULL, 0), &text);
	len = eii_utf8_cut(eii_buf_text(&text), ANGLE_MAX);
	for (size_t i = 0; i < len; i++) {
		if (text.data[i] == '(')
			i = (size_t)(skip_comment(text.data + i, text.data + len) - text.data) - 1;
		else if ((unsigned char)text.data[i] > ' ' && text.data[i] != 0x7f)
			eii_buf_add_char(out, text.data[i]);
	}
	eii_buf_clear(&text);
}

/* Does what comes next belong to what stands before blanks and comments? */
static bool joins(const struct eii_buf *before, const char *next, const char *end)
{
	const char last = before->len ? before->data[before->len - 1] : '\0';

	return last == '@' || last == '.' || (next < end && (*next == '@' || *next == '.'));
}

/* Adds the value without comments, and without blanks around '@' and '.' (RFC 5322, 4.4). */
static void close_gaps(struct eii_text value, struct eii_buf *out)
{
	const char *const end = value.data + value.len;
	const char *p = value.data;

	while (p < end) {
		const char *const start = p;
		const char *after;

		while (p < end && (is_space(*p) || *p == '('))
			p = *p == '(' ? skip_comment(p, end) : p + 1;
		if (p > start && !joins(out, p, end))
			eii_buf_add_char(out, ' ');
		if (p == end)
			break;
		after = *p == '"' ? skip_quoted(p, end) : NULL;
		after = after ? after : p + 1;
		eii_buf_add(out, p, (size_t)(after - p));
		p = after;
	}
}

/* "a @ b . example" and "a(comment)@b.example". */
static bool add_gapped(struct eii_text value, struct eii_buf *out)
{
	struct eii_text address;
	struct eii_buf closed;

	eii_buf_init(&closed, value.len);
	close_gaps(value, &closed);
	address = search_in(eii_buf_text(&closed), HIDING);
	if (address.len)
		add_address(address, out);
	eii_buf_clear(&closed);
	return address.len != 0;
}

bool eii_address_first(struct eii_text value, struct eii_buf *out)
{
	struct eii_text address = search_in(value, HIDING);
	struct eii_buf decoded;

	if (!address.len && add_gapped(value, out))
		return true;
	if (!address.len)
		address = search_in(value, NOT_HIDING);
	if (address.len) {
		add_address(address, out);
		return true;
	}
	/* An encoded word may hide it. */
	eii_buf_init(&decoded, value.len * 4 + 64);
	eii_header_text_decode(value, &decoded);
	address = search_in(eii_buf_text(&decoded), NOT_HIDING);
	if (address.len)
		add_address(address, out);
	eii_buf_clear(&decoded);
	return address.len != 0;
}

/* Where the list's item that begins at p ends: at a comma or semicolon that nothing hides. */
static const char *item_end(struct search *s, const char *p)
{
	while (p < s->end && *p != ',' && *p != ';') {
		const char *after = p + 1;

		if (*p == '"' && s->quotes_hide) {
			after = skip_quoted(p, s->end);
			s->quotes_hide = after != NULL;
			after = after ? after : p + 1;
		} else if (*p == '(' && s->quotes_hide) {
			after = skip_comment(p, s->end);
		} else if (*p == '<' && !s->no_close) {
			after = memchr(p, '>', (size_t)(s->end - p));
			s->no_close = after == NULL;
			after = after ? after + 1 : p + 1;
		}
		p = after;
	}
	return p;
}

/* Only what holds one, or an encoded word that may hide one, is worth its search. */
static bool may_hold_address(struct eii_text item)
{
	return item.len && (memchr(item.data, '@', item.len) || eii_text_find(item, "=?"));
}

void eii_address_list(struct eii_text value, size_t max, struct eii_buf *out)
{
	struct search s = { .quotes_hide = true };
	struct eii_buf address;

	if (!value.len)
		return;
	eii_buf_init(&address, ANGLE_MAX);
	s.end = value.data + value.len;
	for (const char *p = value.data; p < s.end;) {
		const char *end = item_end(&s, p);
		struct eii_text item = eii_text(p, (size_t)(end - p));

		eii_buf_reset(&address);
		if (may_hold_address(item) && eii_address_first(item, &address) && address.len &&
		    address.len <= EII_LIMIT_ADDRESS_BYTES) {
			if (out->len + address.len + 1 > max)
				break;
			eii_buf_add_text(out, eii_buf_text(&address));
			eii_buf_add_char(out, '\n');
		}
		p = end < s.end ? end + 1 : end;
	}
	eii_buf_clear(&address);
}
