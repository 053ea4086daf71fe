/* SPDX-License-Identifier: Apache-2.0 */
#include "html_private.h"

#include <string.h>

#include "eii/base/text.h"

/*
 * The allow-list: DOMPurify's HTML elements less those that load, run or submit. What
 * is not here is unwrapped.
 */
const struct eii_html_rule eii_html_rules[EII_HTML_N_TAGS] = {
	[EII_HTML_TAG_A] = { EII_HTML_LINK, { "a", 1 } },
	[EII_HTML_TAG_ABBR] = { EII_HTML_KEEP, { "abbr", 4 } },
	[EII_HTML_TAG_ACRONYM] = { EII_HTML_KEEP, { "acronym", 7 } },
	[EII_HTML_TAG_ADDRESS] = { EII_HTML_KEEP, { "address", 7 } },
	[EII_HTML_TAG_ARTICLE] = { EII_HTML_KEEP, { "article", 7 } },
	[EII_HTML_TAG_ASIDE] = { EII_HTML_KEEP, { "aside", 5 } },
	[EII_HTML_TAG_B] = { EII_HTML_KEEP, { "b", 1 } },
	[EII_HTML_TAG_BDI] = { EII_HTML_KEEP, { "bdi", 3 } },
	[EII_HTML_TAG_BIG] = { EII_HTML_KEEP, { "big", 3 } },
	[EII_HTML_TAG_BLOCKQUOTE] = { EII_HTML_KEEP, { "blockquote", 10 } },
	[EII_HTML_TAG_BR] = { EII_HTML_VOID, { "br", 2 } },
	[EII_HTML_TAG_BUTTON] = { EII_HTML_KEEP, { "span", 4 } },
	[EII_HTML_TAG_CAPTION] = { EII_HTML_KEEP, { "caption", 7 } },
	[EII_HTML_TAG_CENTER] = { EII_HTML_KEEP, { "center", 6 } },
	[EII_HTML_TAG_CITE] = { EII_HTML_KEEP, { "cite", 4 } },
	[EII_HTML_TAG_CODE] = { EII_HTML_KEEP, { "code", 4 } },
	[EII_HTML_TAG_COL] = { EII_HTML_VOID, { "col", 3 } },
	[EII_HTML_TAG_COLGROUP] = { EII_HTML_KEEP, { "colgroup", 8 } },
	[EII_HTML_TAG_DD] = { EII_HTML_KEEP, { "dd", 2 } },
	[EII_HTML_TAG_DEL] = { EII_HTML_KEEP, { "del", 3 } },
	[EII_HTML_TAG_DETAILS] = { EII_HTML_KEEP, { "div", 3 } },
	[EII_HTML_TAG_DFN] = { EII_HTML_KEEP, { "dfn", 3 } },
	[EII_HTML_TAG_DIALOG] = { EII_HTML_KEEP, { "div", 3 } },
	[EII_HTML_TAG_DIR] = { EII_HTML_KEEP, { "ul", 2 } },
	[EII_HTML_TAG_DIV] = { EII_HTML_KEEP, { "div", 3 } },
	[EII_HTML_TAG_DL] = { EII_HTML_KEEP, { "dl", 2 } },
	[EII_HTML_TAG_DT] = { EII_HTML_KEEP, { "dt", 2 } },
	[EII_HTML_TAG_EM] = { EII_HTML_KEEP, { "em", 2 } },
	[EII_HTML_TAG_FIELDSET] = { EII_HTML_KEEP, { "div", 3 } },
	[EII_HTML_TAG_FIGCAPTION] = { EII_HTML_KEEP, { "figcaption", 10 } },
	[EII_HTML_TAG_FIGURE] = { EII_HTML_KEEP, { "figure", 6 } },
	[EII_HTML_TAG_FONT] = { EII_HTML_KEEP, { "font", 4 } },
	[EII_HTML_TAG_FOOTER] = { EII_HTML_KEEP, { "footer", 6 } },
	[EII_HTML_TAG_FORM] = { EII_HTML_KEEP, { "div", 3 } },
	[EII_HTML_TAG_H1] = { EII_HTML_KEEP, { "h1", 2 } },
	[EII_HTML_TAG_H2] = { EII_HTML_KEEP, { "h2", 2 } },
	[EII_HTML_TAG_H3] = { EII_HTML_KEEP, { "h3", 2 } },
	[EII_HTML_TAG_H4] = { EII_HTML_KEEP, { "h4", 2 } },
	[EII_HTML_TAG_H5] = { EII_HTML_KEEP, { "h5", 2 } },
	[EII_HTML_TAG_H6] = { EII_HTML_KEEP, { "h6", 2 } },
	[EII_HTML_TAG_HEADER] = { EII_HTML_KEEP, { "header", 6 } },
	[EII_HTML_TAG_HGROUP] = { EII_HTML_KEEP, { "hgroup", 6 } },
	[EII_HTML_TAG_HR] = { EII_HTML_VOID, { "hr", 2 } },
	[EII_HTML_TAG_I] = { EII_HTML_KEEP, { "i", 1 } },
	[EII_HTML_TAG_IFRAME] = { EII_HTML_DROP, { NULL, 0 } },
	[EII_HTML_TAG_IMG] = { EII_HTML_IMAGE, { "img", 3 } },
	[EII_HTML_TAG_INPUT] = { EII_HTML_INPUT, { NULL, 0 } },
	[EII_HTML_TAG_INS] = { EII_HTML_KEEP, { "ins", 3 } },
	[EII_HTML_TAG_KBD] = { EII_HTML_KEEP, { "kbd", 3 } },
	[EII_HTML_TAG_LABEL] = { EII_HTML_KEEP, { "span", 4 } },
	[EII_HTML_TAG_LEGEND] = { EII_HTML_KEEP, { "div", 3 } },
	[EII_HTML_TAG_LI] = { EII_HTML_KEEP, { "li", 2 } },
	[EII_HTML_TAG_LISTING] = { EII_HTML_KEEP, { "pre", 3 } },
	[EII_HTML_TAG_MAIN] = { EII_HTML_KEEP, { "main", 4 } },
	[EII_HTML_TAG_MARK] = { EII_HTML_KEEP, { "mark", 4 } },
	[EII_HTML_TAG_MARQUEE] = { EII_HTML_KEEP, { "div", 3 } },
	[EII_HTML_TAG_MENU] = { EII_HTML_KEEP, { "ul", 2 } },
	[EII_HTML_TAG_NAV] = { EII_HTML_KEEP, { "nav", 3 } },
	[EII_HTML_TAG_NOBR] = { EII_HTML_KEEP, { "span", 4 } },
	[EII_HTML_TAG_NOEMBED] = { EII_HTML_DROP, { NULL, 0 } },
	[EII_HTML_TAG_NOFRAMES] = { EII_HTML_DROP, { NULL, 0 } },
	[EII_HTML_TAG_OL] = { EII_HTML_KEEP, { "ol", 2 } },
	[EII_HTML_TAG_OPTION] = { EII_HTML_KEEP, { "div", 3 } },
	[EII_HTML_TAG_P] = { EII_HTML_KEEP, { "p", 1 } },
	[EII_HTML_TAG_PLAINTEXT] = { EII_HTML_KEEP, { "pre", 3 } },
	[EII_HTML_TAG_PRE] = { EII_HTML_KEEP, { "pre", 3 } },
	[EII_HTML_TAG_Q] = { EII_HTML_KEEP, { "q", 1 } },
	[EII_HTML_TAG_RP] = { EII_HTML_KEEP, { "rp", 2 } },
	[EII_HTML_TAG_RT] = { EII_HTML_KEEP, { "rt", 2 } },
	[EII_HTML_TAG_RUBY] = { EII_HTML_KEEP, { "ruby", 4 } },
	[EII_HTML_TAG_S] = { EII_HTML_KEEP, { "s", 1 } },
	[EII_HTML_TAG_SAMP] = { EII_HTML_KEEP, { "samp", 4 } },
	[EII_HTML_TAG_SCRIPT] = { EII_HTML_DROP, { NULL, 0 } },
	[EII_HTML_TAG_SECTION] = { EII_HTML_KEEP, { "section", 7 } },
	[EII_HTML_TAG_SELECT] = { EII_HTML_KEEP, { "div", 3 } },
	[EII_HTML_TAG_SMALL] = { EII_HTML_KEEP, { "small", 5 } },
	[EII_HTML_TAG_SPAN] = { EII_HTML_KEEP, { "span", 4 } },
	[EII_HTML_TAG_STRIKE] = { EII_HTML_KEEP, { "strike", 6 } },
	[EII_HTML_TAG_STRONG] = { EII_HTML_KEEP, { "strong", 6 } },
	[EII_HTML_TAG_STYLE] = { EII_HTML_DROP, { NULL, 0 } },
	[EII_HTML_TAG_SUB] = { EII_HTML_KEEP, { "sub", 3 } },
	[EII_HTML_TAG_SUMMARY] = { EII_HTML_KEEP, { "div", 3 } },
	[EII_HTML_TAG_SUP] = { EII_HTML_KEEP, { "sup", 3 } },
	[EII_HTML_TAG_TABLE] = { EII_HTML_KEEP, { "table", 5 } },
	[EII_HTML_TAG_TBODY] = { EII_HTML_KEEP, { "tbody", 5 } },
	[EII_HTML_TAG_TD] = { EII_HTML_KEEP, { "td", 2 } },
	[EII_HTML_TAG_TEMPLATE] = { EII_HTML_DROP, { NULL, 0 } },
	[EII_HTML_TAG_TEXTAREA] = { EII_HTML_KEEP, { "pre", 3 } },
	[EII_HTML_TAG_TFOOT] = { EII_HTML_KEEP, { "tfoot", 5 } },
	[EII_HTML_TAG_TH] = { EII_HTML_KEEP, { "th", 2 } },
	[EII_HTML_TAG_THEAD] = { EII_HTML_KEEP, { "thead", 5 } },
	[EII_HTML_TAG_TIME] = { EII_HTML_KEEP, { "time", 4 } },
	[EII_HTML_TAG_TITLE] = { EII_HTML_DROP, { NULL, 0 } },
	[EII_HTML_TAG_TR] = { EII_HTML_KEEP, { "tr", 2 } },
	[EII_HTML_TAG_TT] = { EII_HTML_KEEP, { "tt", 2 } },
	[EII_HTML_TAG_U] = { EII_HTML_KEEP, { "u", 1 } },
	[EII_HTML_TAG_UL] = { EII_HTML_KEEP, { "ul", 2 } },
	[EII_HTML_TAG_VAR] = { EII_HTML_KEEP, { "var", 3 } },
	[EII_HTML_TAG_WBR] = { EII_HTML_VOID, { "wbr", 3 } },
	[EII_HTML_TAG_XMP] = { EII_HTML_KEEP, { "pre", 3 } },
};

/*
 * Attributes that any written element may have. Not here, on purpose: class, id and
 * name (the platform's own style sheets and scripts know some), hidden, background.
 */
const unsigned char eii_html_values[EII_HTML_N_ATTRIBUTES] = {
	[EII_HTML_ATTRIBUTE_ALIGN] = EII_HTML_VALUE_WORD,
	[EII_HTML_ATTRIBUTE_BGCOLOR] = EII_HTML_VALUE_COLOR,
	[EII_HTML_ATTRIBUTE_BORDER] = EII_HTML_VALUE_NUMBER,
	[EII_HTML_ATTRIBUTE_CELLPADDING] = EII_HTML_VALUE_NUMBER,
	[EII_HTML_ATTRIBUTE_CELLSPACING] = EII_HTML_VALUE_NUMBER,
	[EII_HTML_ATTRIBUTE_CLEAR] = EII_HTML_VALUE_WORD,
	[EII_HTML_ATTRIBUTE_COLOR] = EII_HTML_VALUE_COLOR,
	[EII_HTML_ATTRIBUTE_COLSPAN] = EII_HTML_VALUE_NUMBER,
	[EII_HTML_ATTRIBUTE_DATETIME] = EII_HTML_VALUE_TEXT,
	[EII_HTML_ATTRIBUTE_DIR] = EII_HTML_VALUE_WORD,
	[EII_HTML_ATTRIBUTE_FACE] = EII_HTML_VALUE_FONTS,
	[EII_HTML_ATTRIBUTE_HEIGHT] = EII_HTML_VALUE_LENGTH,
	[EII_HTML_ATTRIBUTE_LANG] = EII_HTML_VALUE_WORD,
	[EII_HTML_ATTRIBUTE_NOWRAP] = EII_HTML_VALUE_FLAG,
	[EII_HTML_ATTRIBUTE_REVERSED] = EII_HTML_VALUE_FLAG,
	[EII_HTML_ATTRIBUTE_ROWSPAN] = EII_HTML_VALUE_NUMBER,
	[EII_HTML_ATTRIBUTE_SIZE] = EII_HTML_VALUE_NUMBER,
	[EII_HTML_ATTRIBUTE_SPAN] = EII_HTML_VALUE_NUMBER,
	[EII_HTML_ATTRIBUTE_START] = EII_HTML_VALUE_NUMBER,
	[EII_HTML_ATTRIBUTE_STYLE] = EII_HTML_VALUE_STYLE,
	[EII_HTML_ATTRIBUTE_TITLE] = EII_HTML_VALUE_TEXT,
	[EII_HTML_ATTRIBUTE_TYPE] = EII_HTML_VALUE_WORD,
	[EII_HTML_ATTRIBUTE_VALIGN] = EII_HTML_VALUE_WORD,
	[EII_HTML_ATTRIBUTE_VALUE] = EII_HTML_VALUE_NUMBER,
	[EII_HTML_ATTRIBUTE_WIDTH] = EII_HTML_VALUE_LENGTH,
};

static bool is_word_char(char c)
{
	return eii_is_ascii_alpha(c) || eii_is_ascii_digit(c) || c == '-';
}

static bool is_font_char(char c)
{
	return is_word_char(c) || c == ' ' || c == ',' || c == '\'';
}

static bool is_color_char(char c)
{
	return eii_is_ascii_alpha(c) || eii_is_ascii_digit(c);
}

static bool all_are(bool (*is)(char), struct eii_text value, size_t max)
{
	for (size_t i = 0; i < value.len; i++) {
		if (!is(value.data[i]))
			return false;
	}
	return value.len > 0 && value.len <= max;
}

static struct eii_text skip(struct eii_text value, size_t n)
{
	return eii_text(value.data + n, value.len - n);
}

static bool is_length(struct eii_text value)
{
	size_t n = 0;

	while (n < value.len && eii_is_ascii_digit(value.data[n]))
		n++;
	if (n == 0 || n > 4)
		return false;
	value = skip(value, n);
	return value.len == 0 || eii_text_equal(value, eii_text_of("%")) ||
	       eii_text_equal_nocase(value, eii_text_of("px"));
}

bool eii_html_value_fits(enum eii_html_value kind, struct eii_text value)
{
	char first = '\0';

	if (value.len > 0)
		first = value.data[0];
	switch ((int)kind) {
	case EII_HTML_VALUE_WORD:
		return all_are(is_word_char, value, 20);
	case EII_HTML_VALUE_NUMBER:
		return all_are(eii_is_ascii_digit,
			       first == '+' || first == '-' ? skip(value, 1) : value, 3);
	case EII_HTML_VALUE_LENGTH:
		return is_length(value);
	case EII_HTML_VALUE_COLOR:
		return all_are(is_color_char, first == '#' ? skip(value, 1) : value, 24);
	case EII_HTML_VALUE_FONTS:
		return all_are(is_font_char, value, 200);
	default:
		return false;
	}
}
