/* SPDX-License-Identifier: Apache-2.0 */
/* One mailbox's object in the state document. */
#ifndef EII_STATE_PLACE_TEXT_H
#define EII_STATE_PLACE_TEXT_H

#include "eii/base/buf.h"
#include "eii/base/text.h"
#include "eii/state/document.h"

/* False for a text that is no place of ours, or makes no sense. */
bool eii_place_text_read(struct eii_text text, struct eii_place_state *out);

/* What an earlier version kept there. */
enum eii_place_ring { EII_PLACE_RING_KEPT, EII_PLACE_RING_GOES };

/*
 * Adds place, and of old (empty = none) what is unknown. Of the mails set aside
 * the latest are left out, and *excess falls, until it is 0 or they are gone.
 */
void eii_place_text_write(struct eii_text old, const struct eii_place_state *place,
			  enum eii_place_ring ring, size_t *excess, struct eii_buf *out);

/* As it is, but for the ring. */
void eii_place_text_write_without_ring(struct eii_text old, struct eii_buf *out);

/* Whether they say the same. */
bool eii_place_equal(const struct eii_place_state *a, const struct eii_place_state *b);

#endif
