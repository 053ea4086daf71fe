/* SPDX-License-Identifier: Apache-2.0 */
/* Who else has to do with the connector: analysts, and other programs under its id. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "eii/base/alloc.h"
#include "models.h"
#include "oracle.h"

#define SECOND     INT64_C(1000)
#define TWIN_MS    (40 * SECOND)
#define FOREIGN_MS (40 * SECOND)
#define TEXT_BYTES 131072

/* ---- analysts ------------------------------------------------------------ */

/* Before the platform has accounted for it, and the state says so, a rename makes it look lost. */
static bool is_solid(const struct sim_world *world, const struct sim_report *report)
{
	const struct sim_mail *mail = &world->mails[report->mail];
	const struct sim_folder *folder = &world->mailbox.folders[mail->folder];
	const char *state = world->platform.has_state ? world->platform.state : "";
	struct sim_state_view view;

	return world->platform.works[report->work].is_solid &&
	       sim_state_read(state, folder->key, &view) &&
	       view.uidvalidity == folder->uidvalidity && view.cursor >= mail->last_uid &&
	       (!view.back || view.back > mail->last_uid) &&
	       !sim_state_has_aside(state, folder->key, mail->last_uid);
}

static bool may_be_changed(const struct sim_world *world, const struct sim_report *report,
			   enum sim_fault fault)
{
	if (report->is_renamed || report->is_edited || !report->has_content || report->is_his)
		return false;
	return fault == SIM_FAULT_ANALYST_EDITS || is_solid(world, report);
}

static void change_report(struct sim_world *world, enum sim_fault fault)
{
	struct sim_platform *platform = &world->platform;
	uint32_t start = sim_chance_below(&world->per_fault[fault], platform->n_reports);

	for (uint32_t i = 0; i < platform->n_reports; i++) {
		struct sim_report *report = &platform->reports[(start + i) % platform->n_reports];

		if (!may_be_changed(world, report, fault))
			continue;
		sim_struck(world, fault);
		sim_trace(world, "an analyst changes report %x.%03u", report->plain, report->ms);
		report->is_edited = fault == SIM_FAULT_ANALYST_EDITS;
		report->is_renamed = fault == SIM_FAULT_ANALYST_RENAMES;
		return;
	}
}

/* ---- the official connector ---------------------------------------------- */

/* Only this member is its own: the rest comes out as it went in. */
static void write_ingestion(struct sim_world *world, int64_t unix_s)
{
	static char text[TEXT_BYTES];
	const char *name = "\"last_email_ingestion\":";
	const char *old = world->platform.state;
	const char *at = strstr(old, name);
	time_t t = (time_t)unix_s;
	struct tm tm;
	char date[40];

	if (!at)
		return;
	at = strchr(at + strlen(name), '"') + 1;
	gmtime_r(&t, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S+00:00", &tm);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - old), old, date, strchr(at, '"'));
	sim_platform_store(world, text);
	world->oracle.official_s = unix_s;
	sim_oracle_stored(world, text, 0);
}

/* All of INBOX that was received since the date in the state, each once; then the date. */
void sim_official_runs(struct sim_world *world)
{
	int64_t since_s =
		sim_state_ingestion(world->platform.has_state ? world->platform.state : "");
	const struct sim_folder *inbox = &world->mailbox.folders[0];

	if (!world->platform.exists || !since_s)
		return;
	sim_struck(world, SIM_FAULT_OFFICIAL);
	sim_trace(world, "the official connector runs");
	for (uint32_t i = 0; i < inbox->n; i++) {
		struct sim_mail *mail = &world->mails[inbox->mails[i]];
		struct sim_message message = { .kind = EII_MESSAGE_REPORT,
					       .mail = inbox->mails[i],
					       .group = mail->group,
					       .plain = mail->plain,
					       .n_messages = 1,
					       .has_content = true };
		const struct sim_report *old = sim_report_find(world, mail->plain, 0);

		if (mail->date_s < since_s) {
			mail->is_passed = true;
			continue;
		}
		/* It overwrites what has its id: not our doing. */
		if (old && old->group != mail->group)
			world->mails[old->mail].is_passed = true;
		sim_worker_import(world, &message, 0);
		sim_report_find(world, mail->plain, 0)->is_his = true;
		mail->is_his = true;
		/* One that we had set aside is below our place, and stays ours. */
		mail->is_only_his = !mail->is_confirmed && !mail->is_found && !mail->is_aside;
	}
	world->oracle.was_taken_over = true;
	write_ingestion(world, sim_unix_s(world));
}

/* ---- twin and foreign ---------------------------------------------------- */

/* Another process of the same mailbox: the same state under its own number. */
void sim_twin_pings(struct sim_world *world)
{
	static char text[TEXT_BYTES];
	struct sim_platform *platform = &world->platform;
	const char *name = "\"instance\":";
	char *at;

	if (!sim_is_on(world, SIM_FAULT_TWIN))
		return;
	sim_later(world, TWIN_MS, SIM_TWIN_PINGS, 0, 0);
	if (!platform->exists || !platform->has_state || platform->is_reset)
		return;
	at = strstr(platform->state, name);
	if (!at || strlen(platform->state) + 32 > sizeof(text))
		return;
	at += strlen(name);
	at += strspn(at, " \"");
	snprintf(text, sizeof(text), "%.*s%lu%s", (int)(at - platform->state), platform->state,
		 (unsigned long)platform->twin, at + strspn(at, "0123456789"));
	world->oracle.was_twin = true;
	sim_platform_store(world, text);
}

/* Another mailbox under the same connector id: its place moves. */
void sim_foreign_pings(struct sim_world *world)
{
	static char text[TEXT_BYTES];
	struct sim_platform *platform = &world->platform;
	const char *name = "\"mailboxes\":{";
	const char *old;
	char *at;

	/* It stays, but its place stands when the spell is over. */
	sim_later(world, sim_pace(world, FOREIGN_MS), SIM_FOREIGN_PINGS, 0, 0);
	if (!platform->exists || !platform->has_state || platform->is_reset)
		return;
	at = strstr(platform->state, name);
	if (!at || strlen(platform->state) + 256 > sizeof(text))
		return;
	platform->foreign_cursor += sim_is_on(world, SIM_FAULT_FOREIGN);
	old = strstr(platform->state, "\"" SIM_FOREIGN_KEY "\"");
	if (old) {
		const char *cursor = strstr(old, "\"cursor\":") + 9;

		snprintf(text, sizeof(text), "%.*s%lu%s", (int)(cursor - platform->state),
			 platform->state, (unsigned long)platform->foreign_cursor,
			 cursor + strspn(cursor, "0123456789 "));
	} else {
		at += strlen(name);
		snprintf(text, sizeof(text),
			 "%.*s\"%s\":{\"uidvalidity\":3,\"cursor\":%lu,\"odd\":[1]}%s%s",
			 (int)(at - platform->state), platform->state, SIM_FOREIGN_KEY,
			 (unsigned long)platform->foreign_cursor, *at == '}' ? "" : ",", at);
	}
	platform->was_foreign = true;
	sim_trace(world, "another mailbox stores its place %lu",
		  (unsigned long)platform->foreign_cursor);
	sim_platform_store(world, text);
}

void sim_others_fault(struct sim_world *world, enum sim_fault fault)
{
	struct sim_platform *platform = &world->platform;

	if (fault == SIM_FAULT_TWIN) {
		platform->twin = sim_chance_next(&world->per_fault[fault]) >> 1;
		sim_later(world, 0, SIM_TWIN_PINGS, 0, 0);
	} else if (fault == SIM_FAULT_FOREIGN) {
		if (platform->foreign_cursor++)
			return;
		sim_later(world, 0, SIM_FOREIGN_PINGS, 0, 0);
	} else if (fault == SIM_FAULT_OFFICIAL) {
		/* It runs when ours has ended. */
		sim_process_stop(world);
	} else if (platform->n_reports) {
		change_report(world, fault);
	}
}
