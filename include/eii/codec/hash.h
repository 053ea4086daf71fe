/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256, at once or in pieces.
 */
#ifndef EII_CODEC_HASH_H
#define EII_CODEC_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "eii/base/cleanup.h"

#define EII_HASH_SHA256_BYTES 32

void eii_sha256_of(const void *data, size_t len, uint8_t out[EII_HASH_SHA256_BYTES]);

struct eii_sha256;
struct eii_sha256 *eii_sha256_new(void);
void eii_sha256_free(struct eii_sha256 *hash);
EII_DEFINE_AUTO(eii_sha256);

void eii_sha256_add(struct eii_sha256 *hash, const void *data, size_t len);

/* Writes the digest and frees hash. */
void eii_sha256_finish(struct eii_sha256 *hash, uint8_t out[EII_HASH_SHA256_BYTES]);

#endif
