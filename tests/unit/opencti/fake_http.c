/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support.h"

#define REQUEST_MAX (12 << 20)

/* A whole request as one text; NULL when the client has gone. */
static char *read_request(int fd)
{
	char *text = calloc(1, REQUEST_MAX);
	size_t len = 0, whole = SIZE_MAX;

	while (len < whole && len < REQUEST_MAX - 1) {
		ssize_t n = recv(fd, text + len, REQUEST_MAX - 1 - len, 0);
		const char *end, *length;

		if (n <= 0) {
			free(text);
			return NULL;
		}
		len += (size_t)n;
		end = strstr(text, "\r\n\r\n");
		length = strcasestr(text, "content-length:");
		if (end && length)
			whole = (size_t)(end - text) + 4 + strtoul(length + 15, NULL, 10);
	}
	return text;
}

static void send_text(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len > 0) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

/* False where the connection shall be closed. */
static bool answer(const struct fake_reply *reply, int fd)
{
	char head[512];
	struct pollfd until_gone = { .fd = fd, .events = POLLIN };

	if (reply->way == FAKE_HANG)
		(void)poll(&until_gone, 1, 60000);
	if (reply->way != FAKE_ANSWER)
		return false;
	(void)snprintf(head, sizeof(head),
		       "HTTP/1.1 %d Whatever\r\nContent-Type: application/json\r\n"
		       "Content-Length: %zu\r\n%s\r\n",
		       reply->status, strlen(reply->body), reply->headers ? reply->headers : "");
	send_text(fd, head);
	send_text(fd, reply->body);
	return true;
}

/* One request of an open connection; false where it is to be closed. */
static bool serve(struct fake_http *server, int fd)
{
	int i = server->n_requests;
	char *request = i < server->n_replies ? read_request(fd) : NULL;

	if (!request)
		return false;
	server->requests[i] = request;
	server->n_requests++;
	(void)eventfd_write(server->request_fd, 1);
	return answer(&server->replies[i], fd);
}

/* The listening socket first, behind it the connections that are open. */
static void *run(void *arg)
{
	struct fake_http *server = arg;
	struct pollfd fds[1 + FAKE_HTTP_MAX] = { { .fd = server->listen_fd, .events = POLLIN } };
	nfds_t n = 1;

	while (poll(fds, n, -1) > 0) {
		for (nfds_t i = n - 1; i > 0; i--) {
			if (!fds[i].revents || serve(server, fds[i].fd))
				continue;
			(void)close(fds[i].fd);
			fds[i] = fds[--n];
		}
		if (fds[0].revents & (POLLHUP | POLLERR))
			break;
		if (fds[0].revents && n <= FAKE_HTTP_MAX) {
			fds[n].fd = accept(server->listen_fd, NULL, NULL);
			fds[n].events = POLLIN;
			fds[n++].revents = 0;
			server->n_connections++;
		}
	}
	while (--n > 0)
		(void)close(fds[n].fd);
	return NULL;
}

void fake_http_start(struct fake_http *server, const struct fake_reply *replies, int n_replies)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);

	assert_true(n_replies <= FAKE_HTTP_MAX);
	*server = (struct fake_http){ .replies = replies, .n_replies = n_replies };
	server->request_fd = eventfd(0, EFD_CLOEXEC);
	server->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(server->listen_fd >= 0);
	assert_int_equal(bind(server->listen_fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(server->listen_fd, 16), 0);
	assert_int_equal(getsockname(server->listen_fd, (struct sockaddr *)&address, &len), 0);
	server->port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&server->thread, NULL, run, server), 0);
}

void fake_http_wait_for_request(struct fake_http *server)
{
	struct pollfd come = { .fd = server->request_fd, .events = POLLIN };

	(void)poll(&come, 1, 20000);
}

void fake_http_stop(struct fake_http *server)
{
	(void)shutdown(server->listen_fd, SHUT_RDWR);
	(void)pthread_join(server->thread, NULL);
	(void)close(server->listen_fd);
	(void)close(server->request_fd);
}

void fake_http_clear(struct fake_http *server)
{
	for (int i = 0; i < server->n_requests; i++)
		free(server->requests[i]);
}

const char *fake_http_body(const struct fake_http *server, int i)
{
	CHECK(i < server->n_requests, "request %d of %d", i, server->n_requests);
	return strstr(server->requests[i], "\r\n\r\n") + 4;
}
