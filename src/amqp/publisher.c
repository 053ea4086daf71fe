/* SPDX-License-Identifier: Apache-2.0 */
#include "publisher_private.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"

#define WAIT_TO_SEND_MS 30000
/* So much is sent between two looks at what the broker says: a socket's buffer takes it at once. */
#define READ_EVERY_BYTES (128 * 1024)

struct eii_publisher *eii_amqp_publisher_new(const char *where, const struct eii_stop *stop,
					     struct eii_watchdog *watchdog)
{
	struct eii_publisher *publisher = EII_NEW(struct eii_publisher);

	publisher->fd = -1;
	publisher->where = eii_strdup(where);
	publisher->stop = stop;
	publisher->watchdog = watchdog;
	publisher->confirms = eii_confirms_new();
	return publisher;
}

enum eii_rc eii_publisher_open(const struct eii_publisher_options *options,
			       struct eii_publisher **out, struct eii_error *err)
{
	EII_AUTO(eii_publisher) publisher = NULL;
	EII_AUTO_STR where = eii_asprintf("%s:%u", options->host, options->port);
	int64_t deadline_ms = eii_clock_monotonic_ms() + EII_PUBLISHER_CONNECT_TIMEOUT_MS;
	enum eii_rc rc;

	publisher = eii_amqp_publisher_new(where, options->stop, options->watchdog);
	rc = eii_amqp_dial(publisher, options, deadline_ms, err);
	if (rc)
		return rc;
	rc = eii_amqp_sign_in(publisher, options, deadline_ms, err);
	if (rc)
		return rc;
	*out = EII_DETACH(publisher);
	return EII_OK;
}

void eii_publisher_free(struct eii_publisher *publisher)
{
	if (!publisher)
		return;
	(void)eii_watchdog_disarm(publisher->watchdog);
	if (publisher->connection)
		(void)amqp_destroy_connection(publisher->connection);
	eii_confirms_free(publisher->confirms);
	free(publisher->body);
	free(publisher->gathered);
	free(publisher->where);
	free(publisher);
}

void eii_publisher_close(struct eii_publisher *publisher, int wait_ms)
{
	struct timeval wait = eii_amqp_timeval(wait_ms);

	if (!publisher)
		return;
	if (!publisher->is_dead && !eii_amqp_flush(publisher, NULL)) {
		(void)amqp_set_rpc_timeout(publisher->connection, &wait);
		eii_watchdog_arm(publisher->watchdog, publisher->fd,
				 eii_clock_monotonic_ms() + wait_ms, wait_ms);
		(void)amqp_connection_close(publisher->connection, AMQP_REPLY_SUCCESS);
	}
	eii_publisher_free(publisher);
}

int eii_publisher_fd(const struct eii_publisher *publisher)
{
	return publisher->is_dead ? -1 : publisher->fd;
}

int64_t eii_publisher_pump_due_ms(const struct eii_publisher *publisher)
{
	return publisher->pump_due_ms;
}

enum eii_rc eii_publisher_pump(struct eii_publisher *publisher, struct eii_error *err)
{
	return eii_amqp_read_frames(publisher, 0, err);
}

bool eii_publisher_next_outcome(struct eii_publisher *publisher, struct eii_publish_outcome *out)
{
	return eii_confirms_next(publisher->confirms, out);
}

size_t eii_publisher_n_unconfirmed(const struct eii_publisher *publisher)
{
	return eii_confirms_n_pending(publisher->confirms);
}

bool eii_publisher_is_blocked(const struct eii_publisher *publisher)
{
	return publisher->is_blocked;
}

const char *eii_publisher_block_reason(const struct eii_publisher *publisher)
{
	return publisher->block_reason;
}

bool eii_publisher_can_send(const struct eii_publisher *publisher, uint64_t body_bytes)
{
	if (publisher->is_blocked)
		return false;
	return body_bytes <= EII_PUBLISHER_LARGE_BODY ||
	       eii_confirms_n_acked(publisher->confirms) > 0 ||
	       eii_confirms_n_pending(publisher->confirms) == 0;
}

static enum eii_rc wait_to_send(struct eii_publisher *publisher, uint64_t body_bytes,
				struct eii_error *err)
{
	int64_t deadline_ms = eii_clock_monotonic_ms() + WAIT_TO_SEND_MS;
	enum eii_rc rc = eii_amqp_read_frames(publisher, 0, err);

	while (!rc && !eii_publisher_can_send(publisher, body_bytes)) {
		int64_t due_ms = publisher->pump_due_ms;
		enum eii_wait waited;

		waited = eii_stop_wait(publisher->stop, publisher->fd, POLLIN,
				       due_ms < deadline_ms ? due_ms : deadline_ms);
		if (waited == EII_WAIT_STOPPED)
			return eii_fail_kind(err, EII_RETRY, EII_ERROR_STOPPED,
					     "RabbitMQ at %s: stopped", publisher->where);
		if (eii_clock_monotonic_ms() >= deadline_ms)
			return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
					     "RabbitMQ at %s takes no messages: %s",
					     publisher->where,
					     publisher->is_blocked ? publisher->block_reason
								   : "no confirm within 30 s");
		rc = eii_amqp_read_frames(publisher, 0, err);
	}
	return rc;
}

/* ---- one message ------------------------------------------------------- */

/*
 * The body on its way: gathered into whole frames, each sent as it is full. A
 * body of one frame leaves by one call of the library at the end.
 */
struct outgoing {
	struct eii_sink base;
	struct eii_publisher *publisher;
	const struct eii_publication *publication;
	amqp_basic_properties_t properties;
	uint64_t n_written; /* of body_bytes, gathered or sent */
	size_t n_held;
	bool has_begun; /* bytes have left: only the whole message may follow */
};

/* A text of ours for the library, which only reads it. */
static amqp_bytes_t bytes_of(const char *data, size_t len)
{
	union {
		const void *in;
		void *out;
	} pointer = { .in = data };

	return (amqp_bytes_t){ .len = len, .bytes = pointer.out };
}

static amqp_basic_publish_t method_of(const struct eii_publication *publication)
{
	return (amqp_basic_publish_t){
		.exchange = bytes_of(publication->exchange, strlen(publication->exchange)),
		.routing_key = bytes_of(publication->routing_key, strlen(publication->routing_key)),
		.mandatory = 1,
	};
}

static enum eii_rc send_whole(struct outgoing *out, struct eii_error *err)
{
	struct eii_publisher *publisher = out->publisher;
	amqp_basic_publish_t method = method_of(out->publication);
	bool is_gathered;
	enum eii_rc rc;
	int status;

	out->has_begun = true;
	rc = eii_amqp_gather(publisher, &method, &out->properties, out->n_held, &is_gathered, err);
	if (rc || is_gathered)
		return rc;
	eii_amqp_arm(publisher);
	status = amqp_basic_publish(publisher->connection, EII_AMQP_CHANNEL, method.exchange,
				    method.routing_key, method.mandatory, 0, &out->properties,
				    bytes_of(publisher->body, out->n_held));
	if (status != AMQP_STATUS_OK)
		return eii_amqp_fail_status(publisher, status, "publish", err);
	return EII_OK;
}

/* The method and the header with the body's size. */
static enum eii_rc begin_frames(struct outgoing *out, struct eii_error *err)
{
	struct eii_publisher *publisher = out->publisher;
	const struct eii_publication *publication = out->publication;
	amqp_basic_publish_t method = method_of(publication);
	amqp_frame_t header = { .frame_type = AMQP_FRAME_HEADER, .channel = EII_AMQP_CHANNEL };
	enum eii_rc rc;
	int status;

	out->has_begun = true;
	rc = eii_amqp_flush(publisher, err);
	if (rc)
		return rc;
	header.payload.properties.class_id = AMQP_BASIC_CLASS;
	header.payload.properties.body_size = publication->body_bytes;
	header.payload.properties.decoded = &out->properties;
	eii_amqp_arm(publisher);
	status = amqp_send_method(publisher->connection, EII_AMQP_CHANNEL,
				  AMQP_BASIC_PUBLISH_METHOD, &method);
	if (status == AMQP_STATUS_OK)
		status = amqp_send_frame(publisher->connection, &header);
	if (status != AMQP_STATUS_OK)
		return eii_amqp_fail_status(publisher, status, "publish", err);
	return EII_OK;
}

static enum eii_rc send_body_frame(struct outgoing *out, struct eii_error *err)
{
	struct eii_publisher *publisher = out->publisher;
	amqp_frame_t frame = { .frame_type = AMQP_FRAME_BODY, .channel = EII_AMQP_CHANNEL };
	int status;

	if (!out->has_begun) {
		enum eii_rc rc = begin_frames(out, err);

		if (rc)
			return rc;
	}
	frame.payload.body_fragment = bytes_of(publisher->body, out->n_held);
	eii_amqp_arm(publisher);
	status = amqp_send_frame(publisher->connection, &frame);
	if (status != AMQP_STATUS_OK)
		return eii_amqp_fail_status(publisher, status, "publish", err);
	out->n_held = 0;
	return EII_OK;
}

static enum eii_rc gather(struct eii_sink *self, const void *data, size_t len,
			  struct eii_error *err)
{
	struct outgoing *out = (struct outgoing *)self;
	struct eii_publisher *publisher = out->publisher;
	const char *p = data;

	if (len > out->publication->body_bytes - out->n_written)
		return eii_fail(err, EII_REJECT, "the message is longer than announced");
	while (len > 0) {
		size_t room = publisher->body_capacity - out->n_held;
		size_t n = len < room ? len : room;
		enum eii_rc rc;

		memcpy(publisher->body + out->n_held, p, n);
		out->n_held += n;
		out->n_written += n;
		p += n;
		len -= n;
		/* The last frame, full or not, is left to the end. */
		if (out->n_held < publisher->body_capacity ||
		    out->n_written == out->publication->body_bytes)
			continue;
		rc = send_body_frame(out, err);
		if (rc)
			return rc;
	}
	return EII_OK;
}

static enum eii_rc write_out(struct outgoing *out, struct eii_error *err)
{
	const struct eii_publication *publication = out->publication;
	enum eii_rc rc = publication->write(publication->arg, &out->base, err);

	if (rc)
		return rc;
	if (out->n_written != publication->body_bytes)
		return eii_fail(err, EII_REJECT, "the message is shorter than announced");
	return out->has_begun ? send_body_frame(out, err) : send_whole(out, err);
}

static enum eii_rc send_one(struct eii_publisher *publisher,
			    const struct eii_publication *publication, struct eii_error *err)
{
	struct outgoing out = { .base = { .write = gather },
				.publisher = publisher,
				.publication = publication };
	char message_id[24];
	enum eii_rc rc;

	(void)snprintf(message_id, sizeof(message_id), "%" PRIu64, publication->number);
	out.properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CONTENT_ENCODING_FLAG |
				AMQP_BASIC_TIMESTAMP_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG;
	out.properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
	out.properties.content_encoding = bytes_of("utf-8", 5);
	/* The broker's metric of a queue's head tells the age of a backlog by it. */
	out.properties.timestamp = (uint64_t)eii_clock_unix_s();
	out.properties.message_id = bytes_of(message_id, strlen(message_id));
	rc = write_out(&out, err);
	(void)eii_watchdog_disarm(publisher->watchdog);
	if (!rc)
		return EII_OK;
	if (!out.has_begun) {
		eii_confirms_undo(publisher->confirms);
		return eii_fail_in(err, EII_REJECT, "message not written");
	}
	/* A message cannot be abandoned half way: the connection goes with it. */
	publisher->is_dead = true;
	return rc == EII_RETRY ? rc : eii_fail_in(err, EII_RETRY, "message broken off");
}

static enum eii_rc send_counted(struct eii_publisher *publisher,
				const struct eii_publication *publication, struct eii_error *err)
{
	enum eii_rc rc = eii_confirms_add(publisher->confirms, publication->number,
					  publication->body_bytes, err);

	publisher->unread_bytes += publication->body_bytes;
	return rc ? rc : send_one(publisher, publication, err);
}

enum eii_rc eii_publisher_send(struct eii_publisher *publisher,
			       const struct eii_publication *publication, struct eii_error *err)
{
	enum eii_rc rc = wait_to_send(publisher, publication->body_bytes, err);

	if (rc) {
		publisher->is_dead = true;
		return rc;
	}
	return send_counted(publisher, publication, err);
}

enum eii_rc eii_publisher_try_send(struct eii_publisher *publisher,
				   const struct eii_publication *publication, bool *out_sent,
				   struct eii_error *err)
{
	bool is_first = publisher->unread_bytes == 0;
	enum eii_rc rc = EII_OK;

	*out_sent = false;
	if (is_first || publisher->unread_bytes + publication->body_bytes > READ_EVERY_BYTES)
		rc = eii_amqp_read_frames(publisher, 0, err);
	if (rc || !eii_publisher_can_send(publisher, publication->body_bytes))
		return rc;
	*out_sent = true;
	return send_counted(publisher, publication, err);
}

/* For what goes by the library's calls. */
static void set_cork(const struct eii_publisher *publisher, int value)
{
	if (!publisher->is_dead)
		(void)setsockopt(publisher->fd, IPPROTO_TCP, TCP_CORK, &value, sizeof(value));
}

void eii_publisher_cork(struct eii_publisher *publisher)
{
	publisher->is_corked = true;
	set_cork(publisher, 1);
}

enum eii_rc eii_publisher_uncork(struct eii_publisher *publisher, struct eii_error *err)
{
	enum eii_rc rc = EII_OK;

	publisher->is_corked = false;
	if (!publisher->is_dead)
		rc = eii_amqp_flush(publisher, err);
	set_cork(publisher, 0);
	return rc;
}
