/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run goes by and leaves behind: the stored state taken up, a run broken
 * off, the way back to what the platform has not accounted for, a reset.
 */
#include "run_private.h"

#include <string.h>

/* ---- the state --------------------------------------------------------- */

static int64_t earlier(int64_t a_s, int64_t b_s)
{
	return b_s && b_s < a_s ? b_s : a_s;
}

/* Up to when the mailbox was read; far ahead of now it is another clock's fault, and says nothing.
 */
static int64_t ingestion_of(const struct eii_core *core)
{
	int64_t now_s = core->pulse.unix_s;
	int64_t ingestion_s = eii_document_ingestion(core->store.document);

	if (ingestion_s > now_s + EII_CLOCK_OFF_S)
		return 0;
	return ingestion_s < now_s ? ingestion_s : now_s;
}

/*
 * The official connector reads one folder, and its instant is of that one: of several
 * it is taken for INBOX, its default. In the others it is asked by id what is there.
 */
static bool may_be_official(const struct eii_core *core, const struct eii_folder *folder)
{
	return !core->pulse.config.has_folders || eii_turns_is_inbox(core, folder);
}

static bool has_places(const struct eii_core *core)
{
	const struct eii_folders *folders = &core->folders;
	bool has = eii_document_has_places(core->store.document);

	for (uint16_t i = 0; i < folders->n_used && !has; i++)
		has = &folders->all[i].place != core->place && folders->all[i].place.is_known;
	return has;
}

int64_t eii_course_window_since(const struct eii_core *core)
{
	const struct eii_place_state *place = &core->place->s;
	int64_t ingestion_s = ingestion_of(core);
	int64_t since_s = core->pulse.unix_s - core->pulse.config.start_period_s;

	/* The instant is of the mailbox read last: a new one begins with a window of its own. */
	if (ingestion_s &&
	    (core->place->is_known ||
	     (!has_places(core) && may_be_official(core, &core->folders.all[core->folders.at]))))
		since_s = ingestion_s;
	/* What is not done has to be within a new numbering's window as well. */
	if (place->has_window)
		since_s = earlier(since_s, place->window_since_s);
	return earlier(since_s, place->owed_since_s);
}

static void replace_ring(struct eii_ring **ring, struct eii_ring *with)
{
	eii_ring_free(*ring);
	*ring = with;
}

/* False: the state has none of it. */
static bool adopt_place(struct eii_core *core, struct eii_folder *folder)
{
	const struct eii_ledger *ledger = &core->store.ledger;
	int64_t ingestion_s = ingestion_of(core);
	struct eii_place_state stored;
	bool is_stored = eii_document_place(core->store.document, folder->key, &stored);

	eii_place_adopt(&folder->place, is_stored ? &stored : NULL);
	/* Later than what we wrote: the official connector has been here since. */
	if (is_stored && ledger->wrote_s && ingestion_s > ledger->wrote_s &&
	    may_be_official(core, folder))
		folder->place.his_s = ingestion_s;
	/* A point without a Work: nobody can say what is behind it but the platform, by id. */
	if (is_stored && stored.back_uid && (!ledger->work_id[0] || ledger->work_is_left) &&
	    !ledger->has_refused)
		(void)eii_place_go_back(&folder->place);
	return is_stored;
}

/* Those that the state has, and those that are known and it has not. */
static bool adopt_places(struct eii_core *core)
{
	const char *prefix = core->pulse.config.mailbox_key;
	const struct eii_document *document = core->store.document;
	struct eii_folder *folder;
	bool has_stored = false;

	for (size_t i = 0; core->pulse.config.has_folders && i < EII_CORE_FOLDERS; i++) {
		EII_AUTO_STR key = eii_document_key(document, prefix, i);

		if (key && !eii_folders_find(&core->folders, key))
			(void)eii_folders_add(&core->folders, key);
	}
	for (folder = eii_folders_each(&core->folders, NULL); folder;
	     folder = eii_folders_each(&core->folders, folder))
		has_stored = adopt_place(core, folder) || has_stored;
	return has_stored;
}

static void doubt_places(struct eii_core *core)
{
	struct eii_folder *folder;

	for (folder = eii_folders_each(&core->folders, NULL); folder;
	     folder = eii_folders_each(&core->folders, folder))
		eii_place_doubt(&folder->place);
}

static void adopt_all(struct eii_core *core, const struct eii_fact *fact)
{
	const struct eii_document *document = core->store.document;
	const struct eii_ledger *ledger = &core->store.ledger;
	bool is_first = eii_document_text_is_empty(fact->text) && !core->registry.was_deleted;
	const char *key = core->pulse.config.mailbox_key;
	bool is_stored = adopt_places(core);

	/*
	 * Where there is a state there may be reports beyond it: another's, those of a
	 * process that was killed before it stored them, or that an older ping came
	 * late and was stored last.
	 */
	if (!is_first)
		doubt_places(core);
	/* The first releases kept it in their mailbox. */
	if (core->pulse.config.has_folders && core->folders.all[0].key)
		key = core->folders.all[0].key;
	replace_ring(&core->ring, eii_document_ring(document, key));
	replace_ring(&core->back_ring, eii_document_back_ring(document));
	if (!is_stored)
		return;
	core->has_refused = ledger->has_refused;
	core->must_ask_rights = core->has_refused;
	if (core->has_refused)
		core->registry.rights_ms = core->pulse.now_ms;
}

void eii_course_adopt(struct eii_core *core, const struct eii_fact *fact)
{
	(void)eii_store_adopt(&core->store, &core->pulse, fact->text);
	adopt_all(core, fact);
	eii_work_adopt(&core->work, &core->pulse,
		       core->registry.has_work_view ? EII_WORK_CAN_SAY : EII_WORK_CANNOT_SAY);
	eii_schedule_now(&core->schedule, &core->pulse);
}

void eii_course_put_state(struct eii_core *core)
{
	struct eii_folder *folder;
	bool has_place = false;

	core->store.ledger.has_refused = core->has_refused;
	/* What a reset has emptied is not stored once more. */
	if (core->run.must_forget)
		return;
	for (folder = eii_folders_each(&core->folders, NULL); folder;
	     folder = eii_folders_each(&core->folders, folder)) {
		if (!folder->place.is_known)
			continue;
		eii_store_put_place(&core->store, folder->key, &folder->place.s);
		has_place = true;
	}
	if (has_place)
		eii_store_put(&core->store, core->ring, core->back_ring);
}

static bool has_back(const struct eii_core *core)
{
	const struct eii_folders *folders = &core->folders;
	bool has = false;

	for (uint16_t i = 0; i < folders->n_used && !has; i++)
		has = folders->all[i].place.s.back_uid != 0;
	return has;
}

void eii_course_mark_back(struct eii_core *core)
{
	struct eii_place *place = core->place;

	if (!place->s.back_uid && place->s.cursor < UINT32_MAX) {
		eii_place_owe(place, eii_course_window_since(core));
		if (!has_back(core))
			replace_ring(&core->back_ring,
				     eii_ring_copy_up_to(core->ring, place->s.cursor));
		place->s.back_uid = place->s.cursor + 1;
	}
}

void eii_course_owe_unread(const struct eii_core *core, struct eii_place *place)
{
	int64_t ingestion_s = eii_document_ingestion(core->store.document);

	if (ingestion_s)
		eii_place_owe(place, ingestion_s);
}

void eii_course_owe_listed(struct eii_core *core, const struct eii_size_info *info)
{
	const struct eii_pulse *pulse = &core->pulse;

	if (info->has_date && info->internal_unix_s < core->place->since_s &&
	    info->internal_unix_s >= pulse->unix_s - pulse->config.start_period_s)
		eii_place_owe(core->place, info->internal_unix_s);
}

void eii_course_work_opened(struct eii_core *core, const char *draft_id)
{
	if (!eii_work_is_open(&core->work))
		return;
	eii_work_take_draft(&core->work, draft_id);
	/* What an earlier draft holds is unknown in this one. */
	if (core->pulse.config.wants_draft)
		eii_link_forget(&core->link);
	eii_course_mark_back(core);
	eii_work_share(&core->work, eii_watch_shares_until(&core->watch, &core->pulse));
	eii_core_touch(core);
	eii_store_hurry(&core->store);
}

bool eii_course_may_go_on(struct eii_core *core)
{
	if (!eii_work_is_open(&core->work) || core->store.ledger.work_is_left)
		return false;
	if (!core->pulse.config.wants_draft || eii_core_draft(core))
		return true;
	/* It was opened before the setting was. */
	eii_work_leave(&core->work, EII_EVENT_STOPPED);
	eii_core_touch(core);
	eii_store_hurry(&core->store);
	return false;
}

bool eii_course_lost_draft(struct eii_core *core, enum eii_order_type asked,
			   const struct eii_failure *failure)
{
	if (failure->kind != EII_FAILURE_INPUT || !eii_core_draft(core) ||
	    (asked != EII_ORDER_KNOWN && asked != EII_ORDER_FIND_REPORTS))
		return false;
	eii_course_go_back(core, EII_EVENT_WORK_LOST);
	return true;
}

static void account_places(struct eii_core *core)
{
	struct eii_folder *folder;

	for (folder = eii_folders_each(&core->folders, NULL); folder;
	     folder = eii_folders_each(&core->folders, folder))
		eii_place_accounted(&folder->place);
}

void eii_course_accounted(struct eii_core *core)
{
	eii_pulse_say(&core->pulse, EII_EVENT_WORK_ACCOUNTED, core->store.ledger.work_sent,
		      core->work.processed);
	eii_work_let_go(&core->work);
	core->store.ledger.n_cleared = 0;
	if (!core->has_refused) {
		core->schedule.n_back = 0;
		account_places(core);
		replace_ring(&core->back_ring, eii_ring_new());
	}
	eii_core_touch(core);
	eii_store_hurry(&core->store);
}

/* ---- breaking off ------------------------------------------------------ */

/* What is named, and was not asked for yet, has ended no process. */
static void put_down_unasked(struct eii_core *core)
{
	struct eii_careful *careful = &core->run.careful;

	if (!careful->is_named || eii_line_has_uid(&core->line, careful->named_uid))
		return;
	eii_careful_put_down(careful, &core->place->s, careful->named_uid);
	eii_core_touch(core);
}

void eii_course_break(struct eii_core *core, enum eii_event_type reason)
{
	struct eii_run *run = &core->run;

	if (run->phase != EII_PHASE_LOOK && run->phase != EII_PHASE_FLOW)
		return;
	run->reason = reason;
	run->phase = EII_PHASE_CLOSE;
	core->work.is_wanted = false;
	put_down_unasked(core);
	eii_pulse_move(&core->pulse);
}

static void say_let_go(struct eii_core *core, const struct eii_folder *folder)
{
	struct eii_event event = { .type = EII_EVENT_WORK_LET_GO,
				   .a = folder->place.s.back_uid,
				   .b = folder->place.s.cursor,
				   .words = "" };

	if (core->pulse.config.has_folders)
		event.words = eii_turns_name_of(core, folder);
	eii_pulse_say_event(&core->pulse, &event);
}

void eii_course_let_go(struct eii_core *core)
{
	struct eii_folder *folder;

	for (folder = eii_folders_each(&core->folders, NULL); folder;
	     folder = eii_folders_each(&core->folders, folder)) {
		if (folder->place.s.back_uid)
			say_let_go(core, folder);
	}
	for (folder = eii_folders_each(&core->folders, NULL); folder;
	     folder = eii_folders_each(&core->folders, folder))
		eii_place_lost_aside(&folder->place);
	account_places(core);
	core->store.ledger.n_cleared = 0;
	replace_ring(&core->back_ring, eii_ring_new());
}

/* Each folder to its own point; false: there was none. */
static bool go_back(struct eii_core *core)
{
	struct eii_folder *folder;
	bool has_gone = false;

	for (folder = eii_folders_each(&core->folders, NULL); folder;
	     folder = eii_folders_each(&core->folders, folder))
		has_gone = eii_place_go_back(&folder->place) || has_gone;
	return has_gone;
}

void eii_course_return(struct eii_core *core)
{
	enum eii_event_type reason = core->back;

	core->back = EII_EVENT_NONE;
	core->has_refused = false;
	eii_link_forget(&core->link);
	if (reason == EII_EVENT_WORK_CLEARED || reason == EII_EVENT_WORK_UNSURE) {
		eii_work_keep_draft(&core->work);
		eii_work_let_go(&core->work);
	} else {
		eii_work_leave(&core->work, reason);
	}
	eii_core_touch(core);
	eii_store_hurry(&core->store);
	/* Someone wants it so: the second time in a row it counts. */
	if (reason == EII_EVENT_WORK_CLEARED && ++core->store.ledger.n_cleared >= 2) {
		eii_course_let_go(core);
		return;
	}
	eii_pulse_say(&core->pulse, reason, core->place->s.back_uid, core->place->s.cursor);
	if (!go_back(core))
		eii_pulse_move(&core->pulse);
	else if (eii_ring_extends(core->ring, core->back_ring))
		eii_ring_age(core->ring); /* what it has assigned holds, above the cursor too */
	else
		replace_ring(&core->ring, eii_ring_copy(core->back_ring));
	/* Nothing is known to be lost: a single run asks at once. */
	if (core->run.is_ended && reason == EII_EVENT_WORK_UNSURE) {
		core->run.is_ended = false;
		eii_schedule_now(&core->schedule, &core->pulse);
	} else if (core->run.is_ended) {
		core->run.code = EII_OVER_GAVE_UP;
	} else {
		eii_schedule_after_going_back(&core->schedule, &core->pulse);
	}
}

void eii_course_go_back(struct eii_core *core, enum eii_event_type reason)
{
	if (core->back == EII_EVENT_NONE)
		core->back = reason;
	if (core->run.phase == EII_PHASE_IDLE)
		eii_course_return(core);
	else
		eii_course_break(core, reason);
	/* Settled all, but not yet closed: then it is done at its end. */
}

void eii_course_give_up(struct eii_core *core, enum eii_over_code code)
{
	struct eii_run *run = &core->run;

	if (core->pulse.config.mode != EII_CORE_ONCE || eii_pulse_is_stopping(&core->pulse))
		return;
	if (run->code == EII_OVER_OK)
		run->code = code;
	if (run->phase == EII_PHASE_IDLE && !run->is_ended) {
		run->is_ended = true;
		run->ended_ms = core->pulse.now_ms;
	}
	eii_course_break(core, EII_EVENT_FAULT);
}

void eii_course_forget(struct eii_core *core, enum eii_event_type reason)
{
	struct eii_ledger before = core->store.ledger;

	eii_pulse_say(&core->pulse, reason, 0, 0);
	eii_store_forget(&core->store);
	core->store.is_live = core->registry.is_live;
	core->has_refused = false;
	core->back = EII_EVENT_NONE;
	eii_link_forget(&core->link);
	/* A deleted connector's Works are gone with it; a reset leaves them open. */
	eii_work_let_go(&core->work);
	if (reason == EII_EVENT_RESET && before.work_id[0] && !before.work_is_closed) {
		core->store.ledger = (struct eii_ledger){ .work_opened_s = before.work_opened_s };
		memcpy(core->store.ledger.work_id, before.work_id, sizeof(before.work_id));
		eii_work_leave(&core->work, reason);
	}
	core->run.must_forget = true;
	eii_course_break(core, reason);
	eii_pulse_move(&core->pulse);
}

void eii_course_forget_place(struct eii_core *core)
{
	struct eii_folder *folder;

	core->run.must_forget = false;
	for (folder = eii_folders_each(&core->folders, NULL); folder;
	     folder = eii_folders_each(&core->folders, folder)) {
		eii_place_adopt(&folder->place, NULL);
		/* What was imported before may have been edited since. */
		eii_place_doubt(&folder->place);
	}
	replace_ring(&core->ring, eii_ring_new());
	replace_ring(&core->back_ring, eii_ring_new());
	eii_reader_forget(&core->reader);
	core->reader.survey->step = EII_SURVEY_IDLE;
	eii_schedule_now(&core->schedule, &core->pulse);
}

void eii_course_judged(struct eii_core *core, enum eii_work_verdict verdict)
{
	struct eii_ledger *ledger = &core->store.ledger;

	switch (verdict) {
	case EII_VERDICT_NONE:
		break;
	case EII_VERDICT_ACCOUNTED:
	case EII_VERDICT_CANNOT_SAY:
	case EII_VERDICT_REFUSED:
	case EII_VERDICT_UNSURE:
		/* Messages under way would be counted under the next one. */
		if (eii_run_is_flowing(&core->run) || core->run.phase == EII_PHASE_CLOSE)
			break;
		if (verdict == EII_VERDICT_UNSURE && !core->has_told_cannot_ask) {
			eii_course_go_back(core, EII_EVENT_WORK_UNSURE);
			break;
		}
		if (verdict == EII_VERDICT_REFUSED) {
			core->has_refused = true;
			core->must_ask_rights = true;
			core->registry.rights_ms = core->pulse.now_ms;
		}
		eii_course_accounted(core);
		break;
	case EII_VERDICT_CLEANED:
	case EII_VERDICT_LOST:
		core->n_lost_reports += ledger->work_sent > core->work.processed
						? ledger->work_sent - core->work.processed
						: 0;
		eii_course_go_back(core, EII_EVENT_WORK_LOST);
		break;
	case EII_VERDICT_CLEARED:
		eii_course_go_back(core, EII_EVENT_WORK_CLEARED);
		break;
	}
}
