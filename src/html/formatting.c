/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of active formatting elements: those that begin again where another
 * element's end has ended them. Of the adoption agency only what it means for what is
 * open: nothing is moved.
 */
#include <string.h>

#include "reader_private.h"

static void take_out(struct reader *r, uint16_t index)
{
	if (r->formatting[index].open != NO_INDEX)
		r->open[r->formatting[index].open].formatting = NO_INDEX;
	r->n_formatting--;
	for (size_t i = index; i < r->n_formatting; i++) {
		r->formatting[i] = r->formatting[i + 1];
		if (r->formatting[i].open != NO_INDEX)
			r->open[r->formatting[i].open].formatting = (uint16_t)i;
	}
	r->steps += r->n_formatting - index;
}

/* Of three that are the same the first one goes. */
static void take_out_same(struct reader *r, enum eii_html_tag tag, struct eii_text raw)
{
	size_t n_same = 0;

	for (size_t i = r->n_formatting; i-- > r->base;) {
		const struct formatting *other = &r->formatting[i];

		r->steps++;
		if (other->element.tag != tag || !eii_text_equal(other->raw, raw))
			continue;
		if (++n_same == SAME_AT_MOST) {
			take_out(r, (uint16_t)i);
			return;
		}
	}
}

void eii_html_format_add(struct reader *r, struct entry *entry)
{
	const struct eii_text raw = eii_html_between(r->token.text.data, r->tokenizer.p);

	take_out_same(r, entry->element.tag, raw);
	if (r->n_formatting - r->base == FORMATTING_AT_ONCE)
		take_out(r, (uint16_t)r->base);
	if (r->n_formatting == N_FORMATTING)
		return;
	entry->formatting = (uint16_t)r->n_formatting;
	r->formatting[r->n_formatting++] = (struct formatting){
		.element = entry->element, .raw = raw, .open = (uint16_t)(entry - r->open)
	};
}

static void begin_again(struct reader *r, size_t index)
{
	const struct eii_html_element element = r->formatting[index].element;
	struct entry *entry = eii_html_push_untold(r, element.tag, EII_HTML_NS_HTML, element.name);

	entry->element = element;
	entry->formatting = (uint16_t)index;
	r->formatting[index].open = (uint16_t)(entry - r->open);
	if (r->events->again)
		r->events->again(r->context, &entry->element);
	r->steps++;
}

void eii_html_format_again(struct reader *r)
{
	size_t first = r->n_formatting;

	while (first > r->base && r->formatting[first - 1].open == NO_INDEX &&
	       r->n_formatting - first < AGAIN_AT_MOST)
		first--;
	for (; first < r->n_formatting; first++)
		begin_again(r, first);
}

/* A marker keeps where the list began outside of it. */
void eii_html_format_mark(struct reader *r)
{
	if (r->n_formatting == N_FORMATTING) {
		r->n_lost_markers++;
		return;
	}
	r->formatting[r->n_formatting++] = (struct formatting){ .open = (uint16_t)r->base };
	r->base = r->n_formatting;
}

void eii_html_format_clear(struct reader *r)
{
	if (r->n_lost_markers) {
		r->n_lost_markers--;
		return;
	}
	while (r->n_formatting > r->base)
		take_out(r, (uint16_t)(r->n_formatting - 1));
	if (r->base == 0)
		return;
	r->n_formatting--;
	r->base = r->formatting[r->n_formatting].open;
}

uint16_t eii_html_format_find(const struct reader *r, enum eii_html_tag tag)
{
	for (size_t i = r->n_formatting; i-- > r->base;) {
		if (r->formatting[i].element.tag == tag)
			return (uint16_t)i;
	}
	return NO_INDEX;
}

void eii_html_format_end(struct reader *r, enum eii_html_tag tag)
{
	const struct entry *top = eii_html_top(r);
	const uint16_t index = eii_html_format_find(r, tag);
	uint16_t open;

	if (top->element.ns == EII_HTML_NS_HTML && top->element.tag == tag &&
	    top->formatting == NO_INDEX) {
		eii_html_pop_to(r, (uint16_t)(top - r->open));
		return;
	}
	if (index == NO_INDEX) {
		eii_html_end_other(r);
		return;
	}
	open = r->formatting[index].open;
	if (open != NO_INDEX && top->nearest.scope > open)
		return;
	take_out(r, index);
	if (open == NO_INDEX)
		return;
	/*
	 * What stands around a block is told to end with the block: browsers would move it
	 * inside, and end there what is open in the innermost block.
	 */
	if (top->nearest.special > open) {
		eii_html_pop_above(r, top->nearest.special);
		eii_html_set_gone(r, open);
	} else {
		eii_html_pop_to(r, open);
	}
}
