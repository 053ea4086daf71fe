/* SPDX-License-Identifier: Apache-2.0 */
/* What the watch means for the session and the next run. */
#include "intake_private.h"

static bool is_at_rest(const struct eii_core *core)
{
	return core->run.phase == EII_PHASE_IDLE && core->registry.is_live &&
	       !core->registry.missing && eii_store_is_clean(&core->store);
}

void eii_intake_look(struct eii_core *core)
{
	struct eii_order *order = eii_intake_ask(core, EII_ORDER_LOOK, EII_READER_CALL_MS);

	if (core->folders.open == eii_folders_at(&core->folders))
		return;
	order->look.is_fresh = true;
	order->look.folder = eii_turns_name(core);
}

bool eii_intake_watch(struct eii_core *core)
{
	int64_t run_ms = core->schedule.due_ms;
	struct eii_watch *watch = &core->watch;
	enum eii_watch_of of = EII_WATCH_OF_ALL;
	struct eii_order *order;

	if (!is_at_rest(core) || !eii_watch_is_due(watch, &core->pulse, run_ms))
		return false;
	if (!core->reader.is_open) {
		eii_intake_open(core);
		return true;
	}
	/* Of several, the one that is announced. */
	if (core->folders.open != eii_folders_at(&core->folders)) {
		eii_intake_look(core);
		return true;
	}
	if (eii_intake_has_others(core)) {
		of = EII_WATCH_OF_ONE_AMONG_OTHERS;
		if (eii_watch_wants_glance(watch, &core->pulse)) {
			eii_intake_glance(core);
			return true;
		}
	}
	eii_watch_begin(watch, &core->pulse, of, run_ms);
	order = eii_intake_ask(core, EII_ORDER_WATCH,
			       watch->until_ms - core->pulse.now_ms + EII_WATCH_DONE_MS);
	order->watch.until_ms = watch->until_ms;
	return true;
}

/* At its time it ends by itself, and the session goes on. */
bool eii_intake_is_watch_in_the_way(const struct eii_core *core)
{
	return core->reader.doing == EII_ORDER_WATCH && eii_intake_wants_session(core) &&
	       core->pulse.now_ms < core->watch.until_ms;
}

void eii_intake_announced(struct eii_core *core)
{
	int64_t ms = eii_watch_announced(&core->watch);

	/* The server's own count is what is to be looked at. */
	eii_survey_doubt(core->reader.survey);
	if (core->run.phase == EII_PHASE_IDLE && core->pulse.now_ms + ms < core->schedule.due_ms)
		eii_schedule_in(&core->schedule, &core->pulse, ms);
}

/* What came while there was no session is announced by nobody. */
void eii_intake_watch_opened(struct eii_core *core, const struct eii_fact *fact)
{
	const struct eii_folder_view *seen = &core->reader.survey->folder;
	const struct eii_folder_view *now = &fact->folder;

	if (core->run.phase != EII_PHASE_IDLE ||
	    (fact->type != EII_FACT_MAILBOX_OPENED && !core->pulse.config.has_folders))
		return;
	eii_survey_glance(core->reader.survey, core->place, now);
	if (now->uidvalidity != seen->uidvalidity || now->n_mails > seen->n_mails ||
	    (seen->uidnext && now->uidnext && now->uidnext != seen->uidnext))
		eii_intake_announced(core);
}

void eii_intake_watched(struct eii_core *core, const struct eii_fact *fact)
{
	if (fact->yes)
		eii_intake_announced(core);
	else
		eii_watch_ended(&core->watch);
}

void eii_intake_watch_failed(struct eii_core *core, enum eii_order_type doing,
			     const struct eii_failure *failure)
{
	bool is_watch = doing == EII_ORDER_WATCH || doing == EII_ORDER_GLANCE;
	enum eii_watch_loss loss =
		failure->lives ? EII_WATCH_SESSION_LIVES : EII_WATCH_SESSION_LOST;
	struct eii_event event = { .type = EII_EVENT_NOT_PUSHED,
				   .part = EII_PART_MAILBOX,
				   .words = failure->words ? failure->words : "" };

	if (failure->kind == EII_FAILURE_CUT)
		return;
	if (doing == EII_ORDER_GLANCE)
		eii_watch_glance_failed(&core->watch, &core->pulse);
	if (doing == EII_ORDER_WATCH && failure->kind == EII_FAILURE_INPUT) {
		if (eii_watch_refused(&core->watch, &core->pulse))
			eii_pulse_say_event(&core->pulse, &event);
	} else if (is_watch) {
		eii_watch_failed(&core->watch, &core->pulse, loss, failure);
	} else if ((doing == EII_ORDER_OPEN || doing == EII_ORDER_LOOK) &&
		   core->run.phase == EII_PHASE_IDLE) {
		eii_watch_failed(&core->watch, &core->pulse, EII_WATCH_NOT_OPENED, failure);
	}
}
