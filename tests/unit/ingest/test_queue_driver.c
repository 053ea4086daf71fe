/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/queue_driver.h"

#include <semaphore.h>

#include "../amqp/fake_broker.h"
#include "../net/silent_names.h"
#include "eii/base/alloc.h"
#include "eii/ingest/parcel.h"
#include "scene.h"
#include "support.h"

static const struct eii_report_settings report_settings = { .marking.tlp = EII_TLP_CLEAR,
							    .created_us = 1790000000000000 };

/* Between the test and the broker's script. */
static sem_t go_on;

struct fixture {
	struct scene scene;
	struct fake_broker broker;
	bool has_broker;
	const char *host;
	struct eii_registered *registered;
	struct eii_queue_settings settings;
	struct eii_watchdog *watchdog;
	struct eii_queue_driver *driver;
};

static enum eii_rc give_password(void *arg, char **out, struct eii_error *err)
{
	(void)arg;
	(void)err;
	*out = eii_strdup("guest");
	return EII_OK;
}

/* Without a script there is nobody: a name server that is silent stands before the broker. */
static void begin_with(struct fixture *f, enum fb_start start,
		       void (*script)(struct fake_broker *broker))
{
	struct eii_registration registration = { .push_exchange = eii_strdup("amqp.connector"),
						 .push_routing = eii_strdup("push_routing_1"),
						 .connector_user_id = eii_strdup("user") };
	struct eii_features features = eii_features_newest();
	struct eii_queue_driver_options options = { .report = &report_settings };

	memset(f, 0, sizeof(*f));
	assert_int_equal(sem_init(&go_on, 0, 0), 0);
	scene_init(&f->scene);
	f->host = "127.0.0.1";
	if (script)
		fb_start(&f->broker, start, script);
	else
		f->host = SILENT_NAME;
	f->has_broker = script != NULL;
	f->registered = eii_registered_new();
	eii_registered_put(f->registered, &registration, &features);
	f->settings = (struct eii_queue_settings){ .host = f->host,
						   .port = f->broker.port,
						   .user = "guest",
						   .use_tls = EII_CHOICE_NO,
						   .password = give_password };
	f->watchdog = eii_watchdog_new(eii_lane_stop(f->scene.lane));
	options.lane = f->scene.lane;
	options.settings = &f->settings;
	options.registered = f->registered;
	options.watchdog = f->watchdog;
	options.stats = &f->scene.stats;
	f->driver = eii_queue_driver_new(&options);
	scene_start(&f->scene, eii_queue_driver_run, f->driver);
}

static void begin(struct fixture *f, void (*script)(struct fake_broker *broker))
{
	begin_with(f, FB_SIGN_IN, script);
}

static void dial(struct fixture *f)
{
	scene_expect(&f->scene, EII_FACT_QUEUE_DIALLED, scene_do(&f->scene, EII_ORDER_DIAL));
}

static void end(struct fixture *f)
{
	scene_stop(&f->scene);
	if (f->has_broker)
		fb_finish(&f->broker);
	eii_queue_driver_free(f->driver);
	eii_watchdog_free(f->watchdog);
	eii_registered_free(f->registered);
	scene_clear(&f->scene);
	(void)sem_destroy(&go_on);
}

static uint64_t send(struct fixture *f, enum eii_message_kind kind, struct eii_parcel *parcel)
{
	struct eii_order order = scene_order(&f->scene, EII_ORDER_SEND);
	struct eii_task *task;

	order.send.kind = kind;
	order.send.slot = 3;
	order.send.work_id = "work_1";
	task = eii_task_new(&order);
	if (parcel)
		task->parcel = eii_parcel_ref(parcel);
	eii_lane_post(f->scene.lane, task);
	eii_lane_hand_over(f->scene.lane);
	return order.number;
}

static void expect_outcome(struct fixture *f, uint64_t order, enum eii_outcome result,
			   uint16_t slot)
{
	EII_AUTO(eii_note) note = scene_take(&f->scene, EII_FACT_QUEUE_OUTCOME, order);

	assert_int_equal(note->fact.outcome.result, result);
	assert_int_equal(note->slot, slot);
}

static struct eii_parcel *parcel_of(const char *subject)
{
	struct eii_parcel *parcel = eii_parcel_new(7);
	struct eii_fields *fields = eii_fields_new();
	struct eii_report_source source = { .fields = fields, .uid = 7 };
	struct eii_report *report = NULL;
	struct eii_error err;

	fields->subject = eii_fields_keep(fields, eii_text_of(subject));
	eii_parcel_set_fields(parcel, fields);
	CHECK(eii_report_new(&report_settings, &source, &report, &err) == EII_OK, "%s", err.text);
	eii_parcel_set_report(parcel, report);
	return parcel;
}

/* ---- messages and their outcomes --------------------------------------- */

static void script_three(struct fake_broker *broker)
{
	struct fb_message message;

	for (int i = 0; i < 3; i++)
		fb_check(broker, fb_read_message(broker, &message), "no message");
	fb_check(broker, message.body_bytes == message.received, "not the announced bytes");
	fb_nack(broker, 2, false);
	fb_return(broker, "3", 5, 5);
	fb_ack(broker, 3, true);
	fb_drain(broker);
}

static void test_queue_driver__tells_each_message_s_outcome_by_its_order(void **state)
{
	struct eii_parcel *parcel = parcel_of("s");
	uint64_t author, marking, report;
	struct fixture f;

	(void)state;
	begin(&f, script_three);
	dial(&f);
	author = send(&f, EII_MESSAGE_AUTHOR, NULL);
	marking = send(&f, EII_MESSAGE_MARKING, NULL);
	report = send(&f, EII_MESSAGE_REPORT, parcel);
	/* The slot is dropped as soon as the message is ordered. */
	eii_parcel_unref(parcel);
	expect_outcome(&f, marking, EII_OUTCOME_NACKED, EII_NOTE_NO_SLOT);
	expect_outcome(&f, author, EII_OUTCOME_CONFIRMED, EII_NOTE_NO_SLOT);
	expect_outcome(&f, report, EII_OUTCOME_RETURNED, 3);
	assert_int_equal(f.scene.stats.n_published, 3);
	scene_expect(&f.scene, EII_FACT_QUEUE_HUNG_UP, scene_do(&f.scene, EII_ORDER_HANG_UP));
	end(&f);
}

/* ---- losses ------------------------------------------------------------ */

static void script_takes_one_and_goes(struct fake_broker *broker)
{
	struct fb_message message;

	fb_check(broker, fb_read_message(broker, &message), "no message");
	fb_ack(broker, 1, false);
	fb_close_connection(broker, 320, "CONNECTION_FORCED");
	fb_drain(broker);
}

/* Outcomes come before the loss; what was ordered before it was known has no answer. */
static void test_queue_driver__tells_a_loss_once_and_drops_what_was_ordered(void **state)
{
	struct fixture f;
	uint64_t author;

	(void)state;
	begin(&f, script_takes_one_and_goes);
	dial(&f);
	author = send(&f, EII_MESSAGE_AUTHOR, NULL);
	expect_outcome(&f, author, EII_OUTCOME_CONFIRMED, EII_NOTE_NO_SLOT);
	scene_expect_failure(&f.scene, EII_FACT_QUEUE_FAILED, 0, EII_FAILURE_PASSING);
	(void)send(&f, EII_MESSAGE_AUTHOR, NULL);
	scene_expect(&f.scene, EII_FACT_QUEUE_HUNG_UP, scene_do(&f.scene, EII_ORDER_HANG_UP));
	end(&f);
}

static void script_silent(struct fake_broker *broker)
{
	struct fb_message message;

	fb_check(broker, fb_read_message(broker, &message), "no message");
	fb_ack(broker, 1, false);
	fb_drain(broker);
}

static void test_queue_driver__a_cut_takes_the_connection(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, script_silent);
	dial(&f);
	expect_outcome(&f, send(&f, EII_MESSAGE_AUTHOR, NULL), EII_OUTCOME_CONFIRMED,
		       EII_NOTE_NO_SLOT);
	eii_lane_cut(f.scene.lane);
	scene_expect_failure(&f.scene, EII_FACT_QUEUE_FAILED, 0, EII_FAILURE_CUT);
	end(&f);
}

/* ---- a broker that asks to hold back ----------------------------------- */

static void send_blocked(struct fake_broker *broker)
{
	amqp_connection_blocked_t blocked = { .reason = amqp_cstring_bytes("low on disk") };

	fb_send(broker, 0, AMQP_CONNECTION_BLOCKED_METHOD, &blocked);
}

static void script_blocked(struct fake_broker *broker)
{
	amqp_connection_unblocked_t unblocked = { 0 };
	struct fb_message message;

	send_blocked(broker);
	(void)sem_wait(&go_on);
	fb_send(broker, 0, AMQP_CONNECTION_UNBLOCKED_METHOD, &unblocked);
	fb_check(broker, fb_read_message(broker, &message), "no message");
	fb_ack(broker, 1, false);
	fb_drain(broker);
}

static void test_queue_driver__what_is_ordered_waits_for_an_alarm_s_end(void **state)
{
	struct fixture f;
	uint64_t author;

	(void)state;
	begin(&f, script_blocked);
	dial(&f);
	scene_expect(&f.scene, EII_FACT_QUEUE_BLOCKED, 0);
	author = send(&f, EII_MESSAGE_AUTHOR, NULL);
	(void)sem_post(&go_on);
	scene_expect(&f.scene, EII_FACT_QUEUE_UNBLOCKED, 0);
	expect_outcome(&f, author, EII_OUTCOME_CONFIRMED, EII_NOTE_NO_SLOT);
	end(&f);
}

static void script_blocked_for_good(struct fake_broker *broker)
{
	struct fb_frame frame;

	send_blocked(broker);
	/* Nothing but the goodbye may come. */
	fb_check(broker, fb_expect(broker, AMQP_CONNECTION_CLOSE_METHOD, &frame), "no goodbye");
	fb_drain(broker);
}

static void test_queue_driver__what_waits_holds_up_no_hanging_up(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, script_blocked_for_good);
	dial(&f);
	scene_expect(&f.scene, EII_FACT_QUEUE_BLOCKED, 0);
	(void)send(&f, EII_MESSAGE_AUTHOR, NULL);
	(void)send(&f, EII_MESSAGE_MARKING, NULL);
	scene_expect(&f.scene, EII_FACT_QUEUE_HUNG_UP, scene_do(&f.scene, EII_ORDER_HANG_UP));
	assert_int_equal(f.scene.stats.n_published, 0);
	end(&f);
}

/* ---- dialling ---------------------------------------------------------- */

static void script_refuses(struct fake_broker *broker)
{
	fb_greet(broker);
	fb_close_connection(broker, 403, "ACCESS_REFUSED - no");
	fb_drain(broker);
}

static void test_queue_driver__tells_whose_fault_a_failed_dial_is(void **state)
{
	struct fixture f;

	(void)state;
	begin_with(&f, FB_BARE, script_refuses);
	scene_expect_failure(&f.scene, EII_FACT_QUEUE_FAILED, scene_do(&f.scene, EII_ORDER_DIAL),
			     EII_FAILURE_CREDENTIALS);
	end(&f);
}

/* The words of a dial that fails at the fixture's port, where nobody listens any more. */
static void assert_dial_says(struct fixture *f, const char *wanted, const char *unwanted)
{
	uint64_t order = scene_do(&f->scene, EII_ORDER_DIAL);
	EII_AUTO(eii_note) note = scene_take(&f->scene, EII_FACT_QUEUE_FAILED, order);

	CHECK(strstr(note->fact.failure.words, wanted), "%s", note->fact.failure.words);
	CHECK(!strstr(note->fact.failure.words, unwanted), "%s", note->fact.failure.words);
}

static void test_queue_driver__says_who_named_an_address_that_cannot_be_reached(void **state)
{
	struct fixture f;
	struct eii_features features = eii_features_newest();
	struct eii_registration told = { .mq_host = eii_strdup("127.0.0.1"),
					 .mq_user = eii_strdup("guest"),
					 .mq_password = eii_strdup("guest") };

	(void)state;
	begin_with(&f, FB_BARE, script_refuses);
	scene_expect_failure(&f.scene, EII_FACT_QUEUE_FAILED, scene_do(&f.scene, EII_ORDER_DIAL),
			     EII_FAILURE_CREDENTIALS);
	fb_finish(&f.broker);
	f.has_broker = false;
	assert_dial_says(&f, "onnection refused", "MQ_HOST");
	told.mq_port = f.broker.port;
	eii_registered_put(f.registered, &told, &features);
	f.settings.host = NULL;
	assert_dial_says(&f, "set MQ_HOST and MQ_PORT", "in progress");
	end(&f);
}

static void begun(void *arg)
{
	(void)sem_post(arg);
}

static void test_queue_driver__a_silent_name_server_holds_up_no_cut(void **state)
{
	struct fixture f;
	uint64_t order;

	(void)state;
	silent_names_watch(begun, &go_on);
	begin_with(&f, FB_BARE, NULL);
	order = scene_do(&f.scene, EII_ORDER_DIAL);
	(void)sem_wait(&go_on);
	eii_lane_cut(f.scene.lane);
	scene_expect_failure(&f.scene, EII_FACT_QUEUE_FAILED, order, EII_FAILURE_CUT);
	/* It was the cut that ended it: the look-up goes on. */
	silent_names_release();
	end(&f);
}

#define TEST(name) cmocka_unit_test(test_queue_driver__##name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tells_each_message_s_outcome_by_its_order),
		TEST(tells_a_loss_once_and_drops_what_was_ordered),
		TEST(a_cut_takes_the_connection),
		TEST(what_is_ordered_waits_for_an_alarm_s_end),
		TEST(what_waits_holds_up_no_hanging_up),
		TEST(tells_whose_fault_a_failed_dial_is),
		TEST(says_who_named_an_address_that_cannot_be_reached),
		TEST(a_silent_name_server_holds_up_no_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
