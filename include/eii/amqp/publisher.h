/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection to RabbitMQ for one thread that publishes with confirms and
 * waits in a poll of its own. Nothing is ever declared: the platform does that.
 *
 * Rules of use. Everything is called from one thread. After any failure of
 * pump or send the connection is dead: take the outcomes that are still there,
 * free it, open another; what had no outcome is sent again (ids are stable).
 * eii_publisher_send() = EII_OK means "queued locally", no more.
 *
 * Guards against librabbitmq 0.11's endless waits: frames are read before a
 * burst and within it after 128 KiB, TCP_USER_TIMEOUT, and the watchdog. A stop does not cut TCP's
 * and TLS's handshakes (5 s at most); a name server that is silent is waited for until the deadline
 * or a stop.
 */
#ifndef EII_AMQP_PUBLISHER_H
#define EII_AMQP_PUBLISHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/amqp/confirms.h"
#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/base/sink.h"
#include "eii/base/stop.h"

struct eii_tls_options;
struct eii_watchdog;

#define EII_PUBLISHER_HEARTBEAT_S        10                /* as pycti; the broker may lower it */
#define EII_PUBLISHER_CONNECT_TIMEOUT_MS 10000             /* dial, TLS, sign-in, channel: all */
#define EII_PUBLISHER_LARGE_BODY         UINT64_C(1048576) /* bytes; waits for a first confirm */

struct eii_publisher_options {
	const char *host;
	uint16_t port;
	const char *vhost; /* NULL or "" = "/" */
	const char *user;
	const char *password;              /* borrowed during open only */
	const struct eii_tls_options *tls; /* NULL = plain TCP */
	uint16_t heartbeat_s;              /* 0 = EII_PUBLISHER_HEARTBEAT_S */
	const char *connection_name;       /* shown in the broker's management; may be NULL */
	const struct eii_stop *stop;       /* cuts a sign-in at once, a hanging send after 3 s */
	struct eii_watchdog *watchdog;     /* borrowed, outlives the publisher; NULL = no guard */
};

struct eii_publisher;

/*
 * Connects, signs in, opens a channel and selects confirms, within
 * EII_PUBLISHER_CONNECT_TIMEOUT_MS.
 *
 * EII_RETRY (UNREACHABLE, STOPPED or OTHER), EII_FATAL with CREDENTIALS (sign-in
 * or access to the vhost refused) or CONFIG (certificate, file; doubtful: no such vhost).
 */
enum eii_rc eii_publisher_open(const struct eii_publisher_options *options,
			       struct eii_publisher **out, struct eii_error *err) EII_MUST_CHECK;

/* Drops the connection as it is. */
void eii_publisher_free(struct eii_publisher *publisher);
EII_DEFINE_AUTO(eii_publisher);

/* Says goodbye first, for at most wait_ms. */
void eii_publisher_close(struct eii_publisher *publisher, int wait_ms);

/*
 * For poll(), POLLIN: then call pump; call it also by the instant of
 * eii_publisher_pump_due_ms() (heartbeats). -1 when the connection is dead.
 */
int eii_publisher_fd(const struct eii_publisher *publisher);
int64_t eii_publisher_pump_due_ms(const struct eii_publisher *publisher);

/* Reads what is there without waiting. EII_RETRY: the connection is dead. */
enum eii_rc eii_publisher_pump(struct eii_publisher *publisher,
			       struct eii_error *err) EII_MUST_CHECK;

/* The oldest answer not yet taken; also after a failure. */
bool eii_publisher_next_outcome(struct eii_publisher *publisher, struct eii_publish_outcome *out);

/* Messages without an answer. */
size_t eii_publisher_n_unconfirmed(const struct eii_publisher *publisher);

/* The broker asked to hold back (an alarm): send nothing until this is false. */
bool eii_publisher_is_blocked(const struct eii_publisher *publisher);

/* What the broker gave as the reason of the block, "" otherwise. Borrowed. */
const char *eii_publisher_block_reason(const struct eii_publisher *publisher);

/*
 * False while a body of this size should wait: the connection is blocked, or
 * the body is over EII_PUBLISHER_LARGE_BODY and a first message of this
 * connection is still unconfirmed (a blocked broker shows itself only then).
 */
bool eii_publisher_can_send(const struct eii_publisher *publisher, uint64_t body_bytes);

struct eii_publication {
	const char *exchange;
	const char *routing_key;
	uint64_t number;     /* comes back in its outcome; goes as message_id */
	uint64_t body_bytes; /* exactly what write gives */
	enum eii_rc (*write)(void *arg, struct eii_sink *sink, struct eii_error *err);
	void *arg;
};

/*
 * Publishes: mandatory, persistent, content_encoding utf-8. Waits while
 * eii_publisher_can_send() is false, at most 30 s.
 *
 * EII_REJECT: the writer failed before a byte left; the connection lives.
 * EII_RETRY: the connection is dead (see above).
 */
enum eii_rc eii_publisher_send(struct eii_publisher *publisher,
			       const struct eii_publication *publication,
			       struct eii_error *err) EII_MUST_CHECK;

/*
 * The same without waiting: *out_sent is false where the message may not go
 * now (eii_publisher_can_send()), which is EII_OK.
 */
enum eii_rc eii_publisher_try_send(struct eii_publisher *publisher,
				   const struct eii_publication *publication, bool *out_sent,
				   struct eii_error *err) EII_MUST_CHECK;

/*
 * Between the two, messages leave together: around a burst of them. EII_RETRY:
 * the connection is dead, and which of them have left is not known.
 */
void eii_publisher_cork(struct eii_publisher *publisher);
enum eii_rc eii_publisher_uncork(struct eii_publisher *publisher,
				 struct eii_error *err) EII_MUST_CHECK;

#endif
