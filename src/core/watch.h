/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mail server asked to announce mails (IDLE, RFC 2177) between two runs. It
 * only moves the next run: what is new is found by a look, and without any
 * announcement the look of the period finds it. A watch that fails is tried again
 * after pauses that grow to an hour, and is nobody's fault to mend.
 *
 * The server announces what comes to the folder that is open. Of several, the
 * others are glanced at every minute, for which the watch is interrupted.
 */
#ifndef EII_CORE_WATCH_H
#define EII_CORE_WATCH_H

#include "policy.h"

#define EII_WATCH_LONG_MS    (28 * 60 * 1000) /* under the 29 minutes of RFC 9051, 6.3.13 */
#define EII_WATCH_SHORT_MS   (4 * 60 * 1000)  /* once a connection was found dead */
#define EII_WATCH_LEAST_MS   (60 * 1000)      /* and each time after that half, down to this */
#define EII_WATCH_WHOLE      15               /* so many to their end: twice as long again */
#define EII_WATCH_DONE_MS    20000            /* for the answer to DONE */
#define EII_WATCH_WORTH_MS   2000             /* a run that is due sooner is waited for without */
#define EII_WATCH_REFUSED_MS (60 * 60 * 1000) /* a server without IDLE is asked again */
#define EII_WATCH_SHARE_MS   10000            /* mails that come within share a Work */
#define EII_WATCH_EMPTY_FREE 3                /* announcements that brought nothing */
#define EII_WATCH_EMPTY_MS   60000            /* between two looks after many more of these */
#define EII_WATCH_GLANCE_MS  60000            /* between two glances at the other folders */
#define EII_WATCH_GLANCES_MS (60 * 60 * 1000) /* the longest pause after those that failed */

struct eii_watch {
	bool is_allowed;    /* the last run ended well, and no run was announced since */
	bool is_refused;    /* the server has none, as it said last */
	int64_t refused_ms; /* until then it is not asked again */
	int64_t began_ms, until_ms;
	int64_t length_ms; /* of one */
	unsigned n_whole;  /* that came to their end, in a row */
	unsigned n_empty;  /* announcements in a row whose run found nothing */
	uint64_t n_announced;
	int64_t glance_ms;       /* the next glance at the other folders; 0 = at once */
	int64_t glance_pause_ms; /* until the one after it */
	struct eii_attempt attempt;
};

void eii_watch_init(struct eii_watch *watch);

/* The server announces mails, as far as is known. */
bool eii_watch_is_on(const struct eii_watch *watch, const struct eii_pulse *pulse);

/* A run has ended well, with so many mails. True where a watch may follow. */
bool eii_watch_allow(struct eii_watch *watch, struct eii_pulse *pulse, uint64_t n_mails);

/* Until when a Work that is opened now waits for more mails; 0 = it does not. */
int64_t eii_watch_shares_until(const struct eii_watch *watch, const struct eii_pulse *pulse);

/* One may begin now, with a run due at that instant. */
bool eii_watch_is_due(struct eii_watch *watch, struct eii_pulse *pulse, int64_t run_ms);
/* It begins, and ends when the run is due, or a glance where there are other folders. */
enum eii_watch_of { EII_WATCH_OF_ALL, EII_WATCH_OF_ONE_AMONG_OTHERS };
void eii_watch_begin(struct eii_watch *watch, const struct eii_pulse *pulse, enum eii_watch_of of,
		     int64_t run_ms);

/* The other folders are to be glanced at before it begins. */
bool eii_watch_wants_glance(struct eii_watch *watch, struct eii_pulse *pulse);
void eii_watch_glanced(struct eii_watch *watch, const struct eii_pulse *pulse);
/* The session ended with it, or it was refused as a whole: the next one may wait. */
void eii_watch_glance_failed(struct eii_watch *watch, const struct eii_pulse *pulse);

/* Mails have come: milliseconds until the run that looks for them. */
int64_t eii_watch_announced(struct eii_watch *watch);
/* It came to its end. */
void eii_watch_ended(struct eii_watch *watch);
/* The server has none. True where the operator has not been told and wants to know. */
bool eii_watch_refused(struct eii_watch *watch, const struct eii_pulse *pulse);

/* It failed, or the session for it did. */
enum eii_watch_loss { EII_WATCH_NOT_OPENED, EII_WATCH_SESSION_LOST, EII_WATCH_SESSION_LIVES };
void eii_watch_failed(struct eii_watch *watch, struct eii_pulse *pulse, enum eii_watch_loss loss,
		      const struct eii_failure *failure);

#endif
