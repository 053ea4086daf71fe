/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/utf8.h"
#include "eii/mail/first_bytes.h"
#include "eii/mail/html.h"

#include "html_private.h"
#include "message_private.h"

/* What the writing of one mail's content keeps. */
struct writing {
	struct eii_message *message;
	struct eii_buf out;
	bool is_html;
	bool is_cut;
	size_t n_quoted; /* messages */
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

static void add_part(struct writing *w, struct eii_part *part)
{
	bool is_safe = w->message->settings->content == EII_CONTENT_SAFE;
	bool is_html = eii_part_is_page(part);
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
	/* HTML that is cut was read to its end. */
	part->is_read = !w->is_cut || is_html;
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

/* Of a file what it is taken for; its bytes were decoded for its hash. */
static struct eii_text type_of(const struct eii_part *part)
{
	const struct eii_text declared = eii_text_of(part->type);

	if (!part->is_attachment)
		return declared;
	return eii_file_type_judge(declared, part->name,
				   eii_first_bytes_kind(eii_buf_text(&part->decoded)));
}

/* Is it text, or another type that is not shown and may be text all the same? */
static bool is_readable(const struct eii_part *part)
{
	static const char *const types[] = { "application/xhtml+xml",  "image/svg+xml",
					     "application/ics",        "application/hta",
					     "application/javascript", "application/x-javascript" };
	const struct eii_text type = type_of(part);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (eii_text_equal(type, eii_text_of(types[i])))
			return true;
	}
	return eii_text_starts_nocase(type, "text/") ||
	       eii_text_starts_nocase(type, "message/global") || eii_part_is_rtf(part) ||
	       eii_first_bytes_kind(eii_buf_text(&part->decoded)) == EII_FILE_RTF ||
	       (!part->name.len && (eii_text_starts_nocase(type, "application/json") ||
				    eii_text_equal(type, eii_text_of("application/ld+json")) ||
				    eii_text_equal(type, eii_text_of("application/xml"))));
}

/*
 * A text that the content is no part of: what a reader of the mail could follow in it.
 * Of a file that is kept nobody has to be told what is in it.
 */
static bool is_unseen_text(const struct eii_message *message, const struct eii_part *part)
{
	const bool is_kept = part->name.len || part->disposition == EII_DISPOSITION_ATTACHMENT;

	if (part->kind == EII_PART_BESIDE || part->kind == EII_PART_UNDIVIDED)
		return !part->is_in_content;
	return part->kind == EII_PART_LEAF && !part->is_in_content && is_readable(part) &&
	       !(is_kept && (eii_message_keeps_type(message, eii_text_of(part->type)) ||
			     eii_message_keeps_type(message, type_of(part))));
}

static void find_in_css(struct writing *w, struct eii_text css)
{
	struct eii_buf address;
	const struct eii_html_finding finding = { .addresses = w->addresses,
						  .address = &address,
						  .kind = EII_ADDRESS_OTHER_PART };

	eii_buf_init(&address, css.len + EII_HTML_URL_BYTES);
	eii_html_find_in_css(&finding, css);
	eii_buf_clear(&address);
}

static void find_addresses_of(struct writing *w, const struct eii_part *part)
{
	const struct eii_text type = eii_text_of(part->type);
	enum eii_file_kind kind;
	struct eii_text words;
	struct eii_buf text;

	eii_part_init_text(part, &text);
	eii_part_decode_text(part, &text);
	words = eii_buf_text(&text);
	kind = eii_first_bytes_kind(words);
	if (eii_part_is_page(part) || eii_text_find(type, "html") || eii_text_find(type, "xml") ||
	    kind == EII_FILE_HTML || kind == EII_FILE_XML)
		eii_html_find_addresses(words, EII_ADDRESS_OTHER_PART, w->addresses);
	else if (eii_part_is(part, "text/css"))
		find_in_css(w, words);
	else if (eii_text_find(type, "script") || eii_text_find(type, "json"))
		eii_addresses_add_scripted(w->addresses, EII_ADDRESS_OTHER_PART, words);
	else
		eii_addresses_add_followed(w->addresses, EII_ADDRESS_OTHER_PART, words);
	eii_buf_clear(&text);
}

static void find_unseen_addresses(struct writing *w)
{
	for (size_t i = 0; i < w->message->n_parts; i++) {
		const struct eii_part *part = &w->message->parts[i];

		eii_addresses_add(w->addresses, EII_ADDRESS_OTHER_PART, part->url);
		if (is_unseen_text(w->message, part) || (part->is_in_content && !part->is_read))
			find_addresses_of(w, part);
	}
}

/* What is left of the answer, or less where no message could carry that. */
static uint64_t budget_of(const struct eii_message *message)
{
	const uint64_t max = message->settings->max_content_bytes;

	return max && max < message->budget ? max : message->budget;
}

/* The list at the end; its room was kept free. */
static void write_addresses(struct writing *w)
{
	struct eii_address_count count;

	find_unseen_addresses(w);
	w->out.max = budget_of(w->message);
	w->out.over = false;
	count = eii_addresses_write(w->addresses, &w->out);
	w->message->fields->n_addresses = count.n_lines;
	if (count.n_more)
		w->message->fields->defects |= EII_DEFECT_ADDRESSES_LEFT_OUT;
}

/* What the content may have: of little room a quarter is kept for the list. */
static uint64_t content_room(const struct writing *w)
{
	const uint64_t budget = budget_of(w->message);

	if (!w->addresses)
		return budget;
	return budget - (budget / 4 < EII_ADDRESS_LIST_BYTES ? budget / 4 : EII_ADDRESS_LIST_BYTES);
}

/* The parts of one message, in their order: those of a run of the list, so many messages deep. */
static void add_bodies(struct writing *w, size_t first, size_t end, unsigned int messages)
{
	const struct eii_part *before = NULL;

	for (size_t i = first; i < end && !w->is_cut; i++) {
		struct eii_part *part = &w->message->parts[i];

		if (!part->is_in_content || part->messages != messages)
			continue;
		if (before)
			add_break(w, before, part);
		add_part(w, part);
		before = part;
	}
}

#define RULE        "<hr>"
#define QUOTE_BEGIN "<blockquote>"
#define QUOTE_END   "</blockquote>"

/* Takes back what did not fit as a whole. */
static bool fits_whole(struct writing *w, size_t mark)
{
	if (eii_buf_ok(&w->out))
		return true;
	w->out.over = false;
	eii_html_take_back(&w->out, mark);
	w->is_cut = true;
	return false;
}

static void add_quoted_name(struct writing *w, const struct eii_part *part)
{
	const size_t mark = w->out.len;

	eii_buf_add_str(&w->out, RULE);
	eii_quote_add_name(part, &w->out);
	(void)fits_whole(w, mark);
}

static void add_quoted_head(struct writing *w, const struct eii_part *part)
{
	const size_t mark = w->out.len;
	struct eii_buf head;

	eii_buf_init(&head, part->raw.len + 64);
	eii_part_decode(part, &head);
	eii_buf_add_str(&w->out, RULE);
	eii_quote_add_head(eii_buf_text(&head), &w->out);
	(void)fits_whole(w, mark);
	eii_buf_clear(&head);
}

/* True: the quotation has begun, and the room of its end is kept. */
static bool begin_quote(struct writing *w)
{
	const size_t mark = w->out.len;

	eii_buf_add_str(&w->out, QUOTE_BEGIN QUOTE_END);
	if (!fits_whole(w, mark))
		return false;
	eii_html_take_back(&w->out, mark + sizeof(QUOTE_BEGIN) - 1);
	w->out.max -= sizeof(QUOTE_END) - 1;
	return true;
}

static void end_quote(struct writing *w, size_t mark)
{
	w->out.over = false;
	w->out.max += sizeof(QUOTE_END) - 1;
	if (w->out.len == mark + sizeof(QUOTE_BEGIN) - 1)
		eii_html_take_back(&w->out, mark); /* nothing is in it */
	else
		eii_buf_add_str(&w->out, QUOTE_END);
}

/* Header fields of a mail that came back (RFC 6522), without its body. */
static bool is_head_alone(const struct eii_part *part)
{
	return (eii_part_is(part, "text/rfc822-headers") ||
		eii_part_is(part, "message/global-headers")) &&
	       !part->is_in_content;
}

static void add_quotes(struct writing *w, size_t first, size_t end, unsigned int messages);

static void add_quote(struct writing *w, size_t i)
{
	const unsigned int inside = w->message->parts[i].messages + 1;
	const size_t end = eii_message_end(w->message, i);
	const size_t mark = w->out.len;

	if (w->is_cut || !begin_quote(w))
		return;
	add_bodies(w, i + 1, end, inside);
	/* No deeper than EII_QUOTED_DEPTH. */
	add_quotes(w, i + 1, end, inside);
	end_quote(w, mark);
}

static bool is_beyond_limits(const struct writing *w, const struct eii_part *part)
{
	return part->messages >= EII_QUOTED_DEPTH || w->n_quoted == EII_QUOTED_MESSAGES;
}

/* The messages that stand in a run of the list, so many messages deep, below its text. */
static void add_quotes(struct writing *w, size_t first, size_t end, unsigned int messages)
{
	for (size_t i = first; i < end && !w->is_cut; i++) {
		const struct eii_part *part = &w->message->parts[i];
		const size_t mark = w->out.len;

		if (part->messages != messages)
			continue;
		if (is_head_alone(part)) {
			add_quoted_head(w, part);
		} else if (eii_part_is_quoted(part) && is_beyond_limits(w, part)) {
			add_quoted_name(w, part);
		} else if (eii_part_is_quoted(part)) {
			w->n_quoted++;
			add_quoted_head(w, part);
			add_quote(w, i);
		}
		/* A message that says nothing at all. */
		if (w->out.len == mark + sizeof(RULE) - 1)
			eii_html_take_back(&w->out, mark);
	}
}

/* What is chosen and not written yet: all of one depth, or a single part. */
static void add_others(struct writing *w)
{
	for (size_t i = 0; i < w->message->n_parts && !w->is_cut; i++) {
		const struct eii_part *part = &w->message->parts[i];

		if (part->is_in_content && !part->is_read) {
			add_bodies(w, i, w->message->n_parts, part->messages);
			return;
		}
	}
}

static void add_all(struct writing *w)
{
	const size_t n = w->message->n_parts;

	if (w->message->settings->content == EII_CONTENT_SAFE) {
		add_bodies(w, 0, n, 0);
		add_quotes(w, 0, n, 0);
	}
	add_others(w);
}

void eii_content_write(struct eii_message *message)
{
	EII_AUTO(eii_addresses) addresses = NULL;
	struct eii_fields *fields = message->fields;
	struct writing w = { .message = message };

	if (message->settings->content == EII_CONTENT_SAFE)
		addresses = eii_addresses_new();
	w.addresses = addresses;
	w.is_html = has_html(message) || message->settings->content == EII_CONTENT_SAFE;
	eii_buf_init(&w.out, content_room(&w));
	add_all(&w);
	if (w.addresses)
		write_addresses(&w);
	if (w.is_cut)
		fields->defects |= EII_DEFECT_CONTENT_CUT;
	if (w.out.len)
		fields->content_kind = w.is_html ? EII_CONTENT_HTML : EII_CONTENT_TEXT;
	message->budget -= w.out.len;
	fields->content = eii_fields_take_buf(fields, &w.out);
}
