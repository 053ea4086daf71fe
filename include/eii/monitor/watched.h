/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connector as its watchers see it: who it is, and where its numbers are.
 * All borrowed; the numbers change while they are read.
 */
#ifndef EII_MONITOR_WATCHED_H
#define EII_MONITOR_WATCHED_H

#include <stddef.h>
#include <stdint.h>

#include "eii/ingest/chronicle.h"
#include "eii/ingest/contacts.h"
#include "eii/ingest/stats.h"

/* Who is read; for the status page, where the operator wants it named there. */
struct eii_watched_mailbox {
	const char *user;
	const char *host;
	const char *folder;
};

struct eii_watched {
	const struct eii_stats *stats;
	struct eii_contacts *contacts;
	struct eii_chronicle *chronicle;
	const struct eii_watched_mailbox *mailbox; /* NULL = not to be named */
	const char *const *changed;                /* names of settings, n_changed of them */
	size_t n_changed;
	const char *id;
	const char *name;
	const char *type;
	const char *scope;
	const char *version;
	const char *prefix;       /* of the metrics' names: see exposition.h */
	int64_t started_s;        /* Unix */
	uint32_t period_s;        /* between two runs */
	uint64_t threshold_bytes; /* of the platform's queue; 0 = none */
};

/* One look at both clocks, so that all of an answer speaks of one instant. */
struct eii_instant {
	int64_t monotonic_ms;
	int64_t unix_s;
};
struct eii_instant eii_instant_now(void);

#endif
