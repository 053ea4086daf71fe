/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the heart's files share: heart.c (facts and orders), heart_mail.c (mails
 * on their way: bytes, fields, report) and heart_show.c (what watchers see).
 */
#ifndef EII_INGEST_HEART_PRIVATE_H
#define EII_INGEST_HEART_PRIVATE_H

#include "eii/ingest/heart.h"
#include "eii/ingest/parcel.h"

/* A mail that is to be converted, or is with the converter. */
struct eii_heart_job {
	uint64_t order;
	uint16_t slot;
	bool is_head_only;
	struct eii_parcel *parcel; /* a reference */
};

/* The answer to MAKE, which is there before the order has been taken to its end. */
struct eii_heart_made {
	uint64_t order;
	uint16_t slot;
	uint8_t n_messages;
	uint64_t bytes[EII_REPORT_MAX_MESSAGES];
};

struct eii_heart {
	struct eii_heart_options options;
	struct eii_core *core;
	int done_fd;
	enum eii_over_code code;
	char words[EII_CORE_WORDS_BYTES];

	struct eii_registration registration; /* of the last one; what an envelope needs */
	struct eii_features features;

	struct eii_parcel *slots[EII_CORE_LINE_MAILS];
	/* Rings: in the converter's order, and not given to it yet. */
	struct eii_heart_job jobs[2 * EII_CORE_LINE_MAILS];
	size_t first_job, n_jobs, n_submitted;
	struct eii_heart_made made[EII_CORE_LINE_MAILS];
	size_t n_made;
	bool has_said_converter;

	int64_t flow_started_ms, progress_ms;
};

/* ---- heart_mail.c ------------------------------------------------------ */

void eii_heart_fetching(struct eii_heart *heart, const struct eii_order *order);
void eii_heart_take_body(struct eii_heart *heart, struct eii_note *note);
void eii_heart_convert(struct eii_heart *heart, const struct eii_order *order);
void eii_heart_make(struct eii_heart *heart, const struct eii_order *order);
void eii_heart_drop(struct eii_heart *heart, uint16_t slot);

/* Gives the converter what it has room for, and lets it work. EII_RETRY: it does not start. */
enum eii_rc eii_heart_serve_converter(struct eii_heart *heart,
				      struct eii_error *err) EII_MUST_CHECK;

/* Mails that wait for the converter's next turn. */
bool eii_heart_has_jobs(const struct eii_heart *heart);

/* The next result, as a fact that points into out; false: none now. */
struct eii_heart_converted {
	struct eii_fact fact;
	char plain_id[EII_ID_BYTES];
	uint8_t identity[EII_CORE_IDENTITY_BYTES];
	uint8_t head_identity[EII_CORE_IDENTITY_BYTES];
};
bool eii_heart_next_converted(struct eii_heart *heart, struct eii_heart_converted *out);

/* A report's message goes to the queue's driver. */
void eii_heart_sending(struct eii_heart *heart, struct eii_task *task);
void eii_heart_outcome(struct eii_heart *heart, const struct eii_note *note);

/* The id by which the platform is asked for the slot's report. */
void eii_heart_report_id(const struct eii_heart *heart, uint16_t slot,
			 char out[EII_CORE_PLAIN_ID_BYTES]);

/* ---- heart_show.c ------------------------------------------------------ */

void eii_heart_show(struct eii_heart *heart);

#endif
