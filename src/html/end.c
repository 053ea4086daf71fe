/* SPDX-License-Identifier: Apache-2.0 */
/* End tags in HTML content: one without its element in scope does nothing. */
#include "reader_private.h"

static uint16_t find(struct reader *r, uint16_t scope)
{
	return eii_html_find_open(r, r->token.tag, scope);
}

/* Any element down to the next special one. */
void eii_html_end_other(struct reader *r)
{
	const uint16_t stop = eii_html_top(r)->nearest.special;

	if (r->token.tag)
		eii_html_pop_to(r, find(r, stop));
	else
		eii_html_pop_to(r, eii_html_find_named(r, r->token.text, stop));
}

static void end_scoped(struct reader *r)
{
	const uint16_t open = find(r, eii_html_top(r)->nearest.scope);

	eii_html_pop_to(r, open);
	if (open != NO_INDEX && eii_html_has(r->token.tag, MARKER))
		eii_html_format_clear(r);
}

static void end_p(struct reader *r)
{
	eii_html_pop_to(r, find(r, eii_html_top(r)->nearest.button_scope));
}

static void end_li(struct reader *r)
{
	eii_html_pop_to(r, find(r, eii_html_top(r)->nearest.list_scope));
}

/* Any heading ends any other. */
static void end_heading(struct reader *r)
{
	const uint16_t scope = eii_html_top(r)->nearest.scope;
	uint16_t innermost = NO_INDEX;

	for (unsigned int tag = EII_HTML_TAG_H1; tag <= EII_HTML_TAG_H6; tag++) {
		const uint16_t open = eii_html_find_open(r, (enum eii_html_tag)tag, scope);

		if (open != NO_INDEX && (innermost == NO_INDEX || open > innermost))
			innermost = open;
	}
	eii_html_pop_to(r, innermost);
}

static void end_formatting(struct reader *r)
{
	eii_html_format_end(r, r->token.tag);
}

/* A form ends alone: what is open in it stays open. */
static void end_form(struct reader *r)
{
	const uint16_t open = find(r, eii_html_top(r)->nearest.scope);

	r->has_form = false;
	if (open == NO_INDEX)
		return;
	eii_html_imply_ends(r, EII_HTML_TAG_OTHER);
	eii_html_set_gone(r, open);
}

static void end_table_part(struct reader *r)
{
	const struct entry *top = eii_html_top(r);
	uint16_t open;
	bool is_in_cell;

	/* Of a <colgroup> only right behind it. */
	if (r->token.tag == EII_HTML_TAG_COLGROUP && top->element.tag != EII_HTML_TAG_COLGROUP)
		return;
	open = find(r, top->nearest.table_scope);
	if (open == NO_INDEX)
		return;
	is_in_cell = eii_html_has(r->open[top->nearest.structure].element.tag, MARKER);
	eii_html_pop_to(r, open);
	if (is_in_cell)
		eii_html_format_clear(r);
}

static void end_template(struct reader *r)
{
	const uint16_t open = find(r, 0);

	eii_html_pop_to(r, open);
	if (open != NO_INDEX)
		eii_html_format_clear(r);
}

static void end_br(struct reader *r)
{
	r->may_have_frameset = false;
	eii_html_format_again(r);
	eii_html_tell_loose(r, EII_HTML_TAG_BR, EII_HTML_NS_HTML);
}

static void end_nothing(struct reader *r)
{
	(void)r;
}

static void (*const end_rules[N_END_RULES])(struct reader *r) = {
	[END_OTHER] = eii_html_end_other,
	[END_SCOPED] = end_scoped,
	[END_P] = end_p,
	[END_LI] = end_li,
	[END_HEADING] = end_heading,
	[END_FORMATTING] = end_formatting,
	[END_FORM] = end_form,
	[END_TABLE_PART] = end_table_part,
	[END_TEMPLATE] = end_template,
	[END_BR] = end_br,
	[END_NOTHING] = end_nothing,
};

void eii_html_end_tag(struct reader *r)
{
	if (r->token.tag != EII_HTML_TAG_COL && r->token.tag != EII_HTML_TAG_COLGROUP &&
	    r->token.tag != EII_HTML_TAG_TEMPLATE)
		eii_html_leave_colgroup(r);
	end_rules[eii_html_kinds[r->token.tag].end](r);
}
