/* SPDX-License-Identifier: Apache-2.0 */
#include "publish_private.h"

#include <poll.h>
#include <sys/eventfd.h>

#include "eii/base/clock.h"

/* Events taken in one go, so that no side starves another. */
#define EVENTS_AT_ONCE 256

bool eii_publish_is_stopping(const struct eii_publish *p)
{
	return eii_stop_requested(p->options.stop);
}

void eii_publish_trouble(struct eii_publish *p, enum trouble trouble, const struct eii_error *err)
{
	if (p->trouble != TROUBLE_NONE)
		return;
	p->trouble = trouble;
	p->trouble_error = err ? *err : (struct eii_error){ 0 };
}

static void take_fetch_events(struct eii_publish *p)
{
	struct eii_queue *events = eii_fetcher_events(p->options.fetcher);

	for (int i = 0; i < EVENTS_AT_ONCE; i++) {
		struct eii_fetch_event *event = eii_queue_take(events);

		if (!event)
			return;
		eii_publish_fetch_event(p, event);
		eii_fetch_event_free(event);
	}
}

static void take_answers(struct eii_publish *p)
{
	struct eii_queue *answers = eii_desk_answers(p->options.desk);

	for (;;) {
		struct eii_desk_call *call = eii_queue_take(answers);

		if (!call)
			return;
		eii_publish_answer(p, call);
	}
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The descriptors of everything that can come. */
enum { FD_STOP, FD_WAKE, FD_FETCH, FD_DESK, FD_QUEUE, FD_CONVERTER, N_FDS };

static void poll_once(struct eii_publish *p, int64_t until_ms)
{
	struct eii_queue_port *queue = p->options.queue;
	struct pollfd fds[N_FDS] = {
		/* A stop that is known already must not make every wait a busy one. */
		[FD_STOP] = { .fd = eii_publish_is_stopping(p) ? -1
							       : eii_stop_fd(p->options.stop) },
		/* During a run a wake-up waits for its end. */
		[FD_WAKE] = { .fd = p->is_idle ? p->wake_fd : -1 },
		[FD_FETCH] = { .fd = eii_queue_fd(eii_fetcher_events(p->options.fetcher)) },
		[FD_DESK] = { .fd = eii_queue_fd(eii_desk_answers(p->options.desk)) },
		[FD_QUEUE] = { .fd = queue->is_open(queue) ? queue->fd(queue) : -1 },
	};
	int64_t converter_due_ms = INT64_MAX;

	for (int i = 0; i < FD_CONVERTER; i++)
		fds[i].events = POLLIN;
	until_ms = earlier(until_ms, eii_publish_link_due(p));
	eii_converter_poll(p->options.converter, &fds[FD_CONVERTER], &converter_due_ms);
	until_ms = earlier(until_ms, converter_due_ms);
	until_ms = earlier(until_ms, eii_clock_monotonic_ms() + EII_BEAT_MS);
	(void)poll(fds, N_FDS, eii_clock_left_ms(until_ms));
}

void eii_publish_wait(struct eii_publish *p, int64_t until_ms)
{
	EII_BEAT(p->options.stats, publish_beat_ms);
	poll_once(p, until_ms);
	EII_BEAT(p->options.stats, publish_beat_ms);
	if (p->is_registered && eii_desk_generation(p->options.desk) != p->generation)
		eii_publish_trouble(p, TROUBLE_RESET, NULL);
	if (eii_publish_is_stopping(p))
		eii_publish_trouble(p, TROUBLE_STOPPED, NULL);
	take_answers(p);
	eii_publish_outcomes(p);
	take_fetch_events(p);
	eii_publish_line(p);
}

bool eii_publish_sleep(struct eii_publish *p, int64_t ms)
{
	int64_t until = eii_clock_monotonic_ms() + ms;

	while (p->trouble == TROUBLE_NONE && eii_clock_left_ms(until) > 0)
		eii_publish_wait(p, until);
	return p->trouble == TROUBLE_NONE;
}
