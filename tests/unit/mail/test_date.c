/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/date.h"

#include "support.h"

static void test_date__reads_the_forms_of_mails(void **state)
{
	static const struct {
		const char *text;
		int64_t unix_s;
		int offset_min;
		bool has_offset;
	} cases[] = {
		{ "Tue, 03 Mar 2026 10:20:30 +0100", 1772529630, 60, true },
		{ " Tue,\r\n 03 Mar 2026\r\n\t10:20:30 +0100\r\n", 1772529630, 60, true },
		{ "3 Mar 26 09:20:30 GMT", 1772529630, 0, true },
		{ "Tue, 03 Mar 2026 09:20:30 -0000", 1772529630, 0, false },
		{ "Tue, 03 Mar 2026 09:20:30", 1772529630, 0, false },
		{ "Tue, 03 Mar 2026 04:20:30 est", 1772529630, -300, true },
		{ "Tue, 03 Mar 2026 10:20:30 (CET) +0100", 1772529630, 60, true },
		{ "Tue, 03 (a (b) \\) c) Mar 2026 10 : 20 : 30 +01:00", 1772529630, 60, true },
		{ "Tue Mar  3 09:20:30 2026", 1772529630, 0, false },
		{ "Tue Mar  3 10:20:30 +0100 2026", 1772529630, 60, true },
		{ "Tue Mar 03 2026 10:20:30 GMT+0100 (CET)", 1772529630, 60, true },
		{ "3-Mar-2026 09:20:30 PM +1200", 1772529630, 720, true },
		{ "3 Mar 2026 12:20:30 am Z", 1772497230, 0, true },
		{ "2026-03-03T10:20:30.123456+01:00", 1772529630, 60, true },
		{ "2026-03-03 10:20:30 +0100", 1772529630, 60, true },
		{ "2026-03-03T09:20Z", 1772529600, 0, true },
		{ "1 Jan 50 00:00:00 +0000", -631152000, 0, true },
		{ "1 Jan 49 00:00:00 +0000", 2493072000, 0, true },
		{ "31 Dec 2016 23:59:60 +0000", 1483228799, 0, true },
		{ "31 Dec 9999 23:59:59 +0000", 253402300799, 0, true },
		{ "1 Jan 2026 00:00:00 +2359", 1767139260, 1439, true },
		{ "1 Jan 2026 00:00:00 +2400", 1767225600, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *text = cases[i].text;
		struct eii_date date = { .is_known = false };

		CHECK(eii_date_parse(eii_text_of(text), &date), "%s", text);
		CHECK(date.is_known && date.unix_s == cases[i].unix_s, "%s gave %lld", text,
		      (long long)date.unix_s);
		CHECK(date.has_offset == cases[i].has_offset, "%s", text);
		CHECK(date.offset_min == cases[i].offset_min, "%s gave %d", text, date.offset_min);
	}
}

static void test_date__does_not_guess_and_leaves_the_output_alone(void **state)
{
	static const char *const cases[] = {
		"",
		"yesterday at noon",
		"3 Mar 2026",
		"2026-03-03",
		"03/04/2026 10:20:30",
		"03.04.2026 10:20:30",
		"20260303T102030Z",
		"Di, 03 Mai 2026 10:20:30 +0200",
		"32 Mar 2026 10:20:30 +0100",
		"29 Feb 2023 10:20:30 +0100",
		"0 Mar 2026 10:20:30 +0100",
		"3 Mar 2026 24:00:00 +0100",
		"3 Mar 2026 23:60:00 +0100",
		"3 Mar 10000 10:20:30 +0100",
		"3 Mar 0026 10:20:30 +0100",
		"31 Dec 9999 23:59:59 -0100",
		"1 Jan 0001 00:00:00 +0100",
		"1772529630",
		"=?utf-8?Q?3_Mar_2026_10:20:30_+0100?=",
		"3 Mar 2026 at 10:20:30",
		"(((((",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_date date = { .unix_s = 42 };

		CHECK(!eii_date_parse(eii_text_of(cases[i]), &date), "%s", cases[i]);
		CHECK(date.unix_s == 42 && !date.is_known, "%s wrote its output", cases[i]);
	}
}

static void test_date__survives_what_is_long(void **state)
{
	static char text[1 << 20];
	struct eii_date date;

	(void)state;
	memset(text, '(', sizeof(text));
	assert_false(eii_date_parse(eii_text(text, sizeof(text)), &date));
	memset(text, ' ', sizeof(text));
	memcpy(text + sizeof(text) - 31, "Tue, 03 Mar 2026 10:20:30 +0100", 31);
	assert_true(eii_date_parse(eii_text(text, sizeof(text)), &date));
	memset(text, '9', sizeof(text));
	assert_false(eii_date_parse(eii_text(text, sizeof(text)), &date));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_date__reads_the_forms_of_mails),
		cmocka_unit_test(test_date__does_not_guess_and_leaves_the_output_alone),
		cmocka_unit_test(test_date__survives_what_is_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
