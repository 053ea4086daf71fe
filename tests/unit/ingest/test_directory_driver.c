/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/directory_driver.h"

#include "outgoing.h"
#include "scene.h"
#include "support.h"

struct fixture {
	struct scene scene;
	struct outgoing outgoing;
	struct eii_directory *directory;
	struct eii_directory_driver *driver;
};

/* What is ordered before the thread starts waits for it. */
static void prepare(struct fixture *f)
{
	struct eii_directory_driver_options options;

	memset(f, 0, sizeof(*f));
	scene_init(&f->scene);
	outgoing_begin(&f->outgoing);
	f->directory = eii_directory_new(&f->outgoing.settings);
	options = (struct eii_directory_driver_options){ .lane = f->scene.lane,
							 .directory = f->directory,
							 .registered = f->outgoing.registered,
							 .stats = &f->scene.stats };
	f->driver = eii_directory_driver_new(&options);
}

static void begin(struct fixture *f)
{
	prepare(f);
	scene_start(&f->scene, eii_directory_driver_run, f->driver);
}

static void end(struct fixture *f)
{
	scene_stop(&f->scene);
	eii_directory_driver_free(f->driver);
	eii_directory_free(f->directory);
	outgoing_end(&f->outgoing);
	scene_clear(&f->scene);
}

static void dial(struct fixture *f)
{
	scene_expect(&f->scene, EII_FACT_QUEUE_DIALLED, scene_do(&f->scene, EII_ORDER_DIAL));
}

static uint64_t send(struct fixture *f, struct eii_parcel *parcel)
{
	struct eii_order order = scene_order(&f->scene, EII_ORDER_SEND);
	struct eii_task *task;

	order.send.kind = EII_MESSAGE_REPORT;
	order.send.slot = 3;
	order.send.work_id = "";
	task = eii_task_new(&order);
	task->parcel = eii_parcel_ref(parcel);
	eii_lane_post(f->scene.lane, task);
	eii_lane_hand_over(f->scene.lane);
	return order.number;
}

static void test_directory_driver__confirms_what_is_written(void **state)
{
	struct eii_parcel *parcel = outgoing_parcel(10);
	struct eii_note *note;
	struct fixture f;
	uint64_t order;
	char name[256];

	(void)state;
	begin(&f);
	dial(&f);
	order = send(&f, parcel);
	note = scene_take(&f.scene, EII_FACT_QUEUE_OUTCOME, order);
	assert_int_equal(note->fact.outcome.result, EII_OUTCOME_CONFIRMED);
	assert_int_equal(note->slot, 3);
	eii_note_free(note);
	assert_int_equal(outgoing_count(&f.outgoing, name), 1);
	assert_int_equal(f.scene.stats.n_published, 1);
	scene_expect(&f.scene, EII_FACT_QUEUE_HUNG_UP, scene_do(&f.scene, EII_ORDER_HANG_UP));
	eii_parcel_unref(parcel);
	end(&f);
}

static void test_directory_driver__drops_what_was_ordered_before_a_failure_was_known(void **state)
{
	struct eii_parcel *large = outgoing_parcel(100000);
	struct fixture f;
	char name[256];

	(void)state;
	begin(&f);
	dial(&f);
	outgoing_limit(50000);
	(void)send(&f, large);
	(void)send(&f, large);
	scene_expect_failure(&f.scene, EII_FACT_QUEUE_FAILED, 0, EII_FAILURE_STORAGE);
	scene_expect_failure(&f.scene, EII_FACT_QUEUE_FAILED, scene_do(&f.scene, EII_ORDER_DIAL),
			     EII_FAILURE_STORAGE);
	assert_int_equal(outgoing_count(&f.outgoing, name), 0);
	outgoing_limit(0);
	dial(&f);
	scene_expect(&f.scene, EII_FACT_QUEUE_OUTCOME, send(&f, large));
	eii_parcel_unref(large);
	end(&f);
}

static void test_directory_driver__ends_what_is_cut(void **state)
{
	struct eii_parcel *parcel = outgoing_parcel(10);
	struct fixture f;
	uint64_t order;
	char name[256];

	(void)state;
	prepare(&f);
	order = scene_do(&f.scene, EII_ORDER_DIAL);
	(void)send(&f, parcel);
	eii_lane_cut(f.scene.lane);
	scene_start(&f.scene, eii_directory_driver_run, f.driver);
	scene_expect(&f.scene, EII_FACT_QUEUE_DIALLED, order);
	scene_expect_failure(&f.scene, EII_FACT_QUEUE_FAILED, 0, EII_FAILURE_CUT);
	assert_int_equal(outgoing_count(&f.outgoing, name), 0);
	eii_parcel_unref(parcel);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_directory_driver__confirms_what_is_written),
		cmocka_unit_test(
			test_directory_driver__drops_what_was_ordered_before_a_failure_was_known),
		cmocka_unit_test(test_directory_driver__ends_what_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
