/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/monitor/watched.h"

#include "eii/base/clock.h"

struct eii_instant eii_instant_now(void)
{
	return (struct eii_instant){ .monotonic_ms = eii_clock_monotonic_ms(),
				     .unix_s = eii_clock_unix_s() };
}
