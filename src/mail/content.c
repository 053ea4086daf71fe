/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/utf8.h"
#include "eii/mail/html.h"

#include "message_private.h"

/* What the writing of one mail's content keeps. */
struct writing {
	struct eii_message *message;
	struct eii_buf out;
	bool is_html;
	bool is_cut;
	size_t n_written; /* parts, up to the cut; of a text that was cut not all can be seen */
	struct eii_html_tally tally;
	struct eii_addresses *addresses; /* NULL in verbatim mode */
};

static bool find_cid(void *context, struct eii_text cid, struct eii_html_image *out)
{
	const struct eii_message *message = context;

	for (size_t i = 0; i < message->n_parts; i++) {
		const struct eii_part *part = &message->parts[i];

		if (!part->decoded.len || !eii_text_equal(part->content_id, cid))
			continue;
		*out = (struct eii_html_image){ part->decoded.data, part->decoded.len };
		return true;
	}
	return false;
}

static void add_safe_html(struct writing *w, struct eii_text html)
{
	struct eii_html_options options = {
		.find_cid = find_cid,
		.context = w->message,
		.inline_image_bytes = w->message->settings->inline_image_bytes,
		.tally = &w->tally,
		.addresses = w->addresses,
	};
	enum eii_rc rc = eii_html_sanitize(html, &options, &w->out, NULL);

	/* Refused is only what is no UTF-8, or beyond any mail. */
	w->is_cut = w->is_cut || rc || w->tally.cut;
}

static void add_text_as_html(struct writing *w, struct eii_text text)
{
	eii_text_to_html(text, &w->out);
	w->is_cut = w->is_cut || !eii_buf_ok(&w->out);
}

static bool reads_as_html(const struct eii_part *part)
{
	return eii_part_is_html(part) || eii_part_is(part, "application/xhtml+xml");
}

static void add_part(struct writing *w, const struct eii_part *part)
{
	bool is_safe = w->message->settings->content == EII_CONTENT_SAFE;
	bool is_html = reads_as_html(part);
	struct eii_text text;
	struct eii_buf decoded;

	eii_part_init_text(part, &decoded);
	eii_part_decode_text(part, &decoded);
	text = eii_buf_text(&decoded);
	if (is_safe && is_html)
		add_safe_html(w, text);
	else if (is_safe || (w->is_html && !is_html))
		add_text_as_html(w, text);
	else if (is_html)
		w->is_cut = !eii_content_add_html(&w->out, text) || w->is_cut;
	else
		w->is_cut = !eii_content_add_cut(&w->out, text) || w->is_cut;
	eii_buf_clear(&decoded);
}

static bool has_html(const struct eii_message *message)
{
	for (size_t i = 0; i < message->n_parts; i++) {
		if (message->parts[i].is_in_content && eii_part_is_html(&message->parts[i]))
			return true;
	}
	return false;
}

/* A rule between bodies that are shown as HTML, where one of them is text. */
static void add_break(struct writing *w, const struct eii_part *before,
		      const struct eii_part *after)
{
	bool both_html = eii_part_is_html(before) && eii_part_is_html(after);

	if (w->is_html && !both_html && w->out.max - w->out.len > 8)
		eii_buf_add_str(&w->out, "<br>\n");
}

/* A text that the content is no part of: what a reader of the mail could follow in it. */
static bool is_unseen_text(const struct eii_part *part)
{
	return part->kind == EII_PART_LEAF && !part->is_in_content &&
	       (!part->name.len || eii_part_is(part, "text/calendar")) &&
	       part->disposition != EII_DISPOSITION_ATTACHMENT && !strncmp(part->type, "text/", 5);
}

/* RFC 5545: lines go on behind a line end and a blank (3.1), texts have escapes (3.3.11). */
static void unfold_calendar(struct eii_text text, struct eii_buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		const char *p = text.data + i;
		const size_t left = text.len - i;
		const size_t n_end = left > 1 && p[0] == '\r' && p[1] == '\n' ? 2 : *p == '\n';

		if (n_end && left > n_end && (p[n_end] == ' ' || p[n_end] == '\t'))
			i += n_end;
		else if (left > 1 && *p == '\\' && strchr("\\;,", p[1]))
			eii_buf_add_char(out, text.data[++i]);
		else
			eii_buf_add_char(out, *p);
	}
}

static void find_addresses_of(struct writing *w, const struct eii_part *part)
{
	struct eii_buf text;
	struct eii_buf unfolded;

	eii_part_init_text(part, &text);
	eii_buf_init(&unfolded, part->raw.len * 4 + 256);
	eii_part_decode_text(part, &text);
	if (reads_as_html(part) || eii_part_is(part, "text/x-amp-html")) {
		eii_html_find_addresses(eii_buf_text(&text), EII_ADDRESS_OTHER_PART, w->addresses);
	} else if (eii_part_is(part, "text/calendar")) {
		unfold_calendar(eii_buf_text(&text), &unfolded);
		eii_addresses_add_found(w->addresses, EII_ADDRESS_OTHER_PART,
					eii_buf_text(&unfolded));
	} else {
		eii_addresses_add_found(w->addresses, EII_ADDRESS_OTHER_PART, eii_buf_text(&text));
	}
	eii_buf_clear(&unfolded);
	eii_buf_clear(&text);
}

static void find_unseen_addresses(struct writing *w)
{
	for (size_t i = 0; i < w->message->n_parts; i++) {
		const struct eii_part *part = &w->message->parts[i];

		if (is_unseen_text(part) || (part->is_in_content && i >= w->n_written))
			find_addresses_of(w, part);
	}
}

/* The list at the end; its room was kept free. */
static void write_addresses(struct writing *w)
{
	struct eii_address_count count;

	find_unseen_addresses(w);
	w->out.max = w->message->budget;
	w->out.over = false;
	count = eii_addresses_write(w->addresses, &w->out);
	w->message->fields->n_addresses = count.n_lines;
	if (count.n_more)
		w->message->fields->defects |= EII_DEFECT_ADDRESSES_LEFT_OUT;
}

/* What the content may have: of little room a quarter is kept for the list. */
static uint64_t content_room(const struct writing *w)
{
	const uint64_t budget = w->message->budget;

	if (!w->addresses)
		return budget;
	return budget - (budget / 4 < EII_ADDRESS_LIST_BYTES ? budget / 4 : EII_ADDRESS_LIST_BYTES);
}

void eii_content_write(struct eii_message *message)
{
	EII_AUTO(eii_addresses) addresses = NULL;
	struct eii_fields *fields = message->fields;
	const struct eii_part *before = NULL;
	struct writing w = { .message = message };

	if (message->settings->content == EII_CONTENT_SAFE)
		addresses = eii_addresses_new();
	w.addresses = addresses;
	w.is_html = has_html(message) || message->settings->content == EII_CONTENT_SAFE;
	eii_buf_init(&w.out, content_room(&w));
	for (size_t i = 0; i < message->n_parts && !w.is_cut; i++) {
		const struct eii_part *part = &message->parts[i];

		if (part->is_in_content) {
			if (before)
				add_break(&w, before, part);
			add_part(&w, part);
			before = part;
		}
		/* HTML that is cut was read to its end. */
		w.n_written += !w.is_cut || reads_as_html(part);
	}
	if (w.addresses)
		write_addresses(&w);
	if (w.is_cut)
		fields->defects |= EII_DEFECT_CONTENT_CUT;
	if (w.out.len)
		fields->content_kind = w.is_html ? EII_CONTENT_HTML : EII_CONTENT_TEXT;
	message->budget -= w.out.len;
	fields->content = eii_fields_take_buf(fields, &w.out);
}
