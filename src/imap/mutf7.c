/* SPDX-License-Identifier: Apache-2.0 */
#include "mutf7.h"

#include <stdint.h>
#include <string.h>

#include "eii/base/utf8.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/* A shifted run: UTF-16 in base64 without padding. */
struct run {
	uint32_t bits;
	unsigned n_bits;
};

static void put_unit(struct run *run, uint32_t unit, struct eii_buf *out)
{
	run->bits = run->bits << 16 | unit;
	run->n_bits += 16;
	while (run->n_bits >= 6) {
		run->n_bits -= 6;
		eii_buf_add_char(out, alphabet[run->bits >> run->n_bits & 63]);
	}
}

static void put_character(struct run *run, uint32_t c, struct eii_buf *out)
{
	if (c > 0xffff) {
		put_unit(run, 0xd800 + ((c - 0x10000) >> 10), out);
		put_unit(run, 0xdc00 + ((c - 0x10000) & 0x3ff), out);
	} else {
		put_unit(run, c, out);
	}
}

static void end_run(struct run *run, struct eii_buf *out)
{
	if (run->n_bits)
		eii_buf_add_char(out, alphabet[run->bits << (6 - run->n_bits) & 63]);
	eii_buf_add_char(out, '-');
	*run = (struct run){ 0 };
}

static bool travels_as_is(uint32_t c)
{
	return c >= 0x20 && c <= 0x7e;
}

bool eii_mutf7_encode(struct eii_text name, struct eii_buf *out)
{
	struct run run = { 0 };
	bool is_shifted = false;

	if (!eii_utf8_is_valid(name))
		return false;
	for (size_t i = 0; i < name.len;) {
		uint32_t c;

		i += eii_utf8_decode(name.data + i, name.len - i, &c);
		if (travels_as_is(c) == is_shifted) {
			if (is_shifted)
				end_run(&run, out);
			else
				eii_buf_add_char(out, '&');
			is_shifted = !is_shifted;
		}
		if (is_shifted)
			put_character(&run, c, out);
		else
			eii_buf_add_char(out, (char)c);
		if (c == '&')
			eii_buf_add_char(out, '-');
	}
	if (is_shifted)
		end_run(&run, out);
	return true;
}

/* Puts the units of a run together; false for halves of pairs. */
static bool add_unit(uint32_t unit, uint32_t *high, struct eii_buf *out)
{
	bool is_low = unit >= 0xdc00 && unit <= 0xdfff;

	if (is_low != (*high != 0))
		return false;
	if (unit >= 0xd800 && unit <= 0xdbff) {
		*high = unit;
		return true;
	}
	eii_utf8_add(out, is_low ? 0x10000 + ((*high - 0xd800) << 10) + (unit - 0xdc00) : unit);
	*high = 0;
	return true;
}

static bool decode_run(struct eii_text run, struct eii_buf *out)
{
	uint32_t bits = 0, high = 0;
	unsigned n_bits = 0;

	for (size_t i = 0; i < run.len; i++) {
		const char *place = memchr(alphabet, run.data[i], sizeof(alphabet) - 1);

		if (!place)
			return false;
		bits = bits << 6 | (uint32_t)(place - alphabet);
		n_bits += 6;
		if (n_bits < 16)
			continue;
		n_bits -= 16;
		if (!add_unit(bits >> n_bits & 0xffff, &high, out))
			return false;
	}
	return !high && n_bits < 6 && !(bits & ((1U << n_bits) - 1));
}

static bool decode_all(struct eii_text name, struct eii_buf *out)
{
	for (size_t i = 0; i < name.len; i++) {
		const char *end;
		struct eii_text run;

		if (name.data[i] != '&') {
			eii_buf_add_char(out, name.data[i]);
			continue;
		}
		end = memchr(name.data + i, '-', name.len - i);
		if (!end)
			return false;
		run = eii_text(name.data + i + 1, (size_t)(end - (name.data + i + 1)));
		if (!run.len)
			eii_buf_add_char(out, '&');
		else if (!decode_run(run, out))
			return false;
		i += run.len + 1;
	}
	return true;
}

void eii_mutf7_decode(struct eii_text name, struct eii_buf *out)
{
	size_t before = out->len;

	if (decode_all(name, out))
		return;
	out->len = before;
	eii_buf_add_text(out, name);
}
