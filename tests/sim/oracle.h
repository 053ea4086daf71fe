/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must hold, whatever the core does inside. Simpler than the core: a list
 * of mails, what was said of each, and what the platform has in the end.
 */
#ifndef SIM_ORACLE_H
#define SIM_ORACLE_H

#include "world.h"

void sim_oracle_order(struct sim_world *world, const struct eii_order *order);
void sim_oracle_add(struct sim_world *world);
void sim_oracle_send(struct sim_world *world, const struct eii_order *order);
void sim_oracle_converted(struct sim_world *world, uint16_t slot);
void sim_oracle_make(struct sim_world *world, const struct eii_order *order);
void sim_oracle_fact(struct sim_world *world, const struct eii_fact *fact);
void sim_oracle_after(struct sim_world *world); /* all orders of a fact are taken */

/* An order failed; the operator must be told of what lasts, or waits for a person. */
void sim_oracle_failed(struct sim_world *world, const struct eii_fact *fact);
void sim_oracle_check_person(struct sim_world *world);
/* It is over, and has been told: what fails next is another fault. */
void sim_oracle_forget_failures(struct sim_world *world, enum eii_part part);
/* What is to be tried again in a minute: rights that are missing, a state that a person holds up.
 */
void sim_oracle_try(struct sim_world *world, enum eii_order_type type);
void sim_oracle_rights(struct sim_world *world, const struct eii_rights_view *rights);
void sim_oracle_check_tries(struct sim_world *world);
void sim_oracle_over(struct sim_world *world);
bool sim_oracle_told_since(const struct sim_world *world, enum eii_event_type type, int64_t ms);

/* The broker has confirmed it; the platform was asked for reports. */
void sim_oracle_confirmed(struct sim_world *world, const struct sim_message *message);
void sim_oracle_found(struct sim_world *world, const struct sim_call *call);

/* A life begins, and is shown what is stored. */
void sim_oracle_registered(struct sim_world *world);
void sim_oracle_life(struct sim_world *world);

/* The platform now has this state; ping is the life's number of it, 0 = somebody else's. */
void sim_oracle_stored(struct sim_world *world, const char *text, uint64_t ping);
/* The server has: what it showed of the folder means nothing any more. */
void sim_oracle_numbers_anew(struct sim_world *world, struct sim_folder *folder);
void sim_oracle_renumbered(struct sim_world *world, const struct sim_folder *folder);
void sim_oracle_late_ping(struct sim_world *world);

/* A ping goes out. */
void sim_oracle_ping(struct sim_world *world, const char *text);
/* For a reason that was told: the next places may be lower; or begin with a window. */
void sim_oracle_may_go_back(struct sim_world *world);
void sim_oracle_begins_anew(struct sim_world *world, struct sim_folder *folder);
void sim_oracle_take_over(struct sim_world *world);
/* Mails that are set aside in the stored state, in the folders that are there. */
uint32_t sim_oracle_n_aside(const struct sim_world *world);

/* A look at the whole: moves a healed world to its end, or says what it waits for. */
void sim_oracle_look(struct sim_world *world);

/* What a state's text says of the folder of that key; false where it says nothing. */
struct sim_state_view {
	uint64_t uidvalidity;
	uint32_t cursor, back, n_aside;
	bool has_window, is_bounded; /* bounded: or no window */
};
bool sim_state_read(const char *text, const char *key, struct sim_state_view *out);
/* Whether the state has that UID among those set aside. */
bool sim_state_has_aside(const char *text, const char *key, uint32_t uid);
/* The UID that it names as in hand, 0 = none. */
uint32_t sim_state_in_hand(const char *text, const char *key);
int64_t sim_state_ingestion(const char *text);
/* The Work that it names, 0 = none. */
uint16_t sim_state_work(const char *text);
uint64_t sim_state_foreign(const char *text);

void sim_oracle_state_seen(struct sim_world *world, const char *text);
bool sim_oracle_keeps_foreign(const struct sim_world *world, uint64_t kept);

#endif
