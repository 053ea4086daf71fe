/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Content-Transfer-Encoding undone (RFC 2045, 6), forgiving: what is no base64
 * is skipped, a lost padding does not matter, a bad quoted-printable escape
 * stays as it is.
 */
#ifndef EII_MAIL_TRANSFER_H
#define EII_MAIL_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"

enum eii_transfer {
	EII_TRANSFER_IDENTITY, /* 7bit, 8bit, binary, none, unknown */
	EII_TRANSFER_BASE64,
	EII_TRANSFER_QUOTED_PRINTABLE,
	EII_TRANSFER_UUENCODE,
};

/*
 * By the raw value of the field, blanks and comments (RFC 5322, 3.2.2) around the name
 * passed over; an unknown name is IDENTITY.
 */
enum eii_transfer eii_transfer_of(struct eii_text value);

/* Does it name one encoding that is known, or none? */
bool eii_transfer_is_clear(struct eii_text value);

/* By the bytes, where what is said of them is not clear; IDENTITY where these are no other. */
enum eii_transfer eii_transfer_guess(struct eii_text raw);

/*
 * The same as the official connector has it: a comment hides the name, and blanks behind
 * "quoted-printable" do.
 */
enum eii_transfer eii_transfer_verbatim(struct eii_text value);

/*
 * Adds the decoded bytes; padding that completes a group ends them. False where
 * a lone last character shows that something is lost (what was read is added).
 */
bool eii_base64_lenient(struct eii_text text, struct eii_buf *out);

/*
 * Adds the decoded text, read to its end: pieces that are padded each by itself one after
 * the other; lines of words in front of and behind all base64, as gateways and mailing
 * lists add them, as they stand. False as above.
 */
bool eii_base64_text(struct eii_text text, struct eii_buf *out);

/* Blanks inside lines, as words have them and base64 does not: one of 32 bytes. */
bool eii_has_inner_blanks(struct eii_text text);

/* Add the decoded bytes. */
void eii_quoted_printable(struct eii_text text, struct eii_buf *out);
void eii_uudecode(struct eii_text text, struct eii_buf *out);

/* RFC 2047's "Q": '_' is a space. */
void eii_quoted_word(struct eii_text text, struct eii_buf *out);

#endif
