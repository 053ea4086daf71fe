/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <poll.h>

#include "support.h"

#define PATIENCE_MS 60000

void scene_init(struct scene *scene)
{
	*scene = (struct scene){ .notes = eii_queue_new(64) };
	scene->lane = eii_lane_new(scene->notes, &scene->stats.fetch_beat_ms);
}

void scene_start(struct scene *scene, void *(*body)(void *), void *driver)
{
	assert_int_equal(pthread_create(&scene->thread, NULL, body, driver), 0);
}

void scene_stop(struct scene *scene)
{
	eii_lane_close(scene->lane);
	assert_int_equal(pthread_join(scene->thread, NULL), 0);
}

void scene_clear(struct scene *scene)
{
	for (;;) {
		struct eii_note *note = eii_queue_take(scene->notes);

		if (!note)
			break;
		eii_note_free(note);
	}
	eii_lane_free(scene->lane);
	eii_queue_free(scene->notes);
}

struct eii_order scene_order(struct scene *scene, enum eii_order_type type)
{
	struct eii_order order;

	memset(&order, 0, sizeof(order));
	order.type = type;
	order.number = ++scene->number;
	order.deadline_ms = INT64_MAX;
	return order;
}

void scene_post(struct scene *scene, const struct eii_order *order)
{
	eii_lane_post(scene->lane, eii_task_new(order));
	eii_lane_hand_over(scene->lane);
}

uint64_t scene_do(struct scene *scene, enum eii_order_type type)
{
	struct eii_order order = scene_order(scene, type);

	scene_post(scene, &order);
	return order.number;
}

struct eii_note *scene_take(struct scene *scene, enum eii_fact_type type, uint64_t order)
{
	struct pollfd fd = { .fd = eii_queue_fd(scene->notes), .events = POLLIN };
	struct eii_note *note = eii_queue_take(scene->notes);

	if (!note) {
		CHECK(poll(&fd, 1, PATIENCE_MS) == 1, "no fact came, %d was awaited", type);
		note = eii_queue_take(scene->notes);
	}
	assert_non_null(note);
	CHECK(note->fact.type == type && note->fact.order == order,
	      "fact %d of order %llu (%s), awaited %d of %llu", note->fact.type,
	      (unsigned long long)note->fact.order,
	      note->fact.failure.words ? note->fact.failure.words : "", type,
	      (unsigned long long)order);
	return note;
}

void scene_expect(struct scene *scene, enum eii_fact_type type, uint64_t order)
{
	eii_note_free(scene_take(scene, type, order));
}

void scene_expect_failure(struct scene *scene, enum eii_fact_type type, uint64_t order,
			  enum eii_failure_kind kind)
{
	EII_AUTO(eii_note) note = scene_take(scene, type, order);

	CHECK(note->fact.failure.kind == kind, "kind %d (%s), awaited %d", note->fact.failure.kind,
	      note->fact.failure.words, kind);
	assert_non_null(note->fact.failure.words);
}
