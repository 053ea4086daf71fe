/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the sources give for each setting, before it is understood.
 */
#ifndef EII_CONFIG_GIVEN_H
#define EII_CONFIG_GIVEN_H

#include "eii/base/cleanup.h"
#include "table.h"

struct eii_given_value {
	char *text;  /* owned; NULL = not given (or empty), then where is NULL too */
	char *where; /* "environment", "config.ini, line 12"; owned */
	char *over;  /* the place whose other value it took the place of; owned; NULL = none */
};

struct eii_given {
	struct eii_given_value values[EII_TABLE_MAX]; /* by row of the table */
	struct eii_given_value files[EII_TABLE_MAX];  /* the `_FILE` forms of secrets */
	/* What the official connector would take of the same sources; see official.h. */
	struct eii_given_value official[EII_TABLE_MAX];
};

/* Heap object: some KiB. */
struct eii_given *eii_given_new(void);
void eii_given_free(struct eii_given *given);
EII_DEFINE_AUTO(eii_given);

/*
 * Copies both, over what an earlier source gave. An empty text counts as not given:
 * what was there stays.
 */
void eii_given_put(struct eii_given_value *value, const char *text, const char *where);

#endif
