/* SPDX-License-Identifier: Apache-2.0 */
#include "delivery.h"

#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"

/* ---- whose body it is --------------------------------------------------- */

/* A body that was given, refused or lost once is not asked about again. */
static bool may_come(unsigned char what)
{
	return what == EII_IMAP_BODY_ABSENT || what == EII_IMAP_BODY_NIL ||
	       what == EII_IMAP_BODY_EMPTY || what == EII_IMAP_BODY_UNREADABLE;
}

/* Where uid stands in the group and is waited for; group->n if nowhere. */
static size_t find_in_group(const struct eii_imap_group *group, uint32_t uid)
{
	for (size_t k = 0; k < group->n; k++) {
		size_t i = (group->hint + k) % group->n;

		if (group->uids[i] == uid)
			return may_come(group->what[i]) ? i : group->n;
	}
	return group->n;
}

bool eii_imap_is_waited_for(struct eii_imap_place place)
{
	return may_come(place.group->what[place.i]);
}

struct eii_imap_place eii_imap_find_place(struct eii_imap *imap, const struct eii_imap_fetch *fetch,
					  uint32_t uid)
{
	if (!fetch || !fetch->group || !uid)
		return (struct eii_imap_place){ 0 };
	for (size_t k = 0; k < imap->n_groups; k++) {
		size_t at = (imap->first_group + k) % EII_IMAP_PIPELINE_MAX;
		struct eii_imap_group *group = &imap->groups[at];
		size_t i = find_in_group(group, uid);

		if (i < group->n) {
			group->hint = i + 1;
			return (struct eii_imap_place){ .group = group, .i = i };
		}
	}
	return (struct eii_imap_place){ 0 };
}

void eii_imap_mark(struct eii_imap_place place, enum eii_imap_body what)
{
	place.group->what[place.i] = (unsigned char)what;
}

/* Not every server knows how to send a part of a mail. */
static uint64_t wanted_of(const struct eii_imap_group *group, uint64_t len)
{
	return group->head_bytes && len > group->head_bytes ? group->head_bytes : len;
}

/* ---- who takes it --------------------------------------------------------- */

static enum eii_imap_grant ask_room(const struct eii_imap_body_taker *taker, uint32_t uid,
				    size_t len, char **out)
{
	*out = NULL;
	if (taker->grant)
		return taker->grant(taker->arg, uid, len, out);
	*out = taker->begin(taker->arg, uid, len);
	return *out ? EII_IMAP_GRANTED : EII_IMAP_UNWANTED;
}

static enum eii_imap_body body_of(enum eii_imap_grant grant)
{
	return grant == EII_IMAP_NO_ROOM ? EII_IMAP_BODY_NO_ROOM : EII_IMAP_BODY_UNWANTED;
}

/* Gives bytes that are here already. */
static enum eii_imap_body give(const struct eii_imap_body_taker *taker, uint32_t uid,
			       const char *data, size_t len)
{
	char *room;
	enum eii_imap_grant grant = ask_room(taker, uid, len, &room);

	if (grant != EII_IMAP_GRANTED)
		return body_of(grant);
	memcpy(room, data, len);
	taker->end(taker->arg, uid);
	return EII_IMAP_BODY_WHOLE;
}

static void give_one_held(struct eii_imap_group *group, const struct eii_imap_held *held,
			  const struct eii_imap_body_taker *taker)
{
	enum eii_imap_body what = EII_IMAP_BODY_LOST;

	if (taker)
		what = give(taker, held->uid, held->bytes.data, held->bytes.len);
	for (size_t i = 0; i < group->n; i++) {
		if (group->uids[i] == held->uid && group->what[i] == EII_IMAP_BODY_WHOLE)
			group->what[i] = (unsigned char)what;
	}
}

void eii_imap_give_held(struct eii_imap *imap, struct eii_imap_group *group,
			const struct eii_imap_body_taker *taker)
{
	for (size_t i = 0; i < group->n_held; i++) {
		struct eii_imap_held *held = &group->held[i];

		give_one_held(group, held, taker);
		imap->held_bytes -= held->bytes.len;
		eii_buf_clear(&held->bytes);
	}
	free(group->held);
	group->held = NULL;
	group->n_held = 0;
}

static struct eii_buf *hold(struct eii_imap *imap, struct eii_imap_group *group, uint32_t uid,
			    uint64_t len)
{
	struct eii_imap_held *held;

	if (!group->held)
		group->held = eii_calloc(group->n, sizeof(*group->held));
	held = &group->held[group->n_held++];
	held->uid = uid;
	eii_buf_init(&held->bytes, (size_t)len);
	imap->held_bytes += len;
	return &held->bytes;
}

/* ---- bytes to the taker -------------------------------------------------- */

/* The bytes go straight to the taker's room, where the taker wants them. */
static enum eii_rc read_direct(struct eii_imap *imap, const struct eii_imap_fetch *fetch,
			       struct eii_imap_place place, uint64_t len, bool *out_waits,
			       struct eii_error *err)
{
	uint32_t uid = place.group->uids[place.i];
	size_t wanted = (size_t)wanted_of(place.group, len);
	char *room;
	enum eii_imap_grant grant = ask_room(fetch->taker, uid, wanted, &room);
	enum eii_rc rc = EII_OK;

	if (grant != EII_IMAP_GRANTED)
		wanted = 0;
	if (wanted)
		rc = eii_imap_reader_bytes(&imap->reader, room, wanted, err);
	if (!rc)
		rc = eii_imap_reader_skip(&imap->reader, len - wanted, err);
	if (rc)
		return rc;
	if (grant != EII_IMAP_GRANTED) {
		eii_imap_mark(place, body_of(grant));
	} else if (out_waits) {
		*out_waits = true;
	} else {
		eii_imap_mark(place, EII_IMAP_BODY_WHOLE);
		fetch->taker->end(fetch->taker->arg, uid);
	}
	return EII_OK;
}

static enum eii_rc fail_order(struct eii_imap *imap, struct eii_error *err)
{
	return eii_imap_fail(imap, "its bodies come in an order that cannot be held", err);
}

static enum eii_rc read_to_hold(struct eii_imap *imap, struct eii_imap_place place, uint64_t len,
				struct eii_error *err)
{
	uint64_t wanted = wanted_of(place.group, len);
	uint32_t uid = place.group->uids[place.i];
	enum eii_rc rc;

	if (imap->held_bytes + wanted > EII_IMAP_HELD_MAX)
		return fail_order(imap, err);
	rc = eii_imap_reader_add(&imap->reader, wanted, hold(imap, place.group, uid, wanted), err);
	if (!rc)
		rc = eii_imap_reader_skip(&imap->reader, len - wanted, err);
	if (!rc)
		eii_imap_mark(place, EII_IMAP_BODY_WHOLE);
	return rc;
}

static enum eii_rc read_past(struct eii_imap *imap, struct eii_imap_place place, uint64_t len,
			     struct eii_error *err)
{
	enum eii_rc rc = eii_imap_reader_skip(&imap->reader, len, err);

	if (!rc)
		eii_imap_mark(place, EII_IMAP_BODY_TOO_LARGE);
	return rc;
}

/* Whether it goes to the taker now, in whatever group it was asked for. */
static bool is_turn(const struct eii_imap_fetch *fetch, struct eii_imap_place place)
{
	return place.group == fetch->group || fetch->taker->grant;
}

enum eii_rc eii_imap_receive(struct eii_imap *imap, const struct eii_imap_fetch *fetch,
			     struct eii_imap_place place, uint64_t len, bool *out_waits,
			     struct eii_error *err)
{
	if (len > imap->literal_max && len - imap->literal_max > EII_IMAP_SKIP_MAX) {
		eii_imap_mark(place, EII_IMAP_BODY_TOO_LARGE);
		return eii_imap_fail(imap, "a literal of it is over the limit", err);
	}
	eii_imap_mark(place, EII_IMAP_BODY_BROKEN);
	eii_imap_allow_literal(imap, len);
	if (wanted_of(place.group, len) > imap->literal_max)
		return read_past(imap, place, len, err);
	return is_turn(fetch, place) ? read_direct(imap, fetch, place, len, out_waits, err)
				     : read_to_hold(imap, place, len, err);
}

enum eii_rc eii_imap_deliver(struct eii_imap *imap, const struct eii_imap_fetch *fetch,
			     struct eii_imap_place place, struct eii_text bytes,
			     struct eii_error *err)
{
	uint32_t uid = place.group->uids[place.i];
	size_t wanted = (size_t)wanted_of(place.group, bytes.len);

	if (wanted > imap->literal_max) {
		eii_imap_mark(place, EII_IMAP_BODY_TOO_LARGE);
		return EII_OK;
	}
	if (is_turn(fetch, place)) {
		eii_imap_mark(place, give(fetch->taker, uid, bytes.data, wanted));
		return EII_OK;
	}
	if (imap->held_bytes + wanted > EII_IMAP_HELD_MAX)
		return fail_order(imap, err);
	eii_buf_add(hold(imap, place.group, uid, wanted), bytes.data, wanted);
	eii_imap_mark(place, EII_IMAP_BODY_WHOLE);
	return EII_OK;
}
