/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/directory_driver.h"

#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/ingest/parcel.h"
#include "message.h"

struct eii_directory_driver {
	struct eii_directory_driver_options options;
	bool is_open; /* what is sent after a failure was ordered before it was known */
};

struct eii_directory_driver *eii_directory_driver_new(
	const struct eii_directory_driver_options *options)
{
	struct eii_directory_driver *d = EII_NEW(struct eii_directory_driver);

	d->options = *options;
	return d;
}

void eii_directory_driver_free(struct eii_directory_driver *d)
{
	free(d);
}

static void tell(struct eii_directory_driver *d, struct eii_note *note)
{
	eii_lane_tell(d->options.lane, note);
}

/* order: whose failure it is; NULL: whatever has no outcome is unknown. */
static void fail(struct eii_directory_driver *d, const struct eii_order *order, enum eii_rc rc,
		 const struct eii_error *err)
{
	eii_contacts_note(d->options.contacts, EII_SERVER_QUEUE, rc, err);
	d->is_open = false;
	tell(d, eii_note_of_failure(EII_FACT_QUEUE_FAILED, order, rc, err));
}

static void dial(struct eii_directory_driver *d, const struct eii_task *task)
{
	struct eii_error err;
	enum eii_rc rc = eii_directory_open(d->options.directory, d->options.registered, &err);

	if (rc) {
		fail(d, &task->order, rc, &err);
		return;
	}
	d->is_open = true;
	EII_COUNT(d->options.stats, n_queue_connects);
	tell(d, eii_note_new(EII_FACT_QUEUE_DIALLED, task->order.number));
}

static void confirm(struct eii_directory_driver *d, const struct eii_task *task, int64_t sent_ms)
{
	struct eii_note *note = eii_note_new(EII_FACT_QUEUE_OUTCOME, task->order.number);

	note->fact.outcome.result = EII_OUTCOME_CONFIRMED;
	note->slot = task->order.send.slot;
	note->index = task->order.send.index;
	note->sent_ms = sent_ms;
	eii_contacts_note(d->options.contacts, EII_SERVER_QUEUE, EII_OK, NULL);
	tell(d, note);
}

static void send_one(struct eii_directory_driver *d, const struct eii_task *task)
{
	int64_t sent_ms = eii_clock_monotonic_ms();
	struct eii_error err = { 0 };
	enum eii_rc rc;

	if (!eii_lane_begin(d->options.lane, task)) {
		fail(d, NULL, eii_fail_kind(&err, EII_RETRY, EII_ERROR_STOPPED, "cut"), &err);
		return;
	}
	rc = eii_message_copy(d->options.directory, d->options.lane, task, &err);
	if (rc) {
		fail(d, NULL, rc, &err);
		return;
	}
	EII_COUNT(d->options.stats, n_published);
	EII_COUNT_BY(d->options.stats, published_bytes,
		     eii_report_bundle_size(task->parcel->report, task->order.send.index));
	confirm(d, task, sent_ms);
}

static void carry_out(struct eii_directory_driver *d, const struct eii_task *task)
{
	if (task->order.type == EII_ORDER_DIAL) {
		dial(d, task);
	} else if (task->order.type == EII_ORDER_SEND) {
		if (d->is_open)
			send_one(d, task);
	} else {
		d->is_open = false;
		tell(d, eii_note_new(EII_FACT_QUEUE_HUNG_UP, task->order.number));
	}
}

void *eii_directory_driver_run(void *arg)
{
	struct eii_directory_driver *d = arg;

	for (;;) {
		EII_AUTO(eii_task) task = eii_lane_wait(d->options.lane);

		if (!task)
			return NULL;
		carry_out(d, task);
	}
}
