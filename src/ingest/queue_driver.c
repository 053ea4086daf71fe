/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/queue_driver.h"

#include <poll.h>
#include <stdlib.h>

#include "eii/amqp/publisher.h"
#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/ingest/parcel.h"
#include "eii/opencti/envelope.h"
#include "message.h"

#define GOODBYE_MS 500
/* Messages without an outcome: a power of two above what the core has out. */
#define MAX_SENT 4096
/* So many messages are written before confirms are read, that the window stays open. */
#define BURST 64

/* A message that was handed to the connection. */
struct sent {
	uint64_t number; /* of the publication */
	uint64_t order;
	int64_t sent_ms;
	uint16_t slot;
	uint8_t index;
};

struct eii_queue_driver {
	struct eii_queue_driver_options options;
	struct eii_publisher *publisher; /* NULL = no connection */
	struct eii_registration registration;
	struct eii_features features;
	struct eii_task *first, *last; /* orders taken from the lane, oldest first */
	size_t n_ends;                 /* of them HANG_UP and DIAL */
	uint64_t n_sent;               /* publications of this connection */
	uint64_t copied;               /* the order whose file was written last */
	struct sent sent[MAX_SENT];
	bool was_blocked;
};

/* ---- orders that wait -------------------------------------------------- */

static bool is_end(const struct eii_task *task)
{
	return task->order.type != EII_ORDER_SEND;
}

/* Takes all that the lane has. */
static void collect(struct eii_queue_driver *d)
{
	for (;;) {
		struct eii_task *task = eii_lane_take(d->options.lane);

		if (!task)
			return;
		if (d->last)
			d->last->next = task;
		else
			d->first = task;
		d->last = task;
		d->n_ends += is_end(task);
	}
}

static struct eii_task *pop(struct eii_queue_driver *d)
{
	struct eii_task *task = d->first;

	d->first = task->next;
	if (!d->first)
		d->last = NULL;
	d->n_ends -= is_end(task);
	return task;
}

/* ---- life -------------------------------------------------------------- */

struct eii_queue_driver *eii_queue_driver_new(const struct eii_queue_driver_options *options)
{
	struct eii_queue_driver *d = EII_NEW(struct eii_queue_driver);

	d->options = *options;
	return d;
}

void eii_queue_driver_free(struct eii_queue_driver *d)
{
	if (!d)
		return;
	eii_publisher_free(d->publisher);
	eii_registration_clear(&d->registration);
	while (d->first)
		eii_task_free(pop(d));
	free(d);
}

static void tell(struct eii_queue_driver *d, struct eii_note *note)
{
	eii_lane_tell(d->options.lane, note);
}

static void note_contact(struct eii_queue_driver *d, enum eii_rc rc, const struct eii_error *err)
{
	eii_contacts_note(d->options.contacts, EII_SERVER_QUEUE, rc, err);
}

/* ---- the connection ---------------------------------------------------- */

static bool uses_tls(const struct eii_queue_settings *settings, const struct eii_registration *told)
{
	return settings->use_tls == EII_CHOICE_PLATFORM ? told->mq_uses_tls
							: settings->use_tls == EII_CHOICE_YES;
}

/*
 * A name that only the platform's own network knows is the usual reason that a
 * broker cannot be reached: nothing else tells an operator where it comes from.
 */
static void say_whose_address(const struct eii_queue_settings *settings, struct eii_error *err)
{
	struct eii_error told = *err;

	if (settings->host || told.kind != EII_ERROR_UNREACHABLE)
		return;
	(void)eii_fail_kind(err, EII_RETRY, told.kind,
			    "%.330s (the platform's own configuration names this address, "
			    "rabbitmq:hostname; where the broker has another one from here, set "
			    "MQ_HOST and MQ_PORT)",
			    told.text);
}

enum eii_rc eii_queue_open(const struct eii_queue_settings *settings,
			   const struct eii_registration *told, const struct eii_stop *stop,
			   struct eii_watchdog *watchdog, struct eii_publisher **out,
			   struct eii_error *err)
{
	struct eii_publisher_options options = {
		.host = settings->host ? settings->host : told->mq_host,
		.port = settings->port ? settings->port : told->mq_port,
		.vhost = settings->vhost ? settings->vhost : told->mq_vhost,
		.user = settings->user ? settings->user : told->mq_user,
		.tls = uses_tls(settings, told) ? &settings->tls : NULL,
		.connection_name = settings->connection_name,
		.stop = stop,
		.watchdog = watchdog,
	};
	char *password = NULL;
	enum eii_rc rc = settings->password(settings->password_arg, &password, err);

	if (rc)
		return rc;
	options.password = password ? password : told->mq_password;
	rc = eii_publisher_open(&options, out, err);
	if (rc)
		say_whose_address(settings, err);
	eii_free_secret(password);
	return rc;
}

static void do_dial(struct eii_queue_driver *d, const struct eii_task *task)
{
	struct eii_error err = { 0 };
	enum eii_rc rc;

	eii_publisher_free(EII_DETACH(d->publisher));
	d->n_sent = 0;
	d->was_blocked = false;
	if (!eii_lane_begin(d->options.lane, task))
		rc = eii_fail_kind(&err, EII_RETRY, EII_ERROR_STOPPED, "cut");
	else if (!eii_registered_get(d->options.registered, &d->registration, &d->features))
		rc = eii_fail(&err, EII_RETRY, "the connector is not registered yet");
	else
		rc = eii_directory_open(d->options.directory, d->options.registered, &err);
	if (!rc)
		rc = eii_queue_open(d->options.settings, &d->registration,
				    eii_lane_stop(d->options.lane), d->options.watchdog,
				    &d->publisher, &err);
	note_contact(d, rc, &err);
	if (rc) {
		tell(d, eii_note_of_failure(EII_FACT_QUEUE_FAILED, &task->order, rc, &err));
		return;
	}
	eii_contacts_connected(d->options.contacts, EII_SERVER_QUEUE);
	EII_COUNT(d->options.stats, n_queue_connects);
	tell(d, eii_note_new(EII_FACT_QUEUE_DIALLED, task->order.number));
}

static void do_hang_up(struct eii_queue_driver *d, const struct eii_task *task)
{
	eii_publisher_close(EII_DETACH(d->publisher), GOODBYE_MS);
	tell(d, eii_note_new(EII_FACT_QUEUE_HUNG_UP, task->order.number));
}

/* ---- what came --------------------------------------------------------- */

static void tell_outcome(struct eii_queue_driver *d, const struct eii_publish_outcome *outcome)
{
	static const enum eii_outcome results[] = {
		[EII_PUBLISH_ACKED] = EII_OUTCOME_CONFIRMED,
		[EII_PUBLISH_NACKED] = EII_OUTCOME_NACKED,
		[EII_PUBLISH_RETURNED] = EII_OUTCOME_RETURNED,
		[EII_PUBLISH_TOO_LARGE] = EII_OUTCOME_TOO_LARGE,
	};
	const struct sent *sent = &d->sent[outcome->number % MAX_SENT];
	struct eii_note *note;

	if (sent->number != outcome->number)
		return;
	note = eii_note_new(EII_FACT_QUEUE_OUTCOME, sent->order);
	note->fact.outcome.result = results[outcome->result];
	note->fact.outcome.limit_bytes = outcome->limit_bytes;
	note->slot = sent->slot;
	note->index = sent->index;
	note->sent_ms = sent->sent_ms;
	tell(d, note);
}

static void tell_outcomes(struct eii_queue_driver *d)
{
	struct eii_publish_outcome outcome;
	bool is_any = false;

	while (eii_publisher_next_outcome(d->publisher, &outcome)) {
		tell_outcome(d, &outcome);
		is_any = true;
	}
	if (is_any)
		note_contact(d, EII_OK, NULL);
}

static void tell_blocked(struct eii_queue_driver *d)
{
	bool is_blocked = eii_publisher_is_blocked(d->publisher);
	struct eii_note *note;

	if (is_blocked == d->was_blocked)
		return;
	d->was_blocked = is_blocked;
	note = eii_note_new(is_blocked ? EII_FACT_QUEUE_BLOCKED : EII_FACT_QUEUE_UNBLOCKED, 0);
	eii_note_set_text(note, eii_publisher_block_reason(d->publisher));
	tell(d, note);
}

/* What had an outcome has it; the rest is unknown. */
static void lose(struct eii_queue_driver *d, const struct eii_error *err)
{
	tell_outcomes(d);
	eii_publisher_free(EII_DETACH(d->publisher));
	note_contact(d, EII_RETRY, err);
	tell(d, eii_note_of_failure(EII_FACT_QUEUE_FAILED, NULL, EII_RETRY, err));
}

/* What was read of the broker, now or before a message went. */
static void tell_news(struct eii_queue_driver *d)
{
	tell_blocked(d);
	tell_outcomes(d);
}

static void pump(struct eii_queue_driver *d)
{
	struct eii_error err = { 0 };

	if (eii_publisher_pump(d->publisher, &err))
		lose(d, &err);
	else
		tell_news(d);
}

/* ---- sending ----------------------------------------------------------- */

struct message {
	struct eii_envelope envelope;
	struct eii_message_source source;
	uint64_t bundle_bytes;
	struct eii_lane *lane;
};

/* A large message may take minutes on a slow line: each piece is a sign of life. */
struct beating_sink {
	struct eii_sink base; /* first */
	struct eii_sink *next;
	struct eii_lane *lane;
};

static enum eii_rc write_beating(struct eii_sink *self, const void *data, size_t len,
				 struct eii_error *err)
{
	struct beating_sink *beating = (struct beating_sink *)self;

	eii_lane_beat(beating->lane, 0);
	return eii_sink_write(beating->next, data, len, err);
}

static enum eii_rc write_message(void *arg, struct eii_sink *sink, struct eii_error *err)
{
	const struct message *message = arg;
	struct beating_sink beating = { .base = { .write = write_beating },
					.next = sink,
					.lane = message->lane };

	return eii_envelope_write(&message->envelope, message->bundle_bytes, eii_message_write,
				  &message->source, &beating.base, err);
}

static struct message message_of(const struct eii_queue_driver *d, const struct eii_task *task)
{
	struct message message = {
		.envelope = { .applicant_id = d->registration.connector_user_id,
			      .work_id = task->order.send.work_id,
			      .draft_id = task->order.draft_id,
			      /* pycti counts the bundles of one send from 1; nobody reads it. */
			      .sequence = 1,
			      .features = &d->features },
		.source = { .task = task, .settings = d->options.report },
		.lane = d->options.lane,
	};

	message.bundle_bytes = eii_message_size(&message.source);
	return message;
}

static void remember(struct eii_queue_driver *d, const struct eii_task *task)
{
	bool is_report = task->order.send.kind == EII_MESSAGE_REPORT;

	d->n_sent++;
	d->sent[d->n_sent % MAX_SENT] = (struct sent){
		.number = d->n_sent,
		.order = task->order.number,
		.sent_ms = eii_clock_monotonic_ms(),
		.slot = is_report ? task->order.send.slot : EII_NOTE_NO_SLOT,
		.index = task->order.send.index,
	};
}

/* Once for each order, however often it has to wait. */
static enum eii_rc write_copy(struct eii_queue_driver *d, const struct eii_task *task,
			      struct eii_error *err)
{
	enum eii_rc rc = EII_OK;

	if (d->copied != task->order.number)
		rc = eii_message_copy(d->options.directory, d->options.lane, task, err);
	if (!rc)
		d->copied = task->order.number;
	return rc;
}

/* False: it has to wait. */
static bool send_one(struct eii_queue_driver *d, const struct eii_task *task)
{
	struct message message = message_of(d, task);
	struct eii_publication publication = {
		.exchange = d->registration.push_exchange,
		.routing_key = d->registration.push_routing,
		.number = d->n_sent + 1,
		.body_bytes = eii_envelope_size(&message.envelope, message.bundle_bytes),
		.write = write_message,
		.arg = &message,
	};
	struct eii_error err = { 0 };
	bool is_sent = false;
	enum eii_rc rc = write_copy(d, task, &err);

	if (!rc)
		rc = eii_publisher_try_send(d->publisher, &publication, &is_sent, &err);
	if (is_sent)
		remember(d, task);
	if (rc) {
		lose(d, &err);
		return true;
	}
	if (!is_sent)
		return false;
	EII_COUNT(d->options.stats, n_published);
	EII_COUNT_BY(d->options.stats, published_bytes, publication.body_bytes);
	return true;
}

/* ---- the thread -------------------------------------------------------- */

/* The first order, if it may be carried out now; false: it has to wait. */
static bool carry_out_first(struct eii_queue_driver *d)
{
	struct eii_task *task = d->first;

	/* A SEND without a connection was ordered before its loss was known. */
	if (task->order.type == EII_ORDER_SEND) {
		bool is_done = !d->publisher || send_one(d, task);

		/* What must wait while the end of the connection waits behind it never goes. */
		if (!is_done && !d->n_ends)
			return false;
	} else if (task->order.type == EII_ORDER_DIAL) {
		do_dial(d, task);
	} else {
		do_hang_up(d, task);
	}
	eii_task_free(pop(d));
	return true;
}

static void carry_out_burst(struct eii_queue_driver *d)
{
	bool is_corked = d->publisher && d->first && d->first->next;
	struct eii_error err = { 0 };

	if (is_corked)
		eii_publisher_cork(d->publisher);
	for (int i = 0; i < BURST && d->first; i++) {
		if (!carry_out_first(d))
			break;
	}
	if (is_corked && d->publisher && eii_publisher_uncork(d->publisher, &err))
		lose(d, &err);
}

static int wait_ms(const struct eii_queue_driver *d)
{
	int64_t until_ms = eii_clock_monotonic_ms() + EII_BEAT_MS;
	int64_t due_ms = d->publisher ? eii_publisher_pump_due_ms(d->publisher) : INT64_MAX;

	return eii_clock_left_ms(due_ms < until_ms ? due_ms : until_ms);
}

/* Whether the broker has something to say, or is to hear that we live. */
static bool wait_for_more(struct eii_queue_driver *d)
{
	struct pollfd fds[] = {
		{ .fd = eii_lane_fd(d->options.lane), .events = POLLIN },
		{ .fd = d->publisher ? eii_publisher_fd(d->publisher) : -1, .events = POLLIN },
		{ .fd = d->publisher ? eii_stop_fd(eii_lane_stop(d->options.lane)) : -1,
		  .events = POLLIN },
	};

	eii_lane_beat(d->options.lane, 0);
	(void)poll(fds, 3, wait_ms(d));
	eii_lane_beat(d->options.lane, 0);
	return fds[1].revents ||
	       (d->publisher && eii_clock_left_ms(eii_publisher_pump_due_ms(d->publisher)) == 0);
}

/* An order to cut takes the connection with it. */
static void heed_cut(struct eii_queue_driver *d)
{
	struct eii_error err;

	if (!d->publisher || !eii_stop_requested(eii_lane_stop(d->options.lane)))
		return;
	(void)eii_fail_kind(&err, EII_RETRY, EII_ERROR_STOPPED, "the connection was cut");
	lose(d, &err);
}

void *eii_queue_driver_run(void *arg)
{
	struct eii_queue_driver *d = arg;
	bool is_stuck = false;

	while (!eii_lane_is_closed(d->options.lane)) {
		struct eii_task *before;
		bool must_pump = true;

		if (is_stuck || !d->first)
			must_pump = wait_for_more(d);
		heed_cut(d);
		collect(d);
		before = d->first;
		carry_out_burst(d);
		if (d->publisher && must_pump)
			pump(d);
		else if (d->publisher)
			tell_news(d);
		/* A message that may not go yet waits for what the broker says. */
		is_stuck = d->first && d->first == before;
	}
	eii_publisher_free(EII_DETACH(d->publisher));
	return NULL;
}
