/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An object's members as they stand in its text, for members that are foreign
 * and must come out as they went in: numbers to the digit, order, escapes.
 */
#ifndef EII_CODEC_JSON_MEMBERS_H
#define EII_CODEC_JSON_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "eii/base/text.h"

struct eii_json_member {
	struct eii_text name;  /* with its quotes and escapes */
	struct eii_text value; /* any JSON, without white space around it */
};

/*
 * The next member of an object's text; *at is 0 before the first. The text is
 * valid JSON (eii_json_parse); of an invalid one some members are seen, and
 * nothing outside it is read. False at the end, and where there is no object.
 */
bool eii_json_members_next(struct eii_text object, size_t *at, struct eii_json_member *out);

/* The same for an array's elements. */
bool eii_json_elements_next(struct eii_text array, size_t *at, struct eii_text *out);

#endif
