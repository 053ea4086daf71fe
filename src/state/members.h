/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An object as its members' texts, in their order: what is known of them is
 * read and written anew, all else comes out as it went in.
 */
#ifndef EII_STATE_MEMBERS_H
#define EII_STATE_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"
#include "eii/codec/json_members.h"

/* name is a member's, with its quotes. One with a NUL in it is no name of ours. */
bool eii_member_is_named(struct eii_text name, const char *plain);

struct eii_members {
	struct eii_json_member *items; /* the list is owned, the texts are borrowed */
	size_t n;
};

/* Of what is no object: none. The caller's struct: clear it after. */
void eii_members_split(struct eii_text object, struct eii_members *out);
void eii_members_clear(struct eii_members *members);

/* The value of the last of that name, as JSON readers take it; none: an empty text. */
struct eii_text eii_members_value(const struct eii_members *members, const char *name);

/* How the known members of one kind of object are written. */
struct eii_slots {
	const char *const *names;
	size_t n;
	/* Adds a known one's value; old is an empty text where there was none. */
	void (*write)(const void *context, size_t slot, struct eii_text old, struct eii_buf *out);
	/* Adds the value of one that is unknown here; NULL = as it is. */
	void (*write_unknown)(const void *context, const struct eii_json_member *member,
			      struct eii_buf *out);
};

/*
 * Adds the object: its members in their order, then the known ones that it did
 * not have. One whose value adds nothing is left out, name and all. Of several
 * of one known name the last one's value counts, at the place of the first.
 */
void eii_members_merge(const struct eii_members *old, const struct eii_slots *slots,
		       const void *context, struct eii_buf *out);

/* The same for an object's text. */
void eii_members_merge_text(struct eii_text old, const struct eii_slots *slots, const void *context,
			    struct eii_buf *out);

/* Cuts what was added behind len. */
void eii_members_cut(struct eii_buf *out, size_t len);

#endif
