/* SPDX-License-Identifier: Apache-2.0 */
#include "web_peer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <openssl/ssl.h>

struct line {
	int fd;
	SSL *ssl;
};

static ssize_t receive(const struct line *line, char *data, size_t len)
{
	return line->ssl ? SSL_read(line->ssl, data, (int)len) : recv(line->fd, data, len, 0);
}

static bool transmit(const struct line *line, const char *data, size_t len)
{
	if (line->ssl)
		return len == 0 || SSL_write(line->ssl, data, (int)len) == (int)len;
	return peer_send(line->fd, data, len);
}

static bool read_exactly(const struct line *line, char *out, size_t len)
{
	while (len) {
		ssize_t n = receive(line, out, len);

		if (n <= 0)
			return false;
		out += n;
		len -= (size_t)n;
	}
	return true;
}

static bool read_request(const struct line *line, struct web_peer *web)
{
	size_t len = 1;
	const char *length;
	char first;

	/* What is kept of the last request stays until the next one begins. */
	if (!read_exactly(line, &first, 1))
		return false;
	memset(web->head, 0, sizeof(web->head));
	memset(web->body, 0, sizeof(web->body));
	web->head[0] = first;
	while (!strstr(web->head, "\r\n\r\n") && len + 1 < sizeof(web->head)) {
		if (!read_exactly(line, web->head + len, 1))
			return false;
		len++;
	}
	length = strcasestr(web->head, "\r\ncontent-length:");
	len = length ? strtoul(length + 17, NULL, 10) : 0;
	return len < sizeof(web->body) && read_exactly(line, web->body, len);
}

static bool send_answer(const struct line *line, const struct web_peer *web, const char *answer)
{
	char many[4096];

	memset(many, 'x', sizeof(many));
	if (!transmit(line, answer, strlen(answer)))
		return false;
	for (size_t left = web->body_bytes; left;) {
		size_t n = left < sizeof(many) ? left : sizeof(many);

		if (!transmit(line, many, n))
			return false;
		left -= n;
	}
	return true;
}

static void serve(const struct line *line, struct web_peer *web)
{
	while (read_request(line, web)) {
		int i = 0, number = atomic_fetch_add(&web->n_requests, 1);

		while (i < number && web->answers[i] && web->answers[i + 1])
			i++;
		if (!web->answers[i]) {
			peer_drain(line->fd);
			return;
		}
		if (!web->answers[i][0] || !send_answer(line, web, web->answers[i]) ||
		    strstr(web->answers[i], "\r\nConnection: close\r\n"))
			return;
	}
}

void web_peer_serve(int fd, void *arg)
{
	struct web_peer *web = arg;
	struct line line = { .fd = fd };

	(void)atomic_fetch_add(&web->n_connections, 1);
	if (web->ctx) {
		line.ssl = SSL_new(web->ctx);
		(void)SSL_set_fd(line.ssl, fd);
	}
	if (!line.ssl || SSL_accept(line.ssl) == 1)
		serve(&line, web);
	SSL_free(line.ssl);
}
