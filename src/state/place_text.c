/* SPDX-License-Identifier: Apache-2.0 */
#include "place_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "eii/base/text.h"
#include "eii/base/timestamp.h"

/* cJSON holds numbers as doubles: what is larger stands as a text of digits. */
#define NUMBER_MAX  (UINT64_C(1) << 53)
#define INSTANT_MAX INT64_C(253402300799) /* the end of the year 9999 */

/* ---- numbers ----------------------------------------------------------- */

static uint64_t read_u64(const struct eii_json *object, const char *name, uint64_t max)
{
	const struct eii_json *value = eii_json_get(object, name);
	const char *text = eii_json_as_str(value, NULL);
	uint64_t number = 0;

	if (text)
		return eii_text_to_u64(eii_text_of(text), max, &number) ? number : 0;
	if (!eii_json_as_u64(value, max, &number))
		return 0;
	return number;
}

static uint32_t read_u32(const struct eii_json *object, const char *name)
{
	return (uint32_t)read_u64(object, name, UINT32_MAX);
}

static int64_t read_instant(const struct eii_json *object, const char *name)
{
	return (int64_t)read_u64(object, name, INSTANT_MAX);
}

static void write_u64(const char *name, uint64_t value, bool *is_first, struct eii_buf *out)
{
	eii_members_key(name, is_first, out);
	eii_buf_addf(out, value <= NUMBER_MAX ? "%" PRIu64 : "\"%" PRIu64 "\"", value);
}

/* A number that is 0 where it is absent. */
static void write_some(const char *name, uint64_t value, bool *is_first, struct eii_buf *out)
{
	if (value)
		write_u64(name, value, is_first, out);
}

/* The members of an object that no name of the list (ended by NULL) is known by. */
static void write_unknown(struct eii_text object, const char *const *known, bool *is_first,
			  struct eii_buf *out)
{
	struct eii_members members = { 0 };

	eii_members_read(&members, object);
	for (size_t i = 0; known[i]; i++)
		eii_members_drop(&members, known[i]);
	eii_members_write(&members, is_first, out);
	eii_members_clear(&members);
}

static struct eii_text value_of(const struct eii_members *members, const char *name)
{
	const struct eii_member *member = eii_members_find(members, name);

	return eii_text_of(member ? member->value : "");
}

/* ---- a place ----------------------------------------------------------- */

static const char *const place_names[] = { "uidvalidity", "cursor", "window", "starts", "in_hand",
					   "back",        "ask",    "aside",  NULL };
static const char *const window_names[] = { "since", "uidnext", NULL };
static const char *const in_hand_names[] = { "uid", "attempts", NULL };

static void read_aside(const struct eii_json *list, struct eii_place_state *place)
{
	for (const struct eii_json *item = eii_json_first(list);
	     item && place->n_aside < EII_DOCUMENT_ASIDE; item = eii_json_next(item)) {
		uint64_t n[5] = { 0 };
		const struct eii_json *value = eii_json_first(item);
		uint32_t last = place->n_aside ? place->aside[place->n_aside - 1].uid : 0;

		for (size_t i = 0; i < 5; i++, value = eii_json_next(value)) {
			if (!eii_json_as_u64(value, INSTANT_MAX, &n[i]))
				n[i] = 0;
		}
		/* Rising UIDs; anything else is no entry of ours. */
		if (n[0] <= last || n[0] > UINT32_MAX)
			continue;
		place->aside[place->n_aside++] = (struct eii_aside){
			.uid = (uint32_t)n[0],
			.milliseconds = n[1] <= 999 ? (uint16_t)n[1] : EII_ASIDE_NO_MS,
			.n_tries = n[2] <= UINT16_MAX ? (uint16_t)n[2] : UINT16_MAX,
			.first_unix_s = (int64_t)n[3],
			.next_unix_s = (int64_t)n[4],
		};
	}
}

bool eii_place_text_read(struct eii_text text, struct eii_place_state *out)
{
	struct eii_place_state place = { 0 };
	EII_AUTO(eii_json) json = NULL;
	const struct eii_json *window, *in_hand;
	uint64_t cursor;

	if (eii_json_parse(text, EII_DOCUMENT_MAX_BYTES, &json, NULL))
		return false;
	place.uidvalidity = read_u64(json, "uidvalidity", UINT64_MAX);
	if (!place.uidvalidity ||
	    !eii_json_as_u64(eii_json_get(json, "cursor"), UINT32_MAX, &cursor))
		return false;
	place.cursor = (uint32_t)cursor;
	window = eii_json_get(json, "window");
	place.window_uidnext = read_u32(window, "uidnext");
	place.has_window =
		window && eii_timestamp_parse(eii_text_of(eii_json_get_str(window, "since")),
					      &place.window_since_s);
	place.n_starts = read_u32(json, "starts");
	in_hand = eii_json_get(json, "in_hand");
	place.in_hand_uid = read_u32(in_hand, "uid");
	place.in_hand_attempts = read_u32(in_hand, "attempts");
	place.back_uid = read_u32(json, "back");
	place.ask_uid = read_u32(json, "ask");
	read_aside(eii_json_get(json, "aside"), &place);
	*out = place;
	return true;
}

static void write_window(const struct eii_place_state *place, struct eii_text old, bool *is_first,
			 struct eii_buf *out)
{
	char since[EII_TIMESTAMP_TEXT_BYTES];
	bool is_first_inside = true;

	eii_timestamp_format_iso(place->window_since_s, since);
	eii_members_key("window", is_first, out);
	eii_buf_add_char(out, '{');
	eii_members_key("since", &is_first_inside, out);
	eii_buf_addf(out, "\"%s\"", since);
	write_u64("uidnext", place->window_uidnext, &is_first_inside, out);
	write_unknown(old, window_names, &is_first_inside, out);
	eii_buf_add_char(out, '}');
}

static void write_in_hand(const struct eii_place_state *place, struct eii_text old, bool *is_first,
			  struct eii_buf *out)
{
	bool is_first_inside = true;

	eii_members_key("in_hand", is_first, out);
	eii_buf_add_char(out, '{');
	write_u64("uid", place->in_hand_uid, &is_first_inside, out);
	write_u64("attempts", place->in_hand_attempts, &is_first_inside, out);
	write_unknown(old, in_hand_names, &is_first_inside, out);
	eii_buf_add_char(out, '}');
}

static void write_aside(const struct eii_place_state *place, bool *is_first, struct eii_buf *out)
{
	eii_members_key("aside", is_first, out);
	eii_buf_add_char(out, '[');
	for (uint16_t i = 0; i < place->n_aside; i++) {
		const struct eii_aside *aside = &place->aside[i];

		eii_buf_addf(out, "%s[%u,%u,%u,%" PRId64 ",%" PRId64 "]", i ? "," : "", aside->uid,
			     aside->milliseconds, aside->n_tries, aside->first_unix_s,
			     aside->next_unix_s);
	}
	eii_buf_add_char(out, ']');
}

void eii_place_text_write(const struct eii_place_state *place, struct eii_text old,
			  struct eii_buf *out)
{
	struct eii_members members = { 0 };
	bool is_first = true;

	eii_members_read(&members, old);
	eii_buf_add_char(out, '{');
	write_u64("uidvalidity", place->uidvalidity, &is_first, out);
	write_u64("cursor", place->cursor, &is_first, out);
	if (place->has_window)
		write_window(place, value_of(&members, "window"), &is_first, out);
	write_some("starts", place->n_starts, &is_first, out);
	if (place->in_hand_uid)
		write_in_hand(place, value_of(&members, "in_hand"), &is_first, out);
	write_some("back", place->back_uid, &is_first, out);
	write_some("ask", place->ask_uid, &is_first, out);
	if (place->n_aside)
		write_aside(place, &is_first, out);
	for (size_t i = 0; place_names[i]; i++)
		eii_members_drop(&members, place_names[i]);
	/* The ring of an earlier version stands once for the connector now. */
	eii_members_drop(&members, "ids");
	eii_members_write(&members, &is_first, out);
	eii_buf_add_char(out, '}');
	eii_members_clear(&members);
}

/* ---- the ledger -------------------------------------------------------- */

static const char *const work_names[] = { "id",    "opened", "sent",    "told", "processed",
					  "moved", "closed", "cleared", NULL };

void eii_ledger_read(const struct eii_json *ours, struct eii_ledger *out)
{
	const struct eii_json *work = eii_json_get(ours, "work");
	const char *id = eii_json_as_str(eii_json_get(work, "id"), "");

	*out = (struct eii_ledger){
		.instance = read_u64(ours, "instance", UINT64_MAX),
		.wrote_s = read_instant(ours, "wrote"),
		.limit_bytes = read_u64(ours, "limit", NUMBER_MAX),
		.has_refused = eii_json_as_bool(eii_json_get(ours, "refused"), false),
		.n_cleared = read_u32(work, "cleared"),
	};
	/* Only what the platform's own ids are made of: it goes into JSON and logs. */
	if (!*id || strlen(id) >= sizeof(out->work_id) ||
	    id[strspn(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-.:")])
		return;
	memcpy(out->work_id, id, strlen(id) + 1);
	out->work_opened_s = read_instant(work, "opened");
	out->work_sent = read_u32(work, "sent");
	out->work_told = read_u32(work, "told");
	out->work_processed = read_u32(work, "processed");
	out->work_moved_s = read_instant(work, "moved");
	out->work_is_closed = eii_json_as_bool(eii_json_get(work, "closed"), false);
}

static void write_work(const struct eii_ledger *ledger, const struct eii_members *old,
		       bool *is_first, struct eii_buf *out)
{
	bool is_first_inside = true;

	eii_members_key("work", is_first, out);
	eii_buf_add_char(out, '{');
	if (ledger->work_id[0]) {
		eii_members_key("id", &is_first_inside, out);
		eii_buf_addf(out, "\"%s\"", ledger->work_id);
		write_u64("opened", (uint64_t)ledger->work_opened_s, &is_first_inside, out);
		write_u64("sent", ledger->work_sent, &is_first_inside, out);
		write_u64("told", ledger->work_told, &is_first_inside, out);
		write_some("processed", ledger->work_processed, &is_first_inside, out);
		write_some("moved", (uint64_t)ledger->work_moved_s, &is_first_inside, out);
		eii_members_key("closed", &is_first_inside, out);
		eii_buf_add_str(out, ledger->work_is_closed ? "true" : "false");
	}
	write_some("cleared", ledger->n_cleared, &is_first_inside, out);
	eii_members_write(old, &is_first_inside, out);
	eii_buf_add_char(out, '}');
}

void eii_ledger_write(const struct eii_ledger *ledger, const struct eii_members *old_work,
		      bool *is_first, struct eii_buf *out)
{
	struct eii_members unknown = { 0 };

	write_some("instance", ledger->instance, is_first, out);
	write_some("wrote", (uint64_t)ledger->wrote_s, is_first, out);
	write_some("limit", ledger->limit_bytes, is_first, out);
	if (ledger->has_refused) {
		eii_members_key("refused", is_first, out);
		eii_buf_add_str(out, "true");
	}
	if (old_work->n) {
		const struct eii_member *work = eii_members_find(old_work, "work");

		eii_members_read(&unknown, eii_text_of(work ? work->value : ""));
		for (size_t i = 0; work_names[i]; i++)
			eii_members_drop(&unknown, work_names[i]);
	}
	if (ledger->work_id[0] || ledger->n_cleared || unknown.n)
		write_work(ledger, &unknown, is_first, out);
	eii_members_clear(&unknown);
}

void eii_ledger_drop_known(struct eii_members *ours)
{
	static const char *const names[] = { "version", "instance", "wrote",     "limit", "refused",
					     "ids",     "back_ids", "mailboxes", NULL };

	for (size_t i = 0; names[i]; i++)
		eii_members_drop(ours, names[i]);
}
