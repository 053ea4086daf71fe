/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ingestion counts, for the log's progress lines and for whoever
 * watches from another thread: only atomics, only growing but where said.
 */
#ifndef EII_INGEST_STATS_H
#define EII_INGEST_STATS_H

#include <stdatomic.h>
#include <stdint.h>

#include "eii/base/clock.h"
#include "eii/core/event.h"
#include "eii/fields/fields.h"
#include "eii/rules/judge.h"

/*
 * How long one kind of step took, as a histogram. Upper bounds in milliseconds:
 * a confirm of a local broker takes one, a mail over a broker's alarm an hour.
 */
#define EII_TIMES_BOUNDS 16
struct eii_times {
	_Atomic uint64_t buckets[EII_TIMES_BOUNDS + 1]; /* each on its own, the last beyond all */
	_Atomic uint64_t sum_ms;
};
extern const uint32_t eii_times_bounds_ms[EII_TIMES_BOUNDS];

/* A negative time counts as 0. Any thread. */
void eii_times_add(struct eii_times *times, int64_t ms);

enum eii_activity { EII_ACTIVITY_IDLE, EII_ACTIVITY_RUNNING, EII_ACTIVITY_STOPPED };

struct eii_stats {
	_Atomic uint64_t n_fetched;   /* mails */
	_Atomic uint64_t n_converted; /* mails */
	_Atomic uint64_t n_published; /* messages, repeats included */
	_Atomic uint64_t n_sent;      /* mails whose messages are all handed over; repeats too */
	_Atomic uint64_t n_confirmed; /* reports: mails whose messages are all confirmed */
	_Atomic uint64_t n_nacked;
	_Atomic uint64_t n_returned;
	_Atomic uint64_t n_announced; /* runs that an announcement of the mail server caused */
	_Atomic bool is_watching;     /* the server is asked to announce mails; gauge */
	_Atomic uint64_t n_expunged;  /* mails that vanished before their fetch */
	_Atomic uint64_t fetched_bytes;
	_Atomic uint64_t published_bytes;
	_Atomic uint64_t n_fallbacks[EII_MAIL_REASONS];
	_Atomic uint64_t n_attachments[EII_ATTACHMENT_FATES];
	_Atomic uint64_t n_files_left_out; /* kept by the converter, over the message's limit */
	_Atomic uint64_t n_left_out[EII_LEFT_OUTS]; /* mails of which no report is wanted */
	_Atomic uint64_t n_no_report;               /* mails of which not even the facts fit */
	_Atomic uint64_t n_runs;
	_Atomic uint64_t n_failed_runs;
	_Atomic uint64_t n_queue_connects;
	_Atomic uint64_t n_pings;
	_Atomic uint64_t n_failed_pings;
	_Atomic uint64_t n_failed_calls;           /* of the platform's API */
	_Atomic uint64_t n_converter_restarts;     /* after a failure */
	_Atomic uint64_t n_converter_replacements; /* by plan */
	struct eii_times mail_times;               /* from a mail's arrival to its confirm */
	struct eii_times confirm_times;            /* of one message */
	struct eii_times call_times;               /* of the platform's API */
	_Atomic int activity;                      /* of enum eii_activity */
	_Atomic int64_t run_found;                 /* mails that the run in hand has found; gauge */
	_Atomic int64_t run_done;                  /* and settled so far; gauge */
	_Atomic int64_t last_success_s;   /* Unix; end of the last run that settled all; gauge */
	_Atomic int64_t oldest_waiting_s; /* INTERNALDATE of the oldest mail under way; gauge */
	_Atomic uint32_t last_uid;        /* the cursor; gauge */
	_Atomic uint32_t uidnext;         /* gauge */
	_Atomic int64_t queue_bytes;      /* the platform's push queue; gauge */
	_Atomic int is_over_threshold;    /* gauge */
	_Atomic int is_registered;        /* gauge */
	_Atomic int64_t n_unconfirmed;    /* messages under way; gauge */
	_Atomic int64_t next_run_ms;      /* monotonic; when one is due, 0 = it is on; gauge */
	/* What is wrong, or not yet right; gauges but for the totals. */
	_Atomic int needs_rights, has_twin, has_foreign;
	_Atomic uint64_t n_sent_again;   /* reports, after a going back; a total */
	_Atomic uint64_t n_lost_reports; /* that had been confirmed; a total */
	_Atomic uint64_t n_work_errors_mendable, n_work_errors_other; /* totals */
	_Atomic uint32_t n_aside;                                     /* mails set aside */
	_Atomic uint32_t n_unaccounted_runs;
	_Atomic uint32_t state_bytes;
	_Atomic int64_t fault_since_ms[EII_PARTS]; /* monotonic; 0 = the part works */
	_Atomic int64_t heart_turn_ms; /* the longest time between two of the heart's waits */
	/* Monotonic: until when each thread has given a sign of life. */
	_Atomic int64_t heart_beat_ms, fetch_beat_ms, queue_beat_ms, platform_beat_ms,
		reports_beat_ms;
};

/* A thread that waits wakes at least so often to give its sign of life. */
#define EII_BEAT_MS 10000

#define EII_COUNT(stats, member)        ((void)atomic_fetch_add(&(stats)->member, 1))
#define EII_COUNT_BY(stats, member, by) ((void)atomic_fetch_add(&(stats)->member, (by)))
#define EII_BEAT(stats, member)         atomic_store(&(stats)->member, eii_clock_monotonic_ms())

#endif
