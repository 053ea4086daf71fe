/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where we stand in one folder, the only owner of its cursor. The cursor is the
 * highest UID that was seen, below which every UID seen is settled: it moves by
 * what has been listed and settled, by nothing that a server merely says.
 */
#ifndef EII_CORE_PLACE_H
#define EII_CORE_PLACE_H

#include "eii/state/cursor.h"
#include "eii/state/document.h"
#include "pulse.h"

struct eii_place {
	bool is_known;            /* it has a UIDVALIDITY */
	struct eii_place_state s; /* what is stored of it */
	struct eii_cursor *cursor;
	uint32_t listed; /* highest UID seen; below it nothing is listed again */
	bool is_window_listed;
	bool is_window_first; /* of a folder that was not known: not of a new numbering */
	bool has_window_mail; /* it had a mail that is not too old */
	bool is_window_empty; /* a first one has ended without any, which is not told yet */
	/* Mails received before his_s, up to his_uid, are the official connector's. */
	int64_t his_s;
	uint32_t his_uid; /* 0 = not seen yet */
	uint64_t n_his;
	uint32_t n_clear; /* of those asked by id, not there in a row */
	int64_t since_s;  /* where a window would begin */
};

void eii_place_init(struct eii_place *place);
void eii_place_clear(struct eii_place *place);

/* As the stored state has it; NULL: a first start. */
void eii_place_adopt(struct eii_place *place, const struct eii_place_state *stored);

/* A folder of this numbering begins; from boundary on all is new (0 or 1: the folder is empty). */
void eii_place_begin_window(struct eii_place *place, uint64_t uidvalidity, int64_t since_s);
void eii_place_bound_window(struct eii_place *place, uint32_t boundary);

/* It is done, and nothing behind it is left to be accounted for. */
void eii_place_let_window_go(struct eii_place *place);

/* Every UID of the window below its boundary has been listed. */
void eii_place_end_window(struct eii_place *place);

enum eii_listing {
	EII_LISTING_OURS,    /* to be fetched */
	EII_LISTING_SETTLED, /* older than the window, or the official connector's, or set aside */
	EII_LISTING_BEYOND,  /* behind the window's boundary: not of this list */
};

/* The next UID of a list, rising. OURS stays open until it is settled. */
enum eii_listing eii_place_list(struct eii_place *place, const struct eii_size_info *info);

/* True where the cursor moved. */
bool eii_place_settle(struct eii_place *place, uint32_t uid);

/* What was listed and is not settled is listed again. */
void eii_place_relist(struct eii_place *place);

/*
 * What was received since then may be behind the point, set aside, or gone back
 * to: a new numbering's window has to have it. Nothing of that is left: all is
 * accounted for.
 */
void eii_place_owe(struct eii_place *place, int64_t since_s);
void eii_place_owe_nothing(struct eii_place *place);

/*
 * Back to what the platform has not accounted for; it is asked for what it has
 * of it. False where there is no such point.
 */
bool eii_place_go_back(struct eii_place *place);

/* The reports of UIDs from here on may be there already, nobody knows how far. */
void eii_place_doubt(struct eii_place *place);
bool eii_place_must_ask(const struct eii_place *place, uint32_t uid);
/* The answer to such a question, in the order of UIDs. */
enum eii_presence { EII_PRESENCE_ABSENT, EII_PRESENCE_THERE };
void eii_place_heard(struct eii_place *place, enum eii_presence presence);

/*
 * It was refused, and nobody knows yet whose trouble that is: remembered over
 * lives, the first one that comes as long as it is neither settled nor set
 * aside. True where that is news.
 */
bool eii_place_note_trouble(struct eii_place *place, uint32_t uid, int64_t unix_s);
/* For how long it has been so; -1: nothing of that is known. */
int64_t eii_place_troubled_for_s(const struct eii_place *place, uint32_t uid, int64_t unix_s);

/* Sets a UID aside, to be tried again; false when there is no room. */
bool eii_place_set_aside(struct eii_place *place, uint32_t uid, int64_t unix_s);
/* The first that is due; NULL = none. *out_next_s: when the next one is, INT64_MAX = none. */
struct eii_aside *eii_place_aside_due(struct eii_place *place, int64_t unix_s, int64_t *out_next_s);
/* It is being tried: not due again before its next pause is over. */
void eii_place_try_aside(struct eii_place *place, uint32_t uid, int64_t unix_s);
struct eii_aside *eii_place_find_aside(struct eii_place *place, uint32_t uid);
/* A report of its header went, with its milliseconds. */
bool eii_place_has_header(const struct eii_aside *aside);
/* Its next try is for its header alone: no report of that is known to be on the platform. */
bool eii_place_wants_header(const struct eii_aside *aside);
/* Its header's report went; the mail itself is still tried. */
void eii_place_sent_header(struct eii_place *place, uint32_t uid, uint16_t milliseconds);
/* Its report went under the Work: dropped when that is accounted for, tried again when it is lost.
 */
void eii_place_sent_aside(struct eii_place *place, uint32_t uid, uint16_t milliseconds);
void eii_place_accounted(struct eii_place *place);
/* What was sent aside and may be lost is tried again. */
void eii_place_lost_aside(struct eii_place *place);
void eii_place_drop_aside(struct eii_place *place, uint32_t uid);

#endif
