/* SPDX-License-Identifier: Apache-2.0 */
#include "log_queue.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

/* So long it gathers what comes, rather than to be woken for each line. */
#define GATHER_NS 2000000

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* lines, or the end */
	pthread_cond_t ended;
	atomic_bool is_open;
	bool is_closing, has_ended;
	struct eii_buf lines;
	uint64_t n_dropped;
} waiting = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

void eii_log_queue_open(void)
{
	pthread_condattr_t attr;

	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&waiting.ended, &attr);
	(void)pthread_condattr_destroy(&attr);
	eii_buf_init(&waiting.lines, EII_LOG_QUEUE_BYTES);
	waiting.is_closing = false;
	waiting.has_ended = false;
	waiting.n_dropped = 0;
	atomic_store(&waiting.is_open, true);
}

bool eii_log_queue_is_open(void)
{
	return atomic_load(&waiting.is_open);
}

void eii_log_queue_put(const char *line, size_t len)
{
	(void)pthread_mutex_lock(&waiting.lock);
	if (waiting.lines.len + len >= EII_LOG_QUEUE_BYTES)
		waiting.n_dropped++;
	else
		eii_buf_add(&waiting.lines, line, len);
	(void)pthread_cond_signal(&waiting.changed);
	(void)pthread_mutex_unlock(&waiting.lock);
}

static bool has_some(void)
{
	return waiting.lines.len || waiting.n_dropped;
}

bool eii_log_queue_take(struct eii_buf *lines, uint64_t *out_dropped)
{
	const struct timespec gather = { .tv_nsec = GATHER_NS };
	struct eii_buf taken;
	bool is_closing;

	(void)pthread_mutex_lock(&waiting.lock);
	while (!has_some() && !waiting.is_closing)
		(void)pthread_cond_wait(&waiting.changed, &waiting.lock);
	is_closing = waiting.is_closing;
	(void)pthread_mutex_unlock(&waiting.lock);
	if (!is_closing)
		(void)nanosleep(&gather, NULL);
	(void)pthread_mutex_lock(&waiting.lock);
	taken = waiting.lines;
	waiting.lines = *lines;
	*lines = taken;
	*out_dropped = waiting.n_dropped;
	waiting.n_dropped = 0;
	(void)pthread_mutex_unlock(&waiting.lock);
	return lines->len || *out_dropped || !is_closing;
}

void eii_log_queue_end(void)
{
	(void)pthread_mutex_lock(&waiting.lock);
	waiting.has_ended = true;
	(void)pthread_cond_signal(&waiting.ended);
	(void)pthread_mutex_unlock(&waiting.lock);
}

bool eii_log_queue_close(int wait_ms)
{
	struct timespec until;
	bool has_ended;
	int rc = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += wait_ms / 1000;
	until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	(void)pthread_mutex_lock(&waiting.lock);
	waiting.is_closing = true;
	(void)pthread_cond_signal(&waiting.changed);
	while (!waiting.has_ended && !rc)
		rc = pthread_cond_timedwait(&waiting.ended, &waiting.lock, &until);
	has_ended = waiting.has_ended;
	if (has_ended) {
		atomic_store(&waiting.is_open, false);
		eii_buf_clear(&waiting.lines);
	}
	(void)pthread_mutex_unlock(&waiting.lock);
	return has_ended;
}
