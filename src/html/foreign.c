/* SPDX-License-Identifier: Apache-2.0 */
/* Tags inside of svg and math. */
#include "reader_private.h"

static bool is_mathml_text(enum eii_html_tag tag)
{
	return tag == EII_HTML_TAG_MI || tag == EII_HTML_TAG_MO || tag == EII_HTML_TAG_MN ||
	       tag == EII_HTML_TAG_MS || tag == EII_HTML_TAG_MTEXT;
}

struct eii_text eii_html_peek(struct reader *r, enum eii_html_attribute_name name)
{
	struct eii_html_tokenizer *t = &r->tokenizer;

	for (size_t i = 0; i < t->n_kept; i++) {
		if (eii_html_attribute_find(t->kept[i].name) == name)
			return t->kept[i].value.data ? t->kept[i].value : eii_text_of("");
	}
	return eii_text(NULL, 0);
}

static enum point point_of(struct reader *r, enum eii_html_tag tag, enum eii_html_namespace ns)
{
	struct eii_text encoding;

	if (ns == EII_HTML_NS_SVG)
		return tag == EII_HTML_TAG_FOREIGNOBJECT || tag == EII_HTML_TAG_DESC ||
				       tag == EII_HTML_TAG_TITLE
			       ? POINT_HTML
			       : POINT_NONE;
	if (is_mathml_text(tag))
		return POINT_MATHML_TEXT;
	if (tag != EII_HTML_TAG_ANNOTATION_XML)
		return POINT_NONE;
	encoding = eii_html_peek(r, EII_HTML_ATTRIBUTE_ENCODING);
	if (eii_text_equal_nocase(encoding, eii_text_of("text/html")) ||
	    eii_text_equal_nocase(encoding, eii_text_of("application/xhtml+xml")))
		return POINT_HTML;
	return POINT_NONE;
}

void eii_html_push_foreign(struct reader *r, enum eii_html_namespace ns)
{
	const enum point point = point_of(r, r->token.tag, ns);

	if (r->token.is_self_closing)
		eii_html_tell_loose(r, r->token.tag, ns);
	else
		eii_html_set_point(r, eii_html_push(r, r->token.tag, ns), point);
}

bool eii_html_is_foreign_here(struct reader *r)
{
	const struct entry *top = eii_html_top(r);
	const enum eii_html_tag tag = r->token.tag;

	if (r->token.kind == EII_HTML_TOKEN_END)
		return true;
	if (top->point == POINT_HTML)
		return false;
	if (r->token.kind == EII_HTML_TOKEN_TEXT)
		return top->point != POINT_MATHML_TEXT;
	if (top->point == POINT_MATHML_TEXT)
		return tag == EII_HTML_TAG_MGLYPH || tag == EII_HTML_TAG_MALIGNMARK;
	return !(top->element.tag == EII_HTML_TAG_ANNOTATION_XML &&
		 top->element.ns == EII_HTML_NS_MATHML && tag == EII_HTML_TAG_SVG);
}

static bool breaks_out(struct reader *r)
{
	if (r->token.tag == EII_HTML_TAG_FONT)
		return eii_html_peek(r, EII_HTML_ATTRIBUTE_COLOR).data ||
		       eii_html_peek(r, EII_HTML_ATTRIBUTE_FACE).data ||
		       eii_html_peek(r, EII_HTML_ATTRIBUTE_SIZE).data;
	return eii_html_has(r->token.tag, BREAKS_OUT);
}

/* Ends foreign elements up to HTML or what lets HTML in. */
static void break_out(struct reader *r)
{
	while (eii_html_top(r)->element.ns != EII_HTML_NS_HTML &&
	       eii_html_top(r)->point == POINT_NONE)
		eii_html_pop(r);
	eii_html_drop_gone(r);
}

void eii_html_foreign_start(struct reader *r)
{
	if (breaks_out(r)) {
		break_out(r);
		eii_html_start_tag(r);
		return;
	}
	eii_html_push_foreign(r, eii_html_top(r)->element.ns);
}

void eii_html_foreign_end(struct reader *r)
{
	const uint16_t html = eii_html_top(r)->nearest.html;
	uint16_t open;

	if (r->token.tag == EII_HTML_TAG_P || r->token.tag == EII_HTML_TAG_BR) {
		break_out(r);
		eii_html_end_tag(r);
		return;
	}
	open = eii_html_find_named(r, r->token.text, html);
	if (open != NO_INDEX)
		eii_html_pop_to(r, open);
	else
		eii_html_end_tag(r);
}
