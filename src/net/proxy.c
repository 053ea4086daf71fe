/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/net/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>

#include "eii/base/alloc.h"
#include "eii/base/base64.h"
#include "eii/base/buf.h"
#include "eii/base/cleanup.h"
#include "eii/base/text.h"
#include "eii/net/dial.h"

#define HTTP_PORT  8080 /* of a proxy's URL without one, as curl's 1080 for SOCKS */
#define SOCKS_PORT 1080
#define SOCKS_MAX  255 /* bytes of a name, user or password: one byte says how many */

enum kind { BY_CONNECT, BY_SOCKS, BY_SOCKS_WITH_NAMES };

struct proxy {
	enum kind kind;
	char *host, *user, *password; /* user NULL = nobody */
	uint16_t port;
};

/* A conversation with the proxy. */
struct talk {
	const struct proxy *proxy;
	const char *where; /* "IMAP server mail.example:993" */
	const char *host;  /* that is wanted */
	char address[64];  /* of it, where it is looked up here */
	uint16_t port;
	int fd;
	int64_t deadline_ms;
	const struct eii_stop *stop;
};

/* ---- its URL ------------------------------------------------------------- */

static void clear_proxy(struct proxy *proxy)
{
	free(proxy->host);
	eii_free_secret(proxy->user);
	eii_free_secret(proxy->password);
}

static bool read_kind(CURLU *parts, enum kind *out)
{
	static const char *const schemes[] = {
		[BY_CONNECT] = "http", [BY_SOCKS] = "socks5", [BY_SOCKS_WITH_NAMES] = "socks5h"
	};
	char *scheme = NULL;
	bool is_known = false;

	if (curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
		return false;
	for (int i = BY_CONNECT; i <= BY_SOCKS_WITH_NAMES; i++) {
		if (strcmp(schemes[i], scheme) == 0) {
			*out = (enum kind)i;
			is_known = true;
		}
	}
	curl_free(scheme);
	return is_known;
}

static char *part_of(CURLU *parts, CURLUPart part, unsigned flags)
{
	char *text = NULL, *copy;

	if (curl_url_get(parts, part, &text, flags) != CURLUE_OK)
		return NULL;
	copy = eii_strdup(text);
	explicit_bzero(text, strlen(text));
	curl_free(text);
	return copy;
}

/* "[::1]" is written with brackets and dialled without. */
static char *host_of(CURLU *parts)
{
	char *host = part_of(parts, CURLUPART_HOST, 0);
	size_t len = host ? strlen(host) : 0;

	if (len > 2 && host[0] == '[') {
		memmove(host, host + 1, len - 2);
		host[len - 2] = '\0';
	}
	return host;
}

static bool parse(const char *url, struct proxy *out)
{
	CURLU *parts = curl_url();
	EII_AUTO_STR port = NULL;
	uint64_t number;
	bool is_good =
		parts &&
		curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
		read_kind(parts, &out->kind);

	if (is_good) {
		out->host = host_of(parts);
		out->user = part_of(parts, CURLUPART_USER, CURLU_URLDECODE);
		out->password = part_of(parts, CURLUPART_PASSWORD, CURLU_URLDECODE);
		port = part_of(parts, CURLUPART_PORT, 0);
		number = out->kind == BY_CONNECT ? HTTP_PORT : SOCKS_PORT;
		if (port)
			is_good = eii_text_to_u64(eii_text_of(port), UINT16_MAX, &number);
		out->port = (uint16_t)number;
		is_good = is_good && out->host && out->host[0];
	}
	curl_url_cleanup(parts);
	return is_good;
}

bool eii_proxy_is_valid(const char *url)
{
	struct proxy proxy = { 0 };
	bool is_valid = parse(url, &proxy);

	clear_proxy(&proxy);
	return is_valid;
}

/* ---- bytes --------------------------------------------------------------- */

static enum eii_rc fail(const struct talk *talk, enum eii_rc rc, const char *why,
			struct eii_error *err)
{
	return eii_fail_kind(err, rc, rc == EII_FATAL ? EII_ERROR_CONFIG : EII_ERROR_UNREACHABLE,
			     "%s: proxy %s:%u: %s", talk->where, talk->proxy->host,
			     talk->proxy->port, why);
}

static enum eii_rc fail_doubtful(const struct talk *talk, const char *why, struct eii_error *err)
{
	return eii_fail_doubtful(err, EII_FATAL, EII_ERROR_CONFIG, "%s: proxy %s:%u: %s",
				 talk->where, talk->proxy->host, talk->proxy->port, why);
}

static enum eii_rc wait_for(const struct talk *talk, short events, struct eii_error *err)
{
	switch (eii_stop_wait(talk->stop, talk->fd, events, talk->deadline_ms)) {
	case EII_WAIT_READY:
		return EII_OK;
	case EII_WAIT_STOPPED:
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_STOPPED, "%s: stopped", talk->where);
	case EII_WAIT_TIMEOUT:
		break;
	}
	return fail(talk, EII_RETRY, "no answer in time", err);
}

static enum eii_rc send_all(const struct talk *talk, const void *data, size_t len,
			    struct eii_error *err)
{
	const char *at = data;

	while (len) {
		ssize_t n = send(talk->fd, at, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return fail(talk, EII_RETRY, strerror(errno), err);
		if (n < 0) {
			enum eii_rc rc = wait_for(talk, POLLOUT, err);

			if (rc)
				return rc;
			continue;
		}
		at += n;
		len -= (size_t)n;
	}
	return EII_OK;
}

/* Exactly so many bytes: what the server says behind them is not ours to read. */
static enum eii_rc read_exactly(const struct talk *talk, void *data, size_t len,
				struct eii_error *err)
{
	char *at = data;

	while (len) {
		ssize_t n;
		enum eii_rc rc = wait_for(talk, POLLIN, err);

		if (rc)
			return rc;
		n = recv(talk->fd, at, len, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			return fail(talk, EII_RETRY,
				    n ? strerror(errno) : "it closed the connection", err);
		at += n;
		len -= (size_t)n;
	}
	return EII_OK;
}

/* ---- CONNECT ------------------------------------------------------------- */

static void add_authorization(const struct proxy *proxy, struct eii_buf *out)
{
	EII_AUTO_SECRET pair = NULL;
	EII_AUTO_SECRET text = NULL;

	if (!proxy->user)
		return;
	pair = eii_asprintf("%s:%s", proxy->user, proxy->password ? proxy->password : "");
	text = eii_calloc(eii_base64_size(strlen(pair)) + 1, 1);
	eii_base64_encode(pair, strlen(pair), text);
	eii_buf_addf(out, "Proxy-Authorization: Basic %s\r\n", text);
}

static enum eii_rc send_connect(const struct talk *talk, struct eii_error *err)
{
	bool is_ipv6 = strchr(talk->host, ':') != NULL;
	char target[320];
	struct eii_buf request;
	enum eii_rc rc;

	(void)snprintf(target, sizeof(target), "%s%s%s:%u", is_ipv6 ? "[" : "", talk->host,
		       is_ipv6 ? "]" : "", talk->port);
	eii_buf_init(&request, EII_PROXY_ANSWER_MAX);
	eii_buf_addf(&request, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", target, target);
	add_authorization(talk->proxy, &request);
	eii_buf_add_str(&request, "\r\n");
	rc = eii_buf_ok(&request) ? send_all(talk, request.data, request.len, err)
				  : fail(talk, EII_FATAL, "its user or password is too long", err);
	if (request.len)
		explicit_bzero(request.data, request.len);
	eii_buf_clear(&request);
	return rc;
}

/* Up to the empty line, byte by byte. */
static enum eii_rc read_head(const struct talk *talk, struct eii_buf *out, struct eii_error *err)
{
	char c;

	for (;;) {
		enum eii_rc rc = read_exactly(talk, &c, 1, err);

		if (rc)
			return rc;
		eii_buf_add_char(out, c);
		if (!eii_buf_ok(out))
			return fail(talk, EII_RETRY, "its answer is too long", err);
		if (c == '\n' && out->len >= 4 &&
		    (memcmp(out->data + out->len - 4, "\r\n\r\n", 4) == 0 ||
		     memcmp(out->data + out->len - 2, "\n\n", 2) == 0))
			return EII_OK;
	}
}

static enum eii_rc judge_status(const struct talk *talk, struct eii_text head,
				struct eii_error *err)
{
	char words[160];
	uint64_t status = 0;

	if (head.len < 12 || memcmp(head.data, "HTTP/1.", 7) != 0 || head.data[8] != ' ' ||
	    !eii_text_to_u64(eii_text(head.data + 9, 3), 999, &status))
		return fail_doubtful(talk, "what answers there is no HTTP proxy", err);
	if (status >= 200 && status < 300)
		return EII_OK;
	if (status == 407)
		return fail(talk, EII_FATAL,
			    "it wants to know who we are (407): put user and password into "
			    "EMAIL_INTEL_IMAP_PROXY",
			    err);
	if (status == 403 || status == 405)
		(void)snprintf(words, sizeof(words),
			       "it refuses the tunnel (%u): whoever runs it must open port %u for "
			       "CONNECT",
			       (unsigned)status, talk->port);
	else
		(void)snprintf(words, sizeof(words), "it refuses the tunnel (%u)",
			       (unsigned)status);
	return status >= 500 || status == 408 || status == 429 ? fail(talk, EII_RETRY, words, err)
							       : fail_doubtful(talk, words, err);
}

static enum eii_rc tunnel(const struct talk *talk, struct eii_error *err)
{
	struct eii_buf head;
	enum eii_rc rc = send_connect(talk, err);

	if (rc)
		return rc;
	eii_buf_init(&head, EII_PROXY_ANSWER_MAX);
	rc = read_head(talk, &head, err);
	if (!rc)
		rc = judge_status(talk, eii_buf_text(&head), err);
	eii_buf_clear(&head);
	return rc;
}

/* ---- SOCKS 5 ------------------------------------------------------------- */

static bool fits_socks(const char *text)
{
	return text[0] && strlen(text) <= SOCKS_MAX;
}

/* RFC 1929. */
static enum eii_rc say_who(const struct talk *talk, struct eii_error *err)
{
	const char *user = talk->proxy->user;
	const char *password = talk->proxy->password;
	unsigned char message[3 + 2 * SOCKS_MAX], answer[2];
	size_t n = 0;
	enum eii_rc rc;

	if (!user || !password || !fits_socks(user) || !fits_socks(password))
		return fail(talk, EII_FATAL,
			    "it wants to know who we are: put user and password into "
			    "EMAIL_INTEL_IMAP_PROXY",
			    err);
	message[n++] = 1;
	message[n++] = (unsigned char)strlen(user);
	memcpy(message + n, user, strlen(user));
	n += strlen(user);
	message[n++] = (unsigned char)strlen(password);
	memcpy(message + n, password, strlen(password));
	n += strlen(password);
	rc = send_all(talk, message, n, err);
	explicit_bzero(message, sizeof(message));
	if (!rc)
		rc = read_exactly(talk, answer, sizeof(answer), err);
	if (rc)
		return rc;
	return answer[1] ? fail(talk, EII_FATAL, "it refuses user and password", err) : EII_OK;
}

static enum eii_rc greet(const struct talk *talk, struct eii_error *err)
{
	/* Version, and which methods: none, and user with password. */
	const unsigned char hello[] = { 5, talk->proxy->user ? 2 : 1, 0, 2 };
	unsigned char answer[2];
	enum eii_rc rc = send_all(talk, hello, talk->proxy->user ? 4 : 3, err);

	if (!rc)
		rc = read_exactly(talk, answer, sizeof(answer), err);
	if (rc)
		return rc;
	if (answer[0] != 5)
		return fail_doubtful(talk, "what answers there is no SOCKS 5 proxy", err);
	if (answer[1] == 0)
		return EII_OK;
	return say_who(talk, err);
}

/* The address as SOCKS has it: IPv4, IPv6 or a name; 0 = too long. */
static size_t put_address(const char *host, unsigned char *out)
{
	size_t len = strlen(host);

	if (inet_pton(AF_INET, host, out + 1) == 1) {
		out[0] = 1;
		return 5;
	}
	if (inet_pton(AF_INET6, host, out + 1) == 1) {
		out[0] = 4;
		return 17;
	}
	if (len > SOCKS_MAX)
		return 0;
	out[0] = 3;
	out[1] = (unsigned char)len;
	memcpy(out + 2, host, len);
	return 2 + len;
}

static enum eii_rc judge_reply(const struct talk *talk, unsigned char reply, struct eii_error *err)
{
	/* RFC 1928, section 6. */
	static const char *const words[] = {
		"",
		"it failed",
		"its rules forbid it: whoever runs it must allow the mail server and its port",
		"it cannot reach that network",
		"it cannot reach the host",
		"the host refuses its connection",
		"time ran out",
		"it cannot connect",
		"it does not know this form of address",
	};
	const char *why = words[reply < sizeof(words) / sizeof(words[0]) ? reply : 1];

	if (!reply)
		return EII_OK;
	return reply == 2 ? fail_doubtful(talk, why, err) : fail(talk, EII_RETRY, why, err);
}

static enum eii_rc read_reply(const struct talk *talk, struct eii_error *err)
{
	unsigned char head[4], rest[SOCKS_MAX + 3];
	size_t len;
	enum eii_rc rc = read_exactly(talk, head, sizeof(head), err);

	if (!rc && head[0] != 5)
		return fail_doubtful(talk, "what answers there is no SOCKS 5 proxy", err);
	if (!rc)
		rc = judge_reply(talk, head[1], err);
	if (rc)
		return rc;
	/* The address that it connected from, and its port, which nobody needs. */
	len = head[3] == 1 ? 6 : 18;
	if (head[3] == 3) {
		rc = read_exactly(talk, rest, 1, err);
		if (rc)
			return rc;
		len = rest[0] + 2u;
	}
	return read_exactly(talk, rest, len, err);
}

static enum eii_rc ask_socks(const struct talk *talk, struct eii_error *err)
{
	unsigned char request[3 + 2 + SOCKS_MAX + 2] = { 5, 1, 0 };
	size_t n = put_address(talk->host, request + 3);
	enum eii_rc rc;

	if (!n)
		return fail(talk, EII_FATAL, "the host's name is too long for it", err);
	n += 3;
	request[n++] = (unsigned char)(talk->port >> 8);
	request[n++] = (unsigned char)(talk->port & 0xff);
	rc = greet(talk, err);
	if (!rc)
		rc = send_all(talk, request, n, err);
	return rc ? rc : read_reply(talk, err);
}

/* ---- both ---------------------------------------------------------------- */

static enum eii_rc talk_to(const struct proxy *proxy, struct talk *talk, struct eii_error *err)
{
	enum eii_rc rc;

	if (proxy->kind == BY_CONNECT)
		return tunnel(talk, err);
	if (proxy->kind == BY_SOCKS) {
		rc = eii_dial_address(talk->where, talk->host, talk->port, talk->deadline_ms,
				      talk->stop, talk->address, sizeof(talk->address), err);
		if (rc)
			return rc;
		talk->host = talk->address;
	}
	return ask_socks(talk, err);
}

enum eii_rc eii_proxy_dial(const char *url, const char *where, const char *host, uint16_t port,
			   int64_t deadline_ms, const struct eii_stop *stop, int *out_fd,
			   struct eii_error *err)
{
	struct proxy proxy = { 0 };
	struct talk talk = { .proxy = &proxy,
			     .where = where,
			     .host = host,
			     .port = port,
			     .fd = -1,
			     .deadline_ms = deadline_ms,
			     .stop = stop };
	enum eii_rc rc;

	if (!parse(url, &proxy)) {
		clear_proxy(&proxy);
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
				     "%s: the proxy's address is none", where);
	}
	rc = eii_dial("proxy", proxy.host, proxy.port, deadline_ms, stop, &talk.fd, err);
	if (!rc)
		rc = talk_to(&proxy, &talk, err);
	clear_proxy(&proxy);
	if (rc && talk.fd >= 0)
		(void)close(talk.fd);
	if (!rc)
		*out_fd = talk.fd;
	return rc;
}
