/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/stats.h"

const uint32_t eii_times_bounds_ms[EII_TIMES_BOUNDS] = {
	1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10000, 30000, 60000, 300000, 1800000, 7200000,
};

void eii_times_add(struct eii_times *times, int64_t ms)
{
	uint64_t taken = ms > 0 ? (uint64_t)ms : 0;
	size_t i = 0;

	while (i < EII_TIMES_BOUNDS && taken > eii_times_bounds_ms[i])
		i++;
	(void)atomic_fetch_add(&times->buckets[i], 1);
	(void)atomic_fetch_add(&times->sum_ms, taken);
}
