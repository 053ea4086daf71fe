/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/heart.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/die.h"
#include "eii/base/log.h"
#include "eii/ingest/words.h"
#include "heart_private.h"

/* Facts taken in one go, so that no side starves another. */
#define NOTES_AT_ONCE 256

/* ---- life -------------------------------------------------------------- */

struct eii_heart *eii_heart_new(const struct eii_heart_options *options)
{
	struct eii_heart *h = EII_NEW(struct eii_heart);

	h->options = *options;
	h->done_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (h->done_fd < 0)
		eii_die("an event for the end", errno);
	return h;
}

void eii_heart_free(struct eii_heart *h)
{
	if (!h)
		return;
	for (uint16_t slot = 0; slot < EII_CORE_LINE_MAILS; slot++)
		eii_heart_drop(h, slot);
	eii_core_free(h->core);
	(void)close(h->done_fd);
	free(h);
}

int eii_heart_done_fd(const struct eii_heart *h)
{
	return h->done_fd;
}

enum eii_over_code eii_heart_code(const struct eii_heart *h)
{
	return h->code;
}

const char *eii_heart_words(const struct eii_heart *h)
{
	return h->words;
}

void eii_heart_post(struct eii_heart *h, enum eii_fact_type type)
{
	struct eii_note *note = eii_note_new(type, 0);

	if (eii_queue_put(h->options.notes, note, eii_clock_monotonic_ms()) != EII_OK)
		eii_note_free(note);
}

/* ---- orders ------------------------------------------------------------ */

static void post(struct eii_lane *lane, const struct eii_order *order)
{
	eii_lane_post(lane, eii_task_new(order));
}

static void send(struct eii_heart *h, const struct eii_order *order)
{
	struct eii_task *task = eii_task_new(order);

	if (order->send.kind == EII_MESSAGE_REPORT)
		eii_heart_sending(h, task);
	eii_lane_post(h->options.queue, task);
}

static void find_reports(struct eii_heart *h, const struct eii_order *order)
{
	struct eii_task *task = eii_task_new(order);

	for (uint16_t i = 0; i < order->find_reports.n; i++)
		eii_heart_report_id(h, order->find_reports.slots[i], task->ids[i]);
	eii_lane_post(h->options.platform, task);
}

static void cut(struct eii_heart *h, enum eii_part part)
{
	struct eii_lane *const lanes[EII_PARTS] = {
		[EII_PART_MAILBOX] = h->options.mailbox,
		[EII_PART_QUEUE] = h->options.queue,
		[EII_PART_PLATFORM] = h->options.platform,
	};

	if (lanes[part])
		eii_lane_cut(lanes[part]);
}

static void say(struct eii_heart *h, const struct eii_event *event)
{
	if (event->words && event->words[0])
		(void)snprintf(h->words, sizeof(h->words), "%s", event->words);
	else if (event->type == EII_EVENT_RIGHTS_MISSING)
		(void)snprintf(h->words, sizeof(h->words), "%s", eii_words_reason(event->type));
	eii_chronicle_hear(h->options.chronicle, event, eii_clock_unix_s());
	if (event->type == EII_EVENT_RUN_STARTED)
		h->flow_started_ms = eii_clock_monotonic_ms();
	/* There is no Work to account for. */
	if (event->type == EII_EVENT_WORK_ACCOUNTED && h->options.is_dry_run)
		return;
	/* At a terminal a line that is written over shows it. */
	if (event->type != EII_EVENT_RUN_PROGRESS || h->options.progress == EII_PROGRESS_LOG)
		eii_words_log(event);
}

static void carry_out(struct eii_heart *h, const struct eii_order *order)
{
	switch (order->type) {
	case EII_ORDER_FETCH:
		eii_heart_fetching(h, order);
		post(h->options.mailbox, order);
		break;
	case EII_ORDER_OPEN:
	case EII_ORDER_LIST:
	case EII_ORDER_LOOK:
	case EII_ORDER_SEARCH:
	case EII_ORDER_SIZES:
	case EII_ORDER_FIND:
	case EII_ORDER_WATCH:
	case EII_ORDER_GLANCE:
	case EII_ORDER_CLOSE:
		post(h->options.mailbox, order);
		break;
	case EII_ORDER_SEND:
		send(h, order);
		break;
	case EII_ORDER_DIAL:
	case EII_ORDER_HANG_UP:
		post(h->options.queue, order);
		break;
	case EII_ORDER_FIND_REPORTS:
		find_reports(h, order);
		break;
	case EII_ORDER_REGISTER:
	case EII_ORDER_PING:
	case EII_ORDER_READ_STATE:
	case EII_ORDER_QUEUE_SIZE:
	case EII_ORDER_WORK_FIND:
	case EII_ORDER_WORK_ADD:
	case EII_ORDER_WORK_TELL:
	case EII_ORDER_WORK_CLOSE:
	case EII_ORDER_WORK_LOOK:
	case EII_ORDER_RIGHTS:
	case EII_ORDER_KNOWN:
		post(h->options.platform, order);
		break;
	case EII_ORDER_CONVERT:
		eii_heart_convert(h, order);
		break;
	case EII_ORDER_MAKE:
		eii_heart_make(h, order);
		break;
	case EII_ORDER_DROP:
		eii_heart_drop(h, order->drop.slot);
		break;
	case EII_ORDER_CUT:
		cut(h, order->cut.part);
		break;
	case EII_ORDER_TELL:
		say(h, &order->tell);
		break;
	case EII_ORDER_OVER:
		h->code = order->over.code;
		break;
	case EII_ORDER_NONE:
	case EII_ORDERS:
		break;
	}
}

static void carry_out_all(struct eii_heart *h)
{
	struct eii_order order;

	while (eii_core_take_order(h->core, &order))
		carry_out(h, &order);
	eii_lane_hand_over(h->options.mailbox);
	eii_lane_hand_over(h->options.reports);
	eii_lane_hand_over(h->options.queue);
	eii_lane_hand_over(h->options.platform);
}

/* ---- facts ------------------------------------------------------------- */

/* Tells the core a fact of this instant, and carries out what it orders. */
static void tell(struct eii_heart *h, struct eii_fact *fact)
{
	fact->now_ms = eii_clock_monotonic_ms();
	fact->unix_s = eii_clock_unix_s();
	eii_core_tell(h->core, fact);
	carry_out_all(h);
}

static bool is_answer(enum eii_fact_type type)
{
	return type != EII_FACT_MAILBOX_BODY && type != EII_FACT_QUEUE_OUTCOME;
}

static void take_note(struct eii_heart *h, struct eii_note *note)
{
	if (note->fact.type == EII_FACT_MAILBOX_BODY)
		eii_heart_take_body(h, note);
	else if (note->fact.type == EII_FACT_QUEUE_OUTCOME)
		eii_heart_outcome(h, note);
	else if (note->fact.type == EII_FACT_CONVERTED)
		eii_heart_converted(h, note);
	else if (note->fact.type == EII_FACT_MADE)
		eii_heart_made(h, note);
	if (note->fact.order && is_answer(note->fact.type)) {
		eii_lane_answered(h->options.mailbox, note->fact.order);
		eii_lane_answered(h->options.queue, note->fact.order);
		eii_lane_answered(h->options.platform, note->fact.order);
	}
	tell(h, &note->fact);
}

static void take_notes(struct eii_heart *h)
{
	for (int i = 0; i < NOTES_AT_ONCE && !eii_core_is_over(h->core); i++) {
		EII_AUTO(eii_note) note = eii_queue_take(h->options.notes);

		if (!note)
			return;
		take_note(h, note);
	}
}

/* ---- the loop ---------------------------------------------------------- */

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t lanes_due_ms(const struct eii_heart *h)
{
	int64_t due_ms = eii_lane_due_ms(h->options.mailbox);

	due_ms = earlier(due_ms, eii_lane_due_ms(h->options.queue));
	return earlier(due_ms, eii_lane_due_ms(h->options.platform));
}

static void wait_once(struct eii_heart *h)
{
	struct pollfd fd = { .fd = eii_queue_fd(h->options.notes), .events = POLLIN };
	int64_t until_ms = earlier(eii_core_wakes_at_ms(h->core), lanes_due_ms(h));

	until_ms = earlier(until_ms, eii_clock_monotonic_ms() + EII_BEAT_MS);
	(void)poll(&fd, 1, eii_clock_left_ms(until_ms));
}

static void cut_when_due(struct eii_lane *lane, int64_t now_ms)
{
	if (eii_lane_due_ms(lane) <= now_ms)
		eii_lane_cut(lane);
}

/* Orders that were not answered by their instant. */
static void keep_deadlines(struct eii_heart *h)
{
	int64_t now_ms = eii_clock_monotonic_ms();

	cut_when_due(h->options.mailbox, now_ms);
	cut_when_due(h->options.queue, now_ms);
	cut_when_due(h->options.platform, now_ms);
}

static void begin(struct eii_heart *h)
{
	struct eii_fact fact = { .type = EII_FACT_TIME };

	h->options.core.now_ms = eii_clock_monotonic_ms();
	h->options.core.unix_s = eii_clock_unix_s();
	h->core = eii_core_new(&h->options.core);
	tell(h, &fact);
}

static void tell_time_if_due(struct eii_heart *h)
{
	struct eii_fact fact = { .type = EII_FACT_TIME };

	if (eii_core_wakes_at_ms(h->core) <= eii_clock_monotonic_ms())
		tell(h, &fact);
}

/* What the longest turn took shows whether the heart was ever kept from its facts. */
static void measure_turn(struct eii_heart *h, int64_t since_ms)
{
	int64_t turn_ms = eii_clock_monotonic_ms() - since_ms;

	if (turn_ms > atomic_load(&h->options.stats->heart_turn_ms))
		atomic_store(&h->options.stats->heart_turn_ms, turn_ms);
}

void *eii_heart_run(void *arg)
{
	struct eii_heart *h = arg;

	begin(h);
	while (!eii_core_is_over(h->core)) {
		int64_t since_ms;

		EII_BEAT(h->options.stats, heart_beat_ms);
		wait_once(h);
		since_ms = eii_clock_monotonic_ms();
		keep_deadlines(h);
		take_notes(h);
		tell_time_if_due(h);
		eii_heart_show(h);
		measure_turn(h, since_ms);
	}
	eii_heart_show(h);
	eii_heart_sum_up(h);
	(void)eventfd_write(h->done_fd, 1);
	return NULL;
}
