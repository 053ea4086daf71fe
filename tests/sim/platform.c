/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The platform's API as its driver shows it: one call at a time, each of which
 * can be slow, refused, lost before or after it took effect, or take effect
 * when its answer is not waited for any more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "models.h"
#include "oracle.h"

#define SECOND INT64_C(1000)

uint16_t sim_work_of(const struct sim_world *world, const char *id)
{
	unsigned number = 0;

	if (!id || sscanf(id, "work_sim_%u", &number) != 1 || number >= world->platform.n_works)
		return 0;
	return (uint16_t)number;
}

/* ---- a call begins ------------------------------------------------------- */

static void copy_text(struct sim_call *call, const char *text)
{
	size_t bytes = strlen(text) + 1;

	if (bytes > call->text_bytes) {
		free(call->text);
		call->text_bytes = bytes * 2;
		call->text = eii_calloc(call->text_bytes, 1);
	}
	memcpy(call->text, text, bytes);
}

static void copy_ids(struct sim_world *world, struct sim_call *call, const struct eii_order *order)
{
	call->n = order->find_reports.n;
	call->must_have_text = order->find_reports.must_have_text;
	for (uint32_t i = 0; i < call->n && i < EII_CORE_FIND_IDS; i++) {
		const struct sim_slot *slot = &world->process.slots[order->find_reports.slots[i]];

		call->slots[i] = order->find_reports.slots[i];
		call->plain[i] = slot->plain;
		call->ms[i] = slot->ms;
	}
}

static void copy_order(struct sim_world *world, struct sim_call *call,
		       const struct eii_order *order)
{
	call->type = order->type;
	call->number = order->number;
	call->life = world->process.life;
	call->turn = ++world->platform.turn;
	call->has_text = false;
	call->work = 0;
	call->n = 0;
	if (order->type == EII_ORDER_PING) {
		copy_text(call, order->ping.state);
		call->ping = ++world->platform.n_pings;
	} else if (order->type == EII_ORDER_WORK_TELL || order->type == EII_ORDER_WORK_CLOSE ||
		   order->type == EII_ORDER_WORK_LOOK) {
		call->work = sim_work_of(world, order->work.id);
		call->n = order->work.n;
	} else if (order->type == EII_ORDER_FIND_REPORTS) {
		copy_ids(world, call, order);
	}
}

static void refuse(struct sim_world *world, struct sim_call *call, enum eii_failure_kind kind)
{
	call->fate = SIM_FATE_REFUSED;
	call->failure = (struct eii_failure){ .kind = kind, .lives = true, .words = "refused" };
	if (kind == EII_FAILURE_PASSING && sim_is_on(world, SIM_FAULT_RETRY_AFTER)) {
		call->failure.retry_after_s =
			(uint32_t)sim_chance_log(&world->per_fault[SIM_FAULT_RETRY_AFTER], 1, 4000);
		sim_struck(world, SIM_FAULT_RETRY_AFTER);
	}
}

static bool is_of_works(enum eii_order_type type)
{
	return type == EII_ORDER_WORK_ADD || type == EII_ORDER_WORK_TELL ||
	       type == EII_ORDER_WORK_CLOSE;
}

static void choose_fate(struct sim_world *world, struct sim_call *call)
{
	call->fate = SIM_FATE_FINE;
	call->failure = (struct eii_failure){ .kind = EII_FAILURE_UNREACHABLE,
					      .is_outcome_unknown = true,
					      .words = "lost" };
	if (sim_is_on(world, SIM_FAULT_TOKEN_REFUSED))
		refuse(world, call, EII_FAILURE_CREDENTIALS);
	else if (is_of_works(call->type) && sim_is_on(world, SIM_FAULT_FORBIDDEN))
		refuse(world, call, EII_FAILURE_RIGHTS);
	else if (sim_strikes(world, SIM_FAULT_CALL_REFUSED))
		refuse(world, call, EII_FAILURE_PASSING);
	else if (sim_is_on(world, SIM_FAULT_PLATFORM_DOWN) ||
		 sim_strikes(world, SIM_FAULT_CALL_LOST_BEFORE))
		call->fate = SIM_FATE_LOST_BEFORE;
	else if (sim_strikes(world, SIM_FAULT_CALL_LOST_AFTER))
		call->fate = SIM_FATE_LOST_AFTER;
}

static void schedule(struct sim_world *world, uint32_t at, int64_t deadline_ms)
{
	struct sim_call *call = &world->platform.calls[at];
	int64_t answer_ms = sim_pace(world, world->plan.platform_ms) + 1;
	int64_t left_ms = deadline_ms - world->now_ms;
	int64_t act_ms;

	if (sim_strikes(world, SIM_FAULT_CALL_SLOW))
		answer_ms = sim_chance_log(&world->per_fault[SIM_FAULT_CALL_SLOW], 2 * SECOND,
					   300 * SECOND);
	act_ms = sim_chance_between(&world->chance, answer_ms / 4, answer_ms - 1);
	if (sim_strikes(world, SIM_FAULT_CALL_LATE)) {
		call->fate = SIM_FATE_LOST_AFTER;
		act_ms = sim_chance_log(&world->per_fault[SIM_FAULT_CALL_LATE], SECOND,
					180 * SECOND);
	}
	if (answer_ms > left_ms) {
		answer_ms = left_ms > 0 ? left_ms : 0;
		if (call->fate == SIM_FATE_FINE || call->fate == SIM_FATE_REFUSED)
			call->fate = SIM_FATE_LOST_AFTER;
		call->failure.kind = EII_FAILURE_UNREACHABLE;
		call->failure.is_outcome_unknown = true;
	}
	sim_later(world, act_ms, SIM_CALL_ACTS, at, call->turn);
	sim_later(world, answer_ms, SIM_CALL_ANSWERS, at, call->turn);
}

void sim_platform_order(struct sim_world *world, const struct eii_order *order)
{
	struct sim_platform *platform = &world->platform;
	uint32_t at = 0;

	if (platform->pending != SIM_CALLS) {
		sim_fail(world, "one-order", "platform: a second call while one is under way");
		return;
	}
	while (at < SIM_CALLS && platform->calls[at].is_used)
		at++;
	if (at == SIM_CALLS) {
		sim_fail(world, "bounded-calls", "%d calls of unknown outcome", SIM_CALLS);
		return;
	}
	platform->calls[at].is_used = true;
	platform->calls[at].is_answered = false;
	platform->calls[at].has_acted = false;
	platform->pending = at;
	copy_order(world, &platform->calls[at], order);
	choose_fate(world, &platform->calls[at]);
	schedule(world, at, order->deadline_ms);
}

/* ---- and takes effect, and is answered ----------------------------------- */

static void release(struct sim_call *call)
{
	call->is_used = !(call->is_answered && call->has_acted);
}

void sim_platform_acts(struct sim_world *world, uint32_t at, uint32_t turn)
{
	struct sim_call *call = &world->platform.calls[at];

	if (!call->is_used || call->turn != turn || call->has_acted)
		return;
	call->has_acted = true;
	world->oracle.was_late |= call->is_answered;
	call->answer = sim_fact(world, EII_FACT_PLATFORM_FAILED, call->number);
	if (call->fate == SIM_FATE_FINE || call->fate == SIM_FATE_LOST_AFTER)
		sim_platform_act(world, call);
	release(call);
}

void sim_platform_answers(struct sim_world *world, uint32_t at, uint32_t turn)
{
	struct sim_platform *platform = &world->platform;
	struct sim_call *call = &platform->calls[at];
	struct eii_fact fact;

	if (!call->is_used || call->turn != turn || call->is_answered)
		return;
	call->is_answered = true;
	if (platform->pending == at)
		platform->pending = SIM_CALLS;
	/* It failed while it took effect (a lock, an unknown id): the answer says so. */
	if (call->fate == SIM_FATE_FINE && call->has_acted) {
		fact = call->answer;
		fact.now_ms = world->now_ms;
		fact.unix_s = sim_unix_s(world) + world->process.wall_off_s;
		fact.server_unix_s = sim_unix_s(world);
		fact.text = call->has_text ? call->text : NULL;
		if (fact.type == EII_FACT_REPORTS && call->life == world->process.life)
			sim_oracle_found(world, call);
	} else {
		fact = sim_failure(world, EII_FACT_PLATFORM_FAILED, call->number,
				   call->failure.kind);
		fact.failure = call->failure;
		if (call->fate == SIM_FATE_REFUSED)
			fact.server_unix_s = sim_unix_s(world);
	}
	sim_tell(world, call->life, &fact);
	release(call);
}

void sim_platform_cut(struct sim_world *world)
{
	struct sim_platform *platform = &world->platform;
	struct sim_call *call;

	if (platform->pending == SIM_CALLS)
		return;
	call = &platform->calls[platform->pending];
	if (call->fate == SIM_FATE_FINE || call->fate == SIM_FATE_LOST_AFTER)
		call->fate = SIM_FATE_LOST_AFTER;
	call->failure = (struct eii_failure){ .kind = EII_FAILURE_CUT,
					      .is_outcome_unknown = true,
					      .words = "cut" };
	sim_later(world, 0, SIM_CALL_ANSWERS, platform->pending, call->turn);
}

/* The process is gone; what it has asked for may still take effect. */
void sim_platform_forget(struct sim_world *world)
{
	struct sim_platform *platform = &world->platform;

	for (uint32_t i = 0; i < SIM_CALLS; i++) {
		if (!platform->calls[i].is_used)
			continue;
		platform->calls[i].is_answered = true;
		release(&platform->calls[i]);
	}
	platform->pending = SIM_CALLS;
	world->broker.known_password = UINT32_MAX;
}
