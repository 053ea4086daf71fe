/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/amqp/publisher.h"

#include <poll.h>
#include <stdatomic.h>

#include "eii/base/clock.h"
#include "publisher_private.h"
#include "publishing.h"
#include "support.h"

/* ---- back-pressure and hangs ------------------------------------------- */

static void script_blocked(struct fake_broker *broker)
{
	amqp_connection_blocked_t blocked = { .reason = amqp_cstring_bytes("low on memory") };
	amqp_connection_unblocked_t unblocked = { 0 };
	struct fb_message message;

	fb_check(broker, fb_read_message(broker, &message), "no message");
	fb_send(broker, 0, AMQP_CONNECTION_BLOCKED_METHOD, &blocked);
	fb_ack(broker, 1, false);
	fb_send(broker, 0, AMQP_CONNECTION_UNBLOCKED_METHOD, &unblocked);
	fb_check(broker, fb_read_message(broker, &message), "no second message");
	fb_ack(broker, 2, false);
	fb_drain(broker);
}

static void script_blocked_for_good(struct fake_broker *broker)
{
	amqp_connection_blocked_t blocked = { .reason = amqp_cstring_bytes("low on\ndisk\xff") };
	struct fb_message message;

	fb_check(broker, fb_read_message(broker, &message), "no message");
	fb_send(broker, 0, AMQP_CONNECTION_BLOCKED_METHOD, &blocked);
	fb_ack(broker, 1, false);
	fb_drain(broker);
}

static void test_publisher_pressure__shows_and_waits_out_a_block(void **state)
{
	struct fake_broker broker;
	EII_AUTO(eii_publisher) publisher = NULL;

	(void)state;
	fb_start(&broker, FB_SIGN_IN, script_blocked);
	publisher = opened(&broker);
	send_ok(publisher, 1, 5);
	send_ok(publisher, 2, 5); /* sees the block or its end, waits where it must */
	expect(publisher, 1, EII_PUBLISH_ACKED);
	expect(publisher, 2, EII_PUBLISH_ACKED);
	assert_false(eii_publisher_is_blocked(publisher));
	eii_publisher_free(EII_DETACH(publisher));
	fb_finish(&broker);
}

static void test_publisher_pressure__a_stop_ends_waiting_for_an_unblock(void **state)
{
	EII_AUTO(eii_stop) stop = eii_stop_new();
	struct body body = { .n_bytes = 5, .step = 5 };
	struct fake_broker broker;
	EII_AUTO(eii_publisher) publisher = NULL;
	struct eii_error err = { 0 };

	(void)state;
	fb_start(&broker, FB_SIGN_IN, script_blocked_for_good);
	assert_int_equal(open_to(&broker, NULL, stop, &publisher, &err), EII_OK);
	send_ok(publisher, 1, 5);
	expect(publisher, 1, EII_PUBLISH_ACKED);
	assert_true(eii_publisher_is_blocked(publisher));
	/* A stranger's words are one line, and UTF-8. */
	assert_string_equal(eii_publisher_block_reason(publisher), "low on?disk?");
	assert_false(eii_publisher_can_send(publisher, 1));
	eii_stop_request(stop);
	assert_int_equal(send_sized(publisher, 2, 5, body, &err), EII_RETRY);
	assert_int_equal(err.kind, EII_ERROR_STOPPED);
	eii_publisher_free(EII_DETACH(publisher));
	fb_finish(&broker);
}

static void script_small_first(struct fake_broker *broker)
{
	struct fb_message message;

	fb_check(broker, fb_read_message(broker, &message), "no message");
	fb_check(broker, message.body_bytes == 5, "the large body did not wait");
	fb_ack(broker, 1, false);
	fb_check(broker, fb_read_message(broker, &message), "no second message");
	fb_ack(broker, 2, false);
	fb_drain(broker);
}

static void test_publisher_pressure__a_large_body_waits_for_a_first_confirm(void **state)
{
	struct fake_broker broker;
	EII_AUTO(eii_publisher) publisher = NULL;

	(void)state;
	fb_start(&broker, FB_SIGN_IN, script_small_first);
	publisher = opened(&broker);
	assert_true(eii_publisher_can_send(publisher, EII_PUBLISHER_LARGE_BODY + 1));
	send_ok(publisher, 1, 5);
	assert_true(eii_publisher_can_send(publisher, EII_PUBLISHER_LARGE_BODY));
	if (eii_publisher_n_unconfirmed(publisher))
		assert_false(eii_publisher_can_send(publisher, EII_PUBLISHER_LARGE_BODY + 1));
	send_ok(publisher, 2, EII_PUBLISHER_LARGE_BODY + 1);
	/* The wait has read the first one's confirm before the second one left. */
	expect(publisher, 1, EII_PUBLISH_ACKED);
	expect(publisher, 2, EII_PUBLISH_ACKED);
	assert_true(eii_publisher_can_send(publisher, EII_PUBLISHER_LARGE_BODY + 1));
	eii_publisher_free(EII_DETACH(publisher));
	fb_finish(&broker);
}

static void test_publisher_pressure__a_stop_cuts_a_send_that_hangs(void **state)
{
	EII_AUTO(eii_stop) stop = eii_stop_new();
	EII_AUTO(eii_watchdog) dog = eii_watchdog_new(stop);
	struct body body = { .n_bytes = 60000000, .step = 70000 };
	int64_t began_ms;
	struct fake_broker broker;
	EII_AUTO(eii_publisher) publisher = NULL;
	struct eii_error err = { 0 };
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, eii_watchdog_run, dog), 0);
	fb_start(&broker, FB_SIGN_IN, fb_hang);
	assert_int_equal(open_to(&broker, dog, stop, &publisher, &err), EII_OK);
	eii_stop_request(stop);
	began_ms = eii_clock_monotonic_ms();
	assert_int_equal(send_sized(publisher, 1, 60000000, body, &err), EII_RETRY);
	assert_int_equal(err.kind, EII_ERROR_STOPPED);
	/* The stop cut it, not the end of a send's own time. */
	CHECK(eii_clock_monotonic_ms() - began_ms < EII_AMQP_SEND_BUDGET_MS, "took too long");
	eii_publisher_free(EII_DETACH(publisher));
	eii_watchdog_quit(dog);
	(void)pthread_join(thread, NULL);
	fb_finish(&broker);
}

static void test_publisher_pressure__a_stop_cuts_a_silent_sign_in(void **state)
{
	EII_AUTO(eii_stop) stop = eii_stop_new();
	EII_AUTO(eii_watchdog) dog = eii_watchdog_new(stop);
	struct fake_broker broker;
	struct eii_publisher *publisher = NULL;
	int64_t began_ms;
	struct eii_error err = { 0 };
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, eii_watchdog_run, dog), 0);
	fb_start(&broker, FB_BARE, fb_hang);
	eii_stop_request(stop);
	began_ms = eii_clock_monotonic_ms();
	assert_int_equal(open_to(&broker, dog, stop, &publisher, &err), EII_RETRY);
	assert_int_equal(err.kind, EII_ERROR_STOPPED);
	assert_null(publisher);
	CHECK(eii_clock_monotonic_ms() - began_ms < EII_PUBLISHER_CONNECT_TIMEOUT_MS,
	      "took too long");
	eii_watchdog_quit(dog);
	(void)pthread_join(thread, NULL);
	fb_finish(&broker);
}

#define HEARTBEATS  3
#define HEARTBEAT_S 1

static atomic_int n_heard;

/* Its own heartbeats come so often that no pause of this thread looks like silence. */
static void play_heartbeats(struct fake_broker *broker)
{
	struct fb_frame frame;

	fb_sign_in(broker, HEARTBEAT_S);
	while (atomic_load(&n_heard) < HEARTBEATS && !broker->has_failed) {
		struct pollfd fd = { .fd = broker->fd, .events = POLLIN };

		fb_send_raw(broker, "\x08\0\0\0\0\0\0\xce", 8);
		if (poll(&fd, 1, 100) == 0)
			continue;
		fb_check(broker, fb_read_frame(broker, &frame), "connection lost");
		fb_check(broker, frame.type == AMQP_FRAME_HEARTBEAT, "no heartbeat");
		atomic_fetch_add(&n_heard, 1);
	}
	fb_drain(broker);
}

/* Pumps as told by pump_due until the connection goes or the broker has heard n heartbeats. */
static enum eii_rc idle(struct eii_publisher *publisher, int n, struct eii_error *err)
{
	int64_t end_ms = eii_clock_monotonic_ms() + PATIENCE_MS;
	enum eii_rc rc = EII_OK;

	while (!rc && atomic_load(&n_heard) < n && eii_clock_monotonic_ms() < end_ms) {
		struct pollfd fd = { .fd = eii_publisher_fd(publisher), .events = POLLIN };
		int64_t due_ms = eii_publisher_pump_due_ms(publisher);

		(void)poll(&fd, 1, eii_clock_left_ms(due_ms < end_ms ? due_ms : end_ms));
		rc = eii_publisher_pump(publisher, err);
	}
	return rc;
}

static void test_publisher_pressure__an_idle_connection_is_kept_by_heartbeats(void **state)
{
	struct fake_broker broker;
	EII_AUTO(eii_publisher) publisher = NULL;
	struct eii_error err = { 0 };

	(void)state;
	atomic_store(&n_heard, 0);
	fb_start(&broker, FB_BARE, play_heartbeats);
	publisher = opened(&broker);
	assert_int_equal(idle(publisher, HEARTBEATS, &err), EII_OK);
	assert_int_equal(atomic_load(&n_heard), HEARTBEATS);
	eii_publisher_free(EII_DETACH(publisher));
	fb_finish(&broker);
}

static void play_silent(struct fake_broker *broker)
{
	fb_sign_in(broker, 1);
	fb_drain(broker);
}

static void test_publisher_pressure__a_silent_broker_is_given_up(void **state)
{
	struct fake_broker broker;
	EII_AUTO(eii_publisher) publisher = NULL;
	struct eii_error err = { 0 };

	(void)state;
	atomic_store(&n_heard, 0);
	fb_start(&broker, FB_BARE, play_silent);
	publisher = opened(&broker);
	assert_int_equal(idle(publisher, HEARTBEATS, &err), EII_RETRY);
	assert_int_equal(err.kind, EII_ERROR_UNREACHABLE);
	assert_non_null(strstr(err.text, "eartbeat"));
	eii_publisher_free(EII_DETACH(publisher));
	fb_finish(&broker);
}

static void script_close(struct fake_broker *broker)
{
	amqp_connection_close_ok_t ok = { 0 };

	fb_check(broker, fb_expect(broker, AMQP_CONNECTION_CLOSE_METHOD, NULL), "no goodbye");
	fb_send(broker, 0, AMQP_CONNECTION_CLOSE_OK_METHOD, &ok);
	fb_drain(broker);
}

static void test_publisher_pressure__says_goodbye_and_does_not_wait_for_ever(void **state)
{
	static void (*const scripts[])(struct fake_broker *) = { script_close, fb_drain };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		struct fake_broker broker;
		struct eii_publisher *publisher;
		int64_t began_ms;

		fb_start(&broker, FB_SIGN_IN, scripts[i]);
		publisher = opened(&broker);
		began_ms = eii_clock_monotonic_ms();
		eii_publisher_close(publisher, 200);
		CHECK(eii_clock_monotonic_ms() - began_ms < EII_PUBLISHER_CONNECT_TIMEOUT_MS,
		      "case %zu took too long", i);
		fb_finish(&broker);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_publisher_pressure__shows_and_waits_out_a_block),
		cmocka_unit_test(test_publisher_pressure__a_stop_ends_waiting_for_an_unblock),
		cmocka_unit_test(test_publisher_pressure__a_large_body_waits_for_a_first_confirm),
		cmocka_unit_test(test_publisher_pressure__a_stop_cuts_a_send_that_hangs),
		cmocka_unit_test(test_publisher_pressure__a_stop_cuts_a_silent_sign_in),
		cmocka_unit_test(test_publisher_pressure__an_idle_connection_is_kept_by_heartbeats),
		cmocka_unit_test(test_publisher_pressure__a_silent_broker_is_given_up),
		cmocka_unit_test(test_publisher_pressure__says_goodbye_and_does_not_wait_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
