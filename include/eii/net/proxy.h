/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection to a server through a proxy: CONNECT (RFC 9110, section 9.3.6) or
 * SOCKS 5 (RFC 1928, with RFC 1929's user and password). What the server says
 * first stays in the socket.
 */
#ifndef EII_NET_PROXY_H
#define EII_NET_PROXY_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/error.h"
#include "eii/base/stop.h"

#define EII_PROXY_ANSWER_MAX 16384 /* bytes of an answer to CONNECT */

/* Whether url is one: http://, socks5:// (names are looked up here) or socks5h://. */
bool eii_proxy_is_valid(const char *url);

/*
 * A socket as eii_dial()'s, connected to host behind the proxy. url may hold a user
 * and a password, which no text shows.
 *
 * EII_RETRY with UNREACHABLE or STOPPED; EII_FATAL with CONFIG: the proxy wants to
 * know who we are; or, doubtful, forbids the host or its port, or is no proxy.
 */
enum eii_rc eii_proxy_dial(const char *url, const char *where, const char *host, uint16_t port,
			   int64_t deadline_ms, const struct eii_stop *stop, int *out_fd,
			   struct eii_error *err) EII_MUST_CHECK;

#endif
