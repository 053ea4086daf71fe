/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a writer's bytes go: into a buffer, into base64 and on, into a broker's
 * frames, or only into a count. A report is written by one function; run on a
 * counting sink it gives the exact size, run on the real one it gives the bytes.
 */
#ifndef EII_BASE_SINK_H
#define EII_BASE_SINK_H

#include <stddef.h>
#include <stdint.h>

#include "eii/base/buf.h"
#include "eii/base/error.h"

struct eii_sink {
	/* Takes all len bytes or fails. */
	enum eii_rc (*write)(struct eii_sink *self, const void *data, size_t len,
			     struct eii_error *err);
};

static inline EII_MUST_CHECK enum eii_rc eii_sink_write(struct eii_sink *sink, const void *data,
							size_t len, struct eii_error *err)
{
	return len ? sink->write(sink, data, len, err) : EII_OK;
}

/* Counts and drops. */
struct eii_count_sink {
	struct eii_sink base;
	uint64_t n_bytes;
};
void eii_count_sink_init(struct eii_count_sink *sink);

/* Adds to a borrowed buffer; EII_REJECT past its ceiling. */
struct eii_buf_sink {
	struct eii_sink base;
	struct eii_buf *buf;
};
void eii_buf_sink_init(struct eii_buf_sink *sink, struct eii_buf *buf);

/*
 * Base64 of what is written, into a borrowed next sink. Finish once at the end:
 * it writes the last group.
 */
#define EII_BASE64_SINK_CHUNK 12288 /* bytes, a multiple of 3 */
struct eii_base64_sink {
	struct eii_sink base;
	struct eii_sink *next;
	size_t n_held;
	unsigned char held[EII_BASE64_SINK_CHUNK];
};
void eii_base64_sink_init(struct eii_base64_sink *sink, struct eii_sink *next);
enum eii_rc eii_base64_sink_finish(struct eii_base64_sink *sink,
				   struct eii_error *err) EII_MUST_CHECK;

#endif
