/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/fetcher.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "fetch_private.h"

/* Every mail of the budget, and the plans of a whole look-ahead: put never waits long. */
#define EVENTS_CAPACITY 8192
#define PUT_WAIT_MS     200

void eii_fetch_event_free(struct eii_fetch_event *event)
{
	if (!event)
		return;
	eii_mail_free(event->mail);
	free(event->uids);
	free(event);
}

struct eii_fetch_event *eii_fetch_event_new(enum eii_fetch_event_type type)
{
	struct eii_fetch_event *event = EII_NEW(struct eii_fetch_event);

	event->type = type;
	return event;
}

struct eii_fetcher *eii_fetcher_new(const struct eii_fetcher_options *options)
{
	struct eii_fetcher *f = EII_NEW(struct eii_fetcher);
	pthread_condattr_t attr;

	f->options = *options;
	f->events = eii_queue_new(EVENTS_CAPACITY);
	f->cut = eii_stop_new();
	f->plan = eii_calloc(PLAN_CAPACITY, sizeof(*f->plan));
	f->missing_infos =
		eii_calloc(MAX_GROUPS * EII_FETCH_CHUNK_MAILS, sizeof(*f->missing_infos));
	f->group_limit = EII_FETCH_CHUNK_MAILS;
	f->backoff = (struct eii_backoff){ .first_ms = options->first_wait_ms,
					   .max_ms = options->max_wait_ms };
	if (pthread_condattr_init(&attr) || pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) ||
	    pthread_cond_init(&f->ordered, &attr) || pthread_mutex_init(&f->lock, NULL))
		abort();
	(void)pthread_condattr_destroy(&attr);
	return f;
}

static void free_events(struct eii_queue *events)
{
	for (;;) {
		struct eii_fetch_event *event = eii_queue_take(events);

		if (!event)
			return;
		eii_fetch_event_free(event);
	}
}

void eii_fetcher_free(struct eii_fetcher *f)
{
	if (!f)
		return;
	eii_fetch_take_back(f);
	free_events(f->events);
	eii_queue_free(f->events);
	eii_stop_free(f->cut);
	eii_uid_set_clear(&f->candidates);
	free(f->plan);
	free(f->missing_infos);
	(void)pthread_cond_destroy(&f->ordered);
	(void)pthread_mutex_destroy(&f->lock);
	free(f);
}

struct eii_queue *eii_fetcher_events(struct eii_fetcher *f)
{
	return f->events;
}

struct eii_stop *eii_fetcher_cut(struct eii_fetcher *f)
{
	return f->cut;
}

/* ---- orders, from the publish thread ---------------------------------- */

/* A stop stands: no later order takes it away. */
static void give_order(struct eii_fetcher *f, enum order order)
{
	if (f->order != ORDER_STOP)
		f->order = order;
	(void)pthread_cond_signal(&f->ordered);
}

void eii_fetcher_look(struct eii_fetcher *f, const struct eii_fetch_place *place)
{
	(void)pthread_mutex_lock(&f->lock);
	f->place = *place;
	give_order(f, ORDER_LOOK);
	(void)pthread_mutex_unlock(&f->lock);
}

void eii_fetcher_go(struct eii_fetcher *f, uint32_t n_careful)
{
	(void)pthread_mutex_lock(&f->lock);
	f->n_careful = n_careful;
	give_order(f, ORDER_GO);
	(void)pthread_mutex_unlock(&f->lock);
}

void eii_fetcher_permit(struct eii_fetcher *f, enum eii_fetch_permit permit)
{
	(void)pthread_mutex_lock(&f->lock);
	f->permit = permit;
	f->has_permit = true;
	(void)pthread_cond_signal(&f->ordered);
	(void)pthread_mutex_unlock(&f->lock);
}

void eii_fetcher_abort(struct eii_fetcher *f)
{
	(void)pthread_mutex_lock(&f->lock);
	f->aborted = true;
	(void)pthread_cond_signal(&f->ordered);
	(void)pthread_mutex_unlock(&f->lock);
	eii_budget_abort(f->options.budget);
	eii_stop_request(f->cut);
}

void eii_fetcher_allow(struct eii_fetcher *f)
{
	(void)pthread_mutex_lock(&f->lock);
	f->aborted = f->order == ORDER_STOP;
	(void)pthread_mutex_unlock(&f->lock);
	eii_budget_reset(f->options.budget);
	eii_stop_reset(f->cut);
}

void eii_fetcher_stop(struct eii_fetcher *f)
{
	/* In this order: the cut is not to come between the server and its goodbye. */
	eii_fetcher_abort(f);
	(void)pthread_mutex_lock(&f->lock);
	give_order(f, ORDER_STOP);
	(void)pthread_mutex_unlock(&f->lock);
}

/* ---- the thread -------------------------------------------------------- */

bool eii_fetch_is_aborted(struct eii_fetcher *f)
{
	bool aborted;

	(void)pthread_mutex_lock(&f->lock);
	aborted = f->aborted;
	(void)pthread_mutex_unlock(&f->lock);
	return aborted;
}

void eii_fetch_push(struct eii_fetcher *f, struct eii_fetch_event *event)
{
	/* The answers to orders always arrive; the rest is worth nothing after an abort. */
	bool is_answer = event->type == EII_FETCH_LOOKED || event->type == EII_FETCH_ENDED;

	for (;;) {
		enum eii_rc rc =
			eii_queue_put(f->events, event, eii_clock_monotonic_ms() + PUT_WAIT_MS);

		if (!rc)
			return;
		if (rc == EII_FATAL || (!is_answer && eii_fetch_is_aborted(f)))
			break;
	}
	if (event->mail)
		eii_budget_release(f->options.budget, event->mail->reserved);
	eii_fetch_event_free(event);
}

static void answer(struct eii_fetcher *f, enum eii_fetch_event_type type, enum eii_rc rc,
		   const struct eii_error *err)
{
	struct eii_fetch_event *event = eii_fetch_event_new(type);

	event->rc = rc;
	event->error = *err;
	event->found = f->found;
	eii_fetch_push(f, event);
}

/* Waits before a new session; false when the order was aborted meanwhile. */
static bool wait_before_reopen(struct eii_fetcher *f)
{
	int64_t until = eii_clock_monotonic_ms() + eii_backoff_next(&f->backoff);

	return eii_stop_wait(f->cut, -1, 0, until) != EII_WAIT_STOPPED;
}

/*
 * After a lost session: what was under way goes back to the plan, and a new
 * session is tried. EII_OK: go on.
 */
static enum eii_rc recover(struct eii_fetcher *f, struct eii_error *err)
{
	enum eii_rc rc = EII_RETRY;

	f->options.mailbox->close(f->options.mailbox);
	eii_fetch_take_back(f);
	while (rc == EII_RETRY) {
		if (eii_fetch_is_aborted(f) || ++f->n_losses > EII_FETCH_MAX_LOSSES)
			return EII_RETRY;
		if (!wait_before_reopen(f))
			return EII_RETRY;
		rc = eii_fetch_reopen(f, err);
	}
	/* The server is back: should it die again, then on what it was asked for. */
	if (!rc)
		eii_backoff_succeeded(&f->backoff);
	return rc;
}

static enum eii_rc fetch_all(struct eii_fetcher *f, struct eii_error *err)
{
	f->n_losses = 0;
	for (;;) {
		enum eii_rc rc = eii_fetch_step(f, err);

		if (rc == EII_RETRY && !eii_fetch_is_aborted(f))
			rc = recover(f, err);
		if (rc)
			return rc;
		if (eii_fetch_is_aborted(f))
			return eii_fail_kind(err, EII_RETRY, EII_ERROR_STOPPED, "aborted");
		if (eii_fetch_is_idle(f))
			return EII_OK;
	}
}

static void do_go(struct eii_fetcher *f)
{
	struct eii_error err = { 0 };
	enum eii_rc rc = fetch_all(f, &err);

	/* A session in the middle of an answer is of no further use. */
	if (f->n_groups || rc)
		f->options.mailbox->close(f->options.mailbox);
	eii_fetch_take_back(f);
	f->n_plan = 0;
	f->n_missing = 0;
	answer(f, EII_FETCH_ENDED, rc, &err);
}

static void do_look(struct eii_fetcher *f, const struct eii_fetch_place *place)
{
	struct eii_error err = { 0 };
	enum eii_rc rc = eii_fetch_look_for_new(f, place, &err);

	if (rc)
		f->options.mailbox->close(f->options.mailbox);
	else
		eii_backoff_succeeded(&f->backoff);
	answer(f, EII_FETCH_LOOKED, rc, &err);
}

/* Keeps a held session alive; one that died is opened again when it is needed. */
static void keep_alive(struct eii_fetcher *f)
{
	struct eii_mailbox_port *mailbox = f->options.mailbox;
	struct eii_error err;
	bool changed;

	if (mailbox->is_open(mailbox) && mailbox->look(mailbox, &changed, &f->folder, &err))
		mailbox->close(mailbox);
}

static enum order wait_for_order(struct eii_fetcher *f, struct eii_fetch_place *out_place)
{
	int64_t until_ms = eii_clock_monotonic_ms() + EII_FETCH_NOOP_MS;
	struct timespec until = { .tv_sec = (time_t)(until_ms / 1000),
				  .tv_nsec = (long)(until_ms % 1000) * 1000000 };
	enum order order;
	int rc = 0;

	(void)pthread_mutex_lock(&f->lock);
	while (f->order == ORDER_NONE && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&f->ordered, &f->lock, &until);
	order = f->order;
	*out_place = f->place;
	if (order != ORDER_STOP)
		f->order = ORDER_NONE;
	(void)pthread_mutex_unlock(&f->lock);
	return order;
}

void *eii_fetcher_run(void *arg)
{
	struct eii_fetcher *f = arg;

	for (;;) {
		struct eii_fetch_place place;

		switch (wait_for_order(f, &place)) {
		case ORDER_NONE:
			keep_alive(f);
			break;
		case ORDER_LOOK:
			do_look(f, &place);
			break;
		case ORDER_GO:
			do_go(f);
			break;
		case ORDER_STOP:
			/* What was under way is over, and a goodbye bounds itself. */
			eii_stop_reset(f->cut);
			f->options.mailbox->close(f->options.mailbox);
			return NULL;
		}
	}
}
