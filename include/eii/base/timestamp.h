/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instants as text: RFC 3339 as STIX and Python write it, and IMAP's date-time.
 * The proleptic Gregorian calendar, years 0001 to 9999, no leap seconds.
 */
#ifndef EII_BASE_TIMESTAMP_H
#define EII_BASE_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/text.h"

#define EII_TIMESTAMP_MIN_S      INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define EII_TIMESTAMP_MAX_S      INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define EII_TIMESTAMP_TEXT_BYTES 40

struct eii_timestamp_civil {
	int year, month, day; /* month and day from 1 */
	int hour, minute, second;
};

/* An instant outside the years 0001 to 9999 is taken as the nearest inside. */
int64_t eii_timestamp_clamp(int64_t unix_s);
struct eii_timestamp_civil eii_timestamp_to_civil(int64_t unix_s);

/* False (and *out as it was) for a date or time that does not exist; 23:59:60 does not. */
bool eii_timestamp_from_civil(const struct eii_timestamp_civil *civil, int64_t *out_unix_s);

/* 2026-08-20T13:56:00.000Z; milliseconds 0 to 999. */
void eii_timestamp_format(int64_t unix_s, unsigned milliseconds,
			  char out[EII_TIMESTAMP_TEXT_BYTES]);

/* 2026-08-20T13:56:00+00:00, as Python's isoformat() writes UTC. */
void eii_timestamp_format_iso(int64_t unix_s, char out[EII_TIMESTAMP_TEXT_BYTES]);

/*
 * Date, time and offset with a space between the first two, as Python's str()
 * writes it: "2026-03-03 10:20:30+01:00". The instant is unix_s; its local time
 * is shown (UTC where that would leave the years 0001 to 9999).
 */
void eii_timestamp_format_local(int64_t unix_s, int32_t offset_min,
				char out[EII_TIMESTAMP_TEXT_BYTES]);

/*
 * RFC 3339 as Python's isoformat() writes it: "T" or a space between date and
 * time, any number of fraction digits (dropped), "Z" or an offset, none = UTC.
 * False (and *out as it was) for any other text.
 */
bool eii_timestamp_parse(struct eii_text text, int64_t *out_unix_s);

/* IMAP's date-time (RFC 3501): "17-Jul-1996 02:44:25 -0700", the day also " 7". */
bool eii_timestamp_parse_imap(struct eii_text text, int64_t *out_unix_s);

#endif
