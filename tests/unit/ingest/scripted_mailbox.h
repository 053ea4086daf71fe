/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mailbox in memory behind ingest's table, that refuses, loses and dies as a
 * test tells it to.
 */
#ifndef EII_TESTS_SCRIPTED_MAILBOX_H
#define EII_TESTS_SCRIPTED_MAILBOX_H

#include "eii/base/stop.h"
#include "eii/ingest/ports.h"

#define SCRIPTED_MAX_MAILS 1200

enum scripted_fault {
	SCRIPTED_GOOD,
	SCRIPTED_REFUSED,  /* a command that asks for it is answered NO */
	SCRIPTED_DEADLY,   /* the session dies when it is asked for */
	SCRIPTED_WITHHELD, /* the answer leaves it out, though it is there */
	SCRIPTED_EXPUNGED, /* gone after the search */
};

struct scripted_mail {
	uint32_t uid;
	int64_t internal_unix_s;
	const char *text;
	uint64_t claimed_size; /* RFC822.SIZE; 0 = the true one */
	enum scripted_fault fault;
};

struct scripted_mailbox {
	struct eii_mailbox_port base; /* first */
	struct scripted_mail mails[SCRIPTED_MAX_MAILS];
	size_t n_mails;
	struct eii_folder folder;
	bool is_open;
	bool changed; /* what the next look says */
	unsigned n_opens, n_looks, n_searches, n_body_commands;
	unsigned n_open_failures;  /* so many opens fail first */
	enum eii_rc open_rc;       /* with this */
	uint32_t uidvalidity_next; /* after the next open; 0 = the same */
	uint32_t heads;            /* bodies asked for by their first bytes only */
	struct eii_stop *cut;      /* borrowed, may be NULL */
	bool was_cut_at_close;     /* its waits were cut when it was closed last */
	/* Commands under way. */
	uint32_t asked[4][256];
	size_t n_asked[4];
	uint32_t asked_head[4];
	size_t first_asked, n_commands;
};

void scripted_mailbox_init(struct scripted_mailbox *box, uint32_t uidvalidity, uint32_t uidnext);
struct scripted_mail *scripted_mailbox_add(struct scripted_mailbox *box, uint32_t uid,
					   int64_t internal_unix_s, const char *text);

#endif
