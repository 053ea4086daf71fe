/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sixteen bytes at once, for runs of characters of which none needs a look: compilers
 * make of it what the machine has for that.
 */
#ifndef EII_BASE_BYTES_H
#define EII_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EII_BYTES 16

typedef unsigned char eii_bytes __attribute__((vector_size(EII_BYTES)));
typedef signed char eii_bytes_mask __attribute__((vector_size(EII_BYTES)));

static inline eii_bytes eii_bytes_at(const char *p)
{
	eii_bytes bytes;

	memcpy(&bytes, p, sizeof(bytes));
	return bytes;
}

static inline bool eii_bytes_any(eii_bytes_mask mask)
{
	uint64_t words[2];

	memcpy(words, &mask, sizeof(words));
	return (words[0] | words[1]) != 0;
}

#endif
