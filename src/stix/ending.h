/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File names that the platform can open again: it derives a file's type from
 * the ending alone, and decodes a path twice.
 */
#ifndef EII_STIX_ENDING_H
#define EII_STIX_ENDING_H

#include "eii/base/buf.h"
#include "eii/base/text.h"

/*
 * Adds the name: where its ending is none that the platform knows, with that of
 * the type, taken from where it stands before other text; with '_' for '"' and
 * for '%' before two hexadecimal digits.
 */
void eii_ending_mend(struct eii_text name, struct eii_text mime_type, struct eii_buf *out);

#endif
