/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/queue_port.h"

#include <stdlib.h>
#include <string.h>

#include "eii/amqp/publisher.h"
#include "eii/base/alloc.h"
#include "eii/opencti/envelope.h"

#define GOODBYE_MS 500

struct port {
	struct eii_queue_port base; /* first */
	const struct eii_queue_settings *settings;
	struct eii_publisher *publisher; /* NULL = no connection */
	struct eii_registration registration;
	struct eii_features features;
	uint32_t sequence;
};

static struct port *port_of(struct eii_queue_port *self)
{
	return (struct port *)self;
}

/* Tells the watchers how the call ended, and hands its code on. */
static enum eii_rc noted(const struct port *port, enum eii_rc rc, const struct eii_error *err)
{
	eii_contacts_note(port->settings->contacts, EII_SERVER_QUEUE, rc, err);
	return rc;
}

static void port_close(struct eii_queue_port *self)
{
	eii_publisher_close(EII_DETACH(port_of(self)->publisher), GOODBYE_MS);
}

static bool uses_tls(const struct port *port)
{
	if (port->settings->use_tls == EII_CHOICE_PLATFORM)
		return port->registration.mq_uses_tls;
	return port->settings->use_tls == EII_CHOICE_YES;
}

static void wipe(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

static enum eii_rc dial(struct port *port, const char *password, struct eii_error *err)
{
	const struct eii_queue_settings *settings = port->settings;
	const struct eii_registration *told = &port->registration;
	struct eii_publisher_options options = {
		.host = settings->host ? settings->host : told->mq_host,
		.port = settings->port ? settings->port : told->mq_port,
		.vhost = settings->vhost ? settings->vhost : told->mq_vhost,
		.user = settings->user ? settings->user : told->mq_user,
		.password = password ? password : told->mq_password,
		.tls = uses_tls(port) ? &settings->tls : NULL,
		.connection_name = settings->connection_name,
		.stop = settings->stop,
		.watchdog = settings->watchdog,
	};

	return eii_publisher_open(&options, &port->publisher, err);
}

static enum eii_rc port_open(struct eii_queue_port *self, struct eii_error *err)
{
	struct port *port = port_of(self);
	char *password = NULL;
	enum eii_rc rc;

	port_close(self);
	eii_registration_clear(&port->registration);
	if (!eii_registered_get(port->settings->registered, &port->registration, &port->features))
		return eii_fail(err, EII_RETRY, "the connector is not registered yet");
	rc = port->settings->password(port->settings->password_arg, &password, err);
	if (rc)
		return rc;
	rc = dial(port, password, err);
	wipe(password);
	if (!rc)
		eii_contacts_connected(port->settings->contacts, EII_SERVER_QUEUE);
	return noted(port, rc, err);
}

static bool port_is_open(struct eii_queue_port *self)
{
	return port_of(self)->publisher != NULL;
}

static int port_fd(struct eii_queue_port *self)
{
	return eii_publisher_fd(port_of(self)->publisher);
}

static enum eii_rc port_pump(struct eii_queue_port *self, struct eii_error *err)
{
	enum eii_rc rc = eii_publisher_pump(port_of(self)->publisher, err);

	/* That nothing came is no answer. */
	return rc ? noted(port_of(self), rc, err) : EII_OK;
}

static bool port_next_outcome(struct eii_queue_port *self, struct eii_send_outcome *out)
{
	static const enum eii_send_result results[] = {
		[EII_PUBLISH_ACKED] = EII_SEND_CONFIRMED,
		[EII_PUBLISH_NACKED] = EII_SEND_NACKED,
		[EII_PUBLISH_RETURNED] = EII_SEND_RETURNED,
		[EII_PUBLISH_TOO_LARGE] = EII_SEND_TOO_LARGE,
	};
	struct eii_publish_outcome outcome;

	if (!port_of(self)->publisher ||
	    !eii_publisher_next_outcome(port_of(self)->publisher, &outcome))
		return false;
	(void)noted(port_of(self), EII_OK, NULL);
	*out = (struct eii_send_outcome){ .number = outcome.number,
					  .result = results[outcome.result],
					  .limit_bytes = outcome.limit_bytes };
	return true;
}

static bool port_is_blocked(struct eii_queue_port *self)
{
	return port_of(self)->publisher && eii_publisher_is_blocked(port_of(self)->publisher);
}

static struct eii_envelope envelope_of(const struct port *port, const char *work_id)
{
	return (struct eii_envelope){ .applicant_id = port->registration.connector_user_id,
				      .work_id = work_id,
				      .sequence = port->sequence,
				      .features = &port->features };
}

static uint64_t port_message_bytes(struct eii_queue_port *self, const char *work_id,
				   uint64_t bundle_bytes)
{
	struct eii_envelope envelope = envelope_of(port_of(self), work_id);

	return eii_envelope_size(&envelope, bundle_bytes);
}

/* A large message may take minutes on a slow line: each piece is a sign of life. */
struct beating_sink {
	struct eii_sink base; /* first */
	struct eii_sink *next;
	struct eii_stats *stats; /* may be NULL */
};

static enum eii_rc write_beating(struct eii_sink *self, const void *data, size_t len,
				 struct eii_error *err)
{
	struct beating_sink *beating = (struct beating_sink *)self;

	if (beating->stats)
		EII_BEAT(beating->stats, publish_beat_ms);
	return eii_sink_write(beating->next, data, len, err);
}

struct message {
	struct eii_envelope envelope;
	const struct eii_outgoing *outgoing;
	struct eii_stats *stats;
};

static enum eii_rc write_message(void *arg, struct eii_sink *sink, struct eii_error *err)
{
	const struct message *message = arg;
	struct beating_sink beating = { .base = { .write = write_beating },
					.next = sink,
					.stats = message->stats };

	return eii_envelope_write(&message->envelope, message->outgoing->bundle_bytes,
				  message->outgoing->write_bundle, message->outgoing->arg,
				  &beating.base, err);
}

static enum eii_rc port_send(struct eii_queue_port *self, const struct eii_outgoing *outgoing,
			     struct eii_error *err)
{
	struct port *port = port_of(self);
	struct message message = { .outgoing = outgoing, .stats = port->settings->stats };
	struct eii_publication publication = {
		.exchange = port->registration.push_exchange,
		.routing_key = port->registration.push_routing,
		.number = outgoing->number,
		.write = write_message,
		.arg = &message,
	};

	/* pycti counts the bundles of one send from 1; nobody reads it. */
	port->sequence = 1;
	message.envelope = envelope_of(port, outgoing->work_id);
	publication.body_bytes = eii_envelope_size(&message.envelope, outgoing->bundle_bytes);
	if (eii_publisher_send(port->publisher, &publication, err))
		return noted(port, EII_RETRY, err);
	return EII_OK;
}

struct eii_queue_port *eii_queue_port_new(const struct eii_queue_settings *settings)
{
	struct port *port = EII_NEW(struct port);

	port->settings = settings;
	port->sequence = 1;
	port->base = (struct eii_queue_port){
		.open = port_open,
		.is_open = port_is_open,
		.fd = port_fd,
		.pump = port_pump,
		.next_outcome = port_next_outcome,
		.is_blocked = port_is_blocked,
		.message_bytes = port_message_bytes,
		.send = port_send,
		.close = port_close,
	};
	return &port->base;
}

void eii_queue_port_free(struct eii_queue_port *self)
{
	struct port *port;

	if (!self)
		return;
	port = port_of(self);
	port_close(self);
	eii_registration_clear(&port->registration);
	free(port);
}
