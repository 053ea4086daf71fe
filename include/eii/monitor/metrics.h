/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every metric of the connector: pycti's by their names and types, then ours
 * (docs/metrics.md lists them). Labels are taken from fixed lists, but for the
 * connector's own identity; nothing of a mail is among them.
 */
#ifndef EII_MONITOR_METRICS_H
#define EII_MONITOR_METRICS_H

#include "eii/base/buf.h"
#include "eii/monitor/watched.h"

void eii_metrics_write(const struct eii_watched *watched, struct eii_instant now,
		       struct eii_buf *out);

#endif
