/* SPDX-License-Identifier: Apache-2.0 */
#include "place_scene.h"

#include "support.h"

static void test_place__moves_by_what_was_listed_and_settled(void **state)
{
	(void)state;
	scene_adopt(10);
	assert_int_equal(scene_list(10, NOW_S), EII_LISTING_SETTLED);
	assert_int_equal(scene_list(12, NOW_S), EII_LISTING_OURS);
	assert_int_equal(scene_list(15, NOW_S), EII_LISTING_OURS);
	assert_int_equal(scene_list(16, NOW_S), EII_LISTING_OURS);
	assert_false(eii_place_settle(&place, 16));
	assert_false(eii_place_settle(&place, 15));
	assert_int_equal(place.s.cursor, 10);
	assert_true(eii_place_settle(&place, 12));
	assert_int_equal(place.s.cursor, 16);
	assert_false(eii_place_settle(&place, 12)); /* twice */
	assert_false(eii_place_settle(&place, 99)); /* never seen */
	assert_int_equal(place.s.cursor, 16);
}

static void test_place__tells_what_is_ours_by_window_and_date(void **state)
{
	static const struct {
		const char *name;
		uint32_t uid;
		int64_t unix_s;
		enum eii_listing listing;
	} rows[] = {
		{ "a second too old", 5, SINCE_S - 1, EII_LISTING_SETTLED },
		{ "at the first second", 5, SINCE_S, EII_LISTING_OURS },
		{ "without a date", 5, 0, EII_LISTING_OURS },
		{ "the last one below the boundary", 9, SINCE_S, EII_LISTING_OURS },
		{ "the last one, too old", 9, SINCE_S - 1, EII_LISTING_SETTLED },
		{ "at the boundary", 10, SINCE_S, EII_LISTING_BEYOND },
		{ "at the boundary, with an old date", 10, SINCE_S - 1, EII_LISTING_BEYOND },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)scene_set_up(state);
		eii_place_begin_window(&place, 7, SINCE_S);
		eii_place_bound_window(&place, 10);
		CHECK(scene_list(rows[i].uid, rows[i].unix_s) == rows[i].listing, "%s",
		      rows[i].name);
		(void)scene_tear_down(state);
	}
}

static void test_place__takes_all_behind_the_boundary_for_new(void **state)
{
	(void)state;
	eii_place_begin_window(&place, 7, SINCE_S);
	eii_place_bound_window(&place, 10);
	assert_int_equal(scene_list(5, SINCE_S), EII_LISTING_OURS);
	assert_int_equal(scene_list(9, SINCE_S - 1), EII_LISTING_SETTLED);
	eii_place_end_window(&place);
	assert_true(place.s.has_window); /* 5 is not settled */
	assert_int_equal(scene_list(10, SINCE_S - 1), EII_LISTING_OURS);
	assert_true(eii_place_settle(&place, 5));
	assert_int_equal(place.s.cursor, 9);
	assert_false(place.s.has_window);
	assert_true(eii_place_settle(&place, 10));
	assert_int_equal(place.s.cursor, 10);
}

static void test_place__ends_a_window_of_which_nothing_is_ours(void **state)
{
	(void)state;
	eii_place_begin_window(&place, 7, SINCE_S);
	eii_place_bound_window(&place, 10);
	eii_place_end_window(&place);
	assert_int_equal(place.s.cursor, 9);
	assert_false(place.s.has_window);
	eii_place_end_window(&place); /* twice is once */
	assert_int_equal(place.s.cursor, 9);
}

static void test_place__has_no_window_in_an_empty_folder(void **state)
{
	static const uint32_t boundaries[] = { 0, 1 };

	for (size_t i = 0; i < ARRAY_LEN(boundaries); i++) {
		(void)scene_set_up(state);
		eii_place_begin_window(&place, 7, SINCE_S);
		eii_place_bound_window(&place, boundaries[i]);
		assert_false(place.s.has_window);
		assert_int_equal(place.s.cursor, 0);
		assert_int_equal(scene_list(1, SINCE_S - 1), EII_LISTING_OURS);
		(void)scene_tear_down(state);
	}
}

static void test_place__keeps_a_window_for_the_way_back(void **state)
{
	(void)state;
	eii_place_begin_window(&place, 7, SINCE_S);
	eii_place_bound_window(&place, 10);
	assert_int_equal(scene_list(5, SINCE_S), EII_LISTING_OURS);
	place.s.back_uid = 1;
	(void)eii_place_settle(&place, 5);
	eii_place_end_window(&place);
	assert_int_equal(place.s.cursor, 9);
	assert_true(place.s.has_window);
	assert_true(eii_place_go_back(&place));
	assert_int_equal(place.s.cursor, 0);
	/* The old ones are too old again, and the window's end is to be found again. */
	assert_int_equal(scene_list(4, SINCE_S - 1), EII_LISTING_SETTLED);
	assert_int_equal(scene_list(5, SINCE_S), EII_LISTING_OURS);
	assert_int_equal(scene_list(10, SINCE_S), EII_LISTING_BEYOND);
	assert_true(eii_place_must_ask(&place, 5));
	place.s.back_uid = 1;
	(void)eii_place_settle(&place, 5);
	eii_place_end_window(&place);
	eii_place_accounted(&place);
	assert_false(place.s.has_window);
	assert_false(eii_place_go_back(&place));
}

static void test_place__asks_for_all_that_it_had_listed_when_it_goes_back(void **state)
{
	(void)state;
	scene_adopt(10);
	assert_false(eii_place_must_ask(&place, 11));
	for (uint32_t uid = 11; uid <= 20; uid++)
		assert_int_equal(scene_list(uid, NOW_S), EII_LISTING_OURS);
	place.s.back_uid = 11;
	(void)eii_place_settle(&place, 11);
	(void)eii_place_settle(&place, 12);
	assert_true(eii_place_go_back(&place));
	assert_int_equal(place.s.cursor, 10);
	assert_int_equal(place.s.back_uid, 0);
	assert_true(eii_place_must_ask(&place, 20));
	assert_false(eii_place_must_ask(&place, 21));
	/* All of it accounted for: there is nothing to ask any more. */
	for (uint32_t uid = 11; uid <= 20; uid++)
		assert_int_equal(scene_list(uid, NOW_S), EII_LISTING_OURS);
	for (uint32_t uid = 11; uid <= 20; uid++)
		(void)eii_place_settle(&place, uid);
	assert_int_equal(place.s.ask_uid, 0);
}

static void test_place__asks_for_what_it_lists_again(void **state)
{
	(void)state;
	scene_adopt(10);
	for (uint32_t uid = 11; uid <= 14; uid++)
		(void)scene_list(uid, NOW_S);
	(void)eii_place_settle(&place, 11);
	(void)eii_place_settle(&place, 13); /* confirmed above what holds the cursor */
	eii_place_relist(&place);
	assert_int_equal(place.s.cursor, 11);
	assert_int_equal(scene_list(12, NOW_S), EII_LISTING_OURS);
	assert_int_equal(scene_list(13, NOW_S), EII_LISTING_OURS);
	assert_true(eii_place_must_ask(&place, 14));
	assert_false(eii_place_must_ask(&place, 15));
	/* Where nothing was listed above the cursor there is nothing to ask. */
	scene_adopt(10);
	eii_place_relist(&place);
	assert_false(eii_place_must_ask(&place, 11));
}

static void test_place__doubts_until_a_whole_line_is_not_there(void **state)
{
	(void)state;
	scene_adopt(10);
	eii_place_doubt(&place);
	for (int i = 0; i < EII_CORE_LINE_MAILS - 1; i++)
		eii_place_heard(&place, EII_PRESENCE_ABSENT);
	eii_place_heard(&place, EII_PRESENCE_THERE); /* one of them is there: counted anew */
	for (int i = 0; i < EII_CORE_LINE_MAILS - 1; i++)
		eii_place_heard(&place, EII_PRESENCE_ABSENT);
	assert_true(eii_place_must_ask(&place, UINT32_MAX));
	eii_place_heard(&place, EII_PRESENCE_ABSENT);
	assert_false(eii_place_must_ask(&place, 11));
}

static void test_place__counts_no_mail_twice_towards_the_end_of_its_doubt(void **state)
{
	(void)state;
	scene_adopt(10);
	eii_place_doubt(&place);
	for (int i = 0; i < EII_CORE_LINE_MAILS - 1; i++)
		eii_place_heard(&place, EII_PRESENCE_ABSENT);
	eii_place_relist(&place); /* the same mails come again */
	eii_place_heard(&place, EII_PRESENCE_ABSENT);
	assert_true(eii_place_must_ask(&place, 11));
}

static void test_place__does_not_end_a_bounded_question_by_answers(void **state)
{
	(void)state;
	scene_adopt(10);
	for (uint32_t uid = 11; uid <= 5000; uid++)
		(void)scene_list(uid, NOW_S);
	eii_place_relist(&place);
	for (int i = 0; i < 2 * EII_CORE_LINE_MAILS; i++)
		eii_place_heard(&place, EII_PRESENCE_ABSENT);
	assert_true(eii_place_must_ask(&place, 5000));
}

static void test_place__counts_as_his_what_came_before_his_last_run(void **state)
{
	(void)state;
	scene_adopt(10);
	place.his_s = NOW_S;
	place.his_uid = 15;
	assert_int_equal(scene_list(11, NOW_S - 1), EII_LISTING_SETTLED);
	assert_int_equal(scene_list(12, NOW_S), EII_LISTING_OURS);
	assert_int_equal(scene_list(13, 0), EII_LISTING_OURS); /* without a date: ours */
	assert_int_equal(scene_list(15, NOW_S - 100), EII_LISTING_SETTLED);
	assert_int_equal(scene_list(16, NOW_S - 100), EII_LISTING_OURS); /* came since */
	assert_int_equal(place.n_his, 2);
	assert_int_equal(place.s.cursor, 11);
}

static void test_place__begins_all_anew_with_a_window(void **state)
{
	(void)state;
	scene_adopt(10);
	place.s.back_uid = 5;
	place.s.in_hand.uid = 11;
	place.s.in_hand.attempts = 2;
	place.his_s = 5;
	assert_true(eii_place_set_aside(&place, 9, NOW_S));
	eii_place_begin_window(&place, 8, SINCE_S);
	assert_int_equal(place.s.uidvalidity, 8);
	assert_int_equal(place.s.cursor, 0);
	assert_int_equal(place.s.back_uid, 0);
	assert_int_equal(place.s.n_aside, 0);
	assert_int_equal(place.s.in_hand.uid, 0);
	assert_int_equal(place.his_s, 0);
	assert_true(place.s.has_window);
	assert_int_equal(place.s.window_uidnext, 0);
}

static void test_place__forgets_starts_and_the_mail_in_hand_when_it_moves(void **state)
{
	(void)state;
	scene_adopt(10);
	place.s.n_starts = 3;
	place.s.in_hand.uid = 12;
	place.s.in_hand.attempts = 2;
	(void)scene_list(11, NOW_S);
	(void)scene_list(12, NOW_S);
	(void)eii_place_settle(&place, 11);
	assert_int_equal(place.s.n_starts, 0);
	assert_int_equal(place.s.in_hand.attempts, 2);
	(void)eii_place_settle(&place, 12);
	assert_int_equal(place.s.in_hand.uid, 0);
	assert_int_equal(place.s.in_hand.attempts, 0);
}

static void test_place__takes_no_way_back_for_progress(void **state)
{
	(void)state;
	scene_adopt(10);
	place.s.back_uid = 9;
	place.s.n_starts = 1;
	assert_true(eii_place_go_back(&place));
	assert_int_equal(place.s.cursor, 8);
	assert_int_equal(place.s.passed_uid, 10);
	for (uint32_t uid = 9; uid <= 11; uid++)
		(void)scene_list(uid, NOW_S);
	(void)eii_place_settle(&place, 9);
	(void)eii_place_settle(&place, 10);
	assert_int_equal(place.s.n_starts, 1);
	/* Back once more: it is the farthest that counts. */
	place.s.back_uid = 10;
	assert_true(eii_place_go_back(&place));
	assert_int_equal(place.s.passed_uid, 10);
	(void)scene_list(10, NOW_S);
	(void)scene_list(11, NOW_S);
	(void)eii_place_settle(&place, 10);
	assert_int_equal(place.s.n_starts, 1);
	(void)eii_place_settle(&place, 11);
	assert_int_equal(place.s.n_starts, 0);
	assert_int_equal(place.s.passed_uid, 0);
}

static void test_place__owes_what_it_is_on_its_way_back_to(void **state)
{
	(void)state;
	scene_adopt(10);
	place.s.back_uid = 6;
	eii_place_owe(&place, SINCE_S);
	eii_place_name_killer(&place.s, 8);
	assert_true(eii_place_go_back(&place));
	/* A Work that has ended meanwhile had none of it. */
	eii_place_accounted(&place);
	assert_int_equal(place.s.owed_since_s, SINCE_S);
	assert_true(eii_place_is_killer(&place.s, 8));
	for (uint32_t uid = 6; uid <= 10; uid++) {
		(void)scene_list(uid, NOW_S);
		(void)eii_place_settle(&place, uid);
	}
	eii_place_accounted(&place);
	assert_int_equal(place.s.owed_since_s, 0);
	assert_false(eii_place_is_killer(&place.s, 8));
}

#define PLACE_TEST(test) cmocka_unit_test_setup_teardown(test, scene_set_up, scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(test_place__moves_by_what_was_listed_and_settled),
		cmocka_unit_test(test_place__tells_what_is_ours_by_window_and_date),
		PLACE_TEST(test_place__takes_all_behind_the_boundary_for_new),
		PLACE_TEST(test_place__ends_a_window_of_which_nothing_is_ours),
		cmocka_unit_test(test_place__has_no_window_in_an_empty_folder),
		PLACE_TEST(test_place__keeps_a_window_for_the_way_back),
		PLACE_TEST(test_place__asks_for_all_that_it_had_listed_when_it_goes_back),
		PLACE_TEST(test_place__asks_for_what_it_lists_again),
		PLACE_TEST(test_place__doubts_until_a_whole_line_is_not_there),
		PLACE_TEST(test_place__counts_no_mail_twice_towards_the_end_of_its_doubt),
		PLACE_TEST(test_place__does_not_end_a_bounded_question_by_answers),
		PLACE_TEST(test_place__counts_as_his_what_came_before_his_last_run),
		PLACE_TEST(test_place__begins_all_anew_with_a_window),
		PLACE_TEST(test_place__takes_no_way_back_for_progress),
		PLACE_TEST(test_place__owes_what_it_is_on_its_way_back_to),
		PLACE_TEST(test_place__forgets_starts_and_the_mail_in_hand_when_it_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
