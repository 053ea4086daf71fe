/* SPDX-License-Identifier: Apache-2.0 */
/* What the core is told of the settings, and the bounds of what it holds at once. */
#ifndef EII_APP_CORE_CONFIG_H
#define EII_APP_CORE_CONFIG_H

#include "eii/config/config.h"
#include "eii/core/core.h"
#include "eii/stix/report.h"

/*
 * mailbox_key is borrowed; the seed is random. report: what eii_parts_report() made of config.
 */
struct eii_core_config eii_core_config_of(const struct eii_config *config, enum eii_core_mode mode,
					  const char *mailbox_key,
					  const struct eii_report_settings *report);

#endif
