/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a daemon shows of itself: the endpoint where CONNECTOR_EXPOSE_METRICS
 * wants one, and what has to be kept for it.
 */
#ifndef EII_APP_MONITOR_H
#define EII_APP_MONITOR_H

#include "eii/base/cleanup.h"
#include "eii/config/config.h"
#include "eii/ingest/chronicle.h"
#include "eii/ingest/contacts.h"
#include "eii/ingest/stats.h"

struct eii_monitor;

/* Both borrowed. NULL where nothing is to be exposed. */
struct eii_monitor *eii_monitor_new(const struct eii_config *config, const struct eii_stats *stats);
void eii_monitor_free(struct eii_monitor *monitor);
EII_DEFINE_AUTO(eii_monitor);

/* NULL of NULL. */
struct eii_contacts *eii_monitor_contacts(struct eii_monitor *monitor);
struct eii_chronicle *eii_monitor_chronicle(struct eii_monitor *monitor);

/* Listens from now on. A port that cannot be had is a warning, no more. monitor may be NULL. */
void eii_monitor_start(struct eii_monitor *monitor);

#endif
