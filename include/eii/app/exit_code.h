/* SPDX-License-Identifier: Apache-2.0 */
/* How failures end the process: codes of sysexits.h that Kubernetes and cron show. */
#ifndef EII_APP_EXIT_CODE_H
#define EII_APP_EXIT_CODE_H

#include "eii/base/error.h"
#include "eii/core/order.h"

/* 78 configuration, 77 credentials, 69 unreachable, 75 gave up, 70 else; 0 for EII_OK. */
int eii_exit_code(enum eii_rc rc, const struct eii_error *err);

/* Of a core that has come to its end: 0, 75, 77 or 78. */
int eii_exit_code_of_over(enum eii_over_code code);

#endif
