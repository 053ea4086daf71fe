/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `--check`: does what the settings say work? One line for each of settings,
 * mailbox, platform and broker: ok, or why not and what to do. Nothing is
 * registered, changed or published.
 */
#ifndef EII_APP_CHECK_H
#define EII_APP_CHECK_H

#include "eii/config/config.h"

/* Prints to standard output; returns 0 or the worst of 77, 78 and 69. */
int eii_check_run(const struct eii_config *config);

#endif
