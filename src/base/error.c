/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Servers' words end up in these texts: they must not break a log line. */
static void make_one_line(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
	}
}

EII_PRINTF(3, 0)
static void write_text(struct eii_error *err, enum eii_error_kind kind, const char *format,
		       va_list args)
{
	if (!err)
		return;
	err->kind = kind;
	(void)vsnprintf(err->text, sizeof(err->text), format, args);
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

enum eii_rc eii_fail_in(struct eii_error *err, enum eii_rc rc, const char *format, ...)
{
	char inner[EII_ERROR_TEXT_MAX];
	size_t used;
	va_list args;

	if (!err)
		return rc;
	memcpy(inner, err->text, sizeof(inner));
	va_start(args, format);
	write_text(err, err->kind, format, args);
	va_end(args);
	used = strlen(err->text);
	(void)snprintf(err->text + used, sizeof(err->text) - used, ": %s", inner);
	return rc;
}
