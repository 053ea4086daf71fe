/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The heart's part, played by hand: orders go to a driver in its thread, and
 * what it says is waited for.
 */
#ifndef EII_TESTS_INGEST_SCENE_H
#define EII_TESTS_INGEST_SCENE_H

#include <pthread.h>

#include "eii/ingest/lane.h"
#include "eii/ingest/stats.h"

struct scene {
	struct eii_stats stats;
	struct eii_queue *notes;
	struct eii_lane *lane;
	pthread_t thread;
	uint64_t number; /* of the last order */
};

void scene_init(struct scene *scene);
void scene_start(struct scene *scene, void *(*body)(void *), void *driver);

/* Closes the lane and waits for the thread; clear also frees what is left. */
void scene_stop(struct scene *scene);
void scene_clear(struct scene *scene);

/* A new order without a deadline, with its number. */
struct eii_order scene_order(struct scene *scene, enum eii_order_type type);
void scene_post(struct scene *scene, const struct eii_order *order);

/* Makes and posts an order that has no more to say. */
uint64_t scene_do(struct scene *scene, enum eii_order_type type);

/* The next note, the caller's; the test fails where none comes or it is another one. */
struct eii_note *scene_take(struct scene *scene, enum eii_fact_type type, uint64_t order);

/* The same, and frees it. */
void scene_expect(struct scene *scene, enum eii_fact_type type, uint64_t order);

/* A failure with this kind. */
void scene_expect_failure(struct scene *scene, enum eii_fact_type type, uint64_t order,
			  enum eii_failure_kind kind);

#endif
