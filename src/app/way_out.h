/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way that reports leave by, as the settings have it: the push queue, the platform's API, a
 * directory, or for a dry run the standard output; with the driver that goes it.
 */
#ifndef EII_APP_WAY_OUT_H
#define EII_APP_WAY_OUT_H

#include "eii/amqp/watchdog.h"
#include "eii/app/parts.h"
#include "eii/base/cleanup.h"
#include "eii/ingest/contacts.h"
#include "eii/ingest/lane.h"
#include "eii/ingest/registered.h"
#include "eii/ingest/stats.h"

enum eii_way_out_mode { EII_WAY_OUT_REAL, EII_WAY_OUT_DRY };

/* All borrowed. */
struct eii_way_out_options {
	const struct eii_config *config;
	enum eii_way_out_mode mode;
	struct eii_parts *parts;
	struct eii_lane *lane;
	struct eii_registered *registered;
	const struct eii_report_settings *report;
	struct eii_watchdog *watchdog;
	struct eii_contacts *contacts; /* NULL = nobody watches */
	struct eii_stats *stats;
};

struct eii_way_out;

/* EII_FATAL with CONFIG: a secret of the platform's client cannot be read. */
enum eii_rc eii_way_out_new(const struct eii_way_out_options *options, struct eii_way_out **out,
			    struct eii_error *err) EII_MUST_CHECK;
void eii_way_out_free(struct eii_way_out *way);
EII_DEFINE_AUTO(eii_way_out);

/* The thread's body; returns once the lane is closed. */
void *eii_way_out_run(void *way);

#endif
