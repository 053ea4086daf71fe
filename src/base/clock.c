/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/clock.h"

#include <time.h>

int64_t eii_clock_monotonic_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t eii_clock_unix_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t eii_clock_unix_s(void)
{
	return eii_clock_unix_us() / 1000000;
}

int eii_clock_left_ms(int64_t deadline_ms)
{
	int64_t left = deadline_ms - eii_clock_monotonic_ms();

	if (left < 0)
		return 0;
	return left > INT32_MAX ? INT32_MAX : (int)left;
}
