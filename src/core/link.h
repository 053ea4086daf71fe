/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connection to the queue, from down to ready, and the book of what is
 * under way on it: nothing is forgotten, each message ends confirmed, returned,
 * nacked, too large or unknown.
 */
#ifndef EII_CORE_LINK_H
#define EII_CORE_LINK_H

#include "burst.h"
#include "policy.h"

#define EII_LINK_DIAL_MS      15000
#define EII_LINK_CONFIRM_MS   60000 /* the oldest unconfirmed message's age: dialled anew */
#define EII_LINK_NACKED_MS    60000 /* refused for so long on one connection: dialled anew */
#define EII_LINK_KNOWN_MS     90000 /* for the platform to have author and marking */
#define EII_LINK_ASK_FIRST_MS 100
#define EII_LINK_ASK_LAST_MS  5000

enum eii_link_state {
	EII_LINK_DOWN,
	EII_LINK_DIALLING,
	EII_LINK_AUTHOR,  /* the author's message is sent; its confirm is waited for */
	EII_LINK_MARKING, /* author confirmed; marking sent, platform asked for both */
	EII_LINK_READY,
	EII_LINK_HANGING_UP,
};

/* One message under way; the author's and the marking's have no slot. */
struct eii_message {
	uint64_t number; /* of its SEND; 0 = settled */
	enum eii_message_kind kind;
	uint16_t slot;
	uint8_t index;
	uint64_t bytes;
	int64_t sent_ms;
};

struct eii_link {
	enum eii_link_state state;
	uint64_t order; /* DIAL or HANG_UP under way */
	bool is_cut;    /* the dial */
	struct eii_attempt dial, nack;
	bool is_blocked;
	int64_t blocked_ms; /* when an alarm began or ended last; 0 = never on this connection */
	int64_t nacked_ms;  /* refused since; 0 = not */
	bool is_blocked_told;
	char blocked_words[EII_CORE_WORDS_BYTES]; /* the broker's */
	bool is_marking_sent;
	bool knows_author, knows_marking, is_author_waived;
	bool is_known; /* asked and answered so that reports may go */
	bool is_asking;
	struct eii_attempt ask; /* failures of the question */
	int64_t ask_ms, ask_wait_ms, ask_since_ms;
	/* A ring, oldest first; settled ones within it have number 0. */
	struct eii_message book[EII_CORE_LINE_MAILS];
	uint16_t first, n;
	uint16_t n_open;
	uint64_t open_bytes;
	struct eii_burst burst; /* of reports */
};

void eii_link_init(struct eii_link *link);

void eii_link_write(struct eii_link *link, const struct eii_message *message);

/* Settles it; false for a number that is not in the book. */
bool eii_link_settle(struct eii_link *link, uint64_t number, struct eii_message *out);

/* The oldest one that is open; NULL = none. */
const struct eii_message *eii_link_oldest(const struct eii_link *link);

/* Takes an open one off the book: the connection is over. False: none is left. */
bool eii_link_take_unknown(struct eii_link *link, struct eii_message *out);

/* A report's message of so many bytes may go now. */
bool eii_link_may_send(struct eii_link *link, struct eii_pulse *pulse, uint64_t bytes);

/* Why the connection must be dialled anew, in words for an operator; NULL = it need not. */
const char *eii_link_is_stuck(struct eii_link *link, struct eii_pulse *pulse);

/* The connection is over, however; what the platform knows stays. */
void eii_link_down(struct eii_link *link);

/* A new registration, a deleted queue: nothing is known any more. */
void eii_link_forget(struct eii_link *link);

#endif
