/* SPDX-License-Identifier: Apache-2.0 */
/* A beat for the core's objects: virtual time, and the orders and events that they gave. */
#ifndef EII_TESTS_CORE_BEAT_H
#define EII_TESTS_CORE_BEAT_H

#include "pulse.h"

#define BEAT_START_MS     1000000
#define BEAT_START_UNIX_S 1790000000

/* A fresh one: static memory, so one at a time. */
struct eii_pulse *beat_new(void);

/* So much time passes, on both clocks. */
void beat_pass(struct eii_pulse *pulse, int64_t ms);

/* A stop begins now. */
void beat_stop(struct eii_pulse *pulse);

/* How many events of the type are among the orders; *out, where not NULL, is the last one. */
unsigned beat_count(const struct eii_pulse *pulse, enum eii_event_type type, struct eii_event *out);

/* All orders are taken. */
void beat_clear(struct eii_pulse *pulse);

/* The test's own chance, below n: what it checks draws from another. */
uint64_t beat_random(uint64_t *seed, uint64_t n);

#endif
