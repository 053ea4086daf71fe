/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/state/document.h"

#include <errno.h>
#include <stdlib.h>

#include "document_private.h"
#include "eii/base/alloc.h"
#include "eii/base/die.h"
#include "eii/codec/json.h"
#include "ledger_text.h"
#include "place_text.h"
#include "value.h"

#define RING_TEXT_MAX 16384 /* 512 entries are 10,924 characters */

/* ---- a text ------------------------------------------------------------ */

static void split_ours(struct eii_document *document)
{
	struct eii_text text = eii_members_value(&document->members, EII_DOCUMENT_OURS);
	uint64_t version = 0;

	eii_members_split(text, &document->ours);
	document->has_ours = eii_value_u64(eii_members_value(&document->ours, "version"),
					   UINT32_MAX, &version) &&
			     version == EII_DOCUMENT_VERSION;
	if (document->has_ours)
		eii_members_split(eii_members_value(&document->ours, "mailboxes"),
				  &document->mailboxes);
	else
		eii_members_clear(&document->ours);
}

/* text becomes its own. */
static struct eii_document *load(char *text)
{
	struct eii_document *document = EII_NEW(struct eii_document);

	document->text = text;
	eii_members_split(eii_text_of(text), &document->members);
	split_ours(document);
	return document;
}

struct eii_document *eii_document_new(void)
{
	return load(eii_strdup("{}"));
}

static void clear_places(struct eii_document *document)
{
	for (size_t i = 0; i < document->n_places; i++) {
		free(document->places[i].key);
		free(document->places[i].place);
	}
	free(document->places);
	document->places = NULL;
	document->n_places = 0;
}

void eii_document_free(struct eii_document *document)
{
	if (!document)
		return;
	clear_places(document);
	free(document->ids);
	free(document->back_ids);
	eii_members_clear(&document->members);
	eii_members_clear(&document->ours);
	eii_members_clear(&document->mailboxes);
	free(document->text);
	free(document);
}

/* The parser takes them for white space; no other reader does. */
static bool has_control(struct eii_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c < 0x20 && c != '\t' && c != '\r' && c != '\n')
			return true;
	}
	return false;
}

struct eii_document *eii_document_parse(const char *text)
{
	struct eii_text trimmed = eii_text_trim(eii_text_of(text));
	EII_AUTO(eii_json) json = NULL;

	if (trimmed.len > EII_DOCUMENT_MAX_BYTES)
		return NULL;
	if (eii_document_text_is_empty(text))
		return eii_document_new();
	if (trimmed.data[0] != '{' || has_control(trimmed) ||
	    eii_json_parse(trimmed, EII_DOCUMENT_MAX_BYTES, &json, NULL))
		return NULL;
	return load(eii_strndup(trimmed.data, trimmed.len));
}

bool eii_document_text_is_empty(const char *text)
{
	struct eii_text trimmed = eii_text_trim(eii_text_of(text));

	return !trimmed.len || eii_text_equal(trimmed, eii_text_of("null"));
}

/* ---- once for the connector -------------------------------------------- */

int64_t eii_document_ingestion(const struct eii_document *document)
{
	int64_t unix_s = 0;

	if (document->has_ingestion)
		return document->ingestion_s;
	(void)eii_value_time(eii_members_value(&document->members, EII_DOCUMENT_INGESTION),
			     &unix_s);
	return unix_s;
}

void eii_document_set_ingestion(struct eii_document *document, int64_t unix_s)
{
	document->has_ingestion = true;
	document->ingestion_s = eii_value_clamp_s(unix_s);
}

void eii_document_ledger(const struct eii_document *document, struct eii_ledger *out)
{
	if (document->has_ledger)
		*out = document->ledger;
	else
		eii_ledger_read(&document->ours, out);
}

void eii_document_put_ledger(struct eii_document *document, const struct eii_ledger *ledger)
{
	document->has_ledger = true;
	document->ledger = *ledger;
	eii_ledger_tidy(&document->ledger);
}

/* ---- rings ------------------------------------------------------------- */

/* NULL for a value that is none. */
static struct eii_ring *read_ring(struct eii_text value)
{
	EII_AUTO_STR text = eii_value_str(value);

	return text ? eii_ring_parse(eii_text_of(text)) : NULL;
}

/* As an earlier version kept it. */
static struct eii_ring *mailbox_ring(const struct eii_document *document, const char *key)
{
	struct eii_members mailbox;
	struct eii_ring *ring;

	eii_members_split(eii_members_value(&document->mailboxes, key), &mailbox);
	ring = read_ring(eii_members_value(&mailbox, "ids"));
	eii_members_clear(&mailbox);
	return ring;
}

/* A ring that cannot be read is an empty one: the ids in it only keep mails apart. */
static struct eii_ring *ring_or_empty(struct eii_ring *ring)
{
	return ring ? ring : eii_ring_new();
}

struct eii_ring *eii_document_ring(const struct eii_document *document, const char *key)
{
	struct eii_ring *ring;

	if (document->ids)
		return ring_or_empty(eii_ring_parse(eii_text_of(document->ids)));
	ring = read_ring(eii_members_value(&document->ours, "ids"));
	return ring_or_empty(ring ? ring : mailbox_ring(document, key));
}

struct eii_ring *eii_document_back_ring(const struct eii_document *document)
{
	if (document->back_ids)
		return ring_or_empty(eii_ring_parse(eii_text_of(document->back_ids)));
	return ring_or_empty(read_ring(eii_members_value(&document->ours, "back_ids")));
}

static char *ring_text(const struct eii_ring *ring)
{
	struct eii_buf text;

	eii_buf_init(&text, RING_TEXT_MAX);
	eii_ring_format(ring, &text);
	if (!eii_buf_ok(&text))
		eii_die("memory", ENOMEM);
	return eii_buf_detach(&text);
}

void eii_document_put_rings(struct eii_document *document, const struct eii_ring *ring,
			    const struct eii_ring *back)
{
	free(document->ids);
	free(document->back_ids);
	document->ids = ring_text(ring);
	document->back_ids = ring_text(back);
}

/* ---- places ------------------------------------------------------------ */

static struct eii_put_place *find_put(const struct eii_document *document, const char *key)
{
	for (size_t i = 0; i < document->n_places; i++) {
		if (strcmp(document->places[i].key, key) == 0)
			return &document->places[i];
	}
	return NULL;
}

bool eii_document_place(const struct eii_document *document, const char *key,
			struct eii_place_state *out)
{
	const struct eii_put_place *put = find_put(document, key);

	if (!put)
		return eii_place_text_read(eii_members_value(&document->mailboxes, key), out);
	if (put->place)
		*out = *put->place;
	return put->place != NULL;
}

static struct eii_put_place *add_put(struct eii_document *document, const char *key)
{
	struct eii_put_place *put = find_put(document, key);

	if (put)
		return put;
	document->places =
		eii_realloc(document->places, document->n_places + 1, sizeof(*document->places));
	put = &document->places[document->n_places++];
	*put = (struct eii_put_place){ .key = eii_strdup(key) };
	return put;
}

void eii_document_put_place(struct eii_document *document, const char *key,
			    const struct eii_place_state *place)
{
	struct eii_put_place *put = add_put(document, key);

	if (!put->place)
		put->place = EII_NEW(struct eii_place_state);
	*put->place = *place;
}

void eii_document_drop_place(struct eii_document *document, const char *key)
{
	struct eii_put_place *put = add_put(document, key);

	free(put->place);
	put->place = NULL;
}

/* Put, or put as none. */
static bool is_put(const struct eii_document *document, struct eii_text name)
{
	for (size_t i = 0; i < document->n_places; i++) {
		if (eii_member_is_named(name, document->places[i].key))
			return true;
	}
	return false;
}

bool eii_document_has_places(const struct eii_document *document)
{
	for (size_t i = 0; i < document->n_places; i++) {
		if (document->places[i].place)
			return true;
	}
	for (size_t i = 0; i < document->mailboxes.n; i++) {
		if (!is_put(document, document->mailboxes.items[i].name))
			return true;
	}
	return false;
}

static bool is_of_account(const char *key)
{
	size_t len = strlen(key);

	return len && key[len - 1] == '/';
}

static bool is_ours(struct eii_text name, const char *key)
{
	EII_AUTO_STR plain = NULL;

	if (!is_of_account(key))
		return eii_member_is_named(name, key);
	plain = eii_value_str(name);
	return plain && strncmp(plain, key, strlen(key)) == 0;
}

char *eii_document_key(const struct eii_document *document, const char *prefix, size_t i)
{
	for (size_t k = 0; k < document->mailboxes.n; k++) {
		EII_AUTO_STR key = eii_value_str(document->mailboxes.items[k].name);

		if (key && strncmp(key, prefix, strlen(prefix)) == 0 && i-- == 0)
			return EII_DETACH(key);
	}
	return NULL;
}

/* ---- what others wrote ------------------------------------------------- */

/* Whether the place of that name there is another than here. */
static bool place_differs(const struct eii_document *document, const struct eii_document *there,
			  struct eii_text name)
{
	EII_AUTO_STR key = eii_value_str(name);
	struct eii_place_state ours, theirs;

	if (!key || !eii_document_place(there, key, &theirs))
		return false;
	return !eii_document_place(document, key, &ours) || !eii_place_equal(&ours, &theirs);
}

static bool foreign_differs(const struct eii_document *document, const struct eii_document *there,
			    const char *key)
{
	for (size_t i = 0; i < there->mailboxes.n; i++) {
		struct eii_text name = there->mailboxes.items[i].name;

		if (!is_ours(name, key) && place_differs(document, there, name))
			return true;
	}
	return false;
}

char *eii_document_foreign_key(const struct eii_document *document, const char *key)
{
	for (size_t i = 0; i < document->mailboxes.n; i++) {
		struct eii_text name = document->mailboxes.items[i].name;

		if (!is_ours(name, key))
			return eii_value_str(name);
	}
	return NULL;
}

/* As a text with nothing put over it. */
static struct eii_document *plain_copy(const struct eii_document *other)
{
	bool is_plain =
		!other->has_ingestion && !other->has_ledger && !other->ids && !other->n_places;

	return load(is_plain ? eii_strdup(other->text) : eii_document_format(other));
}

static void put_our_place(struct eii_document *to, const struct eii_document *document,
			  const char *key)
{
	struct eii_place_state place;

	if (eii_document_place(document, key, &place))
		eii_document_put_place(to, key, &place);
	else
		eii_document_drop_place(to, key);
}

/* Those of the account that the text of listed names. */
static void put_listed_places(struct eii_document *to, const struct eii_document *document,
			      const struct eii_document *listed, const char *prefix)
{
	for (size_t i = 0;; i++) {
		EII_AUTO_STR key = eii_document_key(listed, prefix, i);

		if (!key)
			return;
		put_our_place(to, document, key);
	}
}

static void put_our_places(struct eii_document *to, const struct eii_document *document,
			   const char *key)
{
	if (!is_of_account(key)) {
		put_our_place(to, document, key);
		return;
	}
	/* Also what is absent here: a late older ping has brought it back. */
	put_listed_places(to, document, to, key);
	put_listed_places(to, document, document, key);
	for (size_t i = 0; i < document->n_places; i++)
		put_our_place(to, document, document->places[i].key);
}

/* All that is ours in document, put over a text of others. */
static void put_ours(struct eii_document *to, const struct eii_document *document, const char *key)
{
	EII_AUTO(eii_ring) ring = eii_document_ring(document, key);
	EII_AUTO(eii_ring) back = eii_document_back_ring(document);
	struct eii_ledger ledger;

	eii_document_set_ingestion(to, eii_document_ingestion(document));
	eii_document_ledger(document, &ledger);
	eii_document_put_ledger(to, &ledger);
	eii_document_put_rings(to, ring, back);
	put_our_places(to, document, key);
}

bool eii_document_take_foreign(struct eii_document *document, const struct eii_document *other,
			       const char *key)
{
	struct eii_document *merged = plain_copy(other), old = *document;
	bool differs = foreign_differs(document, merged, key);

	put_ours(merged, document, key);
	*document = *merged;
	*merged = old;
	eii_document_free(merged);
	return differs;
}
