/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <unistd.h>

#include "eii/base/buf.h"
#include "eii/base/clock.h"
#include "eii/base/colour.h"
#include "eii/base/log.h"
#include "eii/ingest/words.h"
#include "heart_private.h"

#define PROGRESS_LINE_MS 200
#define LINE_MAX_BYTES   512

/* What goes on outside the flow of mails; NULL = nothing that is worth a line. */
static const char *phase_words(const struct eii_core_view *view)
{
	if (view->phase == EII_PHASE_LOOK)
		return "looking for new mail";
	if (view->phase == EII_PHASE_CLOSE)
		return "finishing, with the platform";
	if (view->phase == EII_PHASE_IDLE && !view->is_registered)
		return "signing in to the platform";
	return NULL;
}

static void write_flow(struct eii_heart *h, const struct eii_core_view *view, int64_t now_ms,
		       struct eii_buf *line)
{
	double seconds = (double)(now_ms - h->flow_started_ms) / 1000.0;
	double rate = seconds > 0 ? (double)view->n_settled / seconds : 0;
	uint64_t left = view->n_found > view->n_settled ? view->n_found - view->n_settled : 0;

	eii_buf_addf(line, "\r%s %" PRIu64 " of %" PRIu64,
		     view->is_paused ? "waiting for the platform's queue at" : "importing",
		     view->n_settled, view->n_found);
	if (rate > 0)
		eii_buf_addf(line, ", %.0f mails/s, %.0f s left", rate, (double)left / rate);
	eii_buf_add_str(line, " \033[K");
}

/* A line at a terminal that is written over, a phase after the other. */
static void show_progress(struct eii_heart *h, const struct eii_core_view *view)
{
	int64_t now_ms = eii_clock_monotonic_ms();
	const char *words = phase_words(view);
	bool is_flow = view->phase == EII_PHASE_FLOW && h->flow_started_ms;
	struct eii_buf line;

	if (now_ms < h->progress_ms || (!is_flow && (!words || words == h->phase_words)))
		return;
	eii_buf_init(&line, LINE_MAX_BYTES);
	if (is_flow)
		write_flow(h, view, now_ms, &line);
	else
		eii_buf_addf(&line, "\r%s \033[K", words);
	eii_log_terminal(line.data);
	eii_buf_clear(&line);
	h->phase_words = is_flow ? NULL : words;
	h->progress_ms = is_flow ? now_ms + PROGRESS_LINE_MS : 0;
}

static uint64_t add_fallbacks(const struct eii_stats *stats, struct eii_buf *line)
{
	uint64_t n = 0;

	for (unsigned reason = 0; reason < EII_MAIL_REASONS; reason++) {
		uint64_t of_reason = atomic_load(&stats->n_fallbacks[reason]);

		n += of_reason;
		if (of_reason && eii_words_mail_label(reason))
			eii_buf_addf(line, ", %" PRIu64 " %s", of_reason,
				     eii_words_mail_label(reason));
	}
	return n;
}

/* Attachments of which the report has name and hash only. */
static uint64_t count_left_out(const struct eii_stats *stats)
{
	uint64_t n = atomic_load(&stats->n_files_left_out);

	for (unsigned fate = 0; fate < EII_ATTACHMENT_FATES; fate++)
		n += fate == EII_ATTACHMENT_KEPT ? 0 : atomic_load(&stats->n_attachments[fate]);
	return n;
}

/* A dry run has no confirms, and prints nothing twice. */
static uint64_t count_reports(const struct eii_heart *h)
{
	const struct eii_stats *stats = h->options.stats;

	return atomic_load(h->options.is_dry_run ? &stats->n_sent : &stats->n_confirmed);
}

void eii_heart_sum_up(struct eii_heart *h)
{
	const struct eii_stats *stats = h->options.stats;
	int64_t ms = eii_clock_monotonic_ms() - h->options.core.now_ms;
	struct eii_buf why, line;
	struct eii_paint paint;
	uint64_t n_fallbacks;

	if (h->options.progress != EII_PROGRESS_TERMINAL)
		return;
	eii_buf_init(&why, LINE_MAX_BYTES);
	eii_buf_init(&line, 2 * LINE_MAX_BYTES);
	n_fallbacks = add_fallbacks(stats, &why);
	paint = eii_colour_paint(STDERR_FILENO, n_fallbacks ? EII_COLOUR_YELLOW : EII_COLOUR_NONE);
	eii_buf_addf(&line, "\r\033[K%" PRIu64 " mails, %" PRIu64 " reports %s; ",
		     atomic_load(&stats->n_fetched), count_reports(h),
		     h->options.is_dry_run ? "printed" : "sent");
	eii_buf_addf(&line, "%s%" PRIu64 " fallbacks%s%s\n", paint.begin, n_fallbacks, why.data,
		     paint.end);
	eii_buf_addf(&line, "%" PRIu64 " attachments kept, %" PRIu64 " not; %.1f s\n",
		     atomic_load(&stats->n_attachments[EII_ATTACHMENT_KEPT]), count_left_out(stats),
		     (double)ms / 1000.0);
	eii_log_terminal(line.data);
	eii_buf_clear(&why);
	eii_buf_clear(&line);
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
	atomic_store(&stats->n_announced, view.n_announced);
	atomic_store(&stats->is_watching, view.is_watching);
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
