/* SPDX-License-Identifier: Apache-2.0 */
/* What must be so in the end: each mail once, with its content, and everything at rest. */
#include <string.h>

#include "models.h"
#include "oracle.h"

#define SECOND  INT64_C(1000)
#define HOUR    (3600 * SECOND)
#define STOP_MS (10 * SECOND)
/* A mail set aside is tried again after 12 hours at the latest; a lost Work shows after 15 minutes.
 */
#define ASIDE_MS  (14 * HOUR)
#define SETTLE_MS (4 * HOUR)
#define QUIET_MS  (600 * SECOND)
#define LATE_MS   (600 * SECOND)
#define LOOKED_MS (120 * SECOND)
#define LOOKS     2

static bool wait_for(struct sim_world *world, const char *what, uint32_t mail)
{
	world->oracle.waits_for = what;
	world->oracle.waits_mail = mail;
	return false;
}

/* ---- each mail ------------------------------------------------------------ */

struct tally {
	uint32_t n, n_content, n_renamed, n_facts;
};

static struct tally tally_of(const struct sim_world *world, uint16_t group)
{
	struct tally tally = { 0 };

	for (uint32_t i = 0; i < world->platform.n_reports; i++) {
		const struct sim_report *report = &world->platform.reports[i];

		if (report->group != group)
			continue;
		tally.n_content += report->has_content;
		if (report->is_his)
			continue;
		tally.n++;
		tally.n_renamed += report->is_renamed;
		tally.n_facts += report->is_facts;
	}
	return tally;
}

/*
 * Mails of one name and second are told apart by what came before them: where
 * that went, or came another way, an id may go to another one.
 */
static bool is_loose(const struct sim_world *world)
{
	const struct sim_oracle *oracle = &world->oracle;

	return (world->plan.is_crowded || world->plan.is_distinct) &&
	       (world->struck[SIM_FAULT_EXPUNGED] || world->struck[SIM_FAULT_MOVED_BACK_OLD] ||
		oracle->was_renumbered || oracle->was_reset || oracle->was_twin ||
		oracle->was_taken_over || oracle->was_behind);
}

/* Announced as over the limit for a while: its header alone went, under another id. */
static bool is_lied_about(const struct sim_world *world, uint16_t group)
{
	for (uint32_t i = 0; i < world->plan.n_mails; i++) {
		if (world->mails[i].group == group &&
		    world->mails[i].lied_size > world->plan.max_mail_bytes)
			return true;
	}
	return false;
}

static uint32_t n_delivered(const struct sim_world *world, uint16_t group)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < world->plan.n_mails; i++)
		n += world->mails[i].group == group && world->mails[i].has_come;
	return n;
}

static bool is_half(const struct sim_world *world, uint16_t group)
{
	bool is_lossy = false;
	bool is_killer = false;

	for (uint32_t i = 0; i < world->plan.n_mails; i++) {
		const struct sim_mail *mail = &world->mails[i];

		if (mail->group != group)
			continue;
		is_killer |= mail->is_killer;
		is_lossy |= mail->is_lossy || mail->is_aside || mail->is_withheld;
	}
	return is_killer || (n_delivered(world, group) > 1 && is_lossy);
}

static bool may_be_doubled(const struct sim_world *world, uint16_t group, const struct tally *tally)
{
	const struct sim_oracle *oracle = &world->oracle;

	if (tally->n - tally->n_facts <= 1 || is_loose(world))
		return true;
	if (is_lied_about(world, group))
		return true;
	/* Delivered again after it was renamed: it cannot be found. */
	if (tally->n_renamed && n_delivered(world, group) > 1)
		return true;
	/* Delivered twice, once without its body: what makes it the same is not seen. */
	if (is_half(world, group))
		return true;
	/*
	 * A renamed report cannot be found: what is sent for a reason that was told comes
	 * twice, and so does what a life sent whose state an older ping has overwritten.
	 */
	return tally->n_renamed &&
	       (world->struck[SIM_FAULT_FOLDER_RENAMED] || world->struck[SIM_FAULT_FOLDER_GONE] ||
		oracle->was_reset || oracle->was_behind || oracle->was_twin ||
		oracle->was_taken_over || oracle->was_renumbered ||
		world->plan.has[SIM_FAULT_OLD_PLATFORM]);
}

/*
 * A folder that comes later may have reports already: where one of that name and
 * second is known, or nobody can be asked, its headers get none.
 */
static bool may_forgo_header(const struct sim_world *world, const struct sim_mail *mail)
{
	return world->plan.has[SIM_FAULT_FOLDERS] &&
	       (world->plan.is_crowded || world->plan.is_distinct ||
		world->plan.has[SIM_FAULT_OLD_PLATFORM] || n_delivered(world, mail->group) > 1);
}

/* Its header is handed out, and nothing made a whole report of it likely before. */
static bool must_have_header(const struct sim_world *world, const struct sim_mail *mail)
{
	const struct sim_oracle *oracle = &world->oracle;

	return mail->gives_header && !may_forgo_header(world, mail) && !mail->is_deadly_body &&
	       !mail->is_deadly_size && world->process.life == 1 && !oracle->was_renumbered &&
	       !oracle->was_reset && !oracle->told[EII_EVENT_RUN_BROKEN].n &&
	       !oracle->told[EII_EVENT_WORK_LOST].n && !oracle->told[EII_EVENT_WORK_UNSURE].n &&
	       !oracle->told[EII_EVENT_RETURNED].n && !oracle->told[EII_EVENT_WORK_CLEARED].n &&
	       !oracle->told[EII_EVENT_RIGHTS_THERE].n;
}

static bool may_be_missing(const struct sim_world *world, const struct sim_mail *mail)
{
	/* One that is withheld, and said to be, is tried again for a week. */
	if (mail->is_withheld && mail->is_aside && !must_have_header(world, mail))
		return true;
	return mail->uid == 0 || mail->is_old || mail->is_passed || mail->is_refused ||
	       mail->no_report || mail->is_left_out || mail->is_his || is_loose(world);
}

static bool may_lack_content(const struct sim_world *world, const struct sim_mail *mail)
{
	bool can_be_had =
		mail->uid && !mail->is_withheld && mail->size <= world->plan.max_mail_bytes;

	if (mail->is_lossy || may_be_missing(world, mail))
		return true;
	/*
	 * All is forgotten, or what an older ping has overwritten: its header's report is
	 * there, and looks like that of any mail.
	 */
	if (mail->is_aside && (world->oracle.was_reset || world->oracle.was_behind))
		return true;
	return !can_be_had && !mail->gave_whole;
}

/* The best that is known of a mail that was delivered more than once. */
static bool is_excused(const struct sim_world *world, uint16_t group,
		       bool (*may)(const struct sim_world *, const struct sim_mail *))
{
	for (uint32_t i = 0; i < world->plan.n_mails; i++) {
		const struct sim_mail *mail = &world->mails[i];

		if (mail->group == group && mail->has_come && !may(world, mail))
			return false;
	}
	return true;
}

static bool is_mail_fine(struct sim_world *world, uint16_t number)
{
	const struct sim_mail *mail = &world->mails[number];
	struct tally tally = tally_of(world, mail->group);

	if (!may_be_doubled(world, mail->group, &tally)) {
		sim_fail(world, "each-mail-once", "mail %u is there %u times", mail->group,
			 tally.n);
		return false;
	}
	if (tally.n_content)
		return true;
	if (!tally.n && !is_excused(world, mail->group, may_be_missing))
		return wait_for(world, "a mail is not on the platform", number);
	if (!is_half(world, mail->group) && !is_excused(world, mail->group, may_lack_content))
		return wait_for(world, "a mail has no content on the platform", number);
	return true;
}

/* ---- at rest -------------------------------------------------------------- */

/* Set aside is only what is withheld for good. */
static bool are_asides_fine(struct sim_world *world, const struct sim_folder *folder)
{
	for (uint32_t i = 0; i < folder->n; i++) {
		const struct sim_mail *mail = &world->mails[folder->mails[i]];

		if (!mail->is_withheld &&
		    sim_state_has_aside(world->platform.state, folder->key, mail->uid))
			return wait_for(world, "a mail is set aside", mail->uid);
	}
	return true;
}

static bool are_works_fine(struct sim_world *world)
{
	for (uint32_t i = 1; i < world->platform.n_works; i++) {
		const struct sim_work *work = &world->platform.works[i];

		if (work->is_stored && work->exists && work->is_alive && !work->is_closed)
			return wait_for(world, "a Work is open", i);
		/*
		 * Told once too often it never is complete; a call may act when it is given up. Of
		 * one that the garbage in a state has made forgotten, messages wait as if a later
		 * one's.
		 */
		if (work->is_stored && work->exists && work->is_alive && !work->is_complete &&
		    !world->oracle.was_late && !world->oracle.was_lossy &&
		    !world->struck[SIM_FAULT_STATE_GARBAGE] &&
		    !world->plan.has[SIM_FAULT_OLD_PLATFORM])
			return wait_for(world, "a Work is told more than it gets", i);
	}
	return true;
}

/* An empty one whose id never came is looked for at the next start; a call may act later. */
static bool are_all_works_over(struct sim_world *world)
{
	for (uint32_t i = 1; i < world->platform.n_works; i++) {
		const struct sim_work *work = &world->platform.works[i];

		if (work->exists && work->is_alive && !work->is_closed && !work->is_complete &&
		    !work->has_counts && !work->processed && !world->oracle.was_late &&
		    !world->plan.has[SIM_FAULT_OLD_PLATFORM])
			return wait_for(world, "an empty Work is open that no state names", i);
	}
	return true;
}

static bool is_place_at_rest(struct sim_world *world, const struct sim_folder *folder)
{
	struct sim_state_view view;

	if (!world->platform.has_state ||
	    !sim_state_read(world->platform.state, folder->key, &view))
		return wait_for(world, "no place of ours is stored", 0);
	if (folder->is_back)
		return wait_for(world, "a new numbering has not been seen", 0);
	if (view.uidvalidity != folder->uidvalidity)
		return wait_for(world, "the stored place is of another numbering", 0);
	if (folder->n && view.cursor < world->mails[folder->mails[folder->n - 1]].uid)
		return wait_for(world, "the stored cursor is below the newest mail", view.cursor);
	if (view.n_aside && !are_asides_fine(world, folder))
		return false;
	return !view.back || wait_for(world, "the way back is kept from UID", view.back);
}

static bool is_state_at_rest(struct sim_world *world)
{
	struct sim_folder *folder;

	for (folder = sim_folder_each(world, NULL); folder;
	     folder = sim_folder_each(world, folder)) {
		if (!is_place_at_rest(world, folder))
			return false;
	}
	if (sim_state_work(world->platform.state))
		return wait_for(world, "a Work is not accounted for",
				sim_state_work(world->platform.state));
	return true;
}

/* Where answers take as long as the period a look is on at most instants; each comes to an end. */
static bool is_just_looking(const struct sim_world *world, const struct eii_core_view *view)
{
	return view->phase == EII_PHASE_LOOK &&
	       sim_oracle_told_since(world, EII_EVENT_NOTHING_NEW, world->now_ms - LOOKED_MS);
}

static bool is_at_rest(struct sim_world *world)
{
	struct eii_core_view view;

	if (world->broker.q_n)
		return wait_for(world, "the queue holds messages", world->broker.q_n);
	if (world->process.running == SIM_STOPPING)
		return wait_for(world, "a stop is on", 0);
	if (world->process.core) {
		eii_core_view(world->process.core, &view);
		/* With several folders it is about the next one's look that it is on. */
		if (view.phase != EII_PHASE_IDLE &&
		    !(view.phase == EII_PHASE_LOOK && world->plan.has[SIM_FAULT_FOLDERS]) &&
		    !is_just_looking(world, &view))
			return wait_for(world, "a run is on", view.phase);
	}
	if (!is_state_at_rest(world) || !are_works_fine(world))
		return false;
	/* Its place is seen once a minute, where ours has not just been written over it. */
	if (!sim_oracle_keeps_foreign(world, world->oracle.foreign_kept))
		return wait_for(world, "another mailbox's place is not kept",
				(uint32_t)world->oracle.foreign_kept);
	for (uint32_t i = 0; i < world->plan.n_mails; i++) {
		if (world->mails[i].has_come && !is_mail_fine(world, (uint16_t)i))
			return false;
	}
	return true;
}

/* What another mailbox wrote last is still there, and somebody was told. */
static void check_others(struct sim_world *world)
{
	const struct sim_platform *platform = &world->platform;

	uint64_t there = sim_state_foreign(platform->has_state ? platform->state : "");

	/* A late older ping stands there until the next one. */
	if (world->oracle.stored_ping < world->oracle.newest_ping)
		return;
	if (!sim_oracle_keeps_foreign(world, there))
		sim_fail(world, "others-kept", "another mailbox's place is %lu, not %lu",
			 (unsigned long)there, (unsigned long)platform->foreign_cursor);
}

/* ---- the end -------------------------------------------------------------- */

static void look_while_healing(struct sim_world *world)
{
	struct sim_oracle *oracle = &world->oracle;
	int64_t passed_ms = world->now_ms - oracle->healed_ms;

	if (is_at_rest(world)) {
		if (++oracle->n_settled < LOOKS)
			return;
		oracle->act = SIM_ENDING;
		oracle->act_ms = world->now_ms;
		if (world->process.running == SIM_UP)
			sim_process_stop(world);
		return;
	}
	oracle->n_settled = 0;
	if (passed_ms > (sim_oracle_n_aside(world) ? ASIDE_MS : SETTLE_MS))
		sim_fail(world, "healed-world-settles", "after %ld s: %s (%u)",
			 (long)(passed_ms / SECOND), oracle->waits_for, oracle->waits_mail);
}

static bool has_place(const struct sim_world *world)
{
	const char *state = world->platform.has_state ? world->platform.state : "";
	struct sim_state_view view;

	return sim_state_read(state, world->mailbox.folders[0].key, &view);
}

static void look_after_restart(struct sim_world *world)
{
	const struct sim_oracle *oracle = &world->oracle;
	int64_t wait_ms = 3 * world->plan.period_s * SECOND;

	/* A folder from a backup is looked at anew; so is what a late ping has left. */
	if (oracle->is_late ||
	    sim_oracle_told_since(world, EII_EVENT_UIDNEXT_BACK, oracle->act_ms)) {
		world->is_over = true;
		return;
	}
	if (oracle->n_sent > oracle->n_sent_before) {
		sim_fail(world, "quiet-restart", "%lu reports sent after a restart",
			 (unsigned long)(oracle->n_sent - oracle->n_sent_before));
		return;
	}
	if (wait_ms > QUIET_MS)
		wait_ms = QUIET_MS;
	if (world->now_ms - oracle->act_ms < wait_ms)
		return;
	/* A mail set aside may just be tried again. */
	if (has_place(world) && !sim_oracle_n_aside(world) &&
	    world->process.running != SIM_STOPPING &&
	    !(is_at_rest(world) && are_all_works_over(world))) {
		/* A late older ping is overwritten by the next. */
		if (world->now_ms - oracle->act_ms < wait_ms + LATE_MS ||
		    world->process.running == SIM_DOWN)
			return;
		sim_fail(world, "healed-world-settles", "after a restart: %s (%u)",
			 oracle->waits_for, oracle->waits_mail);
	}
	check_others(world);
	world->is_over = true;
}

void sim_oracle_look(struct sim_world *world)
{
	const struct sim_process *process = &world->process;

	if (process->running == SIM_STOPPING && world->now_ms > process->stopped_ms + STOP_MS)
		sim_fail(world, "stop", "a stop takes longer than 10 s");
	switch (world->oracle.act) {
	case SIM_HEALING:
		look_while_healing(world);
		break;
	case SIM_RESTARTED:
		look_after_restart(world);
		break;
	case SIM_CHAOS:
	case SIM_ENDING:
	default:
		break;
	}
}
