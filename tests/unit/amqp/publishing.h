/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connector's side of the publisher's tests: opening, sending bodies of a
 * size, waiting for outcomes as the connector does.
 */
#ifndef EII_TESTS_PUBLISHING_H
#define EII_TESTS_PUBLISHING_H

#include "eii/amqp/publisher.h"
#include "eii/amqp/watchdog.h"
#include "fake_broker.h"

#define PATIENCE_MS 60000

struct body {
	uint64_t n_bytes; /* to write */
	size_t step;      /* per call of the sink */
	enum eii_rc fails_at_end;
};

enum eii_rc send_sized(struct eii_publisher *publisher, uint64_t number, uint64_t announced,
		       struct body body, struct eii_error *err);
void send_ok(struct eii_publisher *publisher, uint64_t number, uint64_t n_bytes);

enum eii_rc open_to(const struct fake_broker *broker, struct eii_watchdog *dog,
		    const struct eii_stop *stop, struct eii_publisher **out, struct eii_error *err);
struct eii_publisher *opened(const struct fake_broker *broker);

/* As the connector does it: poll, pump, take. False (and err) where the connection went. */
bool next_outcome(struct eii_publisher *publisher, struct eii_publish_outcome *out,
		  struct eii_error *err);
void expect(struct eii_publisher *publisher, uint64_t number, enum eii_publish_result result);
void expect_lost(struct eii_publisher *publisher, struct eii_error *err);

#endif
