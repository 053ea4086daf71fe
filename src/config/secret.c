/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/config/secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "eii/base/alloc.h"
#include "eii/base/buf.h"
#include "eii/base/text.h"
#include "file.h"
#include "loaded.h"

#define HEADERS_MAX 64

bool eii_secret_is_given(const struct eii_config *config, enum eii_secret secret)
{
	const struct eii_secret_source *source = &config->secrets->sources[secret];

	return source->value || source->file;
}

static enum eii_rc copy_content(const struct eii_secret_source *source, struct eii_text text,
				char **out, struct eii_error *err)
{
	if (!text.len || memchr(text.data, '\0', text.len))
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_CONFIG, "%s_FILE: %s: %s",
				     source->variable, source->file,
				     text.len ? "not a text" : "the file is empty");
	*out = eii_strndup(text.data, text.len);
	return EII_OK;
}

static enum eii_rc read_secret_file(const struct eii_secret_source *source, char **out,
				    struct eii_error *err)
{
	struct eii_error why;
	struct eii_buf content;
	enum eii_rc rc;

	eii_buf_init(&content, EII_SECRET_MAX_BYTES);
	if (eii_file_read(source->file, &content, &why))
		rc = eii_fail_kind(err, EII_RETRY, EII_ERROR_CONFIG, "%s_FILE: %s",
				   source->variable, why.text);
	else
		rc = copy_content(source, eii_file_secret(eii_buf_text(&content)), out, err);
	if (content.capacity)
		explicit_bzero(content.data, content.len);
	eii_buf_clear(&content);
	return rc;
}

enum eii_rc eii_secret_read(const struct eii_config *config, enum eii_secret secret, char **out,
			    struct eii_error *err)
{
	const struct eii_secret_source *source = &config->secrets->sources[secret];
	struct eii_text text;

	if (source->file)
		return read_secret_file(source, out, err);
	if (!source->value) {
		*out = NULL;
		return EII_OK;
	}
	text = eii_file_secret(eii_text_of(source->value));
	if (!text.len)
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_CONFIG, "%s: it is empty",
				     source->variable);
	*out = eii_strndup(text.data, text.len);
	return EII_OK;
}

/* RFC 9110, section 5.6.2: a field name is a token. */
static bool is_name(struct eii_text name)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];

		if (!eii_is_ascii_alpha(c) && !eii_is_ascii_digit(c) &&
		    !memchr(marks, c, sizeof(marks) - 1))
			return false;
	}
	return name.len > 0;
}

static bool has_control(struct eii_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
			return true;
	}
	return false;
}

/* "Name: value" out of "Name:value"; NULL for anything else. */
static char *header_line(struct eii_text pair)
{
	const char *colon = memchr(pair.data, ':', pair.len);
	struct eii_text name, value;

	if (!colon || has_control(pair))
		return NULL;
	name = eii_text_trim(eii_text(pair.data, (size_t)(colon - pair.data)));
	value = eii_text_trim(eii_text(colon + 1, pair.len - (size_t)(colon + 1 - pair.data)));
	if (!is_name(name))
		return NULL;
	return eii_asprintf("%.*s: %.*s", EII_TEXT_ARGS(name), EII_TEXT_ARGS(value));
}

void eii_secret_free_headers(char **headers)
{
	for (char **line = headers; line && *line; line++)
		eii_free_secret(*line);
	free(headers);
}

enum eii_rc eii_secret_headers(const char *text, char ***out, struct eii_error *err)
{
	char **lines = eii_calloc(HEADERS_MAX + 1, sizeof(*lines));
	size_t n = 0;

	for (const char *p = text; p; p = strchr(p, ';')) {
		struct eii_text pair;

		p += *p == ';';
		pair = eii_text_trim(eii_text(p, strcspn(p, ";")));
		if (!pair.len)
			continue;
		if (n < HEADERS_MAX)
			lines[n] = header_line(pair);
		if (n == HEADERS_MAX || !lines[n]) {
			eii_secret_free_headers(lines);
			return eii_fail_kind(err, EII_REJECT, EII_ERROR_CONFIG,
					     "not at most %d headers as Name: value with ; "
					     "between them",
					     HEADERS_MAX);
		}
		n++;
	}
	*out = lines;
	return EII_OK;
}

uint64_t eii_secret_stamp(const struct eii_config *config)
{
	uint64_t stamp = 0;

	for (int secret = 0; secret < EII_SECRET_COUNT; secret++) {
		const char *file = config->secrets->sources[secret].file;
		struct stat status;

		if (!file || stat(file, &status))
			continue;
		stamp = stamp * 31 + (uint64_t)status.st_ino;
		stamp = stamp * 31 + (uint64_t)status.st_mtim.tv_sec;
		stamp = stamp * 31 + (uint64_t)status.st_mtim.tv_nsec;
	}
	return stamp;
}
