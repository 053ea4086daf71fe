/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver of the push queue: owner of the connection to RabbitMQ. It writes
 * all messages that wait and then reads confirms in bulk; while the broker asks
 * to hold back, what is ordered waits here.
 */
#ifndef EII_INGEST_QUEUE_DRIVER_H
#define EII_INGEST_QUEUE_DRIVER_H

#include "eii/amqp/publisher.h"
#include "eii/amqp/watchdog.h"
#include "eii/base/cleanup.h"
#include "eii/ingest/contacts.h"
#include "eii/ingest/directory.h"
#include "eii/ingest/lane.h"
#include "eii/ingest/registered.h"
#include "eii/ingest/stats.h"
#include "eii/net/tls.h"
#include "eii/stix/report.h"

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
};

/*
 * Signs in to the broker by what the settings say and, where they say nothing, the
 * platform has told. stop and watchdog cut it, may be NULL.
 * Fails as eii_publisher_open(); where the address is the platform's, and cannot be
 * reached, the words say so.
 */
enum eii_rc eii_queue_open(const struct eii_queue_settings *settings,
			   const struct eii_registration *told, const struct eii_stop *stop,
			   struct eii_watchdog *watchdog, struct eii_publisher **out,
			   struct eii_error *err) EII_MUST_CHECK;

/* All borrowed. */
struct eii_queue_driver_options {
	struct eii_lane *lane;
	const struct eii_queue_settings *settings;
	struct eii_registered *registered;
	const struct eii_report_settings *report;
	struct eii_directory *directory; /* each report goes there first; NULL = none */
	struct eii_watchdog *watchdog;   /* its stop is the lane's */
	struct eii_contacts *contacts;   /* NULL = nobody watches */
	struct eii_stats *stats;
};

struct eii_queue_driver;
struct eii_queue_driver *eii_queue_driver_new(const struct eii_queue_driver_options *options);
void eii_queue_driver_free(struct eii_queue_driver *driver);
EII_DEFINE_AUTO(eii_queue_driver);

/* The thread's body; returns once the lane is closed. */
void *eii_queue_driver_run(void *driver);

#endif
