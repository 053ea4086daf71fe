/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/lane.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/ingest/parcel.h"
#include "eii/ingest/stats.h"

/* Two messages of each mail of the line, and what is asked beside them. */
#define TASKS       (2 * EII_CORE_LINE_MAILS + 64)
#define PUT_WAIT_MS 200
#define MAX_TIMED   4 /* orders with a deadline that are out at once */
#define MAX_POSTED  64

struct timed {
	uint64_t order; /* 0 = free */
	int64_t deadline_ms;
};

struct eii_lane {
	struct eii_queue *tasks, *notes;
	struct eii_stop *stop;
	_Atomic uint64_t cut_number; /* orders up to it are cut; UINT64_MAX = closed */
	_Atomic int64_t *beat_ms;
	void (*end)(void *arg); /* NULL = the stop is enough */
	void *end_arg;
	/* The heart's own. */
	uint64_t posted_number;
	void *posted[MAX_POSTED]; /* tasks that the driver does not see yet */
	size_t n_posted;
	struct timed timed[MAX_TIMED];
};

/* ---- tasks ------------------------------------------------------------- */

static void own_text(struct eii_task *task, const char **pointer)
{
	task->text = eii_strdup(*pointer);
	*pointer = task->text;
}

static void own_items(struct eii_task *task)
{
	size_t n = task->order.fetch.n;

	task->list = eii_calloc(n, sizeof(*task->order.fetch.items));
	memcpy(task->list, task->order.fetch.items, n * sizeof(*task->order.fetch.items));
	task->order.fetch.items = task->list;
}

/* The names become the task's, all in one text. */
static void own_names(struct eii_task *task)
{
	const char *const *names = task->order.glance.names;
	size_t n = task->order.glance.n, bytes = 0;
	const char **own = eii_calloc(n, sizeof(*own));
	char *at;

	for (size_t i = 0; i < n; i++)
		bytes += strlen(names[i]) + 1;
	at = task->text = eii_calloc(bytes, 1);
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(names[i]) + 1;

		own[i] = memcpy(at, names[i], len);
		at += len;
	}
	task->list = own;
	task->order.glance.names = own;
}

static bool names_work(enum eii_order_type type)
{
	return type == EII_ORDER_WORK_TELL || type == EII_ORDER_WORK_CLOSE ||
	       type == EII_ORDER_WORK_LOOK;
}

struct eii_task *eii_task_new(const struct eii_order *order)
{
	struct eii_task *task = EII_NEW(struct eii_task);

	task->order = *order;
	task->draft_id = eii_strdup(order->draft_id);
	task->order.draft_id = task->draft_id;
	if (order->type == EII_ORDER_FETCH)
		own_items(task);
	else if (order->type == EII_ORDER_GLANCE)
		own_names(task);
	else if (order->type == EII_ORDER_OPEN && order->open.folder)
		own_text(task, &task->order.open.folder);
	else if (order->type == EII_ORDER_LOOK && order->look.folder)
		own_text(task, &task->order.look.folder);
	else if (order->type == EII_ORDER_CONVERT && order->convert.folder)
		own_text(task, &task->order.convert.folder);
	else if (order->type == EII_ORDER_SEND)
		own_text(task, &task->order.send.work_id);
	else if (order->type == EII_ORDER_MAKE)
		own_text(task, &task->order.make.work_id);
	else if (order->type == EII_ORDER_PING)
		own_text(task, &task->order.ping.state);
	else if (names_work(order->type))
		own_text(task, &task->order.work.id);
	else if (order->type == EII_ORDER_FIND_REPORTS)
		task->ids = eii_calloc(order->find_reports.n, sizeof(*task->ids));
	return task;
}

void eii_task_free(struct eii_task *task)
{
	if (!task)
		return;
	eii_parcel_unref(task->parcel);
	free(task->text);
	free(task->draft_id);
	free(task->list);
	free(task->ids);
	free(task);
}

/* ---- notes ------------------------------------------------------------- */

struct eii_note *eii_note_new(enum eii_fact_type type, uint64_t order)
{
	struct eii_note *note = EII_NEW(struct eii_note);

	note->fact.type = type;
	note->fact.order = order;
	return note;
}

void eii_note_free(struct eii_note *note)
{
	if (!note)
		return;
	/* The report borrows from the other two. */
	eii_report_free(note->report);
	eii_fields_free(note->fields);
	eii_parcel_unref(note->parcel);
	free(note->converted);
	free(note->text);
	free(note->draft_id);
	free(note->list);
	free(note->raw);
	free(note);
}

void eii_note_set_text(struct eii_note *note, const char *text)
{
	free(note->text);
	note->text = eii_strdup(text);
	note->fact.text = note->text;
}

void eii_note_set_draft(struct eii_note *note, const char *draft_id)
{
	free(note->draft_id);
	note->draft_id = eii_strdup(draft_id);
	note->fact.draft_id = note->draft_id;
}

static enum eii_failure_kind kind_of(enum eii_rc rc, enum eii_error_kind kind)
{
	switch (kind) {
	case EII_ERROR_CREDENTIALS:
		return EII_FAILURE_CREDENTIALS;
	case EII_ERROR_CONFIG:
		/* A pair of files that is being replaced, what a server left out this time. */
		return rc == EII_RETRY ? EII_FAILURE_PASSING : EII_FAILURE_CONFIG;
	case EII_ERROR_STOPPED:
		return EII_FAILURE_CUT;
	case EII_ERROR_UNREACHABLE:
		return EII_FAILURE_UNREACHABLE;
	case EII_ERROR_STORAGE:
		return EII_FAILURE_STORAGE;
	case EII_ERROR_OTHER:
		break;
	}
	return rc == EII_REJECT ? EII_FAILURE_INPUT : EII_FAILURE_PASSING;
}

struct eii_note *eii_note_of_failure(enum eii_fact_type type, const struct eii_order *order,
				     enum eii_rc rc, const struct eii_error *err)
{
	struct eii_note *note = eii_note_new(type, order ? order->number : 0);
	struct eii_failure *failure = &note->fact.failure;

	note->text = eii_strdup(err->text);
	failure->kind = kind_of(rc, err->kind);
	failure->is_doubtful = err->is_doubtful;
	failure->words = note->text;
	if (failure->kind == EII_FAILURE_CUT && order &&
	    eii_clock_left_ms(order->deadline_ms) == 0) {
		failure->kind = EII_FAILURE_UNREACHABLE;
		failure->words = "no answer in time";
	}
	return note;
}

/* ---- the lane ---------------------------------------------------------- */

struct eii_lane *eii_lane_new(struct eii_queue *notes, _Atomic int64_t *beat_ms)
{
	struct eii_lane *lane = EII_NEW(struct eii_lane);

	lane->tasks = eii_queue_new(TASKS);
	lane->notes = notes;
	lane->stop = eii_stop_new();
	lane->beat_ms = beat_ms;
	eii_lane_beat(lane, 0);
	return lane;
}

void eii_lane_free(struct eii_lane *lane)
{
	if (!lane)
		return;
	for (size_t i = 0; i < lane->n_posted; i++)
		eii_task_free(lane->posted[i]);
	for (;;) {
		struct eii_task *task = eii_queue_take(lane->tasks);

		if (!task)
			break;
		eii_task_free(task);
	}
	eii_queue_free(lane->tasks);
	eii_stop_free(lane->stop);
	free(lane);
}

/* ---- the heart's side -------------------------------------------------- */

static void watch_deadline(struct eii_lane *lane, const struct eii_order *order)
{
	/* SENDs have no answer but the broker's, in its own time. */
	if (order->deadline_ms == INT64_MAX || order->type == EII_ORDER_SEND)
		return;
	for (size_t i = 0; i < MAX_TIMED; i++) {
		if (lane->timed[i].order)
			continue;
		lane->timed[i] = (struct timed){ order->number, order->deadline_ms };
		return;
	}
}

void eii_lane_post(struct eii_lane *lane, struct eii_task *task)
{
	if (lane->n_posted == MAX_POSTED)
		eii_lane_hand_over(lane);
	lane->posted_number = task->order.number;
	watch_deadline(lane, &task->order);
	lane->posted[lane->n_posted++] = task;
}

void eii_lane_hand_over(struct eii_lane *lane)
{
	size_t n = lane->n_posted;

	if (!n)
		return;
	lane->n_posted = 0;
	if (eii_queue_put_all(lane->tasks, lane->posted, n, eii_clock_monotonic_ms()) != EII_OK)
		abort(); /* more orders than the core may have out */
}

int64_t eii_lane_due_ms(const struct eii_lane *lane)
{
	int64_t due_ms = INT64_MAX;

	for (size_t i = 0; i < MAX_TIMED; i++) {
		if (lane->timed[i].order && lane->timed[i].deadline_ms < due_ms)
			due_ms = lane->timed[i].deadline_ms;
	}
	return due_ms;
}

void eii_lane_answered(struct eii_lane *lane, uint64_t order)
{
	for (size_t i = 0; i < MAX_TIMED; i++) {
		if (lane->timed[i].order == order)
			lane->timed[i].order = 0;
	}
}

void eii_lane_on_cut(struct eii_lane *lane, void (*end)(void *arg), void *arg)
{
	lane->end = end;
	lane->end_arg = arg;
}

static void cut_up_to(struct eii_lane *lane, uint64_t number)
{
	atomic_store(&lane->cut_number, number);
	eii_stop_request(lane->stop);
	if (lane->end)
		lane->end(lane->end_arg);
}

void eii_lane_cut(struct eii_lane *lane)
{
	/* Once is enough for what is out. */
	memset(lane->timed, 0, sizeof(lane->timed));
	cut_up_to(lane, lane->posted_number);
}

void eii_lane_close(struct eii_lane *lane)
{
	cut_up_to(lane, UINT64_MAX);
	eii_queue_close(lane->tasks);
}

/* ---- the driver's side ------------------------------------------------- */

struct eii_stop *eii_lane_stop(struct eii_lane *lane)
{
	return lane->stop;
}

int eii_lane_fd(const struct eii_lane *lane)
{
	return eii_queue_fd(lane->tasks);
}

bool eii_lane_is_closed(struct eii_lane *lane)
{
	return eii_queue_is_closed(lane->tasks);
}

struct eii_task *eii_lane_take(struct eii_lane *lane)
{
	return eii_queue_take(lane->tasks);
}

struct eii_task *eii_lane_wait(struct eii_lane *lane)
{
	struct pollfd fd = { .fd = eii_lane_fd(lane), .events = POLLIN };

	for (;;) {
		struct eii_task *task = eii_lane_take(lane);

		eii_lane_beat(lane, 0);
		if (task)
			return task;
		if (eii_lane_is_closed(lane))
			return NULL;
		(void)poll(&fd, 1, EII_BEAT_MS);
	}
}

bool eii_lane_begin(struct eii_lane *lane, const struct eii_task *task)
{
	/* In this order: a cut that comes between the two is seen by the second. */
	if (atomic_load(&lane->cut_number) != UINT64_MAX)
		eii_stop_reset(lane->stop);
	eii_lane_beat(lane, task->order.deadline_ms == INT64_MAX ? 0 : task->order.deadline_ms);
	return !eii_lane_is_cut(lane, task);
}

bool eii_lane_is_cut(const struct eii_lane *lane, const struct eii_task *task)
{
	return task->order.number <= atomic_load(&lane->cut_number);
}

void eii_lane_beat(struct eii_lane *lane, int64_t until_ms)
{
	int64_t now_ms = eii_clock_monotonic_ms();

	atomic_store(lane->beat_ms, until_ms > now_ms ? until_ms : now_ms);
}

void eii_lane_tell(struct eii_lane *lane, struct eii_note *note)
{
	for (;;) {
		enum eii_rc rc =
			eii_queue_put(lane->notes, note, eii_clock_monotonic_ms() + PUT_WAIT_MS);

		if (rc == EII_OK)
			return;
		if (rc == EII_FATAL || eii_lane_is_closed(lane))
			break;
	}
	/* Nobody reads any more. */
	eii_note_free(note);
}
