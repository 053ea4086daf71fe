/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include "beat.h"
#include "support.h"

#define NOW_S   1790000000
#define SINCE_S 1780000000

static struct eii_place place;

static int set_up(void **state)
{
	(void)state;
	memset(&place, 0, sizeof(place));
	eii_place_init(&place);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	eii_place_clear(&place);
	return 0;
}

static struct eii_size_info mail(uint32_t uid, int64_t unix_s)
{
	return (struct eii_size_info){ .uid = uid,
				       .has_size = true,
				       .has_date = unix_s != 0,
				       .size_bytes = 10,
				       .internal_unix_s = unix_s };
}

static enum eii_listing list(uint32_t uid, int64_t unix_s)
{
	const struct eii_size_info info = mail(uid, unix_s);

	return eii_place_list(&place, &info);
}

/* A stored place behind its window. */
static void adopt_steady(uint32_t cursor)
{
	const struct eii_place_state stored = { .uidvalidity = 7, .cursor = cursor };

	eii_place_adopt(&place, &stored);
}

static void test_place__moves_by_what_was_listed_and_settled(void **state)
{
	(void)state;
	adopt_steady(10);
	assert_int_equal(list(10, NOW_S), EII_LISTING_SETTLED);
	assert_int_equal(list(12, NOW_S), EII_LISTING_OURS);
	assert_int_equal(list(15, NOW_S), EII_LISTING_OURS);
	assert_int_equal(list(16, NOW_S), EII_LISTING_OURS);
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
		(void)set_up(state);
		eii_place_begin_window(&place, 7, SINCE_S);
		eii_place_bound_window(&place, 10);
		CHECK(list(rows[i].uid, rows[i].unix_s) == rows[i].listing, "%s", rows[i].name);
		(void)tear_down(state);
	}
}

static void test_place__takes_all_behind_the_boundary_for_new(void **state)
{
	(void)state;
	eii_place_begin_window(&place, 7, SINCE_S);
	eii_place_bound_window(&place, 10);
	assert_int_equal(list(5, SINCE_S), EII_LISTING_OURS);
	assert_int_equal(list(9, SINCE_S - 1), EII_LISTING_SETTLED);
	eii_place_end_window(&place);
	assert_true(place.s.has_window); /* 5 is not settled */
	assert_int_equal(list(10, SINCE_S - 1), EII_LISTING_OURS);
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
		(void)set_up(state);
		eii_place_begin_window(&place, 7, SINCE_S);
		eii_place_bound_window(&place, boundaries[i]);
		assert_false(place.s.has_window);
		assert_int_equal(place.s.cursor, 0);
		assert_int_equal(list(1, SINCE_S - 1), EII_LISTING_OURS);
		(void)tear_down(state);
	}
}

static void test_place__keeps_a_window_for_the_way_back(void **state)
{
	(void)state;
	eii_place_begin_window(&place, 7, SINCE_S);
	eii_place_bound_window(&place, 10);
	assert_int_equal(list(5, SINCE_S), EII_LISTING_OURS);
	place.s.back_uid = 1;
	(void)eii_place_settle(&place, 5);
	eii_place_end_window(&place);
	assert_int_equal(place.s.cursor, 9);
	assert_true(place.s.has_window);
	assert_true(eii_place_go_back(&place));
	assert_int_equal(place.s.cursor, 0);
	/* The old ones are too old again, and the window's end is to be found again. */
	assert_int_equal(list(4, SINCE_S - 1), EII_LISTING_SETTLED);
	assert_int_equal(list(5, SINCE_S), EII_LISTING_OURS);
	assert_int_equal(list(10, SINCE_S), EII_LISTING_BEYOND);
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
	adopt_steady(10);
	assert_false(eii_place_must_ask(&place, 11));
	for (uint32_t uid = 11; uid <= 20; uid++)
		assert_int_equal(list(uid, NOW_S), EII_LISTING_OURS);
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
		assert_int_equal(list(uid, NOW_S), EII_LISTING_OURS);
	for (uint32_t uid = 11; uid <= 20; uid++)
		(void)eii_place_settle(&place, uid);
	assert_int_equal(place.s.ask_uid, 0);
}

static void test_place__asks_for_what_it_lists_again(void **state)
{
	(void)state;
	adopt_steady(10);
	for (uint32_t uid = 11; uid <= 14; uid++)
		(void)list(uid, NOW_S);
	(void)eii_place_settle(&place, 11);
	(void)eii_place_settle(&place, 13); /* confirmed above what holds the cursor */
	eii_place_relist(&place);
	assert_int_equal(place.s.cursor, 11);
	assert_int_equal(list(12, NOW_S), EII_LISTING_OURS);
	assert_int_equal(list(13, NOW_S), EII_LISTING_OURS);
	assert_true(eii_place_must_ask(&place, 14));
	assert_false(eii_place_must_ask(&place, 15));
	/* Where nothing was listed above the cursor there is nothing to ask. */
	adopt_steady(10);
	eii_place_relist(&place);
	assert_false(eii_place_must_ask(&place, 11));
}

static void test_place__doubts_until_a_whole_line_is_not_there(void **state)
{
	(void)state;
	adopt_steady(10);
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
	adopt_steady(10);
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
	adopt_steady(10);
	for (uint32_t uid = 11; uid <= 5000; uid++)
		(void)list(uid, NOW_S);
	eii_place_relist(&place);
	for (int i = 0; i < 2 * EII_CORE_LINE_MAILS; i++)
		eii_place_heard(&place, EII_PRESENCE_ABSENT);
	assert_true(eii_place_must_ask(&place, 5000));
}

static void test_place__counts_as_his_what_came_before_his_last_run(void **state)
{
	(void)state;
	adopt_steady(10);
	place.his_s = NOW_S;
	place.his_uid = 15;
	assert_int_equal(list(11, NOW_S - 1), EII_LISTING_SETTLED);
	assert_int_equal(list(12, NOW_S), EII_LISTING_OURS);
	assert_int_equal(list(13, 0), EII_LISTING_OURS); /* without a date: ours */
	assert_int_equal(list(15, NOW_S - 100), EII_LISTING_SETTLED);
	assert_int_equal(list(16, NOW_S - 100), EII_LISTING_OURS); /* came since */
	assert_int_equal(place.n_his, 2);
	assert_int_equal(place.s.cursor, 11);
}

static void test_place__begins_all_anew_with_a_window(void **state)
{
	(void)state;
	adopt_steady(10);
	place.s.back_uid = 5;
	place.s.in_hand_uid = 11;
	place.s.in_hand_attempts = 2;
	place.his_s = 5;
	assert_true(eii_place_set_aside(&place, 9, NOW_S));
	eii_place_begin_window(&place, 8, SINCE_S);
	assert_int_equal(place.s.uidvalidity, 8);
	assert_int_equal(place.s.cursor, 0);
	assert_int_equal(place.s.back_uid, 0);
	assert_int_equal(place.s.n_aside, 0);
	assert_int_equal(place.s.in_hand_uid, 0);
	assert_int_equal(place.his_s, 0);
	assert_true(place.s.has_window);
	assert_int_equal(place.s.window_uidnext, 0);
}

static void test_place__forgets_starts_and_the_mail_in_hand_when_it_moves(void **state)
{
	(void)state;
	adopt_steady(10);
	place.s.n_starts = 3;
	place.s.in_hand_uid = 12;
	place.s.in_hand_attempts = 2;
	(void)list(11, NOW_S);
	(void)list(12, NOW_S);
	(void)eii_place_settle(&place, 11);
	assert_int_equal(place.s.n_starts, 0);
	assert_int_equal(place.s.in_hand_attempts, 2);
	(void)eii_place_settle(&place, 12);
	assert_int_equal(place.s.in_hand_uid, 0);
	assert_int_equal(place.s.in_hand_attempts, 0);
}

/* ---- set aside --------------------------------------------------------- */

static void test_place__sets_256_aside_and_not_one_more(void **state)
{
	int64_t next_s;

	(void)state;
	adopt_steady(10);
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
	adopt_steady(10);
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
	adopt_steady(10);
	assert_true(eii_place_set_aside(&place, 5, NOW_S));
	eii_place_find_aside(&place, 5)->next_unix_s = NOW_S + 43200;
	assert_null(eii_place_aside_due(&place, NOW_S, &next_s));
	assert_non_null(eii_place_aside_due(&place, NOW_S - 1, &next_s));
}

static void test_place__keeps_what_was_sent_aside_until_it_is_accounted_for(void **state)
{
	int64_t next_s;

	(void)state;
	adopt_steady(10);
	assert_true(eii_place_set_aside(&place, 5, NOW_S));
	assert_true(eii_place_set_aside(&place, 6, NOW_S));
	eii_place_sent_aside(&place, 5);
	assert_ptr_equal(eii_place_aside_due(&place, NOW_S + 600, &next_s),
			 eii_place_find_aside(&place, 6));
	/* Lost: tried again. */
	assert_false(eii_place_go_back(&place));
	assert_ptr_equal(eii_place_aside_due(&place, NOW_S, &next_s),
			 eii_place_find_aside(&place, 5));
	eii_place_sent_aside(&place, 5);
	eii_place_accounted(&place);
	assert_null(eii_place_find_aside(&place, 5));
	assert_non_null(eii_place_find_aside(&place, 6));
}

static void test_place__does_not_list_what_is_set_aside(void **state)
{
	(void)state;
	adopt_steady(10);
	(void)list(11, NOW_S);
	assert_true(eii_place_set_aside(&place, 11, NOW_S));
	(void)eii_place_settle(&place, 11);
	place.s.back_uid = 11;
	assert_true(eii_place_go_back(&place));
	assert_int_equal(list(11, NOW_S), EII_LISTING_SETTLED);
	assert_int_equal(place.s.cursor, 11);
}

/* ---- against a naive model --------------------------------------------- */

#define MODEL_UIDS 400

enum known { UNSEEN, OPEN, SETTLED };

struct naive {
	enum known known[MODEL_UIDS + 1]; /* in this life */
	bool is_there[MODEL_UIDS + 1];
	int64_t unix_s[MODEL_UIDS + 1];
	bool is_done[MODEL_UIDS + 1]; /* ever: settled by hand, or rightly passed over */
	uint32_t boundary;
};

static struct naive naive;

static void make_folder(uint64_t *chance)
{
	memset(&naive, 0, sizeof(naive));
	naive.boundary = (uint32_t)beat_random(chance, MODEL_UIDS) + 1;
	for (uint32_t uid = 1; uid <= MODEL_UIDS; uid++) {
		naive.is_there[uid] = beat_random(chance, 4) != 0;
		naive.unix_s[uid] = beat_random(chance, 2) ? SINCE_S + 5 : SINCE_S - 5;
	}
}

static bool is_old(uint32_t uid)
{
	return uid < naive.boundary && naive.unix_s[uid] < SINCE_S;
}

/* The highest seen one that is settled with all seen ones below it; at least where it began. */
static uint32_t wanted_cursor(uint32_t from)
{
	uint32_t cursor = from;

	for (uint32_t uid = from + 1; uid <= MODEL_UIDS && naive.known[uid] != OPEN; uid++)
		cursor = naive.known[uid] == SETTLED ? uid : cursor;
	return cursor;
}

static void unsee_above(uint32_t cursor)
{
	for (uint32_t uid = cursor + 1; uid <= MODEL_UIDS; uid++)
		naive.known[uid] = UNSEEN;
}

/* Lists up to n mails above what was seen, as a server's answer has them. */
static void list_some(uint64_t n, uint64_t seed)
{
	uint32_t uid = place.listed + 1;

	for (; uid <= MODEL_UIDS && n; uid++) {
		enum eii_listing listing;

		if (!naive.is_there[uid])
			continue;
		n--;
		listing = list(uid, naive.unix_s[uid]);
		if (listing == EII_LISTING_BEYOND) {
			CHECK(uid >= naive.boundary, "seed %d uid %u", (int)seed, uid);
			eii_place_end_window(&place);
			if (naive.known[naive.boundary - 1] == UNSEEN)
				naive.known[naive.boundary - 1] = SETTLED;
			listing = list(uid, naive.unix_s[uid]);
		}
		CHECK(listing == (is_old(uid) ? EII_LISTING_SETTLED : EII_LISTING_OURS),
		      "seed %d uid %u", (int)seed, uid);
		naive.known[uid] = listing == EII_LISTING_OURS ? OPEN : SETTLED;
	}
}

static void settle_some(uint64_t *chance)
{
	uint32_t uid = (uint32_t)beat_random(chance, MODEL_UIDS) + 1;

	for (int i = 0; i < 20 && uid <= MODEL_UIDS; i++, uid++) {
		if (naive.known[uid] != OPEN)
			continue;
		naive.known[uid] = SETTLED;
		naive.is_done[uid] = true;
		(void)eii_place_settle(&place, uid);
	}
}

static void check_place(uint64_t seed, uint32_t from)
{
	CHECK(place.s.cursor == wanted_cursor(from), "seed %d: %u not %u", (int)seed,
	      place.s.cursor, wanted_cursor(from));
	for (uint32_t uid = 1; uid <= place.s.cursor; uid++)
		CHECK(!naive.is_there[uid] || naive.is_done[uid] || is_old(uid), "seed %d uid %u",
		      (int)seed, uid);
}

/* A kill, a broken run, a way back; returns the cursor from which on all is seen anew. */
static uint32_t disturb(uint64_t what, uint32_t from)
{
	const struct eii_place_state stored = place.s;

	if (what == 0) {
		eii_place_adopt(&place, &stored);
	} else if (what == 1) {
		eii_place_relist(&place);
	} else if (what == 2 && place.s.cursor < MODEL_UIDS) {
		place.s.back_uid = place.s.back_uid ? place.s.back_uid : place.s.cursor + 1;
		return from;
	} else if (what == 3 && place.s.back_uid) {
		assert_true(eii_place_go_back(&place));
	} else {
		return from;
	}
	unsee_above(place.s.cursor);
	return place.s.cursor;
}

static void test_place__never_passes_what_is_not_settled(void **state)
{
	for (uint64_t seed = 1; seed <= 60; seed++) {
		uint64_t chance = seed * 15485863;
		uint32_t from = 0;

		(void)set_up(state);
		make_folder(&chance);
		eii_place_begin_window(&place, 7, SINCE_S);
		eii_place_bound_window(&place, naive.boundary);
		for (int i = 0; i < 400; i++) {
			uint64_t what = beat_random(&chance, 20);

			if (what < 6)
				list_some(beat_random(&chance, 40), seed);
			else if (what < 16)
				settle_some(&chance);
			else
				from = disturb(what - 16, from);
			check_place(seed, from);
		}
		(void)tear_down(state);
	}
}

#define PLACE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

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
		PLACE_TEST(test_place__forgets_starts_and_the_mail_in_hand_when_it_moves),
		PLACE_TEST(test_place__sets_256_aside_and_not_one_more),
		PLACE_TEST(test_place__tries_what_is_aside_after_growing_pauses),
		PLACE_TEST(test_place__takes_a_pause_from_a_clock_ahead_for_over),
		PLACE_TEST(test_place__keeps_what_was_sent_aside_until_it_is_accounted_for),
		PLACE_TEST(test_place__does_not_list_what_is_set_aside),
		cmocka_unit_test(test_place__never_passes_what_is_not_settled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
