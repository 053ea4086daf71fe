/* SPDX-License-Identifier: Apache-2.0 */
#include "schedule.h"

#include "beat.h"
#include "support.h"

#define MINUTE    60000
#define THRESHOLD 1000.0

static struct eii_schedule plan;

static int set_up(void **state)
{
	(void)state;
	memset(&plan, 0, sizeof(plan));
	eii_schedule_init(&plan);
	return 0;
}

static struct eii_pulse *with_threshold(void)
{
	struct eii_pulse *pulse = beat_new();

	pulse->config.threshold_bytes = THRESHOLD;
	return pulse;
}

/* Asks as the platform's line does, and hears so many bytes; below 0: it cannot say. */
static void hear_size(struct eii_pulse *pulse, double bytes)
{
	const struct eii_fact fact = { .type = EII_FACT_QUEUE_SIZE,
				       .queue = { .is_known = bytes >= 0, .size_bytes = bytes } };

	assert_true(eii_schedule_wants_size(&plan, pulse, EII_PHASE_IDLE));
	plan.is_asking = true;
	assert_false(eii_schedule_wants_size(&plan, pulse, EII_PHASE_IDLE));
	eii_schedule_sized(&plan, pulse, &fact);
}

static void test_schedule__begins_at_the_start_and_a_period_after(void **state)
{
	struct eii_pulse *pulse = beat_new();

	(void)state;
	assert_true(eii_schedule_may_begin(&plan, pulse));
	eii_schedule_after_period(&plan, pulse);
	assert_int_equal(plan.next_run_unix_s, pulse->unix_s + 300);
	beat_pass(pulse, 300 * 1000 - 1);
	assert_false(eii_schedule_may_begin(&plan, pulse));
	assert_int_equal(pulse->wakes_ms, pulse->now_ms + 1);
	beat_pass(pulse, 1);
	assert_true(eii_schedule_may_begin(&plan, pulse));
	assert_false(
		eii_schedule_wants_size(&plan, pulse, EII_PHASE_FLOW)); /* without a threshold */
}

static void test_schedule__begins_only_on_a_fresh_size_below_the_threshold(void **state)
{
	static const struct {
		double bytes;
		bool may;
	} rows[] = {
		{ 0, true },          { THRESHOLD - 1, true },
		{ THRESHOLD, false }, { THRESHOLD + 1, false },
		{ -1, true }, /* unknown */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_pulse *pulse = with_threshold();

		(void)set_up(state);
		assert_false(eii_schedule_may_begin(&plan, pulse));
		hear_size(pulse, rows[i].bytes);
		CHECK(eii_schedule_may_begin(&plan, pulse) == rows[i].may, "row %zu", i);
		/* For the next run it is an old one. */
		eii_schedule_after_period(&plan, pulse);
		beat_pass(pulse, 300 * 1000);
		CHECK(!eii_schedule_may_begin(&plan, pulse), "row %zu", i);
	}
}

static void test_schedule__asks_for_a_size_only_when_a_run_is_due_or_on(void **state)
{
	struct eii_pulse *pulse = with_threshold();

	(void)state;
	eii_schedule_in(&plan, pulse, 10000);
	assert_false(eii_schedule_wants_size(&plan, pulse, EII_PHASE_IDLE));
	assert_true(eii_schedule_wants_size(&plan, pulse, EII_PHASE_FLOW));
	beat_pass(pulse, 10000);
	hear_size(pulse, 5);
	beat_pass(pulse, EII_SCHEDULE_SIZE_MS - 1);
	assert_false(eii_schedule_wants_size(&plan, pulse, EII_PHASE_FLOW));
	beat_pass(pulse, 1);
	assert_true(eii_schedule_wants_size(&plan, pulse, EII_PHASE_FLOW));
	beat_stop(pulse);
	assert_false(eii_schedule_wants_size(&plan, pulse, EII_PHASE_FLOW));
}

static void test_schedule__says_where_the_threshold_is_crossed(void **state)
{
	static const double sizes[] = { 10, 1000, 2000, 999, 10, 1000, -1 };
	struct eii_pulse *pulse = with_threshold();
	struct eii_event event;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		hear_size(pulse, sizes[i]);
		beat_pass(pulse, EII_SCHEDULE_SIZE_MS);
	}
	assert_int_equal(beat_count(pulse, EII_EVENT_OVER_THRESHOLD, &event), 2);
	assert_int_equal(event.a, 1000);
	assert_int_equal(beat_count(pulse, EII_EVENT_UNDER_THRESHOLD, NULL), 2);
}

static void test_schedule__is_not_held_up_where_the_size_cannot_be_had(void **state)
{
	static const struct eii_failure failure = { .kind = EII_FAILURE_UNREACHABLE };
	struct eii_pulse *pulse = with_threshold();

	(void)state;
	assert_true(eii_schedule_wants_size(&plan, pulse, EII_PHASE_IDLE));
	plan.is_asking = true;
	eii_schedule_size_failed(&plan, pulse, &failure);
	assert_true(eii_schedule_may_begin(&plan, pulse));
	assert_false(eii_schedule_wants_size(&plan, pulse, EII_PHASE_IDLE)); /* its pause */
	beat_pass(pulse, plan.size.due_ms - pulse->now_ms);
	hear_size(pulse, THRESHOLD);
	assert_false(eii_schedule_may_begin(&plan, pulse));
	/* What was over the threshold is not under it because a call was lost. */
	beat_pass(pulse, EII_SCHEDULE_SIZE_MS);
	plan.is_asking = true;
	eii_schedule_size_failed(&plan, pulse, &failure);
	assert_false(eii_schedule_may_begin(&plan, pulse));
}

static void test_schedule__ends_a_pause_after_a_whole_period(void **state)
{
	struct eii_pulse *pulse = with_threshold();

	(void)state;
	hear_size(pulse, THRESHOLD);
	beat_pass(pulse, 300 * 1000 - 1);
	assert_false(eii_schedule_is_paused_out(&plan, pulse));
	beat_pass(pulse, 1);
	assert_true(eii_schedule_is_paused_out(&plan, pulse));
	/* The next period begins anew, by a size of its own. */
	eii_schedule_after_period(&plan, pulse);
	assert_false(eii_schedule_is_paused_out(&plan, pulse));
	beat_pass(pulse, 300 * 1000);
	assert_false(eii_schedule_is_paused_out(&plan, pulse));
	hear_size(pulse, THRESHOLD);
	assert_false(eii_schedule_is_paused_out(&plan, pulse));
	beat_pass(pulse, 300 * 1000);
	assert_true(eii_schedule_is_paused_out(&plan, pulse));
}

static void test_schedule__goes_back_with_pauses_of_up_to_an_hour(void **state)
{
	static const int64_t wanted_ms[] = { 2000,        MINUTE,      2 * MINUTE,
					     4 * MINUTE,  8 * MINUTE,  16 * MINUTE,
					     32 * MINUTE, 60 * MINUTE, 60 * MINUTE };
	struct eii_pulse *pulse = beat_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wanted_ms); i++) {
		eii_schedule_after_going_back(&plan, pulse);
		CHECK(plan.due_ms - pulse->now_ms == wanted_ms[i], "%zu. time", i + 1);
		beat_pass(pulse, wanted_ms[i] - 1);
		CHECK(!eii_schedule_may_begin(&plan, pulse), "%zu. time", i + 1);
		beat_pass(pulse, 1);
		CHECK(eii_schedule_may_begin(&plan, pulse), "%zu. time", i + 1);
	}
	for (int i = 0; i < 100000; i++)
		eii_schedule_after_going_back(&plan, pulse);
	assert_int_equal(plan.due_ms - pulse->now_ms, 60 * MINUTE);
	eii_schedule_now(&plan, pulse);
	assert_true(eii_schedule_may_begin(&plan, pulse));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_schedule__begins_at_the_start_and_a_period_after,
				       set_up),
		cmocka_unit_test_setup(
			test_schedule__begins_only_on_a_fresh_size_below_the_threshold, set_up),
		cmocka_unit_test_setup(test_schedule__asks_for_a_size_only_when_a_run_is_due_or_on,
				       set_up),
		cmocka_unit_test_setup(test_schedule__says_where_the_threshold_is_crossed, set_up),
		cmocka_unit_test_setup(test_schedule__is_not_held_up_where_the_size_cannot_be_had,
				       set_up),
		cmocka_unit_test_setup(test_schedule__ends_a_pause_after_a_whole_period, set_up),
		cmocka_unit_test_setup(test_schedule__goes_back_with_pauses_of_up_to_an_hour,
				       set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
