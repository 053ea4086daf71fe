/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver of the platform: every GraphQL call, one at a time.
 */
#ifndef EII_INGEST_PLATFORM_DRIVER_H
#define EII_INGEST_PLATFORM_DRIVER_H

#include "eii/base/cleanup.h"
#include "eii/ingest/lane.h"
#include "eii/ingest/registered.h"
#include "eii/ingest/stats.h"
#include "eii/opencti/platform.h"
#include "eii/stix/report.h"

/* All borrowed. */
struct eii_platform_driver_options {
	struct eii_lane *lane;
	struct eii_platform *platform; /* its stop is the lane's */
	struct eii_registered *registered;
	const struct eii_report_settings *report;
	const char *work_name; /* as shown in the platform: the connector's name */
	bool wants_draft;      /* a platform without drafts is refused */
	struct eii_stats *stats;
};

struct eii_platform_driver;
struct eii_platform_driver *eii_platform_driver_new(
	const struct eii_platform_driver_options *options);
void eii_platform_driver_free(struct eii_platform_driver *driver);
EII_DEFINE_AUTO(eii_platform_driver);

/* The thread's body; returns once the lane is closed. */
void *eii_platform_driver_run(void *driver);

#endif
