/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a platform of a version knows. A platform refuses a whole document over
 * one member that is newer than itself, so what is newer is left out.
 */
#ifndef EII_OPENCTI_VERSION_H
#define EII_OPENCTI_VERSION_H

#include <stdbool.h>
#include <stdint.h>

struct eii_version {
	uint32_t major, minor, patch; /* 6.9.22; since 2026 7.YYMMDD.n */
};

struct eii_features {
	bool needs_content_member; /* < 6.2.2: reads `content`, not `x_opencti_content` */
	bool needs_file_version;   /* <= 6.0.2: a file without `version` is refused */
	bool sends_files_first;    /* 6.9.7 to 6.9.12: a later upsert loses files */
	bool has_multipart_work;   /* >= 7.260422.0: workAdd(isMultiPartWork) */
	bool has_work_alive;       /* >= 6.8.7: isWorkAlive */
	bool has_connector_info;   /* >= 6.2.12: pingConnector(connectorInfo) */
	bool has_queue_details;    /* >= 6.1.12: connector_queue_details */
	bool has_callback_uri;     /* >= 6.5.7: register listen_callback_uri */
	bool has_resolution;       /* >= 6.8.9: register auto_update, enrichment_resolution */
	bool has_bundle_type;      /* >= 6.0.10: `bundle_type`, `type` before */
	bool has_draft_id;         /* >= 6.4.0 */
	bool has_draft_context;    /* a Work is tied to its draft by addDraftContext */
	bool has_no_split;         /* >= 7.260227.0 */
};

/* "7.260817.0", also with a suffix after it; false for any other text. */
bool eii_version_parse(const char *text, struct eii_version *out);

/* Negative, 0 or positive as a is older than, equal to or newer than b. */
int eii_version_compare(struct eii_version a, struct eii_version b);

struct eii_features eii_features_of(struct eii_version version);

/* Of the newest platform that we know: for one whose version text we cannot read. */
struct eii_features eii_features_newest(void);

#endif
