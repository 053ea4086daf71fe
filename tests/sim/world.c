/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "models.h"
#include "oracle.h"
#include "soak.h"

#define SECOND  INT64_C(1000)
#define LOOK_MS (20 * SECOND)
/* A core that is told so many facts, or that time has passed, at one instant is spinning. */
#define FACTS_NOW 4000
#define TIMES_NOW 16

void sim_fail(struct sim_world *world, const char *invariant, const char *format, ...)
{
	va_list args;

	if (world->failed[0])
		return;
	snprintf(world->failed, sizeof(world->failed), "%s", invariant);
	va_start(args, format);
	vsnprintf(world->why, sizeof(world->why), format, args);
	va_end(args);
	world->is_over = true;
	sim_trace(world, "FAILED %s: %s", world->failed, world->why);
}

/* ---- faults ------------------------------------------------------------- */

bool sim_strikes(struct sim_world *world, enum sim_fault fault)
{
	if (world->is_healed || !world->plan.has[fault])
		return false;
	if (!sim_chance_hits(&world->per_fault[fault], world->plan.ppm[fault]))
		return false;
	sim_struck(world, fault);
	return true;
}

bool sim_is_on(const struct sim_world *world, enum sim_fault fault)
{
	if (sim_faults[fault].kind == SIM_SPELL)
		return world->spells[fault] > 0;
	return world->plan.has[fault] && !world->is_healed;
}

void sim_struck(struct sim_world *world, enum sim_fault fault)
{
	world->struck[fault]++;
	sim_trace(world, "* %s", sim_faults[fault].name);
}

static bool is_of_broker(enum sim_fault fault)
{
	return fault >= SIM_FAULT_BROKER_DOWN && fault <= SIM_FAULT_BACK_EMPTY;
}

static bool is_of_platform(enum sim_fault fault)
{
	return fault >= SIM_FAULT_PLATFORM_DOWN && fault <= SIM_FAULT_STATE_GARBAGE;
}

static bool is_of_others(enum sim_fault fault)
{
	return fault >= SIM_FAULT_ANALYST_EDITS && fault <= SIM_FAULT_FOREIGN;
}

static void strike_process(struct sim_world *world, enum sim_fault fault)
{
	struct sim_process *process = &world->process;

	if (fault == SIM_FAULT_WALL_JUMP) {
		process->wall_off_s =
			sim_chance_between(&world->per_fault[fault], -86400 * 2, 86400 * 40);
		sim_struck(world, fault);
		return;
	}
	if (process->running == SIM_DOWN)
		return;
	sim_struck(world, fault);
	if (fault == SIM_FAULT_TERMINATED)
		sim_process_stop(world);
	else if (fault == SIM_FAULT_SIGNALLED) {
		bool is_hup = sim_chance_below(&world->per_fault[fault], 2);
		struct eii_fact fact = sim_fact(world, is_hup ? EII_FACT_HUP : EII_FACT_WAKE, 0);

		sim_tell(world, process->life, &fact);
	} else
		sim_process_kill(world);
}

static void strike(struct sim_world *world, uint32_t number)
{
	const struct sim_instant *instant = &world->plan.instants[number];
	enum sim_fault fault = instant->fault;

	if (fault == SIM_FAULTS || world->is_healed)
		return;
	if (sim_faults[fault].kind == SIM_SPELL) {
		world->spells[fault]++;
		sim_struck(world, fault);
		sim_later(world, instant->for_ms, SIM_SPELL_ENDS, fault, 0);
	}
	if (fault > SIM_FAULT_FOLDERS)
		sim_folders_fault(world, fault);
	else if (fault <= SIM_FAULT_RESTORED)
		sim_folder_fault(world, fault);
	else if (is_of_broker(fault))
		sim_broker_fault(world, fault);
	else if (is_of_platform(fault))
		sim_platform_fault(world, fault);
	else if (is_of_others(fault))
		sim_others_fault(world, fault);
	else if (fault != SIM_FAULT_CONVERTER_DOWN)
		strike_process(world, fault);
}

static void end_spell(struct sim_world *world, enum sim_fault fault)
{
	/* Healing has ended it before its time. */
	if (!world->spells[fault])
		return;
	world->spells[fault]--;
	if (fault == SIM_FAULT_ALARM && !world->spells[fault])
		sim_broker_alarm_ends(world);
	if (!world->spells[fault])
		sim_folders_spell_ends(world, fault);
}

static void heal(struct sim_world *world)
{
	sim_trace(world, "the world heals");
	for (int i = 0; i < SIM_FAULTS; i++) {
		if (sim_faults[i].kind == SIM_SPELL && world->spells[i]) {
			world->spells[i] = 1;
			end_spell(world, (enum sim_fault)i);
		}
	}
	if (world->plan.is_soak)
		sim_soak_judge(world);
	world->is_healed = true;
	world->process.wall_off_s = 0;
	world->broker.is_half_open = false;
	world->broker.has_exchange = true;
	sim_mailbox_heal(world);
	world->oracle.act = SIM_HEALING;
	world->oracle.healed_ms = world->now_ms;
	if (world->process.running == SIM_DOWN)
		sim_process_start(world);
}

/* ---- time --------------------------------------------------------------- */

void sim_later(struct sim_world *world, int64_t ms, enum sim_happening what, uint32_t a, uint32_t b)
{
	sim_agenda_add(&world->agenda, world->now_ms + ms, what, a, b);
}

int64_t sim_pace(struct sim_world *world, int64_t usual_ms)
{
	struct sim_chance *chance = &world->chance;
	int64_t ms = sim_chance_between(chance, usual_ms / 2, usual_ms + usual_ms / 2);

	return sim_chance_hits(chance, 20000) ? ms * 8 : ms;
}

int64_t sim_unix_s(const struct sim_world *world)
{
	return SIM_UNIX_START + world->now_ms / SECOND;
}

static void happen(struct sim_world *world, const struct sim_entry *entry)
{
	switch (entry->what) {
	case SIM_INSTANT_COMES:
		strike(world, entry->a);
		break;
	case SIM_SPELL_ENDS:
		end_spell(world, (enum sim_fault)entry->a);
		break;
	case SIM_HEALS:
		heal(world);
		break;
	case SIM_LOOKS:
		sim_later(world, LOOK_MS, SIM_LOOKS, 0, 0);
		sim_oracle_look(world);
		if (world->plan.is_soak)
			sim_soak_look(world);
		break;
	case SIM_MAIL_ARRIVES:
		sim_folder_arrive(world);
		break;
	case SIM_PROCESS_STARTS:
		sim_process_start(world);
		break;
	case SIM_PROCESS_STOPS:
		sim_process_stop(world);
		break;
	case SIM_MAILBOX_STEPS:
		sim_mailbox_step(world, entry->a);
		break;
	case SIM_BROKER_DIALS:
		sim_broker_dials(world, entry->a);
		break;
	case SIM_BROKER_TAKES:
		sim_broker_takes(world, entry->a, entry->b);
		break;
	case SIM_BROKER_TELLS:
		sim_broker_tells(world, entry->a, entry->b);
		break;
	case SIM_BROKER_LINK_DIES:
		sim_broker_link_dies(world, entry->a);
		break;
	case SIM_WORKER_TAKES:
		sim_worker_takes(world);
		break;
	case SIM_MANAGER_LOOKS:
		sim_manager_looks(world);
		break;
	case SIM_CALL_ACTS:
		sim_platform_acts(world, entry->a, entry->b);
		break;
	case SIM_CALL_ANSWERS:
		sim_platform_answers(world, entry->a, entry->b);
		break;
	case SIM_CONVERTER_DONE:
		sim_converter_done(world, entry->a);
		break;
	case SIM_TWIN_PINGS:
		sim_twin_pings(world);
		break;
	case SIM_FOREIGN_PINGS:
		sim_foreign_pings(world);
		break;
	case SIM_LATE_PING_GONE:
		sim_oracle_late_ping(world);
		break;
	}
}

/* The core wants to know that its time has come. */
static void pass_time(struct sim_world *world, int64_t at_ms)
{
	struct sim_process *process = &world->process;
	struct eii_fact fact;

	if (at_ms > world->now_ms) {
		world->now_ms = at_ms;
		process->n_times = 0;
	}
	if (++process->n_times > TIMES_NOW)
		sim_fail(world, "bounded-facts", "woken %u times at one instant", process->n_times);
	fact = sim_fact(world, EII_FACT_TIME, 0);
	sim_tell(world, process->life, &fact);
}

static void step(struct sim_world *world)
{
	struct sim_process *process = &world->process;
	int64_t next_ms = sim_agenda_next_ms(&world->agenda);
	int64_t wakes_ms = process->core ? eii_core_wakes_at_ms(process->core) : INT64_MAX;
	struct sim_entry entry;

	if (process->is_doomed) {
		sim_process_kill(world);
	} else if (wakes_ms <= next_ms && wakes_ms != INT64_MAX) {
		pass_time(world, wakes_ms);
	} else if (next_ms == INT64_MAX) {
		sim_fail(world, "world", "nothing is to happen any more");
	} else {
		entry = sim_agenda_take(&world->agenda);
		if (entry.at_ms > world->now_ms)
			process->n_times = 0;
		world->now_ms = entry.at_ms > world->now_ms ? entry.at_ms : world->now_ms;
		happen(world, &entry);
	}
	if (world->agenda.is_full)
		sim_fail(world, "bounded-facts", "more is to happen than a world can hold");
	if (process->facts_ms != world->now_ms)
		process->n_facts_now = 0;
	process->facts_ms = world->now_ms;
	if (process->n_facts_now > FACTS_NOW)
		sim_fail(world, "bounded-facts", "%u facts at one instant", process->n_facts_now);
}

/* ---- a whole world ------------------------------------------------------ */

/* All but the buffers of texts, which are kept, and what no world reads before it writes it. */
static void clear(struct sim_world *world)
{
	struct sim_platform *platform = &world->platform;
	struct sim_call kept[SIM_CALLS];
	struct sim_platform old = { .state = platform->state,
				    .state_bytes = platform->state_bytes,
				    .old_state = platform->old_state,
				    .old_bytes = platform->old_bytes };

	memset(kept, 0, sizeof(kept));
	for (int i = 0; i < SIM_CALLS; i++) {
		kept[i].text = platform->calls[i].text;
		kept[i].text_bytes = platform->calls[i].text_bytes;
	}
	world->is_healed = world->is_over = false;
	world->failed[0] = world->why[0] = '\0';
	world->now_ms = 0;
	world->n_facts = world->n_orders = 0;
	memset(world->spells, 0, sizeof(world->spells));
	memset(world->struck, 0, sizeof(world->struck));
	memset(world->mails, 0, sizeof(world->mails));
	memset(&world->mailbox, 0, sizeof(world->mailbox));
	memset(&world->process, 0, sizeof(world->process));
	memset(&world->oracle, 0, sizeof(world->oracle));
	world->converter.turn = world->converter.n = world->converter.first = 0;
	memset(&world->broker, 0, offsetof(struct sim_broker, queue));
	world->broker.is_worker_due = false;
	/* What an earlier world had stored is no old state of this one. */
	if (old.old_state)
		old.old_state[0] = '\0';
	*platform = old;
	memcpy(platform->calls, kept, sizeof(kept));
	sim_agenda_clear(&world->agenda);
}

static void begin(struct sim_world *world)
{
	const struct sim_plan *plan = &world->plan;

	sim_chance_seed(&world->chance, plan->seed, 1);
	for (uint32_t i = 0; i < SIM_FAULTS; i++)
		sim_chance_seed(&world->per_fault[i], plan->seed, 100 + i);
	for (uint32_t i = 0; i < plan->n_instants; i++)
		sim_agenda_add(&world->agenda, plan->instants[i].at_ms, SIM_INSTANT_COMES, i, 0);
	sim_agenda_add(&world->agenda, plan->chaos_ms, SIM_HEALS, 0, 0);
	sim_agenda_add(&world->agenda, LOOK_MS, SIM_LOOKS, 0, 0);
	sim_agenda_add(&world->agenda, 60 * SECOND, SIM_MANAGER_LOOKS, 0, 0);
	world->broker.has_exchange = true;
	world->platform.pending = SIM_CALLS;
	world->platform.n_works = 1;
	sim_folder_make(world);
	sim_process_start(world);
}

void sim_world_play(struct sim_world *world, uint64_t seed, const struct sim_cuts *cuts)
{
	clear(world);
	sim_plan_make(&world->plan, seed, cuts);
	begin(world);
	sim_soak_begin();
	while (!world->is_over)
		step(world);
	eii_core_free(world->process.core);
	world->process.core = NULL;
}
