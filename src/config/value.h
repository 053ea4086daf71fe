/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A setting's text understood by its type.
 */
#ifndef EII_CONFIG_VALUE_H
#define EII_CONFIG_VALUE_H

#include "loaded.h"

/*
 * Puts text into the row's member (and a copy of it into texts). False, with
 * nothing written, where it is not what eii_setting_accepted() says.
 */
bool eii_value_store(struct eii_loaded *loaded, size_t row, const char *text) EII_MUST_CHECK;

/*
 * The value as an operator may see it, for the caller to free(): without the
 * user and password of an address, at most 100 bytes.
 */
char *eii_value_shown(const struct eii_setting *setting, const char *text);

/* Whether quotation marks of a shell's or YAML's stand around it, as part of it. */
bool eii_value_is_quoted(const char *text);

/* What usually stands behind a value that is refused, as the end of a sentence; "" = unknown. */
const char *eii_value_hint(const char *text);

#endif
