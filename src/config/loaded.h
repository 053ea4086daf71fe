/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands behind a struct eii_config: its texts and its secrets.
 */
#ifndef EII_CONFIG_LOADED_H
#define EII_CONFIG_LOADED_H

#include "eii/config/config.h"
#include "table.h"

struct eii_secret_source {
	char *value; /* owned, as the next; at most one of the two */
	char *file;
	const char *variable;
};

struct eii_secrets {
	struct eii_secret_source sources[EII_SECRET_COUNT];
};

/* Where a setting's value came from; both NULL: it is the default. */
struct eii_origin {
	char *where; /* owned, as the next */
	char *over;  /* the place whose other value it took the place of; NULL = none */
};

struct eii_loaded {
	struct eii_config config; /* first */
	struct eii_secrets secrets;
	struct eii_origin origins[EII_TABLE_MAX]; /* by row */
	char *texts[EII_TABLE_MAX];               /* owned; by row, what the members point into */
	struct eii_text *types;                   /* owned, as the next */
	char *rules_text;                         /* what the rules point into; NULL = none */
};

#endif
