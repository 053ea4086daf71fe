/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/alloc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eii/base/die.h"

static void end_without_memory(void) __attribute__((noreturn));
static void end_without_memory(void)
{
	if (eii_memory_is_gone)
		eii_memory_is_gone();
	eii_die("memory", ENOMEM);
}

void *eii_calloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		end_without_memory();
	return p;
}

void *eii_realloc(void *old, size_t n, size_t size)
{
	void *p;

	if (size && n > SIZE_MAX / size)
		abort();
	p = realloc(old, n && size ? n * size : 1);
	if (!p)
		end_without_memory();
	return p;
}

char *eii_strdup(const char *text)
{
	return text ? eii_strndup(text, strlen(text)) : NULL;
}

char *eii_strndup(const char *text, size_t len)
{
	char *copy = eii_calloc(len + 1, 1);

	if (len)
		memcpy(copy, text, len);
	return copy;
}

char *eii_asprintf(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0 || !text)
		abort();
	return text;
}
