/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The platform's line: one call at a time, and never more than 5 in any second
 * and 150 in any minute beside pings, whatever fails: a fleet must not turn an
 * outage into a storm.
 */
#ifndef EII_CORE_CALLS_H
#define EII_CORE_CALLS_H

#include "pulse.h"

#define EII_CALLS_A_SECOND 5
#define EII_CALLS_A_MINUTE 150
#define EII_CALL_MS        20000

struct eii_calls {
	enum eii_order_type doing; /* NONE = nothing is under way */
	uint64_t order;
	int64_t began_ms;
	bool is_cut;
	bool is_held; /* a more urgent call waits for room: others do not take it */
	int64_t times[EII_CALLS_A_MINUTE]; /* of the last calls, a ring */
	uint16_t next;                     /* where the next one goes */
	uint16_t n;
};

/* GraphQL calls that an order makes. */
unsigned eii_calls_weight(enum eii_order_type type);

/* What is due is looked at anew, the most urgent first. */
void eii_calls_anew(struct eii_calls *calls);

/* The order may be given now; one that lacks room keeps it from those looked at behind it. */
bool eii_calls_may(struct eii_calls *calls, struct eii_pulse *pulse, enum eii_order_type type);

/* Gives it, with the deadline of a call. */
struct eii_order *eii_calls_begin(struct eii_calls *calls, struct eii_pulse *pulse,
				  enum eii_order_type type);

/* The last order made so many calls less than it weighs. */
void eii_calls_spare(struct eii_calls *calls, unsigned n);

/* The answer is to the call under way: that is over. */
bool eii_calls_end(struct eii_calls *calls, uint64_t order);

#endif
