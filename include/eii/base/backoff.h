/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long to wait before the next try: doubles from first_ms up to max_ms, and
 * of that a random share between a half and the whole, so that a fleet that
 * lost one server does not come back in step.
 */
#ifndef EII_BASE_BACKOFF_H
#define EII_BASE_BACKOFF_H

#include <stdint.h>

struct eii_backoff {
	uint32_t first_ms;
	uint32_t max_ms;
	uint32_t n_failures; /* since the last success */
};

/* Counts a failure and gives the wait in milliseconds, 1 to max_ms. */
uint32_t eii_backoff_next(struct eii_backoff *backoff);

static inline void eii_backoff_succeeded(struct eii_backoff *backoff)
{
	backoff->n_failures = 0;
}

#endif
