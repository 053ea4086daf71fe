/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/timestamp.h"

#include <stdio.h>

#define DAY_S          86400
#define MAX_OFFSET_MIN 1439

/* Days since 1970-01-01 of a civil date (H. Hinnant, "chrono-compatible algorithms"). */
static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
	int64_t era, year_of_era, day_of_year;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	year_of_era = y - era * 400;
	day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - 719468;
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && is_leap);
}

int64_t eii_timestamp_clamp(int64_t unix_s)
{
	if (unix_s < EII_TIMESTAMP_MIN_S)
		return EII_TIMESTAMP_MIN_S;
	return unix_s > EII_TIMESTAMP_MAX_S ? EII_TIMESTAMP_MAX_S : unix_s;
}

struct eii_timestamp_civil eii_timestamp_to_civil(int64_t unix_s)
{
	/* Counted from 0000-03-01, so that nothing below is negative. */
	int64_t since = eii_timestamp_clamp(unix_s) + INT64_C(719468) * DAY_S;
	int64_t days = since / DAY_S, seconds = since % DAY_S;
	int64_t era = days / 146097, day_of_era = days % 146097;
	int64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t shifted_month = (5 * day_of_year + 2) / 153;
	int64_t month = shifted_month + (shifted_month < 10 ? 3 : -9);

	return (struct eii_timestamp_civil){
		.year = (int)(year_of_era + era * 400 + (month <= 2)),
		.month = (int)month,
		.day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1),
		.hour = (int)(seconds / 3600),
		.minute = (int)(seconds / 60 % 60),
		.second = (int)(seconds % 60),
	};
}

static bool is_within(int value, int least, int most)
{
	return value >= least && value <= most;
}

bool eii_timestamp_from_civil(const struct eii_timestamp_civil *c, int64_t *out_unix_s)
{
	if (!is_within(c->year, 1, 9999) || !is_within(c->month, 1, 12) ||
	    !is_within(c->day, 1, days_in_month(c->year, c->month)) || !is_within(c->hour, 0, 23) ||
	    !is_within(c->minute, 0, 59) || !is_within(c->second, 0, 59))
		return false;
	*out_unix_s = days_from_civil(c->year, c->month, c->day) * DAY_S + (int64_t)c->hour * 3600 +
		      (int64_t)c->minute * 60 + c->second;
	return true;
}

void eii_timestamp_format(int64_t unix_s, unsigned milliseconds, char out[EII_TIMESTAMP_TEXT_BYTES])
{
	struct eii_timestamp_civil c = eii_timestamp_to_civil(unix_s);

	(void)snprintf(out, EII_TIMESTAMP_TEXT_BYTES, "%04d-%02d-%02dT%02d:%02d:%02d.%03uZ",
		       c.year % 10000, c.month, c.day, c.hour, c.minute, c.second,
		       milliseconds % 1000);
}

void eii_timestamp_format_iso(int64_t unix_s, char out[EII_TIMESTAMP_TEXT_BYTES])
{
	eii_timestamp_format_local(unix_s, 0, out);
	out[10] = 'T';
}

void eii_timestamp_format_local(int64_t unix_s, int32_t offset_min,
				char out[EII_TIMESTAMP_TEXT_BYTES])
{
	int64_t local = eii_timestamp_clamp(unix_s) + (int64_t)offset_min * 60;
	bool fits = offset_min >= -MAX_OFFSET_MIN && offset_min <= MAX_OFFSET_MIN &&
		    local == eii_timestamp_clamp(local);
	struct eii_timestamp_civil c = eii_timestamp_to_civil(fits ? local : unix_s);
	unsigned minutes = !fits            ? 0
			   : offset_min < 0 ? (unsigned)-offset_min
					    : (unsigned)offset_min;

	(void)snprintf(out, EII_TIMESTAMP_TEXT_BYTES, "%04d-%02d-%02d %02d:%02d:%02d%c%02u:%02u",
		       c.year % 10000, c.month, c.day, c.hour, c.minute, c.second,
		       fits && offset_min < 0 ? '-' : '+', minutes / 60 % 100, minutes % 60);
}

/* ---- reading ----------------------------------------------------------- */

struct scan {
	const char *p, *end;
};

static bool scan_char(struct scan *s, char c)
{
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

static bool scan_digits(struct scan *s, size_t n, int *out)
{
	int value = 0;

	if ((size_t)(s->end - s->p) < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!eii_is_ascii_digit(s->p[i]))
			return false;
		value = value * 10 + (s->p[i] - '0');
	}
	s->p += n;
	*out = value;
	return true;
}

static bool scan_time(struct scan *s, struct eii_timestamp_civil *c)
{
	return scan_digits(s, 2, &c->hour) && scan_char(s, ':') && scan_digits(s, 2, &c->minute) &&
	       scan_char(s, ':') && scan_digits(s, 2, &c->second);
}

/* "+hh:mm" (colon ':') or "+hhmm" (colon 0) into seconds east of UTC. */
static bool scan_offset(struct scan *s, char colon, int64_t *out_s)
{
	bool is_west = s->p != s->end && *s->p == '-';
	int hours, minutes;

	if (!scan_char(s, is_west ? '-' : '+') || !scan_digits(s, 2, &hours) ||
	    (colon && !scan_char(s, colon)) || !scan_digits(s, 2, &minutes) || hours > 23 ||
	    minutes > 59)
		return false;
	*out_s = (int64_t)(hours * 60 + minutes) * (is_west ? -60 : 60);
	return true;
}

static bool finish(const struct scan *s, const struct eii_timestamp_civil *c, int64_t offset_s,
		   int64_t *out_unix_s)
{
	int64_t unix_s;

	if (s->p != s->end || !eii_timestamp_from_civil(c, &unix_s))
		return false;
	unix_s -= offset_s;
	if (unix_s != eii_timestamp_clamp(unix_s))
		return false;
	*out_unix_s = unix_s;
	return true;
}

static void skip_fraction(struct scan *s)
{
	if (s->end - s->p < 2 || s->p[0] != '.' || !eii_is_ascii_digit(s->p[1]))
		return;
	s->p++;
	while (s->p != s->end && eii_is_ascii_digit(*s->p))
		s->p++;
}

bool eii_timestamp_parse(struct eii_text text, int64_t *out_unix_s)
{
	struct scan s = { text.data, text.data + text.len };
	struct eii_timestamp_civil c;
	int64_t offset_s = 0;

	if (!text.len || !scan_digits(&s, 4, &c.year) || !scan_char(&s, '-') ||
	    !scan_digits(&s, 2, &c.month) || !scan_char(&s, '-') || !scan_digits(&s, 2, &c.day) ||
	    !(scan_char(&s, 'T') || scan_char(&s, ' ')) || !scan_time(&s, &c))
		return false;
	skip_fraction(&s);
	if (s.p != s.end && !scan_char(&s, 'Z') && !scan_offset(&s, ':', &offset_s))
		return false;
	return finish(&s, &c, offset_s, out_unix_s);
}

static bool scan_month(struct scan *s, int *out)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	for (int i = 0; i < 12; i++) {
		struct eii_text name = eii_text(names + (size_t)3 * (size_t)i, 3);

		if (s->end - s->p >= 3 && eii_text_equal_nocase(eii_text(s->p, 3), name)) {
			s->p += 3;
			*out = i + 1;
			return true;
		}
	}
	return false;
}

bool eii_timestamp_parse_imap(struct eii_text text, int64_t *out_unix_s)
{
	struct scan s = { text.data, text.data + text.len };
	bool has_one_digit = text.len > 0 && text.data[0] == ' ';
	struct eii_timestamp_civil c;
	int64_t offset_s;

	if (!text.len || (has_one_digit && !scan_char(&s, ' ')) ||
	    !scan_digits(&s, has_one_digit ? 1 : 2, &c.day) || !scan_char(&s, '-') ||
	    !scan_month(&s, &c.month) || !scan_char(&s, '-') || !scan_digits(&s, 4, &c.year) ||
	    !scan_char(&s, ' ') || !scan_time(&s, &c) || !scan_char(&s, ' ') ||
	    !scan_offset(&s, '\0', &offset_s))
		return false;
	return finish(&s, &c, offset_s, out_unix_s);
}
