/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/timestamp.h"

#include "support.h"

static void test_timestamp__formats_for_stix(void **state)
{
	(void)state;
	static const struct {
		int64_t unix_s;
		unsigned ms;
		const char *text;
	} cases[] = {
		{ 0, 0, "1970-01-01T00:00:00.000Z" },
		{ -1, 999, "1969-12-31T23:59:59.999Z" },
		{ 1787234160, 7, "2026-08-20T13:56:00.007Z" },
		{ 951782400, 0, "2000-02-29T00:00:00.000Z" },
		{ EII_TIMESTAMP_MIN_S, 0, "0001-01-01T00:00:00.000Z" },
		{ EII_TIMESTAMP_MAX_S, 0, "9999-12-31T23:59:59.000Z" },
		{ EII_TIMESTAMP_MIN_S - 1, 0, "0001-01-01T00:00:00.000Z" },
		{ EII_TIMESTAMP_MAX_S + 1, 0, "9999-12-31T23:59:59.000Z" },
	};
	char out[EII_TIMESTAMP_TEXT_BYTES];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		eii_timestamp_format(cases[i].unix_s, cases[i].ms, out);
		CHECK(strcmp(out, cases[i].text) == 0, "%s gave %s", cases[i].text, out);
	}
}

static void test_timestamp__formats_local_time_as_python(void **state)
{
	(void)state;
	static const struct {
		int64_t unix_s;
		int32_t offset_min;
		const char *text;
	} cases[] = {
		{ 1772529630, 60, "2026-03-03 10:20:30+01:00" },
		{ 1772529630, 0, "2026-03-03 09:20:30+00:00" },
		{ 1772529630, -570, "2026-03-02 23:50:30-09:30" },
		{ EII_TIMESTAMP_MAX_S, 60, "9999-12-31 23:59:59+00:00" },
		{ EII_TIMESTAMP_MIN_S, -1, "0001-01-01 00:00:00+00:00" },
		{ EII_TIMESTAMP_MIN_S, 1439, "0001-01-01 23:59:00+23:59" },
	};
	char out[EII_TIMESTAMP_TEXT_BYTES];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		eii_timestamp_format_local(cases[i].unix_s, cases[i].offset_min, out);
		CHECK(strcmp(out, cases[i].text) == 0, "%s gave %s", cases[i].text, out);
	}
	eii_timestamp_format_iso(1787234160, out);
	assert_string_equal(out, "2026-08-20T13:56:00+00:00");
}

static void test_timestamp__reads_what_python_writes(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t unix_s;
	} cases[] = {
		{ "2026-08-20T13:56:00+00:00", 1787234160 },
		{ "2026-08-20T13:56:00.123456+00:00", 1787234160 },
		{ "2026-08-20T15:56:00+02:00", 1787234160 },
		{ "2026-08-20 13:56:00", 1787234160 },
		{ "2026-08-20T13:56:00.000Z", 1787234160 },
		{ "0001-01-01T00:00:00Z", EII_TIMESTAMP_MIN_S },
		{ "9999-12-31T23:59:59Z", EII_TIMESTAMP_MAX_S },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t out = 42;

		CHECK(eii_timestamp_parse(eii_text_of(cases[i].text), &out), "%s", cases[i].text);
		CHECK(out == cases[i].unix_s, "%s gave %lld", cases[i].text, (long long)out);
	}
}

static void test_timestamp__refuses_other_texts_and_leaves_the_output_alone(void **state)
{
	(void)state;
	static const char *const cases[] = {
		"",
		"2026-08-20",
		"2026-08-20T13:56",
		"2026-02-29T00:00:00Z",
		"2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z",
		"2026-01-00T00:00:00Z",
		"2026-08-20T24:00:00Z",
		"2026-08-20T23:59:60Z",
		"2026-08-20T13:56:00+24:00",
		"2026-08-20T13:56:00.Z",
		"2026-08-20T13:56:00Zx",
		"2026-08-20T13:56:00+0200",
		"0001-01-01T00:00:00+00:01",
		"9999-12-31T23:59:59-00:01",
		"0000-12-31T00:00:00Z",
		"20260820T135600Z",
		" 2026-08-20T13:56:00Z",
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t out = 42;

		CHECK(!eii_timestamp_parse(eii_text_of(cases[i]), &out), "%s", cases[i]);
		CHECK(out == 42, "%s wrote its output", cases[i]);
	}
}

static void test_timestamp__reads_imap_dates(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t unix_s;
	} cases[] = {
		{ "17-Jul-1996 02:44:25 -0700", 837596665 },
		{ " 7-jul-1996 02:44:25 +0000", 836707465 },
		{ "01-JAN-1970 01:00:00 +0100", 0 },
	};
	static const char *const wrong[] = {
		"",
		"7-Jul-1996 02:44:25 -0700",
		"17-Jux-1996 02:44:25 -0700",
		"17-Jul-1996 02:44:25",
		"17-Jul-96 02:44:25 -0700",
		"31-Jun-1996 02:44:25 -0700",
		"17-Jul-1996 02:44:25 -0700 ",
		"17-Jul-1996 02:44:25 -2460",
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t out = 42;

		CHECK(eii_timestamp_parse_imap(eii_text_of(cases[i].text), &out), "%s",
		      cases[i].text);
		CHECK(out == cases[i].unix_s, "%s gave %lld", cases[i].text, (long long)out);
	}
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		int64_t out = 42;

		CHECK(!eii_timestamp_parse_imap(eii_text_of(wrong[i]), &out), "%s", wrong[i]);
		CHECK(out == 42, "%s wrote its output", wrong[i]);
	}
}

/* Every 9,973rd day of all years, at a second that moves: there and back again. */
static void test_timestamp__civil_dates_come_back(void **state)
{
	(void)state;
	for (int64_t s = EII_TIMESTAMP_MIN_S; s <= EII_TIMESTAMP_MAX_S; s += 86399 * 9973) {
		struct eii_timestamp_civil civil = eii_timestamp_to_civil(s);
		int64_t back = 0;

		CHECK(eii_timestamp_from_civil(&civil, &back), "%lld", (long long)s);
		CHECK(back == s, "%lld gave %lld", (long long)s, (long long)back);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timestamp__formats_for_stix),
		cmocka_unit_test(test_timestamp__formats_local_time_as_python),
		cmocka_unit_test(test_timestamp__reads_what_python_writes),
		cmocka_unit_test(test_timestamp__refuses_other_texts_and_leaves_the_output_alone),
		cmocka_unit_test(test_timestamp__reads_imap_dates),
		cmocka_unit_test(test_timestamp__civil_dates_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
