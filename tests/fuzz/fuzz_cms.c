/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CMS: whatever it holds, the content is no longer than the object, and what is
 * not signed stays as it was.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "eii/mail/cms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eii_buf bytes;
	enum eii_cms result;

	eii_buf_init(&bytes, size);
	eii_buf_add(&bytes, data, size);
	result = eii_cms_open(&bytes);
	if (bytes.len > size)
		abort();
	if (result == EII_CMS_SIGNED || result == EII_CMS_SIGNED_CUT) {
		/* Only what is one is looked into. */
		if (!eii_cms_starts(eii_text((const char *)data, size)))
			abort();
	} else if (bytes.len != size || (size && memcmp(bytes.data, data, size) != 0)) {
		abort();
	}
	eii_buf_clear(&bytes);
	return 0;
}
