/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/health.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "eii/base/buf.h"
#include "eii/base/cleanup.h"
#include "eii/base/clock.h"
#include "eii/monitor/endpoint.h"

#define REQUEST          "GET " EII_ENDPOINT_LIVE " HTTP/1.0\r\nHost: localhost\r\n\r\n"
#define STATUS_GOOD      "HTTP/1.1 200 "
#define ANSWER_MAX_BYTES 4096

/* True when the descriptor is ready in time; errno says why not. */
static bool wait_for(int fd, short events, int64_t deadline_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };
	int n = poll(&poll_fd, 1, eii_clock_left_ms(deadline_ms));

	if (n == 0)
		errno = ETIMEDOUT;
	return n > 0;
}

/* Loopback: connected at once or refused at once. */
static bool connect_to(int fd, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

static bool exchange(int fd, uint16_t port, int64_t deadline_ms, struct eii_buf *answer)
{
	char bytes[1024];
	ssize_t n;

	if (!connect_to(fd, port) ||
	    send(fd, REQUEST, strlen(REQUEST), MSG_NOSIGNAL) != (ssize_t)strlen(REQUEST))
		return false;
	for (;;) {
		if (!wait_for(fd, POLLIN, deadline_ms))
			return false;
		n = read(fd, bytes, sizeof(bytes));
		if (n <= 0)
			return n == 0;
		eii_buf_add(answer, bytes, (size_t)n);
	}
}

static const char *body_of(const char *answer)
{
	const char *end = strstr(answer, "\r\n\r\n");

	return end ? end + 4 : answer;
}

int eii_health_ask(const struct eii_config *config, FILE *out)
{
	uint16_t port = config->connector.metrics_port;
	EII_AUTO_FD fd = -1;
	struct eii_buf answer;
	bool is_well = false;

	if (!config->connector.expose_metrics) {
		(void)fprintf(out, "nothing to ask: CONNECTOR_EXPOSE_METRICS is false\n");
		return EXIT_SUCCESS;
	}
	eii_buf_init(&answer, ANSWER_MAX_BYTES);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || !exchange(fd, port, eii_clock_monotonic_ms() + EII_HEALTH_ASK_MS, &answer)) {
		(void)fprintf(out, "port %u does not answer: %s\n", port, strerror(errno));
	} else {
		is_well = strncmp(answer.data, STATUS_GOOD, strlen(STATUS_GOOD)) == 0;
		(void)fputs(body_of(answer.data), out);
	}
	eii_buf_clear(&answer);
	return is_well ? EXIT_SUCCESS : EXIT_FAILURE;
}
