/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/duration.h"

#include <stdbool.h>
#include <string.h>

#include "eii/base/text.h"

/* Whole numbers up to here are read; times a year this stays far inside int64. */
#define NUMBER_MAX UINT64_C(99999999999)
#define MICROS     UINT64_C(1000000)
#define DAY_S      86400

struct unit {
	char letter;
	uint64_t seconds;
};

static const struct unit date_units[] = {
	{ 'Y', 365 * DAY_S }, { 'M', 30 * DAY_S }, { 'W', 7 * DAY_S }, { 'D', DAY_S }, { 0, 0 },
};
static const struct unit time_units[] = { { 'H', 3600 }, { 'M', 60 }, { 'S', 1 }, { 0, 0 } };

/* Seconds, and what is left of one in millionths. */
struct total {
	uint64_t seconds;
	uint64_t micros;
};

static bool skip_char(const char **cursor, char c)
{
	if (eii_ascii_lower(**cursor) != c && **cursor != c)
		return false;
	(*cursor)++;
	return true;
}

static bool scan_number(const char **cursor, uint64_t *out)
{
	const char *p = *cursor;
	uint64_t n = 0;

	for (; eii_is_ascii_digit(*p); p++) {
		n = n * 10 + (uint64_t)(*p - '0');
		if (n > NUMBER_MAX)
			return false;
	}
	if (p == *cursor)
		return false;
	*cursor = p;
	*out = n;
	return true;
}

/* ".5" or ",5": millionths, further digits dropped. True with 0 where there is none. */
static bool scan_fraction(const char **cursor, uint64_t *out_micros)
{
	const char *p = *cursor;
	uint64_t place = MICROS;

	*out_micros = 0;
	if (*p != '.' && *p != ',')
		return true;
	for (p++; eii_is_ascii_digit(*p); p++) {
		place /= 10;
		*out_micros += (uint64_t)(*p - '0') * place;
	}
	if (!eii_is_ascii_digit(p[-1]))
		return false;
	*cursor = p;
	return true;
}

static uint64_t unit_seconds(const struct unit *units, char letter)
{
	while (units->letter && units->letter != letter)
		units++;
	return units->seconds;
}

/* "3H20M" and the like, in any order as pydantic takes it; a fraction ends it. */
static bool scan_units(const char **cursor, const struct unit *units, struct total *total)
{
	uint64_t n;

	while (eii_is_ascii_digit(**cursor)) {
		uint64_t micros, seconds;
		bool is_last;

		if (!scan_number(cursor, &n))
			return false;
		is_last = **cursor == '.' || **cursor == ',';
		if (!scan_fraction(cursor, &micros))
			return false;
		seconds = unit_seconds(units, **cursor);
		if (!seconds)
			return false;
		(*cursor)++;
		total->seconds += n * seconds;
		total->micros += micros * seconds;
		if (total->seconds > EII_DURATION_MAX_S)
			return true; /* refused by its size, before it can wrap */
		if (is_last)
			return **cursor == '\0';
	}
	return true;
}

static bool is_over(const struct total *total)
{
	return total->seconds > EII_DURATION_MAX_S;
}

static bool scan_iso(const char *p, struct total *total)
{
	const char *start = p;

	if (!scan_units(&p, date_units, total))
		return false;
	if (is_over(total))
		return true;
	if (*p == 'T') {
		start = ++p;
		if (!scan_units(&p, time_units, total))
			return false;
	}
	return is_over(total) || (*p == '\0' && p != start);
}

/* Two digits below 60. */
static bool scan_sixty(const char **cursor, uint64_t *out)
{
	const char *p = *cursor;

	if (!eii_is_ascii_digit(p[0]) || !eii_is_ascii_digit(p[1]) || p[0] > '5')
		return false;
	*out = (uint64_t)(p[0] - '0') * 10 + (uint64_t)(p[1] - '0');
	*cursor += 2;
	return true;
}

/* "01:00", "01:00:00", "01:00:00.5". */
static bool scan_clock(const char *p, struct total *total)
{
	uint64_t hours, minutes, seconds = 0, micros = 0;

	if (!scan_number(&p, &hours) || !skip_char(&p, ':') || !scan_sixty(&p, &minutes))
		return false;
	if (skip_char(&p, ':') && (!scan_sixty(&p, &seconds) || !scan_fraction(&p, &micros)))
		return false;
	total->seconds += hours * 3600 + minutes * 60 + seconds;
	total->micros += micros;
	return *p == '\0';
}

/* "1 day, 00:05:00", "1day 00:05:00", "3d". */
static bool scan_days(const char *p, struct total *total)
{
	uint64_t days;

	if (!scan_number(&p, &days))
		return false;
	(void)skip_char(&p, ' ');
	if (!skip_char(&p, 'd'))
		return false;
	if (skip_char(&p, 'a')) {
		if (!skip_char(&p, 'y'))
			return false;
		(void)skip_char(&p, 's');
	}
	total->seconds = days * DAY_S;
	if (!*p)
		return true;
	(void)skip_char(&p, ',');
	return skip_char(&p, ' ') && scan_clock(p, total);
}

static bool scan_duration(const char *p, struct total *total)
{
	if (strcmp(p, "0") == 0)
		return true;
	if (*p == '+')
		p++;
	if (*p == 'P')
		return scan_iso(p + 1, total);
	if (strpbrk(p, "dD"))
		return scan_days(p, total);
	return scan_clock(p, total);
}

enum eii_rc eii_duration_parse(const char *text, uint32_t *out_s, struct eii_error *err)
{
	struct total total = { 0, 0 };

	if (!scan_duration(text, &total))
		return eii_fail(err, EII_REJECT, "'%s' is not " EII_DURATION_FORMS, text);
	total.seconds += (total.micros + MICROS - 1) / MICROS;
	if (is_over(&total))
		return eii_fail(err, EII_REJECT, "'%s' is more than 36,500 days", text);
	*out_s = (uint32_t)total.seconds;
	return EII_OK;
}
