/* SPDX-License-Identifier: Apache-2.0 */
/* What each call does on the platform, and what its user does there by hand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "models.h"
#include "oracle.h"

#define SECOND  INT64_C(1000)
#define LOCK_MS (5 * SECOND) /* after a deletion, a registration fails for so long */

/* ---- the state ----------------------------------------------------------- */

static void set_text(char **text, size_t *bytes, const char *from)
{
	size_t n = strlen(from) + 1;

	if (n > *bytes) {
		free(*text);
		*bytes = n * 2;
		*text = eii_calloc(*bytes, 1);
	}
	memcpy(*text, from, n);
}

void sim_platform_store(struct sim_world *world, const char *text)
{
	struct sim_platform *platform = &world->platform;

	if (platform->has_state)
		set_text(&platform->old_state, &platform->old_bytes, platform->state);
	platform->has_state = true;
	set_text(&platform->state, &platform->state_bytes, text);
}

static void answer_text(struct sim_call *call, const char *text)
{
	call->has_text = text != NULL;
	if (text)
		set_text(&call->text, &call->text_bytes, text);
}

/* A ping or a registration makes what is missing of it again. */
static void make_topology(struct sim_world *world)
{
	world->broker.has_queue = true;
	world->broker.has_exchange = true;
}

static void act_ping(struct sim_world *world, struct sim_call *call)
{
	struct sim_platform *platform = &world->platform;

	call->answer.type = EII_FACT_PONG;
	if (!platform->exists) {
		call->answer.yes = true;
		call->has_text = false;
		return;
	}
	make_topology(world);
	if (platform->is_reset) {
		platform->is_reset = false;
	} else {
		sim_platform_store(world, call->text);
		sim_oracle_stored(world, call->text,
				  call->life == world->process.life ? call->ping : 0);
	}
	if (platform->old_state && strlen(platform->old_state) > 2 &&
	    sim_strikes(world, SIM_FAULT_STALE_ECHO))
		answer_text(call, platform->old_state);
	else
		answer_text(call, platform->state);
}

static void act_register(struct sim_world *world, struct sim_call *call)
{
	struct sim_platform *platform = &world->platform;
	bool is_old = world->plan.has[SIM_FAULT_OLD_PLATFORM];

	make_topology(world);
	if (!platform->exists && platform->deleted_ms &&
	    world->now_ms < platform->deleted_ms + LOCK_MS) {
		call->answer.type = EII_FACT_PLATFORM_FAILED;
		call->answer.failure = (struct eii_failure){ .kind = EII_FAILURE_PASSING,
							     .lives = true,
							     .words = "LOCK_ERROR" };
		return;
	}
	call->answer.type = EII_FACT_REGISTERED;
	platform->exists = true;
	answer_text(call, platform->has_state ? platform->state : NULL);
	call->answer.registered.is_first_state = !platform->has_state;
	call->answer.registered.has_multipart_work = true;
	call->answer.registered.has_work_alive = !is_old;
	call->answer.registered.has_work_view = !is_old;
	call->answer.registered.has_queue_details = !is_old;
	if (is_old)
		sim_struck(world, SIM_FAULT_OLD_PLATFORM);
	if (call->life == world->process.life && !world->oracle.is_registered) {
		sim_oracle_registered(world);
		world->oracle.is_registered = call->fate == SIM_FATE_FINE;
	}
	if (call->life == world->process.life)
		world->broker.known_password = world->broker.password;
}

/* ---- Works --------------------------------------------------------------- */

static void act_add(struct sim_world *world, struct sim_call *call)
{
	struct sim_platform *platform = &world->platform;

	if (!platform->exists) {
		call->answer.failure = (struct eii_failure){ .kind = EII_FAILURE_PASSING,
							     .lives = true,
							     .words = "unknown connector" };
		return;
	}
	if (platform->n_works == SIM_WORKS) {
		sim_fail(world, "bounded-calls", "more Works than a world can hold");
		return;
	}
	platform->works[platform->n_works] =
		(struct sim_work){ .exists = true, .is_alive = true, .added_ms = world->now_ms };
	call->answer.type = EII_FACT_WORK_ADDED;
	snprintf(call->work_id, sizeof(call->work_id), "work_sim_%u", platform->n_works++);
	answer_text(call, call->work_id);
}

/* The newest that is open, of which nothing was counted, closed or reported. */
static void act_search(struct sim_world *world, struct sim_call *call)
{
	const struct sim_platform *platform = &world->platform;
	uint32_t i = platform->n_works;

	call->answer.type = EII_FACT_WORK_FOUND;
	call->has_text = false;
	while (--i > 0) {
		const struct sim_work *work = &platform->works[i];

		if (!work->exists || !work->is_alive || work->is_closed || work->is_complete ||
		    work->has_counts || work->processed)
			continue;
		snprintf(call->work_id, sizeof(call->work_id), "work_sim_%u", i);
		answer_text(call, call->work_id);
		return;
	}
}

static void act_tell(struct sim_world *world, struct sim_call *call)
{
	struct sim_work *work = &world->platform.works[call->work];

	call->answer.type = EII_FACT_WORK_TOLD;
	if (!work->exists || !work->is_alive)
		return;
	work->has_counts = true;
	work->expected += call->n;
}

static void act_close(struct sim_world *world, struct sim_call *call)
{
	struct sim_work *work = &world->platform.works[call->work];

	call->answer.type = EII_FACT_WORK_CLOSED;
	if (!work->exists)
		return;
	work->is_closed = true;
	/* A dead one feigns success; so does one of which nothing was counted. */
	if (!work->is_alive || !work->has_counts) {
		work->has_counts = true;
		work->expected = work->expected ? work->expected : 1;
		work->processed = work->expected;
	}
	if (work->processed >= work->expected && !work->is_complete) {
		work->is_complete = true;
		work->completed_ms = world->now_ms;
	}
}

static void act_look(struct sim_world *world, struct sim_call *call)
{
	const struct sim_work *work = &world->platform.works[call->work];
	struct eii_fact *answer = &call->answer;

	answer->type = EII_FACT_WORK_SEEN;
	answer->work.exists = call->work && work->exists;
	if (!answer->work.exists)
		return;
	answer->work.is_alive = work->is_alive;
	answer->work.is_complete = work->is_complete;
	answer->work.has_counts = work->has_counts;
	answer->work.expected = work->has_counts ? work->expected : 0;
	answer->work.processed = work->has_counts ? work->processed : 0;
	answer->work.errors.n_mendable = work->n_mendable;
	answer->work.errors.n_other = work->n_other;
}

/* ---- rights and reports -------------------------------------------------- */

static struct eii_rights_view rights_now(const struct sim_world *world)
{
	return (struct eii_rights_view){
		.is_known = !world->plan.has[SIM_FAULT_OLD_PLATFORM],
		.may_connect = true,
		.may_update = !sim_is_on(world, SIM_FAULT_NO_UPDATE),
		.may_upload = !sim_is_on(world, SIM_FAULT_NO_UPLOAD),
		.may_read = true,
		.has_marking = !sim_is_on(world, SIM_FAULT_NO_MARKING),
	};
}

static void act_find(struct sim_world *world, struct sim_call *call)
{
	call->answer.type = EII_FACT_REPORTS;
	call->answer.reports.is_known = !world->plan.has[SIM_FAULT_OLD_PLATFORM];
	call->answer.reports.n = (uint16_t)call->n;
	call->answer.reports.is_there = call->is_there;
	for (uint32_t i = 0; i < call->n; i++) {
		const struct sim_report *report =
			sim_report_find(world, call->plain[i], call->ms[i]);

		call->is_there[i] = report && (!call->must_have_text || report->has_content ||
					       report->is_edited);
	}
}

void sim_platform_act(struct sim_world *world, struct sim_call *call)
{
	struct sim_platform *platform = &world->platform;
	struct eii_fact *answer = &call->answer;

	switch (call->type) {
	case EII_ORDER_REGISTER:
		act_register(world, call);
		break;
	case EII_ORDER_PING:
		act_ping(world, call);
		break;
	case EII_ORDER_READ_STATE:
		answer->type = EII_FACT_STATE;
		answer->yes = !platform->exists;
		answer_text(call, platform->has_state ? platform->state : NULL);
		if (call->fate == SIM_FATE_FINE && platform->has_state)
			sim_oracle_state_seen(world, platform->state);
		break;
	case EII_ORDER_QUEUE_SIZE:
		answer->type = EII_FACT_QUEUE_SIZE;
		answer->queue.is_known = !world->plan.has[SIM_FAULT_OLD_PLATFORM];
		answer->queue.size_bytes = (double)world->broker.q_bytes;
		answer->queue.n_messages = world->broker.q_n;
		if (world->plan.threshold_bytes > 0 &&
		    answer->queue.size_bytes > world->plan.threshold_bytes)
			sim_struck(world, SIM_FAULT_THRESHOLD);
		break;
	case EII_ORDER_WORK_FIND:
		act_search(world, call);
		break;
	case EII_ORDER_WORK_ADD:
		act_add(world, call);
		break;
	case EII_ORDER_WORK_TELL:
		act_tell(world, call);
		break;
	case EII_ORDER_WORK_CLOSE:
		act_close(world, call);
		break;
	case EII_ORDER_WORK_LOOK:
		act_look(world, call);
		break;
	case EII_ORDER_RIGHTS:
		answer->type = EII_FACT_RIGHTS;
		answer->rights = rights_now(world);
		break;
	case EII_ORDER_KNOWN:
		answer->type = EII_FACT_KNOWN;
		answer->known.has_author = platform->has_author;
		answer->known.has_marking = platform->has_marking;
		answer->known.rights = rights_now(world);
		break;
	default:
		act_find(world, call);
		break;
	}
}

/* ---- by hand ------------------------------------------------------------- */

static void kill_works(struct sim_world *world, bool exists_after)
{
	for (uint32_t i = 1; i < world->platform.n_works; i++) {
		struct sim_work *work = &world->platform.works[i];

		if (!exists_after && work->exists)
			work->n_cleared++;
		work->exists = work->exists && exists_after;
		work->is_alive = false;
	}
}

static void reset(struct sim_world *world)
{
	sim_broker_purge(world);
	if (world->platform.has_state)
		world->platform.state[0] = '\0';
	else
		sim_platform_store(world, "");
	world->platform.is_reset = true;
	world->oracle.was_reset = true;
}

static void delete_connector(struct sim_world *world)
{
	struct sim_platform *platform = &world->platform;

	sim_broker_purge(world);
	platform->exists = false;
	platform->has_state = false;
	platform->is_reset = false;
	platform->deleted_ms = world->now_ms + 1;
	world->broker.has_queue = false;
	world->oracle.was_reset = true;
	kill_works(world, false);
}

void sim_platform_fault(struct sim_world *world, enum sim_fault fault)
{
	struct sim_platform *platform = &world->platform;

	if (sim_faults[fault].kind == SIM_SPELL || !platform->exists)
		return;
	sim_struck(world, fault);
	if (fault == SIM_FAULT_RESET) {
		reset(world);
	} else if (fault == SIM_FAULT_DELETED) {
		delete_connector(world);
	} else if (fault == SIM_FAULT_WORK_CLEARED) {
		kill_works(world, false);
		world->oracle.was_lossy = true;
	} else if (fault == SIM_FAULT_REDIS_EMPTIED) {
		kill_works(world, true);
		world->oracle.was_lossy = true;
	} else if (fault == SIM_FAULT_STATE_GARBAGE) {
		sim_platform_store(world, "{\"last_email_ingestion\": oops");
		world->oracle.was_reset = true;
	}
}
