/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one table of what a failure leads to: how long until the next try, how
 * often in a single run, and what then. Nowhere else does a number of tries or
 * a pause stand.
 */
#ifndef EII_CORE_POLICY_H
#define EII_CORE_POLICY_H

#include "pulse.h"

#define EII_POLICY_RETRY_AFTER_MAX_S 900 /* a server's wish beyond this is our own pace again */
/* What is doubtful is believed from so many times in a row on, where its part has never worked. */
#define EII_POLICY_DOUBTFUL_TRIES 3
/*
 * Between two answers of the converter: its driver gives a mail 50 s by the clock,
 * twice, and a child 20 s to start.
 */
#define EII_POLICY_CONVERT_MS (3 * 60 * 1000)

struct eii_policy {
	int64_t first_ms, max_ms; /* the pause doubles from the first to the last */
	uint16_t n_tries_once;    /* of a single run, until it gives up */
	enum eii_over_code gives_up;
	bool waits_for_person; /* 1, 5, 15, then every 60 minutes, or when secrets change */
};

const struct eii_policy *eii_policy_of(enum eii_part part, enum eii_failure_kind kind);

/* The tries of one thing in a row. */
struct eii_attempt {
	enum eii_part part;
	enum eii_failure_kind kind; /* what the last failure is taken for; NONE = it works */
	bool is_spare;              /* something else does the same: its pauses grow to an hour */
	uint16_t n;                 /* failures in a row */
	uint16_t n_doubtful;        /* the last ones in a row */
	/* What a person has to mend, and how often it failed, over other failures in between. */
	enum eii_failure_kind person_kind;
	uint16_t n_person;
	int64_t due_ms;  /* not before; 0 = at once */
	int64_t last_ms; /* of the last failure that counted */
};

/* What is doubtful passes, but where nothing else was ever met (EII_POLICY_DOUBTFUL_TRIES). */
void eii_attempt_failed(struct eii_attempt *attempt, struct eii_pulse *pulse,
			const struct eii_failure *failure);

/*
 * As failed, but what fails while the pause of an earlier failure has not
 * passed is the same failure: a burst counts once.
 */
void eii_attempt_failed_again(struct eii_attempt *attempt, struct eii_pulse *pulse,
			      const struct eii_failure *failure);

/*
 * As failed, but it was asked of several things at once, and fewer are asked for now:
 * that is no try of any, and the pause does not grow.
 */
void eii_attempt_narrowed(struct eii_attempt *attempt, struct eii_pulse *pulse,
			  const struct eii_failure *failure);

void eii_attempt_worked(struct eii_attempt *attempt);

/* It may be tried. */
bool eii_attempt_is_due(const struct eii_attempt *attempt, struct eii_pulse *pulse);

/* Secrets have changed: what waits for a person is tried now. */
void eii_attempt_hurry(struct eii_attempt *attempt);

bool eii_attempt_waits_for_person(const struct eii_attempt *attempt);

/* A single run has had its tries; *out_code says how it ends. */
bool eii_attempt_gives_up(const struct eii_attempt *attempt, const struct eii_pulse *pulse,
			  enum eii_over_code *out_code);

#endif
