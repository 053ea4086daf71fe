/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any Date field: no date, or one that can be written down.
 */
#include <stdint.h>
#include <stdlib.h>

#include "eii/mail/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eii_date date = { .unix_s = 42 };

	if (!eii_date_parse(eii_text((const char *)data, size), &date)) {
		if (date.is_known || date.unix_s != 42)
			abort();
		return 0;
	}
	/* 0001-01-01T00:00:00Z up to 9999-12-31T23:59:59Z. */
	if (!date.is_known || date.unix_s < INT64_C(-62135596800) ||
	    date.unix_s > INT64_C(253402300799))
		abort();
	if (date.offset_min < -1439 || date.offset_min > 1439 ||
	    (!date.has_offset && date.offset_min != 0))
		abort();
	return 0;
}
