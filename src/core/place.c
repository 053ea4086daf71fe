/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include <string.h>

/* A mail set aside is tried again after this, doubling to the last. */
#define ASIDE_FIRST_S 600
#define ASIDE_LAST_S  43200
#define LOST_S        1 /* any instant of the past: due, and what went of it may be lost */

void eii_place_init(struct eii_place *place)
{
	place->cursor = eii_cursor_new();
}

void eii_place_clear(struct eii_place *place)
{
	eii_cursor_free(place->cursor);
	place->cursor = NULL;
}

static void restart(struct eii_place *place)
{
	eii_cursor_reset(place->cursor, place->s.cursor);
	place->listed = place->s.cursor;
	place->is_window_listed = place->s.has_window && place->s.window_uidnext &&
				  place->s.cursor + 1 >= place->s.window_uidnext;
}

static void forget_trouble(struct eii_place *place)
{
	place->s.troubled_uid = 0;
	place->s.troubled_since_s = 0;
}

void eii_place_adopt(struct eii_place *place, const struct eii_place_state *stored)
{
	place->is_known = stored != NULL;
	place->s = stored ? *stored : (struct eii_place_state){ 0 };
	place->his_s = 0;
	place->his_uid = 0;
	place->n_his = 0;
	place->n_clear = 0;
	place->is_window_first = stored && stored->has_window && !stored->cursor;
	place->has_window_mail = false;
	place->is_window_empty = false;
	restart(place);
}

void eii_place_begin_window(struct eii_place *place, uint64_t uidvalidity, int64_t since_s)
{
	place->is_window_first = !place->is_known;
	place->has_window_mail = false;
	place->is_window_empty = false;
	place->is_known = true;
	place->s.uidvalidity = uidvalidity;
	place->s.cursor = 0;
	place->s.has_window = true;
	place->s.window_since_s = since_s;
	place->s.window_uidnext = 0;
	place->s.back_uid = 0;
	place->s.owed_since_s = 0; /* the window has it */
	place->s.n_aside = 0;
	place->s.n_killers = 0;
	place->s.passed_uid = 0;
	forget_trouble(place);
	eii_place_clear_suspects(&place->s);
	place->his_s = 0;
	restart(place);
}

void eii_place_bound_window(struct eii_place *place, uint32_t boundary)
{
	place->s.window_uidnext = boundary ? boundary : 1;
	if (place->s.window_uidnext == 1)
		place->s.has_window = false; /* an empty folder: all that comes is new */
}

/* A way back into the window would need it again, and so does its list, which may go beyond it. */
void eii_place_let_window_go(struct eii_place *place)
{
	if (place->s.has_window && place->is_window_listed && !place->s.back_uid &&
	    place->s.cursor + 1 >= place->s.window_uidnext)
		place->s.has_window = false;
}

static void follow(struct eii_place *place)
{
	uint32_t value = eii_cursor_value(place->cursor);

	if (value <= place->s.cursor)
		return;
	place->s.cursor = value;
	/* On a way back it is no progress: this far an earlier life had come. */
	if (value > place->s.passed_uid) {
		place->s.passed_uid = 0;
		place->s.n_starts = 0;
	}
	eii_place_let_window_go(place);
	if (place->s.ask_uid && value >= place->s.ask_uid)
		place->s.ask_uid = 0;
}

/* Seen, and nothing is to be done with it. */
static void pass(struct eii_place *place, uint32_t uid)
{
	eii_cursor_add(place->cursor, uid);
	eii_cursor_settle(place->cursor, uid);
	if (uid > place->listed)
		place->listed = uid;
	follow(place);
}

void eii_place_end_window(struct eii_place *place)
{
	/* One whose last mail was passed over has been let go by then. */
	if (place->is_window_first)
		place->is_window_empty = !place->has_window_mail;
	place->is_window_first = false;
	if (!place->s.has_window || place->is_window_listed)
		return;
	place->is_window_listed = true;
	if (place->s.window_uidnext - 1 > place->listed)
		pass(place, place->s.window_uidnext - 1);
	follow(place);
	eii_place_let_window_go(place);
}

static bool is_too_old(const struct eii_place *place, const struct eii_size_info *info)
{
	return place->s.has_window && info->uid < place->s.window_uidnext && info->has_date &&
	       info->internal_unix_s < place->s.window_since_s;
}

static bool is_his(const struct eii_place *place, const struct eii_size_info *info)
{
	return place->his_s && info->uid <= place->his_uid && info->has_date &&
	       info->internal_unix_s < place->his_s;
}

enum eii_listing eii_place_list(struct eii_place *place, const struct eii_size_info *info)
{
	if (place->s.has_window && !place->is_window_listed && info->uid >= place->s.window_uidnext)
		return EII_LISTING_BEYOND;
	if (info->uid <= place->listed)
		return EII_LISTING_SETTLED;
	if (!is_too_old(place, info))
		place->has_window_mail = true;
	if (is_his(place, info))
		place->n_his++;
	else if (!is_too_old(place, info) && !eii_place_find_aside(place, info->uid)) {
		eii_cursor_add(place->cursor, info->uid);
		place->listed = info->uid;
		return EII_LISTING_OURS;
	}
	pass(place, info->uid);
	return EII_LISTING_SETTLED;
}

bool eii_place_settle(struct eii_place *place, uint32_t uid)
{
	uint32_t before = place->s.cursor;

	eii_cursor_settle(place->cursor, uid);
	eii_place_clear_suspect(&place->s, uid);
	if (place->s.troubled_uid == uid)
		forget_trouble(place);
	follow(place);
	EII_INVARIANT(place->s.cursor <= place->listed);
	return place->s.cursor != before;
}

bool eii_place_note_trouble(struct eii_place *place, uint32_t uid, int64_t unix_s)
{
	bool is_open = place->s.troubled_uid > place->s.cursor;
	/* An instant ahead is one of a clock that was wrong. */
	bool is_ahead = place->s.troubled_uid == uid && place->s.troubled_since_s > unix_s;

	if ((is_open && !is_ahead) || unix_s <= 0)
		return false;
	place->s.troubled_uid = uid;
	place->s.troubled_since_s = unix_s;
	return true;
}

int64_t eii_place_troubled_for_s(const struct eii_place *place, uint32_t uid, int64_t unix_s)
{
	if (place->s.troubled_uid != uid)
		return -1;
	return unix_s > place->s.troubled_since_s ? unix_s - place->s.troubled_since_s : 0;
}

void eii_place_relist(struct eii_place *place)
{
	/* Some of it may have been confirmed above what holds the cursor. */
	if (place->listed > place->s.cursor && place->s.ask_uid < place->listed)
		place->s.ask_uid = place->listed;
	/* The same mails are asked for again: they count once. */
	place->n_clear = 0;
	restart(place);
}

void eii_place_owe(struct eii_place *place, int64_t since_s)
{
	if (!place->s.owed_since_s || since_s < place->s.owed_since_s)
		place->s.owed_since_s = since_s > 0 ? since_s : 1;
}

void eii_place_owe_nothing(struct eii_place *place)
{
	if (place->s.back_uid || place->s.n_aside || place->s.passed_uid > place->s.cursor)
		return;
	place->s.owed_since_s = 0;
	place->s.n_killers = 0;
}

bool eii_place_go_back(struct eii_place *place)
{
	uint32_t reached = place->listed > place->s.cursor ? place->listed : place->s.cursor;

	eii_place_lost_aside(place);
	if (!place->s.back_uid)
		return false;
	if (place->s.ask_uid < reached)
		place->s.ask_uid = reached;
	if (place->s.passed_uid < place->s.cursor)
		place->s.passed_uid = place->s.cursor;
	place->s.cursor = place->s.back_uid - 1;
	place->s.back_uid = 0;
	place->n_clear = 0;
	restart(place);
	return true;
}

void eii_place_doubt(struct eii_place *place)
{
	place->s.ask_uid = UINT32_MAX;
	place->n_clear = 0;
}

bool eii_place_must_ask(const struct eii_place *place, uint32_t uid)
{
	return uid <= place->s.ask_uid;
}

void eii_place_heard(struct eii_place *place, enum eii_presence presence)
{
	place->n_clear = presence == EII_PRESENCE_THERE ? 0 : place->n_clear + 1;
	/* No more than the line holds can have been on the way when the process ended. */
	if (place->s.ask_uid == UINT32_MAX && place->n_clear >= EII_CORE_LINE_MAILS)
		place->s.ask_uid = 0;
}

/* ---- set aside --------------------------------------------------------- */

struct eii_aside *eii_place_find_aside(struct eii_place *place, uint32_t uid)
{
	for (uint16_t i = 0; i < place->s.n_aside; i++) {
		if (place->s.aside[i].uid == uid)
			return &place->s.aside[i];
	}
	return NULL;
}

static int64_t aside_pause_s(uint16_t n_tries)
{
	int64_t s = ASIDE_FIRST_S;

	for (uint16_t i = 1; i < n_tries && s < ASIDE_LAST_S; i++)
		s *= 2;
	return s < ASIDE_LAST_S ? s : ASIDE_LAST_S;
}

bool eii_place_set_aside(struct eii_place *place, uint32_t uid, int64_t unix_s)
{
	struct eii_aside *aside = eii_place_find_aside(place, uid);
	uint16_t at = 0;

	if (!aside) {
		if (place->s.n_aside == EII_DOCUMENT_ASIDE)
			return false;
		while (at < place->s.n_aside && place->s.aside[at].uid < uid)
			at++;
		aside = &place->s.aside[at];
		memmove(aside + 1, aside, (size_t)(place->s.n_aside - at) * sizeof(*aside));
		place->s.n_aside++;
		*aside = (struct eii_aside){ .uid = uid,
					     .milliseconds = eii_place_must_ask(place, uid)
								     ? EII_ASIDE_ASK_FIRST
								     : EII_ASIDE_NO_MS,
					     .first_unix_s = unix_s };
	}
	if (aside->n_tries < UINT16_MAX)
		aside->n_tries++;
	aside->next_unix_s = unix_s + aside_pause_s(aside->n_tries);
	return true;
}

void eii_place_try_aside(struct eii_place *place, uint32_t uid, int64_t unix_s)
{
	struct eii_aside *aside = eii_place_find_aside(place, uid);

	if (aside)
		aside->next_unix_s = unix_s + aside_pause_s(aside->n_tries);
}

struct eii_aside *eii_place_aside_due(struct eii_place *place, int64_t unix_s, int64_t *out_next_s)
{
	struct eii_aside *due = NULL;

	*out_next_s = INT64_MAX;
	for (uint16_t i = 0; i < place->s.n_aside; i++) {
		struct eii_aside *aside = &place->s.aside[i];

		/* An instant further ahead than the longest pause is a clock that went back. */
		if (aside->next_unix_s > unix_s + ASIDE_LAST_S)
			aside->next_unix_s = unix_s;
		if (!aside->next_unix_s)
			continue;
		if (aside->next_unix_s <= unix_s && !due)
			due = aside;
		if (aside->next_unix_s < *out_next_s)
			*out_next_s = aside->next_unix_s;
	}
	return due;
}

bool eii_place_has_header(const struct eii_aside *aside)
{
	return aside->milliseconds < EII_ASIDE_ASK_FIRST;
}

/*
 * Header and mail by turns, as not every server knows how to give a header; once
 * its report went the mail, but where that report may be lost.
 */
bool eii_place_wants_header(const struct eii_aside *aside)
{
	if (aside->milliseconds == EII_ASIDE_NO_HEADER)
		return false;
	return eii_place_has_header(aside) ? aside->next_unix_s == LOST_S : aside->n_tries % 2 == 1;
}

void eii_place_sent_header(struct eii_place *place, uint32_t uid, uint16_t milliseconds)
{
	struct eii_aside *aside = eii_place_find_aside(place, uid);

	if (aside)
		aside->milliseconds = milliseconds;
}

void eii_place_sent_aside(struct eii_place *place, uint32_t uid, uint16_t milliseconds)
{
	struct eii_aside *aside = eii_place_find_aside(place, uid);

	if (!aside)
		return;
	aside->milliseconds = milliseconds;
	aside->next_unix_s = 0;
}

void eii_place_lost_aside(struct eii_place *place)
{
	for (uint16_t i = 0; i < place->s.n_aside; i++) {
		struct eii_aside *aside = &place->s.aside[i];

		if (!aside->next_unix_s || eii_place_has_header(aside))
			aside->next_unix_s = LOST_S;
	}
}

void eii_place_accounted(struct eii_place *place)
{
	place->s.back_uid = 0;
	for (uint16_t i = place->s.n_aside; i-- > 0;) {
		if (!place->s.aside[i].next_unix_s)
			eii_place_drop_aside(place, place->s.aside[i].uid);
	}
	eii_place_owe_nothing(place);
	eii_place_let_window_go(place);
}

void eii_place_drop_aside(struct eii_place *place, uint32_t uid)
{
	struct eii_aside *aside = eii_place_find_aside(place, uid);
	uint16_t left;

	if (!aside)
		return;
	place->s.n_aside--;
	left = (uint16_t)(place->s.n_aside - (aside - place->s.aside));
	memmove(aside, aside + 1, left * sizeof(*aside));
}
