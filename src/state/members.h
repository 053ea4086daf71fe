/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON object as its members' texts, in their order: what is foreign comes out as it went in. */
#ifndef EII_STATE_MEMBERS_H
#define EII_STATE_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "eii/base/buf.h"
#include "eii/base/text.h"

struct eii_member {
	char *name; /* with quotes and escapes */
	char *value;
};

/* A zeroed struct is an empty object. */
struct eii_members {
	struct eii_member *items; /* owned, as the texts are */
	size_t n;
};

void eii_members_clear(struct eii_members *members);

/* Adds what the object's text holds; nothing of a text that is none. */
void eii_members_read(struct eii_members *members, struct eii_text object);

/* By its decoded name, the last of several as JSON readers take it; or NULL. */
struct eii_member *eii_members_find(const struct eii_members *members, const char *name);

/* Replaces or adds it; takes the value's text. */
void eii_members_put(struct eii_members *members, const char *name, char *value);

/* Takes all of the name out. */
void eii_members_drop(struct eii_members *members, const char *name);

/* Whether the member's decoded name is this one. */
bool eii_member_is(const struct eii_member *member, const char *name);

/* Writes them with commas between, and one before the first where that is not the object's. */
void eii_members_write(const struct eii_members *members, bool *is_first, struct eii_buf *out);

/* `"name":` with its comma. */
void eii_members_key(const char *name, bool *is_first, struct eii_buf *out);

/* A text in quotes, escaped; the caller's to free(). */
char *eii_members_quoted(const char *text);

#endif
