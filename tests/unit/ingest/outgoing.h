/* SPDX-License-Identifier: Apache-2.0 */
/* A directory of its own for a test, and what is to be written there. */
#ifndef EII_TESTS_INGEST_OUTGOING_H
#define EII_TESTS_INGEST_OUTGOING_H

#include "eii/ingest/directory.h"
#include "eii/ingest/parcel.h"

struct outgoing {
	char path[64];
	struct eii_directory_settings settings; /* of path, kept for 7 days */
	struct eii_registered *registered;      /* as user-1 */
};

void outgoing_begin(struct outgoing *o);
/* Removes all that is there. */
void outgoing_end(struct outgoing *o);

/* How many names are there, and the last one of them (empty: none). */
int outgoing_count(const struct outgoing *o, char last[256]);

/* A file of a few bytes, last written so many seconds ago. */
void outgoing_put(const struct outgoing *o, const char *name, int64_t age_s);
bool outgoing_has(const struct outgoing *o, const char *name);

/* A mail with its report; the content has so many bytes. */
struct eii_parcel *outgoing_parcel(size_t content_bytes);

/*
 * From here on no file of the process grows beyond so many bytes, as on a full disk; 0: as it
 * was.
 */
void outgoing_limit(uint64_t bytes);

#endif
