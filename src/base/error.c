/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "eii/base/utf8.h"

/* Servers' words end up in these texts: they must not break a log line. */
static void make_one_line(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
	}
}

/* What was cut ends with a whole character; len is what it would have been. */
static void cut_whole(char *text, size_t size, int len)
{
	size_t n = size - 1;

	if (len < 0 || (size_t)len < size)
		return;
	/* Back to the last byte that begins a character, which may lack its end. */
	while (n > 0 && ((unsigned char)text[n - 1] & 0xc0) == 0x80)
		n--;
	if (n > 0 && (unsigned char)text[n - 1] >= 0xc0)
		n--;
	text[n + eii_utf8_valid_prefix(text + n, size - 1 - n)] = '\0';
}

EII_PRINTF(3, 0)
static void write_text(struct eii_error *err, enum eii_error_kind kind, const char *format,
		       va_list args)
{
	if (!err)
		return;
	err->kind = kind;
	err->is_doubtful = false;
	cut_whole(err->text, sizeof(err->text),
		  vsnprintf(err->text, sizeof(err->text), format, args));
	make_one_line(err->text);
}

enum eii_rc eii_fail(struct eii_error *err, enum eii_rc rc, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_text(err, EII_ERROR_OTHER, format, args);
	va_end(args);
	return rc;
}

enum eii_rc eii_fail_kind(struct eii_error *err, enum eii_rc rc, enum eii_error_kind kind,
			  const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_text(err, kind, format, args);
	va_end(args);
	return rc;
}

enum eii_rc eii_fail_doubtful(struct eii_error *err, enum eii_rc rc, enum eii_error_kind kind,
			      const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_text(err, kind, format, args);
	va_end(args);
	if (err)
		err->is_doubtful = true;
	return rc;
}

enum eii_rc eii_fail_in(struct eii_error *err, enum eii_rc rc, const char *format, ...)
{
	char inner[EII_ERROR_TEXT_MAX];
	bool is_doubtful;
	size_t used;
	va_list args;

	if (!err)
		return rc;
	memcpy(inner, err->text, sizeof(inner));
	is_doubtful = err->is_doubtful;
	va_start(args, format);
	write_text(err, err->kind, format, args);
	va_end(args);
	err->is_doubtful = is_doubtful;
	used = strlen(err->text);
	cut_whole(err->text + used, sizeof(err->text) - used,
		  snprintf(err->text + used, sizeof(err->text) - used, ": %s", inner));
	return rc;
}
