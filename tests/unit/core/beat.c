/* SPDX-License-Identifier: Apache-2.0 */
#include "beat.h"

#include <string.h>

struct eii_pulse *beat_new(void)
{
	static struct eii_pulse pulse;

	memset(&pulse, 0, sizeof(pulse));
	pulse.config.budget_bytes = 1 << 20;
	pulse.config.budget_mails = 100;
	pulse.config.max_mail_bytes = 10 << 20;
	pulse.config.scan_bytes = 65536;
	pulse.config.window_messages = 16;
	pulse.config.window_bytes = 1 << 20;
	pulse.config.period_s = 300;
	pulse.config.mailbox_key = "u@h/INBOX";
	pulse.now_ms = BEAT_START_MS;
	pulse.unix_s = BEAT_START_UNIX_S;
	pulse.wakes_ms = EII_PULSE_NEVER;
	pulse.next_number = 1;
	pulse.chance = 42;
	return &pulse;
}

void beat_pass(struct eii_pulse *pulse, int64_t ms)
{
	int64_t whole = pulse->now_ms % 1000 + ms;

	pulse->now_ms += ms;
	pulse->unix_s += whole / 1000;
	pulse->wakes_ms = EII_PULSE_NEVER;
	pulse->has_moved = false;
}

void beat_stop(struct eii_pulse *pulse)
{
	pulse->stop_ms = pulse->now_ms;
}

unsigned beat_count(const struct eii_pulse *pulse, enum eii_event_type type, struct eii_event *out)
{
	unsigned n = 0;

	for (size_t i = 0; i < pulse->n; i++) {
		const struct eii_order *order =
			&pulse->orders[(pulse->first + i) % EII_PULSE_ORDERS];

		if (order->type != EII_ORDER_TELL || order->tell.type != type)
			continue;
		n++;
		if (out)
			*out = order->tell;
	}
	return n;
}

void beat_clear(struct eii_pulse *pulse)
{
	pulse->first = 0;
	pulse->n = 0;
}

uint64_t beat_random(uint64_t *seed, uint64_t n)
{
	/* xorshift64*, not the core's own generator. */
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (*seed * UINT64_C(2685821657736338717) >> 33) % n;
}
