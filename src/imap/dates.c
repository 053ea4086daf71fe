/* SPDX-License-Identifier: Apache-2.0 */
#include "dates.h"

#include <stdio.h>
#include <time.h>

#include "scan.h"

#define LAST_UNIX_S INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
				      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static bool scan_digits(struct eii_imap_scan *scan, int n, int max, int *out)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (eii_imap_scan_is_done(scan) || !eii_is_ascii_digit(*scan->at))
			return false;
		value = value * 10 + (*scan->at++ - '0');
	}
	*out = value;
	return value <= max;
}

static bool scan_month(struct eii_imap_scan *scan, int *out)
{
	for (int i = 0; i < 12; i++) {
		if (eii_text_starts_nocase(eii_imap_scan_rest(scan), months[i])) {
			scan->at += 3;
			*out = i;
			return true;
		}
	}
	return false;
}

/* Some servers leave the blank of a one-digit day out. */
static bool scan_day(struct eii_imap_scan *scan, int *out)
{
	int digits = 2;

	while (eii_imap_scan_char(scan, ' '))
		digits = 1;
	if (digits == 2 && scan->end - scan->at > 1 && scan->at[1] == '-')
		digits = 1;
	return scan_digits(scan, digits, 31, out) && *out >= 1;
}

static bool scan_zone(struct eii_imap_scan *scan, int *out_s)
{
	bool is_west = eii_imap_scan_char(scan, '-');
	int hours, minutes;

	if (!is_west && !eii_imap_scan_char(scan, '+'))
		return false;
	if (!scan_digits(scan, 2, 99, &hours) || !scan_digits(scan, 2, 59, &minutes))
		return false;
	*out_s = (hours * 3600 + minutes * 60) * (is_west ? -1 : 1);
	return true;
}

static bool scan_clock(struct eii_imap_scan *scan, struct tm *tm)
{
	return scan_digits(scan, 2, 23, &tm->tm_hour) && eii_imap_scan_char(scan, ':') &&
	       scan_digits(scan, 2, 59, &tm->tm_min) && eii_imap_scan_char(scan, ':') &&
	       scan_digits(scan, 2, 60, &tm->tm_sec);
}

bool eii_imap_date_parse(struct eii_text text, int64_t *out_unix_s)
{
	struct eii_imap_scan scan = eii_imap_scan_of(text);
	struct tm tm = { 0 };
	int year, zone_s;

	if (!scan_day(&scan, &tm.tm_mday) || !eii_imap_scan_char(&scan, '-') ||
	    !scan_month(&scan, &tm.tm_mon) || !eii_imap_scan_char(&scan, '-') ||
	    !scan_digits(&scan, 4, 9999, &year) || year < 1)
		return false;
	if (!eii_imap_scan_char(&scan, ' ') || !scan_clock(&scan, &tm) ||
	    !eii_imap_scan_char(&scan, ' ') || !scan_zone(&scan, &zone_s) ||
	    !eii_imap_scan_is_done(&scan))
		return false;
	tm.tm_year = year - 1900;
	*out_unix_s = (int64_t)timegm(&tm) - zone_s;
	return true;
}

void eii_imap_day_format(int64_t unix_s, char out[EII_IMAP_DAY_MAX])
{
	struct tm tm = { 0 };
	time_t when;

	if (unix_s < 0)
		unix_s = 0;
	when = (time_t)(unix_s < LAST_UNIX_S ? unix_s : LAST_UNIX_S);
	(void)gmtime_r(&when, &tm);
	(void)snprintf(out, EII_IMAP_DAY_MAX, "%d-%s-%d", tm.tm_mday, months[tm.tm_mon],
		       tm.tm_year + 1900);
}
