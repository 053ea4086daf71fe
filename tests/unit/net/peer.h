/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server of one thread on a free loopback port, for tests: it serves one
 * connection after the other by a function of the test's.
 */
#ifndef EII_TESTS_NET_PEER_H
#define EII_TESTS_NET_PEER_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

struct peer;

/* serve is called for each of n connections, which are closed afterwards. */
struct peer *peer_start(void (*serve)(int fd, void *arg), void *arg, int n);
uint16_t peer_port(const struct peer *peer);

/* Waits for the thread; connections that did not come are not waited for. */
void peer_stop(struct peer *peer);

/* Blocking helpers for serve functions; false when the client has gone. */
int peer_send(int fd, const char *data, size_t len);
int peer_send_str(int fd, const char *text);
/* One line without its CRLF; -1 when the client has gone. */
int peer_read_line(int fd, char *out, size_t capacity);
/* Until the client closes. */
void peer_drain(int fd);

/* An authority of the test's own and what it signs; all owned by the pki. */
struct pki;

enum pki_kind {
	PKI_GOOD, /* localhost, 127.0.0.1 */
	PKI_WRONG_HOST,
	PKI_EXPIRED,
	PKI_FUTURE,
	PKI_SELF_SIGNED,
	PKI_CLIENT,
	PKI_N,
};

struct pki *pki_new(void);
void pki_free(struct pki *pki);
const char *pki_ca_pem(const struct pki *pki);
const char *pki_cert_pem(const struct pki *pki, enum pki_kind kind);
/* passphrase may be NULL; for the caller to free(). */
char *pki_key_pem(const struct pki *pki, enum pki_kind kind, const char *passphrase);
/* A server's context with a certificate of that kind. */
SSL_CTX *pki_server_context(const struct pki *pki, enum pki_kind kind);

#endif
