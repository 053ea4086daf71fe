/* SPDX-License-Identifier: Apache-2.0 */
/* A sink that writes to a stdio stream. */
#ifndef EII_BASE_STREAM_SINK_H
#define EII_BASE_STREAM_SINK_H

#include <stdio.h>

#include "eii/base/sink.h"

struct eii_stream_sink {
	struct eii_sink base;
	FILE *stream; /* borrowed */
};

/* Its write fails with EII_FATAL where the stream does (a closed pipe, a full disk). */
void eii_stream_sink_init(struct eii_stream_sink *sink, FILE *stream);

#endif
