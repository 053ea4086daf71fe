/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A taker of bodies that writes down what it hears.
 */
#ifndef EII_TESTS_IMAP_HEARD_H
#define EII_TESTS_IMAP_HEARD_H

#include <stdbool.h>
#include <stddef.h>

#include "eii/base/buf.h"
#include "eii/imap/session.h"
#include "script.h"

/* The first steps of a session with the folder open, and a group that is asked for. */
#define HELLO                                                                                      \
	"<* PREAUTH [CAPABILITY IMAP4rev1] hi", ">A1 EXAMINE \"INBOX\"",                           \
		"<* OK [UIDVALIDITY 7] x", "<* OK [UIDNEXT 12] x", "<A1 OK x"
#define ASKED ">A2 UID FETCH 3:5 (UID BODY.PEEK[])"

/*
 * What the taker heard, as "uid=bytes;", and what it was told in the end, as
 * "3:whole ". Mails over 4,096 bytes are not wanted by it, nor is 5 if it skips that.
 */
struct heard {
	struct eii_buf text, told;
	char room[4096];
	size_t len;
	bool skips_5;
	unsigned n_asked; /* for room */
};

void heard_init(struct heard *heard);
void heard_clear(struct heard *heard);

char *heard_begin(void *arg, uint32_t uid, size_t len);
void heard_end(void *arg, uint32_t uid);
void heard_told(void *arg, uint32_t uid, enum eii_imap_body what);

/* As begin, but has no room for UID 4. */
enum eii_imap_grant heard_grant(void *arg, uint32_t uid, size_t len, char **out);

/* Takers of both kinds. */
struct eii_imap_body_taker heard_taker(struct heard *heard);
struct eii_imap_body_taker heard_granting_taker(struct heard *heard);

/* Asks for 3 to 5 and reads what the script says. */
enum eii_rc heard_read_three(struct eii_imap *imap, const struct eii_imap_body_taker *taker,
			     struct eii_error *err);

#endif
