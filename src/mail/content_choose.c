/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a mail is its text: the HTML bodies of the mail itself, with plain
 * text beside them that is no alternative of one; else its plain text; else the
 * bodies of messages inside; else other text there is, named text, or a
 * multipart without parts as it stands. In safe mode messages inside are quoted
 * below the mail's own text: the text of each is chosen by itself.
 */
#include "eii/mail/first_bytes.h"

#include "message_private.h"

/* Bytes of a text beside HTML: less says nothing; more is shown without asking the HTML. */
#define BESIDE_MIN  3
#define BESIDE_LONG 64

/* Visible characters of HTML: with fewer its plain text is shown beside it. */
#define BARE_CHARS 20

/* Short texts of one mail that are looked for in its HTML. */
#define BESIDE_CHECKS 16

/* Of a message the parts that are looked at: a run of the list, and how many messages deep. */
struct scope {
	struct eii_message *message;
	size_t first;
	size_t end; /* behind the last one */
	unsigned int messages;
};

static bool is_within(const struct scope *scope, const struct eii_part *part)
{
	return part->messages == scope->messages;
}

static bool is_any_text(const struct eii_part *part)
{
	return part->kind == EII_PART_LEAF &&
	       (!strncmp(part->type, "text/", 5) || eii_part_is(part, "application/xhtml+xml") ||
		eii_part_is_rtf(part));
}

static bool is_other_text(const struct eii_part *part)
{
	return is_any_text(part) && !eii_part_is_text(part) && !eii_part_is_html(part);
}

static bool is_undivided(const struct eii_part *part)
{
	return part->kind == EII_PART_UNDIVIDED;
}

/* A body, not a file. HTML is shown though it has a name: few lists of types keep it. */
static bool is_body(const struct eii_part *part)
{
	return part->disposition != EII_DISPOSITION_ATTACHMENT &&
	       (!part->name.len || (part->is_judged && eii_part_is_page(part)));
}

static bool is_html_body(const struct eii_part *part)
{
	return part->is_judged ? eii_part_is_page(part) : eii_part_is_html(part);
}

/* Marks bodies of one kind; false where all of them are blank. */
static bool mark(const struct scope *scope, bool (*is_kind)(const struct eii_part *))
{
	bool found = false;

	for (size_t i = scope->first; i < scope->end; i++) {
		struct eii_part *part = &scope->message->parts[i];

		if (!is_within(scope, part) || !is_body(part) || !is_kind(part))
			continue;
		part->is_in_content = true;
		found = found || !eii_part_is_blank(part);
	}
	return found;
}

static void unmark(const struct scope *scope)
{
	for (size_t i = scope->first; i < scope->end; i++) {
		if (is_within(scope, &scope->message->parts[i]))
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

static void mark_alternatives(const struct scope *scope)
{
	struct eii_message *message = scope->message;

	for (size_t i = scope->first; i < scope->end; i++) {
		const struct eii_part *part = &message->parts[i];
		size_t branch = part->branch;
		size_t at = part->alternative;

		if (!is_within(scope, part) || !part->is_in_content)
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
static bool is_in_html(const struct scope *scope, struct eii_text text)
{
	bool found = false;

	for (size_t i = scope->first; i < scope->end && !found; i++) {
		const struct eii_part *part = &scope->message->parts[i];
		struct eii_buf html;

		if (!is_within(scope, part) || !part->is_in_content || !eii_part_is_html(part))
			continue;
		eii_part_init_text(part, &html);
		eii_part_decode_text(part, &html);
		found = memmem(html.data, html.len, text.data, text.len) != NULL;
		eii_buf_clear(&html);
	}
	return found;
}

/* Too short to say anything, or said by the HTML. */
static bool is_worth_showing(const struct scope *scope, const struct eii_part *part)
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
static void mark_text_beside(const struct scope *scope)
{
	size_t n_checks = 0;

	mark_alternatives(scope);
	for (size_t i = scope->first; i < scope->end; i++) {
		struct eii_part *part = &scope->message->parts[i];

		if (is_within(scope, part) && is_body(part) && eii_part_is_text(part) &&
		    !is_alternative_of_html(scope->message, part))
			part->is_in_content =
				n_checks++ >= BESIDE_CHECKS || is_worth_showing(scope, part);
	}
}

/* Where the HTML says next to nothing (a tracking pixel, a blank page), its text is shown too. */
static void mark_text_of_bare_html(const struct scope *scope)
{
	struct eii_look html = { .max = BARE_CHARS };

	for (size_t i = scope->first; i < scope->end && !eii_look_is_over(&html); i++) {
		const struct eii_part *part = &scope->message->parts[i];
		struct eii_look look;

		if (!is_within(scope, part) || !part->is_in_content || !eii_part_is_page(part))
			continue;
		look = eii_part_look(part, BARE_CHARS);
		html.n_visible += look.n_visible;
		html.has_words = html.has_words || look.has_words;
	}
	for (size_t i = scope->first; i < scope->end && !eii_look_is_over(&html); i++) {
		struct eii_part *part = &scope->message->parts[i];
		struct eii_look text;

		if (part->is_in_content || !is_within(scope, part) || !is_body(part) ||
		    !eii_part_is_text(part))
			continue;
		text = eii_part_look(part, html.n_visible + 1);
		part->is_in_content =
			text.n_visible > html.n_visible || (text.has_words && !html.has_words);
	}
}

/* The bodies; false where there are none. */
static bool choose_bodies(const struct scope *scope)
{
	if (mark(scope, is_html_body)) {
		mark_text_beside(scope);
		if (scope->message->settings->content == EII_CONTENT_SAFE)
			mark_text_of_bare_html(scope);
		return true;
	}
	unmark(scope);
	if (mark(scope, eii_part_is_text))
		return true;
	unmark(scope);
	return false;
}

/* Other kinds of text, for mails that have neither. */
static bool choose_other(const struct scope *scope)
{
	if (mark(scope, is_other_text) || mark(scope, is_undivided))
		return true;
	unmark(scope);
	return false;
}

static enum eii_file_kind kind_of(const struct eii_part *part)
{
	enum eii_file_kind kind;
	struct eii_buf bytes;

	eii_buf_init(&bytes, part->raw.len + 64);
	eii_part_decode(part, &bytes);
	kind = eii_first_bytes_kind(eii_buf_text(&bytes));
	eii_buf_clear(&bytes);
	return kind;
}

/* Declared as anything, and text by its name and first bytes. */
static bool is_undeclared_text(const struct eii_message *message, struct eii_part *part)
{
	struct eii_text judged;

	if (message->settings->content != EII_CONTENT_SAFE || part->kind != EII_PART_LEAF ||
	    !eii_file_type_says_nothing(eii_text_of(part->type)))
		return false;
	judged = eii_file_type_judge(eii_text_of(part->type), part->name, kind_of(part));
	part->is_undeclared_html = eii_text_equal(judged, eii_text_of("text/html"));
	return eii_text_starts_nocase(judged, "text/");
}

/* The first text that has a name or is none by its type, where nothing else is to be read. */
static bool choose_named(const struct scope *scope,
			 bool (*is_deep_enough)(const struct scope *, const struct eii_part *))
{
	for (size_t i = scope->first; i < scope->end; i++) {
		struct eii_part *part = &scope->message->parts[i];

		if (is_deep_enough(scope, part) &&
		    part->disposition != EII_DISPOSITION_ATTACHMENT &&
		    (is_any_text(part) || is_undeclared_text(scope->message, part)) &&
		    !eii_part_is_blank(part)) {
			part->is_in_content = true;
			return true;
		}
	}
	return false;
}

static bool is_anywhere(const struct scope *scope, const struct eii_part *part)
{
	(void)scope;
	(void)part;
	return true;
}

/* Blank text is content too where there is nothing else: as the official connector has it. */
static void choose_blank(const struct scope *scope)
{
	for (size_t i = scope->first; i < scope->end; i++) {
		struct eii_part *part = &scope->message->parts[i];

		part->is_in_content =
			part->messages == 0 && is_body(part) && eii_part_is_text(part);
	}
}

/* Of what is there the outermost that says something. */
static void choose_outermost(struct scope scope)
{
	unsigned int deepest = 0;

	for (size_t i = scope.first; i < scope.end; i++) {
		if (scope.message->parts[i].messages > deepest)
			deepest = scope.message->parts[i].messages;
	}
	for (scope.messages = 0; scope.messages <= deepest; scope.messages++) {
		if (choose_bodies(&scope))
			return;
	}
	for (scope.messages = 0; scope.messages <= deepest; scope.messages++) {
		if (choose_other(&scope))
			return;
	}
	if (!choose_named(&scope, is_anywhere))
		choose_blank(&scope);
}

/* What a machine reports of a mail (RFC 3464, RFC 5965, RFC 8098): lines of text. */
static bool is_report(const struct eii_part *part)
{
	static const char *const types[] = {
		"message/delivery-status",
		"message/global-delivery-status",
		"message/feedback-report",
		"message/disposition-notification",
		"message/global-disposition-notification",
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (part->kind == EII_PART_LEAF && eii_part_is(part, types[i]))
			return true;
	}
	return false;
}

static bool choose_one(const struct scope *scope)
{
	bool found = choose_bodies(scope) || choose_other(scope) || choose_named(scope, is_within);

	return mark(scope, is_report) || found;
}

size_t eii_message_end(const struct eii_message *message, size_t part)
{
	size_t end = part + 1;

	while (end < message->n_parts &&
	       message->parts[end].messages > message->parts[part].messages)
		end++;
	return end;
}

bool eii_part_is_quoted(const struct eii_part *part)
{
	return part->kind == EII_PART_MESSAGE || eii_part_is(part, "message/partial");
}

/* Each message that is quoted by itself; false where none of them says anything. */
static bool choose_quoted(struct eii_message *message)
{
	bool found = false;
	size_t n = 0;

	for (size_t i = 0; i < message->n_parts && n < EII_QUOTED_MESSAGES; i++) {
		const struct eii_part *part = &message->parts[i];
		const struct scope scope = {
			.message = message,
			.first = i + 1,
			.end = eii_message_end(message, i),
			.messages = part->messages + 1,
		};

		if (!eii_part_is_quoted(part) || part->messages >= EII_QUOTED_DEPTH)
			continue;
		n++;
		found = choose_one(&scope) || found;
	}
	return found;
}

static bool has_words(const struct eii_message *message)
{
	for (size_t i = 0; i < message->n_parts; i++) {
		const struct eii_part *part = &message->parts[i];

		if (part->is_in_content && eii_part_look(part, 0).has_words)
			return true;
	}
	return false;
}

/* By its bytes, and no file that is kept. */
static bool is_text_to_show(const struct eii_message *message, struct eii_part *part)
{
	const struct eii_text declared = eii_text_of(part->type);
	const enum eii_file_kind kind = kind_of(part);
	struct eii_text judged = eii_file_type_judge(declared, part->name, kind);

	if (kind != EII_FILE_TEXT && kind != EII_FILE_HTML && kind != EII_FILE_XML &&
	    kind != EII_FILE_RTF)
		return false;
	part->is_undeclared_html = kind == EII_FILE_HTML;
	return !part->name.len || !(eii_message_keeps_type(message, declared) ||
				    eii_message_keeps_type(message, judged));
}

/* Where nothing else says a word: the first part that is text, whatever it is declared as. */
static bool choose_by_bytes(struct eii_message *message)
{
	for (size_t i = 0; i < message->n_parts; i++) {
		struct eii_part *part = &message->parts[i];

		if (part->kind == EII_PART_LEAF && !part->is_in_content &&
		    !eii_part_is_encrypted(part) &&
		    part->disposition != EII_DISPOSITION_ATTACHMENT &&
		    is_text_to_show(message, part) && eii_part_look(part, 0).has_words) {
			part->is_in_content = true;
			return true;
		}
	}
	return false;
}

#define USUAL_BYTES 256 /* of what stands in front of parts for readers without MIME */

/* "This is a multi-part message in MIME format." and the like. */
static bool is_usual(struct eii_text text)
{
	text = eii_text_trim(text);
	return text.len <= USUAL_BYTES && memmem(text.data, text.len, "MIME", 4) &&
	       !memmem(text.data, text.len, "://", 3);
}

/* Where no part says a word: what stands beside the parts, where only the raw mail shows it. */
static bool choose_beside(struct eii_message *message)
{
	bool found = false;

	for (size_t i = 0; i < message->n_parts; i++) {
		struct eii_part *part = &message->parts[i];

		if (part->kind != EII_PART_BESIDE || is_usual(part->raw) ||
		    !eii_part_look(part, 0).has_words)
			continue;
		part->is_in_content = true;
		part->is_undeclared_html = kind_of(part) == EII_FILE_HTML;
		found = true;
	}
	return found;
}

void eii_content_choose(struct eii_message *message)
{
	const struct scope all = { .message = message, .end = message->n_parts };
	bool found = false;

	if (message->settings->content == EII_CONTENT_SAFE) {
		found = choose_one(&all);
		found = choose_quoted(message) || found;
	}
	/* The first words that there are, in whatever depth. */
	if (!found)
		choose_outermost(all);
	if (message->settings->content == EII_CONTENT_SAFE)
		message->has_words =
			has_words(message) || choose_by_bytes(message) || choose_beside(message);
}
