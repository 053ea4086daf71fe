/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports leave in bursts: a broker takes sixteen messages at once for half of
 * what it takes for them one by one (docs/performance.md). What is ready waits
 * for what is on its way behind it, within the bounds below; the first one of a
 * connection does not.
 */
#ifndef EII_CORE_BURST_H
#define EII_CORE_BURST_H

#include "pulse.h"

#define EII_BURST_MS       20
#define EII_BURST_MESSAGES 32
#define EII_BURST_BYTES    (2u * 1024 * 1024)

struct eii_burst {
	bool has_begun;   /* the connection's first report has gone */
	int64_t since_ms; /* the first that is ready waits since; 0 = none does */
};

/* What could go now. */
struct eii_burst_ready {
	uint16_t n;
	uint64_t bytes;
	bool fills_window; /* nothing more could go with it */
	bool is_last;      /* nothing is on its way behind it; or a stop: it shall be over soon */
};

/* Whether it goes now; if not, the core wakes when it does. */
bool eii_burst_goes(struct eii_burst *burst, struct eii_pulse *pulse,
		    const struct eii_burst_ready *ready);

/* The connection is over. */
void eii_burst_forget(struct eii_burst *burst);

#endif
