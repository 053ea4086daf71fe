/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/codec/hash.h"

#include <stdlib.h>

#include <openssl/evp.h>

#include "eii/base/alloc.h"
#include "eii/base/die.h"

/* OpenSSL fails here only without memory or without a provider: nothing works then. */
static void must(int ok)
{
	if (ok != 1)
		eii_die("OpenSSL", 0);
}

void eii_sha256_of(const void *data, size_t len, uint8_t out[EII_HASH_SHA256_BYTES])
{
	must(EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL));
}

struct eii_sha256 {
	EVP_MD_CTX *context;
};

struct eii_sha256 *eii_sha256_new(void)
{
	struct eii_sha256 *hash = EII_NEW(struct eii_sha256);

	hash->context = EVP_MD_CTX_new();
	must(hash->context != NULL);
	must(EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL));
	return hash;
}

void eii_sha256_free(struct eii_sha256 *hash)
{
	if (!hash)
		return;
	EVP_MD_CTX_free(hash->context);
	free(hash);
}

void eii_sha256_add(struct eii_sha256 *hash, const void *data, size_t len)
{
	must(EVP_DigestUpdate(hash->context, data, len));
}

void eii_sha256_finish(struct eii_sha256 *hash, uint8_t out[EII_HASH_SHA256_BYTES])
{
	must(EVP_DigestFinal_ex(hash->context, out, NULL));
	eii_sha256_free(hash);
}
