/* SPDX-License-Identifier: Apache-2.0 */
/* Names of hosts: in the words of a link, and in Punycode (RFC 3492). */
#include "html_private.h"

#include <string.h>

#include "eii/base/text.h"
#include "eii/base/utf8.h"

#define LABEL_CHARS 63
#define HOST_BYTES  255

/* RFC 3492, section 5. */
#define BASE         36u
#define T_MIN        1u
#define T_MAX        26u
#define SKEW         38u
#define DAMP         700u
#define INITIAL_BIAS 72u
#define INITIAL_N    128u

/* Capitals whose small letters are so far behind them. */
static const struct {
	uint16_t first;
	uint16_t last;
	uint8_t step; /* 2: capital and small letter by turns */
	uint8_t plus;
} capitals[] = {
	{ 'A', 'Z', 1, 32 },     { 0xc0, 0xd6, 1, 32 },    { 0xd8, 0xde, 1, 32 },
	{ 0x100, 0x12e, 2, 1 },  { 0x132, 0x136, 2, 1 },   { 0x139, 0x147, 2, 1 },
	{ 0x14a, 0x176, 2, 1 },  { 0x179, 0x17d, 2, 1 },   { 0x391, 0x3a1, 1, 32 },
	{ 0x3a3, 0x3ab, 1, 32 }, { 0x400, 0x40f, 1, 80 },  { 0x410, 0x42f, 1, 32 },
	{ 0x460, 0x480, 2, 1 },  { 0x48a, 0x4be, 2, 1 },   { 0x4d0, 0x52e, 2, 1 },
	{ 0x531, 0x556, 1, 48 }, { 0x1e00, 0x1e94, 2, 1 }, { 0x1ea0, 0x1efe, 2, 1 },
};

/* Soft hyphen, zero width space, word joiner, byte order mark, variation selectors. */
static bool shows_nothing(uint32_t c)
{
	return c == 0xad || c == 0x200b || c == 0x2060 || c == 0xfeff ||
	       (c >= 0xfe00 && c <= 0xfe0f);
}

/*
 * What browsers read in a host (UTS 46), as far as it goes without its tables: small
 * letters, fullwidth forms, other dots; 0: the character is none.
 */
static uint32_t map_point(uint32_t c)
{
	if (c == 0x3002 || c == 0xff0e || c == 0xff61)
		return '.';
	if (shows_nothing(c))
		return 0;
	if (c >= 0xff01 && c <= 0xff5e)
		c -= 0xfee0;
	for (size_t i = 0; i < sizeof(capitals) / sizeof(capitals[0]) && c >= capitals[i].first;
	     i++) {
		if (c <= capitals[i].last && (c - capitals[i].first) % capitals[i].step == 0)
			return c + capitals[i].plus;
	}
	return c;
}

static void add_mapped(struct eii_text text, struct eii_buf *out)
{
	for (size_t i = 0; i < text.len;) {
		uint32_t c = 0xfffd;
		const size_t n = eii_utf8_decode(text.data + i, text.len - i, &c);

		c = map_point(c);
		if (c)
			eii_utf8_add(out, c);
		i += n ? n : 1;
	}
}

static bool is_host_char(char c)
{
	return eii_is_ascii_alpha(c) || eii_is_ascii_digit(c) || c == '-' || c == '.' ||
	       (unsigned char)c >= 0x80;
}

/* Four numbers with dots between them. */
static bool is_ipv4(struct eii_text name)
{
	size_t n_dots = 0;
	size_t n_digits = 0;

	for (size_t i = 0; i < name.len; i++) {
		const bool is_dot = name.data[i] == '.';

		if ((is_dot && n_digits == 0) || (!is_dot && !eii_is_ascii_digit(name.data[i])) ||
		    n_digits > 3)
			return false;
		n_dots += is_dot;
		n_digits = is_dot ? 0 : n_digits + 1;
	}
	return n_dots == 3 && n_digits > 0 && n_digits <= 3;
}

/* An IPv4 address, or a name of at least two labels whose last one is letters, at least two. */
static bool is_host_name(struct eii_text name)
{
	const char *dot = memrchr(name.data, '.', name.len);
	size_t n_last;

	if (!dot || dot == name.data || name.len > HOST_BYTES || name.data[0] == '-' ||
	    dot[-1] == '.')
		return false;
	if (is_ipv4(name))
		return true;
	n_last = name.len - (size_t)(dot + 1 - name.data);
	for (size_t i = 1; i <= n_last; i++) {
		if (eii_is_ascii_digit(dot[i]) || dot[i] == '-')
			return n_last > 4 &&
			       eii_text_starts_nocase(eii_text(dot + 1, n_last), "xn--");
	}
	return n_last >= 2;
}

static struct eii_text without_last_dot(struct eii_text name)
{
	while (name.len && name.data[name.len - 1] == '.')
		name.len--;
	return name;
}

/* Behind "://" any name is a host's, unless it is a user's. */
static bool is_behind_slashes(struct eii_text words, size_t start, size_t end)
{
	return start > 2 && memcmp(words.data + start - 3, "://", 3) == 0 &&
	       (end == words.len || words.data[end] != '@');
}

static bool names_other(struct eii_text words, struct eii_text host)
{
	for (size_t i = 0; i < words.len; i++) {
		const size_t start = i;
		struct eii_text name;

		while (i < words.len && is_host_char(words.data[i]))
			i++;
		name = without_last_dot(eii_text(words.data + start, i - start));
		if (name.len && (is_host_name(name) || is_behind_slashes(words, start, i)) &&
		    !eii_text_equal_nocase(name, host))
			return true;
	}
	return false;
}

bool eii_html_names_other_host(struct eii_text words, struct eii_text host)
{
	struct eii_buf mapped_words;
	struct eii_buf mapped_host;
	bool names;

	eii_buf_init(&mapped_words, words.len * 2 + 1);
	eii_buf_init(&mapped_host, host.len * 2 + 1);
	add_mapped(words, &mapped_words);
	add_mapped(host, &mapped_host);
	names = names_other(eii_buf_text(&mapped_words),
			    without_last_dot(eii_buf_text(&mapped_host)));
	eii_buf_clear(&mapped_host);
	eii_buf_clear(&mapped_words);
	return names;
}

static uint32_t adapt(uint32_t delta, uint32_t n_points, uint32_t damp)
{
	uint32_t k = 0;

	delta /= damp;
	delta += delta / n_points;
	for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
		delta /= BASE - T_MIN;
	return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static void add_number(uint32_t q, uint32_t bias, struct eii_buf *out)
{
	for (uint32_t k = BASE;; k += BASE) {
		const uint32_t t = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
		const uint32_t digit = q < t ? q : t + (q - t) % (BASE - t);

		eii_buf_add_char(out, (char)(digit < 26 ? 'a' + digit : '0' + digit - 26));
		if (q < t)
			return;
		q = (q - t) / (BASE - t);
	}
}

static uint32_t least_from(const uint32_t *points, size_t n, uint32_t from)
{
	uint32_t least = UINT32_MAX;

	for (size_t i = 0; i < n; i++) {
		if (points[i] >= from && points[i] < least)
			least = points[i];
	}
	return least;
}

/* Section 6.3; a label of at most LABEL_CHARS keeps every number far from wrapping. */
static void add_punycode(const uint32_t *points, size_t n_points, struct eii_buf *out)
{
	uint32_t n = INITIAL_N;
	uint32_t delta = 0;
	uint32_t bias = INITIAL_BIAS;
	uint32_t n_basic = 0;
	uint32_t done;

	for (size_t i = 0; i < n_points; i++) {
		if (points[i] >= INITIAL_N)
			continue;
		eii_buf_add_char(out, eii_ascii_lower((char)points[i]));
		n_basic++;
	}
	if (n_basic)
		eii_buf_add_char(out, '-');
	for (done = n_basic; done < n_points; n++, delta++) {
		const uint32_t next = least_from(points, n_points, n);

		delta += (next - n) * (done + 1);
		n = next;
		for (size_t i = 0; i < n_points; i++) {
			delta += points[i] < n;
			if (points[i] != n)
				continue;
			add_number(delta, bias, out);
			bias = adapt(delta, done + 1, done == n_basic ? DAMP : 2);
			delta = 0;
			done++;
		}
	}
}

/* False: too long for a label, or no valid text. */
static bool add_label(struct eii_text label, struct eii_buf *out)
{
	uint32_t points[LABEL_CHARS];
	size_t n_points = 0;
	bool is_ascii = true;

	for (size_t i = 0; i < label.len;) {
		size_t n;

		if (n_points == LABEL_CHARS)
			return false;
		n = eii_utf8_decode(label.data + i, label.len - i, &points[n_points]);
		if (n == 0)
			return false;
		is_ascii = is_ascii && n == 1;
		n_points++;
		i += n;
	}
	if (is_ascii) {
		eii_buf_add_text(out, label);
		return true;
	}
	eii_buf_add_str(out, "xn--");
	add_punycode(points, n_points, out);
	return true;
}

static bool is_ascii_text(struct eii_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.data[i] >= 0x80)
			return false;
	}
	return true;
}

static bool add_labels(struct eii_text host, struct eii_buf *out)
{
	const size_t mark = out->len;

	for (size_t i = 0; i <= host.len; i++) {
		const size_t start = i;

		while (i < host.len && host.data[i] != '.')
			i++;
		if (!add_label(eii_text(host.data + start, i - start), out)) {
			eii_html_take_back(out, mark);
			return false;
		}
		if (i < host.len)
			eii_buf_add_char(out, '.');
	}
	return true;
}

bool eii_html_add_ascii_host(struct eii_text host, struct eii_buf *out)
{
	struct eii_buf mapped;
	bool is_added;

	if (host.len == 0 || is_ascii_text(host))
		return false;
	eii_buf_init(&mapped, host.len * 2 + 1);
	add_mapped(host, &mapped);
	is_added = add_labels(eii_buf_text(&mapped), out);
	eii_buf_clear(&mapped);
	return is_added;
}
