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

static bool is_host_char(char c)
{
	return eii_is_ascii_alpha(c) || eii_is_ascii_digit(c) || c == '-' || c == '.' ||
	       (unsigned char)c >= 0x80;
}

/* A name of at least two labels whose last one is letters, at least two. */
static bool is_host_name(struct eii_text name)
{
	const char *dot = memrchr(name.data, '.', name.len);
	size_t n_last;

	if (!dot || dot == name.data || name.len > HOST_BYTES || name.data[0] == '-' ||
	    dot[-1] == '.')
		return false;
	n_last = name.len - (size_t)(dot + 1 - name.data);
	for (size_t i = 1; i <= n_last; i++) {
		if (eii_is_ascii_digit(dot[i]) || dot[i] == '-')
			return n_last > 4 &&
			       eii_text_starts_nocase(eii_text(dot + 1, n_last), "xn--");
	}
	return n_last >= 2;
}

bool eii_html_names_other_host(struct eii_text words, struct eii_text host)
{
	for (size_t i = 0; i < words.len; i++) {
		const size_t start = i;
		struct eii_text name;

		while (i < words.len && is_host_char(words.data[i]))
			i++;
		name = eii_text(words.data + start, i - start);
		while (name.len && name.data[name.len - 1] == '.')
			name.len--;
		if (name.len && is_host_name(name) && !eii_text_equal_nocase(name, host))
			return true;
	}
	return false;
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

bool eii_html_add_ascii_host(struct eii_text host, struct eii_buf *out)
{
	const size_t mark = out->len;

	if (host.len == 0 || is_ascii_text(host))
		return false;
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
