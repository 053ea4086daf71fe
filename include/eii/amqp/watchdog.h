/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cuts a socket on which a library hangs. librabbitmq before 0.14 can wait for
 * ever inside a publish; shutdown() of its descriptor from another thread is
 * the one thing that always ends that. One watchdog serves one connection: its
 * owner arms it around a call that may hang; a thread of app's runs it.
 *
 * An armed watchdog costs no wake-up as long as it is disarmed in time.
 */
#ifndef EII_AMQP_WATCHDOG_H
#define EII_AMQP_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/stop.h"

struct eii_watchdog;

/* stop is borrowed and may be NULL. */
struct eii_watchdog *eii_watchdog_new(const struct eii_stop *stop);

/* The thread that runs it has ended before. */
void eii_watchdog_free(struct eii_watchdog *dog);
EII_DEFINE_AUTO(eii_watchdog);

/* For pthread_create: watches until eii_watchdog_quit. arg is the watchdog; returns NULL. */
void *eii_watchdog_run(void *arg);

/* Ends eii_watchdog_run; callable from any thread. */
void eii_watchdog_quit(struct eii_watchdog *dog);

/*
 * From now on fd is shut down (not closed) at the deadline of the monotonic
 * clock, or stop_grace_ms after a stop was requested, whichever is first.
 * Arming again replaces what was armed. dog may be NULL.
 */
void eii_watchdog_arm(struct eii_watchdog *dog, int fd, int64_t deadline_ms, int64_t stop_grace_ms);

/* fd may be closed after this. True where it had been cut since it was armed. dog may be NULL. */
bool eii_watchdog_disarm(struct eii_watchdog *dog);

#endif
