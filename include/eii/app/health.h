/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The word `health`: asks the connector of this machine whether it is alive,
 * for a container's HEALTHCHECK.
 */
#ifndef EII_APP_HEALTH_H
#define EII_APP_HEALTH_H

#include <stdint.h>
#include <stdio.h>

#include "eii/config/config.h"

#define EII_HEALTH_ASK_MS 3000 /* for all of it */

/*
 * Prints what the endpoint says and returns 0 when it says that all is well,
 * else 1. Where the settings expose nothing there is nobody to ask: 0, and said
 * (the process guards itself).
 */
int eii_health_ask(const struct eii_config *config, FILE *out);

#endif
