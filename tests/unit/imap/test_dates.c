/* SPDX-License-Identifier: Apache-2.0 */
#include "dates.h"

#include "support.h"

static void test_dates__reads_internal_dates(void **state)
{
	static const struct {
		const char *text;
		int64_t unix_s;
	} cases[] = {
		{ "17-Jul-1996 02:44:25 -0700", 837596665 },
		{ " 1-Jan-1970 00:00:00 +0000", 0 },
		{ "1-Jan-1970 00:00:00 +0000", 0 },
		{ "01-jan-1970 01:00:00 +0100", 0 },
		{ "31-Dec-9999 23:59:59 +0000", INT64_C(253402300799) },
		{ " 1-Jan-0001 00:00:00 +0000", INT64_C(-62135596800) },
		{ "29-Feb-2024 12:00:00 +0530", 1709188200 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t unix_s = 42;

		CHECK(eii_imap_date_parse(eii_text_of(cases[i].text), &unix_s), "%s",
		      cases[i].text);
		CHECK(unix_s == cases[i].unix_s, "%s gave %lld", cases[i].text, (long long)unix_s);
	}
}

static void test_dates__refuses_the_rest_and_leaves_the_output_alone(void **state)
{
	static const char *const cases[] = {
		"",
		"17-Jul-1996",
		"17-Jul-1996 02:44:25",
		"17-Jul-1996 02:44:25 0700",
		"17-Jul-1996 02:44:25 -0700 ",
		"0-Jul-1996 02:44:25 -0700",
		"32-Jul-1996 02:44:25 -0700",
		"17-Foo-1996 02:44:25 -0700",
		"17-Jul-96 02:44:25 -0700",
		"17-Jul-0000 02:44:25 -0700",
		"17-Jul-1996 24:44:25 -0700",
		"17-Jul-1996 02:60:25 -0700",
		"17-Jul-1996 02:44:61 -0700",
		"17-Jul-1996 02:44:25 -0760",
		"17-Jul-99999 02:44:25 -0700",
		"00-Jan-0000 00:00:00 +0000",
		"Wed, 17 Jul 1996 02:44:25 -0700",
		"17 Jul 1996 02:44:25 -0700",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t unix_s = 42;

		CHECK(!eii_imap_date_parse(eii_text_of(cases[i]), &unix_s), "%s", cases[i]);
		CHECK(unix_s == 42, "%s wrote its output", cases[i]);
	}
}

static void test_dates__writes_days_of_utc(void **state)
{
	static const struct {
		int64_t unix_s;
		const char *text;
	} cases[] = {
		{ 0, "1-Jan-1970" },
		{ -1, "1-Jan-1970" },
		{ INT64_MIN, "1-Jan-1970" },
		{ 837596665, "17-Jul-1996" },
		{ 86399, "1-Jan-1970" },
		{ 86400, "2-Jan-1970" },
		{ INT64_C(253402300799), "31-Dec-9999" },
		{ INT64_MAX, "31-Dec-9999" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[EII_IMAP_DAY_MAX];

		eii_imap_day_format(cases[i].unix_s, text);
		CHECK(strcmp(text, cases[i].text) == 0, "%s", text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dates__reads_internal_dates),
		cmocka_unit_test(test_dates__refuses_the_rest_and_leaves_the_output_alone),
		cmocka_unit_test(test_dates__writes_days_of_utc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
