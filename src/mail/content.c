/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a mail is its text: the HTML bodies of the mail itself, with plain
 * text beside them that is no alternative of one; else its plain text; else
 * other text there is, the bodies of messages inside, named text, or a multipart
 * without parts as it stands.
 */
#include "eii/base/utf8.h"
#include "eii/mail/charset.h"
#include "eii/mail/html.h"

#include "message_private.h"

#define META_SEARCH_MAX 4096 /* bytes at the start of HTML that may say a charset */

/* ---- decoding -------------------------------------------------------------- */

static bool is_blank_text(struct eii_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.data[i] > ' ')
			return false;
	}
	return true;
}

/* Where needle (lower case) is in text, any case; NULL = nowhere. */
static const char *find_nocase(struct eii_text text, const char *needle)
{
	size_t len = strlen(needle);
	char first[3] = { needle[0], (char)(needle[0] - 'a' + 'A'), '\0' };
	const char *end = text.data + text.len;

	for (const char *p = text.data; text.len && (size_t)(end - p) >= len; p++) {
		if (*p != first[0] && *p != first[1])
			continue;
		if (eii_text_equal_nocase(eii_text(p, len), eii_text(needle, len)))
			return p;
	}
	return NULL;
}

static const char *skip_spaces(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
		p++;
	return p;
}

/* The name behind "charset =" in text; false where there is none. */
static bool find_charset(struct eii_text text, struct eii_text *out)
{
	const char *end = text.data + text.len;
	const char *p = text.data;

	while (p) {
		const char *start;

		p = find_nocase(eii_text(p, (size_t)(end - p)), "charset");
		if (!p)
			return false;
		p = skip_spaces(p + strlen("charset"), end);
		if (p == end || *p != '=')
			continue;
		start = skip_spaces(p + 1, end);
		if (start < end && (*start == '"' || *start == '\''))
			start++;
		p = start;
		while (p < end && (eii_is_ascii_alpha(*p) || eii_is_ascii_digit(*p) ||
				   (*p && strchr("_:.+-", *p))))
			p++;
		*out = eii_text(start, (size_t)(p - start));
		return p > start;
	}
	return false;
}

/* The charset of HTML's own first <meta> that has one. */
static struct eii_text meta_charset(struct eii_text bytes)
{
	struct eii_text none = eii_text(NULL, 0);
	struct eii_text head =
		eii_text(bytes.data, bytes.len < META_SEARCH_MAX ? bytes.len : META_SEARCH_MAX);
	const char *meta = find_nocase(head, "meta");
	struct eii_text found;

	if (!meta || !find_charset(eii_text(meta, head.len - (size_t)(meta - head.data)), &found))
		return none;
	return found;
}

/* NUL, which no text of a report may hold, becomes U+FFFD. */
static void replace_nul(struct eii_buf *text)
{
	struct eii_buf copy;

	if (!memchr(text->data, '\0', text->len))
		return;
	eii_buf_init(&copy, text->len * 3);
	for (size_t i = 0; i < text->len; i++) {
		if (text->data[i])
			eii_buf_add_char(&copy, text->data[i]);
		else
			eii_utf8_add(&copy, 0xfffd);
	}
	eii_buf_clear(text);
	*text = copy;
}

/* The part's text as UTF-8 into out, which is empty. */
static void decode_text(const struct eii_part *part, struct eii_buf *out)
{
	struct eii_text label = eii_text_of(part->charset);
	struct eii_text bytes = part->raw;
	struct eii_buf decoded;

	eii_buf_init(&decoded, part->raw.len + 64);
	if (part->kind == EII_PART_LEAF && part->transfer != EII_TRANSFER_IDENTITY) {
		eii_part_decode(part, &decoded);
		bytes = eii_buf_text(&decoded);
	}
	if (!eii_charset_is_known(label) && eii_part_is_html(part))
		label = meta_charset(bytes);
	eii_charset_decode(bytes, label, out);
	eii_buf_clear(&decoded);
	replace_nul(out);
}

/* A buffer that any text of the part fits in: four bytes for each of its own. */
static void init_for(const struct eii_part *part, struct eii_buf *buf)
{
	eii_buf_init(buf, part->raw.len * 4 + 256);
}

static bool is_blank_part(const struct eii_part *part)
{
	struct eii_buf text;
	bool is_blank;

	/* The usual case costs nothing: a letter in the first bytes. */
	if (part->transfer == EII_TRANSFER_IDENTITY && part->raw.len < 4096 &&
	    !is_blank_text(part->raw))
		return false;
	init_for(part, &text);
	decode_text(part, &text);
	is_blank = is_blank_text(eii_buf_text(&text));
	eii_buf_clear(&text);
	return is_blank;
}

/* ---- choosing -------------------------------------------------------------- */

static bool is_any_text(const struct eii_part *part)
{
	return part->kind == EII_PART_LEAF &&
	       (!strncmp(part->type, "text/", 5) || eii_part_is(part, "application/xhtml+xml"));
}

static bool is_other_text(const struct eii_part *part)
{
	return is_any_text(part) && !eii_part_is_text(part) && !eii_part_is_html(part);
}

static bool is_undivided(const struct eii_part *part)
{
	return part->kind == EII_PART_UNDIVIDED;
}

/* A body, not a file. */
static bool is_unnamed(const struct eii_part *part)
{
	return part->disposition != EII_DISPOSITION_ATTACHMENT && !part->name.len;
}

/* Marks unnamed parts of one kind, messages deep; false where all of them are blank. */
static bool mark(struct eii_message *message, unsigned int messages,
		 bool (*is_kind)(const struct eii_part *))
{
	bool found = false;

	for (size_t i = 0; i < message->n_parts; i++) {
		struct eii_part *part = &message->parts[i];

		if (part->messages != messages || !is_unnamed(part) || !is_kind(part))
			continue;
		part->is_in_content = true;
		found = found || !is_blank_part(part);
	}
	return found;
}

static void unmark(struct eii_message *message)
{
	for (size_t i = 0; i < message->n_parts; i++)
		message->parts[i].is_in_content = false;
}

static void mark_alternatives(struct eii_message *message)
{
	for (size_t i = 0; i < message->n_parts; i++) {
		size_t at = message->parts[i].alternative;

		if (!message->parts[i].is_in_content)
			continue;
		while (at != EII_NO_INDEX && !message->alternatives[at].has_html) {
			message->alternatives[at].has_html = true;
			at = message->alternatives[at].parent;
		}
	}
}

static bool is_alternative_of_html(const struct eii_message *message, const struct eii_part *part)
{
	size_t at = part->alternative;

	while (at != EII_NO_INDEX && !message->alternatives[at].has_html)
		at = message->alternatives[at].parent;
	return at != EII_NO_INDEX;
}

/* Text beside HTML that says something else. */
static void mark_text_beside(struct eii_message *message, unsigned int messages)
{
	mark_alternatives(message);
	for (size_t i = 0; i < message->n_parts; i++) {
		struct eii_part *part = &message->parts[i];

		if (part->messages == messages && is_unnamed(part) && eii_part_is_text(part) &&
		    !is_alternative_of_html(message, part))
			part->is_in_content = !is_blank_part(part);
	}
}

/* The bodies of the messages that are so many messages deep; false where there are none. */
static bool choose_at(struct eii_message *message, unsigned int messages)
{
	static bool (*const kinds[])(const struct eii_part *) = {
		eii_part_is_text,
		is_other_text,
		is_undivided,
	};

	if (mark(message, messages, eii_part_is_html)) {
		mark_text_beside(message, messages);
		return true;
	}
	unmark(message);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (mark(message, messages, kinds[i]))
			return true;
		unmark(message);
	}
	return false;
}

/* The first text that has a name, for mails that have nothing else to read. */
static void choose_named(struct eii_message *message)
{
	for (size_t i = 0; i < message->n_parts; i++) {
		struct eii_part *part = &message->parts[i];

		if (is_any_text(part) && part->disposition != EII_DISPOSITION_ATTACHMENT &&
		    !is_blank_part(part)) {
			part->is_in_content = true;
			return;
		}
	}
}

/* Blank text is content too where there is nothing else: as the official connector has it. */
static void choose_blank(struct eii_message *message)
{
	for (size_t i = 0; i < message->n_parts; i++) {
		struct eii_part *part = &message->parts[i];

		part->is_in_content =
			part->messages == 0 && is_unnamed(part) && eii_part_is_text(part);
	}
}

void eii_content_choose(struct eii_message *message)
{
	unsigned int deepest = 0;

	for (size_t i = 0; i < message->n_parts; i++) {
		if (message->parts[i].messages > deepest)
			deepest = message->parts[i].messages;
	}
	for (unsigned int messages = 0; messages <= deepest; messages++) {
		if (choose_at(message, messages))
			return;
	}
	choose_named(message);
	for (size_t i = 0; i < message->n_parts; i++) {
		if (message->parts[i].is_in_content)
			return;
	}
	choose_blank(message);
}

/* ---- writing --------------------------------------------------------------- */

/* As much of text as the ceiling allows, whole characters. */
static bool add_cut(struct eii_buf *out, struct eii_text text)
{
	size_t room = out->max - out->len;
	size_t len = eii_utf8_cut(text, room);

	eii_buf_add(out, text.data, len);
	return len == text.len;
}

/*
 * The first "<meta … content-type … >" says utf-8 now, since the text is Unicode
 * (as imap_tools does, replace_html_ct_charset; there in quadratic time).
 */
static bool add_with_charset(struct eii_buf *out, struct eii_text html)
{
	const char *end = html.data + html.len;
	const char *p = html.data;
	const char *type;
	const char *close;
	struct eii_text charset;

	for (; p && p < end; p++) {
		p = memchr(p, '<', (size_t)(end - p));
		if (!p)
			return add_cut(out, html);
		type = skip_spaces(p + 1, end);
		if (end - type > 5 && eii_text_starts_nocase(eii_text(type, 5), "meta "))
			break;
	}
	type = p && p < end ? find_nocase(eii_text(p, (size_t)(end - p)), "content-type") : NULL;
	close = type ? memchr(type, '>', (size_t)(end - type)) : NULL;
	if (!close || !find_charset(eii_text(p, (size_t)(close - p)), &charset))
		return add_cut(out, html);
	p = charset.data + charset.len;
	return add_cut(out, eii_text(html.data, (size_t)(charset.data - html.data))) &&
	       add_cut(out, eii_text("utf-8", 5)) && add_cut(out, eii_text(p, (size_t)(end - p)));
}

/* What the writing of one mail's content keeps. */
struct writing {
	struct eii_message *message;
	struct eii_buf out;
	bool is_html;
	bool is_cut;
	struct eii_html_tally tally;
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

static void add_part(struct writing *w, const struct eii_part *part)
{
	bool is_safe = w->message->settings->content == EII_CONTENT_SAFE;
	bool is_html = eii_part_is_html(part) || eii_part_is(part, "application/xhtml+xml");
	struct eii_text text;
	struct eii_buf decoded;

	init_for(part, &decoded);
	decode_text(part, &decoded);
	text = eii_buf_text(&decoded);
	if (is_safe && is_html)
		add_safe_html(w, text);
	else if (is_safe || (w->is_html && !is_html))
		add_text_as_html(w, text);
	else if (is_html)
		w->is_cut = !add_with_charset(&w->out, text) || w->is_cut;
	else
		w->is_cut = !add_cut(&w->out, text) || w->is_cut;
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

void eii_content_write(struct eii_message *message)
{
	struct eii_fields *fields = message->fields;
	const struct eii_part *before = NULL;
	struct writing w = { .message = message };

	w.is_html = has_html(message) || message->settings->content == EII_CONTENT_SAFE;
	eii_buf_init(&w.out, message->budget);
	for (size_t i = 0; i < message->n_parts && !w.is_cut; i++) {
		const struct eii_part *part = &message->parts[i];

		if (!part->is_in_content)
			continue;
		if (before)
			add_break(&w, before, part);
		add_part(&w, part);
		before = part;
	}
	if (w.is_cut)
		fields->defects |= EII_DEFECT_CONTENT_CUT;
	if (w.out.len)
		fields->content_kind = w.is_html ? EII_CONTENT_HTML : EII_CONTENT_TEXT;
	message->budget -= w.out.len;
	fields->content = eii_fields_take_buf(fields, &w.out);
}
