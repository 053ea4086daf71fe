/* SPDX-License-Identifier: Apache-2.0 */
#include "publish_private.h"

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/log.h"
#include "eii/stix/author.h"
#include "eii/stix/tlp.h"

/* Between two questions whether the platform has author and marking: doubles up to the last. */
#define ASK_FIRST_MS 100
#define ASK_LAST_MS  2000

/* ---- messages under way ------------------------------------------------ */

static struct slot *slot_of(struct eii_publish *p, uint64_t number)
{
	return &p->slots[number % MAX_SLOTS];
}

static uint64_t take_slot(struct eii_publish *p, struct eii_mail *mail, unsigned index)
{
	uint64_t number = p->next_number++;

	*slot_of(p, number) = (struct slot){
		.number = number, .mail = mail, .index = index, .sent_ms = eii_clock_monotonic_ms()
	};
	p->n_unconfirmed++;
	if (mail)
		mail->n_slots++;
	return number;
}

/*
 * A message of the mail has its outcome. The mail is settled when all have been
 * sent and confirmed; with all outcomes in but not all good it goes again.
 */
static void message_is_done(struct eii_publish *p, struct eii_mail *mail)
{
	mail->n_slots--;
	if (!mail->is_sent || mail->n_slots)
		return;
	if (mail->confirmed == (1u << mail->n_messages) - 1) {
		eii_publish_settle(p, mail);
		return;
	}
	mail->is_sent = false;
	mail->confirmed = 0;
	eii_mail_list_insert(&p->waiting, mail);
}

static void free_slot(struct eii_publish *p, struct slot *slot)
{
	struct eii_mail *mail = slot->mail;

	slot->number = 0;
	slot->mail = NULL;
	p->n_unconfirmed--;
	while (p->oldest < p->next_number && slot_of(p, p->oldest)->number != p->oldest)
		p->oldest++;
	if (mail)
		message_is_done(p, mail);
}

/* ---- sending ----------------------------------------------------------- */

bool eii_publish_can_send(struct eii_publish *p)
{
	struct eii_queue_port *queue = p->options.queue;

	return p->link == LINK_UP && p->known == KNOWN_YES && !queue->is_blocked(queue) &&
	       p->n_unconfirmed < EII_PUBLISH_WINDOW_MESSAGES &&
	       p->next_number - p->oldest < MAX_SLOTS - 1 &&
	       eii_clock_monotonic_ms() >= p->nack_until_ms;
}

static void link_is_lost(struct eii_publish *p, const struct eii_error *err);

static enum eii_rc send_bundle(struct eii_publish *p, struct eii_outgoing *outgoing,
			       struct eii_error *err)
{
	struct eii_queue_port *queue = p->options.queue;
	enum eii_rc rc;

	outgoing->work_id = p->work_id;
	rc = queue->send(queue, outgoing, err);
	if (rc) {
		link_is_lost(p, err);
		return rc;
	}
	EII_COUNT(p->options.stats, n_published);
	EII_COUNT_BY(p->options.stats, published_bytes,
		     queue->message_bytes(queue, p->work_id, outgoing->bundle_bytes));
	return EII_OK;
}

struct report_message {
	const struct eii_report *report;
	unsigned index;
};

static enum eii_rc write_report(const void *arg, struct eii_sink *sink, struct eii_error *err)
{
	const struct report_message *message = arg;

	return eii_report_write_bundle(message->report, message->index, sink, err);
}

enum eii_rc eii_publish_send_report(struct eii_publish *p, struct eii_mail *mail,
				    const struct eii_report *report, unsigned index,
				    struct eii_error *err)
{
	struct report_message message = { .report = report, .index = index };
	struct eii_outgoing outgoing = {
		.number = take_slot(p, mail, index),
		.bundle_bytes = eii_report_bundle_size(report, index),
		.write_bundle = write_report,
		.arg = &message,
		.report = report,
		.index = index,
	};

	return send_bundle(p, &outgoing, err);
}

static enum eii_rc write_author(const void *arg, struct eii_sink *sink, struct eii_error *err)
{
	return eii_author_write_bundle(arg, sink, err);
}

static enum eii_rc write_marking(const void *arg, struct eii_sink *sink, struct eii_error *err)
{
	return eii_tlp_write_bundle(arg, sink, err);
}

typedef enum eii_rc object_writer(const void *arg, struct eii_sink *sink, struct eii_error *err);

static enum eii_rc send_object(struct eii_publish *p, object_writer *write, const void *arg,
			       uint64_t *out_number)
{
	struct eii_count_sink count;
	struct eii_outgoing outgoing = { .write_bundle = write, .arg = arg };
	struct eii_error err;
	enum eii_rc rc;

	eii_count_sink_init(&count);
	rc = write(arg, &count.base, &err);
	if (rc)
		return rc;
	outgoing.bundle_bytes = count.n_bytes;
	outgoing.number = take_slot(p, NULL, 0);
	*out_number = outgoing.number;
	p->n_used++;
	return send_bundle(p, &outgoing, &err);
}

/* ---- the connection, from down to up ----------------------------------- */

/*
 * What had no outcome is sent again: the broker may or may not have it, and a
 * second report of the same id changes nothing.
 */
static void take_back_unconfirmed(struct eii_publish *p)
{
	for (uint64_t number = p->oldest; number < p->next_number; number++) {
		struct slot *slot = slot_of(p, number);

		if (slot->number != number)
			continue;
		if (slot->mail)
			slot->mail->confirmed = 0;
		free_slot(p, slot);
	}
	p->oldest = p->next_number;
	/* The first half of a split report may have been among them. */
	if (p->held) {
		p->held->confirmed = 0;
		p->held_index = 0;
	}
}

static void link_is_lost(struct eii_publish *p, const struct eii_error *err)
{
	uint32_t wait = eii_backoff_next(&p->link_backoff);

	p->options.queue->close(p->options.queue);
	take_back_unconfirmed(p);
	p->link = LINK_DOWN;
	p->link_due_ms = eii_clock_monotonic_ms() + wait;
	EII_LOG(WARN, "amqp.lost",
		"The connection to the queue is lost; what is unconfirmed is sent again",
		EII_STR("reason", err->text), EII_STR("next", "retry"), EII_U64("delay_ms", wait));
}

void eii_publish_close_link(struct eii_publish *p)
{
	p->options.queue->close(p->options.queue);
	take_back_unconfirmed(p);
	p->link = LINK_DOWN;
	p->link_due_ms = 0;
	p->known = KNOWN_NO;
	p->has_identity = false;
	p->has_marking = false;
	p->marking_sent = false;
}

static void dial(struct eii_publish *p)
{
	struct eii_queue_port *queue = p->options.queue;
	struct eii_error err = { 0 };
	enum eii_rc rc = queue->open(queue, &err);
	uint32_t wait;

	if (rc == EII_OK) {
		EII_COUNT(p->options.stats, n_queue_connects);
		p->n_link_failures = 0;
		p->link = LINK_COUNTING;
		/* The author, and for a run's first connection the marking behind it. */
		p->n_demand += p->marking_sent ? 1 : 2;
		p->counts_at_once = true;
		return;
	}
	p->n_link_failures++;
	if (rc == EII_FATAL && !atomic_load(&p->options.stats->n_queue_connects)) {
		eii_publish_trouble(p, TROUBLE_FATAL, &err);
		return;
	}
	if (p->options.mode == EII_PUBLISH_ONCE && p->n_link_failures >= p->options.max_tries) {
		eii_publish_trouble(p, TROUBLE_GAVE_UP, &err);
		return;
	}
	wait = eii_backoff_next(&p->link_backoff);
	p->link_due_ms = eii_clock_monotonic_ms() + wait;
	EII_LOG(WARN, "amqp.not_connected", "No connection to the queue",
		EII_STR("reason", err.text), EII_STR("next", "retry"), EII_U64("delay_ms", wait));
}

static void send_author(struct eii_publish *p)
{
	if (!eii_publish_has_credit(p))
		return;
	if (send_object(p, write_author, p->options.report, &p->author_number) == EII_OK)
		p->link = LINK_AUTHOR;
}

/* The author's confirm shows that the connection works and the queue is there. */
static void link_is_up(struct eii_publish *p)
{
	uint64_t number;

	p->link = LINK_UP;
	eii_backoff_succeeded(&p->link_backoff);
	if (p->marking_sent)
		return;
	p->marking_sent = send_object(p, write_marking, p->options.report, &number) == EII_OK;
}

/* ---- does the platform have author and marking? ------------------------ */

static void ask_known(struct eii_publish *p, int64_t now)
{
	struct eii_desk_call *identity = eii_desk_call_new(EII_DESK_HAS_IDENTITY);
	struct eii_desk_call *marking = eii_desk_call_new(EII_DESK_HAS_MARKING);

	identity->text = eii_strdup(eii_report_author_id(p->options.report));
	marking->text = eii_strdup(eii_report_marking_id(p->options.report));
	p->n_asking = 2;
	p->n_calls += 2;
	p->known_due_ms = now + p->known_wait_ms;
	p->known_wait_ms = p->known_wait_ms * 2 < ASK_LAST_MS ? p->known_wait_ms * 2 : ASK_LAST_MS;
	eii_desk_post(p->options.desk, identity);
	eii_desk_post(p->options.desk, marking);
}

/*
 * A report that overtakes its marking is imported without it, in silence: so
 * reports wait for it. An absent author costs its name only.
 */
static void tend_known(struct eii_publish *p)
{
	int64_t now = eii_clock_monotonic_ms();
	struct eii_error err;

	if (p->known == KNOWN_YES || p->n_asking)
		return;
	if (p->known == KNOWN_ASKING && p->has_marking && p->has_identity) {
		p->known = KNOWN_YES;
		return;
	}
	if (p->known == KNOWN_NO) {
		p->known = KNOWN_ASKING;
		p->known_until_ms = now + EII_PUBLISH_KNOWN_WAIT_MS;
		p->known_due_ms = now;
		p->known_wait_ms = ASK_FIRST_MS;
	}
	if (now >= p->known_until_ms && p->has_marking) {
		EII_LOG_PLAINLY(
			WARN, "platform.author_unknown",
			"The platform has not imported the author; reports go without waiting for "
			"it");
		p->known = KNOWN_YES;
		return;
	}
	if (now >= p->known_until_ms) {
		(void)eii_fail(&err, EII_RETRY,
			       "the platform has not imported the marking %s within %d s; are its "
			       "workers running?",
			       eii_report_marking_id(p->options.report),
			       EII_PUBLISH_KNOWN_WAIT_MS / 1000);
		eii_publish_trouble(p, TROUBLE_PLATFORM, &err);
		return;
	}
	if (now >= p->known_due_ms)
		ask_known(p, now);
}

void eii_publish_tend_link(struct eii_publish *p)
{
	switch (p->link) {
	case LINK_DOWN:
		if (p->work_id && eii_clock_left_ms(p->link_due_ms) == 0)
			dial(p);
		break;
	case LINK_COUNTING:
		send_author(p);
		break;
	case LINK_AUTHOR:
		break;
	case LINK_UP:
		tend_known(p);
		break;
	}
}

int64_t eii_publish_link_due(const struct eii_publish *p)
{
	int64_t now = eii_clock_monotonic_ms();

	/* rabbitmq-c sends heartbeats only when it is called: once a second at least. */
	return p->link == LINK_DOWN ? INT64_MAX : now + 1000;
}

/* ---- outcomes ---------------------------------------------------------- */

static void nacked(struct eii_publish *p, struct eii_mail *mail)
{
	uint32_t wait = eii_backoff_next(&p->nack_backoff);

	EII_COUNT(p->options.stats, n_nacked);
	p->nack_until_ms = eii_clock_monotonic_ms() + wait;
	EII_LOG(WARN, "amqp.nacked", "The broker refused a message (is the queue full?)",
		EII_U64("uid", mail ? mail->uid : 0), EII_STR("next", "retry"),
		EII_U64("delay_ms", wait));
}

static void too_large(struct eii_publish *p, struct eii_mail *mail, uint64_t limit_bytes)
{
	if (!mail)
		return;
	mail->message_limit =
		limit_bytes ? limit_bytes
			    : eii_report_next_smaller_limit(p->options.report, mail->message_limit);
	EII_LOG(WARN, "amqp.too_large",
		"The broker's max_message_size is smaller than MQ_MAX_MESSAGE_BYTES says; "
		"the report goes again with less attached",
		EII_U64("uid", mail->uid), EII_U64("limit_bytes", mail->message_limit));
}

static void queue_is_gone(struct eii_publish *p)
{
	struct eii_error err;

	EII_COUNT(p->options.stats, n_returned);
	(void)eii_fail(&err, EII_RETRY,
		       "the broker returned a message: the push queue is gone with what was in it");
	eii_publish_trouble(p, TROUBLE_RETURNED, &err);
}

static void author_is_refused(struct eii_publish *p)
{
	struct eii_error err;

	if (p->link != LINK_AUTHOR)
		return;
	(void)eii_fail(&err, EII_RETRY, "the broker refused the author's message");
	link_is_lost(p, &err);
}

static void heed_outcome(struct eii_publish *p, const struct eii_send_outcome *outcome)
{
	struct slot *slot = slot_of(p, outcome->number);
	struct eii_mail *mail = slot->mail;
	bool is_author = outcome->number == p->author_number && p->link == LINK_AUTHOR;

	if (!outcome->number || slot->number != outcome->number)
		return;
	eii_times_add(&p->options.stats->confirm_times, eii_clock_monotonic_ms() - slot->sent_ms);
	switch (outcome->result) {
	case EII_SEND_CONFIRMED:
		eii_backoff_succeeded(&p->nack_backoff);
		if (mail)
			mail->confirmed |= 1u << slot->index;
		break;
	case EII_SEND_NACKED:
		nacked(p, mail);
		break;
	case EII_SEND_RETURNED:
		queue_is_gone(p);
		break;
	case EII_SEND_TOO_LARGE:
		too_large(p, mail, outcome->limit_bytes);
		break;
	}
	free_slot(p, slot);
	if (is_author && outcome->result == EII_SEND_CONFIRMED)
		link_is_up(p);
	else if (is_author)
		author_is_refused(p);
}

void eii_publish_outcomes(struct eii_publish *p)
{
	struct eii_queue_port *queue = p->options.queue;
	struct eii_send_outcome outcome;
	struct eii_error err = { 0 };
	enum eii_rc rc = EII_OK;

	if (!queue->is_open(queue))
		return;
	rc = queue->pump(queue, &err);
	while (queue->next_outcome(queue, &outcome))
		heed_outcome(p, &outcome);
	if (rc && p->link != LINK_DOWN)
		link_is_lost(p, &err);
}
