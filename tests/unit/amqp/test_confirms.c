/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/amqp/confirms.h"

#include "support.h"

static struct eii_confirms *with_messages(uint64_t n)
{
	struct eii_confirms *confirms = eii_confirms_new();

	for (uint64_t i = 1; i <= n; i++)
		assert_int_equal(eii_confirms_add(confirms, 1000 + i, i * 10, NULL), EII_OK);
	return confirms;
}

static void expect_next(struct eii_confirms *confirms, uint64_t number,
			enum eii_publish_result result)
{
	struct eii_publish_outcome outcome = { 0 };

	CHECK(eii_confirms_next(confirms, &outcome), "no outcome, expected %d", (int)number);
	CHECK(outcome.number == number && outcome.result == result, "got %d as %d, not %d as %d",
	      (int)outcome.number, (int)outcome.result, (int)number, (int)result);
}

static void expect_none(struct eii_confirms *confirms)
{
	struct eii_publish_outcome outcome = { .number = 42 };

	assert_false(eii_confirms_next(confirms, &outcome));
	assert_int_equal(outcome.number, 42);
}

static enum eii_rc settle(struct eii_confirms *confirms, uint64_t tag, enum eii_confirm_scope scope,
			  enum eii_publish_result result)
{
	return eii_confirms_settle(confirms, tag, scope, result, NULL);
}

static void test_confirms__settles_out_of_order(void **state)
{
	EII_AUTO(eii_confirms) confirms = with_messages(3);

	(void)state;
	assert_int_equal(settle(confirms, 1, EII_CONFIRM_ONE, EII_PUBLISH_ACKED), EII_OK);
	assert_int_equal(settle(confirms, 3, EII_CONFIRM_ONE, EII_PUBLISH_NACKED), EII_OK);
	assert_int_equal(eii_confirms_n_pending(confirms), 1);
	assert_int_equal(settle(confirms, 2, EII_CONFIRM_ONE, EII_PUBLISH_ACKED), EII_OK);
	expect_next(confirms, 1001, EII_PUBLISH_ACKED);
	expect_next(confirms, 1003, EII_PUBLISH_NACKED);
	expect_next(confirms, 1002, EII_PUBLISH_ACKED);
	expect_none(confirms);
	assert_int_equal(eii_confirms_n_pending(confirms), 0);
	assert_int_equal(eii_confirms_n_acked(confirms), 2);
}

static void test_confirms__multiple_settles_only_what_is_open(void **state)
{
	EII_AUTO(eii_confirms) confirms = with_messages(6);

	(void)state;
	/* As seen from a real broker: nacks of later messages, then "all up to 2". */
	assert_int_equal(settle(confirms, 3, EII_CONFIRM_ONE, EII_PUBLISH_NACKED), EII_OK);
	assert_int_equal(settle(confirms, 5, EII_CONFIRM_UP_TO, EII_PUBLISH_ACKED), EII_OK);
	expect_next(confirms, 1003, EII_PUBLISH_NACKED);
	expect_next(confirms, 1001, EII_PUBLISH_ACKED);
	expect_next(confirms, 1002, EII_PUBLISH_ACKED);
	expect_next(confirms, 1004, EII_PUBLISH_ACKED);
	expect_next(confirms, 1005, EII_PUBLISH_ACKED);
	expect_none(confirms);
	assert_int_equal(settle(confirms, 0, EII_CONFIRM_UP_TO, EII_PUBLISH_ACKED), EII_OK);
	expect_next(confirms, 1006, EII_PUBLISH_ACKED);
}

static void test_confirms__ignores_what_is_settled_already(void **state)
{
	EII_AUTO(eii_confirms) confirms = with_messages(2);

	(void)state;
	assert_int_equal(settle(confirms, 1, EII_CONFIRM_ONE, EII_PUBLISH_ACKED), EII_OK);
	assert_int_equal(settle(confirms, 1, EII_CONFIRM_ONE, EII_PUBLISH_NACKED), EII_OK);
	assert_int_equal(settle(confirms, 1, EII_CONFIRM_UP_TO, EII_PUBLISH_NACKED), EII_OK);
	expect_next(confirms, 1001, EII_PUBLISH_ACKED);
	expect_none(confirms);
	assert_int_equal(eii_confirms_n_pending(confirms), 1);
}

static void test_confirms__refuses_tags_never_given_out(void **state)
{
	EII_AUTO(eii_confirms) confirms = with_messages(2);
	struct eii_error err = { 0 };

	(void)state;
	assert_int_equal(
		eii_confirms_settle(confirms, 3, EII_CONFIRM_UP_TO, EII_PUBLISH_ACKED, &err),
		EII_RETRY);
	assert_string_equal(err.text, "the broker confirmed message 3 of 2");
	assert_int_equal(settle(confirms, 0, EII_CONFIRM_ONE, EII_PUBLISH_ACKED), EII_RETRY);
	expect_none(confirms);
	assert_int_equal(eii_confirms_n_pending(confirms), 2);
}

static void test_confirms__return_turns_the_ack_into_returned(void **state)
{
	EII_AUTO(eii_confirms) confirms = with_messages(2);

	(void)state;
	assert_true(eii_confirms_mark_returned(confirms, 1002));
	assert_false(eii_confirms_mark_returned(confirms, 1002));
	assert_false(eii_confirms_mark_returned(confirms, 7));
	expect_none(confirms);
	assert_int_equal(settle(confirms, 2, EII_CONFIRM_UP_TO, EII_PUBLISH_ACKED), EII_OK);
	expect_next(confirms, 1001, EII_PUBLISH_ACKED);
	expect_next(confirms, 1002, EII_PUBLISH_RETURNED);
	assert_int_equal(eii_confirms_n_acked(confirms), 1);
}

static void test_confirms__too_large_is_the_message_of_that_size(void **state)
{
	EII_AUTO(eii_confirms) confirms = with_messages(3);
	struct eii_publish_outcome outcome;

	(void)state;
	assert_false(eii_confirms_mark_too_large(confirms, 21, 5));
	assert_true(eii_confirms_mark_too_large(confirms, 20, 15));
	assert_true(eii_confirms_next(confirms, &outcome));
	assert_int_equal(outcome.number, 1002);
	assert_int_equal(outcome.result, EII_PUBLISH_TOO_LARGE);
	assert_int_equal(outcome.limit_bytes, 15);
	eii_confirms_settle_all(confirms, EII_PUBLISH_RETURNED);
	expect_next(confirms, 1001, EII_PUBLISH_RETURNED);
	expect_next(confirms, 1003, EII_PUBLISH_RETURNED);
	assert_int_equal(eii_confirms_n_pending(confirms), 0);
}

static void test_confirms__undo_takes_the_newest_back(void **state)
{
	EII_AUTO(eii_confirms) confirms = with_messages(2);

	(void)state;
	eii_confirms_undo(confirms);
	assert_int_equal(eii_confirms_n_pending(confirms), 1);
	assert_int_equal(eii_confirms_add(confirms, 9, 1, NULL), EII_OK);
	assert_int_equal(settle(confirms, 2, EII_CONFIRM_ONE, EII_PUBLISH_ACKED), EII_OK);
	expect_next(confirms, 9, EII_PUBLISH_ACKED);
}

static void test_confirms__holds_the_limit_and_refuses_one_past_it(void **state)
{
	EII_AUTO(eii_confirms) confirms = with_messages(EII_CONFIRMS_MAX_PENDING);
	struct eii_publish_outcome outcome;
	uint64_t n = 0;

	(void)state;
	assert_int_equal(eii_confirms_add(confirms, 1, 1, NULL), EII_REJECT);
	assert_int_equal(eii_confirms_n_pending(confirms), EII_CONFIRMS_MAX_PENDING);
	assert_int_equal(settle(confirms, 0, EII_CONFIRM_UP_TO, EII_PUBLISH_ACKED), EII_OK);
	/* Untaken answers count too: the caller must take them. */
	assert_int_equal(eii_confirms_add(confirms, 1, 1, NULL), EII_REJECT);
	while (eii_confirms_next(confirms, &outcome))
		assert_int_equal(outcome.number, 1000 + ++n);
	assert_int_equal(n, EII_CONFIRMS_MAX_PENDING);
	assert_int_equal(eii_confirms_add(confirms, 1, 1, NULL), EII_OK);
}

static void test_confirms__a_window_moves_for_ever(void **state)
{
	EII_AUTO(eii_confirms) confirms = with_messages(100);
	uint64_t tag = 100;

	(void)state;
	for (uint64_t i = 1; i <= 10000; i++) {
		assert_int_equal(settle(confirms, i, EII_CONFIRM_ONE, EII_PUBLISH_ACKED), EII_OK);
		expect_next(confirms, 1000 + i, EII_PUBLISH_ACKED);
		assert_int_equal(eii_confirms_add(confirms, 1000 + ++tag, 1, NULL), EII_OK);
	}
	assert_int_equal(eii_confirms_n_pending(confirms), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_confirms__settles_out_of_order),
		cmocka_unit_test(test_confirms__multiple_settles_only_what_is_open),
		cmocka_unit_test(test_confirms__ignores_what_is_settled_already),
		cmocka_unit_test(test_confirms__refuses_tags_never_given_out),
		cmocka_unit_test(test_confirms__return_turns_the_ack_into_returned),
		cmocka_unit_test(test_confirms__too_large_is_the_message_of_that_size),
		cmocka_unit_test(test_confirms__undo_takes_the_newest_back),
		cmocka_unit_test(test_confirms__holds_the_limit_and_refuses_one_past_it),
		cmocka_unit_test(test_confirms__a_window_moves_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
