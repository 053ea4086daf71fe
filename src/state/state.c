/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/state/state.h"

#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/buf.h"
#include "eii/base/timestamp.h"
#include "eii/codec/json.h"
#include "eii/codec/json_members.h"
#include "mailbox.h"
#include "members.h"

#define INGESTION "last_email_ingestion"
#define OURS      "email_intel_imap"
#define MAILBOXES "mailboxes"

/* An object as its members' texts, in their order. */
struct member {
	char *name; /* with quotes and escapes */
	char *value;
};

struct members {
	struct member *items;
	size_t n;
};

struct eii_state {
	struct members members;   /* of the document, without ours */
	struct members mailboxes; /* of ours */
};

/* ---- members ----------------------------------------------------------- */

static void clear_members(struct members *members)
{
	for (size_t i = 0; i < members->n; i++) {
		free(members->items[i].name);
		free(members->items[i].value);
	}
	free(members->items);
	*members = (struct members){ 0 };
}

/* Both become ours. */
static void add_member(struct members *members, char *name, char *value)
{
	members->items = eii_realloc(members->items, members->n + 1, sizeof(*members->items));
	members->items[members->n++] = (struct member){ .name = name, .value = value };
}

static bool is_named(const struct member *member, const char *name)
{
	return eii_member_is_named(eii_text_of(member->name), name);
}

/* The last of several of one name, as JSON readers take it. */
static struct member *find_member(const struct members *members, const char *name)
{
	for (size_t i = members->n; i-- > 0;) {
		if (is_named(&members->items[i], name))
			return &members->items[i];
	}
	return NULL;
}

static void read_members(struct eii_text object, struct members *out)
{
	struct eii_json_member member;
	size_t at = 0;

	while (eii_json_members_next(object, &at, &member))
		add_member(out, eii_strndup(member.name.data, member.name.len),
			   eii_strndup(member.value.data, member.value.len));
}

/* value becomes ours. */
static void put_member(struct members *members, const char *name, char *value)
{
	struct member *member = find_member(members, name);

	if (!member) {
		add_member(members, eii_member_quoted(name), value);
		return;
	}
	free(member->value);
	member->value = value;
}

/* ---- the document ------------------------------------------------------ */

struct eii_state *eii_state_new(void)
{
	return EII_NEW(struct eii_state);
}

void eii_state_free(struct eii_state *state)
{
	if (!state)
		return;
	clear_members(&state->members);
	clear_members(&state->mailboxes);
	free(state);
}

/* Ours leaves the document's members; of another version it is dropped. */
static void take_ours(struct eii_state *state)
{
	for (size_t i = state->members.n; i-- > 0;) {
		struct member *member = &state->members.items[i];
		EII_AUTO(eii_json) json = NULL;
		uint64_t version = 0;
		struct members ours = { 0 };
		struct member *mailboxes;

		if (!is_named(member, OURS))
			continue;
		if (!state->mailboxes.n &&
		    !eii_json_parse(eii_text_of(member->value), EII_STATE_MAX_BYTES, &json, NULL) &&
		    eii_json_as_u64(eii_json_get(json, "version"), EII_STATE_VERSION, &version) &&
		    version == EII_STATE_VERSION) {
			read_members(eii_text_of(member->value), &ours);
			mailboxes = find_member(&ours, MAILBOXES);
			if (mailboxes)
				read_members(eii_text_of(mailboxes->value), &state->mailboxes);
			clear_members(&ours);
		}
		free(member->name);
		free(member->value);
		state->members.n--;
		memmove(member, member + 1, (state->members.n - i) * sizeof(*member));
	}
}

struct eii_state *eii_state_parse(const char *text)
{
	struct eii_state *state = eii_state_new();
	EII_AUTO(eii_json) json = NULL;

	if (!text || eii_json_parse(eii_text_of(text), EII_STATE_MAX_BYTES, &json, NULL) ||
	    eii_json_type(json) != EII_JSON_IS_OBJECT)
		return state;
	read_members(eii_text_of(text), &state->members);
	take_ours(state);
	return state;
}

static void format_members(const struct members *members, struct eii_buf *out)
{
	for (size_t i = 0; i < members->n; i++) {
		if (i)
			eii_buf_add_char(out, ',');
		eii_buf_add_str(out, members->items[i].name);
		eii_buf_add_char(out, ':');
		eii_buf_add_str(out, members->items[i].value);
	}
}

char *eii_state_format(const struct eii_state *state)
{
	struct eii_buf out;

	eii_buf_init(&out, (size_t)2 * EII_STATE_MAX_BYTES);
	eii_buf_add_char(&out, '{');
	format_members(&state->members, &out);
	if (state->mailboxes.n) {
		if (state->members.n)
			eii_buf_add_char(&out, ',');
		eii_buf_addf(&out, "\"" OURS "\":{\"version\":%d,\"" MAILBOXES "\":{",
			     EII_STATE_VERSION);
		format_members(&state->mailboxes, &out);
		eii_buf_add_str(&out, "}}");
	}
	eii_buf_add_char(&out, '}');
	if (!eii_buf_ok(&out))
		abort(); /* what was parsed, and one mailbox of a bounded size */
	return eii_buf_detach(&out);
}

bool eii_state_is_empty(const struct eii_state *state)
{
	return !state->members.n && !state->mailboxes.n;
}

bool eii_state_text_is_empty(const char *text)
{
	struct eii_text trimmed = eii_text_trim(eii_text_of(text));

	return !trimmed.len || eii_text_equal(trimmed, eii_text_of("null"));
}

int64_t eii_state_last_ingestion(const struct eii_state *state)
{
	const struct member *member = find_member(&state->members, INGESTION);
	EII_AUTO_STR text = member ? eii_member_decoded(eii_text_of(member->value)) : NULL;
	int64_t unix_s = 0;

	(void)eii_timestamp_parse(eii_text_of(text), &unix_s);
	return unix_s;
}

void eii_state_set_last_ingestion(struct eii_state *state, int64_t unix_s)
{
	char text[EII_TIMESTAMP_TEXT_BYTES];

	eii_timestamp_format_iso(unix_s, text);
	put_member(&state->members, INGESTION, eii_member_quoted(text));
}

struct eii_mailbox_state *eii_state_get_mailbox(const struct eii_state *state, const char *key)
{
	const struct member *member = find_member(&state->mailboxes, key);

	return member ? eii_mailbox_parse(eii_text_of(member->value)) : NULL;
}

bool eii_state_has_mailboxes(const struct eii_state *state)
{
	return state->mailboxes.n > 0;
}

void eii_state_put_mailbox(struct eii_state *state, const char *key,
			   const struct eii_mailbox_state *mailbox)
{
	put_member(&state->mailboxes, key, eii_mailbox_format(mailbox));
}
