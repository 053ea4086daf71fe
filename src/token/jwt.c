/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/token/jwt.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "eii/base/alloc.h"
#include "eii/base/base64.h"
#include "eii/base/buf.h"
#include "eii/base/cleanup.h"
#include "eii/base/json_writer.h"
#include "eii/base/sink.h"
#include "eii/codec/hash.h"

#define PART_MAX      16384 /* bytes of claims: a scope may be long */
#define SIGNATURE_MAX 1024  /* RSA of 8192 bits */
#define KEY_BITS_MIN  2048  /* RFC 7518, section 3.3 */

char *eii_jwt_base64url(const void *data, size_t len)
{
	char *text = eii_calloc(eii_base64_size(len) + 1, 1);

	eii_base64_encode(data, len, text);
	for (char *p = text; *p; p++) {
		if (*p == '+')
			*p = '-';
		else if (*p == '/')
			*p = '_';
		else if (*p == '=')
			*p-- = '\0';
	}
	return text;
}

char *eii_jwt_thumbprint(const X509 *certificate)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (X509_digest(certificate, EVP_sha256(), hash, &len) != 1)
		abort();
	return eii_jwt_base64url(hash, len);
}

static void add_member(struct eii_json_writer *json, const char *name, const char *value)
{
	if (!value)
		return;
	eii_json_key(json, name);
	eii_json_str(json, value);
}

static void add_instant(struct eii_json_writer *json, const char *name, int64_t unix_s)
{
	eii_json_key(json, name);
	eii_json_i64(json, unix_s);
}

/* One JSON object on its way into a text. */
struct object {
	struct eii_buf text;
	struct eii_buf_sink sink;
	struct eii_json_writer json;
};

static void begin(struct object *object)
{
	eii_buf_init(&object->text, PART_MAX);
	eii_buf_sink_init(&object->sink, &object->text);
	eii_json_writer_init(&object->json, &object->sink.base);
	eii_json_object_begin(&object->json);
}

/* The text, the caller's. Over the ceiling it is cut, and no endpoint takes it. */
static char *finish(struct object *object)
{
	eii_json_object_end(&object->json);
	(void)!eii_json_writer_finish(&object->json, NULL);
	return eii_buf_detach(&object->text);
}

char *eii_jwt_claims(const struct eii_jwt *jwt)
{
	int64_t from_s = jwt->now_unix_s - EII_JWT_BACK_S;
	struct object claims;

	begin(&claims);
	add_member(&claims.json, "iss", jwt->issuer);
	add_member(&claims.json, "sub", jwt->subject);
	add_member(&claims.json, "aud", jwt->audience);
	add_member(&claims.json, "scope", jwt->scope);
	add_member(&claims.json, "jti", jwt->id);
	add_instant(&claims.json, "iat", from_s);
	add_instant(&claims.json, "nbf", from_s);
	add_instant(&claims.json, "exp", from_s + EII_JWT_LIFE_S);
	return finish(&claims);
}

static char *header_of(const struct eii_jwt *jwt)
{
	struct object header;

	begin(&header);
	add_member(&header.json, "alg", jwt->algorithm == EII_JWT_PS256 ? "PS256" : "RS256");
	add_member(&header.json, "typ", "JWT");
	add_member(&header.json, "kid", jwt->key_id);
	add_member(&header.json, "x5t#S256", jwt->thumbprint);
	return finish(&header);
}

static bool set_padding(EVP_PKEY_CTX *context, enum eii_jwt_algorithm algorithm)
{
	if (algorithm == EII_JWT_RS256)
		return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
	return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

/* The signature in base64url, or NULL. */
static char *signature_of(const char *input, enum eii_jwt_algorithm algorithm, EVP_PKEY *key)
{
	unsigned char signature[SIGNATURE_MAX];
	size_t len = sizeof(signature);
	EVP_PKEY_CTX *settings = NULL; /* borrowed from context */
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool is_signed;

	is_signed = context &&
		    EVP_DigestSignInit(context, &settings, EVP_sha256(), NULL, key) == 1 &&
		    set_padding(settings, algorithm) &&
		    EVP_DigestSign(context, signature, &len, (const unsigned char *)input,
				   strlen(input)) == 1;
	EVP_MD_CTX_free(context);
	ERR_clear_error();
	return is_signed ? eii_jwt_base64url(signature, len) : NULL;
}

enum eii_rc eii_jwt_sign(const struct eii_jwt *jwt, EVP_PKEY *key, char **out,
			 struct eii_error *err)
{
	EII_AUTO_STR header = NULL;
	EII_AUTO_STR claims = NULL;
	EII_AUTO_STR first = NULL;
	EII_AUTO_STR second = NULL;
	EII_AUTO_STR input = NULL;
	EII_AUTO_STR signature = NULL;

	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA || EVP_PKEY_get_bits(key) < KEY_BITS_MIN)
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
				     "the key is not RSA of %d bits or more", KEY_BITS_MIN);
	header = header_of(jwt);
	claims = eii_jwt_claims(jwt);
	first = eii_jwt_base64url(header, strlen(header));
	second = eii_jwt_base64url(claims, strlen(claims));
	input = eii_asprintf("%s.%s", first, second);
	signature = signature_of(input, jwt->algorithm, key);
	if (!signature)
		return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG,
				     "nothing can be signed by the key");
	*out = eii_asprintf("%s.%s", input, signature);
	return EII_OK;
}
