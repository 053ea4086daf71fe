/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include "beat.h"
#include "support.h"

static struct eii_judge judge;

static int set_up(void **state)
{
	(void)state;
	memset(&judge, 0, sizeof(judge));
	return 0;
}

/* Refuses the UID for the first time; it must stand among the troubled. */
static void refuse_first(struct eii_pulse *pulse, uint32_t uid)
{
	const struct eii_wanted wanted = { .uid = uid };

	assert_int_equal(eii_judge_refused(&judge, pulse, &wanted, EII_OTHERS_WANTED),
			 EII_JUDGED_AGAIN);
}

static void test_judge__sets_aside_what_is_refused_twice_with_a_body_in_between(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct eii_wanted wanted;

	(void)state;
	refuse_first(pulse, 7);
	assert_false(
		eii_judge_take(&judge, EII_OTHERS_WANTED, &wanted)); /* nothing has come since */
	eii_judge_came(&judge);
	assert_true(eii_judge_is_ready(&judge));
	assert_true(eii_judge_take(&judge, EII_OTHERS_WANTED, &wanted));
	assert_int_equal(wanted.uid, 7);
	assert_int_equal(wanted.n_refused, 1);
	assert_int_equal(eii_judge_refused(&judge, pulse, &wanted, EII_OTHERS_WANTED),
			 EII_JUDGED_ASIDE);
	assert_int_equal(judge.n, 0);
}

static void test_judge__takes_two_in_a_row_for_the_servers_trouble(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct eii_wanted wanted;

	(void)state;
	refuse_first(pulse, 7);
	refuse_first(pulse, 8);
	/* A day of refusals of both, with nothing between them. */
	for (int i = 0; i < 24; i++) {
		assert_true(eii_judge_take(&judge, EII_OTHERS_NONE, &wanted));
		assert_int_equal(eii_judge_refused(&judge, pulse, &wanted, EII_OTHERS_WANTED),
				 EII_JUDGED_AGAIN);
		beat_pass(pulse, 60 * 60 * 1000);
	}
	assert_int_equal(judge.n, 2);
}

static void test_judge__sets_a_single_mail_aside_after_an_hour(void **state)
{
	static const struct {
		int64_t ms;
		enum eii_others others;
		enum eii_judgement judgement;
	} rows[] = {
		{ EII_JUDGE_ALONE_MS - 1, EII_OTHERS_NONE, EII_JUDGED_AGAIN },
		{ EII_JUDGE_ALONE_MS, EII_OTHERS_WANTED, EII_JUDGED_AGAIN },
		{ EII_JUDGE_ALONE_MS, EII_OTHERS_NONE, EII_JUDGED_ASIDE },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_pulse *pulse = beat_new();
		struct eii_wanted wanted;

		(void)set_up(state);
		refuse_first(pulse, 7);
		assert_true(eii_judge_take(&judge, EII_OTHERS_NONE, &wanted));
		beat_pass(pulse, rows[i].ms / 2);
		assert_int_equal(eii_judge_refused(&judge, pulse, &wanted, EII_OTHERS_NONE),
				 EII_JUDGED_AGAIN);
		assert_true(eii_judge_take(&judge, EII_OTHERS_NONE, &wanted));
		beat_pass(pulse, rows[i].ms - rows[i].ms / 2);
		CHECK(eii_judge_refused(&judge, pulse, &wanted, rows[i].others) ==
			      rows[i].judgement,
		      "row %zu", i);
	}
}

/* UID 7 is refused alone, twice, as one of the last that are left. */
static void test_judge__singles_out_the_last_few_of_those_refused_at_once(void **state)
{
	static const struct {
		const char *name;
		uint32_t first, last; /* refused at once; 0 = none were */
		unsigned n_bodies;    /* that came since */
		uint16_t n_left;      /* besides UID 7 */
		enum eii_others others;
		enum eii_judgement judgement;
	} rows[] = {
		{ "nothing was", 0, 0, 9, 0, EII_OTHERS_NONE, EII_JUDGED_AGAIN },
		{ "the last one", 1, 9, 8, 0, EII_OTHERS_NONE, EII_JUDGED_ASIDE },
		{ "one of two", 1, 9, 1, 1, EII_OTHERS_NONE, EII_JUDGED_ASIDE },
		{ "nothing came since", 1, 9, 0, 1, EII_OTHERS_NONE, EII_JUDGED_AGAIN },
		{ "others are to come", 1, 9, 7, 1, EII_OTHERS_WANTED, EII_JUDGED_AGAIN },
		{ "the first of them", 7, 9, 1, 1, EII_OTHERS_NONE, EII_JUDGED_ASIDE },
		{ "before them", 8, 9, 1, 1, EII_OTHERS_NONE, EII_JUDGED_AGAIN },
		{ "the last of them", 1, 7, 1, 1, EII_OTHERS_NONE, EII_JUDGED_ASIDE },
		{ "behind them", 1, 6, 1, 1, EII_OTHERS_NONE, EII_JUDGED_AGAIN },
		{ "few", 1, 99, 1, EII_JUDGE_FEW - 1, EII_OTHERS_NONE, EII_JUDGED_ASIDE },
		{ "not few", 1, 99, 1, EII_JUDGE_FEW, EII_OTHERS_NONE, EII_JUDGED_AGAIN },
		{ "fewer than came", 1, 99, 20, 19, EII_OTHERS_NONE, EII_JUDGED_ASIDE },
		{ "as many as came", 1, 99, 20, 20, EII_OTHERS_NONE, EII_JUDGED_AGAIN },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_pulse *pulse = beat_new();
		struct eii_wanted wanted;

		(void)set_up(state);
		eii_judge_came(&judge);
		if (rows[i].last)
			eii_judge_doubt(&judge, rows[i].first, rows[i].last);
		for (unsigned n = 0; n < rows[i].n_bodies; n++)
			eii_judge_came(&judge);
		refuse_first(pulse, 7);
		for (uint32_t n = 0; n < rows[i].n_left; n++)
			refuse_first(pulse, 30 + n);
		assert_true(eii_judge_take(&judge, EII_OTHERS_NONE, &wanted));
		assert_int_equal(wanted.uid, 7);
		CHECK(eii_judge_refused(&judge, pulse, &wanted, rows[i].others) ==
			      rows[i].judgement,
		      "%s", rows[i].name);
	}
}

/* What is asked for again in halves was refused when it was first. */
static void test_judge__counts_from_the_first_refusal_of_several(void **state)
{
	(void)state;
	eii_judge_came(&judge);
	eii_judge_doubt(&judge, 10, 20);
	eii_judge_came(&judge);
	eii_judge_doubt(&judge, 10, 14);
	assert_int_equal(judge.doubted_bodies, 1);
	/* Others are refused: for all of them it is now. */
	eii_judge_doubt(&judge, 21, 30);
	assert_int_equal(judge.doubted_bodies, 2);
	assert_int_equal(judge.doubted_first, 10);
	assert_int_equal(judge.doubted_last, 30);
	eii_judge_forget(&judge);
	eii_judge_doubt(&judge, 5, 6);
	assert_int_equal(judge.doubted_first, 5);
	assert_int_equal(judge.doubted_last, 6);
}

/* As the state has it, of this life or an earlier one. */
static void test_judge__goes_on_with_what_an_earlier_run_was_refused(void **state)
{
	static const int64_t alone_s = EII_JUDGE_ALONE_MS / 1000;
	static const struct {
		const char *name;
		int64_t ago_s;
		unsigned n_bodies; /* that came in this life */
		enum eii_others others;
		enum eii_judgement judgement;
	} rows[] = {
		{ "never", -1, 1, EII_OTHERS_NONE, EII_JUDGED_AGAIN },
		{ "just now", 0, 0, EII_OTHERS_NONE, EII_JUDGED_AGAIN },
		{ "within the hour", alone_s - 1, 0, EII_OTHERS_NONE, EII_JUDGED_AGAIN },
		{ "an hour ago", alone_s, 0, EII_OTHERS_NONE, EII_JUDGED_ASIDE },
		{ "an hour ago, others are left", alone_s, 0, EII_OTHERS_WANTED, EII_JUDGED_AGAIN },
		{ "another came, maybe before", alone_s, 1, EII_OTHERS_WANTED, EII_JUDGED_AGAIN },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_wanted wanted = { .uid = 7 };
		struct eii_pulse *pulse = beat_new();

		(void)set_up(state);
		for (unsigned n = 0; n < rows[i].n_bodies; n++)
			eii_judge_came(&judge);
		eii_judge_recall(&judge, pulse, &wanted, rows[i].ago_s);
		CHECK(eii_judge_refused(&judge, pulse, &wanted, rows[i].others) ==
			      rows[i].judgement,
		      "%s", rows[i].name);
	}
}

static void test_judge__recalls_nothing_of_what_this_run_knows(void **state)
{
	struct eii_wanted known = { .uid = 7, .n_refused = 3, .refused_ms = 5, .bodies_then = 2 };
	struct eii_wanted aside = { .uid = 8, .is_aside = true };

	(void)state;
	eii_judge_recall(&judge, beat_new(), &known, 3600);
	assert_int_equal(known.n_refused, 3);
	assert_int_equal(known.refused_ms, 5);
	assert_int_equal(known.bodies_then, 2);
	eii_judge_recall(&judge, beat_new(), &aside, 3600);
	assert_int_equal(aside.n_refused, 0);
}

static void test_judge__lets_what_was_set_aside_before_stay_there(void **state)
{
	const struct eii_wanted wanted = { .uid = 7, .is_aside = true };
	struct eii_pulse *pulse = beat_new();

	(void)state;
	assert_int_equal(eii_judge_refused(&judge, pulse, &wanted, EII_OTHERS_WANTED),
			 EII_JUDGED_ASIDE);
	assert_int_equal(judge.n, 0);
}

static void test_judge__has_room_for_64_and_not_one_more(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct eii_wanted wanted;

	(void)state;
	for (uint32_t uid = 1; uid <= EII_JUDGE_TROUBLED; uid++) {
		assert_true(eii_judge_has_room(&judge));
		refuse_first(pulse, 65 - uid);
	}
	assert_false(eii_judge_has_room(&judge));
	for (uint16_t i = 0; i < judge.n; i++)
		assert_int_equal(judge.troubled[i].uid, i + 1);
	/* One that is judged to be aside needs no room; one that is taken makes some. */
	wanted = (struct eii_wanted){ .uid = 99, .is_aside = true };
	assert_int_equal(eii_judge_refused(&judge, pulse, &wanted, EII_OTHERS_WANTED),
			 EII_JUDGED_ASIDE);
	assert_true(eii_judge_take(&judge, EII_OTHERS_NONE, &wanted));
	assert_true(eii_judge_has_room(&judge));
}

static void test_judge__asks_for_the_one_refused_least_often(void **state)
{
	struct eii_pulse *pulse = beat_new();
	unsigned n_asked[4] = { 0 };

	(void)state;
	for (uint32_t uid = 1; uid <= 3; uid++)
		refuse_first(pulse, uid);
	for (int i = 0; i < 30; i++) {
		struct eii_wanted wanted;

		assert_true(eii_judge_take(&judge, EII_OTHERS_NONE, &wanted));
		n_asked[wanted.uid]++;
		assert_int_equal(eii_judge_refused(&judge, pulse, &wanted, EII_OTHERS_NONE),
				 EII_JUDGED_AGAIN);
	}
	for (uint32_t uid = 1; uid <= 3; uid++)
		assert_int_equal(n_asked[uid], 10);
}

static void test_judge__asks_others_first_until_one_came_however_full(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct eii_wanted wanted;

	(void)state;
	for (uint32_t uid = 1; uid <= EII_JUDGE_TROUBLED; uid++)
		refuse_first(pulse, uid);
	assert_false(eii_judge_is_ready(&judge));
	assert_false(eii_judge_take(&judge, EII_OTHERS_WANTED, &wanted));
	eii_judge_came(&judge);
	assert_true(eii_judge_is_ready(&judge));
	assert_true(eii_judge_take(&judge, EII_OTHERS_WANTED, &wanted));
	eii_judge_forget(&judge);
	assert_false(eii_judge_is_ready(&judge));
	assert_false(eii_judge_take(&judge, EII_OTHERS_NONE, &wanted));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			test_judge__sets_aside_what_is_refused_twice_with_a_body_in_between,
			set_up),
		cmocka_unit_test_setup(test_judge__takes_two_in_a_row_for_the_servers_trouble,
				       set_up),
		cmocka_unit_test_setup(test_judge__sets_a_single_mail_aside_after_an_hour, set_up),
		cmocka_unit_test_setup(
			test_judge__singles_out_the_last_few_of_those_refused_at_once, set_up),
		cmocka_unit_test_setup(test_judge__counts_from_the_first_refusal_of_several,
				       set_up),
		cmocka_unit_test_setup(test_judge__goes_on_with_what_an_earlier_run_was_refused,
				       set_up),
		cmocka_unit_test_setup(test_judge__recalls_nothing_of_what_this_run_knows, set_up),
		cmocka_unit_test_setup(test_judge__lets_what_was_set_aside_before_stay_there,
				       set_up),
		cmocka_unit_test_setup(test_judge__has_room_for_64_and_not_one_more, set_up),
		cmocka_unit_test_setup(test_judge__asks_for_the_one_refused_least_often, set_up),
		cmocka_unit_test_setup(test_judge__asks_others_first_until_one_came_however_full,
				       set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
