/* SPDX-License-Identifier: Apache-2.0 */
#include "burst.h"

static bool is_full(const struct eii_burst_ready *ready)
{
	return ready->n >= EII_BURST_MESSAGES || ready->bytes >= EII_BURST_BYTES ||
	       ready->fills_window;
}

bool eii_burst_goes(struct eii_burst *burst, struct eii_pulse *pulse,
		    const struct eii_burst_ready *ready)
{
	if (!ready->n)
		return false;
	if (!burst->since_ms)
		burst->since_ms = pulse->now_ms;
	if (burst->has_begun && !ready->is_last && !is_full(ready) &&
	    !eii_pulse_is_due(pulse, burst->since_ms + EII_BURST_MS))
		return false;
	burst->has_begun = true;
	burst->since_ms = 0;
	return true;
}

void eii_burst_forget(struct eii_burst *burst)
{
	*burst = (struct eii_burst){ 0 };
}
