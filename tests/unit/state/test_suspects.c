/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/state/document.h"

#include "support.h"

static void test_suspects__attempts_count_over_a_way_back(void **state)
{
	(void)state;
	struct eii_place_state place = { .cursor = 2 };

	eii_place_take_in_hand(&place, 3);
	assert_int_equal(place.in_hand.attempts, 1);
	eii_place_take_in_hand(&place, 3);
	assert_int_equal(place.in_hand.attempts, 2);

	place.cursor = 0; /* the way back */
	eii_place_take_in_hand(&place, 1);
	assert_int_equal(place.in_hand.uid, 1);
	assert_int_equal(place.in_hand.attempts, 1);
	eii_place_clear_suspect(&place, 1);
	assert_int_equal(place.in_hand.uid, 0);
	assert_true(eii_place_has_suspect(&place));

	eii_place_take_in_hand(&place, 3);
	assert_int_equal(place.in_hand.attempts, 3);
	assert_int_equal(place.n_suspects, 0);
}

static void test_suspects__what_came_to_its_end_is_none(void **state)
{
	(void)state;
	struct eii_place_state place = { .cursor = 2 };

	eii_place_take_in_hand(&place, 3);
	eii_place_take_in_hand(&place, 4);
	assert_int_equal(place.n_suspects, 1);
	eii_place_clear_suspect(&place, 3);
	assert_int_equal(place.n_suspects, 0);
	assert_true(eii_place_has_suspect(&place));
	eii_place_clear_suspect(&place, 4);
	assert_false(eii_place_has_suspect(&place));

	eii_place_take_in_hand(&place, 3);
	eii_place_take_in_hand(&place, 4);
	eii_place_clear_suspects(&place);
	assert_int_equal(place.n_suspects, 0);
	assert_int_equal(place.in_hand.uid, 0);
}

/* It may not have been due in the run that ended well. */
static void test_suspects__what_is_set_aside_stays_suspected(void **state)
{
	(void)state;
	struct eii_place_state place = { .cursor = 9,
					 .n_aside = 2,
					 .aside = { { .uid = 3 }, { .uid = 5 } } };

	for (uint32_t uid = 2; uid <= 5; uid++)
		eii_place_take_in_hand(&place, uid);
	eii_place_clear_harmless(&place);
	assert_int_equal(place.n_suspects, 1);
	assert_int_equal(place.suspects[0].uid, 3);
	assert_int_equal(place.suspects[0].attempts, 1);
	assert_int_equal(place.in_hand.uid, 5);
	/* When it is tried at last, its attempts go on. */
	eii_place_take_in_hand(&place, 3);
	assert_int_equal(place.in_hand.attempts, 2);
	eii_place_clear_suspect(&place, 5);
	place.n_aside = 0;
	eii_place_clear_harmless(&place);
	assert_int_equal(place.n_suspects, 0);
	assert_int_equal(place.in_hand.uid, 0);
}

static void test_suspects__an_attempt_that_the_process_outlived_does_not_count(void **state)
{
	(void)state;
	struct eii_place_state place = { 0 };

	eii_place_take_in_hand(&place, 3);
	eii_place_put_down(&place, 3);
	assert_int_equal(place.in_hand.uid, 0);
	assert_int_equal(place.n_suspects, 0);

	eii_place_take_in_hand(&place, 3);
	eii_place_take_in_hand(&place, 3);
	eii_place_put_down(&place, 7); /* another one */
	assert_int_equal(place.in_hand.attempts, 2);
	eii_place_put_down(&place, 3);
	assert_int_equal(place.n_suspects, 1);
	eii_place_take_in_hand(&place, 3);
	assert_int_equal(place.in_hand.attempts, 2);
}

static void test_suspects__lie_ahead_of_the_cursor_only(void **state)
{
	(void)state;
	struct eii_place_state place = { .cursor = 4, .n_suspects = 1, .suspects = { { 5, 1 } } };

	assert_true(eii_place_has_suspect(&place));
	place.cursor = 5;
	assert_false(eii_place_has_suspect(&place));
	place.in_hand = (struct eii_suspect){ 6, 1 };
	assert_true(eii_place_has_suspect(&place));
	place.cursor = 6;
	assert_false(eii_place_has_suspect(&place));
}

static void test_suspects__of_too_many_the_oldest_is_forgotten(void **state)
{
	(void)state;
	struct eii_place_state place = { 0 };
	uint32_t uid;

	for (uid = 1; uid <= EII_DOCUMENT_SUSPECTS + 1; uid++)
		eii_place_take_in_hand(&place, uid);
	assert_int_equal(place.n_suspects, EII_DOCUMENT_SUSPECTS);
	assert_int_equal(place.suspects[0].uid, 1);
	eii_place_take_in_hand(&place, uid);
	assert_int_equal(place.n_suspects, EII_DOCUMENT_SUSPECTS);
	assert_int_equal(place.suspects[0].uid, 2);
	assert_int_equal(place.suspects[EII_DOCUMENT_SUSPECTS - 1].uid, uid - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_suspects__attempts_count_over_a_way_back),
		cmocka_unit_test(test_suspects__what_came_to_its_end_is_none),
		cmocka_unit_test(test_suspects__what_is_set_aside_stays_suspected),
		cmocka_unit_test(
			test_suspects__an_attempt_that_the_process_outlived_does_not_count),
		cmocka_unit_test(test_suspects__lie_ahead_of_the_cursor_only),
		cmocka_unit_test(test_suspects__of_too_many_the_oldest_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
