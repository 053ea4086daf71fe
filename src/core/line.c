/* SPDX-License-Identifier: Apache-2.0 */
#include "line.h"

static void push_last(struct eii_line *line, enum eii_stage stage, int16_t slot)
{
	struct eii_line_list *list = &line->lists[stage];
	struct eii_entry *entry = &line->entries[slot];

	entry->stage = stage;
	entry->previous = list->last;
	entry->next = -1;
	if (list->last >= 0)
		line->entries[list->last].next = slot;
	else
		list->first = slot;
	list->last = slot;
	list->n++;
}

static void unlink_entry(struct eii_line *line, int16_t slot)
{
	struct eii_entry *entry = &line->entries[slot];
	struct eii_line_list *list = &line->lists[entry->stage];

	if (entry->previous >= 0)
		line->entries[entry->previous].next = entry->next;
	else
		list->first = entry->next;
	if (entry->next >= 0)
		line->entries[entry->next].previous = entry->previous;
	else
		list->last = entry->previous;
	list->n--;
}

/* By UID: mails are converted and sent in its order, wherever they come from. */
static void push_sorted(struct eii_line *line, enum eii_stage stage, int16_t slot)
{
	struct eii_line_list *list = &line->lists[stage];
	struct eii_entry *entry = &line->entries[slot];
	int16_t before = list->last;

	while (before >= 0 && line->entries[before].uid > entry->uid)
		before = line->entries[before].previous;
	if (before == list->last) {
		push_last(line, stage, slot);
		return;
	}
	entry->stage = stage;
	entry->previous = before;
	entry->next = before >= 0 ? line->entries[before].next : list->first;
	if (before >= 0)
		line->entries[before].next = slot;
	else
		list->first = slot;
	line->entries[entry->next].previous = slot;
	list->n++;
}

void eii_line_init(struct eii_line *line)
{
	for (int stage = 0; stage < EII_STAGES; stage++)
		line->lists[stage] = (struct eii_line_list){ .first = -1, .last = -1 };
	for (int16_t slot = 0; slot < EII_CORE_LINE_MAILS; slot++)
		push_last(line, EII_STAGE_FREE, slot);
}

bool eii_line_has_room(struct eii_line *line, const struct eii_pulse *pulse, uint64_t bytes)
{
	const struct eii_core_config *config = &pulse->config;
	uint64_t whole = bytes + EII_LINE_OVERHEAD_BYTES;
	uint16_t used = eii_line_count(line);

	/* A mail over the whole budget goes when nothing else is held. */
	if (used == 0) {
		line->waits_for_room = false;
		return true;
	}
	if (whole > config->budget_bytes)
		return false;
	/* Once full, half of it is waited for: groups must not shrink to single mails. */
	if (line->waits_for_room &&
	    (line->held_bytes > config->budget_bytes / 2 || used > config->budget_mails / 2))
		return false;
	line->waits_for_room =
		line->held_bytes + whole > config->budget_bytes || used >= config->budget_mails;
	return !line->waits_for_room;
}

uint16_t eii_line_take(struct eii_line *line, uint32_t uid, uint64_t bytes)
{
	int16_t slot = line->lists[EII_STAGE_FREE].first;
	struct eii_entry *entry;

	EII_INVARIANT(slot >= 0);
	unlink_entry(line, slot);
	entry = &line->entries[slot];
	*entry = (struct eii_entry){ .uid = uid,
				     .reserved_bytes = bytes + EII_LINE_OVERHEAD_BYTES,
				     .milliseconds = EII_LINE_NO_MS };
	line->held_bytes += entry->reserved_bytes;
	push_sorted(line, EII_STAGE_FETCHING, slot);
	return (uint16_t)slot;
}

void eii_line_correct(struct eii_line *line, uint16_t slot, uint64_t bytes)
{
	struct eii_entry *entry = &line->entries[slot];
	uint64_t whole = bytes + EII_LINE_OVERHEAD_BYTES;

	EII_INVARIANT(whole <= entry->reserved_bytes);
	line->held_bytes -= entry->reserved_bytes - whole;
	entry->reserved_bytes = whole;
}

static uint64_t *bytes_of(struct eii_line *line, enum eii_stage stage)
{
	return stage == EII_STAGE_CONVERTING ? &line->converting_bytes : NULL;
}

void eii_line_move(struct eii_line *line, uint16_t slot, enum eii_stage stage)
{
	struct eii_entry *entry = &line->entries[slot];
	uint64_t *from = bytes_of(line, entry->stage);
	uint64_t *to = bytes_of(line, stage);

	if (from)
		*from -= entry->reserved_bytes;
	if (to)
		*to += entry->reserved_bytes;
	unlink_entry(line, (int16_t)slot);
	push_sorted(line, stage, (int16_t)slot);
}

void eii_line_free(struct eii_line *line, uint16_t slot)
{
	struct eii_entry *entry = &line->entries[slot];
	uint64_t *from = bytes_of(line, entry->stage);

	EII_INVARIANT(entry->stage != EII_STAGE_FREE);
	if (from)
		*from -= entry->reserved_bytes;
	line->held_bytes -= entry->reserved_bytes;
	unlink_entry(line, (int16_t)slot);
	push_last(line, EII_STAGE_FREE, (int16_t)slot);
}

void eii_line_again(struct eii_line *line, uint16_t slot)
{
	struct eii_entry *entry = &line->entries[slot];

	EII_INVARIANT(entry->n_open == 0);
	entry->order = 0;
	entry->n_messages = 0;
	entry->n_sent = 0;
	entry->confirmed = 0;
	eii_line_move(line, slot, EII_STAGE_RAW);
}

uint16_t eii_line_count(const struct eii_line *line)
{
	return (uint16_t)(EII_CORE_LINE_MAILS - line->lists[EII_STAGE_FREE].n);
}

bool eii_line_has_uid(const struct eii_line *line, uint32_t uid)
{
	for (uint16_t slot = 0; slot < EII_CORE_LINE_MAILS; slot++) {
		if (line->entries[slot].stage != EII_STAGE_FREE && line->entries[slot].uid == uid)
			return true;
	}
	return false;
}

int eii_line_find(const struct eii_line *line, uint16_t slot, enum eii_stage stage, uint64_t order)
{
	const struct eii_entry *entry;

	if (slot >= EII_CORE_LINE_MAILS)
		return -1;
	entry = &line->entries[slot];
	return entry->stage == stage && entry->order == order ? slot : -1;
}
