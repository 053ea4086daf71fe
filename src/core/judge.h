/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose trouble is it when a mail does not come: the server's or the mail's?
 * A UID that is refused twice while another mail's bytes came in between has
 * the trouble itself and is set aside. Two UIDs in a row are the server's
 * trouble: the run waits, however long. A single new mail of a folder is set
 * aside after an hour, in whatever life of the process its first refusal was.
 * A refusal of several at once says nothing of any of them; but where the last
 * few are refused alone, twice each, what came since that one counts as well.
 */
#ifndef EII_CORE_JUDGE_H
#define EII_CORE_JUDGE_H

#include "pulse.h"

#define EII_JUDGE_TROUBLED 64 /* UIDs with a refusal, at once */
#define EII_JUDGE_ALONE_MS (60 * 60 * 1000)
/* UIDs in a row that may be at fault themselves: more are the server's trouble. */
#define EII_JUDGE_FEW 8

struct eii_wanted {
	uint32_t uid;
	bool has_size, has_date;
	uint64_t size_bytes;
	int64_t internal_unix_s;
	bool is_aside; /* a try at a mail that was set aside */
	uint16_t n_refused;
	uint64_t bodies_then; /* that had come when it was refused last */
	int64_t refused_ms;   /* first */
};

struct eii_judge {
	struct eii_wanted troubled[EII_JUDGE_TROUBLED]; /* by UID, to be asked for alone */
	uint16_t n;
	uint64_t n_bodies; /* that came, ever */
	/* Some from the first to the last were refused at once; 0 = none were. */
	uint32_t doubted_first, doubted_last;
	uint64_t doubted_bodies; /* that had come then */
};

enum eii_judgement {
	EII_JUDGED_AGAIN, /* asked for again, alone, after others */
	EII_JUDGED_ASIDE, /* its own trouble */
};

/* Whether other mails than the troubled ones are still to be asked for. */
enum eii_others { EII_OTHERS_NONE, EII_OTHERS_WANTED };

/* A mail's bytes came: the server works. */
void eii_judge_came(struct eii_judge *judge);

/* Those from first to last, which were asked for at once, were refused. */
void eii_judge_doubt(struct eii_judge *judge, uint32_t first, uint32_t last);

/* It was asked for alone and did not come. */
enum eii_judgement eii_judge_refused(struct eii_judge *judge, struct eii_pulse *pulse,
				     const struct eii_wanted *wanted, enum eii_others others);

/*
 * What this run was not refused yet, and an earlier one was, first so long ago:
 * as if that had been in this one, for the hour alone. -1: it was not.
 */
void eii_judge_recall(const struct eii_judge *judge, const struct eii_pulse *pulse,
		      struct eii_wanted *wanted, int64_t ago_s);

/* There is room for one more. */
bool eii_judge_has_room(const struct eii_judge *judge);

/*
 * The troubled one that is to be asked for next: another mail has come since it
 * was refused, or there is nothing else to ask for. False: none.
 */
bool eii_judge_take(struct eii_judge *judge, enum eii_others others, struct eii_wanted *out);
/* One that was taken and cannot be asked for yet: it is the next again. */
void eii_judge_put_back(struct eii_judge *judge, const struct eii_wanted *wanted);

/* One of them waits to be asked for alone, other mails having come since. */
bool eii_judge_is_ready(const struct eii_judge *judge);

void eii_judge_forget(struct eii_judge *judge);

#endif
