/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/uid_set.h"

#include <stdlib.h>

#include "eii/base/alloc.h"

void eii_uid_set_clear(struct eii_uid_set *set)
{
	free(set->ranges);
	*set = (struct eii_uid_set){ 0 };
}

void eii_uid_set_add_range(struct eii_uid_set *set, uint32_t first, uint32_t last)
{
	struct eii_uid_range *end = set->n ? &set->ranges[set->n - 1] : NULL;

	/* Servers answer in order nearly always: the last range grows. */
	if (end && end->last != UINT32_MAX && first == end->last + 1) {
		end->last = last;
		return;
	}
	if (!set->ranges || set->n == set->capacity) {
		set->capacity = set->capacity ? set->capacity * 2 : 16;
		set->ranges = eii_realloc(set->ranges, set->capacity, sizeof(*set->ranges));
	}
	set->ranges[set->n++] = (struct eii_uid_range){ .first = first, .last = last };
}

static int by_first(const void *a, const void *b)
{
	uint32_t x = ((const struct eii_uid_range *)a)->first;
	uint32_t y = ((const struct eii_uid_range *)b)->first;

	return (x > y) - (x < y);
}

/* Cuts a range to first..last; false when nothing of it is left. */
static bool clip(struct eii_uid_range *range, uint32_t first, uint32_t last)
{
	if (range->first < first)
		range->first = first;
	if (range->last > last)
		range->last = last;
	return range->first <= range->last;
}

void eii_uid_set_sort(struct eii_uid_set *set, uint32_t first, uint32_t last)
{
	size_t n = 0;

	if (set->n)
		qsort(set->ranges, set->n, sizeof(*set->ranges), by_first);
	for (size_t i = 0; i < set->n; i++) {
		struct eii_uid_range range = set->ranges[i];
		struct eii_uid_range *end = n ? &set->ranges[n - 1] : NULL;

		if (!clip(&range, first, last))
			continue;
		if (end && range.first <= end->last + (end->last != UINT32_MAX)) {
			end->last = range.last > end->last ? range.last : end->last;
			continue;
		}
		set->ranges[n++] = range;
	}
	set->n = n;
	set->at = 0;
	set->next = n ? set->ranges[0].first : 0;
}

uint64_t eii_uid_set_count(const struct eii_uid_set *set)
{
	uint64_t count = 0;

	for (size_t i = 0; i < set->n; i++)
		count += (uint64_t)set->ranges[i].last - set->ranges[i].first + 1;
	return count;
}

bool eii_uid_set_is_done(const struct eii_uid_set *set)
{
	return set->at >= set->n;
}

size_t eii_uid_set_take(struct eii_uid_set *set, uint32_t *out, size_t max)
{
	size_t n = 0;

	while (n < max && set->at < set->n) {
		out[n++] = set->next;
		if (set->next++ != set->ranges[set->at].last)
			continue;
		if (++set->at < set->n)
			set->next = set->ranges[set->at].first;
	}
	return n;
}

void eii_uid_set_seek(struct eii_uid_set *set, uint32_t after)
{
	size_t low = 0, high = set->n;

	/* The first range that reaches beyond it. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (set->ranges[middle].last > after)
			high = middle;
		else
			low = middle + 1;
	}
	set->at = low;
	if (low < set->n)
		set->next = set->ranges[low].first > after ? set->ranges[low].first : after + 1;
}
