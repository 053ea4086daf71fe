/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Headers of a mail without its MIME structure: finds the fields of a header
 * block and reads those that a report shows. The whole conversion uses it for
 * the top header; a fallback report has nothing else, so that it names and
 * dates a mail by the same rules.
 *
 * Lenient: white space before the colon, lines that are no header, an mbox
 * "From " line and blank lines in front do not hide the headers after them.
 */
#ifndef EII_MAIL_SCAN_H
#define EII_MAIL_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "eii/base/buf.h"
#include "eii/base/error.h"
#include "eii/base/text.h"
#include "eii/fields/fields.h"

/*
 * Subject, sender, Reply-To, recipients, Message-ID and date of the header block that head
 * begins with; of more than EII_LIMIT_SCAN_BYTES only the first are looked at.
 * The defect EII_DEFECT_BODY_NOT_READ is set. The caller frees *out. Always
 * EII_OK.
 */
enum eii_rc eii_header_scan(const char *head, size_t len, struct eii_fields **out) EII_MUST_CHECK;

/*
 * Mails whose lines end in CR alone, as Python's email package reads them: true, and a
 * copy with LF in out, which the caller clears, where no LF stands in the first
 * EII_LIMIT_SCAN_BYTES of text. Else out is not written.
 */
bool eii_bare_cr(struct eii_text text, struct eii_buf *out) EII_MUST_CHECK;

/* One field of a header block. */
struct eii_header {
	struct eii_text name;  /* without white space; never empty */
	struct eii_text value; /* raw, folds and the last line end included */
};

/* Where a walk over a header block stands; plain data. */
struct eii_header_walk {
	struct eii_text text; /* what is left, the body included */
	bool is_clean;        /* so far each line was a well-formed header */
	bool is_part;         /* for the caller to set: fields of a part, no message's */
};

/* Begins at the first byte of a mail or a part; skips an mbox line in front. */
void eii_header_walk_init(struct eii_header_walk *walk, struct eii_text mail);

/*
 * The next field; false at the end of the block: then walk->text is the body,
 * behind the blank line.
 */
bool eii_header_walk_next(struct eii_header_walk *walk, struct eii_header *out);

#define EII_HEADER_CHARSET_MAX 64

/* The charset of a mail's first text part, once it was asked for; plain data, {0} at first. */
struct eii_header_charset {
	bool is_known;
	char label[EII_HEADER_CHARSET_MAX]; /* "" = none */
};

/*
 * The label for the 8-bit bytes of a value in a header of mail: what a program that
 * writes such will have meant there, too. Empty where the value is UTF-8, or where the
 * first text part within EII_LIMIT_SCAN_BYTES declares none, one that is not known, or
 * one that does not extend ASCII. Found without the parser, so that a mail's name is the
 * same whichever way it is read. Looks once for a mail; linear.
 */
struct eii_text eii_header_charset_for(struct eii_header_charset *charset, struct eii_text mail,
				       struct eii_text value);

/* Subject, sender, Reply-To, recipients, Message-ID and date of a header block, into fields. */
void eii_header_read(struct eii_text mail, struct eii_fields *fields);

#endif
