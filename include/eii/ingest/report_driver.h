/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The thread that makes reports of mails: it gives the converter their bytes,
 * and makes of what comes back what the queue's driver writes. It owns the
 * converter, and it is where a mail of tens of megabytes is hashed and sized,
 * so that the heart never is.
 *
 * Orders: CONVERT (answered in their order, by one CONVERTED each) and MAKE.
 * What was dropped since is not answered.
 */
#ifndef EII_INGEST_REPORT_DRIVER_H
#define EII_INGEST_REPORT_DRIVER_H

#include "eii/base/cleanup.h"
#include "eii/convert/converter.h"
#include "eii/ingest/lane.h"
#include "eii/ingest/registered.h"
#include "eii/ingest/stats.h"
#include "eii/rules/judge.h"
#include "eii/stix/report.h"

struct eii_report_driver_options {
	struct eii_lane *lane; /* all borrowed */
	struct eii_converter *converter;
	struct eii_registered *registered;
	const struct eii_report_settings *report;
	const struct eii_selection *selection; /* which mails become reports */
	const char *folder;                    /* of a mail whose order names none; UTF-8 */
	struct eii_stats *stats;
};

struct eii_report_driver;
struct eii_report_driver *eii_report_driver_new(const struct eii_report_driver_options *options);

/* Its thread has ended. */
void eii_report_driver_free(struct eii_report_driver *driver);
EII_DEFINE_AUTO(eii_report_driver);

/* The thread's body; returns when the lane is closed. */
void *eii_report_driver_run(void *driver);

#endif
