/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/folder_choice.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "eii/base/alloc.h"

/* What a pattern does not mean. */
#define NOT_BY_PATTERN                                                                             \
	((unsigned)EII_FOLDER_NOSELECT | EII_FOLDER_NONEXISTENT | EII_FOLDER_ALL |                 \
	 EII_FOLDER_DRAFTS | EII_FOLDER_FLAGGED | EII_FOLDER_JUNK | EII_FOLDER_SENT |              \
	 EII_FOLDER_TRASH)

enum token_kind { TOKEN_CHAR, TOKEN_LEVEL, TOKEN_ANY };

struct token {
	enum token_kind kind;
	char c;
};

/* One part of the list. */
struct part {
	bool leaves_out, is_pattern;
	unsigned use; /* a special use; 0 = by name */
	struct token *tokens;
	size_t n_tokens;
};

struct eii_folder_choice {
	char *value;
	struct part *parts;
	size_t n_parts;
};

static const struct {
	const char *name;
	unsigned attribute;
	bool is_use;
} attributes[] = {
	{ "\\Noselect", EII_FOLDER_NOSELECT, false },
	{ "\\NonExistent", EII_FOLDER_NONEXISTENT, false },
	{ "\\All", EII_FOLDER_ALL, true },
	{ "\\Archive", EII_FOLDER_ARCHIVE, true },
	{ "\\Drafts", EII_FOLDER_DRAFTS, true },
	{ "\\Flagged", EII_FOLDER_FLAGGED, true },
	{ "\\Important", EII_FOLDER_IMPORTANT, true },
	{ "\\Junk", EII_FOLDER_JUNK, true },
	{ "\\Sent", EII_FOLDER_SENT, true },
	{ "\\Trash", EII_FOLDER_TRASH, true },
};
#define N_ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))

unsigned eii_folder_attribute_of(struct eii_text attribute)
{
	for (size_t i = 0; i < N_ATTRIBUTES; i++) {
		if (eii_text_equal_nocase(attribute, eii_text_of(attributes[i].name)))
			return attributes[i].attribute;
	}
	return 0;
}

bool eii_folder_choice_is_name(const char *value)
{
	return value[0] != '!' && !strpbrk(value, ",*%\\");
}

/* ---- parsing ----------------------------------------------------------- */

static unsigned use_of(struct eii_text text)
{
	for (size_t i = 0; i < N_ATTRIBUTES; i++) {
		if (attributes[i].is_use &&
		    eii_text_equal_nocase(text, eii_text_of(attributes[i].name)))
			return attributes[i].attribute;
	}
	return 0;
}

/* Bytes up to the next comma that stands for itself. */
static size_t part_len(const char *value)
{
	size_t i = 0;

	while (value[i] && value[i] != ',')
		i += value[i] == '\\' && value[i + 1] ? 2 : 1;
	return i;
}

static enum eii_rc fail_escape(struct eii_text text, struct eii_error *err)
{
	return eii_fail(err, EII_REJECT,
			"'%.*s': a \\ stands before , * %% ! or \\, or begins \\All, \\Archive, "
			"\\Drafts, \\Flagged, \\Important, \\Junk, \\Sent or \\Trash",
			(int)(text.len < 100 ? text.len : 100), text.data);
}

static enum eii_rc read_tokens(struct eii_text text, struct part *part, struct eii_error *err)
{
	part->tokens = eii_calloc(text.len, sizeof(*part->tokens));
	for (size_t i = 0; i < text.len; i++) {
		struct token *token = &part->tokens[part->n_tokens++];

		*token = (struct token){ TOKEN_CHAR, text.data[i] };
		if (text.data[i] == '*')
			token->kind = TOKEN_ANY;
		else if (text.data[i] == '%')
			token->kind = TOKEN_LEVEL;
		part->is_pattern |= token->kind != TOKEN_CHAR;
		if (text.data[i] != '\\')
			continue;
		if (++i == text.len || !strchr(",*%!\\", text.data[i]))
			return fail_escape(text, err);
		token->c = text.data[i];
	}
	return EII_OK;
}

static enum eii_rc read_part(struct eii_text text, struct part *part, struct eii_error *err)
{
	text = eii_text_trim(text);
	if (text.len && *text.data == '!') {
		part->leaves_out = true;
		text = eii_text_trim(eii_text(text.data + 1, text.len - 1));
	}
	if (!text.len)
		return eii_fail(err, EII_REJECT, "a part of the list is empty");
	part->use = use_of(text);
	return part->use ? EII_OK : read_tokens(text, part, err);
}

static struct part *add_part(struct eii_folder_choice *choice)
{
	choice->parts = eii_realloc(choice->parts, choice->n_parts + 1, sizeof(*choice->parts));
	choice->parts[choice->n_parts] = (struct part){ 0 };
	return &choice->parts[choice->n_parts++];
}

enum eii_rc eii_folder_choice_parse(const char *value, struct eii_folder_choice **out,
				    struct eii_error *err)
{
	EII_AUTO(eii_folder_choice) choice = EII_NEW(struct eii_folder_choice);
	bool names_one = false;
	size_t at = 0;

	if (strlen(value) > EII_FOLDER_CHOICE_BYTES)
		return eii_fail(err, EII_REJECT, "it is over %d bytes", EII_FOLDER_CHOICE_BYTES);
	choice->value = eii_strdup(value);
	for (;;) {
		size_t len = part_len(value + at);
		struct part *part = add_part(choice);
		enum eii_rc rc = read_part(eii_text(value + at, len), part, err);

		if (rc)
			return rc;
		names_one = names_one || !part->leaves_out;
		at += len;
		if (!value[at])
			break;
		at++;
	}
	if (!names_one)
		return eii_fail(err, EII_REJECT,
				"it names only what is left out: begin with *, or with folders");
	*out = EII_DETACH(choice);
	return EII_OK;
}

void eii_folder_choice_free(struct eii_folder_choice *choice)
{
	if (!choice)
		return;
	for (size_t i = 0; i < choice->n_parts; i++)
		free(choice->parts[i].tokens);
	free(choice->parts);
	free(choice->value);
	free(choice);
}

const char *eii_folder_choice_value(const struct eii_folder_choice *choice)
{
	return choice->value;
}

/* ---- choosing ---------------------------------------------------------- */

/* Which beginnings of the name the tokens so far fit: reached[n] is that of n bytes. */
static void reach(const struct token *token, struct eii_text name, char separator, bool *reached)
{
	if (token->kind == TOKEN_CHAR) {
		for (size_t n = name.len; n > 0; n--)
			reached[n] = reached[n - 1] && name.data[n - 1] == token->c;
		reached[0] = false;
		return;
	}
	for (size_t n = 1; n <= name.len; n++) {
		bool is_level = separator && name.data[n - 1] == separator;

		reached[n] |= reached[n - 1] && (token->kind == TOKEN_ANY || !is_level);
	}
}

static bool fits(const struct part *part, struct eii_text name, char separator)
{
	bool *reached = eii_calloc(name.len + 1, sizeof(*reached));
	bool is_fit;

	reached[0] = true;
	for (size_t i = 0; i < part->n_tokens; i++)
		reach(&part->tokens[i], name, separator, reached);
	is_fit = reached[name.len];
	free(reached);
	return is_fit;
}

static bool is_inbox(const struct part *part)
{
	static const char inbox[] = "INBOX";

	if (part->is_pattern || part->n_tokens != sizeof(inbox) - 1)
		return false;
	for (size_t i = 0; i < part->n_tokens; i++) {
		if ((part->tokens[i].c & ~0x20) != inbox[i])
			return false;
	}
	return true;
}

/* The first level of a name, which Exchange gives to items that are no mails. */
static bool is_without_mails(const struct eii_listed_folder *folder)
{
	static const char *const names[] = {
		"Calendar", "Contacts", "Conversation History", "Journal", "Notes",
		"Outbox",   "Tasks",    "Sync Issues",
	};
	const char *end = folder->separator ? strchr(folder->name, folder->separator) : NULL;
	struct eii_text first = end ? eii_text(folder->name, (size_t)(end - folder->name))
				    : eii_text_of(folder->name);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (eii_text_equal(first, eii_text_of(names[i])))
			return true;
	}
	return false;
}

static bool names(const struct part *part, const struct eii_listed_folder *folder)
{
	if (part->use)
		return (folder->attributes & part->use) != 0;
	if (is_inbox(part) && strcasecmp(folder->name, "INBOX") == 0)
		return true;
	if (!fits(part, eii_text_of(folder->name), folder->separator))
		return false;
	return !part->is_pattern || part->leaves_out ||
	       (!(folder->attributes & NOT_BY_PATTERN) && !is_without_mails(folder));
}

bool eii_folder_choice_wants(const struct eii_folder_choice *choice,
			     const struct eii_listed_folder *folder)
{
	bool is_wanted = false;

	for (size_t i = 0; i < choice->n_parts; i++) {
		if (!names(&choice->parts[i], folder))
			continue;
		if (choice->parts[i].leaves_out)
			return false;
		is_wanted = true;
	}
	return is_wanted;
}

bool eii_folder_choice_is_named(const struct eii_folder_choice *choice, const char *name)
{
	return strcmp(choice->value, name) == 0;
}
