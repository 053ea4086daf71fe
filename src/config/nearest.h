/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The known name that a mistyped one most likely means: the fewest letters
 * added, left out or changed (Levenshtein), upper and lower case alike.
 */
#ifndef EII_CONFIG_NEAREST_H
#define EII_CONFIG_NEAREST_H

#include "table.h"

const char *eii_nearest_section(const char *name);
const char *eii_nearest_variable(const char *name);

/* "port", or "url in [opencti]" where the key belongs elsewhere; for the caller to free(). */
char *eii_nearest_key(enum eii_section section, const char *key);

#endif
