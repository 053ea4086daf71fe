/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the heart has to show to a person who looks: its phase and since when, what went
 * wrong last, what came by the hour. Codes, counts and times: no text of a mail or of a
 * server. In memory only. The heart writes, any thread reads a copy.
 */
#ifndef EII_INGEST_CHRONICLE_H
#define EII_INGEST_CHRONICLE_H

#include <stdbool.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/core/core.h"
#include "eii/ingest/hours.h"

enum eii_told_phase {
	EII_TOLD_START, /* the platform does not know the connector yet */
	EII_TOLD_IDLE,
	EII_TOLD_LOOK,
	EII_TOLD_FLOW,
	EII_TOLD_PAUSED, /* over the queue's threshold */
	EII_TOLD_CLOSE,
	EII_TOLD_STOP,
	EII_TOLD_PHASES,
};

/* What went wrong: of a part, the last fault; of the rest, the last event at warning or above. */
struct eii_trouble {
	enum eii_event_type type;   /* EII_EVENT_NONE = there is none; FAULT or WAITS_PERSON */
	enum eii_event_type reason; /* of a run that was broken off */
	enum eii_part part;         /* of FAULT and WAITS_PERSON, as the next */
	enum eii_failure_kind kind;
	int64_t since_s, over_s; /* Unix; over 0 = it stands, or nothing tells its end */
};

#define EII_TOLD_TROUBLES (EII_PARTS + 1)

struct eii_told {
	enum eii_told_phase phase;
	int64_t phase_since_s; /* Unix */
	struct eii_trouble troubles[EII_TOLD_TROUBLES];
	struct eii_hours hours;
};

/* One look of the heart at itself; the counts are totals. */
struct eii_sight {
	const struct eii_core_view *view; /* borrowed */
	int64_t now_ms, unix_s;
	uint64_t n_mails, n_fallbacks;
};

struct eii_chronicle;
struct eii_chronicle *eii_chronicle_new(void);
void eii_chronicle_free(struct eii_chronicle *chronicle);
EII_DEFINE_AUTO(eii_chronicle);

/* chronicle may be NULL: nobody looks. */
void eii_chronicle_see(struct eii_chronicle *chronicle, const struct eii_sight *sight);
void eii_chronicle_hear(struct eii_chronicle *chronicle, const struct eii_event *event,
			int64_t unix_s);

void eii_chronicle_read(struct eii_chronicle *chronicle, struct eii_told *out);

#endif
