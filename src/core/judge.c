/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include <string.h>

void eii_judge_came(struct eii_judge *judge)
{
	judge->n_bodies++;
}

bool eii_judge_has_room(const struct eii_judge *judge)
{
	return judge->n < EII_JUDGE_TROUBLED;
}

void eii_judge_doubt(struct eii_judge *judge, uint32_t first, uint32_t last)
{
	bool is_new = judge->doubted_last == 0;

	/* They are asked for again in ever smaller groups: the first refusal is what counts. */
	if (!is_new && first >= judge->doubted_first && last <= judge->doubted_last)
		return;
	if (is_new || first < judge->doubted_first)
		judge->doubted_first = first;
	if (last > judge->doubted_last)
		judge->doubted_last = last;
	judge->doubted_bodies = judge->n_bodies;
}

/* Fewer are left than have come since they were refused among others. */
static bool is_singled_out(const struct eii_judge *judge, const struct eii_wanted *wanted)
{
	uint64_t n_since = judge->n_bodies - judge->doubted_bodies;

	return wanted->uid >= judge->doubted_first && wanted->uid <= judge->doubted_last &&
	       n_since && (judge->n < EII_JUDGE_FEW || judge->n < n_since);
}

static bool is_its_own(const struct eii_judge *judge, const struct eii_pulse *pulse,
		       const struct eii_wanted *wanted, enum eii_others others)
{
	if (wanted->n_refused == 0)
		return wanted->is_aside; /* it has been judged before */
	if (judge->n_bodies > wanted->bodies_then)
		return true;
	return others == EII_OTHERS_NONE &&
	       (is_singled_out(judge, wanted) ||
		pulse->now_ms - wanted->refused_ms >= EII_JUDGE_ALONE_MS);
}

void eii_judge_recall(const struct eii_judge *judge, const struct eii_pulse *pulse,
		      struct eii_wanted *wanted, int64_t ago_s)
{
	if (ago_s < 0 || wanted->n_refused || wanted->is_aside)
		return;
	wanted->n_refused = 1;
	wanted->refused_ms = pulse->now_ms - ago_s * 1000;
	/* Of the bodies that came since nothing is known. */
	wanted->bodies_then = judge->n_bodies;
}

enum eii_judgement eii_judge_refused(struct eii_judge *judge, struct eii_pulse *pulse,
				     const struct eii_wanted *wanted, enum eii_others others)
{
	uint16_t i = 0;

	if (is_its_own(judge, pulse, wanted, others))
		return EII_JUDGED_ASIDE;
	EII_INVARIANT(judge->n < EII_JUDGE_TROUBLED);
	while (i < judge->n && judge->troubled[i].uid < wanted->uid)
		i++;
	memmove(&judge->troubled[i + 1], &judge->troubled[i],
		(size_t)(judge->n - i) * sizeof(judge->troubled[0]));
	judge->n++;
	judge->troubled[i] = *wanted;
	if (!wanted->n_refused)
		judge->troubled[i].refused_ms = pulse->now_ms;
	if (wanted->n_refused < UINT16_MAX)
		judge->troubled[i].n_refused++;
	judge->troubled[i].bodies_then = judge->n_bodies;
	return EII_JUDGED_AGAIN;
}

/* The one that was refused least often: no single UID may hold up the others. */
static int least_refused(const struct eii_judge *judge, enum eii_others others)
{
	int best = -1;

	for (uint16_t i = 0; i < judge->n; i++) {
		const struct eii_wanted *wanted = &judge->troubled[i];

		if (others == EII_OTHERS_WANTED && judge->n_bodies == wanted->bodies_then)
			continue;
		if (best < 0 || wanted->n_refused < judge->troubled[best].n_refused)
			best = i;
	}
	return best;
}

bool eii_judge_take(struct eii_judge *judge, enum eii_others others, struct eii_wanted *out)
{
	int i = least_refused(judge, others);

	if (i < 0)
		return false;
	*out = judge->troubled[i];
	judge->n--;
	memmove(&judge->troubled[i], &judge->troubled[i + 1],
		(size_t)(judge->n - i) * sizeof(judge->troubled[0]));
	return true;
}

void eii_judge_put_back(struct eii_judge *judge, const struct eii_wanted *wanted)
{
	memmove(&judge->troubled[1], &judge->troubled[0], judge->n * sizeof(judge->troubled[0]));
	judge->troubled[0] = *wanted;
	judge->n++;
}

bool eii_judge_is_ready(const struct eii_judge *judge)
{
	return least_refused(judge, EII_OTHERS_WANTED) >= 0;
}

void eii_judge_forget(struct eii_judge *judge)
{
	judge->n = 0;
	judge->doubted_first = judge->doubted_last = 0;
}
