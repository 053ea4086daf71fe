/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "models.h"
#include "oracle.h"

#define SECOND INT64_C(1000)
#define DAY    (86400 * SECOND)
/* An order of the core that is taken at one instant; more is a spin. */
#define ORDERS_NOW 20000
/* How much likelier a kill is right after what changes something outside. */
#define KILL_BIAS 20

uint64_t sim_reached[EII_PHASE_STOP + 1][EII_FACTS];

struct eii_fact sim_fact(const struct sim_world *world, enum eii_fact_type type, uint64_t order)
{
	return (struct eii_fact){
		.type = type,
		.now_ms = world->now_ms,
		.unix_s = sim_unix_s(world) + world->process.wall_off_s,
		.order = order,
	};
}

struct eii_fact sim_failure(const struct sim_world *world, enum eii_fact_type type, uint64_t order,
			    enum eii_failure_kind kind)
{
	struct eii_fact fact = sim_fact(world, type, order);

	fact.failure.kind = kind;
	fact.failure.words = "as the world wants it";
	return fact;
}

uint64_t sim_process_held(const struct sim_world *world)
{
	return world->process.held_bytes;
}

/* ---- lives --------------------------------------------------------------- */

static void forget_all(struct sim_world *world)
{
	sim_mailbox_forget(world);
	sim_broker_forget(world);
	sim_platform_forget(world);
	sim_converter_forget(world);
	memset(world->process.slots, 0, sizeof(world->process.slots));
	world->process.held_bytes = 0;
}

static int64_t pause_ms(struct sim_world *world)
{
	if (!world->is_healed && world->plan.has[SIM_FAULT_AWAY_LONG] &&
	    sim_chance_hits(&world->per_fault[SIM_FAULT_AWAY_LONG], 500000)) {
		sim_struck(world, SIM_FAULT_AWAY_LONG);
		return sim_chance_between(&world->per_fault[SIM_FAULT_AWAY_LONG], 1, 8) * DAY;
	}
	return sim_chance_log(&world->chance, 1, 60 * SECOND);
}

void sim_process_start(struct sim_world *world)
{
	const struct sim_plan *plan = &world->plan;
	struct sim_process *process = &world->process;
	struct eii_core_config config = {
		.mode = plan->is_once ? EII_CORE_ONCE : EII_CORE_STAY,
		.mailbox_key = plan->has[SIM_FAULT_FOLDERS] ? SIM_ACCOUNT : SIM_ACCOUNT SIM_INBOX,
		.has_folders = plan->has[SIM_FAULT_FOLDERS],
		.budget_bytes = plan->budget_bytes,
		.budget_mails = plan->budget_mails,
		.max_mail_bytes = plan->max_mail_bytes,
		.scan_bytes = plan->scan_bytes,
		.window_messages = plan->window_messages,
		.window_bytes = plan->window_bytes,
		.period_s = plan->period_s,
		.start_period_s = plan->start_period_s,
		.threshold_bytes = plan->threshold_bytes,
		.push = plan->has[SIM_FAULT_PUSH] ? EII_CORE_PUSH_BY_NAME : EII_CORE_PUSH_OFF,
		.ring_mode = plan->is_distinct ? EII_RING_DISTINCT : EII_RING_COMPATIBLE,
		.now_ms = world->now_ms,
		.unix_s = sim_unix_s(world) + process->wall_off_s,
	};

	if (process->running != SIM_DOWN)
		return;
	process->life++;
	config.seed = plan->seed ^ process->life * UINT64_C(0x9e3779b97f4a7c15);
	process->running = SIM_UP;
	process->n_times = 0;
	process->stopped_ms = 0;
	sim_trace(world, "process %u starts", process->life);
	sim_oracle_life(world);
	process->core = eii_core_new(&config);
	{
		struct eii_fact fact = sim_fact(world, EII_FACT_TIME, 0);

		sim_tell(world, process->life, &fact);
	}
}

/* Gone: what survives is what the platform has stored. */
static void end(struct sim_world *world, int64_t ms)
{
	struct sim_process *process = &world->process;

	eii_core_free(process->core);
	process->core = NULL;
	process->running = SIM_DOWN;
	process->is_doomed = false;
	forget_all(world);
	sim_later(world, ms, SIM_PROCESS_STARTS, 0, 0);
}

void sim_process_kill(struct sim_world *world)
{
	sim_trace(world, "process %u is killed", world->process.life);
	world->process.n_kills++;
	end(world, pause_ms(world));
}

void sim_process_stop(struct sim_world *world)
{
	struct eii_fact fact = sim_fact(world, EII_FACT_STOP, 0);
	struct sim_process *process = &world->process;

	if (process->running != SIM_UP)
		return;
	sim_trace(world, "SIGTERM");
	process->running = SIM_STOPPING;
	process->stopped_ms = world->now_ms;
	sim_tell(world, process->life, &fact);
}

static void take_end(struct sim_world *world, const struct eii_order *order)
{
	struct sim_process *process = &world->process;
	bool was_stopped = process->running == SIM_STOPPING;

	sim_trace(world, "process %u ends with %d", process->life, (int)order->over.code);
	if (!was_stopped && !world->plan.is_once)
		sim_fail(world, "no-wait-unbounded", "it ends by itself with %d",
			 (int)order->over.code);
	if (was_stopped && order->over.code != EII_OVER_OK && !world->plan.is_once)
		sim_fail(world, "stop", "a stop ends with %d", (int)order->over.code);
	if (was_stopped && world->oracle.act == SIM_CHAOS && sim_is_on(world, SIM_FAULT_OFFICIAL))
		sim_official_runs(world);
	end(world, was_stopped ? pause_ms(world) : world->plan.period_s * SECOND);
}

/* ---- orders -------------------------------------------------------------- */

static void drop(struct sim_world *world, uint16_t at)
{
	struct sim_slot *slot = &world->process.slots[at];

	world->process.held_bytes -= slot->held + slot->granted;
	sim_converter_drop(world, at);
	memset(slot, 0, sizeof(*slot));
}

static void cut(struct sim_world *world, enum eii_part part)
{
	if (part == EII_PART_MAILBOX)
		sim_mailbox_cut(world);
	else if (part == EII_PART_QUEUE)
		sim_broker_cut(world);
	else if (part == EII_PART_PLATFORM)
		sim_platform_cut(world);
}

static bool is_of_mailbox(enum eii_order_type type)
{
	return type >= EII_ORDER_OPEN && type <= EII_ORDER_CLOSE;
}

static bool is_of_queue(enum eii_order_type type)
{
	return type >= EII_ORDER_DIAL && type <= EII_ORDER_HANG_UP;
}

static bool is_of_platform(enum eii_order_type type)
{
	return type >= EII_ORDER_REGISTER && type <= EII_ORDER_FIND_REPORTS;
}

/* What breaks a run off: a stop comes right then, more often than by chance. */
static bool is_breaking(enum eii_event_type type)
{
	return type == EII_EVENT_RESET || type == EII_EVENT_DELETED || type == EII_EVENT_RETURNED ||
	       type == EII_EVENT_WORK_CLEARED || type == EII_EVENT_WORK_LOST ||
	       type == EII_EVENT_WORK_UNSURE || type == EII_EVENT_RENUMBERED ||
	       type == EII_EVENT_RIGHTS_MISSING || type == EII_EVENT_PAUSED_OUT;
}

static void maybe_stop(struct sim_world *world, const struct eii_event *event)
{
	enum sim_fault fault = SIM_FAULT_TERMINATED;

	if (world->is_healed || !world->plan.has[fault] || !is_breaking(event->type) ||
	    sim_chance_below(&world->per_fault[fault], 2))
		return;
	sim_struck(world, fault);
	sim_later(world, sim_chance_below(&world->per_fault[fault], 3), SIM_PROCESS_STOPS, 0, 0);
}

static void carry_out(struct sim_world *world, const struct eii_order *order)
{
	if (order->type == EII_ORDER_TELL)
		maybe_stop(world, &order->tell);
	if (is_of_mailbox(order->type))
		sim_mailbox_order(world, order);
	else if (is_of_queue(order->type))
		sim_broker_order(world, order);
	else if (is_of_platform(order->type))
		sim_platform_order(world, order);
	else if (order->type == EII_ORDER_CONVERT || order->type == EII_ORDER_MAKE)
		sim_converter_order(world, order);
	else if (order->type == EII_ORDER_DROP)
		drop(world, order->drop.slot);
	else if (order->type == EII_ORDER_CUT)
		cut(world, order->cut.part);
	else if (order->type == EII_ORDER_OVER)
		take_end(world, order);
}

/* More often where what was done outside may not be known inside yet. */
static uint32_t bias_of(enum eii_order_type type)
{
	switch (type) {
	case EII_ORDER_PING:
	case EII_ORDER_WORK_ADD:
	case EII_ORDER_WORK_TELL:
	case EII_ORDER_WORK_CLOSE:
	case EII_ORDER_FIND_REPORTS:
		return KILL_BIAS;
	default:
		return 1;
	}
}

static void maybe_doom(struct sim_world *world, uint32_t bias)
{
	struct sim_process *process = &world->process;
	enum sim_fault fault = SIM_FAULT_KILLED;
	uint32_t ppm = world->plan.ppm[fault];

	if (world->is_healed || !world->plan.has[fault] || !process->core || process->is_doomed)
		return;
	if (process->n_kills >= world->plan.max_kills)
		return;
	if (!sim_chance_hits(&world->per_fault[fault], ppm * bias < 500000 ? ppm * bias : 500000))
		return;
	sim_struck(world, fault);
	process->is_doomed = true;
}

static void take_orders(struct sim_world *world)
{
	struct sim_process *process = &world->process;
	struct eii_order order;
	uint32_t n = 0;
	uint32_t life = process->life;

	while (process->core && process->life == life && !process->is_doomed && !world->is_over &&
	       eii_core_take_order(process->core, &order)) {
		if (++n > ORDERS_NOW) {
			sim_fail(world, "bounded-facts", "%u orders for one fact", n);
			return;
		}
		world->n_orders++;
		sim_trace_order(world, &order);
		sim_oracle_order(world, &order);
		if (!world->is_over)
			carry_out(world, &order);
		if (order.type != EII_ORDER_TELL)
			maybe_doom(world, bias_of(order.type));
	}
}

void sim_tell(struct sim_world *world, uint32_t life, struct eii_fact *fact)
{
	struct sim_process *process = &world->process;
	struct eii_core_view view;

	if (!process->core || process->life != life || process->is_doomed || world->is_over)
		return;
	process->n_facts_now++;
	eii_core_view(process->core, &view);
	sim_reached[view.phase][fact->type]++;
	world->n_facts++;
	sim_trace_fact(world, fact);
	sim_oracle_fact(world, fact);
	eii_core_tell(process->core, fact);
	if (fact->type != EII_FACT_TIME)
		maybe_doom(world,
			   fact->type == EII_FACT_QUEUE_OUTCOME || fact->type == EII_FACT_WORK_ADDED
				   ? KILL_BIAS / 2
				   : 1);
	take_orders(world);
	if (process->core && process->life == life && !world->is_over)
		sim_oracle_after(world);
}
