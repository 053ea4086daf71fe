/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/net/loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "eii/base/clock.h"

#define INPUT    0
#define LISTENER 1
#define FIRST    2 /* of the connections, in the table that is polled */

struct connection {
	int fd;         /* -1 = none */
	uint64_t since; /* its number */
	size_t len;
	char line[EII_LOOPBACK_LINE_MAX];
};

struct eii_loopback {
	int fd;
	uint16_t port;
	uint64_t n_accepted;
	struct connection *asked; /* whose request waits for its answer; NULL = none */
	struct connection connections[EII_LOOPBACK_OPEN_MAX];
};

/* ---- the listener -------------------------------------------------------- */

static bool open_listener(struct eii_loopback *loopback)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);

	loopback->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (loopback->fd < 0 || bind(loopback->fd, (struct sockaddr *)&address, len) ||
	    listen(loopback->fd, SOMAXCONN) ||
	    getsockname(loopback->fd, (struct sockaddr *)&address, &len))
		return false;
	loopback->port = ntohs(address.sin_port);
	return true;
}

enum eii_rc eii_loopback_new(struct eii_loopback **out, struct eii_error *err)
{
	EII_AUTO(eii_loopback) loopback = EII_NEW(struct eii_loopback);

	for (size_t i = 0; i < EII_LOOPBACK_OPEN_MAX; i++)
		loopback->connections[i].fd = -1;
	if (!open_listener(loopback))
		return eii_fail(err, EII_RETRY, "no port of 127.0.0.1 can be listened on: %s",
				strerror(errno));
	*out = EII_DETACH(loopback);
	return EII_OK;
}

static void drop(struct connection *connection)
{
	if (connection->fd >= 0)
		(void)close(connection->fd);
	explicit_bzero(connection->line, sizeof(connection->line));
	connection->fd = -1;
	connection->len = 0;
}

void eii_loopback_free(struct eii_loopback *loopback)
{
	if (!loopback)
		return;
	for (size_t i = 0; i < EII_LOOPBACK_OPEN_MAX; i++)
		drop(&loopback->connections[i]);
	if (loopback->fd >= 0)
		(void)close(loopback->fd);
	free(loopback);
}

uint16_t eii_loopback_port(const struct eii_loopback *loopback)
{
	return loopback->port;
}

/* ---- connections --------------------------------------------------------- */

/* A free one, or the oldest. */
static struct connection *room(struct eii_loopback *loopback)
{
	struct connection *best = &loopback->connections[0];

	for (size_t i = 0; i < EII_LOOPBACK_OPEN_MAX; i++) {
		struct connection *connection = &loopback->connections[i];

		if (connection->fd < 0)
			return connection;
		if (connection->since < best->since)
			best = connection;
	}
	return best;
}

static void take_connection(struct eii_loopback *loopback)
{
	int fd = accept4(loopback->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct connection *connection;

	if (fd < 0)
		return;
	connection = room(loopback);
	drop(connection);
	connection->fd = fd;
	connection->since = loopback->n_accepted++;
}

static void answer(struct connection *connection, const char *status, const char *words)
{
	EII_AUTO_STR whole =
		eii_asprintf("HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
			     "Content-Length: %zu\r\nCache-Control: no-store\r\n"
			     "Referrer-Policy: no-referrer\r\nConnection: close\r\n\r\n%s",
			     status, strlen(words), words);
	char rest[EII_LOOPBACK_LINE_MAX];

	/* It is short, and the socket is empty: it leaves at once, or nobody reads. */
	(void)!send(connection->fd, whole, strlen(whole), MSG_NOSIGNAL);
	(void)shutdown(connection->fd, SHUT_WR);
	/* Bytes that nobody has read would make the close a reset, and the page be lost. */
	while (recv(connection->fd, rest, sizeof(rest), 0) > 0)
		;
	explicit_bzero(rest, sizeof(rest));
	drop(connection);
}

/* "GET /?code=... HTTP/1.1" without its end; false: no such line. */
static bool target_of(struct eii_text line, struct eii_text *out)
{
	static const char method[] = "GET ";
	const char *end;

	if (line.len < sizeof(method) || memcmp(line.data, method, sizeof(method) - 1) != 0)
		return false;
	line = eii_text(line.data + sizeof(method) - 1, line.len - (sizeof(method) - 1));
	end = memchr(line.data, ' ', line.len);
	if (!end || line.data[0] != '/')
		return false;
	*out = eii_text(line.data, (size_t)(end - line.data));
	return true;
}

/* Whether its first line is there, and a GET; a connection that is of no use is dropped. */
static bool read_line(struct connection *connection, struct eii_text *out_target)
{
	size_t room_left = sizeof(connection->line) - connection->len;
	ssize_t n = recv(connection->fd, connection->line + connection->len, room_left, 0);
	const char *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		drop(connection);
		return false;
	}
	connection->len += (size_t)n;
	end = memchr(connection->line, '\n', connection->len);
	if (!end && connection->len == sizeof(connection->line)) {
		answer(connection, "414 URI Too Long", "The address is too long.\n");
		return false;
	}
	if (!end)
		return false;
	if (target_of(eii_text(connection->line, (size_t)(end - connection->line)), out_target))
		return true;
	answer(connection, "405 Method Not Allowed", "Only GET is understood here.\n");
	return false;
}

/* ---- waiting ------------------------------------------------------------- */

static bool has_request(struct eii_loopback *loopback, const struct pollfd *fds,
			struct eii_text *out_target)
{
	for (size_t i = 0; i < EII_LOOPBACK_OPEN_MAX; i++) {
		struct connection *connection = &loopback->connections[i];

		if (fds[i].fd < 0 || !fds[i].revents || !read_line(connection, out_target))
			continue;
		loopback->asked = connection;
		return true;
	}
	return false;
}

enum eii_loopback_event eii_loopback_wait(struct eii_loopback *loopback, int input_fd,
					  int64_t deadline_ms, struct eii_text *out_target)
{
	if (loopback->asked)
		eii_loopback_answer(loopback, "404 Not Found", "There is nothing here.\n");
	for (;;) {
		struct pollfd fds[FIRST + EII_LOOPBACK_OPEN_MAX] = {
			[INPUT] = { .fd = input_fd, .events = POLLIN },
			[LISTENER] = { .fd = loopback->fd, .events = POLLIN },
		};
		int left_ms = eii_clock_left_ms(deadline_ms);
		int n;

		for (size_t i = 0; i < EII_LOOPBACK_OPEN_MAX; i++)
			fds[FIRST + i] = (struct pollfd){ .fd = loopback->connections[i].fd,
							  .events = POLLIN };
		n = poll(fds, FIRST + EII_LOOPBACK_OPEN_MAX, left_ms);
		if (n == 0 && left_ms == 0)
			return EII_LOOPBACK_TIMEOUT;
		if (n <= 0)
			continue;
		if (has_request(loopback, fds + FIRST, out_target))
			return EII_LOOPBACK_REQUEST;
		if (fds[LISTENER].revents)
			take_connection(loopback);
		if (fds[INPUT].revents)
			return EII_LOOPBACK_INPUT;
	}
}

void eii_loopback_answer(struct eii_loopback *loopback, const char *status, const char *words)
{
	struct connection *connection = loopback->asked;

	loopback->asked = NULL;
	if (connection)
		answer(connection, status, words);
}
