/* SPDX-License-Identifier: Apache-2.0 */
#include "work.h"

#include <string.h>

#define ANY_NUMBER UINT32_MAX /* of unknown messages */

void eii_work_init(struct eii_work *work, struct eii_ledger *ledger)
{
	*work = (struct eii_work){ .ledger = ledger };
	work->attempt.part = EII_PART_PLATFORM;
}

static void watch_anew(struct eii_work *work, struct eii_pulse *pulse)
{
	work->look_wait_ms = EII_WORK_LOOK_FIRST_MS;
	work->look_ms = pulse->now_ms + EII_WORK_LOOK_FIRST_MS;
	work->moved_ms = pulse->now_ms;
	work->empty_ms = 0;
	work->n_empty = 0;
}

/* More may have gone under it than is known here. */
static void take_as_left(struct eii_work *work)
{
	work->must_look = work->can_say;
	work->must_size = work->can_say;
	work->reason = EII_EVENT_STOPPED;
}

void eii_work_adopt(struct eii_work *work, struct eii_pulse *pulse, enum eii_work_voice voice)
{
	struct eii_ledger *ledger = work->ledger;

	*work = (struct eii_work){ .ledger = ledger, .attempt = work->attempt };
	work->can_say = voice == EII_WORK_CAN_SAY;
	work->must_look = work->can_say && eii_work_is_open(work);
	/* An earlier life may have ended before it knew the id of the one that it opened. */
	work->must_find = work->can_say && !eii_work_is_open(work);
	if (eii_work_is_open(work) && !ledger->work_is_closed) {
		take_as_left(work);
		ledger->work_unknown = ANY_NUMBER;
	}
	if (ledger->work_is_left)
		work->reason = EII_EVENT_WORK_LOST;
	work->sent_before = ledger->work_sent;
	watch_anew(work, pulse);
	work->processed = ledger->work_processed;
	/* Unmoved since before this start; an instant ahead is a clock that went back. */
	if (ledger->work_moved_s && ledger->work_moved_s < pulse->unix_s)
		work->moved_ms -= (pulse->unix_s - ledger->work_moved_s) * 1000;
}

bool eii_work_is_open(const struct eii_work *work)
{
	return work->ledger->work_id[0] != '\0';
}

bool eii_work_is_ready(const struct eii_work *work)
{
	return eii_work_is_open(work) && !work->ledger->work_is_left && !work->must_look &&
	       !work->must_size && work->under_way == EII_WORK_NOTHING;
}

void eii_work_count(struct eii_work *work)
{
	work->ledger->work_sent++;
	work->ledger->work_is_closed = false;
	work->is_checked = false;
}

void eii_work_count_object(struct eii_work *work)
{
	eii_work_count(work);
	work->n_objects++;
}

/* The queue is in order: author and marking are processed before this life's reports. */
uint64_t eii_work_reports_waiting(const struct eii_work *work, uint64_t n_reports)
{
	uint64_t sent = work->ledger->work_sent;
	uint64_t objects_end = (uint64_t)work->sent_before + work->n_objects;
	uint64_t waiting = sent > work->processed ? sent - work->processed : 0;
	uint64_t objects = objects_end > work->processed ? objects_end - work->processed : 0;

	if (objects > work->n_objects)
		objects = work->n_objects;
	waiting = waiting > objects ? waiting - objects : 0;
	/* A report with files is two messages. */
	if (!work->sent_before && waiting > n_reports)
		waiting = n_reports;
	return waiting;
}

void eii_work_lose(struct eii_work *work)
{
	if (work->ledger->work_unknown < ANY_NUMBER)
		work->ledger->work_unknown++;
}

void eii_work_found(struct eii_work *work)
{
	if (work->ledger->work_unknown && work->ledger->work_unknown < ANY_NUMBER) {
		work->ledger->work_unknown--;
		eii_work_count(work);
	}
}

static uint32_t untold(const struct eii_work *work)
{
	const struct eii_ledger *ledger = work->ledger;

	return ledger->work_sent > ledger->work_told ? ledger->work_sent - ledger->work_told : 0;
}

static bool may_be_closed(const struct eii_work *work, struct eii_pulse *pulse,
			  enum eii_work_use use)
{
	return use == EII_WORK_AT_REST &&
	       (eii_pulse_is_stopping(pulse) || eii_pulse_is_due(pulse, work->share_ms));
}

/* What is left to do with an open one. */
static enum eii_work_call open_due(struct eii_work *work, struct eii_pulse *pulse,
				   enum eii_work_use use)
{
	bool may_close = may_be_closed(work, pulse, use);

	if (untold(work) && (may_close || eii_pulse_is_due(pulse, work->tell_ms)))
		return EII_WORK_TELL;
	if (may_close && !untold(work) && !work->ledger->work_is_closed)
		return work->is_checked || !work->can_say ? EII_WORK_CLOSE : EII_WORK_LOOK;
	if (eii_pulse_is_stopping(pulse) || !work->can_say)
		return EII_WORK_NOTHING;
	if (work->n_empty && eii_pulse_is_due(pulse, work->empty_ms))
		return EII_WORK_SIZE;
	return eii_pulse_is_due(pulse, work->look_ms) ? EII_WORK_LOOK : EII_WORK_NOTHING;
}

/* What is to be done where none is open. */
static enum eii_work_call missing_due(const struct eii_work *work, enum eii_work_use use)
{
	if (work->must_find && work->can_say && (work->is_wanted || use == EII_WORK_AT_REST))
		return EII_WORK_FIND;
	return work->is_wanted ? EII_WORK_ADD : EII_WORK_NOTHING;
}

enum eii_work_call eii_work_due(struct eii_work *work, struct eii_pulse *pulse,
				enum eii_work_use use)
{
	if (work->under_way != EII_WORK_NOTHING)
		return EII_WORK_NOTHING;
	if (!eii_pulse_is_stopping(pulse) && !eii_attempt_is_due(&work->attempt, pulse))
		return EII_WORK_NOTHING;
	if (!eii_work_is_open(work))
		return eii_pulse_is_stopping(pulse) ? EII_WORK_NOTHING : missing_due(work, use);
	if (work->ledger->work_is_left)
		return EII_WORK_CLOSE;
	if (work->must_look && work->can_say)
		return EII_WORK_LOOK;
	if (work->must_size && work->can_say)
		return EII_WORK_SIZE;
	return open_due(work, pulse, use);
}

void eii_work_begin(struct eii_work *work, struct eii_pulse *pulse, enum eii_work_call call)
{
	work->under_way = call;
	if (call == EII_WORK_TELL) {
		work->telling = untold(work);
		work->tell_ms = pulse->now_ms + EII_WORK_TELL_MS;
	}
}

enum eii_order_type eii_work_order_of(enum eii_work_call call)
{
	switch (call) {
	case EII_WORK_FIND:
		return EII_ORDER_WORK_FIND;
	case EII_WORK_ADD:
		return EII_ORDER_WORK_ADD;
	case EII_WORK_TELL:
		return EII_ORDER_WORK_TELL;
	case EII_WORK_CLOSE:
		return EII_ORDER_WORK_CLOSE;
	case EII_WORK_LOOK:
		return EII_ORDER_WORK_LOOK;
	case EII_WORK_SIZE:
		return EII_ORDER_QUEUE_SIZE;
	case EII_WORK_NOTHING:
		break;
	}
	return EII_ORDER_NONE;
}

static void answered(struct eii_work *work, struct eii_pulse *pulse)
{
	work->under_way = EII_WORK_NOTHING;
	eii_attempt_worked(&work->attempt);
	eii_pulse_move(pulse);
}

void eii_work_opened(struct eii_work *work, struct eii_pulse *pulse, const char *id)
{
	static const struct eii_failure no_id = { .kind = EII_FAILURE_INPUT };
	struct eii_ledger *ledger = work->ledger;
	size_t len = strlen(id);

	/* No id of a platform is so long. Another one is asked for, after a pause: each is open. */
	if (len == 0 || len >= sizeof(ledger->work_id)) {
		work->under_way = EII_WORK_NOTHING;
		eii_attempt_failed(&work->attempt, pulse, &no_id);
		return;
	}
	answered(work, pulse);
	eii_ledger_forget_work(ledger);
	memcpy(ledger->draft_id, work->kept_draft, sizeof(ledger->draft_id));
	work->kept_draft[0] = '\0';
	memcpy(ledger->work_id, id, len + 1);
	ledger->work_opened_s = pulse->unix_s;
	ledger->work_moved_s = pulse->unix_s;
	work->must_find = false;
	work->must_look = false;
	work->is_checked = false;
	work->processed = 0;
	work->sent_before = 0;
	work->n_objects = 0;
	work->n_mendable = 0;
	work->n_other = 0;
	work->tell_ms = pulse->now_ms + EII_WORK_TELL_MS;
	watch_anew(work, pulse);
}

void eii_work_take_draft(struct eii_work *work, const char *id)
{
	size_t len = id ? strlen(id) : 0;

	if (len && len < sizeof(work->ledger->draft_id))
		memcpy(work->ledger->draft_id, id, len + 1);
}

void eii_work_keep_draft(struct eii_work *work)
{
	memcpy(work->kept_draft, work->ledger->draft_id, sizeof(work->kept_draft));
}

void eii_work_share(struct eii_work *work, int64_t until_ms)
{
	work->share_ms = until_ms;
}

void eii_work_searched(struct eii_work *work, struct eii_pulse *pulse, const char *id)
{
	work->must_find = false;
	if (!id) {
		answered(work, pulse);
		return;
	}
	eii_work_opened(work, pulse, id);
	if (!eii_work_is_open(work))
		return;
	take_as_left(work);
	work->must_find = true; /* once this one is done: there may be more */
}

void eii_work_told(struct eii_work *work, struct eii_pulse *pulse)
{
	/* Of one that has been let go meanwhile nothing is kept. */
	if (eii_work_is_open(work))
		work->ledger->work_told += work->telling;
	answered(work, pulse);
}

void eii_work_closed(struct eii_work *work, struct eii_pulse *pulse)
{
	answered(work, pulse);
	work->look_wait_ms = EII_WORK_LOOK_FIRST_MS;
	work->look_ms = pulse->now_ms + EII_WORK_LOOK_FIRST_MS;
	if (!eii_work_is_open(work))
		return;
	if (work->ledger->work_is_left) {
		eii_work_let_go(work);
		return;
	}
	/* A message that was confirmed meanwhile has opened it again. */
	if (work->is_checked || !work->can_say)
		work->ledger->work_is_closed = !untold(work);
}

void eii_work_failed(struct eii_work *work, struct eii_pulse *pulse,
		     const struct eii_failure *failure)
{
	enum eii_work_call call = work->under_way;

	work->under_way = EII_WORK_NOTHING;
	/* Not opened twice: it is looked for. */
	work->must_find |= call == EII_WORK_ADD && failure->is_outcome_unknown;
	/* Nor counted twice: the platform is asked what it expects. */
	if (call == EII_WORK_TELL && failure->is_outcome_unknown)
		work->must_look = work->can_say;
	if (call == EII_WORK_TELL && failure->is_outcome_unknown && !work->can_say)
		work->ledger->work_told += work->telling;
	eii_attempt_failed(&work->attempt, pulse, failure);
	/* Nothing to wait for: then an empty queue has to show that nothing is missing. */
	if (call == EII_WORK_SIZE && work->must_size &&
	    (failure->kind == EII_FAILURE_INPUT || failure->kind == EII_FAILURE_RIGHTS)) {
		work->must_size = false;
		work->ledger->work_unknown = ANY_NUMBER;
	}
	if (work->ledger->work_is_left && call == EII_WORK_CLOSE &&
	    failure->kind == EII_FAILURE_INPUT)
		eii_work_let_go(work);
	work->look_ms = pulse->now_ms + EII_WORK_LOOK_FIRST_MS;
}

/* ---- what the platform says -------------------------------------------- */

static void plan_next_look(struct eii_work *work, struct eii_pulse *pulse)
{
	work->look_ms = pulse->now_ms + eii_pulse_jitter(pulse, work->look_wait_ms);
	work->look_wait_ms = work->look_wait_ms * 2 < EII_WORK_LOOK_LAST_MS ? work->look_wait_ms * 2
									    : EII_WORK_LOOK_LAST_MS;
}

static void take_counts(struct eii_work *work, struct eii_pulse *pulse, const struct eii_fact *fact)
{
	struct eii_ledger *ledger = work->ledger;

	work->has_counts = fact->work.has_counts;
	if (!work->has_counts)
		return;
	if (fact->work.processed != work->processed || !ledger->work_moved_s) {
		work->processed = fact->work.processed;
		work->moved_ms = pulse->now_ms;
		ledger->work_processed = work->processed;
		ledger->work_moved_s = pulse->unix_s;
		work->empty_ms = 0;
		work->n_empty = 0;
	}
	work->expected = fact->work.expected;
	/* What an unknown call has told counts; the platform's number is the true one. */
	if (work->must_look && work->expected > ledger->work_told)
		ledger->work_told = work->expected;
	/* It was told in a life of which the state knows nothing: a late ping was stored last. */
	if (ledger->work_told > ledger->work_sent) {
		ledger->work_sent = ledger->work_told;
		ledger->work_unknown = ANY_NUMBER;
		ledger->work_is_closed = false;
	}
	work->must_look = false;
}

static void tell_errors(struct eii_work *work, struct eii_pulse *pulse,
			const struct eii_work_errors *errors)
{
	if (errors->n_mendable <= work->n_mendable && errors->n_other <= work->n_other)
		return;
	eii_pulse_say(pulse, EII_EVENT_WORK_ERRORS, errors->n_mendable - work->n_mendable,
		      errors->n_other - work->n_other);
	work->n_mendable = errors->n_mendable;
	work->n_other = errors->n_other;
}

static bool is_complete(const struct eii_work *work)
{
	const struct eii_ledger *ledger = work->ledger;

	if (!ledger->work_is_closed || untold(work))
		return false;
	return ledger->work_sent == 0 || (work->has_counts && work->processed >= ledger->work_sent);
}

/*
 * What has no outcome may have been processed in the place of what was counted:
 * then only an empty queue shows that nothing of it waits.
 */
static bool are_counts_sure(const struct eii_work *work)
{
	const struct eii_ledger *ledger = work->ledger;

	return work->processed >= (uint64_t)ledger->work_sent + ledger->work_unknown;
}

/* All that counts is processed, and nothing waits. */
static enum eii_work_verdict of_complete(const struct eii_work *work)
{
	if (work->n_mendable)
		return EII_VERDICT_REFUSED;
	return are_counts_sure(work) ? EII_VERDICT_ACCOUNTED : EII_VERDICT_UNSURE;
}

static bool is_unmoved(const struct eii_work *work, const struct eii_pulse *pulse)
{
	return work->n_empty > EII_WORK_EMPTY_LOOKS &&
	       pulse->now_ms >= work->moved_ms + EII_WORK_UNMOVED_MS;
}

static enum eii_work_verdict of_missing(const struct eii_work *work, const struct eii_pulse *pulse)
{
	if (pulse->unix_s - work->ledger->work_opened_s >= EII_WORK_OLD_S)
		return EII_VERDICT_CLEANED;
	return EII_VERDICT_CLEARED;
}

enum eii_work_verdict eii_work_seen(struct eii_work *work, struct eii_pulse *pulse,
				    const struct eii_fact *fact)
{
	answered(work, pulse);
	/* One that is left has had its verdict. */
	if (!eii_work_is_open(work) || work->ledger->work_is_left)
		return EII_VERDICT_NONE;
	if (!fact->work.exists)
		return of_missing(work, pulse);
	if (!fact->work.is_alive)
		return EII_VERDICT_LOST;
	take_counts(work, pulse, fact);
	work->is_checked = true;
	work->must_look = false;
	tell_errors(work, pulse, &fact->work.errors);
	plan_next_look(work, pulse);
	if (is_complete(work) && !are_counts_sure(work) && work->n_empty == 0) {
		work->n_empty = 1;
		work->empty_ms = pulse->now_ms;
		return EII_VERDICT_NONE;
	}
	if (is_complete(work) && are_counts_sure(work))
		return of_complete(work);
	if (is_unmoved(work, pulse))
		return EII_VERDICT_LOST;
	if (work->ledger->work_is_closed && work->n_empty == 0 &&
	    eii_pulse_is_due(pulse, work->moved_ms + EII_WORK_UNMOVED_MS - EII_WORK_EMPTY_MS)) {
		work->n_empty = 1;
		work->empty_ms = pulse->now_ms;
	}
	return EII_VERDICT_NONE;
}

/*
 * All that went under it was processed at the last look or waits: so much was sent
 * at least, whatever was stored of it. What was processed in between is not counted,
 * rather than twice: a Work that is told too much is never complete.
 */
static void count_what_waits(struct eii_work *work, const struct eii_fact *fact)
{
	uint64_t n = (uint64_t)work->processed + (uint64_t)fact->queue.n_messages;

	if (fact->queue.is_known && n <= work->ledger->work_sent)
		return;
	if (fact->queue.is_known)
		work->ledger->work_sent = (uint32_t)n;
	work->ledger->work_unknown = ANY_NUMBER;
}

/* The queue's size, asked for a verdict: n_empty is how many looks found it empty, plus one. */
enum eii_work_verdict eii_work_sized(struct eii_work *work, struct eii_pulse *pulse,
				     const struct eii_fact *fact)
{
	answered(work, pulse);
	if (work->must_size) {
		work->must_size = false;
		count_what_waits(work, fact);
		return EII_VERDICT_NONE;
	}
	if (!eii_work_is_open(work) || work->ledger->work_is_left || !work->n_empty)
		return EII_VERDICT_NONE;
	if (!fact->queue.is_known || fact->queue.n_messages > 0) {
		work->n_empty = 0;
		work->empty_ms = 0;
		return EII_VERDICT_NONE;
	}
	if (is_complete(work))
		return of_complete(work);
	work->n_empty++;
	work->empty_ms = pulse->now_ms + (pulse->config.mode == EII_CORE_ONCE
						  ? EII_WORK_EMPTY_ONCE_MS
						  : EII_WORK_EMPTY_MS / (EII_WORK_EMPTY_LOOKS - 1));
	/* It may have been processed since the last look: only a newer one says that it is lost. */
	if (is_unmoved(work, pulse))
		work->look_ms = pulse->now_ms;
	return EII_VERDICT_NONE;
}

void eii_work_leave(struct eii_work *work, enum eii_event_type reason)
{
	if (!eii_work_is_open(work))
		return;
	work->ledger->work_is_left = true;
	work->reason = reason;
}

void eii_work_let_go(struct eii_work *work)
{
	eii_ledger_forget_work(work->ledger);
	work->must_size = false;
	work->must_look = false;
	work->is_checked = false;
	work->n_empty = 0;
}
