/* SPDX-License-Identifier: Apache-2.0 */
#include "publisher_private.h"

#include <errno.h>
#include <string.h>

#include "eii/base/clock.h"

void eii_amqp_arm(struct eii_publisher *publisher)
{
	eii_watchdog_arm(publisher->watchdog, publisher->fd,
			 eii_clock_monotonic_ms() + EII_AMQP_SEND_BUDGET_MS,
			 EII_AMQP_STOP_GRACE_MS);
	errno = 0;
}

enum eii_rc eii_amqp_fail_status(struct eii_publisher *publisher, int status, const char *doing,
				 struct eii_error *err)
{
	bool has_cut = eii_watchdog_disarm(publisher->watchdog);

	publisher->is_dead = true;
	if (has_cut && eii_stop_requested(publisher->stop))
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_STOPPED,
				     "RabbitMQ at %s: %s: stopped", publisher->where, doing);
	if (has_cut)
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
				     "RabbitMQ at %s: %s: no progress, connection cut",
				     publisher->where, doing);
	/* The library leaves the errno of connect(2) and takes the outcome, which it keeps. */
	if (status == AMQP_STATUS_SOCKET_ERROR && errno == EINPROGRESS)
		return eii_fail_kind(
			err, EII_RETRY, EII_ERROR_UNREACHABLE,
			"RabbitMQ at %s: %s: connection refused, or no way to the host",
			publisher->where, doing);
	if (status == AMQP_STATUS_SOCKET_ERROR && errno)
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
				     "RabbitMQ at %s: %s: %s", publisher->where, doing,
				     strerrordesc_np(errno));
	return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE, "RabbitMQ at %s: %s: %s",
			     publisher->where, doing, amqp_error_string2(status));
}

static struct eii_text text_of(amqp_bytes_t bytes)
{
	return eii_text(bytes.bytes, bytes.len < 300 ? bytes.len : 300);
}

bool eii_amqp_close_of(const amqp_method_t *method, struct eii_amqp_close *out)
{
	if (method->id == AMQP_CONNECTION_CLOSE_METHOD) {
		const amqp_connection_close_t *close = method->decoded;

		*out = (struct eii_amqp_close){ close->reply_code, text_of(close->reply_text) };
		return true;
	}
	if (method->id == AMQP_CHANNEL_CLOSE_METHOD) {
		const amqp_channel_close_t *close = method->decoded;

		*out = (struct eii_amqp_close){ close->reply_code, text_of(close->reply_text) };
		return true;
	}
	return false;
}

static bool says(const struct eii_amqp_close *why, const char *words)
{
	return eii_text_find(why->text, words) != NULL;
}

/* The broker's words at sign-in, sorted by who must act. */
static enum eii_rc fail_refused(struct eii_publisher *publisher, const struct eii_amqp_close *why,
				const char *doing, struct eii_error *err)
{
	publisher->is_dead = true;
	/* A vhost is down while the broker starts. */
	if (why->code == AMQP_NOT_ALLOWED && (says(why, "limit") || says(why, "is down")))
		return eii_fail(err, EII_RETRY, "RabbitMQ at %s: %s: %.*s", publisher->where, doing,
				EII_TEXT_ARGS(why->text));
	if (why->code == AMQP_ACCESS_REFUSED)
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CREDENTIALS,
				     "RabbitMQ at %s refused the sign-in: %.*s; check MQ_USER and "
				     "MQ_PASS, or the RabbitMQ account in the platform's settings",
				     publisher->where, EII_TEXT_ARGS(why->text));
	if (why->code == AMQP_NOT_ALLOWED && says(why, "refused for user"))
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CREDENTIALS,
				     "RabbitMQ at %s: %.*s; give the user rights on this vhost, "
				     "or check MQ_VHOST",
				     publisher->where, EII_TEXT_ARGS(why->text));
	if (why->code == AMQP_NOT_ALLOWED)
		return eii_fail_doubtful(err, EII_FATAL, EII_ERROR_CONFIG,
					 "RabbitMQ at %s: %.*s; check MQ_VHOST", publisher->where,
					 EII_TEXT_ARGS(why->text));
	return eii_fail(err, EII_RETRY, "RabbitMQ at %s: %s: %u %.*s", publisher->where, doing,
			why->code, EII_TEXT_ARGS(why->text));
}

enum eii_rc eii_amqp_fail_reply(struct eii_publisher *publisher, amqp_rpc_reply_t reply,
				const char *doing, struct eii_error *err)
{
	struct eii_amqp_close why;

	if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION)
		return eii_amqp_fail_status(publisher, reply.library_error, doing, err);
	if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION &&
	    eii_amqp_close_of(&reply.reply, &why))
		return fail_refused(publisher, &why, doing, err);
	return eii_amqp_fail_status(publisher, AMQP_STATUS_UNEXPECTED_STATE, doing, err);
}

enum eii_rc eii_amqp_fail_close(struct eii_publisher *publisher, const struct eii_amqp_close *why,
				struct eii_error *err)
{
	publisher->is_dead = true;
	if (why->code == AMQP_NOT_FOUND)
		return eii_fail(err, EII_RETRY,
				"RabbitMQ at %s: %.*s; the platform declares it again at its next "
				"ping",
				publisher->where, EII_TEXT_ARGS(why->text));
	if (why->code == AMQP_PRECONDITION_FAILED && says(why, "message size"))
		return eii_fail(err, EII_RETRY,
				"RabbitMQ at %s: %.*s; set MQ_MAX_MESSAGE_BYTES to its limit, or "
				"raise max_message_size there",
				publisher->where, EII_TEXT_ARGS(why->text));
	if (why->code == AMQP_ACCESS_REFUSED)
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_CREDENTIALS,
				     "RabbitMQ at %s: %.*s; give the user write access",
				     publisher->where, EII_TEXT_ARGS(why->text));
	return eii_fail(err, EII_RETRY, "RabbitMQ at %s closed the connection: %u %.*s",
			publisher->where, why->code, EII_TEXT_ARGS(why->text));
}
