/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/parcel.h"

#include <stdlib.h>

#include "eii/base/alloc.h"

/* What was replaced while somebody may have read it. */
struct eii_parcel_past {
	struct eii_fields *fields;
	struct eii_report *report;
	struct eii_parcel_past *next;
};

struct eii_parcel *eii_parcel_new(uint32_t uid)
{
	struct eii_parcel *parcel = EII_NEW(struct eii_parcel);

	atomic_init(&parcel->n_refs, 1);
	parcel->uid = uid;
	return parcel;
}

struct eii_parcel *eii_parcel_ref(struct eii_parcel *parcel)
{
	(void)atomic_fetch_add(&parcel->n_refs, 1);
	return parcel;
}

void eii_parcel_drop(struct eii_parcel *parcel)
{
	atomic_store(&parcel->is_dropped, true);
}

bool eii_parcel_is_dropped(const struct eii_parcel *parcel)
{
	return atomic_load(&parcel->is_dropped);
}

static void free_past(struct eii_parcel *parcel)
{
	while (parcel->past) {
		struct eii_parcel_past *past = parcel->past;

		parcel->past = past->next;
		eii_report_free(past->report);
		eii_fields_free(past->fields);
		free(past);
	}
}

void eii_parcel_unref(struct eii_parcel *parcel)
{
	if (!parcel || atomic_fetch_sub(&parcel->n_refs, 1) > 1)
		return;
	eii_report_free(parcel->report);
	eii_fields_free(parcel->fields);
	free_past(parcel);
	free(parcel->raw);
	free(parcel);
}

/* No new reader comes meanwhile: only the heart, which calls this, makes references. */
static void let_go(struct eii_parcel *parcel, struct eii_fields *fields, struct eii_report *report)
{
	struct eii_parcel_past *past;

	if (!fields && !report)
		return;
	past = EII_NEW(struct eii_parcel_past);
	*past = (struct eii_parcel_past){ .fields = fields,
					  .report = report,
					  .next = parcel->past };
	parcel->past = past;
	if (atomic_load(&parcel->n_refs) == 1)
		free_past(parcel);
}

void eii_parcel_set_fields(struct eii_parcel *parcel, struct eii_fields *fields)
{
	/* The report is of the old ones. */
	let_go(parcel, parcel->fields, parcel->report);
	parcel->report = NULL;
	parcel->fields = fields;
}

void eii_parcel_set_report(struct eii_parcel *parcel, struct eii_report *report)
{
	let_go(parcel, NULL, parcel->report);
	parcel->report = report;
}
