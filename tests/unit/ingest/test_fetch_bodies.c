/* SPDX-License-Identifier: Apache-2.0 */
/* FETCH, and cuts. */
#include <poll.h>

#include "eii/base/clock.h"
#include "fetch_scene.h"
#include "support.h"

/* ---- bodies ------------------------------------------------------------ */

/* The server waits for the second command before it ends its first answer. */
static void test_fetch_bodies__sends_the_next_fetch_before_it_has_read_the_last(void **state)
{
	static const char *const steps[] = { FETCH_SCENE_HELLO,
					     FETCH_SCENE_EXAMINE,
					     ">A2 UID FETCH 4 (UID BODY.PEEK[])",
					     "<* 1 FETCH (UID 4 BODY[] {3}",
					     "<one)",
					     ">A3 UID FETCH 5 (UID BODY.PEEK[])",
					     "<A2 OK x",
					     "<* 2 FETCH (UID 5 BODY[] {3}",
					     "<two)",
					     "<A3 OK x",
					     FETCH_SCENE_GOODBYE("A4"),
					     NULL };
	const struct eii_fetch_item first = { .uid = 4, .slot = 10, .granted_bytes = 100 };
	const struct eii_fetch_item second = { .uid = 5, .slot = 11, .granted_bytes = 100 };
	uint64_t opened, order_1, order_2;
	struct fetch_scene f;

	(void)state;
	fetch_scene_prepare(&f, steps);
	opened = scene_do(&f.scene, EII_ORDER_OPEN);
	order_1 = fetch_scene_fetch(&f, &first, 1);
	order_2 = fetch_scene_fetch(&f, &second, 1);
	scene_start(&f.scene, eii_fetch_driver_run, f.driver);
	fetch_scene_expect_open(&f, opened);
	fetch_scene_expect_body(&f, order_1, 4, 10, EII_BODY_CAME, "one");
	scene_expect(&f.scene, EII_FACT_MAILBOX_FETCHED, order_1);
	fetch_scene_expect_body(&f, order_2, 5, 11, EII_BODY_CAME, "two");
	scene_expect(&f.scene, EII_FACT_MAILBOX_FETCHED, order_2);
	fetch_scene_end(&f);
}

/* 4 fits to the byte, 5 is one over, 6 is empty, 7 does not come, 8 is NIL. */
static void test_fetch_bodies__takes_no_byte_more_than_was_granted(void **state)
{
	static const char *const steps[] = { FETCH_SCENE_HELLO,
					     FETCH_SCENE_EXAMINE,
					     ">A2 UID FETCH 4:8 (UID BODY.PEEK[])",
					     "<* 1 FETCH (UID 4 BODY[] {3}",
					     "<one)",
					     "<* 2 FETCH (UID 5 BODY[] {4}",
					     "<four)",
					     "<* 3 FETCH (UID 6 BODY[] {0}",
					     "<)",
					     "<* 5 FETCH (UID 8 BODY[] NIL)",
					     "<A2 OK x",
					     FETCH_SCENE_GOODBYE("A3"),
					     NULL };
	const struct eii_fetch_item items[] = { { .uid = 4, .slot = 0, .granted_bytes = 3 },
						{ .uid = 5, .slot = 1, .granted_bytes = 3 },
						{ .uid = 6, .slot = 2, .granted_bytes = 3 },
						{ .uid = 7, .slot = 3, .granted_bytes = 3 },
						{ .uid = 8, .slot = 4, .granted_bytes = 3 } };
	struct fetch_scene f;
	uint64_t order;

	(void)state;
	fetch_scene_begin(&f, steps);
	order = fetch_scene_fetch(&f, items, ARRAY_LEN(items));
	fetch_scene_expect_body(&f, order, 4, 0, EII_BODY_CAME, "one");
	fetch_scene_expect_body(&f, order, 5, 1, EII_BODY_TOO_LARGE, NULL);
	fetch_scene_expect_body(&f, order, 6, 2, EII_BODY_EMPTY, NULL);
	fetch_scene_expect_body(&f, order, 8, 4, EII_BODY_NIL, NULL);
	scene_expect(&f.scene, EII_FACT_MAILBOX_FETCHED, order);
	fetch_scene_end(&f);
}

/* Of a mail that was set aside size and date are asked for first; a refusal tells nothing. */
static void test_fetch_bodies__tells_size_and_date_before_a_mail_that_wants_them(void **state)
{
	static const char *const answers[][2] = {
		{ "<* 1 FETCH (UID 4 RFC822.SIZE 3 INTERNALDATE \"02-Mar-2026 08:00:00 +0000\")",
		  "<A2 OK x" },
		{ "<* OK here", "<A2 NO not now" },
	};
	const struct eii_fetch_item item = { .uid = 4, .slot = 10, .granted_bytes = 100 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		const char *const steps[] = { FETCH_SCENE_HELLO,
					      FETCH_SCENE_EXAMINE,
					      ">A2 UID FETCH 4 (UID RFC822.SIZE INTERNALDATE)",
					      answers[i][0],
					      answers[i][1],
					      ">A3 UID FETCH 4 (UID BODY.PEEK[])",
					      "<* 1 FETCH (UID 4 BODY[] {3}",
					      "<one)",
					      "<A3 OK x",
					      FETCH_SCENE_GOODBYE("A4"),
					      NULL };
		struct eii_order order;
		struct eii_note *note;
		struct fetch_scene f;

		fetch_scene_begin(&f, steps);
		order = scene_order(&f.scene, EII_ORDER_FETCH);
		order.fetch.items = &item;
		order.fetch.n = 1;
		order.fetch.wants_info = true;
		scene_post(&f.scene, &order);
		note = scene_take(&f.scene, EII_FACT_MAILBOX_SIZES, order.number);
		assert_int_equal(note->fact.sizes.n, 1);
		assert_int_equal(note->fact.sizes.infos[0].uid, 4);
		CHECK(note->fact.sizes.infos[0].has_size == (i == 0), "row %zu", i);
		CHECK(note->fact.sizes.infos[0].has_date == (i == 0), "row %zu", i);
		eii_note_free(note);
		fetch_scene_expect_body(&f, order.number, 4, 10, EII_BODY_CAME, "one");
		scene_expect(&f.scene, EII_FACT_MAILBOX_FETCHED, order.number);
		fetch_scene_end(&f);
	}
}

static void test_fetch_bodies__answers_each_fetch_that_dies_with_the_session(void **state)
{
	static const char *const steps[] = { FETCH_SCENE_HELLO,
					     FETCH_SCENE_EXAMINE,
					     ">A2 UID FETCH 4 (UID BODY.PEEK[])",
					     ">A3 UID FETCH 5 (UID BODY.PEEK[])",
					     "<* 1 FETCH (UID 4 BODY[] {300}",
					     "<half",
					     NULL };
	const struct eii_fetch_item first = { .uid = 4, .slot = 10, .granted_bytes = 1000 };
	const struct eii_fetch_item second = { .uid = 5, .slot = 11, .granted_bytes = 1000 };
	uint64_t opened, order_1, order_2;
	struct eii_note *note;
	struct fetch_scene f;

	(void)state;
	fetch_scene_prepare(&f, steps);
	opened = scene_do(&f.scene, EII_ORDER_OPEN);
	order_1 = fetch_scene_fetch(&f, &first, 1);
	order_2 = fetch_scene_fetch(&f, &second, 1);
	scene_start(&f.scene, eii_fetch_driver_run, f.driver);
	fetch_scene_expect_open(&f, opened);
	note = scene_take(&f.scene, EII_FACT_MAILBOX_FAILED, order_1);
	assert_int_equal(note->fact.failure.kind, EII_FAILURE_UNREACHABLE);
	assert_false(note->fact.failure.lives);
	eii_note_free(note);
	scene_expect_failure(&f.scene, EII_FACT_MAILBOX_FAILED, order_2, EII_FAILURE_UNREACHABLE);
	/* Nothing goes on without a session. */
	scene_expect_failure(&f.scene, EII_FACT_MAILBOX_FAILED, fetch_scene_fetch(&f, &first, 1),
			     EII_FAILURE_UNREACHABLE);
	fetch_scene_end(&f);
}

static void test_fetch_bodies__a_refused_fetch_leaves_the_session(void **state)
{
	static const char *const steps[] = { FETCH_SCENE_HELLO,
					     FETCH_SCENE_EXAMINE,
					     ">A2 UID FETCH 4 (UID BODY.PEEK[])",
					     "<A2 NO [SERVERBUG] no",
					     ">A3 UID FETCH 4 (UID BODY.PEEK[])",
					     "<A3 OK x",
					     FETCH_SCENE_GOODBYE("A4"),
					     NULL };
	const struct eii_fetch_item item = { .uid = 4, .slot = 10, .granted_bytes = 1000 };
	struct eii_note *note;
	struct fetch_scene f;

	(void)state;
	fetch_scene_begin(&f, steps);
	note = scene_take(&f.scene, EII_FACT_MAILBOX_FAILED, fetch_scene_fetch(&f, &item, 1));
	assert_int_equal(note->fact.failure.kind, EII_FAILURE_PASSING);
	assert_true(note->fact.failure.lives);
	eii_note_free(note);
	scene_expect(&f.scene, EII_FACT_MAILBOX_FETCHED, fetch_scene_fetch(&f, &item, 1));
	fetch_scene_end(&f);
}

/* ---- cuts -------------------------------------------------------------- */

static void test_fetch_bodies__a_cut_ends_a_wait_at_once(void **state)
{
	static const char *const steps[] = { FETCH_SCENE_HELLO,
					     FETCH_SCENE_EXAMINE,
					     ">A2 UID FETCH 4,5 (UID BODY.PEEK[])",
					     "<* 1 FETCH (UID 4 BODY[] {3}",
					     "<one)",
					     "#",
					     NULL };
	const struct eii_fetch_item items[] = { { .uid = 4, .slot = 0, .granted_bytes = 1000 },
						{ .uid = 5, .slot = 1, .granted_bytes = 1000 } };
	struct fetch_scene f;
	uint64_t order;

	(void)state;
	fetch_scene_begin(&f, steps);
	order = fetch_scene_fetch(&f, items, ARRAY_LEN(items));
	fetch_scene_expect_body(&f, order, 4, 0, EII_BODY_CAME, "one");
	eii_lane_cut(f.scene.lane);
	scene_expect_failure(&f.scene, EII_FACT_MAILBOX_FAILED, order, EII_FAILURE_CUT);
	fetch_scene_end(&f);
}

/* What hangs beyond its order's instant is cut by the heart, and took too long. */
static void test_fetch_bodies__a_cut_at_the_deadline_is_no_answer_in_time(void **state)
{
	static const char *const steps[] = { FETCH_SCENE_HELLO, FETCH_SCENE_EXAMINE, ">A2 NOOP",
					     "#", NULL };
	struct eii_order order;
	struct fetch_scene f;

	(void)state;
	fetch_scene_begin(&f, steps);
	order = scene_order(&f.scene, EII_ORDER_LOOK);
	order.deadline_ms = eii_clock_monotonic_ms() + SCRIPT_SHORT_MS;
	scene_post(&f.scene, &order);
	while (eii_lane_due_ms(f.scene.lane) > eii_clock_monotonic_ms())
		(void)poll(NULL, 0, eii_clock_left_ms(eii_lane_due_ms(f.scene.lane)));
	eii_lane_cut(f.scene.lane);
	scene_expect_failure(&f.scene, EII_FACT_MAILBOX_FAILED, order.number,
			     EII_FAILURE_UNREACHABLE);
	fetch_scene_end(&f);
}

#define TEST(name) cmocka_unit_test(test_fetch_bodies__##name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sends_the_next_fetch_before_it_has_read_the_last),
		TEST(takes_no_byte_more_than_was_granted),
		TEST(tells_size_and_date_before_a_mail_that_wants_them),
		TEST(answers_each_fetch_that_dies_with_the_session),
		TEST(a_refused_fetch_leaves_the_session),
		TEST(a_cut_ends_a_wait_at_once),
		TEST(a_cut_at_the_deadline_is_no_answer_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
