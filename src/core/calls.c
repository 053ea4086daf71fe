/* SPDX-License-Identifier: Apache-2.0 */
#include "calls.h"

#define SECOND_MS 1000
#define MINUTE_MS 60000

unsigned eii_calls_weight(enum eii_order_type type)
{
	switch ((int)type) {
	case EII_ORDER_PING:
		return 0;
	case EII_ORDER_REGISTER:  /* about, registerConnector */
	case EII_ORDER_WORK_LOOK: /* isWorkAlive, work */
	case EII_ORDER_WORK_FIND: /* works, isWorkAlive */
		return 2;
	default:
		return 1;
	}
}

/* Instant of the n-th last call, 1 = the last; far back where there was none. */
static int64_t time_of(const struct eii_calls *calls, unsigned n)
{
	if (n > calls->n)
		return INT64_MIN / 2;
	return calls->times[(calls->next + EII_CALLS_A_MINUTE - n) % EII_CALLS_A_MINUTE];
}

void eii_calls_anew(struct eii_calls *calls)
{
	calls->is_held = false;
}

bool eii_calls_may(struct eii_calls *calls, struct eii_pulse *pulse, enum eii_order_type type)
{
	unsigned weight = eii_calls_weight(type);

	if (calls->doing != EII_ORDER_NONE)
		return false;
	if (!weight)
		return true;
	if (calls->is_held)
		return false;
	/* With these the second and the minute before them hold so many less. */
	calls->is_held = !eii_pulse_is_due(pulse, time_of(calls, EII_CALLS_A_SECOND + 1 - weight) +
							  SECOND_MS + 1) ||
			 !eii_pulse_is_due(pulse, time_of(calls, EII_CALLS_A_MINUTE + 1 - weight) +
							  MINUTE_MS + 1);
	return !calls->is_held;
}

struct eii_order *eii_calls_begin(struct eii_calls *calls, struct eii_pulse *pulse,
				  enum eii_order_type type)
{
	unsigned weight = eii_calls_weight(type);
	struct eii_order *order;

	for (unsigned i = 0; i < weight; i++) {
		calls->times[calls->next] = pulse->now_ms;
		calls->next = (uint16_t)((calls->next + 1) % EII_CALLS_A_MINUTE);
		calls->n = calls->n < EII_CALLS_A_MINUTE ? (uint16_t)(calls->n + 1) : calls->n;
	}
	order = eii_pulse_order(pulse, type, pulse->now_ms + EII_CALL_MS);
	calls->doing = type;
	calls->order = order->number;
	calls->began_ms = pulse->now_ms;
	calls->is_cut = false;
	return order;
}

void eii_calls_spare(struct eii_calls *calls, unsigned n)
{
	n = n < calls->n ? n : calls->n;
	calls->next = (uint16_t)((calls->next + EII_CALLS_A_MINUTE - n) % EII_CALLS_A_MINUTE);
	/* What they took the place of was over a minute old, or they had not been allowed. */
	calls->n = (uint16_t)(calls->n - n);
}

bool eii_calls_end(struct eii_calls *calls, uint64_t order)
{
	if (calls->doing == EII_ORDER_NONE || calls->order != order)
		return false;
	calls->doing = EII_ORDER_NONE;
	return true;
}
