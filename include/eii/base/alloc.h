/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for small things of a size that we choose: these never return NULL;
 * out of memory ends the process (a restart is safe, the state is elsewhere).
 * Whatever input can grow goes through eii_buf with a ceiling instead.
 */
#ifndef EII_BASE_ALLOC_H
#define EII_BASE_ALLOC_H

#include <stddef.h>

/* Zeroed memory for n objects; the caller frees it with free(). */
void *eii_calloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));

/* As realloc(), for n objects of size bytes. */
void *eii_realloc(void *old, size_t n, size_t size) __attribute__((returns_nonnull));

/* Copies of a text; the caller frees them. eii_strdup(NULL) gives NULL. */
char *eii_strdup(const char *text);
char *eii_strndup(const char *text, size_t len) __attribute__((returns_nonnull));

/* Frees a text that is or may be a secret, of which no copy stays in memory; NULL is none. */
void eii_free_secret(char *text);

/* A new text by printf's rules; the caller frees it. */
char *eii_asprintf(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));

/*
 * As malloc(), calloc() and realloc(), for libraries that turn a missing block into a failure of
 * some other kind (a certificate that is not trusted, a header that is not sent): one of up to
 * EII_SMALL_BYTES that is not there ends the process, as above. A larger one may be NULL.
 */
#define EII_SMALL_BYTES ((size_t)64 * 1024)
void *eii_block_new(size_t size);
void *eii_block_new_zeroed(size_t n, size_t size);
void *eii_block_resize(void *old, size_t size);

/* Ends the process where what somebody else has allocated is NULL. */
void eii_alloc_check(const void *memory);

/* One zeroed object of the type. */
#define EII_NEW(type) ((type *)eii_calloc(1, sizeof(type)))

#endif
