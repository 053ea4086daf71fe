/* SPDX-License-Identifier: Apache-2.0 */
#include "place_text.h"

#include "eii/codec/json_members.h"
#include "members.h"
#include "suspects.h"
#include "value.h"

#define MAX_MS        999
#define N_ASIDE_PARTS 5

enum place_slot {
	PLACE_UIDVALIDITY,
	PLACE_CURSOR,
	PLACE_WINDOW,
	PLACE_STARTS,
	PLACE_IN_HAND,
	PLACE_SUSPECTS,
	PLACE_BACK,
	PLACE_PASSED,
	PLACE_ASK,
	PLACE_OWED,
	PLACE_TROUBLED,
	PLACE_GONE,
	PLACE_TURN,
	PLACE_KILLERS,
	PLACE_ASIDE,
	PLACE_IDS,
	N_PLACE,
};

static const char *const place_names[N_PLACE] = {
	"uidvalidity", "cursor", "window",   "starts", "in_hand", "suspects", "back",  "passed",
	"ask",         "owed",   "troubled", "gone",   "turn",    "killers",  "aside", "ids",
};

enum window_slot { WINDOW_SINCE, WINDOW_UIDNEXT, N_WINDOW };
static const char *const window_names[N_WINDOW] = { "since", "uidnext" };

enum in_hand_slot { IN_HAND_UID, IN_HAND_ATTEMPTS, N_IN_HAND };
static const char *const in_hand_names[N_IN_HAND] = { "uid", "attempts" };

/* ---- reading ----------------------------------------------------------- */

static void read_window(struct eii_text text, struct eii_place_state *out)
{
	struct eii_members window;
	uint64_t uidnext;

	eii_members_split(text, &window);
	if (eii_value_u64(eii_members_value(&window, window_names[WINDOW_UIDNEXT]), UINT32_MAX,
			  &uidnext) &&
	    eii_value_time(eii_members_value(&window, window_names[WINDOW_SINCE]),
			   &out->window_since_s)) {
		out->has_window = true;
		out->window_uidnext = (uint32_t)uidnext;
	}
	eii_members_clear(&window);
}

static void read_in_hand(struct eii_text text, struct eii_place_state *out)
{
	struct eii_members in_hand;

	eii_members_split(text, &in_hand);
	out->in_hand.uid = eii_value_u32(eii_members_value(&in_hand, in_hand_names[IN_HAND_UID]));
	if (out->in_hand.uid)
		out->in_hand.attempts =
			eii_value_u32(eii_members_value(&in_hand, in_hand_names[IN_HAND_ATTEMPTS]));
	eii_members_clear(&in_hand);
}

static void read_suspects(struct eii_text text, struct eii_place_state *out)
{
	struct eii_text element;
	size_t at = 0;

	while (eii_json_elements_next(text, &at, &element)) {
		struct eii_text uid = { 0 }, attempts = { 0 };
		size_t inner = 0;
		struct eii_suspect suspect;

		(void)(eii_json_elements_next(element, &inner, &uid) &&
		       eii_json_elements_next(element, &inner, &attempts));
		suspect = (struct eii_suspect){ eii_value_u32(uid), eii_value_u32(attempts) };
		if (suspect.uid)
			eii_place_add_suspect(out, suspect);
	}
}

/* Without both there is none. */
static void read_troubled(struct eii_text text, struct eii_place_state *out)
{
	struct eii_text uid = { 0 }, since = { 0 };
	size_t at = 0;

	(void)(eii_json_elements_next(text, &at, &uid) &&
	       eii_json_elements_next(text, &at, &since));
	out->troubled_since_s = eii_value_unix_s(since);
	out->troubled_uid = out->troubled_since_s ? eii_value_u32(uid) : 0;
	if (!out->troubled_uid)
		out->troubled_since_s = 0;
}

static uint16_t up_to(uint64_t number, uint16_t max)
{
	return number > max ? max : (uint16_t)number;
}

/* What is odd in it is set right: a mail that is named is rather tried again than lost. */
static bool read_aside(struct eii_text text, struct eii_aside *out)
{
	struct eii_text parts[N_ASIDE_PARTS] = { { 0 } };
	uint64_t milliseconds = EII_ASIDE_NO_MS, n_tries = 0;
	size_t at = 0, n = 0;

	while (n < N_ASIDE_PARTS && eii_json_elements_next(text, &at, &parts[n]))
		n++;
	(void)eii_value_u64(parts[1], EII_ASIDE_NO_MS, &milliseconds);
	if (milliseconds > MAX_MS && milliseconds < EII_ASIDE_ASK_FIRST)
		milliseconds = EII_ASIDE_NO_MS;
	(void)eii_value_u64(parts[2], UINT64_MAX, &n_tries);
	*out = (struct eii_aside){
		.uid = eii_value_u32(parts[0]),
		.milliseconds = (uint16_t)milliseconds,
		.n_tries = up_to(n_tries, UINT16_MAX),
		.first_unix_s = eii_value_unix_s(parts[3]),
		.next_unix_s = eii_value_unix_s(parts[4]),
	};
	return out->uid != 0;
}

/* By UID, each once; of too many the latest are left out. */
static void add_aside(struct eii_place_state *out, const struct eii_aside *aside)
{
	size_t at = out->n_aside;

	while (at && out->aside[at - 1].uid > aside->uid)
		at--;
	if (at == EII_DOCUMENT_ASIDE || (at && out->aside[at - 1].uid == aside->uid))
		return;
	if (out->n_aside < EII_DOCUMENT_ASIDE)
		out->n_aside++;
	memmove(&out->aside[at + 1], &out->aside[at],
		(out->n_aside - at - 1U) * sizeof(*out->aside));
	out->aside[at] = *aside;
}

static void read_asides(struct eii_text text, struct eii_place_state *out)
{
	struct eii_text element;
	struct eii_aside aside;
	size_t at = 0;

	while (eii_json_elements_next(text, &at, &element)) {
		if (read_aside(element, &aside))
			add_aside(out, &aside);
	}
}

static void read_killers(struct eii_text text, struct eii_place_state *out)
{
	struct eii_text element;
	size_t at = 0;

	while (eii_json_elements_next(text, &at, &element)) {
		uint32_t uid = eii_value_u32(element);

		if (uid)
			eii_place_name_killer(out, uid);
	}
}

static struct eii_text value(const struct eii_members *members, enum place_slot slot)
{
	return eii_members_value(members, place_names[slot]);
}

static bool read_place(const struct eii_members *members, struct eii_place_state *out)
{
	uint64_t cursor;

	*out = (struct eii_place_state){ 0 };
	if (!eii_value_u64(value(members, PLACE_UIDVALIDITY), UINT64_MAX, &out->uidvalidity) ||
	    !out->uidvalidity || !eii_value_u64(value(members, PLACE_CURSOR), UINT32_MAX, &cursor))
		return false;
	out->cursor = (uint32_t)cursor;
	read_window(value(members, PLACE_WINDOW), out);
	out->n_starts = eii_value_u32(value(members, PLACE_STARTS));
	read_in_hand(value(members, PLACE_IN_HAND), out);
	read_suspects(value(members, PLACE_SUSPECTS), out);
	out->back_uid = eii_value_u32(value(members, PLACE_BACK));
	out->passed_uid = eii_value_u32(value(members, PLACE_PASSED));
	out->ask_uid = eii_value_u32(value(members, PLACE_ASK));
	out->owed_since_s = eii_value_unix_s(value(members, PLACE_OWED));
	read_troubled(value(members, PLACE_TROUBLED), out);
	out->gone_s = eii_value_unix_s(value(members, PLACE_GONE));
	out->has_turn = eii_text_equal(value(members, PLACE_TURN), eii_text_of("true"));
	read_killers(value(members, PLACE_KILLERS), out);
	read_asides(value(members, PLACE_ASIDE), out);
	return true;
}

bool eii_place_text_read(struct eii_text text, struct eii_place_state *out)
{
	struct eii_members members;
	bool is_read;

	eii_members_split(text, &members);
	is_read = read_place(&members, out);
	eii_members_clear(&members);
	return is_read;
}

/* ---- writing ----------------------------------------------------------- */

struct place_write {
	const struct eii_place_state *place;
	enum eii_place_ring ring;
	size_t *excess;
};

static void write_window(const void *context, size_t slot, struct eii_text old, struct eii_buf *out)
{
	const struct eii_place_state *place = context;

	(void)old;
	if (slot == WINDOW_SINCE)
		eii_value_add_time(place->window_since_s, out);
	else
		eii_value_add_u64(place->window_uidnext, out);
}

static void write_in_hand(const void *context, size_t slot, struct eii_text old,
			  struct eii_buf *out)
{
	const struct eii_place_state *place = context;

	(void)old;
	eii_value_add_u64(slot == IN_HAND_UID ? place->in_hand.uid : place->in_hand.attempts, out);
}

static void write_suspects(const struct eii_place_state *place, struct eii_buf *out)
{
	for (uint16_t i = 0; i < place->n_suspects; i++) {
		eii_buf_add(out, i ? ",[" : "[[", 2);
		eii_value_add_u64(place->suspects[i].uid, out);
		eii_buf_add_char(out, ',');
		eii_value_add_u64(place->suspects[i].attempts, out);
		eii_buf_add_char(out, ']');
	}
	if (place->n_suspects)
		eii_buf_add_char(out, ']');
}

static void write_aside(const struct eii_aside *aside, struct eii_buf *out)
{
	eii_buf_add_char(out, '[');
	eii_value_add_u64(aside->uid, out);
	eii_buf_add_char(out, ',');
	eii_value_add_u64(aside->milliseconds, out);
	eii_buf_add_char(out, ',');
	eii_value_add_u64(aside->n_tries, out);
	eii_buf_add_char(out, ',');
	eii_value_add_unix_s(aside->first_unix_s, out);
	eii_buf_add_char(out, ',');
	eii_value_add_unix_s(aside->next_unix_s, out);
	eii_buf_add_char(out, ']');
}

/* Takes the last of them away until nothing is in excess. */
static size_t shed(const size_t *ends, size_t n, size_t *excess, struct eii_buf *out)
{
	while (n && *excess) {
		size_t size = ends[n] - ends[n - 1];

		*excess -= size < *excess ? size : *excess;
		n--;
	}
	eii_members_cut(out, ends[n]);
	return n;
}

static void write_asides(const struct place_write *write, struct eii_buf *out)
{
	const struct eii_place_state *place = write->place;
	size_t n = place->n_aside < EII_DOCUMENT_ASIDE ? place->n_aside : EII_DOCUMENT_ASIDE;
	size_t ends[EII_DOCUMENT_ASIDE + 1], before = out->len;

	eii_buf_add_char(out, '[');
	ends[0] = out->len;
	for (size_t i = 0; i < n; i++) {
		if (i)
			eii_buf_add_char(out, ',');
		write_aside(&place->aside[i], out);
		ends[i + 1] = out->len;
	}
	if (shed(ends, n, write->excess, out))
		eii_buf_add_char(out, ']');
	else
		eii_members_cut(out, before);
}

static void write_troubled(const struct eii_place_state *place, struct eii_buf *out)
{
	if (!place->troubled_uid)
		return;
	eii_buf_add_char(out, '[');
	eii_value_add_u64(place->troubled_uid, out);
	eii_buf_add_char(out, ',');
	eii_value_add_unix_s(place->troubled_since_s, out);
	eii_buf_add_char(out, ']');
}

static void write_killers(const struct eii_place_state *place, struct eii_buf *out)
{
	for (uint16_t i = 0; i < place->n_killers; i++) {
		eii_buf_add_char(out, i ? ',' : '[');
		eii_value_add_u64(place->killers[i], out);
	}
	if (place->n_killers)
		eii_buf_add_char(out, ']');
}

static void write_unless_0(uint64_t number, struct eii_buf *out)
{
	if (number)
		eii_value_add_u64(number, out);
}

static void write_place(const void *context, size_t slot, struct eii_text old, struct eii_buf *out)
{
	static const struct eii_slots window = { window_names, N_WINDOW, write_window, NULL };
	static const struct eii_slots in_hand = { in_hand_names, N_IN_HAND, write_in_hand, NULL };
	const struct place_write *write = context;
	const struct eii_place_state *place = write->place;

	switch ((enum place_slot)slot) {
	case PLACE_UIDVALIDITY:
		eii_value_add_u64(place->uidvalidity, out);
		return;
	case PLACE_CURSOR:
		eii_value_add_u64(place->cursor, out);
		return;
	case PLACE_WINDOW:
		if (place->has_window)
			eii_members_merge_text(old, &window, place, out);
		return;
	case PLACE_STARTS:
		write_unless_0(place->n_starts, out);
		return;
	case PLACE_IN_HAND:
		if (place->in_hand.uid)
			eii_members_merge_text(old, &in_hand, place, out);
		return;
	case PLACE_SUSPECTS:
		write_suspects(place, out);
		return;
	case PLACE_BACK:
		write_unless_0(place->back_uid, out);
		return;
	case PLACE_PASSED:
		write_unless_0(place->passed_uid, out);
		return;
	case PLACE_ASK:
		write_unless_0(place->ask_uid, out);
		return;
	case PLACE_OWED:
		if (place->owed_since_s)
			eii_value_add_unix_s(place->owed_since_s, out);
		return;
	case PLACE_TROUBLED:
		write_troubled(place, out);
		return;
	case PLACE_GONE:
		if (place->gone_s)
			eii_value_add_unix_s(place->gone_s, out);
		return;
	case PLACE_TURN:
		if (place->has_turn)
			eii_buf_add_str(out, "true");
		return;
	case PLACE_KILLERS:
		write_killers(place, out);
		return;
	case PLACE_ASIDE:
		write_asides(write, out);
		return;
	case PLACE_IDS:
		if (write->ring == EII_PLACE_RING_KEPT)
			eii_buf_add_text(out, old);
		return;
	case N_PLACE:
		return;
	}
}

void eii_place_text_write(struct eii_text old, const struct eii_place_state *place,
			  enum eii_place_ring ring, size_t *excess, struct eii_buf *out)
{
	static const struct eii_slots slots = { place_names, N_PLACE, write_place, NULL };
	struct place_write write = { .place = place, .ring = ring, .excess = excess };

	eii_members_merge_text(old, &slots, &write, out);
}

static void write_nothing(const void *context, size_t slot, struct eii_text old,
			  struct eii_buf *out)
{
	(void)context;
	(void)slot;
	(void)old;
	(void)out;
}

void eii_place_text_write_without_ring(struct eii_text old, struct eii_buf *out)
{
	static const struct eii_slots slots = { &place_names[PLACE_IDS], 1, write_nothing, NULL };

	eii_members_merge_text(old, &slots, NULL, out);
}

static bool aside_equal(const struct eii_aside *a, const struct eii_aside *b)
{
	return a->uid == b->uid && a->milliseconds == b->milliseconds && a->n_tries == b->n_tries &&
	       a->first_unix_s == b->first_unix_s && a->next_unix_s == b->next_unix_s;
}

static bool killers_equal(const struct eii_place_state *a, const struct eii_place_state *b)
{
	return a->n_killers == b->n_killers &&
	       memcmp(a->killers, b->killers, a->n_killers * sizeof(*a->killers)) == 0;
}

/* And those in trouble. */
static bool suspects_equal(const struct eii_place_state *a, const struct eii_place_state *b)
{
	return a->troubled_uid == b->troubled_uid && a->troubled_since_s == b->troubled_since_s &&
	       a->in_hand.uid == b->in_hand.uid && a->in_hand.attempts == b->in_hand.attempts &&
	       a->n_suspects == b->n_suspects &&
	       memcmp(a->suspects, b->suspects, a->n_suspects * sizeof(*a->suspects)) == 0;
}

bool eii_place_equal(const struct eii_place_state *a, const struct eii_place_state *b)
{
	if (a->uidvalidity != b->uidvalidity || a->cursor != b->cursor ||
	    a->has_window != b->has_window || a->window_since_s != b->window_since_s ||
	    a->window_uidnext != b->window_uidnext || a->n_starts != b->n_starts ||
	    a->back_uid != b->back_uid || a->passed_uid != b->passed_uid ||
	    a->ask_uid != b->ask_uid || a->owed_since_s != b->owed_since_s ||
	    a->n_aside != b->n_aside)
		return false;
	for (size_t i = 0; i < a->n_aside; i++) {
		if (!aside_equal(&a->aside[i], &b->aside[i]))
			return false;
	}
	return killers_equal(a, b) && suspects_equal(a, b);
}
