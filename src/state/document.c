/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/state/document.h"

#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/buf.h"
#include "eii/base/timestamp.h"
#include "eii/codec/json.h"
#include "members.h"
#include "place_text.h"

#define INGESTION     "last_email_ingestion"
#define OURS          "email_intel_imap"
#define RING_TEXT_MAX 16384 /* 512 entries are 10,924 characters */

struct eii_document {
	struct eii_members members;   /* of the document, without ours */
	struct eii_members ours;      /* foreign members of ours, and the old work */
	struct eii_members mailboxes; /* of ours, as they were read */
	char *later;                  /* ours of a later version, as it came; NULL = none */
	bool has_ours;
	struct eii_ledger ledger;
	char *ids, *back_ids; /* texts of the rings; NULL = none */
	char *key;            /* of the place that was put; NULL = none */
	struct eii_place_state place;
};

struct eii_document *eii_document_new(void)
{
	return EII_NEW(struct eii_document);
}

void eii_document_free(struct eii_document *document)
{
	if (!document)
		return;
	eii_members_clear(&document->members);
	eii_members_clear(&document->ours);
	eii_members_clear(&document->mailboxes);
	free(document->later);
	free(document->ids);
	free(document->back_ids);
	free(document->key);
	free(document);
}

/* ---- reading ----------------------------------------------------------- */

static void take_ours(struct eii_document *document, const struct eii_json *ours)
{
	struct eii_member *member = eii_members_find(&document->members, OURS);
	struct eii_member *mailboxes;
	uint64_t version = 0;
	char *text;

	if (!member)
		return;
	text = EII_DETACH(member->value);
	eii_members_drop(&document->members, OURS);
	if (!eii_json_as_u64(eii_json_get(ours, "version"), UINT32_MAX, &version) ||
	    version != EII_DOCUMENT_VERSION) {
		document->later = text;
		return;
	}
	document->has_ours = true;
	eii_members_read(&document->ours, eii_text_of(text));
	free(text);
	mailboxes = eii_members_find(&document->ours, "mailboxes");
	if (mailboxes)
		eii_members_read(&document->mailboxes, eii_text_of(mailboxes->value));
	eii_ledger_read(ours, &document->ledger);
	document->ids = eii_strdup(eii_json_as_str(eii_json_get(ours, "ids"), NULL));
	document->back_ids = eii_strdup(eii_json_as_str(eii_json_get(ours, "back_ids"), NULL));
	eii_ledger_drop_known(&document->ours);
}

struct eii_document *eii_document_parse(const char *text)
{
	struct eii_document *document;
	EII_AUTO(eii_json) json = NULL;

	if (eii_document_text_is_empty(text))
		return eii_document_new();
	if (eii_json_parse(eii_text_of(text), EII_DOCUMENT_MAX_BYTES, &json, NULL) ||
	    eii_json_type(json) != EII_JSON_IS_OBJECT)
		return NULL;
	document = eii_document_new();
	eii_members_read(&document->members, eii_text_of(text));
	take_ours(document, eii_json_get(json, OURS));
	return document;
}

bool eii_document_text_is_empty(const char *text)
{
	struct eii_text trimmed = eii_text_trim(eii_text_of(text));

	return !trimmed.len || eii_text_equal(trimmed, eii_text_of("null"));
}

/* ---- writing ----------------------------------------------------------- */

/* What has given way so far, to keep ours within its bytes. */
enum squeeze { SQUEEZE_NOTHING, SQUEEZE_BACK_IDS, SQUEEZE_IDS, SQUEEZE_RINGS, SQUEEZES };

static void write_ring(const char *name, const char *ids, bool *is_first, struct eii_buf *out)
{
	if (!ids || !*ids)
		return;
	eii_members_key(name, is_first, out);
	eii_buf_addf(out, "\"%s\"", ids);
}

static void write_foreign(const char *value, enum squeeze squeeze, struct eii_buf *out)
{
	struct eii_members members = { 0 };
	bool is_first = true;

	if (squeeze < SQUEEZE_RINGS) {
		eii_buf_add_str(out, value);
		return;
	}
	eii_members_read(&members, eii_text_of(value));
	eii_members_drop(&members, "ids");
	eii_buf_add_char(out, '{');
	eii_members_write(&members, &is_first, out);
	eii_buf_add_char(out, '}');
	eii_members_clear(&members);
}

static void write_mailboxes(const struct eii_document *document, enum squeeze squeeze,
			    struct eii_buf *out)
{
	bool is_first = true, is_put = !document->key;
	EII_AUTO_STR name = NULL;

	eii_buf_add_char(out, '{');
	for (size_t i = 0; i < document->mailboxes.n; i++) {
		const struct eii_member *member = &document->mailboxes.items[i];
		bool is_ours = document->key && eii_member_is(member, document->key);

		if (is_ours && is_put)
			continue; /* a second one of the name */
		if (!is_first)
			eii_buf_add_char(out, ',');
		is_first = false;
		eii_buf_add_str(out, member->name);
		eii_buf_add_char(out, ':');
		if (is_ours)
			eii_place_text_write(&document->place, eii_text_of(member->value), out);
		else
			write_foreign(member->value, squeeze, out);
		is_put = is_put || is_ours;
	}
	if (!is_put) {
		name = eii_members_quoted(document->key);
		if (!is_first)
			eii_buf_add_char(out, ',');
		eii_buf_add_str(out, name);
		eii_buf_add_char(out, ':');
		eii_place_text_write(&document->place, eii_text_of(""), out);
	}
	eii_buf_add_char(out, '}');
}

static void write_ours(const struct eii_document *document, enum squeeze squeeze,
		       struct eii_buf *out)
{
	bool is_first = false;

	eii_buf_addf(out, "{\"version\":%d", EII_DOCUMENT_VERSION);
	eii_ledger_write(&document->ledger, &document->ours, &is_first, out);
	if (squeeze < SQUEEZE_IDS)
		write_ring("ids", document->ids, &is_first, out);
	if (squeeze < SQUEEZE_BACK_IDS)
		write_ring("back_ids", document->back_ids, &is_first, out);
	eii_members_key("mailboxes", &is_first, out);
	write_mailboxes(document, squeeze, out);
	for (size_t i = 0; i < document->ours.n; i++) {
		const struct eii_member *member = &document->ours.items[i];

		if (eii_member_is(member, "work"))
			continue; /* merged above */
		eii_buf_add_char(out, ',');
		eii_buf_add_str(out, member->name);
		eii_buf_add_char(out, ':');
		eii_buf_add_str(out, member->value);
	}
	eii_buf_add_char(out, '}');
}

static char *ours_text(const struct eii_document *document)
{
	for (int squeeze = SQUEEZE_NOTHING;; squeeze++) {
		struct eii_buf out;

		eii_buf_init(&out, (size_t)2 * EII_DOCUMENT_MAX_BYTES);
		write_ours(document, (enum squeeze)squeeze, &out);
		if (!eii_buf_ok(&out))
			abort(); /* what was parsed, and one place of a bounded size */
		if (out.len <= EII_DOCUMENT_OURS_BYTES || squeeze == SQUEEZES - 1)
			return eii_buf_detach(&out);
		eii_buf_clear(&out);
	}
}

char *eii_document_format(const struct eii_document *document)
{
	EII_AUTO_STR ours = NULL;
	struct eii_buf out;
	bool is_first = true;

	if (document->later)
		ours = eii_strdup(document->later);
	else if (document->has_ours)
		ours = ours_text(document);
	eii_buf_init(&out, (size_t)4 * EII_DOCUMENT_MAX_BYTES);
	eii_buf_add_char(&out, '{');
	eii_members_write(&document->members, &is_first, &out);
	if (ours) {
		eii_members_key(OURS, &is_first, &out);
		eii_buf_add_str(&out, ours);
	}
	eii_buf_add_char(&out, '}');
	if (!eii_buf_ok(&out))
		abort();
	return eii_buf_detach(&out);
}

/* ---- last_email_ingestion ---------------------------------------------- */

int64_t eii_document_ingestion(const struct eii_document *document)
{
	const struct eii_member *member = eii_members_find(&document->members, INGESTION);
	EII_AUTO(eii_json) json = NULL;
	int64_t unix_s = 0;

	if (!member ||
	    eii_json_parse(eii_text_of(member->value), EII_DOCUMENT_MAX_BYTES, &json, NULL))
		return 0;
	(void)eii_timestamp_parse(eii_text_of(eii_json_as_str(json, "")), &unix_s);
	return unix_s;
}

void eii_document_set_ingestion(struct eii_document *document, int64_t unix_s)
{
	char text[EII_TIMESTAMP_TEXT_BYTES];

	eii_timestamp_format_iso(unix_s, text);
	eii_members_put(&document->members, INGESTION, eii_members_quoted(text));
}

/* ---- ours -------------------------------------------------------------- */

void eii_document_ledger(const struct eii_document *document, struct eii_ledger *out)
{
	*out = document->ledger;
}

/* Ours of a later version is let go where we store what we know. */
static void begin_ours(struct eii_document *document)
{
	free(EII_DETACH(document->later));
	document->has_ours = true;
}

void eii_document_put_ledger(struct eii_document *document, const struct eii_ledger *ledger)
{
	begin_ours(document);
	document->ledger = *ledger;
}

static struct eii_ring *ring_of(const char *ids)
{
	struct eii_ring *ring = ids ? eii_ring_parse(eii_text_of(ids)) : NULL;

	return ring ? ring : eii_ring_new();
}

struct eii_ring *eii_document_ring(const struct eii_document *document, const char *key)
{
	const struct eii_member *member = eii_members_find(&document->mailboxes, key);
	EII_AUTO(eii_json) json = NULL;

	if (document->ids || !member ||
	    eii_json_parse(eii_text_of(member->value), EII_DOCUMENT_MAX_BYTES, &json, NULL))
		return ring_of(document->ids);
	return ring_of(eii_json_as_str(eii_json_get(json, "ids"), NULL));
}

struct eii_ring *eii_document_back_ring(const struct eii_document *document)
{
	return ring_of(document->back_ids);
}

static char *ring_text(const struct eii_ring *ring)
{
	struct eii_buf text;

	if (!eii_ring_count(ring))
		return NULL;
	eii_buf_init(&text, RING_TEXT_MAX);
	eii_ring_format(ring, &text);
	return eii_buf_detach(&text);
}

void eii_document_put_rings(struct eii_document *document, const struct eii_ring *ring,
			    const struct eii_ring *back)
{
	begin_ours(document);
	free(document->ids);
	free(document->back_ids);
	document->ids = ring_text(ring);
	document->back_ids = ring_text(back);
}

bool eii_document_place(const struct eii_document *document, const char *key,
			struct eii_place_state *out)
{
	const struct eii_member *member = eii_members_find(&document->mailboxes, key);

	if (document->key && strcmp(document->key, key) == 0) {
		*out = document->place;
		return true;
	}
	return member && eii_place_text_read(eii_text_of(member->value), out);
}

void eii_document_put_place(struct eii_document *document, const char *key,
			    const struct eii_place_state *place)
{
	begin_ours(document);
	if (!document->key || strcmp(document->key, key) != 0) {
		free(document->key);
		document->key = eii_strdup(key);
	}
	document->place = *place;
}

bool eii_document_has_places(const struct eii_document *document)
{
	return document->mailboxes.n > 0 || document->key;
}

/* ---- others on the same id --------------------------------------------- */

static bool has_moved(const struct eii_member *before, const struct eii_member *after)
{
	struct eii_place_state a, b;

	if (!eii_place_text_read(eii_text_of(before->value), &a) ||
	    !eii_place_text_read(eii_text_of(after->value), &b))
		return false;
	return a.uidvalidity != b.uidvalidity || a.cursor != b.cursor;
}

bool eii_document_take_foreign(struct eii_document *document, const struct eii_document *other,
			       const char *key)
{
	struct eii_members kept = { 0 };
	const struct eii_member *mine = eii_members_find(&document->mailboxes, key);
	bool moved = false;

	for (size_t i = 0; i < other->mailboxes.n; i++) {
		const struct eii_member *theirs = &other->mailboxes.items[i];
		const struct eii_member *before = NULL;

		if (eii_member_is(theirs, key))
			continue;
		for (size_t k = 0; k < document->mailboxes.n; k++) {
			if (strcmp(document->mailboxes.items[k].name, theirs->name) == 0)
				before = &document->mailboxes.items[k];
		}
		moved = moved || (before && has_moved(before, theirs));
		kept.items = eii_realloc(kept.items, kept.n + 2, sizeof(*kept.items));
		kept.items[kept.n++] = (struct eii_member){ .name = eii_strdup(theirs->name),
							    .value = eii_strdup(theirs->value) };
	}
	if (mine) {
		kept.items = eii_realloc(kept.items, kept.n + 2, sizeof(*kept.items));
		kept.items[kept.n++] = (struct eii_member){ .name = eii_strdup(mine->name),
							    .value = eii_strdup(mine->value) };
	}
	eii_members_clear(&document->mailboxes);
	document->mailboxes = kept;
	return moved;
}
