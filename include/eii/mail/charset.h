/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of any charset to UTF-8, as browsers read labels and bytes (WHATWG Encoding,
 * docs/characters.md): iso-8859-1 is windows-1252, gb2312 is gb18030, euc-kr is cp949,
 * shift_jis is cp932. No label, an unknown one, or one that is no charset: UTF-8 where
 * the bytes are valid UTF-8, else windows-1252. Nothing that can be read is dropped;
 * what cannot becomes U+FFFD. Linear in the input.
 *
 * What browsers lack comes from iconv; eii_charset_prepare() opens a descriptor for each
 * and keeps it: inside a jail glibc could not load one, and outside loading one again and
 * again costs more than converting. Not for more than one thread.
 */
#ifndef EII_MAIL_CHARSET_H
#define EII_MAIL_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"

/* Opens what is to be held; a second call changes nothing. */
void eii_charset_prepare(void);

/* Charsets that eii_charset_prepare() did not find on this system. */
unsigned int eii_charset_missing(void);

/*
 * Is it the name of a charset that this system knows and that means more than
 * "not told" (us-ascii, unknown-8bit)?
 */
bool eii_charset_is_known(struct eii_text label);

/* Are they labels of one charset? */
bool eii_charset_is_same(struct eii_text label, struct eii_text other);

/* Does a text in it begin as ASCII does? Not in UTF-16, UTF-32 and EBCDIC. */
bool eii_charset_begins_as_ascii(struct eii_text label);

/* Is it known, and does each ASCII byte outside of a character mean itself? */
bool eii_charset_extends_ascii(struct eii_text label);

/*
 * Adds bytes as UTF-8; label may be empty. A byte order mark wins and is dropped, and
 * valid UTF-8 wins over a label of several bytes a character that fails. NUL stays.
 */
void eii_charset_decode(struct eii_text bytes, struct eii_text label, struct eii_buf *out);

#endif
