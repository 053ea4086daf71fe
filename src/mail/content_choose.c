/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a mail is its text: the HTML bodies of the mail itself, with plain
 * text beside them that is no alternative of one; else its plain text; else the
 * bodies of messages inside; else other text there is, named text, or a
 * multipart without parts as it stands.
 */
#include "eii/mail/html.h"

#include "message_private.h"

/* Bytes of a text beside HTML: less says nothing; more is shown without asking the HTML. */
#define BESIDE_MIN  3
#define BESIDE_LONG 64

/* Visible characters of HTML: with fewer its plain text is shown beside it. */
#define BARE_CHARS 20

/* Short texts of one mail that are looked for in its HTML. */
#define BESIDE_CHECKS 16

static bool is_blank_text(struct eii_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.data[i] > ' ')
			return false;
	}
	return true;
}

static bool is_blank_part(const struct eii_part *part)
{
	struct eii_buf text;
	bool is_blank;

	/* The usual case costs nothing: a letter in the first bytes. */
	if (part->transfer == EII_TRANSFER_IDENTITY && part->raw.len < 4096 &&
	    !is_blank_text(part->raw))
		return false;
	eii_part_init_text(part, &text);
	eii_part_decode_text(part, &text);
	is_blank = is_blank_text(eii_buf_text(&text));
	eii_buf_clear(&text);
	return is_blank;
}

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

/* Does the shown HTML of this mail hold the text already? */
static bool is_in_html(const struct eii_message *message, struct eii_text text)
{
	bool found = false;

	for (size_t i = 0; i < message->n_parts && !found; i++) {
		const struct eii_part *part = &message->parts[i];
		struct eii_buf html;

		if (!part->is_in_content || !eii_part_is_html(part))
			continue;
		eii_part_init_text(part, &html);
		eii_part_decode_text(part, &html);
		found = memmem(html.data, html.len, text.data, text.len) != NULL;
		eii_buf_clear(&html);
	}
	return found;
}

/* Too short to say anything, or said by the HTML. */
static bool is_worth_showing(const struct eii_message *message, const struct eii_part *part)
{
	struct eii_text trimmed;
	struct eii_buf text;
	bool is_worth;

	eii_part_init_text(part, &text);
	eii_part_decode_text(part, &text);
	trimmed = eii_text_trim(eii_buf_text(&text));
	is_worth = trimmed.len >= BESIDE_MIN &&
		   (trimmed.len > BESIDE_LONG || !is_in_html(message, trimmed));
	eii_buf_clear(&text);
	return is_worth;
}

/* Text beside HTML that is no alternative of it. */
static void mark_text_beside(struct eii_message *message, unsigned int messages)
{
	size_t n_checks = 0;

	mark_alternatives(message);
	for (size_t i = 0; i < message->n_parts; i++) {
		struct eii_part *part = &message->parts[i];

		if (part->messages == messages && is_unnamed(part) && eii_part_is_text(part) &&
		    !is_alternative_of_html(message, part))
			part->is_in_content =
				n_checks++ >= BESIDE_CHECKS || is_worth_showing(message, part);
	}
}

static size_t count_visible(const struct eii_part *part, size_t max)
{
	struct eii_buf text;
	size_t n = 0;

	eii_part_init_text(part, &text);
	eii_part_decode_text(part, &text);
	if (eii_part_is_html(part))
		n = eii_html_count_visible(eii_buf_text(&text), max);
	else
		for (size_t i = 0; i < text.len && n < max; i++)
			n += (unsigned char)text.data[i] > ' ' &&
			     ((unsigned char)text.data[i] & 0xc0) != 0x80;
	eii_buf_clear(&text);
	return n;
}

/* Where the HTML says next to nothing (a tracking pixel, a blank page), its text is shown too. */
static void mark_text_of_bare_html(struct eii_message *message, unsigned int messages)
{
	size_t n_html = 0;

	for (size_t i = 0; i < message->n_parts && n_html < BARE_CHARS; i++) {
		const struct eii_part *part = &message->parts[i];

		if (part->is_in_content && eii_part_is_html(part))
			n_html += count_visible(part, BARE_CHARS);
	}
	for (size_t i = 0; i < message->n_parts && n_html < BARE_CHARS; i++) {
		struct eii_part *part = &message->parts[i];

		if (!part->is_in_content && part->messages == messages && is_unnamed(part) &&
		    eii_part_is_text(part) && count_visible(part, n_html + 1) > n_html)
			part->is_in_content = true;
	}
}

/* The bodies of the messages that are so many messages deep; false where there are none. */
static bool choose_at(struct eii_message *message, unsigned int messages)
{
	if (mark(message, messages, eii_part_is_html)) {
		mark_text_beside(message, messages);
		if (message->settings->content == EII_CONTENT_SAFE)
			mark_text_of_bare_html(message, messages);
		return true;
	}
	unmark(message);
	if (mark(message, messages, eii_part_is_text))
		return true;
	unmark(message);
	return false;
}

/* Other kinds of text, for mails that have neither. */
static bool choose_other_at(struct eii_message *message, unsigned int messages)
{
	if (mark(message, messages, is_other_text) || mark(message, messages, is_undivided))
		return true;
	unmark(message);
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
	for (unsigned int messages = 0; messages <= deepest; messages++) {
		if (choose_other_at(message, messages))
			return;
	}
	choose_named(message);
	for (size_t i = 0; i < message->n_parts; i++) {
		if (message->parts[i].is_in_content)
			return;
	}
	choose_blank(message);
}
