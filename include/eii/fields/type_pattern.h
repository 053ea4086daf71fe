/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries of a list of MIME types: a type as it is ("text/csv"), all types of
 * one kind (a star behind the slash of "image/"), or all there are (a star alone,
 * or on both sides of the slash). Lower case, as the types of a mail's parts are.
 */
#ifndef EII_FIELDS_TYPE_PATTERN_H
#define EII_FIELDS_TYPE_PATTERN_H

#include <stdbool.h>

#include "eii/base/text.h"

/* Whether any type there may be is meant by it. */
bool eii_type_pattern_can_match(struct eii_text pattern);

bool eii_type_pattern_matches(struct eii_text pattern, struct eii_text type);

#endif
