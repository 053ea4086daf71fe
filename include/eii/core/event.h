/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the core has to say, for log, health and metrics: a code and a few
 * numbers, never a mail's text. A driver has the words (docs/errors.md lists
 * each event).
 */
#ifndef EII_CORE_EVENT_H
#define EII_CORE_EVENT_H

#include <stdint.h>

#include "eii/core/fact.h"

enum eii_event_type {
	EII_EVENT_NONE,
	/* a part */
	EII_EVENT_FAULT,        /* part, words, a = milliseconds to the next try: first of a row */
	EII_EVENT_FAULT_STANDS, /* part, words, a = seconds: over a minute (error) */
	EII_EVENT_FAULT_OVER,   /* part, a = seconds that it stood */
	EII_EVENT_WAITS_PERSON, /* part, words, a = seconds to the next try (error) */
	EII_EVENT_BLOCKED,      /* words, a = seconds: the broker's alarm stands (error) */
	EII_EVENT_UNBLOCKED,    /* a = seconds */
	/* run */
	EII_EVENT_RUN_STARTED,    /* a = found, b = cursor */
	EII_EVENT_RUN_PROGRESS,   /* a = settled, b = found */
	EII_EVENT_RUN_DONE,       /* a = found, b = reports, c = fallbacks, d = ms */
	EII_EVENT_RUN_BROKEN,     /* a = found, b = reports, reason */
	EII_EVENT_RUN_CAREFUL,    /* a = starts */
	EII_EVENT_NOTHING_NEW,    /* b = cursor */
	EII_EVENT_WINDOW_EMPTY,   /* a = mails of the folder, b = since: a first window had none */
	EII_EVENT_OVER_THRESHOLD, /* a = bytes of the queue */
	EII_EVENT_UNDER_THRESHOLD,
	EII_EVENT_PAUSED_OUT, /* a whole period over the threshold */
	EII_EVENT_NOT_PUSHED, /* words: the server does not announce mails; told where it is asked
				 by name */
	EII_EVENT_STOPPED,
	/* place */
	EII_EVENT_RENUMBERED,       /* a = new UIDVALIDITY, b = old */
	EII_EVENT_UIDNEXT_BACK,     /* a = UIDNEXT, b = cursor: restored from a backup */
	EII_EVENT_TAKEN_OVER,       /* a = mails counted as the official connector's */
	EII_EVENT_SET_ASIDE,        /* a = UID, b = tries */
	EII_EVENT_REPAIRED,         /* a = UID, b = tries */
	EII_EVENT_GIVEN_UP_UID,     /* a = UID: becomes a report of facts */
	EII_EVENT_KILLER,           /* a = UID: the process ended on it before: no conversion */
	EII_EVENT_FOLDER_NEW,       /* words: a folder that is read from now on */
	EII_EVENT_FOLDER_GONE,      /* words: it is not there, or not read, any more */
	EII_EVENT_FOLDER_RENAMED,   /* words: its place is that of one that is gone */
	EII_EVENT_FOLDER_REFUSED,   /* words: the server's; it is left out of this run */
	EII_EVENT_FOLDERS_TOO_MANY, /* a = that the setting names, b = that are read (error) */
	/* state */
	EII_EVENT_REGISTERED,
	EII_EVENT_RESET,
	EII_EVENT_DELETED,
	EII_EVENT_STATE_UNREADABLE, /* a = bytes, b = 64 bits of its hash */
	EII_EVENT_FOREIGN_MOVED,    /* another mailbox is run under this id (error) */
	EII_EVENT_TWIN,             /* another process runs this mailbox (error) */
	/* Work */
	EII_EVENT_WORK_ACCOUNTED, /* a = expected, b = processed */
	EII_EVENT_WORK_ERRORS,    /* a = mendable, b = other */
	EII_EVENT_WORK_CLEARED,   /* reports lost with it: going back; a = first UID */
	EII_EVENT_WORK_LOST, /* broker or platform lost what was confirmed; a = first UID (error) */
	EII_EVENT_WORK_UNSURE, /* messages without an outcome: asked for; a = first UID */
	EII_EVENT_WORK_LET_GO, /* cleared twice: a to b = UIDs, words = their folder, of several */
	EII_EVENT_CANNOT_ACCOUNT, /* older platform: the broker's confirm counts */
	EII_EVENT_CANNOT_ASK,     /* sent without asking: edits may be replaced */
	EII_EVENT_RETURNED,       /* the push queue was deleted; a = first UID */
	EII_EVENT_RIGHTS_MISSING, /* a = bits: 1 connect, 2 update, 4 upload, 8 marking (error) */
	EII_EVENT_RIGHTS_THERE,
	EII_EVENT_NACKED,          /* a = ms to the next try */
	EII_EVENT_TOO_LARGE,       /* a = UID, b = limit */
	EII_EVENT_NO_REPORT,       /* a = UID: not even its facts fit (error) */
	EII_EVENT_AUTHOR_UNKNOWN,  /* the platform has not imported it: not waited for */
	EII_EVENT_MARKING_UNKNOWN, /* the platform has not imported it; reports wait */
	EII_EVENT_REPORTS_WAIT,    /* --once: a reports wait for the platform's workers */
	EII_EVENT_CLOCK_OFF,       /* a = seconds that the own clock is ahead (error) */

	EII_EVENTS,
};

struct eii_event {
	enum eii_event_type type;
	enum eii_part part;
	enum eii_event_type reason;
	uint64_t a, b, c, d;
	const char *words; /* "" = none; as an order's pointers */
};

/* Why a report is not that of the whole mail; 1 to 15 are the converter's own (enum eii_fallback).
 */
enum eii_mail_reason {
	EII_MAIL_REASON_NONE = 0,
	EII_MAIL_REASON_OVER_LIMIT = 16, /* EMAIL_INTEL_IMAP_MAX_MAIL_BYTES */
	EII_MAIL_REASON_WITHHELD,        /* the server hands out its header, or nothing of it */
	EII_MAIL_REASON_KILLER,          /* the process ended on it twice */
	EII_MAIL_REASONS,
};

#endif
