/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/budget.h"

#include <pthread.h>
#include <stdlib.h>

#include "eii/base/alloc.h"

struct eii_budget {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t max_bytes, max_mails;
	size_t used_bytes, n_mails;
	bool paused, aborted;
};

struct eii_budget *eii_budget_new(size_t max_bytes, size_t max_mails)
{
	struct eii_budget *budget = EII_NEW(struct eii_budget);

	if (pthread_mutex_init(&budget->lock, NULL) || pthread_cond_init(&budget->changed, NULL))
		abort();
	budget->max_bytes = max_bytes;
	budget->max_mails = max_mails;
	return budget;
}

void eii_budget_free(struct eii_budget *budget)
{
	if (!budget)
		return;
	(void)pthread_cond_destroy(&budget->changed);
	(void)pthread_mutex_destroy(&budget->lock);
	free(budget);
}

static bool fits(const struct eii_budget *budget, size_t cost)
{
	if (budget->paused)
		return false;
	if (budget->n_mails == 0)
		return true;
	return budget->n_mails < budget->max_mails && budget->used_bytes < budget->max_bytes &&
	       cost <= budget->max_bytes - budget->used_bytes;
}

static bool is_half_empty(const struct eii_budget *budget)
{
	return budget->used_bytes <= budget->max_bytes / 2 &&
	       budget->n_mails <= budget->max_mails / 2;
}

static void take(struct eii_budget *budget, size_t cost)
{
	budget->used_bytes += cost;
	budget->n_mails++;
}

bool eii_budget_reserve(struct eii_budget *budget, size_t bytes)
{
	size_t cost = bytes + EII_BUDGET_OVERHEAD_BYTES;
	bool taken = false;

	(void)pthread_mutex_lock(&budget->lock);
	if (!fits(budget, cost)) {
		while (!budget->aborted && !(fits(budget, cost) && is_half_empty(budget)))
			(void)pthread_cond_wait(&budget->changed, &budget->lock);
	}
	if (!budget->aborted) {
		take(budget, cost);
		taken = true;
	}
	(void)pthread_mutex_unlock(&budget->lock);
	return taken;
}

bool eii_budget_try_reserve(struct eii_budget *budget, size_t bytes)
{
	size_t cost = bytes + EII_BUDGET_OVERHEAD_BYTES;
	bool taken = false;

	(void)pthread_mutex_lock(&budget->lock);
	if (!budget->aborted && fits(budget, cost)) {
		take(budget, cost);
		taken = true;
	}
	(void)pthread_mutex_unlock(&budget->lock);
	return taken;
}

void eii_budget_force(struct eii_budget *budget, size_t bytes)
{
	(void)pthread_mutex_lock(&budget->lock);
	take(budget, bytes + EII_BUDGET_OVERHEAD_BYTES);
	(void)pthread_mutex_unlock(&budget->lock);
}

void eii_budget_correct(struct eii_budget *budget, size_t reserved, size_t bytes)
{
	(void)pthread_mutex_lock(&budget->lock);
	budget->used_bytes = budget->used_bytes - reserved + bytes;
	(void)pthread_mutex_unlock(&budget->lock);
}

void eii_budget_release(struct eii_budget *budget, size_t bytes)
{
	(void)pthread_mutex_lock(&budget->lock);
	budget->used_bytes -= bytes + EII_BUDGET_OVERHEAD_BYTES;
	budget->n_mails--;
	(void)pthread_cond_signal(&budget->changed);
	(void)pthread_mutex_unlock(&budget->lock);
}

static void set_flag(struct eii_budget *budget, bool *flag, bool value)
{
	(void)pthread_mutex_lock(&budget->lock);
	*flag = value;
	(void)pthread_cond_broadcast(&budget->changed);
	(void)pthread_mutex_unlock(&budget->lock);
}

void eii_budget_pause(struct eii_budget *budget)
{
	set_flag(budget, &budget->paused, true);
}

void eii_budget_resume(struct eii_budget *budget)
{
	set_flag(budget, &budget->paused, false);
}

void eii_budget_abort(struct eii_budget *budget)
{
	set_flag(budget, &budget->aborted, true);
}

void eii_budget_reset(struct eii_budget *budget)
{
	set_flag(budget, &budget->aborted, false);
}

size_t eii_budget_used(struct eii_budget *budget)
{
	size_t used;

	(void)pthread_mutex_lock(&budget->lock);
	used = budget->used_bytes;
	(void)pthread_mutex_unlock(&budget->lock);
	return used;
}
