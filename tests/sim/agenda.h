/* SPDX-License-Identifier: Apache-2.0 */
/* What is still to happen in a world, by virtual time; of one instant, what was put in first. */
#ifndef SIM_AGENDA_H
#define SIM_AGENDA_H

#include <stdbool.h>
#include <stdint.h>

enum sim_happening {
	SIM_INSTANT_COMES, /* a = number of the plan's instant */
	SIM_SPELL_ENDS,    /* a = fault */
	SIM_HEALS,
	SIM_LOOKS, /* the oracle looks whether all is settled */
	SIM_MAIL_ARRIVES,
	SIM_PROCESS_STARTS,
	SIM_PROCESS_STOPS,
	SIM_MAILBOX_STEPS, /* a = the order's turn */
	SIM_BROKER_DIALS,  /* a = turn */
	SIM_BROKER_TAKES,  /* a = message's place, b = its turn */
	SIM_BROKER_TELLS,
	SIM_BROKER_LINK_DIES, /* a = link */
	SIM_WORKER_TAKES,
	SIM_MANAGER_LOOKS,
	SIM_CALL_ACTS,      /* a = call's place, b = its turn */
	SIM_CALL_ANSWERS,   /* ditto */
	SIM_CONVERTER_DONE, /* a = turn */
	SIM_TWIN_PINGS,
	SIM_FOREIGN_PINGS,
	SIM_LATE_PING_GONE, /* by now a late older ping is overwritten */
};

struct sim_entry {
	int64_t at_ms;
	uint64_t number;
	enum sim_happening what;
	uint32_t a, b;
};

#define SIM_AGENDA 8192

struct sim_agenda {
	uint32_t n;
	bool is_full; /* more than the world can hold: a fault of the world */
	uint64_t next_number;
	struct sim_entry heap[SIM_AGENDA];
};

void sim_agenda_clear(struct sim_agenda *agenda);
void sim_agenda_add(struct sim_agenda *agenda, int64_t at_ms, enum sim_happening what, uint32_t a,
		    uint32_t b);

/* INT64_MAX where nothing is to happen. */
int64_t sim_agenda_next_ms(const struct sim_agenda *agenda);

/* The earliest; there must be one. */
struct sim_entry sim_agenda_take(struct sim_agenda *agenda);

#endif
