/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the place of the queue's driver where CONNECTOR_QUEUE_PROTOCOL is api: the platform itself
 * puts each message into the queue. A message is confirmed when its call was answered; there is
 * no connection to lose, so that dialling only says whether the connector is registered.
 */
#ifndef EII_INGEST_API_DRIVER_H
#define EII_INGEST_API_DRIVER_H

#include "eii/base/cleanup.h"
#include "eii/ingest/contacts.h"
#include "eii/ingest/directory.h"
#include "eii/ingest/lane.h"
#include "eii/ingest/registered.h"
#include "eii/ingest/stats.h"
#include "eii/stix/report.h"

/* All borrowed. */
struct eii_api_driver_options {
	struct eii_lane *lane;
	struct eii_platform *platform; /* of this thread alone, its stop is the lane's */
	struct eii_registered *registered;
	const struct eii_report_settings *report;
	struct eii_directory *directory; /* each report goes there first; NULL = none */
	struct eii_contacts *contacts;   /* NULL = nobody watches */
	struct eii_stats *stats;
};

struct eii_api_driver;
struct eii_api_driver *eii_api_driver_new(const struct eii_api_driver_options *options);
void eii_api_driver_free(struct eii_api_driver *driver);
EII_DEFINE_AUTO(eii_api_driver);

/* The thread's body; returns once the lane is closed. */
void *eii_api_driver_run(void *driver);

#endif
