/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns that an operator writes for addresses, subjects and folders: `*` for any
 * characters, none among them, `?` for one; all of the text has to match, without case.
 * No regular expressions: a mail's text cannot make one of these slow.
 */
#ifndef EII_RULES_PATTERN_H
#define EII_RULES_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "eii/base/error.h"
#include "eii/base/text.h"

#define EII_PATTERN_MAX_BYTES 500
#define EII_PATTERNS_MAX      1000 /* of one list */

/* A list of them, of which any may match; n is 0 where none was given. */
struct eii_patterns {
	char *text;             /* owned; in lower case, what the items point into */
	struct eii_text *items; /* owned */
	size_t n;
};

/*
 * Reads a list with commas between its items; blanks around one do not count. Fails with
 * EII_REJECT where it holds no item, or one over a limit, and *out is then not written.
 */
enum eii_rc eii_patterns_parse(struct eii_text text, struct eii_patterns *out,
			       struct eii_error *err) EII_MUST_CHECK;
void eii_patterns_clear(struct eii_patterns *patterns);

/*
 * Whether one of them matches all of text, which is UTF-8 in lower case (codec/lower.h).
 * Time: text times patterns, but for runs with `?` in them, times the run's length as well.
 */
bool eii_patterns_match(const struct eii_patterns *patterns, struct eii_text text);

#endif
