/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/api_driver.h"

#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "message.h"

struct eii_api_driver {
	struct eii_api_driver_options options;
	bool is_open; /* what is sent after a failure was ordered before it was known */
};

static void end_calls(void *arg)
{
	eii_platform_end_by(arg, eii_clock_monotonic_ms());
}

struct eii_api_driver *eii_api_driver_new(const struct eii_api_driver_options *options)
{
	struct eii_api_driver *d = EII_NEW(struct eii_api_driver);

	d->options = *options;
	eii_lane_on_cut(options->lane, end_calls, options->platform);
	return d;
}

void eii_api_driver_free(struct eii_api_driver *d)
{
	free(d);
}

static void tell(struct eii_api_driver *d, struct eii_note *note)
{
	eii_lane_tell(d->options.lane, note);
}

/* order: whose failure it is; NULL: whatever has no outcome is unknown. */
static void fail(struct eii_api_driver *d, const struct eii_order *order, enum eii_rc rc,
		 const struct eii_error *err)
{
	struct eii_note *note = eii_note_of_failure(EII_FACT_QUEUE_FAILED, order, rc, err);

	note->fact.failure.retry_after_s = eii_platform_failure(d->options.platform).retry_after_s;
	eii_contacts_note(d->options.contacts, EII_SERVER_QUEUE, rc, err);
	d->is_open = false;
	tell(d, note);
}

static void dial(struct eii_api_driver *d, const struct eii_task *task)
{
	struct eii_error err;
	enum eii_rc rc = EII_OK;

	if (!eii_registered_number(d->options.registered))
		rc = eii_fail(&err, EII_RETRY, "the connector is not registered yet");
	else
		rc = eii_directory_open(d->options.directory, d->options.registered, &err);
	if (rc) {
		fail(d, &task->order, rc, &err);
		return;
	}
	d->is_open = true;
	EII_COUNT(d->options.stats, n_queue_connects);
	tell(d, eii_note_new(EII_FACT_QUEUE_DIALLED, task->order.number));
}

static void tell_outcome(struct eii_api_driver *d, const struct eii_task *task, int64_t sent_ms,
			 enum eii_push_answer answer)
{
	struct eii_note *note = eii_note_new(EII_FACT_QUEUE_OUTCOME, task->order.number);
	bool is_report = task->order.send.kind == EII_MESSAGE_REPORT;

	note->fact.outcome.result =
		answer == EII_PUSH_TAKEN ? EII_OUTCOME_CONFIRMED : EII_OUTCOME_TOO_LARGE;
	note->slot = is_report ? task->order.send.slot : EII_NOTE_NO_SLOT;
	note->index = task->order.send.index;
	note->sent_ms = sent_ms;
	eii_contacts_note(d->options.contacts, EII_SERVER_QUEUE, EII_OK, NULL);
	tell(d, note);
}

static void send_one(struct eii_api_driver *d, const struct eii_task *task)
{
	const struct eii_message_source source = { task, d->options.report };
	int64_t sent_ms = eii_clock_monotonic_ms();
	enum eii_push_answer answer;
	struct eii_error err = { 0 };
	enum eii_rc rc;

	/* Before it is asked whether the task was cut: see eii_lane_begin(). */
	eii_platform_end_by(d->options.platform, 0);
	if (!eii_lane_begin(d->options.lane, task)) {
		fail(d, NULL, eii_fail_kind(&err, EII_RETRY, EII_ERROR_STOPPED, "cut"), &err);
		return;
	}
	rc = eii_message_copy(d->options.directory, d->options.lane, task, &err);
	if (rc) {
		fail(d, NULL, rc, &err);
		return;
	}
	eii_lane_beat(d->options.lane, sent_ms + EII_PLATFORM_PUSH_TIMEOUT_MS);
	rc = eii_platform_push(d->options.platform, task->order.send.work_id, eii_message_write,
			       &source, &answer, &err);
	eii_lane_beat(d->options.lane, 0);
	if (rc) {
		fail(d, NULL, rc, &err);
		return;
	}
	if (answer == EII_PUSH_TAKEN) {
		EII_COUNT(d->options.stats, n_published);
		EII_COUNT_BY(d->options.stats, published_bytes, eii_message_size(&source));
	}
	tell_outcome(d, task, sent_ms, answer);
}

static void carry_out(struct eii_api_driver *d, const struct eii_task *task)
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

void *eii_api_driver_run(void *arg)
{
	struct eii_api_driver *d = arg;

	for (;;) {
		EII_AUTO(eii_task) task = eii_lane_wait(d->options.lane);

		if (!task)
			return NULL;
		carry_out(d, task);
	}
}
