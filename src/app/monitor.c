/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/monitor.h"

#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/log.h"
#include "eii/monitor/endpoint.h"
#include "eii/monitor/exposition.h"

#define BYTES_OF_MB UINT64_C(1000000) /* as pycti counts the threshold */

struct eii_monitor {
	uint16_t port;
	char *prefix;
	struct eii_contacts *contacts;
	struct eii_chronicle *chronicle;
	struct eii_watched_mailbox mailbox;
	const char *changed[EII_CONFIG_CHANGED_MAX];
	struct eii_watched watched;
	struct eii_endpoint *endpoint; /* NULL = the port could not be had */
};

struct eii_monitor *eii_monitor_new(const struct eii_config *config, const struct eii_stats *stats)
{
	const struct eii_config_connector *connector = &config->connector;
	struct eii_monitor *monitor;

	if (!connector->expose_metrics)
		return NULL;
	monitor = EII_NEW(struct eii_monitor);
	monitor->port = connector->metrics_port;
	monitor->prefix =
		eii_exposition_prefix(connector->metrics_namespace, connector->metrics_subsystem);
	monitor->contacts = eii_contacts_new();
	monitor->chronicle = eii_chronicle_new();
	monitor->mailbox = (struct eii_watched_mailbox){ .user = config->mail.username,
							 .host = config->mail.host,
							 .folder = config->mail.mailbox };
	monitor->watched = (struct eii_watched){
		.stats = stats,
		.contacts = monitor->contacts,
		.chronicle = monitor->chronicle,
		.mailbox = connector->status_details ? &monitor->mailbox : NULL,
		.changed = monitor->changed,
		.n_changed = eii_config_changed(config, monitor->changed, EII_CONFIG_CHANGED_MAX),
		.id = connector->id,
		.name = connector->name,
		.type = connector->type,
		.scope = connector->scope,
		.version = EII_VERSION,
		.prefix = monitor->prefix,
		.started_s = eii_clock_unix_s(),
		.period_s = connector->period_s,
		.threshold_bytes = connector->queue_threshold_mb * BYTES_OF_MB,
	};
	return monitor;
}

void eii_monitor_free(struct eii_monitor *monitor)
{
	if (!monitor)
		return;
	eii_endpoint_free(monitor->endpoint);
	eii_contacts_free(monitor->contacts);
	eii_chronicle_free(monitor->chronicle);
	free(monitor->prefix);
	free(monitor);
}

struct eii_contacts *eii_monitor_contacts(struct eii_monitor *monitor)
{
	return monitor ? monitor->contacts : NULL;
}

struct eii_chronicle *eii_monitor_chronicle(struct eii_monitor *monitor)
{
	return monitor ? monitor->chronicle : NULL;
}

void eii_monitor_start(struct eii_monitor *monitor)
{
	struct eii_error err;

	if (!monitor)
		return;
	if (eii_endpoint_start(&monitor->watched, monitor->port, &monitor->endpoint, &err)) {
		EII_LOG(WARN, "monitor.not_listening",
			"No metrics and no health over HTTP; the import goes on",
			EII_STR("reason", err.text), EII_STR("setting", "CONNECTOR_METRICS_PORT"));
		return;
	}
	EII_LOG(INFO, "monitor.listening", "Exposing metrics and health",
		EII_U64("port", eii_endpoint_port(monitor->endpoint)));
}
