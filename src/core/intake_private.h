/* SPDX-License-Identifier: Apache-2.0 */
/* What intake's files share: asking, and heeding the answers. */
#ifndef EII_CORE_INTAKE_PRIVATE_H
#define EII_CORE_INTAKE_PRIVATE_H

#include "core_private.h"

/* An order of which one is under way at a time, with its time. */
struct eii_order *eii_intake_ask(struct eii_core *core, enum eii_order_type type, int64_t ms);

/* A session, with the folder at work; where that is to be found out first, with none. */
void eii_intake_open(struct eii_core *core);

/* The mails of a group are asked for in smaller ones: a single run gives nothing up for that. */
void eii_intake_narrowed(struct eii_core *core, const struct eii_failure *failure);

/* It has no folder open any more. */
void eii_intake_session_is_over(struct eii_core *core);

/* Other mails than the troubled ones are still to be asked for. */
enum eii_others eii_intake_others(const struct eii_core *core);

/* The run needs a session. */
bool eii_intake_wants_session(const struct eii_core *core);

/* Gives a mail back that was chosen and did not go, or has to go again. */
void eii_intake_put_back(struct eii_core *core, const struct eii_wanted *wanted);

/* A sign of life of a held session, by the folder at work: where another is open it is opened. */
void eii_intake_look(struct eii_core *core);
/* Asks the server to announce mails, where nothing else is to be done; false: nothing was asked. */
bool eii_intake_watch(struct eii_core *core);
/* A run needs the session of a watch whose time has not come. */
bool eii_intake_is_watch_in_the_way(const struct eii_core *core);
/* The answers: a session opened for it, its end, its failure or that of its session. */
void eii_intake_watch_opened(struct eii_core *core, const struct eii_fact *fact);
void eii_intake_watched(struct eii_core *core, const struct eii_fact *fact);
void eii_intake_watch_failed(struct eii_core *core, enum eii_order_type doing,
			     const struct eii_failure *failure);

/* An announcement moves the next run; not a run that is under way. */
void eii_intake_announced(struct eii_core *core);

/* Others than the folder at work are read, and may be glanced at. */
bool eii_intake_has_others(struct eii_core *core);
void eii_intake_glance(struct eii_core *core);
/* True: something has come to one of them. */
bool eii_intake_glanced(struct eii_core *core, const struct eii_fact *fact);

/* It is not in the mailbox any more. */
void eii_intake_expunged(struct eii_core *core, const struct eii_wanted *wanted);

/* A chunk of the list has come. */
void eii_intake_heed_sizes(struct eii_core *core, const struct eii_fact *fact);

/* Size and date of the one mail of a FETCH, which was set aside. False: of no FETCH. */
bool eii_intake_heed_info(struct eii_core *core, const struct eii_fact *fact);

/* It has not: a UID whose size alone the server fails on is listed without it. */
void eii_intake_sizes_failed(struct eii_core *core, const struct eii_fact *fact);

/* A mail is larger than the server had said: it is asked for again with what it needs. */
void eii_intake_too_large(struct eii_core *core, struct eii_wanted *wanted, uint64_t len);

#endif
