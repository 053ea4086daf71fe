/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scripted HTTP/1.1 server on top of the peer: every request gets the next
 * answer (the last one again and again), and what was asked is kept.
 */
#ifndef EII_TESTS_NET_WEB_PEER_H
#define EII_TESTS_NET_WEB_PEER_H

#include <stdatomic.h>
#include <stddef.h>

#include <openssl/types.h>

#include "peer.h"

struct web_peer {
	const char *const *answers; /* whole answers, NULL at the end; "" = close, NULL = silence */
	size_t body_bytes;          /* sent behind an answer as so many 'x' */
	SSL_CTX *ctx;               /* NULL: plain */
	atomic_int n_connections, n_requests;
	char head[8192]; /* of the last request */
	char body[8192];
};

void web_peer_serve(int fd, void *web_peer);

#endif
