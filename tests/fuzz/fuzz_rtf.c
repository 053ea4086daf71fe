/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RTF, as it is and compressed: what is read of it is UTF-8 within its ceiling.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "eii/base/utf8.h"
#include "eii/mail/charset.h"
#include "eii/mail/rtf.h"

#define CEILING 1048576

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_rtf(struct eii_text rtf)
{
	struct eii_buf out;
	enum eii_rtf kind;

	eii_buf_init(&out, CEILING);
	kind = eii_rtf_read(rtf, &out);
	if (!eii_utf8_is_valid(eii_buf_text(&out)) || out.len > CEILING ||
	    (kind == EII_RTF_NONE && out.len) || memchr(out.data, '\0', out.len))
		abort();
	eii_buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eii_text bytes = eii_text((const char *)data, size);
	static bool is_prepared;
	struct eii_buf rtf;

	if (!is_prepared) {
		eii_charset_prepare();
		is_prepared = true;
	}
	read_rtf(bytes);
	eii_buf_init(&rtf, CEILING);
	(void)eii_rtf_decompress(bytes, &rtf);
	read_rtf(eii_buf_text(&rtf));
	eii_buf_clear(&rtf);
	return 0;
}
