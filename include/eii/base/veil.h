/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server's words on their way to a log: as one line of valid UTF-8, and
 * without anything that we sent. A server may repeat a command, a password, a
 * token, or their base64 as a whole or in part; what shares four bytes in a row
 * with a secret is hidden, with all that stands between the blanks around it, so
 * that not even its place tells anything.
 */
#ifndef EII_BASE_VEIL_H
#define EII_BASE_VEIL_H

#include <stddef.h>
#include <stdint.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"

/* What must not come back. Init before use, clear (which wipes) after. */
struct eii_veil {
	uint32_t *grams; /* four bytes each, in order; owned */
	size_t n_grams, capacity;
	char shorts[8][4]; /* secrets too short for that: hidden as whole words */
	size_t n_shorts;
	struct eii_buf line; /* the last command without a secret */
};

void eii_veil_init(struct eii_veil *veil);
void eii_veil_clear(struct eii_veil *veil);

/*
 * A secret as it is, in any case, and as base64 of it and of any part of it.
 * What is base64 already is added by the second one.
 */
void eii_veil_add_secret(struct eii_veil *veil, struct eii_text secret);
void eii_veil_add_base64(struct eii_veil *veil, struct eii_text base64);

/* The command that was sent last; a run of it (16 bytes or more) is hidden. */
void eii_veil_set_line(struct eii_veil *veil, struct eii_text line);

/* Bytes of a server's as valid UTF-8 of one line, cut at capacity - 1. veil may be NULL. */
void eii_veil_words(const struct eii_veil *veil, struct eii_text text, char *out, size_t capacity);

#endif
