/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the sources give for each setting, before it is understood.
 */
#ifndef EII_CONFIG_GIVEN_H
#define EII_CONFIG_GIVEN_H

#include "eii/config/config.h"
#include "table.h"

struct eii_given_value {
	char *text;  /* owned; NULL = not given (or empty), then where is NULL too */
	char *where; /* "environment", "config.ini, line 12"; owned */
	char *over;  /* the place whose other value it took the place of; owned; NULL = none */
};

struct eii_given {
	struct eii_given_value values[EII_TABLE_MAX]; /* by row of the table */
	struct eii_given_value files[EII_TABLE_MAX];  /* the `_FILE` forms of secrets */
};

/* Heap object: some KiB. */
struct eii_given *eii_given_new(void);
void eii_given_free(struct eii_given *given);
EII_DEFINE_AUTO(eii_given);

/* Reads the sources, the later over the earlier; adds what is wrong or unknown to problems. */
void eii_given_read(struct eii_given *given, const struct eii_config_sources *sources,
		    struct eii_problems *problems);

#endif
