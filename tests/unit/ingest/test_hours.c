/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/hours.h"

#include "support.h"

#define HOUR  INT64_C(497222) /* of some day in 2026 */
#define START (HOUR * EII_HOUR_S)
#define DAY   24

static void expect(const struct eii_hours *hours, int64_t now_s, unsigned ago, uint64_t mails)
{
	struct eii_hour hour = eii_hours_get(hours, now_s, ago);

	assert_int_equal(hour.hour, now_s / EII_HOUR_S - ago);
	assert_int_equal(hour.mails, mails);
}

static uint64_t sum(const struct eii_hours *hours, int64_t now_s)
{
	uint64_t n = 0;

	for (unsigned ago = 0; ago < EII_HOURS; ago++)
		n += eii_hours_get(hours, now_s, ago).mails;
	return n;
}

static void test_hours__an_hour_ends_with_its_last_second(void **state)
{
	struct eii_hours hours = { 0 };

	(void)state;
	eii_hours_add(&hours, START, 1, 0);
	eii_hours_add(&hours, START + EII_HOUR_S - 1, 2, 1);
	eii_hours_add(&hours, START + EII_HOUR_S, 4, 0);
	expect(&hours, START + EII_HOUR_S, 0, 4);
	expect(&hours, START + EII_HOUR_S, 1, 3);
	assert_int_equal(eii_hours_get(&hours, START, 0).fallbacks, 1);
}

static void test_hours__the_last_48_are_seen_and_no_more(void **state)
{
	struct eii_hours hours = { 0 };

	(void)state;
	for (int64_t i = 0; i <= EII_HOURS; i++)
		eii_hours_add(&hours, START + i * EII_HOUR_S, 1, 0);
	expect(&hours, START + EII_HOURS * EII_HOUR_S, EII_HOURS - 1, 1);
	assert_int_equal(sum(&hours, START + EII_HOURS * EII_HOUR_S), EII_HOURS);
}

static void test_hours__more_than_48_idle_hours_leave_nothing(void **state)
{
	struct eii_hours hours = { 0 };

	(void)state;
	eii_hours_add(&hours, START, 7, 0);
	assert_int_equal(sum(&hours, START + (EII_HOURS - 1) * EII_HOUR_S), 7);
	assert_int_equal(sum(&hours, START + EII_HOURS * EII_HOUR_S), 0);
	assert_int_equal(sum(&hours, START + 5 * EII_HOURS * EII_HOUR_S), 0);
	eii_hours_add(&hours, START + 5 * EII_HOURS * EII_HOUR_S, 1, 0);
	assert_int_equal(sum(&hours, START + 5 * EII_HOURS * EII_HOUR_S), 1);
}

/* What the clock had shown ahead is not seen, and is there again when its time comes. */
static void test_hours__a_clock_that_goes_back_counts_on(void **state)
{
	struct eii_hours hours = { 0 };

	(void)state;
	eii_hours_add(&hours, START, 1, 0);
	eii_hours_add(&hours, START + 3 * EII_HOUR_S, 8, 0);
	eii_hours_add(&hours, START, 2, 0);
	expect(&hours, START, 0, 3);
	assert_int_equal(sum(&hours, START), 3);
	assert_int_equal(sum(&hours, START + 3 * EII_HOUR_S), 11);
	/* By years: what was ahead is never mistaken for what is. */
	eii_hours_add(&hours, START - 365 * DAY * EII_HOUR_S, 4, 0);
	assert_int_equal(sum(&hours, START - 365 * DAY * EII_HOUR_S), 4);
}

static void test_hours__a_clock_that_is_not_set_is_no_harm(void **state)
{
	struct eii_hours hours = { 0 };

	(void)state;
	eii_hours_add(&hours, -5, 1, 0);
	eii_hours_add(&hours, 0, 1, 0);
	assert_int_equal(eii_hours_get(&hours, 0, 0).mails, 2);
	assert_int_equal(eii_hours_get(&hours, 0, EII_HOURS - 1).mails, 0);
	assert_int_equal(eii_hours_get(&hours, INT64_MIN, 0).mails, 2);
	eii_hours_add(&hours, INT64_MAX, 1, 0);
	assert_int_equal(eii_hours_get(&hours, INT64_MAX, 0).mails, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hours__an_hour_ends_with_its_last_second),
		cmocka_unit_test(test_hours__the_last_48_are_seen_and_no_more),
		cmocka_unit_test(test_hours__more_than_48_idle_hours_leave_nothing),
		cmocka_unit_test(test_hours__a_clock_that_goes_back_counts_on),
		cmocka_unit_test(test_hours__a_clock_that_is_not_set_is_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
