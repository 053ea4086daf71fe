/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include "beat.h"
#include "support.h"

#define KEY   "u@h/INBOX"
#define OTHER "v@h/INBOX"

static struct eii_store store;
static struct eii_pulse *pulse;

static int set_up(void **state)
{
	(void)state;
	memset(&store, 0, sizeof(store));
	pulse = beat_new();
	eii_store_init(&store, pulse);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	eii_store_clear(&store);
	return 0;
}

/* A state of one mailbox, written by the process of that number; the caller's to free. */
static char *state_of(const char *key, uint32_t cursor, uint64_t instance)
{
	EII_AUTO(eii_document) document = eii_document_new();
	const struct eii_place_state place = { .uidvalidity = 7, .cursor = cursor };
	const struct eii_ledger ledger = { .instance = instance };

	eii_document_put_place(document, key, &place);
	eii_document_put_ledger(document, &ledger);
	return eii_document_format(document);
}

static void put(uint32_t cursor)
{
	EII_AUTO(eii_ring) ring = eii_ring_new();
	EII_AUTO(eii_ring) back = eii_ring_new();
	const struct eii_place_state place = { .uidvalidity = 7, .cursor = cursor };

	eii_store_put_place(&store, KEY, &place);
	eii_store_put(&store, ring, back);
	store.newest++;
}

static const char *begin(enum eii_store_call call)
{
	assert_int_equal(eii_store_due(&store, pulse), call);
	return eii_store_begin(&store, pulse, call);
}

/* A ping that is due, echoed as it was sent. */
static void ping(void)
{
	const char *text = begin(EII_STORE_PING);

	assert_int_equal(eii_store_heard(&store, pulse, text, KEY), EII_STORE_FINE);
	assert_true(eii_store_is_clean(&store));
}

/* A read that is due, and what stands there. */
static enum eii_store_news read_state(const char *text)
{
	assert_null(begin(EII_STORE_READ));
	return eii_store_heard(&store, pulse, text, KEY);
}

static void adopt_and_ping(void)
{
	assert_int_equal(eii_store_adopt(&store, pulse, "{\"a\":1}"), EII_STORE_FINE);
	put(10);
	ping();
}

static void fail_now(enum eii_failure_kind kind)
{
	const struct eii_failure failure = { .kind = kind, .is_outcome_unknown = true };

	eii_store_failed(&store, pulse, &failure);
}

static void pass_pause(void)
{
	if (store.attempt.due_ms > pulse->now_ms)
		beat_pass(pulse, store.attempt.due_ms - pulse->now_ms);
}

/* ---- one way out -------------------------------------------------------- */

static void test_store__sends_at_once_what_the_registration_showed(void **state)
{
	const char *text;

	(void)state;
	assert_int_equal(eii_store_due(&store, pulse), EII_STORE_NOTHING); /* not registered */
	assert_int_equal(eii_store_adopt(&store, pulse, "{\"theirs\":[1,2]}"), EII_STORE_FINE);
	text = begin(EII_STORE_PING);
	assert_non_null(strstr(text, "\"theirs\":[1,2]"));
	assert_int_equal(eii_store_heard(&store, pulse, text, KEY), EII_STORE_FINE);
	assert_true(eii_store_is_clean(&store));
}

static void test_store__has_one_call_under_way_and_no_older_one_replaces_a_newer(void **state)
{
	const char *text;

	(void)state;
	adopt_and_ping();
	put(11);
	eii_store_hurry(&store);
	text = begin(EII_STORE_PING);
	assert_non_null(strstr(text, "\"cursor\":11"));
	put(12);
	eii_store_hurry(&store);
	assert_int_equal(eii_store_due(&store, pulse), EII_STORE_NOTHING);
	assert_int_equal(eii_store_heard(&store, pulse, text, KEY), EII_STORE_FINE);
	assert_false(eii_store_is_clean(&store)); /* 11 is stored, 12 is not */
	text = begin(EII_STORE_PING);
	assert_non_null(strstr(text, "\"cursor\":12"));
	assert_int_equal(eii_store_heard(&store, pulse, text, KEY), EII_STORE_FINE);
	assert_true(eii_store_is_clean(&store));
}

static void test_store__saves_after_2_s_pings_after_40_s_reads_after_60_s(void **state)
{
	(void)state;
	adopt_and_ping();
	put(11);
	beat_pass(pulse, EII_STORE_SAVE_MS - 1);
	assert_int_equal(eii_store_due(&store, pulse), EII_STORE_NOTHING);
	assert_int_equal(pulse->wakes_ms, pulse->now_ms + 1);
	beat_pass(pulse, 1);
	ping();
	beat_pass(pulse, EII_STORE_PING_MS - 1);
	assert_int_equal(eii_store_due(&store, pulse), EII_STORE_NOTHING);
	beat_pass(pulse, 1);
	/* What others have there is looked at before it goes over it. */
	assert_int_equal(read_state("{\"a\":2}"), EII_STORE_FINE);
	assert_non_null(strstr(begin(EII_STORE_PING), "\"a\":2"));
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
		(void)set_up(state);
		adopt_and_ping();
		beat_pass(pulse, rows[i].ms);
		put(11);
		CHECK(eii_store_due(&store, pulse) == rows[i].call, "row %zu", i);
		eii_store_hurry(&store);
		/* However urgent: what another mailbox has there is kept. In a stop there is no
		 * time. */
		CHECK(eii_store_due(&store, pulse) ==
			      (rows[i].call == EII_STORE_READ ? EII_STORE_READ : EII_STORE_PING),
		      "row %zu", i);
		beat_stop(pulse);
		CHECK(eii_store_due(&store, pulse) == EII_STORE_PING, "row %zu", i);
		(void)tear_down(state);
	}
}

static void test_store__asks_after_a_ping_of_unknown_outcome(void **state)
{
	(void)state;
	adopt_and_ping();
	put(11);
	eii_store_hurry(&store);
	(void)begin(EII_STORE_PING);
	fail_now(EII_FAILURE_UNREACHABLE);
	assert_int_equal(eii_store_due(&store, pulse), EII_STORE_NOTHING);
	pass_pause();
	assert_null(begin(EII_STORE_READ));
	fail_now(EII_FAILURE_UNREACHABLE);
	pass_pause();
	{
		char *text = state_of(KEY, 11, store.instance);

		assert_int_equal(read_state(text), EII_STORE_FINE);
		free(text);
	}
	assert_int_equal(store.attempt.n, 0);
	eii_store_hurry(&store);
	ping();
}

static void test_store__goes_on_where_the_state_cannot_be_read(void **state)
{
	static const enum eii_failure_kind kinds[] = { EII_FAILURE_INPUT, EII_FAILURE_RIGHTS };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		(void)set_up(state);
		adopt_and_ping();
		put(11);
		eii_store_hurry(&store);
		(void)begin(EII_STORE_PING);
		fail_now(EII_FAILURE_UNREACHABLE);
		pass_pause();
		assert_null(begin(EII_STORE_READ));
		fail_now(kinds[i]);
		pass_pause();
		eii_store_hurry(&store);
		CHECK(eii_store_due(&store, pulse) == EII_STORE_PING, "row %zu", i);
		(void)tear_down(state);
	}
}

static void test_store__has_one_try_in_a_stop_whatever_its_pause(void **state)
{
	(void)state;
	adopt_and_ping();
	put(11);
	(void)eii_store_begin(&store, pulse, EII_STORE_READ);
	fail_now(EII_FAILURE_UNREACHABLE);
	eii_store_hurry(&store);
	assert_int_equal(eii_store_due(&store, pulse), EII_STORE_NOTHING);
	beat_stop(pulse);
	ping();
	eii_store_hurry(&store);
	beat_pass(pulse, EII_STORE_READ_MS);
	assert_int_equal(eii_store_due(&store, pulse), EII_STORE_NOTHING); /* clean: no other */
}

/* ---- what stands there -------------------------------------------------- */

static void test_store__takes_an_empty_state_for_a_reset_only_after_it_showed_one(void **state)
{
	static const char *const blanks[] = { "", "null", "{}", NULL };

	for (size_t i = 0; i < ARRAY_LEN(blanks); i++) {
		const char *text;

		if (!eii_document_text_is_empty(blanks[i]))
			continue;
		(void)set_up(state);
		assert_int_equal(eii_store_adopt(&store, pulse, blanks[i]), EII_STORE_FINE);
		put(10);
		text = begin(EII_STORE_PING);
		/* The first one was ignored: it is no reset, and goes again. */
		CHECK(eii_store_heard(&store, pulse, blanks[i], KEY) == EII_STORE_FINE, "%zu", i);
		CHECK(!eii_store_is_clean(&store), "%zu", i);
		beat_pass(pulse, EII_STORE_SAVE_MS);
		text = begin(EII_STORE_PING);
		assert_int_equal(eii_store_heard(&store, pulse, text, KEY), EII_STORE_FINE);
		put(11);
		beat_pass(pulse, EII_STORE_SAVE_MS);
		(void)begin(EII_STORE_PING);
		CHECK(eii_store_heard(&store, pulse, blanks[i], KEY) == EII_STORE_RESET, "%zu", i);
		(void)tear_down(state);
	}
}

static void test_store__finds_a_reset_by_a_look_too(void **state)
{
	(void)state;
	adopt_and_ping();
	beat_pass(pulse, EII_STORE_READ_MS);
	assert_int_equal(read_state(NULL), EII_STORE_RESET);
	eii_store_forget(&store);
	assert_false(store.has_shown);
	assert_int_equal(store.ledger.instance, 0);
	/* What goes out after it is a state again, and its empty echo is the same reset. */
	put(1);
	(void)begin(EII_STORE_PING);
	assert_int_equal(eii_store_heard(&store, pulse, NULL, KEY), EII_STORE_FINE);
}

/* It may be of a ping that a reset took no notice of; the third time it is believed. */
static void test_store__sends_again_where_an_older_state_is_echoed(void **state)
{
	char *old = NULL;

	(void)state;
	adopt_and_ping();
	old = state_of(KEY, 3, store.instance);
	put(11);
	eii_store_hurry(&store);
	for (int i = 0; i < 3; i++) {
		assert_false(eii_store_is_clean(&store));
		(void)begin(EII_STORE_PING);
		assert_int_equal(eii_store_heard(&store, pulse, old, KEY), EII_STORE_FINE);
	}
	assert_true(eii_store_is_clean(&store));
	free(old);
}

static void test_store__sends_again_where_garbage_is_echoed(void **state)
{
	(void)state;
	adopt_and_ping();
	put(11);
	eii_store_hurry(&store);
	(void)begin(EII_STORE_PING);
	assert_int_equal(eii_store_heard(&store, pulse, "[1,2", KEY), EII_STORE_FINE);
	assert_false(eii_store_is_clean(&store));
	beat_pass(pulse, EII_STORE_SAVE_MS);
	ping();
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

/* ---- others --------------------------------------------------------------- */

/* Another mailbox's place was theirs when we began, and has moved since. */
static void see_another_move(const char *theirs, const char *moved)
{
	assert_int_equal(eii_store_adopt(&store, pulse, theirs), EII_STORE_FINE);
	put(10);
	ping();
	assert_int_equal(beat_count(pulse, EII_EVENT_FOREIGN_MOVED, NULL), 0);
	beat_pass(pulse, EII_STORE_READ_MS);
	assert_int_equal(read_state(moved), EII_STORE_FINE);
	assert_int_equal(beat_count(pulse, EII_EVENT_FOREIGN_MOVED, NULL), 1);
	assert_true(store.has_foreign);
}

static void test_store__keeps_other_mailboxes_as_they_are_now(void **state)
{
	EII_AUTO(eii_document) sent = NULL;
	struct eii_place_state place;
	char *theirs = state_of(OTHER, 4, 0);
	char *moved = state_of(OTHER, 9, 0);

	(void)state;
	see_another_move(theirs, moved);
	sent = eii_document_parse(begin(EII_STORE_PING));
	assert_true(eii_document_place(sent, OTHER, &place));
	assert_int_equal(place.cursor, 9);
	assert_true(eii_document_place(sent, KEY, &place));
	assert_int_equal(place.cursor, 10);
	free(theirs);
	free(moved);
}

static void test_store__forgets_another_mailbox_an_hour_after_it_moved_last(void **state)
{
	char *theirs = state_of(OTHER, 4, 0);
	char *moved = state_of(OTHER, 9, 0);

	(void)state;
	see_another_move(theirs, moved);
	beat_pass(pulse, 60 * 60 * 1000 - 1);
	(void)read_state(moved);
	assert_true(store.has_foreign);
	store.ping_ms = INT64_MAX;
	store.read_ms = pulse->now_ms + 1;
	beat_pass(pulse, 1);
	(void)read_state(moved);
	assert_false(store.has_foreign);
	free(theirs);
	free(moved);
}

/* What is stored again after another's place moved is no text that is known by heart. */
static void test_store__sees_a_place_that_goes_back_to_what_was_pinged(void **state)
{
	char *theirs = state_of(OTHER, 4, 0);
	char *moved = state_of(OTHER, 9, 0);
	char *pinged;

	(void)state;
	assert_int_equal(eii_store_adopt(&store, pulse, theirs), EII_STORE_FINE);
	put(10);
	ping();
	pinged = strdup(store.text);
	for (int i = 0; i < 4; i++) {
		store.read_ms = pulse->now_ms;
		(void)read_state(i % 2 ? pinged : moved);
		store.read_ms = pulse->now_ms;
		(void)read_state(i % 2 ? pinged : moved);
		assert_non_null(strstr(eii_store_begin(&store, pulse, EII_STORE_PING),
				       i % 2 ? "\"cursor\":4" : "\"cursor\":9"));
		store.under_way = EII_STORE_NOTHING;
	}
	free(theirs);
	free(moved);
	free(pinged);
}

static void test_store__tells_a_twin_by_its_number(void **state)
{
	char *ours;
	char *twins;

	(void)state;
	adopt_and_ping();
	ours = state_of(KEY, 10, store.instance);
	twins = state_of(KEY, 10, store.instance + 1);
	for (int i = 0; i < 3; i++) {
		store.read_ms = pulse->now_ms;
		assert_int_equal(read_state(twins), EII_STORE_FINE);
	}
	assert_true(store.has_twin);
	assert_int_equal(beat_count(pulse, EII_EVENT_TWIN, NULL), 1); /* once */
	store.read_ms = pulse->now_ms;
	(void)read_state(ours);
	assert_true(store.has_twin); /* both write in turns */
	store.read_ms = pulse->now_ms;
	(void)read_state(ours);
	assert_false(store.has_twin);
	free(ours);
	free(twins);
}

static void test_store__takes_the_number_of_an_earlier_process_for_no_twin(void **state)
{
	char *before = state_of(KEY, 10, store.instance + 1);

	(void)state;
	assert_int_equal(eii_store_adopt(&store, pulse, before), EII_STORE_FINE);
	put(10);
	(void)begin(EII_STORE_PING);
	fail_now(EII_FAILURE_UNREACHABLE);
	pass_pause();
	assert_int_equal(read_state(before), EII_STORE_FINE);
	assert_false(store.has_twin);
	free(before);
}

static void test_store__keeps_the_instant_that_it_wrote(void **state)
{
	EII_AUTO(eii_document) sent = NULL;
	struct eii_ledger ledger;

	(void)state;
	adopt_and_ping();
	eii_store_put_ingestion(&store, 1790000000);
	assert_false(eii_store_is_clean(&store));
	put(10);
	eii_store_hurry(&store);
	sent = eii_document_parse(begin(EII_STORE_PING));
	eii_document_ledger(sent, &ledger);
	assert_int_equal(ledger.wrote_s, 1790000000);
	assert_int_equal(ledger.instance, store.instance);
	assert_int_equal(eii_document_ingestion(sent), 1790000000);
}

#define STORE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

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
		STORE_TEST(test_store__finds_a_reset_by_a_look_too),
		STORE_TEST(test_store__sends_again_where_an_older_state_is_echoed),
		STORE_TEST(test_store__sends_again_where_garbage_is_echoed),
		STORE_TEST(test_store__says_what_it_cannot_read_before_it_writes_over_it),
		STORE_TEST(test_store__keeps_other_mailboxes_as_they_are_now),
		STORE_TEST(test_store__forgets_another_mailbox_an_hour_after_it_moved_last),
		STORE_TEST(test_store__sees_a_place_that_goes_back_to_what_was_pinged),
		STORE_TEST(test_store__tells_a_twin_by_its_number),
		STORE_TEST(test_store__takes_the_number_of_an_earlier_process_for_no_twin),
		STORE_TEST(test_store__keeps_the_instant_that_it_wrote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
