/* SPDX-License-Identifier: Apache-2.0 */
#include "publishing.h"

#include <poll.h>

#include "eii/base/clock.h"
#include "support.h"

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

enum eii_rc send_sized(struct eii_publisher *publisher, uint64_t number, uint64_t announced,
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

void send_ok(struct eii_publisher *publisher, uint64_t number, uint64_t n_bytes)
{
	struct body body = { .n_bytes = n_bytes, .step = 70000 };
	struct eii_error err = { 0 };
	enum eii_rc rc = send_sized(publisher, number, n_bytes, body, &err);

	CHECK(rc == EII_OK, "send gave %d: %s", rc, err.text);
}

enum eii_rc open_to(const struct fake_broker *broker, struct eii_watchdog *dog,
		    const struct eii_stop *stop, struct eii_publisher **out, struct eii_error *err)
{
	char name[5000]; /* CONNECTOR_NAME may be as long */
	struct eii_publisher_options options = { .host = "127.0.0.1",
						 .port = broker->port,
						 .connection_name = name,
						 .user = "guest",
						 .password = "secret-word",
						 .stop = stop,
						 .watchdog = dog };

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	return eii_publisher_open(&options, out, err);
}

struct eii_publisher *opened(const struct fake_broker *broker)
{
	struct eii_publisher *publisher = NULL;
	struct eii_error err = { 0 };
	enum eii_rc rc = open_to(broker, NULL, NULL, &publisher, &err);

	CHECK(rc == EII_OK, "open gave %d: %s", rc, err.text);
	return publisher;
}

bool next_outcome(struct eii_publisher *publisher, struct eii_publish_outcome *out,
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

void expect(struct eii_publisher *publisher, uint64_t number, enum eii_publish_result result)
{
	struct eii_publish_outcome outcome = { 0 };
	struct eii_error err = { 0 };

	CHECK(next_outcome(publisher, &outcome, &err), "lost: %s", err.text);
	CHECK(outcome.number == number && outcome.result == result, "%d ended as %d",
	      (int)outcome.number, (int)outcome.result);
}

void expect_lost(struct eii_publisher *publisher, struct eii_error *err)
{
	struct eii_publish_outcome outcome;

	assert_false(next_outcome(publisher, &outcome, err));
	assert_int_equal(eii_publisher_fd(publisher), -1);
	assert_int_equal(eii_publisher_pump(publisher, err), EII_RETRY);
}
