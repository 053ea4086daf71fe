/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/core/core.h"

#include <stdlib.h>

#include "core_private.h"
#include "eii/base/alloc.h"

/* A fact moves everything that it can move in a few rounds. */
#define MAX_ROUNDS 10000

struct eii_core *eii_core_new(const struct eii_core_config *config)
{
	struct eii_core *core = EII_NEW(struct eii_core);

	core->pulse.config = *config;
	core->pulse.now_ms = config->now_ms;
	core->pulse.unix_s = config->unix_s;
	core->pulse.chance = config->seed;
	core->pulse.next_number = 1;
	core->ring = eii_ring_new();
	core->back_ring = eii_ring_new();
	core->converter.part = EII_PART_CONVERTER;
	core->find.part = EII_PART_PLATFORM;
	eii_schedule_init(&core->schedule);
	eii_folders_init(&core->folders);
	core->place = &core->folders.all[0].place;
	core->reader.survey = &core->folders.all[0].survey;
	eii_store_init(&core->store, &core->pulse);
	eii_registry_init(&core->registry);
	eii_work_init(&core->work, &core->store.ledger);
	eii_link_init(&core->link);
	eii_line_init(&core->line);
	eii_reader_init(&core->reader);
	if (!config->has_folders) {
		core->folders.all[0].key = eii_strdup(config->mailbox_key);
		core->folders.all[0].is_read = true;
	}
	eii_watch_init(&core->watch);
	return core;
}

void eii_core_free(struct eii_core *core)
{
	if (!core)
		return;
	eii_store_clear(&core->store);
	eii_folders_clear(&core->folders);
	eii_ring_free(core->ring);
	eii_ring_free(core->back_ring);
	free(core);
}

/* ---- a fact's way ------------------------------------------------------ */

static void hurry(struct eii_core *core)
{
	eii_attempt_hurry(&core->reader.attempt);
	eii_attempt_hurry(&core->watch.attempt);
	eii_attempt_hurry(&core->link.dial);
	eii_attempt_hurry(&core->registry.attempt);
	eii_attempt_hurry(&core->store.attempt);
	eii_attempt_hurry(&core->work.attempt);
	if (core->registry.missing)
		core->registry.rights_ms = core->pulse.now_ms;
}

static void wake(struct eii_core *core)
{
	if (core->run.phase == EII_PHASE_IDLE)
		eii_schedule_now(&core->schedule, &core->pulse);
	else
		core->run.must_wake = true;
}

static void heed(struct eii_core *core, const struct eii_fact *fact)
{
	if (fact->type == EII_FACT_STOP)
		eii_run_stop(core);
	else if (fact->type == EII_FACT_WAKE)
		wake(core);
	else if (fact->type == EII_FACT_HUP)
		hurry(core);
	else if (fact->type >= EII_FACT_MAILBOX_OPENED && fact->type <= EII_FACT_MAILBOX_FAILED)
		eii_intake_heed(core, fact);
	else if (fact->type >= EII_FACT_REGISTERED && fact->type <= EII_FACT_PLATFORM_FAILED)
		eii_bureau_heed(core, fact);
	else if (fact->type != EII_FACT_TIME)
		eii_outlet_heed(core, fact);
}

/* Everybody looks at what has changed, until nothing does any more. */
static void tend(struct eii_core *core)
{
	int rounds = 0;

	do {
		core->pulse.has_moved = false;
		core->pulse.wakes_ms = EII_PULSE_NEVER;
		eii_run_tend(core);
		if (core->is_over)
			return;
		eii_intake_tend(core);
		eii_outlet_tend(core);
		eii_bureau_tend(core);
		eii_teller_tend(&core->teller, &core->pulse);
		EII_INVARIANT(++rounds < MAX_ROUNDS);
	} while (core->pulse.has_moved);
}

/* What must hold after every fact. */
static void check(const struct eii_core *core)
{
	const struct eii_line *line = &core->line;

	EII_INVARIANT(line->held_bytes <= core->pulse.config.budget_bytes ||
		      eii_line_count(line) == 1);
	EII_INVARIANT(eii_line_count(line) <= core->pulse.config.budget_mails ||
		      eii_line_count(line) == 1);
	EII_INVARIANT(core->place->s.cursor <= core->place->listed);
	EII_INVARIANT(core->store.sent <= core->store.newest &&
		      core->store.stored <= core->store.sent);
	EII_INVARIANT(core->store.ledger.work_told <= core->store.ledger.work_sent ||
		      core->store.ledger.work_unknown || core->work.must_look);
	EII_INVARIANT(core->link.n_open <= core->pulse.config.window_messages + 2);
	EII_INVARIANT(core->run.phase != EII_PHASE_IDLE || eii_line_count(line) == 0);
}

void eii_core_tell(struct eii_core *core, const struct eii_fact *fact)
{
	if (core->is_over)
		return;
	core->pulse.now_ms = fact->now_ms;
	eii_part_set_clock(core, fact);
	eii_part_note(core, fact);
	heed(core, fact);
	tend(core);
	check(core);
}

bool eii_core_take_order(struct eii_core *core, struct eii_order *out)
{
	return eii_pulse_take(&core->pulse, out);
}

int64_t eii_core_wakes_at_ms(const struct eii_core *core)
{
	return core->pulse.wakes_ms;
}

bool eii_core_is_over(const struct eii_core *core)
{
	return core->is_over;
}
