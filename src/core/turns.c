/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of several folders is at work. A turn is so many mails of one folder, up to
 * their last confirm; then the next folder has one, until all are through. Where
 * there is one folder there is one turn, and nothing of this is heard of.
 *
 * What a report is numbered with depends on what was numbered before it: a next
 * life begins with the folder that was at work, which the state says before a
 * mail of it is asked for.
 */
#include "run_private.h"

#include <string.h>

#include "eii/base/alloc.h"

static bool has_folders(const struct eii_core *core)
{
	return core->pulse.config.has_folders;
}

static void say(struct eii_core *core, enum eii_event_type type, const char *words)
{
	struct eii_event event = { .type = type, .part = EII_PART_MAILBOX, .words = words };

	eii_pulse_say_event(&core->pulse, &event);
}

const char *eii_turns_name(const struct eii_core *core)
{
	const struct eii_folder *folder = &core->folders.all[core->folders.at];

	return has_folders(core) && folder->is_read ? eii_turns_name_of(core, folder) : NULL;
}

void eii_turns_opened(struct eii_core *core)
{
	core->folders.open = core->folders.must_list ? NULL : eii_folders_at(&core->folders);
}

void eii_turns_lost(struct eii_core *core)
{
	core->folders.open = NULL;
	eii_survey_lost(core->reader.survey);
}

/* ---- turns ------------------------------------------------------------- */

static void put_at_work(struct eii_core *core, uint16_t at)
{
	core->folders.at = at;
	core->place = &core->folders.all[at].place;
	core->reader.survey = &core->folders.all[at].survey;
}

/* The process that comes next begins with it. */
static void mark_turn(struct eii_core *core)
{
	struct eii_folder *folder;
	bool are_several = eii_folders_n_read(&core->folders) > 1;

	for (folder = eii_folders_each(&core->folders, NULL); folder;
	     folder = eii_folders_each(&core->folders, folder))
		folder->place.s.has_turn = are_several && folder == eii_folders_at(&core->folders);
	eii_core_touch(core);
}

static void begin_turn(struct eii_core *core, uint16_t at)
{
	struct eii_folder *folder = &core->folders.all[at];

	put_at_work(core, at);
	core->folders.n_turn = 0;
	core->reader.sizeless_uid = 0;
	core->reader.larger_uid = 0;
	if (!folder->has_begun)
		eii_survey_begin(&folder->survey);
	folder->has_begun = true;
	/* Another folder is open: whatever this one said then, it is looked at anew. */
	eii_survey_lost(&folder->survey);
	folder->survey.begun_ms = core->pulse.now_ms;
	/* UIDs of the folder before say nothing here. */
	eii_judge_forget(&core->reader.judge);
	eii_ring_age(core->ring);
	eii_ring_age(core->back_ring);
	mark_turn(core);
	eii_pulse_move(&core->pulse);
}

void eii_turns_begin(struct eii_core *core)
{
	struct eii_folder *folder;

	if (!has_folders(core)) {
		eii_survey_begin(core->reader.survey);
		core->reader.survey->begun_ms = core->pulse.now_ms;
		core->place->n_his = 0;
		return;
	}
	for (folder = eii_folders_each(&core->folders, NULL); folder;
	     folder = eii_folders_each(&core->folders, folder)) {
		folder->has_begun = false;
		folder->is_through = false;
		folder->is_refused = false;
		folder->survey.step = EII_SURVEY_IDLE;
		folder->place.n_his = 0;
	}
	core->folders.must_list = true;
}

bool eii_turns_is_full(const struct eii_core *core)
{
	return core->folders.n_turn >= EII_FOLDERS_TURN_MAILS && !core->reader.judge.n &&
	       !core->reader.n_missing && eii_folders_next(&core->folders) >= 0;
}

void eii_turns_clear_starts(struct eii_core *core)
{
	core->place->s.n_starts = 0;
	eii_place_clear_harmless(&core->place->s);
}

bool eii_turns_pass(struct eii_core *core)
{
	struct eii_folder *folder = eii_folders_at(&core->folders);
	struct eii_run *run = &core->run;
	int next;

	folder->is_through = folder->is_through || folder->survey.step == EII_SURVEY_DONE;
	next = has_folders(core) ? eii_folders_next(&core->folders) : -1;
	if (next < 0)
		return false;
	EII_INVARIANT(eii_line_count(&core->line) == 0 && !eii_reader_has_work(&core->reader));
	if (run->is_start_put)
		eii_turns_clear_starts(core);
	run->phase = EII_PHASE_LOOK;
	run->is_start_put = false;
	run->is_ready = false;
	run->is_work_wanted = false;
	run->has_work = false;
	run->careful = (struct eii_careful){ 0 };
	begin_turn(core, (uint16_t)next);
	return true;
}

void eii_turns_rest(struct eii_core *core)
{
	struct eii_folder *folder, *first = NULL;

	if (!has_folders(core))
		return;
	for (folder = eii_folders_each(&core->folders, NULL); folder;
	     folder = eii_folders_each(&core->folders, folder)) {
		if (folder->is_read && (!first || eii_turns_is_inbox(core, folder)))
			first = folder;
	}
	if (first)
		put_at_work(core, (uint16_t)(first - core->folders.all));
}

static bool are_all_refused(struct eii_core *core)
{
	struct eii_folder *folder;

	for (folder = eii_folders_each(&core->folders, NULL); folder;
	     folder = eii_folders_each(&core->folders, folder)) {
		if (folder->is_read && !folder->is_refused)
			return false;
	}
	return true;
}

bool eii_turns_refused(struct eii_core *core, const struct eii_failure *failure)
{
	if (!has_folders(core) || !failure->is_folder)
		return false;
	/* One that was asked for before the run began: the list has not said yet what is there. */
	if (core->folders.must_list)
		return true;
	eii_folders_at(&core->folders)->is_refused = true;
	/* All of them: that is no folder's own trouble, unless they are others by now. */
	if (core->run.phase == EII_PHASE_LOOK && are_all_refused(core)) {
		eii_turns_begin(core);
		return false;
	}
	say(core, EII_EVENT_FOLDER_REFUSED, failure->words ? failure->words : "");
	eii_folders_at(&core->folders)->is_through = true;
	/* In its turn it has vanished: the next list does without it. */
	if (core->run.phase != EII_PHASE_LOOK)
		eii_course_break(core, EII_EVENT_FAULT);
	else if (!eii_turns_pass(core))
		core->run.phase = EII_PHASE_CLOSE;
	eii_pulse_move(&core->pulse);
	return true;
}

/* ---- the end of a run ---------------------------------------------------- */

/*
 * Mails are there and none is of the first window: is a clock wrong, or the start
 * period short? One from where somebody has read up to may well have none.
 */
static void say_empty_window(struct eii_core *core, struct eii_folder *folder)
{
	const struct eii_pulse *pulse = &core->pulse;
	struct eii_place *place = &folder->place;
	uint32_t n_mails = folder->survey.folder.n_mails;

	if (place->is_window_empty && n_mails &&
	    place->s.window_since_s <= pulse->unix_s - pulse->config.start_period_s)
		eii_pulse_say(&core->pulse, EII_EVENT_WINDOW_EMPTY, n_mails,
			      (uint64_t)place->s.window_since_s);
	place->is_window_empty = false;
}

/* Its part of a run that has come to its end, all that was listed being settled. */
static void succeed_with(struct eii_core *core, struct eii_folder *folder)
{
	struct eii_place *place = &folder->place;

	place->s.passed_uid = 0;
	eii_place_owe_nothing(place);
	if (place->his_s) {
		if (place->n_his)
			eii_pulse_say(&core->pulse, EII_EVENT_TAKEN_OVER, place->n_his, 0);
		place->his_s = 0;
	}
	say_empty_window(core, folder);
}

void eii_turns_succeed(struct eii_core *core)
{
	struct eii_folder *folder;

	for (folder = eii_folders_each(&core->folders, NULL); folder;
	     folder = eii_folders_each(&core->folders, folder)) {
		if (folder->is_read && !folder->is_refused)
			succeed_with(core, folder);
		else if (folder->place.is_known)
			eii_course_owe_unread(core, &folder->place);
	}
}

/* What was listed and is not settled is listed again. */
void eii_turns_relist(struct eii_core *core)
{
	struct eii_folder *folder;

	for (folder = eii_folders_each(&core->folders, NULL); folder;
	     folder = eii_folders_each(&core->folders, folder))
		eii_place_relist(&folder->place);
}

/* ---- the list ---------------------------------------------------------- */

/* Somebody has imported something under this id. */
static bool has_history(const struct eii_core *core)
{
	const struct eii_folders *folders = &core->folders;
	bool has = eii_document_has_places(core->store.document) ||
		   eii_document_ingestion(core->store.document);

	for (uint16_t i = 0; i < folders->n_used && !has; i++)
		has = folders->all[i].place.is_known;
	return has;
}

static struct eii_folder *find_or_add(struct eii_core *core, const char *name, bool *out_is_new)
{
	EII_AUTO_STR key = eii_asprintf("%s%s", core->pulse.config.mailbox_key, name);
	struct eii_folder *folder = eii_folders_find(&core->folders, key);

	*out_is_new = !folder;
	if (folder)
		return folder;
	folder = eii_folders_add(&core->folders, key);
	if (!folder)
		return NULL;
	eii_place_adopt(&folder->place, NULL);
	/* A mail that was copied or moved here may have its report. */
	if (has_history(core))
		eii_place_doubt(&folder->place);
	return folder;
}

/* Those that are known keep their entries before a new one takes one. */
static void mark_known(struct eii_core *core, const struct eii_fact *fact)
{
	struct eii_folder *folder;

	core->folders.n_lists++;
	for (folder = eii_folders_each(&core->folders, NULL); folder;
	     folder = eii_folders_each(&core->folders, folder)) {
		folder->is_read = false;
		folder->is_on_server = false;
		for (uint32_t i = 0; i < fact->folders.n && !folder->is_on_server; i++) {
			const struct eii_folder_name *listed = &fact->folders.names[i];

			folder->is_on_server =
				strcmp(listed->name, eii_turns_name_of(core, folder)) == 0;
			folder->is_read = folder->is_on_server && listed->is_wanted;
		}
		if (folder->is_on_server)
			folder->gone_list = 0;
		else if (!folder->gone_list)
			folder->gone_list = core->folders.n_lists;
	}
}

/* False: there is no room for it. */
static bool take_listed(struct eii_core *core, const char *name)
{
	bool is_new;
	struct eii_folder *folder = find_or_add(core, name, &is_new);

	if (!folder)
		return false;
	if (is_new) {
		folder->new_list = core->folders.n_lists;
		say(core, EII_EVENT_FOLDER_NEW, eii_turns_name_of(core, folder));
	}
	folder->is_read = true;
	folder->is_on_server = true;
	folder->place.s.gone_s = 0;
	return true;
}

static void take_list(struct eii_core *core, const struct eii_fact *fact)
{
	uint32_t n_wanted = 0, n_read = 0;

	for (uint32_t i = 0; i < fact->folders.n; i++) {
		if (!fact->folders.names[i].is_wanted)
			continue;
		n_wanted++;
		n_read += take_listed(core, fact->folders.names[i].name) ? 1 : 0;
	}
	if (n_wanted > n_read && !core->folders.has_told_count)
		eii_pulse_say(&core->pulse, EII_EVENT_FOLDERS_TOO_MANY, n_wanted, n_read);
	core->folders.has_told_count = n_wanted > n_read;
}

/* What is not read any more keeps its place for a while. */
static void age_the_others(struct eii_core *core)
{
	int64_t now_s = core->pulse.unix_s;
	struct eii_folder *folder;

	for (folder = eii_folders_each(&core->folders, NULL); folder;
	     folder = eii_folders_each(&core->folders, folder)) {
		struct eii_place_state *s = &folder->place.s;

		if (folder->is_read)
			continue;
		if (folder->place.is_known && (!s->gone_s || s->gone_s > now_s)) {
			s->gone_s = now_s;
			say(core, EII_EVENT_FOLDER_GONE, eii_turns_name_of(core, folder));
		}
		if (folder->place.is_known && now_s - s->gone_s < EII_FOLDERS_GONE_S)
			continue;
		eii_store_drop_place(&core->store, folder->key);
		eii_folders_drop(folder);
	}
}

/* One that was announced; that of the process before; else the one behind it. */
static uint16_t first_turn(const struct eii_core *core)
{
	const struct eii_folders *folders = &core->folders;
	int next;

	for (uint16_t i = 0; i < folders->n_used; i++) {
		if (folders->all[i].is_read && folders->all[i].is_announced)
			return i;
	}
	for (uint16_t i = 0; i < folders->n_used; i++) {
		if (folders->all[i].is_read && folders->all[i].place.s.has_turn)
			return i;
	}
	next = folders->all[folders->at].is_read ? folders->at : eii_folders_next(folders);
	EII_INVARIANT(next >= 0);
	return (uint16_t)next;
}

void eii_turns_listed(struct eii_core *core, const struct eii_fact *fact)
{
	if (!core->folders.must_list)
		return;
	core->folders.must_list = false;
	mark_known(core, fact);
	take_list(core, fact);
	put_at_work(core, first_turn(core));
	for (uint16_t i = 0; i < core->folders.n_used; i++)
		core->folders.all[i].is_announced = false;
	age_the_others(core);
	begin_turn(core, core->folders.at);
}

/* ---- a rename ---------------------------------------------------------- */

/* Gone since the one at work is there: those that were there together are two. */
static bool may_be_renamed(struct eii_core *core, const struct eii_folder *folder,
			   const struct eii_folder_view *view)
{
	const struct eii_place *place = &folder->place;

	return !folder->is_on_server && place->is_known &&
	       folder->gone_list <= eii_folders_at(&core->folders)->new_list &&
	       place->s.uidvalidity == view->uidvalidity && view->uidnext > place->listed &&
	       view->uidnext >= place->s.window_uidnext;
}

/* Servers give it by the second, or the same to all: then it tells no folder from another. */
static bool is_shared(struct eii_core *core, uint64_t uidvalidity)
{
	struct eii_folder *folder;

	for (folder = eii_folders_each(&core->folders, NULL); folder;
	     folder = eii_folders_each(&core->folders, folder)) {
		if (folder->is_on_server && folder->place.is_known &&
		    folder->place.s.uidvalidity == uidvalidity)
			return true;
	}
	return false;
}

static void take_place_of_renamed(struct eii_core *core, const struct eii_folder_view *view)
{
	struct eii_folder *folder, *before = NULL;
	unsigned n = 0;

	for (folder = eii_folders_each(&core->folders, NULL); folder;
	     folder = eii_folders_each(&core->folders, folder)) {
		if (!may_be_renamed(core, folder, view))
			continue;
		before = folder;
		n++;
	}
	if (n != 1 || is_shared(core, view->uidvalidity))
		return;
	folder = eii_folders_at(&core->folders);
	eii_place_clear(&folder->place);
	folder->place = before->place;
	eii_place_init(&before->place);
	folder->place.s.gone_s = 0;
	eii_store_drop_place(&core->store, before->key);
	eii_folders_drop(before);
	mark_turn(core);
	say(core, EII_EVENT_FOLDER_RENAMED, eii_turns_name_of(core, folder));
}

bool eii_turns_recognise(struct eii_core *core, const struct eii_folder_view *view)
{
	if (core->folders.must_list)
		return false;
	if (has_folders(core) && !core->place->is_known)
		take_place_of_renamed(core, view);
	return true;
}
