/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of mail that may be in the process at once. fetch reserves a mail's
 * bytes before its FETCH, publish returns them when the mail is settled. A mail
 * over the whole budget goes alone, when nothing else is out. Two threads.
 */
#ifndef EII_INGEST_BUDGET_H
#define EII_INGEST_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/cleanup.h"

/* What a mail costs beside its bytes (its struct, allocator, report). */
#define EII_BUDGET_OVERHEAD_BYTES 1024

struct eii_budget;

struct eii_budget *eii_budget_new(size_t max_bytes, size_t max_mails);
void eii_budget_free(struct eii_budget *budget);
EII_DEFINE_AUTO(eii_budget);

/*
 * Reserves the bytes; where it has to wait it waits until half of the budget is
 * free, so that chunks do not shrink to single mails. False when it was aborted
 * meanwhile. What was reserved is given back by release() with the same number.
 */
bool eii_budget_reserve(struct eii_budget *budget, size_t bytes);

/*
 * The mail came with other bytes than the server had said: what was reserved
 * for it becomes bytes, over the budget if need be.
 */
void eii_budget_correct(struct eii_budget *budget, size_t reserved, size_t bytes);

/* Reserves at once, over the budget if need be: for a mail of which nothing is kept. */
void eii_budget_force(struct eii_budget *budget, size_t bytes);

/* Reserves only if that needs no waiting. */
bool eii_budget_try_reserve(struct eii_budget *budget, size_t bytes);
void eii_budget_release(struct eii_budget *budget, size_t bytes);

/* Over the platform's queue threshold nothing more is reserved. */
void eii_budget_pause(struct eii_budget *budget);
void eii_budget_resume(struct eii_budget *budget);

/* Wakes who waits with false, until reset. */
void eii_budget_abort(struct eii_budget *budget);
void eii_budget_reset(struct eii_budget *budget);

size_t eii_budget_used(struct eii_budget *budget);

#endif
