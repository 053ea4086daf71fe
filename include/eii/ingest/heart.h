/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The thread that holds the core: one poll over the drivers' facts and the
 * instant at which the core wants to be told the time. It tells facts and hands
 * orders to drivers; nothing that it calls can block, and nothing takes the
 * longer the larger a mail is.
 */
#ifndef EII_INGEST_HEART_H
#define EII_INGEST_HEART_H

#include "eii/base/cleanup.h"
#include "eii/base/queue.h"
#include "eii/core/core.h"
#include "eii/ingest/chronicle.h"
#include "eii/ingest/lane.h"
#include "eii/ingest/stats.h"

#define EII_HEART_NOTES 8192 /* of the queue that the drivers share */

enum eii_heart_progress { EII_PROGRESS_LOG, EII_PROGRESS_TERMINAL };

struct eii_heart_options {
	struct eii_core_config core; /* its clocks are set by the heart */
	struct eii_queue *notes;     /* all borrowed */
	struct eii_lane *mailbox, *reports, *queue, *platform;
	struct eii_stats *stats;
	struct eii_chronicle *chronicle; /* NULL = nobody looks */
	enum eii_heart_progress progress;
	bool is_dry_run; /* reports are printed, and nothing speaks of sending */
};

struct eii_heart;
struct eii_heart *eii_heart_new(const struct eii_heart_options *options);

/* Its thread and those of the drivers have ended. */
void eii_heart_free(struct eii_heart *heart);
EII_DEFINE_AUTO(eii_heart);

/* The thread's body; returns when the core is over. */
void *eii_heart_run(void *heart);

/* EII_FACT_STOP, WAKE or HUP; from any thread, never waits. */
void eii_heart_post(struct eii_heart *heart, enum eii_fact_type type);

/* Readable once the thread has come to its end. */
int eii_heart_done_fd(const struct eii_heart *heart);

/* After its end: how, and what the last failure said ("" = none). */
enum eii_over_code eii_heart_code(const struct eii_heart *heart);
const char *eii_heart_words(const struct eii_heart *heart);

#endif
