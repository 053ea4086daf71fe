/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small messages of a burst, as frames in a buffer that leaves by one call: the
 * library would take three for each. It writes none of its own meanwhile, and
 * has no buffer behind which ours would go. Over TLS the socket is its alone.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "publisher_private.h"

#define GATHER_BYTES     ((size_t)128 * 1024)
#define FRAME_HEAD_BYTES 7 /* type, channel, size */

static void put_number(unsigned char *at, uint64_t value, size_t n_bytes)
{
	for (size_t i = n_bytes; i > 0; i--) {
		at[i - 1] = (unsigned char)value;
		value >>= 8;
	}
}

/* Where the next frame's payload goes, behind skip bytes of it; false: it has no room. */
static bool payload_room(const struct eii_publisher *publisher, size_t skip, amqp_bytes_t *out)
{
	size_t used = publisher->n_gathered + EII_AMQP_FRAME_EXTRA + skip;

	if (used > GATHER_BYTES)
		return false;
	out->len = GATHER_BYTES - used;
	out->bytes = publisher->gathered + publisher->n_gathered + FRAME_HEAD_BYTES + skip;
	return true;
}

/* The payload is in its place. */
static void close_frame(struct eii_publisher *publisher, uint8_t type, size_t payload_bytes)
{
	unsigned char *frame = publisher->gathered + publisher->n_gathered;

	frame[0] = type;
	put_number(frame + 1, EII_AMQP_CHANNEL, 2);
	put_number(frame + 3, payload_bytes, 4);
	frame[FRAME_HEAD_BYTES + payload_bytes] = AMQP_FRAME_END;
	publisher->n_gathered += payload_bytes + EII_AMQP_FRAME_EXTRA;
}

static bool put_method(struct eii_publisher *publisher, amqp_basic_publish_t *method)
{
	amqp_bytes_t room;
	int n;

	if (!payload_room(publisher, 4, &room))
		return false;
	n = amqp_encode_method(AMQP_BASIC_PUBLISH_METHOD, method, room);
	if (n < 0)
		return false;
	put_number((unsigned char *)room.bytes - 4, AMQP_BASIC_PUBLISH_METHOD, 4);
	close_frame(publisher, AMQP_FRAME_METHOD, 4 + (size_t)n);
	return true;
}

/* Class, weight (unused), the body's size, properties. */
static bool put_header(struct eii_publisher *publisher, amqp_basic_properties_t *properties,
		       uint64_t body_bytes)
{
	unsigned char *payload;
	amqp_bytes_t room;
	int n;

	if (!payload_room(publisher, 12, &room))
		return false;
	n = amqp_encode_properties(AMQP_BASIC_CLASS, properties, room);
	if (n < 0)
		return false;
	payload = (unsigned char *)room.bytes - 12;
	put_number(payload, AMQP_BASIC_CLASS, 2);
	put_number(payload + 2, 0, 2);
	put_number(payload + 4, body_bytes, 8);
	close_frame(publisher, AMQP_FRAME_HEADER, 12 + (size_t)n);
	return true;
}

static bool put_body(struct eii_publisher *publisher, const char *body, size_t len)
{
	amqp_bytes_t room;

	if (!payload_room(publisher, 0, &room) || room.len < len)
		return false;
	memcpy(room.bytes, body, len);
	close_frame(publisher, AMQP_FRAME_BODY, len);
	return true;
}

static bool put_message(struct eii_publisher *publisher, amqp_basic_publish_t *method,
			amqp_basic_properties_t *properties, size_t body_bytes)
{
	size_t before = publisher->n_gathered;

	if (put_method(publisher, method) && put_header(publisher, properties, body_bytes) &&
	    put_body(publisher, publisher->body, body_bytes))
		return true;
	publisher->n_gathered = before;
	return false;
}

enum eii_rc eii_amqp_gather(struct eii_publisher *publisher, amqp_basic_publish_t *method,
			    amqp_basic_properties_t *properties, size_t body_bytes,
			    bool *out_gathered, struct eii_error *err)
{
	enum eii_rc rc;

	*out_gathered = false;
	if (!publisher->is_corked || publisher->is_tls)
		return EII_OK;
	if (!publisher->gathered)
		publisher->gathered = eii_calloc(GATHER_BYTES, 1);
	*out_gathered = put_message(publisher, method, properties, body_bytes);
	if (*out_gathered)
		return EII_OK;
	/* Once more into the empty buffer; what has no room in it goes by itself. */
	rc = eii_amqp_flush(publisher, err);
	if (!rc)
		*out_gathered = put_message(publisher, method, properties, body_bytes);
	return rc;
}

/* The watchdog ends a wait that takes too long. */
static bool send_all(int fd, const unsigned char *data, size_t len)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };

	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN) {
			(void)poll(&room, 1, EII_AMQP_SEND_BUDGET_MS);
		} else if (n < 0 && errno != EINTR) {
			return false;
		} else if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return true;
}

enum eii_rc eii_amqp_flush(struct eii_publisher *publisher, struct eii_error *err)
{
	size_t len = publisher->n_gathered;
	bool is_sent;

	if (!len)
		return EII_OK;
	publisher->n_gathered = 0;
	eii_amqp_arm(publisher);
	is_sent = send_all(publisher->fd, publisher->gathered, len);
	if (!is_sent)
		return eii_amqp_fail_status(publisher, AMQP_STATUS_SOCKET_ERROR, "publish", err);
	(void)eii_watchdog_disarm(publisher->watchdog);
	return EII_OK;
}
