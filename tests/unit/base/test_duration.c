/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/duration.h"

#include "support.h"

/* Values as pydantic 2 reads them (timedelta, lax mode), whole seconds. */
static void test_duration__reads_what_the_official_connector_reads(void **state)
{
	static const struct {
		const char *text;
		uint32_t seconds;
	} cases[] = {
		{ "PT1S", 1 },
		{ "PT5M", 300 },
		{ "PT1H", 3600 },
		{ "PT1H30M", 5400 },
		{ "P1D", 86400 },
		{ "P30D", 2592000 },
		{ "P2W", 1209600 },
		{ "P1Y", 31536000 },
		{ "P1M", 2592000 },
		{ "P1Y2M3W4DT5H6M7S", 38898367 },
		{ "P1W2D", 777600 },
		{ "PT1M1H", 3660 },
		{ "P0.5D", 43200 },
		{ "P0,5D", 43200 },
		{ "PT0.5H", 1800 },
		{ "P1DT0.25H", 87300 },
		{ "PT0S", 0 },
		{ "0", 0 },
		{ "+PT1H", 3600 },
		{ "01:00:00", 3600 },
		{ "01:00", 3600 },
		{ "30:00:00", 108000 },
		{ "00:00:01.000000", 1 },
		{ "1 day, 00:05:00", 86700 },
		{ "1 day 00:05:00", 86700 },
		{ "2 days, 01:00", 176400 },
		{ "3d", 259200 },
		{ "3 DAYS", 259200 },
		{ "+1 day, 00:00:01", 86401 },
		{ "P100Y", EII_DURATION_MAX_S },
		{ "P36500D", EII_DURATION_MAX_S },
	};
	struct eii_error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *text = cases[i].text;
		uint32_t seconds = 42;

		CHECK(eii_duration_parse(text, &seconds, &err) == EII_OK, "%s: %s", text, err.text);
		CHECK(seconds == cases[i].seconds, "%s gave %u", text, seconds);
	}
}

/* Half a second as a period must not become "run once and end". */
static void test_duration__counts_a_part_of_a_second_as_one(void **state)
{
	uint32_t seconds = 0;

	(void)state;
	assert_int_equal(eii_duration_parse("PT0.1S", &seconds, NULL), EII_OK);
	assert_int_equal(seconds, 1);
	assert_int_equal(eii_duration_parse("PT7.5S", &seconds, NULL), EII_OK);
	assert_int_equal(seconds, 8);
	assert_int_equal(eii_duration_parse("00:00:00.000001", &seconds, NULL), EII_OK);
	assert_int_equal(seconds, 1);
}

static void test_duration__rejects_the_rest_and_leaves_the_output_alone(void **state)
{
	static const char *const cases[] = {
		"",
		"P",
		"PT",
		"P1DT",
		"+",
		"5M",
		"300",
		"3600",
		"PT5",
		"P5",
		"pt5m",
		"PT5m",
		"PT1.5H30M",
		"P1.5DT1H",
		"PT1.H",
		"PT.5H",
		"P1H",
		"PT1D",
		"PT1HT1M",
		"PT5M ",
		" PT5M",
		"-PT5M",
		"-1 day, 00:00:00",
		"PT-5M",
		"1:0:0",
		"01:60:00",
		"01:00:60",
		"01:00:00x",
		"01:00:",
		"1 dax",
		"1 day,00:05:00",
		"1 day, ",
		"one day",
		"P100YT1S",
		"P100YT0.1S",
		"P36501D",
		"PT99999999999S",
		"PT999999999999999999999S",
		"P99999999999Y99999999999Y",
		"99999999999:00:00",
		"99999999999d",
	};
	struct eii_error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint32_t seconds = 42;

		CHECK(eii_duration_parse(cases[i], &seconds, &err) == EII_REJECT, "%s", cases[i]);
		CHECK(seconds == 42, "%s wrote its output", cases[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_duration__reads_what_the_official_connector_reads),
		cmocka_unit_test(test_duration__counts_a_part_of_a_second_as_one),
		cmocka_unit_test(test_duration__rejects_the_rest_and_leaves_the_output_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
