/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two forms in which IMAP writes dates (RFC 3501, section 9).
 */
#ifndef EII_IMAP_DATES_H
#define EII_IMAP_DATES_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/text.h"

#define EII_IMAP_DAY_MAX 16 /* bytes of a day with its NUL */

/* date-time: " 7-Jul-1996 02:44:25 -0700", years 1 to 9999. */
bool eii_imap_date_parse(struct eii_text text, int64_t *out_unix_s);

/* date: the day of an instant in UTC, "7-Jul-1996"; years before 1970 become 1970. */
void eii_imap_day_format(int64_t unix_s, char out[EII_IMAP_DAY_MAX]);

#endif
