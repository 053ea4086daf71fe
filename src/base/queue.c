/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/queue.h"

#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <time.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/die.h"

struct eii_queue {
	pthread_mutex_t lock;
	pthread_cond_t room;
	int fd;          /* readable from a put until a take has found nothing; and once closed */
	bool is_awaited; /* the reader has found nothing: the next put wakes it */
	bool closed;
	size_t capacity, first, n;
	void **items; /* a ring */
};

struct eii_queue *eii_queue_new(size_t capacity)
{
	struct eii_queue *queue = EII_NEW(struct eii_queue);
	pthread_condattr_t attr;

	queue->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (queue->fd < 0 || pthread_condattr_init(&attr) ||
	    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) ||
	    pthread_cond_init(&queue->room, &attr) || pthread_mutex_init(&queue->lock, NULL))
		eii_die("a queue between threads", errno);
	(void)pthread_condattr_destroy(&attr);
	queue->is_awaited = true;
	queue->capacity = capacity;
	queue->items = eii_calloc(capacity, sizeof(*queue->items));
	return queue;
}

void eii_queue_free(struct eii_queue *queue)
{
	if (!queue)
		return;
	(void)pthread_cond_destroy(&queue->room);
	(void)pthread_mutex_destroy(&queue->lock);
	(void)close(queue->fd);
	free(queue->items);
	free(queue);
}

int eii_queue_fd(const struct eii_queue *queue)
{
	return queue->fd;
}

static void signal_reader(struct eii_queue *queue)
{
	(void)eventfd_write(queue->fd, 1);
}

/* The instant as the condition's clock has it, which stands still while the machine sleeps. */
static struct timespec condition_time(int64_t deadline_ms)
{
	int64_t left_ms = eii_clock_left_ms(deadline_ms);
	struct timespec until;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(left_ms / 1000);
	until.tv_nsec += (long)(left_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	return until;
}

static size_t room_of(const struct eii_queue *queue)
{
	return queue->capacity - queue->n;
}

static bool wait_for_room(struct eii_queue *queue, size_t n, int64_t deadline_ms)
{
	struct timespec until = { 0 };

	if (room_of(queue) < n)
		until = condition_time(deadline_ms);

	while (!queue->closed && room_of(queue) < n) {
		if (pthread_cond_timedwait(&queue->room, &queue->lock, &until) == ETIMEDOUT)
			break;
	}
	return room_of(queue) >= n;
}

static void put_one(struct eii_queue *queue, void *item)
{
	queue->items[(queue->first + queue->n++) % queue->capacity] = item;
}

enum eii_rc eii_queue_put_all(struct eii_queue *queue, void *const *items, size_t n,
			      int64_t deadline_ms)
{
	enum eii_rc rc = EII_OK;

	(void)pthread_mutex_lock(&queue->lock);
	if (!wait_for_room(queue, n, deadline_ms))
		rc = EII_RETRY;
	if (queue->closed)
		rc = EII_FATAL;
	for (size_t i = 0; !rc && i < n; i++)
		put_one(queue, items[i]);
	/* A reader that is at work comes back for it unasked. */
	if (!rc && queue->is_awaited) {
		queue->is_awaited = false;
		signal_reader(queue);
	}
	(void)pthread_mutex_unlock(&queue->lock);
	return rc;
}

enum eii_rc eii_queue_put(struct eii_queue *queue, void *item, int64_t deadline_ms)
{
	return eii_queue_put_all(queue, &item, 1, deadline_ms);
}

void *eii_queue_take(struct eii_queue *queue)
{
	eventfd_t ignored;
	void *item = NULL;

	(void)pthread_mutex_lock(&queue->lock);
	if (queue->n > 0) {
		item = queue->items[queue->first];
		queue->first = (queue->first + 1) % queue->capacity;
		queue->n--;
		(void)pthread_cond_signal(&queue->room);
	} else if (!queue->closed && !queue->is_awaited) {
		(void)eventfd_read(queue->fd, &ignored);
		queue->is_awaited = true;
	}
	(void)pthread_mutex_unlock(&queue->lock);
	return item;
}

void eii_queue_close(struct eii_queue *queue)
{
	(void)pthread_mutex_lock(&queue->lock);
	queue->closed = true;
	signal_reader(queue);
	(void)pthread_cond_broadcast(&queue->room);
	(void)pthread_mutex_unlock(&queue->lock);
}

bool eii_queue_is_closed(struct eii_queue *queue)
{
	bool closed;

	(void)pthread_mutex_lock(&queue->lock);
	closed = queue->closed;
	(void)pthread_mutex_unlock(&queue->lock);
	return closed;
}
