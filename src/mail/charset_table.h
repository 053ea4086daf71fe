/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Charsets that are held open, and the labels that mean them. Private to mail.
 */
#ifndef EII_MAIL_CHARSET_TABLE_H
#define EII_MAIL_CHARSET_TABLE_H

#include <stddef.h>

#include "eii/base/text.h"

/* What a label comes to when it is not a charset of iconv. */
enum eii_charset_kind {
	EII_CHARSET_UNKNOWN, /* guess */
	EII_CHARSET_UTF8,
	EII_CHARSET_WINDOWS_1252,
	EII_CHARSET_HZ,
	EII_CHARSET_ICONV,
};

/* How far an undecodable byte moves the reading on, and whether ASCII means itself. */
enum eii_charset_form {
	EII_FORM_BYTES,    /* a superset of ASCII */
	EII_FORM_STATEFUL, /* escapes made of ASCII: iso-2022-* */
	EII_FORM_UTF_7,    /* the same, its pieces end at the first byte that is no base64 */
	EII_FORM_UNITS_2,
	EII_FORM_UNITS_4,
};

struct eii_charset {
	const char *iconv_name;
	enum eii_charset_form form;
};

/* Indexes of the table; those that code names. */
#define EII_CHARSET_GB18030 0

const struct eii_charset *eii_charset_table(size_t *out_n);

/*
 * The kind of a label (any case, punctuation does not count) and, for ICONV,
 * the index of its charset in the table.
 */
enum eii_charset_kind eii_charset_lookup(struct eii_text label, size_t *out_index);

#endif
