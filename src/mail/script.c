/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses in text of no known form, and in scripts, which are seldom written as they are: escapes
 * of strings are undone (ECMA-262, 12.9.4), strings that are added to one another joined, percent
 * signs and base64 decoded, each once. No script is run: what is computed is not found.
 */
#include "eii/base/utf8.h"
#include "eii/mail/addresses.h"
#include "eii/mail/charset.h"
#include "eii/mail/transfer.h"
#include "html_private.h"

#define BASE64_MIN 16 /* characters of a string that may be an address in base64 */

static struct eii_text from(struct eii_text text, size_t n)
{
	return eii_text(text.data + n, text.len - n);
}

static bool ends_address(char c)
{
	return (unsigned char)c <= ' ' || (c && strchr("\"'<>`|^{}()[]", c));
}

size_t eii_address_prefix(struct eii_text text)
{
	static const char *const prefixes[] = { "http://", "https://", "http:\\/\\/",
						"https:\\/\\/", "ftp://" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		const size_t n = strlen(prefixes[i]);

		if (text.len > n && eii_text_starts_nocase(text, prefixes[i]) &&
		    !ends_address(text.data[n]))
			return n;
	}
	return 0;
}

static bool ends_sentence(char c)
{
	return c && strchr(".,;:!?*", c);
}

/* The address that begins at text, in which a script may have written "\/". */
static size_t add_address(struct eii_text text, struct eii_buf *out)
{
	size_t n = 0;

	for (; n < text.len && !ends_address(text.data[n]); n++) {
		if (text.data[n] != '\\')
			eii_buf_add_char(out, text.data[n]);
		else if (n + 1 == text.len || text.data[n + 1] != '/')
			break;
	}
	while (out->len && ends_sentence(out->data[out->len - 1]))
		out->len--;
	return n;
}

void eii_addresses_add_found(struct eii_addresses *addresses, enum eii_address_kind kind,
			     struct eii_text text)
{
	size_t i = 0;

	while (i + 7 < text.len) {
		const char *colon = memchr(text.data + i, ':', text.len - i);
		size_t at;
		struct eii_buf address;

		if (!colon)
			return;
		at = (size_t)(colon - text.data);
		i = at + 1;
		if (at >= 5 && eii_address_prefix(from(text, at - 5)))
			at -= 5;
		else if (at >= 4 && eii_address_prefix(from(text, at - 4)))
			at -= 4;
		else if (at >= 3 && eii_address_prefix(from(text, at - 3)))
			at -= 3;
		else
			continue;
		eii_buf_init(&address, text.len - at);
		i = at + add_address(from(text, at), &address);
		eii_addresses_add(addresses, kind, eii_buf_text(&address));
		eii_buf_clear(&address);
	}
}

static void add_one(struct eii_addresses *addresses, enum eii_address_kind kind,
		    struct eii_text text)
{
	struct eii_buf address;

	eii_buf_init(&address, text.len);
	(void)add_address(text, &address);
	eii_addresses_add(addresses, kind, eii_buf_text(&address));
	eii_buf_clear(&address);
}

/* Each word that begins so and goes on. */
static void add_words(struct eii_addresses *addresses, enum eii_address_kind kind,
		      struct eii_text text, const char *begin)
{
	const size_t len = strlen(begin);
	size_t at = 0;

	while (text.len - at > len) {
		const char *mark = memchr(text.data + at, begin[len - 1], text.len - at);
		size_t start;

		if (!mark)
			return;
		at = (size_t)(mark - text.data) + 1;
		if (at < len || at == text.len || ends_address(text.data[at]))
			continue;
		start = at - len;
		if (eii_text_starts_nocase(from(text, start), begin) &&
		    (start == 0 || ends_address(text.data[start - 1])))
			add_one(addresses, kind, from(text, start));
	}
}

void eii_addresses_add_followed(struct eii_addresses *addresses, enum eii_address_kind kind,
				struct eii_text text)
{
	eii_addresses_add_found(addresses, kind, text);
	add_words(addresses, kind, text, "mailto:");
	add_words(addresses, kind, text, "www.");
}

/* ---- scripts ----------------------------------------------------------------- */

static int hex_digit(char c)
{
	if (eii_is_ascii_digit(c))
		return c - '0';
	c = eii_ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'' || c == '`';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* So many hexadecimal digits at p, at least one; gives where they end, or NULL. */
static const char *read_hex(const char *p, const char *end, size_t max, uint32_t *out)
{
	const char *const start = p;

	*out = 0;
	while (p < end && (size_t)(p - start) < max && hex_digit(*p) >= 0)
		*out = *out << 4 | (uint32_t)hex_digit(*p++);
	return p > start ? p : NULL;
}

/* "HH" of "\\xHH", "HHHH" of "\\uHHHH", "{H...}" of "\\u{H...}"; behind the letter. */
static const char *read_number(const char *p, const char *end, uint32_t *out)
{
	const size_t wanted = p[-1] == 'x' ? 2 : 4;
	const char *after;

	if (p[-1] == 'u' && p < end && *p == '{') {
		after = read_hex(p + 1, end, 6, out);
		return after && after < end && *after == '}' ? after + 1 : NULL;
	}
	after = read_hex(p, end, wanted, out);
	return after && (size_t)(after - p) == wanted ? after : NULL;
}

static const char *read_octal(const char *p, const char *end, uint32_t *out)
{
	const char *const last = end - p > 3 ? p + 3 : end;

	*out = 0;
	while (p < last && *p >= '0' && *p <= '7' && *out < 32)
		*out = *out << 3 | (uint32_t)(*p++ - '0');
	return p;
}

/* Behind a backslash; gives where the escape ends. */
static const char *undo_escape(const char *p, const char *end, struct eii_buf *out)
{
	const char *after = NULL;
	uint32_t c = 0;

	if (*p == 'x' || *p == 'u')
		after = read_number(p + 1, end, &c);
	else if (*p >= '0' && *p <= '7')
		after = read_octal(p, end, &c);
	if (after) {
		eii_utf8_add(out, c);
		return after;
	}
	if (*p == '\r' || *p == '\n') /* the string goes on in the next line */
		return p + 1 + (*p == '\r' && p + 1 < end && p[1] == '\n');
	eii_buf_add_char(out, strchr("nrtbfv", *p) && *p ? ' ' : *p);
	return p + 1;
}

/* Behind the quotation mark at p: the next string, where that is added; else NULL. */
static const char *skip_addition(const char *p, const char *end)
{
	for (p++; p < end && is_blank(*p); p++)
		;
	if (p == end || *p != '+')
		return NULL;
	for (p++; p < end && is_blank(*p); p++)
		;
	return p < end && is_quote(*p) ? p + 1 : NULL;
}

static void undo_escapes(struct eii_text text, struct eii_buf *out)
{
	const char *const end = text.data + text.len;
	const char *p = text.data;

	while (p < end) {
		const char *next = is_quote(*p) ? skip_addition(p, end) : NULL;

		if (next) {
			p = next;
		} else if (*p == '\\' && p + 1 < end) {
			p = undo_escape(p + 1, end, out);
		} else {
			eii_buf_add_char(out, *p++);
		}
	}
}

/* Bytes that were decoded, of whatever charset. */
static void find_in_bytes(struct eii_addresses *addresses, enum eii_address_kind kind,
			  struct eii_text bytes)
{
	struct eii_buf text;

	eii_buf_init(&text, bytes.len * 4 + 4);
	eii_charset_decode(bytes, eii_text(NULL, 0), &text);
	eii_addresses_add_found(addresses, kind, eii_buf_text(&text));
	eii_buf_clear(&text);
}

/* What unescape() would give; colons that were written as such are found already. */
static void undo_percent(struct eii_text text, struct eii_buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		const bool may_be = text.data[i] == '%' && text.len - i > 2;
		const int high = may_be ? hex_digit(text.data[i + 1]) : -1;
		const int low = may_be ? hex_digit(text.data[i + 2]) : -1;

		if (high >= 0 && low >= 0) {
			eii_buf_add_char(out, (char)(high << 4 | low));
			i += 2;
		} else {
			eii_buf_add_char(out, text.data[i] == ':' ? ' ' : text.data[i]);
		}
	}
}

static void find_percent(struct eii_addresses *addresses, enum eii_address_kind kind,
			 struct eii_text text)
{
	struct eii_buf plain;

	if (!memmem(text.data, text.len, "%3a", 3) && !memmem(text.data, text.len, "%3A", 3))
		return;
	eii_buf_init(&plain, text.len);
	undo_percent(text, &plain);
	find_in_bytes(addresses, kind, eii_buf_text(&plain));
	eii_buf_clear(&plain);
}

static bool is_base64_char(char c)
{
	return eii_is_ascii_alpha(c) || eii_is_ascii_digit(c) || c == '+' || c == '/' || c == '=';
}

/* Strings of nothing but base64, as atob() takes them. */
static void find_base64(struct eii_addresses *addresses, enum eii_address_kind kind,
			struct eii_text text)
{
	const char *const end = text.data + text.len;
	struct eii_buf plain;

	eii_buf_init(&plain, text.len);
	for (const char *p = text.data; p < end; p++) {
		const char *start = p + 1;
		const char *q = start;

		if (!is_quote(*p))
			continue;
		while (q < end && is_base64_char(*q))
			q++;
		p = q - 1;
		if (q == end || !is_quote(*q) || q - start < BASE64_MIN)
			continue;
		(void)eii_base64_lenient(eii_text(start, (size_t)(q - start)), &plain);
		find_in_bytes(addresses, kind, eii_buf_text(&plain));
		eii_buf_reset(&plain);
	}
	eii_buf_clear(&plain);
}

void eii_addresses_add_scripted(struct eii_addresses *addresses, enum eii_address_kind kind,
				struct eii_text text)
{
	struct eii_buf plain;

	if (!addresses || !text.len)
		return;
	/* No escape stands for more bytes than it has. */
	eii_buf_init(&plain, text.len);
	undo_escapes(text, &plain);
	eii_addresses_add_found(addresses, kind, eii_buf_text(&plain));
	find_percent(addresses, kind, eii_buf_text(&plain));
	find_base64(addresses, kind, eii_buf_text(&plain));
	eii_buf_clear(&plain);
}
