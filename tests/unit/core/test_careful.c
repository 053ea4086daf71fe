/* SPDX-License-Identifier: Apache-2.0 */
#include "careful.h"

#include "eii/core/fact.h"

#include "support.h"

static struct eii_careful begin(const struct eii_place_state *place)
{
	struct eii_careful careful;

	eii_careful_begin(&careful, place);
	return careful;
}

static void test_careful__begins_with_the_second_start_without_progress(void **state)
{
	(void)state;
	struct eii_place_state place = { .cursor = 4, .n_starts = EII_CAREFUL_STARTS - 1 };
	struct eii_careful careful = begin(&place);

	assert_false(eii_careful_begins_with(&careful, 5));
	assert_false(careful.is_suspicious);
	place.n_starts = EII_CAREFUL_STARTS;
	careful = begin(&place);
	assert_true(careful.is_suspicious);
	assert_false(eii_careful_begins_with(&careful, 4));
	assert_true(eii_careful_begins_with(&careful, 5));
}

static void test_careful__passes_what_an_earlier_life_got_past(void **state)
{
	(void)state;
	struct eii_place_state place = { .cursor = 4,
					 .passed_uid = 9,
					 .n_starts = EII_CAREFUL_STARTS_ALL - 1 };
	struct eii_careful careful = begin(&place);

	assert_false(eii_careful_begins_with(&careful, 9));
	assert_true(eii_careful_begins_with(&careful, 10));
	/* Not for ever. */
	place.n_starts = EII_CAREFUL_STARTS_ALL;
	careful = begin(&place);
	assert_true(eii_careful_begins_with(&careful, 5));
}

static void test_careful__begins_with_a_suspect(void **state)
{
	(void)state;
	struct eii_place_state place = {
		.cursor = 4,
		.passed_uid = 9,
		.n_suspects = 2,
		.suspects = { { 8, 1 }, { 3, 1 } },
	};
	struct eii_careful careful = begin(&place);

	assert_false(eii_careful_begins_with(&careful, 7));
	assert_true(eii_careful_begins_with(&careful, 8));
	place.in_hand = (struct eii_suspect){ 6, 1 };
	careful = begin(&place);
	assert_false(eii_careful_begins_with(&careful, 5));
	assert_true(eii_careful_begins_with(&careful, 6));
}

static void test_careful__suspects_one_that_was_set_aside_alone(void **state)
{
	(void)state;
	struct eii_place_state place = { .cursor = 9, .in_hand = { 6, 1 } };
	struct eii_careful careful = begin(&place);

	assert_true(careful.is_suspicious);
	assert_false(eii_careful_begins_with(&careful, 10));
}

static void test_careful__names_a_mail_once_in_a_life(void **state)
{
	(void)state;
	struct eii_place_state place = { 0 };
	struct eii_careful careful = begin(&place);

	assert_true(eii_careful_name(&careful, &place, 5));
	assert_false(eii_careful_name(&careful, &place, 5));
	assert_int_equal(place.in_hand.attempts, 1);

	/* Of the next life. */
	careful = begin(&place);
	assert_true(eii_careful_name(&careful, &place, 5));
	assert_int_equal(place.in_hand.attempts, 2);

	/* Another one in this life: the first did not end it. */
	assert_true(eii_careful_name(&careful, &place, 7));
	assert_int_equal(place.in_hand.uid, 7);
	assert_int_equal(place.n_suspects, 1);
	assert_int_equal(place.suspects[0].attempts, 1);
	eii_careful_put_down(&careful, &place, 6);
	assert_int_equal(place.in_hand.uid, 7);
	eii_careful_put_down(&careful, &place, 7);
	assert_int_equal(place.in_hand.uid, 0);
	assert_int_equal(place.n_suspects, 1);
}

static void test_careful__lasts_for_as_many_mails_as_may_have_been_under_way(void **state)
{
	(void)state;
	struct eii_place_state place = { .n_starts = EII_CAREFUL_STARTS };
	struct eii_careful careful = begin(&place);

	eii_careful_enter(&careful);
	assert_false(eii_careful_begins_with(&careful, 1));
	for (int i = 0; i < EII_CORE_LINE_MAILS; i++) {
		assert_true(careful.n_left);
		eii_careful_came(&careful);
	}
	assert_false(careful.n_left);
	eii_careful_came(&careful);
	assert_false(careful.n_left);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_careful__begins_with_the_second_start_without_progress),
		cmocka_unit_test(test_careful__passes_what_an_earlier_life_got_past),
		cmocka_unit_test(test_careful__begins_with_a_suspect),
		cmocka_unit_test(test_careful__suspects_one_that_was_set_aside_alone),
		cmocka_unit_test(test_careful__names_a_mail_once_in_a_life),
		cmocka_unit_test(test_careful__lasts_for_as_many_mails_as_may_have_been_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
