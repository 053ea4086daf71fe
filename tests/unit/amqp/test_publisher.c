/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/amqp/publisher.h"

#include <poll.h>

#include "eii/amqp/watchdog.h"
#include "eii/base/clock.h"
#include "fake_broker.h"
#include "support.h"

#define PATIENCE_MS 10000

/* ---- the connector's side ---------------------------------------------- */

struct body {
	uint64_t n_bytes; /* to write */
	size_t step;      /* per call of the sink */
	enum eii_rc fails_at_end;
};

static enum eii_rc write_body(void *arg, struct eii_sink *sink, struct eii_error *err)
{
	static const char bytes[70000] = { 1 };
	const struct body *body = arg;

	for (uint64_t left = body->n_bytes; left > 0;) {
		size_t n = left < body->step ? (size_t)left : body->step;
		enum eii_rc rc = eii_sink_write(sink, bytes, n, err);

		if (rc)
			return rc;
		left -= n;
	}
	return body->fails_at_end ? eii_fail(err, body->fails_at_end, "no more") : EII_OK;
}

static enum eii_rc send_sized(struct eii_publisher *publisher, uint64_t number, uint64_t announced,
			      struct body body, struct eii_error *err)
{
	struct eii_publication publication = { .exchange = "amqp.worker.exchange",
					       .routing_key = "push_routing_x",
					       .number = number,
					       .body_bytes = announced,
					       .write = write_body,
					       .arg = &body };

	return eii_publisher_send(publisher, &publication, err);
}

static void send_ok(struct eii_publisher *publisher, uint64_t number, uint64_t n_bytes)
{
	struct body body = { .n_bytes = n_bytes, .step = 70000 };
	struct eii_error err = { 0 };
	enum eii_rc rc = send_sized(publisher, number, n_bytes, body, &err);

	CHECK(rc == EII_OK, "send gave %d: %s", rc, err.text);
}

static enum eii_rc open_to(const struct fake_broker *broker, struct eii_watchdog *dog,
			   const struct eii_stop *stop, struct eii_publisher **out,
			   struct eii_error *err)
{
	struct eii_publisher_options options = { .host = "127.0.0.1",
						 .port = broker->port,
						 .user = "guest",
						 .password = "secret-word",
						 .stop = stop,
						 .watchdog = dog };

	return eii_publisher_open(&options, out, err);
}

static struct eii_publisher *opened(const struct fake_broker *broker)
{
	struct eii_publisher *publisher = NULL;
	struct eii_error err = { 0 };
	enum eii_rc rc = open_to(broker, NULL, NULL, &publisher, &err);

	CHECK(rc == EII_OK, "open gave %d: %s", rc, err.text);
	return publisher;
}

/* As ingest does it: poll, pump, take. False (and err) where the connection went. */
static bool next_outcome(struct eii_publisher *publisher, struct eii_publish_outcome *out,
			 struct eii_error *err)
{
	int64_t deadline_ms = eii_clock_monotonic_ms() + PATIENCE_MS;

	while (!eii_publisher_next_outcome(publisher, out)) {
		struct pollfd fd = { .fd = eii_publisher_fd(publisher), .events = POLLIN };

		CHECK(eii_clock_monotonic_ms() < deadline_ms, "no outcome");
		(void)poll(&fd, 1, 100);
		if (eii_publisher_pump(publisher, err))
			return eii_publisher_next_outcome(publisher, out);
	}
	return true;
}

static void expect(struct eii_publisher *publisher, uint64_t number, enum eii_publish_result result)
{
	struct eii_publish_outcome outcome = { 0 };
	struct eii_error err = { 0 };

	CHECK(next_outcome(publisher, &outcome, &err), "lost: %s", err.text);
	CHECK(outcome.number == number && outcome.result == result, "%d ended as %d",
	      (int)outcome.number, (int)outcome.result);
}

static void expect_lost(struct eii_publisher *publisher, struct eii_error *err)
{
	struct eii_publish_outcome outcome;

	assert_false(next_outcome(publisher, &outcome, err));
	assert_int_equal(eii_publisher_fd(publisher), -1);
	assert_int_equal(eii_publisher_pump(publisher, err), EII_RETRY);
}

/* ---- confirms ---------------------------------------------------------- */

static void script_acks(struct fake_broker *broker)
{
	struct fb_message message;

	for (int i = 1; i <= 5; i++) {
		char id[8];

		fb_check(broker, fb_read_message(broker, &message), "no message");
		(void)snprintf(id, sizeof(id), "%d", 100 + i);
		fb_check(broker, !strcmp(message.message_id, id), "wrong message_id");
		fb_check(broker, message.is_mandatory, "not mandatory");
		fb_check(broker, message.delivery_mode == 2, "not persistent");
		fb_check(broker, !strcmp(message.content_encoding, "utf-8"), "wrong encoding");
	}
	fb_ack(broker, 2, false);
	fb_nack(broker, 3, false);
	fb_ack(broker, 4, true);
	fb_ack(broker, 5, false);
	fb_drain(broker);
}

static void test_publisher__tells_acks_and_nacks_in_any_order(void **state)
{
	struct fake_broker broker;
	EII_AUTO(eii_publisher) publisher = NULL;

	(void)state;
	fb_start(&broker, FB_SIGN_IN, script_acks);
	publisher = opened(&broker);
	for (uint64_t i = 1; i <= 5; i++)
		send_ok(publisher, 100 + i, 10 * i);
	expect(publisher, 102, EII_PUBLISH_ACKED);
	expect(publisher, 103, EII_PUBLISH_NACKED);
	expect(publisher, 101, EII_PUBLISH_ACKED);
	expect(publisher, 104, EII_PUBLISH_ACKED);
	expect(publisher, 105, EII_PUBLISH_ACKED);
	assert_int_equal(eii_publisher_n_unconfirmed(publisher), 0);
	eii_publisher_free(EII_DETACH(publisher));
	fb_finish(&broker);
}

static void script_returns(struct fake_broker *broker)
{
	struct fb_message message;

	for (int i = 0; i < 4; i++)
		fb_check(broker, fb_read_message(broker, &message), "no message");
	fb_return(broker, "2", 100000, 60000);
	fb_ack(broker, 2, false);
	fb_return(broker, "3", 0, 1);
	fb_return(broker, "not a number", 5, 5);
	fb_return(broker, "77", 5, 5);
	fb_ack(broker, 4, true);
	fb_drain(broker);
}

static void test_publisher__names_returned_messages(void **state)
{
	struct fake_broker broker;
	EII_AUTO(eii_publisher) publisher = NULL;

	(void)state;
	fb_start(&broker, FB_SIGN_IN, script_returns);
	publisher = opened(&broker);
	for (uint64_t i = 1; i <= 4; i++)
		send_ok(publisher, i, 1);
	expect(publisher, 2, EII_PUBLISH_RETURNED);
	expect(publisher, 1, EII_PUBLISH_ACKED);
	expect(publisher, 3, EII_PUBLISH_RETURNED);
	expect(publisher, 4, EII_PUBLISH_ACKED);
	eii_publisher_free(EII_DETACH(publisher));
	fb_finish(&broker);
}

/* ---- bodies ------------------------------------------------------------ */

static const uint64_t body_sizes[] = { 1, 131063, 131064, 131065, 262127, 262128, 262129, 1000000 };

static void script_bodies(struct fake_broker *broker)
{
	for (size_t i = 0; i < ARRAY_LEN(body_sizes); i++) {
		uint64_t size = body_sizes[i];
		struct fb_message message;

		fb_check(broker, fb_read_message(broker, &message), "no message");
		fb_check(broker, message.body_bytes == size, "wrong size");
		fb_check(broker, message.received == size, "other bytes than announced");
		fb_check(broker, message.n_body_frames == (size + 131063) / 131064,
			 "frames are not filled");
		fb_check(broker, message.largest_frame <= 131064, "frame over frame_max");
		/* Each write of 70000 bytes begins with a 1, the rest are zeros. */
		fb_check(broker, message.sum == (size + 69999) / 70000, "wrong bytes");
		fb_ack(broker, i + 1, false);
	}
	fb_drain(broker);
}

static void test_publisher__fills_frames_at_every_boundary(void **state)
{
	struct fake_broker broker;
	EII_AUTO(eii_publisher) publisher = NULL;

	(void)state;
	fb_start(&broker, FB_SIGN_IN, script_bodies);
	publisher = opened(&broker);
	for (size_t i = 0; i < ARRAY_LEN(body_sizes); i++)
		send_ok(publisher, i, body_sizes[i]);
	for (size_t i = 0; i < ARRAY_LEN(body_sizes); i++)
		expect(publisher, i, EII_PUBLISH_ACKED);
	eii_publisher_free(EII_DETACH(publisher));
	fb_finish(&broker);
}

static void script_one_then_drain(struct fake_broker *broker)
{
	struct fb_message message;

	fb_check(broker, fb_read_message(broker, &message), "no message");
	fb_ack(broker, 1, false);
	fb_drain(broker);
}

static void test_publisher__a_writer_that_fails_early_costs_nothing(void **state)
{
	static const struct {
		uint64_t announced;
		struct body body;
		const char *text;
	} cases[] = {
		{ 100,
		  { .n_bytes = 99, .step = 50 },
		  "message not written: the message is shorter" },
		{ 100,
		  { .n_bytes = 101, .step = 50 },
		  "message not written: the message is longer" },
		{ 100, { .n_bytes = 100, .step = 50, .fails_at_end = EII_REJECT }, "no more" },
		{ 131064, { .n_bytes = 131065, .step = 70000 }, "the message is longer" },
	};
	struct fake_broker broker;
	EII_AUTO(eii_publisher) publisher = NULL;

	(void)state;
	fb_start(&broker, FB_SIGN_IN, script_one_then_drain);
	publisher = opened(&broker);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_error err = { 0 };

		CHECK(send_sized(publisher, i, cases[i].announced, cases[i].body, &err) ==
			      EII_REJECT,
		      "case %zu", i);
		CHECK(strstr(err.text, cases[i].text), "case %zu: %s", i, err.text);
		assert_int_equal(eii_publisher_n_unconfirmed(publisher), 0);
	}
	send_ok(publisher, 9, 100);
	expect(publisher, 9, EII_PUBLISH_ACKED);
	eii_publisher_free(EII_DETACH(publisher));
	fb_finish(&broker);
}

static void test_publisher__a_writer_that_fails_half_way_ends_the_connection(void **state)
{
	struct body body = { .n_bytes = 500000, .step = 70000, .fails_at_end = EII_REJECT };
	struct fake_broker broker;
	EII_AUTO(eii_publisher) publisher = NULL;
	struct eii_error err = { 0 };

	(void)state;
	fb_start(&broker, FB_SIGN_IN, fb_drain);
	publisher = opened(&broker);
	assert_int_equal(send_sized(publisher, 1, 500000, body, &err), EII_RETRY);
	assert_non_null(strstr(err.text, "broken off"));
	assert_int_equal(eii_publisher_fd(publisher), -1);
	eii_publisher_free(EII_DETACH(publisher));
	fb_finish(&broker);
}

/* ---- refusals of the broker -------------------------------------------- */

static void script_too_large(struct fake_broker *broker)
{
	struct fb_message message;

	for (int i = 0; i < 3; i++)
		fb_check(broker, fb_read_message(broker, &message), "no message");
	fb_ack(broker, 1, false);
	fb_close_channel(broker, AMQP_PRECONDITION_FAILED,
			 "PRECONDITION_FAILED - message size 2000 is larger than configured max "
			 "size 1500");
	fb_check(broker, fb_expect(broker, AMQP_CHANNEL_CLOSE_OK_METHOD, NULL), "no close-ok");
	fb_drain(broker);
}

static void test_publisher__names_the_message_over_the_limit(void **state)
{
	struct fake_broker broker;
	EII_AUTO(eii_publisher) publisher = NULL;
	struct eii_publish_outcome outcome;
	struct eii_error err = { 0 };

	(void)state;
	fb_start(&broker, FB_SIGN_IN, script_too_large);
	publisher = opened(&broker);
	send_ok(publisher, 1, 1000);
	send_ok(publisher, 2, 2000);
	send_ok(publisher, 3, 1200);
	expect(publisher, 1, EII_PUBLISH_ACKED);
	assert_true(next_outcome(publisher, &outcome, &err));
	assert_int_equal(outcome.number, 2);
	assert_int_equal(outcome.result, EII_PUBLISH_TOO_LARGE);
	assert_int_equal(outcome.limit_bytes, 1500);
	assert_non_null(strstr(err.text, "MQ_MAX_MESSAGE_BYTES"));
	expect_lost(publisher, &err);
	assert_int_equal(eii_publisher_n_unconfirmed(publisher), 1);
	eii_publisher_free(EII_DETACH(publisher));
	fb_finish(&broker);
}

static void script_no_exchange(struct fake_broker *broker)
{
	struct fb_message message;

	fb_check(broker, fb_read_message(broker, &message), "no message");
	fb_close_channel(broker, AMQP_NOT_FOUND,
			 "NOT_FOUND - no exchange 'amqp.worker.exchange' in vhost '/'");
	fb_drain(broker);
}

static void test_publisher__an_absent_exchange_returns_what_is_open(void **state)
{
	struct fake_broker broker;
	EII_AUTO(eii_publisher) publisher = NULL;
	struct eii_publish_outcome outcome;
	struct eii_error err = { 0 };

	(void)state;
	fb_start(&broker, FB_SIGN_IN, script_no_exchange);
	publisher = opened(&broker);
	send_ok(publisher, 5, 10);
	assert_true(next_outcome(publisher, &outcome, &err));
	assert_int_equal(outcome.number, 5);
	assert_int_equal(outcome.result, EII_PUBLISH_RETURNED);
	assert_non_null(strstr(err.text, "no exchange 'amqp.worker.exchange'"));
	expect_lost(publisher, &err);
	eii_publisher_free(EII_DETACH(publisher));
	fb_finish(&broker);
}

static void script_shutdown(struct fake_broker *broker)
{
	fb_close_connection(broker, AMQP_CONNECTION_FORCED,
			    "CONNECTION_FORCED - broker forced connection closure with reason "
			    "'shutdown'");
	fb_check(broker, fb_expect(broker, AMQP_CONNECTION_CLOSE_OK_METHOD, NULL), "no close-ok");
}

static void script_out_of_step(struct fake_broker *broker)
{
	fb_ack(broker, 9, true);
	fb_drain(broker);
}

static void script_gone(struct fake_broker *broker)
{
	(void)broker;
}

static void script_garbage(struct fake_broker *broker)
{
	fb_send_raw(broker, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
	fb_drain(broker);
}

static void test_publisher__says_how_the_connection_was_lost(void **state)
{
	static const struct {
		void (*script)(struct fake_broker *broker);
		const char *text;
	} cases[] = {
		{ script_shutdown, "closed the connection: 320 CONNECTION_FORCED" },
		{ script_out_of_step, "the broker confirmed message 9 of 0" },
		{ script_gone, "connection lost" },
		{ script_garbage, "connection lost" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fake_broker broker;
		EII_AUTO(eii_publisher) publisher = NULL;
		struct eii_publish_outcome outcome;
		struct eii_error err = { 0 };

		fb_start(&broker, FB_SIGN_IN, cases[i].script);
		publisher = opened(&broker);
		CHECK(!next_outcome(publisher, &outcome, &err), "case %zu", i);
		CHECK(strstr(err.text, cases[i].text), "case %zu: %s", i, err.text);
		expect_lost(publisher, &err);
		eii_publisher_free(EII_DETACH(publisher));
		fb_finish(&broker);
	}
}

/* ---- sign-in ----------------------------------------------------------- */

static void script_wrong_password(struct fake_broker *broker)
{
	fb_greet(broker);
	fb_close_connection(broker, AMQP_ACCESS_REFUSED,
			    "ACCESS_REFUSED - Login was refused using authentication mechanism "
			    "PLAIN.");
	fb_drain(broker);
}

static void open_vhost_as(struct fake_broker *broker, uint16_t code, const char *text)
{
	amqp_connection_tune_t tune = { .channel_max = 9, .frame_max = 131072 };

	fb_greet(broker);
	fb_send(broker, 0, AMQP_CONNECTION_TUNE_METHOD, &tune);
	fb_check(broker, fb_expect(broker, AMQP_CONNECTION_TUNE_OK_METHOD, NULL), "no tune-ok");
	fb_check(broker, fb_expect(broker, AMQP_CONNECTION_OPEN_METHOD, NULL), "no open");
	fb_close_connection(broker, code, text);
	fb_drain(broker);
}

static void script_no_vhost(struct fake_broker *broker)
{
	open_vhost_as(broker, AMQP_NOT_ALLOWED, "NOT_ALLOWED - vhost / not found");
}

static void script_no_rights(struct fake_broker *broker)
{
	open_vhost_as(broker, AMQP_NOT_ALLOWED,
		      "NOT_ALLOWED - access to vhost '/' refused for user 'guest'");
}

static void script_limit(struct fake_broker *broker)
{
	open_vhost_as(broker, AMQP_NOT_ALLOWED,
		      "NOT_ALLOWED - access to vhost '/' refused for user 'guest': connection "
		      "limit (1) is reached");
}

static void test_publisher__sorts_refused_sign_ins(void **state)
{
	static const struct {
		void (*script)(struct fake_broker *broker);
		enum eii_rc rc;
		enum eii_error_kind kind;
		const char *text;
	} cases[] = {
		{ script_wrong_password, EII_FATAL, EII_ERROR_CREDENTIALS, "MQ_PASS" },
		{ script_no_vhost, EII_FATAL, EII_ERROR_CONFIG,
		  "vhost / not found; check MQ_VHOST" },
		{ script_no_rights, EII_FATAL, EII_ERROR_CREDENTIALS, "give the user rights" },
		{ script_limit, EII_RETRY, EII_ERROR_OTHER, "limit (1) is reached" },
		{ script_gone, EII_RETRY, EII_ERROR_UNREACHABLE, "sign-in" },
		{ script_garbage, EII_RETRY, EII_ERROR_UNREACHABLE, "sign-in" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fake_broker broker;
		struct eii_publisher *publisher = NULL;
		struct eii_error err = { 0 };
		enum eii_rc rc;

		fb_start(&broker, FB_BARE, cases[i].script);
		rc = open_to(&broker, NULL, NULL, &publisher, &err);
		CHECK(rc == cases[i].rc && err.kind == cases[i].kind, "case %zu gave %d/%d: %s", i,
		      rc, err.kind, err.text);
		CHECK(strstr(err.text, cases[i].text), "case %zu: %s", i, err.text);
		CHECK(!strstr(err.text, "secret-word"), "case %zu tells the password", i);
		CHECK(!publisher, "case %zu wrote its output", i);
		fb_finish(&broker);
	}
}

static void test_publisher__nobody_listens(void **state)
{
	struct fake_broker broker;
	struct eii_publisher *publisher = NULL;
	struct eii_error err = { 0 };

	(void)state;
	fb_start(&broker, FB_BARE, NULL);
	fb_finish(&broker);
	assert_int_equal(open_to(&broker, NULL, NULL, &publisher, &err), EII_RETRY);
	assert_int_equal(err.kind, EII_ERROR_UNREACHABLE);
	assert_non_null(strstr(err.text, "connect: "));
	assert_null(publisher);
}

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
	amqp_connection_blocked_t blocked = { .reason = amqp_cstring_bytes("low on disk") };
	struct fb_message message;

	fb_check(broker, fb_read_message(broker, &message), "no message");
	fb_send(broker, 0, AMQP_CONNECTION_BLOCKED_METHOD, &blocked);
	fb_ack(broker, 1, false);
	fb_drain(broker);
}

static void test_publisher__shows_and_waits_out_a_block(void **state)
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

static void test_publisher__a_stop_ends_waiting_for_an_unblock(void **state)
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
	assert_string_equal(eii_publisher_block_reason(publisher), "low on disk");
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

static void test_publisher__a_large_body_waits_for_a_first_confirm(void **state)
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

static void test_publisher__a_stop_cuts_a_send_that_hangs(void **state)
{
	EII_AUTO(eii_stop) stop = eii_stop_new();
	EII_AUTO(eii_watchdog) dog = eii_watchdog_new(stop);
	struct body body = { .n_bytes = 60000000, .step = 70000 };
	int64_t began_ms = eii_clock_monotonic_ms();
	struct fake_broker broker;
	EII_AUTO(eii_publisher) publisher = NULL;
	struct eii_error err = { 0 };
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, eii_watchdog_run, dog), 0);
	fb_start(&broker, FB_SIGN_IN, fb_hang);
	assert_int_equal(open_to(&broker, dog, stop, &publisher, &err), EII_OK);
	eii_stop_request(stop);
	assert_int_equal(send_sized(publisher, 1, 60000000, body, &err), EII_RETRY);
	assert_int_equal(err.kind, EII_ERROR_STOPPED);
	CHECK(eii_clock_monotonic_ms() - began_ms < 8000, "took too long");
	eii_publisher_free(EII_DETACH(publisher));
	eii_watchdog_quit(dog);
	(void)pthread_join(thread, NULL);
	fb_finish(&broker);
}

static void test_publisher__a_stop_cuts_a_silent_sign_in(void **state)
{
	EII_AUTO(eii_stop) stop = eii_stop_new();
	EII_AUTO(eii_watchdog) dog = eii_watchdog_new(stop);
	int64_t began_ms = eii_clock_monotonic_ms();
	struct fake_broker broker;
	struct eii_publisher *publisher = NULL;
	struct eii_error err = { 0 };
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, eii_watchdog_run, dog), 0);
	fb_start(&broker, FB_BARE, fb_hang);
	eii_stop_request(stop);
	assert_int_equal(open_to(&broker, dog, stop, &publisher, &err), EII_RETRY);
	assert_int_equal(err.kind, EII_ERROR_STOPPED);
	assert_null(publisher);
	CHECK(eii_clock_monotonic_ms() - began_ms < 5000, "took too long");
	eii_watchdog_quit(dog);
	(void)pthread_join(thread, NULL);
	fb_finish(&broker);
}

static void play_heartbeats(struct fake_broker *broker)
{
	struct fb_frame frame;

	fb_sign_in(broker, 1);
	for (int n = 0; n < 2; n++) {
		fb_check(broker, fb_read_frame(broker, &frame), "connection lost");
		fb_check(broker, frame.type == AMQP_FRAME_HEARTBEAT, "no heartbeat");
		fb_send_raw(broker, "\x08\0\0\0\0\0\0\xce", 8);
	}
	fb_drain(broker);
}

/* Pumps as told by pump_due until the connection says something or goes. */
static enum eii_rc idle(struct eii_publisher *publisher, int64_t for_ms, struct eii_error *err)
{
	int64_t end_ms = eii_clock_monotonic_ms() + for_ms;
	enum eii_rc rc = EII_OK;

	while (!rc && eii_clock_monotonic_ms() < end_ms) {
		struct pollfd fd = { .fd = eii_publisher_fd(publisher), .events = POLLIN };
		int64_t due_ms = eii_publisher_pump_due_ms(publisher);

		(void)poll(&fd, 1, eii_clock_left_ms(due_ms < end_ms ? due_ms : end_ms));
		rc = eii_publisher_pump(publisher, err);
	}
	return rc;
}

static void test_publisher__an_idle_connection_is_kept_by_heartbeats(void **state)
{
	struct fake_broker broker;
	EII_AUTO(eii_publisher) publisher = NULL;
	struct eii_error err = { 0 };

	(void)state;
	fb_start(&broker, FB_BARE, play_heartbeats);
	publisher = opened(&broker);
	assert_int_equal(idle(publisher, 2600, &err), EII_OK);
	eii_publisher_free(EII_DETACH(publisher));
	fb_finish(&broker);
}

static void play_silent(struct fake_broker *broker)
{
	fb_sign_in(broker, 1);
	fb_drain(broker);
}

static void test_publisher__a_silent_broker_is_given_up(void **state)
{
	struct fake_broker broker;
	EII_AUTO(eii_publisher) publisher = NULL;
	struct eii_error err = { 0 };

	(void)state;
	fb_start(&broker, FB_BARE, play_silent);
	publisher = opened(&broker);
	assert_int_equal(idle(publisher, PATIENCE_MS, &err), EII_RETRY);
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

static void test_publisher__says_goodbye_and_does_not_wait_for_ever(void **state)
{
	static void (*const scripts[])(struct fake_broker *) = { script_close, fb_drain };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		int64_t began_ms = eii_clock_monotonic_ms();
		struct fake_broker broker;

		fb_start(&broker, FB_SIGN_IN, scripts[i]);
		eii_publisher_close(opened(&broker), 200);
		CHECK(eii_clock_monotonic_ms() - began_ms < 5000, "case %zu took too long", i);
		fb_finish(&broker);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_publisher__tells_acks_and_nacks_in_any_order),
		cmocka_unit_test(test_publisher__names_returned_messages),
		cmocka_unit_test(test_publisher__fills_frames_at_every_boundary),
		cmocka_unit_test(test_publisher__a_writer_that_fails_early_costs_nothing),
		cmocka_unit_test(test_publisher__a_writer_that_fails_half_way_ends_the_connection),
		cmocka_unit_test(test_publisher__names_the_message_over_the_limit),
		cmocka_unit_test(test_publisher__an_absent_exchange_returns_what_is_open),
		cmocka_unit_test(test_publisher__says_how_the_connection_was_lost),
		cmocka_unit_test(test_publisher__sorts_refused_sign_ins),
		cmocka_unit_test(test_publisher__nobody_listens),
		cmocka_unit_test(test_publisher__shows_and_waits_out_a_block),
		cmocka_unit_test(test_publisher__a_stop_ends_waiting_for_an_unblock),
		cmocka_unit_test(test_publisher__a_large_body_waits_for_a_first_confirm),
		cmocka_unit_test(test_publisher__a_stop_cuts_a_send_that_hangs),
		cmocka_unit_test(test_publisher__a_stop_cuts_a_silent_sign_in),
		cmocka_unit_test(test_publisher__an_idle_connection_is_kept_by_heartbeats),
		cmocka_unit_test(test_publisher__a_silent_broker_is_given_up),
		cmocka_unit_test(test_publisher__says_goodbye_and_does_not_wait_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
