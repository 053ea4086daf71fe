/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any header field as text, as parameters and as addresses: UTF-8 without NUL and
 * line ends, and never more than four bytes for one.
 */
#include <stdint.h>
#include <stdlib.h>

#include "eii/base/utf8.h"
#include "eii/mail/address.h"
#include "eii/mail/header_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct eii_buf *out)
{
	if (!eii_buf_ok(out) || !eii_utf8_is_valid(eii_buf_text(out)))
		abort();
	for (size_t i = 0; i < out->len; i++) {
		if (out->data[i] == '\0' || out->data[i] == '\n' || out->data[i] == '\r')
			abort();
	}
	eii_buf_reset(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eii_text value = eii_text((const char *)data, size);
	struct eii_header_params params;
	struct eii_buf out;

	eii_buf_init(&out, size * 4 + 1024);
	eii_header_text_decode(value, &out);
	check(&out);
	eii_header_text_decode_as(value, eii_text_of("gb18030"), &out);
	check(&out);
	eii_header_params_init(&params, value);
	if (!eii_header_params_find(&params, "filename", &out) && out.len)
		abort();
	check(&out);
	if (!eii_address_first(value, &out) && out.len)
		abort();
	check(&out);
	eii_buf_clear(&out);
	return 0;
}
