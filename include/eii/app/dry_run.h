/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What --dry-run puts in the place of platform and queue: nothing is registered,
 * pinged, opened or published. The state is read where a platform can be asked;
 * reports go to a stream, one JSON object a line.
 */
#ifndef EII_APP_DRY_RUN_H
#define EII_APP_DRY_RUN_H

#include <stdio.h>

#include "eii/ingest/ports.h"
#include "eii/opencti/platform.h"

/* platform is borrowed; NULL = none can be asked. */
struct eii_platform_port *eii_dry_platform_new(struct eii_platform *platform);
void eii_dry_platform_free(struct eii_platform_port *port);

/* stream is borrowed. Free with free(). */
struct eii_queue_port *eii_dry_queue_new(FILE *stream);

#endif
