/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owned locals: EII_AUTO(eii_buf_heap) x = NULL; is freed on every way out of
 * its block. A type takes part by EII_DEFINE_AUTO beside its _free function.
 */
#ifndef EII_BASE_CLEANUP_H
#define EII_BASE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

#include "eii/base/alloc.h"

/* Defines what EII_AUTO(type) calls; type ## _free must accept NULL. */
#define EII_DEFINE_AUTO(type)                                                                      \
	static inline void type##_auto(struct type **object)                                       \
	{                                                                                          \
		type##_free(*object);                                                              \
	}                                                                                          \
	struct type

/* Declares an owned pointer to struct type; set it at once. */
#define EII_AUTO(type) __attribute__((cleanup(type##_auto))) struct type *

static inline void eii_auto_char(char **text)
{
	free(*text);
}

static inline void eii_auto_secret(char **text)
{
	eii_free_secret(*text);
}

static inline void eii_auto_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

/* An owned string, one that is a secret, and an owned descriptor (-1 = none). */
#define EII_AUTO_STR    __attribute__((cleanup(eii_auto_char))) char *
#define EII_AUTO_SECRET __attribute__((cleanup(eii_auto_secret))) char *
#define EII_AUTO_FD     __attribute__((cleanup(eii_auto_fd))) int

/* Hands an owned pointer over: gives its value and sets it to NULL. */
#define EII_DETACH(pointer)                                                                        \
	__extension__({                                                                            \
		__auto_type detached_ = (pointer);                                                 \
		(pointer) = NULL;                                                                  \
		detached_;                                                                         \
	})

#endif
