/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decoders of the WHATWG Encoding standard, byte for byte what browsers do: an
 * error is one U+FFFD, and an ASCII byte behind a lead byte that it does not belong to
 * is read again. A byte order mark is a character like others here. Linear in the
 * input, at most four bytes out for one of it. Private to mail.
 */
#ifndef EII_MAIL_CHARSET_STANDARD_H
#define EII_MAIL_CHARSET_STANDARD_H

#include <stdbool.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"

enum eii_encoding {
	/* One byte for each character. */
	EII_ENCODING_IBM866,
	EII_ENCODING_ISO_8859_2,
	EII_ENCODING_ISO_8859_3,
	EII_ENCODING_ISO_8859_4,
	EII_ENCODING_ISO_8859_5,
	EII_ENCODING_ISO_8859_6,
	EII_ENCODING_ISO_8859_7,
	EII_ENCODING_ISO_8859_8,
	EII_ENCODING_ISO_8859_10,
	EII_ENCODING_ISO_8859_13,
	EII_ENCODING_ISO_8859_14,
	EII_ENCODING_ISO_8859_15,
	EII_ENCODING_ISO_8859_16,
	EII_ENCODING_KOI8_R,
	EII_ENCODING_KOI8_U,
	EII_ENCODING_MACINTOSH,
	EII_ENCODING_WINDOWS_874,
	EII_ENCODING_WINDOWS_1250,
	EII_ENCODING_WINDOWS_1251,
	EII_ENCODING_WINDOWS_1252,
	EII_ENCODING_WINDOWS_1253,
	EII_ENCODING_WINDOWS_1254,
	EII_ENCODING_WINDOWS_1255,
	EII_ENCODING_WINDOWS_1256,
	EII_ENCODING_WINDOWS_1257,
	EII_ENCODING_WINDOWS_1258,
	EII_ENCODING_X_MAC_CYRILLIC,

	EII_ENCODING_SINGLE_BYTES, /* how many those are */

	EII_ENCODING_UTF_8 = EII_ENCODING_SINGLE_BYTES,
	EII_ENCODING_UTF_16LE,
	EII_ENCODING_UTF_16BE,
	EII_ENCODING_GB18030, /* gbk too */
	EII_ENCODING_BIG5,
	EII_ENCODING_EUC_JP,
	EII_ENCODING_ISO_2022_JP,
	EII_ENCODING_SHIFT_JIS,
	EII_ENCODING_EUC_KR,
};

/* Adds bytes as UTF-8; false where there was an error. */
bool eii_charset_standard_decode(enum eii_encoding encoding, struct eii_text bytes,
				 struct eii_buf *out);

/* How many bytes at the start are ASCII. */
size_t eii_charset_standard_ascii(struct eii_text bytes);

#endif
