/* SPDX-License-Identifier: Apache-2.0 */
/* What fails, and whether somebody is told. */
#include "oracle.h"

#define SECOND  INT64_C(1000)
#define TELL_MS (150 * SECOND) /* what fails for a minute is told by then */
#define FEW     10             /* failures in a row that chance alone makes */

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
	       type == EII_ORDER_FETCH;
}

void sim_oracle_failed(struct sim_world *world, const struct eii_fact *fact)
{
	enum eii_order_type type = (enum eii_order_type)world->oracle.types[fact->order % 4096];
	struct sim_row_of_failures *row = &world->oracle.failures[type];

	if (fact->failure.kind == EII_FAILURE_CUT || fact->failure.kind == EII_FAILURE_INPUT)
		return;
	if (waits_for_person(type, &fact->failure))
		world->oracle.waiting_part = (int)part_of(type) + 1;
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
