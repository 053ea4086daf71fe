/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/net/dial.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"

#define LOOKUP_STACK_BYTES 524288
#define ADDRESS_MIN_MS     2000 /* for one address, however many there are */
/* A path that is dead is known within 50 s of silence, or 30 s of bytes that nobody takes. */
#define KEEP_IDLE_S     20
#define KEEP_INTERVAL_S 10
#define KEEP_COUNT      3
#define GIVE_UP_MS      30000

/* A look-up shared by the caller and the thread that does it; the last one frees it. */
struct lookup {
	atomic_int n_owners;
	atomic_bool is_done;
	int fd; /* eventfd, readable when done */
	int status;
	struct addrinfo *result;
	char *host;
	char port[8];
};

static void release_lookup(struct lookup *lookup)
{
	if (atomic_fetch_sub(&lookup->n_owners, 1) > 1)
		return;
	if (lookup->result)
		freeaddrinfo(lookup->result);
	(void)close(lookup->fd);
	free(lookup->host);
	free(lookup);
}

static int look_up(struct lookup *lookup, int flags)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = flags };

	return getaddrinfo(lookup->host, lookup->port, &hints, &lookup->result);
}

/* getaddrinfo() cannot be interrupted: the caller may leave, this thread stays. */
static void *run_lookup(void *arg)
{
	struct lookup *lookup = arg;

	lookup->status = look_up(lookup, AI_NUMERICSERV | AI_ADDRCONFIG);
	/* AI_ADDRCONFIG hides loopback addresses where nothing else is configured. */
	if (lookup->status)
		lookup->status = look_up(lookup, AI_NUMERICSERV);
	atomic_store(&lookup->is_done, true);
	(void)eventfd_write(lookup->fd, 1);
	release_lookup(lookup);
	return NULL;
}

static struct lookup *new_lookup(const char *host, uint16_t port)
{
	struct lookup *lookup = EII_NEW(struct lookup);

	lookup->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	lookup->host = eii_strdup(host);
	(void)snprintf(lookup->port, sizeof(lookup->port), "%u", port);
	atomic_init(&lookup->n_owners, 1);
	return lookup;
}

static bool start_lookup(struct lookup *lookup)
{
	pthread_attr_t attributes;
	pthread_t thread;
	bool is_started;

	atomic_fetch_add(&lookup->n_owners, 1);
	(void)pthread_attr_init(&attributes);
	(void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&attributes, LOOKUP_STACK_BYTES);
	is_started = pthread_create(&thread, &attributes, run_lookup, lookup) == 0;
	(void)pthread_attr_destroy(&attributes);
	if (!is_started)
		atomic_fetch_sub(&lookup->n_owners, 1);
	return is_started;
}

static enum eii_rc fail_stopped(const char *where, struct eii_error *err)
{
	return eii_fail_kind(err, EII_RETRY, EII_ERROR_STOPPED, "%s: stopped", where);
}

static enum eii_rc fail_unreachable(const char *where, const char *why, struct eii_error *err)
{
	return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE, "%s: cannot connect: %s", where,
			     why);
}

/* On EII_OK lookup->result has at least one address. */
static enum eii_rc resolve(const char *where, struct lookup *lookup, int64_t deadline_ms,
			   const struct eii_stop *stop, struct eii_error *err)
{
	enum eii_wait wait;

	if (look_up(lookup, AI_NUMERICHOST | AI_NUMERICSERV) == 0)
		return EII_OK;
	if (lookup->fd < 0 || !start_lookup(lookup))
		return fail_unreachable(where, "no thread for the look-up of its name", err);
	wait = eii_stop_wait(stop, lookup->fd, POLLIN, deadline_ms);
	if (wait == EII_WAIT_STOPPED)
		return fail_stopped(where, err);
	if (wait == EII_WAIT_TIMEOUT || !atomic_load(&lookup->is_done))
		return fail_unreachable(where, "the look-up of its name takes too long", err);
	if (lookup->status)
		return fail_unreachable(where, gai_strerror(lookup->status), err);
	return EII_OK;
}

static void set_socket_options(int fd)
{
	int on = 1, idle_s = KEEP_IDLE_S, interval_s = KEEP_INTERVAL_S, count = KEEP_COUNT;
	unsigned give_up_ms = GIVE_UP_MS;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof(interval_s));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &give_up_ms, sizeof(give_up_ms));
}

/* The errno of connecting, 0 when connected. */
static int finish_connect(int fd)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size))
		return errno;
	return error;
}

/* 0 when connected, else an errno (ECANCELED = stopped). */
static int connect_socket(int fd, const struct addrinfo *address, int64_t deadline_ms,
			  const struct eii_stop *stop)
{
	if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return errno;
	switch (eii_stop_wait(stop, fd, POLLOUT, deadline_ms)) {
	case EII_WAIT_READY:
		return finish_connect(fd);
	case EII_WAIT_STOPPED:
		return ECANCELED;
	case EII_WAIT_TIMEOUT:
	default:
		return ETIMEDOUT;
	}
}

/* Connected: a descriptor. Else -1, and *out_errno. */
static int connect_address(const struct addrinfo *address, int64_t deadline_ms,
			   const struct eii_stop *stop, int *out_errno)
{
	int type = address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd = socket(address->ai_family, type, address->ai_protocol);

	*out_errno = errno;
	if (fd < 0)
		return -1;
	*out_errno = connect_socket(fd, address, deadline_ms, stop);
	if (!*out_errno)
		return fd;
	(void)close(fd);
	return -1;
}

static int count_addresses(const struct addrinfo *address)
{
	int n = 0;

	for (; address; address = address->ai_next)
		n++;
	return n;
}

/* A fair share of the time that is left, so that a silent address hides no other. */
static int64_t address_deadline(int64_t deadline_ms, int n_left)
{
	int64_t now = eii_clock_monotonic_ms();
	int64_t share = (deadline_ms - now) / n_left;

	if (share < ADDRESS_MIN_MS)
		share = ADDRESS_MIN_MS;
	return now + share < deadline_ms ? now + share : deadline_ms;
}

enum eii_rc eii_dial(const char *where, const char *host, uint16_t port, int64_t deadline_ms,
		     const struct eii_stop *stop, int *out_fd, struct eii_error *err)
{
	struct lookup *lookup = new_lookup(host, port);
	int fd = -1, error = 0, n_left;
	enum eii_rc rc;

	rc = resolve(where, lookup, deadline_ms, stop, err);
	if (rc) {
		release_lookup(lookup);
		return rc;
	}
	n_left = count_addresses(lookup->result);
	for (const struct addrinfo *a = lookup->result; a && fd < 0 && error != ECANCELED;
	     a = a->ai_next)
		fd = connect_address(a, address_deadline(deadline_ms, n_left--), stop, &error);
	release_lookup(lookup);
	if (fd < 0 && error == ECANCELED)
		return fail_stopped(where, err);
	if (fd < 0)
		return fail_unreachable(where, strerror(error), err);
	set_socket_options(fd);
	*out_fd = fd;
	return EII_OK;
}

enum eii_rc eii_dial_look_up(const char *where, const char *host, uint16_t port,
			     int64_t deadline_ms, const struct eii_stop *stop,
			     struct eii_error *err)
{
	struct lookup *lookup = new_lookup(host, port);
	enum eii_rc rc = resolve(where, lookup, deadline_ms, stop, err);

	release_lookup(lookup);
	return rc;
}

enum eii_rc eii_dial_address(const char *where, const char *host, uint16_t port,
			     int64_t deadline_ms, const struct eii_stop *stop, char *out,
			     size_t size, struct eii_error *err)
{
	struct lookup *lookup = new_lookup(host, port);
	enum eii_rc rc = resolve(where, lookup, deadline_ms, stop, err);

	if (!rc && getnameinfo(lookup->result->ai_addr, lookup->result->ai_addrlen, out,
			       (socklen_t)size, NULL, 0, NI_NUMERICHOST))
		rc = fail_unreachable(where, "its address cannot be written", err);
	release_lookup(lookup);
	return rc;
}
