/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a run begins: at the start, a period after the last one, at a signal;
 * later where something failed or the platform's queue is over its threshold,
 * and at once after a reset. A run that is due always begins or says why not.
 */
#ifndef EII_CORE_SCHEDULE_H
#define EII_CORE_SCHEDULE_H

#include "policy.h"

#define EII_SCHEDULE_SIZE_MS 5000 /* between two looks at the platform's queue */
#define EII_SCHEDULE_BACK_MS 2000 /* before the first going back, then 1 minute to 1 hour */

struct eii_schedule {
	int64_t due_ms;     /* of the next run */
	bool is_size_fresh; /* asked since the run became due */
	bool is_asking;
	int64_t size_ms; /* when it is asked for next */
	bool is_over;    /* the threshold */
	int64_t over_ms; /* since */
	double queue_bytes, queue_messages;
	struct eii_attempt size;
	struct eii_attempt run; /* runs that failed in a row */
	unsigned n_back;        /* goings back in a row */
	int64_t last_run_unix_s, next_run_unix_s;
};

void eii_schedule_init(struct eii_schedule *schedule);

/* The next run is due in so many milliseconds. */
void eii_schedule_in(struct eii_schedule *schedule, struct eii_pulse *pulse, int64_t ms);
void eii_schedule_now(struct eii_schedule *schedule, struct eii_pulse *pulse);
void eii_schedule_after_period(struct eii_schedule *schedule, struct eii_pulse *pulse);
void eii_schedule_after_going_back(struct eii_schedule *schedule, struct eii_pulse *pulse);

/* The queue's size is to be asked for: before a run that is due, and while mails flow. */
bool eii_schedule_wants_size(struct eii_schedule *schedule, struct eii_pulse *pulse,
			     enum eii_phase phase);
void eii_schedule_sized(struct eii_schedule *schedule, struct eii_pulse *pulse,
			const struct eii_fact *fact);
void eii_schedule_size_failed(struct eii_schedule *schedule, struct eii_pulse *pulse,
			      const struct eii_failure *failure);

/* A run may begin: it is due, and the queue is known to be under its threshold, or unknown. */
bool eii_schedule_may_begin(struct eii_schedule *schedule, struct eii_pulse *pulse);

/* Over the threshold for a whole period. */
bool eii_schedule_is_paused_out(struct eii_schedule *schedule, struct eii_pulse *pulse);

#endif
