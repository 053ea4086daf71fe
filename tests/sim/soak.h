/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A long life: a world of many hours in which servers fail by chance, and in
 * which nothing that the core keeps may grow with time.
 */
#ifndef SIM_SOAK_H
#define SIM_SOAK_H

#include "world.h"

#define SIM_SOAK_HOURS 24

/* Makes a plan one of so many hours: servers fail, nobody resets or renumbers anything. */
void sim_soak_plan(struct sim_plan *plan, uint32_t hours);

/* The world of that plan begins; its every look; its servers are well from now on. */
void sim_soak_begin(void);
void sim_soak_look(const struct sim_world *world);
/* Prints a line for each hour; "flat" fails where the second half needs more than the first. */
void sim_soak_judge(struct sim_world *world);

#endif
