/* SPDX-License-Identifier: Apache-2.0 */
#include "publish_private.h"

#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/log.h"

#define FAR_MS        1000
#define STOP_STATE_MS 1000
#define LEFTOVERS_MS  10000

static void end_fetch(struct eii_publish *p)
{
	if (p->is_fetching)
		eii_fetcher_abort(p->options.fetcher);
	while (p->is_fetching)
		eii_publish_wait(p, eii_clock_monotonic_ms() + FAR_MS);
}

/* A stop: what has been converted is sent, what has been sent may be confirmed. */
static void drain(struct eii_publish *p)
{
	int64_t until = eii_clock_monotonic_ms() + EII_PUBLISH_STOP_CONVERT_MS;

	while (p->link == LINK_UP && p->known == KNOWN_YES && eii_publish_has_credit(p) &&
	       (p->held || p->converting.first) && eii_clock_left_ms(until) > 0)
		eii_publish_wait(p, until);
	until = eii_clock_monotonic_ms() + EII_PUBLISH_STOP_CONFIRM_MS;
	while (p->link == LINK_UP && p->n_unconfirmed > 0 && eii_clock_left_ms(until) > 0)
		eii_publish_wait(p, until);
}

static void go_back_to_run_start(struct eii_publish *p)
{
	p->place = p->run_place;
	eii_cursor_reset(p->cursor, p->place.cursor);
	eii_ring_free(p->ring);
	p->ring = EII_DETACH(p->run_ring);
	EII_LOG(ERROR, "amqp.returned",
		"The push queue was deleted, with what earlier runs had put there and no worker "
		"had "
		"taken; the mails of this run go again from its first",
		EII_U64("uidvalidity", p->place.uidvalidity),
		EII_U64("up_to_uid_of_earlier_runs", p->place.cursor), EII_STR("next", "retry"));
}

static void close_work(struct eii_publish *p, const char *reason)
{
	bool in_error = reason != NULL;
	EII_AUTO_STR text = NULL;
	struct eii_desk_call *call;

	if (!p->work_id)
		return;
	text = in_error ? eii_asprintf("%llu of %llu mails imported, %llu fallback reports; %s",
				       (unsigned long long)p->n_reports,
				       (unsigned long long)p->n_found,
				       (unsigned long long)p->n_run_fallbacks, reason)
			: eii_asprintf(
				  "Connector successfully run, %llu mails imported, %llu fallback "
				  "reports",
				  (unsigned long long)p->n_reports,
				  (unsigned long long)p->n_run_fallbacks);
	call = eii_publish_work_call(p, EII_DESK_WORK_CLOSE, text);
	call->in_error = in_error;
	call = eii_publish_call(p, call);
	if (call->rc)
		EII_LOG(WARN, "work.not_closed",
			"The Work could not be closed; the platform closes it behind a newer one",
			EII_STR("work_id", p->work_id), EII_STR("reason", call->error.text));
	eii_desk_call_free(call);
	free(EII_DETACH(p->work_id));
}

static const char *reason_of(const struct eii_publish *p)
{
	switch (p->trouble) {
	case TROUBLE_NONE:
		return NULL;
	case TROUBLE_STOPPED:
		return "the connector was stopped";
	case TROUBLE_RESET:
		return "the connector was reset or deleted in the platform";
	case TROUBLE_PAUSED:
		return "the queue stayed over CONNECTOR_QUEUE_THRESHOLD for a whole period";
	case TROUBLE_RETURNED:
	case TROUBLE_FETCH:
	case TROUBLE_RENUMBERED:
	case TROUBLE_PLATFORM:
	case TROUBLE_GAVE_UP:
	case TROUBLE_FATAL:
		break;
	}
	return p->trouble_error.text;
}

/* All that was found is settled: the next look begins behind it. */
static void run_is_settled(struct eii_publish *p)
{
	uint32_t highest = eii_cursor_value(p->cursor);

	if (p->found.uidnext && p->found.uidnext - 1 > highest)
		highest = p->found.uidnext - 1;
	eii_cursor_reset(p->cursor, highest);
	p->place.cursor = highest;
	p->place.has_window = false;
	p->last_ingestion_s = p->run_started_s;
}

enum run_result eii_publish_result_of(const struct eii_publish *p)
{
	switch (p->trouble) {
	case TROUBLE_NONE:
	case TROUBLE_PAUSED:
		return RUN_DONE;
	case TROUBLE_STOPPED:
		return RUN_STOPPED;
	case TROUBLE_RESET:
	case TROUBLE_RENUMBERED:
		return RUN_AGAIN;
	case TROUBLE_RETURNED:
	case TROUBLE_FETCH:
	case TROUBLE_PLATFORM:
	case TROUBLE_GAVE_UP:
		return RUN_FAILED;
	case TROUBLE_FATAL:
		return RUN_FATAL;
	}
	return RUN_FAILED;
}

/* Calls that are still under way end first: they name the Work that is closed now. */
static void end_calls(struct eii_publish *p)
{
	while (p->n_calls)
		eii_publish_wait(p, eii_clock_monotonic_ms() + FAR_MS);
	p->is_finishing = true;
	p->is_uncut = eii_publish_is_stopping(p);
	if (p->is_uncut)
		eii_stop_reset(p->options.platform_cut);
}

void eii_publish_save_at_end(struct eii_publish *p)
{
	bool is_settled = p->trouble == TROUBLE_NONE;
	struct eii_error err;

	if (p->trouble == TROUBLE_RESET)
		return;
	/* However it ended: the process lives, so no mail has killed it. */
	p->n_starts = 0;
	p->in_hand_uid = 0;
	p->in_hand_attempts = 0;
	if (is_settled)
		run_is_settled(p);
	eii_publish_show(p);
	if (is_settled)
		atomic_store(&p->options.stats->oldest_waiting_s, 0);
	if (p->trouble == TROUBLE_RETURNED)
		go_back_to_run_start(p);
	if (eii_publish_save(p, is_settled ? EII_SAVE_SETTLED_ALL : EII_SAVE_PLACE, &err))
		EII_LOG(WARN, "state.not_saved",
			"The state could not be saved: mails may be sent again, with the same ids",
			EII_STR("reason", err.text));
}

void eii_publish_finish(struct eii_publish *p)
{
	int64_t leftovers_ms = p->trouble == TROUBLE_STOPPED ? STOP_STATE_MS : LEFTOVERS_MS;

	end_fetch(p);
	p->wants_work = false;
	if (p->trouble == TROUBLE_STOPPED)
		drain(p);
	eii_publish_drop_line(p);
	eii_publish_close_link(p);
	eii_publish_drop_line(p);
	end_calls(p);
	eii_publish_save_at_end(p);
	if (p->trouble != TROUBLE_RESET)
		eii_publish_settle_leftovers(p, eii_clock_monotonic_ms() + leftovers_ms,
					     reason_of(p) ? reason_of(p)
							  : "expunged before its fetch");
	close_work(p, reason_of(p));
}

void eii_publish_log_end(struct eii_publish *p)
{
	int64_t ms = eii_clock_monotonic_ms() - p->flow_started_ms;

	if (p->trouble == TROUBLE_NONE)
		EII_LOG(INFO, "run.done", "Run finished", EII_U64("found", p->n_found),
			EII_U64("reports", p->n_reports), EII_U64("fallbacks", p->n_run_fallbacks),
			EII_I64("ms", ms), EII_U64("cursor", p->place.cursor));
	else
		EII_LOG(WARN, "run.broken_off",
			"Run broken off; what is not settled stays for the next",
			EII_STR("reason", reason_of(p)), EII_U64("reports", p->n_reports),
			EII_U64("found", p->n_found), EII_U64("cursor", p->place.cursor));
}
