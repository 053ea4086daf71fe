/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is the process alive, and can it do its work? Alive: the heart and the
 * drivers' threads give signs of life, and runs begin when they are due. Ready:
 * it is registered, each server that it needs answers, and nothing waits for a
 * person.
 */
#ifndef EII_MONITOR_HEALTH_H
#define EII_MONITOR_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/buf.h"
#include "eii/monitor/watched.h"

/*
 * A thread may be away for one bounded step at a time: an order with its
 * deadline, which is the sign of life until then, or a frame to the broker (30 s).
 */
#define EII_HEALTH_BEAT_S  180 /* without a sign of life: not alive */
#define EII_HEALTH_STUCK_S 300 /* then the process ends itself */
#define EII_HEALTH_LATE_S  60  /* a run that has not begun so long after its time: not alive */

/* A part that the core cannot use for so long is told. */
#define EII_HEALTH_FAULT_S 60

/* Server limits: an outage is told after this long, */
#define EII_HEALTH_FAILING_S 30
/* and silence without an outage: the platform is pinged every 40 s, */
#define EII_HEALTH_PLATFORM_SILENT_S 120
/* the mailbox is looked at each period, and a run may pause for another one. */
#define EII_HEALTH_MAILBOX_SILENT_S(period_s) (2 * (int64_t)(period_s) + 600)

/* Both add one line for each thing looked at, and return whether all is well. */
bool eii_health_is_live(const struct eii_watched *watched, struct eii_instant now,
			struct eii_buf *out);
bool eii_health_is_ready(const struct eii_watched *watched, struct eii_instant now,
			 struct eii_buf *out);

/* The name of a thread that stands still for EII_HEALTH_STUCK_S, or NULL. */
const char *eii_health_stuck(const struct eii_stats *stats, int64_t now_ms);

#endif
