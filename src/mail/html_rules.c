/* SPDX-License-Identifier: Apache-2.0 */
#include "html_private.h"

#include <stdlib.h>
#include <string.h>

#include "eii/base/text.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

/*
 * The allow-list: DOMPurify's HTML elements less those that load, run or submit.
 * Sorted by name. What is not here is unwrapped. Elements without an end tag that
 * libxml2 2.9 does not know as such (embed, source, track) must be unwrapped, not
 * dropped: it takes what follows for their content.
 */
static const struct eii_html_rule rules[] = {
	{ "a", EII_HTML_LINK, "a" },
	{ "abbr", EII_HTML_KEEP, "abbr" },
	{ "acronym", EII_HTML_KEEP, "acronym" },
	{ "address", EII_HTML_KEEP, "address" },
	{ "applet", EII_HTML_DROP, NULL },
	{ "article", EII_HTML_KEEP, "article" },
	{ "aside", EII_HTML_KEEP, "aside" },
	{ "b", EII_HTML_KEEP, "b" },
	{ "bdi", EII_HTML_KEEP, "bdi" },
	{ "big", EII_HTML_KEEP, "big" },
	{ "blockquote", EII_HTML_KEEP, "blockquote" },
	{ "br", EII_HTML_VOID, "br" },
	{ "button", EII_HTML_KEEP, "span" },
	{ "caption", EII_HTML_KEEP, "caption" },
	{ "center", EII_HTML_KEEP, "center" },
	{ "cite", EII_HTML_KEEP, "cite" },
	{ "code", EII_HTML_KEEP, "code" },
	{ "col", EII_HTML_VOID, "col" },
	{ "colgroup", EII_HTML_KEEP, "colgroup" },
	{ "datalist", EII_HTML_DROP, NULL },
	{ "dd", EII_HTML_KEEP, "dd" },
	{ "del", EII_HTML_KEEP, "del" },
	{ "details", EII_HTML_KEEP, "div" },
	{ "dfn", EII_HTML_KEEP, "dfn" },
	{ "dialog", EII_HTML_KEEP, "div" },
	{ "dir", EII_HTML_KEEP, "ul" },
	{ "div", EII_HTML_KEEP, "div" },
	{ "dl", EII_HTML_KEEP, "dl" },
	{ "dt", EII_HTML_KEEP, "dt" },
	{ "em", EII_HTML_KEEP, "em" },
	{ "fieldset", EII_HTML_KEEP, "div" },
	{ "figcaption", EII_HTML_KEEP, "figcaption" },
	{ "figure", EII_HTML_KEEP, "figure" },
	{ "font", EII_HTML_KEEP, "font" },
	{ "footer", EII_HTML_KEEP, "footer" },
	{ "form", EII_HTML_KEEP, "div" },
	{ "h1", EII_HTML_KEEP, "h1" },
	{ "h2", EII_HTML_KEEP, "h2" },
	{ "h3", EII_HTML_KEEP, "h3" },
	{ "h4", EII_HTML_KEEP, "h4" },
	{ "h5", EII_HTML_KEEP, "h5" },
	{ "h6", EII_HTML_KEEP, "h6" },
	{ "header", EII_HTML_KEEP, "header" },
	{ "hgroup", EII_HTML_KEEP, "hgroup" },
	{ "hr", EII_HTML_VOID, "hr" },
	{ "i", EII_HTML_KEEP, "i" },
	{ "iframe", EII_HTML_DROP, NULL },
	{ "image", EII_HTML_IMAGE, "img" },
	{ "img", EII_HTML_IMAGE, "img" },
	{ "input", EII_HTML_INPUT, NULL },
	{ "ins", EII_HTML_KEEP, "ins" },
	{ "kbd", EII_HTML_KEEP, "kbd" },
	{ "label", EII_HTML_KEEP, "span" },
	{ "legend", EII_HTML_KEEP, "div" },
	{ "li", EII_HTML_KEEP, "li" },
	{ "listing", EII_HTML_KEEP, "pre" },
	{ "main", EII_HTML_KEEP, "main" },
	{ "mark", EII_HTML_KEEP, "mark" },
	{ "marquee", EII_HTML_KEEP, "div" },
	{ "math", EII_HTML_FOREIGN, NULL },
	{ "menu", EII_HTML_KEEP, "ul" },
	{ "nav", EII_HTML_KEEP, "nav" },
	{ "nobr", EII_HTML_KEEP, "span" },
	{ "noembed", EII_HTML_DROP, NULL },
	{ "noframes", EII_HTML_DROP, NULL },
	{ "noscript", EII_HTML_DROP, NULL },
	{ "object", EII_HTML_DROP, NULL },
	{ "ol", EII_HTML_KEEP, "ol" },
	{ "option", EII_HTML_KEEP, "div" },
	{ "p", EII_HTML_KEEP, "p" },
	{ "plaintext", EII_HTML_KEEP, "pre" },
	{ "pre", EII_HTML_KEEP, "pre" },
	{ "q", EII_HTML_KEEP, "q" },
	{ "rp", EII_HTML_KEEP, "rp" },
	{ "rt", EII_HTML_KEEP, "rt" },
	{ "ruby", EII_HTML_KEEP, "ruby" },
	{ "s", EII_HTML_KEEP, "s" },
	{ "samp", EII_HTML_KEEP, "samp" },
	{ "script", EII_HTML_DROP, NULL },
	{ "section", EII_HTML_KEEP, "section" },
	{ "select", EII_HTML_KEEP, "div" },
	{ "small", EII_HTML_KEEP, "small" },
	{ "span", EII_HTML_KEEP, "span" },
	{ "strike", EII_HTML_KEEP, "strike" },
	{ "strong", EII_HTML_KEEP, "strong" },
	{ "style", EII_HTML_DROP, NULL },
	{ "sub", EII_HTML_KEEP, "sub" },
	{ "summary", EII_HTML_KEEP, "div" },
	{ "sup", EII_HTML_KEEP, "sup" },
	{ "svg", EII_HTML_FOREIGN, NULL },
	{ "table", EII_HTML_KEEP, "table" },
	{ "tbody", EII_HTML_KEEP, "tbody" },
	{ "td", EII_HTML_KEEP, "td" },
	{ "template", EII_HTML_DROP, NULL },
	{ "textarea", EII_HTML_KEEP, "pre" },
	{ "tfoot", EII_HTML_KEEP, "tfoot" },
	{ "th", EII_HTML_KEEP, "th" },
	{ "thead", EII_HTML_KEEP, "thead" },
	{ "time", EII_HTML_KEEP, "time" },
	{ "title", EII_HTML_DROP, NULL },
	{ "tr", EII_HTML_KEEP, "tr" },
	{ "tt", EII_HTML_KEEP, "tt" },
	{ "u", EII_HTML_KEEP, "u" },
	{ "ul", EII_HTML_KEEP, "ul" },
	{ "var", EII_HTML_KEEP, "var" },
	{ "wbr", EII_HTML_VOID, "wbr" },
	{ "xmp", EII_HTML_KEEP, "pre" },
};

static const struct eii_html_rule unknown = { "", EII_HTML_UNWRAP, NULL };

struct attribute {
	const char *name;
	enum eii_html_value value;
};

/*
 * Attributes that any written element may have, sorted by name. Not here, on purpose: class, id and
 * name (the platform's own style sheets and scripts know some), hidden, background.
 */
static const struct attribute attributes[] = {
	{ "align", EII_HTML_VALUE_WORD },         { "bgcolor", EII_HTML_VALUE_COLOR },
	{ "border", EII_HTML_VALUE_NUMBER },      { "cellpadding", EII_HTML_VALUE_NUMBER },
	{ "cellspacing", EII_HTML_VALUE_NUMBER }, { "clear", EII_HTML_VALUE_WORD },
	{ "color", EII_HTML_VALUE_COLOR },        { "colspan", EII_HTML_VALUE_NUMBER },
	{ "datetime", EII_HTML_VALUE_TEXT },      { "dir", EII_HTML_VALUE_WORD },
	{ "face", EII_HTML_VALUE_FONTS },         { "height", EII_HTML_VALUE_LENGTH },
	{ "lang", EII_HTML_VALUE_WORD },          { "nowrap", EII_HTML_VALUE_FLAG },
	{ "reversed", EII_HTML_VALUE_FLAG },      { "rowspan", EII_HTML_VALUE_NUMBER },
	{ "size", EII_HTML_VALUE_NUMBER },        { "span", EII_HTML_VALUE_NUMBER },
	{ "start", EII_HTML_VALUE_NUMBER },       { "style", EII_HTML_VALUE_STYLE },
	{ "title", EII_HTML_VALUE_TEXT },         { "type", EII_HTML_VALUE_WORD },
	{ "valign", EII_HTML_VALUE_WORD },        { "value", EII_HTML_VALUE_NUMBER },
	{ "width", EII_HTML_VALUE_LENGTH },
};

static int compare_rule(const void *name, const void *rule)
{
	return strcmp(name, ((const struct eii_html_rule *)rule)->name);
}

const struct eii_html_rule *eii_html_rule_find(const char *name)
{
	const struct eii_html_rule *rule =
		bsearch(name, rules, LEN(rules), sizeof(rules[0]), compare_rule);

	return rule ? rule : &unknown;
}

static int compare_attribute(const void *name, const void *attribute)
{
	return strcmp(name, ((const struct attribute *)attribute)->name);
}

enum eii_html_value eii_html_attribute_find(const char *name)
{
	const struct attribute *attribute = bsearch(name, attributes, LEN(attributes),
						    sizeof(attributes[0]), compare_attribute);

	return attribute ? attribute->value : EII_HTML_VALUE_NONE;
}

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
