/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the operator should know now: which part has a fault, since when, how
 * bad, and in which words. One line when a fault begins, one when it has stood
 * for a minute (error), one at its end; never one a try.
 */
#ifndef EII_CORE_TELLER_H
#define EII_CORE_TELLER_H

#include "policy.h"

#define EII_TELLER_STANDS_MS 60000

struct eii_fault {
	int64_t since_ms; /* 0 = none */
	bool is_told;     /* at error */
	bool waits_for_person;
	enum eii_failure_kind kind; /* of the last failure */
	bool is_person_told;        /* of this fault, that a person has to mend it */
	char words[EII_CORE_WORDS_BYTES];
};

struct eii_teller {
	struct eii_fault faults[EII_PARTS];
};

/* The attempt has just failed so. */
void eii_teller_failed(struct eii_teller *teller, struct eii_pulse *pulse,
		       const struct eii_attempt *attempt, const struct eii_failure *failure);

/* The part did what was asked of it. */
void eii_teller_worked(struct eii_teller *teller, struct eii_pulse *pulse, enum eii_part part);

/* Says of each fault that has stood long enough that it stands. */
void eii_teller_tend(struct eii_teller *teller, struct eii_pulse *pulse);

#endif
