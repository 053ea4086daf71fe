/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wish to end, as every wait of the process sees it: a flag, and a
 * descriptor that becomes readable and stays so. Network waits poll it beside
 * their socket, so that a stop cuts them at once.
 */
#ifndef EII_BASE_STOP_H
#define EII_BASE_STOP_H

#include <stdbool.h>

#include "eii/base/cleanup.h"

struct eii_stop;

struct eii_stop *eii_stop_new(void);
void eii_stop_free(struct eii_stop *stop);
EII_DEFINE_AUTO(eii_stop);

/* Safe in a signal handler and from any thread; a second call changes nothing. */
void eii_stop_request(struct eii_stop *stop);

/* Takes a request back (a run was aborted and the next one begins). */
void eii_stop_reset(struct eii_stop *stop);

/* NULL is never requested, and its descriptor is -1 (which poll() ignores). */
bool eii_stop_requested(const struct eii_stop *stop);
int eii_stop_fd(const struct eii_stop *stop);

/* What waiting for a descriptor came to. */
enum eii_wait { EII_WAIT_READY, EII_WAIT_TIMEOUT, EII_WAIT_STOPPED };

/*
 * Waits until fd has one of poll()'s events (or an error), the deadline of the
 * monotonic clock is over, or stop is requested; stop may be NULL, fd -1.
 */
enum eii_wait eii_stop_wait(const struct eii_stop *stop, int fd, short events,
			    long long deadline_ms);

#endif
