/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ends a process in which a thread stands still, for deployments that have no
 * probes: whoever started it starts it anew.
 */
#ifndef EII_APP_GUARD_H
#define EII_APP_GUARD_H

#include <stdint.h>

#include "eii/ingest/stats.h"

#define EII_GUARD_CHECK_MS 10000
/*
 * So many checks in a row: a process that was frozen as a whole (docker pause)
 * finds old signs of life when it wakes.
 */
#define EII_GUARD_CHECKS 3

/* Zeroed before. */
struct eii_guard {
	int64_t due_ms; /* of the next check, monotonic */
	unsigned n_stuck;
};

/*
 * To be called at least every EII_GUARD_CHECK_MS. Does not return (exit code 70)
 * when a thread gave no sign of life for EII_HEALTH_STUCK_S.
 */
void eii_guard_check(struct eii_guard *guard, const struct eii_stats *stats, int64_t now_ms);

#endif
