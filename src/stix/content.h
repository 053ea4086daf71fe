/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A report's content: what it costs in JSON, what the platform would choke on,
 * and how it is cut where it does not fit.
 */
#ifndef EII_STIX_CONTENT_H
#define EII_STIX_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"
#include "eii/fields/fields.h"

/* Bytes of a text inside a JSON string, without the quotes. */
struct eii_cost {
	uint64_t json;   /* as we write it: UTF-8 */
	uint64_t python; /* as Python's json.dumps() does: \uXXXX from U+0080 on */
};
struct eii_cost eii_cost_of(struct eii_text text);

/* Conditional comments that stay in verbatim HTML; each one costs the platform time. */
#define EII_CONTENT_MAX_CONDITIONS 1000

/*
 * The platform takes `![` for an image where a text holds `data:`, and refuses
 * or chokes on it. True: out has the text with `&#33;[` instead; false: it may
 * stay as it is, nothing was added.
 */
enum eii_conditions { EII_CONDITIONS_DISARM, EII_CONDITIONS_KEEP };
bool eii_content_disarm(struct eii_text text, enum eii_conditions conditions, struct eii_buf *out);

/*
 * Adds as much from the beginning as the budget allows, not inside a tag or an
 * entity, and a note that the rest is missing.
 */
void eii_content_cut(struct eii_text text, enum eii_content_kind kind, struct eii_cost budget,
		     struct eii_buf *out);

#endif
