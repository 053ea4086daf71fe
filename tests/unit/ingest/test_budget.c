/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/budget.h"

#include <pthread.h>

#include "support.h"

#define OVERHEAD EII_BUDGET_OVERHEAD_BYTES

static void test_budget__takes_up_to_its_bytes_and_not_one_more(void **state)
{
	struct eii_budget *budget = eii_budget_new(2 * (100 + OVERHEAD), 10);

	(void)state;
	assert_true(eii_budget_try_reserve(budget, 100));
	assert_false(eii_budget_try_reserve(budget, 101));
	assert_true(eii_budget_try_reserve(budget, 100));
	assert_false(eii_budget_try_reserve(budget, 0));
	eii_budget_release(budget, 100);
	assert_int_equal(eii_budget_used(budget), 100 + OVERHEAD);
	eii_budget_free(budget);
}

static void test_budget__takes_up_to_its_mails_and_not_one_more(void **state)
{
	struct eii_budget *budget = eii_budget_new(1 << 20, 2);

	(void)state;
	assert_true(eii_budget_try_reserve(budget, 1));
	assert_true(eii_budget_try_reserve(budget, 1));
	assert_false(eii_budget_try_reserve(budget, 1));
	eii_budget_free(budget);
}

static void test_budget__lets_a_mail_over_the_whole_go_alone(void **state)
{
	struct eii_budget *budget = eii_budget_new(1000, 10);

	(void)state;
	assert_true(eii_budget_try_reserve(budget, 1 << 20));
	assert_false(eii_budget_try_reserve(budget, 1));
	eii_budget_release(budget, 1 << 20);
	assert_int_equal(eii_budget_used(budget), 0);
	eii_budget_free(budget);
}

static void test_budget__gives_nothing_while_paused(void **state)
{
	struct eii_budget *budget = eii_budget_new(1 << 20, 10);

	(void)state;
	eii_budget_pause(budget);
	assert_false(eii_budget_try_reserve(budget, 1));
	eii_budget_resume(budget);
	assert_true(eii_budget_try_reserve(budget, 1));
	eii_budget_free(budget);
}

static void *reserve_one(void *budget)
{
	return eii_budget_reserve(budget, 1) ? budget : NULL;
}

static void test_budget__wakes_who_waits_by_an_abort(void **state)
{
	struct eii_budget *budget = eii_budget_new(1 << 20, 1);
	pthread_t thread;
	void *result = budget;

	(void)state;
	assert_true(eii_budget_reserve(budget, 1));
	assert_int_equal(pthread_create(&thread, NULL, reserve_one, budget), 0);
	eii_budget_abort(budget);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_null(result);
	eii_budget_release(budget, 1);
	eii_budget_reset(budget);
	assert_true(eii_budget_reserve(budget, 1));
	eii_budget_free(budget);
}

static void test_budget__wakes_who_waits_by_a_release(void **state)
{
	struct eii_budget *budget = eii_budget_new(1 << 20, 1);
	pthread_t thread;
	void *result = NULL;

	(void)state;
	assert_true(eii_budget_reserve(budget, 1));
	assert_int_equal(pthread_create(&thread, NULL, reserve_one, budget), 0);
	eii_budget_release(budget, 1);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_ptr_equal(result, budget);
	eii_budget_free(budget);
}

static void test_budget__corrects_what_a_server_only_estimated(void **state)
{
	struct eii_budget *budget = eii_budget_new(10000, 10);

	(void)state;
	assert_true(eii_budget_try_reserve(budget, 100));
	eii_budget_correct(budget, 100, 9000);
	assert_int_equal(eii_budget_used(budget), 9000 + OVERHEAD);
	assert_false(eii_budget_try_reserve(budget, 0));
	eii_budget_release(budget, 9000);
	assert_int_equal(eii_budget_used(budget), 0);
	eii_budget_free(budget);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_budget__takes_up_to_its_bytes_and_not_one_more),
		cmocka_unit_test(test_budget__takes_up_to_its_mails_and_not_one_more),
		cmocka_unit_test(test_budget__lets_a_mail_over_the_whole_go_alone),
		cmocka_unit_test(test_budget__gives_nothing_while_paused),
		cmocka_unit_test(test_budget__wakes_who_waits_by_an_abort),
		cmocka_unit_test(test_budget__wakes_who_waits_by_a_release),
		cmocka_unit_test(test_budget__corrects_what_a_server_only_estimated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
