/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes in any charset: the first byte chooses it, the second one where the text is cut
 * as well. UTF-8 comes out, never more than three bytes for one of an encoding of our
 * own, and of a cut text the same but for its end.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "charset_standard.h"
#include "charset_table.h"
#include "eii/base/utf8.h"
#include "eii/mail/charset.h"

#define ENCODINGS (EII_ENCODING_EUC_KR + 1)

/* Characters that can stand for one that is cut: errors, and an escape's own bytes. */
#define CUT_MAX 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const struct eii_buf *out)
{
	if (!eii_buf_ok(out) || !eii_utf8_is_valid(eii_buf_text(out)))
		abort();
}

static void check_standard(enum eii_encoding encoding, struct eii_text bytes, size_t cut)
{
	struct eii_buf whole;
	struct eii_buf part;

	eii_buf_init(&whole, bytes.len * 3);
	eii_buf_init(&part, bytes.len * 3);
	(void)eii_charset_standard_decode(encoding, bytes, &whole);
	(void)eii_charset_standard_decode(encoding, eii_text(bytes.data, cut), &part);
	check_text(&whole);
	check_text(&part);
	for (int i = 0; i < CUT_MAX && memcmp(part.data, whole.data, part.len) != 0; i++)
		part.len = eii_utf8_cut(eii_buf_text(&part), part.len - 1);
	if (memcmp(part.data, whole.data, part.len) != 0)
		abort();
	eii_buf_clear(&part);
	eii_buf_clear(&whole);
}

static void check_label(struct eii_text label, struct eii_text bytes)
{
	struct eii_buf out;

	eii_buf_init(&out, bytes.len * 4 + 64);
	eii_charset_decode(bytes, label, &out);
	check_text(&out);
	eii_buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n;
	const struct eii_charset *held = eii_charset_table(&n);
	struct eii_text bytes;
	const char *end;

	if (size < 2)
		return 0;
	bytes = eii_text((const char *)data + 2, size - 2);
	if (data[0] < ENCODINGS)
		check_standard((enum eii_encoding)data[0], bytes,
			       data[1] < bytes.len ? data[1] : bytes.len);
	else if (data[0] < ENCODINGS + n)
		check_label(eii_text_of(held[data[0] - ENCODINGS].iconv_name), bytes);
	/* Or the first line is a label. */
	end = memchr(data, '\n', size);
	if (end) {
		size_t len = (size_t)(end - (const char *)data);

		check_label(eii_text((const char *)data, len), eii_text(end + 1, size - len - 1));
	}
	return 0;
}
