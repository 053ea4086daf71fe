/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TNEF: every slice that the walks give lies within the bytes, and each walk ends.
 */
#include <stdint.h>
#include <stdlib.h>

#include "eii/mail/tnef.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_within(struct eii_text outer, struct eii_text inner)
{
	if (inner.len > outer.len ||
	    (inner.len &&
	     (inner.data < outer.data || inner.data + inner.len > outer.data + outer.len)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eii_text all = eii_text((const char *)data, size);
	struct eii_tnef_attribute attribute;
	struct eii_mapi_property property;
	struct eii_mapi_walk properties;
	struct eii_tnef_walk walk;

	if (!eii_tnef_walk_init(&walk, all))
		return 0;
	while (eii_tnef_walk_next(&walk, &attribute)) {
		check_within(all, attribute.data);
		eii_mapi_walk_init(&properties, attribute.data);
		while (eii_mapi_walk_next(&properties, &property))
			check_within(attribute.data, property.value);
	}
	return 0;
}
