/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/state/cursor.h"

#include <stdbool.h>
#include <stdlib.h>

#include "eii/base/alloc.h"

#define FIRST_CAPACITY 64 /* a power of two, as every later one */

struct entry {
	uint32_t uid;
	bool is_settled;
};

/* A ring of the UIDs from the oldest unsettled one on, rising. */
struct eii_cursor {
	struct entry *entries;
	size_t capacity;
	size_t first, n;
	uint32_t value;
	uint32_t newest; /* highest UID ever added or passed by a reset */
};

static struct entry *at(const struct eii_cursor *cursor, size_t i)
{
	return &cursor->entries[(cursor->first + i) & (cursor->capacity - 1)];
}

struct eii_cursor *eii_cursor_new(void)
{
	struct eii_cursor *cursor = EII_NEW(struct eii_cursor);

	cursor->capacity = FIRST_CAPACITY;
	cursor->entries = eii_calloc(cursor->capacity, sizeof(*cursor->entries));
	return cursor;
}

void eii_cursor_free(struct eii_cursor *cursor)
{
	if (!cursor)
		return;
	free(cursor->entries);
	free(cursor);
}

void eii_cursor_reset(struct eii_cursor *cursor, uint32_t value)
{
	cursor->first = 0;
	cursor->n = 0;
	cursor->value = value;
	cursor->newest = value;
}

static void grow(struct eii_cursor *cursor)
{
	struct entry *entries = eii_calloc(cursor->capacity * 2, sizeof(*entries));

	for (size_t i = 0; i < cursor->n; i++)
		entries[i] = *at(cursor, i);
	free(cursor->entries);
	cursor->entries = entries;
	cursor->capacity *= 2;
	cursor->first = 0;
}

void eii_cursor_add(struct eii_cursor *cursor, uint32_t uid)
{
	if (uid <= cursor->newest)
		return;
	if (cursor->n == cursor->capacity)
		grow(cursor);
	*at(cursor, cursor->n) = (struct entry){ .uid = uid };
	cursor->n++;
	cursor->newest = uid;
}

static struct entry *find(const struct eii_cursor *cursor, uint32_t uid)
{
	size_t low = 0, high = cursor->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (at(cursor, middle)->uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < cursor->n && at(cursor, low)->uid == uid ? at(cursor, low) : NULL;
}

void eii_cursor_settle(struct eii_cursor *cursor, uint32_t uid)
{
	struct entry *entry = find(cursor, uid);

	if (!entry || entry->is_settled)
		return;
	entry->is_settled = true;
	while (cursor->n && at(cursor, 0)->is_settled) {
		cursor->value = at(cursor, 0)->uid;
		cursor->first = (cursor->first + 1) & (cursor->capacity - 1);
		cursor->n--;
	}
}

uint32_t eii_cursor_value(const struct eii_cursor *cursor)
{
	return cursor->value;
}
