/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/monitor/endpoint.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "eii/monitor/exposition.h"
#include "eii/monitor/health.h"
#include "eii/monitor/metrics.h"
#include "eii/monitor/status.h"

#define ANSWER_MAX_BYTES     (256 * 1024)
#define BACKLOG              16
#define CONNECTIONS_MAX      8
#define CONNECTION_BYTES     8192 /* of a request's line and headers */
#define CONNECTION_TIMEOUT_S 5
#define STACK_BYTES          (128 * 1024)
#define TEXT_TYPE            "text/plain; charset=utf-8"

struct eii_endpoint {
	const struct eii_watched *watched;
	struct MHD_Daemon *daemon;
	uint16_t port;
};

/* ---- answers ----------------------------------------------------------- */

struct header {
	const char *name;
	const char *value;
};

static enum MHD_Result send_with(struct MHD_Connection *connection, unsigned status,
				 struct eii_text body, const struct header *headers, size_t n)
{
	/* Copied: its bytes are gone before the connection has taken them all. */
	struct MHD_Response *response = MHD_create_response_from_buffer(
		body.len, (void *)(uintptr_t)body.data, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result rc = MHD_YES;

	if (!response)
		return MHD_NO;
	for (size_t i = 0; i < n && rc == MHD_YES; i++)
		rc = MHD_add_response_header(response, headers[i].name, headers[i].value);
	if (rc == MHD_YES)
		rc = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return rc;
}

static enum MHD_Result send_text(struct MHD_Connection *connection, unsigned status,
				 const char *type, struct eii_text body)
{
	const struct header headers[] = {
		{ MHD_HTTP_HEADER_CONTENT_TYPE, type },
		{ MHD_HTTP_HEADER_ALLOW, "GET, HEAD" },
	};

	return send_with(connection, status, body, headers,
			 status == MHD_HTTP_METHOD_NOT_ALLOWED ? 2 : 1);
}

typedef bool health_judge(const struct eii_watched *watched, struct eii_instant now,
			  struct eii_buf *out);

static enum MHD_Result send_health(const struct eii_endpoint *endpoint,
				   struct MHD_Connection *connection, health_judge *judge)
{
	struct eii_buf body;
	enum MHD_Result rc;
	bool is_well;

	eii_buf_init(&body, ANSWER_MAX_BYTES);
	is_well = judge(endpoint->watched, eii_instant_now(), &body);
	rc = send_text(connection, is_well ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, TEXT_TYPE,
		       eii_buf_text(&body));
	eii_buf_clear(&body);
	return rc;
}

static enum MHD_Result send_metrics(const struct eii_endpoint *endpoint,
				    struct MHD_Connection *connection)
{
	struct eii_buf body;
	enum MHD_Result rc;

	eii_buf_init(&body, ANSWER_MAX_BYTES);
	eii_metrics_write(endpoint->watched, eii_instant_now(), &body);
	if (eii_buf_ok(&body))
		rc = send_text(connection, MHD_HTTP_OK, EII_EXPOSITION_TYPE, eii_buf_text(&body));
	else
		rc = send_text(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, TEXT_TYPE,
			       eii_text_of("the metrics are too long: is a setting?\n"));
	eii_buf_clear(&body);
	return rc;
}

static enum MHD_Result send_words(struct MHD_Connection *connection, unsigned status,
				  const char *words)
{
	return send_text(connection, status, TEXT_TYPE, eii_text_of(words));
}

typedef void status_form(const struct eii_watched *watched, struct eii_instant now,
			 struct eii_buf *out);

/* For a person's browser: nothing in it runs, nothing is asked of others, nobody keeps it. */
static enum MHD_Result send_status(const struct eii_endpoint *endpoint,
				   struct MHD_Connection *connection, const char *type,
				   status_form *write)
{
	char csp[EII_STATUS_CSP_BYTES];
	const struct header headers[] = {
		{ MHD_HTTP_HEADER_CONTENT_TYPE, type },
		{ "Content-Security-Policy", csp },
		{ "X-Content-Type-Options", "nosniff" },
		{ "Referrer-Policy", "no-referrer" },
		{ MHD_HTTP_HEADER_CACHE_CONTROL, "no-store" },
		{ MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT },
	};
	struct eii_buf body;
	enum MHD_Result rc;

	eii_status_csp(csp);
	eii_buf_init(&body, ANSWER_MAX_BYTES);
	write(endpoint->watched, eii_instant_now(), &body);
	if (eii_buf_ok(&body))
		rc = send_with(connection, MHD_HTTP_OK, eii_buf_text(&body), headers,
			       sizeof(headers) / sizeof(headers[0]));
	else
		rc = send_words(connection, MHD_HTTP_INTERNAL_SERVER_ERROR,
				"the status is too long: is a setting?\n");
	eii_buf_clear(&body);
	return rc;
}

static enum MHD_Result send_page(const struct eii_endpoint *endpoint,
				 struct MHD_Connection *connection)
{
	return send_status(endpoint, connection, "text/html; charset=utf-8", eii_status_page_write);
}

/* pycti answers metrics on any path; a browser is told apart by what it wants. */
static enum MHD_Result send_root(const struct eii_endpoint *endpoint,
				 struct MHD_Connection *connection)
{
	const char *accept =
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);

	if (eii_status_is_preferred(accept))
		return send_page(endpoint, connection);
	return send_metrics(endpoint, connection);
}

static bool is_read_only(const char *method)
{
	return strcmp(method, MHD_HTTP_METHOD_GET) == 0 ||
	       strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
}

/* A method is refused in the first call: later, a body under way drops the connection. */
static enum MHD_Result answer(void *arg, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_len, void **state)
{
	const struct eii_endpoint *endpoint = arg;

	(void)version;
	(void)upload;
	(void)upload_len;
	(void)state;
	if (!is_read_only(method))
		return send_words(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET or HEAD only\n");
	if (strcmp(url, "/") == 0)
		return send_root(endpoint, connection);
	if (strcmp(url, "/metrics") == 0)
		return send_metrics(endpoint, connection);
	if (strcmp(url, EII_ENDPOINT_STATUS) == 0)
		return send_page(endpoint, connection);
	if (strcmp(url, EII_ENDPOINT_STATUS_JSON) == 0)
		return send_status(endpoint, connection, "application/json", eii_status_json_write);
	if (strcmp(url, EII_ENDPOINT_LIVE) == 0)
		return send_health(endpoint, connection, eii_health_is_live);
	if (strcmp(url, EII_ENDPOINT_READY) == 0)
		return send_health(endpoint, connection, eii_health_is_ready);
	return send_words(connection, MHD_HTTP_NOT_FOUND,
			  "there are /metrics, " EII_ENDPOINT_STATUS ", " EII_ENDPOINT_STATUS_JSON
			  ", " EII_ENDPOINT_LIVE " and " EII_ENDPOINT_READY "\n");
}

/* ---- listening --------------------------------------------------------- */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static bool bind_to(int fd, const union address *address, socklen_t len)
{
	int on = 1, off = 0;

	/* A connection of the last process that lingers must not keep the port. */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (address->any.sa_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	return bind(fd, &address->any, len) == 0 && listen(fd, BACKLOG) == 0;
}

/* -1: errno says why. */
static int listen_on(const union address *address, socklen_t len)
{
	int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int why;

	if (fd < 0 || bind_to(fd, address, len))
		return fd;
	why = errno;
	(void)close(fd);
	errno = why;
	return -1;
}

/* Both families by one socket, or IPv4 alone where the system has no other. */
static int open_listener(uint16_t port)
{
	union address v6 = { .v6 = { .sin6_family = AF_INET6,
				     .sin6_port = htons(port),
				     .sin6_addr = IN6ADDR_ANY_INIT } };
	union address v4 = { .v4 = { .sin_family = AF_INET, .sin_port = htons(port) } };
	int fd = listen_on(&v6, sizeof(v6.v6));

	if (fd >= 0 || (errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL))
		return fd;
	return listen_on(&v4, sizeof(v4.v4));
}

static uint16_t port_of(int fd)
{
	union address address = { 0 };
	socklen_t len = sizeof(address);

	if (getsockname(fd, &address.any, &len))
		return 0;
	return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port
						       : address.v4.sin_port);
}

enum eii_rc eii_endpoint_start(const struct eii_watched *watched, uint16_t port,
			       struct eii_endpoint **out, struct eii_error *err)
{
	EII_AUTO(eii_endpoint) endpoint = EII_NEW(struct eii_endpoint);
	int fd = open_listener(port);

	if (fd < 0)
		return eii_fail(err, EII_REJECT, "port %u of all addresses: %s", port,
				strerror(errno));
	endpoint->watched = watched;
	endpoint->port = port_of(fd);
	/* The daemon closes the socket at its end. */
	endpoint->daemon = MHD_start_daemon(
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL, NULL, answer, endpoint,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, CONNECTION_TIMEOUT_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
		MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES, MHD_OPTION_END);
	if (!endpoint->daemon) {
		(void)close(fd);
		return eii_fail(err, EII_REJECT, "port %u: no HTTP server could be started", port);
	}
	*out = EII_DETACH(endpoint);
	return EII_OK;
}

void eii_endpoint_free(struct eii_endpoint *endpoint)
{
	if (!endpoint)
		return;
	if (endpoint->daemon)
		MHD_stop_daemon(endpoint->daemon);
	free(endpoint);
}

uint16_t eii_endpoint_port(const struct eii_endpoint *endpoint)
{
	return endpoint->port;
}
