/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `login`: a user consents in a browser, and the token that signing in needs goes to a file
 * of mode 0600, or into the manifest of a Kubernetes Secret. Talks to standard error;
 * nothing secret is shown, but on standard output where it is asked for.
 */
#ifndef EII_APP_LOGIN_H
#define EII_APP_LOGIN_H

#include "eii/app/login_options.h"
#include "eii/config/config.h"

#define EII_LOGIN_WAIT_MS 900000 /* for the browser */

/* Returns 0, 66 (the client's file), 69, 74 (the output), 75, 77 or 78. */
int eii_login_run(const struct eii_config *config, const struct eii_login_options *options);

#endif
