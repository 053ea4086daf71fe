/* SPDX-License-Identifier: Apache-2.0 */
#include "plan.h"

#include <string.h>

#include "chance.h"
#include "soak.h"

enum stream { STREAM_SIZES = 1000, STREAM_FAULTS, STREAM_INSTANTS, STREAM_LATER = 2000 };

#define SECOND    INT64_C(1000)
#define KIB       UINT64_C(1024)
#define LATER_PPM 40000  /* as likely as one that is drawn among all */
#define GROUP_PPM 300000 /* of PUSH, of FOLDERS, and of each that belongs to it */
#define MANY      400    /* mails: as many as make a large world */

/* Few mails mostly: a small world is as strange as a large one and plays faster. */
static void plan_mails(struct sim_plan *plan, struct sim_chance *chance)
{
	plan->n_mails = (uint32_t)sim_chance_log(chance, 1, 48);
	if (sim_chance_hits(chance, 50000))
		plan->n_mails = (uint32_t)sim_chance_between(chance, 49, MANY);
	plan->n_first = sim_chance_below(chance, plan->n_mails + 1);
	plan->typical_bytes = (uint64_t)sim_chance_log(chance, 500, 1 << 20);
	plan->is_crowded = sim_chance_hits(chance, 200000);
}

static void plan_settings(struct sim_plan *plan, struct sim_chance *chance)
{
	plan->max_mail_bytes = (uint64_t)sim_chance_log(chance, 1 << 20, 8 << 20);
	/* One mail of the largest size fits: the program sees to it. */
	plan->budget_bytes = plan->max_mail_bytes + plan->max_mail_bytes / 8 + 8 * KIB;
	plan->budget_bytes += (uint64_t)sim_chance_log(chance, 1, 16 << 20);
	plan->budget_mails = (uint32_t)sim_chance_log(chance, 1, 256);
	plan->scan_bytes = (uint32_t)sim_chance_log(chance, 1024, 4096);
	plan->window_messages = (uint32_t)sim_chance_log(chance, 1, 256);
	plan->window_bytes = (uint64_t)sim_chance_log(chance, 1024, 16 << 20);
	plan->period_s = sim_chance_log(chance, 10, 300);
	plan->start_period_s = 30 * 86400;
	plan->is_once = sim_chance_hits(chance, 100000);
	plan->is_distinct = sim_chance_hits(chance, 100000);
	plan->chaos_ms = sim_chance_log(chance, 20, 3600) * SECOND;
	plan->max_kills = (uint32_t)sim_chance_log(chance, 1, 8);
	plan->limit_bytes = (uint64_t)sim_chance_log(chance, 4 * 1024, 2 << 20);
}

static void plan_pace(struct sim_plan *plan, struct sim_chance *chance)
{
	plan->mailbox_ms = sim_chance_log(chance, 1, 3000);
	plan->broker_ms = sim_chance_log(chance, 1, 2000);
	plan->platform_ms = sim_chance_log(chance, 1, 3000);
	plan->converter_ms = sim_chance_log(chance, 1, 300);
	plan->worker_ms = sim_chance_log(chance, 5, 1000);
}

/* What only such a world has. */
static bool has_group(const struct sim_plan *plan, int fault)
{
	if (fault > SIM_FAULT_FOLDERS)
		return plan->has[SIM_FAULT_FOLDERS];
	if (fault > SIM_FAULT_PUSH && fault < SIM_FAULT_FOLDERS)
		return plan->has[SIM_FAULT_PUSH];
	return true;
}

/* Many worlds with three faults find more than one world with all. */
static void plan_faults(struct sim_plan *plan, struct sim_chance *chance)
{
	uint32_t n = (uint32_t)sim_chance_log(chance, 1, 16) - 1 + sim_chance_below(chance, 3);

	for (uint32_t i = 0; i < n; i++)
		plan->has[sim_chance_below(chance, SIM_FAULTS_DRAWN)] = true;
	/* What shows only beside another one. */
	plan->has[SIM_FAULT_CALL_REFUSED] |= plan->has[SIM_FAULT_RETRY_AFTER];
	plan->has[SIM_FAULT_NACKS] |= plan->has[SIM_FAULT_NACKS_STICK];
	plan->has[SIM_FAULT_WORKER_STOPPED] |=
		plan->has[SIM_FAULT_THRESHOLD] || plan->has[SIM_FAULT_OLDER_WORKS_DROP];
	for (int i = SIM_FAULTS_DRAWN; i < SIM_FAULTS; i++) {
		struct sim_chance own;

		sim_chance_seed(&own, plan->seed, STREAM_LATER + (uint64_t)i);
		plan->has[i] = sim_chance_hits(&own, i < SIM_FAULT_PUSH ? LATER_PPM : GROUP_PPM);
		plan->has[i] = plan->has[i] && has_group(plan, i);
	}
	for (int i = 0; i < SIM_FAULTS; i++) {
		const struct sim_fault_row *row = &sim_faults[i];

		if (row->kind == SIM_RATE)
			plan->ppm[i] = (uint32_t)sim_chance_log(chance, row->low, row->high);
	}
	plan->threshold_bytes =
		plan->has[SIM_FAULT_THRESHOLD] ? (double)(4 * plan->typical_bytes) : 0;
}

static int by_time(const struct sim_instant *a, const struct sim_instant *b)
{
	return a->at_ms < b->at_ms ? -1 : a->at_ms > b->at_ms;
}

static void add_instant(struct sim_plan *plan, const struct sim_instant *instant)
{
	uint32_t at = plan->n_instants;

	if (at == SIM_INSTANTS)
		return;
	while (at && by_time(&plan->instants[at - 1], instant) > 0) {
		plan->instants[at] = plan->instants[at - 1];
		at--;
	}
	plan->instants[at] = *instant;
	plan->n_instants++;
}

/* Each fault draws from a stream of its own: one left out moves no other. */
static void plan_instants(struct sim_plan *plan)
{
	for (int i = 0; i < SIM_FAULTS; i++) {
		const struct sim_fault_row *row = &sim_faults[i];
		struct sim_chance chance;
		int64_t n;

		sim_chance_seed(&chance, plan->seed, STREAM_INSTANTS + (uint64_t)i);
		if (!plan->has[i] || row->kind == SIM_RATE || row->kind == SIM_TRAIT)
			continue;
		n = sim_chance_between(&chance, 1, 4);
		for (int64_t j = 0; j < n; j++) {
			struct sim_instant instant = { .fault = (enum sim_fault)i };

			instant.at_ms = sim_chance_between(&chance, 0, plan->chaos_ms);
			if (row->kind == SIM_SPELL)
				instant.for_ms =
					sim_chance_log(&chance, row->low, row->high) * SECOND;
			add_instant(plan, &instant);
		}
	}
}

static void cut(struct sim_plan *plan, const struct sim_cuts *cuts)
{
	for (int i = 0; i < SIM_FAULTS; i++)
		plan->has[i] = plan->has[i] && !cuts->without[i] &&
			       (i <= SIM_FAULT_FOLDERS || !cuts->without[SIM_FAULT_FOLDERS]);
	if (cuts->max_mails && plan->n_mails > cuts->max_mails)
		plan->n_mails = cuts->max_mails;
	if (plan->n_first > plan->n_mails)
		plan->n_first = plan->n_mails;
}

void sim_plan_make(struct sim_plan *plan, uint64_t seed, const struct sim_cuts *cuts)
{
	struct sim_chance chance;

	memset(plan, 0, sizeof(*plan));
	plan->seed = seed;
	sim_chance_seed(&chance, seed, STREAM_SIZES);
	plan_mails(plan, &chance);
	plan_settings(plan, &chance);
	plan_pace(plan, &chance);
	sim_chance_seed(&chance, seed, STREAM_FAULTS);
	plan_faults(plan, &chance);
	cut(plan, cuts);
	plan_instants(plan);
	if (cuts->soak_hours)
		sim_soak_plan(plan, cuts->soak_hours);
	for (uint32_t i = 0; i < plan->n_instants; i++) {
		if (cuts->skip[i])
			plan->instants[i].fault = SIM_FAULTS;
	}
	/* The world heals earlier; what was to come later does not. */
	if (cuts->max_chaos_s && plan->chaos_ms > cuts->max_chaos_s * SECOND)
		plan->chaos_ms = cuts->max_chaos_s * SECOND;
}
