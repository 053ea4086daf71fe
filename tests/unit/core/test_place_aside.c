/* SPDX-License-Identifier: Apache-2.0 */
/* Mails that are set aside, to be tried again. */
#include "place_scene.h"

#include "support.h"

static void test_place__sets_256_aside_and_not_one_more(void **state)
{
	int64_t next_s;

	(void)state;
	scene_adopt(10);
	for (uint32_t i = EII_DOCUMENT_ASIDE; i > 0; i--)
		assert_true(eii_place_set_aside(&place, i * 3, NOW_S));
	assert_false(eii_place_set_aside(&place, 7, NOW_S));
	assert_true(eii_place_set_aside(&place, 9, NOW_S)); /* one of them once more */
	for (uint16_t i = 0; i < EII_DOCUMENT_ASIDE; i++)
		assert_int_equal(place.s.aside[i].uid, (i + 1) * 3);
	eii_place_drop_aside(&place, 3);
	eii_place_drop_aside(&place, 768);
	eii_place_drop_aside(&place, 4); /* not there */
	assert_int_equal(place.s.n_aside, 254);
	assert_true(eii_place_set_aside(&place, 7, NOW_S));
	assert_int_equal(place.s.aside[1].uid, 7);
	assert_null(eii_place_aside_due(&place, NOW_S, &next_s));
}

static void test_place__tries_what_is_aside_after_growing_pauses(void **state)
{
	static const int64_t wanted_s[] = {
		600, 1200, 2400, 4800, 9600, 19200, 38400, 43200, 43200
	};
	int64_t now_s = NOW_S;
	int64_t next_s;

	(void)state;
	scene_adopt(10);
	for (size_t i = 0; i < ARRAY_LEN(wanted_s); i++) {
		assert_true(eii_place_set_aside(&place, 5, now_s));
		assert_int_equal(eii_place_find_aside(&place, 5)->n_tries, i + 1);
		CHECK(!eii_place_aside_due(&place, now_s + wanted_s[i] - 1, &next_s), "%zu", i);
		CHECK(next_s == now_s + wanted_s[i], "%zu. pause", i);
		now_s += wanted_s[i];
		CHECK(eii_place_aside_due(&place, now_s, &next_s) != NULL, "%zu", i);
	}
	assert_int_equal(eii_place_find_aside(&place, 5)->first_unix_s, NOW_S);
	eii_place_try_aside(&place, 5, now_s);
	assert_null(eii_place_aside_due(&place, now_s, &next_s));
}

static void test_place__takes_a_pause_from_a_clock_ahead_for_over(void **state)
{
	int64_t next_s;

	(void)state;
	scene_adopt(10);
	assert_true(eii_place_set_aside(&place, 5, NOW_S));
	eii_place_find_aside(&place, 5)->next_unix_s = NOW_S + 43200;
	assert_null(eii_place_aside_due(&place, NOW_S, &next_s));
	assert_non_null(eii_place_aside_due(&place, NOW_S - 1, &next_s));
}

static void test_place__keeps_what_was_sent_aside_until_it_is_accounted_for(void **state)
{
	int64_t next_s;

	(void)state;
	scene_adopt(10);
	assert_true(eii_place_set_aside(&place, 5, NOW_S));
	assert_true(eii_place_set_aside(&place, 6, NOW_S));
	eii_place_sent_aside(&place, 5, 0);
	assert_ptr_equal(eii_place_aside_due(&place, NOW_S + 600, &next_s),
			 eii_place_find_aside(&place, 6));
	/* Lost: tried again. */
	assert_false(eii_place_go_back(&place));
	assert_ptr_equal(eii_place_aside_due(&place, NOW_S, &next_s),
			 eii_place_find_aside(&place, 5));
	eii_place_sent_aside(&place, 5, 0);
	eii_place_accounted(&place);
	assert_null(eii_place_find_aside(&place, 5));
	assert_non_null(eii_place_find_aside(&place, 6));
}

static void test_place__asks_for_header_and_mail_by_turns(void **state)
{
	struct eii_aside *aside;

	(void)state;
	scene_adopt(10);
	for (int i = 0; i < 4; i++) {
		assert_true(eii_place_set_aside(&place, 5, NOW_S));
		aside = eii_place_find_aside(&place, 5);
		CHECK(eii_place_wants_header(aside) == (i % 2 == 0), "try %d", i + 1);
	}
	eii_place_sent_header(&place, 5, 0);
	assert_int_equal(aside->milliseconds, 0);
	for (int i = 0; i < 2; i++) {
		assert_true(eii_place_set_aside(&place, 5, NOW_S));
		assert_false(eii_place_wants_header(aside));
	}
	/* Its report may be lost: the header once more. */
	eii_place_lost_aside(&place);
	assert_true(eii_place_wants_header(aside));
	eii_place_try_aside(&place, 5, NOW_S);
	assert_false(eii_place_wants_header(aside));
	eii_place_sent_aside(&place, 5, 0);
	assert_false(eii_place_wants_header(aside));
	eii_place_sent_header(&place, 6, 0); /* not there */
	assert_int_equal(place.s.n_aside, 1);
}

static void test_place__knows_of_a_header_whose_mail_may_have_its_report(void **state)
{
	(void)state;
	scene_adopt(10);
	place.s.ask_uid = 5;
	assert_true(eii_place_set_aside(&place, 5, NOW_S));
	assert_true(eii_place_set_aside(&place, 6, NOW_S));
	place.s.ask_uid = 0;
	assert_int_equal(eii_place_find_aside(&place, 5)->milliseconds, EII_ASIDE_ASK_FIRST);
	assert_true(eii_place_wants_header(eii_place_find_aside(&place, 5)));
	assert_false(eii_place_has_header(eii_place_find_aside(&place, 5)));
	/* Told that it may be there all the same. */
	eii_place_sent_header(&place, 5, EII_ASIDE_NO_HEADER);
	assert_false(eii_place_wants_header(eii_place_find_aside(&place, 5)));
	assert_false(eii_place_has_header(eii_place_find_aside(&place, 5)));
	assert_int_equal(eii_place_find_aside(&place, 6)->milliseconds, EII_ASIDE_NO_MS);
	assert_true(eii_place_wants_header(eii_place_find_aside(&place, 6)));
	assert_false(eii_place_has_header(eii_place_find_aside(&place, 6)));
}

/* What a list by date has behind the boundary is not all that is there. */
static void test_place__keeps_the_window_until_its_list_has_ended(void **state)
{
	const struct eii_place_state stored = { .uidvalidity = 7,
						.has_window = true,
						.window_since_s = SINCE_S,
						.window_uidnext = 11,
						.n_aside = 1,
						.aside = { { .uid = 10 } } };

	(void)state;
	eii_place_adopt(&place, &stored);
	assert_int_equal(scene_list(10, NOW_S), EII_LISTING_SETTLED);
	assert_int_equal(place.s.cursor, 10);
	assert_int_equal(scene_list(12, NOW_S), EII_LISTING_BEYOND);
	eii_place_end_window(&place);
	assert_false(place.s.has_window);
	assert_int_equal(scene_list(11, SINCE_S - 1), EII_LISTING_OURS);
}

/* Over lives: until it is settled, in whatever way. */
static void test_place__remembers_the_first_that_is_in_trouble(void **state)
{
	struct eii_place_state stored;

	(void)state;
	scene_adopt(10);
	for (uint32_t uid = 11; uid <= 13; uid++)
		(void)scene_list(uid, SINCE_S);
	assert_int_equal(eii_place_troubled_for_s(&place, 12, NOW_S), -1);
	assert_true(eii_place_note_trouble(&place, 12, NOW_S));
	assert_false(eii_place_note_trouble(&place, 12, NOW_S + 60));
	assert_false(eii_place_note_trouble(&place, 11, NOW_S + 60));
	stored = place.s;
	eii_place_adopt(&place, &stored);
	for (uint32_t uid = 11; uid <= 13; uid++)
		(void)scene_list(uid, SINCE_S);
	assert_int_equal(eii_place_troubled_for_s(&place, 12, NOW_S + 90), 90);
	assert_int_equal(eii_place_troubled_for_s(&place, 11, NOW_S + 90), -1);
	(void)eii_place_settle(&place, 11);
	assert_int_equal(eii_place_troubled_for_s(&place, 12, NOW_S + 90), 90);
	(void)eii_place_settle(&place, 12);
	assert_int_equal(eii_place_troubled_for_s(&place, 12, NOW_S + 90), -1);
	assert_true(eii_place_note_trouble(&place, 13, NOW_S + 90));
	eii_place_begin_window(&place, 8, SINCE_S);
	assert_int_equal(eii_place_troubled_for_s(&place, 13, NOW_S + 90), -1);
}

static void test_place__takes_trouble_from_a_clock_ahead_for_new(void **state)
{
	(void)state;
	scene_adopt(10);
	(void)scene_list(11, SINCE_S);
	assert_true(eii_place_note_trouble(&place, 11, NOW_S + 1));
	assert_int_equal(eii_place_troubled_for_s(&place, 11, NOW_S), 0);
	assert_true(eii_place_note_trouble(&place, 11, NOW_S));
	assert_int_equal(eii_place_troubled_for_s(&place, 11, NOW_S + 60), 60);
	/* Without a clock nothing is known. */
	(void)eii_place_settle(&place, 11);
	assert_false(eii_place_note_trouble(&place, 12, 0));
}

/* One that is passed some other way no longer stands in the way of the next. */
static void test_place__forgets_trouble_behind_the_cursor(void **state)
{
	const struct eii_place_state stored = {
		.uidvalidity = 7, .cursor = 10, .troubled_uid = 10, .troubled_since_s = NOW_S
	};

	(void)state;
	eii_place_adopt(&place, &stored);
	assert_true(eii_place_note_trouble(&place, 12, NOW_S));
	assert_int_equal(place.s.troubled_uid, 12);
}

static void test_place__does_not_list_what_is_set_aside(void **state)
{
	(void)state;
	scene_adopt(10);
	(void)scene_list(11, NOW_S);
	assert_true(eii_place_set_aside(&place, 11, NOW_S));
	(void)eii_place_settle(&place, 11);
	place.s.back_uid = 11;
	assert_true(eii_place_go_back(&place));
	assert_int_equal(scene_list(11, NOW_S), EII_LISTING_SETTLED);
	assert_int_equal(place.s.cursor, 11);
}

#define PLACE_TEST(test) cmocka_unit_test_setup_teardown(test, scene_set_up, scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(test_place__sets_256_aside_and_not_one_more),
		PLACE_TEST(test_place__tries_what_is_aside_after_growing_pauses),
		PLACE_TEST(test_place__takes_a_pause_from_a_clock_ahead_for_over),
		PLACE_TEST(test_place__keeps_what_was_sent_aside_until_it_is_accounted_for),
		PLACE_TEST(test_place__asks_for_header_and_mail_by_turns),
		PLACE_TEST(test_place__knows_of_a_header_whose_mail_may_have_its_report),
		PLACE_TEST(test_place__keeps_the_window_until_its_list_has_ended),
		PLACE_TEST(test_place__remembers_the_first_that_is_in_trouble),
		PLACE_TEST(test_place__takes_trouble_from_a_clock_ahead_for_new),
		PLACE_TEST(test_place__forgets_trouble_behind_the_cursor),
		PLACE_TEST(test_place__does_not_list_what_is_set_aside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
