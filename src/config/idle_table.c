/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

/* The other variables of pycti 6.0 to 7.260904 (get_config_variable), and older ones in use. */
#define NOT_ENRICHING "this connector does not enrich"
#define NO_STREAM     "this connector reads no stream"
#define NO_CALLBACK   "the platform does not call this connector"
#define NO_S3         "no copies go to S3"
#define NO_DIRECTORY  "no copies go to a directory"
#define NO_ACCOUNT    "no service account is made"

const struct eii_idle_setting eii_idle_table[] = {
	{ "CONNECTOR_AUTO", NULL, NOT_ENRICHING },
	{ "CONNECTOR_AUTO_UPDATE", NULL, NOT_ENRICHING },
	{ "CONNECTOR_ENRICHMENT_RESOLUTION", NULL, NOT_ENRICHING },
	{ "CONNECTOR_ONLY_CONTEXTUAL", NULL, NOT_ENRICHING },
	{ "CONNECTOR_XTM_ONE_INTENT", NULL, NOT_ENRICHING },
	{ "CONNECTOR_CONFIDENCE_LEVEL", NULL, "the platform has ignored it since 6.0" },
	{ "CONNECTOR_UPDATE_EXISTING_DATA", NULL, "the platform has ignored it since 6.0" },
	{ "CONNECTOR_INTERVAL", "", "CONNECTOR_DURATION_PERIOD took its place" },
	{ "CONNECTOR_VALIDATE_BEFORE_IMPORT", "false", "reports are imported without a draft" },
	{ "QUEUE_PROTOCOL", "amqp", "CONNECTOR_QUEUE_PROTOCOL took its place" },
	{ "CONNECTOR_SEND_TO_QUEUE", "true", "reports always go to the queue" },
	{ "CONNECTOR_SEND_TO_DIRECTORY", "false", NO_DIRECTORY },
	{ "CONNECTOR_SEND_TO_DIRECTORY_PATH", NULL, NO_DIRECTORY },
	{ "CONNECTOR_SEND_TO_DIRECTORY_RETENTION", NULL, NO_DIRECTORY },
	{ "CONNECTOR_SEND_TO_S3", "false", NO_S3 },
	{ "CONNECTOR_SEND_TO_S3_BUCKET", NULL, NO_S3 },
	{ "CONNECTOR_SEND_TO_S3_FOLDER", NULL, NO_S3 },
	{ "CONNECTOR_SEND_TO_S3_RETENTION", NULL, NO_S3 },
	{ "CONNECTOR_AUTO_CREATE_SERVICE_ACCOUNT", "false", NO_ACCOUNT },
	{ "CONNECTOR_AUTO_CREATE_SERVICE_ACCOUNT_CONFIDENCE_LEVEL", NULL, NO_ACCOUNT },
	{ "CONNECTOR_LISTEN_PROTOCOL", NULL, NO_CALLBACK },
	{ "CONNECTOR_LISTEN_PROTOCOL_API_PORT", NULL, NO_CALLBACK },
	{ "CONNECTOR_LISTEN_PROTOCOL_API_PATH", NULL, NO_CALLBACK },
	{ "CONNECTOR_LISTEN_PROTOCOL_API_SSL", NULL, NO_CALLBACK },
	{ "CONNECTOR_LISTEN_PROTOCOL_API_URI", NULL, NO_CALLBACK },
	{ "CONNECTOR_LIVE_STREAM_ID", NULL, NO_STREAM },
	{ "CONNECTOR_LIVE_STREAM_RECOVER_ISO_DATE", NULL, NO_STREAM },
	{ "CONNECTOR_LIVE_STREAM_START_TIMESTAMP", NULL, NO_STREAM },
	{ "CONNECTOR_LIVE_STREAM_LISTEN_DELETE", NULL, NO_STREAM },
	{ "CONNECTOR_LIVE_STREAM_NO_DEPENDENCIES", NULL, NO_STREAM },
	{ "CONNECTOR_LIVE_STREAM_WITH_INFERENCES", NULL, NO_STREAM },
};
const size_t eii_idle_table_len = sizeof(eii_idle_table) / sizeof(eii_idle_table[0]);
