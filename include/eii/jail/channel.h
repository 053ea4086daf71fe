/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The converter's end of the socket pair: requests in, answers out. Blocking
 * read(2) and write(2) on one descriptor and nothing else, through buffers; a
 * mail is read whole before its answer begins.
 */
#ifndef EII_JAIL_CHANNEL_H
#define EII_JAIL_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/base/sink.h"
#include "eii/base/text.h"
#include "eii/fields/wire.h"

/* Memory above this is given back after the mail that needed it. */
#define EII_CHANNEL_KEEP_BYTES ((size_t)4 * 1024 * 1024)

struct eii_channel;

/* fd is borrowed. */
struct eii_channel *eii_channel_new(int fd);
void eii_channel_free(struct eii_channel *channel);
EII_DEFINE_AUTO(eii_channel);

/*
 * Where bytes for the connector go; fails with EII_RETRY when it has gone.
 * Small pieces wait for eii_channel_flush().
 */
struct eii_sink *eii_channel_sink(struct eii_channel *channel);
enum eii_rc eii_channel_flush(struct eii_channel *channel, struct eii_error *err) EII_MUST_CHECK;

/* One request; all of it lives until the next one is read. */
struct eii_channel_request {
	struct eii_wire_request wire; /* with its settings.types */
	struct eii_text mail;
};

/*
 * Reads the next request. *out_ended: the connector closed its end between two
 * requests, which is how a converter is told to go (*out is untouched then).
 * EII_REJECT: not a request, or no memory for the mail; EII_RETRY: the
 * descriptor failed. Either way nothing more can be read.
 */
enum eii_rc eii_channel_read(struct eii_channel *channel, struct eii_channel_request *out,
			     bool *out_ended, struct eii_error *err) EII_MUST_CHECK;

/* Gives the memory of a big mail back; the last request is gone then. */
void eii_channel_shrink(struct eii_channel *channel);

#endif
