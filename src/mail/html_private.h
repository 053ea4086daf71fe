/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the HTML sanitizer share. */
#ifndef EII_MAIL_HTML_PRIVATE_H
#define EII_MAIL_HTML_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "eii/mail/html.h"

enum eii_html_kind {
	EII_HTML_UNWRAP,  /* the tag goes, what is in it stays */
	EII_HTML_KEEP,    /* written, perhaps as another element */
	EII_HTML_VOID,    /* written, has no end tag */
	EII_HTML_DROP,    /* goes with what is in it */
	EII_HTML_FOREIGN, /* the same, until a tag that ends foreign content in browsers */
	EII_HTML_LINK,
	EII_HTML_IMAGE,
	EII_HTML_INPUT, /* a form's field: its words stay as text */
};

struct eii_html_rule {
	const char *name; /* lower case */
	enum eii_html_kind kind;
	const char *as; /* what is written in its place; NULL where nothing is */
};

/* Never NULL: an unknown element is unwrapped. */
const struct eii_html_rule *eii_html_rule_find(const char *name);

/* How much of an attribute's value is believed. */
enum eii_html_value {
	EII_HTML_VALUE_NONE, /* the attribute is not written */
	EII_HTML_VALUE_TEXT,
	EII_HTML_VALUE_WORD,   /* letters, digits, '-' */
	EII_HTML_VALUE_NUMBER, /* a sign and up to three digits */
	EII_HTML_VALUE_LENGTH, /* up to four digits, then nothing, "%" or "px" */
	EII_HTML_VALUE_COLOR,
	EII_HTML_VALUE_FONTS,
	EII_HTML_VALUE_FLAG, /* written without its value */
	EII_HTML_VALUE_STYLE,
};
enum eii_html_value eii_html_attribute_find(const char *name);

/* Does the value have that form? Not for TEXT, FLAG, STYLE. */
bool eii_html_value_fits(enum eii_html_value kind, struct eii_text value);

/*
 * Adds text with & < > " (and ', for BOTH) escaped, so that it is right in content and
 * in a double quoted attribute. Control characters and bidirectional overrides go; C1 controls
 * are taken for windows-1252, as browsers take &#128; to &#159;.
 */
enum eii_html_quotes { EII_HTML_QUOTES_DOUBLE, EII_HTML_QUOTES_BOTH };
void eii_html_escape(struct eii_text text, enum eii_html_quotes quotes, struct eii_buf *out);

/* Takes back what was added since out's length was mark. */
void eii_html_take_back(struct eii_buf *out, size_t mark);

/* Adds the declarations of a style attribute that are on the list; escaped. */
void eii_html_style(struct eii_text css, struct eii_buf *out);

/*
 * Replaces out by a copy of html that libxml2 reads in linear time: no control
 * characters, no tag with more than EII_HTML_ATTRIBUTES attributes (its '<'
 * becomes '{'), comments ended where browsers end them.
 */
void eii_html_clean(struct eii_text html, struct eii_buf *out);

/*
 * The link target that browsers would see (trimmed, without line ends and tabs)
 * added to out, if it begins with one of http:, https:, mailto: and is not over
 * EII_HTML_URL_BYTES; else false, and out as it was.
 */
bool eii_html_link(struct eii_text url, struct eii_buf *out);

/* Adds src="data:..." for a cid: or data: image within the limits; else false. */
bool eii_html_image_source(struct eii_text url, const struct eii_html_options *options,
			   struct eii_html_tally *tally, struct eii_buf *out);

#endif
