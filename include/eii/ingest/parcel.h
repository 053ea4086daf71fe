/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One mail on its way: its bytes, the fields that the converter read out of
 * them, the report made of these. The heart has it by its slot; the
 * drivers of reports and of the queue have a reference while they work on it.
 * Only the heart changes it, and what it replaces while others may read it is
 * kept until they have let go.
 */
#ifndef EII_INGEST_PARCEL_H
#define EII_INGEST_PARCEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "eii/base/cleanup.h"
#include "eii/convert/converter.h"
#include "eii/fields/fields.h"
#include "eii/rules/rules.h"
#include "eii/stix/report.h"

struct eii_parcel_past;

struct eii_parcel {
	atomic_int n_refs;
	atomic_bool is_dropped; /* its slot is not its own any more: nobody waits for it */
	uint32_t uid;
	uint64_t size_bytes;     /* RFC822.SIZE, what the server says */
	int64_t internal_unix_s; /* INTERNALDATE */
	char *raw;               /* owned; NULL = no bytes are held */
	size_t raw_len;
	bool is_head;         /* only the first bytes were asked for */
	uint64_t fetch_order; /* by which it is to come; 0 = none */
	struct eii_fields *fields;
	const struct eii_rule *rule; /* that took it; borrowed, NULL = none */
	struct eii_report *report;   /* borrows from fields and raw */
	struct eii_parcel_past *past;
	/* What was said and counted of it. */
	bool is_told_fallback, is_counted;
	uint8_t confirmed; /* a bit for each message */
	int64_t came_ms;
	uint64_t uidvalidity;
	char detail[EII_CONVERSION_DETAIL_MAX]; /* what happened in its conversion, for the log */
};

struct eii_parcel *eii_parcel_new(uint32_t uid);
struct eii_parcel *eii_parcel_ref(struct eii_parcel *parcel);

/* The last one frees it. NULL is ignored. */
void eii_parcel_unref(struct eii_parcel *parcel);

/* Any thread. */
void eii_parcel_drop(struct eii_parcel *parcel);
bool eii_parcel_is_dropped(const struct eii_parcel *parcel);

/* Each takes what it is given, and lets what was there go. */
void eii_parcel_set_fields(struct eii_parcel *parcel, struct eii_fields *fields);
void eii_parcel_set_report(struct eii_parcel *parcel, struct eii_report *report);

#endif
