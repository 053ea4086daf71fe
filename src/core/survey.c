/* SPDX-License-Identifier: Apache-2.0 */
#include "survey.h"

#define DAY_S 86400

void eii_survey_begin(struct eii_survey *survey)
{
	survey->step = EII_SURVEY_FOLDER;
	survey->is_old_part = false;
	survey->is_asked_again = false;
	survey->does_since_lie = false;
	survey->is_since_again = false;
	survey->n_found = 0;
	survey->n_ours = 0;
}

void eii_survey_lost(struct eii_survey *survey)
{
	survey->real_ms = 0;
	survey->n_noops = 0;
	if (survey->step != EII_SURVEY_IDLE && survey->step != EII_SURVEY_DONE)
		survey->step = EII_SURVEY_FOLDER;
}

void eii_survey_doubt(struct eii_survey *survey)
{
	survey->n_noops = EII_SURVEY_NOOPS;
}

enum eii_order_type eii_survey_next(const struct eii_survey *survey)
{
	switch (survey->step) {
	case EII_SURVEY_FOLDER:
	case EII_SURVEY_AGAIN:
		return EII_ORDER_LOOK;
	case EII_SURVEY_ALL:
	case EII_SURVEY_SINCE:
	case EII_SURVEY_NEWEST:
	case EII_SURVEY_LIST:
		return EII_ORDER_SEARCH;
	case EII_SURVEY_NEWEST_SIZES:
	case EII_SURVEY_LISTING:
		return EII_ORDER_SIZES;
	case EII_SURVEY_IDLE:
	case EII_SURVEY_DONE:
		break;
	}
	return EII_ORDER_NONE;
}

static bool must_be_fresh(const struct eii_survey *survey, const struct eii_pulse *pulse)
{
	return survey->step == EII_SURVEY_AGAIN || !survey->real_ms ||
	       survey->n_noops >= EII_SURVEY_NOOPS ||
	       pulse->now_ms - survey->real_ms >= EII_SURVEY_REAL_MS;
}

void eii_survey_fill(struct eii_survey *survey, const struct eii_place *place,
		     const struct eii_pulse *pulse, struct eii_order *order)
{
	switch (survey->step) {
	case EII_SURVEY_FOLDER:
	case EII_SURVEY_AGAIN:
		order->look.is_fresh = must_be_fresh(survey, pulse);
		survey->n_noops = order->look.is_fresh ? 0 : survey->n_noops + 1;
		if (order->look.is_fresh)
			survey->real_ms = pulse->now_ms;
		break;
	case EII_SURVEY_ALL:
		order->search.first = 1;
		order->search.since_unix_s = EII_ORDER_SEARCH_ALL;
		break;
	case EII_SURVEY_SINCE:
		order->search.first = place->listed + 1;
		/* Days are the server's, in a zone of its own: one day earlier is safe. */
		order->search.since_unix_s = place->s.window_since_s - DAY_S;
		break;
	case EII_SURVEY_NEWEST:
		order->search.first = survey->newest_first;
		order->search.since_unix_s = EII_ORDER_SEARCH_ALL;
		break;
	case EII_SURVEY_LIST:
		order->search.first = place->listed + 1;
		order->search.since_unix_s = EII_ORDER_SEARCH_ALL;
		break;
	case EII_SURVEY_NEWEST_SIZES:
		order->sizes.after = survey->newest_first - 1;
		order->sizes.max = EII_CORE_CHUNK_MAILS;
		break;
	case EII_SURVEY_IDLE:
	case EII_SURVEY_LISTING:
	case EII_SURVEY_DONE:
		break;
	}
}

/* ---- what the folder says ---------------------------------------------- */

static bool is_back(const struct eii_place *place, const struct eii_folder_view *folder)
{
	uint32_t seen = place->listed > place->s.cursor ? place->listed : place->s.cursor;

	/* A window's boundary stands behind the highest UID of its time. */
	if (place->s.has_window && place->s.window_uidnext > seen + 1)
		seen = place->s.window_uidnext - 1;
	return folder->uidnext && folder->uidnext <= seen;
}

static enum eii_survey_news begin_anew(struct eii_survey *survey, struct eii_place *place,
				       struct eii_pulse *pulse)
{
	uint64_t before = place->s.uidvalidity;

	if (before == survey->folder.uidvalidity)
		eii_pulse_say(pulse, EII_EVENT_UIDNEXT_BACK, survey->folder.uidnext,
			      place->s.cursor);
	else
		eii_pulse_say(pulse, EII_EVENT_RENUMBERED, survey->folder.uidvalidity, before);
	eii_place_begin_window(place, survey->folder.uidvalidity,
			       place->since_s - EII_SURVEY_MARGIN_S);
	eii_place_doubt(place);
	survey->back.uidnext = 0;
	survey->is_decided = false;
	survey->step = EII_SURVEY_ALL;
	return EII_SURVEY_RENUMBERED;
}

static void choose_list(struct eii_survey *survey, const struct eii_place *place)
{
	const struct eii_folder_view *folder = &survey->folder;

	if (place->s.has_window && !place->s.window_uidnext)
		survey->step = EII_SURVEY_ALL;
	else if (place->s.has_window && !place->is_window_listed)
		survey->step = survey->does_since_lie ? EII_SURVEY_LIST : EII_SURVEY_SINCE;
	else if (place->listed == UINT32_MAX ||
		 (folder->uidnext && folder->uidnext <= place->listed + 1))
		survey->step = EII_SURVEY_DONE;
	else
		survey->step = EII_SURVEY_LIST;
}

/* What it said before; of mails that came in between UIDNEXT has grown. */
static bool is_same_as_before(const struct eii_survey *survey, const struct eii_place *place,
			      const struct eii_folder_view *folder)
{
	return folder->uidvalidity == survey->folder.uidvalidity &&
	       (folder->uidvalidity != place->s.uidvalidity ||
		folder->uidnext >= survey->folder.uidnext);
}

/*
 * UIDNEXT had gone back, and is ahead again with more mails than there were: they
 * have the UIDs of mails that are gone. With as many as before it was said wrongly.
 */
static bool is_filled_again(const struct eii_survey *survey, const struct eii_folder_view *folder)
{
	return survey->back.uidnext && folder->n_mails > survey->back.n_mails;
}

static void note_back(struct eii_survey *survey, const struct eii_folder_view *folder)
{
	survey->back = *folder;
	survey->is_denied = false;
}

/* By two EXAMINEs, whatever others have said in between; mails may have come since. */
static bool is_said_twice(const struct eii_survey *survey, const struct eii_place *place,
			  const struct eii_folder_view *folder)
{
	const struct eii_folder_view *back = &survey->back;

	return survey->n_noops == 0 && folder->uidvalidity == place->s.uidvalidity &&
	       is_back(place, folder) && back->uidnext &&
	       (folder->uidnext == back->uidnext ||
		(folder->uidnext > back->uidnext && folder->n_mails > back->n_mails));
}

/* The same as the last that denied it; or more, which only mails that came in between explain. */
static bool is_denied_again(const struct eii_survey *survey, const struct eii_folder_view *folder)
{
	const struct eii_folder_view *last = &survey->denied;

	return survey->is_denied &&
	       (folder->uidnext == last->uidnext ||
		(folder->uidnext > last->uidnext && folder->n_mails > last->n_mails));
}

static void heed_denial(struct eii_survey *survey, const struct eii_folder_view *folder)
{
	if (is_denied_again(survey, folder))
		survey->back.uidnext = 0;
	survey->is_denied = true;
	survey->denied = *folder;
}

/* Kept until EXAMINEs decide it, in whatever session and run; a NOOP may tell of old numbers. */
static bool is_restored(struct eii_survey *survey, const struct eii_place *place,
			const struct eii_folder_view *folder)
{
	bool is_behind = is_back(place, folder);
	bool is_examined = survey->n_noops == 0;

	if (folder->uidvalidity != place->s.uidvalidity)
		survey->back.uidnext = 0;
	else if (is_examined && is_behind)
		note_back(survey, folder);
	else if (is_examined && !is_filled_again(survey, folder))
		heed_denial(survey, folder);
	return is_behind || survey->back.uidnext;
}

/* It had gone back, and this EXAMINE denies it: another one has to say the same. */
static bool is_undecided(const struct eii_survey *survey, const struct eii_place *place,
			 const struct eii_folder_view *folder)
{
	return survey->back.uidnext && !is_back(place, folder) && !is_filled_again(survey, folder);
}

void eii_survey_glance(struct eii_survey *survey, const struct eii_place *place,
		       const struct eii_folder_view *folder)
{
	if (place->is_known && folder->uidvalidity == place->s.uidvalidity &&
	    is_back(place, folder))
		note_back(survey, folder);
}

/* What an EXAMINE makes of the numbering that is known. */
enum numbering {
	NUMBERING_KEPT,
	NUMBERING_OTHER,
	NUMBERING_OPEN,  /* another EXAMINE is to decide */
	NUMBERING_NEVER, /* another thing each time: no answer is worth anything */
};

static enum numbering judge_numbering(struct eii_survey *survey, const struct eii_place *place,
				      const struct eii_folder_view *folder)
{
	bool is_again = survey->step == EII_SURVEY_AGAIN;
	bool was_denied = survey->is_denied;
	bool is_same = is_same_as_before(survey, place, folder);
	bool is_sure = is_said_twice(survey, place, folder);
	bool is_open;

	if (survey->is_decided)
		return NUMBERING_OTHER;
	if (!is_restored(survey, place, folder) && folder->uidvalidity == place->s.uidvalidity)
		return NUMBERING_KEPT;
	if (is_sure)
		return NUMBERING_OTHER;
	is_open = is_undecided(survey, place, folder);
	if (is_again && (is_open ? was_denied : !is_same))
		return NUMBERING_NEVER;
	return is_open || !is_again ? NUMBERING_OPEN : NUMBERING_OTHER;
}

static enum eii_survey_news begin_first(struct eii_survey *survey, struct eii_place *place)
{
	survey->back.uidnext = 0;
	survey->is_decided = false;
	eii_place_begin_window(place, survey->folder.uidvalidity, place->since_s);
	survey->step = EII_SURVEY_ALL;
	return EII_SURVEY_FINE;
}

enum eii_survey_news eii_survey_folder(struct eii_survey *survey, struct eii_place *place,
				       struct eii_pulse *pulse,
				       const struct eii_folder_view *folder, enum eii_phase phase)
{
	enum numbering numbering =
		place->is_known ? judge_numbering(survey, place, folder) : NUMBERING_KEPT;

	survey->folder = *folder;
	if (!survey->real_ms)
		survey->real_ms = pulse->now_ms;
	if (!place->is_known)
		return begin_first(survey, place);
	switch (numbering) {
	case NUMBERING_KEPT:
		choose_list(survey, place);
		break;
	case NUMBERING_OPEN:
		survey->step = EII_SURVEY_AGAIN;
		break;
	case NUMBERING_NEVER:
		return EII_SURVEY_DISAGREES;
	case NUMBERING_OTHER:
		if (phase == EII_PHASE_LOOK)
			return begin_anew(survey, place, pulse);
		/* What was listed in this run shows it, and the next one does not know that. */
		survey->is_decided = true;
		return EII_SURVEY_RENUMBERED;
	}
	return EII_SURVEY_FINE;
}

/* ---- what a search says ------------------------------------------------ */

static enum eii_survey_news heed_all(struct eii_survey *survey, struct eii_place *place,
				     const struct eii_fact *fact)
{
	uint32_t boundary = fact->search.highest;

	survey->named = 0;
	if (fact->search.n == 0 && survey->folder.n_mails)
		return EII_SURVEY_DISAGREES;
	/* The last number of all stands on the new side itself. */
	if (boundary < UINT32_MAX)
		boundary++;
	eii_place_bound_window(place, fact->search.n ? boundary : 1);
	survey->step = fact->search.n ? EII_SURVEY_SINCE : EII_SURVEY_DONE;
	return EII_SURVEY_FINE;
}

static uint32_t below_boundary(const struct eii_place *place, uint32_t uid)
{
	return uid < place->s.window_uidnext ? uid : place->s.window_uidnext - 1;
}

static void name_up_to(struct eii_survey *survey, uint32_t uid)
{
	if (survey->named < uid)
		survey->named = uid;
}

static void heed_since(struct eii_survey *survey, const struct eii_place *place,
		       const struct eii_fact *fact)
{
	uint32_t first = place->listed + 1;

	if (fact->search.n) {
		survey->n_found += fact->search.n;
		name_up_to(survey, below_boundary(place, fact->search.highest));
		survey->is_old_part = true;
		survey->step = EII_SURVEY_LISTING;
		return;
	}
	/* None of them: the dates of the newest tell whether that can be true. */
	if (place->s.window_uidnext > EII_CORE_CHUNK_MAILS &&
	    place->s.window_uidnext - EII_CORE_CHUNK_MAILS > first)
		first = place->s.window_uidnext - EII_CORE_CHUNK_MAILS;
	survey->newest_first = first;
	survey->step = EII_SURVEY_NEWEST;
}

/*
 * What contradicts an empty list. Where the folder does not tell its UIDNEXT nothing does, and with
 * a takeover at stake one empty answer is not enough: what is the official connector's would be
 * ours.
 */
static bool may_be_more(const struct eii_survey *survey, const struct eii_place *place)
{
	if (!survey->folder.uidnext)
		return place->his_s && !place->his_uid;
	return survey->folder.uidnext > place->listed + 1;
}

static enum eii_survey_news heed_list(struct eii_survey *survey, struct eii_place *place,
				      const struct eii_fact *fact)
{
	survey->is_old_part = place->s.has_window && !place->is_window_listed;
	/* What was named before is missing: believed when it is so in the next session too. */
	if (fact->search.n == 0 && survey->is_old_part && place->listed < survey->named) {
		survey->named = 0;
		return EII_SURVEY_DISAGREES;
	}
	if (fact->search.n == 0 && may_be_more(survey, place) && !survey->is_asked_again) {
		survey->is_asked_again = true;
		survey->step = EII_SURVEY_AGAIN;
		return EII_SURVEY_FINE;
	}
	if (fact->search.n == 0) {
		eii_survey_list_ended(survey, place);
		return EII_SURVEY_FINE;
	}
	if (place->his_s && !place->his_uid)
		place->his_uid = fact->search.highest;
	if (survey->is_old_part)
		name_up_to(survey, below_boundary(place, fact->search.highest));
	survey->n_found += fact->search.n;
	survey->step = EII_SURVEY_LISTING;
	return EII_SURVEY_FINE;
}

static void heed_newest(struct eii_survey *survey, struct eii_place *place,
			const struct eii_fact *fact)
{
	survey->newest_named = fact->search.n ? below_boundary(place, fact->search.highest) : 0;
	survey->step = EII_SURVEY_NEWEST_SIZES;
	if (fact->search.n)
		return;
	survey->does_since_lie = place->listed < survey->named;
	if (!survey->does_since_lie)
		eii_place_end_window(place);
	survey->step = EII_SURVEY_LIST;
}

enum eii_survey_news eii_survey_searched(struct eii_survey *survey, struct eii_place *place,
					 const struct eii_fact *fact)
{
	if (!fact->search.has_answer)
		return EII_SURVEY_DISAGREES;
	switch (survey->step) {
	case EII_SURVEY_ALL:
		return heed_all(survey, place, fact);
	case EII_SURVEY_SINCE:
		heed_since(survey, place, fact);
		break;
	case EII_SURVEY_NEWEST:
		heed_newest(survey, place, fact);
		break;
	case EII_SURVEY_LIST:
		return heed_list(survey, place, fact);
	case EII_SURVEY_IDLE:
	case EII_SURVEY_FOLDER:
	case EII_SURVEY_AGAIN:
	case EII_SURVEY_NEWEST_SIZES:
	case EII_SURVEY_LISTING:
	case EII_SURVEY_DONE:
		break;
	}
	return EII_SURVEY_FINE;
}

void eii_survey_newest(struct eii_survey *survey, struct eii_place *place,
		       const struct eii_fact *fact)
{
	bool is_wanted = false;

	for (uint16_t i = 0; i < fact->sizes.n; i++) {
		const struct eii_size_info *info = &fact->sizes.infos[i];

		/* What has no date may be of the window. */
		if (info->uid >= place->s.window_uidnext ||
		    (info->has_date && info->internal_unix_s < place->s.window_since_s))
			continue;
		is_wanted = true;
		name_up_to(survey, info->uid);
	}
	survey->does_since_lie = is_wanted;
	if (!is_wanted)
		eii_place_end_window(place);
	survey->step = EII_SURVEY_LIST;
}

void eii_survey_newest_failed(struct eii_survey *survey, struct eii_place *place, uint16_t n)
{
	uint32_t last = place->s.window_uidnext - 1;

	/* Once more, and then what cannot be proven is taken for a lie: all are listed. */
	if (n <= 1 || survey->newest_first >= last) {
		survey->does_since_lie = survey->is_since_again;
		if (survey->is_since_again)
			name_up_to(survey, survey->newest_named);
		survey->step = survey->is_since_again ? EII_SURVEY_LIST : EII_SURVEY_SINCE;
		survey->is_since_again = true;
		return;
	}
	survey->newest_first += (last - survey->newest_first + 1) / 2;
	survey->step = EII_SURVEY_NEWEST;
}

void eii_survey_list_ended(struct eii_survey *survey, struct eii_place *place)
{
	if (!survey->is_old_part) {
		survey->step = EII_SURVEY_DONE;
		return;
	}
	/* Behind the window's boundary all is new, whatever its date. */
	survey->is_old_part = false;
	eii_place_end_window(place);
	survey->step = EII_SURVEY_LIST;
}
