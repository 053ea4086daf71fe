/* SPDX-License-Identifier: Apache-2.0 */
/* The place against a naive model of a folder. */
#include "place_scene.h"

#include "beat.h"
#include "support.h"

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
		listing = scene_list(uid, naive.unix_s[uid]);
		if (listing == EII_LISTING_BEYOND) {
			CHECK(uid >= naive.boundary, "seed %d uid %u", (int)seed, uid);
			eii_place_end_window(&place);
			if (naive.known[naive.boundary - 1] == UNSEEN)
				naive.known[naive.boundary - 1] = SETTLED;
			listing = scene_list(uid, naive.unix_s[uid]);
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

		(void)scene_set_up(state);
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
		(void)scene_tear_down(state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place__never_passes_what_is_not_settled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
