/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 (RFC 3629): shortest forms only, no surrogates, up to U+10FFFF.
 */
#ifndef EII_BASE_UTF8_H
#define EII_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"

/* How many of the first bytes are whole valid characters; = len when all are. */
size_t eii_utf8_valid_prefix(const char *data, size_t len);

static inline bool eii_utf8_is_valid(struct eii_text text)
{
	return eii_utf8_valid_prefix(text.data, text.len) == text.len;
}

/*
 * The character at data (len > 0): writes its code point and returns its bytes
 * (1 to 4), or returns 0 where no valid character begins.
 */
size_t eii_utf8_decode(const char *data, size_t len, uint32_t *out_code_point);

/* Adds a code point as UTF-8; one that is none (surrogates included) as U+FFFD. */
void eii_utf8_add(struct eii_buf *out, uint32_t code_point);

/*
 * Makes of a stranger's words one line that a terminal does not obey: each byte of no
 * valid character, and each control character, becomes '?'.
 */
void eii_utf8_make_line(char *text);

/* The longest prefix of at most max bytes that does not cut a character. */
size_t eii_utf8_cut(struct eii_text text, size_t max);

#endif
