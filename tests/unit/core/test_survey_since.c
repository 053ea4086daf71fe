/* SPDX-License-Identifier: Apache-2.0 */
/* A first window, whatever SEARCH SINCE says of it. */
#include "survey_scene.h"

#include "support.h"

static void begin_since(uint32_t boundary)
{
	scene_adopt_window(0, boundary);
	assert_int_equal(scene_hear_folder(7, boundary, boundary - 1), EII_SURVEY_FINE);
	scene_assert_step(EII_SURVEY_SINCE);
}

static void test_survey__proves_an_empty_window_by_the_newest_dates(void **state)
{
	static const struct {
		const char *name;
		uint32_t uid;
		int64_t unix_s;
		bool lies;
	} rows[] = {
		{ "too old", 900, SINCE_S - 1, false },
		{ "of the first second", 900, SINCE_S, true },
		{ "without a date: it may be", 900, 0, true },
		{ "new, but behind the boundary", 1000, SINCE_S, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_order order;

		(void)scene_set_up(state);
		begin_since(1000);
		assert_int_equal(scene_hear_search(0, 0, 0), EII_SURVEY_FINE);
		scene_assert_step(EII_SURVEY_NEWEST);
		order = scene_ask();
		CHECK(order.search.first == 750, "%s", rows[i].name);
		assert_int_equal(scene_hear_search(200, 750, 999), EII_SURVEY_FINE);
		order = scene_ask();
		CHECK(order.sizes.after == 749 && order.sizes.max == EII_CORE_CHUNK_MAILS, "%s",
		      rows[i].name);
		scene_hear_newest(rows[i].uid, rows[i].unix_s);
		scene_assert_step(EII_SURVEY_LIST);
		order = scene_ask();
		/* SINCE lies: all is listed, and each date is looked at. */
		CHECK(order.search.first == (rows[i].lies ? 1 : 1000), "%s", rows[i].name);
		CHECK(place.s.cursor == (rows[i].lies ? 0 : 999), "%s", rows[i].name);
		(void)scene_tear_down(state);
	}
}

/* As begin_since(), of a folder that is not known yet, or known by another numbering. */
static void begin_new_since(uint32_t boundary, uint64_t known)
{
	const struct eii_place_state stored = { .uidvalidity = known, .cursor = 10 };

	eii_place_adopt(&place, known ? &stored : NULL);
	(void)scene_hear_folder(7, boundary, boundary - 1);
	if (known)
		(void)scene_hear_folder(7, boundary, boundary - 1);
	(void)scene_hear_search(boundary - 1, 1, boundary - 1);
	scene_assert_step(EII_SURVEY_SINCE);
}

static void test_survey__knows_a_first_window_that_passes_over_everything(void **state)
{
	static const struct {
		const char *name;
		uint64_t known;
		bool is_named;
		int64_t unix_s;
		bool is_empty;
	} rows[] = {
		{ "none is named, the newest are too old", 0, false, SINCE_S - DAY_S, true },
		{ "one of the same day is named, and is too old", 0, true, SINCE_S - DAY_S, true },
		{ "one of its first second", 0, true, SINCE_S, false },
		{ "of a new numbering", 6, true, SINCE_S - DAY_S, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)scene_set_up(state);
		begin_new_since(100, rows[i].known);
		(void)scene_hear_search(rows[i].is_named, 99, 99);
		if (rows[i].is_named) {
			(void)scene_list(99, rows[i].unix_s);
			eii_survey_list_ended(&survey, &place);
		} else {
			(void)scene_hear_search(99, 1, 99);
			scene_hear_newest(99, rows[i].unix_s);
		}
		CHECK(place.is_window_empty == rows[i].is_empty, "%s", rows[i].name);
		(void)scene_tear_down(state);
	}
}

static void test_survey__begins_with_the_newest_at_the_start_of_a_small_folder(void **state)
{
	static const struct {
		uint32_t boundary, first;
	} rows[] = { { 2, 1 }, { 250, 1 }, { 251, 1 }, { 252, 2 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)scene_set_up(state);
		begin_since(rows[i].boundary);
		assert_int_equal(scene_hear_search(0, 0, 0), EII_SURVEY_FINE);
		CHECK(scene_ask().search.first == rows[i].first, "boundary %u: %u",
		      rows[i].boundary, scene_ask().search.first);
		(void)scene_tear_down(state);
	}
}

static void test_survey__lists_all_where_since_lies(void **state)
{
	(void)state;
	begin_since(100);
	(void)scene_hear_search(0, 0, 0);
	(void)scene_hear_search(10, 60, 99);
	scene_hear_newest(99, SINCE_S);
	assert_true(survey.does_since_lie);
	/* Sizes have shown a mail: an empty list of all is no truth either. */
	assert_int_equal(scene_hear_search(0, 0, 0), EII_SURVEY_DISAGREES);
	assert_int_equal(place.s.cursor, 0);
	/* In the next session it is all again, not SINCE. */
	eii_survey_lost(&survey);
	assert_int_equal(scene_hear_folder(7, 100, 99), EII_SURVEY_FINE);
	scene_assert_step(EII_SURVEY_LIST);
	assert_int_equal(scene_hear_search(40, 1, 99), EII_SURVEY_FINE);
	scene_assert_step(EII_SURVEY_LISTING);
	assert_true(survey.is_old_part);
	assert_int_equal(scene_list(1, SINCE_S - 5), EII_LISTING_SETTLED);
	assert_int_equal(scene_list(99, SINCE_S), EII_LISTING_OURS);
	eii_survey_list_ended(&survey, &place);
	scene_assert_step(EII_SURVEY_LIST);
	assert_int_equal(scene_ask().search.first, 100);
}

static void test_survey__keeps_what_a_search_has_named_over_a_lost_session(void **state)
{
	(void)state;
	begin_since(100);
	(void)scene_hear_search(40, 60, 99);
	assert_int_equal(scene_list(60, SINCE_S), EII_LISTING_OURS);
	eii_survey_lost(&survey);
	assert_int_equal(scene_hear_folder(7, 100, 99), EII_SURVEY_FINE);
	scene_assert_step(EII_SURVEY_SINCE);
	(void)scene_hear_search(0, 0, 0);
	(void)scene_hear_search(0, 0, 0);
	/* 99 was named, and only 60 is listed: not so for one empty answer. */
	assert_true(survey.does_since_lie);
	assert_int_equal(scene_hear_search(0, 0, 0), EII_SURVEY_DISAGREES);
	eii_survey_lost(&survey);
	assert_int_equal(scene_hear_folder(7, 100, 99), EII_SURVEY_FINE);
	/* The next session says the same: they are gone. */
	assert_int_equal(scene_hear_search(0, 0, 0), EII_SURVEY_FINE);
}

static void test_survey__asks_for_fewer_dates_where_they_cannot_be_had(void **state)
{
	int n_steps = 0;

	(void)state;
	begin_since(1000);
	(void)scene_hear_search(0, 0, 0);
	while (survey.step == EII_SURVEY_NEWEST && n_steps < 50) {
		uint32_t first = survey.newest_first;

		assert_in_range(first, 750, 999);
		(void)scene_hear_search(1000 - first, first, 999);
		scene_assert_step(EII_SURVEY_NEWEST_SIZES);
		eii_survey_newest_failed(&survey, &place, (uint16_t)(1000 - first));
		assert_true(survey.step != EII_SURVEY_NEWEST || survey.newest_first > first);
		n_steps++;
	}
	assert_in_range(n_steps, 2, 20);
	/* Of none: SINCE is asked once more; what cannot be proven then is taken for a lie. */
	scene_assert_step(EII_SURVEY_SINCE);
	assert_int_equal(place.s.cursor, 0);
	(void)scene_hear_search(0, 0, 0);
	(void)scene_hear_search(1, 999, 999);
	eii_survey_newest_failed(&survey, &place, 1);
	scene_assert_step(EII_SURVEY_LIST);
	assert_true(survey.does_since_lie);
	assert_int_equal(place.s.cursor, 0);
	assert_int_equal(scene_ask().search.first, 1);
}

#define SURVEY_TEST(test) cmocka_unit_test_setup_teardown(test, scene_set_up, scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_survey__proves_an_empty_window_by_the_newest_dates),
		cmocka_unit_test(test_survey__knows_a_first_window_that_passes_over_everything),
		cmocka_unit_test(
			test_survey__begins_with_the_newest_at_the_start_of_a_small_folder),
		SURVEY_TEST(test_survey__lists_all_where_since_lies),
		SURVEY_TEST(test_survey__keeps_what_a_search_has_named_over_a_lost_session),
		SURVEY_TEST(test_survey__asks_for_fewer_dates_where_they_cannot_be_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
