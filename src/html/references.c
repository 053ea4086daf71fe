/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "eii/base/bytes.h"
#include "eii/base/utf8.h"
#include "html_private.h"
#include "tables.h"

#define CODE_POINT_END UINT32_C(0x110000)

/* Numeric references to the C1 controls mean windows-1252; 0 = the control itself. */
static const uint16_t windows_1252[32] = {
	0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
	0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
	0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

static uint32_t referred_to(uint32_t c)
{
	if (c == 0 || c >= CODE_POINT_END || (c >= 0xd800 && c <= 0xdfff))
		return 0xfffd;
	if (c >= 0x80 && c <= 0x9f && windows_1252[c - 0x80])
		return windows_1252[c - 0x80];
	return c;
}

static struct eii_text put_code_point(uint32_t c, char room[8])
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if (n == 1) {
		room[0] = (char)c;
		return eii_text(room, 1);
	}
	for (size_t i = n; i-- > 1; c >>= 6)
		room[i] = (char)(0x80 | (c & 0x3f));
	room[0] = (char)((0xf00u >> n & 0xf0u) | c);
	return eii_text(room, n);
}

/* The value of a digit, or base where it is none. */
static uint32_t digit_of(char c, uint32_t base)
{
	uint32_t value = base;

	if (eii_is_ascii_digit(c))
		value = (uint32_t)(c - '0');
	else if (eii_is_ascii_alpha(c))
		value = (uint32_t)(eii_ascii_lower(c) - 'a') + 10;
	return value < base ? value : base;
}

/* "&#1234;" and "&#x12ab;"; p is behind the '#'. */
static size_t read_number(const char *p, const char *end, struct eii_text *out, char room[8])
{
	const bool is_hex = p < end && (*p == 'x' || *p == 'X');
	const uint32_t base = is_hex ? 16 : 10;
	const char *digits = p + is_hex;
	const char *at = digits;
	uint32_t c = 0;

	for (; at < end && digit_of(*at, base) < base; at++) {
		c = c * base + digit_of(*at, base);
		if (c > CODE_POINT_END)
			c = CODE_POINT_END; /* stays too large, never wraps */
	}
	if (at == digits)
		return 0;
	*out = put_code_point(referred_to(c), room);
	if (at < end && *at == ';')
		at++;
	return (size_t)(at - p);
}

static unsigned char name_byte(const struct reference *reference, size_t at)
{
	return (unsigned char)eii_html_reference_names[reference->name + at];
}

/* The first of from to to whose name has at least byte at this place. */
static const struct reference *lower_bound(const struct reference *from, const struct reference *to,
					   size_t at, unsigned int byte)
{
	while (from < to) {
		const struct reference *middle = from + (to - from) / 2;

		/* A name that has ended comes before all that go on. */
		if (at >= middle->name_len || name_byte(middle, at) < byte)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* The longest reference whose name stands at p; NULL: none. */
static const struct reference *find_longest(const char *p, const char *end)
{
	const struct reference *from;
	const struct reference *to;
	const struct reference *longest = NULL;

	if (p == end || !eii_is_ascii_alpha(*p))
		return NULL;
	from = eii_html_references + eii_html_reference_starts[*p - 'A'];
	to = eii_html_references + eii_html_reference_starts[*p - 'A' + 1];
	for (size_t at = 1; from < to && p + at < end; at++) {
		const unsigned char c = (unsigned char)p[at];

		from = lower_bound(from, to, at, c);
		to = lower_bound(from, to, at, c + 1u);
		if (from < to && from->name_len == at + 1)
			longest = from;
	}
	return longest;
}

/* Those that nearly all are; with their ';' no longer name begins so. */
static bool find_common(const char *p, const char *end, size_t *taken, struct eii_text *out)
{
	static const struct {
		const char *name;
		size_t len;
		struct eii_text text;
	} common[] = {
		{ "amp;", 4, { "&", 1 } },   { "nbsp;", 5, { "\xc2\xa0", 2 } },
		{ "lt;", 3, { "<", 1 } },    { "gt;", 3, { ">", 1 } },
		{ "quot;", 5, { "\"", 1 } },
	};

	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++) {
		if ((size_t)(end - p) < common[i].len || *p != common[i].name[0] ||
		    memcmp(p, common[i].name, common[i].len) != 0)
			continue;
		*out = common[i].text;
		*taken = common[i].len + 1;
		return true;
	}
	return false;
}

size_t eii_html_reference(const char *p, const char *end, enum eii_html_reference_place place,
			  struct eii_text *out, char room[8])
{
	const struct reference *found;
	const char *next;
	size_t n;

	p++;
	if (p < end && *p == '#') {
		n = read_number(p + 1, end, out, room);
		return n ? n + 2 : 0;
	}
	if (find_common(p, end, &n, out))
		return n;
	found = find_longest(p, end);
	if (!found)
		return 0;
	next = p + found->name_len;
	if (place == EII_HTML_IN_VALUE && next[-1] != ';' && next < end &&
	    (*next == '=' || eii_is_ascii_alpha(*next) || eii_is_ascii_digit(*next)))
		return 0;
	memcpy(room, found->text, found->len);
	*out = eii_text(room, found->len);
	return (size_t)found->name_len + 1;
}

bool eii_html_is_plain(struct eii_text raw)
{
	size_t i = 0;

	for (; i + EII_BYTES <= raw.len; i += EII_BYTES) {
		const eii_bytes bytes = eii_bytes_at(raw.data + i);

		if (eii_bytes_any((bytes == '&') | (bytes == '\r') | (bytes == 0)))
			return false;
	}
	for (; i < raw.len; i++) {
		const char c = raw.data[i];

		if (c == '&' || c == '\r' || c == '\0')
			return false;
	}
	return true;
}

static bool is_special(char c, enum eii_html_raw kind)
{
	if (kind == EII_HTML_RAW_NAME)
		return c == '\0' || (c >= 'A' && c <= 'Z');
	return c == '\r' || c == '\0' || (c == '&' && kind == EII_HTML_RAW_VALUE);
}

static bool has_special(eii_bytes bytes, enum eii_html_raw kind)
{
	return kind == EII_HTML_RAW_NAME ||
	       eii_bytes_any((bytes == '&') | (bytes == '\r') | (bytes == 0));
}

/* Adds what the special character at p says; gives the bytes it takes. */
static size_t add_special(const char *p, const char *end, struct eii_buf *out)
{
	struct eii_text said = eii_text(p, 1);
	char room[8];
	size_t n = 1;

	if (*p == '&')
		n = eii_html_reference(p, end, EII_HTML_IN_VALUE, &said, room);
	else if (*p == '\r')
		said = end - p > 1 && p[1] == '\n' ? eii_text(p, 0) : eii_text_of("\n");
	else if (*p == '\0')
		said = eii_text_of("\xef\xbf\xbd");
	else
		room[0] = eii_ascii_lower(*p);
	if (*p >= 'A' && *p <= 'Z')
		said = eii_text(room, 1);
	eii_buf_add_text(out, said);
	return n ? n : 1;
}

void eii_html_decode(struct eii_text raw, enum eii_html_raw kind, struct eii_buf *out)
{
	const char *const end = raw.data + raw.len;
	const char *p = raw.data;

	while (p < end) {
		const char *from = p;

		while (end - p >= EII_BYTES && !has_special(eii_bytes_at(p), kind))
			p += EII_BYTES;
		while (p < end && !is_special(*p, kind))
			p++;
		eii_buf_add(out, from, (size_t)(p - from));
		if (p < end)
			p += add_special(p, end, out);
	}
}
