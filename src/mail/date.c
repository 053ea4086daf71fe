/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/date.h"

#define VALUE_MAX  256 /* of a date without comments; whatever follows is no date */
#define TOKENS_MAX 24
#define STARTS_MAX 6 /* tokens that may stand before the date: weekdays and noise */

/* One date as it was read. */
struct civil {
	int year; /* 1 to 9999 */
	int month;
	int day;
	int hour;
	int minute;
	int second;
	bool has_offset;
	int offset_min;
};

struct tokens {
	struct eii_text t[TOKENS_MAX];
	size_t n;
};

static bool is_digit_at(struct eii_text text, size_t i)
{
	return i < text.len && eii_is_ascii_digit(text.data[i]);
}

/* ---- the value in words ---------------------------------------------------- */

/* Skips a comment, nested ones with it, that begins at i; at its lack of an end, all. */
static size_t skip_comment(struct eii_text value, size_t i)
{
	size_t depth = 0;

	for (; i < value.len; i++) {
		char c = value.data[i];

		if (c == '\\')
			i++;
		else if (c == '(')
			depth++;
		else if (c == ')' && --depth == 0)
			return i + 1;
	}
	return value.len;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Comments out, white space as single spaces, none beside the colon of a time. */
static size_t squeeze(struct eii_text value, char out[VALUE_MAX])
{
	size_t n = 0;
	size_t i = 0;

	while (i < value.len && n < VALUE_MAX - 1) {
		char c = value.data[i];

		if (c == '(') {
			i = skip_comment(value, i);
			c = ' ';
		} else {
			i++;
		}
		if (is_space(c)) {
			if (n && out[n - 1] != ' ' && out[n - 1] != ':')
				out[n++] = ' ';
			continue;
		}
		if (c == ':' && n > 1 && out[n - 1] == ' ' && eii_is_ascii_digit(out[n - 2]))
			n--;
		out[n++] = c;
	}
	return n;
}

static bool is_separator(char c)
{
	return c == ' ' || c == ',' || c == '"';
}

/* Is the '-' at i one between parts of a date (1-Nov-2024), not the sign of a zone? */
static bool is_date_dash(struct eii_text token, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		char c = token.data[k];

		if (c == ':' || c == '.' || c == 'T')
			return false;
	}
	return is_digit_at(token, 0);
}

static void add_token(struct tokens *tokens, struct eii_text token)
{
	size_t start = 0;

	for (size_t i = 0; i <= token.len && tokens->n < TOKENS_MAX; i++) {
		if (i < token.len && (token.data[i] != '-' || !is_date_dash(token, i)))
			continue;
		if (i > start)
			tokens->t[tokens->n++] = eii_text(token.data + start, i - start);
		start = i + 1;
	}
}

static void split(struct eii_text value, struct tokens *out)
{
	size_t i = 0;

	out->n = 0;
	while (i < value.len) {
		size_t start = i;

		while (i < value.len && !is_separator(value.data[i]))
			i++;
		if (i > start)
			add_token(out, eii_text(value.data + start, i - start));
		i++;
	}
}

/* ---- parts of a date ------------------------------------------------------- */

/* All of token in digits, at least min and at most max of them. */
static bool scan_digits(struct eii_text token, size_t min, size_t max, int *out)
{
	uint64_t n;

	if (token.len < min || token.len > max || !eii_text_to_u64(token, 99999, &n))
		return false;
	*out = (int)n;
	return true;
}

/* "Nov", "nov.", "November", and what else begins so. */
static bool scan_month(struct eii_text token, int *out)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	if (token.len < 3)
		return false;
	for (size_t i = 3; i < token.len; i++) {
		if (!eii_is_ascii_alpha(token.data[i]) &&
		    !(token.data[i] == '.' && i == token.len - 1))
			return false;
	}
	for (size_t i = 0; i < 12; i++) {
		if (eii_text_equal_nocase(eii_text(token.data, 3), eii_text(names + i * 3, 3))) {
			*out = (int)i + 1;
			return true;
		}
	}
	return false;
}

static bool scan_year(struct eii_text token, int *out)
{
	int year;

	if (!scan_digits(token, 2, 4, &year))
		return false;
	if (token.len == 2)
		year += year < 50 ? 2000 : 1900;
	else if (token.len == 3)
		year += 1900;
	else if (token.data[0] == '0' && year < 100)
		return false; /* "0024": a century lost, nobody knows which */
	*out = year;
	return year > 0;
}

/* One or two digits at *i. */
static bool scan_pair(struct eii_text token, size_t *i, int *out)
{
	size_t start = *i;

	*out = 0;
	while (*i - start < 2 && is_digit_at(token, *i)) {
		*out = *out * 10 + (token.data[*i] - '0');
		(*i)++;
	}
	return *i > start && !is_digit_at(token, *i);
}

static bool is_time_mark(struct eii_text token, size_t i)
{
	return i < token.len && (token.data[i] == ':' || token.data[i] == '.');
}

/* "9:55", "09:55:06", "09.55.06", "09:55:06.500"; out_rest is what follows in the token. */
static bool scan_time(struct eii_text token, struct civil *out, struct eii_text *out_rest)
{
	size_t i = 0;
	int second = 0;

	if (!scan_pair(token, &i, &out->hour) || !is_time_mark(token, i))
		return false;
	i++;
	if (!scan_pair(token, &i, &out->minute))
		return false;
	if (is_time_mark(token, i)) {
		i++;
		if (is_digit_at(token, i) && !scan_pair(token, &i, &second))
			return false;
		while (is_time_mark(token, i) && is_digit_at(token, i + 1)) {
			for (i++; is_digit_at(token, i);)
				i++;
		}
	}
	if (out->hour > 23 || out->minute > 59 || second > 60)
		return false;
	out->second = second == 60 ? 59 : second;
	*out_rest = eii_text(token.data + i, token.len - i);
	return true;
}

/* "AM" and "PM": false where the token is neither. */
static bool apply_half(struct eii_text token, struct civil *date)
{
	if (eii_text_equal_nocase(token, eii_text("pm", 2))) {
		if (date->hour < 12)
			date->hour += 12;
		return true;
	}
	if (!eii_text_equal_nocase(token, eii_text("am", 2)))
		return false;
	if (date->hour == 12)
		date->hour = 0;
	return true;
}

/* Behind the sign: "0100", "100", "01:00", "01". Minutes, or -1. */
static int scan_offset_digits(struct eii_text digits)
{
	int hours = 0;
	int minutes = 0;
	size_t n = 0;

	while (is_digit_at(digits, n) && n < 5)
		n++;
	if (n == 2 && n + 2 < digits.len && digits.data[n] == ':') {
		if (!scan_digits(eii_text(digits.data, 2), 2, 2, &hours) ||
		    !scan_digits(eii_text(digits.data + 3, 2), 2, 2, &minutes))
			return -1;
	} else if (n == 2) {
		(void)scan_digits(eii_text(digits.data, 2), 2, 2, &hours);
	} else if (n == 3 || n == 4) {
		(void)scan_digits(eii_text(digits.data, n - 2), 1, 2, &hours);
		(void)scan_digits(eii_text(digits.data + n - 2, 2), 2, 2, &minutes);
	} else {
		return -1;
	}
	return hours * 60 + minutes;
}

/* A signed offset, also behind "GMT" or "UTC"; next stands in for "+ 0100". */
static bool scan_offset(struct eii_text token, struct eii_text next, struct civil *out)
{
	size_t i = 0;
	int minutes;
	bool is_west;

	while (i < token.len && eii_is_ascii_alpha(token.data[i]))
		i++;
	if (i == token.len || (token.data[i] != '+' && token.data[i] != '-'))
		return false;
	is_west = token.data[i++] == '-';
	token = eii_text(token.data + i, token.len - i);
	minutes = scan_offset_digits(token.len ? token : next);
	if (minutes < 0 || minutes > 1439)
		return false;
	/* "-0000": the sender's zone is not told (RFC 5322, 3.3). */
	out->has_offset = !(is_west && minutes == 0);
	out->offset_min = is_west ? -minutes : minutes;
	return true;
}

/* The names of RFC 5322 (4.3); others mean nothing that can be relied on. */
static bool scan_zone_name(struct eii_text token, struct civil *out)
{
	static const struct {
		const char *name;
		int hours;
	} zones[] = {
		{ "gmt", 0 },  { "utc", 0 },  { "ut", 0 },   { "z", 0 },
		{ "est", -5 }, { "edt", -4 }, { "cst", -6 }, { "cdt", -5 },
		{ "mst", -7 }, { "mdt", -6 }, { "pst", -8 }, { "pdt", -7 },
	};

	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		if (!eii_text_equal_nocase(token, eii_text_of(zones[i].name)))
			continue;
		out->has_offset = true;
		out->offset_min = zones[i].hours * 60;
		return true;
	}
	return false;
}

/* The zone in the three tokens from i on: numbers win over names. */
static void find_zone(const struct tokens *tokens, size_t i, struct civil *out)
{
	size_t end = i + 3 < tokens->n ? i + 3 : tokens->n;
	struct eii_text none = eii_text(NULL, 0);

	for (size_t k = i; k < end; k++) {
		if (scan_offset(tokens->t[k], k + 1 < tokens->n ? tokens->t[k + 1] : none, out))
			return;
	}
	if (i < end)
		(void)scan_zone_name(tokens->t[i], out);
}

/* ---- the forms ------------------------------------------------------------- */

/* The time in token i and what follows it; for_year: a year comes behind the zone. */
static bool read_clock(const struct tokens *given, size_t i, struct civil *out)
{
	struct tokens tokens = *given;
	struct eii_text rest;

	if (i >= tokens.n || !scan_time(tokens.t[i], out, &rest))
		return false;
	/* What is glued to the time ("+0100", "am") is a token of its own. */
	if (rest.len)
		tokens.t[i] = rest;
	else
		i++;
	if (i < tokens.n && apply_half(tokens.t[i], out))
		i++;
	find_zone(&tokens, i, out);
	return true;
}

/* The year of asctime(), behind the time and perhaps a zone. */
static bool find_late_year(const struct tokens *tokens, size_t i, struct civil *out)
{
	for (size_t k = i; k < i + 2 && k < tokens->n; k++) {
		if (tokens->t[k].len == 4 && scan_year(tokens->t[k], &out->year))
			return true;
	}
	return false;
}

/* "1 Nov 2024 09:55:06", "Nov 1 2024 09:55:06", "Nov 1 09:55:06 2024" from token i on. */
static bool read_named_month(const struct tokens *tokens, size_t i, struct civil *out)
{
	const struct eii_text *t = &tokens->t[i];

	if (tokens->n - i < 4)
		return false;
	if (scan_digits(t[0], 1, 3, &out->day) && scan_month(t[1], &out->month))
		return scan_year(t[2], &out->year) && read_clock(tokens, i + 3, out);
	if (!scan_month(t[0], &out->month) || !scan_digits(t[1], 1, 3, &out->day))
		return false;
	if (scan_year(t[2], &out->year))
		return read_clock(tokens, i + 3, out);
	return read_clock(tokens, i + 2, out) && find_late_year(tokens, i + 3, out);
}

/* "2024-11-01T09:55:06+01:00" and with a space (ISO 8601, RFC 3339). */
static bool read_iso(struct eii_text value, struct civil *out)
{
	struct tokens tokens = { .n = 0 };
	struct eii_text clock;

	if (value.len < 16 || value.data[4] != '-' || value.data[7] != '-' ||
	    (value.data[10] != 'T' && value.data[10] != 't' && value.data[10] != ' '))
		return false;
	if (!scan_digits(eii_text(value.data, 4), 4, 4, &out->year) ||
	    !scan_digits(eii_text(value.data + 5, 2), 2, 2, &out->month) ||
	    !scan_digits(eii_text(value.data + 8, 2), 2, 2, &out->day))
		return false;
	clock = eii_text(value.data + 11, value.len - 11);
	split(clock, &tokens);
	return out->year > 0 && read_clock(&tokens, 0, out);
}

static int days_of_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && is_leap ? 29 : days[month - 1];
}

/* Days from 1970-01-01 (H. Hinnant's algorithm for the proleptic Gregorian calendar). */
static int64_t days_since_epoch(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - 719468;
}

#define YEAR_1_S     INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define YEAR_10000_S INT64_C(253402300800) /* 10000-01-01T00:00:00Z */

static bool to_date(const struct civil *civil, struct eii_date *out)
{
	int64_t unix_s;

	if (civil->month < 1 || civil->month > 12 || civil->day < 1 ||
	    civil->day > days_of_month(civil->year, civil->month))
		return false;
	unix_s = days_since_epoch(civil->year, civil->month, civil->day) * 86400 +
		 ((int64_t)civil->hour * 60 + civil->minute - civil->offset_min) * 60 +
		 civil->second;
	if (unix_s < YEAR_1_S || unix_s >= YEAR_10000_S)
		return false;
	*out = (struct eii_date){
		.is_known = true,
		.has_offset = civil->has_offset,
		.offset_min = civil->offset_min,
		.unix_s = unix_s,
	};
	return true;
}

bool eii_date_parse(struct eii_text value, struct eii_date *out)
{
	char squeezed[VALUE_MAX];
	struct eii_text text;
	struct tokens tokens;
	struct civil civil = { .year = 0 };

	text = eii_text_trim(eii_text(squeezed, squeeze(eii_text_trim(value), squeezed)));
	if (read_iso(text, &civil))
		return to_date(&civil, out);
	split(text, &tokens);
	for (size_t i = 0; i < tokens.n && i < STARTS_MAX; i++) {
		civil = (struct civil){ .year = 0 };
		if (read_named_month(&tokens, i, &civil))
			return to_date(&civil, out);
	}
	return false;
}
