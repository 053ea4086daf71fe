/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/amqp/confirms.h"

#include "eii/base/alloc.h"

#define FIRST_CAPACITY 128 /* a power of two, as every capacity after it */

enum entry_state { ENTRY_OPEN, ENTRY_RETURNED, ENTRY_SETTLED };

struct entry {
	uint64_t number;
	uint64_t body_bytes;
	enum entry_state state;
};

struct eii_confirms {
	/* Entry of tag t stands at t modulo capacity; tags from oldest_tag to next_tag - 1. */
	struct entry *entries;
	size_t capacity;
	uint64_t oldest_tag; /* of an unsettled message, or = next_tag */
	uint64_t next_tag;
	size_t n_pending;
	uint64_t n_acked;

	struct eii_publish_outcome *outcomes; /* a ring */
	size_t outcome_capacity;
	size_t first_outcome;
	size_t n_outcomes;
};

struct eii_confirms *eii_confirms_new(void)
{
	struct eii_confirms *confirms = EII_NEW(struct eii_confirms);

	confirms->capacity = FIRST_CAPACITY;
	confirms->entries = eii_calloc(FIRST_CAPACITY, sizeof(struct entry));
	confirms->outcome_capacity = FIRST_CAPACITY;
	confirms->outcomes = eii_calloc(FIRST_CAPACITY, sizeof(struct eii_publish_outcome));
	confirms->oldest_tag = 1;
	confirms->next_tag = 1;
	return confirms;
}

void eii_confirms_free(struct eii_confirms *confirms)
{
	if (!confirms)
		return;
	free(confirms->entries);
	free(confirms->outcomes);
	free(confirms);
}

static struct entry *entry_of(const struct eii_confirms *confirms, uint64_t tag)
{
	return &confirms->entries[tag & (confirms->capacity - 1)];
}

static void grow_entries(struct eii_confirms *confirms)
{
	struct eii_confirms wider = *confirms;

	wider.capacity = confirms->capacity * 2;
	wider.entries = eii_calloc(wider.capacity, sizeof(struct entry));
	for (uint64_t tag = confirms->oldest_tag; tag < confirms->next_tag; tag++)
		*entry_of(&wider, tag) = *entry_of(confirms, tag);
	free(confirms->entries);
	*confirms = wider;
}

enum eii_rc eii_confirms_add(struct eii_confirms *confirms, uint64_t number, uint64_t body_bytes,
			     struct eii_error *err)
{
	uint64_t n_used = confirms->next_tag - confirms->oldest_tag;

	if (n_used + confirms->n_outcomes >= EII_CONFIRMS_MAX_PENDING)
		return eii_fail(err, EII_REJECT, "more than %d messages wait for their confirm",
				EII_CONFIRMS_MAX_PENDING);
	if (n_used == confirms->capacity)
		grow_entries(confirms);
	*entry_of(confirms, confirms->next_tag++) =
		(struct entry){ .number = number, .body_bytes = body_bytes, .state = ENTRY_OPEN };
	confirms->n_pending++;
	return EII_OK;
}

void eii_confirms_undo(struct eii_confirms *confirms)
{
	confirms->next_tag--;
	confirms->n_pending--;
}

static void grow_outcomes(struct eii_confirms *confirms)
{
	size_t capacity = confirms->outcome_capacity * 2;
	struct eii_publish_outcome *outcomes = eii_calloc(capacity, sizeof(*outcomes));

	for (size_t i = 0; i < confirms->n_outcomes; i++)
		outcomes[i] = confirms->outcomes[(confirms->first_outcome + i) &
						 (confirms->outcome_capacity - 1)];
	free(confirms->outcomes);
	confirms->outcomes = outcomes;
	confirms->outcome_capacity = capacity;
	confirms->first_outcome = 0;
}

static void finish_entry(struct eii_confirms *confirms, struct entry *entry,
			 enum eii_publish_result result, uint64_t limit_bytes)
{
	size_t last;

	if (entry->state == ENTRY_SETTLED)
		return;
	if (entry->state == ENTRY_RETURNED)
		result = EII_PUBLISH_RETURNED;
	if (result == EII_PUBLISH_ACKED)
		confirms->n_acked++;
	entry->state = ENTRY_SETTLED;
	confirms->n_pending--;
	if (confirms->n_outcomes == confirms->outcome_capacity)
		grow_outcomes(confirms);
	last = (confirms->first_outcome + confirms->n_outcomes++) &
	       (confirms->outcome_capacity - 1);
	confirms->outcomes[last] = (struct eii_publish_outcome){ .number = entry->number,
								 .result = result,
								 .limit_bytes = limit_bytes };
}

static void drop_settled(struct eii_confirms *confirms)
{
	while (confirms->oldest_tag < confirms->next_tag &&
	       entry_of(confirms, confirms->oldest_tag)->state == ENTRY_SETTLED)
		confirms->oldest_tag++;
}

enum eii_rc eii_confirms_settle(struct eii_confirms *confirms, uint64_t tag,
				enum eii_confirm_scope scope, enum eii_publish_result result,
				struct eii_error *err)
{
	uint64_t first = tag;

	if (tag == 0 && scope == EII_CONFIRM_UP_TO)
		tag = confirms->next_tag - 1;
	else if (tag == 0 || tag >= confirms->next_tag)
		return eii_fail(err, EII_RETRY, "the broker confirmed message %llu of %llu",
				(unsigned long long)tag,
				(unsigned long long)(confirms->next_tag - 1));
	if (scope == EII_CONFIRM_UP_TO || first < confirms->oldest_tag)
		first = confirms->oldest_tag;
	for (; first <= tag; first++)
		finish_entry(confirms, entry_of(confirms, first), result, 0);
	drop_settled(confirms);
	return EII_OK;
}

bool eii_confirms_mark_returned(struct eii_confirms *confirms, uint64_t number)
{
	for (uint64_t tag = confirms->oldest_tag; tag < confirms->next_tag; tag++) {
		struct entry *entry = entry_of(confirms, tag);

		if (entry->number == number && entry->state == ENTRY_OPEN) {
			entry->state = ENTRY_RETURNED;
			return true;
		}
	}
	return false;
}

bool eii_confirms_mark_too_large(struct eii_confirms *confirms, uint64_t body_bytes,
				 uint64_t limit_bytes)
{
	for (uint64_t tag = confirms->oldest_tag; tag < confirms->next_tag; tag++) {
		struct entry *entry = entry_of(confirms, tag);

		if (entry->body_bytes == body_bytes && entry->state == ENTRY_OPEN) {
			finish_entry(confirms, entry, EII_PUBLISH_TOO_LARGE, limit_bytes);
			drop_settled(confirms);
			return true;
		}
	}
	return false;
}

void eii_confirms_settle_all(struct eii_confirms *confirms, enum eii_publish_result result)
{
	for (uint64_t tag = confirms->oldest_tag; tag < confirms->next_tag; tag++)
		finish_entry(confirms, entry_of(confirms, tag), result, 0);
	drop_settled(confirms);
}

bool eii_confirms_next(struct eii_confirms *confirms, struct eii_publish_outcome *out)
{
	if (confirms->n_outcomes == 0)
		return false;
	*out = confirms->outcomes[confirms->first_outcome];
	confirms->first_outcome = (confirms->first_outcome + 1) & (confirms->outcome_capacity - 1);
	confirms->n_outcomes--;
	return true;
}

size_t eii_confirms_n_pending(const struct eii_confirms *confirms)
{
	return confirms->n_pending;
}

uint64_t eii_confirms_n_acked(const struct eii_confirms *confirms)
{
	return confirms->n_acked;
}
