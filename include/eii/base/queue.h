/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bounded queue of pointers between two threads. The taking side waits with
 * poll() on a descriptor among others; the giving side blocks while the queue
 * is full. Closing it wakes both.
 */
#ifndef EII_BASE_QUEUE_H
#define EII_BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"

struct eii_queue;

/* A queue for at most capacity (>= 1) items. Aborts where no eventfd is to be had. */
struct eii_queue *eii_queue_new(size_t capacity);

/* Items still in it are not freed: drain it first. */
void eii_queue_free(struct eii_queue *queue);
EII_DEFINE_AUTO(eii_queue);

/*
 * Readable while there is something to take, or the queue is closed; and until
 * a take has given NULL. Who takes until then before it waits is woken once for
 * all that comes meanwhile. Borrowed.
 */
int eii_queue_fd(const struct eii_queue *queue);

/*
 * Waits while the queue is full, until the deadline (eii_clock_monotonic_ms).
 * EII_OK: the queue has the item. EII_RETRY: still full. EII_FATAL: closed.
 */
enum eii_rc eii_queue_put(struct eii_queue *queue, void *item, int64_t deadline_ms) EII_MUST_CHECK;

/* The same for n items, at most the capacity: all of them or none. */
enum eii_rc eii_queue_put_all(struct eii_queue *queue, void *const *items, size_t n,
			      int64_t deadline_ms) EII_MUST_CHECK;

/* The oldest item, or NULL where there is none now. Never waits. */
void *eii_queue_take(struct eii_queue *queue);

/* From now on put fails; what is in it can still be taken. */
void eii_queue_close(struct eii_queue *queue);
bool eii_queue_is_closed(struct eii_queue *queue);

#endif
