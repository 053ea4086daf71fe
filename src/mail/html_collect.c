/* SPDX-License-Identifier: Apache-2.0 */
/* HTML that is read for its addresses only, and the base of all of them. */
#include "html_private.h"

#include <string.h>

#include "eii/base/bytes.h"
#include "eii/base/text.h"

#define DEPTH_MAX 2 /* HTML in HTML in a comment, or the reverse; deeper is searched as text */

struct collecting {
	struct eii_html_finding finding;
	struct eii_html_start tag;
	enum eii_html_tag text_of;
	struct eii_buf text; /* up to here since the last tag: it comes in pieces */
};

static void find_in_text(struct collecting *c, enum eii_html_tag next)
{
	if (c->text.len)
		eii_html_find_in_text(&c->finding, c->text_of, eii_buf_text(&c->text));
	eii_buf_reset(&c->text);
	c->text_of = next;
}

static void on_start(void *context, struct eii_html_element *element, struct eii_html_tokenizer *t)
{
	struct collecting *c = context;

	find_in_text(c, element->tag);
	eii_html_read_tag(&c->finding, t, &c->tag);
	eii_html_find_in_tag(&c->finding, element, &c->tag);
}

static void on_end(void *context, struct eii_html_element *element)
{
	(void)element;
	find_in_text(context, EII_HTML_TAG_OTHER);
}

static void on_text(void *context, struct eii_text text)
{
	struct collecting *c = context;

	eii_buf_add_text(&c->text, text);
}

static void on_comment(void *context, struct eii_text raw)
{
	struct collecting *c = context;

	eii_html_find_in_comment(&c->finding, raw);
}

static void on_unfinished(void *context, struct eii_text raw)
{
	struct collecting *c = context;

	eii_html_find_in_text(&c->finding, EII_HTML_TAG_OTHER, raw);
}

static const struct eii_html_events collecting = { .start = on_start,
						   .end = on_end,
						   .text = on_text,
						   .comment = on_comment,
						   .unfinished = on_unfinished };

void eii_html_find_in_html(const struct eii_html_finding *finding, enum eii_address_kind kind,
			   struct eii_text html)
{
	struct eii_buf scratch;
	struct eii_buf address;
	struct collecting c;

	if (finding->kind != EII_ADDRESS_LIVE)
		kind = finding->kind;
	if (finding->depth == DEPTH_MAX) {
		eii_addresses_add_found(finding->addresses, kind, html);
		return;
	}
	eii_buf_init(&scratch, html.len * 3 + 16);
	eii_buf_init(&address, html.len * 3 + EII_HTML_URL_BYTES);
	eii_buf_init(&c.text, html.len * 3 + 16);
	c.finding = *finding;
	c.finding.kind = kind;
	c.finding.scratch = &scratch;
	c.finding.address = &address;
	c.finding.depth++;
	c.text_of = EII_HTML_TAG_OTHER;
	(void)eii_html_read(html, &collecting, &c);
	find_in_text(&c, EII_HTML_TAG_OTHER);
	eii_buf_clear(&c.text);
	eii_buf_clear(&address);
	eii_buf_clear(&scratch);
}

void eii_html_find_addresses(struct eii_text html, enum eii_address_kind kind,
			     struct eii_addresses *addresses)
{
	struct eii_buf base;
	struct eii_html_finding finding = { .addresses = addresses, .kind = EII_ADDRESS_LIVE };

	eii_buf_init(&base, EII_HTML_URL_BYTES);
	eii_html_find_base(html, &base);
	finding.base = eii_buf_text(&base);
	eii_html_find_in_html(&finding, kind, html);
	eii_buf_clear(&base);
}

struct base_search {
	struct eii_buf *out;
	struct eii_html_start tag;
	unsigned int templates; /* open ones: what is in them does not count */
	bool is_over;
};

static void on_base_start(void *context, struct eii_html_element *element,
			  struct eii_html_tokenizer *t)
{
	static const struct eii_html_finding nothing;
	struct base_search *search = context;
	struct eii_buf scratch;

	search->templates += element->tag == EII_HTML_TAG_TEMPLATE;
	if (element->tag != EII_HTML_TAG_BASE || element->ns != EII_HTML_NS_HTML ||
	    search->templates)
		return;
	eii_html_read_tag(&nothing, t, &search->tag);
	if (!eii_html_tag_has(&search->tag, EII_HTML_ATTRIBUTE_HREF))
		return;
	eii_buf_init(&scratch, EII_HTML_URL_BYTES * 2);
	if (eii_html_resolve(eii_html_tag_value(&search->tag, EII_HTML_ATTRIBUTE_HREF, &scratch),
			     eii_text(NULL, 0), search->out) != EII_HTML_TARGET_LIVE ||
	    eii_text_starts_nocase(eii_buf_text(search->out), "mailto:"))
		eii_buf_reset(search->out);
	eii_buf_clear(&scratch);
	search->is_over = true;
}

static void on_base_end(void *context, struct eii_html_element *element)
{
	struct base_search *search = context;

	search->templates -= element->tag == EII_HTML_TAG_TEMPLATE;
}

static bool is_base_at(const char *p, const char *end)
{
	return *p == '<' && eii_text_starts_nocase(eii_text(p, (size_t)(end - p)), "<base");
}

/* Is one of these bytes a '<' with a 'b' behind it? */
static bool may_begin_base(eii_bytes bytes, eii_bytes next)
{
	return eii_bytes_any((bytes == '<') & ((next | 0x20) == 'b'));
}

static bool has_base(struct eii_text html)
{
	const char *const end = html.data + html.len;
	const char *p = html.data;

	while (end - p > EII_BYTES) {
		const char *const next = p + EII_BYTES;

		if (!may_begin_base(eii_bytes_at(p), eii_bytes_at(p + 1)))
			p = next;
		for (; p < next; p++) {
			if (is_base_at(p, end))
				return true;
		}
	}
	for (; p < end; p++) {
		if (is_base_at(p, end))
			return true;
	}
	return false;
}

void eii_html_find_base(struct eii_text html, struct eii_buf *out)
{
	struct base_search search = { .out = out };
	const struct eii_html_events events = { .start = on_base_start,
						.end = on_base_end,
						.is_over = &search.is_over };

	if (html.len && has_base(html))
		(void)eii_html_read(html, &events, &search);
}

struct looking {
	struct eii_look *look;
	unsigned int hidden; /* open elements whose text is not shown */
	bool is_over;
};

static void on_look_start(void *context, struct eii_html_element *element,
			  struct eii_html_tokenizer *t)
{
	struct looking *looking = context;

	(void)t;
	looking->hidden += eii_html_is_hidden(element);
}

static void on_look_end(void *context, struct eii_html_element *element)
{
	struct looking *looking = context;

	looking->hidden -= eii_html_is_hidden(element);
}

static void on_look_text(void *context, struct eii_text text)
{
	struct looking *looking = context;

	if (!looking->hidden)
		eii_look_at(text, looking->look);
	looking->is_over = eii_look_is_over(looking->look);
}

void eii_html_look_at(struct eii_text html, struct eii_look *look)
{
	struct looking looking = { .look = look };
	const struct eii_html_events events = { .start = on_look_start,
						.end = on_look_end,
						.text = on_look_text,
						.is_over = &looking.is_over };

	(void)eii_html_read(html, &events, &looking);
}
