/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sender: the first address with an '@' in a From or Reply-To field, also
 * where the display name is not quoted as it should be or holds another address.
 * No recursion, linear time.
 */
#ifndef EII_MAIL_ADDRESS_H
#define EII_MAIL_ADDRESS_H

#include <stdbool.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"

/*
 * Adds the address alone ("alice@example.org"), UTF-8, of a raw field value;
 * false, and out as it was, where there is none.
 */
bool eii_address_first(struct eii_text value, struct eii_buf *out);

#endif
