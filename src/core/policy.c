/* SPDX-License-Identifier: Apache-2.0 */
#include "policy.h"

#define SECOND 1000
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

#define TRIES 5
#define PASSES                                                                                     \
	{                                                                                          \
		SECOND, MINUTE, TRIES, EII_OVER_GAVE_UP, false                                     \
	}
#define PERSON(code)                                                                               \
	{                                                                                          \
		MINUTE, HOUR, 1, code, true                                                        \
	}

static const struct eii_policy policies[EII_PARTS][EII_FAILURE_CUT + 1] = {
	[EII_PART_MAILBOX] = {
		[EII_FAILURE_UNREACHABLE] = PASSES,
		[EII_FAILURE_PASSING] = PASSES,
		[EII_FAILURE_CREDENTIALS] = PERSON(EII_OVER_CREDENTIALS),
		[EII_FAILURE_CONFIG] = PERSON(EII_OVER_CONFIG),
		[EII_FAILURE_RIGHTS] = PERSON(EII_OVER_CREDENTIALS),
		[EII_FAILURE_INPUT] = PASSES,
		[EII_FAILURE_STORAGE] = PASSES,
		[EII_FAILURE_CUT] = PASSES,
	},
	[EII_PART_QUEUE] = {
		[EII_FAILURE_UNREACHABLE] = PASSES,
		[EII_FAILURE_PASSING] = PASSES,
		/* The password may have changed with the platform's: registered anew meanwhile. */
		[EII_FAILURE_CREDENTIALS] = PERSON(EII_OVER_CREDENTIALS),
		[EII_FAILURE_CONFIG] = PERSON(EII_OVER_CONFIG),
		[EII_FAILURE_RIGHTS] = PERSON(EII_OVER_CREDENTIALS),
		[EII_FAILURE_INPUT] = PASSES,
		[EII_FAILURE_STORAGE] = PASSES,
		[EII_FAILURE_CUT] = PASSES,
	},
	[EII_PART_PLATFORM] = {
		[EII_FAILURE_UNREACHABLE] = PASSES,
		[EII_FAILURE_PASSING] = PASSES,
		[EII_FAILURE_CREDENTIALS] = PERSON(EII_OVER_CREDENTIALS),
		[EII_FAILURE_CONFIG] = PERSON(EII_OVER_CONFIG),
		/* A role is given in the UI: looked at every minute. */
		[EII_FAILURE_RIGHTS] = { MINUTE, MINUTE, 1, EII_OVER_CREDENTIALS, false },
		[EII_FAILURE_INPUT] = { SECOND, HOUR, TRIES, EII_OVER_GAVE_UP, false },
		[EII_FAILURE_STORAGE] = PASSES,
		[EII_FAILURE_CUT] = PASSES,
	},
	[EII_PART_CONVERTER] = {
		[EII_FAILURE_UNREACHABLE] = PASSES,
		[EII_FAILURE_PASSING] = PASSES,
		[EII_FAILURE_CREDENTIALS] = PASSES,
		[EII_FAILURE_CONFIG] = PASSES,
		[EII_FAILURE_RIGHTS] = PASSES,
		[EII_FAILURE_INPUT] = PASSES,
		[EII_FAILURE_STORAGE] = PASSES,
		[EII_FAILURE_CUT] = PASSES,
	},
};

/* Sign-ins that only a person can mend, so that no account is locked. */
static const int64_t person_ms[] = { MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR };

const struct eii_policy *eii_policy_of(enum eii_part part, enum eii_failure_kind kind)
{
	return &policies[part][kind];
}

static const struct eii_policy spare = { SECOND, HOUR, TRIES, EII_OVER_GAVE_UP, false };

static const struct eii_policy *policy_for(const struct eii_attempt *attempt,
					   enum eii_failure_kind kind)
{
	const struct eii_policy *policy = eii_policy_of(attempt->part, kind);

	return attempt->is_spare && !policy->waits_for_person ? &spare : policy;
}

static int64_t pause_ms(const struct eii_attempt *attempt, const struct eii_policy *policy)
{
	int64_t ms = policy->first_ms;

	if (policy->waits_for_person)
		return person_ms[attempt->n_person < 4 ? attempt->n_person : 3];
	for (uint16_t i = 0; i < attempt->n && ms < policy->max_ms; i++)
		ms *= 2;
	return ms < policy->max_ms ? ms : policy->max_ms;
}

/* A setting that was right is not judged wrong by what contradicts it afterwards. */
static enum eii_failure_kind judge(struct eii_attempt *attempt, const struct eii_pulse *pulse,
				   const struct eii_failure *failure)
{
	if (!failure->is_doubtful) {
		attempt->n_doubtful = 0;
		return failure->kind;
	}
	if (attempt->n_doubtful < EII_POLICY_DOUBTFUL_TRIES)
		attempt->n_doubtful++;
	if (pulse->has_worked[attempt->part] || attempt->n_doubtful < EII_POLICY_DOUBTFUL_TRIES)
		return EII_FAILURE_PASSING;
	return failure->kind;
}

void eii_attempt_failed(struct eii_attempt *attempt, struct eii_pulse *pulse,
			const struct eii_failure *failure)
{
	enum eii_failure_kind kind = judge(attempt, pulse, failure);
	const struct eii_policy *policy = policy_for(attempt, kind);
	int64_t wish_ms = (int64_t)failure->retry_after_s * SECOND;
	int64_t ms;

	/* Another thing to mend is another row of tries; a lost connection mends nothing. */
	if (policy->waits_for_person && kind != attempt->person_kind) {
		attempt->person_kind = kind;
		attempt->n_person = 0;
	}
	attempt->kind = kind;
	ms = pause_ms(attempt, policy);
	if (!policy->waits_for_person)
		ms = eii_pulse_jitter(pulse, ms);
	else if (attempt->n_person < UINT16_MAX)
		attempt->n_person++;
	if (failure->retry_after_s <= EII_POLICY_RETRY_AFTER_MAX_S && wish_ms > ms)
		ms = wish_ms;
	if (attempt->n < UINT16_MAX)
		attempt->n++;
	attempt->due_ms = pulse->now_ms + ms;
	attempt->last_ms = pulse->now_ms;
	eii_pulse_move(pulse);
}

void eii_attempt_failed_again(struct eii_attempt *attempt, struct eii_pulse *pulse,
			      const struct eii_failure *failure)
{
	if (attempt->n == 0 || pulse->now_ms >= attempt->due_ms)
		eii_attempt_failed(attempt, pulse, failure);
}

void eii_attempt_narrowed(struct eii_attempt *attempt, struct eii_pulse *pulse,
			  const struct eii_failure *failure)
{
	uint16_t n = attempt->n ? attempt->n : 1;

	attempt->n = 0;
	eii_attempt_failed(attempt, pulse, failure);
	attempt->n = n;
}

void eii_attempt_worked(struct eii_attempt *attempt)
{
	attempt->kind = EII_FAILURE_NONE;
	attempt->n = 0;
	attempt->n_doubtful = 0;
	attempt->person_kind = EII_FAILURE_NONE;
	attempt->n_person = 0;
	attempt->due_ms = 0;
}

bool eii_attempt_is_due(const struct eii_attempt *attempt, struct eii_pulse *pulse)
{
	return eii_pulse_is_due(pulse, attempt->due_ms);
}

void eii_attempt_hurry(struct eii_attempt *attempt)
{
	if (eii_attempt_waits_for_person(attempt))
		attempt->due_ms = 0;
}

bool eii_attempt_waits_for_person(const struct eii_attempt *attempt)
{
	return attempt->n && eii_policy_of(attempt->part, attempt->kind)->waits_for_person;
}

bool eii_attempt_gives_up(const struct eii_attempt *attempt, const struct eii_pulse *pulse,
			  enum eii_over_code *out_code)
{
	const struct eii_policy *policy = eii_policy_of(attempt->part, attempt->kind);

	if (pulse->config.mode != EII_CORE_ONCE || !attempt->n || attempt->n < policy->n_tries_once)
		return false;
	*out_code = policy->gives_up;
	return true;
}
