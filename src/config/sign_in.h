/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the settings of the sign-in to the mailbox go together.
 */
#ifndef EII_CONFIG_SIGN_IN_H
#define EII_CONFIG_SIGN_IN_H

#include "eii/config/config.h"

/*
 * Chooses the method where none is given, and fills what it lacks from AZURE_*
 * as Kubernetes' webhook for workload identity sets them.
 */
void eii_sign_in_fill(struct eii_config *config, const char *const *environment);

/* One method, all that it needs, and nothing that belongs to another. */
void eii_sign_in_check(const struct eii_config *config, struct eii_problems *problems);

#endif
