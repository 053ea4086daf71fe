/* SPDX-License-Identifier: Apache-2.0 */
#include "direct.h"

#include "eii/base/clock.h"

/* order: whose failure it is; NULL: whatever has no outcome is unknown. */
static void fail(struct eii_direct *direct, const struct eii_order *order, enum eii_rc rc,
		 const struct eii_error *err)
{
	struct eii_note *note = eii_note_of_failure(EII_FACT_QUEUE_FAILED, order, rc, err);

	if (direct->platform)
		note->fact.failure.retry_after_s =
			eii_platform_failure(direct->platform).retry_after_s;
	eii_contacts_note(direct->contacts, EII_SERVER_QUEUE, rc, err);
	direct->is_open = false;
	eii_lane_tell(direct->lane, note);
}

static void dial(struct eii_direct *direct, const struct eii_task *task)
{
	struct eii_error err;
	enum eii_rc rc = direct->open(direct, &err);

	if (rc) {
		fail(direct, &task->order, rc, &err);
		return;
	}
	direct->is_open = true;
	EII_COUNT(direct->stats, n_queue_connects);
	eii_lane_tell(direct->lane, eii_note_new(EII_FACT_QUEUE_DIALLED, task->order.number));
}

static void tell_outcome(struct eii_direct *direct, const struct eii_task *task, int64_t sent_ms,
			 enum eii_outcome result)
{
	struct eii_note *note = eii_note_new(EII_FACT_QUEUE_OUTCOME, task->order.number);
	bool is_report = task->order.send.kind == EII_MESSAGE_REPORT;

	note->fact.outcome.result = result;
	note->slot = is_report ? task->order.send.slot : EII_NOTE_NO_SLOT;
	note->index = task->order.send.index;
	note->sent_ms = sent_ms;
	eii_contacts_note(direct->contacts, EII_SERVER_QUEUE, EII_OK, NULL);
	eii_lane_tell(direct->lane, note);
}

static void send_one(struct eii_direct *direct, const struct eii_task *task)
{
	int64_t sent_ms = eii_clock_monotonic_ms();
	enum eii_outcome result = EII_OUTCOME_CONFIRMED;
	struct eii_error err = { 0 };
	uint64_t bytes = 0;
	enum eii_rc rc;

	/* Before it is asked whether the task was cut: see eii_lane_begin(). */
	if (direct->platform)
		eii_platform_end_by(direct->platform, 0);
	if (eii_lane_begin(direct->lane, task))
		rc = direct->send(direct, task, &result, &bytes, &err);
	else
		rc = eii_fail_kind(&err, EII_RETRY, EII_ERROR_STOPPED, "cut");
	if (rc) {
		fail(direct, NULL, rc, &err);
		return;
	}
	if (result == EII_OUTCOME_CONFIRMED) {
		EII_COUNT(direct->stats, n_published);
		EII_COUNT_BY(direct->stats, published_bytes, bytes);
	}
	tell_outcome(direct, task, sent_ms, result);
}

static void carry_out(struct eii_direct *direct, const struct eii_task *task)
{
	if (task->order.type == EII_ORDER_DIAL) {
		dial(direct, task);
	} else if (task->order.type == EII_ORDER_SEND) {
		if (direct->is_open)
			send_one(direct, task);
	} else {
		direct->is_open = false;
		eii_lane_tell(direct->lane,
			      eii_note_new(EII_FACT_QUEUE_HUNG_UP, task->order.number));
	}
}

void eii_direct_run(struct eii_direct *direct)
{
	for (;;) {
		EII_AUTO(eii_task) task = eii_lane_wait(direct->lane);

		if (!task)
			return;
		carry_out(direct, task);
	}
}
