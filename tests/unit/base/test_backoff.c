/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/backoff.h"

#include "support.h"

static void test_backoff__doubles_up_to_its_ceiling(void **state)
{
	(void)state;
	static const uint32_t whole[] = { 1000, 2000, 4000, 8000, 10000, 10000 };

	for (unsigned round = 0; round < 50; round++) {
		struct eii_backoff backoff = { .first_ms = 1000, .max_ms = 10000 };

		for (size_t i = 0; i < ARRAY_LEN(whole); i++) {
			uint32_t wait = eii_backoff_next(&backoff);

			CHECK(wait >= whole[i] / 2 && wait <= whole[i], "try %zu waits %u", i,
			      wait);
		}
		eii_backoff_succeeded(&backoff);
		assert_in_range(eii_backoff_next(&backoff), 500, 1000);
	}
}

static void test_backoff__always_waits_and_never_wraps(void **state)
{
	(void)state;
	struct eii_backoff none = { 0 };
	struct eii_backoff most = { .first_ms = UINT32_MAX,
				    .max_ms = UINT32_MAX,
				    .n_failures = 1000000 };

	assert_int_equal(eii_backoff_next(&none), 1);
	assert_in_range(eii_backoff_next(&most), UINT32_MAX / 2, UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_backoff__doubles_up_to_its_ceiling),
		cmocka_unit_test(test_backoff__always_waits_and_never_wraps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
