/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The converter's work: read a request, convert the mail, write the answer,
 * until the connector closes its end. Blocking reads and writes on one
 * descriptor; a mail is read whole before its answer begins.
 */
#ifndef EII_JAIL_SERVE_H
#define EII_JAIL_SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eii/base/buf.h"
#include "eii/base/error.h"
#include "eii/fields/wire.h"

/* Memory above this is given back after the mail that needed it. */
#define EII_SERVE_KEEP_BYTES (4u * 1024 * 1024)

struct eii_channel; /* buffered reading and writing of the descriptor */

struct eii_channel *eii_channel_new(int fd);
void eii_channel_free(struct eii_channel *channel);
EII_DEFINE_AUTO(eii_channel);

/* Bytes for the connector, as they are; small ones wait for eii_channel_flush(). */
enum eii_rc eii_channel_write(struct eii_channel *channel, const void *data, size_t len,
			      struct eii_error *err) EII_MUST_CHECK;
enum eii_rc eii_channel_flush(struct eii_channel *channel, struct eii_error *err) EII_MUST_CHECK;

/* One request; all of it lives until the next one is read. */
struct eii_served {
	struct eii_wire_request request; /* with settings.types */
	struct eii_text mail;
};

/*
 * Reads the next request. *out_ended: the connector closed its end between two
 * requests, which is how a converter is told to go. EII_REJECT: not a request;
 * EII_RETRY: the descriptor failed. Either way nothing more can be read.
 */
enum eii_rc eii_channel_read(struct eii_channel *channel, struct eii_served *out, bool *out_ended,
			     struct eii_error *err) EII_MUST_CHECK;

/* Converts the mail as asked and writes the answer; gives big memory back. */
enum eii_rc eii_channel_answer(struct eii_channel *channel, const struct eii_served *served,
			       struct eii_error *err) EII_MUST_CHECK;

/*
 * All that must be done before the jail closes (charsets, types, one warm-up
 * mail), the jail, and the ready word.
 */
enum eii_rc eii_converter_prepare(struct eii_channel *channel, uint64_t address_space_bytes,
				  struct eii_error *err) EII_MUST_CHECK;

/* Prepares and serves descriptor fd to its end: the whole program. EII_OK: told to go. */
enum eii_rc eii_converter_serve(int fd, uint64_t address_space_bytes,
				struct eii_error *err) EII_MUST_CHECK;

#endif
