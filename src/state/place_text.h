/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of a place and of the ledger: numbers within their ranges, nothing else. */
#ifndef EII_STATE_PLACE_TEXT_H
#define EII_STATE_PLACE_TEXT_H

#include "eii/base/buf.h"
#include "eii/codec/json.h"
#include "eii/state/document.h"
#include "members.h"

/* False where nothing is known: no UIDVALIDITY (never 0, RFC 3501) or no cursor. */
bool eii_place_text_read(struct eii_text text, struct eii_place_state *out);

/* The object's text; what old has and is unknown here is kept, at both levels. max_aside at most.
 */
void eii_place_text_write(const struct eii_place_state *place, struct eii_text old,
			  struct eii_buf *out);

void eii_ledger_read(const struct eii_json *ours, struct eii_ledger *out);
/* Its members, with the unknown ones of the old work object. */
void eii_ledger_write(const struct eii_ledger *ledger, const struct eii_members *old_work,
		      bool *is_first, struct eii_buf *out);

/* Takes the members that are known here out of an object's; what is left is foreign. */
void eii_ledger_drop_known(struct eii_members *ours);

#endif
