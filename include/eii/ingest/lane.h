/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lies between the heart and one driver: orders go in as tasks, facts come
 * out as notes, each with copies of all that it points to. The notes of all
 * drivers stand in one queue, which is the heart's. A driver is a thread that
 * carries out one task after the other and decides nothing.
 *
 * An order's deadline is kept from outside: the heart asks eii_lane_due_ms()
 * and cuts. A cut ends all that was posted before it, whatever the driver was
 * at, and nothing that is posted later.
 */
#ifndef EII_INGEST_LANE_H
#define EII_INGEST_LANE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/base/queue.h"
#include "eii/base/stop.h"
#include "eii/convert/converter.h"
#include "eii/core/fact.h"
#include "eii/core/order.h"
#include "eii/rules/judge.h"
#include "eii/stix/id.h"
#include "eii/stix/report.h"

struct eii_parcel;

/* An order with what it needs; its pointers are the task's own. */
struct eii_task {
	struct eii_order order;
	struct eii_parcel *parcel;            /* SEND of a report, CONVERT, MAKE: a reference */
	const struct eii_fields *fields;      /* MAKE: the parcel's when it was ordered */
	char *text;                           /* what order's const char * points to */
	char *draft_id;                       /* what its draft_id points to */
	void *list;                           /* its items */
	char (*ids)[EII_CORE_PLAIN_ID_BYTES]; /* FIND_REPORTS: of its slots */
	struct eii_task *next;                /* for a driver's list of them */
};
struct eii_task *eii_task_new(const struct eii_order *order);
void eii_task_free(struct eii_task *task);
EII_DEFINE_AUTO(eii_task);

/* What CONVERTED says beside the fields. */
struct eii_converted_note {
	char plain_id[EII_ID_BYTES];
	uint8_t identity[EII_CORE_IDENTITY_BYTES];
	uint8_t head_identity[EII_CORE_IDENTITY_BYTES];
	char detail[EII_CONVERSION_DETAIL_MAX];
	struct eii_verdict verdict;
};

/* A fact with what it needs; its pointers are the note's own. */
struct eii_note {
	struct eii_fact fact;
	char *text;
	char *draft_id;
	void *list;
	char *raw;       /* MAILBOX_BODY that came: len bytes and a NUL */
	uint16_t slot;   /* QUEUE_OUTCOME: of a report; EII_NOTE_NO_SLOT = author, marking */
	uint8_t index;   /* of its messages */
	int64_t sent_ms; /* when it was sent */
	/* CONVERTED and MADE: what is the parcel's from now on, and of which; NULL = nothing. */
	struct eii_parcel *parcel;
	struct eii_converted_note *converted;
	struct eii_fields *fields;
	struct eii_report *report;
};
#define EII_NOTE_NO_SLOT UINT16_MAX

struct eii_note *eii_note_new(enum eii_fact_type type, uint64_t order);
void eii_note_free(struct eii_note *note);
EII_DEFINE_AUTO(eii_note);
void eii_note_set_text(struct eii_note *note, const char *text);
void eii_note_set_draft(struct eii_note *note, const char *draft_id);

/*
 * The failure of an order, NULL = of none; type is that of the part's failures.
 * What was cut at its deadline took too long.
 */
struct eii_note *eii_note_of_failure(enum eii_fact_type type, const struct eii_order *order,
				     enum eii_rc rc, const struct eii_error *err);

struct eii_lane;

/* notes and beat_ms (where the driver's signs of life go) are borrowed. */
struct eii_lane *eii_lane_new(struct eii_queue *notes, _Atomic int64_t *beat_ms);
void eii_lane_free(struct eii_lane *lane);
EII_DEFINE_AUTO(eii_lane);

/* ---- the heart's side -------------------------------------------------- */

/*
 * Takes the task; the driver has it from hand_over on, which wakes it once for
 * all that was posted. Never waits: the core has a bounded number of orders out.
 */
void eii_lane_post(struct eii_lane *lane, struct eii_task *task);
void eii_lane_hand_over(struct eii_lane *lane);

/* When the first of the orders that are out is to be cut; INT64_MAX = none. */
int64_t eii_lane_due_ms(const struct eii_lane *lane);
void eii_lane_answered(struct eii_lane *lane, uint64_t order);

void eii_lane_cut(struct eii_lane *lane);

/* What else is to be done for a cut, in the heart's thread; once, before threads start. */
void eii_lane_on_cut(struct eii_lane *lane, void (*end)(void *arg), void *arg);

/* For good: the driver ends what it is at, and its thread. Any thread. */
void eii_lane_close(struct eii_lane *lane);

/* ---- the driver's side ------------------------------------------------- */

/* Requested by a cut; reset by begin. For the network waits of the driver's libraries. */
struct eii_stop *eii_lane_stop(struct eii_lane *lane);

/* For poll(): readable while there is a task, and once closed. */
int eii_lane_fd(const struct eii_lane *lane);
bool eii_lane_is_closed(struct eii_lane *lane);

/* The next task, the caller's; NULL: none now. */
struct eii_task *eii_lane_take(struct eii_lane *lane);

/* As take, but waits for one; NULL: closed. */
struct eii_task *eii_lane_wait(struct eii_lane *lane);

/* False: the task has been cut already, and is to be answered so. */
bool eii_lane_begin(struct eii_lane *lane, const struct eii_task *task);

/* The same for a task beside another one, whose cut is left alone. */
bool eii_lane_is_cut(const struct eii_lane *lane, const struct eii_task *task);

/* A sign of life; the next one may take until this instant (0 = no longer than usual). */
void eii_lane_beat(struct eii_lane *lane, int64_t until_ms);

/* Takes the note. */
void eii_lane_tell(struct eii_lane *lane, struct eii_note *note);

#endif
