/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the TLS policy share: PEM from a file or from text, the
 * store of authorities, and the judge of a server's certificate.
 */
#ifndef EII_NET_TLS_PRIVATE_H
#define EII_NET_TLS_PRIVATE_H

#include <stdbool.h>

#include <openssl/types.h>

#include "eii/base/error.h"
#include "eii/net/tls.h"

static inline bool eii_tls_is_set(const char *text)
{
	return text && text[0];
}

/* Whether host is an IP address in text. */
bool eii_tls_is_address(const char *host);

/* For error texts: the file's name, or that it was a text. Borrowed. */
const char *eii_tls_pem_name(const char *file_or_pem);

/* Opens a file, or text that is PEM itself, for the caller to BIO_free(). FATAL, CONFIG. */
enum eii_rc eii_tls_open_pem(const char *file_or_pem, const char *what, BIO **out,
			     struct eii_error *err) EII_MUST_CHECK;

/*
 * A pem_password_cb; arg is the passphrase, NULL = none. Never the terminal, which is
 * what OpenSSL would ask: RFC 7468 keys may be locked.
 */
int eii_tls_give_passphrase(char *out, int size, int is_writing, void *arg);

/* Gives ctx the shared store, or one of its own where the options have a CA. */
enum eii_rc eii_tls_set_store(SSL_CTX *ctx, const struct eii_tls_options *options,
			      struct eii_error *err) EII_MUST_CHECK;

/* OpenSSL's verify callback: keeps the first fault in the context's verdict. */
int eii_tls_judge(int is_ok, X509_STORE_CTX *store);

/* X509_V_ERR_* that say that no authority known here has signed it. */
bool eii_tls_is_unknown_issuer(int code);

#endif
