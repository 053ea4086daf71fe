/* SPDX-License-Identifier: Apache-2.0 */
#include "ini_file.h"

#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/utf8.h"
#include "file.h"

/*
 * inih 55 as Debian builds it cuts lines at 200 bytes and takes ` ;` inside a
 * value for a comment. So it never sees a value: it reads "key = 12", and the
 * value is the one of line 12.
 */
#define REFERENCE "%.*s=%zu\n"

struct reading {
	const char *path;
	const struct eii_ini_taker *taker;
	struct eii_problems *problems;
	struct eii_text rest; /* what inih has not asked for yet */
	size_t line;          /* of the last one given to inih, from 1 */
	char *value;          /* of that line; owned */
};

static void complain(const struct reading *reading, const char *what)
{
	eii_problems_add(reading->problems, EII_PROBLEM_WRONG, "%s, line %zu: %s", reading->path,
			 reading->line, what);
}

static size_t separator(struct eii_text line)
{
	size_t i = 0;

	while (i < line.len && line.data[i] != '=' && line.data[i] != ':')
		i++;
	return i;
}

/* "[name]", with at most a comment behind it. */
static bool is_section(struct eii_text line)
{
	const char *end = memchr(line.data, ']', line.len);
	struct eii_text rest;

	if (!end || (size_t)(end - line.data) > EII_INI_NAME_MAX + 1)
		return false;
	rest = eii_text_trim(eii_text(end + 1, line.len - (size_t)(end + 1 - line.data)));
	return !rest.len || *rest.data == ';' || *rest.data == '#';
}

static const char *fault(struct eii_text line, struct eii_text text)
{
	size_t at = separator(text);

	if (memchr(line.data, '\0', line.len) || !eii_utf8_is_valid(line))
		return "not UTF-8 text";
	if (text.data != line.data && *text.data != '[')
		return "begins with a blank: a value cannot go on over lines, and a key begins its "
		       "line";
	if (*text.data == '[')
		return is_section(text) ? NULL : "not a section like [opencti]";
	if (at == text.len)
		return "neither a [section], nor key = value, nor a comment";
	if (eii_text_trim(eii_text(text.data, at)).len == 0)
		return "no key before the =";
	return at > EII_INI_NAME_MAX ? "no such key: its name is too long" : NULL;
}

/* It may be a password. */
static void drop_value(struct reading *reading)
{
	eii_free_secret(reading->value);
	reading->value = NULL;
}

/* The line that inih gets to see, with the line's value put aside. */
static void next_line(struct reading *reading, struct eii_text line, char *out, int size)
{
	struct eii_text text = eii_text_trim(line);
	const char *wrong;
	size_t at;

	(void)snprintf(out, (size_t)size, "\n");
	if (!text.len || *text.data == ';' || *text.data == '#')
		return;
	wrong = fault(line, text);
	if (wrong) {
		complain(reading, wrong);
		return;
	}
	if (*text.data == '[') {
		const char *end = memchr(text.data, ']', text.len);

		(void)snprintf(out, (size_t)size, "%.*s]\n", (int)(end - text.data), text.data);
		return;
	}
	at = separator(text);
	text = eii_text_trim(eii_text(text.data + at + 1, text.len - at - 1));
	reading->value = eii_strndup(text.data ? text.data : "", text.len);
	(void)snprintf(out, (size_t)size, REFERENCE, (int)at, line.data, reading->line);
}

/* inih's ini_reader, as fgets(). */
static char *give_line(char *out, int size, void *stream)
{
	struct reading *reading = stream;
	struct eii_text line;

	drop_value(reading);
	if (!eii_file_next_line(&reading->rest, &line))
		return NULL;
	reading->line++;
	next_line(reading, line, out, size);
	return out;
}

/* inih's ini_handler: 0 would mean an error. */
static int take_key(void *user, const char *section, const char *key, const char *reference)
{
	const struct reading *reading = user;
	uint64_t line = 0;

	if (!eii_text_to_u64(eii_text_of(reference), SIZE_MAX, &line) || line != reading->line ||
	    !reading->value)
		return 0;
	reading->taker->take(reading->taker->arg, section, key, reading->value, reading->line);
	return 1;
}

enum eii_rc eii_ini_read(const char *path, const struct eii_ini_taker *taker,
			 struct eii_problems *problems, struct eii_error *err)
{
	struct reading reading = { .path = path, .taker = taker, .problems = problems };
	struct eii_buf content;
	enum eii_rc rc;
	int line;

	eii_buf_init(&content, EII_FILE_SETTINGS_MAX);
	rc = eii_file_read(path, &content, err);
	if (rc) {
		eii_buf_clear(&content);
		return rc;
	}
	reading.rest = eii_file_without_bom(eii_buf_text(&content));
	line = ini_parse_stream(give_line, &reading, take_key, &reading);
	if (line)
		eii_problems_add(problems, EII_PROBLEM_WRONG,
				 "%s, line %d: neither a [section], nor key = value, nor a comment",
				 path, line);
	drop_value(&reading);
	if (content.capacity)
		explicit_bzero(content.data, content.len);
	eii_buf_clear(&content);
	return EII_OK;
}
