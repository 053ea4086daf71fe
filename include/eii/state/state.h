/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state document that the platform keeps for a connector:
 *
 *   {"last_email_ingestion": "2026-08-20T13:56:00+00:00",
 *    "email_intel_imap": {"version": 1, "left": "2026-08-20T13:56:00+00:00",
 *     "mailboxes": {"user@host/folder":
 *      {"uidvalidity": 7, "cursor": 4711, "window": {"since": "...", "uidnext": 9},
 *       "starts": 1, "in_hand": {"uid": 4712, "attempts": 1}, "ids": "..."}}}}
 *
 * The first member is the official connector's, so that either can take over
 * from the other; `left` is how the last of ours left it. All else, and what
 * other mailboxes have there, comes out as it went in. Members may be added under
 * one version; it grows when an older reader would do wrong, and such a reader
 * takes what is of a later version as absent.
 */
#ifndef EII_STATE_STATE_H
#define EII_STATE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/state/ring.h"

#define EII_STATE_VERSION   1
#define EII_STATE_MAX_BYTES 1048576u /* of a text; a longer one counts as garbage */

/* Where the connector stands in one folder. */
struct eii_mailbox_state {
	uint32_t uidvalidity;
	uint32_t cursor; /* highest UID below which all is confirmed; 0 = none */
	bool has_window; /* the first import of this UIDVALIDITY is not done */
	int64_t window_since_s;
	uint32_t window_uidnext;   /* of its first search: all from here on is new */
	uint32_t n_starts;         /* since the cursor last moved */
	uint32_t in_hand_uid;      /* named before its FETCH; 0 = none */
	uint32_t in_hand_attempts; /* with it in hand */
	struct eii_ring *ring;     /* owned; as of the cursor; never NULL */
};
struct eii_mailbox_state *eii_mailbox_state_new(void);
void eii_mailbox_state_free(struct eii_mailbox_state *mailbox);
EII_DEFINE_AUTO(eii_mailbox_state);
struct eii_mailbox_state *eii_mailbox_state_copy(const struct eii_mailbox_state *mailbox);

struct eii_state;
struct eii_state *eii_state_new(void);
void eii_state_free(struct eii_state *state);
EII_DEFINE_AUTO(eii_state);

/* Never fails: NULL, "", "null", garbage and what is no object give an empty state. */
struct eii_state *eii_state_parse(const char *text);

/* The document's text, for the caller to free(). */
char *eii_state_format(const struct eii_state *state);

/* It has no member at all. */
bool eii_state_is_empty(const struct eii_state *state);

/* What a platform shows of a connector without a state: NULL, blank or "null". */
bool eii_state_text_is_empty(const char *text);

/* last_email_ingestion in Unix seconds; 0 = absent or unreadable. */
int64_t eii_state_last_ingestion(const struct eii_state *state);
void eii_state_set_last_ingestion(struct eii_state *state, int64_t unix_s);

/*
 * Another connector has moved last_email_ingestion on since one of ours wrote or
 * saw it: what it has imported in between is not to be sent again.
 */
bool eii_state_is_overtaken(const struct eii_state *state);

/* What stands there now is seen. */
void eii_state_catch_up(struct eii_state *state);

/* key is "user@host/folder". NULL = nothing of ours there: first start, or taken over. */
struct eii_mailbox_state *eii_state_get_mailbox(const struct eii_state *state, const char *key);

/* Whether any mailbox of ours stands there: the document is not the official connector's alone. */
bool eii_state_has_mailboxes(const struct eii_state *state);

/* Replaces or adds it; copies. */
void eii_state_put_mailbox(struct eii_state *state, const char *key,
			   const struct eii_mailbox_state *mailbox);

#endif
