/* SPDX-License-Identifier: Apache-2.0 */
#include "soak.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "chance.h"
#include "eii/state/ring.h"

#define HOUR_MS       (INT64_C(3600) * 1000)
#define STREAM_SOAK   3000
#define FIRST_MAILS   (EII_RING_ENTRIES + 32) /* from the first hour on the ring is full */
#define MAILS_AN_HOUR 16
#define PERIOD_S      10
#define RATE_PPM      2000 /* of each that has a rate */
#define KILLS         12
#define WARM_UP       4 /* one hour in so many, at least one: the state's lists fill */
/* What flat means: more than the first half needed, in percent and at all. */
#define MORE_PERCENT 10
#define MORE_AT_ALL  64

/* Servers that fail for a while; each is as likely as the others. */
static const enum sim_fault spells[] = {
	SIM_FAULT_MAILBOX_DOWN,   SIM_FAULT_SIGN_IN_REFUSED, SIM_FAULT_FOLDER_MISSING,
	SIM_FAULT_THROTTLED,      SIM_FAULT_BROKER_DOWN,     SIM_FAULT_PASSWORD_CHANGED,
	SIM_FAULT_HALF_OPEN,      SIM_FAULT_ALARM,           SIM_FAULT_PLATFORM_DOWN,
	SIM_FAULT_TOKEN_REFUSED,  SIM_FAULT_FORBIDDEN,       SIM_FAULT_WORKER_STOPPED,
	SIM_FAULT_CONVERTER_DOWN, SIM_FAULT_KILLED_NOW,      SIM_FAULT_TERMINATED,
	SIM_FAULT_EXPUNGED,
};

static const enum sim_fault rates[] = {
	SIM_FAULT_MAILBOX_SLOW, SIM_FAULT_SESSION_LOST,     SIM_FAULT_REFUSED_ONCE,
	SIM_FAULT_LINK_LOST,    SIM_FAULT_CONFIRM_LATE,     SIM_FAULT_CALL_SLOW,
	SIM_FAULT_CALL_REFUSED, SIM_FAULT_CALL_LOST_BEFORE, SIM_FAULT_CALL_LOST_AFTER,
};

enum kept { STATE, QUEUE, UNCONFIRMED, HELD, ASIDE, UNACCOUNTED, KEPT };

static const char *const names[KEPT] = {
	[STATE] = "state_bytes", [QUEUE] = "queued",    [UNCONFIRMED] = "unconfirmed",
	[HELD] = "held_bytes",   [ASIDE] = "set_aside", [UNACCOUNTED] = "unaccounted_runs",
};

/* Of one hour: sums over its looks, and the most at one of them. */
struct hour {
	uint64_t n;
	uint64_t sum[KEPT], most[KEPT];
};

static struct hour hours[SIM_SOAK_HOURS];

/* ---- the plan ------------------------------------------------------------- */

static void plan_spells(struct sim_plan *plan, struct sim_chance *chance)
{
	const uint32_t n = sizeof(spells) / sizeof(spells[0]);

	plan->n_instants = 0;
	for (int64_t i = 0; i < SIM_INSTANTS; i++) {
		enum sim_fault fault = spells[sim_chance_below(chance, n)];
		int64_t share_ms = plan->chaos_ms / SIM_INSTANTS;

		plan->has[fault] = true;
		plan->instants[plan->n_instants++] = (struct sim_instant){
			.fault = fault,
			.at_ms = i * share_ms + sim_chance_between(chance, 0, share_ms - 1),
			.for_ms = sim_chance_log(chance, 1, 600) * 1000,
		};
	}
}

void sim_soak_plan(struct sim_plan *plan, uint32_t n_hours)
{
	struct sim_chance chance;

	sim_chance_seed(&chance, plan->seed, STREAM_SOAK);
	memset(plan->has, 0, sizeof(plan->has));
	plan->chaos_ms = n_hours * HOUR_MS;
	plan->n_first = FIRST_MAILS;
	plan->n_mails = FIRST_MAILS + n_hours * MAILS_AN_HOUR;
	plan->is_soak = true;
	plan->is_once = false;
	plan->period_s = PERIOD_S;
	plan->threshold_bytes = 0;
	plan->max_kills = KILLS;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		plan->has[rates[i]] = true;
		plan->ppm[rates[i]] = RATE_PPM;
	}
	plan_spells(plan, &chance);
}

/* ---- what is kept --------------------------------------------------------- */

void sim_soak_begin(void)
{
	memset(hours, 0, sizeof(hours));
}

static void add(struct hour *hour, enum kept what, uint64_t value)
{
	hour->sum[what] += value;
	if (value > hour->most[what])
		hour->most[what] = value;
}

void sim_soak_look(const struct sim_world *world)
{
	struct hour *hour = &hours[world->now_ms / HOUR_MS % SIM_SOAK_HOURS];
	struct eii_core_view view;

	if (world->is_healed || !world->process.core)
		return;
	eii_core_view(world->process.core, &view);
	hour->n++;
	add(hour, STATE, world->platform.has_state ? strlen(world->platform.state) : 0);
	add(hour, QUEUE, world->broker.q_n);
	add(hour, UNCONFIRMED, view.n_unconfirmed);
	add(hour, HELD, view.held_bytes);
	add(hour, ASIDE, view.n_aside);
	add(hour, UNACCOUNTED, view.n_unaccounted_runs);
}

static void print_hours(uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct hour *hour = &hours[i];

		printf("soak %u", i + 1);
		for (int what = 0; what < KEPT; what++)
			printf(" %s %" PRIu64 " %" PRIu64, names[what],
			       hour->n ? hour->sum[what] / hour->n : 0, hour->most[what]);
		printf("\n");
	}
}

static uint64_t mean(enum kept what, uint32_t from, uint32_t to)
{
	uint64_t n = 0;
	uint64_t sum = 0;

	for (uint32_t i = from; i < to; i++) {
		n += hours[i].n;
		sum += hours[i].sum[what];
	}
	return n ? sum / n : 0;
}

void sim_soak_judge(struct sim_world *world)
{
	uint32_t n = (uint32_t)(world->plan.chaos_ms / HOUR_MS);
	uint32_t from = n / WARM_UP ? n / WARM_UP : 1;
	uint32_t half = from + (n - from) / 2;
	uint64_t first = mean(STATE, from, half);
	uint64_t second = mean(STATE, half, n);

	print_hours(n);
	if (second > first + first * MORE_PERCENT / 100 + MORE_AT_ALL)
		sim_fail(world, "flat", "state_bytes grow from %" PRIu64 " to %" PRIu64, first,
			 second);
}
