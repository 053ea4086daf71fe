/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/lane.h"

#include "eii/base/clock.h"
#include "scene.h"
#include "support.h"

static void test_lane__a_task_owns_what_its_order_points_to(void **state)
{
	(void)state;
	struct eii_fetch_item items[] = { { .uid = 7, .slot = 1 }, { .uid = 9, .slot = 2 } };
	char text[] = "work_1";
	struct eii_order order = { .type = EII_ORDER_FETCH };
	struct eii_task *task;

	order.fetch.items = items;
	order.fetch.n = ARRAY_LEN(items);
	task = eii_task_new(&order);
	items[1].uid = 0;
	assert_int_equal(task->order.fetch.items[1].uid, 9);
	eii_task_free(task);

	order = (struct eii_order){ .type = EII_ORDER_SEND };
	order.send.work_id = text;
	task = eii_task_new(&order);
	text[0] = 'x';
	assert_string_equal(task->order.send.work_id, "work_1");
	eii_task_free(task);
	eii_task_free(NULL);
}

static void test_lane__a_cut_ends_what_was_posted_before_it_and_nothing_later(void **state)
{
	(void)state;
	struct eii_task *before, *after;
	struct scene scene;

	scene_init(&scene);
	(void)scene_do(&scene, EII_ORDER_LOOK);
	before = eii_lane_take(scene.lane);
	eii_lane_cut(scene.lane);
	assert_true(eii_stop_requested(eii_lane_stop(scene.lane)));
	assert_false(eii_lane_begin(scene.lane, before));
	(void)scene_do(&scene, EII_ORDER_LOOK);
	after = eii_lane_take(scene.lane);
	assert_true(eii_lane_begin(scene.lane, after));
	assert_false(eii_stop_requested(eii_lane_stop(scene.lane)));
	/* Closed is closed: nothing begins any more. */
	eii_lane_close(scene.lane);
	assert_false(eii_lane_begin(scene.lane, after));
	assert_null(eii_lane_wait(scene.lane));
	eii_task_free(before);
	eii_task_free(after);
	scene_clear(&scene);
}

static void test_lane__gives_what_was_posted_in_one_go(void **state)
{
	(void)state;
	struct eii_order order;
	struct scene scene;
	unsigned n = 0;

	scene_init(&scene);
	/* So many wait; one more goes with the next ones. */
	for (unsigned i = 0; i < 65; i++) {
		order = scene_order(&scene, EII_ORDER_SEND);
		eii_lane_post(scene.lane, eii_task_new(&order));
		if (i < 64)
			assert_null(eii_lane_take(scene.lane));
	}
	for (int round = 0; round < 2; round++) {
		for (;;) {
			struct eii_task *task = eii_lane_take(scene.lane);

			if (!task)
				break;
			n++;
			assert_int_equal(task->order.number, n);
			eii_task_free(task);
		}
		assert_int_equal(n, round ? 65 : 64);
		eii_lane_hand_over(scene.lane);
	}
	/* What was never given to anybody goes with the lane. */
	eii_lane_post(scene.lane, eii_task_new(&order));
	scene_clear(&scene);
}

static void test_lane__knows_the_first_deadline_of_what_is_out(void **state)
{
	(void)state;
	struct eii_order first, second, send;
	struct scene scene;

	scene_init(&scene);
	first = scene_order(&scene, EII_ORDER_LOOK);
	second = scene_order(&scene, EII_ORDER_LOOK);
	send = scene_order(&scene, EII_ORDER_SEND);
	first.deadline_ms = 2000;
	second.deadline_ms = 1000;
	send.deadline_ms = 500;
	assert_true(eii_lane_due_ms(scene.lane) == INT64_MAX);
	scene_post(&scene, &first);
	scene_post(&scene, &second);
	scene_post(&scene, &send);
	assert_true(eii_lane_due_ms(scene.lane) == 1000);
	eii_lane_answered(scene.lane, second.number);
	assert_true(eii_lane_due_ms(scene.lane) == 2000);
	eii_lane_cut(scene.lane);
	assert_true(eii_lane_due_ms(scene.lane) == INT64_MAX);
	eii_lane_close(scene.lane);
	scene_clear(&scene);
}

static void test_lane__a_deadline_is_the_sign_of_life_until_then(void **state)
{
	(void)state;
	int64_t later_ms = eii_clock_monotonic_ms() + 100000;
	struct eii_order order;
	struct eii_task *task;
	struct scene scene;

	scene_init(&scene);
	order = scene_order(&scene, EII_ORDER_LOOK);
	order.deadline_ms = later_ms;
	scene_post(&scene, &order);
	task = eii_lane_take(scene.lane);
	assert_true(eii_lane_begin(scene.lane, task));
	assert_true(scene.stats.fetch_beat_ms == later_ms);
	eii_lane_beat(scene.lane, 0);
	assert_true(scene.stats.fetch_beat_ms < later_ms);
	eii_task_free(task);
	scene_clear(&scene);
}

static void test_lane__a_failure_is_told_by_what_it_means(void **state)
{
	(void)state;
	static const struct {
		enum eii_rc rc;
		enum eii_error_kind kind;
		int64_t deadline_ms;
		enum eii_failure_kind expected;
	} cases[] = {
		{ EII_RETRY, EII_ERROR_OTHER, INT64_MAX, EII_FAILURE_PASSING },
		{ EII_REJECT, EII_ERROR_OTHER, INT64_MAX, EII_FAILURE_INPUT },
		{ EII_RETRY, EII_ERROR_UNREACHABLE, INT64_MAX, EII_FAILURE_UNREACHABLE },
		{ EII_FATAL, EII_ERROR_CREDENTIALS, INT64_MAX, EII_FAILURE_CREDENTIALS },
		{ EII_RETRY, EII_ERROR_CREDENTIALS, INT64_MAX, EII_FAILURE_CREDENTIALS },
		{ EII_FATAL, EII_ERROR_CONFIG, INT64_MAX, EII_FAILURE_CONFIG },
		{ EII_RETRY, EII_ERROR_CONFIG, INT64_MAX, EII_FAILURE_PASSING },
		{ EII_RETRY, EII_ERROR_STOPPED, INT64_MAX, EII_FAILURE_CUT },
		/* Cut because its time was over. */
		{ EII_RETRY, EII_ERROR_STOPPED, 1, EII_FAILURE_UNREACHABLE },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_order order = { .number = 5, .deadline_ms = cases[i].deadline_ms };
		struct eii_error err = { .kind = cases[i].kind, .text = "why" };
		struct eii_note *note =
			eii_note_of_failure(EII_FACT_QUEUE_FAILED, &order, cases[i].rc, &err);

		CHECK(note->fact.failure.kind == cases[i].expected, "case %zu", i);
		CHECK(note->fact.order == 5, "case %zu", i);
		CHECK(note->fact.failure.words[0], "case %zu", i);
		CHECK(!note->fact.failure.is_doubtful, "case %zu", i);
		eii_note_free(note);
	}
}

static void test_lane__hands_a_doubt_on(void **state)
{
	struct eii_error err = { .kind = EII_ERROR_CONFIG, .is_doubtful = true, .text = "why" };
	struct eii_note *note =
		eii_note_of_failure(EII_FACT_PLATFORM_FAILED, NULL, EII_FATAL, &err);

	(void)state;
	assert_int_equal(note->fact.failure.kind, EII_FAILURE_CONFIG);
	assert_true(note->fact.failure.is_doubtful);
	eii_note_free(note);
}

static void test_lane__what_nobody_reads_holds_up_no_closed_driver(void **state)
{
	(void)state;
	struct scene scene;

	scene_init(&scene);
	for (int i = 0; i < 64; i++)
		eii_lane_tell(scene.lane, eii_note_new(EII_FACT_MAILBOX_CLOSED, 1));
	eii_lane_close(scene.lane);
	eii_lane_tell(scene.lane, eii_note_new(EII_FACT_MAILBOX_CLOSED, 2));
	scene_clear(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lane__a_task_owns_what_its_order_points_to),
		cmocka_unit_test(test_lane__a_cut_ends_what_was_posted_before_it_and_nothing_later),
		cmocka_unit_test(test_lane__gives_what_was_posted_in_one_go),
		cmocka_unit_test(test_lane__knows_the_first_deadline_of_what_is_out),
		cmocka_unit_test(test_lane__a_deadline_is_the_sign_of_life_until_then),
		cmocka_unit_test(test_lane__a_failure_is_told_by_what_it_means),
		cmocka_unit_test(test_lane__hands_a_doubt_on),
		cmocka_unit_test(test_lane__what_nobody_reads_holds_up_no_closed_driver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
