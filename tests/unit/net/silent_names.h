/* SPDX-License-Identifier: Apache-2.0 */
/*
 * getaddrinfo() of the whole test program, libcurl's included: asked for one
 * name it behaves as before a name server that never answers, until it is let go.
 */
#ifndef EII_TESTS_NET_SILENT_NAMES_H
#define EII_TESTS_NET_SILENT_NAMES_H

#define SILENT_NAME         "silent.test"
#define SILENT_NAMES_MAX_MS 10000 /* a look-up ends then in any case */

/* Called in the thread of a look-up that begins to hang; arg as given. */
void silent_names_watch(void (*begun)(void *arg), void *arg);

/* Lets every look-up end, and waits for it. */
void silent_names_release(void);

#endif
