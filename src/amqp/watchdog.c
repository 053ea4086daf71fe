/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/amqp/watchdog.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/die.h"

struct eii_watchdog {
	const struct eii_stop *stop;
	int wake_fd;
	pthread_mutex_t lock; /* for all below */
	int fd;               /* -1 = disarmed */
	int64_t deadline_ms;
	int64_t stop_grace_ms;
	int64_t stop_seen_ms; /* 0 = none requested */
	int64_t next_look_ms; /* when the thread looks again by itself */
	bool has_cut;
	bool is_quitting;
};

struct eii_watchdog *eii_watchdog_new(const struct eii_stop *stop)
{
	struct eii_watchdog *dog = EII_NEW(struct eii_watchdog);

	dog->stop = stop;
	dog->fd = -1;
	dog->next_look_ms = INT64_MAX;
	dog->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (dog->wake_fd < 0)
		eii_die("an event for the watchdog", errno);
	(void)pthread_mutex_init(&dog->lock, NULL);
	return dog;
}

void eii_watchdog_free(struct eii_watchdog *dog)
{
	if (!dog)
		return;
	(void)pthread_mutex_destroy(&dog->lock);
	(void)close(dog->wake_fd);
	free(dog);
}

void eii_watchdog_quit(struct eii_watchdog *dog)
{
	(void)pthread_mutex_lock(&dog->lock);
	dog->is_quitting = true;
	(void)pthread_mutex_unlock(&dog->lock);
	(void)eventfd_write(dog->wake_fd, 1);
}

/* The instant at which the armed descriptor is cut. */
static int64_t cut_at_ms(const struct eii_watchdog *dog)
{
	int64_t by_stop = INT64_MAX;

	if (dog->stop_seen_ms && dog->stop_grace_ms < INT64_MAX - dog->stop_seen_ms)
		by_stop = dog->stop_seen_ms + dog->stop_grace_ms;
	return by_stop < dog->deadline_ms ? by_stop : dog->deadline_ms;
}

/* Cuts what is due; false when the thread shall end. The lock is held. */
static bool look(struct eii_watchdog *dog)
{
	int64_t now = eii_clock_monotonic_ms();

	if (!eii_stop_requested(dog->stop))
		dog->stop_seen_ms = 0;
	else if (!dog->stop_seen_ms)
		dog->stop_seen_ms = now;
	if (dog->fd >= 0 && cut_at_ms(dog) <= now) {
		(void)shutdown(dog->fd, SHUT_RDWR);
		dog->fd = -1;
		dog->has_cut = true;
	}
	dog->next_look_ms = dog->fd >= 0 ? cut_at_ms(dog) : INT64_MAX;
	return !dog->is_quitting;
}

void *eii_watchdog_run(void *arg)
{
	struct eii_watchdog *dog = arg;
	struct pollfd fds[2] = { { .fd = dog->wake_fd, .events = POLLIN }, { .events = POLLIN } };

	for (;;) {
		eventfd_t ignored;
		int64_t next_ms;
		bool goes_on;

		(void)eventfd_read(dog->wake_fd, &ignored);
		(void)pthread_mutex_lock(&dog->lock);
		goes_on = look(dog);
		next_ms = dog->next_look_ms;
		/* A stop that was seen stays readable: it must not keep us awake. */
		fds[1].fd = dog->stop_seen_ms ? -1 : eii_stop_fd(dog->stop);
		(void)pthread_mutex_unlock(&dog->lock);
		if (!goes_on)
			return NULL;
		(void)poll(fds, 2, next_ms == INT64_MAX ? -1 : eii_clock_left_ms(next_ms));
	}
}

void eii_watchdog_arm(struct eii_watchdog *dog, int fd, int64_t deadline_ms, int64_t stop_grace_ms)
{
	bool must_wake;

	if (!dog)
		return;
	(void)pthread_mutex_lock(&dog->lock);
	dog->fd = fd;
	dog->deadline_ms = deadline_ms;
	dog->stop_grace_ms = stop_grace_ms;
	dog->has_cut = false;
	/*
	 * The thread sleeps on, as long as it would look in time: at a later look
	 * it finds this deadline. After a stop that was taken back it must look
	 * now, as it no longer polls for one.
	 */
	must_wake = cut_at_ms(dog) < dog->next_look_ms ||
		    (dog->stop_seen_ms && !eii_stop_requested(dog->stop));
	(void)pthread_mutex_unlock(&dog->lock);
	if (must_wake)
		(void)eventfd_write(dog->wake_fd, 1);
}

bool eii_watchdog_disarm(struct eii_watchdog *dog)
{
	bool has_cut;

	if (!dog)
		return false;
	(void)pthread_mutex_lock(&dog->lock);
	dog->fd = -1;
	has_cut = dog->has_cut;
	(void)pthread_mutex_unlock(&dog->lock);
	return has_cut;
}
