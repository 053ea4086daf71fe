/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the bytes of GMime's objects stand in what it read. Private to mail.
 */
#ifndef EII_MAIL_SOURCE_H
#define EII_MAIL_SOURCE_H

#include <gmime/gmime.h>

#include "message_private.h"

/* One run of bytes that GMime takes apart. */
struct eii_source {
	struct eii_message *message;
	struct eii_text bytes;
	struct eii_text boundaries[EII_LIMIT_DEPTH]; /* of the multiparts around */
	size_t n_boundaries;
	unsigned int encoded; /* messages that had to be decoded to get here */
};

/* The fields of an object's header that say what it is. */
void eii_source_read_header(GMimeObject *object, struct eii_part_header *out);

/* A part's content, still encoded; data is NULL where there is none. */
struct eii_text eii_source_content(const struct eii_source *source, GMimePart *part);

/*
 * The content of a part without a single header field, from behind its boundary:
 * GMime drops lines there that are no header, which may be all its text.
 */
struct eii_text eii_source_add_lost_lines(const struct eii_source *source, struct eii_text raw);

/* An inner message as it stands; empty where it has no header field to find it by. */
struct eii_text eii_source_message(const struct eii_source *source, GMimeMessage *inner);

#endif
