/* SPDX-License-Identifier: Apache-2.0 */
#include "watch.h"

#include "beat.h"
#include "support.h"

#define PERIOD_MS (60 * 60 * 1000)

static const struct eii_failure lost = { .kind = EII_FAILURE_UNREACHABLE };

static struct eii_pulse *begin(struct eii_watch *watch)
{
	struct eii_pulse *pulse = beat_new();

	pulse->config.push = EII_CORE_PUSH_AUTO;
	pulse->config.mode = EII_CORE_STAY;
	pulse->config.period_s = PERIOD_MS / 1000;
	*watch = (struct eii_watch){ 0 };
	eii_watch_init(watch);
	(void)eii_watch_allow(watch, pulse, 0);
	return pulse;
}

static bool is_due(struct eii_watch *watch, struct eii_pulse *pulse)
{
	return eii_watch_is_due(watch, pulse, pulse->now_ms + PERIOD_MS);
}

static void test_watch__is_off_where_it_is_not_wanted_or_a_single_run(void **state)
{
	struct eii_watch watch;
	struct eii_pulse *pulse = begin(&watch);

	(void)state;
	assert_true(is_due(&watch, pulse));
	assert_true(eii_watch_is_due(&watch, pulse, pulse->now_ms + EII_WATCH_WORTH_MS));
	assert_false(eii_watch_is_due(&watch, pulse, pulse->now_ms + EII_WATCH_WORTH_MS - 1));
	pulse->config.push = EII_CORE_PUSH_OFF;
	assert_false(is_due(&watch, pulse));
	pulse->config.push = EII_CORE_PUSH_BY_NAME;
	pulse->config.mode = EII_CORE_ONCE;
	assert_false(is_due(&watch, pulse));
	assert_int_equal(eii_watch_shares_until(&watch, pulse), 0);
}

static void test_watch__ends_before_29_minutes_or_when_a_run_is_due(void **state)
{
	struct eii_watch watch;
	struct eii_pulse *pulse = begin(&watch);

	(void)state;
	eii_watch_begin(&watch, pulse, EII_WATCH_OF_ALL, pulse->now_ms + PERIOD_MS);
	assert_int_equal(watch.until_ms, pulse->now_ms + EII_WATCH_LONG_MS);
	assert_true(EII_WATCH_LONG_MS + EII_WATCH_DONE_MS < 29 * 60 * 1000);
	eii_watch_begin(&watch, pulse, EII_WATCH_OF_ALL, pulse->now_ms + 5000);
	assert_int_equal(watch.until_ms, pulse->now_ms + 5000);
}

static void test_watch__is_shorter_after_a_dead_connection_and_grows_again(void **state)
{
	static const int64_t minutes[] = { 28, 4, 2, 1, 1 };
	struct eii_watch watch;
	struct eii_pulse *pulse = begin(&watch);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(minutes); i++) {
		CHECK(watch.length_ms == minutes[i] * 60000, "after %zu: %ld ms", i,
		      (long)watch.length_ms);
		eii_watch_begin(&watch, pulse, EII_WATCH_OF_ALL, INT64_MAX);
		eii_watch_failed(&watch, pulse, EII_WATCH_SESSION_LOST, &lost);
	}
	for (int i = 0; i < EII_WATCH_WHOLE; i++) {
		assert_int_equal(watch.length_ms, 60000);
		eii_watch_begin(&watch, pulse, EII_WATCH_OF_ALL, INT64_MAX);
		eii_watch_ended(&watch);
	}
	assert_int_equal(watch.length_ms, 120000);
}

static void test_watch__that_fails_is_tried_after_pauses_up_to_an_hour(void **state)
{
	struct eii_watch watch;
	struct eii_pulse *pulse = begin(&watch);

	(void)state;
	for (int64_t ms = 1000; ms < 2 * PERIOD_MS; ms *= 2) {
		int64_t most_ms = ms < PERIOD_MS ? ms : PERIOD_MS;
		int64_t wait_ms;

		eii_watch_begin(&watch, pulse, EII_WATCH_OF_ALL, INT64_MAX);
		eii_watch_failed(&watch, pulse, EII_WATCH_SESSION_LOST, &lost);
		wait_ms = watch.attempt.due_ms - pulse->now_ms;
		CHECK(wait_ms >= most_ms / 2 && wait_ms <= most_ms, "%ld of %ld", (long)wait_ms,
		      (long)most_ms);
	}
	assert_false(is_due(&watch, pulse));
	beat_pass(pulse, PERIOD_MS);
	assert_true(is_due(&watch, pulse));
	/* One that stood for four minutes is no failure in a row. */
	eii_watch_begin(&watch, pulse, EII_WATCH_OF_ALL, INT64_MAX);
	beat_pass(pulse, EII_WATCH_SHORT_MS);
	eii_watch_failed(&watch, pulse, EII_WATCH_SESSION_LOST, &lost);
	assert_in_range(watch.attempt.due_ms - pulse->now_ms, 500, 1000);
}

static void test_watch__leaves_a_refused_sign_in_to_the_next_look(void **state)
{
	static const struct eii_failure refused = { .kind = EII_FAILURE_CREDENTIALS };
	struct eii_watch watch;
	struct eii_pulse *pulse = begin(&watch);

	(void)state;
	eii_watch_failed(&watch, pulse, EII_WATCH_NOT_OPENED, &refused);
	beat_pass(pulse, PERIOD_MS);
	assert_false(is_due(&watch, pulse));
	assert_true(eii_watch_allow(&watch, pulse, 0));
	assert_true(is_due(&watch, pulse));
	/* Within IDLE the same words are its session's end: a token that has expired. */
	eii_watch_begin(&watch, pulse, EII_WATCH_OF_ALL, INT64_MAX);
	eii_watch_failed(&watch, pulse, EII_WATCH_SESSION_LOST, &refused);
	assert_true(watch.is_allowed);
}

static void test_watch__says_once_that_the_server_has_none_and_asks_each_hour(void **state)
{
	struct eii_watch watch;
	struct eii_pulse *pulse = begin(&watch);

	(void)state;
	assert_false(eii_watch_refused(&watch, pulse));
	pulse = begin(&watch);
	pulse->config.push = EII_CORE_PUSH_BY_NAME;
	assert_true(eii_watch_refused(&watch, pulse));
	assert_false(eii_watch_allow(&watch, pulse, 0));
	assert_false(is_due(&watch, pulse));
	beat_pass(pulse, EII_WATCH_REFUSED_MS - 1);
	assert_false(is_due(&watch, pulse));
	beat_pass(pulse, 1);
	assert_true(is_due(&watch, pulse));
	assert_false(eii_watch_refused(&watch, pulse));
}

static void test_watch__looks_at_once_and_later_where_announcements_are_empty(void **state)
{
	static const int64_t seconds[] = { 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60 };
	struct eii_watch watch;
	struct eii_pulse *pulse = begin(&watch);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(seconds); i++) {
		int64_t ms = eii_watch_announced(&watch);

		CHECK(ms == seconds[i] * 1000, "announcement %zu: %ld ms", i, (long)ms);
		assert_false(is_due(&watch, pulse));
		(void)eii_watch_allow(&watch, pulse, 0);
	}
	(void)eii_watch_allow(&watch, pulse, 1);
	assert_int_equal(eii_watch_announced(&watch), 0);
	assert_int_equal(watch.n_announced, ARRAY_LEN(seconds) + 1);
}

static void test_watch__lets_mails_of_ten_seconds_share_a_work(void **state)
{
	struct eii_watch watch;
	struct eii_pulse *pulse = begin(&watch);

	(void)state;
	assert_int_equal(eii_watch_shares_until(&watch, pulse), pulse->now_ms + 10000);
	pulse->config.period_s = 10;
	assert_int_equal(eii_watch_shares_until(&watch, pulse), 0);
	pulse->config.period_s = 11;
	assert_int_equal(eii_watch_shares_until(&watch, pulse), pulse->now_ms + 10000);
}

static void test_watch__is_interrupted_each_minute_for_a_glance_at_the_others(void **state)
{
	struct eii_watch watch;
	struct eii_pulse *pulse = begin(&watch);

	(void)state;
	assert_true(eii_watch_wants_glance(&watch, pulse)); /* at once behind a run */
	eii_watch_glanced(&watch, pulse);
	assert_false(eii_watch_wants_glance(&watch, pulse));
	eii_watch_begin(&watch, pulse, EII_WATCH_OF_ALL, INT64_MAX);
	assert_int_equal(watch.until_ms, pulse->now_ms + EII_WATCH_LONG_MS);
	eii_watch_begin(&watch, pulse, EII_WATCH_OF_ONE_AMONG_OTHERS, INT64_MAX);
	assert_int_equal(watch.until_ms, pulse->now_ms + 60000);
	eii_watch_begin(&watch, pulse, EII_WATCH_OF_ONE_AMONG_OTHERS, pulse->now_ms + 5000);
	assert_int_equal(watch.until_ms, pulse->now_ms + 5000);
	beat_pass(pulse, 59999);
	assert_false(eii_watch_wants_glance(&watch, pulse));
	beat_pass(pulse, 1);
	assert_true(eii_watch_wants_glance(&watch, pulse));
}

static void test_watch__glances_that_fail_come_after_longer_pauses_up_to_an_hour(void **state)
{
	static const int64_t minutes[] = { 2, 4, 8, 16, 32, 60, 60 };
	struct eii_watch watch;
	struct eii_pulse *pulse = begin(&watch);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(minutes); i++) {
		eii_watch_glance_failed(&watch, pulse);
		/* A run in between is no reason to ask sooner. */
		(void)eii_watch_allow(&watch, pulse, 0);
		assert_int_equal(watch.glance_ms, pulse->now_ms + minutes[i] * 60000);
	}
	eii_watch_glanced(&watch, pulse);
	assert_int_equal(watch.glance_ms, pulse->now_ms + 60000);
	(void)eii_watch_allow(&watch, pulse, 0);
	assert_true(eii_watch_wants_glance(&watch, pulse));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_watch__is_interrupted_each_minute_for_a_glance_at_the_others),
		cmocka_unit_test(
			test_watch__glances_that_fail_come_after_longer_pauses_up_to_an_hour),
		cmocka_unit_test(test_watch__is_off_where_it_is_not_wanted_or_a_single_run),
		cmocka_unit_test(test_watch__ends_before_29_minutes_or_when_a_run_is_due),
		cmocka_unit_test(test_watch__is_shorter_after_a_dead_connection_and_grows_again),
		cmocka_unit_test(test_watch__that_fails_is_tried_after_pauses_up_to_an_hour),
		cmocka_unit_test(test_watch__leaves_a_refused_sign_in_to_the_next_look),
		cmocka_unit_test(test_watch__says_once_that_the_server_has_none_and_asks_each_hour),
		cmocka_unit_test(test_watch__looks_at_once_and_later_where_announcements_are_empty),
		cmocka_unit_test(test_watch__lets_mails_of_ten_seconds_share_a_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
