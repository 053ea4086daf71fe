/* SPDX-License-Identifier: Apache-2.0 */
#include "dotenv.h"

#include <stdbool.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "eii/base/utf8.h"
#include "expansion.h"
#include "file.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void skip_blanks(struct eii_text *text)
{
	while (text->len && is_blank(*text->data))
		*text = eii_text(text->data + 1, text->len - 1);
}

static bool is_name_char(char c)
{
	return eii_is_ascii_alpha(c) || eii_is_ascii_digit(c) || c == '_' || c == '.' || c == '-';
}

/* Only blanks, or a comment. */
static bool is_rest(struct eii_text text)
{
	skip_blanks(&text);
	return !text.len || *text.data == '#';
}

static char unescaped(char c)
{
	static const char from[] = "nrt";
	static const char to[] = "\n\r\t";
	const char *at = strchr(from, c);

	return at && c ? to[at - from] : c;
}

static bool is_escape(struct eii_text text, size_t i)
{
	return text.data[i] == '\\' && i + 1 < text.len &&
	       memchr("nrt\"'$\\", text.data[i + 1], 7) != NULL;
}

/* The closing quote's place; text.len where there is none. text begins after the opening one. */
static size_t closing_quote(struct eii_text text, char quote)
{
	size_t i = 0;

	while (i < text.len && text.data[i] != quote)
		i += quote == '"' && is_escape(text, i) ? 2 : 1;
	return i;
}

static bool is_expansion(struct eii_text text, size_t i)
{
	return text.data[i] == '$' && i + 1 < text.len && text.data[i + 1] == '{';
}

enum escapes { ESCAPES_NONE, ESCAPES_READ };

/* Gives why it is wrong, or NULL, as the next ones. */
static const char *add_replaced(struct eii_expansion *expansion, struct eii_text text,
				enum escapes escapes, struct eii_buf *out)
{
	const char *wrong = NULL;
	size_t i = 0, len;

	while (i < text.len && !wrong) {
		len = 1;
		if (escapes == ESCAPES_READ && is_escape(text, i))
			eii_buf_add_char(out, unescaped(text.data[++i]));
		else if (is_expansion(text, i))
			wrong = eii_expansion_add(expansion, eii_text(text.data + i, text.len - i),
						  out, &len);
		else
			eii_buf_add_char(out, text.data[i]);
		i += len;
	}
	return wrong;
}

/* text begins after the opening quote. */
static const char *unquote(struct eii_expansion *expansion, struct eii_text text, char quote,
			   struct eii_buf *out)
{
	size_t end = closing_quote(text, quote);

	if (end >= text.len)
		return "the quote is not closed: a value cannot go on over lines";
	if (!is_rest(eii_text(text.data + end + 1, text.len - end - 1)))
		return "something stands behind the closing quote";
	text.len = end;
	if (quote == '"')
		return add_replaced(expansion, text, ESCAPES_READ, out);
	eii_buf_add_text(out, text);
	return NULL;
}

/*
 * Without quotes a comment begins at a # behind a blank, or where nothing but a comment
 * stands: "#" or "# words". "#x" is a value: a password may begin so.
 */
static bool is_comment(struct eii_text text, size_t i)
{
	if (text.data[i] != '#')
		return false;
	if (i)
		return is_blank(text.data[i - 1]);
	return text.len == 1 || is_blank(text.data[1]);
}

static struct eii_text without_comment(struct eii_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (is_comment(text, i)) {
			text.len = i;
			break;
		}
	}
	return eii_text_trim(text);
}

static const char *read_value(struct eii_expansion *expansion, struct eii_text text,
			      struct eii_buf *out)
{
	const char *wrong;

	skip_blanks(&text);
	if (text.len && (*text.data == '\'' || *text.data == '"'))
		wrong = unquote(expansion, eii_text(text.data + 1, text.len - 1), *text.data, out);
	else
		wrong = add_replaced(expansion, without_comment(text), ESCAPES_NONE, out);
	if (!wrong && !eii_buf_ok(out))
		return "with what is replaced in it the value becomes too long";
	return wrong;
}

/* Gives the name's length and what follows the =; 0 where it is none. */
static size_t read_name(struct eii_text *text)
{
	struct eii_text rest;
	size_t len = 0;

	if (text->len > 7 && memcmp(text->data, "export", 6) == 0 && is_blank(text->data[6])) {
		*text = eii_text(text->data + 7, text->len - 7);
		skip_blanks(text);
	}
	while (len < text->len && is_name_char(text->data[len]))
		len++;
	rest = eii_text(text->data + len, text->len - len);
	skip_blanks(&rest);
	return rest.len && *rest.data == '=' ? len : 0;
}

/* entry->name is set. */
static const char *read_entry(struct eii_text text, struct eii_dotenv_entry *entry,
			      const struct eii_dotenv_taker *taker, struct eii_expansion *expansion)
{
	EII_AUTO_SECRET value = NULL;
	struct eii_buf unquoted;
	const char *wrong;

	eii_expansion_begin(expansion);
	eii_buf_init(&unquoted, EII_FILE_SETTINGS_MAX);
	wrong = read_value(expansion, text, &unquoted);
	value = eii_buf_detach(&unquoted);
	if (!wrong)
		wrong = eii_expansion_keep(expansion, entry->name, value);
	if (!wrong) {
		entry->value = value;
		entry->n_replaced = expansion->n_replaced;
		entry->undefined = expansion->undefined;
		taker->take(taker->arg, entry);
	}
	return wrong;
}

static const char *read_line(struct eii_text line, size_t number,
			     const struct eii_dotenv_taker *taker, struct eii_expansion *expansion)
{
	struct eii_text text = eii_text_trim(line);
	struct eii_dotenv_entry entry = { .line = number };
	EII_AUTO_STR name = NULL;
	const char *equals;
	size_t len;

	if (!text.len || *text.data == '#')
		return NULL;
	if (memchr(text.data, '\0', text.len) || !eii_utf8_is_valid(text))
		return "not UTF-8 text";
	len = read_name(&text);
	if (!len)
		return "not NAME=value";
	name = eii_strndup(text.data, len);
	equals = memchr(text.data + len, '=', text.len - len);
	entry.name = name;
	return read_entry(eii_text(equals + 1, text.len - (size_t)(equals + 1 - text.data)), &entry,
			  taker, expansion);
}

enum eii_rc eii_dotenv_read(const char *path, const struct eii_dotenv_taker *taker,
			    struct eii_problems *problems, struct eii_error *err)
{
	struct eii_expansion expansion = { .environment = taker->environment };
	struct eii_buf content;
	struct eii_text rest, line;
	size_t number = 0;
	enum eii_rc rc;

	eii_buf_init(&content, EII_FILE_SETTINGS_MAX);
	rc = eii_file_read(path, &content, err);
	rest = eii_file_without_bom(eii_buf_text(&content));
	while (!rc && eii_file_next_line(&rest, &line)) {
		const char *wrong = read_line(line, ++number, taker, &expansion);

		if (wrong)
			eii_problems_add(problems, EII_PROBLEM_WRONG, "%s, line %zu: %s", path,
					 number, wrong);
	}
	if (content.capacity)
		explicit_bzero(content.data, content.len);
	eii_buf_clear(&content);
	eii_expansion_clear(&expansion);
	return rc;
}
