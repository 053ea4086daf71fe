/* SPDX-License-Identifier: Apache-2.0 */
/* What the mailbox's driver makes of all orders but FETCH. */
#include "fetch_scene.h"
#include "support.h"

/* ---- what there is ----------------------------------------------------- */

static void test_fetch_driver__walks_the_list_of_a_search_by_sizes(void **state)
{
	static const char *const steps[] = {
		FETCH_SCENE_HELLO,
		FETCH_SCENE_EXAMINE,
		">A2 UID SEARCH UID 3:4294967295",
		"<* SEARCH 11 5 4",
		"<A2 OK x",
		">A3 UID FETCH 4,5 (UID RFC822.SIZE INTERNALDATE)",
		"<* 1 FETCH (UID 4 RFC822.SIZE 10 INTERNALDATE \"20-Aug-2026 13:56:00 +0000\")",
		"<A3 OK x",
		">A4 UID FETCH 11 (UID RFC822.SIZE INTERNALDATE)",
		"<A4 OK x",
		">A5 UID SEARCH UID 5:5",
		"<* SEARCH 5",
		"<A5 OK x",
		">A6 UID SEARCH UID 6:6",
		"<* SEARCH",
		"<A6 OK x",
		">A7 NOOP",
		"<A7 OK x",
		FETCH_SCENE_GOODBYE("A8"),
		NULL
	};
	struct eii_order order;
	struct eii_note *note;
	struct fetch_scene f;

	(void)state;
	fetch_scene_begin(&f, steps);
	order = scene_order(&f.scene, EII_ORDER_SEARCH);
	order.search.first = 3;
	order.search.since_unix_s = EII_ORDER_SEARCH_ALL;
	scene_post(&f.scene, &order);
	note = scene_take(&f.scene, EII_FACT_MAILBOX_SEARCHED, order.number);
	assert_int_equal(note->fact.search.n, 3);
	assert_int_equal(note->fact.search.lowest, 4);
	assert_int_equal(note->fact.search.highest, 11);
	eii_note_free(note);

	order = scene_order(&f.scene, EII_ORDER_SIZES);
	order.sizes.max = 2;
	scene_post(&f.scene, &order);
	note = scene_take(&f.scene, EII_FACT_MAILBOX_SIZES, order.number);
	assert_int_equal(note->fact.sizes.n, 2);
	assert_true(note->fact.sizes.infos[0].has_size && note->fact.sizes.infos[0].has_date);
	assert_int_equal(note->fact.sizes.infos[0].size_bytes, 10);
	assert_int_equal(note->fact.sizes.infos[1].uid, 5);
	assert_false(note->fact.sizes.infos[1].has_size);
	assert_false(note->fact.sizes.is_end);
	eii_note_free(note);
	order = scene_order(&f.scene, EII_ORDER_SIZES);
	order.sizes.after = 5;
	order.sizes.max = 250;
	scene_post(&f.scene, &order);
	note = scene_take(&f.scene, EII_FACT_MAILBOX_SIZES, order.number);
	assert_int_equal(note->fact.sizes.n, 1);
	assert_true(note->fact.sizes.is_end);
	eii_note_free(note);

	for (uint32_t uid = 5; uid <= 6; uid++) {
		order = scene_order(&f.scene, EII_ORDER_FIND);
		order.find.uid = uid;
		scene_post(&f.scene, &order);
		note = scene_take(&f.scene, EII_FACT_MAILBOX_FOUND, order.number);
		CHECK(note->fact.yes == (uid == 5), "uid %u", uid);
		eii_note_free(note);
	}
	scene_expect(&f.scene, EII_FACT_MAILBOX_LOOKED, scene_do(&f.scene, EII_ORDER_LOOK));
	fetch_scene_end(&f);
}

static void test_fetch_driver__tells_which_mails_a_refused_sizes_asked_for(void **state)
{
	static const char *const steps[] = { FETCH_SCENE_HELLO,
					     FETCH_SCENE_EXAMINE,
					     ">A2 UID SEARCH UID 1:4294967295",
					     "<* SEARCH 4 5",
					     "<A2 OK x",
					     ">A3 UID FETCH 4,5 (UID RFC822.SIZE INTERNALDATE)",
					     "<A3 NO not now",
					     FETCH_SCENE_GOODBYE("A4"),
					     NULL };
	struct eii_order order;
	struct eii_note *note;
	struct fetch_scene f;

	(void)state;
	fetch_scene_begin(&f, steps);
	order = scene_order(&f.scene, EII_ORDER_SEARCH);
	order.search.since_unix_s = EII_ORDER_SEARCH_ALL;
	scene_post(&f.scene, &order);
	scene_expect(&f.scene, EII_FACT_MAILBOX_SEARCHED, order.number);
	order = scene_order(&f.scene, EII_ORDER_SIZES);
	order.sizes.max = 250;
	scene_post(&f.scene, &order);
	note = scene_take(&f.scene, EII_FACT_MAILBOX_FAILED, order.number);
	assert_int_equal(note->fact.failure.kind, EII_FAILURE_PASSING);
	assert_true(note->fact.failure.lives);
	assert_int_equal(note->fact.sizes.n, 2);
	assert_int_equal(note->fact.sizes.infos[1].uid, 5);
	assert_false(note->fact.sizes.infos[1].has_size);
	eii_note_free(note);
	fetch_scene_end(&f);
}

static void test_fetch_driver__glances_at_folders_by_names_of_its_own(void **state)
{
	static const char *const steps[] = { FETCH_SCENE_HELLO,
					     FETCH_SCENE_EXAMINE,
					     ">A2 STATUS \"a\" (UIDNEXT UIDVALIDITY)",
					     "<A2 NO not now",
					     ">A3 STATUS \"b\" (UIDNEXT UIDVALIDITY)",
					     "<* STATUS b (UIDNEXT 4 UIDVALIDITY 9)",
					     "<A3 OK x",
					     ">A4 STATUS \"a\" (UIDNEXT UIDVALIDITY)",
					     "<* BYE enough",
					     NULL };
	char names[2][2] = { "a", "b" };
	const char *pointers[] = { names[0], names[1] };
	struct eii_order order;
	struct eii_note *note;
	struct fetch_scene f;

	(void)state;
	fetch_scene_begin(&f, steps);
	order = scene_order(&f.scene, EII_ORDER_GLANCE);
	order.glance.names = pointers;
	order.glance.n = 2;
	scene_post(&f.scene, &order);
	names[0][0] = names[1][0] = 'x';
	note = scene_take(&f.scene, EII_FACT_MAILBOX_GLANCED, order.number);
	assert_int_equal(note->fact.glance.n, 2);
	assert_int_equal(note->fact.glance.glimpses[0].uidnext, 0);
	assert_int_equal(note->fact.glance.glimpses[1].uidnext, 4);
	assert_int_equal(note->fact.glance.glimpses[1].uidvalidity, 9);
	eii_note_free(note);

	names[0][0] = 'a';
	order = scene_order(&f.scene, EII_ORDER_GLANCE);
	order.glance.names = pointers;
	order.glance.n = 1;
	scene_post(&f.scene, &order);
	note = scene_take(&f.scene, EII_FACT_MAILBOX_FAILED, order.number);
	assert_false(note->fact.failure.lives);
	eii_note_free(note);
	fetch_scene_end(&f);
}

/* OK alone is no answer, also where it is asked for once more; "none" is one. */
static void test_fetch_driver__tells_an_answer_of_none_from_no_answer(void **state)
{
	static const char *const steps[] = { FETCH_SCENE_HELLO,
					     FETCH_SCENE_EXAMINE,
					     ">A2 UID SEARCH UID 3:4294967295",
					     "<A2 OK x",
					     ">A3 UID SEARCH UID 3:4294967295",
					     "<A3 OK x",
					     ">A4 UID FETCH 3:4294967295,* (UID)",
					     "<A4 OK x",
					     ">A5 UID SEARCH UID 3:4294967295",
					     "<A5 OK x",
					     ">A6 UID SEARCH UID 3:4294967295",
					     "<A6 OK x",
					     ">A7 UID FETCH 3:4294967295,* (UID)",
					     "<* 1 FETCH (UID 2)",
					     "<A7 OK x",
					     ">A8 UID FETCH 3:4294967295,* (UID)",
					     "<* 3 FETCH (UID 9)",
					     "<A8 OK x",
					     FETCH_SCENE_GOODBYE("A9"),
					     NULL };
	/*
	 * First nothing says anything, then FETCH has a mail that is older. The third time
	 * the empty answer is not believed, and another way is taken.
	 */
	static const struct {
		bool has_answer;
		uint32_t n;
	} expected[] = { { false, 0 }, { true, 0 }, { true, 1 } };
	struct fetch_scene f;

	(void)state;
	fetch_scene_begin(&f, steps);
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		struct eii_order order = scene_order(&f.scene, EII_ORDER_SEARCH);
		struct eii_note *note;

		order.search.first = 3;
		order.search.since_unix_s = EII_ORDER_SEARCH_ALL;
		scene_post(&f.scene, &order);
		note = scene_take(&f.scene, EII_FACT_MAILBOX_SEARCHED, order.number);
		CHECK(note->fact.search.has_answer == expected[i].has_answer, "look %zu", i);
		CHECK(note->fact.search.n == expected[i].n, "look %zu: %u", i, note->fact.search.n);
		eii_note_free(note);
	}
	fetch_scene_end(&f);
}

/* Where SEARCH says nothing of a mail that is gone, FETCH does. */
static void test_fetch_driver__finds_by_fetch_what_search_says_nothing_of(void **state)
{
	static const char *const steps[] = { FETCH_SCENE_HELLO,
					     FETCH_SCENE_EXAMINE,
					     ">A2 UID SEARCH UID 5:5",
					     "<A2 OK x",
					     ">A3 UID FETCH 5:5,* (UID)",
					     "<* 9 FETCH (UID 9)",
					     "<A3 OK x",
					     ">A4 UID SEARCH UID 5:5",
					     "<A4 OK x",
					     ">A5 UID FETCH 5:5,* (UID)",
					     "<A5 OK x",
					     FETCH_SCENE_GOODBYE("A6"),
					     NULL };
	struct eii_order order;
	struct eii_note *note;
	struct fetch_scene f;

	(void)state;
	fetch_scene_begin(&f, steps);
	order = scene_order(&f.scene, EII_ORDER_FIND);
	order.find.uid = 5;
	scene_post(&f.scene, &order);
	note = scene_take(&f.scene, EII_FACT_MAILBOX_FOUND, order.number);
	assert_false(note->fact.yes);
	eii_note_free(note);
	order = scene_order(&f.scene, EII_ORDER_FIND);
	order.find.uid = 5;
	scene_post(&f.scene, &order);
	note = scene_take(&f.scene, EII_FACT_MAILBOX_FAILED, order.number);
	assert_true(note->fact.failure.lives);
	eii_note_free(note);
	fetch_scene_end(&f);
}

#define TEST(name) cmocka_unit_test(test_fetch_driver__##name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(walks_the_list_of_a_search_by_sizes),
		TEST(tells_which_mails_a_refused_sizes_asked_for),
		TEST(glances_at_folders_by_names_of_its_own),
		TEST(tells_an_answer_of_none_from_no_answer),
		TEST(finds_by_fetch_what_search_says_nothing_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
