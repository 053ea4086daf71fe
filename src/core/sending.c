/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports that are ready: which may go, when, and in which order.
 */
#include "wire.h"

bool eii_sending_is_open(const struct eii_core *core)
{
	const struct eii_pulse *pulse = &core->pulse;

	if (eii_pulse_is_stopping(pulse))
		return pulse->now_ms - pulse->stop_ms < EII_STOP_CONVERT_MS;
	return core->run.reason == EII_EVENT_NONE;
}

/*
 * The second message of a report, which has its content, waits for the first one's
 * confirm: alone on the platform it would stand for the whole when asked by id. What
 * was numbered out of order waits for the state.
 */
static int next_ready(const struct eii_core *core, int slot)
{
	const struct eii_line *line = &core->line;

	while (slot >= 0 && (line->entries[slot].n_open ||
			     line->entries[slot].order_number > core->store.stored))
		slot = line->entries[slot].next;
	return slot;
}

static int first_ready(const struct eii_core *core)
{
	return next_ready(core, eii_line_first(&core->line, EII_STAGE_READY));
}

/* Mails that will be ready by themselves; what the platform is asked about takes its time. */
static bool is_any_on_its_way(const struct eii_line *line)
{
	return eii_line_n(line, EII_STAGE_FETCHING) || eii_line_n(line, EII_STAGE_RAW) ||
	       eii_line_n(line, EII_STAGE_CONVERTING) || eii_line_n(line, EII_STAGE_CONVERTED) ||
	       eii_line_n(line, EII_STAGE_MAKING);
}

static struct eii_burst_ready count_ready(const struct eii_core *core)
{
	const struct eii_core_config *config = &core->pulse.config;
	const struct eii_link *link = &core->link;
	struct eii_burst_ready ready = { 0 };

	for (int slot = first_ready(core); slot >= 0 && ready.n < EII_BURST_MESSAGES;) {
		const struct eii_entry *entry = &core->line.entries[slot];

		ready.n++;
		ready.bytes += entry->bytes[entry->n_sent];
		slot = next_ready(core, entry->next);
	}
	ready.fills_window = link->n_open + ready.n >= config->window_messages ||
			     link->open_bytes + ready.bytes >= config->window_bytes;
	ready.is_last = eii_pulse_is_stopping(&core->pulse) || !is_any_on_its_way(&core->line);
	return ready;
}

static bool may_send_next(struct eii_core *core)
{
	int slot = first_ready(core);
	const struct eii_entry *entry;

	if (slot < 0 || !eii_sending_is_open(core) ||
	    eii_pulse_room(&core->pulse) < EII_PULSE_ORDERS / 4)
		return false;
	entry = eii_line_at(&core->line, (uint16_t)slot);
	return eii_link_may_send(&core->link, &core->pulse, entry->bytes[entry->n_sent]);
}

static void send_next(struct eii_core *core)
{
	uint16_t slot = (uint16_t)first_ready(core);
	struct eii_entry *entry = eii_line_at(&core->line, slot);

	eii_wire_hand_over(core, EII_MESSAGE_REPORT, slot, entry->n_sent,
			   entry->bytes[entry->n_sent]);
	entry->n_sent++;
	entry->n_open++;
	if (entry->n_sent == entry->n_messages)
		eii_line_move(&core->line, slot, EII_STAGE_SENT);
}

void eii_sending_tend(struct eii_core *core)
{
	struct eii_burst_ready ready;

	if (!may_send_next(core))
		return;
	ready = count_ready(core);
	if (!eii_burst_goes(&core->link.burst, &core->pulse, &ready))
		return;
	while (may_send_next(core))
		send_next(core);
}
