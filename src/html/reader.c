/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/html/reader.h"

#include <string.h>

#include "reader_private.h"

static bool is_blank(struct eii_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!eii_html_is_space(text.data[i]))
			return false;
	}
	return true;
}

static void tell_text(struct reader *r, struct eii_text text)
{
	if (text.len && r->events->text)
		r->events->text(r->context, text);
}

/* Text right inside a table, but not of one of its cells. */
static bool is_in_table(struct reader *r)
{
	const struct entry *top = eii_html_top(r);

	return top->element.ns == EII_HTML_NS_HTML && eii_html_has(top->element.tag, STRUCTURE) &&
	       !eii_html_has(top->element.tag, MARKER);
}

/*
 * Blanks stay in a table, other text is moved before it. Side by side they would be
 * taken for one text: the blanks are told with the table's next part, or its end.
 */
static bool hold_blank(struct reader *r, struct eii_text text)
{
	struct entry *top = eii_html_top(r);

	if (top->element.tag == EII_HTML_TAG_COLGROUP || r->run == RUN_TEXT)
		return true;
	r->run = RUN_BLANK;
	if (top->blank.len == 0)
		top->blank = text.data == r->tokenizer.piece ? eii_text_of(" ") : text;
	return false;
}

/* Blanks that are one text with what follows them are moved as well. */
static void settle_run(struct reader *r)
{
	struct entry *top = eii_html_top(r);
	struct eii_text blank = eii_text(NULL, 0);

	if (r->run == RUN_BLANK) {
		blank = top->blank;
		top->blank.len = 0;
	}
	r->run = RUN_TEXT;
	eii_html_format_again(r);
	tell_text(r, blank);
}

static bool is_nul(struct eii_text text)
{
	return text.len == 1 && *text.data == '\0';
}

/* False where the text is none: blanks before the body, NUL. */
static bool settle_text(struct reader *r, struct eii_text text)
{
	if (is_nul(text))
		return false;
	if (r->phase != PHASE_BODY && r->n_open == 1) {
		if (is_blank(text))
			return false;
		r->phase = PHASE_BODY;
	}
	if (is_in_table(r)) {
		if (is_blank(text))
			return hold_blank(r, text);
		eii_html_leave_colgroup(r);
		settle_run(r);
		return true;
	}
	eii_html_format_again(r);
	return true;
}

static bool is_in_raw(struct reader *r)
{
	return r->tokenizer.content != EII_HTML_DATA && r->tokenizer.content != EII_HTML_CDATA;
}

/* Blanks right inside a <colgroup> stay there, what follows them does not. */
static struct eii_text tell_blanks(struct reader *r, struct eii_text text)
{
	size_t n = 0;

	if (eii_html_top(r)->element.tag != EII_HTML_TAG_COLGROUP)
		return text;
	while (n < text.len && eii_html_is_space(text.data[n]))
		n++;
	tell_text(r, eii_text(text.data, n));
	return eii_text(text.data + n, text.len - n);
}

static void read_text(struct reader *r)
{
	struct eii_text text = tell_blanks(r, r->token.text);

	if (text.len == 0)
		return;
	if (r->skips_newline && text.data[0] == '\n')
		text = eii_text(text.data + 1, text.len - 1);
	if (is_in_raw(r)) {
		tell_text(r, text);
		return;
	}
	if (r->may_have_frameset && !is_nul(text) && !is_blank(text))
		r->may_have_frameset = false;
	if (eii_html_is_foreign(r))
		tell_text(r, is_nul(text) ? eii_text_of("\xef\xbf\xbd") : text);
	else if (settle_text(r, text))
		tell_text(r, text);
}

/* A start tag before the body; true: it needs no body. */
static bool stays_in_head(struct reader *r)
{
	const enum eii_html_tag tag = r->token.tag;

	if (tag == EII_HTML_TAG_HTML || tag == EII_HTML_TAG_HEAD || tag == EII_HTML_TAG_FRAMESET ||
	    tag == EII_HTML_TAG_FRAME || eii_html_has(tag, IN_HEAD))
		return true;
	return tag == EII_HTML_TAG_NOSCRIPT && r->phase == PHASE_HEAD;
}

static void read_start(struct reader *r)
{
	if (eii_html_is_foreign(r)) {
		eii_html_foreign_start(r);
		return;
	}
	if (r->phase != PHASE_BODY && r->n_open == 1) {
		if (!stays_in_head(r))
			r->phase = PHASE_BODY;
		else if (r->token.tag == EII_HTML_TAG_NOSCRIPT) {
			/* What is in it is read as if it stood in the head. */
			eii_html_tell_loose(r, EII_HTML_TAG_NOSCRIPT, EII_HTML_NS_HTML);
			return;
		}
	}
	eii_html_start_tag(r);
}

/* The end tag of raw text is that of the innermost element, whatever else is open. */
static bool ends_raw(struct reader *r)
{
	const struct eii_html_element *top = &eii_html_top(r)->element;

	return top->ns == EII_HTML_NS_HTML && top->tag == r->token.tag && top->tag &&
	       eii_html_kinds[top->tag].content;
}

static void read_end(struct reader *r)
{
	const enum eii_html_tag tag = r->token.tag;

	if (ends_raw(r)) {
		eii_html_pop(r);
		eii_html_drop_gone(r);
	} else if (eii_html_is_foreign(r)) {
		eii_html_foreign_end(r);
	} else if (r->phase != PHASE_BODY && r->n_open == 1) {
		if (tag == EII_HTML_TAG_HEAD)
			r->phase = PHASE_AFTER_HEAD;
		if (tag == EII_HTML_TAG_BR || tag == EII_HTML_TAG_BODY)
			r->phase = PHASE_BODY;
		if (tag == EII_HTML_TAG_BR)
			eii_html_end_tag(r);
	} else {
		eii_html_end_tag(r);
	}
}

static void read_token(struct reader *r)
{
	if (r->token.kind != EII_HTML_TOKEN_TEXT) {
		r->skips_newline = false;
		r->run = RUN_NONE;
	}
	switch (r->token.kind) {
	case EII_HTML_TOKEN_TEXT:
		read_text(r);
		r->skips_newline = false;
		break;
	case EII_HTML_TOKEN_START:
		read_start(r);
		break;
	case EII_HTML_TOKEN_END:
		read_end(r);
		break;
	case EII_HTML_TOKEN_COMMENT:
		if (r->events->comment)
			r->events->comment(r->context, r->token.text);
		break;
	case EII_HTML_TOKEN_DOCTYPE:
	case EII_HTML_TOKEN_EOF:
		break;
	}
}

static bool is_over(const struct reader *r)
{
	return r->events->is_over && *r->events->is_over;
}

static void read_all(struct reader *r)
{
	while (!is_over(r)) {
		r->tokenizer.allows_cdata = eii_html_top(r)->element.ns != EII_HTML_NS_HTML;
		eii_html_next(&r->tokenizer, &r->token);
		if (r->token.kind == EII_HTML_TOKEN_EOF)
			break;
		read_token(r);
	}
	if (r->tokenizer.unfinished.len && r->events->unfinished)
		r->events->unfinished(r->context, r->tokenizer.unfinished);
	while (r->n_open > 1)
		eii_html_pop(r);
}

uint64_t eii_html_read(struct eii_text html, const struct eii_html_events *events, void *context)
{
	/* Of 60 KB only what is open is read: to zero all costs more than a short text. */
	struct reader r __attribute__((uninitialized));

	r.events = events;
	r.context = context;
	r.phase = PHASE_HEAD;
	r.has_form = false;
	r.has_frameset = false;
	r.may_have_frameset = true;
	r.skips_newline = false;
	r.run = RUN_NONE;
	r.steps = 0;
	r.n_formatting = 0;
	r.n_lost_markers = 0;
	r.base = 0;
	eii_html_stack_init(&r);
	eii_html_tokenizer_init(&r.tokenizer, html);
	read_all(&r);
	return r.steps + r.tokenizer.steps;
}
