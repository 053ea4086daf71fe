/* SPDX-License-Identifier: Apache-2.0 */
#include "agenda.h"

static bool is_before(const struct sim_entry *a, const struct sim_entry *b)
{
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->number < b->number;
}

void sim_agenda_clear(struct sim_agenda *agenda)
{
	agenda->n = 0;
	agenda->is_full = false;
	agenda->next_number = 0;
}

void sim_agenda_add(struct sim_agenda *agenda, int64_t at_ms, enum sim_happening what, uint32_t a,
		    uint32_t b)
{
	struct sim_entry entry = { at_ms, agenda->next_number++, what, a, b };
	uint32_t at = agenda->n;

	if (at == SIM_AGENDA) {
		agenda->is_full = true;
		return;
	}
	agenda->n++;
	while (at && is_before(&entry, &agenda->heap[(at - 1) / 2])) {
		agenda->heap[at] = agenda->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	agenda->heap[at] = entry;
}

int64_t sim_agenda_next_ms(const struct sim_agenda *agenda)
{
	return agenda->n ? agenda->heap[0].at_ms : INT64_MAX;
}

struct sim_entry sim_agenda_take(struct sim_agenda *agenda)
{
	struct sim_entry first = agenda->heap[0];
	struct sim_entry last = agenda->heap[--agenda->n];
	uint32_t at = 0;

	for (uint32_t child = 1; child < agenda->n; child = 2 * at + 1) {
		if (child + 1 < agenda->n &&
		    is_before(&agenda->heap[child + 1], &agenda->heap[child]))
			child++;
		if (!is_before(&agenda->heap[child], &last))
			break;
		agenda->heap[at] = agenda->heap[child];
		at = child;
	}
	agenda->heap[at] = last;
	return first;
}
