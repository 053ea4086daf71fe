/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last registration, between the threads: the platform's driver puts it,
 * those of reports and of the queue take copies.
 */
#ifndef EII_INGEST_REGISTERED_H
#define EII_INGEST_REGISTERED_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/opencti/platform.h"
#include "eii/opencti/version.h"

struct eii_registered;
struct eii_registered *eii_registered_new(void);
void eii_registered_free(struct eii_registered *registered);
EII_DEFINE_AUTO(eii_registered);

/* Takes the registration. */
void eii_registered_put(struct eii_registered *registered, struct eii_registration *registration,
			const struct eii_features *features);

/* It tells another broker than the last one, or another account there. False for the first. */
bool eii_registered_tells_new_broker(struct eii_registered *registered,
				     const struct eii_registration *registration);

/* How many have been put. */
uint64_t eii_registered_number(struct eii_registered *registered);

/* Replaces *out by a copy; false where there is none yet. */
bool eii_registered_get(struct eii_registered *registered, struct eii_registration *out,
			struct eii_features *out_features);

#endif
