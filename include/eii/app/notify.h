/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What systemd is told (sd_notify(3)): datagrams of a line each to the socket
 * that NOTIFY_SOCKET names. Without the variable nothing is sent.
 */
#ifndef EII_APP_NOTIFY_H
#define EII_APP_NOTIFY_H

#define EII_NOTIFY_READY    "READY=1"
#define EII_NOTIFY_STOPPING "STOPPING=1"
#define EII_NOTIFY_WATCHDOG "WATCHDOG=1"

/* Never waits and never fails: who does not listen is not told. */
void eii_notify(const char *state);

/*
 * How often EII_NOTIFY_WATCHDOG is to be sent, in milliseconds: half of what the
 * unit allows; 0 where it has no watchdog or means another process.
 */
int eii_notify_watchdog_ms(void);

#endif
