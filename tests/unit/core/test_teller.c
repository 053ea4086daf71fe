/* SPDX-License-Identifier: Apache-2.0 */
#include "teller.h"

#include "beat.h"
#include "support.h"

static const struct eii_failure gone = { .kind = EII_FAILURE_UNREACHABLE, .words = "gone" };
static const struct eii_failure secret = { .kind = EII_FAILURE_CREDENTIALS, .words = "secret" };

static struct eii_teller teller;

static void fail_so(struct eii_pulse *pulse, struct eii_attempt *attempt,
		    const struct eii_failure *failure)
{
	eii_attempt_failed(attempt, pulse, failure);
	eii_teller_failed(&teller, pulse, attempt, failure);
	eii_teller_tend(&teller, pulse);
}

static int set_up(void **state)
{
	(void)state;
	memset(&teller, 0, sizeof(teller));
	return 0;
}

static void test_teller__says_a_line_at_the_start_one_after_a_minute_one_at_the_end(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct eii_attempt attempt = { .part = EII_PART_QUEUE };
	struct eii_event event;

	(void)state;
	for (int i = 0; i < 60; i++) {
		fail_so(pulse, &attempt, &gone);
		beat_pass(pulse, 1000);
	}
	assert_int_equal(beat_count(pulse, EII_EVENT_FAULT, &event), 1);
	assert_int_equal(event.part, EII_PART_QUEUE);
	assert_string_equal(event.words, "gone");
	assert_in_range(event.a, 500, 1000);
	assert_int_equal(beat_count(pulse, EII_EVENT_FAULT_STANDS, NULL), 0);
	eii_teller_tend(&teller, pulse);
	assert_int_equal(beat_count(pulse, EII_EVENT_FAULT_STANDS, &event), 1);
	assert_int_equal(event.a, 60);
	for (int i = 0; i < 60; i++) {
		beat_pass(pulse, 1000);
		fail_so(pulse, &attempt, &gone);
	}
	eii_teller_worked(&teller, pulse, EII_PART_QUEUE);
	eii_teller_worked(&teller, pulse, EII_PART_QUEUE);
	assert_int_equal(beat_count(pulse, EII_EVENT_FAULT, NULL), 1);
	assert_int_equal(beat_count(pulse, EII_EVENT_FAULT_STANDS, NULL), 1);
	assert_int_equal(beat_count(pulse, EII_EVENT_FAULT_OVER, &event), 1);
	assert_int_equal(event.a, 120);
	assert_int_equal(teller.faults[EII_PART_QUEUE].since_ms, 0);
}

static void test_teller__wakes_for_the_minute(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct eii_attempt attempt = { .part = EII_PART_PLATFORM };

	(void)state;
	fail_so(pulse, &attempt, &gone);
	beat_pass(pulse, 59999);
	eii_teller_tend(&teller, pulse);
	assert_int_equal(beat_count(pulse, EII_EVENT_FAULT_STANDS, NULL), 0);
	assert_int_equal(pulse->wakes_ms, pulse->now_ms + 1);
}

static void test_teller__says_at_once_what_a_person_has_to_mend(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct eii_attempt attempt = { .part = EII_PART_MAILBOX };
	struct eii_event event;

	(void)state;
	for (int i = 0; i < 5; i++) {
		fail_so(pulse, &attempt, &secret);
		beat_pass(pulse, attempt.due_ms - pulse->now_ms);
	}
	eii_teller_tend(&teller, pulse);
	assert_int_equal(beat_count(pulse, EII_EVENT_WAITS_PERSON, &event), 1);
	assert_int_equal(event.a, 60);
	assert_string_equal(event.words, "secret");
	assert_int_equal(beat_count(pulse, EII_EVENT_FAULT, NULL), 0);
	assert_int_equal(beat_count(pulse, EII_EVENT_FAULT_STANDS, NULL), 0);
	assert_true(teller.faults[EII_PART_MAILBOX].waits_for_person);
}

static void test_teller__says_it_once_although_the_line_is_lost_in_between(void **state)
{
	struct eii_pulse *pulse = beat_new();
	struct eii_attempt attempt = { .part = EII_PART_MAILBOX };

	(void)state;
	for (int i = 0; i < 20; i++)
		fail_so(pulse, &attempt, i % 2 ? &gone : &secret);
	assert_int_equal(beat_count(pulse, EII_EVENT_WAITS_PERSON, NULL), 1);
	assert_int_equal(beat_count(pulse, EII_EVENT_FAULT, NULL), 0);
	eii_teller_worked(&teller, pulse, EII_PART_MAILBOX);
	fail_so(pulse, &attempt, &secret);
	assert_int_equal(beat_count(pulse, EII_EVENT_WAITS_PERSON, NULL), 2);
}

static void test_teller__says_nothing_of_what_was_cut(void **state)
{
	static const struct eii_failure cut = { .kind = EII_FAILURE_CUT };
	struct eii_pulse *pulse = beat_new();
	struct eii_attempt attempt = { .part = EII_PART_QUEUE };

	(void)state;
	fail_so(pulse, &attempt, &cut);
	assert_int_equal(pulse->n, 0);
	assert_int_equal(teller.faults[EII_PART_QUEUE].since_ms, 0);
}

static void test_teller__keeps_the_parts_apart(void **state)
{
	struct eii_pulse *pulse = beat_new();

	(void)state;
	for (int part = 0; part < EII_PARTS; part++) {
		struct eii_attempt attempt = { .part = (enum eii_part)part };

		fail_so(pulse, &attempt, &gone);
	}
	eii_teller_worked(&teller, pulse, EII_PART_QUEUE);
	for (int part = 0; part < EII_PARTS; part++)
		CHECK((teller.faults[part].since_ms == 0) == (part == EII_PART_QUEUE), "part %d",
		      part);
}

static void test_teller__cuts_words_between_characters(void **state)
{
	static const struct {
		size_t n_plain; /* letters before the two-byte characters */
		size_t len;     /* kept */
	} rows[] = {
		{ 0, EII_CORE_WORDS_BYTES - 2 },
		{ 1, EII_CORE_WORDS_BYTES - 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_pulse *pulse = beat_new();
		struct eii_attempt attempt = { .part = EII_PART_QUEUE };
		char words[2 * EII_CORE_WORDS_BYTES + 1];
		struct eii_failure failure = { .kind = EII_FAILURE_PASSING, .words = words };
		size_t at = 0;

		while (at < rows[i].n_plain)
			words[at++] = 'a';
		while (at + 2 < sizeof(words)) {
			words[at++] = '\xc3';
			words[at++] = '\xa4';
		}
		words[at] = '\0';
		fail_so(pulse, &attempt, &failure);
		CHECK(strlen(teller.faults[EII_PART_QUEUE].words) == rows[i].len, "row %zu: %zu", i,
		      strlen(teller.faults[EII_PART_QUEUE].words));
	}
}

static void test_teller__takes_a_failure_without_words(void **state)
{
	static const struct eii_failure mute = { .kind = EII_FAILURE_PASSING };
	struct eii_pulse *pulse = beat_new();
	struct eii_attempt attempt = { .part = EII_PART_QUEUE };
	struct eii_event event;

	(void)state;
	fail_so(pulse, &attempt, &mute);
	assert_int_equal(beat_count(pulse, EII_EVENT_FAULT, &event), 1);
	assert_string_equal(event.words, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			test_teller__says_a_line_at_the_start_one_after_a_minute_one_at_the_end,
			set_up),
		cmocka_unit_test_setup(test_teller__wakes_for_the_minute, set_up),
		cmocka_unit_test_setup(test_teller__says_at_once_what_a_person_has_to_mend, set_up),
		cmocka_unit_test_setup(
			test_teller__says_it_once_although_the_line_is_lost_in_between, set_up),
		cmocka_unit_test_setup(test_teller__says_nothing_of_what_was_cut, set_up),
		cmocka_unit_test_setup(test_teller__keeps_the_parts_apart, set_up),
		cmocka_unit_test_setup(test_teller__cuts_words_between_characters, set_up),
		cmocka_unit_test_setup(test_teller__takes_a_failure_without_words, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
