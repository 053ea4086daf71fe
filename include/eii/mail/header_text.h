/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text of header fields: folding undone (RFC 5322, 2.2.3), encoded words
 * (RFC 2047) and parameters (RFC 2045, 2231) decoded, leniently: encoded words
 * also inside other text and in quotes, neighbours of one charset joined before
 * decoding, bad base64 and impossible charsets read as far as they go.
 *
 * Output is UTF-8 without NUL and line ends. Time is linear in the input.
 */
#ifndef EII_MAIL_HEADER_TEXT_H
#define EII_MAIL_HEADER_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"

/*
 * Adds the value of an unstructured field, white space at both ends taken off. 8-bit
 * bytes outside of encoded words are UTF-8 where all of the value is, else of the
 * charset label, which is one that extends ASCII or empty: windows-1252.
 */
void eii_header_text_decode_as(struct eii_text value, struct eii_text label, struct eii_buf *out);

static inline void eii_header_text_decode(struct eii_text value, struct eii_buf *out)
{
	eii_header_text_decode_as(value, eii_text(NULL, 0), out);
}

/* A value of the form "token; name=value; ..." taken apart; plain data, borrows the value. */
struct eii_header_params {
	struct eii_text value; /* what stands before the parameters, trimmed */
	struct eii_text rest;  /* the parameters, raw */
	struct eii_text label; /* of raw 8-bit bytes, as above; for the caller to set */
};

void eii_header_params_init(struct eii_header_params *params, struct eii_text value);

/*
 * Adds the decoded value of the first parameter of this name (lower case); at
 * most EII_LIMIT_PARAMETERS of them are looked at. Pieces of RFC 2231 are put
 * together; the plain form wins over the extended one. False where there is none.
 */
bool eii_header_params_find(const struct eii_header_params *params, const char *name,
			    struct eii_buf *out);

/* The same for a plain parameter, its bytes as they stand (quotes taken off). */
bool eii_header_params_raw(const struct eii_header_params *params, const char *name,
			   struct eii_buf *out);

#endif
