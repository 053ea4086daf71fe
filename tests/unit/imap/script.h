/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An IMAP server that follows a script, for one connection. A step is a text;
 * its first character says what it is:
 *   '<' the server sends the rest and CRLF      '=' sends the rest as it is
 *   '>' the client sends exactly the rest       '#' nothing until the client goes
 * At the end the server closes.
 */
#ifndef EII_TESTS_IMAP_SCRIPT_H
#define EII_TESTS_IMAP_SCRIPT_H

#include <stddef.h>

#include "eii/base/error.h"
#include "eii/imap/session.h"

#define SCRIPT_LONG_MS  20000 /* more than any answer takes, sanitizers included */
#define SCRIPT_SHORT_MS 300   /* for servers that do not answer */

struct script;

struct script *script_start(const char *const *steps);

/* Options for a session with it in plain text: user "u", password "p"; long time-outs. */
struct eii_imap_options script_options(const struct script *script);

/* Waits for the end; false (and a message) when the client said something else. */
int script_stop(struct script *script);

/* A session that is signed in: the script's first step is a PREAUTH greeting. */
struct eii_imap *script_open(const struct script *script, uint32_t timeout_ms);

#endif
