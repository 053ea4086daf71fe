/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "eii/base/clock.h"
#include "eii/base/log.h"
#include "heart_private.h"

#define PROGRESS_LINE_MS 200
#define LINE_MAX_BYTES   160

/* A line at a terminal that is written over until the run is over. */
static void show_progress(struct eii_heart *h, const struct eii_core_view *view)
{
	int64_t now_ms = eii_clock_monotonic_ms();
	double seconds = (double)(now_ms - h->flow_started_ms) / 1000.0;
	double rate = seconds > 0 ? (double)view->n_settled / seconds : 0;
	uint64_t left = view->n_found > view->n_settled ? view->n_found - view->n_settled : 0;
	bool is_over = view->phase != EII_PHASE_FLOW;
	char line[LINE_MAX_BYTES];

	if (!h->flow_started_ms || (!is_over && now_ms < h->progress_ms))
		return;
	h->progress_ms = now_ms + PROGRESS_LINE_MS;
	(void)snprintf(line, sizeof(line),
		       "\r%llu of %llu mails, %.0f mails/s, %.0f s left \033[K%s",
		       (unsigned long long)view->n_settled, (unsigned long long)view->n_found, rate,
		       rate > 0 ? (double)left / rate : 0.0, is_over ? "\n" : "");
	eii_log_terminal(line);
	if (is_over)
		h->flow_started_ms = 0;
}

static enum eii_activity activity_of(enum eii_phase phase)
{
	switch (phase) {
	case EII_PHASE_IDLE:
		return EII_ACTIVITY_IDLE;
	case EII_PHASE_STOP:
		return EII_ACTIVITY_STOPPED;
	case EII_PHASE_LOOK:
	case EII_PHASE_FLOW:
	case EII_PHASE_CLOSE:
		break;
	}
	return EII_ACTIVITY_RUNNING;
}

/* For whoever looks at a page. */
static void show_sight(struct eii_heart *h, const struct eii_core_view *view)
{
	struct eii_stats *stats = h->options.stats;
	struct eii_sight sight = {
		.view = view,
		.now_ms = eii_clock_monotonic_ms(),
		.unix_s = eii_clock_unix_s(),
		.n_mails = atomic_load(&stats->n_confirmed),
	};

	for (unsigned reason = 0; reason < EII_MAIL_REASONS; reason++)
		sight.n_fallbacks += atomic_load(&stats->n_fallbacks[reason]);
	eii_chronicle_see(h->options.chronicle, &sight);
}

void eii_heart_show(struct eii_heart *h)
{
	struct eii_stats *stats = h->options.stats;
	struct eii_core_view view;

	eii_core_view(h->core, &view);
	atomic_store(&stats->activity, activity_of(view.phase));
	atomic_store(&stats->is_registered, view.is_registered);
	atomic_store(&stats->is_over_threshold, view.is_over_threshold);
	atomic_store(&stats->needs_rights, view.needs_rights);
	atomic_store(&stats->has_twin, view.has_twin);
	atomic_store(&stats->has_foreign, view.has_foreign);
	atomic_store(&stats->next_run_ms, view.next_run_ms);
	atomic_store(&stats->last_success_s, view.last_success_unix_s);
	/* What a broken run has put down still waits, for the next one. */
	if (view.oldest_waiting_unix_s || view.n_settled >= view.n_found)
		atomic_store(&stats->oldest_waiting_s, view.oldest_waiting_unix_s);
	atomic_store(&stats->run_found, (int64_t)view.n_found);
	atomic_store(&stats->run_done, (int64_t)view.n_settled);
	atomic_store(&stats->n_runs, view.n_runs);
	atomic_store(&stats->n_failed_runs, view.n_failed_runs);
	atomic_store(&stats->n_expunged, view.n_expunged);
	atomic_store(&stats->n_sent_again, view.n_sent_again);
	atomic_store(&stats->n_lost_reports, view.n_lost_reports);
	atomic_store(&stats->n_work_errors_mendable, view.n_work_errors_mendable);
	atomic_store(&stats->n_work_errors_other, view.n_work_errors_other);
	atomic_store(&stats->last_uid, view.cursor);
	atomic_store(&stats->uidnext, view.uidnext);
	atomic_store(&stats->n_aside, view.n_aside);
	atomic_store(&stats->n_unaccounted_runs, view.n_unaccounted_runs);
	atomic_store(&stats->n_unconfirmed, (int64_t)view.n_unconfirmed);
	atomic_store(&stats->state_bytes, view.state_bytes);
	atomic_store(&stats->queue_bytes, (int64_t)view.queue_bytes);
	for (int part = 0; part < EII_PARTS; part++)
		atomic_store(&stats->fault_since_ms[part], view.fault_since_ms[part]);
	show_sight(h, &view);
	if (h->options.progress == EII_PROGRESS_TERMINAL)
		show_progress(h, &view);
}
