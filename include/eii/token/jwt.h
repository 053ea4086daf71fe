/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed JSON Web Tokens (RFC 7519, RFC 7515), made and never read: what proves
 * at a token endpoint who we are.
 */
#ifndef EII_TOKEN_JWT_H
#define EII_TOKEN_JWT_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "eii/base/error.h"

#define EII_JWT_BACK_S 60  /* iat and nbf lie so far back: clocks differ */
#define EII_JWT_LIFE_S 600 /* from iat to exp */

enum eii_jwt_algorithm {
	EII_JWT_RS256,
	EII_JWT_PS256, /* RFC 7518, section 3.5: the salt is as long as the hash */
};

struct eii_jwt {
	enum eii_jwt_algorithm algorithm;
	const char *key_id;     /* "kid"; NULL = none */
	const char *thumbprint; /* "x5t#S256"; NULL = none */
	const char *issuer;
	const char *subject;
	const char *audience;
	const char *scope; /* NULL = none */
	const char *id;    /* "jti"; NULL = none */
	int64_t now_unix_s;
};

/* The claims alone, as JSON, for the caller to free(). */
char *eii_jwt_claims(const struct eii_jwt *jwt);

/* EII_FATAL with CONFIG: the key is not RSA, or shorter than 2048 bits. *out is to be freed. */
enum eii_rc eii_jwt_sign(const struct eii_jwt *jwt, EVP_PKEY *key, char **out,
			 struct eii_error *err) EII_MUST_CHECK;

/* RFC 4648, section 5, without padding; for the caller to free(). */
char *eii_jwt_base64url(const void *data, size_t len);

/* "x5t#S256" of a certificate: the hash of its DER form; for the caller to free(). */
char *eii_jwt_thumbprint(const X509 *certificate);

#endif
