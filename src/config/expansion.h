/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ${NAME}, ${NAME:-default} and ${NAME-default} in a .env file, as docker compose
 * replaces them: by the environment, else by what stands above in the file. :- takes
 * its default for an empty value as well. Nothing else of a shell.
 */
#ifndef EII_CONFIG_EXPANSION_H
#define EII_CONFIG_EXPANSION_H

#include <stddef.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"

/* All values kept of one file: each line may double the one above it. */
#define EII_EXPANSION_KEPT_MAX 1048576

struct eii_kept_variable {
	char *name, *value; /* owned; the value may be a secret */
};

/* One file; zeroed but for the environment before, cleared after. */
struct eii_expansion {
	const char *const *environment; /* "NAME=value", NULL at the end; NULL = empty */
	struct eii_kept_variable *kept; /* what stands above, the later one last */
	size_t n_kept, kept_bytes;
	size_t n_replaced; /* in the value at hand, as the next */
	char *undefined;   /* owned: the first name with neither value nor default; NULL = none */
};

/* A new value begins. */
void eii_expansion_begin(struct eii_expansion *expansion);

/*
 * text begins with "${". Adds what stands for it to out and gives how much of text
 * that was in *out_len; one that is never closed is no expansion and stays as it is.
 * Returns why it is wrong, without any of it, or NULL.
 */
const char *eii_expansion_add(struct eii_expansion *expansion, struct eii_text text,
			      struct eii_buf *out, size_t *out_len);

/* For the lines below. Copies both. Returns why not, or NULL. */
const char *eii_expansion_keep(struct eii_expansion *expansion, const char *name,
			       const char *value);

void eii_expansion_clear(struct eii_expansion *expansion);

#endif
