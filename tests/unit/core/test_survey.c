/* SPDX-License-Identifier: Apache-2.0 */
#include "survey_scene.h"

#include "support.h"

static void test_survey__asks_the_order_of_each_step(void **state)
{
	static const struct {
		enum eii_survey_step step;
		enum eii_order_type type;
	} rows[] = {
		{ EII_SURVEY_IDLE, EII_ORDER_NONE },
		{ EII_SURVEY_FOLDER, EII_ORDER_LOOK },
		{ EII_SURVEY_AGAIN, EII_ORDER_LOOK },
		{ EII_SURVEY_ALL, EII_ORDER_SEARCH },
		{ EII_SURVEY_SINCE, EII_ORDER_SEARCH },
		{ EII_SURVEY_NEWEST, EII_ORDER_SEARCH },
		{ EII_SURVEY_NEWEST_SIZES, EII_ORDER_SIZES },
		{ EII_SURVEY_LIST, EII_ORDER_SEARCH },
		{ EII_SURVEY_LISTING, EII_ORDER_SIZES },
		{ EII_SURVEY_DONE, EII_ORDER_NONE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		survey.step = rows[i].step;
		CHECK(eii_survey_next(&survey) == rows[i].type, "row %zu", i);
	}
}

/* What the folder says, by where we stand, leads to the next step. */
static void test_survey__chooses_its_way_by_what_the_folder_says(void **state)
{
	static const struct {
		const char *name;
		uint32_t cursor, boundary; /* boundary 0: no window */
		uint64_t uidvalidity;
		uint32_t uidnext, n_mails;
		enum eii_survey_step step;
	} rows[] = {
		{ "nothing new", 10, 0, 7, 11, 5, EII_SURVEY_DONE },
		{ "one new", 10, 0, 7, 12, 5, EII_SURVEY_LIST },
		{ "UIDNEXT is not told", 10, 0, 7, 0, 5, EII_SURVEY_LIST },
		{ "UIDNEXT at the cursor", 10, 0, 7, 10, 5, EII_SURVEY_AGAIN },
		{ "UIDNEXT back", 10, 0, 7, 3, 5, EII_SURVEY_AGAIN },
		{ "another numbering", 10, 0, 8, 11, 5, EII_SURVEY_AGAIN },
		{ "an empty folder", 0, 0, 7, 1, 0, EII_SURVEY_DONE },
		{ "in the window", 3, 10, 7, 12, 5, EII_SURVEY_SINCE },
		{ "in the window, nothing behind it", 3, 10, 7, 10, 5, EII_SURVEY_SINCE },
		{ "UIDNEXT before the window's boundary", 3, 10, 7, 9, 5, EII_SURVEY_AGAIN },
		{ "the window is listed", 9, 10, 7, 12, 5, EII_SURVEY_LIST },
		{ "the highest number there is", UINT32_MAX, 0, 7, 0, 5, EII_SURVEY_DONE },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)scene_set_up(state);
		if (rows[i].boundary)
			scene_adopt_window(rows[i].cursor, rows[i].boundary);
		else
			scene_adopt(rows[i].cursor);
		CHECK(scene_hear_folder(rows[i].uidvalidity, rows[i].uidnext, rows[i].n_mails) ==
			      EII_SURVEY_FINE,
		      "%s", rows[i].name);
		CHECK(survey.step == rows[i].step, "%s: %d", rows[i].name, survey.step);
		CHECK(place.s.cursor == rows[i].cursor, "%s", rows[i].name);
		(void)scene_tear_down(state);
	}
}

static void test_survey__walks_through_a_first_window(void **state)
{
	struct eii_order order;

	(void)state;
	eii_place_adopt(&place, NULL);
	order = scene_ask();
	assert_true(order.look.is_fresh);
	assert_int_equal(scene_hear_folder(7, 21, 15), EII_SURVEY_FINE);
	order = scene_ask();
	assert_int_equal(order.search.first, 1);
	assert_true(order.search.since_unix_s == EII_ORDER_SEARCH_ALL);
	assert_int_equal(scene_hear_search(15, 2, 20), EII_SURVEY_FINE);
	scene_assert_step(EII_SURVEY_SINCE);
	assert_int_equal(place.s.window_uidnext, 21);
	order = scene_ask();
	assert_int_equal(order.search.first, 1);
	assert_int_equal(order.search.since_unix_s, SINCE_S - DAY_S);
	assert_int_equal(scene_hear_search(3, 15, 20), EII_SURVEY_FINE);
	scene_assert_step(EII_SURVEY_LISTING);
	assert_int_equal(scene_list(15, SINCE_S - 5), EII_LISTING_SETTLED);
	assert_int_equal(scene_list(18, SINCE_S), EII_LISTING_OURS);
	assert_int_equal(scene_list(20, SINCE_S), EII_LISTING_OURS);
	eii_survey_list_ended(&survey, &place);
	scene_assert_step(EII_SURVEY_LIST);
	order = scene_ask();
	assert_int_equal(order.search.first, 21);
	assert_int_equal(scene_hear_search(1, 22, 22), EII_SURVEY_FINE);
	scene_assert_step(EII_SURVEY_LISTING);
	assert_int_equal(scene_list(22, SINCE_S - DAY_S),
			 EII_LISTING_OURS); /* new, whatever its date */
	eii_survey_list_ended(&survey, &place);
	scene_assert_step(EII_SURVEY_DONE);
	assert_int_equal(survey.n_found, 4);
}

static void test_survey__begins_in_an_empty_folder_without_a_window(void **state)
{
	(void)state;
	eii_place_adopt(&place, NULL);
	assert_int_equal(scene_hear_folder(7, 1, 0), EII_SURVEY_FINE);
	assert_int_equal(scene_hear_search(0, 0, 0), EII_SURVEY_FINE);
	scene_assert_step(EII_SURVEY_DONE);
	assert_false(place.s.has_window);
	assert_int_equal(place.s.cursor, 0);
}

static void test_survey__does_not_believe_in_an_empty_folder_that_has_mails(void **state)
{
	(void)state;
	eii_place_adopt(&place, NULL);
	assert_int_equal(scene_hear_folder(7, 21, 15), EII_SURVEY_FINE);
	assert_int_equal(scene_hear_search(0, 0, 0), EII_SURVEY_DISAGREES);
	scene_assert_step(EII_SURVEY_ALL);
	assert_int_equal(place.s.window_uidnext, 0);
	assert_int_equal(place.s.cursor, 0);
}

static void test_survey__takes_no_answer_line_for_no_answer(void **state)
{
	static const enum eii_survey_step steps[] = { EII_SURVEY_ALL, EII_SURVEY_SINCE,
						      EII_SURVEY_NEWEST, EII_SURVEY_LIST };

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		(void)scene_set_up(state);
		scene_adopt_window(3, 10);
		survey.step = steps[i];
		CHECK(scene_hear_nothing() == EII_SURVEY_DISAGREES, "row %zu", i);
		CHECK(survey.step == steps[i], "row %zu", i);
		CHECK(place.s.cursor == 3 && place.listed == 3, "row %zu", i);
		(void)scene_tear_down(state);
	}
}

static void test_survey__keeps_the_highest_number_there_is(void **state)
{
	(void)state;
	eii_place_adopt(&place, NULL);
	assert_int_equal(scene_hear_folder(7, 0, 2), EII_SURVEY_FINE);
	assert_int_equal(scene_hear_search(2, 1, UINT32_MAX), EII_SURVEY_FINE);
	/* A boundary that came round to 0 would make the whole folder new. */
	assert_int_equal(place.s.window_uidnext, UINT32_MAX);
	assert_true(place.s.has_window);
}

/* ---- lists ------------------------------------------------------------- */

static void test_survey__looks_once_more_where_uidnext_contradicts_an_empty_list(void **state)
{
	(void)state;
	scene_adopt(10);
	assert_int_equal(scene_hear_folder(7, 15, 5), EII_SURVEY_FINE);
	assert_int_equal(scene_hear_search(0, 0, 0), EII_SURVEY_FINE);
	scene_assert_step(EII_SURVEY_AGAIN);
	assert_true(scene_ask().look.is_fresh);
	assert_int_equal(scene_hear_folder(7, 15, 5), EII_SURVEY_FINE);
	scene_assert_step(EII_SURVEY_LIST);
	assert_int_equal(scene_hear_search(0, 0, 0), EII_SURVEY_FINE);
	scene_assert_step(EII_SURVEY_DONE); /* they have been expunged */
	assert_int_equal(place.s.cursor, 10);
}

static void test_survey__believes_an_empty_list_that_nothing_contradicts(void **state)
{
	static const uint32_t uidnexts[] = { 0, 11 };

	for (size_t i = 0; i < ARRAY_LEN(uidnexts); i++) {
		(void)scene_set_up(state);
		scene_adopt(10);
		(void)scene_hear_folder(7, uidnexts[i], 5);
		survey.step = EII_SURVEY_LIST;
		CHECK(scene_hear_search(0, 0, 0) == EII_SURVEY_FINE, "row %zu", i);
		CHECK(survey.step == EII_SURVEY_DONE, "row %zu", i);
		CHECK(place.s.cursor == 10, "row %zu", i);
		(void)scene_tear_down(state);
	}
}

static void test_survey__takes_the_first_list_for_the_end_of_what_is_his(void **state)
{
	(void)state;
	scene_adopt(10);
	place.his_s = SINCE_S;
	(void)scene_hear_folder(7, 20, 5);
	(void)scene_hear_search(5, 11, 17);
	assert_int_equal(place.his_uid, 17);
	survey.step = EII_SURVEY_LIST;
	(void)scene_hear_search(5, 18, 19);
	assert_int_equal(place.his_uid, 17);
}

/* What came while the official connector was there: one wrong answer would make it ours. */
static void test_survey__asks_twice_how_far_his_mails_go_where_uidnext_is_not_told(void **state)
{
	(void)state;
	scene_adopt(10);
	place.his_s = SINCE_S;
	(void)scene_hear_folder(7, 0, 5);
	scene_assert_step(EII_SURVEY_LIST);
	assert_int_equal(scene_hear_search(0, 0, 0), EII_SURVEY_FINE);
	scene_assert_step(EII_SURVEY_AGAIN);
	(void)scene_hear_folder(7, 0, 5);
	scene_assert_step(EII_SURVEY_LIST);
	assert_int_equal(scene_hear_search(0, 0, 0), EII_SURVEY_FINE);
	scene_assert_step(EII_SURVEY_DONE);
}

/* ---- another numbering ------------------------------------------------- */

static void test_survey__begins_anew_only_where_it_is_said_twice(void **state)
{
	static const struct {
		const char *name;
		uint64_t first, second;
		uint32_t first_next, second_next;
		enum eii_survey_news news;
		enum eii_survey_step step;
		enum eii_event_type event;
	} rows[] = {
		{ "said twice", 8, 8, 30, 30, EII_SURVEY_RENUMBERED, EII_SURVEY_ALL,
		  EII_EVENT_RENUMBERED },
		{ "said twice, a mail came in between", 8, 8, 30, 31, EII_SURVEY_RENUMBERED,
		  EII_SURVEY_ALL, EII_EVENT_RENUMBERED },
		{ "said once", 8, 7, 30, 30, EII_SURVEY_FINE, EII_SURVEY_LIST, EII_EVENT_NONE },
		{ "a third numbering", 8, 9, 30, 30, EII_SURVEY_DISAGREES, EII_SURVEY_AGAIN,
		  EII_EVENT_NONE },
		{ "UIDNEXT back, twice", 7, 7, 5, 5, EII_SURVEY_RENUMBERED, EII_SURVEY_ALL,
		  EII_EVENT_UIDNEXT_BACK },
		{ "UIDNEXT back, then not", 7, 7, 5, 30, EII_SURVEY_FINE, EII_SURVEY_AGAIN,
		  EII_EVENT_NONE },
		{ "UIDNEXT back, twice, a mail came in between", 7, 7, 5, 6, EII_SURVEY_RENUMBERED,
		  EII_SURVEY_ALL, EII_EVENT_UIDNEXT_BACK },
		{ "UIDNEXT back, then elsewhere back", 7, 7, 6, 5, EII_SURVEY_DISAGREES,
		  EII_SURVEY_AGAIN, EII_EVENT_NONE },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool is_anew = rows[i].news == EII_SURVEY_RENUMBERED;

		(void)scene_set_up(state);
		scene_adopt(10);
		CHECK(scene_hear_folder(rows[i].first, rows[i].first_next, 5) == EII_SURVEY_FINE,
		      "%s", rows[i].name);
		CHECK(survey.step == EII_SURVEY_AGAIN, "%s", rows[i].name);
		CHECK(scene_ask().look.is_fresh, "%s", rows[i].name);
		CHECK(scene_hear_folder(rows[i].second, rows[i].second_next, 5) == rows[i].news,
		      "%s", rows[i].name);
		CHECK(survey.step == rows[i].step, "%s: %d", rows[i].name, survey.step);
		CHECK(place.s.cursor == (is_anew ? 0 : 10), "%s", rows[i].name);
		CHECK(place.s.has_window == is_anew, "%s", rows[i].name);
		if (is_anew) {
			CHECK(place.s.window_since_s == SINCE_S - EII_SURVEY_MARGIN_S, "%s",
			      rows[i].name);
			CHECK(eii_place_must_ask(&place, 1), "%s", rows[i].name);
			CHECK(beat_count(pulse, rows[i].event, NULL) == 1, "%s", rows[i].name);
		}
		(void)scene_tear_down(state);
	}
}

static void test_survey__changes_no_place_while_mails_are_under_way(void **state)
{
	const struct eii_folder_view other = { 8, 30, 5 };

	(void)state;
	scene_adopt(10);
	assert_int_equal(eii_survey_folder(&survey, &place, pulse, &other, EII_PHASE_FLOW),
			 EII_SURVEY_FINE);
	assert_int_equal(eii_survey_folder(&survey, &place, pulse, &other, EII_PHASE_FLOW),
			 EII_SURVEY_RENUMBERED);
	assert_int_equal(place.s.uidvalidity, 7);
	assert_int_equal(place.s.cursor, 10);
	assert_int_equal(pulse->n, 0);
}

/* ---- sessions ---------------------------------------------------------- */

static void test_survey__finds_its_way_again_after_a_lost_session(void **state)
{
	static const struct {
		enum eii_survey_step step, lost, next;
	} rows[] = {
		{ EII_SURVEY_IDLE, EII_SURVEY_IDLE, EII_SURVEY_IDLE },
		{ EII_SURVEY_FOLDER, EII_SURVEY_FOLDER, EII_SURVEY_SINCE },
		{ EII_SURVEY_AGAIN, EII_SURVEY_FOLDER, EII_SURVEY_SINCE },
		{ EII_SURVEY_ALL, EII_SURVEY_FOLDER, EII_SURVEY_SINCE },
		{ EII_SURVEY_SINCE, EII_SURVEY_FOLDER, EII_SURVEY_SINCE },
		{ EII_SURVEY_NEWEST, EII_SURVEY_FOLDER, EII_SURVEY_SINCE },
		{ EII_SURVEY_NEWEST_SIZES, EII_SURVEY_FOLDER, EII_SURVEY_SINCE },
		{ EII_SURVEY_LIST, EII_SURVEY_FOLDER, EII_SURVEY_SINCE },
		{ EII_SURVEY_LISTING, EII_SURVEY_FOLDER, EII_SURVEY_SINCE },
		{ EII_SURVEY_DONE, EII_SURVEY_DONE, EII_SURVEY_DONE },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)scene_set_up(state);
		scene_adopt_window(3, 10);
		survey.step = rows[i].step;
		survey.real_ms = 5;
		eii_survey_lost(&survey);
		CHECK(survey.step == rows[i].lost, "row %zu: %d", i, survey.step);
		CHECK(survey.real_ms == 0, "row %zu", i);
		if (survey.step == EII_SURVEY_FOLDER)
			(void)scene_hear_folder(7, 12, 9);
		CHECK(survey.step == rows[i].next, "row %zu: %d", i, survey.step);
		CHECK(place.s.cursor == 3, "row %zu", i);
		(void)scene_tear_down(state);
	}
}

static void test_survey__goes_on_behind_what_was_listed(void **state)
{
	(void)state;
	scene_adopt(10);
	(void)scene_hear_folder(7, 20, 9);
	(void)scene_hear_search(9, 11, 19);
	assert_int_equal(scene_list(11, SINCE_S), EII_LISTING_OURS);
	assert_int_equal(scene_list(15, SINCE_S), EII_LISTING_OURS);
	eii_survey_lost(&survey);
	(void)scene_hear_folder(7, 20, 9);
	scene_assert_step(EII_SURVEY_LIST);
	assert_int_equal(scene_ask().search.first, 16);
	/* A window that was listed to its last mail needs no other list of it. */
	scene_adopt_window(3, 10);
	assert_int_equal(scene_list(9, SINCE_S), EII_LISTING_OURS);
	eii_survey_lost(&survey);
	(void)scene_hear_folder(7, 10, 9);
	(void)scene_hear_search(0, 0, 0);
	(void)scene_hear_search(0, 0, 0);
	scene_assert_step(EII_SURVEY_LIST);
	assert_true(place.is_window_listed);
	assert_int_equal(place.s.cursor, 3); /* 9 is not settled */
}

static void test_survey__examines_anew_after_nine_looks_or_an_hour(void **state)
{
	(void)state;
	scene_adopt(10);
	assert_true(scene_ask().look.is_fresh);
	for (int i = 0; i < EII_SURVEY_NOOPS; i++)
		assert_false(scene_ask().look.is_fresh);
	assert_true(scene_ask().look.is_fresh);
	beat_pass(pulse, EII_SURVEY_REAL_MS - 1);
	assert_false(scene_ask().look.is_fresh);
	beat_pass(pulse, 1);
	assert_true(scene_ask().look.is_fresh);
	eii_survey_lost(&survey);
	assert_true(scene_ask().look.is_fresh);
}

#define SURVEY_TEST(test) cmocka_unit_test_setup_teardown(test, scene_set_up, scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SURVEY_TEST(test_survey__asks_the_order_of_each_step),
		cmocka_unit_test(test_survey__chooses_its_way_by_what_the_folder_says),
		SURVEY_TEST(test_survey__walks_through_a_first_window),
		SURVEY_TEST(test_survey__begins_in_an_empty_folder_without_a_window),
		SURVEY_TEST(test_survey__does_not_believe_in_an_empty_folder_that_has_mails),
		cmocka_unit_test(test_survey__takes_no_answer_line_for_no_answer),
		SURVEY_TEST(test_survey__keeps_the_highest_number_there_is),
		SURVEY_TEST(test_survey__looks_once_more_where_uidnext_contradicts_an_empty_list),
		cmocka_unit_test(test_survey__believes_an_empty_list_that_nothing_contradicts),
		SURVEY_TEST(test_survey__takes_the_first_list_for_the_end_of_what_is_his),
		SURVEY_TEST(test_survey__asks_twice_how_far_his_mails_go_where_uidnext_is_not_told),
		cmocka_unit_test(test_survey__begins_anew_only_where_it_is_said_twice),
		SURVEY_TEST(test_survey__changes_no_place_while_mails_are_under_way),
		cmocka_unit_test(test_survey__finds_its_way_again_after_a_lost_session),
		SURVEY_TEST(test_survey__goes_on_behind_what_was_listed),
		SURVEY_TEST(test_survey__examines_anew_after_nine_looks_or_an_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
