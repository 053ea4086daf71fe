/* SPDX-License-Identifier: Apache-2.0 */
#include "html_private.h"

#include <string.h>

#include "eii/base/text.h"

#define AS(name)                                                                                   \
	{ "<" name, sizeof("<" name) - 1 },                                                        \
	{                                                                                          \
		"</" name ">", sizeof("</" name ">") - 1                                           \
	}
#define NOTHING                                                                                    \
	{ NULL, 0 },                                                                               \
	{                                                                                          \
		NULL, 0                                                                            \
	}

/*
 * The allow-list: DOMPurify's HTML elements less those that load, run or submit. What
 * is not here is unwrapped.
 */
const struct eii_html_rule eii_html_rules[EII_HTML_N_TAGS] = {
	[EII_HTML_TAG_A] = { EII_HTML_LINK, AS("a") },
	[EII_HTML_TAG_ABBR] = { EII_HTML_KEEP, AS("abbr") },
	[EII_HTML_TAG_ACRONYM] = { EII_HTML_KEEP, AS("acronym") },
	[EII_HTML_TAG_ADDRESS] = { EII_HTML_KEEP, AS("address") },
	[EII_HTML_TAG_ARTICLE] = { EII_HTML_KEEP, AS("article") },
	[EII_HTML_TAG_ASIDE] = { EII_HTML_KEEP, AS("aside") },
	[EII_HTML_TAG_B] = { EII_HTML_KEEP, AS("b") },
	[EII_HTML_TAG_BDI] = { EII_HTML_KEEP, AS("bdi") },
	[EII_HTML_TAG_BIG] = { EII_HTML_KEEP, AS("big") },
	[EII_HTML_TAG_BLOCKQUOTE] = { EII_HTML_KEEP, AS("blockquote") },
	[EII_HTML_TAG_BR] = { EII_HTML_VOID, AS("br") },
	[EII_HTML_TAG_BUTTON] = { EII_HTML_KEEP, AS("span") },
	[EII_HTML_TAG_CAPTION] = { EII_HTML_KEEP, AS("caption") },
	[EII_HTML_TAG_CENTER] = { EII_HTML_KEEP, AS("center") },
	[EII_HTML_TAG_CITE] = { EII_HTML_KEEP, AS("cite") },
	[EII_HTML_TAG_CODE] = { EII_HTML_KEEP, AS("code") },
	[EII_HTML_TAG_COL] = { EII_HTML_VOID, AS("col") },
	[EII_HTML_TAG_COLGROUP] = { EII_HTML_KEEP, AS("colgroup") },
	[EII_HTML_TAG_DD] = { EII_HTML_KEEP, AS("dd") },
	[EII_HTML_TAG_DEL] = { EII_HTML_KEEP, AS("del") },
	[EII_HTML_TAG_DETAILS] = { EII_HTML_KEEP, AS("div") },
	[EII_HTML_TAG_DFN] = { EII_HTML_KEEP, AS("dfn") },
	[EII_HTML_TAG_DIALOG] = { EII_HTML_KEEP, AS("div") },
	[EII_HTML_TAG_DIR] = { EII_HTML_KEEP, AS("ul") },
	[EII_HTML_TAG_DIV] = { EII_HTML_KEEP, AS("div") },
	[EII_HTML_TAG_DL] = { EII_HTML_KEEP, AS("dl") },
	[EII_HTML_TAG_DT] = { EII_HTML_KEEP, AS("dt") },
	[EII_HTML_TAG_EM] = { EII_HTML_KEEP, AS("em") },
	[EII_HTML_TAG_FIELDSET] = { EII_HTML_KEEP, AS("div") },
	[EII_HTML_TAG_FIGCAPTION] = { EII_HTML_KEEP, AS("figcaption") },
	[EII_HTML_TAG_FIGURE] = { EII_HTML_KEEP, AS("figure") },
	[EII_HTML_TAG_FONT] = { EII_HTML_KEEP, AS("font") },
	[EII_HTML_TAG_FOOTER] = { EII_HTML_KEEP, AS("footer") },
	[EII_HTML_TAG_FORM] = { EII_HTML_KEEP, AS("div") },
	[EII_HTML_TAG_H1] = { EII_HTML_KEEP, AS("h1") },
	[EII_HTML_TAG_H2] = { EII_HTML_KEEP, AS("h2") },
	[EII_HTML_TAG_H3] = { EII_HTML_KEEP, AS("h3") },
	[EII_HTML_TAG_H4] = { EII_HTML_KEEP, AS("h4") },
	[EII_HTML_TAG_H5] = { EII_HTML_KEEP, AS("h5") },
	[EII_HTML_TAG_H6] = { EII_HTML_KEEP, AS("h6") },
	[EII_HTML_TAG_HEADER] = { EII_HTML_KEEP, AS("header") },
	[EII_HTML_TAG_HGROUP] = { EII_HTML_KEEP, AS("hgroup") },
	[EII_HTML_TAG_HR] = { EII_HTML_VOID, AS("hr") },
	[EII_HTML_TAG_I] = { EII_HTML_KEEP, AS("i") },
	[EII_HTML_TAG_IFRAME] = { EII_HTML_DROP, NOTHING },
	[EII_HTML_TAG_IMG] = { EII_HTML_IMAGE, AS("img") },
	[EII_HTML_TAG_INPUT] = { EII_HTML_INPUT, NOTHING },
	[EII_HTML_TAG_INS] = { EII_HTML_KEEP, AS("ins") },
	[EII_HTML_TAG_KBD] = { EII_HTML_KEEP, AS("kbd") },
	[EII_HTML_TAG_LABEL] = { EII_HTML_KEEP, AS("span") },
	[EII_HTML_TAG_LEGEND] = { EII_HTML_KEEP, AS("div") },
	[EII_HTML_TAG_LI] = { EII_HTML_KEEP, AS("li") },
	[EII_HTML_TAG_LISTING] = { EII_HTML_KEEP, AS("pre") },
	[EII_HTML_TAG_MAIN] = { EII_HTML_KEEP, AS("main") },
	[EII_HTML_TAG_MARK] = { EII_HTML_KEEP, AS("mark") },
	[EII_HTML_TAG_MARQUEE] = { EII_HTML_KEEP, AS("div") },
	[EII_HTML_TAG_MENU] = { EII_HTML_KEEP, AS("ul") },
	[EII_HTML_TAG_NAV] = { EII_HTML_KEEP, AS("nav") },
	[EII_HTML_TAG_NOBR] = { EII_HTML_KEEP, AS("span") },
	[EII_HTML_TAG_NOEMBED] = { EII_HTML_DROP, NOTHING },
	[EII_HTML_TAG_NOFRAMES] = { EII_HTML_DROP, NOTHING },
	[EII_HTML_TAG_OL] = { EII_HTML_KEEP, AS("ol") },
	[EII_HTML_TAG_OPTION] = { EII_HTML_KEEP, AS("div") },
	[EII_HTML_TAG_P] = { EII_HTML_KEEP, AS("p") },
	[EII_HTML_TAG_PLAINTEXT] = { EII_HTML_KEEP, AS("pre") },
	[EII_HTML_TAG_PRE] = { EII_HTML_KEEP, AS("pre") },
	[EII_HTML_TAG_Q] = { EII_HTML_KEEP, AS("q") },
	[EII_HTML_TAG_RP] = { EII_HTML_KEEP, AS("rp") },
	[EII_HTML_TAG_RT] = { EII_HTML_KEEP, AS("rt") },
	[EII_HTML_TAG_RUBY] = { EII_HTML_KEEP, AS("ruby") },
	[EII_HTML_TAG_S] = { EII_HTML_KEEP, AS("s") },
	[EII_HTML_TAG_SAMP] = { EII_HTML_KEEP, AS("samp") },
	[EII_HTML_TAG_SCRIPT] = { EII_HTML_DROP, NOTHING },
	[EII_HTML_TAG_SECTION] = { EII_HTML_KEEP, AS("section") },
	[EII_HTML_TAG_SELECT] = { EII_HTML_KEEP, AS("div") },
	[EII_HTML_TAG_SMALL] = { EII_HTML_KEEP, AS("small") },
	[EII_HTML_TAG_SPAN] = { EII_HTML_KEEP, AS("span") },
	[EII_HTML_TAG_STRIKE] = { EII_HTML_KEEP, AS("strike") },
	[EII_HTML_TAG_STRONG] = { EII_HTML_KEEP, AS("strong") },
	[EII_HTML_TAG_STYLE] = { EII_HTML_DROP, NOTHING },
	[EII_HTML_TAG_SUB] = { EII_HTML_KEEP, AS("sub") },
	[EII_HTML_TAG_SUMMARY] = { EII_HTML_KEEP, AS("div") },
	[EII_HTML_TAG_SUP] = { EII_HTML_KEEP, AS("sup") },
	[EII_HTML_TAG_TABLE] = { EII_HTML_KEEP, AS("table") },
	[EII_HTML_TAG_TBODY] = { EII_HTML_KEEP, AS("tbody") },
	[EII_HTML_TAG_TD] = { EII_HTML_KEEP, AS("td") },
	[EII_HTML_TAG_TEMPLATE] = { EII_HTML_DROP, NOTHING },
	[EII_HTML_TAG_TEXTAREA] = { EII_HTML_KEEP, AS("pre") },
	[EII_HTML_TAG_TFOOT] = { EII_HTML_KEEP, AS("tfoot") },
	[EII_HTML_TAG_TH] = { EII_HTML_KEEP, AS("th") },
	[EII_HTML_TAG_THEAD] = { EII_HTML_KEEP, AS("thead") },
	[EII_HTML_TAG_TIME] = { EII_HTML_KEEP, AS("time") },
	[EII_HTML_TAG_TITLE] = { EII_HTML_DROP, NOTHING },
	[EII_HTML_TAG_TR] = { EII_HTML_KEEP, AS("tr") },
	[EII_HTML_TAG_TT] = { EII_HTML_KEEP, AS("tt") },
	[EII_HTML_TAG_U] = { EII_HTML_KEEP, AS("u") },
	[EII_HTML_TAG_UL] = { EII_HTML_KEEP, AS("ul") },
	[EII_HTML_TAG_VAR] = { EII_HTML_KEEP, AS("var") },
	[EII_HTML_TAG_WBR] = { EII_HTML_VOID, AS("wbr") },
	[EII_HTML_TAG_XMP] = { EII_HTML_KEEP, AS("pre") },
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
