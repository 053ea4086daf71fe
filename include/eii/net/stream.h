/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A byte stream over TCP, plain or TLS. Every operation ends at one absolute
 * deadline, however slowly bytes keep dripping, and at once when stop is
 * requested. Writes are gathered and leave with the next read or flush; reads
 * are not buffered here. After a failure the stream is good for nothing but
 * free. One thread.
 *
 * Failures: EII_RETRY with UNREACHABLE (lost, refused, timed out) or STOPPED;
 * for TLS also those of eii_tls_fail().
 */
#ifndef EII_NET_STREAM_H
#define EII_NET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/base/stop.h"
#include "eii/net/tls.h"

#define EII_STREAM_HOST_MAX 255         /* bytes of a host's name */
#define EII_STREAM_HELD_MAX (16 * 1024) /* bytes gathered before a write leaves */

struct eii_stream;

/*
 * Connects to one address of host after the other until one answers; the look-up
 * of the name is bounded by the deadline as well (a helper thread is left to
 * the resolver's own time limit). label names the service in error texts ("IMAP
 * server"); host and label are copied, stop is borrowed and may be NULL.
 */
enum eii_rc eii_stream_connect(const char *label, const char *host, uint16_t port,
			       int64_t deadline_ms, const struct eii_stop *stop,
			       struct eii_stream **out, struct eii_error *err) EII_MUST_CHECK;

/*
 * The same through a proxy (net/proxy.h), whose failures it has; TLS and the name in
 * the texts are the host's.
 */
enum eii_rc eii_stream_connect_by(const char *proxy_url, const char *label, const char *host,
				  uint16_t port, int64_t deadline_ms, const struct eii_stop *stop,
				  struct eii_stream **out, struct eii_error *err) EII_MUST_CHECK;

/* A stream on a connected socket, which it owns from now on. */
struct eii_stream *eii_stream_take_fd(const char *label, const char *host, uint16_t port, int fd,
				      const struct eii_stop *stop);

/* Drops the connection. */
void eii_stream_free(struct eii_stream *stream);
EII_DEFINE_AUTO(eii_stream);

/* For every operation from now on, until set again. */
void eii_stream_set_deadline(struct eii_stream *stream, int64_t deadline_ms);

/*
 * TLS from here on. The caller makes sure that nothing read in plain text is
 * left over; bytes that already wait in the socket before the handshake make
 * the handshake fail.
 */
enum eii_rc eii_stream_start_tls(struct eii_stream *stream, const struct eii_tls_options *options,
				 struct eii_error *err) EII_MUST_CHECK;
bool eii_stream_is_tls(const struct eii_stream *stream);

/* Nobody on the way reads it: TLS, or the peer is on this machine (RFC 1122, 3.2.1.3; no proxy). */
bool eii_stream_is_private(const struct eii_stream *stream);

/*
 * Keying material of this TLS connection (RFC 9266, "tls-exporter"). False: not
 * TLS 1.3, below which it is not certain to be of this connection alone.
 */
bool eii_stream_export(const struct eii_stream *stream, unsigned char *out, size_t len);

/* What eii_stream_start_tls() met when it failed, for words that name a setting. */
enum eii_tls_trouble {
	EII_TLS_TROUBLE_OTHER,
	EII_TLS_TROUBLE_NOT_TLS,    /* the other side speaks something else */
	EII_TLS_TROUBLE_UNKNOWN_CA, /* the certificate's authority is not trusted here */
};
enum eii_tls_trouble eii_stream_tls_trouble(const struct eii_stream *stream);

/*
 * Sends what is held, then waits for at most wait_ms for the first bytes of a
 * plain stream. False: none yet; also where the read will fail, which says why.
 */
bool eii_stream_has_input(struct eii_stream *stream, int wait_ms);

/*
 * Sends what is held, then waits until then for bytes that can be read: of TLS those
 * of the other side's words, not of the protocol's own. EII_OK and *out_ready false:
 * none came, and nothing is broken; so it is after a failure by a stop.
 */
enum eii_rc eii_stream_await(struct eii_stream *stream, int64_t until_ms, bool *out_ready,
			     struct eii_error *err) EII_MUST_CHECK;

/* A stop does not end its operations any more: for a last word, with a deadline. */
void eii_stream_ignore_stop(struct eii_stream *stream);

/*
 * Sends what is held, then waits for at least one byte. *out_len = 0: the
 * server closed the connection.
 */
enum eii_rc eii_stream_read(struct eii_stream *stream, char *data, size_t capacity, size_t *out_len,
			    struct eii_error *err) EII_MUST_CHECK;

/* Holds the bytes, or sends them where they do not fit. */
enum eii_rc eii_stream_write(struct eii_stream *stream, const char *data, size_t len,
			     struct eii_error *err) EII_MUST_CHECK;
enum eii_rc eii_stream_flush(struct eii_stream *stream, struct eii_error *err) EII_MUST_CHECK;

/* "IMAP server mail.example:993", for error texts. Borrowed. */
const char *eii_stream_where(const struct eii_stream *stream);

#endif
