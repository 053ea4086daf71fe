/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the mailbox's driver share: fetch_driver.c (the thread, and
 * all other orders), fetch_list.c (LIST), fetch_glance.c (GLANCE), fetch_bodies.c
 * (FETCH) and fetch_tell.c (answers and failures).
 */
#ifndef EII_INGEST_FETCH_PRIVATE_H
#define EII_INGEST_FETCH_PRIVATE_H

#include "eii/ingest/fetch_driver.h"
#include "eii/ingest/uid_set.h"

#define EII_FETCH_GROUPS 2 /* FETCHes sent and not read */

/* A FETCH under way. */
struct eii_fetch_group {
	struct eii_task *task; /* owned */
	bool is_given[EII_CORE_CHUNK_MAILS];
	size_t hint; /* where the next answer is expected */
};

struct eii_fetch_driver {
	struct eii_fetch_driver_options options;
	struct eii_imap *imap;   /* NULL = no session */
	struct eii_uid_set list; /* of the last SEARCH */
	struct eii_fetch_group groups[EII_FETCH_GROUPS];
	size_t n_groups;
	struct eii_task *next; /* taken from the lane, to be done once the groups are read */
	char *raw;             /* of the mail that is coming in */
	size_t raw_len;
	struct eii_order
		searched; /* the last SEARCH of this session, and whether it gave nothing */
	bool was_empty;
	bool has_told_whole_value; /* the setting's value is a folder's name */
};

/* ---- fetch_tell.c ------------------------------------------------------ */

void eii_fetch_tell(struct eii_fetch_driver *driver, struct eii_note *note);
struct eii_note *eii_fetch_answer(const struct eii_task *task, enum eii_fact_type type);
void eii_fetch_note(struct eii_fetch_driver *driver, enum eii_rc rc, const struct eii_error *err);

/*
 * refusal is of a session that could not be opened; NULL = the open one's last.
 * A session that is over is freed.
 */
struct eii_note *eii_fetch_failure(struct eii_fetch_driver *driver, const struct eii_task *task,
				   const struct eii_imap_refusal *refusal, enum eii_rc rc,
				   const struct eii_error *err);

/* Sizes and dates, each with its UID, for a note that takes them along. */
void eii_fetch_add_infos(struct eii_note *note, const struct eii_imap_info *infos, size_t n);
void eii_fetch_fail(struct eii_fetch_driver *driver, const struct eii_task *task, enum eii_rc rc,
		    const struct eii_error *err);

/* ---- fetch_list.c ------------------------------------------------------ */

void eii_fetch_list(struct eii_fetch_driver *driver, const struct eii_task *task);

/* ---- fetch_glance.c ---------------------------------------------------- */

void eii_fetch_glance(struct eii_fetch_driver *driver, const struct eii_task *task);

/* ---- fetch_bodies.c ---------------------------------------------------- */

/* Takes the task. */
void eii_fetch_send_group(struct eii_fetch_driver *driver, struct eii_task *task);

/* The next FETCH leaves before the answer in hand is read to its end. */
void eii_fetch_send_ahead(struct eii_fetch_driver *driver);
void eii_fetch_read_group(struct eii_fetch_driver *driver);

#endif
