/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every object of the core is given with each beat: the time that the fact
 * brought, the orders to be given, chance, and the next instant that somebody
 * waits for. Whoever compares an instant with now does it by eii_pulse_is_due(),
 * which remembers the earliest one that is still ahead: so nobody can forget to
 * be woken.
 */
#ifndef EII_CORE_PULSE_H
#define EII_CORE_PULSE_H

#include "eii/core/core.h"

/* Every message of a full window, and what else one fact can cause. */
#define EII_PULSE_ORDERS 2048

#define EII_PULSE_NEVER INT64_MAX

/*
 * What must be true whatever the facts say; false is a fault of the core. Cheap,
 * and in every build: a process that ends is started anew from a state that is
 * right, one that goes on would store one that is not.
 */
#define EII_INVARIANT(condition)                                                                   \
	((condition) ? (void)0 : eii_invariant_broken(#condition, __FILE__, __LINE__))
_Noreturn void eii_invariant_broken(const char *condition, const char *file, int line);

struct eii_pulse {
	struct eii_core_config config;
	int64_t now_ms;
	int64_t unix_s;   /* corrected by the platform's date */
	int64_t stop_ms;  /* when a stop began; 0 = none */
	int64_t wakes_ms; /* earliest instant asked for in this beat */
	/* What the settings say of it was right once in this process. */
	bool has_worked[EII_PARTS];
	bool has_moved; /* something changed: everybody looks once more */
	uint64_t chance;
	uint64_t next_number;
	size_t first, n;
	struct eii_order orders[EII_PULSE_ORDERS];
};

/* A new order, numbered; the caller fills in the rest before anything else. */
struct eii_order *eii_pulse_order(struct eii_pulse *pulse, enum eii_order_type type,
				  int64_t deadline_ms);

/* Orders that can still be given. */
size_t eii_pulse_room(const struct eii_pulse *pulse);

bool eii_pulse_take(struct eii_pulse *pulse, struct eii_order *out);

/* Whether the instant has come; if not, the core wakes at it at the latest. */
bool eii_pulse_is_due(struct eii_pulse *pulse, int64_t instant_ms);

/* A random share of ms between a half and the whole, 1 at least. */
int64_t eii_pulse_jitter(struct eii_pulse *pulse, int64_t ms);
uint64_t eii_pulse_random(struct eii_pulse *pulse);

static inline bool eii_pulse_is_stopping(const struct eii_pulse *pulse)
{
	return pulse->stop_ms != 0;
}

/* Something changed that others may be waiting for. */
static inline void eii_pulse_move(struct eii_pulse *pulse)
{
	pulse->has_moved = true;
}

/* Says it; numbers as the event's row in event.h names them. */
void eii_pulse_say(struct eii_pulse *pulse, enum eii_event_type type, uint64_t a, uint64_t b);
void eii_pulse_say_event(struct eii_pulse *pulse, const struct eii_event *event);

/* A fact's words (NULL = none) for later; never half a character: they go into JSON. */
void eii_pulse_keep_words(char out[EII_CORE_WORDS_BYTES], const char *words);

#endif
