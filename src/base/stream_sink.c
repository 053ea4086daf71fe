/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/stream_sink.h"

#include <errno.h>
#include <string.h>

static enum eii_rc stream_write(struct eii_sink *self, const void *data, size_t len,
				struct eii_error *err)
{
	FILE *stream = ((struct eii_stream_sink *)self)->stream;

	if (fwrite(data, 1, len, stream) != len)
		return eii_fail(err, EII_FATAL, "writing a report: %s", strerror(errno));
	return EII_OK;
}

void eii_stream_sink_init(struct eii_stream_sink *sink, FILE *stream)
{
	*sink = (struct eii_stream_sink){ .base = { .write = stream_write }, .stream = stream };
}
