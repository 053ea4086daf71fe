/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The byte stream of layer net as a stream of GNU Mailutils, so that the
 * library's stream functions run over our TLS. Unbuffered on purpose: one
 * mu_buffer serves both directions, and would send the server's own bytes back.
 */
#ifndef EII_IMAP_CARRIER_H
#define EII_IMAP_CARRIER_H

#include <mailutils/types.h>

#include "eii/base/error.h"

struct eii_stream;

/* Borrows stream. Freed by mu_stream_destroy(). NULL: out of memory. */
mu_stream_t eii_carrier_new(struct eii_stream *stream);

/* What stands behind an error code that a function of the carrier gave. */
enum eii_rc eii_carrier_fail(mu_stream_t carrier, int code, struct eii_error *err);

#endif
