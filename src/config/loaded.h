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

struct eii_loaded {
	struct eii_config config; /* first */
	struct eii_secrets secrets;
	char *texts[EII_TABLE_MAX]; /* owned; by row, what the members point into */
	struct eii_text *types;     /* owned */
};

#endif
