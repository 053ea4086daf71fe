/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way of a body's bytes to its taker: which group waits for it, whether the
 * taker has room, and what became of it.
 */
#ifndef EII_IMAP_DELIVERY_H
#define EII_IMAP_DELIVERY_H

#include "imap_private.h"

/* One UID of a group under way. */
struct eii_imap_place {
	struct eii_imap_group *group; /* NULL = nobody waits */
	size_t i;
};

/* The oldest group that waits for this UID's body; fetch may be NULL. */
struct eii_imap_place eii_imap_find_place(struct eii_imap *imap, const struct eii_imap_fetch *fetch,
					  uint32_t uid);
bool eii_imap_is_waited_for(struct eii_imap_place place);
void eii_imap_mark(struct eii_imap_place place, enum eii_imap_body what);

/*
 * Reads a literal of len bytes for a place. With out_waits the taker's end() is
 * the caller's: *out_waits says that the bytes are in the taker's room.
 */
enum eii_rc eii_imap_receive(struct eii_imap *imap, const struct eii_imap_fetch *fetch,
			     struct eii_imap_place place, uint64_t len, bool *out_waits,
			     struct eii_error *err) EII_MUST_CHECK;

/* Hands over bytes that are here already. */
enum eii_rc eii_imap_deliver(struct eii_imap *imap, const struct eii_imap_fetch *fetch,
			     struct eii_imap_place place, struct eii_text bytes,
			     struct eii_error *err) EII_MUST_CHECK;

#endif
