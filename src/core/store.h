/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state document and its one way out: a ping. Each change makes a newer
 * number; a ping carries the newest, "n is stored" comes back, and nothing older
 * can follow since one ping is under way at a time. After a ping of unknown
 * outcome the stored state is asked for before the next one.
 */
#ifndef EII_CORE_STORE_H
#define EII_CORE_STORE_H

#include "eii/state/document.h"
#include "policy.h"

#define EII_STORE_PING_MS  40000 /* pycti's */
#define EII_STORE_SAVE_MS  2000
#define EII_STORE_READ_MS  60000 /* what others have in the state is looked at */
#define EII_STORE_FRESH_MS 10000 /* before a ping, where it was looked at longer ago */

enum eii_store_call { EII_STORE_NOTHING, EII_STORE_PING, EII_STORE_READ };

/* What the platform's word about the state means. */
enum eii_store_news {
	EII_STORE_FINE,
	EII_STORE_RESET,      /* emptied in the UI */
	EII_STORE_DELETED,    /* the connector is unknown there */
	EII_STORE_UNREADABLE, /* it holds a text that is no state; kept apart by length and hash */
};

struct eii_store {
	struct eii_document *document;
	struct eii_ledger ledger;      /* in the document as of the last put */
	uint64_t newest, sent, stored; /* numbers of the document */
	bool is_live;                  /* registered: pings are due */
	bool is_unknown;               /* the last ping's outcome */
	bool has_shown;                /* the platform has shown a state since registering */
	bool has_stored;               /* a ping of ours went through since then */
	bool is_urgent;
	bool is_blind; /* the platform does not show what is stored */
	bool has_twin, has_foreign;
	unsigned n_doubted;   /* echoes in a row that were another text */
	int64_t foreign_ms;   /* when another mailbox's place moved last */
	unsigned n_twin_free; /* reads in a row without another process's number */
	uint64_t instance;
	enum eii_store_call under_way;
	struct eii_attempt attempt;
	int64_t begun_ms;                  /* the last call */
	int64_t ping_ms, save_ms, read_ms; /* when the next is due, or may be sent */
	int64_t seen_ms;                   /* when the stored state was seen last */
	char *text;                        /* of the ping under way; owned */
	struct {
		char *text; /* owned; NULL: none */
		uint64_t instance;
	} known; /* the stored text that the document agrees with, and the process it names */
	uint32_t bytes;
};

void eii_store_init(struct eii_store *store, struct eii_pulse *pulse);
void eii_store_clear(struct eii_store *store);

/* What registering gave. The news are FINE, RESET (an empty text, not null) or UNREADABLE. */
enum eii_store_news eii_store_adopt(struct eii_store *store, struct eii_pulse *pulse,
				    const char *text);

/* The document's parts as they are now: the places, then ledger and rings. */
void eii_store_put_place(struct eii_store *store, const char *key,
			 const struct eii_place_state *place);
/* It has none of that key any more; a newer number. */
void eii_store_drop_place(struct eii_store *store, const char *key);
void eii_store_put(struct eii_store *store, const struct eii_ring *ring,
		   const struct eii_ring *back);
void eii_store_put_ingestion(struct eii_store *store, int64_t unix_s);

/* The newest is to be stored at once. */
void eii_store_hurry(struct eii_store *store);
bool eii_store_is_clean(const struct eii_store *store);

/* The call that is due now, if any; begin makes it the one under way. */
enum eii_store_call eii_store_due(struct eii_store *store, struct eii_pulse *pulse);
const char *eii_store_begin(struct eii_store *store, struct eii_pulse *pulse,
			    enum eii_store_call call);

/* A call that was begun in this stop has failed, and what is stored is not known. */
bool eii_store_has_hung(const struct eii_store *store, const struct eii_pulse *pulse);

/* Answers to it. text is the echo or the stored state; key is ours. */
enum eii_store_news eii_store_heard(struct eii_store *store, struct eii_pulse *pulse,
				    const char *text, const char *key);
/* The platform answered that it does not know the connector. */
void eii_store_gone(struct eii_store *store);
void eii_store_failed(struct eii_store *store, struct eii_pulse *pulse,
		      const struct eii_failure *failure);

/* A reset or a deletion: an empty document, all is new. */
void eii_store_forget(struct eii_store *store);

#endif
