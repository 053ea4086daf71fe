/* SPDX-License-Identifier: Apache-2.0 */
#include "pulse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void eii_invariant_broken(const char *condition, const char *file, int line)
{
	(void)fprintf(stderr, "%s:%d: not true: %s\n", file, line, condition);
	abort();
}

struct eii_order *eii_pulse_order(struct eii_pulse *pulse, enum eii_order_type type,
				  int64_t deadline_ms)
{
	struct eii_order *order = &pulse->orders[(pulse->first + pulse->n) % EII_PULSE_ORDERS];

	EII_INVARIANT(pulse->n < EII_PULSE_ORDERS);
	pulse->n++;
	pulse->has_moved = true;
	*order = (struct eii_order){ .type = type,
				     .number = pulse->next_number++,
				     .deadline_ms = deadline_ms };
	return order;
}

size_t eii_pulse_room(const struct eii_pulse *pulse)
{
	return EII_PULSE_ORDERS - pulse->n;
}

bool eii_pulse_take(struct eii_pulse *pulse, struct eii_order *out)
{
	if (pulse->n == 0)
		return false;
	*out = pulse->orders[pulse->first];
	pulse->first = (pulse->first + 1) % EII_PULSE_ORDERS;
	pulse->n--;
	return true;
}

bool eii_pulse_is_due(struct eii_pulse *pulse, int64_t instant_ms)
{
	if (pulse->now_ms >= instant_ms)
		return true;
	if (instant_ms < pulse->wakes_ms)
		pulse->wakes_ms = instant_ms;
	return false;
}

/* splitmix64: one state word, every seed is good. */
uint64_t eii_pulse_random(struct eii_pulse *pulse)
{
	uint64_t z = pulse->chance += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

int64_t eii_pulse_jitter(struct eii_pulse *pulse, int64_t ms)
{
	int64_t half = ms / 2;

	if (ms < 2)
		return 1;
	return half + (int64_t)(eii_pulse_random(pulse) % (uint64_t)(ms - half + 1));
}

void eii_pulse_say(struct eii_pulse *pulse, enum eii_event_type type, uint64_t a, uint64_t b)
{
	struct eii_event event = { .type = type, .a = a, .b = b, .words = "" };

	eii_pulse_say_event(pulse, &event);
}

void eii_pulse_say_event(struct eii_pulse *pulse, const struct eii_event *event)
{
	bool had_moved = pulse->has_moved;
	struct eii_order *order;

	/* Words are never worth an order that does something. */
	if (eii_pulse_room(pulse) < EII_PULSE_ORDERS / 4)
		return;
	order = eii_pulse_order(pulse, EII_ORDER_TELL, EII_PULSE_NEVER);
	order->tell = *event;
	pulse->has_moved = had_moved;
}

void eii_pulse_keep_words(char out[EII_CORE_WORDS_BYTES], const char *words)
{
	size_t len = words ? strlen(words) : 0;

	if (len >= EII_CORE_WORDS_BYTES)
		len = EII_CORE_WORDS_BYTES - 1;
	while (len && words[len] && ((unsigned char)words[len] & 0xc0u) == 0x80)
		len--;
	if (len)
		memcpy(out, words, len);
	out[len] = '\0';
}
