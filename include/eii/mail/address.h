/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses of header fields. The sender: the first address with an '@' in a From or Reply-To
 * field, also where the display name is not quoted as it should be or holds another address. No
 * recursion, linear time.
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

/*
 * Adds the address of each item of the list that a raw field value is, groups opened, with a
 * line end behind it; items without one add nothing. One that does not fit below
 * EII_LIMIT_ADDRESS_BYTES is none. Ends before out would be longer than max.
 */
void eii_address_list(struct eii_text value, size_t max, struct eii_buf *out);

#endif
