/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/net/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/net/dial.h"
#include "eii/net/proxy.h"
#include "tls_private.h"

#define WHERE_MAX 320
/* Of TLS: some records by one call, which would take two for each. */
#define READ_AHEAD_BYTES ((size_t)64 * 1024)

struct eii_stream {
	int fd;
	SSL *ssl; /* NULL: plain */
	SSL_CTX *ctx;
	const struct eii_stop *stop;
	int64_t deadline_ms;
	struct eii_tls_verdict verdict;
	bool has_shaken_hands;
	bool is_not_tls; /* the handshake met something else */
	bool is_proxied; /* the peer is not the host */
	char *host;
	char where[WHERE_MAX];
	size_t n_held;
	char held[EII_STREAM_HELD_MAX];
};

static void format_where(char *out, const char *label, const char *host, uint16_t port)
{
	(void)snprintf(out, WHERE_MAX, strchr(host, ':') ? "%s [%s]:%u" : "%s %s:%u", label, host,
		       port);
}

struct eii_stream *eii_stream_take_fd(const char *label, const char *host, uint16_t port, int fd,
				      const struct eii_stop *stop)
{
	struct eii_stream *stream = EII_NEW(struct eii_stream);

	stream->fd = fd;
	stream->stop = stop;
	stream->host = eii_strdup(host);
	format_where(stream->where, label, host, port);
	return stream;
}

enum eii_rc eii_stream_connect_by(const char *proxy_url, const char *label, const char *host,
				  uint16_t port, int64_t deadline_ms, const struct eii_stop *stop,
				  struct eii_stream **out, struct eii_error *err)
{
	char where[WHERE_MAX];
	enum eii_rc rc;
	int fd = -1;

	format_where(where, label, host, port);
	if (!host[0] || strlen(host) > EII_STREAM_HOST_MAX)
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG, "%s: not the name of a host",
				     where);
	if (proxy_url)
		rc = eii_proxy_dial(proxy_url, where, host, port, deadline_ms, stop, &fd, err);
	else
		rc = eii_dial(where, host, port, deadline_ms, stop, &fd, err);
	if (rc)
		return rc;
	*out = eii_stream_take_fd(label, host, port, fd, stop);
	(*out)->is_proxied = proxy_url != NULL;
	eii_stream_set_deadline(*out, deadline_ms);
	return EII_OK;
}

enum eii_rc eii_stream_connect(const char *label, const char *host, uint16_t port,
			       int64_t deadline_ms, const struct eii_stop *stop,
			       struct eii_stream **out, struct eii_error *err)
{
	return eii_stream_connect_by(NULL, label, host, port, deadline_ms, stop, out, err);
}

void eii_stream_free(struct eii_stream *stream)
{
	if (!stream)
		return;
	SSL_free(stream->ssl);
	SSL_CTX_free(stream->ctx);
	(void)close(stream->fd);
	free(stream->host);
	explicit_bzero(stream->held, sizeof(stream->held));
	free(stream);
}

void eii_stream_set_deadline(struct eii_stream *stream, int64_t deadline_ms)
{
	stream->deadline_ms = deadline_ms;
}

void eii_stream_ignore_stop(struct eii_stream *stream)
{
	stream->stop = NULL;
}

bool eii_stream_export(const struct eii_stream *stream, unsigned char *out, size_t len)
{
	static const char label[] = "EXPORTER-Channel-Binding";

	return stream->ssl && SSL_version(stream->ssl) >= TLS1_3_VERSION &&
	       SSL_export_keying_material(stream->ssl, out, len, label, sizeof(label) - 1, NULL, 0,
					  0) == 1;
}

bool eii_stream_is_tls(const struct eii_stream *stream)
{
	return stream->ssl != NULL;
}

static bool is_loopback(const struct sockaddr_storage *peer)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)peer;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)peer;

	if (peer->ss_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	if (peer->ss_family != AF_INET6)
		return peer->ss_family == AF_UNIX;
	return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr) ||
	       (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr) &&
		v6->sin6_addr.s6_addr[12] == IN_LOOPBACKNET);
}

bool eii_stream_is_private(const struct eii_stream *stream)
{
	struct sockaddr_storage peer = { 0 };
	socklen_t size = sizeof(peer);

	if (stream->ssl)
		return true;
	return !stream->is_proxied &&
	       getpeername(stream->fd, (struct sockaddr *)&peer, &size) == 0 && is_loopback(&peer);
}

const char *eii_stream_where(const struct eii_stream *stream)
{
	return stream->where;
}

/* ---- waiting ----------------------------------------------------------- */

static enum eii_rc fail_lost(const struct eii_stream *stream, int error, struct eii_error *err)
{
	return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE, "%s: connection lost%s%s",
			     stream->where, error ? ": " : "", error ? strerror(error) : "");
}

static enum eii_rc fail_timeout(const struct eii_stream *stream, struct eii_error *err)
{
	return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE, "%s: no answer in time",
			     stream->where);
}

static enum eii_rc wait_for(const struct eii_stream *stream, short events, struct eii_error *err)
{
	switch (eii_stop_wait(stream->stop, stream->fd, events, stream->deadline_ms)) {
	case EII_WAIT_READY:
		return EII_OK;
	case EII_WAIT_STOPPED:
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_STOPPED, "%s: stopped",
				     stream->where);
	case EII_WAIT_TIMEOUT:
	default:
		return fail_timeout(stream, err);
	}
}

/* Also where bytes keep coming: they must not carry an operation past its end. */
static enum eii_rc check_time(const struct eii_stream *stream, struct eii_error *err)
{
	if (eii_stop_requested(stream->stop))
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_STOPPED, "%s: stopped",
				     stream->where);
	if (eii_clock_left_ms(stream->deadline_ms) == 0)
		return fail_timeout(stream, err);
	return EII_OK;
}

/* Reasons that OpenSSL gives for bytes that are no TLS record. */
static bool is_not_tls(int reason)
{
	return reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
	       reason == SSL_R_PACKET_LENGTH_TOO_LONG || reason == SSL_R_UNKNOWN_PROTOCOL ||
	       reason == SSL_R_BAD_RECORD_TYPE;
}

/* A server that has shaken hands speaks TLS: what is none afterwards is a broken stream. */
static enum eii_rc fail_tls(struct eii_stream *stream, struct eii_error *err)
{
	unsigned long code = ERR_peek_error();
	const char *reason = ERR_reason_error_string(code);
	bool was_other = is_not_tls(ERR_GET_REASON(code));

	if (was_other && stream->has_shaken_hands) {
		ERR_clear_error();
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
				     "%s: TLS: the stream is broken (%s)", stream->where,
				     reason ? reason : "no record");
	}
	stream->is_not_tls |= was_other;
	return eii_tls_fail(&stream->verdict, stream->where, err);
}

/* What to do after an SSL call gave result: EII_OK = wait is over, call again. */
static enum eii_rc settle_ssl(struct eii_stream *stream, int result, struct eii_error *err)
{
	int error = errno;

	switch (SSL_get_error(stream->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return wait_for(stream, POLLIN, err);
	case SSL_ERROR_WANT_WRITE:
		return wait_for(stream, POLLOUT, err);
	case SSL_ERROR_SYSCALL:
		ERR_clear_error();
		return fail_lost(stream, error, err);
	case SSL_ERROR_ZERO_RETURN:
		return fail_lost(stream, 0, err);
	default:
		if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
			ERR_clear_error();
			return fail_lost(stream, 0, err);
		}
		return fail_tls(stream, err);
	}
}

/* ---- TLS --------------------------------------------------------------- */

static enum eii_rc refuse_waiting_bytes(struct eii_stream *stream, struct eii_error *err)
{
	char byte;

	if (recv(stream->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
		return EII_OK;
	stream->is_not_tls = true;
	return eii_fail(err, EII_RETRY,
			"%s: the server, or someone between, sent plain text into the start of "
			"TLS",
			stream->where);
}

static enum eii_rc shake_hands(struct eii_stream *stream, struct eii_error *err)
{
	for (;;) {
		enum eii_rc rc = check_time(stream, err);
		int result;

		if (rc)
			return rc;
		ERR_clear_error();
		errno = 0;
		result = SSL_connect(stream->ssl);
		stream->has_shaken_hands = result == 1;
		if (stream->has_shaken_hands)
			return EII_OK;
		rc = settle_ssl(stream, result, err);
		if (rc)
			return rc;
	}
}

enum eii_rc eii_stream_start_tls(struct eii_stream *stream, const struct eii_tls_options *options,
				 struct eii_error *err)
{
	enum eii_rc rc;

	rc = refuse_waiting_bytes(stream, err);
	if (rc)
		return rc;
	stream->ctx = SSL_CTX_new(TLS_client_method());
	if (!stream->ctx)
		return eii_fail(err, EII_RETRY, "%s: out of memory", stream->where);
	rc = eii_tls_setup(stream->ctx, options, stream->host, &stream->verdict, err);
	if (rc)
		return eii_fail_in(err, rc, "%s", stream->where);
	stream->ssl = eii_tls_session_new(stream->ctx, stream->host, stream->fd);
	if (!stream->ssl)
		return eii_fail(err, EII_RETRY, "%s: out of memory", stream->where);
	SSL_set_read_ahead(stream->ssl, 1);
	SSL_set_default_read_buffer_len(stream->ssl, READ_AHEAD_BYTES);
	return shake_hands(stream, err);
}

enum eii_tls_trouble eii_stream_tls_trouble(const struct eii_stream *stream)
{
	if (eii_tls_is_unknown_issuer((int)stream->verdict.code))
		return EII_TLS_TROUBLE_UNKNOWN_CA;
	return stream->is_not_tls ? EII_TLS_TROUBLE_NOT_TLS : EII_TLS_TROUBLE_OTHER;
}

/* ---- bytes ------------------------------------------------------------- */

/* One try: the bytes moved, 0 = try again, after the wait that it needed. */
static enum eii_rc write_some(struct eii_stream *stream, const char *data, size_t len,
			      size_t *out_len, struct eii_error *err)
{
	ssize_t n;

	*out_len = 0;
	errno = 0;
	if (stream->ssl) {
		ERR_clear_error();
		if (SSL_write_ex(stream->ssl, data, len, out_len) == 1)
			return EII_OK;
		*out_len = 0;
		return settle_ssl(stream, 0, err);
	}
	n = send(stream->fd, data, len, MSG_NOSIGNAL);
	if (n >= 0) {
		*out_len = (size_t)n;
		return EII_OK;
	}
	if (errno == EAGAIN)
		return wait_for(stream, POLLOUT, err);
	return errno == EINTR ? EII_OK : fail_lost(stream, errno, err);
}

static enum eii_rc write_all(struct eii_stream *stream, const char *data, size_t len,
			     struct eii_error *err)
{
	while (len) {
		enum eii_rc rc = check_time(stream, err);
		size_t n = 0;

		if (!rc)
			rc = write_some(stream, data, len, &n, err);
		if (rc)
			return rc;
		data += n;
		len -= n;
	}
	return EII_OK;
}

enum eii_rc eii_stream_flush(struct eii_stream *stream, struct eii_error *err)
{
	size_t len = stream->n_held;
	enum eii_rc rc;

	if (!len)
		return EII_OK;
	stream->n_held = 0;
	rc = write_all(stream, stream->held, len, err);
	explicit_bzero(stream->held, len);
	return rc;
}

enum eii_rc eii_stream_write(struct eii_stream *stream, const char *data, size_t len,
			     struct eii_error *err)
{
	if (stream->n_held + len > sizeof(stream->held)) {
		enum eii_rc rc = eii_stream_flush(stream, err);

		if (rc)
			return rc;
	}
	if (len > sizeof(stream->held))
		return write_all(stream, data, len, err);
	memcpy(stream->held + stream->n_held, data, len);
	stream->n_held += len;
	return EII_OK;
}

/* One try: *is_done says that *out_len is the answer (0 = the server closed). */
static enum eii_rc read_some(struct eii_stream *stream, char *data, size_t capacity,
			     size_t *out_len, bool *is_done, struct eii_error *err)
{
	ssize_t n;

	*is_done = true;
	errno = 0;
	if (stream->ssl) {
		ERR_clear_error();
		if (SSL_read_ex(stream->ssl, data, capacity, out_len) == 1)
			return EII_OK;
		*out_len = 0;
		if (SSL_get_error(stream->ssl, 0) == SSL_ERROR_ZERO_RETURN)
			return EII_OK;
		*is_done = false;
		return settle_ssl(stream, 0, err);
	}
	n = recv(stream->fd, data, capacity, 0);
	*out_len = n > 0 ? (size_t)n : 0;
	if (n >= 0)
		return EII_OK;
	*is_done = false;
	if (errno == EAGAIN)
		return wait_for(stream, POLLIN, err);
	return errno == EINTR ? EII_OK : fail_lost(stream, errno, err);
}

enum eii_rc eii_stream_read(struct eii_stream *stream, char *data, size_t capacity, size_t *out_len,
			    struct eii_error *err)
{
	enum eii_rc rc = eii_stream_flush(stream, err);
	bool is_done = false;
	size_t len = 0;

	while (!rc && !is_done) {
		rc = check_time(stream, err);
		if (!rc)
			rc = read_some(stream, data, capacity, &len, &is_done, err);
	}
	if (rc)
		return rc;
	*out_len = len;
	return EII_OK;
}

/* Whether words of the other side, or its end, can be read now. */
static bool has_words(struct eii_stream *stream)
{
	char byte;
	size_t n;

	if (!stream->ssl)
		return recv(stream->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN;
	ERR_clear_error();
	if (SSL_peek_ex(stream->ssl, &byte, 1, &n) == 1)
		return true;
	return SSL_get_error(stream->ssl, 0) != SSL_ERROR_WANT_READ;
}

enum eii_rc eii_stream_await(struct eii_stream *stream, int64_t until_ms, bool *out_ready,
			     struct eii_error *err)
{
	enum eii_rc rc = eii_stream_flush(stream, err);

	if (rc)
		return rc;
	while (!has_words(stream)) {
		switch (eii_stop_wait(stream->stop, stream->fd, POLLIN, until_ms)) {
		case EII_WAIT_READY:
			break;
		case EII_WAIT_STOPPED:
			return eii_fail_kind(err, EII_RETRY, EII_ERROR_STOPPED, "%s: stopped",
					     stream->where);
		case EII_WAIT_TIMEOUT:
		default:
			*out_ready = false;
			return EII_OK;
		}
	}
	*out_ready = true;
	return EII_OK;
}

bool eii_stream_has_input(struct eii_stream *stream, int wait_ms)
{
	int64_t until_ms = eii_clock_monotonic_ms() + wait_ms;

	if (eii_stream_flush(stream, NULL))
		return false;
	if (stream->ssl && SSL_has_pending(stream->ssl))
		return true;
	if (stream->deadline_ms < until_ms)
		until_ms = stream->deadline_ms;
	return eii_stop_wait(stream->stop, stream->fd, POLLIN, until_ms) == EII_WAIT_READY;
}
