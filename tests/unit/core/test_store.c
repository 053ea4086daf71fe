/* SPDX-License-Identifier: Apache-2.0 */
#include "store_scene.h"

#include "beat.h"
#include "support.h"

/* ---- one way out -------------------------------------------------------- */

static void test_store__sends_at_once_what_the_registration_showed(void **state)
{
	const char *text;

	(void)state;
	assert_int_equal(eii_store_due(&store, pulse), EII_STORE_NOTHING); /* not registered */
	assert_int_equal(eii_store_adopt(&store, pulse, "{\"theirs\":[1,2]}"), EII_STORE_FINE);
	text = scene_begin(EII_STORE_PING);
	assert_non_null(strstr(text, "\"theirs\":[1,2]"));
	assert_int_equal(eii_store_heard(&store, pulse, text, KEY), EII_STORE_FINE);
	assert_true(eii_store_is_clean(&store));
}

static void test_store__has_one_call_under_way_and_no_older_one_replaces_a_newer(void **state)
{
	const char *text;

	(void)state;
	scene_adopt_and_ping();
	scene_put(11);
	eii_store_hurry(&store);
	text = scene_begin(EII_STORE_PING);
	assert_non_null(strstr(text, "\"cursor\":11"));
	scene_put(12);
	eii_store_hurry(&store);
	assert_int_equal(eii_store_due(&store, pulse), EII_STORE_NOTHING);
	assert_int_equal(eii_store_heard(&store, pulse, text, KEY), EII_STORE_FINE);
	assert_false(eii_store_is_clean(&store)); /* 11 is stored, 12 is not */
	text = scene_begin(EII_STORE_PING);
	assert_non_null(strstr(text, "\"cursor\":12"));
	assert_int_equal(eii_store_heard(&store, pulse, text, KEY), EII_STORE_FINE);
	assert_true(eii_store_is_clean(&store));
}

static void test_store__saves_after_2_s_pings_after_40_s_reads_after_60_s(void **state)
{
	(void)state;
	scene_adopt_and_ping();
	scene_put(11);
	beat_pass(pulse, EII_STORE_SAVE_MS - 1);
	assert_int_equal(eii_store_due(&store, pulse), EII_STORE_NOTHING);
	assert_int_equal(pulse->wakes_ms, pulse->now_ms + 1);
	beat_pass(pulse, 1);
	scene_ping();
	beat_pass(pulse, EII_STORE_PING_MS - 1);
	assert_int_equal(eii_store_due(&store, pulse), EII_STORE_NOTHING);
	beat_pass(pulse, 1);
	/* What others have there is looked at before it goes over it. */
	assert_int_equal(scene_read("{\"a\":2}"), EII_STORE_FINE);
	assert_non_null(strstr(scene_begin(EII_STORE_PING), "\"a\":2"));
	assert_int_equal(eii_store_heard(&store, pulse, "{}x", KEY), EII_STORE_FINE);
}

static void test_store__looks_before_a_save_that_is_over_ten_seconds_after_the_last_look(
	void **state)
{
	static const struct {
		int64_t ms;
		enum eii_store_call call;
	} rows[] = { { EII_STORE_FRESH_MS - 1, EII_STORE_PING },
		     { EII_STORE_FRESH_MS, EII_STORE_READ } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)scene_set_up(state);
		scene_adopt_and_ping();
		beat_pass(pulse, rows[i].ms);
		scene_put(11);
		CHECK(eii_store_due(&store, pulse) == rows[i].call, "row %zu", i);
		eii_store_hurry(&store);
		/* However urgent: what another mailbox has there is kept. In a stop there is no
		 * time. */
		CHECK(eii_store_due(&store, pulse) ==
			      (rows[i].call == EII_STORE_READ ? EII_STORE_READ : EII_STORE_PING),
		      "row %zu", i);
		beat_stop(pulse);
		CHECK(eii_store_due(&store, pulse) == EII_STORE_PING, "row %zu", i);
		(void)scene_tear_down(state);
	}
}

static void test_store__asks_after_a_ping_of_unknown_outcome(void **state)
{
	(void)state;
	scene_adopt_and_ping();
	scene_put(11);
	eii_store_hurry(&store);
	(void)scene_begin(EII_STORE_PING);
	scene_fail(EII_FAILURE_UNREACHABLE);
	assert_int_equal(eii_store_due(&store, pulse), EII_STORE_NOTHING);
	scene_pass_pause();
	assert_null(scene_begin(EII_STORE_READ));
	scene_fail(EII_FAILURE_UNREACHABLE);
	scene_pass_pause();
	{
		char *text = scene_state(KEY, 11, store.instance);

		assert_int_equal(scene_read(text), EII_STORE_FINE);
		free(text);
	}
	assert_int_equal(store.attempt.n, 0);
	eii_store_hurry(&store);
	scene_ping();
}

static void test_store__goes_on_where_the_state_cannot_be_read(void **state)
{
	static const enum eii_failure_kind kinds[] = { EII_FAILURE_INPUT, EII_FAILURE_RIGHTS };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		(void)scene_set_up(state);
		scene_adopt_and_ping();
		scene_put(11);
		eii_store_hurry(&store);
		(void)scene_begin(EII_STORE_PING);
		scene_fail(EII_FAILURE_UNREACHABLE);
		scene_pass_pause();
		assert_null(scene_begin(EII_STORE_READ));
		scene_fail(kinds[i]);
		scene_pass_pause();
		eii_store_hurry(&store);
		CHECK(eii_store_due(&store, pulse) == EII_STORE_PING, "row %zu", i);
		(void)scene_tear_down(state);
	}
}

static void test_store__has_one_try_in_a_stop_whatever_its_pause(void **state)
{
	(void)state;
	scene_adopt_and_ping();
	scene_put(11);
	(void)eii_store_begin(&store, pulse, EII_STORE_READ);
	scene_fail(EII_FAILURE_UNREACHABLE);
	eii_store_hurry(&store);
	assert_int_equal(eii_store_due(&store, pulse), EII_STORE_NOTHING);
	beat_stop(pulse);
	scene_ping();
	eii_store_hurry(&store);
	beat_pass(pulse, EII_STORE_READ_MS);
	assert_int_equal(eii_store_due(&store, pulse), EII_STORE_NOTHING); /* clean: no other */
}

/* ---- what stands there -------------------------------------------------- */

/* It has spoken: the next failure is a first one, with a first one's pause. */
static void test_store__begins_its_pauses_anew_after_a_deletion(void **state)
{
	const struct eii_failure refused = { .kind = EII_FAILURE_CREDENTIALS, .lives = true };

	(void)state;
	scene_adopt_and_ping();
	for (int i = 0; i < 2; i++) {
		store.read_ms = pulse->now_ms;
		assert_null(scene_begin(EII_STORE_READ));
		eii_store_failed(&store, pulse, &refused);
		beat_pass(pulse, 60 * 60 * 1000);
	}
	store.is_unknown = false;
	store.ping_ms = INT64_MAX;
	store.read_ms = pulse->now_ms;
	assert_null(scene_begin(EII_STORE_READ));
	eii_store_gone(&store);
	eii_store_forget(&store);
	store.read_ms = pulse->now_ms;
	store.save_ms = INT64_MAX;
	assert_null(scene_begin(EII_STORE_READ));
	eii_store_failed(&store, pulse, &refused);
	assert_int_equal(store.attempt.due_ms, pulse->now_ms + 60 * 1000);
}

static void test_store__takes_an_empty_state_for_a_reset_only_after_it_showed_one(void **state)
{
	static const char *const blanks[] = { "", "null", "{}", NULL };

	for (size_t i = 0; i < ARRAY_LEN(blanks); i++) {
		const char *text;

		if (!eii_document_text_is_empty(blanks[i]))
			continue;
		(void)scene_set_up(state);
		assert_int_equal(eii_store_adopt(&store, pulse, blanks[i]), EII_STORE_FINE);
		scene_put(10);
		text = scene_begin(EII_STORE_PING);
		/* The first one was ignored: it is no reset, and goes again. */
		CHECK(eii_store_heard(&store, pulse, blanks[i], KEY) == EII_STORE_FINE, "%zu", i);
		CHECK(!eii_store_is_clean(&store), "%zu", i);
		beat_pass(pulse, EII_STORE_SAVE_MS);
		text = scene_begin(EII_STORE_PING);
		assert_int_equal(eii_store_heard(&store, pulse, text, KEY), EII_STORE_FINE);
		scene_put(11);
		beat_pass(pulse, EII_STORE_SAVE_MS);
		(void)scene_begin(EII_STORE_PING);
		CHECK(eii_store_heard(&store, pulse, blanks[i], KEY) == EII_STORE_RESET, "%zu", i);
		(void)scene_tear_down(state);
	}
}

static void test_store__finds_a_reset_by_a_look_too(void **state)
{
	(void)state;
	scene_adopt_and_ping();
	beat_pass(pulse, EII_STORE_READ_MS);
	assert_int_equal(scene_read(NULL), EII_STORE_RESET);
	eii_store_forget(&store);
	assert_false(store.has_shown);
	assert_int_equal(store.ledger.instance, 0);
	/* What goes out after it is a state again, and its empty echo is the same reset. */
	scene_put(1);
	(void)scene_begin(EII_STORE_PING);
	assert_int_equal(eii_store_heard(&store, pulse, NULL, KEY), EII_STORE_FINE);
}

/* It may be of a ping that a reset took no notice of; the third time it is believed. */
static void test_store__sends_again_where_an_older_state_is_echoed(void **state)
{
	char *old = NULL;

	(void)state;
	scene_adopt_and_ping();
	old = scene_state(KEY, 3, store.instance);
	scene_put(11);
	eii_store_hurry(&store);
	for (int i = 0; i < 3; i++) {
		assert_false(eii_store_is_clean(&store));
		(void)scene_begin(EII_STORE_PING);
		assert_int_equal(eii_store_heard(&store, pulse, old, KEY), EII_STORE_FINE);
	}
	assert_true(eii_store_is_clean(&store));
	free(old);
}

static void test_store__sends_again_where_garbage_is_echoed(void **state)
{
	(void)state;
	scene_adopt_and_ping();
	scene_put(11);
	eii_store_hurry(&store);
	(void)scene_begin(EII_STORE_PING);
	assert_int_equal(eii_store_heard(&store, pulse, "[1,2", KEY), EII_STORE_FINE);
	assert_false(eii_store_is_clean(&store));
	beat_pass(pulse, EII_STORE_SAVE_MS);
	scene_ping();
}

static void test_store__says_what_it_cannot_read_before_it_writes_over_it(void **state)
{
	struct eii_event event;
	uint64_t hash;

	(void)state;
	assert_int_equal(eii_store_adopt(&store, pulse, "[not ours"), EII_STORE_UNREADABLE);
	assert_int_equal(beat_count(pulse, EII_EVENT_STATE_UNREADABLE, &event), 1);
	assert_int_equal(event.a, 9);
	hash = event.b;
	assert_int_not_equal(hash, 0);
	assert_int_equal(eii_store_adopt(&store, pulse, "[not_ours"), EII_STORE_UNREADABLE);
	assert_int_equal(beat_count(pulse, EII_EVENT_STATE_UNREADABLE, &event), 2);
	assert_true(event.b != hash);
}

#define STORE_TEST(test) cmocka_unit_test_setup_teardown(test, scene_set_up, scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_store__sends_at_once_what_the_registration_showed),
		STORE_TEST(test_store__has_one_call_under_way_and_no_older_one_replaces_a_newer),
		STORE_TEST(test_store__saves_after_2_s_pings_after_40_s_reads_after_60_s),
		cmocka_unit_test(
			test_store__looks_before_a_save_that_is_over_ten_seconds_after_the_last_look),
		STORE_TEST(test_store__asks_after_a_ping_of_unknown_outcome),
		cmocka_unit_test(test_store__goes_on_where_the_state_cannot_be_read),
		STORE_TEST(test_store__has_one_try_in_a_stop_whatever_its_pause),
		cmocka_unit_test(
			test_store__takes_an_empty_state_for_a_reset_only_after_it_showed_one),
		STORE_TEST(test_store__begins_its_pauses_anew_after_a_deletion),
		STORE_TEST(test_store__finds_a_reset_by_a_look_too),
		STORE_TEST(test_store__sends_again_where_an_older_state_is_echoed),
		STORE_TEST(test_store__sends_again_where_garbage_is_echoed),
		STORE_TEST(test_store__says_what_it_cannot_read_before_it_writes_over_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
