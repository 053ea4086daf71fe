/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of UIDs kept as ranges: a mailbox of a million mails is mostly one.
 * Filled by add (any order), made ready by sort, then walked upwards.
 */
#ifndef EII_INGEST_UID_SET_H
#define EII_INGEST_UID_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eii_uid_range {
	uint32_t first;
	uint32_t last;
};

struct eii_uid_set {
	struct eii_uid_range *ranges; /* owned */
	size_t n;
	size_t capacity;
	/* Where take() stands. */
	size_t at;
	uint32_t next;
};

/* A zeroed struct is an empty set. */
void eii_uid_set_clear(struct eii_uid_set *set);
void eii_uid_set_add_range(struct eii_uid_set *set, uint32_t first, uint32_t last);

/* Puts the ranges in order, joins them, and keeps only first..last; rewinds take(). */
void eii_uid_set_sort(struct eii_uid_set *set, uint32_t first, uint32_t last);

/* UIDs in the set, those taken included. */
uint64_t eii_uid_set_count(const struct eii_uid_set *set);

/* Writes up to max next UIDs, ascending, and returns how many. */
size_t eii_uid_set_take(struct eii_uid_set *set, uint32_t *out, size_t max);
bool eii_uid_set_is_done(const struct eii_uid_set *set);

/* take() goes on with the lowest UID above after; the set is sorted. */
void eii_uid_set_seek(struct eii_uid_set *set, uint32_t after);

#endif
