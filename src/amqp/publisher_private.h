/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of this folder share: the publisher's inside, and the steps
 * from a socket to a channel that confirms.
 */
#ifndef EII_AMQP_PUBLISHER_PRIVATE_H
#define EII_AMQP_PUBLISHER_PRIVATE_H

#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#endif

#include "eii/amqp/publisher.h"
#include "eii/amqp/watchdog.h"
#include "eii/net/tls.h"

#define EII_AMQP_CHANNEL        1
#define EII_AMQP_FRAME_MAX      131072 /* RabbitMQ's own default; 0 would be refused by 4.1 */
#define EII_AMQP_FRAME_EXTRA    8      /* header and end mark around a frame's payload */
#define EII_AMQP_SEND_BUDGET_MS 30000  /* for one frame to leave */
#define EII_AMQP_STOP_GRACE_MS  3000   /* for a send in hand when a stop comes */

/* A returned message is its method, a header, and body frames that we skip. */
enum eii_amqp_return { EII_RETURN_NONE, EII_RETURN_HEADER, EII_RETURN_BODY };

struct eii_publisher {
	amqp_connection_state_t connection;
	int fd;
	bool is_dead;
	char *where; /* "host:port", for texts */
	const struct eii_stop *stop;
	struct eii_watchdog *watchdog;
	struct eii_tls_verdict verdict; /* of the handshake */
	struct eii_confirms *confirms;

	enum eii_amqp_return returning;
	uint64_t return_left; /* body bytes of it still to come */

	bool is_blocked;
	char block_reason[128];

	int heartbeat_s; /* as agreed; 0 = none */
	int64_t pump_due_ms;
	uint64_t unread_bytes; /* of bodies sent since frames were read */

	char *body; /* one body frame's payload */
	size_t body_capacity;

	bool is_tls;
	bool is_corked;          /* a burst is being sent */
	unsigned char *gathered; /* frames of it that have not left; NULL until one is */
	size_t n_gathered;
};

/* ---- failures ---------------------------------------------------------- */

/* Before a call that sends: it may hang, and what it leaves in errno is read below. */
void eii_amqp_arm(struct eii_publisher *publisher);

/* A library call ended in status (< 0): marks the publisher dead, RETRY. */
enum eii_rc eii_amqp_fail_status(struct eii_publisher *publisher, int status, const char *doing,
				 struct eii_error *err);

/* The broker refused: a close method of connection or channel. */
struct eii_amqp_close {
	uint16_t code;
	struct eii_text text; /* borrowed, the broker's words */
};
bool eii_amqp_close_of(const amqp_method_t *method, struct eii_amqp_close *out);

/* An RPC's reply that is not the wanted one. */
enum eii_rc eii_amqp_fail_reply(struct eii_publisher *publisher, amqp_rpc_reply_t reply,
				const char *doing, struct eii_error *err);

/* A close that came while publishing. */
enum eii_rc eii_amqp_fail_close(struct eii_publisher *publisher, const struct eii_amqp_close *why,
				struct eii_error *err);

/* ---- steps ------------------------------------------------------------- */

/* Dials, by TLS where options say so; sets connection and fd. */
enum eii_rc eii_amqp_dial(struct eii_publisher *publisher,
			  const struct eii_publisher_options *options, int64_t deadline_ms,
			  struct eii_error *err) EII_MUST_CHECK;

/* Signs in, opens the channel, selects confirms, makes the body frame. */
enum eii_rc eii_amqp_sign_in(struct eii_publisher *publisher,
			     const struct eii_publisher_options *options, int64_t deadline_ms,
			     struct eii_error *err) EII_MUST_CHECK;

/* The frame buffer and heartbeat as the connection was tuned. */
void eii_amqp_use_tuning(struct eii_publisher *publisher);

/* Reads frames: for the first it waits at most wait_ms, for others not at all. */
enum eii_rc eii_amqp_read_frames(struct eii_publisher *publisher, int wait_ms,
				 struct eii_error *err) EII_MUST_CHECK;

/*
 * Within a burst: the message whose body is in publisher->body waits to leave
 * with others. *out_gathered is false where it has to go by itself, which it then
 * may: nothing waits before it.
 */
enum eii_rc eii_amqp_gather(struct eii_publisher *publisher, amqp_basic_publish_t *method,
			    amqp_basic_properties_t *properties, size_t body_bytes,
			    bool *out_gathered, struct eii_error *err) EII_MUST_CHECK;

/* What waits leaves. EII_RETRY: the connection is dead. */
enum eii_rc eii_amqp_flush(struct eii_publisher *publisher, struct eii_error *err) EII_MUST_CHECK;

/* Frames were read just now: when to read again, at the latest. */
void eii_amqp_note_pump(struct eii_publisher *publisher);

/* A publisher without a connection. */
struct eii_publisher *eii_amqp_publisher_new(const char *where, const struct eii_stop *stop,
					     struct eii_watchdog *watchdog);

struct timeval eii_amqp_timeval(int ms);

#endif
