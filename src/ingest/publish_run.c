/* SPDX-License-Identifier: Apache-2.0 */
#include "publish_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/log.h"

#define FAR_MS           1000
#define PROGRESS_MS      10000
#define PROGRESS_LINE_MS 200
/* Mails that may have been under way when the process died: so many go one by one. */
#define CAREFUL_MAILS      1024
#define CAREFUL_FROM_START 2
#define MAX_ATTEMPTS       3

/* ---- what the fetch thread tells --------------------------------------- */

/* Careful mode: the mail is named in the state before it is fetched. */
static void name_in_hand(struct eii_publish *p)
{
	enum eii_fetch_permit permit = EII_FETCH_PERMIT_WHOLE;
	uint32_t uid = p->asked_uid;
	struct eii_error err;

	p->asked_uid = 0;
	p->in_hand_attempts = p->in_hand_uid == uid ? p->in_hand_attempts + 1 : 1;
	p->in_hand_uid = uid;
	if (eii_publish_save(p, EII_SAVE_PLACE, &err))
		return; /* trouble: the fetch is aborted soon */
	if (p->in_hand_attempts >= MAX_ATTEMPTS) {
		permit = EII_FETCH_PERMIT_HEAD;
		EII_LOG(WARN, "mail.given_up",
			"The process ended twice on this mail: it becomes a report without "
			"conversion",
			EII_U64("uidvalidity", p->place.uidvalidity), EII_U64("uid", uid));
	}
	eii_fetcher_permit(p->options.fetcher, permit);
}

static void fetch_ended(struct eii_publish *p, const struct eii_fetch_event *event)
{
	p->is_fetching = false;
	p->fetch_rc = event->rc;
	p->fetch_error = event->error;
	if (event->rc == EII_REJECT)
		eii_publish_trouble(p, TROUBLE_RENUMBERED, &event->error);
	else if (event->rc)
		eii_publish_trouble(p, TROUBLE_FETCH, &event->error);
}

static void planned(struct eii_publish *p, const struct eii_fetch_event *event)
{
	for (uint32_t i = 0; i < event->n; i++)
		eii_cursor_add(p->cursor, event->uids[i]);
	p->n_demand += event->n;
}

static void lost(struct eii_publish *p, uint32_t uid)
{
	EII_COUNT(p->options.stats, n_expunged);
	/* What was counted for it is the next one's. */
	p->n_demand--;
	p->n_settled++;
	eii_cursor_settle(p->cursor, uid);
	eii_publish_place_moved(p);
}

static void arrived(struct eii_publish *p, struct eii_fetch_event *event)
{
	struct eii_mail *mail = EII_DETACH(event->mail);

	EII_COUNT(p->options.stats, n_fetched);
	EII_COUNT_BY(p->options.stats, fetched_bytes, mail->raw_len);
	if (p->trouble != TROUBLE_NONE && p->trouble != TROUBLE_STOPPED) {
		eii_budget_release(p->options.budget, mail->reserved);
		eii_mail_free(mail);
		return;
	}
	eii_mail_list_insert(&p->waiting, mail);
}

void eii_publish_fetch_event(struct eii_publish *p, struct eii_fetch_event *event)
{
	/* Bodies, and all else of a run, come behind the plan. */
	if (event->type != EII_FETCH_PLANNED && event->type != EII_FETCH_SETTLED)
		p->has_plan = true;
	switch (event->type) {
	case EII_FETCH_LOOKED:
		p->is_looking = false;
		p->look_rc = event->rc;
		p->fetch_error = event->error;
		p->found = event->found;
		break;
	case EII_FETCH_PLANNED:
		planned(p, event);
		break;
	case EII_FETCH_SETTLED:
		p->n_settled += event->n;
		break;
	case EII_FETCH_ASKED:
		p->asked_uid = event->uid;
		break;
	case EII_FETCH_MAIL:
		arrived(p, event);
		break;
	case EII_FETCH_LOST:
		lost(p, event->uid);
		break;
	case EII_FETCH_ENDED:
		fetch_ended(p, event);
		break;
	}
}

/* ---- progress ---------------------------------------------------------- */

static void progress_line(struct eii_publish *p, int64_t now)
{
	double seconds = (double)(now - p->flow_started_ms) / 1000.0;
	double rate = seconds > 0 ? (double)p->n_settled / seconds : 0;
	uint64_t left = p->n_found > p->n_settled ? p->n_found - p->n_settled : 0;

	(void)dprintf(p->options.progress_fd,
		      "\r%llu of %llu mails, %.0f mails/s, %.0f s left \033[K",
		      (unsigned long long)p->n_settled, (unsigned long long)p->n_found, rate,
		      rate > 0 ? (double)left / rate : 0.0);
}

static int64_t older(int64_t instant_s, const struct eii_mail *mail)
{
	if (!mail)
		return instant_s;
	return !instant_s || mail->internal_unix_s < instant_s ? mail->internal_unix_s : instant_s;
}

/* Each list is in the order of UIDs: its head stands for it. */
static int64_t oldest_in_hand(const struct eii_publish *p)
{
	const struct slot *slot = &p->slots[p->oldest % MAX_SLOTS];
	int64_t instant_s = older(0, p->waiting.first);

	instant_s = older(instant_s, p->converting.first);
	instant_s = older(instant_s, p->held);
	return older(instant_s, slot->number == p->oldest ? slot->mail : NULL);
}

void eii_publish_show(struct eii_publish *p)
{
	struct eii_stats *stats = p->options.stats;
	int64_t oldest_s = oldest_in_hand(p);

	atomic_store(&stats->run_done, (int64_t)p->n_settled);
	atomic_store(&stats->n_unconfirmed, (int64_t)p->n_unconfirmed);
	/* What a broken run has put down still waits, for the next one. */
	if (oldest_s)
		atomic_store(&stats->oldest_waiting_s, oldest_s);
}

void eii_publish_progress(struct eii_publish *p)
{
	int64_t now = eii_clock_monotonic_ms();

	eii_publish_show(p);
	if (p->options.progress_fd >= 0) {
		if (now >= p->progress_ms) {
			progress_line(p, now);
			p->progress_ms = now + PROGRESS_LINE_MS;
		}
		return;
	}
	if (now < p->progress_ms)
		return;
	p->progress_ms = now + PROGRESS_MS;
	EII_LOG(INFO, "run.progress", "Importing", EII_U64("done", p->n_settled),
		EII_U64("found", p->n_found), EII_U64("reports", p->n_reports),
		EII_U64("under_way", p->n_unconfirmed), EII_U64("cursor", p->place.cursor));
}

/* ---- the steps of a run ------------------------------------------------ */

/* Registers where that is not done, or no longer true. */
static enum eii_rc ensure_registered(struct eii_publish *p, struct eii_error *err)
{
	struct eii_desk_call *call;
	enum eii_rc rc;

	if (p->is_registered && p->generation == eii_desk_generation(p->options.desk))
		return EII_OK;
	atomic_store(&p->options.stats->is_registered, 0);
	call = eii_publish_call(p, eii_desk_call_new(EII_DESK_REGISTER));
	rc = call->rc;
	if (rc) {
		*err = call->error;
		/* What never worked is a wrong setting, also where other calls of the token work.
		 */
		if (!p->was_registered && err->kind == EII_ERROR_CREDENTIALS)
			rc = EII_FATAL;
	} else {
		p->is_registered = true;
		p->was_registered = true;
		atomic_store(&p->options.stats->is_registered, 1);
		p->generation = call->generation;
		p->traits = call->traits;
		p->last_ingestion_s = call->ingestion_s;
		eii_publish_adopt_place(p, call->mailbox);
	}
	eii_desk_call_free(call);
	return rc;
}

/* Over the threshold nothing begins, for a period at most. */
static bool wait_for_room(struct eii_publish *p)
{
	p->size_due_ms = 0;
	for (;;) {
		eii_publish_tend_work(p);
		while (p->is_asking_size && p->trouble == TROUBLE_NONE)
			eii_publish_wait(p, eii_clock_monotonic_ms() + FAR_MS);
		if (p->trouble != TROUBLE_NONE)
			return false;
		if (!p->is_over)
			return true;
		if (!eii_publish_sleep(p, EII_PUBLISH_THRESHOLD_MS))
			return false;
	}
}

static enum eii_rc look(struct eii_publish *p)
{
	struct eii_fetch_place place = p->place;

	/* A first window begins where the official connector would. */
	place.new_window_since_s = p->last_ingestion_s ? p->last_ingestion_s
				   : p->place.has_window
					   ? p->place.window_since_s
					   : p->run_started_s - p->options.start_period_s;
	p->is_looking = true;
	eii_fetcher_allow(p->options.fetcher);
	eii_fetcher_look(p->options.fetcher, &place);
	while (p->is_looking) {
		if (p->trouble != TROUBLE_NONE)
			eii_fetcher_abort(p->options.fetcher);
		eii_publish_wait(p, eii_clock_monotonic_ms() + FAR_MS);
	}
	return p->look_rc;
}

/* Counts this start, so that a mail that kills the process is found out. */
static enum eii_rc count_start(struct eii_publish *p, struct eii_error *err)
{
	if (p->place.uidvalidity != p->found.place.uidvalidity)
		eii_ring_age(p->ring);
	p->place = p->found.place;
	eii_cursor_reset(p->cursor, p->place.cursor);
	p->run_place = p->place;
	eii_ring_free(p->run_ring);
	p->run_ring = eii_ring_copy(p->ring);
	p->n_starts++;
	return eii_publish_save(p, EII_SAVE_PLACE, err);
}

static bool open_work(struct eii_publish *p)
{
	p->n_demand = 0;
	p->n_counted = 0;
	p->n_used = 0;
	p->counted_ms = 0;
	p->wants_work = true;
	for (;;) {
		eii_publish_tend_work(p);
		if (p->work_id)
			return true;
		if (p->trouble != TROUBLE_NONE)
			return false;
		eii_publish_wait(p, eii_clock_monotonic_ms() + 100);
	}
}

static bool is_flowing(const struct eii_publish *p)
{
	return p->is_fetching || !eii_publish_line_is_empty(p) || p->n_unconfirmed > 0;
}

static void flow(struct eii_publish *p)
{
	bool is_suspicious = p->n_starts >= CAREFUL_FROM_START || p->in_hand_uid > p->place.cursor;

	p->is_fetching = true;
	p->has_plan = false;
	p->flow_started_ms = eii_clock_monotonic_ms();
	p->progress_ms = p->flow_started_ms + PROGRESS_MS;
	if (p->options.progress_fd >= 0)
		p->progress_ms = p->flow_started_ms;
	if (is_suspicious)
		EII_LOG(WARN, "run.careful",
			"The last starts made no progress: fetching mail by mail",
			EII_U64("starts", p->n_starts));
	eii_fetcher_go(p->options.fetcher, is_suspicious ? CAREFUL_MAILS : 0);
	while (p->trouble == TROUBLE_NONE && is_flowing(p)) {
		/* One at a time: what is named in the state is what the process works on. */
		if (p->asked_uid && eii_publish_line_is_empty(p) && p->n_unconfirmed == 0)
			name_in_hand(p);
		eii_publish_tend_work(p);
		eii_publish_tend_link(p);
		eii_publish_tend_place(p);
		eii_publish_progress(p);
		eii_publish_wait(p, eii_clock_monotonic_ms() + 100);
	}
	if (p->options.progress_fd >= 0) {
		progress_line(p, eii_clock_monotonic_ms());
		(void)dprintf(p->options.progress_fd, "\n");
	}
}

/* ---- one run ----------------------------------------------------------- */

static void begin(struct eii_publish *p)
{
	p->trouble = TROUBLE_NONE;
	p->run_started_s = eii_clock_unix_s();
	p->n_found = 0;
	p->n_settled = 0;
	p->n_reports = 0;
	p->n_run_fallbacks = 0;
	p->asked_uid = 0;
	p->is_finishing = false;
	p->link_due_ms = 0;
	p->n_link_failures = 0;
	EII_COUNT(p->options.stats, n_runs);
}

static enum run_result failed(struct eii_publish *p, enum eii_rc rc, const struct eii_error *err)
{
	if (eii_publish_is_stopping(p))
		return RUN_STOPPED;
	if (rc != EII_FATAL && p->trouble != TROUBLE_NONE)
		return eii_publish_result_of(p);
	p->trouble = rc == EII_FATAL ? TROUBLE_FATAL : TROUBLE_FETCH;
	p->trouble_error = *err;
	return eii_publish_result_of(p);
}

static enum run_result nothing_new(struct eii_publish *p)
{
	p->place = p->found.place;
	eii_cursor_reset(p->cursor, p->place.cursor);
	eii_publish_save_at_end(p);
	EII_LOG(INFO, "run.nothing_new", "No new mail",
		EII_U64("uidvalidity", p->place.uidvalidity), EII_U64("cursor", p->place.cursor));
	return eii_publish_result_of(p);
}

enum run_result eii_publish_one_run(struct eii_publish *p)
{
	struct eii_error err = { 0 };
	enum eii_rc rc;

	begin(p);
	rc = ensure_registered(p, &err);
	if (rc)
		return failed(p, rc, &err);
	if (!wait_for_room(p))
		return eii_publish_result_of(p);
	rc = look(p);
	if (rc || p->trouble != TROUBLE_NONE)
		return failed(p, rc, &p->fetch_error);
	p->n_found = p->found.n_candidates;
	atomic_store(&p->options.stats->run_found, (int64_t)p->n_found);
	eii_publish_show(p);
	atomic_store(&p->options.stats->uidnext, p->found.uidnext);
	if (p->n_found == 0)
		return nothing_new(p);
	rc = count_start(p, &err);
	if (rc)
		return failed(p, rc, &err);
	if (!open_work(p)) {
		eii_publish_finish(p);
		return eii_publish_result_of(p);
	}
	EII_LOG(INFO, "run.started", "Importing new mails", EII_U64("found", p->n_found),
		EII_U64("uidvalidity", p->place.uidvalidity), EII_U64("cursor", p->place.cursor));
	flow(p);
	eii_publish_finish(p);
	eii_publish_log_end(p);
	return eii_publish_result_of(p);
}
