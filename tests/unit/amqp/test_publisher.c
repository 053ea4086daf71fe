/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/amqp/publisher.h"

#include <sys/socket.h>

#include "eii/base/clock.h"
#include "publishing.h"
#include "support.h"

/* ---- confirms ---------------------------------------------------------- */

static void script_acks(struct fake_broker *broker)
{
	uint64_t started_s = (uint64_t)eii_clock_unix_s();
	struct fb_message message;

	for (int i = 1; i <= 5; i++) {
		char id[8];

		fb_check(broker, fb_read_message(broker, &message), "no message");
		(void)snprintf(id, sizeof(id), "%d", 100 + i);
		fb_check(broker, !strcmp(message.message_id, id), "wrong message_id");
		fb_check(broker, message.is_mandatory, "not mandatory");
		fb_check(broker, message.delivery_mode == 2, "not persistent");
		/* The first may have been sent just before the script began. */
		fb_check(broker,
			 message.timestamp_s + 60 >= started_s &&
				 message.timestamp_s <= (uint64_t)eii_clock_unix_s(),
			 "not the second of publishing");
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

/* ---- bursts ------------------------------------------------------------ */

/* What has no room beside the others, or none at all, keeps its place. */
static const uint64_t burst_sizes[] = { 1, 60000, 70000, 1, 130974, 130975, 131064, 131065, 5 };

static void script_burst(struct fake_broker *broker)
{
	for (size_t i = 0; i < ARRAY_LEN(burst_sizes); i++) {
		uint64_t size = burst_sizes[i];
		struct fb_message message;
		char id[8];

		(void)snprintf(id, sizeof(id), "%zu", i);
		fb_check(broker, fb_read_message(broker, &message), "no message");
		fb_check(broker, !strcmp(message.message_id, id), "wrong order");
		fb_check(broker,
			 message.is_mandatory && message.delivery_mode == 2 &&
				 !strcmp(message.content_encoding, "utf-8"),
			 "other properties than of one that goes alone");
		fb_check(broker, message.body_bytes == size, "wrong size");
		fb_check(broker, message.received == size, "other bytes than announced");
		fb_check(broker, message.sum == (size + 69999) / 70000, "wrong bytes");
		fb_ack(broker, i + 1, false);
	}
	fb_drain(broker);
}

static void test_publisher__a_burst_leaves_whole_and_in_order(void **state)
{
	struct fake_broker broker;
	EII_AUTO(eii_publisher) publisher = NULL;

	(void)state;
	fb_start(&broker, FB_SIGN_IN, script_burst);
	publisher = opened(&broker);
	eii_publisher_cork(publisher);
	for (size_t i = 0; i < ARRAY_LEN(burst_sizes); i++)
		send_ok(publisher, i, burst_sizes[i]);
	assert_int_equal(eii_publisher_uncork(publisher, NULL), EII_OK);
	for (size_t i = 0; i < ARRAY_LEN(burst_sizes); i++)
		expect(publisher, i, EII_PUBLISH_ACKED);
	eii_publisher_free(EII_DETACH(publisher));
	fb_finish(&broker);
}

static void script_two_then_end(struct fake_broker *broker)
{
	struct fb_message message;

	fb_check(broker, fb_read_message(broker, &message), "no first message");
	fb_check(broker, fb_read_message(broker, &message), "no second message");
	fb_drain(broker);
}

static void test_publisher__a_goodbye_leaves_no_burst_behind(void **state)
{
	struct fake_broker broker;
	EII_AUTO(eii_publisher) publisher = NULL;

	(void)state;
	fb_start(&broker, FB_SIGN_IN, script_two_then_end);
	publisher = opened(&broker);
	eii_publisher_cork(publisher);
	send_ok(publisher, 1, 10);
	send_ok(publisher, 2, 10);
	eii_publisher_close(EII_DETACH(publisher), 100);
	fb_finish(&broker);
}

static void script_hangs_at_once(struct fake_broker *broker)
{
	fb_hang(broker);
}

static void test_publisher__a_burst_that_cannot_leave_is_a_lost_connection(void **state)
{
	struct fake_broker broker;
	EII_AUTO(eii_publisher) publisher = NULL;
	struct eii_error err = { 0 };

	(void)state;
	fb_start(&broker, FB_SIGN_IN, script_hangs_at_once);
	publisher = opened(&broker);
	eii_publisher_cork(publisher);
	send_ok(publisher, 1, 10);
	assert_int_equal(shutdown(eii_publisher_fd(publisher), SHUT_WR), 0);
	assert_int_equal(eii_publisher_uncork(publisher, &err), EII_RETRY);
	assert_int_equal(err.kind, EII_ERROR_UNREACHABLE);
	assert_int_equal(eii_publisher_fd(publisher), -1);
	assert_int_equal(eii_publisher_n_unconfirmed(publisher), 1);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_publisher__tells_acks_and_nacks_in_any_order),
		cmocka_unit_test(test_publisher__names_returned_messages),
		cmocka_unit_test(test_publisher__fills_frames_at_every_boundary),
		cmocka_unit_test(test_publisher__a_burst_leaves_whole_and_in_order),
		cmocka_unit_test(test_publisher__a_goodbye_leaves_no_burst_behind),
		cmocka_unit_test(test_publisher__a_burst_that_cannot_leave_is_a_lost_connection),
		cmocka_unit_test(test_publisher__a_writer_that_fails_early_costs_nothing),
		cmocka_unit_test(test_publisher__a_writer_that_fails_half_way_ends_the_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
