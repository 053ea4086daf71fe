/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time: a monotonic clock for deadlines and a wall clock for what is written
 * down. A deadline is an instant of the monotonic clock in milliseconds.
 */
#ifndef EII_BASE_CLOCK_H
#define EII_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since the machine started, its sleep included; never goes back. */
int64_t eii_clock_monotonic_ms(void);

/* Microseconds and seconds since 1970-01-01T00:00:00Z. */
int64_t eii_clock_unix_us(void);
int64_t eii_clock_unix_s(void);

/* Milliseconds left until the deadline, from 0 to INT32_MAX: fit for poll(). */
int eii_clock_left_ms(int64_t deadline_ms);

#endif
