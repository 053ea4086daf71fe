/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The converter's work: convert the mail of each request and answer, until the
 * connector closes its end.
 */
#ifndef EII_JAIL_SERVE_H
#define EII_JAIL_SERVE_H

#include <stdint.h>

#include "eii/base/error.h"
#include "eii/jail/channel.h"

/*
 * All that must be done before the jail closes (charsets, types, one warm-up
 * mail), the jail, and the ready word. Where that fails, the reason goes to the
 * connector in the ready word's place.
 */
enum eii_rc eii_serve_prepare(struct eii_channel *channel, int fd, uint64_t address_space_bytes,
			      struct eii_error *err) EII_MUST_CHECK;

/* Converts the mail as asked and writes the answer; gives big memory back. */
enum eii_rc eii_serve_answer(struct eii_channel *channel, const struct eii_channel_request *request,
			     struct eii_error *err) EII_MUST_CHECK;

/* Prepares and serves descriptor fd to its end: the whole program. EII_OK: told to go. */
enum eii_rc eii_converter_serve(int fd, uint64_t address_space_bytes,
				struct eii_error *err) EII_MUST_CHECK;

#endif
