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
#include "eii/ingest/ports.h"
#include "eii/ingest/stats.h"
#include "eii/monitor/contacts.h"
#include "eii/net/tls.h"

enum eii_choice { EII_CHOICE_PLATFORM, EII_CHOICE_NO, EII_CHOICE_YES };

/* What the settings (MQ_*) say; what is absent is the platform's. All borrowed. */
struct eii_queue_settings {
	const char *host; /* NULL = the platform's, as the next three */
	uint16_t port;    /* 0 = the platform's */
	const char *vhost;
	const char *user;
	enum eii_choice use_tls;
	/* Gives MQ_PASS for the callee to free(); *out = NULL where it is not set. */
	enum eii_rc (*password)(void *arg, char **out, struct eii_error *err);
	void *password_arg;
	struct eii_tls_options tls;
	const char *connection_name;
	struct eii_registered *registered;
	struct eii_watchdog *watchdog;
	const struct eii_stop *stop;
	struct eii_contacts *contacts; /* NULL = nobody watches, as the next */
	struct eii_stats *stats;
};

struct eii_queue_port *eii_queue_port_new(const struct eii_queue_settings *settings);
void eii_queue_port_free(struct eii_queue_port *port);
EII_DEFINE_AUTO(eii_queue_port);

#endif
