/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Modified UTF-7, the way in which folder names travel (RFC 3501, section 5.1.3).
 */
#ifndef EII_IMAP_MUTF7_H
#define EII_IMAP_MUTF7_H

#include <stdbool.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"

/* Adds valid UTF-8 in its travelling form; false where it is not valid. */
bool eii_mutf7_encode(struct eii_text name, struct eii_buf *out);

/* Adds the UTF-8 of a travelling name; what is no such name is added as it is. */
void eii_mutf7_decode(struct eii_text name, struct eii_buf *out);

#endif
