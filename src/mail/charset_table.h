/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels of charsets, and the charsets of iconv that are held open. Private to mail.
 */
#ifndef EII_MAIL_CHARSET_TABLE_H
#define EII_MAIL_CHARSET_TABLE_H

#include <stddef.h>

#include "eii/base/text.h"

/* What a label comes to. */
enum eii_charset_kind {
	EII_CHARSET_UNKNOWN,  /* guess */
	EII_CHARSET_STANDARD, /* browsers have it: an enum eii_encoding */
	EII_CHARSET_HZ,
	EII_CHARSET_ICONV,
};

/* How far an undecodable byte moves the reading on, and whether ASCII means itself. */
enum eii_charset_form {
	EII_FORM_SINGLE_BYTE, /* a superset of ASCII */
	EII_FORM_MULTI_BYTE,  /* the same, where a character has up to four bytes */
	EII_FORM_EBCDIC,      /* one byte a character */
	EII_FORM_STATEFUL,    /* escapes made of ASCII: iso-2022-* */
	EII_FORM_UTF_7,       /* the same, its pieces end at the first byte that is no base64 */
	EII_FORM_UNITS_4,
};

struct eii_charset {
	const char *iconv_name;
	enum eii_charset_form form;
};

const struct eii_charset *eii_charset_table(size_t *out_n);

/*
 * The kind of a label (any case, punctuation does not count), and the index of its
 * charset: for STANDARD its enum eii_encoding, for ICONV its place in the table.
 */
enum eii_charset_kind eii_charset_lookup(struct eii_text label, size_t *out_index);

#endif
