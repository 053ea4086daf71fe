/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the heart's files share: heart.c (facts and orders), heart_mail.c (mails
 * on their way: bytes, fields, report) and heart_show.c (what watchers see).
 */
#ifndef EII_INGEST_HEART_PRIVATE_H
#define EII_INGEST_HEART_PRIVATE_H

#include "eii/ingest/heart.h"
#include "eii/ingest/parcel.h"

struct eii_heart {
	struct eii_heart_options options;
	struct eii_core *core;
	int done_fd;
	enum eii_over_code code;
	char words[EII_CORE_WORDS_BYTES];

	struct eii_parcel *slots[EII_CORE_LINE_MAILS];

	int64_t flow_started_ms, progress_ms;
	const char *phase_words; /* the last ones shown; NULL = mails flow */
};

/* ---- heart_mail.c ------------------------------------------------------ */

void eii_heart_fetching(struct eii_heart *heart, const struct eii_order *order);
void eii_heart_take_body(struct eii_heart *heart, struct eii_note *note);
void eii_heart_convert(struct eii_heart *heart, const struct eii_order *order);
void eii_heart_converted(struct eii_heart *heart, struct eii_note *note);
void eii_heart_make(struct eii_heart *heart, const struct eii_order *order);
void eii_heart_made(struct eii_heart *heart, struct eii_note *note);
void eii_heart_drop(struct eii_heart *heart, uint16_t slot);

/* A report's message goes to the queue's driver. */
void eii_heart_sending(struct eii_heart *heart, struct eii_task *task);
void eii_heart_outcome(struct eii_heart *heart, const struct eii_note *note);

/* The id by which the platform is asked for the slot's report. */
void eii_heart_report_id(const struct eii_heart *heart, uint16_t slot,
			 char out[EII_CORE_PLAIN_ID_BYTES]);

/* ---- heart_show.c ------------------------------------------------------ */

void eii_heart_show(struct eii_heart *heart);

/* At a terminal, what came of it all. */
void eii_heart_sum_up(struct eii_heart *heart);

#endif
