/* SPDX-License-Identifier: Apache-2.0 */
#include "chance.h"

#define MILLION 1000000u

static uint64_t split_mix(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void sim_chance_seed(struct sim_chance *chance, uint64_t seed, uint64_t stream)
{
	uint64_t state = seed;
	uint64_t start = split_mix(&state) ^ stream * UINT64_C(0xd1342543de82ef95);

	for (int i = 0; i < 4; i++)
		chance->s[i] = split_mix(&start);
}

static uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

uint64_t sim_chance_next(struct sim_chance *chance)
{
	uint64_t *s = chance->s;
	uint64_t result = rotate(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

uint32_t sim_chance_below(struct sim_chance *chance, uint32_t n)
{
	return (uint32_t)(((sim_chance_next(chance) >> 32) * n) >> 32);
}

int64_t sim_chance_between(struct sim_chance *chance, int64_t lowest, int64_t highest)
{
	uint64_t span = (uint64_t)(highest - lowest) + 1;

	return lowest + (int64_t)(sim_chance_next(chance) % span);
}

int64_t sim_chance_log(struct sim_chance *chance, int64_t lowest, int64_t highest)
{
	int64_t top = lowest;
	uint32_t n_doublings = 0;

	while (top < highest / 2) {
		top *= 2;
		n_doublings++;
	}
	lowest <<= sim_chance_below(chance, n_doublings + 1);
	top = lowest < highest / 2 ? lowest * 2 : highest;
	return sim_chance_between(chance, lowest, top > lowest ? top : lowest);
}

bool sim_chance_hits(struct sim_chance *chance, uint32_t ppm)
{
	return sim_chance_below(chance, MILLION) < ppm;
}
