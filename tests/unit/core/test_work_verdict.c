/* SPDX-License-Identifier: Apache-2.0 */
/* What the platform says of a Work, and what that means. */
#include "work_scene.h"

#include "support.h"

#define MINUTE 60000

/* ---- verdicts ---------------------------------------------------------- */

static void test_work__is_judged_by_what_the_platform_says(void **state)
{
	static const struct {
		const char *name;
		struct eii_fact fact;
		enum eii_work_verdict verdict;
	} rows[] = {
		{ "all processed",
		  { .work = { true, true, true, true, 10, 10, { 0, 0 } } },
		  EII_VERDICT_ACCOUNTED },
		{ "more than expected",
		  { .work = { true, true, true, true, 3, 11, { 0, 0 } } },
		  EII_VERDICT_ACCOUNTED },
		{ "one is missing",
		  { .work = { true, true, true, true, 10, 9, { 0, 0 } } },
		  EII_VERDICT_NONE },
		{ "complete, counts short",
		  { .work = { true, true, true, true, 1, 1, { 0, 0 } } },
		  EII_VERDICT_NONE },
		{ "complete, without counts",
		  { .work = { true, true, true, false, 0, 0, { 0, 0 } } },
		  EII_VERDICT_NONE },
		{ "refused for a right",
		  { .work = { true, true, true, true, 10, 10, { 1, 0 } } },
		  EII_VERDICT_REFUSED },
		{ "refused for a right, and otherwise",
		  { .work = { true, true, true, true, 10, 10, { 1, 5 } } },
		  EII_VERDICT_REFUSED },
		{ "other errors",
		  { .work = { true, true, true, true, 10, 10, { 0, 5 } } },
		  EII_VERDICT_ACCOUNTED },
		{ "errors, but more waits",
		  { .work = { true, true, false, true, 10, 9, { 1, 0 } } },
		  EII_VERDICT_NONE },
		{ "not alive",
		  { .work = { true, false, true, true, 10, 10, { 0, 0 } } },
		  EII_VERDICT_LOST },
		{ "gone", { .work = { .exists = false } }, EII_VERDICT_CLEARED },
		{ "gone, feigning life",
		  { .work = { false, true, true, true, 10, 10, { 0, 0 } } },
		  EII_VERDICT_CLEARED },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)scene_set_up(state);
		scene_close(10);
		CHECK(scene_see(&rows[i].fact) == rows[i].verdict, "%s", rows[i].name);
	}
}

static void test_work__gone_is_cleared_within_seven_days_and_cleaned_after(void **state)
{
	static const struct {
		int64_t age_s;
		enum eii_work_verdict verdict;
	} rows[] = {
		{ 0, EII_VERDICT_CLEARED },
		{ EII_WORK_OLD_S - 1, EII_VERDICT_CLEARED },
		{ EII_WORK_OLD_S, EII_VERDICT_CLEANED },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct eii_fact gone = { .work = { .exists = false } };

		(void)scene_set_up(state);
		scene_close(10);
		pulse->unix_s += rows[i].age_s;
		CHECK(scene_see(&gone) == rows[i].verdict, "row %zu", i);
	}
}

static void test_work__an_open_one_is_not_accounted_for(void **state)
{
	(void)state;
	scene_open();
	eii_work_count(&work);
	assert_int_equal(scene_see_counts(1, 1), EII_VERDICT_NONE); /* neither told nor closed */
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_TELL);
	eii_work_told(&work, pulse);
	assert_int_equal(scene_see_counts(1, 1), EII_VERDICT_NONE);
}

static void test_work__of_nothing_is_accounted_for_when_it_is_closed(void **state)
{
	(void)state;
	scene_close(0);
	assert_int_equal(scene_see_counts(0, 0), EII_VERDICT_ACCOUNTED);
}

static void test_work__tells_its_errors_once(void **state)
{
	struct eii_fact fact = scene_seen(10, 5);
	struct eii_event event;

	(void)state;
	scene_close(10);
	fact.work.errors = (struct eii_work_errors){ 1, 2 };
	(void)scene_see(&fact);
	(void)scene_see(&fact);
	assert_int_equal(beat_count(pulse, EII_EVENT_WORK_ERRORS, &event), 1);
	assert_int_equal(event.a, 1);
	assert_int_equal(event.b, 2);
	fact.work.errors.n_other = 4;
	(void)scene_see(&fact);
	assert_int_equal(beat_count(pulse, EII_EVENT_WORK_ERRORS, &event), 2);
	assert_int_equal(event.a, 0);
	assert_int_equal(event.b, 2);
}

static void test_work__is_looked_at_with_growing_pauses_of_up_to_a_minute(void **state)
{
	int64_t wait_ms = EII_WORK_LOOK_FIRST_MS;

	(void)state;
	scene_close(10);
	for (int i = 0; i < 12; i++) {
		int64_t ms;

		(void)scene_see_counts(10, (uint32_t)i % 9);
		ms = work.look_ms - pulse->now_ms;
		CHECK(ms >= wait_ms / 2 && ms <= wait_ms, "look %d: %lld ms", i, (long long)ms);
		beat_pass(pulse, ms - 1);
		CHECK(scene_call(EII_WORK_AT_REST) == EII_WORK_NOTHING, "look %d", i);
		beat_pass(pulse, 1);
		CHECK(eii_work_due(&work, pulse, EII_WORK_AT_REST) == EII_WORK_LOOK, "look %d", i);
		wait_ms = wait_ms * 2 < MINUTE ? wait_ms * 2 : MINUTE;
	}
}

/* ---- lost --------------------------------------------------------------- */

/* Unmoved with an empty queue, up to ms after it moved last; the verdict there. */
static enum eii_work_verdict wait_unmoved(int64_t until_ms, unsigned *out_sizes)
{
	enum eii_work_verdict verdict = EII_VERDICT_NONE;
	const struct eii_fact empty = { .queue = { .is_known = true } };

	*out_sizes = 0;
	while (verdict == EII_VERDICT_NONE && pulse->now_ms < until_ms) {
		const struct eii_fact same = scene_seen(10, 4);
		enum eii_work_call due;

		beat_pass(pulse, 1000);
		due = scene_call(EII_WORK_AT_REST);
		if (due == EII_WORK_LOOK)
			verdict = eii_work_seen(&work, pulse, &same);
		else if (due == EII_WORK_SIZE)
			verdict = eii_work_sized(&work, pulse, &empty);
		else
			assert_int_equal(due, EII_WORK_NOTHING);
		*out_sizes += due == EII_WORK_SIZE ? 1 : 0;
	}
	return verdict;
}

static void test_work__is_lost_after_three_empty_looks_and_15_minutes(void **state)
{
	unsigned n_sizes;
	int64_t moved_ms;

	(void)state;
	scene_close(10);
	assert_int_equal(scene_see_counts(10, 4), EII_VERDICT_NONE);
	moved_ms = pulse->now_ms;
	assert_int_equal(wait_unmoved(moved_ms + EII_WORK_UNMOVED_MS - 1000, &n_sizes),
			 EII_VERDICT_NONE);
	assert_in_range(n_sizes, 2, 3);
	assert_int_equal(wait_unmoved(moved_ms + EII_WORK_UNMOVED_MS + 3 * MINUTE, &n_sizes),
			 EII_VERDICT_LOST);
	assert_true(pulse->now_ms >= moved_ms + EII_WORK_UNMOVED_MS);
}

static void test_work__is_not_lost_where_its_last_report_came_after_the_last_look(void **state)
{
	unsigned n_sizes;
	int64_t moved_ms;

	(void)state;
	scene_close(10);
	assert_int_equal(scene_see_counts(10, 4), EII_VERDICT_NONE);
	moved_ms = pulse->now_ms;
	(void)wait_unmoved(moved_ms + EII_WORK_UNMOVED_MS - MINUTE / 2, &n_sizes);
	assert_in_range(n_sizes, 1, 2);
	/* From here on no look comes through, only the queue's size; all is processed meanwhile. */
	for (int i = 0; i < 30 && pulse->now_ms < moved_ms + 20 * MINUTE; i++) {
		const struct eii_fact empty = { .queue = { .is_known = true } };
		static const struct eii_failure gone = { .kind = EII_FAILURE_UNREACHABLE };
		enum eii_work_call due;

		beat_pass(pulse, MINUTE);
		due = scene_call(EII_WORK_AT_REST);
		if (due == EII_WORK_LOOK)
			eii_work_failed(&work, pulse, &gone);
		else if (due == EII_WORK_SIZE)
			assert_int_equal(eii_work_sized(&work, pulse, &empty), EII_VERDICT_NONE);
	}
	assert_int_equal(scene_see_counts(10, 10), EII_VERDICT_ACCOUNTED);
}

static void test_work__is_not_lost_while_its_messages_wait(void **state)
{
	static const struct {
		bool is_known;
		double n_messages;
	} rows[] = { { true, 1 }, { true, 1e9 }, { false, 0 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		unsigned n_sizes = 0;

		(void)scene_set_up(state);
		scene_close(10);
		assert_int_equal(scene_see_counts(10, 4), EII_VERDICT_NONE);
		while (n_sizes < 20) {
			beat_pass(pulse, MINUTE);
			if (eii_work_due(&work, pulse, EII_WORK_AT_REST) == EII_WORK_SIZE) {
				CHECK(scene_hear_size(rows[i].is_known, rows[i].n_messages) ==
					      EII_VERDICT_NONE,
				      "row %zu", i);
				n_sizes++;
			}
			CHECK(scene_see_counts(10, 4) == EII_VERDICT_NONE, "row %zu", i);
		}
	}
}

static void test_work__begins_to_count_anew_when_it_moves(void **state)
{
	unsigned n_sizes;

	(void)state;
	scene_close(10);
	assert_int_equal(scene_see_counts(10, 3), EII_VERDICT_NONE);
	(void)wait_unmoved(pulse->now_ms + EII_WORK_UNMOVED_MS - MINUTE, &n_sizes);
	assert_int_equal(scene_see_counts(10, 5), EII_VERDICT_NONE);
	assert_int_equal(work.n_empty, 0);
	assert_int_equal(scene_see_counts(10, 4), EII_VERDICT_NONE);
	assert_int_equal(wait_unmoved(pulse->now_ms + EII_WORK_UNMOVED_MS - 2000, &n_sizes),
			 EII_VERDICT_NONE);
}

static void test_work__counts_the_15_minutes_over_a_restart(void **state)
{
	static const struct {
		int64_t ago_s;
		bool is_asked;
	} rows[] = {
		{ 0, false },        { 12 * 60, false }, { 13 * 60, true },
		{ 7 * 86400, true }, { -3600, false }, /* a clock that went back */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)scene_set_up(state);
		scene_close(10);
		ledger.work_processed = 4;
		ledger.work_moved_s = pulse->unix_s - rows[i].ago_s;
		eii_work_adopt(&work, pulse, EII_WORK_CAN_SAY);
		assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_LOOK);
		{
			const struct eii_fact same = scene_seen(10, 4);

			assert_int_equal(eii_work_seen(&work, pulse, &same), EII_VERDICT_NONE);
		}
		CHECK((eii_work_due(&work, pulse, EII_WORK_AT_REST) == EII_WORK_SIZE) ==
			      rows[i].is_asked,
		      "row %zu", i);
	}
}

/* ---- what is not known exactly ----------------------------------------- */

static void test_work__with_unknown_messages_needs_an_empty_queue_too(void **state)
{
	static const struct {
		const char *name;
		uint32_t processed;
		bool is_asked;
	} rows[] = {
		{ "one of the known is missing", 9, false },
		{ "as many as the known", 10, true },
		{ "some of the unknown as well", 12, true },
		{ "all of them", 13, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)scene_set_up(state);
		scene_close(10);
		ledger.work_unknown = 3;
		CHECK(scene_see_counts(10, rows[i].processed) ==
			      (rows[i].processed >= 13 ? EII_VERDICT_ACCOUNTED : EII_VERDICT_NONE),
		      "%s", rows[i].name);
		CHECK((eii_work_due(&work, pulse, EII_WORK_AT_REST) == EII_WORK_SIZE) ==
			      rows[i].is_asked,
		      "%s", rows[i].name);
		if (!rows[i].is_asked)
			continue;
		/* Something waits: it may be what was counted. */
		CHECK(scene_hear_size(true, 1) == EII_VERDICT_NONE, "%s", rows[i].name);
		CHECK(scene_see_counts(10, rows[i].processed) == EII_VERDICT_NONE, "%s",
		      rows[i].name);
		/* They may hide a loss: the reports are asked for. */
		CHECK(scene_hear_size(true, 0) == EII_VERDICT_UNSURE, "%s", rows[i].name);
	}
}

static void adopt_left_by_a_kill(void)
{
	memcpy(ledger.work_id, "work_0", sizeof("work_0"));
	ledger.work_opened_s = pulse->unix_s - 60;
	ledger.work_sent = 5;
	ledger.work_told = 5;
	eii_work_adopt(&work, pulse, EII_WORK_CAN_SAY);
	assert_true(work.must_size);
}

static void test_work__left_by_a_kill_is_counted_with_what_waits(void **state)
{
	(void)state;
	adopt_left_by_a_kill();
	/* In this order: what is processed in between may not count twice. */
	assert_int_equal(scene_see_counts(5, 3), EII_VERDICT_NONE);
	assert_int_equal(ledger.work_sent, 5);
	assert_int_equal(scene_hear_size(true, 6), EII_VERDICT_NONE);
	assert_int_equal(ledger.work_sent, 9);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_TELL);
	assert_int_equal(work.telling, 4);
	eii_work_told(&work, pulse);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_CLOSE);
	eii_work_closed(&work, pulse);
	assert_int_equal(scene_see_counts(9, 8), EII_VERDICT_NONE);
	/* Nobody knows what was lost before it was counted. */
	assert_int_equal(scene_see_counts(9, 9), EII_VERDICT_NONE);
	assert_int_equal(scene_hear_size(true, 0), EII_VERDICT_UNSURE);
}

static void test_work__left_by_a_kill_is_not_told_twice_what_it_was_told_unstored(void **state)
{
	struct eii_fact fact = scene_seen(3, 2);

	(void)state;
	adopt_left_by_a_kill();
	ledger.work_sent = 1;
	ledger.work_told = 0;
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_LOOK);
	assert_int_equal(eii_work_seen(&work, pulse, &fact), EII_VERDICT_NONE);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_SIZE);
	fact = (struct eii_fact){ .type = EII_FACT_QUEUE_SIZE, .queue = { true, 0, 2 } };
	assert_int_equal(eii_work_sized(&work, pulse, &fact), EII_VERDICT_NONE);
	assert_int_equal(ledger.work_sent, 4);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_TELL);
	assert_int_equal(work.telling, 1); /* of four it knows three */
}

static void test_work__left_by_a_kill_needs_an_empty_queue_where_it_cannot_be_counted(void **state)
{
	(void)state;
	adopt_left_by_a_kill();
	assert_int_equal(scene_see_counts(5, 5), EII_VERDICT_NONE);
	assert_int_equal(scene_hear_size(false, 0), EII_VERDICT_NONE);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_CLOSE);
	eii_work_closed(&work, pulse);
	assert_int_equal(scene_see_counts(5, 5), EII_VERDICT_NONE);
	assert_int_equal(scene_hear_size(true, 0), EII_VERDICT_UNSURE);
}

static void test_work__left_by_a_kill_goes_on_where_its_queue_cannot_be_asked(void **state)
{
	static const enum eii_failure_kind kinds[] = { EII_FAILURE_RIGHTS, EII_FAILURE_INPUT };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const struct eii_failure failure = { .kind = kinds[i] };

		(void)scene_set_up(state);
		adopt_left_by_a_kill();
		assert_int_equal(scene_see_counts(5, 5), EII_VERDICT_NONE);
		assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_SIZE);
		eii_work_failed(&work, pulse, &failure);
		beat_pass(pulse, work.attempt.due_ms - pulse->now_ms);
		CHECK(scene_call(EII_WORK_AT_REST) == EII_WORK_CLOSE, "row %zu", i);
	}
}

#define WORK_TEST(test) cmocka_unit_test_setup(test, scene_set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORK_TEST(test_work__is_judged_by_what_the_platform_says),
		WORK_TEST(test_work__gone_is_cleared_within_seven_days_and_cleaned_after),
		WORK_TEST(test_work__an_open_one_is_not_accounted_for),
		WORK_TEST(test_work__of_nothing_is_accounted_for_when_it_is_closed),
		WORK_TEST(test_work__tells_its_errors_once),
		WORK_TEST(test_work__is_looked_at_with_growing_pauses_of_up_to_a_minute),
		WORK_TEST(test_work__is_lost_after_three_empty_looks_and_15_minutes),
		WORK_TEST(test_work__is_not_lost_where_its_last_report_came_after_the_last_look),
		WORK_TEST(test_work__is_not_lost_while_its_messages_wait),
		WORK_TEST(test_work__begins_to_count_anew_when_it_moves),
		WORK_TEST(test_work__counts_the_15_minutes_over_a_restart),
		WORK_TEST(test_work__with_unknown_messages_needs_an_empty_queue_too),
		WORK_TEST(test_work__left_by_a_kill_is_counted_with_what_waits),
		WORK_TEST(test_work__left_by_a_kill_is_not_told_twice_what_it_was_told_unstored),
		WORK_TEST(
			test_work__left_by_a_kill_needs_an_empty_queue_where_it_cannot_be_counted),
		WORK_TEST(test_work__left_by_a_kill_goes_on_where_its_queue_cannot_be_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
