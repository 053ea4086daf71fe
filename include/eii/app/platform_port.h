/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opencti's platform behind ingest's table, and what its last registration said
 * for the queue's side: the one reads it in the publish thread, the other
 * writes it in the platform thread.
 */
#ifndef EII_APP_PLATFORM_PORT_H
#define EII_APP_PLATFORM_PORT_H

#include "eii/base/cleanup.h"
#include "eii/ingest/ports.h"
#include "eii/opencti/platform.h"

struct eii_registered;

struct eii_registered *eii_registered_new(void);
void eii_registered_free(struct eii_registered *registered);
EII_DEFINE_AUTO(eii_registered);

/* Takes what is in registration over (it is cleared). */
void eii_registered_put(struct eii_registered *registered, struct eii_registration *registration,
			const struct eii_features *features);

/* A copy, for the caller to clear; false before the first registration. */
bool eii_registered_get(struct eii_registered *registered, struct eii_registration *out,
			struct eii_features *out_features);

/* Both borrowed. Free with free(). */
struct eii_platform_port *eii_platform_port_new(struct eii_platform *platform,
						struct eii_registered *registered);

#endif
