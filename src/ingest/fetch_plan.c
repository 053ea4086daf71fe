/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/alloc.h"
#include "fetch_private.h"

#define DAY_S 86400

bool eii_fetch_plan_is_empty(const struct eii_fetcher *f)
{
	return f->n_plan == 0;
}

const struct eii_mail_info *eii_fetch_plan_first(const struct eii_fetcher *f)
{
	return &f->plan[f->plan_first];
}

struct eii_mail_info eii_fetch_plan_pop(struct eii_fetcher *f)
{
	struct eii_mail_info info = f->plan[f->plan_first];

	f->plan_first = (f->plan_first + 1) % PLAN_CAPACITY;
	f->n_plan--;
	return info;
}

void eii_fetch_plan_push_front(struct eii_fetcher *f, const struct eii_mail_info *info)
{
	f->plan_first = (f->plan_first + PLAN_CAPACITY - 1) % PLAN_CAPACITY;
	f->plan[f->plan_first] = *info;
	f->n_plan++;
}

static void plan_push(struct eii_fetcher *f, const struct eii_mail_info *info)
{
	f->plan[(f->plan_first + f->n_plan++) % PLAN_CAPACITY] = *info;
}

/* ---- what is new ------------------------------------------------------- */

enum eii_rc eii_fetch_open(struct eii_fetcher *f, struct eii_error *err)
{
	struct eii_mailbox_port *mailbox = f->options.mailbox;
	enum eii_rc rc = mailbox->open(mailbox, &f->folder, err);

	if (!rc)
		f->was_open = true;
	/* What worked once may work again: a password is being rotated, a server restored. */
	return rc == EII_FATAL && f->was_open ? EII_RETRY : rc;
}

static enum eii_rc look_at_folder(struct eii_fetcher *f, struct eii_error *err)
{
	struct eii_mailbox_port *mailbox = f->options.mailbox;
	bool changed;

	if (mailbox->is_open(mailbox)) {
		if (mailbox->look(mailbox, &changed, &f->folder, err) == EII_OK)
			return EII_OK;
		mailbox->close(mailbox);
	}
	return eii_fetch_open(f, err);
}

enum eii_rc eii_fetch_reopen(struct eii_fetcher *f, struct eii_error *err)
{
	uint32_t before = f->folder.uidvalidity;
	enum eii_rc rc = eii_fetch_open(f, err);

	if (rc)
		return rc;
	if (f->folder.uidvalidity != before)
		return eii_fail(err, EII_REJECT,
				"the server renumbered the folder (UIDVALIDITY %u, was %u)",
				f->folder.uidvalidity, before);
	return EII_OK;
}

static enum eii_rc search_window(struct eii_fetcher *f, const struct eii_fetch_place *place,
				 struct eii_error *err)
{
	struct eii_mailbox_port *mailbox = f->options.mailbox;
	uint32_t last = f->folder.uidnext - 1;
	enum eii_rc rc;

	if (place->window_uidnext > 1) {
		/* SEARCH SINCE knows days of the server's zone only: one day earlier is safe. */
		rc = mailbox->search_since(mailbox, place->window_since_s - DAY_S, &f->candidates,
					   err);
		if (rc)
			return rc;
		/* A copied mail has an old date and a new UID: from there on all are new. */
		eii_uid_set_sort(&f->candidates, place->cursor + 1, place->window_uidnext - 1);
	}
	if (f->folder.uidnext > place->window_uidnext) {
		rc = mailbox->search_range(mailbox, place->window_uidnext, last, &f->candidates,
					   err);
		if (rc)
			return rc;
	}
	eii_uid_set_sort(&f->candidates, place->cursor + 1, last);
	return EII_OK;
}

static enum eii_rc search_new(struct eii_fetcher *f, const struct eii_fetch_place *place,
			      struct eii_error *err)
{
	struct eii_mailbox_port *mailbox = f->options.mailbox;
	uint32_t last = f->folder.uidnext - 1;
	enum eii_rc rc;

	if (place->cursor >= last)
		return EII_OK;
	rc = mailbox->search_range(mailbox, place->cursor + 1, last, &f->candidates, err);
	if (rc)
		return rc;
	/* "n:*" always names the last mail, also one that is not new (RFC 3501, 6.4.8). */
	eii_uid_set_sort(&f->candidates, place->cursor + 1, last);
	return EII_OK;
}

enum eii_rc eii_fetch_look_for_new(struct eii_fetcher *f, const struct eii_fetch_place *ordered,
				   struct eii_error *err)
{
	struct eii_fetch_place place = *ordered;
	enum eii_rc rc;

	rc = look_at_folder(f, err);
	if (rc)
		return rc;
	eii_uid_set_clear(&f->candidates);
	if (!place.has_cursor || place.uidvalidity != f->folder.uidvalidity) {
		place.has_cursor = true;
		place.uidvalidity = f->folder.uidvalidity;
		place.cursor = 0;
		place.has_window = true;
		place.window_since_s = place.new_window_since_s;
		place.window_uidnext = f->folder.uidnext;
	}
	rc = place.has_window ? search_window(f, &place, err) : search_new(f, &place, err);
	if (rc)
		return rc;
	f->found = (struct eii_fetch_found){
		.place = place,
		.uidnext = f->folder.uidnext,
		.n_candidates = eii_uid_set_count(&f->candidates),
	};
	return EII_OK;
}

/* ---- sizes and dates, ahead of the bodies ------------------------------ */

static bool is_wanted(const struct eii_fetcher *f, const struct eii_mail_info *info)
{
	const struct eii_fetch_place *place = &f->found.place;

	return !place->has_window || info->uid >= place->window_uidnext ||
	       info->internal_unix_s >= place->window_since_s;
}

static void push_settled(struct eii_fetcher *f, uint32_t n)
{
	struct eii_fetch_event *event;

	if (!n)
		return;
	event = eii_fetch_event_new(EII_FETCH_SETTLED);
	event->n = n;
	eii_fetch_push(f, event);
}

static void push_planned(struct eii_fetcher *f, const uint32_t *uids, uint32_t n)
{
	struct eii_fetch_event *event;

	if (!n)
		return;
	event = eii_fetch_event_new(EII_FETCH_PLANNED);
	event->n = n;
	event->uids = eii_calloc(n, sizeof(*uids));
	memcpy(event->uids, uids, n * sizeof(*uids));
	eii_fetch_push(f, event);
}

/* One chunk of candidates; those that are too old for the window are settled here. */
static enum eii_rc plan_chunk(struct eii_fetcher *f, struct eii_error *err)
{
	struct eii_mailbox_port *mailbox = f->options.mailbox;
	struct eii_mail_info infos[EII_FETCH_CHUNK_MAILS] = { 0 };
	uint32_t uids[EII_FETCH_CHUNK_MAILS];
	struct eii_uid_set before = f->candidates;
	size_t n = eii_uid_set_take(&f->candidates, uids, EII_FETCH_CHUNK_MAILS);
	uint32_t n_planned = 0;
	enum eii_rc rc;

	for (size_t i = 0; i < n; i++)
		infos[i].uid = uids[i];
	rc = mailbox->fetch_info(mailbox, infos, n, err);
	if (rc == EII_RETRY) {
		/* The session is lost: the chunk is asked for again in the next one. */
		f->candidates.at = before.at;
		f->candidates.next = before.next;
		return rc;
	}
	for (size_t i = 0; i < n; i++) {
		/* What the answer lacks is looked into when its body is lacking too. */
		if (infos[i].is_known && !is_wanted(f, &infos[i]))
			continue;
		plan_push(f, &infos[i]);
		uids[n_planned++] = infos[i].uid;
	}
	push_settled(f, (uint32_t)n - n_planned);
	push_planned(f, uids, n_planned);
	return EII_OK;
}

enum eii_rc eii_fetch_fill_plan(struct eii_fetcher *f, struct eii_error *err)
{
	while (!eii_uid_set_is_done(&f->candidates) &&
	       f->n_plan + EII_FETCH_CHUNK_MAILS <= EII_FETCH_AHEAD_MAILS) {
		enum eii_rc rc = plan_chunk(f, err);

		if (rc)
			return rc;
		if (eii_fetch_is_aborted(f))
			return EII_OK;
	}
	return EII_OK;
}
