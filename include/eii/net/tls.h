/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One TLS policy for every connection of the process: TLS 1.2 or newer, chain
 * and name (or IP address) checked inside the handshake, no passphrase prompt.
 * Trusted are the system's authorities, those added for all, and those of the
 * one connection. What went wrong is told in an operator's words.
 */
#ifndef EII_NET_TLS_H
#define EII_NET_TLS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <openssl/types.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"

/*
 * The system's authorities (SSL_CERT_DIR takes their place), those of SSL_CERT_FILE,
 * REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE, and those added for all, loaded once and
 * shared by contexts of any thread.
 */
struct eii_trust;

/*
 * added: a file, or PEM text itself (HTTPS_CA_CERTIFICATES); NULL or "" = none.
 * EII_FATAL with CONFIG: no such file, or no certificate in it or in a variable's.
 */
enum eii_rc eii_trust_new(const char *added, struct eii_trust **out,
			  struct eii_error *err) EII_MUST_CHECK;
void eii_trust_free(struct eii_trust *trust);
EII_DEFINE_AUTO(eii_trust);

#define EII_TLS_ISSUER_BYTES 160

/* Whose certificate a handshake found right. Caller's, zeroed before; one connection at a time. */
struct eii_tls_peer {
	char issuer[EII_TLS_ISSUER_BYTES]; /* its name on one line; "" = no such handshake yet */
	int64_t end_s;                     /* the earliest end in the chain, Unix seconds */
};

/* Texts are a file's name, or PEM text itself; NULL or "" = not set. All borrowed. */
struct eii_tls_options {
	const struct eii_trust *trust; /* NULL: the system's alone */
	const char *ca;                /* authorities for this connection, beside those */
	bool verify;                   /* false: any certificate will do */
	const char *cert;              /* client certificate, its chain may follow */
	const char *key;
	const char *passphrase; /* of key; never prompted for */
	/*
	 * Where a handshake that verifies writes the earliest end (Unix seconds) in
	 * the server's chain; NULL = nobody asks. Outlives the connections.
	 */
	_Atomic int64_t *certificate_end;
	struct eii_tls_peer *peer; /* likewise, for whoever asks who answered; NULL = nobody */
};

/* What a handshake found wrong with the server's certificate. Caller's, zeroed before. */
struct eii_tls_verdict {
	long code;                        /* X509_V_ERR_*, 0 = nothing found */
	char detail[256];                 /* for eii_tls_fail() */
	int64_t end_s;                    /* the earliest end seen so far; 0 = none yet */
	_Atomic int64_t *certificate_end; /* of the options, as the next */
	struct eii_tls_peer *peer;
};

/*
 * Makes a context follow the policy for connections to this one host (a name,
 * or an IP address in text). verdict is written by the handshake and outlives
 * the context. SNI is set by whoever makes the SSL (eii_tls_session_new, or
 * rabbitmq-c and curl, which do so themselves).
 *
 * EII_FATAL with CONFIG: a file that cannot be read, a key that does not fit.
 */
enum eii_rc eii_tls_setup(SSL_CTX *ctx, const struct eii_tls_options *options, const char *host,
			  struct eii_tls_verdict *verdict, struct eii_error *err) EII_MUST_CHECK;

/* A client session of such a context on fd (not owned), with SNI. NULL: out of memory. */
SSL *eii_tls_session_new(SSL_CTX *ctx, const char *host, int fd);

/*
 * After a handshake that failed: EII_FATAL with CONFIG where the certificate is
 * at fault (which one, what is wrong, what to do), or what answers speaks no TLS of
 * ours, doubtful but for an end and for what is said of our own; else EII_RETRY with
 * UNREACHABLE and OpenSSL's reason, taken from (and emptying) its error queue.
 * where: "IMAP server mail.example:993".
 */
enum eii_rc eii_tls_fail(const struct eii_tls_verdict *verdict, const char *where,
			 struct eii_error *err);

#endif
