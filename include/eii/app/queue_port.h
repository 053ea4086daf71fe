/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The platform's push exchange behind ingest's table: amqp's publisher, with
 * opencti's envelope around each bundle.
 */
#ifndef EII_APP_QUEUE_PORT_H
#define EII_APP_QUEUE_PORT_H

#include "eii/amqp/watchdog.h"
#include "eii/app/platform_port.h"
#include "eii/base/stop.h"
#include "eii/config/config.h"
#include "eii/ingest/ports.h"

struct eii_queue_port_options {
	const struct eii_config *config; /* MQ_*: each given one wins over the platform's */
	struct eii_registered *registered;
	struct eii_watchdog *watchdog;
	const struct eii_stop *stop;
};

/* Options and what they point to are borrowed. */
struct eii_queue_port *eii_queue_port_new(const struct eii_queue_port_options *options);
void eii_queue_port_free(struct eii_queue_port *port);
EII_DEFINE_AUTO(eii_queue_port);

#endif
