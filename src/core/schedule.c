/* SPDX-License-Identifier: Apache-2.0 */
#include "schedule.h"

#define MINUTE_MS 60000
#define HOUR_MS   (60 * MINUTE_MS)

void eii_schedule_init(struct eii_schedule *schedule)
{
	schedule->size.part = EII_PART_PLATFORM;
	schedule->run.part = EII_PART_MAILBOX;
}

void eii_schedule_in(struct eii_schedule *schedule, struct eii_pulse *pulse, int64_t ms)
{
	schedule->due_ms = pulse->now_ms + ms;
	schedule->next_run_unix_s = pulse->unix_s + ms / 1000;
	schedule->is_size_fresh = false;
	schedule->size_ms = 0;
	eii_pulse_move(pulse);
}

void eii_schedule_now(struct eii_schedule *schedule, struct eii_pulse *pulse)
{
	eii_schedule_in(schedule, pulse, 0);
}

void eii_schedule_after_period(struct eii_schedule *schedule, struct eii_pulse *pulse)
{
	eii_schedule_in(schedule, pulse, pulse->config.period_s * 1000);
	/* A pause is counted anew from then on, and only by a size asked for then. */
	schedule->over_ms = schedule->due_ms;
}

void eii_schedule_after_going_back(struct eii_schedule *schedule, struct eii_pulse *pulse)
{
	int64_t ms = MINUTE_MS;

	for (unsigned i = 1; i < schedule->n_back && ms < HOUR_MS; i++)
		ms *= 2;
	if (schedule->n_back == 0)
		ms = EII_SCHEDULE_BACK_MS;
	schedule->n_back++;
	eii_schedule_in(schedule, pulse, ms < HOUR_MS ? ms : HOUR_MS);
}

bool eii_schedule_wants_size(struct eii_schedule *schedule, struct eii_pulse *pulse,
			     enum eii_phase phase)
{
	if (pulse->config.threshold_bytes <= 0 || schedule->is_asking ||
	    eii_pulse_is_stopping(pulse))
		return false;
	if (phase != EII_PHASE_FLOW && !eii_pulse_is_due(pulse, schedule->due_ms))
		return false;
	return eii_pulse_is_due(pulse, schedule->size_ms) &&
	       eii_attempt_is_due(&schedule->size, pulse);
}

static void say_threshold(const struct eii_schedule *schedule, struct eii_pulse *pulse)
{
	eii_pulse_say(pulse,
		      schedule->is_over ? EII_EVENT_OVER_THRESHOLD : EII_EVENT_UNDER_THRESHOLD,
		      (uint64_t)schedule->queue_bytes, (uint64_t)pulse->config.threshold_bytes);
}

void eii_schedule_sized(struct eii_schedule *schedule, struct eii_pulse *pulse,
			const struct eii_fact *fact)
{
	bool was_over = schedule->is_over;

	schedule->is_asking = false;
	schedule->is_size_fresh = true;
	schedule->size_ms = pulse->now_ms + EII_SCHEDULE_SIZE_MS;
	eii_attempt_worked(&schedule->size);
	if (fact->queue.is_known) {
		schedule->queue_bytes = fact->queue.size_bytes;
		schedule->queue_messages = fact->queue.n_messages;
	}
	schedule->is_over =
		fact->queue.is_known && fact->queue.size_bytes >= pulse->config.threshold_bytes;
	if (schedule->is_over != was_over) {
		schedule->over_ms = pulse->now_ms;
		say_threshold(schedule, pulse);
	}
	eii_pulse_move(pulse);
}

void eii_schedule_size_failed(struct eii_schedule *schedule, struct eii_pulse *pulse,
			      const struct eii_failure *failure)
{
	schedule->is_asking = false;
	/* Unknown: as it was, and no reason to hold up a run that was not held up before. */
	schedule->is_size_fresh = true;
	eii_attempt_failed(&schedule->size, pulse, failure);
}

bool eii_schedule_may_begin(struct eii_schedule *schedule, struct eii_pulse *pulse)
{
	if (!eii_pulse_is_due(pulse, schedule->due_ms))
		return false;
	if (pulse->config.threshold_bytes <= 0)
		return true;
	return schedule->is_size_fresh && !schedule->is_over;
}

bool eii_schedule_is_paused_out(struct eii_schedule *schedule, struct eii_pulse *pulse)
{
	return schedule->is_over && schedule->is_size_fresh &&
	       eii_pulse_is_due(pulse, schedule->over_ms + pulse->config.period_s * 1000);
}
