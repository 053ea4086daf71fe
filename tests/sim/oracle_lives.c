/* SPDX-License-Identifier: Apache-2.0 */
/* Lives and stored states: what a start finds, and what a ping leaves. */
#include "oracle.h"

#include <string.h>

#include "models.h"

#define SECOND      INT64_C(1000)
#define MARGIN_S    (3600 - 120)
#define LATE_MS     (45 * SECOND)
#define HINDERED_MS (10 * LATE_MS) /* the same where calls of it fail */

/*
 * UIDs that were given a second time below the stored cursor, UIDNEXT being above
 * it: who saw that has ended before it could be stored, and nothing shows it now.
 */
static void pass_given_again(struct sim_world *world, const struct sim_folder *folder,
			     const struct sim_state_view *view)
{
	if (view->uidvalidity != folder->uidvalidity || folder->uidnext <= view->cursor)
		return;
	for (uint32_t i = 0; i < folder->n; i++) {
		struct sim_mail *mail = &world->mails[folder->mails[i]];

		mail->is_passed |= mail->is_reused && mail->uid <= view->cursor;
	}
}

static void take_up(struct sim_world *world, struct sim_folder *folder, const char *text)
{
	struct sim_state_view view;
	struct sim_mail *mail;

	if (!sim_state_read(text, folder->key, &view) || !view.is_bounded)
		folder->place.known_validity = 0;
	pass_given_again(world, folder, &view);
	folder->place.cursor = view.cursor;
	folder->place.cursor_validity = view.uidvalidity;
	/* It was named before its FETCH, and the process came to an end on it. */
	mail = sim_folder_find(world, folder, sim_state_in_hand(text, folder->key));
	if (mail && mail->n_alone < UINT8_MAX)
		mail->n_alone++;
}

void sim_oracle_registered(struct sim_world *world)
{
	struct sim_oracle *oracle = &world->oracle;
	struct sim_platform *platform = &world->platform;
	const char *text = platform->has_state ? platform->state : "";
	uint16_t open = sim_state_work(text);

	for (uint32_t i = 0; i < world->mailbox.n_folders; i++)
		take_up(world, &world->mailbox.folders[i], text);
	oracle->was_behind |= oracle->stored_ping < oracle->newest_ping;
	oracle->nacked_until_ms = 0;
	oracle->is_late |=
		oracle->act == SIM_RESTARTED && oracle->stored_ping < oracle->newest_ping;
	/* A ping that came late has written over what the official connector had stored. */
	for (uint32_t i = 0; i < world->plan.n_mails; i++)
		world->mails[i].is_only_his &= sim_state_ingestion(text) >= oracle->official_s;
	for (uint32_t i = 1; i < platform->n_works; i++) {
		platform->works[i].is_ours_open = i == open;
		/* Others were overwritten by others, or by an older ping: nobody knows them. */
		platform->works[i].is_stored = i == open;
	}
}

void sim_oracle_life(struct sim_world *world)
{
	struct sim_oracle *oracle = &world->oracle;

	memset(oracle->failures, 0, sizeof(oracle->failures));
	memset(oracle->is_told_of, 0, sizeof(oracle->is_told_of));
	oracle->blocked_ms = 0;
	oracle->n_calls = 0;
	oracle->life_ms = world->now_ms;
	oracle->may_go_back = 0;
	oracle->waiting_part = 0;
	oracle->is_registered = false;
	oracle->woken_run = 0;
	oracle->rights_by_ms = oracle->store_by_ms = 0;
	oracle->n_store_failed = 0;
	if (oracle->act == SIM_ENDING) {
		oracle->act = SIM_RESTARTED;
		oracle->act_ms = world->now_ms;
		oracle->n_sent_before = (uint32_t)oracle->n_sent;
		oracle->is_late = oracle->stored_ping < oracle->newest_ping;
	}
}

/*
 * A new numbering begins with an hour before the last run's instant: what is
 * older and has not come by then is passed over, as the log says.
 */
void sim_oracle_renumbered(struct sim_world *world, const struct sim_folder *folder)
{
	const struct sim_platform *platform = &world->platform;
	uint8_t number = (uint8_t)(folder - world->mailbox.folders);
	int64_t last_s = platform->has_state ? sim_state_ingestion(platform->state) : 0;

	/* Runs may have done without it. */
	if (world->plan.has[SIM_FAULT_FOLDERS] && folder->looked_s < last_s)
		last_s = folder->looked_s;
	if (!folder->place.is_renumbering || !last_s)
		return;
	for (uint32_t i = 0; i < world->plan.n_mails; i++) {
		struct sim_mail *mail = &world->mails[i];

		/* What came later is no part of it, however long it is not seen. */
		if (mail->has_come && mail->folder == number &&
		    mail->date_s < folder->place.renumbered_s && mail->date_s < last_s - MARGIN_S)
			mail->is_passed = true;
	}
}

void sim_oracle_numbers_anew(struct sim_world *world, struct sim_folder *folder)
{
	folder->place.renumbered_s = sim_unix_s(world);
	folder->place.is_renumbering = true;
	world->oracle.was_renumbered = true;
	sim_oracle_renumbered(world, folder);
}

static bool is_accounted(const struct sim_work *work)
{
	return work->is_stored && work->is_closed && work->is_complete && work->is_alive &&
	       work->processed >= work->expected && !work->n_mendable;
}

void sim_oracle_stored(struct sim_world *world, const char *text, uint64_t ping)
{
	struct sim_oracle *oracle = &world->oracle;
	struct sim_platform *platform = &world->platform;
	uint16_t open = sim_state_work(text);

	for (uint32_t i = 0; i < world->mailbox.n_folders; i++)
		sim_oracle_renumbered(world, &world->mailbox.folders[i]);
	if (ping && open && open < platform->n_works)
		platform->works[open].is_stored = true;
	/* What the platform has accounted for leaves the state: from now on it is solid. */
	for (uint32_t i = 1; i < platform->n_works; i++)
		platform->works[i].is_solid |= i != open && is_accounted(&platform->works[i]);
	if (ping && ping < oracle->newest_ping && world->is_healed)
		sim_later(world, LATE_MS + 10 * world->plan.platform_ms, SIM_LATE_PING_GONE, 0, 0);
	oracle->stored_ping = ping;
	oracle->stored_ms = world->now_ms;
	if (ping > oracle->newest_ping)
		oracle->newest_ping = ping;
}

/* A ping, or a look at what is stored, that got no answer since: it takes so much longer. */
static bool is_hindered(const struct sim_oracle *oracle)
{
	return oracle->failures[EII_ORDER_PING].last_ms > oracle->stored_ms ||
	       oracle->failures[EII_ORDER_READ_STATE].last_ms > oracle->stored_ms;
}

void sim_oracle_late_ping(struct sim_world *world)
{
	struct sim_oracle *oracle = &world->oracle;

	if (is_hindered(oracle) && oracle->stored_ms + HINDERED_MS > world->now_ms) {
		sim_later(world, LATE_MS, SIM_LATE_PING_GONE, 0, 0);
		return;
	}
	if (world->process.running != SIM_UP || world->now_ms - oracle->stored_ms < LATE_MS)
		return;
	/* Where the platform does not let us in, nothing can be stored. */
	if (oracle->is_told_of[EII_PART_PLATFORM])
		return;
	if (oracle->stored_ping && oracle->stored_ping < oracle->newest_ping &&
	    world->now_ms - oracle->life_ms > LATE_MS + 10 * world->plan.platform_ms)
		sim_fail(world, "place-goes-on", "a late older ping stands for longer than 40 s");
}
