/* SPDX-License-Identifier: Apache-2.0 */
/* What others write into the stored state. */
#include "store_scene.h"

#include "beat.h"
#include "support.h"

/* Another mailbox's place was theirs when we began, and has moved since. */
static void see_another_move(const char *theirs, const char *moved)
{
	assert_int_equal(eii_store_adopt(&store, pulse, theirs), EII_STORE_FINE);
	scene_put(10);
	scene_ping();
	assert_int_equal(beat_count(pulse, EII_EVENT_FOREIGN_MOVED, NULL), 0);
	beat_pass(pulse, EII_STORE_READ_MS);
	assert_int_equal(scene_read(moved), EII_STORE_FINE);
	assert_int_equal(beat_count(pulse, EII_EVENT_FOREIGN_MOVED, NULL), 1);
	assert_true(store.has_foreign);
}

static void test_store__keeps_other_mailboxes_as_they_are_now(void **state)
{
	EII_AUTO(eii_document) sent = NULL;
	struct eii_place_state place;
	char *theirs = scene_state(OTHER, 4, 0);
	char *moved = scene_state(OTHER, 9, 0);

	(void)state;
	see_another_move(theirs, moved);
	sent = eii_document_parse(scene_begin(EII_STORE_PING));
	assert_true(eii_document_place(sent, OTHER, &place));
	assert_int_equal(place.cursor, 9);
	assert_true(eii_document_place(sent, KEY, &place));
	assert_int_equal(place.cursor, 10);
	free(theirs);
	free(moved);
}

static void test_store__forgets_another_mailbox_an_hour_after_it_moved_last(void **state)
{
	char *theirs = scene_state(OTHER, 4, 0);
	char *moved = scene_state(OTHER, 9, 0);

	(void)state;
	see_another_move(theirs, moved);
	beat_pass(pulse, 60 * 60 * 1000 - 1);
	(void)scene_read(moved);
	assert_true(store.has_foreign);
	store.ping_ms = INT64_MAX;
	store.read_ms = pulse->now_ms + 1;
	beat_pass(pulse, 1);
	(void)scene_read(moved);
	assert_false(store.has_foreign);
	free(theirs);
	free(moved);
}

/* What is stored again after another's place moved is no text that is known by heart. */
static void test_store__sees_a_place_that_goes_back_to_what_was_pinged(void **state)
{
	char *theirs = scene_state(OTHER, 4, 0);
	char *moved = scene_state(OTHER, 9, 0);
	char *pinged;

	(void)state;
	assert_int_equal(eii_store_adopt(&store, pulse, theirs), EII_STORE_FINE);
	scene_put(10);
	scene_ping();
	pinged = strdup(store.text);
	for (int i = 0; i < 4; i++) {
		store.read_ms = pulse->now_ms;
		(void)scene_read(i % 2 ? pinged : moved);
		store.read_ms = pulse->now_ms;
		(void)scene_read(i % 2 ? pinged : moved);
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
	scene_adopt_and_ping();
	ours = scene_state(KEY, 10, store.instance);
	twins = scene_state(KEY, 10, store.instance + 1);
	for (int i = 0; i < 3; i++) {
		store.read_ms = pulse->now_ms;
		assert_int_equal(scene_read(twins), EII_STORE_FINE);
	}
	assert_true(store.has_twin);
	assert_int_equal(beat_count(pulse, EII_EVENT_TWIN, NULL), 1); /* once */
	store.read_ms = pulse->now_ms;
	(void)scene_read(ours);
	assert_true(store.has_twin); /* both write in turns */
	store.read_ms = pulse->now_ms;
	(void)scene_read(ours);
	assert_false(store.has_twin);
	free(ours);
	free(twins);
}

static void test_store__takes_the_number_of_an_earlier_process_for_no_twin(void **state)
{
	char *before = scene_state(KEY, 10, store.instance + 1);

	(void)state;
	assert_int_equal(eii_store_adopt(&store, pulse, before), EII_STORE_FINE);
	scene_put(10);
	(void)scene_begin(EII_STORE_PING);
	scene_fail(EII_FAILURE_UNREACHABLE);
	scene_pass_pause();
	assert_int_equal(scene_read(before), EII_STORE_FINE);
	assert_false(store.has_twin);
	free(before);
}

static void test_store__keeps_the_instant_that_it_wrote(void **state)
{
	EII_AUTO(eii_document) sent = NULL;
	struct eii_ledger ledger;

	(void)state;
	scene_adopt_and_ping();
	eii_store_put_ingestion(&store, 1790000000);
	assert_false(eii_store_is_clean(&store));
	scene_put(10);
	eii_store_hurry(&store);
	sent = eii_document_parse(scene_begin(EII_STORE_PING));
	eii_document_ledger(sent, &ledger);
	assert_int_equal(ledger.wrote_s, 1790000000);
	assert_int_equal(ledger.instance, store.instance);
	assert_int_equal(eii_document_ingestion(sent), 1790000000);
}

#define STORE_TEST(test) cmocka_unit_test_setup_teardown(test, scene_set_up, scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_store__keeps_other_mailboxes_as_they_are_now),
		STORE_TEST(test_store__forgets_another_mailbox_an_hour_after_it_moved_last),
		STORE_TEST(test_store__sees_a_place_that_goes_back_to_what_was_pinged),
		STORE_TEST(test_store__tells_a_twin_by_its_number),
		STORE_TEST(test_store__takes_the_number_of_an_earlier_process_for_no_twin),
		STORE_TEST(test_store__keeps_the_instant_that_it_wrote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
