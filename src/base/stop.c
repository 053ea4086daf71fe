/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/stop.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/eventfd.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/die.h"

struct eii_stop {
	atomic_bool requested;
	int fd;
};

struct eii_stop *eii_stop_new(void)
{
	struct eii_stop *stop = EII_NEW(struct eii_stop);

	stop->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (stop->fd < 0)
		eii_die("an event for a stop", errno);
	return stop;
}

void eii_stop_free(struct eii_stop *stop)
{
	if (!stop)
		return;
	(void)close(stop->fd);
	free(stop);
}

void eii_stop_request(struct eii_stop *stop)
{
	atomic_store(&stop->requested, true);
	(void)eventfd_write(stop->fd, 1);
}

void eii_stop_reset(struct eii_stop *stop)
{
	eventfd_t ignored;

	atomic_store(&stop->requested, false);
	(void)eventfd_read(stop->fd, &ignored);
}

bool eii_stop_requested(const struct eii_stop *stop)
{
	return stop && atomic_load(&stop->requested);
}

int eii_stop_fd(const struct eii_stop *stop)
{
	return stop ? stop->fd : -1;
}

enum eii_wait eii_stop_wait(const struct eii_stop *stop, int fd, short events,
			    long long deadline_ms)
{
	struct pollfd fds[2] = { { .fd = fd, .events = events },
				 { .fd = eii_stop_fd(stop), .events = POLLIN } };

	for (;;) {
		int left = eii_clock_left_ms(deadline_ms);
		int n;

		if (eii_stop_requested(stop))
			return EII_WAIT_STOPPED;
		n = poll(fds, 2, left);
		if (n > 0 && fds[1].revents)
			return EII_WAIT_STOPPED;
		if (n > 0)
			return EII_WAIT_READY;
		if (n == 0 && left == 0)
			return EII_WAIT_TIMEOUT;
	}
}
