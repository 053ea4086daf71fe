/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/backoff.h"

#include <sys/random.h>

uint32_t eii_backoff_next(struct eii_backoff *backoff)
{
	uint64_t whole = backoff->first_ms;
	uint32_t random = 0;

	for (uint32_t i = 0; i < backoff->n_failures && whole < backoff->max_ms; i++)
		whole *= 2;
	if (whole > backoff->max_ms)
		whole = backoff->max_ms;
	backoff->n_failures++;
	/* Without entropy the wait is the shortest one: still a wait. */
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != (ssize_t)sizeof(random))
		random = 0;
	whole = whole / 2 + whole * random / (2 * (uint64_t)UINT32_MAX);
	return whole ? (uint32_t)whole : 1;
}
