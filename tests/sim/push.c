/* SPDX-License-Identifier: Apache-2.0 */
/* A mail server that announces mails: late, for nothing, never, or until its session dies. */
#include "models.h"

#define SECOND INT64_C(1000)
#define SOON   500

static int64_t chance(struct sim_world *world, enum sim_fault fault, int64_t low, int64_t high)
{
	return sim_chance_between(&world->per_fault[fault], low, high);
}

static void step_at(struct sim_world *world, const struct sim_pending *pending, int64_t at_ms)
{
	int64_t ms = at_ms - world->now_ms;

	sim_later(world, ms > 0 ? ms : 0, SIM_MAILBOX_STEPS, pending->turn, 0);
}

static void announce(struct sim_world *world, const struct sim_pending *pending)
{
	int64_t ms = chance(world, SIM_FAULT_PUSH, 1, SOON);

	if (sim_strikes(world, SIM_FAULT_PUSH_LATE))
		ms = chance(world, SIM_FAULT_PUSH_LATE, SECOND, 600 * SECOND);
	step_at(world, pending, world->now_ms + ms);
}

void sim_push_start(struct sim_world *world, struct sim_pending *pending)
{
	int64_t left_ms = pending->order.watch.until_ms - world->now_ms;

	if (sim_strikes(world, SIM_FAULT_PUSH_DIES)) {
		pending->dies_ms = world->now_ms + chance(world, SIM_FAULT_PUSH_DIES, 1, left_ms);
		pending->is_mute = chance(world, SIM_FAULT_PUSH_DIES, 0, 1);
		step_at(world, pending,
			pending->is_mute ? pending->order.deadline_ms : pending->dies_ms);
	}
	if (sim_strikes(world, SIM_FAULT_PUSH_EMPTY)) {
		pending->lies_ms = world->now_ms + chance(world, SIM_FAULT_PUSH_EMPTY, 1, left_ms);
		step_at(world, pending, pending->lies_ms);
	}
	if (sim_is_on(world, SIM_FAULT_PUSH_ABSENT))
		step_at(world, pending, world->now_ms + 1);
	if (world->mailbox.n_come)
		announce(world, pending);
	step_at(world, pending, pending->order.watch.until_ms);
}

static void refuse(struct sim_world *world, const struct sim_pending *pending)
{
	struct eii_fact fact = sim_failure(world, EII_FACT_MAILBOX_FAILED, pending->order.number,
					   EII_FAILURE_INPUT);

	sim_struck(world, SIM_FAULT_PUSH_ABSENT);
	fact.failure.lives = true;
	sim_mailbox_answer(world, &fact);
}

void sim_push_step(struct sim_world *world, struct sim_pending *pending)
{
	struct eii_fact fact = sim_fact(world, EII_FACT_MAILBOX_WATCHED, pending->order.number);
	bool is_over = world->now_ms >= pending->order.watch.until_ms;
	bool lies = pending->lies_ms && world->now_ms >= pending->lies_ms;

	if (pending->dies_ms && world->now_ms >= pending->dies_ms) {
		if (!pending->is_mute)
			sim_mailbox_die(world, EII_FAILURE_UNREACHABLE);
		return;
	}
	if (sim_is_on(world, SIM_FAULT_PUSH_ABSENT)) {
		refuse(world, pending);
		return;
	}
	fact.yes = world->mailbox.n_come > 0;
	if (fact.yes && sim_is_on(world, SIM_FAULT_PUSH_SILENT)) {
		sim_struck(world, SIM_FAULT_PUSH_SILENT);
		fact.yes = false;
	}
	fact.yes = fact.yes || lies;
	if (fact.yes)
		sim_struck(world, SIM_FAULT_PUSH);
	if (fact.yes || is_over)
		sim_mailbox_answer(world, &fact);
}

void sim_push_came(struct sim_world *world)
{
	struct sim_mailbox *mailbox = &world->mailbox;

	if (mailbox->n_pending && mailbox->pending[0].order.type == EII_ORDER_WATCH)
		announce(world, &mailbox->pending[0]);
}
