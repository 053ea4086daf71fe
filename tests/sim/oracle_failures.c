/* SPDX-License-Identifier: Apache-2.0 */
/* What fails, and whether somebody is told. */
#include "oracle.h"

#define SECOND  INT64_C(1000)
#define TELL_MS (150 * SECOND) /* what fails for a minute is told by then */
#define FEW     10             /* failures in a row that chance alone makes */
#define STOP_MS (5 * SECOND)   /* half of what a stop has */
/* By then it is tried again, where its pause is a minute and other calls are slow. */
#define MINUTE_MS (210 * SECOND)

bool sim_oracle_told_since(const struct sim_world *world, enum eii_event_type type, int64_t ms)
{
	const struct sim_told *told = &world->oracle.told[type];

	return told->n && told->last_ms >= ms;
}

static enum eii_part part_of(enum eii_order_type type)
{
	if (type <= EII_ORDER_CLOSE)
		return EII_PART_MAILBOX;
	if (type <= EII_ORDER_HANG_UP)
		return EII_PART_QUEUE;
	return type <= EII_ORDER_FIND_REPORTS ? EII_PART_PLATFORM : EII_PART_CONVERTER;
}

/* It is over, and has been told: what fails next is another fault. */
void sim_oracle_forget_failures(struct sim_world *world, enum eii_part part)
{
	for (int type = EII_ORDER_NONE + 1; type < EII_ORDER_CUT; type++) {
		if (part_of((enum eii_order_type)type) == part)
			world->oracle.failures[type].n = 0;
	}
}

/* Told in one of the ways in which a lasting fault shows. */
static bool is_said_since(const struct sim_world *world, int64_t ms)
{
	static const enum eii_event_type events[] = {
		EII_EVENT_FAULT_STANDS,   EII_EVENT_WAITS_PERSON, EII_EVENT_BLOCKED,
		EII_EVENT_RIGHTS_MISSING, EII_EVENT_SET_ASIDE,
	};

	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		if (sim_oracle_told_since(world, events[i], ms))
			return true;
	}
	return false;
}

/* A secret or a setting of the queue or the platform: told at once, at error. */
static bool waits_for_person(enum eii_order_type type, const struct eii_failure *failure)
{
	return (failure->kind == EII_FAILURE_CREDENTIALS || failure->kind == EII_FAILURE_CONFIG) &&
	       (type == EII_ORDER_DIAL || part_of(type) == EII_PART_PLATFORM);
}

/* A look now and then that finds its session gone; mails that cannot be had are told one by one. */
static bool is_told_otherwise(enum eii_order_type type)
{
	return type == EII_ORDER_LOOK || type == EII_ORDER_FIND || type == EII_ORDER_CLOSE ||
	       type == EII_ORDER_FETCH || type == EII_ORDER_WATCH || type == EII_ORDER_GLANCE;
}

/*
 * The first pause for a person is a minute, whatever trouble there was before.
 * What is stored is tried as long as we are registered; nothing else is.
 */
static void expect_try(struct sim_world *world, enum eii_order_type type,
		       const struct eii_failure *failure)
{
	struct sim_oracle *oracle = &world->oracle;
	bool is_store = type == EII_ORDER_PING || type == EII_ORDER_READ_STATE;

	if (!is_store || !waits_for_person(type, failure) || failure->retry_after_s)
		return;
	if (!oracle->n_store_failed && world->process.running == SIM_UP)
		oracle->store_by_ms = world->now_ms + MINUTE_MS;
	oracle->n_store_failed++;
}

void sim_oracle_rights(struct sim_world *world, const struct eii_rights_view *rights)
{
	bool has_all = rights->may_connect && rights->may_update && rights->may_upload &&
		       rights->has_marking;

	world->oracle.rights_by_ms = rights->is_known && !has_all ? world->now_ms + MINUTE_MS : 0;
}

void sim_oracle_try(struct sim_world *world, enum eii_order_type type)
{
	struct sim_oracle *oracle = &world->oracle;
	bool is_store = type == EII_ORDER_PING || type == EII_ORDER_READ_STATE;

	if (type == EII_ORDER_RIGHTS || type == EII_ORDER_KNOWN || type == EII_ORDER_REGISTER)
		oracle->rights_by_ms = 0;
	if (is_store || type == EII_ORDER_REGISTER)
		oracle->store_by_ms = 0;
	if (is_store)
		oracle->store_ms = world->now_ms;
}

void sim_oracle_check_tries(struct sim_world *world)
{
	const struct sim_oracle *oracle = &world->oracle;

	if (world->process.running != SIM_UP || world->process.is_doomed)
		return;
	if (oracle->rights_by_ms && world->now_ms > oracle->rights_by_ms)
		sim_fail(world, "tried-in-time", "a right is missing, and is not asked about");
	if (oracle->store_by_ms && world->now_ms > oracle->store_by_ms)
		sim_fail(world, "tried-in-time", "a first pause for a person is not a minute");
}

/* What was confirmed is stored, or it is tried, before a stop has used up its time. */
void sim_oracle_over(struct sim_world *world)
{
	const struct sim_oracle *oracle = &world->oracle;
	const struct sim_process *process = &world->process;

	if (process->running == SIM_STOPPING && world->now_ms - process->stopped_ms > STOP_MS &&
	    oracle->is_registered && oracle->confirmed_ms > oracle->life_ms &&
	    oracle->confirmed_ms > oracle->store_ms && oracle->store_ms < process->stopped_ms)
		sim_fail(world, "stop", "what was confirmed %ld ms before its end is not stored",
			 (long)(world->now_ms - oracle->confirmed_ms));
}

void sim_oracle_failed(struct sim_world *world, const struct eii_fact *fact)
{
	enum eii_order_type type = (enum eii_order_type)world->oracle.types[fact->order % 4096];
	struct sim_row_of_failures *row = &world->oracle.failures[type];

	if (fact->failure.kind == EII_FAILURE_CUT || fact->failure.kind == EII_FAILURE_INPUT)
		return;
	if (waits_for_person(type, &fact->failure))
		world->oracle.waiting_part = (int)part_of(type) + 1;
	expect_try(world, type, &fact->failure);
	if (is_told_otherwise(type))
		return;
	if (!row->n++ || world->now_ms - row->last_ms > TELL_MS)
		row->since_ms = world->now_ms;
	row->last_ms = world->now_ms;
	if (world->oracle.is_told_of[part_of(type)])
		return;
	if (row->n > FEW && world->now_ms - row->since_ms > TELL_MS &&
	    !is_said_since(world, row->since_ms))
		sim_fail(world, "lasting-faults-show", "order %d fails for %ld s, nothing is said",
			 type, (long)((world->now_ms - row->since_ms) / SECOND));
}

/* What a person has to mend is said so with its first failure. */
void sim_oracle_check_person(struct sim_world *world)
{
	struct sim_oracle *oracle = &world->oracle;

	if (oracle->waiting_part && !world->process.is_doomed &&
	    !oracle->is_told_of[oracle->waiting_part - 1])
		sim_fail(world, "lasting-faults-show", "part %d waits for a person, not told so",
			 oracle->waiting_part - 1);
	oracle->waiting_part = 0;
}
