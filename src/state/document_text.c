/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "document_private.h"
#include "eii/base/alloc.h"
#include "eii/base/die.h"
#include "ledger_text.h"
#include "place_text.h"
#include "value.h"

#define RING_GROUP 64 /* characters of three ids, the least that can be cut off a ring's text */

/* What gives way where our object would be too long, in this order. */
enum stage {
	SHED_BACK_IDS, /* the oldest first, as in ids */
	SHED_IDS,
	SHED_OTHER_RINGS, /* of earlier versions */
	SHED_UNKNOWN,
	SHED_ASIDE, /* the latest first */
	SHED_OTHERS,
	SHED_PLACES, /* only a key of no mailbox is as long as that */
	N_STAGES,
};

enum ours_slot {
	OURS_VERSION,
	OURS_INSTANCE,
	OURS_WROTE,
	OURS_LIMIT,
	OURS_LIMITED,
	OURS_REFUSED,
	OURS_WORK,
	OURS_IDS,
	OURS_BACK_IDS,
	OURS_MAILBOXES,
	N_OURS,
};

static const char *const ours_names[N_OURS] = {
	"version", "instance", "wrote", "limit",    "limited",
	"refused", "work",     "ids",   "back_ids", "mailboxes",
};

struct ours_write {
	const struct eii_document *document;
	const struct eii_ledger *ledger; /* NULL: as the text has it */
	const char *const *keys;         /* of the places that were put */
	size_t *excess;                  /* bytes that each stage still has to leave out */
};

/* n bytes are left out. */
static void reduce(size_t *excess, size_t n)
{
	*excess -= n < *excess ? n : *excess;
}

/* ---- mailboxes --------------------------------------------------------- */

/* old without what is unknown in it, as far as that is in excess. */
static void write_known_place(const struct ours_write *write, struct eii_text old,
			      const struct eii_place_state *place, struct eii_buf *out)
{
	enum eii_place_ring ring = write->document->ids ? EII_PLACE_RING_GOES : EII_PLACE_RING_KEPT;
	size_t before = out->len, whole, none = 0;

	eii_place_text_write(old, place, ring, &none, out);
	whole = out->len - before;
	if (write->excess[SHED_UNKNOWN]) {
		eii_members_cut(out, before);
		eii_place_text_write(eii_text(NULL, 0), place, ring, &none, out);
		reduce(&write->excess[SHED_UNKNOWN], whole - (out->len - before));
		old = eii_text(NULL, 0);
	}
	if (!write->excess[SHED_ASIDE])
		return;
	eii_members_cut(out, before);
	eii_place_text_write(old, place, ring, &write->excess[SHED_ASIDE], out);
}

static void write_put(const void *context, size_t slot, struct eii_text old, struct eii_buf *out)
{
	const struct ours_write *write = context;
	const struct eii_place_state *place = write->document->places[slot].place;
	size_t before = out->len;

	if (!place)
		return;
	write_known_place(write, old, place, out);
	if (!write->excess[SHED_PLACES])
		return;
	reduce(&write->excess[SHED_PLACES], out->len - before);
	eii_members_cut(out, before);
}

static void write_other(const void *context, const struct eii_json_member *member,
			struct eii_buf *out)
{
	const struct ours_write *write = context;
	size_t before = out->len;

	if (!write->excess[SHED_OTHER_RINGS]) {
		eii_buf_add_text(out, member->value);
	} else {
		eii_place_text_write_without_ring(member->value, out);
		reduce(&write->excess[SHED_OTHER_RINGS], member->value.len - (out->len - before));
	}
	if (!write->excess[SHED_OTHERS])
		return;
	reduce(&write->excess[SHED_OTHERS], member->name.len + out->len - before);
	eii_members_cut(out, before);
}

static void write_mailboxes(const struct ours_write *write, struct eii_buf *out)
{
	const struct eii_slots slots = { write->keys, write->document->n_places, write_put,
					 write_other };
	size_t before = out->len;

	eii_members_merge(&write->document->mailboxes, &slots, write, out);
	if (out->len - before == strlen("{}"))
		eii_members_cut(out, before);
}

/* ---- our object -------------------------------------------------------- */

/* What can be cut anywhere: a string of neither escapes nor longer characters. */
static bool is_ring_text(struct eii_text value)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789+/=";
	size_t i = 1;

	if (value.len < 2 || value.data[0] != '"')
		return false;
	while (i < value.len - 1 && memchr(alphabet, value.data[i], sizeof(alphabet) - 1))
		i++;
	return i == value.len - 1;
}

/* A ring that is empty is a ring: without one an earlier version's would count. */
static void write_cut_ring(struct eii_text text, size_t *excess, struct eii_buf *out)
{
	size_t n = (*excess / RING_GROUP + (*excess % RING_GROUP != 0)) * RING_GROUP;

	eii_buf_add_char(out, '"');
	if (n < text.len)
		eii_buf_add(out, text.data + n, text.len - n);
	eii_buf_add_char(out, '"');
	reduce(excess, text.len);
}

static void write_ring(struct eii_text old, const char *put, size_t *excess, struct eii_buf *out)
{
	if (put)
		write_cut_ring(eii_text_of(put), excess, out);
	else if (!*excess)
		eii_buf_add_text(out, old);
	else if (is_ring_text(old))
		write_cut_ring(eii_text(old.data + 1, old.len - 2), excess, out);
	else
		reduce(excess, old.len);
}

static void write_ledger(const struct eii_ledger *ledger, enum ours_slot slot, struct eii_text old,
			 struct eii_buf *out)
{
	if (slot == OURS_INSTANCE && ledger->instance)
		eii_value_add_u64(ledger->instance, out);
	if (slot == OURS_WROTE && ledger->wrote_s)
		eii_value_add_time(ledger->wrote_s, out);
	if (slot == OURS_LIMIT && ledger->limit_bytes)
		eii_value_add_u64(ledger->limit_bytes, out);
	if (slot == OURS_LIMITED && ledger->limit_bytes && ledger->limit_s)
		eii_value_add_unix_s(ledger->limit_s, out);
	if (slot == OURS_REFUSED && ledger->has_refused)
		eii_buf_add_str(out, "true");
	if (slot == OURS_WORK)
		eii_ledger_write_work(old, ledger, out);
}

static void write_work(const struct ours_write *write, struct eii_text old, struct eii_buf *out)
{
	size_t before = out->len, whole;

	write_ledger(write->ledger, OURS_WORK, old, out);
	if (!write->excess[SHED_UNKNOWN])
		return;
	whole = out->len - before;
	eii_members_cut(out, before);
	write_ledger(write->ledger, OURS_WORK, eii_text(NULL, 0), out);
	reduce(&write->excess[SHED_UNKNOWN], whole - (out->len - before));
}

static void write_ours(const void *context, size_t slot, struct eii_text old, struct eii_buf *out)
{
	const struct ours_write *write = context;

	switch ((enum ours_slot)slot) {
	case OURS_VERSION:
		eii_value_add_u64(EII_DOCUMENT_VERSION, out);
		return;
	case OURS_INSTANCE:
	case OURS_WROTE:
	case OURS_LIMIT:
	case OURS_LIMITED:
	case OURS_REFUSED:
		if (write->ledger)
			write_ledger(write->ledger, (enum ours_slot)slot, old, out);
		else
			eii_buf_add_text(out, old);
		return;
	case OURS_WORK:
		if (write->ledger)
			write_work(write, old, out);
		else
			eii_buf_add_text(out, old);
		return;
	case OURS_IDS:
		write_ring(old, write->document->ids, &write->excess[SHED_IDS], out);
		return;
	case OURS_BACK_IDS:
		write_ring(old, write->document->back_ids, &write->excess[SHED_BACK_IDS], out);
		return;
	case OURS_MAILBOXES:
		write_mailboxes(write, out);
		return;
	case N_OURS:
		return;
	}
}

static void write_unknown(const void *context, const struct eii_json_member *member,
			  struct eii_buf *out)
{
	const struct ours_write *write = context;

	if (write->excess[SHED_UNKNOWN])
		reduce(&write->excess[SHED_UNKNOWN], member->name.len + member->value.len);
	else
		eii_buf_add_text(out, member->value);
}

/* Once, leaving out what is in excess. */
static void format_ours(const struct eii_document *document, const struct eii_ledger *ledger,
			const size_t excess[N_STAGES], struct eii_buf *out)
{
	static const struct eii_slots slots = { ours_names, N_OURS, write_ours, write_unknown };
	const char **keys = eii_calloc(document->n_places + 1, sizeof(*keys));
	size_t left[N_STAGES];
	struct ours_write write = { document, ledger, keys, left };

	memcpy(left, excess, sizeof(left));
	for (size_t i = 0; i < document->n_places; i++)
		keys[i] = document->places[i].key;
	eii_buf_reset(out);
	eii_members_merge(&document->ours, &slots, &write, out);
	free(keys);
}

static void format_ours_within(const struct eii_document *document, size_t max, struct eii_buf *out)
{
	const struct eii_ledger *ledger = document->has_ledger ? &document->ledger : NULL;
	size_t excess[N_STAGES] = { 0 };
	struct eii_ledger read;

	format_ours(document, ledger, excess, out);
	for (size_t stage = 0; stage < N_STAGES && out->len > max; stage++) {
		excess[stage] = out->len - max;
		if (stage == SHED_UNKNOWN && !ledger) {
			eii_ledger_read(&document->ours, &read);
			ledger = &read;
		}
		format_ours(document, ledger, excess, out);
	}
}

/* ---- the document ------------------------------------------------------ */

enum document_slot { DOCUMENT_INGESTION, DOCUMENT_OURS, N_DOCUMENT };
static const char *const document_names[N_DOCUMENT] = {
	EII_DOCUMENT_INGESTION,
	EII_DOCUMENT_OURS,
};

struct document_write {
	const struct eii_document *document;
	struct eii_text ours; /* empty: as the text has it */
	size_t *excess;
};

static void write_document(const void *context, size_t slot, struct eii_text old,
			   struct eii_buf *out)
{
	const struct document_write *write = context;
	const struct eii_document *document = write->document;

	if (slot == DOCUMENT_INGESTION) {
		if (!document->has_ingestion)
			eii_buf_add_text(out, old);
		else if (document->ingestion_s)
			eii_value_add_time(document->ingestion_s, out);
	} else if (write->ours.len) {
		eii_buf_add_text(out, write->ours);
	} else {
		if (!*write->excess)
			eii_buf_add_text(out, old);
		reduce(write->excess, old.len);
	}
}

static void write_foreign(const void *context, const struct eii_json_member *member,
			  struct eii_buf *out)
{
	const struct document_write *write = context;

	if (!*write->excess)
		eii_buf_add_text(out, member->value);
	reduce(write->excess, member->name.len + member->value.len);
}

static bool has_ours(const struct eii_document *document)
{
	bool has_place = false;

	for (size_t i = 0; i < document->n_places; i++)
		has_place = has_place || document->places[i].place;
	return document->has_ours || has_place || (document->ids && document->ids[0]) ||
	       (document->back_ids && document->back_ids[0]) ||
	       (document->has_ledger && !eii_ledger_is_empty(&document->ledger));
}

static void format_document(const struct eii_document *document, struct eii_text ours,
			    size_t excess, struct eii_buf *out)
{
	static const struct eii_slots slots = { document_names, N_DOCUMENT, write_document,
						write_foreign };
	struct document_write write = { document, ours, &excess };

	eii_buf_reset(out);
	eii_members_merge(&document->members, &slots, &write, out);
}

char *eii_document_format(const struct eii_document *document)
{
	struct eii_buf ours, out;

	eii_buf_init(&ours, (size_t)4 * EII_DOCUMENT_MAX_BYTES);
	eii_buf_init(&out, (size_t)4 * EII_DOCUMENT_MAX_BYTES);
	if (has_ours(document))
		format_ours_within(document, EII_DOCUMENT_OURS_BYTES, &ours);
	format_document(document, eii_buf_text(&ours), 0, &out);
	if (out.len > EII_DOCUMENT_MAX_BYTES)
		format_document(document, eii_buf_text(&ours), out.len - EII_DOCUMENT_MAX_BYTES,
				&out);
	/* What was parsed, and an object of a bounded size: nothing but memory can lack. */
	if (!eii_buf_ok(&ours) || !eii_buf_ok(&out))
		eii_die("memory", ENOMEM);
	eii_buf_clear(&ours);
	return eii_buf_detach(&out);
}
