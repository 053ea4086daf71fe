/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a seed makes of a world before it begins: which faults, how often, how
 * many mails, which settings, how fast everybody is. Cuts take from it what a
 * failing world does not need.
 */
#ifndef SIM_PLAN_H
#define SIM_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "fault.h"

#define SIM_MAILS    1024 /* of a world, at most */
#define SIM_INSTANTS 64

struct sim_cuts {
	bool without[SIM_FAULTS];
	bool skip[SIM_INSTANTS]; /* instants by their number */
	uint32_t max_mails;      /* 0 = as planned */
	uint32_t max_chaos_s;    /* 0 = as planned */
	uint32_t soak_hours;     /* 0 = a world like any other */
};

struct sim_instant {
	enum sim_fault fault;
	int64_t at_ms, for_ms;
};

struct sim_plan {
	uint64_t seed;
	bool has[SIM_FAULTS];
	uint32_t ppm[SIM_FAULTS]; /* of those that have a rate */
	uint32_t n_instants;
	struct sim_instant instants[SIM_INSTANTS];
	uint32_t n_first, n_mails; /* in the folder at the start, in all */
	int64_t chaos_ms;
	int64_t mailbox_ms, broker_ms, platform_ms, converter_ms, worker_ms; /* usual pace */
	uint64_t budget_bytes, max_mail_bytes, window_bytes, limit_bytes;
	uint64_t typical_bytes; /* of a mail */
	uint32_t budget_mails, window_messages, scan_bytes;
	int64_t period_s, start_period_s;
	double threshold_bytes;
	bool is_once, is_distinct, is_crowded; /* crowded: many mails of one name and second */
	uint32_t max_kills;
	bool is_soak;
};

void sim_plan_make(struct sim_plan *plan, uint64_t seed, const struct sim_cuts *cuts);

#endif
