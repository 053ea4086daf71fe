/* SPDX-License-Identifier: Apache-2.0 */
#include "watch.h"

#define SECOND_MS 1000

void eii_watch_init(struct eii_watch *watch)
{
	watch->attempt.part = EII_PART_MAILBOX;
	watch->attempt.is_spare = true;
	watch->length_ms = EII_WATCH_LONG_MS;
	watch->glance_pause_ms = EII_WATCH_GLANCE_MS;
}

bool eii_watch_is_on(const struct eii_watch *watch, const struct eii_pulse *pulse)
{
	return pulse->config.push != EII_CORE_PUSH_OFF && pulse->config.mode == EII_CORE_STAY &&
	       !watch->is_refused;
}

bool eii_watch_allow(struct eii_watch *watch, struct eii_pulse *pulse, uint64_t n_mails)
{
	watch->is_allowed = true;
	/* What came to a folder after its turn. */
	if (watch->glance_pause_ms == EII_WATCH_GLANCE_MS)
		watch->glance_ms = 0;
	if (n_mails)
		watch->n_empty = 0;
	/* The look has signed in: what a person had to mend is mended. */
	if (eii_attempt_waits_for_person(&watch->attempt))
		eii_attempt_worked(&watch->attempt);
	return eii_watch_is_on(watch, pulse);
}

int64_t eii_watch_shares_until(const struct eii_watch *watch, const struct eii_pulse *pulse)
{
	/* Runs that come as close together anyway need no watch for it. */
	if (!eii_watch_is_on(watch, pulse) || pulse->config.period_s * 1000 <= EII_WATCH_SHARE_MS)
		return 0;
	return pulse->now_ms + EII_WATCH_SHARE_MS;
}

bool eii_watch_is_due(struct eii_watch *watch, struct eii_pulse *pulse, int64_t run_ms)
{
	if (pulse->config.push == EII_CORE_PUSH_OFF || pulse->config.mode != EII_CORE_STAY ||
	    !watch->is_allowed || run_ms - pulse->now_ms < EII_WATCH_WORTH_MS)
		return false;
	if (watch->is_refused && !eii_pulse_is_due(pulse, watch->refused_ms))
		return false;
	return eii_attempt_is_due(&watch->attempt, pulse);
}

void eii_watch_begin(struct eii_watch *watch, const struct eii_pulse *pulse, enum eii_watch_of of,
		     int64_t run_ms)
{
	watch->began_ms = pulse->now_ms;
	watch->until_ms = pulse->now_ms + watch->length_ms;
	if (run_ms < watch->until_ms)
		watch->until_ms = run_ms;
	if (of == EII_WATCH_OF_ONE_AMONG_OTHERS && watch->glance_ms < watch->until_ms)
		watch->until_ms = watch->glance_ms;
}

bool eii_watch_wants_glance(struct eii_watch *watch, struct eii_pulse *pulse)
{
	return eii_pulse_is_due(pulse, watch->glance_ms);
}

void eii_watch_glanced(struct eii_watch *watch, const struct eii_pulse *pulse)
{
	watch->glance_pause_ms = EII_WATCH_GLANCE_MS;
	watch->glance_ms = pulse->now_ms + watch->glance_pause_ms;
}

void eii_watch_glance_failed(struct eii_watch *watch, const struct eii_pulse *pulse)
{
	watch->glance_pause_ms *= 2;
	if (watch->glance_pause_ms > EII_WATCH_GLANCES_MS)
		watch->glance_pause_ms = EII_WATCH_GLANCES_MS;
	watch->glance_ms = pulse->now_ms + watch->glance_pause_ms;
}

int64_t eii_watch_announced(struct eii_watch *watch)
{
	int64_t ms = SECOND_MS;

	watch->is_refused = false;
	watch->is_allowed = false;
	watch->n_announced++;
	eii_attempt_worked(&watch->attempt);
	if (watch->n_empty++ < EII_WATCH_EMPTY_FREE)
		return 0;
	for (unsigned i = EII_WATCH_EMPTY_FREE + 1; i < watch->n_empty; i++) {
		if (ms >= EII_WATCH_EMPTY_MS)
			break;
		ms *= 2;
	}
	return ms < EII_WATCH_EMPTY_MS ? ms : EII_WATCH_EMPTY_MS;
}

void eii_watch_ended(struct eii_watch *watch)
{
	watch->is_refused = false;
	eii_attempt_worked(&watch->attempt);
	/* One that was cut short by a run says nothing of a longer silence. */
	if (watch->until_ms - watch->began_ms < watch->length_ms ||
	    ++watch->n_whole < EII_WATCH_WHOLE)
		return;
	watch->n_whole = 0;
	watch->length_ms *= 2;
	if (watch->length_ms > EII_WATCH_LONG_MS)
		watch->length_ms = EII_WATCH_LONG_MS;
}

bool eii_watch_refused(struct eii_watch *watch, const struct eii_pulse *pulse)
{
	bool is_news = !watch->refused_ms && pulse->config.push == EII_CORE_PUSH_BY_NAME;

	watch->is_refused = true;
	watch->refused_ms = pulse->now_ms + EII_WATCH_REFUSED_MS;
	return is_news;
}

static void shorten(struct eii_watch *watch)
{
	watch->n_whole = 0;
	watch->length_ms =
		watch->length_ms > EII_WATCH_SHORT_MS ? EII_WATCH_SHORT_MS : watch->length_ms / 2;
	if (watch->length_ms < EII_WATCH_LEAST_MS)
		watch->length_ms = EII_WATCH_LEAST_MS;
}

void eii_watch_failed(struct eii_watch *watch, struct eii_pulse *pulse, enum eii_watch_loss loss,
		      const struct eii_failure *failure)
{
	struct eii_failure seen = *failure;

	/* A session that stood for a while and ends, as one does with its token, is no failure. */
	if (loss != EII_WATCH_NOT_OPENED && pulse->now_ms - watch->began_ms >= EII_WATCH_SHORT_MS)
		eii_attempt_worked(&watch->attempt);
	if (loss == EII_WATCH_SESSION_LOST)
		shorten(watch);
	/* What a sign-in lacks is told by that of the next look. */
	if (loss != EII_WATCH_NOT_OPENED)
		seen.kind = EII_FAILURE_PASSING;
	eii_attempt_failed(&watch->attempt, pulse, &seen);
	if (eii_attempt_waits_for_person(&watch->attempt))
		watch->is_allowed = false;
}
