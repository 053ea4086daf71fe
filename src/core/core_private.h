/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core's objects side by side. Each owns its part and knows none of the
 * others; the files that take the core are the ones that carry what happens to
 * one object to the others:
 *
 *   core.c           facts in, a beat, orders out
 *   turns.c          which of several folders is at work
 *   intake.c         what the mailbox is asked, intake_answers.c and intake_sizes.c what it says,
 *                    intake_watch.c and intake_glance.c between two runs
 *   outlet.c         converter, reports, outcomes; sending.c messages, wire.c the connection under
 * them bureau.c         calls: one at a time, the most urgent first run.c            phases;
 * course.c what a run goes by and leaves behind
 */
#ifndef EII_CORE_CORE_PRIVATE_H
#define EII_CORE_CORE_PRIVATE_H

#include <string.h>
#include <strings.h>

#include "calls.h"
#include "folders.h"
#include "line.h"
#include "link.h"
#include "place.h"
#include "reader.h"
#include "registration.h"
#include "run.h"
#include "schedule.h"
#include "store.h"
#include "teller.h"
#include "watch.h"
#include "work.h"

/* In the converter at once. */
#define EII_CONVERT_MAILS 32
#define EII_CONVERT_BYTES (4u * 1024 * 1024)
/* Converted or made and not sent: their fields and reports are held beside their bytes. */
#define EII_MADE_MAILS (EII_BURST_MESSAGES + EII_CONVERT_MAILS)
/* Further off than this the platform's date is believed, not our clock. */
#define EII_CLOCK_OFF_S 300
#define EII_ASK_WAIT_MS 200 /* for a question to the platform to fill up */

struct eii_core {
	struct eii_pulse pulse;
	struct eii_schedule schedule;
	struct eii_run run;
	struct eii_folders folders;
	struct eii_place *place; /* of the folder at work */
	struct eii_store store;
	struct eii_registry registry;
	struct eii_work work;
	struct eii_link link;
	struct eii_line line;
	struct eii_reader reader;
	struct eii_watch watch;
	struct eii_calls calls;
	struct eii_teller teller;
	struct eii_ring *ring;      /* as of every report made so far */
	struct eii_ring *back_ring; /* as of the going-back point */
	uint64_t order_number;      /* of the state that has to be stored before a report goes */
	struct eii_attempt converter, find;
	int64_t convert_ms; /* the converter was given the first, or has answered last */
	bool is_over;
	bool has_told_cannot_say, has_told_cannot_ask;
	enum eii_event_type back; /* why the run in hand ends by going back; NONE = it does not */
	bool has_refused;         /* reports behind the going-back point that a right mends */
	bool must_ask_rights;     /* before anything is done about them */
	bool is_clock_told;
	int64_t server_unix_s,
		server_ms;    /* the platform's date, and when it was heard; 0 = never */
	int64_t ask_since_ms; /* the oldest mail of ASKING waits since; 0 = none */
	uint64_t n_expunged, n_sent_again, n_lost_reports, n_mendable, n_other;
};

/* core.c */

static inline bool eii_core_writes_files(const struct eii_core *core)
{
	return core->pulse.config.way == EII_CORE_TO_FILES;
}

/* Messages may go under the Work, where they need one. */
static inline bool eii_core_has_its_work(const struct eii_core *core)
{
	bool has_draft = !core->pulse.config.wants_draft || core->store.ledger.draft_id[0];

	return eii_core_writes_files(core) || (has_draft && eii_work_is_ready(&core->work));
}

/* What goes under the Work goes to this draft; NULL = to the main knowledge. */
static inline const char *eii_core_draft(const struct eii_core *core)
{
	const char *id = core->store.ledger.draft_id;

	return core->pulse.config.wants_draft && *id ? id : NULL;
}

/* Something that is stored has changed. */
static inline void eii_core_touch(struct eii_core *core)
{
	core->store.newest++;
}

/*
 * Milliseconds are given in the order of UIDs, which a next life repeats. Where
 * it cannot, no report that is made from here on goes before the state has it.
 */
static inline void eii_core_keep_order(struct eii_core *core)
{
	eii_core_touch(core);
	core->order_number = core->store.newest;
	eii_store_hurry(&core->store);
}

/* part.c: a try of a part failed, or worked: for the operator. */
void eii_part_failed(struct eii_core *core, const struct eii_attempt *attempt,
		     const struct eii_failure *failure);
/* The wall clock of this beat: our own, or the platform's where ours is far off. */
void eii_part_set_clock(struct eii_core *core, const struct eii_fact *fact);
void eii_part_worked(struct eii_core *core, enum eii_part part);
/* What the fact shows to be right of the settings of its part. */
void eii_part_note(struct eii_core *core, const struct eii_fact *fact);

/* intake.c */
void eii_intake_tend(struct eii_core *core);
void eii_intake_heed(struct eii_core *core, const struct eii_fact *fact);

/* outlet.c */
void eii_outlet_tend(struct eii_core *core);
void eii_outlet_heed(struct eii_core *core, const struct eii_fact *fact);
/* The mail is done: its report is confirmed, there already, or cannot be made. */
void eii_outlet_settle(struct eii_core *core, uint16_t slot);
/* The platform has its report already. */
void eii_outlet_there(struct eii_core *core, uint16_t slot);
/* A mail that was set aside gets no report of its header: its own may be there, and stays. */
void eii_outlet_forgo_header(struct eii_core *core, uint16_t slot);
/* All mails leave the line; nothing of them is under way at the queue. */
void eii_outlet_drop_all(struct eii_core *core);
void eii_outlet_drop(struct eii_core *core, uint16_t slot);

/* bureau.c */
void eii_bureau_tend(struct eii_core *core);
void eii_bureau_heed(struct eii_core *core, const struct eii_fact *fact);

/* turns.c: which folder is at work */
/* A run begins. */
void eii_turns_begin(struct eii_core *core);
/* The list has come. */
void eii_turns_listed(struct eii_core *core, const struct eii_fact *fact);
/* The turn is over, and nothing of it is under way. False: no folder is left for this run. */
bool eii_turns_pass(struct eii_core *core);
/* Enough was listed in this turn, as others wait for theirs. */
bool eii_turns_is_full(const struct eii_core *core);
/* The session has opened the folder at work, or none; or is over. */
void eii_turns_opened(struct eii_core *core);
void eii_turns_lost(struct eii_core *core);
/*
 * The folder at work has been looked at: a renamed one has the place that it had. False:
 * none was, as the list has to come first.
 */
bool eii_turns_recognise(struct eii_core *core, const struct eii_folder_view *view);
/* The server refuses the folder at work. False: that is the mailbox's failure. */
bool eii_turns_refused(struct eii_core *core, const struct eii_failure *failure);
/* Its name for a driver; NULL: that of the setting. */
const char *eii_turns_name(const struct eii_core *core);
static inline const char *eii_turns_name_of(const struct eii_core *core,
					    const struct eii_folder *folder)
{
	return folder->key + strlen(core->pulse.config.mailbox_key);
}
/* Most mails come there; a server lists it where it likes. */
static inline bool eii_turns_is_inbox(const struct eii_core *core, const struct eii_folder *folder)
{
	return folder->key && strcasecmp(eii_turns_name_of(core, folder), "INBOX") == 0;
}
/* Where mails are announced: in the INBOX, else in the first of those that are read. */
void eii_turns_rest(struct eii_core *core);
/* However its turn ended: the process lives, so no mail that it tried has killed it. */
void eii_turns_clear_starts(struct eii_core *core);
/* The run has come to its end with all folders, and its instant is not stored; or is broken off. */
void eii_turns_succeed(struct eii_core *core);
void eii_turns_relist(struct eii_core *core);

/* run.c, course.c */
void eii_run_tend(struct eii_core *core);
/* The run in hand cannot go on; the first reason stands. */
void eii_course_break(struct eii_core *core, enum eii_event_type reason);
/* What the platform has not accounted for is lost: it goes again from there. */
void eii_course_go_back(struct eii_core *core, enum eii_event_type reason);
void eii_course_give_up(struct eii_core *core, enum eii_over_code code);
/* The state is gone: everything begins with a first window. */
void eii_course_forget(struct eii_core *core, enum eii_event_type reason);
/* All that is to be stored, as it is now, into the document. */
void eii_course_put_state(struct eii_core *core);
void eii_course_adopt(struct eii_core *core, const struct eii_fact *fact);
/* The Work is there, with its draft (NULL = none): stored before the first message. */
void eii_course_work_opened(struct eii_core *core, const char *draft_id);
/*
 * Whether what is sent now may go under the Work that is open; false: there is none, or it
 * has had its end, or it is let go, as it has no draft where one is wanted.
 */
bool eii_course_may_go_on(struct eii_core *core);
/* True: the draft was validated or deleted, and what is missing goes to another one. */
bool eii_course_lost_draft(struct eii_core *core, enum eii_order_type asked,
			   const struct eii_failure *failure);
/* From the cursor on nothing is accounted for: the way back begins there, if it does not yet. */
void eii_course_mark_back(struct eii_core *core);
/* A run has done without this folder: its instant says nothing of what has come there. */
void eii_course_owe_unread(const struct eii_core *core, struct eii_place *place);
/* Moved here with an older date, which alone would not bring it back in a new numbering. */
void eii_course_owe_listed(struct eii_core *core, const struct eii_size_info *info);
void eii_run_stop(struct eii_core *core);
void eii_course_accounted(struct eii_core *core);
/* What has become of the Work decides how the run goes on. */
void eii_course_judged(struct eii_core *core, enum eii_work_verdict verdict);
/* Where a first window begins. */
int64_t eii_course_window_since(const struct eii_core *core);

#endif
