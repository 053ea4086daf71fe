/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines and literals from the server, out of one buffer. A line that lies in
 * the buffer is not copied. Every failure ends the session.
 */
#ifndef EII_IMAP_READER_H
#define EII_IMAP_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mailutils/types.h>

#include "eii/base/buf.h"
#include "eii/base/error.h"
#include "eii/base/text.h"

#define EII_IMAP_READ_BYTES 65536

struct eii_stream;

struct eii_imap_reader {
	mu_stream_t carrier;       /* borrowed */
	struct eii_stream *stream; /* borrowed: what carries it */
	const char *where;         /* borrowed; for error texts */
	int64_t deadline_ms;       /* of the command; 0 = whatever the stream has */
	uint32_t idle_ms;          /* the longest silence before that */
	uint64_t bytes_max;        /* what the command may be answered; 0 = no end */
	uint64_t bytes_left;
	char *data; /* owned, EII_IMAP_READ_BYTES */
	size_t at, len;
	struct eii_buf line; /* of a line that the buffer does not hold as a whole */
	/*
	 * During a search: a line longer than the buffer comes in pieces that end
	 * behind a blank or a comma, is_cut as long as another one follows.
	 */
	bool may_cut;
	bool is_cut;
};

void eii_imap_reader_init(struct eii_imap_reader *reader, mu_stream_t carrier,
			  struct eii_stream *stream);
void eii_imap_reader_clear(struct eii_imap_reader *reader);

/* The next line without its end, its NULs as '?'; valid until the next call. */
enum eii_rc eii_imap_reader_line(struct eii_imap_reader *reader, struct eii_text *out,
				 struct eii_error *err) EII_MUST_CHECK;

/* Exactly len bytes of a literal to data, or skipped. */
enum eii_rc eii_imap_reader_bytes(struct eii_imap_reader *reader, char *data, size_t len,
				  struct eii_error *err) EII_MUST_CHECK;
enum eii_rc eii_imap_reader_skip(struct eii_imap_reader *reader, uint64_t len,
				 struct eii_error *err) EII_MUST_CHECK;

/* Exactly len bytes added to a buffer, which grows as they come. */
enum eii_rc eii_imap_reader_add(struct eii_imap_reader *reader, uint64_t len, struct eii_buf *out,
				struct eii_error *err) EII_MUST_CHECK;

/* The first of the bytes that nobody has asked for yet; -1 = none. */
static inline int eii_imap_reader_peek(const struct eii_imap_reader *reader)
{
	return reader->at < reader->len ? (unsigned char)reader->data[reader->at] : -1;
}

/* Whether bytes were read that nobody has asked for yet. */
static inline bool eii_imap_reader_has_rest(const struct eii_imap_reader *reader)
{
	return reader->at < reader->len;
}

#endif
