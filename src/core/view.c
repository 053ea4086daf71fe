/* SPDX-License-Identifier: Apache-2.0 */
#include "core_private.h"

/* An alarm is no failure of a try, and holds all up. */
static int64_t queue_fault(const struct eii_core *core)
{
	const struct eii_link *link = &core->link;
	int64_t since_ms = core->teller.faults[EII_PART_QUEUE].since_ms;

	if (!link->is_blocked || (since_ms && since_ms < link->blocked_ms))
		return since_ms;
	return link->blocked_ms;
}

static int64_t older(int64_t instant_s, const struct eii_line *line, enum eii_stage stage)
{
	int slot = eii_line_first(line, stage);
	const struct eii_entry *entry = slot >= 0 ? &line->entries[slot] : NULL;

	if (!entry || !entry->has_date)
		return instant_s;
	return !instant_s || entry->internal_unix_s < instant_s ? entry->internal_unix_s
								: instant_s;
}

/* Each list is in the order of UIDs: its head stands for it. */
static int64_t oldest_waiting(const struct eii_core *core)
{
	const struct eii_size_info *planned = eii_reader_next(&core->reader);
	int64_t instant_s = planned && planned->has_date ? planned->internal_unix_s : 0;

	for (int stage = EII_STAGE_FETCHING; stage < EII_STAGES; stage++)
		instant_s = older(instant_s, &core->line, (enum eii_stage)stage);
	return instant_s;
}

/* In whatever folder. */
static uint32_t n_aside(const struct eii_core *core)
{
	uint32_t n = 0;

	for (uint16_t i = 0; i < core->folders.n_used; i++)
		n += core->folders.all[i].place.s.n_aside;
	return n;
}

void eii_core_view(const struct eii_core *core, struct eii_core_view *out)
{
	const struct eii_run *run = &core->run;
	bool is_idle = run->phase == EII_PHASE_IDLE;

	*out = (struct eii_core_view){
		.phase = eii_pulse_is_stopping(&core->pulse) ? EII_PHASE_STOP : run->phase,
		.is_registered = core->registry.is_live,
		.is_paused = core->schedule.is_over && run->phase == EII_PHASE_FLOW,
		.is_over_threshold = core->schedule.is_over,
		.needs_rights = core->registry.missing != 0,
		.has_twin = core->store.has_twin,
		.has_foreign = core->store.has_foreign,
		.is_watching = core->reader.doing == EII_ORDER_WATCH,
		.n_announced = core->watch.n_announced,
		.next_run_ms = is_idle && core->schedule.due_ms != EII_PULSE_NEVER
				       ? core->schedule.due_ms
				       : 0,
		.last_success_unix_s = run->last_success_unix_s,
		.oldest_waiting_unix_s = oldest_waiting(core),
		.n_found = run->n_found,
		.n_settled = run->n_settled,
		.n_reports = run->n_reports,
		.n_fallbacks = run->n_fallbacks,
		.n_runs = run->n_runs,
		.n_failed_runs = run->n_failed,
		.n_expunged = core->n_expunged,
		.n_sent_again = core->n_sent_again,
		.n_lost_reports = core->n_lost_reports,
		.n_work_errors_mendable = core->n_mendable,
		.n_work_errors_other = core->n_other,
		.cursor = core->place->s.cursor,
		.uidnext = core->reader.survey->folder.uidnext,
		.n_aside = n_aside(core),
		.n_unaccounted_runs = eii_work_is_open(&core->work) ? 1 : 0,
		.n_unconfirmed = core->link.n_open,
		.held_bytes = core->line.held_bytes,
		.state_bytes = core->store.bytes,
		.queue_bytes = core->schedule.queue_bytes,
	};
	for (int part = 0; part < EII_PARTS; part++) {
		out->fault_since_ms[part] = core->teller.faults[part].since_ms;
		out->fault_kind[part] = core->teller.faults[part].kind;
		out->waits_for_person[part] = core->teller.faults[part].waits_for_person;
	}
	out->fault_since_ms[EII_PART_QUEUE] = queue_fault(core);
}
