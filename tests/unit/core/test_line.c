/* SPDX-License-Identifier: Apache-2.0 */
#include "line.h"

#include "beat.h"
#include "support.h"

#define OVERHEAD EII_LINE_OVERHEAD_BYTES

static struct eii_line line;

static int set_up(void **state)
{
	(void)state;
	memset(&line, 0, sizeof(line));
	eii_line_init(&line);
	return 0;
}

static uint16_t take_raw(uint32_t uid, uint64_t bytes)
{
	uint16_t slot = eii_line_take(&line, uid, bytes);

	eii_line_move(&line, slot, EII_STAGE_RAW);
	return slot;
}

static void test_line__has_room_up_to_its_bytes_and_not_one_more(void **state)
{
	struct eii_pulse *pulse = beat_new();

	(void)state;
	pulse->config.budget_bytes = 2 * (100 + OVERHEAD);
	(void)take_raw(1, 100);
	assert_true(eii_line_has_room(&line, pulse, 100));
	assert_false(eii_line_has_room(&line, pulse, 101));
}

static void test_line__has_room_up_to_its_mails_and_not_one_more(void **state)
{
	struct eii_pulse *pulse = beat_new();

	(void)state;
	pulse->config.budget_mails = 2;
	assert_true(eii_line_has_room(&line, pulse, 1));
	(void)take_raw(1, 1);
	assert_true(eii_line_has_room(&line, pulse, 1));
	(void)take_raw(2, 1);
	assert_false(eii_line_has_room(&line, pulse, 1));
}

static void test_line__takes_a_whole_line_of_mails(void **state)
{
	struct eii_pulse *pulse = beat_new();

	(void)state;
	pulse->config.budget_bytes = UINT64_C(1) << 32;
	pulse->config.budget_mails = EII_CORE_LINE_MAILS;
	for (uint32_t uid = 1; uid <= EII_CORE_LINE_MAILS; uid++) {
		assert_true(eii_line_has_room(&line, pulse, 10));
		(void)take_raw(uid, 10);
	}
	assert_false(eii_line_has_room(&line, pulse, 10));
	assert_int_equal(eii_line_count(&line), EII_CORE_LINE_MAILS);
}

static void test_line__lets_a_mail_over_the_budget_go_alone(void **state)
{
	struct eii_pulse *pulse = beat_new();
	uint16_t slot;

	(void)state;
	pulse->config.budget_bytes = 5000;
	assert_true(eii_line_has_room(&line, pulse, 1 << 20));
	slot = take_raw(1, 1 << 20);
	assert_false(eii_line_has_room(&line, pulse, 0));
	eii_line_free(&line, slot);
	(void)take_raw(2, 0);
	assert_false(eii_line_has_room(&line, pulse, 5000));
}

static void test_line__waits_for_half_of_it_once_it_is_full(void **state)
{
	struct eii_pulse *pulse = beat_new();
	uint16_t slots[4];

	(void)state;
	pulse->config.budget_bytes = 4 * 10000;
	for (uint16_t i = 0; i < 4; i++) {
		assert_true(eii_line_has_room(&line, pulse, 10000 - OVERHEAD));
		slots[i] = take_raw(i + 1u, 10000 - OVERHEAD);
	}
	assert_false(eii_line_has_room(&line, pulse, 0));
	eii_line_free(&line, slots[0]);
	assert_false(eii_line_has_room(&line, pulse, 0));
	eii_line_free(&line, slots[1]);
	assert_true(eii_line_has_room(&line, pulse, 0));
}

static void test_line__gives_back_what_was_reserved_too_much(void **state)
{
	uint16_t slot = eii_line_take(&line, 7, 5000);

	(void)state;
	assert_int_equal(line.held_bytes, 5000 + OVERHEAD);
	eii_line_correct(&line, slot, 5000);
	assert_int_equal(line.held_bytes, 5000 + OVERHEAD);
	eii_line_correct(&line, slot, 0);
	assert_int_equal(line.held_bytes, OVERHEAD);
	eii_line_free(&line, slot);
	assert_int_equal(line.held_bytes, 0);
}

static void test_line__counts_what_is_in_the_converter(void **state)
{
	uint16_t slots[2];

	(void)state;
	slots[0] = take_raw(1, 100);
	slots[1] = take_raw(2, 200);
	eii_line_move(&line, slots[0], EII_STAGE_CONVERTING);
	eii_line_move(&line, slots[1], EII_STAGE_CONVERTING);
	assert_int_equal(line.converting_bytes, 300 + 2 * OVERHEAD);
	eii_line_move(&line, slots[0], EII_STAGE_CONVERTED);
	assert_int_equal(line.converting_bytes, 200 + OVERHEAD);
	eii_line_free(&line, slots[1]);
	assert_int_equal(line.converting_bytes, 0);
}

static void test_line__begins_a_mail_anew_from_its_bytes(void **state)
{
	uint16_t slot = take_raw(7, 100);
	struct eii_entry *entry = eii_line_at(&line, slot);

	(void)state;
	eii_line_move(&line, slot, EII_STAGE_SENT);
	entry->milliseconds = 12;
	entry->n_messages = 2;
	entry->n_sent = 2;
	entry->confirmed = 1;
	entry->order = 9;
	eii_line_again(&line, slot);
	assert_int_equal(entry->stage, EII_STAGE_RAW);
	assert_int_equal(entry->n_messages, 0);
	assert_int_equal(entry->n_sent, 0);
	assert_int_equal(entry->confirmed, 0);
	assert_int_equal(entry->order, 0);
	assert_int_equal(entry->milliseconds, 12); /* the report keeps its id */
	assert_int_equal(line.held_bytes, 100 + OVERHEAD);
}

static void test_line__finds_only_what_waits_for_this_answer(void **state)
{
	uint16_t slot = take_raw(7, 100);

	(void)state;
	eii_line_move(&line, slot, EII_STAGE_MAKING);
	eii_line_at(&line, slot)->order = 9;
	assert_int_equal(eii_line_find(&line, slot, EII_STAGE_MAKING, 9), slot);
	assert_int_equal(eii_line_find(&line, slot, EII_STAGE_MAKING, 8), -1);
	assert_int_equal(eii_line_find(&line, slot, EII_STAGE_CONVERTING, 9), -1);
	assert_int_equal(eii_line_find(&line, EII_CORE_LINE_MAILS, EII_STAGE_MAKING, 9), -1);
	assert_int_equal(eii_line_find(&line, UINT16_MAX, EII_STAGE_MAKING, 9), -1);
}

/* ---- against a naive model --------------------------------------------- */

struct naive {
	bool is_used;
	uint32_t uid;
	uint64_t bytes;
	enum eii_stage stage;
};

static struct naive naive[EII_CORE_LINE_MAILS];

static void compare(uint64_t seed)
{
	uint64_t held = 0;
	uint64_t converting = 0;
	uint16_t n[EII_STAGES] = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(naive); i++) {
		if (!naive[i].is_used)
			continue;
		held += naive[i].bytes + OVERHEAD;
		n[naive[i].stage]++;
		if (naive[i].stage == EII_STAGE_CONVERTING)
			converting += naive[i].bytes + OVERHEAD;
	}
	CHECK(line.held_bytes == held, "seed %d", (int)seed);
	CHECK(line.converting_bytes == converting, "seed %d", (int)seed);
	for (int stage = EII_STAGE_FREE + 1; stage < EII_STAGES; stage++) {
		uint32_t uid = 0;
		uint16_t len = 0;
		int slot = eii_line_first(&line, (enum eii_stage)stage);

		CHECK(eii_line_n(&line, (enum eii_stage)stage) == n[stage], "seed %d stage %d",
		      (int)seed, stage);
		for (; slot >= 0; slot = line.entries[slot].next, len++) {
			CHECK(line.entries[slot].uid >= uid, "seed %d stage %d", (int)seed, stage);
			CHECK(naive[slot].is_used && naive[slot].uid == line.entries[slot].uid,
			      "seed %d slot %d", (int)seed, slot);
			uid = line.entries[slot].uid;
		}
		CHECK(len == n[stage], "seed %d stage %d", (int)seed, stage);
	}
}

static void step(struct eii_pulse *pulse, uint64_t *chance, uint64_t seed)
{
	uint64_t bytes =
		beat_random(chance, 4) ? beat_random(chance, 20000) : beat_random(chance, 200000);
	uint16_t slot = (uint16_t)beat_random(chance, 200);
	uint64_t what = beat_random(chance, 10);
	struct naive *one = &naive[slot];

	if (what < 5) {
		if (!eii_line_has_room(&line, pulse, bytes))
			return;
		slot = eii_line_take(&line, (uint32_t)beat_random(chance, 1000) + 1, bytes);
		one = &naive[slot];
		CHECK(!one->is_used, "seed %d: a slot twice", (int)seed);
		*one = (struct naive){ true, line.entries[slot].uid, bytes, EII_STAGE_FETCHING };
	} else if (!one->is_used) {
		return;
	} else if (what == 5 && one->stage == EII_STAGE_FETCHING) {
		one->bytes = beat_random(chance, one->bytes + 1);
		eii_line_correct(&line, slot, one->bytes);
	} else if (what < 9) {
		one->stage = (enum eii_stage)(1 + beat_random(chance, EII_STAGES - 1));
		eii_line_move(&line, slot, one->stage);
	} else {
		one->is_used = false;
		eii_line_free(&line, slot);
	}
}

static void test_line__keeps_order_and_budget_whatever_happens(void **state)
{
	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct eii_pulse *pulse = beat_new();
		uint64_t chance = seed * 104729;

		(void)set_up(state);
		memset(naive, 0, sizeof(naive));
		pulse->config.budget_bytes = 50000 + beat_random(&chance, 300000);
		pulse->config.budget_mails = (uint32_t)(1 + beat_random(&chance, 150));
		for (int i = 0; i < 3000; i++) {
			step(pulse, &chance, seed);
			CHECK(line.held_bytes <= pulse->config.budget_bytes ||
				      eii_line_count(&line) == 1,
			      "seed %d step %d", (int)seed, i);
			CHECK(eii_line_count(&line) <= pulse->config.budget_mails,
			      "seed %d step %d", (int)seed, i);
			compare(seed);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_line__has_room_up_to_its_bytes_and_not_one_more,
				       set_up),
		cmocka_unit_test_setup(test_line__has_room_up_to_its_mails_and_not_one_more,
				       set_up),
		cmocka_unit_test_setup(test_line__takes_a_whole_line_of_mails, set_up),
		cmocka_unit_test_setup(test_line__lets_a_mail_over_the_budget_go_alone, set_up),
		cmocka_unit_test_setup(test_line__waits_for_half_of_it_once_it_is_full, set_up),
		cmocka_unit_test_setup(test_line__gives_back_what_was_reserved_too_much, set_up),
		cmocka_unit_test_setup(test_line__counts_what_is_in_the_converter, set_up),
		cmocka_unit_test_setup(test_line__begins_a_mail_anew_from_its_bytes, set_up),
		cmocka_unit_test_setup(test_line__finds_only_what_waits_for_this_answer, set_up),
		cmocka_unit_test_setup(test_line__keeps_order_and_budget_whatever_happens, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
