/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing buffer with a ceiling, for whatever input can grow. An addition
 * that would pass the ceiling adds nothing and marks the buffer; ask once at
 * the end by eii_buf_ok(). So does one that finds no memory, where the program
 * goes on without (die.h). The bytes are always followed by a NUL that does
 * not count.
 */
#ifndef EII_BASE_BUF_H
#define EII_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/error.h"
#include "eii/base/text.h"

struct eii_buf {
	char *data; /* owned; "" as long as nothing was added */
	size_t len;
	size_t capacity;
	size_t max; /* ceiling of len in bytes */
	bool over;  /* an addition was refused */
};

/* Caller's struct: init before use, clear after. max is the ceiling in bytes. */
void eii_buf_init(struct eii_buf *buf, size_t max);
void eii_buf_clear(struct eii_buf *buf);

/* Empties it and takes the mark away, but keeps the memory. */
void eii_buf_reset(struct eii_buf *buf);

/* Empties it and gives memory above keep bytes back. */
void eii_buf_shrink(struct eii_buf *buf, size_t keep);

/* Gives back what a large one has not filled. */
void eii_buf_fit(struct eii_buf *buf);

void eii_buf_add(struct eii_buf *buf, const void *data, size_t len);
void eii_buf_add_text(struct eii_buf *buf, struct eii_text text);
void eii_buf_add_str(struct eii_buf *buf, const char *string);
void eii_buf_add_char(struct eii_buf *buf, char c);
void eii_buf_addf(struct eii_buf *buf, const char *format, ...) EII_PRINTF(2, 3);

/*
 * Room for at least n more bytes at data + len, to be filled by the caller,
 * who then adds what was filled to len. NULL (and the mark) when over.
 */
char *eii_buf_reserve(struct eii_buf *buf, size_t n) EII_MUST_CHECK;

static inline bool eii_buf_ok(const struct eii_buf *buf)
{
	return !buf->over;
}

static inline struct eii_text eii_buf_text(const struct eii_buf *buf)
{
	return eii_text(buf->data, buf->len);
}

/* The bytes as a text of its own for the caller to free(); the buffer is empty then. */
char *eii_buf_detach(struct eii_buf *buf);

#endif
