/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base64 (RFC 4648, section 4) on one line.
 */
#ifndef EII_BASE_BASE64_H
#define EII_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"

/* Characters that len bytes become, padding included. */
static inline size_t eii_base64_size(size_t len)
{
	return (len + 2) / 3 * 4;
}

/* Writes eii_base64_size(len) characters to out (no NUL). */
void eii_base64_encode(const void *data, size_t len, char *out);

/*
 * Strict: the alphabet only, no white space, whole groups, right padding.
 * Adds the bytes to out; false (and out as it was) for any other text.
 */
bool eii_base64_decode(struct eii_text text, struct eii_buf *out) EII_MUST_CHECK;

#endif
