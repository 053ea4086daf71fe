/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An IMAP server that follows a script, for one connection. A step is a text;
 * its first character says what it is:
 *   '<' the server sends the rest and CRLF      '=' sends the rest as it is
 *   '>' the client sends exactly the rest       '#' nothing until the client goes
 *   '^' the server sends the rest again and again until the client goes
 *   '%' the server sends the rest as it is, but a NUL for each '%' in it
 * At the end the server closes.
 */
#ifndef EII_TESTS_IMAP_SCRIPT_H
#define EII_TESTS_IMAP_SCRIPT_H

#include <stddef.h>

#include "eii/base/error.h"
#include "eii/imap/session.h"

#define SCRIPT_LONG_MS  60000 /* more than any answer takes, sanitizers included */
#define SCRIPT_SHORT_MS 300   /* for servers that do not answer */

struct script;

struct script *script_start(const char *const *steps);

/* Options for a session with it in plain text: user "u", password "p"; long time-outs. */
struct eii_imap_options script_options(const struct script *script);

/* Hands out its secrets in turn, as options have it. */
struct script_secrets {
	const char *first;
	const char *fresh; /* NULL = the token endpoint cannot be reached */
	int n_asked;
};
enum eii_rc script_give_secret(void *arg, enum eii_imap_secret_need need, char **out,
			       struct eii_error *err);

/* Waits for the end; false (and a message) when the client said something else. */
int script_stop(struct script *script);

/* The first steps of a session, and a folder with three mails in it. */
#define SCRIPT_HELLO   "<* PREAUTH [CAPABILITY IMAP4rev1] hi"
#define SCRIPT_HELLO_E "<* PREAUTH [CAPABILITY IMAP4rev1 ESEARCH] hi"
#define SCRIPT_EXAMINE                                                                             \
	">A1 EXAMINE \"INBOX\"", "<* 3 EXISTS", "<* OK [UIDVALIDITY 7] ok",                        \
		"<* OK [UIDNEXT 12] ok", "<A1 OK [READ-ONLY] done"

/* A session that is signed in: the script's first step is a PREAUTH greeting. */
struct eii_imap *script_open(const struct script *script, uint32_t timeout_ms);

/* The same with the folder of SCRIPT_EXAMINE open. */
struct eii_imap *script_open_folder(const struct script *script, uint32_t timeout_ms);

#endif
