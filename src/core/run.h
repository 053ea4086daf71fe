/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The phase of the run in hand. A phase is left by a fact, never by a count of
 * tries.
 *
 *   IDLE ─due─▶ LOOK ─mail─▶ FLOW ─all settled, or broken─▶ CLOSE ─quiet─▶ IDLE
 *                 └─nothing new────────────────────────────────────────────┘
 */
#ifndef EII_CORE_RUN_H
#define EII_CORE_RUN_H

#include "careful.h"
#include "pulse.h"

#define EII_RUN_PROGRESS_MS 10000
/* The parts of a stop, from its instant. */
#define EII_STOP_CONVERT_MS 3000
#define EII_STOP_CONFIRM_MS 7000
#define EII_STOP_WORK_MS    9200
#define EII_STOP_CUT_MS     1000 /* what is under way at the platform may take so long */
/* A single run waits so long for state, Work and verdict. */
#define EII_ONCE_WAIT_MS 30000

struct eii_run {
	enum eii_phase phase;
	enum eii_event_type reason; /* why it is broken off; NONE = it is not */
	bool has_started;           /* a mail was found, in this turn or one before */
	bool is_start_put;          /* of this turn, as the next three */
	bool is_ready;              /* the start is stored: mails may be fetched */
	bool is_work_wanted;        /* a report is to be made */
	bool has_work; /* messages may go: a Work is open and stored, or none is needed */
	struct eii_careful careful;
	int64_t started_ms, started_unix_s, progress_ms;
	uint64_t n_found, n_settled, n_reports, n_fallbacks;
	uint64_t n_runs, n_failed;
	int64_t last_success_unix_s;
	bool must_wake;   /* a signal came during a run */
	bool must_forget; /* the state is gone: the place goes when nothing is under way */
	/* A single run. */
	bool is_ended; /* the run is over: what is left is state, Work, verdict */
	int64_t ended_ms;
	uint32_t seen_processed;
	unsigned n_unmoved;
	enum eii_over_code code;
};

/* Mails of it are under way, or were in a turn before: what they went by is in use. */
static inline bool eii_run_is_flowing(const struct eii_run *run)
{
	return run->phase == EII_PHASE_FLOW || (run->phase == EII_PHASE_LOOK && run->has_started);
}

#endif
