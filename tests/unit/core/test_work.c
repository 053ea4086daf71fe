/* SPDX-License-Identifier: Apache-2.0 */
/* The calls of a Work, one after the other; test_work_verdict.c: what becomes of it. */
#include "work_scene.h"

#include "support.h"

#define MINUTE 60000

/* ---- one after the other ----------------------------------------------- */

static void test_work__opens_one_where_it_is_wanted_and_none_is_open(void **state)
{
	(void)state;
	assert_int_equal(scene_call(EII_WORK_IN_USE), EII_WORK_NOTHING);
	scene_open();
	assert_int_equal(scene_call(EII_WORK_IN_USE), EII_WORK_NOTHING);
	assert_int_equal(ledger.work_opened_s, pulse->unix_s);
}

static void test_work__tells_what_was_confirmed_once_a_second(void **state)
{
	(void)state;
	scene_open();
	for (int i = 0; i < 3; i++)
		eii_work_count(&work);
	/* The platform is looked at as well; here it says what it has so far. */
	beat_pass(pulse, EII_WORK_TELL_MS - 1);
	assert_int_equal(eii_work_due(&work, pulse, EII_WORK_IN_USE), EII_WORK_LOOK);
	beat_pass(pulse, 1);
	assert_int_equal(scene_call(EII_WORK_IN_USE), EII_WORK_TELL);
	assert_int_equal(work.telling, 3);
	eii_work_count(&work); /* confirmed while the call is under way */
	assert_int_equal(scene_call(EII_WORK_IN_USE), EII_WORK_NOTHING);
	eii_work_told(&work, pulse);
	assert_int_equal(ledger.work_told, 3);
	assert_int_equal(ledger.work_sent, 4);
	assert_int_not_equal(eii_work_due(&work, pulse, EII_WORK_IN_USE), EII_WORK_TELL);
	/* Before it is closed nothing is left untold. */
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_TELL);
	assert_int_equal(work.telling, 1);
}

static void test_work__is_seen_alive_before_it_is_closed(void **state)
{
	const struct eii_fact alive = scene_seen(1, 0);

	(void)state;
	scene_open();
	eii_work_count(&work);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_TELL);
	eii_work_told(&work, pulse);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_LOOK);
	(void)eii_work_seen(&work, pulse, &alive);
	eii_work_count(&work); /* one more: told and looked at again */
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_TELL);
	eii_work_told(&work, pulse);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_LOOK);
	(void)eii_work_seen(&work, pulse, &alive);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_CLOSE);
	eii_work_count(&work); /* confirmed meanwhile: it is open again */
	eii_work_closed(&work, pulse);
	assert_false(ledger.work_is_closed);
}

static void test_work__is_closed_without_a_look_where_none_can_be_had(void **state)
{
	(void)state;
	eii_work_adopt(&work, pulse, EII_WORK_CANNOT_SAY);
	scene_open();
	eii_work_count(&work);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_TELL);
	eii_work_told(&work, pulse);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_CLOSE);
	eii_work_closed(&work, pulse);
	assert_true(ledger.work_is_closed);
	beat_pass(pulse, 60 * MINUTE);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_NOTHING);
}

static void test_work__asks_for_another_id_after_a_pause_where_one_cannot_be_kept(void **state)
{
	char id[EII_DOCUMENT_WORK_BYTES + 1];
	static const struct {
		size_t len;
		bool is_kept;
	} rows[] = { { 0, false },
		     { 1, true },
		     { EII_DOCUMENT_WORK_BYTES - 1, true },
		     { EII_DOCUMENT_WORK_BYTES, false } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)scene_set_up(state);
		memset(id, 'a', sizeof(id));
		id[rows[i].len] = '\0';
		work.is_wanted = true;
		assert_int_equal(scene_call(EII_WORK_IN_USE), EII_WORK_ADD);
		eii_work_opened(&work, pulse, id);
		CHECK(eii_work_is_open(&work) == rows[i].is_kept, "row %zu", i);
		/* Each try opens one more there. */
		CHECK(scene_call(EII_WORK_IN_USE) == EII_WORK_NOTHING, "row %zu", i);
		CHECK(rows[i].is_kept || work.attempt.due_ms > pulse->now_ms, "row %zu", i);
	}
}

static void test_work__tells_how_many_reports_wait_and_not_messages(void **state)
{
	static const struct {
		uint32_t sent_before, n_objects, n_messages; /* of reports */
		uint32_t processed;
		uint64_t n_reports, waiting;
	} rows[] = {
		{ 0, 2, 3, 0, 3, 3 },  { 0, 2, 3, 1, 3, 3 }, { 0, 2, 3, 2, 3, 3 },
		{ 0, 2, 3, 3, 3, 2 },  { 0, 2, 3, 5, 3, 0 }, { 0, 2, 3, 9, 3, 0 },
		{ 0, 2, 6, 0, 3, 3 }, /* each with files */
		{ 0, 2, 0, 0, 0, 0 }, /* author and marking alone */
		{ 7, 2, 3, 0, 3, 10 }, { 7, 2, 3, 8, 3, 3 }, { 7, 2, 3, 10, 3, 2 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)scene_set_up(state);
		scene_open();
		ledger.work_sent = rows[i].sent_before;
		eii_work_adopt(&work, pulse, EII_WORK_CAN_SAY);
		for (uint32_t n = 0; n < rows[i].n_objects; n++)
			eii_work_count_object(&work);
		for (uint32_t n = 0; n < rows[i].n_messages; n++)
			eii_work_count(&work);
		work.processed = rows[i].processed;
		CHECK(eii_work_reports_waiting(&work, rows[i].n_reports) == rows[i].waiting,
		      "row %zu", i);
	}
}

static void test_work__looks_for_what_an_earlier_life_may_have_opened(void **state)
{
	static const struct {
		enum eii_work_voice voice;
		bool is_wanted;
		enum eii_work_use use;
		enum eii_work_call call;
	} rows[] = {
		{ EII_WORK_CAN_SAY, false, EII_WORK_AT_REST, EII_WORK_FIND },
		{ EII_WORK_CAN_SAY, true, EII_WORK_IN_USE, EII_WORK_FIND },
		{ EII_WORK_CAN_SAY, false, EII_WORK_IN_USE, EII_WORK_NOTHING },
		{ EII_WORK_CANNOT_SAY, false, EII_WORK_AT_REST, EII_WORK_NOTHING },
		{ EII_WORK_CANNOT_SAY, true, EII_WORK_IN_USE, EII_WORK_ADD },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)scene_set_up(state);
		eii_work_adopt(&work, pulse, rows[i].voice);
		work.is_wanted = rows[i].is_wanted;
		CHECK(scene_call(rows[i].use) == rows[i].call, "row %zu", i);
	}
}

static void test_work__opens_one_where_none_was_found_and_asks_once(void **state)
{
	(void)state;
	eii_work_adopt(&work, pulse, EII_WORK_CAN_SAY);
	work.is_wanted = true;
	assert_int_equal(scene_call(EII_WORK_IN_USE), EII_WORK_FIND);
	eii_work_searched(&work, pulse, NULL);
	assert_int_equal(scene_call(EII_WORK_IN_USE), EII_WORK_ADD);
	eii_work_opened(&work, pulse, "work_1");
	eii_work_let_go(&work);
	assert_int_equal(scene_call(EII_WORK_IN_USE), EII_WORK_ADD);
}

static void find_one(void)
{
	const struct eii_fact seen = { .work = { .exists = true, .is_alive = true } };

	eii_work_adopt(&work, pulse, EII_WORK_CAN_SAY);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_FIND);
	eii_work_searched(&work, pulse, "work_7");
	assert_string_equal(ledger.work_id, "work_7");
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_LOOK);
	assert_false(eii_work_is_ready(&work));
	(void)eii_work_seen(&work, pulse, &seen);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_SIZE);
}

static void test_work__goes_on_in_one_that_is_found_as_far_as_its_counts_are_sure(void **state)
{
	static const struct {
		bool is_known;
		double n_messages;
		uint32_t sent;
		bool is_sure;
	} rows[] = { { true, 0, 0, true }, { true, 3, 3, false }, { false, 0, 0, false } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct eii_fact fact = { .queue = { .is_known = rows[i].is_known,
							  .n_messages = rows[i].n_messages } };

		(void)scene_set_up(state);
		find_one();
		(void)eii_work_sized(&work, pulse, &fact);
		CHECK(ledger.work_sent == rows[i].sent, "row %zu: %u", i, ledger.work_sent);
		CHECK((ledger.work_unknown == 0) == rows[i].is_sure, "row %zu", i);
	}
}

static void test_work__closes_one_that_is_found_and_looks_for_more(void **state)
{
	const struct eii_fact empty = { .queue = { .is_known = true } };

	(void)state;
	find_one();
	(void)eii_work_sized(&work, pulse, &empty);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_CLOSE);
	eii_work_closed(&work, pulse);
	assert_true(ledger.work_is_closed);
	/* There may be more of them. */
	eii_work_let_go(&work);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_FIND);
}

static void test_work__is_looked_for_after_an_opening_of_unknown_outcome(void **state)
{
	static const struct {
		bool is_outcome_unknown;
		enum eii_work_call call;
	} rows[] = { { true, EII_WORK_FIND }, { false, EII_WORK_ADD } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct eii_failure failure = { .kind = EII_FAILURE_UNREACHABLE,
						     .is_outcome_unknown =
							     rows[i].is_outcome_unknown };

		(void)scene_set_up(state);
		work.is_wanted = true;
		assert_int_equal(scene_call(EII_WORK_IN_USE), EII_WORK_ADD);
		eii_work_failed(&work, pulse, &failure);
		beat_pass(pulse, work.attempt.due_ms - pulse->now_ms);
		CHECK(scene_call(EII_WORK_IN_USE) == rows[i].call, "row %zu", i);
	}
}

static void test_work__does_not_tell_twice_what_may_have_been_told(void **state)
{
	static const struct {
		uint32_t expected, told;
	} rows[] = {
		{ 0, 0 }, /* not taken */
		{ 5, 5 }, /* taken */
		{ 3, 3 },
		{ 99, 99 }, /* in a life of which the state knows nothing */
	};
	static const struct eii_failure lost = { .kind = EII_FAILURE_UNREACHABLE,
						 .is_outcome_unknown = true };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct eii_fact fact = scene_seen(rows[i].expected, 0);

		(void)scene_set_up(state);
		scene_open();
		for (int n = 0; n < 5; n++)
			eii_work_count(&work);
		assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_TELL);
		eii_work_failed(&work, pulse, &lost);
		assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_NOTHING); /* a pause */
		beat_pass(pulse, work.attempt.due_ms - pulse->now_ms);
		assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_LOOK);
		assert_int_equal(eii_work_seen(&work, pulse, &fact), EII_VERDICT_NONE);
		CHECK(ledger.work_told == rows[i].told, "row %zu: %u", i, ledger.work_told);
		CHECK(scene_call(EII_WORK_AT_REST) ==
			      (rows[i].told < 5 ? EII_WORK_TELL : EII_WORK_CLOSE),
		      "row %zu", i);
		CHECK(rows[i].told >= 5 || work.telling == 5 - rows[i].told, "row %zu", i);
	}
}

static void test_work__tells_again_what_was_surely_not_told(void **state)
{
	static const struct eii_failure refused = { .kind = EII_FAILURE_PASSING };

	(void)state;
	scene_open();
	eii_work_count(&work);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_TELL);
	eii_work_failed(&work, pulse, &refused);
	beat_pass(pulse, work.attempt.due_ms - pulse->now_ms);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_TELL);
	assert_int_equal(work.telling, 1);
}

static void test_work__counts_an_unknown_call_as_told_where_nobody_can_say(void **state)
{
	static const struct eii_failure lost = { .kind = EII_FAILURE_UNREACHABLE,
						 .is_outcome_unknown = true };

	(void)state;
	eii_work_adopt(&work, pulse, EII_WORK_CANNOT_SAY);
	scene_open();
	eii_work_count(&work);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_TELL);
	eii_work_failed(&work, pulse, &lost);
	assert_int_equal(ledger.work_told, 1);
}

/* ---- the end ------------------------------------------------------------ */

static void test_work__that_is_left_is_closed_and_forgotten(void **state)
{
	(void)state;
	scene_open();
	eii_work_count(&work);
	eii_work_leave(&work, EII_EVENT_WORK_LOST);
	assert_int_equal(scene_call(EII_WORK_IN_USE), EII_WORK_CLOSE); /* whatever is untold */
	assert_int_equal(work.reason, EII_EVENT_WORK_LOST);
	eii_work_closed(&work, pulse);
	assert_false(eii_work_is_open(&work));
	assert_int_equal(ledger.work_sent, 0);
	eii_work_leave(&work, EII_EVENT_WORK_LOST); /* none */
	assert_false(ledger.work_is_left);
}

static void test_work__that_is_left_is_so_in_the_next_life_too(void **state)
{
	(void)state;
	scene_close(3);
	eii_work_leave(&work, EII_EVENT_WORK_LOST);
	eii_work_adopt(&work, pulse, EII_WORK_CAN_SAY);
	assert_int_equal(scene_call(EII_WORK_IN_USE), EII_WORK_CLOSE);
	assert_int_equal(work.reason, EII_EVENT_WORK_LOST);
	eii_work_closed(&work, pulse);
	assert_false(eii_work_is_open(&work));
	assert_false(ledger.work_is_left);
}

static void test_work__that_is_left_and_unknown_there_is_forgotten(void **state)
{
	static const struct eii_failure input = { .kind = EII_FAILURE_INPUT };
	static const struct eii_failure gone = { .kind = EII_FAILURE_UNREACHABLE };

	(void)state;
	scene_open();
	eii_work_leave(&work, EII_EVENT_WORK_LOST);
	assert_int_equal(scene_call(EII_WORK_IN_USE), EII_WORK_CLOSE);
	eii_work_failed(&work, pulse, &gone);
	assert_true(eii_work_is_open(&work));
	beat_pass(pulse, work.attempt.due_ms - pulse->now_ms);
	assert_int_equal(scene_call(EII_WORK_IN_USE), EII_WORK_CLOSE);
	eii_work_failed(&work, pulse, &input);
	assert_false(eii_work_is_open(&work));
}

static void test_work__has_no_verdict_once_it_is_left(void **state)
{
	const struct eii_fact gone = { .work = { .exists = false } };

	(void)state;
	scene_close(1);
	eii_work_begin(&work, pulse, EII_WORK_LOOK);
	eii_work_leave(&work, EII_EVENT_WORK_LOST);
	assert_int_equal(eii_work_seen(&work, pulse, &gone), EII_VERDICT_NONE);
	assert_true(eii_work_is_open(&work));
}

static void test_work__is_closed_in_a_stop_and_no_other_is_opened(void **state)
{
	static const struct eii_failure gone = { .kind = EII_FAILURE_UNREACHABLE };
	const struct eii_fact alive = scene_seen(1, 0);

	(void)state;
	work.is_wanted = true;
	beat_stop(pulse);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_NOTHING);
	pulse->stop_ms = 0;
	scene_open();
	eii_work_count(&work);
	eii_attempt_failed(&work.attempt, pulse, &gone);
	beat_stop(pulse);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_TELL); /* whatever its pause */
	eii_work_told(&work, pulse);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_LOOK);
	(void)eii_work_seen(&work, pulse, &alive);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_CLOSE);
	eii_work_closed(&work, pulse);
	beat_pass(pulse, MINUTE);
	assert_int_equal(scene_call(EII_WORK_AT_REST), EII_WORK_NOTHING);
}

#define WORK_TEST(test) cmocka_unit_test_setup(test, scene_set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORK_TEST(test_work__opens_one_where_it_is_wanted_and_none_is_open),
		WORK_TEST(test_work__tells_what_was_confirmed_once_a_second),
		WORK_TEST(test_work__is_seen_alive_before_it_is_closed),
		WORK_TEST(test_work__is_closed_without_a_look_where_none_can_be_had),
		WORK_TEST(test_work__asks_for_another_id_after_a_pause_where_one_cannot_be_kept),
		WORK_TEST(test_work__tells_how_many_reports_wait_and_not_messages),
		WORK_TEST(test_work__looks_for_what_an_earlier_life_may_have_opened),
		WORK_TEST(test_work__opens_one_where_none_was_found_and_asks_once),
		WORK_TEST(test_work__goes_on_in_one_that_is_found_as_far_as_its_counts_are_sure),
		WORK_TEST(test_work__closes_one_that_is_found_and_looks_for_more),
		WORK_TEST(test_work__is_looked_for_after_an_opening_of_unknown_outcome),
		WORK_TEST(test_work__does_not_tell_twice_what_may_have_been_told),
		WORK_TEST(test_work__tells_again_what_was_surely_not_told),
		WORK_TEST(test_work__counts_an_unknown_call_as_told_where_nobody_can_say),
		WORK_TEST(test_work__that_is_left_is_closed_and_forgotten),
		WORK_TEST(test_work__that_is_left_is_so_in_the_next_life_too),
		WORK_TEST(test_work__that_is_left_and_unknown_there_is_forgotten),
		WORK_TEST(test_work__has_no_verdict_once_it_is_left),
		WORK_TEST(test_work__is_closed_in_a_stop_and_no_other_is_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
