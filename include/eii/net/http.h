/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST and GET over HTTPS (or HTTP where the URL says so), one request at a time,
 * for one thread. No redirects, no cookies, no authentication but the bearer; the
 * answer is bounded. Stop cuts a request at once.
 */
#ifndef EII_NET_HTTP_H
#define EII_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/buf.h"
#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/base/stop.h"
#include "eii/base/text.h"
#include "eii/net/tls.h"

#define EII_HTTP_REPLY_MAX      8388608 /* 8 MiB: bytes of an answer, unpacked */
#define EII_HTTP_CONNECT_MAX_MS 10000
#define EII_HTTP_HEADERS_MAX    64
#define EII_HTTP_RETRY_MAX_S    3600 /* a server that asks us to wait longer is asked again */

/* Once, before threads start; and once at the end. Aborts where libcurl cannot start. */
void eii_http_global_init(void);
void eii_http_global_clear(void);

/* All copied, but trust, which is borrowed and outlives the client. */
struct eii_http_options {
	struct eii_tls_options tls; /* its texts are copied */
	const char *http_proxy;     /* "http://user:password@host:port"; NULL = none, as the next */
	const char *https_proxy;
	const char *no_proxy;       /* hosts, domains and networks with commas */
	const char *const *headers; /* "Name: value", sent with each request; NULL at the end */
	const char *user_agent;     /* NULL = libcurl's none */
};

struct eii_http;

struct eii_http *eii_http_new(const struct eii_http_options *options);
void eii_http_free(struct eii_http *http);
EII_DEFINE_AUTO(eii_http);

/*
 * From any thread, but no signal handler: until it is told otherwise no request
 * lasts beyond this instant of the monotonic clock, the one under way included;
 * 0 = the requests' own deadlines alone.
 */
void eii_http_end_by(struct eii_http *http, int64_t instant_ms);

enum eii_http_method { EII_HTTP_POST, EII_HTTP_GET };

enum eii_http_connection {
	EII_HTTP_KEPT,  /* an open connection will do; curl repeats once where it has just died */
	EII_HTTP_FRESH, /* a new one, closed afterwards: nothing is ever sent twice */
};

struct eii_http_request {
	enum eii_http_method method; /* a GET has no body */
	const char *url;
	const char *bearer;         /* NULL = no Authorization header */
	const char *content_type;   /* NULL = application/json */
	const char *const *headers; /* "Name: value", NULL at the end; may be NULL */
	const char *user_agent;     /* NULL = the client's own */
	struct eii_text body;
	int64_t deadline_ms;         /* kept to within some milliseconds, whatever hangs */
	const struct eii_stop *stop; /* NULL: nothing cuts it but the deadline */
	enum eii_http_connection connection;
};

/* Caller's struct: init before, clear after; used again and again. */
struct eii_http_reply {
	long status; /* 200 */
	struct eii_buf body;
	uint32_t retry_after_s; /* Retry-After in both forms; 0 = none, EII_HTTP_RETRY_MAX_S at most
				 */
	int64_t server_unix_s;  /* Date, 0 = none or no date */
	bool is_sent;           /* on failure too: the server may have the request */
};
void eii_http_reply_init(struct eii_http_reply *reply);
void eii_http_reply_clear(struct eii_http_reply *reply);

/*
 * EII_OK: an answer is there, whatever its status; redirects count as one.
 *
 * EII_RETRY with UNREACHABLE (look-up, connect, lost, timed out) or STOPPED;
 * EII_FATAL with CONFIG (certificate, client key, URL, proxy's name), doubtful where
 * another server answers; EII_REJECT: the answer is over EII_HTTP_REPLY_MAX. On
 * failure only is_sent is written.
 */
enum eii_rc eii_http_post(struct eii_http *http, const struct eii_http_request *request,
			  struct eii_http_reply *reply, struct eii_error *err) EII_MUST_CHECK;

#endif
