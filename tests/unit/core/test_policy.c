/* SPDX-License-Identifier: Apache-2.0 */
#include "policy.h"

#include "beat.h"
#include "support.h"

#define SECOND 1000
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

static const struct eii_failure secret = { .kind = EII_FAILURE_CREDENTIALS };
static const struct eii_failure config = { .kind = EII_FAILURE_CONFIG };
static const struct eii_failure gone = { .kind = EII_FAILURE_UNREACHABLE };

static void test_policy__has_a_whole_row_for_every_part_and_kind(void **state)
{
	(void)state;
	for (int part = 0; part < EII_PARTS; part++) {
		for (int kind = EII_FAILURE_UNREACHABLE; kind <= EII_FAILURE_CUT; kind++) {
			const struct eii_policy *row =
				eii_policy_of((enum eii_part)part, (enum eii_failure_kind)kind);

			CHECK(row->first_ms >= SECOND, "part %d kind %d", part, kind);
			CHECK(row->first_ms <= row->max_ms, "part %d kind %d", part, kind);
			CHECK(row->max_ms <= HOUR, "part %d kind %d", part, kind);
			CHECK(row->n_tries_once >= 1, "part %d kind %d", part, kind);
			CHECK(row->gives_up != EII_OVER_OK, "part %d kind %d", part, kind);
		}
	}
}

static void test_policy__doubles_its_pause_up_to_the_last(void **state)
{
	static const int64_t wanted_ms[] = { 1000,  2000,  4000,  8000, 16000,
					     32000, 60000, 60000, 60000 };
	struct eii_pulse *pulse = beat_new();
	struct eii_attempt attempt = { .part = EII_PART_QUEUE };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wanted_ms); i++) {
		int64_t ms;

		eii_attempt_failed(&attempt, pulse, &gone);
		ms = attempt.due_ms - pulse->now_ms;
		CHECK(ms >= wanted_ms[i] / 2 && ms <= wanted_ms[i], "try %zu: %lld ms", i,
		      (long long)ms);
		assert_int_equal(attempt.n, i + 1);
		assert_false(eii_attempt_is_due(&attempt, pulse));
		assert_int_equal(pulse->wakes_ms, attempt.due_ms);
		beat_pass(pulse, ms - 1);
		assert_false(eii_attempt_is_due(&attempt, pulse));
		beat_pass(pulse, 1);
		assert_true(eii_attempt_is_due(&attempt, pulse));
	}
}

/* A single run gives up at the fifth try, and asking for fewer at once is none. */
static void test_policy__takes_what_narrows_for_no_try(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct eii_attempt attempt = { .part = EII_PART_MAILBOX };
	enum eii_over_code code;

	(void)state;
	pulse->config.mode = EII_CORE_ONCE;
	for (int i = 0; i < 20; i++) {
		eii_attempt_narrowed(&attempt, pulse, &gone);
		assert_false(eii_attempt_is_due(&attempt, pulse));
		assert_in_range(attempt.due_ms - pulse->now_ms, SECOND / 2, SECOND);
		assert_false(eii_attempt_gives_up(&attempt, pulse, &code));
		assert_int_equal(attempt.n, 1); /* it does not work */
		beat_pass(pulse, SECOND);
	}
	for (int i = 0; i < 3; i++)
		eii_attempt_failed(&attempt, pulse, &gone);
	eii_attempt_narrowed(&attempt, pulse, &gone);
	assert_false(eii_attempt_gives_up(&attempt, pulse, &code));
	eii_attempt_failed(&attempt, pulse, &gone);
	assert_true(eii_attempt_gives_up(&attempt, pulse, &code));
}

static void test_policy__waits_for_a_person_in_four_steps(void **state)
{
	static const int64_t wanted_ms[] = { MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, HOUR };
	struct eii_pulse *pulse = beat_new();
	struct eii_attempt attempt = { .part = EII_PART_MAILBOX };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wanted_ms); i++) {
		eii_attempt_failed(&attempt, pulse, &secret);
		assert_int_equal(attempt.due_ms - pulse->now_ms, wanted_ms[i]);
		assert_true(eii_attempt_waits_for_person(&attempt));
		beat_pass(pulse, wanted_ms[i]);
	}
	eii_attempt_worked(&attempt);
	assert_false(eii_attempt_waits_for_person(&attempt));
	eii_attempt_failed(&attempt, pulse, &secret);
	assert_int_equal(attempt.due_ms - pulse->now_ms, MINUTE);
}

/* Tries with a wrong secret in two hours; with a line that is lost at each n-th try. */
static unsigned tries_in_two_hours(struct eii_pulse *pulse, unsigned lost_each)
{
	struct eii_attempt attempt = { .part = EII_PART_MAILBOX };
	int64_t end_ms = pulse->now_ms + 2 * HOUR;
	unsigned n_tries = 0;
	unsigned n_signed = 0;

	while (pulse->now_ms < end_ms) {
		bool is_lost = lost_each && n_tries % lost_each == lost_each - 1;

		n_tries++;
		n_signed += is_lost ? 0 : 1;
		eii_attempt_failed(&attempt, pulse, is_lost ? &gone : &secret);
		beat_pass(pulse, attempt.due_ms - pulse->now_ms);
	}
	return n_signed;
}

static void test_policy__signs_in_six_times_in_two_hours_at_most(void **state)
{
	(void)state;
	assert_in_range(tries_in_two_hours(beat_new(), 0), 4, 6);
}

static void test_policy__counts_wrong_secrets_over_lost_connections(void **state)
{
	(void)state;
	for (unsigned each = 2; each < 6; each++)
		CHECK(tries_in_two_hours(beat_new(), each) <= 6, "lost at each %u. try", each);
}

static void test_policy__begins_anew_with_another_thing_for_a_person(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct eii_attempt attempt = { .part = EII_PART_MAILBOX };

	(void)state;
	for (int i = 0; i < 4; i++)
		eii_attempt_failed(&attempt, pulse, &secret);
	eii_attempt_failed(&attempt, pulse, &config);
	assert_int_equal(attempt.due_ms - pulse->now_ms, MINUTE);
}

static void test_policy__heeds_a_wish_of_up_to_fifteen_minutes(void **state)
{
	static const struct {
		uint32_t wish_s;
		int64_t least_ms, most_ms;
	} rows[] = {
		{ 0, 500, 1000 },   { 1, 1000, 1000 },         { 900, 900 * SECOND, 900 * SECOND },
		{ 901, 500, 1000 }, { UINT32_MAX, 500, 1000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_pulse *pulse = beat_new();
		struct eii_attempt attempt = { .part = EII_PART_PLATFORM };
		struct eii_failure failure = { .kind = EII_FAILURE_PASSING,
					       .retry_after_s = rows[i].wish_s };
		int64_t ms;

		eii_attempt_failed(&attempt, pulse, &failure);
		ms = attempt.due_ms - pulse->now_ms;
		CHECK(ms >= rows[i].least_ms && ms <= rows[i].most_ms, "%u s: %lld ms",
		      rows[i].wish_s, (long long)ms);
	}
}

static void test_policy__counts_a_burst_once(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct eii_attempt attempt = { .part = EII_PART_QUEUE };
	int64_t due_ms;

	(void)state;
	for (int i = 0; i < 500; i++)
		eii_attempt_failed_again(&attempt, pulse, &gone);
	assert_int_equal(attempt.n, 1);
	due_ms = attempt.due_ms;
	beat_pass(pulse, due_ms - pulse->now_ms - 1);
	eii_attempt_failed_again(&attempt, pulse, &gone);
	assert_int_equal(attempt.n, 1);
	assert_int_equal(attempt.due_ms, due_ms);
	beat_pass(pulse, 1);
	eii_attempt_failed_again(&attempt, pulse, &gone);
	assert_int_equal(attempt.n, 2);
	assert_true(attempt.due_ms > due_ms);
}

static void test_policy__is_hurried_only_where_a_person_was_waited_for(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct eii_attempt attempt = { .part = EII_PART_MAILBOX };

	(void)state;
	eii_attempt_failed(&attempt, pulse, &gone);
	eii_attempt_hurry(&attempt);
	assert_false(eii_attempt_is_due(&attempt, pulse));
	eii_attempt_failed(&attempt, pulse, &secret);
	eii_attempt_hurry(&attempt);
	assert_true(eii_attempt_is_due(&attempt, pulse));
}

static void test_policy__gives_up_a_single_run_alone(void **state)
{
	static const struct {
		enum eii_part part;
		enum eii_failure_kind kind;
		unsigned n_tries;
		enum eii_over_code code;
	} rows[] = {
		{ EII_PART_MAILBOX, EII_FAILURE_UNREACHABLE, 5, EII_OVER_GAVE_UP },
		{ EII_PART_MAILBOX, EII_FAILURE_CREDENTIALS, 1, EII_OVER_CREDENTIALS },
		{ EII_PART_MAILBOX, EII_FAILURE_CONFIG, 1, EII_OVER_CONFIG },
		{ EII_PART_QUEUE, EII_FAILURE_PASSING, 5, EII_OVER_GAVE_UP },
		{ EII_PART_QUEUE, EII_FAILURE_CREDENTIALS, 1, EII_OVER_CREDENTIALS },
		{ EII_PART_PLATFORM, EII_FAILURE_RIGHTS, 1, EII_OVER_CREDENTIALS },
		{ EII_PART_PLATFORM, EII_FAILURE_INPUT, 5, EII_OVER_GAVE_UP },
		{ EII_PART_CONVERTER, EII_FAILURE_UNREACHABLE, 5, EII_OVER_GAVE_UP },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_pulse *pulse = beat_new();
		struct eii_attempt attempt = { .part = rows[i].part };
		struct eii_failure failure = { .kind = rows[i].kind };
		enum eii_over_code code = EII_OVER_OK;

		pulse->config.mode = EII_CORE_ONCE;
		for (unsigned n = 0; n < rows[i].n_tries; n++) {
			CHECK(!eii_attempt_gives_up(&attempt, pulse, &code), "row %zu at %u", i, n);
			eii_attempt_failed(&attempt, pulse, &failure);
		}
		CHECK(eii_attempt_gives_up(&attempt, pulse, &code), "row %zu", i);
		CHECK(code == rows[i].code, "row %zu: %d", i, code);
		pulse->config.mode = EII_CORE_STAY;
		CHECK(!eii_attempt_gives_up(&attempt, pulse, &code), "row %zu stays", i);
	}
}

static const struct eii_failure doubtful = { .kind = EII_FAILURE_CONFIG, .is_doubtful = true };

static void test_policy__takes_what_contradicts_a_setting_that_was_right_for_passing(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct eii_attempt attempt = { .part = EII_PART_PLATFORM };
	enum eii_over_code code = EII_OVER_OK;

	(void)state;
	pulse->config.mode = EII_CORE_ONCE;
	pulse->has_worked[EII_PART_PLATFORM] = true;
	for (int i = 0; i < 5; i++) {
		CHECK(!eii_attempt_gives_up(&attempt, pulse, &code), "try %d", i);
		eii_attempt_failed(&attempt, pulse, &doubtful);
		CHECK(!eii_attempt_waits_for_person(&attempt), "try %d", i);
		CHECK(attempt.kind == EII_FAILURE_PASSING, "try %d", i);
	}
	assert_true(attempt.due_ms - pulse->now_ms <= 16 * SECOND);
	assert_true(eii_attempt_gives_up(&attempt, pulse, &code));
	assert_int_equal(code, EII_OVER_GAVE_UP);
	/* What is certain is believed all the same. */
	eii_attempt_failed(&attempt, pulse, &config);
	assert_true(eii_attempt_gives_up(&attempt, pulse, &code));
	assert_int_equal(code, EII_OVER_CONFIG);
}

static void test_policy__believes_what_is_doubtful_at_the_third_time_in_a_row(void **state)
{
	static const struct {
		const struct eii_failure *failures[6]; /* up to NULL */
		bool is_believed;
	} rows[] = {
		{ { &doubtful }, false },
		{ { &doubtful, &doubtful }, false },
		{ { &doubtful, &doubtful, &doubtful }, true },
		{ { &doubtful, &doubtful, &doubtful, &doubtful }, true },
		{ { &doubtful, &doubtful, &gone, &doubtful }, false },
		{ { &doubtful, &doubtful, &gone, &doubtful, &doubtful, &doubtful }, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_pulse *pulse = beat_new();
		struct eii_attempt attempt = { .part = EII_PART_QUEUE };
		enum eii_over_code code = EII_OVER_OK;

		pulse->config.mode = EII_CORE_ONCE;
		/* That another part works shows nothing of this one. */
		pulse->has_worked[EII_PART_PLATFORM] = true;
		for (size_t k = 0; k < ARRAY_LEN(rows[i].failures) && rows[i].failures[k]; k++)
			eii_attempt_failed(&attempt, pulse, rows[i].failures[k]);
		CHECK(eii_attempt_waits_for_person(&attempt) == rows[i].is_believed, "row %zu", i);
		CHECK(!rows[i].is_believed || attempt.due_ms - pulse->now_ms >= MINUTE, "row %zu",
		      i);
		if (rows[i].is_believed)
			CHECK(eii_attempt_gives_up(&attempt, pulse, &code) &&
				      code == EII_OVER_CONFIG,
			      "row %zu: %d", i, code);
	}
}

static void test_policy__begins_its_count_of_doubts_anew_where_it_works(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct eii_attempt attempt = { .part = EII_PART_MAILBOX };

	(void)state;
	for (int i = 0; i < EII_POLICY_DOUBTFUL_TRIES - 1; i++)
		eii_attempt_failed(&attempt, pulse, &doubtful);
	eii_attempt_worked(&attempt);
	eii_attempt_failed(&attempt, pulse, &doubtful);
	assert_false(eii_attempt_waits_for_person(&attempt));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy__has_a_whole_row_for_every_part_and_kind),
		cmocka_unit_test(test_policy__doubles_its_pause_up_to_the_last),
		cmocka_unit_test(test_policy__takes_what_narrows_for_no_try),
		cmocka_unit_test(test_policy__waits_for_a_person_in_four_steps),
		cmocka_unit_test(test_policy__signs_in_six_times_in_two_hours_at_most),
		cmocka_unit_test(test_policy__counts_wrong_secrets_over_lost_connections),
		cmocka_unit_test(test_policy__begins_anew_with_another_thing_for_a_person),
		cmocka_unit_test(test_policy__heeds_a_wish_of_up_to_fifteen_minutes),
		cmocka_unit_test(test_policy__counts_a_burst_once),
		cmocka_unit_test(test_policy__is_hurried_only_where_a_person_was_waited_for),
		cmocka_unit_test(test_policy__gives_up_a_single_run_alone),
		cmocka_unit_test(
			test_policy__takes_what_contradicts_a_setting_that_was_right_for_passing),
		cmocka_unit_test(test_policy__believes_what_is_doubtful_at_the_third_time_in_a_row),
		cmocka_unit_test(test_policy__begins_its_count_of_doubts_anew_where_it_works),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
