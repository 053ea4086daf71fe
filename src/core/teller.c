/* SPDX-License-Identifier: Apache-2.0 */
#include "teller.h"

static void say(struct eii_pulse *pulse, enum eii_event_type type, enum eii_part part,
		const struct eii_fault *fault, int64_t a)
{
	struct eii_event event = {
		.type = type, .part = part, .a = (uint64_t)a, .words = fault->words
	};

	eii_pulse_say_event(pulse, &event);
}

void eii_teller_failed(struct eii_teller *teller, struct eii_pulse *pulse,
		       const struct eii_attempt *attempt, const struct eii_failure *failure)
{
	struct eii_fault *fault = &teller->faults[attempt->part];
	int64_t wait_ms = attempt->due_ms - pulse->now_ms;
	bool waits = eii_attempt_waits_for_person(attempt);

	if (failure->kind == EII_FAILURE_CUT)
		return;
	eii_pulse_keep_words(fault->words, failure->words);
	fault->kind = failure->kind;
	if (waits && !fault->is_person_told)
		say(pulse, EII_EVENT_WAITS_PERSON, attempt->part, fault, wait_ms / 1000);
	else if (!fault->since_ms)
		say(pulse, EII_EVENT_FAULT, attempt->part, fault, wait_ms);
	fault->waits_for_person = waits;
	fault->is_person_told = fault->is_person_told || waits;
	/* What waits for a person has been told at error. */
	fault->is_told = fault->is_told || waits;
	if (!fault->since_ms)
		fault->since_ms = pulse->now_ms ? pulse->now_ms : 1;
}

void eii_teller_worked(struct eii_teller *teller, struct eii_pulse *pulse, enum eii_part part)
{
	struct eii_fault *fault = &teller->faults[part];

	if (!fault->since_ms)
		return;
	say(pulse, EII_EVENT_FAULT_OVER, part, fault, (pulse->now_ms - fault->since_ms) / 1000);
	fault->since_ms = 0;
	fault->is_told = false;
	fault->is_person_told = false;
	fault->waits_for_person = false;
}

void eii_teller_tend(struct eii_teller *teller, struct eii_pulse *pulse)
{
	for (int part = 0; part < EII_PARTS; part++) {
		struct eii_fault *fault = &teller->faults[part];

		if (!fault->since_ms || fault->is_told ||
		    !eii_pulse_is_due(pulse, fault->since_ms + EII_TELLER_STANDS_MS))
			continue;
		fault->is_told = true;
		say(pulse, EII_EVENT_FAULT_STANDS, (enum eii_part)part, fault,
		    (pulse->now_ms - fault->since_ms) / 1000);
	}
}
