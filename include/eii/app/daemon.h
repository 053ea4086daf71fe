/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process at work: threads, signals and their end. SIGTERM and SIGINT end
 * it within EII_DAEMON_STOP_MS, a second one at once; SIGUSR1 starts a run now;
 * SIGHUP has nothing to do, since secrets are read at each sign-in.
 */
#ifndef EII_APP_DAEMON_H
#define EII_APP_DAEMON_H

#include "eii/config/config.h"

#define EII_DAEMON_STOP_MS 9500

enum eii_daemon_mode {
	EII_DAEMON_STAY,
	EII_DAEMON_ONCE,    /* one run; gives up after its retries */
	EII_DAEMON_DRY_RUN, /* one run that only prints */
};

/* Runs until its end and returns the exit code (sysexits.h). */
int eii_daemon_run(const struct eii_config *config, enum eii_daemon_mode mode);

#endif
