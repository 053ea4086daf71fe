/* SPDX-License-Identifier: Apache-2.0 */
#include "calls.h"

#include "beat.h"
#include "support.h"

#define SECOND 1000
#define MINUTE (60 * SECOND)

static struct eii_calls calls;

static int set_up(void **state)
{
	(void)state;
	memset(&calls, 0, sizeof(calls));
	return 0;
}

/* A book of the test's own: every call's instant. */
struct book {
	int64_t times[40000];
	size_t n;
	bool is_search; /* the last one */
};

static void note(struct book *book, int64_t now_ms, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		assert_true(book->n < ARRAY_LEN(book->times));
		book->times[book->n++] = now_ms;
	}
}

/* The most calls in any window of so long, both ends counted. */
static size_t most_in(const struct book *book, int64_t ms)
{
	size_t first = 0;
	size_t most = 0;

	for (size_t last = 0; last < book->n; last++) {
		while (book->times[last] - book->times[first] > ms)
			first++;
		most = last - first + 1 > most ? last - first + 1 : most;
	}
	return most;
}

/* Calls a type at the instant where it may; true: it did, and was answered at once. */
static bool try_call(struct eii_pulse *pulse, struct book *book, enum eii_order_type type)
{
	struct eii_order *order;

	eii_calls_anew(&calls);
	if (!eii_calls_may(&calls, pulse, type))
		return false;
	order = eii_calls_begin(&calls, pulse, type);
	assert_int_equal(order->deadline_ms, pulse->now_ms + EII_CALL_MS);
	note(book, pulse->now_ms, eii_calls_weight(type));
	book->is_search = type == EII_ORDER_WORK_FIND;
	assert_true(eii_calls_end(&calls, order->number));
	beat_clear(pulse);
	return true;
}

static void give(struct eii_pulse *pulse, struct book *book, int n)
{
	for (int i = 0; i < n; i++)
		assert_true(try_call(pulse, book, EII_ORDER_WORK_TELL));
}

static void test_calls__weigh_what_they_ask(void **state)
{
	(void)state;
	assert_int_equal(eii_calls_weight(EII_ORDER_PING), 0);
	assert_int_equal(eii_calls_weight(EII_ORDER_REGISTER), 2);
	assert_int_equal(eii_calls_weight(EII_ORDER_WORK_LOOK), 2);
	assert_int_equal(eii_calls_weight(EII_ORDER_WORK_TELL), 1);
	assert_int_equal(eii_calls_weight(EII_ORDER_FIND_REPORTS), 1);
}

static void test_calls__are_one_at_a_time(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct eii_order *order;

	(void)state;
	assert_true(eii_calls_may(&calls, pulse, EII_ORDER_RIGHTS));
	order = eii_calls_begin(&calls, pulse, EII_ORDER_RIGHTS);
	assert_false(eii_calls_may(&calls, pulse, EII_ORDER_RIGHTS));
	assert_false(eii_calls_may(&calls, pulse, EII_ORDER_PING));
	assert_false(eii_calls_end(&calls, order->number + 1));
	assert_true(eii_calls_end(&calls, order->number));
	assert_false(eii_calls_end(&calls, order->number));
	assert_true(eii_calls_may(&calls, pulse, EII_ORDER_PING));
}

static void test_calls__are_five_in_a_second_and_not_one_more(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct book book = { .n = 0 };

	(void)state;
	give(pulse, &book, EII_CALLS_A_SECOND);
	assert_false(try_call(pulse, &book, EII_ORDER_WORK_TELL));
	assert_true(try_call(pulse, &book, EII_ORDER_PING));
	eii_calls_anew(&calls);
	assert_false(eii_calls_may(&calls, pulse, EII_ORDER_WORK_TELL));
	assert_int_equal(pulse->wakes_ms, pulse->now_ms + SECOND + 1);
	beat_pass(pulse, SECOND);
	assert_false(try_call(pulse, &book, EII_ORDER_WORK_TELL));
	beat_pass(pulse, 1);
	assert_true(try_call(pulse, &book, EII_ORDER_WORK_TELL));
}

static void test_calls__that_were_not_made_leave_their_room(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct book book = { .n = 0 };

	(void)state;
	give(pulse, &book, EII_CALLS_A_SECOND - 2);
	assert_true(try_call(pulse, &book, EII_ORDER_WORK_FIND));
	eii_calls_spare(&calls, 1);
	assert_false(try_call(pulse, &book, EII_ORDER_WORK_LOOK));
	assert_true(try_call(pulse, &book, EII_ORDER_WORK_ADD));
	assert_false(try_call(pulse, &book, EII_ORDER_WORK_ADD));
	eii_calls_spare(&calls, EII_CALLS_A_SECOND + 1); /* no more than there were */
	give(pulse, &book, EII_CALLS_A_SECOND);
	assert_false(try_call(pulse, &book, EII_ORDER_WORK_ADD));
}

static void test_calls__leave_no_half_of_a_double_one(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct book book = { .n = 0 };

	(void)state;
	give(pulse, &book, EII_CALLS_A_SECOND - 1);
	assert_false(try_call(pulse, &book, EII_ORDER_WORK_LOOK));
	assert_true(try_call(pulse, &book, EII_ORDER_WORK_TELL));
}

static void test_calls__keep_the_room_for_the_more_urgent_one(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct book book = { .n = 0 };

	(void)state;
	give(pulse, &book, EII_CALLS_A_SECOND - 1);
	eii_calls_anew(&calls);
	assert_false(eii_calls_may(&calls, pulse, EII_ORDER_WORK_LOOK));
	assert_false(eii_calls_may(&calls, pulse, EII_ORDER_KNOWN)); /* there is room for one */
	assert_true(eii_calls_may(&calls, pulse, EII_ORDER_PING));
	assert_int_equal(pulse->wakes_ms, pulse->now_ms + SECOND + 1);
	beat_pass(pulse, SECOND + 1);
	eii_calls_anew(&calls);
	assert_true(eii_calls_may(&calls, pulse, EII_ORDER_WORK_LOOK));
	assert_true(eii_calls_may(&calls, pulse, EII_ORDER_KNOWN));
}

static void test_calls__are_150_in_a_minute_and_not_one_more(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct book book = { .n = 0 };
	int64_t first_ms = pulse->now_ms;

	(void)state;
	while (book.n < EII_CALLS_A_MINUTE) {
		if (!try_call(pulse, &book, EII_ORDER_WORK_TELL))
			beat_pass(pulse, 100);
	}
	beat_pass(pulse, 2 * SECOND);
	assert_true(pulse->now_ms < first_ms + MINUTE);
	assert_false(try_call(pulse, &book, EII_ORDER_WORK_TELL));
	beat_pass(pulse, first_ms + MINUTE - pulse->now_ms);
	assert_false(try_call(pulse, &book, EII_ORDER_WORK_TELL));
	beat_pass(pulse, 1);
	assert_true(try_call(pulse, &book, EII_ORDER_WORK_TELL));
}

/* Of a search that was the last call and found none. */
static void spare_some(struct book *book, uint64_t *chance)
{
	if (!book->is_search || beat_random(chance, 2))
		return;
	eii_calls_spare(&calls, 1);
	book->n--;
}

static void test_calls__never_pass_their_limits_whatever_is_wanted_when(void **state)
{
	static const enum eii_order_type types[] = { EII_ORDER_PING,      EII_ORDER_REGISTER,
						     EII_ORDER_WORK_LOOK, EII_ORDER_WORK_TELL,
						     EII_ORDER_KNOWN,     EII_ORDER_WORK_FIND };
	static const uint64_t pauses_ms[] = { 1, 10, 200, 1001, 5000 };
	static struct book book;

	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct eii_pulse *pulse = beat_new();
		uint64_t chance = seed * 7919;
		int64_t end_ms = pulse->now_ms + 10 * MINUTE;

		(void)set_up(state);
		book.n = 0;
		while (pulse->now_ms < end_ms) {
			uint64_t pause = pauses_ms[beat_random(&chance, ARRAY_LEN(pauses_ms))];

			if (try_call(pulse, &book, types[beat_random(&chance, ARRAY_LEN(types))]))
				spare_some(&book, &chance);
			if (beat_random(&chance, 3) == 0)
				beat_pass(pulse, (int64_t)beat_random(&chance, pause) + 1);
		}
		CHECK(book.n > 500, "seed %d: %zu calls", (int)seed, book.n);
		CHECK(most_in(&book, SECOND) <= EII_CALLS_A_SECOND, "seed %d", (int)seed);
		CHECK(most_in(&book, MINUTE) <= EII_CALLS_A_MINUTE, "seed %d", (int)seed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_calls__weigh_what_they_ask, set_up),
		cmocka_unit_test_setup(test_calls__are_one_at_a_time, set_up),
		cmocka_unit_test_setup(test_calls__are_five_in_a_second_and_not_one_more, set_up),
		cmocka_unit_test_setup(test_calls__that_were_not_made_leave_their_room, set_up),
		cmocka_unit_test_setup(test_calls__leave_no_half_of_a_double_one, set_up),
		cmocka_unit_test_setup(test_calls__keep_the_room_for_the_more_urgent_one, set_up),
		cmocka_unit_test_setup(test_calls__are_150_in_a_minute_and_not_one_more, set_up),
		cmocka_unit_test_setup(test_calls__never_pass_their_limits_whatever_is_wanted_when,
				       set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
