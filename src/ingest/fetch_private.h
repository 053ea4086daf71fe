/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fetch thread's files share: the orders it gets (fetcher.c), the plan
 * of what comes next (fetch_plan.c), and the bodies under way (fetch_bodies.c).
 */
#ifndef EII_INGEST_FETCH_PRIVATE_H
#define EII_INGEST_FETCH_PRIVATE_H

#include <pthread.h>

#include "eii/base/backoff.h"
#include "eii/base/stop.h"
#include "eii/ingest/fetcher.h"

#define PLAN_CAPACITY (EII_FETCH_AHEAD_MAILS + 4 * EII_FETCH_CHUNK_MAILS)
#define MAX_GROUPS    2 /* asked for and not yet read: the next command leaves early */
#define ALONE_TRIES   3 /* a single mail that the session dies on is asked for so often */

enum order { ORDER_NONE, ORDER_LOOK, ORDER_GO, ORDER_STOP };

/* Bodies asked for by one command. */
struct group {
	struct eii_mail_info infos[EII_FETCH_CHUNK_MAILS];
	struct eii_mail *mails[EII_FETCH_CHUNK_MAILS]; /* room while it is being received */
	bool is_done[EII_FETCH_CHUNK_MAILS];
	size_t n;
	size_t hint; /* where the next answer is expected */
	bool is_head;
	bool given_up;
};

struct eii_fetcher {
	struct eii_fetcher_options options;
	struct eii_queue *events;
	struct eii_stop *cut;

	/* Orders, from publish. */
	pthread_mutex_t lock;
	pthread_cond_t ordered;
	enum order order;
	bool aborted;
	bool has_permit;
	enum eii_fetch_permit permit;
	struct eii_fetch_place place; /* of the look ordered */
	uint32_t n_careful;

	/* The thread's own. */
	bool was_open; /* a sign-in worked once: a refused one is no longer fatal */
	struct eii_folder folder;
	struct eii_fetch_found found;
	struct eii_uid_set candidates;
	struct eii_mail_info *plan; /* a ring of PLAN_CAPACITY */
	size_t plan_first, n_plan;
	struct group groups[MAX_GROUPS];
	size_t first_group, n_groups;
	size_t group_limit; /* mails of one command; halved by refusals */
	size_t n_missing;
	struct eii_mail_info
		*missing_infos; /* UIDs that an answer lacked, at most a chunk each group */
	uint32_t alone_uid;     /* the single mail that the session died on */
	unsigned n_alone_losses;
	unsigned n_losses; /* in a row, without a mail */
	struct eii_backoff backoff;
};

bool eii_fetch_is_aborted(struct eii_fetcher *f);

/* Puts an event into the queue; frees it where the order was aborted. */
void eii_fetch_push(struct eii_fetcher *f, struct eii_fetch_event *event);
struct eii_fetch_event *eii_fetch_event_new(enum eii_fetch_event_type type);

/* fetch_plan.c */
enum eii_rc eii_fetch_look_for_new(struct eii_fetcher *f, const struct eii_fetch_place *place,
				   struct eii_error *err) EII_MUST_CHECK;
enum eii_rc eii_fetch_fill_plan(struct eii_fetcher *f, struct eii_error *err) EII_MUST_CHECK;
bool eii_fetch_plan_is_empty(const struct eii_fetcher *f);
const struct eii_mail_info *eii_fetch_plan_first(const struct eii_fetcher *f);
struct eii_mail_info eii_fetch_plan_pop(struct eii_fetcher *f);
void eii_fetch_plan_push_front(struct eii_fetcher *f, const struct eii_mail_info *info);
/* Opens the session again; RETRY with a text where the mailbox was renumbered. */
enum eii_rc eii_fetch_reopen(struct eii_fetcher *f, struct eii_error *err) EII_MUST_CHECK;
enum eii_rc eii_fetch_open(struct eii_fetcher *f, struct eii_error *err) EII_MUST_CHECK;

/* fetch_bodies.c */
enum eii_rc eii_fetch_step(struct eii_fetcher *f, struct eii_error *err) EII_MUST_CHECK;
bool eii_fetch_is_idle(const struct eii_fetcher *f);
/* Gives what is under way back to the plan (the session is gone). */
void eii_fetch_take_back(struct eii_fetcher *f);

#endif
