/* SPDX-License-Identifier: Apache-2.0 */
#include "content_bodies.h"

#include <string.h>

/* Bytes of a text beside HTML: less says nothing; more is shown without asking the HTML. */
#define BESIDE_MIN  3
#define BESIDE_LONG 64

/* Visible characters of HTML: with fewer its plain text is shown beside it. */
#define BARE_CHARS 20

/* Short texts of one mail that are looked for in its HTML. */
#define BESIDE_CHECKS 16

bool eii_scope_holds(const struct eii_scope *scope, const struct eii_part *part)
{
	return part->messages == scope->messages;
}

/* A body, not a file. HTML is shown though it has a name: few lists of types keep it. */
bool eii_scope_is_body(const struct eii_scope *scope, const struct eii_part *part)
{
	if (scope->takes_files)
		return !eii_part_is_encrypted(part);
	return part->disposition != EII_DISPOSITION_ATTACHMENT &&
	       (!part->name.len || (part->is_judged && eii_part_is_page(part)));
}

static bool is_html_body(const struct eii_part *part)
{
	return part->is_judged ? eii_part_is_page(part) : eii_part_is_html(part);
}

bool eii_scope_mark(const struct eii_scope *scope, bool (*is_kind)(const struct eii_part *))
{
	bool found = false;

	for (size_t i = scope->first; i < scope->end; i++) {
		struct eii_part *part = &scope->message->parts[i];

		if (!eii_scope_holds(scope, part) || !eii_scope_is_body(scope, part) ||
		    !is_kind(part))
			continue;
		part->is_in_content = true;
		found = found || !eii_part_is_blank(part);
	}
	return found;
}

void eii_scope_unmark(const struct eii_scope *scope)
{
	for (size_t i = scope->first; i < scope->end; i++) {
		if (eii_scope_holds(scope, &scope->message->parts[i]))
			scope->message->parts[i].is_in_content = false;
	}
}

/* False: nothing new, here and outside. */
static bool note_html(struct eii_alternative *alternative, size_t branch)
{
	const bool is_first = !alternative->has_html;

	if (is_first)
		alternative->html_branch = branch;
	alternative->has_html = true;
	if (alternative->html_branch != branch)
		alternative->has_html_twice = true;
	return is_first;
}

static void mark_alternatives(const struct eii_scope *scope)
{
	struct eii_message *message = scope->message;

	for (size_t i = scope->first; i < scope->end; i++) {
		const struct eii_part *part = &message->parts[i];
		size_t branch = part->branch;
		size_t at = part->alternative;

		if (!eii_scope_holds(scope, part) || !part->is_in_content)
			continue;
		while (at != EII_NO_INDEX && note_html(&message->alternatives[at], branch)) {
			branch = message->alternatives[at].branch;
			at = message->alternatives[at].parent;
		}
	}
}

static bool is_alternative_of_html(const struct eii_message *message, const struct eii_part *part)
{
	size_t branch = part->branch;
	size_t at = part->alternative;

	while (at != EII_NO_INDEX) {
		const struct eii_alternative *alternative = &message->alternatives[at];

		/* HTML in the same one of the alternatives is no alternative of the text. */
		if (alternative->has_html &&
		    (alternative->has_html_twice || alternative->html_branch != branch))
			return true;
		branch = alternative->branch;
		at = alternative->parent;
	}
	return false;
}

/* Does the shown HTML of this mail hold the text already? */
static bool is_in_html(const struct eii_scope *scope, struct eii_text text)
{
	bool found = false;

	for (size_t i = scope->first; i < scope->end && !found; i++) {
		const struct eii_part *part = &scope->message->parts[i];
		struct eii_buf html;

		if (!eii_scope_holds(scope, part) || !part->is_in_content ||
		    !eii_part_is_html(part))
			continue;
		eii_part_init_text(part, &html);
		eii_part_decode_text(part, &html);
		found = memmem(html.data, html.len, text.data, text.len) != NULL;
		eii_buf_clear(&html);
	}
	return found;
}

/* Too short to say anything, or said by the HTML. */
static bool is_worth_showing(const struct eii_scope *scope, const struct eii_part *part)
{
	struct eii_text trimmed;
	struct eii_buf text;
	bool is_worth;

	eii_part_init_text(part, &text);
	eii_part_decode_text(part, &text);
	trimmed = eii_text_trim(eii_buf_text(&text));
	is_worth = trimmed.len >= BESIDE_MIN &&
		   (trimmed.len > BESIDE_LONG || !is_in_html(scope, trimmed));
	eii_buf_clear(&text);
	return is_worth;
}

/* Text beside HTML that is no alternative of it. */
static void mark_text_beside(const struct eii_scope *scope)
{
	size_t n_checks = 0;

	mark_alternatives(scope);
	for (size_t i = scope->first; i < scope->end; i++) {
		struct eii_part *part = &scope->message->parts[i];

		if (eii_scope_holds(scope, part) && eii_scope_is_body(scope, part) &&
		    eii_part_is_text(part) && !is_alternative_of_html(scope->message, part))
			part->is_in_content =
				n_checks++ >= BESIDE_CHECKS || is_worth_showing(scope, part);
	}
}

/* Where the HTML says next to nothing (a tracking pixel, a blank page), its text is shown too. */
static void mark_text_of_bare_html(const struct eii_scope *scope)
{
	struct eii_look html = { .max = BARE_CHARS };

	for (size_t i = scope->first; i < scope->end && !eii_look_is_over(&html); i++) {
		const struct eii_part *part = &scope->message->parts[i];
		struct eii_look look;

		if (!eii_scope_holds(scope, part) || !part->is_in_content ||
		    !eii_part_is_page(part))
			continue;
		look = eii_part_look(part, BARE_CHARS);
		html.n_visible += look.n_visible;
		html.has_words = html.has_words || look.has_words;
	}
	for (size_t i = scope->first; i < scope->end && !eii_look_is_over(&html); i++) {
		struct eii_part *part = &scope->message->parts[i];
		struct eii_look text;

		if (part->is_in_content || !eii_scope_holds(scope, part) ||
		    !eii_scope_is_body(scope, part) || !eii_part_is_text(part))
			continue;
		text = eii_part_look(part, html.n_visible + 1);
		part->is_in_content =
			text.n_visible > html.n_visible || (text.has_words && !html.has_words);
	}
}

bool eii_scope_choose_bodies(const struct eii_scope *scope)
{
	if (eii_scope_mark(scope, is_html_body)) {
		mark_text_beside(scope);
		if (scope->message->settings->content == EII_CONTENT_SAFE)
			mark_text_of_bare_html(scope);
		return true;
	}
	eii_scope_unmark(scope);
	if (eii_scope_mark(scope, eii_part_is_text))
		return true;
	eii_scope_unmark(scope);
	return false;
}
