/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ingestion counts, for the log's progress lines and for whoever
 * watches from another thread: only atomics, only growing but where said.
 */
#ifndef EII_INGEST_STATS_H
#define EII_INGEST_STATS_H

#include <stdatomic.h>
#include <stdint.h>

#include "eii/convert/converter.h"
#include "eii/fields/fields.h"

enum eii_activity { EII_ACTIVITY_IDLE, EII_ACTIVITY_RUNNING, EII_ACTIVITY_STOPPED };

/* Reasons of a fallback report: the converter's, then those of the fetch. */
enum eii_fallback_reason {
	EII_FALLBACK_REASON_OVER_LIMIT = EII_FALLBACKS, /* EMAIL_INTEL_IMAP_MAX_MAIL_BYTES */
	EII_FALLBACK_REASON_NOT_FETCHED,                /* the server does not hand it out */
	EII_FALLBACK_REASON_GIVEN_UP,                   /* the process died on it before */
	EII_FALLBACK_REASONS,
};

struct eii_stats {
	_Atomic uint64_t n_fetched;   /* mails */
	_Atomic uint64_t n_converted; /* mails */
	_Atomic uint64_t n_published; /* messages, repeats included */
	_Atomic uint64_t n_confirmed; /* reports: mails whose messages are all confirmed */
	_Atomic uint64_t n_nacked;
	_Atomic uint64_t n_returned;
	_Atomic uint64_t n_expunged; /* mails that vanished before their fetch */
	_Atomic uint64_t fetched_bytes;
	_Atomic uint64_t published_bytes;
	_Atomic uint64_t n_fallbacks[EII_FALLBACK_REASONS];
	_Atomic uint64_t n_attachments[EII_ATTACHMENT_FATES];
	_Atomic uint64_t n_runs;
	_Atomic uint64_t n_failed_runs;
	_Atomic uint64_t n_queue_connects;
	_Atomic int activity;             /* of enum eii_activity */
	_Atomic int64_t run_found;        /* mails that the run in hand has found; gauge */
	_Atomic int64_t run_done;         /* and settled so far; gauge */
	_Atomic int64_t last_success_s;   /* Unix; end of the last run that settled all; gauge */
	_Atomic int64_t oldest_waiting_s; /* INTERNALDATE of the oldest mail under way; gauge */
	_Atomic uint32_t last_uid;        /* the cursor; gauge */
	_Atomic uint32_t uidnext;         /* gauge */
	_Atomic int64_t queue_bytes;      /* the platform's push queue; gauge */
	_Atomic int is_over_threshold;    /* gauge */
};

#define EII_COUNT(stats, member)        ((void)atomic_fetch_add(&(stats)->member, 1))
#define EII_COUNT_BY(stats, member, by) ((void)atomic_fetch_add(&(stats)->member, (by)))

#endif
