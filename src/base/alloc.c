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

void eii_free_secret(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

char *eii_asprintf(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	eii_alloc_check(len < 0 ? NULL : text);
	return text;
}

void eii_alloc_check(const void *memory)
{
	if (!memory)
		eii_die("memory", ENOMEM);
}

void *eii_block_new(size_t size)
{
	void *block = malloc(size);

	if (!block && size <= EII_SMALL_BYTES)
		eii_die("memory", ENOMEM);
	return block;
}

void *eii_block_new_zeroed(size_t n, size_t size)
{
	void *block = calloc(n, size);

	if (!block && (size == 0 || n <= EII_SMALL_BYTES / size))
		eii_die("memory", ENOMEM);
	return block;
}

void *eii_block_resize(void *old, size_t size)
{
	void *block = realloc(old, size);

	/* Of no size: it was freed. */
	if (!block && size && size <= EII_SMALL_BYTES)
		eii_die("memory", ENOMEM);
	return block;
}
