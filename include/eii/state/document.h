/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state document that the platform keeps for a connector, the only memory
 * that a kill leaves (docs/state.md has each member with its range):
 *
 *   {"last_email_ingestion": "2026-08-20T13:56:00+00:00",
 *    "email_intel_imap": {"version": 1,
 *      "instance": "81985529216486895", "wrote": "...", "limit": 134217728,
 *      "work": {"id": "work_...", "opened": 1790000000, "sent": 12, "told": 12, "closed": true,
 *               "cleared": 0},
 *      "ids": "...", "back_ids": "...",
 *      "mailboxes": {"user@host/folder":
 *        {"uidvalidity": 7, "cursor": 4711, "window": {"since": "...", "uidnext": 9},
 *         "starts": 1, "in_hand": {"uid": 4712, "attempts": 1}, "suspects": [[4715, 2]],
 *         "back": 4700, "passed": 4716, "ask": 4720, "owed": 1789996400, "killers": [4711],
 *         "aside": [[4703, 65535, 3, 1790000000, 1790003600]]}}}}
 *
 * The first member is the official connector's, so that either can take over
 * from the other. Version 1 stays: members may be added, an older reader finds
 * its place. What is not known here, at any level, and what other mailboxes
 * have there, comes out as it went in. Numbers, instants, ids and hashes only;
 * a number over 2^53 is a text of its digits, which no reader rounds.
 */
#ifndef EII_STATE_DOCUMENT_H
#define EII_STATE_DOCUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/state/ring.h"

#define EII_DOCUMENT_VERSION 1
#define EII_DOCUMENT_OURS_BYTES                                                                    \
	65536u                           /* our object at most: what gives way is in docs/state.md \
					  */
#define EII_DOCUMENT_MAX_BYTES  1048576u /* of a text; a longer one is unreadable */
#define EII_DOCUMENT_ASIDE      256
#define EII_DOCUMENT_KILLERS    16
#define EII_DOCUMENT_SUSPECTS   8
#define EII_DOCUMENT_WORK_BYTES 128
#define EII_ASIDE_NO_MS         65535
#define EII_ASIDE_NO_HEADER     65534
#define EII_ASIDE_ASK_FIRST     65533

/* A mail that the server withholds, to be tried again. */
struct eii_aside {
	uint32_t uid;
	uint16_t milliseconds; /* of its header's report; EII_ASIDE_NO_MS = it has none yet;
				  ASK_FIRST = nor that, and the mail's own may be there;
				  NO_HEADER = it shall have none, for that reason */
	uint16_t n_tries;
	int64_t first_unix_s;
	int64_t next_unix_s; /* 0 = its report is sent, and not accounted for yet */
};

/* A mail that was in hand when the process ended. */
struct eii_suspect {
	uint32_t uid;
	uint32_t attempts; /* with it in hand */
};

/* Where the connector stands in one folder. */
struct eii_place_state {
	uint64_t uidvalidity; /* never 0 */
	uint32_t cursor;      /* highest UID below which all is settled; 0 = none */
	bool has_window;      /* the first import of this UIDVALIDITY is not done */
	int64_t window_since_s;
	uint32_t window_uidnext;    /* from this UID on all is new */
	uint32_t n_starts;          /* since the cursor last moved */
	struct eii_suspect in_hand; /* named before its FETCH; UID 0 = none */
	uint16_t n_suspects;        /* that were in hand, and a way back came before them */
	struct eii_suspect suspects[EII_DOCUMENT_SUSPECTS]; /* the latest, oldest first */
	uint32_t back_uid;     /* lowest UID that the platform has not accounted for; 0 = none */
	uint32_t passed_uid;   /* the cursor before it went back, as long as it is below; 0 = it has
				  not */
	uint32_t ask_uid;      /* up to it reports may be there already: asked by id; 0 = none */
	int64_t owed_since_s;  /* received since then: not all of it is accounted for; 0 = all is */
	uint32_t troubled_uid; /* refused, and nobody knows yet whose trouble that is; 0 = none */
	int64_t troubled_since_s;
	int64_t gone_s; /* since then no list of the server's has shown the folder; 0 = it is there
			 */
	bool has_turn;  /* of several folders it was at work last */
	uint16_t n_killers; /* UIDs that end the process, as long as a way leads back to them */
	uint32_t killers[EII_DOCUMENT_KILLERS]; /* the latest, oldest first */
	uint16_t n_aside;
	struct eii_aside aside[EII_DOCUMENT_ASIDE]; /* by UID */
};

/* What there is once for the connector. */
struct eii_ledger {
	uint64_t instance; /* of the process that wrote last; 0 = none */
	int64_t wrote_s; /* the last_email_ingestion that we wrote; 0 = not kept by that version */
	uint64_t limit_bytes; /* of a message, as a broker's refusal taught it; 0 = none */
	int64_t limit_s;      /* when it did; 0 = none */
	char work_id[EII_DOCUMENT_WORK_BYTES];  /* the one Work of ours not accounted for; "" = none
						 */
	char draft_id[EII_DOCUMENT_WORK_BYTES]; /* that its messages go to; "" = none */
	int64_t work_opened_s;
	uint32_t work_sent, work_told; /* messages confirmed, and of these told */
	uint32_t work_processed;       /* as the platform said last, */
	int64_t work_moved_s;          /* and since when it says so; 0 = never */
	uint32_t work_unknown; /* messages under it without an outcome: they may count as well */
	bool work_is_closed;
	bool work_is_left;  /* to be closed as it is, and forgotten */
	uint32_t n_cleared; /* times in a row that its point was cleared */
	bool has_refused;   /* behind the going-back point are reports that a right mends */
};

/* No Work: its id and all that is counted for it. The rest of the ledger stays. */
void eii_ledger_forget_work(struct eii_ledger *ledger);

/*
 * Names the mail that is asked for next and counts the attempt, with those of earlier
 * lives. What was in hand before and has not come to its end stays suspected: a way
 * back may lead over it again. Of too many the oldest is forgotten.
 */
void eii_place_take_in_hand(struct eii_place_state *place, uint32_t uid);
/* It is not in hand any more, and the process lives: this attempt does not count. */
void eii_place_put_down(struct eii_place_state *place, uint32_t uid);
/* It has come to its end, and the process lives. */
void eii_place_clear_suspect(struct eii_place_state *place, uint32_t uid);
/* A run has ended, and the process lives: but what is set aside may not have been due in it. */
void eii_place_clear_harmless(struct eii_place_state *place);
void eii_place_clear_suspects(struct eii_place_state *place);
/* Whether one lies ahead, so that mails go one by one. */
bool eii_place_has_suspect(const struct eii_place_state *place);

/* A mail that ended the process; of too many the oldest is forgotten. */
void eii_place_name_killer(struct eii_place_state *place, uint32_t uid);
bool eii_place_is_killer(const struct eii_place_state *place, uint32_t uid);

struct eii_document;

/* An empty one: {}. */
struct eii_document *eii_document_new(void);
void eii_document_free(struct eii_document *document);
EII_DEFINE_AUTO(eii_document);

/*
 * NULL, "", "null" and "{}" are empty documents. NULL for garbage, for what is
 * no object and for a text over EII_DOCUMENT_MAX_BYTES: unreadable, the caller
 * says so before it writes over it. Our object of a later version is unknown
 * and not read; it is kept until something of ours is put.
 */
struct eii_document *eii_document_parse(const char *text);

/*
 * Its text, for the caller to free(). Our object is never over
 * EII_DOCUMENT_OURS_BYTES, and what is formatted can be parsed again: where it
 * would be over, first the oldest ids of back_ids go, then of ids, then other
 * mailboxes' rings, then members unknown in our object, then the latest of the
 * mails set aside in the places that were put, last other mailboxes.
 */
char *eii_document_format(const struct eii_document *document);

/* A platform shows this of a connector without a state: NULL, blank, "null", "{}" not. */
bool eii_document_text_is_empty(const char *text);

/* last_email_ingestion in Unix seconds; 0 = absent, unreadable or before 1970. Set to 0 it goes. */
int64_t eii_document_ingestion(const struct eii_document *document);
void eii_document_set_ingestion(struct eii_document *document, int64_t unix_s);

/* Zeros for what is absent. The work members of a state without them: none. */
void eii_document_ledger(const struct eii_document *document, struct eii_ledger *out);
void eii_document_put_ledger(struct eii_document *document, const struct eii_ledger *ledger);

/*
 * The ring as of now, and as of the going-back point; a state of an
 * earlier version has the first in its mailbox. Never NULL; the caller's to free.
 */
struct eii_ring *eii_document_ring(const struct eii_document *document, const char *key);
struct eii_ring *eii_document_back_ring(const struct eii_document *document);
void eii_document_put_rings(struct eii_document *document, const struct eii_ring *ring,
			    const struct eii_ring *back);

/*
 * key is "user@host/folder", valid UTF-8. False (*out means nothing): nothing of
 * ours there (first start, or taken over).
 */
bool eii_document_place(const struct eii_document *document, const char *key,
			struct eii_place_state *out);
void eii_document_put_place(struct eii_document *document, const char *key,
			    const struct eii_place_state *place);
/* There is none from now on, whatever the text has. */
void eii_document_drop_place(struct eii_document *document, const char *key);
bool eii_document_has_places(const struct eii_document *document);

/*
 * The key of the mailbox number i, in the text's order, that begins with prefix, for
 * the caller to free(); NULL = there are no more.
 */
char *eii_document_key(const struct eii_document *document, const char *prefix, size_t i);

/*
 * Here and below, a key that ends in '/' is that of all folders of an account.
 *
 * The key of another mailbox's place that it holds, for the caller to free(); NULL = none.
 */
char *eii_document_foreign_key(const struct eii_document *document, const char *key);

/*
 * What other mailboxes have in other, and members unknown here, becomes as it
 * is there; ours (key, ledger, rings, last_email_ingestion) stays, also what of
 * it is absent here. True: a foreign mailbox's place there differs from what
 * this document had of it, or this had none; one that is gone there is no
 * difference.
 */
bool eii_document_take_foreign(struct eii_document *document, const struct eii_document *other,
			       const char *key);

#endif
