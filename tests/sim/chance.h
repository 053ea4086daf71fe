/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chance that a seed replays: xoshiro256**, seeded by splitmix64. Each user of
 * it has a stream of its own, so that one of them left out changes no other.
 */
#ifndef SIM_CHANCE_H
#define SIM_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

struct sim_chance {
	uint64_t s[4];
};

void sim_chance_seed(struct sim_chance *chance, uint64_t seed, uint64_t stream);
uint64_t sim_chance_next(struct sim_chance *chance);

/* 0 to n - 1; 0 for n = 0. */
uint32_t sim_chance_below(struct sim_chance *chance, uint32_t n);

/* lowest to highest, both included. */
int64_t sim_chance_between(struct sim_chance *chance, int64_t lowest, int64_t highest);

/* As between, but each order of magnitude is as likely as the next; lowest >= 1. */
int64_t sim_chance_log(struct sim_chance *chance, int64_t lowest, int64_t highest);

/* True ppm times in a million. */
bool sim_chance_hits(struct sim_chance *chance, uint32_t ppm);

#endif
