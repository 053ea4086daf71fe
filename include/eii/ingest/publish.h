/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The publish thread: owner of the converter, the queue's connection and the
 * cursor, and the one that leads a run: look, Work, author and marking, then
 * mail by mail fields -> report -> message -> confirm, until all is settled.
 * Between runs it keeps the schedule.
 *
 * A mail counts as done when the broker has confirmed all messages of its
 * report. Whatever breaks in between, the mail is still in hand, or above the
 * cursor for the next run.
 */
#ifndef EII_INGEST_PUBLISH_H
#define EII_INGEST_PUBLISH_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/base/error.h"
#include "eii/base/stop.h"
#include "eii/convert/converter.h"
#include "eii/ingest/desk.h"
#include "eii/ingest/fetcher.h"
#include "eii/ingest/ports.h"
#include "eii/ingest/stats.h"
#include "eii/state/ring.h"
#include "eii/stix/report.h"

#define EII_PUBLISH_KNOWN_WAIT_MS   90000 /* for the platform to have author and marking */
#define EII_PUBLISH_THRESHOLD_MS    5000  /* between two looks at the platform's queue */
#define EII_PUBLISH_EXPECT_MS       1000  /* between two additions to the Work's count */
#define EII_PUBLISH_WINDOW_MESSAGES 512
#define EII_PUBLISH_STOP_CONVERT_MS 3000 /* after a stop: for the mail in hand */
#define EII_PUBLISH_STOP_CONFIRM_MS 4000 /* then for confirms */
#define EII_PUBLISH_STOP_CALL_MS    1000 /* then for each last call: state, Work */

enum eii_publish_mode {
	EII_PUBLISH_DAEMON,
	EII_PUBLISH_ONCE, /* one run, then the thread ends */
};

struct eii_publish_options {
	struct eii_fetcher *fetcher; /* all borrowed */
	struct eii_desk *desk;
	struct eii_queue_port *queue;
	struct eii_converter *converter;
	struct eii_budget *budget;
	struct eii_stats *stats;
	struct eii_stop *stop;         /* the process is to end */
	struct eii_stop *platform_cut; /* cuts the desk's calls; taken back for the last ones */
	const struct eii_report_settings *report;
	enum eii_ring_mode ring_mode;
	const char *work_name; /* as shown in the platform: the connector's name */
	enum eii_publish_mode mode;
	uint32_t period_s;
	int64_t start_period_s;       /* how far back a first window goes */
	double queue_threshold_bytes; /* 0 = none */
	uint32_t first_wait_ms;       /* backoff of every server */
	uint32_t max_wait_ms;
	uint32_t max_tries; /* in ONCE mode: of each server before it gives up */
	int progress_fd;    /* a terminal for the progress line, or -1 */
};

struct eii_publish;
struct eii_publish *eii_publish_new(const struct eii_publish_options *options);
void eii_publish_free(struct eii_publish *publish);
EII_DEFINE_AUTO(eii_publish);

/* The thread's body. */
void *eii_publish_run(void *publish);

/* A run now, instead of at its time. Safe in a signal handler. */
void eii_publish_wake(struct eii_publish *publish);

/* Readable once the thread has come to its end by itself or by a stop. */
int eii_publish_done_fd(const struct eii_publish *publish);

/*
 * After its end: EII_OK; EII_RETRY: gave up (ONCE mode); EII_FATAL by kind.
 * The error's text says why.
 */
enum eii_rc eii_publish_result(const struct eii_publish *publish,
			       struct eii_error *out) EII_MUST_CHECK;

#endif
