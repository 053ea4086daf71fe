/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stack of open elements. Each entry knows the innermost member of every set that
 * the standard's scopes ask for, so that no question walks through the stack.
 */
#include <string.h>

#include "reader_private.h"

static bool is_foreign_scope(const struct entry *entry)
{
	return entry->point != POINT_NONE || (entry->element.ns == EII_HTML_NS_MATHML &&
					      entry->element.tag == EII_HTML_TAG_ANNOTATION_XML);
}

static void set_scope(struct nearest *nearest, uint16_t index)
{
	nearest->scope = index;
	nearest->list_scope = index;
	nearest->button_scope = index;
}

static void find_nearest_special(struct nearest *nearest, enum eii_html_tag tag, uint16_t index)
{
	if (eii_html_has(tag, SCOPE))
		set_scope(nearest, index);
	nearest->special = index;
	if (tag != EII_HTML_TAG_ADDRESS && tag != EII_HTML_TAG_DIV && tag != EII_HTML_TAG_P)
		nearest->list_stop = index;
	if (eii_html_has(tag, STRUCTURE))
		nearest->structure = index;
	if (tag == EII_HTML_TAG_OL || tag == EII_HTML_TAG_UL)
		nearest->list_scope = index;
	if (tag == EII_HTML_TAG_BUTTON)
		nearest->button_scope = index;
	if (tag == EII_HTML_TAG_TABLE || tag == EII_HTML_TAG_TEMPLATE || tag == EII_HTML_TAG_HTML)
		nearest->table_scope = index;
}

/* Updates what the entry at index is the innermost member of. */
static void find_nearest(struct entry *entry, uint16_t index)
{
	struct nearest *nearest = &entry->nearest;

	if (entry->element.ns == EII_HTML_NS_HTML) {
		nearest->html = index;
		/* All members of the other sets are special. */
		if (eii_html_has(entry->element.tag, SPECIAL))
			find_nearest_special(nearest, entry->element.tag, index);
	} else if (is_foreign_scope(entry)) {
		set_scope(nearest, index);
		nearest->special = index;
		nearest->list_stop = index;
	}
}

void eii_html_set_point(struct reader *r, struct entry *entry, enum point point)
{
	entry->point = (uint8_t)point;
	find_nearest(entry, (uint16_t)(entry - r->open));
}

static uint8_t bucket_of(struct eii_text name)
{
	uint32_t hash = (uint32_t)name.len;

	for (size_t i = 0; i < name.len && i < 16; i++)
		hash = hash * 31 + (unsigned char)eii_ascii_lower(name.data[i]);
	return (uint8_t)(hash % N_BUCKETS);
}

/* The chain that the entry is in. */
static uint16_t *chain_of(struct reader *r, const struct entry *entry)
{
	if (entry->element.ns == EII_HTML_NS_HTML && entry->element.tag)
		return &r->of_tag[entry->element.tag];
	return &r->of_bucket[entry->bucket];
}

void eii_html_stack_init(struct reader *r)
{
	struct entry *root = &r->open[0];

	memset(r->of_tag, 0xff, sizeof(r->of_tag));
	memset(r->of_bucket, 0xff, sizeof(r->of_bucket));
	*root = (struct entry){ .element = { .tag = EII_HTML_TAG_HTML },
				.same = NO_INDEX,
				.formatting = NO_INDEX };
	find_nearest(root, 0);
	r->of_tag[EII_HTML_TAG_HTML] = 0;
	r->n_open = 1;
}

struct entry *eii_html_push_untold(struct reader *r, enum eii_html_tag tag,
				   enum eii_html_namespace ns, struct eii_text name)
{
	const struct entry *below;
	struct entry *entry;
	uint16_t *chain;
	uint16_t index;

	if (r->n_open == EII_HTML_OPEN_MAX)
		eii_html_pop(r);
	index = (uint16_t)r->n_open++;
	entry = &r->open[index];
	below = entry - 1;
	entry->element =
		(struct eii_html_element){ .tag = tag, .ns = ns, .name = name, .has_end = true };
	entry->nearest = below->nearest;
	entry->formatting = NO_INDEX;
	entry->point = POINT_NONE;
	entry->is_gone = false;
	entry->blank = eii_text(NULL, 0);
	entry->bucket = tag && ns == EII_HTML_NS_HTML ? 0 : bucket_of(name);
	chain = chain_of(r, entry);
	entry->same = *chain;
	*chain = index;
	find_nearest(entry, index);
	return entry;
}

static void tell_start(struct reader *r, struct eii_html_element *element,
		       struct eii_html_tokenizer *tag)
{
	const struct eii_html_element *parent;

	element->is_in_head = r->phase != PHASE_BODY && r->n_open <= 2;
	parent = &r->open[r->n_open - 1 - (element->has_end && r->n_open > 1)].element;
	element->is_in_table = parent->ns == EII_HTML_NS_HTML &&
			       eii_html_has(parent->tag, STRUCTURE) &&
			       !eii_html_has(parent->tag, MARKER);
	if (r->events->start)
		r->events->start(r->context, element, tag);
}

struct entry *eii_html_push(struct reader *r, enum eii_html_tag tag, enum eii_html_namespace ns)
{
	struct entry *entry = eii_html_push_untold(r, tag, ns, r->token.text);

	tell_start(r, &entry->element, &r->tokenizer);
	if (ns == EII_HTML_NS_HTML && eii_html_has(tag, MARKER))
		eii_html_format_mark(r);
	return entry;
}

struct entry *eii_html_push_implied(struct reader *r, enum eii_html_tag tag)
{
	struct entry *entry = eii_html_push_untold(r, tag, EII_HTML_NS_HTML, eii_text(NULL, 0));

	tell_start(r, &entry->element, NULL);
	return entry;
}

void eii_html_tell_loose(struct reader *r, enum eii_html_tag tag, enum eii_html_namespace ns)
{
	struct eii_html_element element = { .tag = tag, .ns = ns, .name = r->token.text };

	tell_start(r, &element, r->token.kind == EII_HTML_TOKEN_START ? &r->tokenizer : NULL);
}

void eii_html_tell_held_blank(struct reader *r, struct entry *entry)
{
	const struct eii_text blank = entry->blank;

	entry->blank = eii_text(NULL, 0);
	if (r->events->blank)
		r->events->blank(r->context, blank);
}

void eii_html_pop(struct reader *r)
{
	struct entry *entry = eii_html_top(r);

	eii_html_tell_blank(r, entry);
	if (r->events->end)
		r->events->end(r->context, &entry->element);
	if (!entry->is_gone)
		*chain_of(r, entry) = entry->same;
	eii_html_format_closed(r, entry);
	r->n_open--;
	r->steps++;
}

void eii_html_drop_gone(struct reader *r)
{
	while (r->n_open > 1 && eii_html_top(r)->is_gone)
		eii_html_pop(r);
}

void eii_html_pop_above(struct reader *r, size_t index)
{
	while (r->n_open > index + 1)
		eii_html_pop(r);
	eii_html_drop_gone(r);
}

void eii_html_pop_to(struct reader *r, uint16_t index)
{
	if (index != NO_INDEX && index > 0)
		eii_html_pop_above(r, index - 1u);
}

uint16_t eii_html_find_open(const struct reader *r, enum eii_html_tag tag, uint16_t from)
{
	const uint16_t index = r->of_tag[tag];

	return index != NO_INDEX && index >= from ? index : NO_INDEX;
}

uint16_t eii_html_find_named(struct reader *r, struct eii_text name, uint16_t from)
{
	uint16_t index = r->of_bucket[bucket_of(name)];

	while (index != NO_INDEX && index >= from) {
		r->steps++;
		if (eii_text_equal_nocase(r->open[index].element.name, name))
			return index;
		index = r->open[index].same;
	}
	return NO_INDEX;
}

void eii_html_imply_ends(struct reader *r, enum eii_html_tag except)
{
	while (r->n_open > 1) {
		const struct eii_html_element *top = &eii_html_top(r)->element;

		if (top->ns != EII_HTML_NS_HTML || top->tag == except ||
		    !eii_html_has(top->tag, IMPLIED_END))
			return;
		eii_html_pop(r);
	}
}

/* Takes an element out of the chains; it is told to end when it is at the top. */
void eii_html_set_gone(struct reader *r, uint16_t index)
{
	struct entry *entry = &r->open[index];
	uint16_t *link = chain_of(r, entry);

	while (*link != index && *link != NO_INDEX) {
		link = &r->open[*link].same;
		r->steps++;
	}
	if (*link == index)
		*link = entry->same;
	entry->is_gone = true;
	eii_html_drop_gone(r);
}
