/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a host's name to a connected socket, every wait bounded.
 */
#ifndef EII_NET_DIAL_H
#define EII_NET_DIAL_H

#include <stddef.h>
#include <stdint.h>

#include "eii/base/error.h"
#include "eii/base/stop.h"

/*
 * A connected, non-blocking, close-on-exec socket with NODELAY and KEEPALIVE.
 * EII_RETRY with UNREACHABLE or STOPPED; where begins the text.
 */
enum eii_rc eii_dial(const char *where, const char *host, uint16_t port, int64_t deadline_ms,
		     const struct eii_stop *stop, int *out_fd,
		     struct eii_error *err) EII_MUST_CHECK;

/*
 * Whether the host's name can be looked up, and nothing else: for libraries whose
 * own look-up no deadline ends. Fails as eii_dial().
 */
enum eii_rc eii_dial_look_up(const char *where, const char *host, uint16_t port,
			     int64_t deadline_ms, const struct eii_stop *stop,
			     struct eii_error *err) EII_MUST_CHECK;

/*
 * The host's first address, as text: for whoever dials in our place. Fails as
 * eii_dial().
 */
enum eii_rc eii_dial_address(const char *where, const char *host, uint16_t port,
			     int64_t deadline_ms, const struct eii_stop *stop, char *out,
			     size_t size, struct eii_error *err) EII_MUST_CHECK;

#endif
