/* SPDX-License-Identifier: Apache-2.0 */
#include "rtf_words.h"

#include <stdlib.h>

/* Sorted by word. */
static const struct eii_rtf_meaning meanings[] = {
	{ "ansicpg", EII_RTF_WORD, EII_RTF_WORD_CODE_PAGE },
	{ "bin", EII_RTF_WORD, EII_RTF_WORD_BINARY },
	{ "bullet", EII_RTF_CHARACTER, 0x2022 },
	{ "cell", EII_RTF_CHARACTER, '\t' },
	{ "colortbl", EII_RTF_DESTINATION, EII_RTF_HIDDEN },
	{ "cpg", EII_RTF_WORD, EII_RTF_WORD_FONT_CODE_PAGE },
	{ "emdash", EII_RTF_CHARACTER, 0x2014 },
	{ "emspace", EII_RTF_CHARACTER, 0x2003 },
	{ "endash", EII_RTF_CHARACTER, 0x2013 },
	{ "enspace", EII_RTF_CHARACTER, 0x2002 },
	{ "f", EII_RTF_WORD, EII_RTF_WORD_FONT },
	{ "fcharset", EII_RTF_WORD, EII_RTF_WORD_FONT_CHARSET },
	{ "fldinst", EII_RTF_DESTINATION, EII_RTF_SHOWN },
	{ "fonttbl", EII_RTF_DESTINATION, EII_RTF_FONTS },
	{ "fromhtml", EII_RTF_WORD, EII_RTF_WORD_FROM_HTML },
	{ "htmlrtf", EII_RTF_WORD, EII_RTF_WORD_HTMLRTF },
	{ "htmltag", EII_RTF_DESTINATION, EII_RTF_TAG },
	{ "info", EII_RTF_DESTINATION, EII_RTF_HIDDEN },
	{ "ldblquote", EII_RTF_CHARACTER, 0x201c },
	{ "line", EII_RTF_WORD, EII_RTF_WORD_LINE },
	{ "lquote", EII_RTF_CHARACTER, 0x2018 },
	{ "page", EII_RTF_WORD, EII_RTF_WORD_PARAGRAPH },
	{ "par", EII_RTF_WORD, EII_RTF_WORD_PARAGRAPH },
	{ "pict", EII_RTF_DESTINATION, EII_RTF_HIDDEN },
	{ "plain", EII_RTF_WORD, EII_RTF_WORD_PLAIN },
	{ "rdblquote", EII_RTF_CHARACTER, 0x201d },
	{ "row", EII_RTF_WORD, EII_RTF_WORD_PARAGRAPH },
	{ "rquote", EII_RTF_CHARACTER, 0x2019 },
	{ "sect", EII_RTF_WORD, EII_RTF_WORD_PARAGRAPH },
	{ "stylesheet", EII_RTF_DESTINATION, EII_RTF_HIDDEN },
	{ "tab", EII_RTF_CHARACTER, '\t' },
	{ "u", EII_RTF_WORD, EII_RTF_WORD_UNICODE },
	{ "uc", EII_RTF_WORD, EII_RTF_WORD_FALLBACK },
};

static int compare(const void *key, const void *member)
{
	const struct eii_text *word = key;
	const struct eii_rtf_meaning *meaning = member;
	int order = strncmp(word->data, meaning->word, word->len);

	return order ? order : -(meaning->word[word->len] != '\0');
}

const struct eii_rtf_meaning *eii_rtf_word_find(struct eii_text word)
{
	return bsearch(&word, meanings, sizeof(meanings) / sizeof(meanings[0]), sizeof(meanings[0]),
		       compare);
}

unsigned int eii_rtf_charset_code_page(unsigned int charset)
{
	static const struct {
		unsigned int charset;
		unsigned int code_page;
	} rows[] = {
		{ 0, 1252 },   { 77, 10000 }, { 128, 932 },  { 129, 949 },  { 130, 1361 },
		{ 134, 936 },  { 136, 950 },  { 161, 1253 }, { 162, 1254 }, { 163, 1258 },
		{ 177, 1255 }, { 178, 1256 }, { 186, 1257 }, { 204, 1251 }, { 222, 874 },
		{ 238, 1250 }, { 254, 437 },  { 255, 850 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].charset == charset)
			return rows[i].code_page;
	}
	return 0;
}
