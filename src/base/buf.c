/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/die.h"

#define FIRST_CAPACITY 64
#define LARGE_CAPACITY ((size_t)1024 * 1024)
#define WIPED_CAPACITY ((size_t)1024 * 1024) /* settings' files are no larger */

/* What data points at before the first addition; never written to. */
static char nothing[1];

void eii_buf_init(struct eii_buf *buf, size_t max)
{
	*buf = (struct eii_buf){ .data = nothing, .max = max };
}

void eii_buf_clear(struct eii_buf *buf)
{
	if (buf->capacity)
		free(buf->data);
	eii_buf_init(buf, buf->max);
}

void eii_buf_reset(struct eii_buf *buf)
{
	buf->len = 0;
	buf->over = false;
	if (buf->capacity)
		buf->data[0] = '\0';
}

void eii_buf_shrink(struct eii_buf *buf, size_t keep)
{
	if (buf->capacity > keep)
		eii_buf_clear(buf);
	else
		eii_buf_reset(buf);
}

/* As realloc(); of what may be a secret, which is never long, no copy stays behind. */
static char *move(struct eii_buf *buf, size_t capacity)
{
	char *data;

	if (buf->capacity > WIPED_CAPACITY)
		return eii_block_resize(buf->data, capacity);
	data = eii_block_new(capacity);
	if (data && buf->capacity) {
		memcpy(data, buf->data, buf->len + 1);
		explicit_bzero(buf->data, buf->len);
		free(buf->data);
	}
	return data;
}

void eii_buf_fit(struct eii_buf *buf)
{
	char *data;

	if (buf->capacity <= LARGE_CAPACITY)
		return;
	data = realloc(buf->data, buf->len + 1);
	if (!data)
		return;
	buf->data = data;
	buf->capacity = buf->len + 1;
}

static bool grow(struct eii_buf *buf, size_t needed)
{
	size_t capacity = buf->capacity > FIRST_CAPACITY ? buf->capacity : FIRST_CAPACITY;
	char *data;

	/* By halves, of what is large by quarters; and never beyond the ceiling. */
	while (capacity < needed)
		capacity += capacity < LARGE_CAPACITY ? capacity / 2 : capacity / 4;
	if (capacity > buf->max && buf->max >= needed - 1)
		capacity = buf->max + 1;
	data = move(buf, capacity);
	if (!data && eii_memory_is_gone)
		eii_memory_is_gone();
	if (!data)
		return false;
	data[buf->len] = '\0';
	buf->data = data;
	buf->capacity = capacity;
	return true;
}

char *eii_buf_reserve(struct eii_buf *buf, size_t n)
{
	if (buf->over)
		return NULL;
	if (buf->len > buf->max || n > buf->max - buf->len ||
	    (buf->len + n + 1 > buf->capacity && !grow(buf, buf->len + n + 1))) {
		buf->over = true;
		return NULL;
	}
	return buf->data + buf->len;
}

void eii_buf_add(struct eii_buf *buf, const void *data, size_t len)
{
	char *room = eii_buf_reserve(buf, len);

	if (!room)
		return;
	if (len)
		memcpy(room, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void eii_buf_add_text(struct eii_buf *buf, struct eii_text text)
{
	eii_buf_add(buf, text.data, text.len);
}

void eii_buf_add_str(struct eii_buf *buf, const char *string)
{
	eii_buf_add(buf, string, strlen(string));
}

void eii_buf_add_char(struct eii_buf *buf, char c)
{
	eii_buf_add(buf, &c, 1);
}

void eii_buf_addf(struct eii_buf *buf, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	eii_alloc_check(len < 0 ? NULL : text);
	eii_buf_add(buf, text, (size_t)len);
	free(text);
}

char *eii_buf_detach(struct eii_buf *buf)
{
	char *data = buf->capacity ? buf->data : eii_strdup("");

	eii_buf_init(buf, buf->max);
	return data;
}
