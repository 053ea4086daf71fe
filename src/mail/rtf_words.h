/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control words of RTF that a reader of its text needs. Private to mail.
 */
#ifndef EII_MAIL_RTF_WORDS_H
#define EII_MAIL_RTF_WORDS_H

#include <stdint.h>

#include "eii/base/text.h"

/* Where a group's text goes. */
enum eii_rtf_destination {
	EII_RTF_SHOWN,
	EII_RTF_TAG, /* HTML as it stands */
	EII_RTF_FONTS,
	EII_RTF_HIDDEN,
};

enum eii_rtf_word {
	EII_RTF_WORD_PARAGRAPH,
	EII_RTF_WORD_LINE,
	EII_RTF_WORD_UNICODE,
	EII_RTF_WORD_FALLBACK,
	EII_RTF_WORD_BINARY,
	EII_RTF_WORD_FONT,
	EII_RTF_WORD_FONT_CHARSET,
	EII_RTF_WORD_FONT_CODE_PAGE,
	EII_RTF_WORD_CODE_PAGE,
	EII_RTF_WORD_PLAIN,
	EII_RTF_WORD_HTMLRTF,
	EII_RTF_WORD_FROM_HTML,
};

struct eii_rtf_meaning {
	const char *word;
	enum { EII_RTF_CHARACTER, EII_RTF_DESTINATION, EII_RTF_WORD } kind;
	uint32_t value; /* a code point, a destination, or a word */
};

/* NULL where the word means nothing here. */
const struct eii_rtf_meaning *eii_rtf_word_find(struct eii_text word);

/* The code page of a font's charset (\fcharset); 0 = that of the document. */
unsigned int eii_rtf_charset_code_page(unsigned int charset);

#endif
