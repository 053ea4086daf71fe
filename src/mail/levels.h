/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is open around the place where a mail is read: multiparts and messages, the
 * innermost last; and the search for the next line that delimits one of the multiparts
 * (RFC 2046, 5.1.1). Private to mail.
 */
#ifndef EII_MAIL_LEVELS_H
#define EII_MAIL_LEVELS_H

#include "message_private.h"

struct eii_level {
	struct eii_text boundary;      /* of a multipart, borrowed; empty: a message */
	struct eii_part_header header; /* of a multipart */
	size_t start;                  /* where its content begins */
	struct eii_place place;        /* of a multipart: where it stands */
	struct eii_place inside;       /* where what is in it stands */
	size_t part;                   /* of a message: its number in the list */
	bool has_parts;                /* of a multipart: one has begun */
	struct eii_text before_end;    /* of a multipart that ended without one */
};

struct eii_levels {
	struct eii_level *list;
	size_t n;
	size_t capacity;
	size_t n_compared; /* lines that begin as a delimiter, once for each open multipart */
};

struct eii_delimiter {
	size_t start; /* of its line */
	size_t next;  /* behind its line */
	size_t level; /* whose it is */
	bool is_close;
};

/* A zeroed level; good until the next one is pushed. */
struct eii_level *eii_levels_push(struct eii_levels *levels);
/* The innermost one, which is none any more; good until the next one is pushed. */
const struct eii_level *eii_levels_pop(struct eii_levels *levels);
void eii_levels_clear(struct eii_levels *levels);

/* Does the line that begins there delimit a multipart that is open? */
bool eii_levels_begins(struct eii_levels *levels, struct eii_text bytes, size_t at,
		       struct eii_delimiter *out);
/* The first delimiter at the line that begins at from, or behind it. */
bool eii_levels_find(struct eii_levels *levels, struct eii_text bytes, size_t from,
		     struct eii_delimiter *out);
/* More was compared than any mail needs: no delimiter is found any more. */
bool eii_levels_are_over(const struct eii_levels *levels);

#endif
