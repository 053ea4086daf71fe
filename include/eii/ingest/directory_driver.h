/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the place of the queue's driver where CONNECTOR_SEND_TO_QUEUE is false: reports go to a
 * directory and nowhere else. A message is confirmed when its file is on the disk. Dialling
 * sees that the directory can be written.
 */
#ifndef EII_INGEST_DIRECTORY_DRIVER_H
#define EII_INGEST_DIRECTORY_DRIVER_H

#include "eii/base/cleanup.h"
#include "eii/ingest/contacts.h"
#include "eii/ingest/directory.h"
#include "eii/ingest/lane.h"
#include "eii/ingest/registered.h"
#include "eii/ingest/stats.h"

/* All borrowed. */
struct eii_directory_driver_options {
	struct eii_lane *lane;
	struct eii_directory *directory;
	struct eii_registered *registered;
	struct eii_contacts *contacts; /* NULL = nobody watches */
	struct eii_stats *stats;
};

struct eii_directory_driver;
struct eii_directory_driver *eii_directory_driver_new(
	const struct eii_directory_driver_options *options);
void eii_directory_driver_free(struct eii_directory_driver *driver);
EII_DEFINE_AUTO(eii_directory_driver);

/* The thread's body; returns once the lane is closed. */
void *eii_directory_driver_run(void *driver);

#endif
