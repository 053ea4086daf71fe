/* SPDX-License-Identifier: Apache-2.0 */
/* One mailbox's part of the state document, as text. */
#ifndef EII_STATE_MAILBOX_H
#define EII_STATE_MAILBOX_H

#include "eii/base/text.h"
#include "eii/state/state.h"

/* NULL for a text that is not ours, or makes no sense. */
struct eii_mailbox_state *eii_mailbox_parse(struct eii_text text);

/* For the caller to free(). */
char *eii_mailbox_format(const struct eii_mailbox_state *mailbox);

#endif
