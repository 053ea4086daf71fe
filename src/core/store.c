/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/codec/hash.h"

/* Reads without a foreign number after which a twin counts as gone. */
#define TWIN_FREE_READS 2
/* So long after another mailbox's place moved last it counts as gone. */
#define FOREIGN_FREE_MS (60 * 60 * 1000)
#define DOUBTED_ECHOES  2

static struct eii_document *empty(void)
{
	return eii_document_new();
}

void eii_store_init(struct eii_store *store, struct eii_pulse *pulse)
{
	store->document = empty();
	store->instance = eii_pulse_random(pulse) >> 1;
	store->attempt.part = EII_PART_PLATFORM;
}

void eii_store_clear(struct eii_store *store)
{
	eii_document_free(store->document);
	free(store->text);
	free(store->known.text);
	store->document = NULL;
	store->text = NULL;
	store->known.text = NULL;
}

/* text is what the document was made of, or makes: instance is what it names. */
static void know(struct eii_store *store, const char *text, uint64_t instance)
{
	char *copy = text ? eii_strdup(text) : NULL;

	free(store->known.text);
	store->known.text = copy;
	store->known.instance = instance;
}

static bool is_known(const struct eii_store *store, const char *text)
{
	return store->known.text && strcmp(text, store->known.text) == 0;
}

static void say_unreadable(struct eii_pulse *pulse, const char *text)
{
	struct eii_sha256 *hash = eii_sha256_new();
	uint8_t digest[32];
	uint64_t head = 0;

	eii_sha256_add(hash, text, strlen(text));
	eii_sha256_finish(hash, digest);
	for (int i = 0; i < 8; i++)
		head = head << 8 | digest[i];
	eii_pulse_say(pulse, EII_EVENT_STATE_UNREADABLE, strlen(text), head);
}

enum eii_store_news eii_store_adopt(struct eii_store *store, struct eii_pulse *pulse,
				    const char *text)
{
	struct eii_document *document = eii_document_parse(text);
	enum eii_store_news news = EII_STORE_FINE;

	if (!document) {
		say_unreadable(pulse, text);
		document = empty();
		news = EII_STORE_UNREADABLE;
	}
	eii_document_free(store->document);
	store->document = document;
	know(store, NULL, 0);
	eii_document_ledger(document, &store->ledger);
	store->has_shown = !eii_document_text_is_empty(text);
	store->is_live = true;
	store->has_stored = false;
	store->is_unknown = false;
	store->is_urgent = false;
	store->is_blind = false;
	/* The first ping carries what the registration showed: nothing may be lost by it. */
	store->newest++;
	store->ping_ms = pulse->now_ms;
	store->save_ms = pulse->now_ms;
	store->read_ms = pulse->now_ms + EII_STORE_READ_MS;
	store->seen_ms = pulse->now_ms;
	eii_pulse_move(pulse);
	return news;
}

void eii_store_put_place(struct eii_store *store, const char *key,
			 const struct eii_place_state *place)
{
	eii_document_put_place(store->document, key, place);
}

void eii_store_drop_place(struct eii_store *store, const char *key)
{
	eii_document_drop_place(store->document, key);
	store->newest++;
}

void eii_store_put(struct eii_store *store, const struct eii_ring *ring,
		   const struct eii_ring *back)
{
	store->ledger.instance = store->instance;
	eii_document_put_ledger(store->document, &store->ledger);
	eii_document_put_rings(store->document, ring, back);
}

void eii_store_put_ingestion(struct eii_store *store, int64_t unix_s)
{
	eii_document_set_ingestion(store->document, unix_s);
	store->ledger.wrote_s = unix_s;
	store->newest++;
}

void eii_store_hurry(struct eii_store *store)
{
	store->is_urgent = true;
}

bool eii_store_is_clean(const struct eii_store *store)
{
	return store->stored == store->newest;
}

/* What others have there is kept as it is now, not as it was a minute ago. */
static bool is_seen_fresh(const struct eii_store *store, const struct eii_pulse *pulse)
{
	return store->is_blind || pulse->now_ms - store->seen_ms < EII_STORE_FRESH_MS;
}

/* What is due of a store that is known to be as it is thought to be. */
static enum eii_store_call known_due(struct eii_store *store, struct eii_pulse *pulse)
{
	bool is_dirty = !eii_store_is_clean(store);

	if (eii_pulse_is_stopping(pulse))
		return is_dirty && store->is_urgent ? EII_STORE_PING : EII_STORE_NOTHING;
	if ((is_dirty && (store->is_urgent || eii_pulse_is_due(pulse, store->save_ms))) ||
	    eii_pulse_is_due(pulse, store->ping_ms))
		return is_seen_fresh(store, pulse) ? EII_STORE_PING : EII_STORE_READ;
	return eii_pulse_is_due(pulse, store->read_ms) ? EII_STORE_READ : EII_STORE_NOTHING;
}

enum eii_store_call eii_store_due(struct eii_store *store, struct eii_pulse *pulse)
{
	if (!store->is_live || store->under_way != EII_STORE_NOTHING)
		return EII_STORE_NOTHING;
	/* A stop has one try at once, whatever the pauses say. */
	if (!eii_pulse_is_stopping(pulse) && !eii_attempt_is_due(&store->attempt, pulse))
		return EII_STORE_NOTHING;
	return store->is_unknown ? EII_STORE_READ : known_due(store, pulse);
}

const char *eii_store_begin(struct eii_store *store, struct eii_pulse *pulse,
			    enum eii_store_call call)
{
	store->under_way = call;
	store->begun_ms = pulse->now_ms;
	if (call == EII_STORE_READ)
		return NULL;
	free(store->text);
	store->text = eii_document_format(store->document);
	store->bytes = (uint32_t)strlen(store->text);
	store->sent = store->newest;
	store->is_urgent = false;
	store->ping_ms = pulse->now_ms + EII_STORE_PING_MS;
	store->save_ms = pulse->now_ms + EII_STORE_SAVE_MS;
	return store->text;
}

bool eii_store_has_hung(const struct eii_store *store, const struct eii_pulse *pulse)
{
	return eii_pulse_is_stopping(pulse) && store->is_unknown && store->attempt.n &&
	       store->begun_ms >= pulse->stop_ms;
}

/* Another process's number in our own place, while we run. */
static void look_for_twin(struct eii_store *store, struct eii_pulse *pulse, uint64_t instance)
{
	if (store->has_stored && instance && instance != store->instance) {
		if (!store->has_twin)
			eii_pulse_say(pulse, EII_EVENT_TWIN, 0, 0);
		store->has_twin = true;
		store->n_twin_free = 0;
		return;
	}
	if (store->has_twin && ++store->n_twin_free >= TWIN_FREE_READS)
		store->has_twin = false;
}

/* What others have there becomes the document's; says whether a place of theirs has moved. */
static bool take_stored(struct eii_store *store, const struct eii_document *stored,
			const char *text, const char *key)
{
	struct eii_ledger ledger;

	eii_document_ledger(stored, &ledger);
	know(store, text, ledger.instance);
	return eii_document_take_foreign(store->document, stored, key);
}

static void heed_stored(struct eii_store *store, struct eii_pulse *pulse, const char *text,
			const char *key)
{
	bool has_moved = false;

	if (!is_known(store, text)) {
		EII_AUTO(eii_document) stored = eii_document_parse(text);

		if (!stored)
			return;
		has_moved = take_stored(store, stored, text, key);
	}
	look_for_twin(store, pulse, store->known.instance);
	if (has_moved) {
		if (!store->has_foreign)
			eii_pulse_say(pulse, EII_EVENT_FOREIGN_MOVED, 0, 0);
		store->has_foreign = true;
		store->foreign_ms = pulse->now_ms;
	} else if (pulse->now_ms - store->foreign_ms >= FOREIGN_FREE_MS) {
		store->has_foreign = false;
	}
}

/* What is no state there is not ours: it goes again. */
static bool is_readable(const struct eii_store *store, const char *text)
{
	struct eii_document *document;
	bool is;

	if (strcmp(text, store->text) == 0)
		return true;
	document = eii_document_parse(text);
	is = document != NULL;
	eii_document_free(document);
	return is;
}

/*
 * A stale read of the platform's search engine, or of a ping that a reset took
 * no notice of: sent again. A platform that always answers with another text is
 * believed in the end.
 */
static bool is_doubtful(struct eii_store *store, const char *text)
{
	if (strcmp(text, store->text) == 0 || store->n_doubted == DOUBTED_ECHOES) {
		store->n_doubted = 0;
		return false;
	}
	store->n_doubted++;
	return true;
}

/* Empty after a state was seen there: a reset in the UI. */
enum eii_store_news eii_store_heard(struct eii_store *store, struct eii_pulse *pulse,
				    const char *text, const char *key)
{
	enum eii_store_call call = store->under_way;

	store->under_way = EII_STORE_NOTHING;
	store->is_unknown = false;
	eii_attempt_worked(&store->attempt);
	if (call == EII_STORE_READ) {
		store->read_ms = pulse->now_ms + EII_STORE_READ_MS;
		store->seen_ms = pulse->now_ms;
		store->is_blind = false;
	}
	if (eii_document_text_is_empty(text)) {
		if (store->has_shown)
			return EII_STORE_RESET;
		/* What was sent was ignored once: it goes again. */
		return EII_STORE_FINE;
	}
	store->has_shown = true;
	if (call == EII_STORE_PING && is_doubtful(store, text)) {
		store->is_urgent = true;
	} else if (call == EII_STORE_PING && is_readable(store, text)) {
		know(store, store->text, store->instance);
		store->stored = store->sent;
		store->has_stored = true;
	} else if (call == EII_STORE_READ) {
		heed_stored(store, pulse, text, key);
	}
	eii_pulse_move(pulse);
	return EII_STORE_FINE;
}

void eii_store_gone(struct eii_store *store)
{
	store->under_way = EII_STORE_NOTHING;
	eii_attempt_worked(&store->attempt);
}

void eii_store_failed(struct eii_store *store, struct eii_pulse *pulse,
		      const struct eii_failure *failure)
{
	if (store->under_way == EII_STORE_PING)
		store->is_unknown = true;
	if (store->under_way == EII_STORE_READ)
		store->read_ms = pulse->now_ms + EII_STORE_READ_MS;
	/* What can never be seen is not waited for: the place is worth more. */
	if (store->under_way == EII_STORE_READ &&
	    (failure->kind == EII_FAILURE_INPUT || failure->kind == EII_FAILURE_RIGHTS)) {
		store->is_unknown = false;
		store->is_blind = true;
	}
	store->under_way = EII_STORE_NOTHING;
	eii_attempt_failed(&store->attempt, pulse, failure);
}

void eii_store_forget(struct eii_store *store)
{
	eii_document_free(store->document);
	store->document = empty();
	know(store, NULL, 0);
	store->ledger = (struct eii_ledger){ 0 };
	store->has_shown = false;
	store->is_unknown = false;
	store->newest++;
}
