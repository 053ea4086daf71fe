/* SPDX-License-Identifier: Apache-2.0 */
/* What there is once for the connector, as members of our object. */
#ifndef EII_STATE_LEDGER_TEXT_H
#define EII_STATE_LEDGER_TEXT_H

#include "eii/base/buf.h"
#include "eii/base/text.h"
#include "eii/state/document.h"
#include "members.h"

void eii_ledger_read(const struct eii_members *ours, struct eii_ledger *out);

/* As it can be written: in range, the id whole characters. */
void eii_ledger_tidy(struct eii_ledger *ledger);
bool eii_ledger_is_empty(const struct eii_ledger *ledger);

/* Adds the value of the member "work", and of old what is unknown; nothing: there is none. */
void eii_ledger_write_work(struct eii_text old, const struct eii_ledger *ledger,
			   struct eii_buf *out);

#endif
