/* SPDX-License-Identifier: Apache-2.0 */
/* A UIDNEXT that had gone back: what the next answers make of it. */
#include "survey_scene.h"

#include "support.h"

/* Mails that come after a restore have the UIDs of those that are gone, and hide it. */
static void test_survey_back__begins_anew_where_mails_have_filled_the_gap(void **state)
{
	static const struct {
		const char *name;
		uint32_t next, n_mails; /* at the second look; UIDNEXT 9 and 8 mails at the first */
		bool is_lost;           /* the session, in between */
		bool is_anew;
	} rows[] = {
		{ "just filled", 11, 9, false, true },
		{ "filled and more", 14, 13, false, true },
		{ "filled, UIDNEXT not told", 0, 10, true, true },
		{ "filled, in another session", 12, 11, true, true },
		{ "as many mails as before", 11, 8, false, false },
		{ "as many, in another session", 11, 8, true, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		enum eii_survey_news news;

		(void)scene_set_up(state);
		scene_adopt(10);
		(void)scene_hear_folder(7, 9, 8);
		if (rows[i].is_lost) {
			eii_survey_lost(&survey);
			eii_survey_begin(&survey);
		}
		news = scene_hear_folder(7, rows[i].next, rows[i].n_mails);
		if (rows[i].is_lost && rows[i].is_anew) {
			CHECK(survey.step == EII_SURVEY_AGAIN, "%s", rows[i].name);
			news = scene_hear_folder(7, rows[i].next, rows[i].n_mails);
		}
		CHECK((news == EII_SURVEY_RENUMBERED) == rows[i].is_anew, "%s", rows[i].name);
		CHECK(place.s.cursor == (rows[i].is_anew ? 0 : 10), "%s", rows[i].name);
		if (!rows[i].is_anew) {
			CHECK(survey.step == EII_SURVEY_AGAIN, "%s", rows[i].name);
			CHECK(scene_hear_folder(7, rows[i].next, rows[i].n_mails) ==
				      EII_SURVEY_FINE,
			      "%s", rows[i].name);
			CHECK(survey.step == EII_SURVEY_DONE, "%s", rows[i].name);
		}
		/* Decided: it is not asked again. */
		survey.step = EII_SURVEY_FOLDER;
		place.listed = 10;
		place.s.cursor = 10;
		(void)scene_hear_folder(7, 30, 30);
		CHECK(survey.step != EII_SURVEY_AGAIN, "%s", rows[i].name);
		(void)scene_tear_down(state);
	}
}

/* UIDNEXT 9 and 8 mails were said once; what the next EXAMINEs of as many mails make of it. */
static void test_survey_back__believes_only_two_that_a_uidnext_had_not_gone_back(void **state)
{
	static const struct {
		const char *name;
		size_t n;
		uint32_t next[3], n_mails[3]; /* in a session each */
		enum eii_survey_step step;
	} rows[] = {
		{ "once", 1, { 11 }, { 8, 8, 8 }, EII_SURVEY_AGAIN },
		{ "twice", 2, { 11, 11 }, { 8, 8, 8 }, EII_SURVEY_DONE },
		{ "more, and a mail came where one went",
		  2,
		  { 11, 12 },
		  { 7, 8 },
		  EII_SURVEY_LIST },
		{ "more, and no mail came", 2, { 11, 1000 }, { 8, 8, 8 }, EII_SURVEY_AGAIN },
		{ "less", 2, { 1000, 999 }, { 8, 8, 8 }, EII_SURVEY_AGAIN },
		{ "less, then the same", 3, { 1000, 11, 11 }, { 8, 8, 8 }, EII_SURVEY_DONE },
		{ "not told", 2, { 1000, 0 }, { 8, 8, 8 }, EII_SURVEY_AGAIN },
		{ "not told twice", 3, { 1000, 0, 0 }, { 8, 8, 8 }, EII_SURVEY_LIST },
		{ "back again in between, to another one",
		  3,
		  { 11, 8, 11 },
		  { 8, 8, 8 },
		  EII_SURVEY_AGAIN },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		enum eii_survey_news news = EII_SURVEY_FINE;

		(void)scene_set_up(state);
		scene_adopt(10);
		(void)scene_hear_folder(7, 9, 8);
		for (size_t n = 0; n < rows[i].n; n++) {
			eii_survey_lost(&survey);
			news = scene_hear_folder(7, rows[i].next[n], rows[i].n_mails[n]);
		}
		CHECK(news == EII_SURVEY_FINE, "%s", rows[i].name);
		CHECK(survey.step == rows[i].step, "%s: %d", rows[i].name, survey.step);
		CHECK(place.s.cursor == 10, "%s", rows[i].name);
		(void)scene_tear_down(state);
	}
}

/* In one session: two that contradict each other are not asked a third time. */
static void test_survey_back__asks_no_server_on_that_says_another_uidnext_each_time(void **state)
{
	(void)state;
	scene_adopt(10);
	assert_int_equal(scene_hear_folder(7, 9, 8), EII_SURVEY_FINE);
	assert_int_equal(scene_hear_folder(7, 1000, 8), EII_SURVEY_FINE);
	assert_int_equal(scene_hear_folder(7, 500, 8), EII_SURVEY_DISAGREES);
	/* What was said before, and is said again in the next session, decides it. */
	eii_survey_lost(&survey);
	assert_int_equal(scene_hear_folder(7, 9, 8), EII_SURVEY_RENUMBERED);
}

/* UIDNEXT 9 and 8 mails were said once, and then lies: what is said after them. */
static void test_survey_back__believes_what_is_said_twice_beside_lies(void **state)
{
	static const struct {
		const char *name;
		uint32_t next[3], n_mails[3];
		enum eii_survey_news news;
	} rows[] = {
		{ "the same", { 1000, 9 }, { 8, 8 }, EII_SURVEY_RENUMBERED },
		{ "a mail more", { 1000, 10 }, { 8, 9 }, EII_SURVEY_RENUMBERED },
		{ "more, and no mail came", { 1000, 10 }, { 8, 8 }, EII_SURVEY_FINE },
		{ "less", { 1000, 8 }, { 8, 8 }, EII_SURVEY_FINE },
		{ "the same, but two denied it", { 11, 11, 9 }, { 8, 8, 8 }, EII_SURVEY_FINE },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		enum eii_survey_news news = EII_SURVEY_FINE;

		(void)scene_set_up(state);
		scene_adopt(10);
		(void)scene_hear_folder(7, 9, 8);
		for (size_t n = 0; n < 3 && rows[i].next[n]; n++) {
			eii_survey_lost(&survey);
			eii_survey_begin(&survey);
			news = scene_hear_folder(7, rows[i].next[n], rows[i].n_mails[n]);
		}
		CHECK(news == rows[i].news, "%s: %d", rows[i].name, news);
		(void)scene_tear_down(state);
	}
}

/* UID 12 was listed behind the place; mails have filled the gap up to it when the next run looks.
 */
static void test_survey_back__keeps_what_a_run_broke_off_for(void **state)
{
	const struct eii_folder_view first = { 7, 11, 10 };
	const struct eii_folder_view then = { 7, 12, 11 };

	(void)state;
	scene_adopt(10);
	place.listed = 12;
	assert_int_equal(eii_survey_folder(&survey, &place, pulse, &first, EII_PHASE_FLOW),
			 EII_SURVEY_FINE);
	assert_int_equal(eii_survey_folder(&survey, &place, pulse, &then, EII_PHASE_FLOW),
			 EII_SURVEY_RENUMBERED);
	assert_int_equal(place.s.cursor, 10);
	place.listed = 10;
	eii_survey_begin(&survey);
	assert_int_equal(scene_hear_folder(7, 12, 11), EII_SURVEY_RENUMBERED);
	assert_int_equal(place.s.cursor, 0);
	assert_int_equal(survey.step, EII_SURVEY_ALL);
	/* Once. */
	place.s.cursor = place.listed = 11;
	place.s.has_window = false;
	survey.step = EII_SURVEY_FOLDER;
	assert_int_equal(scene_hear_folder(7, 12, 11), EII_SURVEY_FINE);
}

static void test_survey_back__takes_old_numbers_of_a_noop_for_no_restore(void **state)
{
	(void)state;
	scene_adopt(10);
	survey.real_ms = pulse->now_ms;
	assert_false(scene_ask().look.is_fresh);
	assert_int_equal(scene_hear_folder(7, 9, 8), EII_SURVEY_FINE);
	assert_true(scene_ask().look.is_fresh);
	assert_int_equal(scene_hear_folder(7, 12, 11), EII_SURVEY_FINE);
	assert_int_equal(survey.step, EII_SURVEY_LIST);
}

#define SURVEY_TEST(test) cmocka_unit_test_setup_teardown(test, scene_set_up, scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* A scene a row. */
		cmocka_unit_test(test_survey_back__begins_anew_where_mails_have_filled_the_gap),
		cmocka_unit_test(
			test_survey_back__believes_only_two_that_a_uidnext_had_not_gone_back),
		SURVEY_TEST(
			test_survey_back__asks_no_server_on_that_says_another_uidnext_each_time),
		cmocka_unit_test(test_survey_back__believes_what_is_said_twice_beside_lies),
		SURVEY_TEST(test_survey_back__keeps_what_a_run_broke_off_for),
		SURVEY_TEST(test_survey_back__takes_old_numbers_of_a_noop_for_no_restore),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
