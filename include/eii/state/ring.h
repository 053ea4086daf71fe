/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last 512 reports' ids, so that two different mails of one name and second
 * do not overwrite each other: the later one gets milliseconds of its own. The
 * same mail (by identity) always gets the same ones, as long as the ring knows
 * it; filled in UID order, any part of it that is saved gives the same again
 * after a crash.
 */
#ifndef EII_STATE_RING_H
#define EII_STATE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/buf.h"
#include "eii/base/cleanup.h"
#include "eii/base/text.h"

#define EII_RING_ENTRIES        512
#define EII_RING_IDENTITY_BYTES 32

/* EMAIL_INTEL_IMAP_REPORT_ID. */
enum eii_ring_mode {
	EII_RING_COMPATIBLE, /* .000 unless another mail has the id */
	EII_RING_DISTINCT,   /* always from the identity */
};

struct eii_ring;
struct eii_ring *eii_ring_new(void);
void eii_ring_free(struct eii_ring *ring);
EII_DEFINE_AUTO(eii_ring);
struct eii_ring *eii_ring_copy(const struct eii_ring *ring);

/* What was assigned to UIDs up to uid, and all that was there before (parsed, aged). */
struct eii_ring *eii_ring_copy_up_to(const struct eii_ring *ring, uint32_t uid);

/* The UIDs so far mean nothing any more (a new UIDVALIDITY); the entries stay. */
void eii_ring_age(struct eii_ring *ring);

/*
 * The milliseconds (0 to 999) of a mail's published date. id is its report's
 * over .000Z; identity a hash of what makes the mail the same. *out_is_known: the same
 * mail has been assigned before, and its report may be there already.
 */
unsigned eii_ring_assign(struct eii_ring *ring, enum eii_ring_mode mode, const char *id,
			 const uint8_t identity[EII_RING_IDENTITY_BYTES], uint32_t uid,
			 bool *out_is_known);

/* The milliseconds that such a mail has; false: it has none. */
bool eii_ring_find(const struct eii_ring *ring, const char *id,
		   const uint8_t identity[EII_RING_IDENTITY_BYTES], unsigned *out_ms);

/* Some mail has been assigned this id, whatever its milliseconds. */
bool eii_ring_has(const struct eii_ring *ring, const char *id);

/*
 * The mail has these milliseconds already: its header alone was assigned them. It is
 * known by its own identity from now on.
 */
void eii_ring_keep(struct eii_ring *ring, const char *id,
		   const uint8_t identity[EII_RING_IDENTITY_BYTES], uint32_t uid, unsigned ms);

/*
 * It still holds all that was assigned after the other: the same mails get the
 * same milliseconds from it, in whatever order they come.
 */
bool eii_ring_extends(const struct eii_ring *ring, const struct eii_ring *other);

size_t eii_ring_count(const struct eii_ring *ring);

/* One line of text, at most 11 KiB. */
void eii_ring_format(const struct eii_ring *ring, struct eii_buf *out);

/* NULL for a text that is none. */
struct eii_ring *eii_ring_parse(struct eii_text text);

#endif
