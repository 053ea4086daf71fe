/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reading of all sources, one after the other: what each reader does with what it
 * has found.
 */
#ifndef EII_CONFIG_READING_H
#define EII_CONFIG_READING_H

#include "eii/config/problems.h"
#include "given.h"
#include "names.h"
#include "official.h"

struct eii_reading {
	struct eii_given *given; /* borrowed, as the next */
	struct eii_problems *problems;
	enum eii_official_way way;
	enum eii_source source; /* that is read, as the next */
	const char *path;       /* NULL for the environment */
};

/* The place of a line in the file that is read, for the caller to free(). */
char *eii_reading_where(const struct eii_reading *reading, size_t line);

/* What the source gives for a name; copies both texts. */
void eii_reading_put(struct eii_reading *reading, const struct eii_name *name, const char *text,
		     const char *where);

/* True where a variable is one that has no effect here; that is said where it would have one. */
bool eii_reading_is_idle(const struct eii_reading *reading, const char *variable, const char *text,
			 const char *where);

/* A file that cannot be read at all. */
void eii_reading_fail(const struct eii_reading *reading, const struct eii_error *err);

#endif
