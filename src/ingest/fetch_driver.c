/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/fetch_driver.h"

#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/ingest/stats.h"
#include "fetch_private.h"

#define IDLE_END_MS 15000 /* for the answer to DONE */

struct eii_fetch_driver *eii_fetch_driver_new(const struct eii_fetch_driver_options *options)
{
	struct eii_fetch_driver *d = EII_NEW(struct eii_fetch_driver);

	d->options = *options;
	return d;
}

void eii_fetch_driver_free(struct eii_fetch_driver *d)
{
	if (!d)
		return;
	eii_imap_free(d->imap);
	eii_uid_set_clear(&d->list);
	for (size_t i = 0; i < d->n_groups; i++)
		eii_task_free(d->groups[i].task);
	eii_task_free(d->next);
	free(d->raw);
	free(d);
}

static struct eii_folder_view view_of(const struct eii_imap_folder *folder)
{
	bool is_told = folder->uidnext_by != EII_IMAP_UIDNEXT_DERIVED;

	return (struct eii_folder_view){ .uidvalidity = folder->uidvalidity,
					 .uidnext = is_told ? folder->uidnext : 0,
					 .n_mails = folder->n_mails };
}

static void tell_folder(struct eii_fetch_driver *d, const struct eii_task *task,
			enum eii_fact_type type, const struct eii_imap_folder *folder)
{
	struct eii_note *note = eii_fetch_answer(task, type);

	eii_fetch_note(d, EII_OK, NULL);
	note->fact.folder = view_of(folder);
	eii_fetch_tell(d, note);
}

/* ---- orders but FETCH -------------------------------------------------- */

/* Where there are several, none is opened before the list has been asked for. */
static enum eii_rc open_folder(struct eii_fetch_driver *d, const char *name,
			       struct eii_imap_folder *out, struct eii_error *err)
{
	*out = (struct eii_imap_folder){ 0 };
	if (d->options.choice && !name)
		return EII_OK;
	return eii_imap_examine(d->imap, name ? name : d->options.folder, out, err);
}

/* It says so of this folder, and does not say that it passes. */
static bool refuses_folder(const struct eii_fetch_driver *d)
{
	const struct eii_imap_refusal *why = eii_imap_last_refusal(d->imap);

	return d->options.choice && why->step == EII_IMAP_STEP_EXAMINE &&
	       (why->kind == EII_IMAP_REFUSAL_UNCLEAR ||
		why->kind == EII_IMAP_REFUSAL_FINAL_NO_FOLDER);
}

static void do_open(struct eii_fetch_driver *d, const struct eii_task *task)
{
	struct eii_imap_options options = *d->options.imap;
	struct eii_imap_refusal refusal = { 0 };
	struct eii_imap_folder folder;
	struct eii_error err = { 0 };
	struct eii_note *note;
	bool is_folder;
	enum eii_rc rc;

	d->was_empty = false;
	eii_imap_close(EII_DETACH(d->imap), EII_IMAP_LOGOUT_MS);
	options.stop = eii_lane_stop(d->options.lane);
	rc = eii_imap_open_why(&options, &d->imap, &refusal, &err);
	if (!rc) {
		eii_contacts_connected(d->options.contacts, EII_SERVER_MAILBOX);
		rc = open_folder(d, task->order.open.folder, &folder, &err);
	}
	if (!rc) {
		tell_folder(d, task, EII_FACT_MAILBOX_OPENED, &folder);
		return;
	}
	is_folder = d->imap && refuses_folder(d);
	if (d->imap)
		refusal = *eii_imap_last_refusal(d->imap);
	/* A session without its folder is none. */
	eii_imap_close(EII_DETACH(d->imap), EII_IMAP_LOGOUT_MS);
	eii_fetch_note(d, rc, &err);
	note = eii_fetch_failure(d, task, &refusal, rc, &err);
	note->fact.failure.is_folder = is_folder;
	eii_fetch_tell(d, note);
}

static void do_look(struct eii_fetch_driver *d, const struct eii_task *task)
{
	struct eii_imap_folder folder;
	struct eii_error err = { 0 };
	struct eii_note *note;
	bool has_changed, is_folder;
	enum eii_rc rc;

	if (task->order.look.is_fresh && task->order.look.folder)
		rc = eii_imap_examine(d->imap, task->order.look.folder, &folder, &err);
	else if (task->order.look.is_fresh)
		rc = eii_imap_reexamine(d->imap, &folder, &err);
	else
		rc = eii_imap_look(d->imap, &has_changed, &folder, &err);
	if (task->order.look.folder)
		d->was_empty = false; /* of another folder */
	if (!rc) {
		tell_folder(d, task, EII_FACT_MAILBOX_LOOKED, &folder);
		return;
	}
	is_folder = refuses_folder(d);
	eii_fetch_note(d, rc, &err);
	note = eii_fetch_failure(d, task, NULL, rc, &err);
	note->fact.failure.is_folder = is_folder;
	eii_fetch_tell(d, note);
}

static void add_range(void *arg, uint32_t first, uint32_t last)
{
	eii_uid_set_add_range(arg, first, last);
}

static struct eii_note *note_of_list(const struct eii_fetch_driver *d, const struct eii_task *task)
{
	struct eii_note *note = eii_fetch_answer(task, EII_FACT_MAILBOX_SEARCHED);
	const struct eii_uid_set *list = &d->list;

	note->fact.search.n = (uint32_t)eii_uid_set_count(list);
	note->fact.search.lowest = list->n ? list->ranges[0].first : 0;
	note->fact.search.highest = list->n ? list->ranges[list->n - 1].last : 0;
	return note;
}

/* FETCH knows no dates: what is older comes as well, and its size and date tell. */
static enum eii_rc find(struct eii_fetch_driver *d, const struct eii_order *order,
			enum eii_imap_way way, struct eii_imap_found *found, struct eii_error *err)
{
	struct eii_imap_uid_taker taker = { .add = add_range, .arg = &d->list };
	uint32_t first = order->search.first ? order->search.first : 1;

	eii_uid_set_clear(&d->list);
	if (order->search.since_unix_s == EII_ORDER_SEARCH_ALL || way == EII_IMAP_WAY_FETCH)
		return eii_imap_find_range(d->imap, first, UINT32_MAX, way, &taker, found, err);
	return eii_imap_find_since(d->imap, order->search.since_unix_s, way, &taker, found, err);
}

static bool is_answer(const struct eii_imap_found *found)
{
	return found->has_answer && found->is_readable;
}

/* Who asks once more what gave nothing does not believe it: then in another way. */
static enum eii_imap_way way_of(const struct eii_fetch_driver *d, const struct eii_order *order)
{
	bool is_again = d->was_empty && d->searched.search.first == order->search.first &&
			d->searched.search.since_unix_s == order->search.since_unix_s;

	if (!is_again)
		return EII_IMAP_WAY_USUAL;
	return order->search.since_unix_s == EII_ORDER_SEARCH_ALL ? EII_IMAP_WAY_FETCH
								  : EII_IMAP_WAY_SEARCH;
}

/* Some servers answer a search that finds nothing by OK alone: FETCH tells. */
static enum eii_rc ask_on(struct eii_fetch_driver *d, const struct eii_order *order,
			  enum eii_imap_way way, bool *out_has_answer, struct eii_error *err)
{
	struct eii_imap_found found = { 0 };
	enum eii_rc rc = EII_OK;

	*out_has_answer = false;
	while (!rc && !*out_has_answer && way != EII_IMAP_WAY_FETCH) {
		way = way == EII_IMAP_WAY_USUAL ? EII_IMAP_WAY_SEARCH : EII_IMAP_WAY_FETCH;
		rc = find(d, order, way, &found, err);
		*out_has_answer = is_answer(&found);
	}
	return rc;
}

static void do_search(struct eii_fetch_driver *d, const struct eii_task *task)
{
	const struct eii_order *order = &task->order;
	enum eii_imap_way way = way_of(d, order);
	struct eii_imap_found found = { 0 };
	struct eii_error err = { 0 };
	struct eii_note *note;
	bool has_answer;
	enum eii_rc rc;

	rc = find(d, order, way, &found, &err);
	/* What was asked before it was an answer. */
	has_answer = is_answer(&found) || way == EII_IMAP_WAY_FETCH;
	if (!rc && !has_answer)
		rc = ask_on(d, order, way, &has_answer, &err);
	if (rc) {
		eii_fetch_fail(d, task, rc, &err);
		return;
	}
	eii_fetch_note(d, EII_OK, NULL);
	eii_uid_set_sort(&d->list, order->search.first ? order->search.first : 1, UINT32_MAX);
	d->searched = *order;
	d->was_empty = has_answer && d->list.n == 0;
	note = note_of_list(d, task);
	note->fact.search.has_answer = has_answer;
	eii_fetch_tell(d, note);
}

static void do_sizes(struct eii_fetch_driver *d, const struct eii_task *task)
{
	struct eii_imap_info answers[EII_IMAP_FETCH_MAX] = { 0 };
	uint32_t uids[EII_CORE_CHUNK_MAILS];
	struct eii_note *note = NULL;
	struct eii_error err = { 0 };
	enum eii_rc rc = EII_OK;
	size_t n;

	eii_uid_set_seek(&d->list, task->order.sizes.after);
	n = eii_uid_set_take(&d->list, uids, task->order.sizes.max);
	for (size_t i = 0; i < n; i++)
		answers[i].uid = uids[i];
	if (n)
		rc = eii_imap_fetch_info(d->imap, answers, n, &err);
	eii_fetch_note(d, rc, &err);
	note = rc ? eii_fetch_failure(d, task, NULL, rc, &err)
		  : eii_fetch_answer(task, EII_FACT_MAILBOX_SIZES);
	for (size_t i = 0; rc && i < n; i++)
		answers[i] = (struct eii_imap_info){ .uid = uids[i] };
	eii_fetch_add_infos(note, answers, n);
	note->fact.sizes.is_end = eii_uid_set_is_done(&d->list);
	eii_fetch_tell(d, note);
}

/* Whether it is there; a server that answers "none" by OK alone says so by FETCH. */
static enum eii_rc find_one(struct eii_fetch_driver *d, uint32_t uid, struct eii_uid_set *there,
			    struct eii_error *err)
{
	struct eii_imap_uid_taker taker = { .add = add_range, .arg = there };
	struct eii_imap_found found = { 0 };
	enum eii_rc rc =
		eii_imap_find_range(d->imap, uid, uid, EII_IMAP_WAY_USUAL, &taker, &found, err);

	if (rc || is_answer(&found))
		return rc;
	eii_uid_set_clear(there);
	rc = eii_imap_find_range(d->imap, uid, uid, EII_IMAP_WAY_FETCH, &taker, &found, err);
	if (rc || is_answer(&found))
		return rc;
	return eii_fail(err, EII_RETRY, "the mail server does not say whether UID %u is there",
			uid);
}

static void do_find(struct eii_fetch_driver *d, const struct eii_task *task)
{
	struct eii_uid_set there = { 0 };
	uint32_t uid = task->order.find.uid;
	struct eii_error err = { 0 };
	enum eii_rc rc = find_one(d, uid, &there, &err);

	if (rc) {
		eii_fetch_fail(d, task, rc, &err);
	} else {
		struct eii_note *note = eii_fetch_answer(task, EII_FACT_MAILBOX_FOUND);

		eii_fetch_note(d, EII_OK, NULL);
		eii_uid_set_sort(&there, uid, uid);
		note->fact.yes = eii_uid_set_count(&there) > 0;
		eii_fetch_tell(d, note);
	}
	eii_uid_set_clear(&there);
}

/* Announcements that are refused; whether for now or for good is by the server's words. */
static void tell_not_announced(struct eii_fetch_driver *d, const struct eii_task *task,
			       const struct eii_error *err)
{
	const struct eii_imap_refusal *why = eii_imap_last_refusal(d->imap);
	struct eii_note *note = eii_fetch_failure(d, task, NULL, EII_REJECT, err);
	bool is_final = why->kind == EII_IMAP_REFUSAL_NONE ||
			(why->kind != EII_IMAP_REFUSAL_PASSING && why->form == EII_IMAP_BY_BAD);

	if (is_final)
		note->fact.failure.kind = EII_FAILURE_INPUT;
	eii_fetch_tell(d, note);
}

/* The thread shows signs of life, however long the server has nothing to say. */
static enum eii_rc idle(struct eii_fetch_driver *d, int64_t until_ms, bool *out_grown,
			struct eii_error *err)
{
	bool has_ended = false;
	enum eii_rc rc = EII_OK;

	*out_grown = false;
	while (!rc && !*out_grown && !has_ended && eii_clock_left_ms(until_ms) > 0) {
		int64_t slice_ms = eii_clock_monotonic_ms() + EII_BEAT_MS;

		eii_lane_beat(d->options.lane, 0);
		rc = eii_imap_idle_wait(d->imap, slice_ms < until_ms ? slice_ms : until_ms,
					out_grown, &has_ended, err);
	}
	return rc;
}

static void do_watch(struct eii_fetch_driver *d, const struct eii_task *task)
{
	struct eii_error err = { 0 };
	struct eii_note *note;
	bool has_grown = false;
	enum eii_rc rc = eii_imap_idle_begin(d->imap, &err);

	if (rc == EII_REJECT) {
		tell_not_announced(d, task, &err);
		return;
	}
	if (!rc)
		rc = idle(d, task->order.watch.until_ms, &has_grown, &err);
	if (rc && err.kind == EII_ERROR_STOPPED)
		eii_imap_close(EII_DETACH(d->imap), EII_IMAP_LOGOUT_MS);
	else if (!rc)
		rc = eii_imap_idle_end(d->imap, IDLE_END_MS, &err);
	/* Not noted as a contact that failed: the next look finds out what the server does. */
	if (rc) {
		eii_fetch_tell(d, eii_fetch_failure(d, task, NULL, rc, &err));
		return;
	}
	note = eii_fetch_answer(task, EII_FACT_MAILBOX_WATCHED);
	note->fact.yes = has_grown;
	eii_fetch_tell(d, note);
}

static void do_close(struct eii_fetch_driver *d, const struct eii_task *task)
{
	eii_imap_close(EII_DETACH(d->imap), eii_clock_left_ms(task->order.deadline_ms));
	eii_fetch_tell(d, eii_fetch_answer(task, EII_FACT_MAILBOX_CLOSED));
}

/* ---- the thread -------------------------------------------------------- */

static void carry_out(struct eii_fetch_driver *d, const struct eii_task *task)
{
	if (task->order.type == EII_ORDER_OPEN)
		do_open(d, task);
	else if (task->order.type == EII_ORDER_LIST)
		eii_fetch_list(d, task);
	else if (task->order.type == EII_ORDER_LOOK)
		do_look(d, task);
	else if (task->order.type == EII_ORDER_SEARCH)
		do_search(d, task);
	else if (task->order.type == EII_ORDER_SIZES)
		do_sizes(d, task);
	else if (task->order.type == EII_ORDER_FIND)
		do_find(d, task);
	else if (task->order.type == EII_ORDER_WATCH)
		do_watch(d, task);
	else if (task->order.type == EII_ORDER_GLANCE)
		eii_fetch_glance(d, task);
	else if (task->order.type == EII_ORDER_CLOSE)
		do_close(d, task);
	else
		abort();
}

static void refuse(struct eii_fetch_driver *d, const struct eii_task *task)
{
	struct eii_error err = { 0 };

	if (!eii_lane_begin(d->options.lane, task))
		(void)eii_fail_kind(&err, EII_RETRY, EII_ERROR_STOPPED, "cut");
	else
		(void)eii_fail_kind(&err, EII_RETRY, EII_ERROR_UNREACHABLE, "no session is open");
	eii_fetch_tell(d, eii_fetch_failure(d, task, NULL, EII_RETRY, &err));
}

/* Takes the task; no group is under way. */
static void do_task(struct eii_fetch_driver *d, struct eii_task *task)
{
	bool needs_session =
		task->order.type != EII_ORDER_OPEN && task->order.type != EII_ORDER_CLOSE;

	if (!eii_lane_begin(d->options.lane, task) || (needs_session && !d->imap)) {
		refuse(d, task);
		eii_task_free(task);
		return;
	}
	if (task->order.type == EII_ORDER_FETCH) {
		eii_fetch_send_group(d, task);
		return;
	}
	carry_out(d, task);
	eii_task_free(task);
}

void *eii_fetch_driver_run(void *arg)
{
	struct eii_fetch_driver *d = arg;

	for (;;) {
		struct eii_task *task;

		if (d->n_groups) {
			eii_fetch_send_ahead(d);
			eii_fetch_read_group(d);
			continue;
		}
		task = d->next ? EII_DETACH(d->next) : eii_lane_wait(d->options.lane);
		if (!task)
			break;
		do_task(d, task);
	}
	eii_imap_close(EII_DETACH(d->imap), EII_IMAP_LOGOUT_MS);
	return NULL;
}
