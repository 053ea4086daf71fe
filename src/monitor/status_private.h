/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What status.c has gathered for both forms, the page (status_page.c) and JSON
 * (status_json.c).
 */
#ifndef EII_MONITOR_STATUS_PRIVATE_H
#define EII_MONITOR_STATUS_PRIVATE_H

#include "eii/ingest/chronicle.h"
#include "eii/monitor/status.h"

struct eii_status {
	const struct eii_watched *watched;
	struct eii_instant now;
	struct eii_told told;
	bool is_ready;
	int64_t next_run_s; /* Unix; 0 = a run is on, or none is planned */
	uint64_t n_found, n_settled;
	uint64_t queue_bytes;
	/* Those that stand first, then by their beginning, newest first. */
	const struct eii_trouble *troubles[EII_TOLD_TROUBLES];
	size_t n_troubles;
	uint64_t n_mails, n_fallbacks; /* of all hours shown */
};

void eii_status_gather(const struct eii_watched *watched, struct eii_instant now,
		       struct eii_status *out);

/* "idle": a stable code. */
const char *eii_status_phase(enum eii_told_phase phase);

/* The mailbox, queue, platform or converter works. */
int64_t eii_status_failing_s(const struct eii_status *status, enum eii_part part);

#endif
