/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/veil.h"

#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/base64.h"
#include "eii/base/utf8.h"

#define GRAM     4    /* bytes that words may not share with a secret */
#define ECHO_MIN 16   /* bytes that they may not share with a command */
#define LINE_MAX 4096 /* bytes of a command that are kept */
#define READ_MAX 2048 /* bytes of a server's words that are looked at */

static const char hidden[] = "***";

/* ---- what is known ----------------------------------------------------- */

void eii_veil_init(struct eii_veil *veil)
{
	*veil = (struct eii_veil){ 0 };
	eii_buf_init(&veil->line, LINE_MAX);
}

void eii_veil_clear(struct eii_veil *veil)
{
	if (veil->grams)
		explicit_bzero(veil->grams, veil->capacity * sizeof(*veil->grams));
	free(veil->grams);
	eii_buf_clear(&veil->line);
	explicit_bzero(veil, sizeof(*veil));
}

static uint32_t gram_at(const char *p)
{
	uint32_t gram;

	memcpy(&gram, p, sizeof(gram));
	return gram;
}

static uint32_t lower_gram_at(const char *p)
{
	char lower[GRAM];

	for (size_t i = 0; i < GRAM; i++)
		lower[i] = eii_ascii_lower(p[i]);
	return gram_at(lower);
}

static int compare_grams(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* realloc() would leave a copy of the old ones behind. */
static void make_room(struct eii_veil *veil, size_t n)
{
	size_t capacity = veil->n_grams + n;
	uint32_t *grams;

	if (capacity <= veil->capacity)
		return;
	grams = eii_calloc(capacity, sizeof(*grams));
	if (veil->grams) {
		memcpy(grams, veil->grams, veil->n_grams * sizeof(*grams));
		explicit_bzero(veil->grams, veil->capacity * sizeof(*grams));
		free(veil->grams);
	}
	veil->grams = grams;
	veil->capacity = capacity;
}

static void sort_grams(struct eii_veil *veil)
{
	if (veil->n_grams)
		qsort(veil->grams, veil->n_grams, sizeof(*veil->grams), compare_grams);
}

static void add_grams(struct eii_veil *veil, const char *text, size_t len)
{
	if (len < GRAM)
		return;
	make_room(veil, len - GRAM + 1);
	for (size_t i = 0; i + GRAM <= len; i++)
		veil->grams[veil->n_grams++] = gram_at(text + i);
}

/* base64 of a part has the same characters as base64 of all from one of three places on. */
static void add_base64_of(struct eii_veil *veil, struct eii_text secret)
{
	for (size_t from = 0; from < 3 && from < secret.len; from++) {
		size_t len = secret.len - from, size = eii_base64_size(len);
		char *base64 = eii_calloc(size, 1);

		eii_base64_encode(secret.data + from, len, base64);
		/* Without the padding, which other parts would not have. */
		add_grams(veil, base64, (len * 8 + 5) / 6);
		explicit_bzero(base64, size);
		free(base64);
	}
}

static void add_lower(struct eii_veil *veil, struct eii_text secret)
{
	make_room(veil, secret.len);
	for (size_t i = 0; i + GRAM <= secret.len; i++)
		veil->grams[veil->n_grams++] = lower_gram_at(secret.data + i);
}

void eii_veil_add_secret(struct eii_veil *veil, struct eii_text secret)
{
	if (secret.len && secret.len < GRAM && veil->n_shorts < 8)
		memcpy(veil->shorts[veil->n_shorts++], secret.data, secret.len);
	add_grams(veil, secret.data, secret.len);
	if (secret.len >= GRAM)
		add_lower(veil, secret);
	add_base64_of(veil, secret);
	sort_grams(veil);
}

void eii_veil_add_base64(struct eii_veil *veil, struct eii_text base64)
{
	while (base64.len && base64.data[base64.len - 1] == '=')
		base64.len--;
	add_grams(veil, base64.data, base64.len);
	sort_grams(veil);
}

void eii_veil_set_line(struct eii_veil *veil, struct eii_text line)
{
	eii_buf_reset(&veil->line);
	eii_buf_add(&veil->line, line.data, line.len < LINE_MAX ? line.len : LINE_MAX);
}

/* ---- what is hidden ---------------------------------------------------- */

static bool knows_gram(const struct eii_veil *veil, uint32_t gram)
{
	return veil->n_grams &&
	       bsearch(&gram, veil->grams, veil->n_grams, sizeof(gram), compare_grams);
}

/* base64 for URLs (RFC 4648, section 5) has two characters of its own. */
static uint32_t plain_gram_at(const char *p)
{
	char plain[GRAM];

	for (size_t i = 0; i < GRAM; i++)
		plain[i] = (char)(p[i] == '-' ? '+' : p[i] == '_' ? '/' : p[i]);
	return gram_at(plain);
}

static bool is_secret_at(const struct eii_veil *veil, const char *p)
{
	return knows_gram(veil, gram_at(p)) || knows_gram(veil, lower_gram_at(p)) ||
	       knows_gram(veil, plain_gram_at(p));
}

static bool is_echo_at(const struct eii_veil *veil, const char *p, size_t len)
{
	return len >= ECHO_MIN && veil->line.len >= ECHO_MIN &&
	       memmem(veil->line.data, veil->line.len, p, ECHO_MIN);
}

static bool is_word_char(char c)
{
	return eii_is_ascii_alpha(c) || eii_is_ascii_digit(c);
}

/* Bytes of a short secret that stands at i as a word of its own; 0 = none. */
static size_t short_at(const struct eii_veil *veil, struct eii_text text, size_t i)
{
	for (size_t k = 0; k < veil->n_shorts; k++) {
		size_t n = strnlen(veil->shorts[k], GRAM);

		if (i + n <= text.len && memcmp(text.data + i, veil->shorts[k], n) == 0 &&
		    (i == 0 || !is_word_char(text.data[i - 1])) &&
		    (i + n == text.len || !is_word_char(text.data[i + n])))
			return n;
	}
	return 0;
}

/* Bytes from i on that must not be shown; 0 = none. */
static size_t hidden_at(const struct eii_veil *veil, struct eii_text text, size_t i)
{
	if (text.len - i >= GRAM && is_secret_at(veil, text.data + i))
		return GRAM;
	if (is_echo_at(veil, text.data + i, text.len - i))
		return ECHO_MIN;
	return short_at(veil, text, i);
}

/* The words between blanks that have something to hide become "***". */
static void add_veiled(const struct eii_veil *veil, struct eii_text text, struct eii_buf *out)
{
	size_t start = 0, hidden_to = 0;

	for (size_t i = 0; i < text.len; i++) {
		size_t n = hidden_at(veil, text, i);

		if (n && i + n > hidden_to)
			hidden_to = i + n;
		if (text.data[i] != ' ' || i < hidden_to)
			continue;
		if (hidden_to > start)
			eii_buf_add_str(out, hidden);
		else
			eii_buf_add(out, text.data + start, i - start);
		eii_buf_add_char(out, ' ');
		start = i + 1;
	}
	if (hidden_to > start)
		eii_buf_add_str(out, hidden);
	else
		eii_buf_add(out, text.data + start, text.len - start);
}

/* ---- one line ---------------------------------------------------------- */

static void make_line(struct eii_text text, char *out, size_t capacity)
{
	size_t len = 0;

	for (size_t i = 0; i < text.len;) {
		uint32_t c = '?';
		size_t n = eii_utf8_decode(text.data + i, text.len - i, &c);
		bool is_bad =
			!n || c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;

		if (len + (is_bad ? 1 : n) >= capacity)
			break;
		if (is_bad)
			out[len++] = '?';
		else
			memcpy(out + len, text.data + i, n);
		len += is_bad ? 0 : n;
		i += n ? n : 1;
	}
	out[len] = '\0';
}

/* What is cut off could be the rest of a secret: the piece before the cut goes too. */
static struct eii_text cut_long(struct eii_text text)
{
	if (text.len <= READ_MAX)
		return text;
	text.len = READ_MAX;
	while (text.len && text.data[text.len - 1] != ' ')
		text.len--;
	return text;
}

void eii_veil_words(const struct eii_veil *veil, struct eii_text text, char *out, size_t capacity)
{
	struct eii_buf veiled;

	if (!veil) {
		make_line(text, out, capacity);
		return;
	}
	eii_buf_init(&veiled, (size_t)4 * READ_MAX);
	add_veiled(veil, cut_long(text), &veiled);
	make_line(eii_buf_text(&veiled), out, capacity);
	eii_buf_clear(&veiled);
}
