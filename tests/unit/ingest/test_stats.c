/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/stats.h"

#include "support.h"

static void test_stats__a_time_counts_in_the_first_bucket_that_holds_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < EII_TIMES_BOUNDS; i++) {
		struct eii_times times = { 0 };
		uint32_t bound = eii_times_bounds_ms[i];

		eii_times_add(&times, bound);
		eii_times_add(&times, (int64_t)bound + 1);
		CHECK(times.buckets[i] == 1, "%u ms", bound);
		CHECK(times.buckets[i + 1] == 1, "%u ms and one more", bound);
		CHECK(times.sum_ms == 2 * (uint64_t)bound + 1, "%u ms", bound);
	}
}

static void test_stats__bounds_grow(void **state)
{
	(void)state;
	for (size_t i = 1; i < EII_TIMES_BOUNDS; i++)
		CHECK(eii_times_bounds_ms[i - 1] < eii_times_bounds_ms[i], "bound %zu", i);
}

static void test_stats__a_clock_that_went_back_counts_as_no_time(void **state)
{
	struct eii_times times = { 0 };

	(void)state;
	eii_times_add(&times, -5);
	assert_int_equal(times.buckets[0], 1);
	assert_int_equal(times.sum_ms, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stats__a_time_counts_in_the_first_bucket_that_holds_it),
		cmocka_unit_test(test_stats__bounds_grow),
		cmocka_unit_test(test_stats__a_clock_that_went_back_counts_as_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
