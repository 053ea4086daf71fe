/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fetch thread: owner of the IMAP session. It gets orders, looks for what
 * is new, and sends what it finds as events through a bounded queue. It keeps
 * the session between runs (NOOP every 4 minutes), comes back by itself when
 * the session is lost, and halves a chunk that a server refuses or dies on, down
 * to the one mail.
 */
#ifndef EII_INGEST_FETCHER_H
#define EII_INGEST_FETCHER_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/base/queue.h"
#include "eii/ingest/budget.h"
#include "eii/ingest/mail.h"
#include "eii/ingest/ports.h"

#define EII_FETCH_CHUNK_MAILS 250
/* Mails whose size and date are known ahead of their bodies: what can be counted at once. */
#define EII_FETCH_AHEAD_MAILS 8000
#define EII_FETCH_ALONE_BYTES (1024u * 1024) /* a larger mail travels alone */
#define EII_FETCH_NOOP_MS     (4 * 60 * 1000)
/*
 * Sessions lost one after the other, with no mail in between, until the run is
 * given up: a chunk that kills them is halved 8 times and asked for alone 3 times.
 */
#define EII_FETCH_MAX_LOSSES 12

/* What to look for: the place in the mailbox as the state has it. */
struct eii_fetch_place {
	bool has_cursor; /* of this mailbox; else everything begins with a window */
	uint32_t uidvalidity;
	uint32_t cursor; /* up to this UID everything is settled */
	bool has_window; /* an unfinished one */
	int64_t window_since_s;
	uint32_t window_uidnext;
	int64_t new_window_since_s; /* where a window has to begin, should one be needed */
};

/* What there is. */
struct eii_fetch_found {
	struct eii_fetch_place place; /* with the window that was begun, if one was */
	uint32_t uidnext;
	uint64_t n_candidates; /* mails to look at; in a window some may be too old */
};

enum eii_fetch_event_type {
	EII_FETCH_LOOKED,  /* the answer to look: rc, error, found */
	EII_FETCH_PLANNED, /* the uids of the n next mails, ascending: each will come or be lost */
	EII_FETCH_SETTLED, /* n UIDs need no report: too old for the window, or expunged */
	EII_FETCH_ASKED,   /* careful mode: may this uid be fetched? Answer by permit */
	EII_FETCH_MAIL,    /* a mail */
	EII_FETCH_LOST,    /* the planned uid was expunged: it will not come */
	EII_FETCH_ENDED,   /* the answer to go: rc, error; RETRY = not all was fetched */
};

struct eii_fetch_event {
	enum eii_fetch_event_type type;
	enum eii_rc rc;
	struct eii_error error;
	struct eii_fetch_found found;
	uint32_t n;
	uint32_t *uids; /* owned */
	uint32_t uid;
	struct eii_mail *mail; /* owned until taken */
};
void eii_fetch_event_free(struct eii_fetch_event *event);
EII_DEFINE_AUTO(eii_fetch_event);

struct eii_fetcher_options {
	struct eii_mailbox_port *mailbox; /* borrowed */
	struct eii_budget *budget;        /* borrowed */
	uint64_t max_mail_bytes;
	uint32_t first_wait_ms; /* backoff after a lost session */
	uint32_t max_wait_ms;
};

struct eii_fetcher;

struct eii_fetcher *eii_fetcher_new(const struct eii_fetcher_options *options);
void eii_fetcher_free(struct eii_fetcher *fetcher);
EII_DEFINE_AUTO(eii_fetcher);

/* The thread's body; returns after eii_fetcher_stop. */
void *eii_fetcher_run(void *fetcher);

/* From the publish thread: */

/* Where events come out; eii_queue_take gives struct eii_fetch_event to free. */
struct eii_queue *eii_fetcher_events(struct eii_fetcher *fetcher);

/* Answered by LOOKED, exactly once. */
void eii_fetcher_look(struct eii_fetcher *fetcher, const struct eii_fetch_place *place);

/* Fetches what the last look found; answered by ENDED, exactly once. */
void eii_fetcher_go(struct eii_fetcher *fetcher, uint32_t n_careful);

/* What a careful fetch may do with the uid that it asked for. */
enum eii_fetch_permit { EII_FETCH_PERMIT_WHOLE, EII_FETCH_PERMIT_HEAD };
void eii_fetcher_permit(struct eii_fetcher *fetcher, enum eii_fetch_permit permit);

/* Ends the order in hand soon (its answer still comes); allow takes that back. */
void eii_fetcher_abort(struct eii_fetcher *fetcher);
void eii_fetcher_allow(struct eii_fetcher *fetcher);

/* The thread ends; from any thread. */
void eii_fetcher_stop(struct eii_fetcher *fetcher);

/* What cuts the mailbox port's network waits: requested by abort and stop. */
struct eii_stop *eii_fetcher_cut(struct eii_fetcher *fetcher);

#endif
