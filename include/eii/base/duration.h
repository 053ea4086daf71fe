/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Durations as the official connector takes them (pydantic's timedelta): ISO
 * 8601 ("PT5M", "P1Y2M3W4DT5H6M7.5S"; a year counts 365 days, a month 30, a
 * fraction only in the last place), days with a time ("1 day, 00:05:00",
 * "3d"), a time alone ("01:00:00"), and "0".
 */
#ifndef EII_BASE_DURATION_H
#define EII_BASE_DURATION_H

#include <stdint.h>

#include "eii/base/error.h"

#define EII_DURATION_MAX_S UINT32_C(3153600000) /* P100Y */
#define EII_DURATION_FORMS "a duration like PT1H, P30D, P1DT12H, 01:00:00 or 1 day, 00:05:00"

/*
 * Parses all of text into whole seconds; a part of a second counts as one.
 *
 * out_s is written only on EII_OK and lies in 0..EII_DURATION_MAX_S.
 * Fails with EII_REJECT on any other text, a negative duration included.
 */
enum eii_rc eii_duration_parse(const char *text, uint32_t *out_s,
			       struct eii_error *err) EII_MUST_CHECK;

#endif
