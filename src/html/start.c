/* SPDX-License-Identifier: Apache-2.0 */
/* Start tags in HTML content. */
#include "reader_private.h"

#define TAG(name) EII_HTML_TAG_##name

static enum eii_html_tag token_tag(const struct reader *r)
{
	return r->token.tag;
}

static const struct entry *structure(struct reader *r)
{
	return &r->open[eii_html_top(r)->nearest.structure];
}

static enum eii_html_tag structure_tag(struct reader *r)
{
	return structure(r)->element.tag;
}

static void pop_above_structure(struct reader *r)
{
	eii_html_pop_above(r, (size_t)(structure(r) - r->open));
}

static void pop_structure(struct reader *r)
{
	eii_html_pop_to(r, (uint16_t)(structure(r) - r->open));
}

/* The innermost open HTML element of that name in scope. */
static uint16_t in_scope(struct reader *r, enum eii_html_tag tag)
{
	return eii_html_find_open(r, tag, eii_html_top(r)->nearest.scope);
}

void eii_html_close_p(struct reader *r)
{
	const struct entry *top = eii_html_top(r);

	eii_html_pop_to(r, eii_html_find_open(r, TAG(P), top->nearest.button_scope));
}

static struct entry *push(struct reader *r)
{
	return eii_html_push(r, token_tag(r), EII_HTML_NS_HTML);
}

static void start_ordinary(struct reader *r)
{
	eii_html_format_again(r);
	push(r);
}

static void start_formatting(struct reader *r)
{
	eii_html_format_again(r);
	eii_html_format_add(r, push(r));
}

static void start_a(struct reader *r)
{
	const uint16_t index = eii_html_format_find(r, TAG(A));

	if (index != NO_INDEX)
		eii_html_format_end(r, TAG(A));
	start_formatting(r);
}

static void start_nobr(struct reader *r)
{
	eii_html_format_again(r);
	if (in_scope(r, TAG(NOBR)) != NO_INDEX)
		eii_html_format_end(r, TAG(NOBR));
	start_formatting(r);
}

static void start_block(struct reader *r)
{
	eii_html_close_p(r);
	push(r);
}

static void start_heading(struct reader *r)
{
	eii_html_close_p(r);
	if (eii_html_top(r)->element.ns == EII_HTML_NS_HTML &&
	    eii_html_has(eii_html_top(r)->element.tag, HEADING))
		eii_html_pop(r);
	push(r);
}

static void start_pre(struct reader *r)
{
	start_block(r);
	r->skips_newline = true;
}

static void start_li(struct reader *r)
{
	const uint16_t stop = eii_html_top(r)->nearest.list_stop;

	if (eii_html_find_open(r, TAG(LI), stop) == stop)
		eii_html_pop_to(r, stop);
	start_block(r);
}

static void start_dd_dt(struct reader *r)
{
	const uint16_t stop = eii_html_top(r)->nearest.list_stop;

	if (eii_html_find_open(r, TAG(DD), stop) == stop ||
	    eii_html_find_open(r, TAG(DT), stop) == stop)
		eii_html_pop_to(r, stop);
	start_block(r);
}

static void start_button(struct reader *r)
{
	eii_html_pop_to(r, in_scope(r, TAG(BUTTON)));
	start_ordinary(r);
}

static void start_void_apart(struct reader *r)
{
	eii_html_tell_loose(r, token_tag(r), EII_HTML_NS_HTML);
}

static bool is_table_structure(enum eii_html_tag tag)
{
	return tag == TAG(TABLE) || tag == TAG(TBODY) || tag == TAG(THEAD) || tag == TAG(TFOOT) ||
	       tag == TAG(TR);
}

static void start_form(struct reader *r)
{
	const bool is_in_template = r->of_tag[TAG(TEMPLATE)] != NO_INDEX;

	if (r->has_form && !is_in_template) {
		start_void_apart(r);
		return;
	}
	if (!is_in_template)
		r->has_form = true;
	/* Right inside a table a form is empty, though it is there. */
	if (is_table_structure(structure_tag(r)))
		eii_html_tell_loose(r, TAG(FORM), EII_HTML_NS_HTML);
	else
		start_block(r);
}

static void start_void(struct reader *r)
{
	enum eii_html_tag tag = token_tag(r);

	eii_html_format_again(r);
	eii_html_tell_loose(r, tag == TAG(IMAGE) ? TAG(IMG) : tag, EII_HTML_NS_HTML);
}

static void start_input(struct reader *r)
{
	const struct eii_text type = eii_html_peek(r, EII_HTML_ATTRIBUTE_TYPE);

	if (!eii_text_equal_nocase(type, eii_text_of("hidden")))
		r->may_have_frameset = false;
	eii_html_pop_to(r, in_scope(r, TAG(SELECT)));
	if (is_table_structure(eii_html_top(r)->element.tag))
		start_void_apart(r);
	else
		start_void(r);
}

static void start_hr(struct reader *r)
{
	eii_html_close_p(r);
	if (in_scope(r, TAG(SELECT)) != NO_INDEX)
		eii_html_imply_ends(r, TAG(OTHER));
	start_void_apart(r);
}

static void enter_content(struct reader *r)
{
	const enum eii_html_content content =
		(enum eii_html_content)eii_html_kinds[token_tag(r)].content;

	eii_html_tokenizer_enter(&r->tokenizer, content, r->token.text);
}

static void start_raw(struct reader *r)
{
	push(r);
	r->skips_newline = token_tag(r) == TAG(TEXTAREA);
	enter_content(r);
}

static void start_xmp(struct reader *r)
{
	eii_html_close_p(r);
	eii_html_format_again(r);
	start_raw(r);
}

static void start_plaintext(struct reader *r)
{
	start_block(r);
	enter_content(r);
}

static void start_noframes(struct reader *r)
{
	if (r->has_frameset)
		push(r);
	else
		start_raw(r);
}

static void start_table(struct reader *r)
{
	if (is_table_structure(structure_tag(r)) || structure_tag(r) == TAG(COLGROUP))
		eii_html_pop_to(
			r, eii_html_find_open(r, TAG(TABLE), eii_html_top(r)->nearest.table_scope));
	eii_html_close_p(r);
	push(r);
}

static bool is_cell(enum eii_html_tag tag)
{
	return tag == TAG(TD) || tag == TAG(TH);
}

static bool is_section(enum eii_html_tag tag)
{
	return tag == TAG(TBODY) || tag == TAG(THEAD) || tag == TAG(TFOOT);
}

/* Ends what a part of a table cannot stand in. */
static void make_room_for_part(struct reader *r, enum eii_html_tag part)
{
	const bool is_row = part == TAG(TR);

	if (is_cell(structure_tag(r)) || structure_tag(r) == TAG(CAPTION)) {
		pop_structure(r);
		eii_html_format_clear(r);
	}
	if (structure_tag(r) == TAG(COLGROUP) && part != TAG(COL))
		pop_structure(r);
	if (structure_tag(r) == TAG(TR) && !is_cell(part))
		pop_structure(r);
	if (is_section(structure_tag(r)) && !is_cell(part) && !is_row)
		pop_structure(r);
	pop_above_structure(r);
}

static void start_table_part(struct reader *r)
{
	const enum eii_html_tag part = token_tag(r);
	const struct entry *table = &r->open[eii_html_top(r)->nearest.table_scope];

	if (table->element.tag == TAG(HTML)) {
		if (part != TAG(COL))
			start_void_apart(r);
		return;
	}
	if (table->element.tag == TAG(TEMPLATE)) {
		push(r);
		return;
	}
	make_room_for_part(r, part);
	eii_html_tell_blank(r, eii_html_top(r));
	if ((is_cell(part) || part == TAG(TR)) && structure_tag(r) == TAG(TABLE))
		eii_html_push_implied(r, TAG(TBODY));
	if (is_cell(part) && structure_tag(r) != TAG(TR))
		eii_html_push_implied(r, TAG(TR));
	if (part == TAG(COL) && structure_tag(r) != TAG(COLGROUP))
		eii_html_push_implied(r, TAG(COLGROUP));
	if (part == TAG(COL))
		start_void_apart(r);
	else
		push(r);
}

static void start_select(struct reader *r)
{
	const uint16_t open = in_scope(r, TAG(SELECT));

	if (open != NO_INDEX)
		eii_html_pop_to(r, open);
	else
		start_ordinary(r);
}

static void pop_option(struct reader *r)
{
	if (eii_html_top(r)->element.tag == TAG(OPTION))
		eii_html_pop(r);
}

static void start_option(struct reader *r)
{
	if (in_scope(r, TAG(SELECT)) != NO_INDEX)
		eii_html_imply_ends(r, TAG(OPTGROUP));
	else
		pop_option(r);
	start_ordinary(r);
}

static void start_optgroup(struct reader *r)
{
	if (in_scope(r, TAG(SELECT)) != NO_INDEX)
		eii_html_imply_ends(r, TAG(OTHER));
	else
		pop_option(r);
	start_ordinary(r);
}

static void start_ruby_part(struct reader *r)
{
	const bool is_text = token_tag(r) == TAG(RT) || token_tag(r) == TAG(RP);

	if (in_scope(r, TAG(RUBY)) != NO_INDEX)
		eii_html_imply_ends(r, is_text ? TAG(RTC) : TAG(OTHER));
	push(r);
}

static void start_foreign(struct reader *r)
{
	eii_html_format_again(r);
	eii_html_push_foreign(r, token_tag(r) == TAG(SVG) ? EII_HTML_NS_SVG : EII_HTML_NS_MATHML);
}

static void start_template(struct reader *r)
{
	push(r);
}

static void start_loose(struct reader *r)
{
	if (token_tag(r) == TAG(FRAMESET) && r->may_have_frameset)
		r->has_frameset = true;
	start_void_apart(r);
}

static void (*const start_rules[N_START_RULES])(struct reader *r) = {
	[START_ORDINARY] = start_ordinary,
	[START_FORMATTING] = start_formatting,
	[START_A] = start_a,
	[START_NOBR] = start_nobr,
	[START_BLOCK] = start_block,
	[START_HEADING] = start_heading,
	[START_PRE] = start_pre,
	[START_LI] = start_li,
	[START_DD_DT] = start_dd_dt,
	[START_BUTTON] = start_button,
	[START_FORM] = start_form,
	[START_VOID] = start_void,
	[START_VOID_APART] = start_void_apart,
	[START_INPUT] = start_input,
	[START_HR] = start_hr,
	[START_RAW] = start_raw,
	[START_XMP] = start_xmp,
	[START_PLAINTEXT] = start_plaintext,
	[START_TABLE] = start_table,
	[START_TABLE_PART] = start_table_part,
	[START_SELECT] = start_select,
	[START_OPTION] = start_option,
	[START_OPTGROUP] = start_optgroup,
	[START_RUBY_PART] = start_ruby_part,
	[START_FOREIGN] = start_foreign,
	[START_TEMPLATE] = start_template,
	[START_LOOSE] = start_loose,
	[START_NOFRAMES] = start_noframes,
};

void eii_html_start_tag(struct reader *r)
{
	if (token_tag(r) != TAG(COL) && token_tag(r) != TAG(TEMPLATE) && token_tag(r) != TAG(HTML))
		eii_html_leave_colgroup(r);
	if (eii_html_has(token_tag(r), NO_FRAMESET))
		r->may_have_frameset = false;
	start_rules[eii_html_kinds[token_tag(r)].start](r);
}
