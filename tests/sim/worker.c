/* SPDX-License-Identifier: Apache-2.0 */
/* The platform's workers: what becomes of a message, of its Work, of its report. */
#include "models.h"

#define SECOND     INT64_C(1000)
#define MANAGER_MS (60 * SECOND)
#define SLOW       20 /* times slower than usual */
#define STOPPED_MS (5 * SECOND)
#define PURGE_MS   (7 * 86400 * SECOND)

/* ---- reports ------------------------------------------------------------- */

struct sim_report *sim_report_find(struct sim_world *world, uint16_t plain, uint16_t ms)
{
	struct sim_platform *platform = &world->platform;

	for (uint32_t i = 0; i < platform->n_reports; i++) {
		struct sim_report *report = &platform->reports[i];

		/* Renamed, it has another id, and nothing keeps the old one. */
		if (report->plain == plain && report->ms == ms && !report->is_renamed)
			return report;
	}
	return NULL;
}

void sim_worker_import(struct sim_world *world, const struct sim_message *message, uint16_t work)
{
	struct sim_platform *platform = &world->platform;
	struct sim_report *report = sim_report_find(world, message->plain, message->ms);

	if (!report) {
		if (platform->n_reports == SIM_REPORTS) {
			sim_fail(world, "each-mail-once", "more reports than a world can hold");
			return;
		}
		report = &platform->reports[platform->n_reports++];
		*report = (struct sim_report){ .plain = message->plain, .ms = message->ms };
	}
	report->mail = message->mail;
	report->group = message->group;
	report->work = work;
	report->changed_ms = world->now_ms;
	report->is_his = false; /* from now on it is ours */
	/* The second of two messages brings the files alone. */
	if (message->index == 0) {
		report->has_content = message->has_content;
		report->is_facts = message->is_facts;
		report->is_edited = false;
	}
	sim_trace(world, "report %x.%03u of mail %u imported%s", message->plain, message->ms,
		  message->mail, message->has_content ? "" : " without content");
}

/* ---- Works --------------------------------------------------------------- */

/* Returns 1 for an error that a right mends, 2 for another, 0 for none. */
static int error_of(struct sim_world *world, const struct sim_message *message)
{
	if (message->kind != EII_MESSAGE_REPORT)
		return sim_is_on(world, SIM_FAULT_NO_UPDATE);
	if (sim_is_on(world, SIM_FAULT_NO_UPDATE) || sim_is_on(world, SIM_FAULT_NO_MARKING))
		return 1;
	if (message->n_messages == 2 && message->index == 1 &&
	    sim_is_on(world, SIM_FAULT_NO_UPLOAD))
		return 1;
	return world->mails[message->mail].is_refused ? 2 : 0;
}

static void complete(struct sim_world *world, struct sim_work *work)
{
	if (work->is_complete)
		return;
	work->is_complete = true;
	work->completed_ms = world->now_ms;
}

static void count(struct sim_world *world, const struct sim_message *message, int error)
{
	struct sim_work *work = &world->platform.works[message->work];

	if (!work->exists || !work->is_alive)
		return;
	world->platform.latest = message->work;
	work->processed++;
	work->n_mendable += error == 1;
	work->n_other += error == 2;
	work->had_report = true;
	if (work->has_counts && work->is_closed && work->processed >= work->expected)
		complete(world, work);
}

/* A platform that cannot say what became of it: the broker's confirm counts. */
void sim_worker_lose(struct sim_world *world, const struct sim_message *message)
{
	if (message->mail == SIM_NONE)
		return;
	if (world->plan.has[SIM_FAULT_OLD_PLATFORM])
		world->mails[message->mail].is_passed = true;
	/* The other part makes a report that is there, and has no content. */
	if (message->n_messages == 2 && message->index == 0)
		world->mails[message->mail].is_lossy = true;
}

static void refuse(struct sim_world *world, const struct sim_message *message)
{
	sim_trace(world, "the platform refuses a message of mail %u", message->mail);
	sim_worker_lose(world, message);
}

static void process(struct sim_world *world, const struct sim_message *message)
{
	struct sim_platform *platform = &world->platform;
	struct sim_work *work = &platform->works[message->work];
	int error;

	if (message->work && (!work->exists || !work->is_alive)) {
		work->n_lost++;
		sim_worker_lose(world, message);
		sim_trace(world, "a message under dead Work %u is dropped", message->work);
		return;
	}
	error = error_of(world, message);
	if (error == 0 && message->kind == EII_MESSAGE_AUTHOR)
		platform->has_author = true;
	else if (error == 0 && message->kind == EII_MESSAGE_MARKING)
		platform->has_marking = true;
	else if (error == 0)
		sim_worker_import(world, message, message->work);
	else
		refuse(world, message);
	if (message->work)
		count(world, message, error);
}

void sim_worker_takes(struct sim_world *world)
{
	struct sim_broker *broker = &world->broker;
	struct sim_message message;
	int64_t pace_ms = sim_pace(world, world->plan.worker_ms);

	broker->is_worker_due = broker->q_n > 0;
	if (!broker->q_n)
		return;
	if (sim_is_on(world, SIM_FAULT_WORKER_STOPPED)) {
		sim_later(world, STOPPED_MS, SIM_WORKER_TAKES, 0, 0);
		return;
	}
	message = broker->queue[broker->q_first];
	broker->q_first = (broker->q_first + 1) % SIM_MESSAGES;
	broker->q_n--;
	broker->q_bytes -= message.bytes;
	process(world, &message);
	if (sim_is_on(world, SIM_FAULT_WORKER_SLOW)) {
		sim_struck(world, SIM_FAULT_WORKER_SLOW);
		pace_ms *= SLOW;
	}
	sim_later(world, pace_ms, SIM_WORKER_TAKES, 0, 0);
}

/*
 * The connector manager: Works older than that of the latest report are made
 * complete; what is complete for a week is cleaned away.
 */
static void manage(struct sim_world *world, uint32_t number)
{
	struct sim_platform *platform = &world->platform;
	struct sim_work *work = &platform->works[number];

	if (!work->exists)
		return;
	if (number < platform->latest && !work->is_complete) {
		complete(world, work);
		work->is_forced = true;
		/* Its counts are not shown any more. */
		if (work->processed < work->expected)
			work->has_counts = false;
		if (world->plan.has[SIM_FAULT_OLDER_WORKS_DROP]) {
			work->is_alive = false;
			sim_struck(world, SIM_FAULT_OLDER_WORKS_DROP);
		}
	}
	if (work->is_complete && world->now_ms - work->completed_ms > PURGE_MS) {
		work->exists = false;
		work->is_alive = false;
	}
}

void sim_manager_looks(struct sim_world *world)
{
	for (uint32_t i = 1; i < world->platform.n_works; i++)
		manage(world, i);
	sim_later(world, MANAGER_MS, SIM_MANAGER_LOOKS, 0, 0);
}
