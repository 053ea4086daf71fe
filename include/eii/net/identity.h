/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate of our own with its private key, read from what an operator has:
 * PEM (key in PKCS#8 or PKCS#1, locked by a passphrase or not, in a file of its
 * own or in the certificate's), or PKCS#12. Never prompts.
 */
#ifndef EII_NET_IDENTITY_H
#define EII_NET_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/types.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"

#define EII_IDENTITY_MAX_BYTES 1048576 /* of a file */

/* Texts are a file's name, or PEM text itself; NULL or "" = not set. Borrowed. */
struct eii_identity_source {
	const char *what;        /* "client certificate", for error texts */
	const char *certificate; /* needed; its chain may follow */
	const char *key;         /* not set: stands with the certificate */
	const char *passphrase;
};

struct eii_identity;

/*
 * EII_RETRY with CONFIG: certificate and key do not fit each other, as while both
 * are being replaced. EII_FATAL with CONFIG: a file that cannot be read or holds
 * something else, a wrong passphrase.
 */
enum eii_rc eii_identity_read(const struct eii_identity_source *source, struct eii_identity **out,
			      struct eii_error *err) EII_MUST_CHECK;
void eii_identity_free(struct eii_identity *identity);
EII_DEFINE_AUTO(eii_identity);

/* Borrowed. */
X509 *eii_identity_certificate(const struct eii_identity *identity);
EVP_PKEY *eii_identity_key(const struct eii_identity *identity);

/* Gives certificate, chain and key to a context. False: it takes them not. */
bool eii_identity_use(const struct eii_identity *identity, SSL_CTX *ctx) EII_MUST_CHECK;

/* The end of the certificate, Unix seconds; 0 = it says none that can be read. */
int64_t eii_identity_end_unix_s(const struct eii_identity *identity);

#endif
