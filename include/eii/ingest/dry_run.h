/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What --dry-run puts in the place of the platform's and the queue's drivers:
 * nothing is registered, stored, opened or published. The stored state is read,
 * and which reports are there is asked for; reports go to a stream, one JSON
 * object a line, and the place that would be stored is logged at the end.
 */
#ifndef EII_INGEST_DRY_RUN_H
#define EII_INGEST_DRY_RUN_H

#include <stdio.h>

#include "eii/ingest/platform_driver.h"

/* As eii_platform_driver_new(). */
struct eii_platform_driver *eii_dry_platform_new(const struct eii_platform_driver_options *options);

/* After its thread's end; mailbox_key: whose place is told. */
void eii_dry_platform_tell_place(const struct eii_platform_driver *driver, const char *mailbox_key);

/* Both borrowed. */
struct eii_dry_queue {
	struct eii_lane *lane;
	FILE *stream;
};

/* The thread's body; its argument is a struct eii_dry_queue. */
void *eii_dry_queue_run(void *queue);

#endif
