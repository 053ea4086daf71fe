/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All sources of settings, in their order.
 */
#ifndef EII_CONFIG_SOURCES_H
#define EII_CONFIG_SOURCES_H

#include "eii/config/config.h"
#include "given.h"

/* Reads the sources, the later over the earlier; adds what is wrong or unknown to problems. */
void eii_sources_read(const struct eii_config_sources *sources, struct eii_given *given,
		      struct eii_problems *problems);

#endif
