/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one Work of ours that the platform has not accounted for. It is told what
 * the broker has confirmed, closed when all that was sent under it has its
 * outcome at the broker, then watched until the platform has processed it. Its
 * numbers live in the ledger of the state.
 */
#ifndef EII_CORE_WORK_H
#define EII_CORE_WORK_H

#include "eii/state/document.h"
#include "policy.h"

#define EII_WORK_TELL_MS       1000
#define EII_WORK_LOOK_FIRST_MS 250
#define EII_WORK_LOOK_LAST_MS  60000
/* A queue empty at so many looks over such a time, and processed unmoved for so long: lost. */
#define EII_WORK_EMPTY_LOOKS 3
#define EII_WORK_EMPTY_MS    (2 * 60 * 1000)
/* A single run has no two minutes; the 15 minutes are counted over several of them. */
#define EII_WORK_EMPTY_ONCE_MS 1000
#define EII_WORK_UNMOVED_MS    (15 * 60 * 1000)
#define EII_WORK_OLD_S         (7 * 86400) /* the platform cleans up what is older */

enum eii_work_call {
	EII_WORK_NOTHING,
	EII_WORK_FIND,
	EII_WORK_ADD,
	EII_WORK_TELL,
	EII_WORK_CLOSE,
	EII_WORK_LOOK,
	EII_WORK_SIZE, /* of the queue, for the verdict */
};

enum eii_work_verdict {
	EII_VERDICT_NONE,      /* what waits is still imported: asked again */
	EII_VERDICT_ACCOUNTED, /* processed, errors told */
	EII_VERDICT_REFUSED,   /* processed, but with errors that a right or a marking mends */
	EII_VERDICT_LOST,      /* broker or platform lost what had been confirmed */
	EII_VERDICT_UNSURE,    /* messages without an outcome may hide a loss */
	EII_VERDICT_CLEARED,   /* by someone */
	EII_VERDICT_CLEANED,   /* by the platform: too old */
	EII_VERDICT_CANNOT_SAY,
};

struct eii_work {
	struct eii_ledger *ledger; /* the store's: id, sent, told, closed */
	enum eii_work_call under_way;
	struct eii_attempt attempt;
	bool is_wanted;  /* the run needs one */
	bool must_find;  /* one may be open whose id never came: looked for before another is */
	bool must_size;  /* left by a kill: what waits counts as well, and is asked for first */
	bool must_look;  /* an answer was lost: asked before anything else */
	bool is_checked; /* seen alive since the last message: it may be closed */
	bool can_say;    /* the platform can tell its counts */
	bool has_told_unknown; /* what went first under it was not imported for long */
	uint32_t telling;      /* in the call under way */
	uint32_t sent_before;  /* under it when this life began; behind them */
	uint32_t n_objects;    /* come author and marking, confirmed in this life */
	int64_t tell_ms, look_ms, look_wait_ms;
	int64_t share_ms; /* not closed before: mails that are announced may yet join it; 0 = at
			     once */
	uint32_t processed, expected;
	bool has_counts;
	int64_t moved_ms; /* when processed last moved */
	int64_t empty_ms; /* the queue is empty since; 0 = it is not */
	unsigned n_empty;
	char kept_draft[EII_DOCUMENT_WORK_BYTES]; /* for the next one; "" = none */
	uint32_t n_mendable, n_other;             /* errors told so far */
	enum eii_event_type reason;               /* with which it is closed */
	uint64_t n_found, n_reports, n_fallbacks; /* for its text */
};

void eii_work_init(struct eii_work *work, struct eii_ledger *ledger);

/* After registering: what the ledger names goes on. */
enum eii_work_voice { EII_WORK_CANNOT_SAY, EII_WORK_CAN_SAY };
void eii_work_adopt(struct eii_work *work, struct eii_pulse *pulse, enum eii_work_voice voice);

bool eii_work_is_open(const struct eii_work *work);

/* Messages may go under it: it is open, not left, and all that is asked of it is answered. */
bool eii_work_is_ready(const struct eii_work *work);

/* A message under it was confirmed; an object is an author or a marking. */
void eii_work_count(struct eii_work *work);
void eii_work_count_object(struct eii_work *work);

/* How many reports, of n_reports of this life, the platform has not processed yet. */
uint64_t eii_work_reports_waiting(const struct eii_work *work, uint64_t n_reports);

/* One under it has no outcome. Its report is on the platform: it counts as confirmed. */
void eii_work_lose(struct eii_work *work);
void eii_work_found(struct eii_work *work);

/* What to call now. At rest nothing is under way that may still go under it. */
enum eii_work_use { EII_WORK_IN_USE, EII_WORK_AT_REST };
enum eii_work_call eii_work_due(struct eii_work *work, struct eii_pulse *pulse,
				enum eii_work_use use);
enum eii_order_type eii_work_order_of(enum eii_work_call call);
void eii_work_begin(struct eii_work *work, struct eii_pulse *pulse, enum eii_work_call call);

void eii_work_opened(struct eii_work *work, struct eii_pulse *pulse, const char *id);
/* The draft that its messages go to; NULL = none. */
void eii_work_take_draft(struct eii_work *work, const char *id);
/* What went to its draft may be there: the next Work goes on in it. */
void eii_work_keep_draft(struct eii_work *work);
/* Mails of the next runs may join it until then. */
void eii_work_share(struct eii_work *work, int64_t until_ms);
/* One that nobody has named goes on, once it is known what waits; NULL: there is none. */
void eii_work_searched(struct eii_work *work, struct eii_pulse *pulse, const char *id);
void eii_work_told(struct eii_work *work, struct eii_pulse *pulse);
void eii_work_closed(struct eii_work *work, struct eii_pulse *pulse);
void eii_work_failed(struct eii_work *work, struct eii_pulse *pulse,
		     const struct eii_failure *failure);
enum eii_work_verdict eii_work_seen(struct eii_work *work, struct eii_pulse *pulse,
				    const struct eii_fact *fact);
enum eii_work_verdict eii_work_sized(struct eii_work *work, struct eii_pulse *pulse,
				     const struct eii_fact *fact);

/* What was under it goes again under another: it is closed with the reason, then let go. */
void eii_work_leave(struct eii_work *work, enum eii_event_type reason);

/* It is none of ours any more. */
void eii_work_let_go(struct eii_work *work);

#endif
