/* SPDX-License-Identifier: Apache-2.0 */
#include "link.h"

#include "beat.h"
#include "support.h"

static struct eii_link lane;

static int set_up(void **state)
{
	(void)state;
	memset(&lane, 0, sizeof(lane));
	eii_link_init(&lane);
	lane.state = EII_LINK_READY;
	return 0;
}

static void write_one(const struct eii_pulse *pulse, uint64_t number, uint64_t bytes)
{
	const struct eii_message message = { .number = number,
					     .kind = EII_MESSAGE_REPORT,
					     .slot = (uint16_t)number,
					     .bytes = bytes,
					     .sent_ms = pulse->now_ms };

	eii_link_write(&lane, &message);
}

/* As the broker says it. */
static void set_blocked(const struct eii_pulse *pulse, bool is_blocked)
{
	lane.is_blocked = is_blocked;
	lane.blocked_ms = pulse->now_ms;
}

static void test_link__settles_in_any_order(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct eii_message message;

	(void)state;
	for (uint64_t number = 1; number <= 4; number++)
		write_one(pulse, number, number * 10);
	assert_true(eii_link_settle(&lane, 3, &message));
	assert_int_equal(message.slot, 3);
	assert_int_equal(message.bytes, 30);
	assert_false(eii_link_settle(&lane, 3, &message)); /* a confirm that comes twice */
	assert_false(eii_link_settle(&lane, 5, &message));
	assert_false(eii_link_settle(&lane, 0, &message));
	assert_int_equal(eii_link_oldest(&lane)->number, 1);
	assert_true(eii_link_settle(&lane, 1, &message));
	assert_true(eii_link_settle(&lane, 2, &message));
	assert_int_equal(eii_link_oldest(&lane)->number, 4);
	assert_int_equal(lane.n_open, 1);
	assert_int_equal(lane.open_bytes, 40);
	assert_true(eii_link_settle(&lane, 4, &message));
	assert_null(eii_link_oldest(&lane));
	assert_int_equal(lane.open_bytes, 0);
}

static void test_link__gives_each_open_one_once_when_it_is_over(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct eii_message message;

	(void)state;
	for (uint64_t number = 1; number <= 5; number++)
		write_one(pulse, number, 1);
	assert_true(eii_link_settle(&lane, 2, &message));
	assert_true(eii_link_settle(&lane, 4, &message));
	for (uint64_t number = 1; number <= 5; number += 2) {
		assert_true(eii_link_take_unknown(&lane, &message));
		assert_int_equal(message.number, number);
	}
	assert_false(eii_link_take_unknown(&lane, &message));
	assert_int_equal(lane.n_open, 0);
	assert_int_equal(lane.n, 0);
}

static void test_link__forgets_nothing_under_any_order_of_confirms(void **state)
{
	static bool is_open[200001];

	for (uint64_t seed = 1; seed <= 10; seed++) {
		struct eii_pulse *pulse = beat_new();
		uint64_t chance = seed * 6700417;
		uint64_t newest = 0;
		unsigned n_open = 0;

		(void)set_up(state);
		memset(is_open, 0, sizeof(is_open));
		pulse->config.window_messages = EII_CORE_LINE_MAILS;
		pulse->config.window_bytes = UINT64_MAX / 2;
		for (int i = 0; i < 20000; i++) {
			uint64_t back = beat_random(&chance, 1500);
			uint64_t number = newest > back ? newest - back : 0;
			struct eii_message message;

			if (beat_random(&chance, 2) && eii_link_may_send(&lane, pulse, 1)) {
				write_one(pulse, ++newest, 1);
				is_open[newest] = true;
				n_open++;
			}
			CHECK(eii_link_settle(&lane, number, &message) == is_open[number],
			      "seed %d number %d", (int)seed, (int)number);
			n_open -= is_open[number];
			is_open[number] = false;
			CHECK(lane.n_open == n_open && lane.open_bytes == n_open, "seed %d",
			      (int)seed);
		}
		for (uint64_t number = 1; number <= newest; number++) {
			struct eii_message message;

			if (!is_open[number])
				continue;
			assert_true(eii_link_take_unknown(&lane, &message));
			assert_int_equal(message.number, number);
		}
		assert_null(eii_link_oldest(&lane));
	}
}

static void test_link__sends_up_to_its_window_and_not_one_more(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct eii_message message;

	(void)state;
	pulse->config.window_messages = 3;
	pulse->config.window_bytes = 100;
	assert_true(eii_link_may_send(&lane, pulse, 101)); /* alone */
	write_one(pulse, 1, 60);
	assert_true(eii_link_may_send(&lane, pulse, 40));
	assert_false(eii_link_may_send(&lane, pulse, 41));
	write_one(pulse, 2, 0);
	write_one(pulse, 3, 0);
	assert_false(eii_link_may_send(&lane, pulse, 0));
	assert_true(eii_link_settle(&lane, 2, &message));
	assert_true(eii_link_may_send(&lane, pulse, 40));
}

static void test_link__sends_only_where_it_is_ready_and_nothing_holds_it(void **state)
{
	struct eii_pulse *pulse = beat_new();
	static const struct eii_failure refusal = { .kind = EII_FAILURE_PASSING };

	(void)state;
	for (int at = EII_LINK_DOWN; at <= EII_LINK_HANGING_UP; at++) {
		lane.state = (enum eii_link_state)at;
		CHECK(eii_link_may_send(&lane, pulse, 1) == (at == EII_LINK_READY), "state %d", at);
	}
	lane.state = EII_LINK_READY;
	set_blocked(pulse, true);
	assert_false(eii_link_may_send(&lane, pulse, 1));
	set_blocked(pulse, false);
	eii_attempt_failed(&lane.nack, pulse, &refusal);
	assert_false(eii_link_may_send(&lane, pulse, 1));
	beat_pass(pulse, lane.nack.due_ms - pulse->now_ms);
	assert_true(eii_link_may_send(&lane, pulse, 1));
}

static void test_link__is_stuck_a_minute_after_its_oldest_message(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct eii_message message;

	(void)state;
	assert_null(eii_link_is_stuck(&lane, pulse));
	write_one(pulse, 1, 1);
	beat_pass(pulse, 30000);
	write_one(pulse, 2, 1);
	beat_pass(pulse, EII_LINK_CONFIRM_MS - 30001);
	assert_null(eii_link_is_stuck(&lane, pulse));
	assert_int_equal(pulse->wakes_ms, pulse->now_ms + 1);
	beat_pass(pulse, 1);
	assert_non_null(eii_link_is_stuck(&lane, pulse));
	assert_true(eii_link_settle(&lane, 1, &message));
	assert_null(eii_link_is_stuck(&lane, pulse));
}

static void test_link__is_not_stuck_where_the_broker_has_blocked_it(void **state)
{
	struct eii_pulse *pulse = beat_new();

	(void)state;
	write_one(pulse, 1, 1);
	set_blocked(pulse, true);
	beat_pass(pulse, 60 * 60 * 1000);
	assert_null(eii_link_is_stuck(&lane, pulse));
	/* The alarm is over: what it held back has its minute from then on. */
	set_blocked(pulse, false);
	beat_pass(pulse, EII_LINK_CONFIRM_MS - 1);
	assert_null(eii_link_is_stuck(&lane, pulse));
	beat_pass(pulse, 1);
	assert_non_null(eii_link_is_stuck(&lane, pulse));
}

static void test_link__is_stuck_after_a_minute_of_refusals(void **state)
{
	struct eii_pulse *pulse = beat_new();

	(void)state;
	lane.nacked_ms = pulse->now_ms;
	beat_pass(pulse, EII_LINK_NACKED_MS - 1);
	assert_null(eii_link_is_stuck(&lane, pulse));
	beat_pass(pulse, 1);
	assert_non_null(eii_link_is_stuck(&lane, pulse));
	set_blocked(pulse, true);
	assert_null(eii_link_is_stuck(&lane, pulse));
	set_blocked(pulse, false);
	assert_null(eii_link_is_stuck(&lane, pulse));
	beat_pass(pulse, EII_LINK_NACKED_MS);
	assert_non_null(eii_link_is_stuck(&lane, pulse));
	lane.state = EII_LINK_HANGING_UP;
	assert_null(eii_link_is_stuck(&lane, pulse));
}

static void test_link__keeps_what_the_platform_knows_when_it_is_down(void **state)
{
	(void)state;
	lane.is_known = true;
	lane.knows_author = true;
	lane.knows_marking = true;
	lane.is_marking_sent = true;
	lane.is_blocked = true;
	lane.nacked_ms = 5;
	eii_link_down(&lane);
	assert_int_equal(lane.state, EII_LINK_DOWN);
	assert_true(lane.is_known && lane.is_marking_sent);
	assert_false(lane.is_blocked);
	assert_int_equal(lane.nacked_ms, 0);
	lane.knows_marking = false;
	eii_link_down(&lane);
	assert_false(lane.is_marking_sent); /* handed over on a dead connection: once more */
	lane.is_marking_sent = true;
	eii_link_forget(&lane);
	assert_false(lane.is_known || lane.is_marking_sent || lane.knows_author);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_link__settles_in_any_order, set_up),
		cmocka_unit_test_setup(test_link__gives_each_open_one_once_when_it_is_over, set_up),
		cmocka_unit_test_setup(test_link__forgets_nothing_under_any_order_of_confirms,
				       set_up),
		cmocka_unit_test_setup(test_link__sends_up_to_its_window_and_not_one_more, set_up),
		cmocka_unit_test_setup(test_link__sends_only_where_it_is_ready_and_nothing_holds_it,
				       set_up),
		cmocka_unit_test_setup(test_link__is_stuck_a_minute_after_its_oldest_message,
				       set_up),
		cmocka_unit_test_setup(test_link__is_not_stuck_where_the_broker_has_blocked_it,
				       set_up),
		cmocka_unit_test_setup(test_link__is_stuck_after_a_minute_of_refusals, set_up),
		cmocka_unit_test_setup(test_link__keeps_what_the_platform_knows_when_it_is_down,
				       set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
