/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/amqp/publisher.h"

#include "publishing.h"
#include "support.h"

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

static void test_publisher_refused__names_the_message_over_the_limit(void **state)
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

static void test_publisher_refused__an_absent_exchange_returns_what_is_open(void **state)
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

static void test_publisher_refused__says_how_the_connection_was_lost(void **state)
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

/* RabbitMQ while it starts. */
static void script_vhost_down(struct fake_broker *broker)
{
	open_vhost_as(broker, AMQP_NOT_ALLOWED,
		      "NOT_ALLOWED - access to vhost '/' refused for user 'guest': vhost '/' is "
		      "down");
}

static void test_publisher_refused__sorts_refused_sign_ins(void **state)
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
		{ script_vhost_down, EII_RETRY, EII_ERROR_OTHER, "vhost '/' is down" },
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
		CHECK(err.is_doubtful == (cases[i].kind == EII_ERROR_CONFIG), "case %zu", i);
		CHECK(!strstr(err.text, "secret-word"), "case %zu tells the password", i);
		CHECK(!publisher, "case %zu wrote its output", i);
		fb_finish(&broker);
	}
}

static void test_publisher_refused__nobody_listens(void **state)
{
	struct fake_broker broker;
	struct eii_publisher *publisher = NULL;
	struct eii_error err = { 0 };

	(void)state;
	fb_start(&broker, FB_BARE, NULL);
	fb_finish(&broker);
	assert_int_equal(open_to(&broker, NULL, NULL, &publisher, &err), EII_RETRY);
	assert_int_equal(err.kind, EII_ERROR_UNREACHABLE);
	assert_non_null(strstr(err.text, "connect: connection refused"));
	assert_null(publisher);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_publisher_refused__names_the_message_over_the_limit),
		cmocka_unit_test(test_publisher_refused__an_absent_exchange_returns_what_is_open),
		cmocka_unit_test(test_publisher_refused__says_how_the_connection_was_lost),
		cmocka_unit_test(test_publisher_refused__sorts_refused_sign_ins),
		cmocka_unit_test(test_publisher_refused__nobody_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
