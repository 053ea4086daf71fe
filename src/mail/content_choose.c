/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a mail is its text: the HTML bodies of the mail itself, with plain
 * text beside them that is no alternative of one; else its plain text; else the
 * bodies of messages inside; else other text there is, named text, or a
 * multipart without parts as it stands. In safe mode messages inside are quoted
 * below the mail's own text: the text of each is chosen by itself; and where no
 * part of a message says a word, its text is chosen among what is attached.
 */
#include "eii/mail/first_bytes.h"

#include "content_bodies.h"

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

/* Other kinds of text, for mails that have neither. */
static bool choose_other(const struct eii_scope *scope)
{
	if (eii_scope_mark(scope, is_other_text) || eii_scope_mark(scope, is_undivided))
		return true;
	eii_scope_unmark(scope);
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
static bool choose_named(const struct eii_scope *scope,
			 bool (*is_deep_enough)(const struct eii_scope *, const struct eii_part *))
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

static bool is_anywhere(const struct eii_scope *scope, const struct eii_part *part)
{
	(void)scope;
	(void)part;
	return true;
}

/* Blank text is content too where there is nothing else: as the official connector has it. */
static void choose_blank(const struct eii_scope *scope)
{
	for (size_t i = scope->first; i < scope->end; i++) {
		struct eii_part *part = &scope->message->parts[i];

		part->is_in_content = part->messages == 0 && eii_scope_is_body(scope, part) &&
				      eii_part_is_text(part);
	}
}

/* How many messages deep the deepest part is. */
static unsigned int depth_of(const struct eii_message *message)
{
	unsigned int deepest = 0;

	for (size_t i = 0; i < message->n_parts; i++) {
		if (message->parts[i].messages > deepest)
			deepest = message->parts[i].messages;
	}
	return deepest;
}

/* Of what is there the outermost that says something. */
static void choose_outermost(struct eii_scope scope)
{
	const unsigned int deepest = depth_of(scope.message);

	for (scope.messages = 0; scope.messages <= deepest; scope.messages++) {
		if (eii_scope_choose_bodies(&scope))
			return;
	}
	for (scope.messages = 0; scope.messages <= deepest; scope.messages++) {
		if (choose_other(&scope))
			return;
	}
	if (!choose_named(&scope, is_anywhere))
		choose_blank(&scope);
}

/* The first attached text of another type, or of one that says nothing. */
static bool choose_other_file(const struct eii_scope *scope)
{
	for (size_t i = scope->first; i < scope->end; i++) {
		struct eii_part *part = &scope->message->parts[i];

		if (!eii_scope_holds(scope, part) || part->is_in_content ||
		    eii_part_is_encrypted(part) ||
		    !(is_any_text(part) || is_undeclared_text(scope->message, part)))
			continue;
		part->is_in_content = eii_part_look(part, 0).has_words;
		if (part->is_in_content)
			return true;
	}
	return false;
}

/* Does a body that is declared as a file say a word? */
static bool has_attached_body(const struct eii_scope *scope)
{
	for (size_t i = scope->first; i < scope->end; i++) {
		const struct eii_part *part = &scope->message->parts[i];

		if (eii_scope_holds(scope, part) && !part->is_in_content &&
		    eii_scope_is_body(scope, part) &&
		    (eii_part_is_text(part) || eii_part_is_page(part)) &&
		    eii_part_look(part, 0).has_words)
			return true;
	}
	return false;
}

/*
 * Where no part of a message says a word: text that is declared as an attachment, which it
 * stays. Bodies are chosen as if it were not.
 */
static bool choose_attached(struct eii_scope scope)
{
	scope.takes_files = true;
	if (has_attached_body(&scope))
		return eii_scope_choose_bodies(&scope);
	return choose_other_file(&scope);
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

static bool choose_one(const struct eii_scope *scope)
{
	bool found = eii_scope_choose_bodies(scope) || choose_other(scope) ||
		     choose_named(scope, eii_scope_holds);

	return eii_scope_mark(scope, is_report) || found;
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
		const struct eii_scope scope = {
			.message = message,
			.first = i + 1,
			.end = eii_message_end(message, i),
			.messages = part->messages + 1,
		};

		if (!eii_part_is_quoted(part) || part->messages >= EII_QUOTED_DEPTH)
			continue;
		n++;
		found = choose_one(&scope) || choose_attached(scope) || found;
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

/* The text of what is attached to the outermost message whose attachments say a word. */
static bool choose_attached_anywhere(struct eii_message *message)
{
	struct eii_scope scope = { .message = message, .end = message->n_parts };
	const unsigned int deepest = depth_of(message);

	for (; scope.messages <= deepest; scope.messages++) {
		if (choose_attached(scope))
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
	const struct eii_scope all = { .message = message, .end = message->n_parts };
	bool found = false;

	if (message->settings->content == EII_CONTENT_SAFE) {
		found = choose_one(&all);
		found = choose_quoted(message) || found;
	}
	/* The first words that there are, in whatever depth. */
	if (!found)
		choose_outermost(all);
	if (message->settings->content == EII_CONTENT_SAFE)
		message->has_words = has_words(message) || choose_by_bytes(message) ||
				     choose_attached_anywhere(message) || choose_beside(message);
}
