/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/html.h"

#include <string.h>

#include "eii/base/text.h"
#include "eii/base/utf8.h"
#include "html_private.h"
#include "html_writer.h"

#define MAX_BYTES ((size_t)1 << 29)

/* What an element's note says. */
enum note {
	NOTE_WRITTEN = 1, /* an end tag is owed */
	NOTE_DROPS = 2,   /* goes with what is in it */
	NOTE_LIVE = 4,    /* a live link; its words are looked at once */
	NOTE_ADDRESS = 8, /* a link that is none: its address follows its words, once */
	NOTE_SPAN = 16,   /* written as <span> */
};

/* Bytes of start tags that may be written again: formatting that was cut short. */
#define AGAIN_BYTES_PLUS 65536

/* Is there room left for the end tags that are owed? */
static bool has_room(const struct eii_html_writer *w)
{
	return eii_buf_ok(w->out) && w->out->len + w->owed_bytes <= w->out->max;
}

/* Takes back what was added since mark; from here on addresses are looked for only. */
static void cut_back(struct eii_html_writer *w, size_t mark)
{
	w->out->over = false;
	eii_html_take_back(w->out, mark);
	w->is_cut = true;
}

static bool is_silent(const struct eii_html_writer *w)
{
	return w->is_cut || w->dropping;
}

/* Whose tags are written in its place. */
static const struct eii_html_rule *written_as(const struct eii_html_element *element)
{
	if (element->note & NOTE_SPAN)
		return &eii_html_rules[EII_HTML_TAG_SPAN];
	/* Of foreign elements links alone are written. */
	return &eii_html_rules[element->ns == EII_HTML_NS_HTML ? element->tag : EII_HTML_TAG_A];
}

/* What is in it goes with it: scripts, the page's title, … */
static bool drops(const struct eii_html_element *element)
{
	if (element->tag == EII_HTML_TAG_TITLE)
		return element->is_in_head;
	if (element->ns != EII_HTML_NS_HTML)
		return element->tag == EII_HTML_TAG_SCRIPT || element->tag == EII_HTML_TAG_STYLE;
	return eii_html_rules[element->tag].kind == EII_HTML_DROP;
}

static enum eii_html_kind kind_of(const struct eii_html_element *element)
{
	if (element->ns == EII_HTML_NS_HTML)
		return eii_html_rules[element->tag].kind;
	return element->tag == EII_HTML_TAG_A && element->ns == EII_HTML_NS_SVG ? EII_HTML_LINK
										: EII_HTML_UNWRAP;
}

static void owe(struct eii_html_writer *w, struct eii_html_element *element, size_t mark)
{
	w->owed_bytes += written_as(element)->end.len;
	if (element->note & NOTE_ADDRESS)
		return; /* mark and length are those of its address */
	element->mark = mark;
	element->length = (uint32_t)(w->out->len - mark);
}

/* A link that leads nowhere or not to the web: its words stay, its address behind them. */
static void note_address(struct eii_html_writer *w, struct eii_html_element *element,
			 enum eii_html_attribute_name name)
{
	const struct eii_text raw = w->tag.raw[name];

	element->note |= NOTE_ADDRESS;
	element->mark = (size_t)(raw.data - w->html.data);
	element->length = (uint32_t)raw.len;
}

static enum eii_html_attribute_name link_attribute(const struct eii_html_writer *w,
						   const struct eii_html_element *element)
{
	if (element->ns == EII_HTML_NS_SVG && !eii_html_tag_has(&w->tag, EII_HTML_ATTRIBUTE_HREF))
		return EII_HTML_ATTRIBUTE_XLINK_HREF;
	return EII_HTML_ATTRIBUTE_HREF;
}

/* In a table browsers move it, blanks in it too: something has to stand for it there. */
static void write_unwrapped(struct eii_html_writer *w, struct eii_html_element *element)
{
	if (!element->is_in_table || !element->has_end)
		return;
	element->note |= NOTE_SPAN | NOTE_WRITTEN;
	EII_HTML_PUT(w->out, "<span>");
}

static void write_link(struct eii_html_writer *w, struct eii_html_element *element)
{
	const enum eii_html_attribute_name name = link_attribute(w, element);
	enum eii_html_target target;

	eii_buf_reset(&w->address);
	target = eii_html_resolve(eii_html_tag_value(&w->tag, name, &w->scratch), w->finding.base,
				  &w->address);
	if (target == EII_HTML_TARGET_TEXT) {
		note_address(w, element, name);
		write_unwrapped(w, element);
		return;
	}
	EII_HTML_PUT(w->out, "<a");
	if (target == EII_HTML_TARGET_LIVE) {
		EII_HTML_PUT(w->out, " href=\"");
		eii_html_escape(eii_buf_text(&w->address), EII_HTML_QUOTES_TARGET, w->out);
		EII_HTML_PUT(w->out, "\" target=\"_blank\" rel=\"noopener noreferrer nofollow\"");
	}
	eii_html_write_attributes(w);
	EII_HTML_PUT(w->out, ">");
	element->note |= NOTE_WRITTEN;
	/* What has no room for its end tag is taken back, and is no link then. */
	if (target != EII_HTML_TARGET_LIVE || !eii_buf_ok(w->out) ||
	    w->out->len + w->owed_bytes + written_as(element)->end.len > w->out->max)
		return;
	element->note |= NOTE_LIVE;
	eii_addresses_add(w->finding.addresses, EII_ADDRESS_LIVE, eii_buf_text(&w->address));
}

static void write_tag(struct eii_html_writer *w, struct eii_html_element *element)
{
	const struct eii_html_rule *as = written_as(element);

	eii_html_put_text(w->out, as->begin);
	eii_html_write_attributes(w);
	EII_HTML_PUT(w->out, ">");
	if (element->has_end)
		element->note |= NOTE_WRITTEN;
	if (as->begin.data[1] == 'p')
		w->pre_at = w->out->len; /* of a <p> it makes no difference */
}

static void write_element(struct eii_html_writer *w, struct eii_html_element *element)
{
	const size_t mark = w->out->len;

	switch (kind_of(element)) {
	case EII_HTML_KEEP:
		/* One that is empty (a form in a table) shows nothing. */
		if (element->has_end)
			write_tag(w, element);
		break;
	case EII_HTML_VOID:
		write_tag(w, element);
		break;
	case EII_HTML_LINK:
		/* Without words there is nothing to follow: <a/> in svg. */
		if (element->has_end)
			write_link(w, element);
		break;
	case EII_HTML_IMAGE:
		eii_html_write_image(w);
		break;
	case EII_HTML_INPUT:
		eii_html_write_input(w);
		break;
	case EII_HTML_UNWRAP:
		write_unwrapped(w, element);
		break;
	case EII_HTML_DROP:
		break;
	}
	if (element->note & NOTE_WRITTEN)
		owe(w, element, mark);
}

/* Live links find themselves, unless they are not written. */
static void find_addresses(struct eii_html_writer *w, struct eii_html_element *element)
{
	const uint64_t has = w->tag.has;

	if (element->note & NOTE_LIVE)
		w->tag.has &= ~(UINT64_C(1) << link_attribute(w, element));
	if (w->has_plain_style)
		w->tag.has &= ~(UINT64_C(1) << EII_HTML_ATTRIBUTE_STYLE);
	if (w->has_inline_image)
		w->tag.has &= ~(UINT64_C(1) << EII_HTML_ATTRIBUTE_SRC);
	eii_html_find_in_tag(&w->finding, element, &w->tag);
	w->tag.has = has;
}

/* Text comes in pieces, an address in it perhaps too. */
static void keep_unseen(struct eii_html_writer *w, struct eii_text text)
{
	if (w->finding.addresses)
		eii_buf_add_text(&w->unseen, text);
}

static void find_in_unseen(struct eii_html_writer *w)
{
	if (w->unseen.len == 0)
		return;
	eii_html_find_in_text(&w->finding, w->unseen_of, eii_buf_text(&w->unseen));
	eii_buf_reset(&w->unseen);
}

static void on_start(void *context, struct eii_html_element *element, struct eii_html_tokenizer *t)
{
	struct eii_html_writer *w = context;
	const size_t mark = w->out->len;

	eii_html_read_tag(&w->finding, t, &w->tag);
	w->has_inline_image = false;
	w->has_plain_style = false;
	find_in_unseen(w);
	w->unseen_of = element->tag;
	if (!w->dropping && drops(element) && element->has_end) {
		element->note |= NOTE_DROPS;
		w->dropping = element->tag;
	}
	/* A <tbody> that is implied is implied again. */
	if (!is_silent(w) && (t || element->tag != EII_HTML_TAG_TBODY)) {
		write_element(w, element);
		if (!has_room(w)) {
			/* It was not written, so no end tag is owed for it. */
			if (element->note & NOTE_WRITTEN)
				w->owed_bytes -= written_as(element)->end.len;
			element->note = 0;
			w->has_inline_image = false;
			cut_back(w, mark);
		}
	}
	find_addresses(w, element);
}

static void on_again(void *context, struct eii_html_element *element)
{
	struct eii_html_writer *w = context;
	const size_t mark = w->out->len;
	const bool was_written = (element->note & (NOTE_WRITTEN | NOTE_ADDRESS)) == NOTE_WRITTEN;

	element->note &= ~(uint32_t)NOTE_WRITTEN;
	if (is_silent(w) || !was_written || element->length > w->again_bytes)
		return;
	w->again_bytes -= element->length;
	/* The tag is copied out of what grows. */
	if (eii_buf_reserve(w->out, element->length))
		eii_buf_add(w->out, w->out->data + element->mark, element->length);
	element->note |= NOTE_WRITTEN;
	owe(w, element, mark);
	if (!has_room(w)) {
		w->owed_bytes -= written_as(element)->end.len;
		element->note &= ~(uint32_t)NOTE_WRITTEN;
		cut_back(w, mark);
	}
}

static void write_end(struct eii_html_writer *w, struct eii_html_element *element)
{
	const struct eii_text tag = written_as(element)->end;

	w->owed_bytes -= tag.len;
	eii_html_put_text(w->out, tag);
}

/* Behind a link's end: where it leads, unless its words say so. */
static void write_link_end(struct eii_html_writer *w, struct eii_html_element *element)
{
	const size_t mark = w->out->len;

	if (element->note & NOTE_ADDRESS) {
		eii_html_write_address(w, eii_text(w->html.data + element->mark, element->length));
		element->note &= ~(uint32_t)NOTE_WRITTEN; /* nothing is there to begin again */
	} else {
		eii_html_write_target(w, element->mark, element->length);
	}
	element->note &= ~(uint32_t)(NOTE_ADDRESS | NOTE_LIVE);
	if (!has_room(w))
		cut_back(w, mark);
}

static void on_end(void *context, struct eii_html_element *element)
{
	struct eii_html_writer *w = context;
	const size_t end = w->out->len;

	find_in_unseen(w);
	w->unseen_of = EII_HTML_TAG_OTHER;
	if (element->note & NOTE_DROPS)
		w->dropping = EII_HTML_TAG_OTHER;
	if (element->note & NOTE_WRITTEN)
		write_end(w, element);
	if (element->note & (NOTE_LIVE | NOTE_ADDRESS) && !is_silent(w)) {
		w->words_end = end;
		write_link_end(w, element);
	}
}

static void on_text(void *context, struct eii_text text)
{
	struct eii_html_writer *w = context;
	const size_t mark = w->out->len;

	if (is_silent(w)) {
		keep_unseen(w, text);
		return;
	}
	/* Blank lines at the beginning show nothing. */
	if (mark == w->begin && eii_text_trim(text).len == 0)
		return;
	/* A browser takes the first line end of a <pre> away. */
	if (text.data[0] == '\n' && mark == w->pre_at)
		EII_HTML_PUT(w->out, "\n");
	eii_html_escape(text, EII_HTML_QUOTES_DOUBLE, w->out);
	if (!has_room(w)) {
		cut_back(w, mark);
		keep_unseen(w, text);
	}
}

/* Text before it would take it along: an element between them keeps them apart. */
static void on_blank(void *context, struct eii_text blank)
{
	struct eii_html_writer *w = context;
	const size_t mark = w->out->len;

	if (is_silent(w) || mark == w->begin)
		return;
	if (w->out->data[mark - 1] != '>')
		EII_HTML_PUT(w->out, "<span></span>");
	eii_html_escape(blank, EII_HTML_QUOTES_DOUBLE, w->out);
	if (!has_room(w))
		cut_back(w, mark);
}

static void on_comment(void *context, struct eii_text raw)
{
	struct eii_html_writer *w = context;

	eii_html_find_in_comment(&w->finding, raw);
}

static void on_unfinished(void *context, struct eii_text raw)
{
	struct eii_html_writer *w = context;

	eii_html_find_in_text(&w->finding, EII_HTML_TAG_OTHER, raw);
}

static const struct eii_html_events writing = { .start = on_start,
						.again = on_again,
						.end = on_end,
						.text = on_text,
						.blank = on_blank,
						.comment = on_comment,
						.unfinished = on_unfinished };

static size_t trimmed_len(const char *text, size_t len)
{
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\n' || text[len - 1] == '\t'))
		len--;
	return len;
}

/* The output is about as long as the input: it does not have to grow on the way there. */
static void make_room(struct eii_html_writer *w)
{
	size_t left;

	if (w->is_cut)
		return;
	left = w->out->max - w->out->len;
	if (!eii_buf_reserve(w->out, w->html.len < left ? w->html.len : left))
		cut_back(w, w->begin);
}

static void write_html(struct eii_html_writer *w)
{
	struct eii_buf base;

	eii_buf_init(&base, EII_HTML_URL_BYTES);
	eii_buf_init(&w->scratch, w->html.len * 3 + 64);
	eii_buf_init(&w->address, w->html.len * 3 + EII_HTML_URL_BYTES);
	eii_buf_init(&w->unseen, w->html.len * 3 + 64);
	eii_html_find_base(w->html, &base);
	w->finding.base = eii_buf_text(&base);
	w->finding.scratch = &w->scratch;
	w->finding.address = &w->address;
	make_room(w);
	(void)eii_html_read(w->html, &writing, w);
	find_in_unseen(w);
	if (w->is_cut)
		w->tally->cut = true;
	eii_html_take_back(w->out,
			   w->begin + trimmed_len(w->out->data + w->begin, w->out->len - w->begin));
	eii_buf_clear(&w->unseen);
	eii_buf_clear(&w->address);
	eii_buf_clear(&w->scratch);
	eii_buf_clear(&base);
}

enum eii_rc eii_html_sanitize(struct eii_text html, const struct eii_html_options *options,
			      struct eii_buf *out, struct eii_error *err)
{
	struct eii_html_tally own = { 0 };
	struct eii_html_writer w = { .html = html,
				     .out = out,
				     .options = options,
				     .tally = options->tally ? options->tally : &own,
				     .finding = { .addresses = options->addresses,
						  .kind = EII_ADDRESS_LIVE },
				     .again_bytes = AGAIN_BYTES_PLUS + html.len / 2,
				     .begin = out->len,
				     .is_cut = !eii_buf_ok(out) };

	if (html.len > MAX_BYTES)
		return eii_fail(err, EII_REJECT, "HTML of %zu bytes is over 512 MiB", html.len);
	if (!eii_utf8_is_valid(html))
		return eii_fail(err, EII_REJECT, "HTML is not valid UTF-8");
	write_html(&w);
	return EII_OK;
}
