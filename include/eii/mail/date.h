/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Date field: RFC 5322 with its obsolete forms (4.3), asctime(), and
 * ISO 8601, leniently: missing or wrong weekday, comments, "." for ":", AM and
 * PM, unknown zone names (taken as -0000), numeric offsets before names, second
 * 60 as 59. Years of two digits: 00-49 are 20xx, 50-99 are 19xx; of three: plus
 * 1900 (RFC 5322, 4.3).
 *
 * No guess: a date without a time, without a month's name (unless ISO), or with
 * a number out of range is no date.
 */
#ifndef EII_MAIL_DATE_H
#define EII_MAIL_DATE_H

#include <stdbool.h>

#include "eii/base/text.h"
#include "eii/fields/fields.h"

/* Reads a raw field value, folds included; out is untouched when it returns false. */
bool eii_date_parse(struct eii_text value, struct eii_date *out);

#endif
