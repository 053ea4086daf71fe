/* SPDX-License-Identifier: Apache-2.0 */
#include "publisher_private.h"

#include <errno.h>
#include <stdio.h>

#include "eii/base/clock.h"
#include "eii/base/utf8.h"

struct timeval eii_amqp_timeval(int ms)
{
	return (struct timeval){ .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000L };
}

static struct eii_text text_of(amqp_bytes_t bytes)
{
	return eii_text(bytes.bytes, bytes.len);
}

/* The digits right after words; false where there are none. */
static bool number_after(struct eii_text text, const char *words, uint64_t *out)
{
	const char *at = eii_text_find(text, words);
	const char *end = text.data + text.len;
	struct eii_text digits;

	if (!at)
		return false;
	at += strlen(words);
	digits = eii_text(at, 0);
	while (at + digits.len < end && eii_is_ascii_digit(at[digits.len]))
		digits.len++;
	return digits.len && eii_text_to_u64(digits, UINT64_MAX, out);
}

/*
 * Whom the closed channel concerns. 406: "message size N is larger than
 * configured max size M" (4.0; older words differ between the numbers). 404: no
 * exchange, so nothing that is open has reached a queue.
 */
static void settle_closed_channel(struct eii_publisher *publisher, const struct eii_amqp_close *why)
{
	uint64_t size, limit;

	if (why->code == AMQP_NOT_FOUND)
		eii_confirms_settle_all(publisher->confirms, EII_PUBLISH_RETURNED);
	if (why->code != AMQP_PRECONDITION_FAILED ||
	    !number_after(why->text, "message size ", &size))
		return;
	if (!number_after(why->text, "max size ", &limit))
		limit = 0;
	(void)eii_confirms_mark_too_large(publisher->confirms, size, limit);
}

static enum eii_rc channel_closed(struct eii_publisher *publisher, const amqp_method_t *method,
				  struct eii_error *err)
{
	amqp_channel_close_ok_t ok = { 0 };
	struct eii_amqp_close why = { 0 };

	(void)eii_amqp_close_of(method, &why);
	settle_closed_channel(publisher, &why);
	(void)amqp_send_method(publisher->connection, EII_AMQP_CHANNEL,
			       AMQP_CHANNEL_CLOSE_OK_METHOD, &ok);
	return eii_amqp_fail_close(publisher, &why, err);
}

static enum eii_rc connection_closed(struct eii_publisher *publisher, const amqp_method_t *method,
				     struct eii_error *err)
{
	amqp_connection_close_ok_t ok = { 0 };
	struct eii_amqp_close why = { 0 };

	(void)eii_amqp_close_of(method, &why);
	(void)amqp_send_method(publisher->connection, 0, AMQP_CONNECTION_CLOSE_OK_METHOD, &ok);
	return eii_amqp_fail_close(publisher, &why, err);
}

static void blocked(struct eii_publisher *publisher, const amqp_connection_blocked_t *method)
{
	publisher->is_blocked = true;
	(void)snprintf(publisher->block_reason, sizeof(publisher->block_reason), "%.*s",
		       (int)(method->reason.len < sizeof(publisher->block_reason)
				     ? method->reason.len
				     : sizeof(publisher->block_reason)),
		       (const char *)method->reason.bytes);
	eii_utf8_make_line(publisher->block_reason);
}

static enum eii_rc on_connection_method(struct eii_publisher *publisher,
					const amqp_method_t *method, struct eii_error *err)
{
	switch (method->id) {
	case AMQP_CONNECTION_BLOCKED_METHOD:
		blocked(publisher, method->decoded);
		return EII_OK;
	case AMQP_CONNECTION_UNBLOCKED_METHOD:
		publisher->is_blocked = false;
		publisher->block_reason[0] = '\0';
		return EII_OK;
	case AMQP_CONNECTION_CLOSE_METHOD:
		return connection_closed(publisher, method, err);
	default:
		return EII_OK;
	}
}

static enum eii_rc on_channel_method(struct eii_publisher *publisher, const amqp_method_t *method,
				     struct eii_error *err)
{
	switch (method->id) {
	case AMQP_BASIC_ACK_METHOD: {
		const amqp_basic_ack_t *ack = method->decoded;

		return eii_confirms_settle(publisher->confirms, ack->delivery_tag,
					   ack->multiple ? EII_CONFIRM_UP_TO : EII_CONFIRM_ONE,
					   EII_PUBLISH_ACKED, err);
	}
	case AMQP_BASIC_NACK_METHOD: {
		const amqp_basic_nack_t *nack = method->decoded;

		return eii_confirms_settle(publisher->confirms, nack->delivery_tag,
					   nack->multiple ? EII_CONFIRM_UP_TO : EII_CONFIRM_ONE,
					   EII_PUBLISH_NACKED, err);
	}
	case AMQP_BASIC_RETURN_METHOD:
		publisher->returning = EII_RETURN_HEADER;
		return EII_OK;
	case AMQP_CHANNEL_CLOSE_METHOD:
		return channel_closed(publisher, method, err);
	default:
		return EII_OK;
	}
}

/* The header of a returned message names it by the number that we gave it. */
static void on_header(struct eii_publisher *publisher, const amqp_frame_t *frame)
{
	const amqp_basic_properties_t *properties = frame->payload.properties.decoded;
	uint64_t number;

	if (publisher->returning != EII_RETURN_HEADER)
		return;
	publisher->return_left = frame->payload.properties.body_size;
	publisher->returning = publisher->return_left ? EII_RETURN_BODY : EII_RETURN_NONE;
	if (frame->payload.properties.class_id == AMQP_BASIC_CLASS &&
	    properties->_flags & AMQP_BASIC_MESSAGE_ID_FLAG &&
	    eii_text_to_u64(text_of(properties->message_id), UINT64_MAX, &number))
		(void)eii_confirms_mark_returned(publisher->confirms, number);
}

static void on_body(struct eii_publisher *publisher, const amqp_frame_t *frame)
{
	uint64_t len = frame->payload.body_fragment.len;

	if (publisher->returning != EII_RETURN_BODY)
		return;
	publisher->return_left -= len < publisher->return_left ? len : publisher->return_left;
	if (publisher->return_left == 0)
		publisher->returning = EII_RETURN_NONE;
}

static enum eii_rc on_frame(struct eii_publisher *publisher, const amqp_frame_t *frame,
			    struct eii_error *err)
{
	if (frame->frame_type == AMQP_FRAME_METHOD && frame->channel == 0)
		return on_connection_method(publisher, &frame->payload.method, err);
	if (frame->channel != EII_AMQP_CHANNEL)
		return EII_OK;
	if (frame->frame_type == AMQP_FRAME_METHOD)
		return on_channel_method(publisher, &frame->payload.method, err);
	if (frame->frame_type == AMQP_FRAME_HEADER)
		on_header(publisher, frame);
	else if (frame->frame_type == AMQP_FRAME_BODY)
		on_body(publisher, frame);
	return EII_OK;
}

/* Heartbeats leave and are missed only inside the library's reading. */
void eii_amqp_note_pump(struct eii_publisher *publisher)
{
	publisher->pump_due_ms = INT64_MAX;
	if (publisher->heartbeat_s > 0)
		publisher->pump_due_ms =
			eii_clock_monotonic_ms() + publisher->heartbeat_s * INT64_C(500);
}

static enum eii_rc read_frames(struct eii_publisher *publisher, int wait_ms, struct eii_error *err)
{
	for (;;) {
		struct timeval wait = eii_amqp_timeval(wait_ms);
		amqp_frame_t frame;
		enum eii_rc rc;
		int status;

		errno = 0;
		status = amqp_simple_wait_frame_noblock(publisher->connection, &frame, &wait);
		if (status == AMQP_STATUS_TIMEOUT)
			return EII_OK;
		if (status != AMQP_STATUS_OK)
			return eii_amqp_fail_status(publisher, status, "connection lost", err);
		rc = on_frame(publisher, &frame, err);
		if (rc)
			return rc;
		/* Without this the library keeps every frame it has decoded. */
		amqp_maybe_release_buffers(publisher->connection);
		wait_ms = 0;
	}
}

enum eii_rc eii_amqp_read_frames(struct eii_publisher *publisher, int wait_ms,
				 struct eii_error *err)
{
	enum eii_rc rc;

	if (publisher->is_dead)
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
				     "RabbitMQ at %s: the connection was lost", publisher->where);
	/* Reading may send a heartbeat, and sending may hang. */
	eii_watchdog_arm(publisher->watchdog, publisher->fd,
			 eii_clock_monotonic_ms() + wait_ms + EII_AMQP_SEND_BUDGET_MS,
			 EII_AMQP_STOP_GRACE_MS);
	rc = read_frames(publisher, wait_ms, err);
	publisher->unread_bytes = 0;
	(void)eii_watchdog_disarm(publisher->watchdog);
	if (rc)
		publisher->is_dead = true;
	eii_amqp_note_pump(publisher);
	return rc;
}
