/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the receiving server says of a mail's sender in its Authentication-Results fields
 * (RFC 8601). It is only worth as much as that server's care: fields with its name that come from
 * outside have to be removed by it (RFC 8601, 5), or whoever wrote the mail passes.
 */
#ifndef EII_MAIL_AUTHENTICATION_H
#define EII_MAIL_AUTHENTICATION_H

#include "eii/base/text.h"
#include "eii/fields/fields.h"

/*
 * Looks at the header block that mail begins with. authority is the authserv-id whose fields
 * count, compared without case, or "microsoft365": its fields name none, so that only the topmost
 * field of all counts, and only where it has a compauth result.
 *
 * Passed: exactly one From address, at least one field that counts, and in each of them
 * dmarc=pass, or dkim=pass with a header.d that is the address's domain or a parent of it with a
 * dot in it. More than one dmarc result in a field: the worst of them. Linear, no recursion.
 */
enum eii_authentication eii_authentication_of(struct eii_text mail, struct eii_text authority);

#endif
