/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process_* metrics that every client library of Prometheus exposes, of the
 * connector process alone: its converter is another one.
 */
#ifndef EII_MONITOR_PROCESS_H
#define EII_MONITOR_PROCESS_H

#include "eii/monitor/exposition.h"

/* started_s: Unix. Leaves out what the system does not tell (no /proc). */
void eii_process_write(struct eii_exposition *e, int64_t started_s);

#endif
