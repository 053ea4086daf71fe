/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The platform thread: owner of every GraphQL call, of the state document and
 * of its generation. publish posts calls and takes their answers from a queue;
 * it hands its place over whenever it moves, and the desk sends it by a ping of
 * its own, at most every 2 s. A ping goes out every 40 s in any case.
 *
 * A reset in the UI is announced once only, as an empty echo (measured). The
 * desk sees it, empties the state and raises the generation: whoever works under
 * an older one stops and begins anew.
 */
#ifndef EII_INGEST_DESK_H
#define EII_INGEST_DESK_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/base/queue.h"
#include "eii/ingest/ports.h"
#include "eii/ingest/stats.h"
#include "eii/state/state.h"

#define EII_DESK_PING_MS 40000
#define EII_DESK_SAVE_MS 2000

enum eii_desk_kind {
	EII_DESK_REGISTER,     /* out: traits, mailbox, last_ingestion_s */
	EII_DESK_SAVE,         /* in: mailbox; answered when the platform has it */
	EII_DESK_QUEUE_SIZE,   /* out: bytes */
	EII_DESK_WORK_OPEN,    /* in: text = name; out: work_id */
	EII_DESK_WORK_EXPECT,  /* in: work_id, n */
	EII_DESK_WORK_REPORT,  /* in: work_id, text = reason */
	EII_DESK_WORK_CLOSE,   /* in: work_id, text = message, in_error */
	EII_DESK_WORK_ALIVE,   /* in: work_id; out: yes */
	EII_DESK_HAS_IDENTITY, /* in: text = id; out: yes */
	EII_DESK_HAS_MARKING,  /* in: text = id; out: yes */
};

/* One call and its answer. Texts are owned by the call. */
struct eii_desk_call {
	enum eii_desk_kind kind;
	/* in */
	char *text;
	char *work_id; /* also out, of WORK_OPEN */
	uint32_t n;
	bool in_error;
	struct eii_mailbox_state *mailbox; /* also out, of REGISTER: NULL = none stored */
	bool settled_all;                  /* SAVE: last_email_ingestion becomes ingestion_s */
	int64_t ingestion_s; /* also out, of REGISTER: last_email_ingestion, 0 = none */
	uint64_t generation; /* SAVE: under which the place was made; out, of REGISTER */
	/* out */
	enum eii_rc rc;
	struct eii_error error;
	bool yes;
	double bytes;
	struct eii_platform_traits traits;
};
struct eii_desk_call *eii_desk_call_new(enum eii_desk_kind kind);
void eii_desk_call_free(struct eii_desk_call *call);
EII_DEFINE_AUTO(eii_desk_call);

struct eii_desk_options {
	struct eii_platform_port *platform; /* borrowed */
	const char *mailbox_key;            /* "user@host/folder" */
	struct eii_stats *stats;            /* borrowed; NULL = nobody watches */
};

struct eii_desk;
struct eii_desk *eii_desk_new(const struct eii_desk_options *options);
void eii_desk_free(struct eii_desk *desk);
EII_DEFINE_AUTO(eii_desk);

/* The thread's body; returns after eii_desk_stop, with every posted call answered. */
void *eii_desk_run(void *desk);
void eii_desk_stop(struct eii_desk *desk);

/* From publish. post takes the call; it comes back through the answers. */
void eii_desk_post(struct eii_desk *desk, struct eii_desk_call *call);
struct eii_queue *eii_desk_answers(struct eii_desk *desk);

/* The place to be saved when it is due; the newest wins. Borrowed, copied. */
void eii_desk_hand_in(struct eii_desk *desk, uint64_t generation,
		      const struct eii_mailbox_state *mailbox);

/* Raised by a reset, and when the connector turns out to be deleted. Any thread. */
uint64_t eii_desk_generation(const struct eii_desk *desk);

/* What the next pings tell of the schedule. Any thread. */
void eii_desk_tell(struct eii_desk *desk, const struct eii_run_info *info);

#endif
