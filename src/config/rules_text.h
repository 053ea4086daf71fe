/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operator's rules as text: `[rule NAME]`, then `key = value` to the end of the line. The
 * first rule that takes a mail counts, so that order is part of what they say. Nothing is
 * passed over: what is not known, or stands twice, is wrong.
 */
#ifndef EII_CONFIG_RULES_TEXT_H
#define EII_CONFIG_RULES_TEXT_H

#include "eii/base/text.h"
#include "eii/config/problems.h"
#include "eii/rules/rules.h"

/*
 * Reads them into *out, which borrows from text; where names the source for problems, which
 * get a line for each mistake. What is wrong is left away.
 */
void eii_rules_text_read(struct eii_text text, const char *where, struct eii_rules *out,
			 struct eii_problems *problems);

/* Whether text names a marking: by name with its type (stix/marking.h), or by id. */
bool eii_rules_text_is_marking(struct eii_text text);

#endif
