/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The indexes of the WHATWG Encoding standard, which charset_index.py makes at build
 * time: code points by pointer, 0 = none. Private to mail.
 */
#ifndef EII_MAIL_CHARSET_INDEX_H
#define EII_MAIL_CHARSET_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "charset_standard.h"

/* Of the bytes from 0x80 on. */
extern const uint16_t eii_charset_index_single_byte[EII_ENCODING_SINGLE_BYTES][128];

extern const uint16_t eii_charset_index_gb18030[126 * 190];
extern const uint16_t eii_charset_index_big5[126 * 157];
extern const uint16_t eii_charset_index_jis0208[60 * 188];
extern const uint16_t eii_charset_index_jis0212[94 * 94];
extern const uint16_t eii_charset_index_euc_kr[126 * 190];

/* One bit a pointer, the lowest first: the code point in big5 is 0x20000 higher. */
extern const uint8_t eii_charset_index_big5_plane_2[(126 * 157 + 7) / 8];

/* From this pointer of four bytes on, code points go on side by side with it. */
struct eii_charset_index_range {
	uint16_t pointer;
	uint16_t code_point;
};

extern const struct eii_charset_index_range eii_charset_index_gb18030_ranges[];
extern const size_t eii_charset_index_gb18030_n_ranges;

#endif
