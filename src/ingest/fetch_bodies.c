/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "eii/base/clock.h"
#include "eii/fields/limits.h"
#include "fetch_private.h"

/* ---- receiving --------------------------------------------------------- */

/* Where in the group a UID stands; n when it was not asked for. */
static size_t find_in_group(struct group *g, uint32_t uid)
{
	for (size_t k = 0; k < g->n; k++) {
		size_t i = (g->hint + k) % g->n;

		if (g->infos[i].uid == uid) {
			g->hint = i + 1 < g->n ? i + 1 : 0;
			return i;
		}
	}
	return g->n;
}

struct receiving {
	struct eii_fetcher *f;
	struct group *g;
};

static struct eii_mail *mail_of(const struct group *g, const struct eii_mail_info *info)
{
	struct eii_mail *mail = eii_mail_new(info->uid);

	mail->size_bytes = info->size_bytes;
	mail->internal_unix_s = info->internal_unix_s;
	mail->form = g->is_head ? EII_MAIL_HEAD : EII_MAIL_WHOLE;
	mail->given_up = g->given_up;
	return mail;
}

/* What was reserved for a mail: its size as the server says it. */
static size_t reserved_for(const struct group *g, const struct eii_mail_info *info)
{
	return g->is_head ? EII_LIMIT_SCAN_BYTES : (size_t)info->size_bytes;
}

static char *begin_body(void *arg, uint32_t uid, size_t len)
{
	struct receiving *r = arg;
	size_t i = find_in_group(r->g, uid);
	struct eii_mail *mail;

	if (i == r->g->n || r->g->is_done[i] || r->g->mails[i] ||
	    len > r->f->options.max_mail_bytes)
		return NULL;
	mail = mail_of(r->g, &r->g->infos[i]);
	mail->raw = malloc(len + 1);
	if (!mail->raw) {
		eii_mail_free(mail);
		return NULL;
	}
	mail->raw[len] = '\0';
	mail->raw_len = len;
	/* Some servers only estimate RFC822.SIZE. */
	eii_budget_correct(r->f->options.budget, reserved_for(r->g, &r->g->infos[i]), len);
	mail->reserved = len;
	r->g->mails[i] = mail;
	return mail->raw;
}

static void push_mail(struct eii_fetcher *f, struct eii_mail *mail)
{
	struct eii_fetch_event *event = eii_fetch_event_new(EII_FETCH_MAIL);

	mail->fetched_ms = eii_clock_monotonic_ms();
	event->uid = mail->uid;
	event->mail = mail;
	eii_fetch_push(f, event);
}

static void end_body(void *arg, uint32_t uid)
{
	struct receiving *r = arg;
	size_t i = find_in_group(r->g, uid);

	if (i == r->g->n || !r->g->mails[i])
		return;
	push_mail(r->f, r->g->mails[i]);
	r->g->mails[i] = NULL;
	r->g->is_done[i] = true;
	r->f->n_losses = 0;
	eii_backoff_succeeded(&r->f->backoff);
}

/* ---- groups under way -------------------------------------------------- */

static struct group *group_at(struct eii_fetcher *f, size_t i)
{
	return &f->groups[(f->first_group + i) % MAX_GROUPS];
}

static void drop_first_group(struct eii_fetcher *f)
{
	f->first_group = (f->first_group + 1) % MAX_GROUPS;
	f->n_groups--;
}

/* What the group has not delivered goes back to the plan, in its order. */
static void give_back(struct eii_fetcher *f, struct group *g)
{
	for (size_t i = g->n; i-- > 0;) {
		if (g->is_done[i])
			continue;
		if (g->mails[i])
			eii_budget_release(f->options.budget, g->mails[i]->reserved);
		else
			eii_budget_release(f->options.budget, reserved_for(g, &g->infos[i]));
		eii_mail_free(g->mails[i]);
		g->mails[i] = NULL;
		eii_fetch_plan_push_front(f, &g->infos[i]);
	}
}

void eii_fetch_take_back(struct eii_fetcher *f)
{
	size_t limit = f->group_limit;

	/* The session may have died on the first group that was asked for. */
	if (f->n_groups) {
		struct group *g = group_at(f, 0);

		limit = g->n > 1 ? g->n / 2 : 1;
		if (g->n == 1 && !g->is_done[0]) {
			f->n_alone_losses =
				f->alone_uid == g->infos[0].uid ? f->n_alone_losses + 1 : 1;
			f->alone_uid = g->infos[0].uid;
		}
	}
	while (f->n_groups) {
		give_back(f, group_at(f, f->n_groups - 1));
		f->n_groups--;
	}
	if (limit < f->group_limit)
		f->group_limit = limit;
}

/* ---- mails that do not come ------------------------------------------- */

/* The mail is there, but its bytes are not to be had: a report of facts. */
static void push_facts(struct eii_fetcher *f, const struct eii_mail_info *info)
{
	struct eii_mail *mail = eii_mail_new(info->uid);

	mail->size_bytes = info->size_bytes;
	mail->internal_unix_s = info->internal_unix_s;
	mail->form = EII_MAIL_FACTS;
	mail->reserved = 0;
	eii_budget_force(f->options.budget, mail->reserved);
	push_mail(f, mail);
}

static void push_lost(struct eii_fetcher *f, uint32_t uid)
{
	struct eii_fetch_event *event = eii_fetch_event_new(EII_FETCH_LOST);

	event->uid = uid;
	eii_fetch_push(f, event);
}

/* Asks for one UID alone: still there means a fallback report, else it was expunged. */
static enum eii_rc settle_missing(struct eii_fetcher *f, const struct eii_mail_info *info,
				  struct eii_error *err)
{
	struct eii_mailbox_port *mailbox = f->options.mailbox;
	struct eii_uid_set there = { 0 };
	enum eii_rc rc;

	rc = mailbox->search_range(mailbox, info->uid, info->uid, &there, err);
	if (rc == EII_RETRY)
		return rc;
	eii_uid_set_sort(&there, info->uid, info->uid);
	if (!rc && eii_uid_set_count(&there) == 0)
		push_lost(f, info->uid);
	else
		push_facts(f, info);
	eii_uid_set_clear(&there);
	return EII_OK;
}

static void remember_missing(struct eii_fetcher *f, struct group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		if (g->is_done[i])
			continue;
		eii_budget_release(f->options.budget, g->mails[i] ? g->mails[i]->reserved
								  : reserved_for(g, &g->infos[i]));
		eii_mail_free(g->mails[i]);
		g->mails[i] = NULL;
		f->missing_infos[f->n_missing++] = g->infos[i];
	}
}

static enum eii_rc settle_all_missing(struct eii_fetcher *f, struct eii_error *err)
{
	while (f->n_missing) {
		enum eii_rc rc = settle_missing(f, &f->missing_infos[f->n_missing - 1], err);

		if (rc)
			return rc;
		f->n_missing--;
	}
	return EII_OK;
}

/* ---- asking ------------------------------------------------------------ */

/* Waits for publish to say how the mail may be fetched; false when aborted. */
static bool ask_permit(struct eii_fetcher *f, uint32_t uid, enum eii_fetch_permit *out)
{
	struct eii_fetch_event *event = eii_fetch_event_new(EII_FETCH_ASKED);
	bool granted;

	event->uid = uid;
	(void)pthread_mutex_lock(&f->lock);
	f->has_permit = false;
	(void)pthread_mutex_unlock(&f->lock);
	eii_fetch_push(f, event);
	(void)pthread_mutex_lock(&f->lock);
	while (!f->has_permit && !f->aborted)
		(void)pthread_cond_wait(&f->ordered, &f->lock);
	granted = f->has_permit && !f->aborted;
	*out = f->permit;
	(void)pthread_mutex_unlock(&f->lock);
	return granted;
}

static bool is_too_large(const struct eii_fetcher *f, const struct eii_mail_info *info)
{
	return info->size_bytes > f->options.max_mail_bytes;
}

static bool may_join(const struct eii_fetcher *f, const struct group *g, size_t bytes)
{
	const struct eii_mail_info *info = eii_fetch_plan_first(f);

	return g->n < f->group_limit && !f->n_careful && !is_too_large(f, info) &&
	       info->size_bytes <= EII_FETCH_ALONE_BYTES &&
	       bytes + info->size_bytes <= EII_FETCH_ALONE_BYTES;
}

static void join(struct group *g, const struct eii_mail_info *info)
{
	g->infos[g->n] = *info;
	g->mails[g->n] = NULL;
	g->is_done[g->n] = false;
	g->n++;
}

/* Makes a group of what the budget has room for; an empty one when it has none now. */
static void form_group(struct eii_fetcher *f, struct group *g)
{
	struct eii_budget *budget = f->options.budget;
	struct eii_mail_info first = *eii_fetch_plan_first(f);
	size_t bytes = g->is_head ? EII_LIMIT_SCAN_BYTES : (size_t)first.size_bytes;
	bool may_wait = f->n_groups == 0;

	g->n = 0;
	g->hint = 0;
	if (may_wait ? !eii_budget_reserve(budget, bytes) : !eii_budget_try_reserve(budget, bytes))
		return;
	first = eii_fetch_plan_pop(f);
	join(g, &first);
	if (g->is_head)
		return;
	while (!eii_fetch_plan_is_empty(f) && may_join(f, g, bytes)) {
		struct eii_mail_info info = *eii_fetch_plan_first(f);

		if (!eii_budget_try_reserve(budget, (size_t)info.size_bytes))
			return;
		bytes += (size_t)info.size_bytes;
		info = eii_fetch_plan_pop(f);
		join(g, &info);
	}
}

/* How the next mail is to be asked for; false when the order was aborted. */
static bool choose_form(struct eii_fetcher *f, struct group *g)
{
	const struct eii_mail_info *info = eii_fetch_plan_first(f);
	enum eii_fetch_permit permit = EII_FETCH_PERMIT_WHOLE;

	g->given_up = false;
	if (f->n_careful) {
		if (!ask_permit(f, info->uid, &permit))
			return false;
		g->given_up = permit == EII_FETCH_PERMIT_HEAD;
	}
	g->is_head = g->given_up || is_too_large(f, info);
	return true;
}

static enum eii_rc send_group(struct eii_fetcher *f, struct eii_error *err)
{
	struct group *g = group_at(f, f->n_groups);
	uint32_t uids[EII_FETCH_CHUNK_MAILS];

	if (!choose_form(f, g))
		return EII_OK;
	form_group(f, g);
	if (g->n == 0)
		return EII_OK;
	if (f->n_careful)
		f->n_careful--;
	f->n_groups++;
	for (size_t i = 0; i < g->n; i++)
		uids[i] = g->infos[i].uid;
	return f->options.mailbox->send_bodies(f->options.mailbox, uids, g->n,
					       g->is_head ? EII_LIMIT_SCAN_BYTES : 0, err);
}

/* A group that the server refuses is asked for in halves, down to the one mail. */
static void split_refused(struct eii_fetcher *f, struct group *g)
{
	if (g->n == 1) {
		struct eii_mail_info info = g->infos[0];

		give_back(f, g);
		(void)eii_fetch_plan_pop(f);
		push_facts(f, &info);
		return;
	}
	f->group_limit = g->n / 2;
	give_back(f, g);
}

static enum eii_rc read_group(struct eii_fetcher *f, struct eii_error *err)
{
	struct group *g = group_at(f, 0);
	struct receiving r = { .f = f, .g = g };
	struct eii_body_taker taker = { .begin = begin_body, .end = end_body, .arg = &r };
	enum eii_rc rc = f->options.mailbox->read_bodies(f->options.mailbox, &taker, err);

	if (rc == EII_RETRY || rc == EII_FATAL)
		return EII_RETRY;
	drop_first_group(f);
	if (rc == EII_REJECT) {
		split_refused(f, g);
		return EII_OK;
	}
	remember_missing(f, g);
	if (f->group_limit < EII_FETCH_CHUNK_MAILS)
		f->group_limit = f->group_limit * 2 < EII_FETCH_CHUNK_MAILS ? f->group_limit * 2
									    : EII_FETCH_CHUNK_MAILS;
	return EII_OK;
}

/* The mail that every session dies on becomes a report of facts. */
static bool give_up_alone(struct eii_fetcher *f)
{
	struct eii_mail_info info;

	if (f->n_groups || eii_fetch_plan_is_empty(f) || f->n_alone_losses < ALONE_TRIES ||
	    eii_fetch_plan_first(f)->uid != f->alone_uid)
		return false;
	info = eii_fetch_plan_pop(f);
	push_facts(f, &info);
	f->n_alone_losses = 0;
	return true;
}

static bool wants_group(const struct eii_fetcher *f)
{
	size_t max = f->n_careful ? 1 : MAX_GROUPS;

	/* What is missing is asked for first, and that needs a quiet session. */
	return !eii_fetch_plan_is_empty(f) && f->n_groups < max && !f->n_missing;
}

bool eii_fetch_is_idle(const struct eii_fetcher *f)
{
	return !f->n_groups && !f->n_missing && eii_fetch_plan_is_empty(f) &&
	       eii_uid_set_is_done(&f->candidates);
}

enum eii_rc eii_fetch_step(struct eii_fetcher *f, struct eii_error *err)
{
	size_t before = f->n_groups;
	enum eii_rc rc = EII_OK;

	if (give_up_alone(f))
		return EII_OK;
	if (f->n_groups == 0) {
		rc = settle_all_missing(f, err);
		if (!rc && f->n_plan <= EII_FETCH_AHEAD_MAILS / 2)
			rc = eii_fetch_fill_plan(f, err);
		if (rc)
			return rc;
	}
	if (wants_group(f)) {
		rc = send_group(f, err);
		if (rc || f->n_groups > before)
			return rc;
	}
	return f->n_groups ? read_group(f, err) : EII_OK;
}
