/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a value without quotation marks means in YAML 1.1, as PyYAML resolves it.
 */
#ifndef EII_CONFIG_YAML_VALUE_H
#define EII_CONFIG_YAML_VALUE_H

#include <stdbool.h>

#include "table.h"

/* Nothing at all, "~" or "null". */
bool eii_yaml_is_null(const char *text);

/*
 * The text that says to a row of this type what the plain value means, for the caller
 * to eii_free_secret(): "0x3E1" is 993 and "1:30" ninety, and a duration in numbers is
 * one of seconds. Anything else stays as it stands: "yes" is a user's name as well.
 */
char *eii_yaml_plain(const char *text, enum eii_setting_type type);

#endif
