/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/fetch_driver.h"

#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/ingest/uid_set.h"

#define MAX_GROUPS 2 /* FETCHes sent and not read */
#define LOGOUT_MS  500

/* A FETCH under way. */
struct group {
	struct eii_task *task; /* owned */
	bool is_given[EII_CORE_CHUNK_MAILS];
	size_t hint; /* where the next answer is expected */
};

struct eii_fetch_driver {
	struct eii_fetch_driver_options options;
	struct eii_imap *imap;   /* NULL = no session */
	struct eii_uid_set list; /* of the last SEARCH */
	struct group groups[MAX_GROUPS];
	size_t n_groups;
	struct eii_task *next; /* taken from the lane, to be done once the groups are read */
	char *raw;             /* of the mail that is coming in */
	size_t raw_len;
};

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

/* ---- answers ----------------------------------------------------------- */

static void tell(struct eii_fetch_driver *d, struct eii_note *note)
{
	eii_lane_tell(d->options.lane, note);
}

static struct eii_note *answer(const struct eii_task *task, enum eii_fact_type type)
{
	return eii_note_new(type, task->order.number);
}

static void note_contact(struct eii_fetch_driver *d, enum eii_rc rc, const struct eii_error *err)
{
	eii_contacts_note(d->options.contacts, EII_SERVER_MAILBOX, rc, err);
}

static struct eii_note *failure_of(struct eii_fetch_driver *d, const struct eii_task *task,
				   enum eii_rc rc, const struct eii_error *err)
{
	struct eii_note *note = eii_note_of_failure(EII_FACT_MAILBOX_FAILED, &task->order, rc, err);
	struct eii_failure *failure = &note->fact.failure;

	if (rc != EII_REJECT && d->imap)
		eii_imap_free(EII_DETACH(d->imap));
	failure->lives = d->imap != NULL;
	/* What is not clearly final is passing. */
	if (failure->kind == EII_FAILURE_INPUT)
		failure->kind = EII_FAILURE_PASSING;
	return note;
}

static void fail(struct eii_fetch_driver *d, const struct eii_task *task, enum eii_rc rc,
		 const struct eii_error *err)
{
	note_contact(d, rc, err);
	tell(d, failure_of(d, task, rc, err));
}

static struct eii_folder_view view_of(const struct eii_imap_folder *folder)
{
	return (struct eii_folder_view){ .uidvalidity = folder->uidvalidity,
					 .uidnext = folder->uidnext,
					 .n_mails = folder->n_mails };
}

static void tell_folder(struct eii_fetch_driver *d, const struct eii_task *task,
			enum eii_fact_type type, const struct eii_imap_folder *folder)
{
	struct eii_note *note = answer(task, type);

	note_contact(d, EII_OK, NULL);
	note->fact.folder = view_of(folder);
	tell(d, note);
}

/* ---- orders but FETCH -------------------------------------------------- */

static void do_open(struct eii_fetch_driver *d, const struct eii_task *task)
{
	struct eii_imap_options options = *d->options.imap;
	struct eii_imap_folder folder;
	struct eii_error err = { 0 };
	enum eii_rc rc;

	eii_imap_close(EII_DETACH(d->imap), LOGOUT_MS);
	options.stop = eii_lane_stop(d->options.lane);
	rc = eii_imap_open(&options, &d->imap, &err);
	if (!rc) {
		eii_contacts_connected(d->options.contacts, EII_SERVER_MAILBOX);
		rc = eii_imap_examine(d->imap, d->options.folder, &folder, &err);
	}
	if (!rc) {
		tell_folder(d, task, EII_FACT_MAILBOX_OPENED, &folder);
		return;
	}
	/* A session without its folder is none. */
	eii_imap_free(EII_DETACH(d->imap));
	fail(d, task, rc, &err);
}

static void do_look(struct eii_fetch_driver *d, const struct eii_task *task)
{
	struct eii_imap_folder folder;
	struct eii_error err = { 0 };
	bool has_changed;
	enum eii_rc rc;

	if (task->order.look.is_fresh)
		rc = eii_imap_examine(d->imap, d->options.folder, &folder, &err);
	else
		rc = eii_imap_look(d->imap, &has_changed, &folder, &err);
	if (rc)
		fail(d, task, rc, &err);
	else
		tell_folder(d, task, EII_FACT_MAILBOX_LOOKED, &folder);
}

static void add_range(void *arg, uint32_t first, uint32_t last)
{
	eii_uid_set_add_range(arg, first, last);
}

static void tell_list(struct eii_fetch_driver *d, const struct eii_task *task)
{
	struct eii_note *note = answer(task, EII_FACT_MAILBOX_SEARCHED);
	const struct eii_uid_set *list = &d->list;

	note->fact.search.has_answer = true;
	note->fact.search.n = (uint32_t)eii_uid_set_count(list);
	note->fact.search.lowest = list->n ? list->ranges[0].first : 0;
	note->fact.search.highest = list->n ? list->ranges[list->n - 1].last : 0;
	tell(d, note);
}

static void do_search(struct eii_fetch_driver *d, const struct eii_task *task)
{
	struct eii_imap_uid_taker taker = { .add = add_range, .arg = &d->list };
	uint32_t first = task->order.search.first ? task->order.search.first : 1;
	int64_t since_s = task->order.search.since_unix_s;
	struct eii_error err = { 0 };
	enum eii_rc rc;

	eii_uid_set_clear(&d->list);
	if (since_s == EII_ORDER_SEARCH_ALL)
		rc = eii_imap_search_range(d->imap, first, UINT32_MAX, &taker, &err);
	else
		rc = eii_imap_search_since(d->imap, since_s, &taker, &err);
	if (rc) {
		fail(d, task, rc, &err);
		return;
	}
	note_contact(d, EII_OK, NULL);
	eii_uid_set_sort(&d->list, first, UINT32_MAX);
	tell_list(d, task);
}

static void do_sizes(struct eii_fetch_driver *d, const struct eii_task *task)
{
	struct eii_imap_info answers[EII_IMAP_FETCH_MAX] = { 0 };
	uint32_t uids[EII_CORE_CHUNK_MAILS];
	struct eii_note *note = NULL;
	struct eii_size_info *infos;
	struct eii_error err = { 0 };
	enum eii_rc rc = EII_OK;
	size_t n;

	eii_uid_set_seek(&d->list, task->order.sizes.after);
	n = eii_uid_set_take(&d->list, uids, task->order.sizes.max);
	for (size_t i = 0; i < n; i++)
		answers[i].uid = uids[i];
	if (n)
		rc = eii_imap_fetch_info(d->imap, answers, n, &err);
	note_contact(d, rc, &err);
	note = rc ? failure_of(d, task, rc, &err) : answer(task, EII_FACT_MAILBOX_SIZES);
	infos = eii_calloc(n ? n : 1, sizeof(*infos));
	for (size_t i = 0; i < n; i++)
		infos[i] = (struct eii_size_info){
			.uid = uids[i],
			.has_size = !rc && answers[i].is_known,
			.has_date = !rc && answers[i].is_known,
			.size_bytes = answers[i].size_bytes,
			.internal_unix_s = answers[i].internal_unix_s,
		};
	note->list = infos;
	note->fact.sizes.infos = infos;
	note->fact.sizes.n = (uint16_t)n;
	note->fact.sizes.is_end = eii_uid_set_is_done(&d->list);
	tell(d, note);
}

static void do_find(struct eii_fetch_driver *d, const struct eii_task *task)
{
	struct eii_uid_set there = { 0 };
	struct eii_imap_uid_taker taker = { .add = add_range, .arg = &there };
	uint32_t uid = task->order.find.uid;
	struct eii_error err = { 0 };
	enum eii_rc rc = eii_imap_search_range(d->imap, uid, uid, &taker, &err);

	if (rc) {
		fail(d, task, rc, &err);
	} else {
		struct eii_note *note = answer(task, EII_FACT_MAILBOX_FOUND);

		note_contact(d, EII_OK, NULL);
		eii_uid_set_sort(&there, uid, uid);
		note->fact.yes = eii_uid_set_count(&there) > 0;
		tell(d, note);
	}
	eii_uid_set_clear(&there);
}

static void do_close(struct eii_fetch_driver *d, const struct eii_task *task)
{
	eii_imap_close(EII_DETACH(d->imap), eii_clock_left_ms(task->order.deadline_ms));
	tell(d, answer(task, EII_FACT_MAILBOX_CLOSED));
}

/* ---- FETCH ------------------------------------------------------------- */

static void drop_group(struct eii_fetch_driver *d)
{
	eii_task_free(d->groups[0].task);
	d->groups[0] = d->groups[1];
	d->n_groups--;
}

/* Every FETCH that is out ends with the session. */
static void fail_groups(struct eii_fetch_driver *d, enum eii_rc rc, const struct eii_error *err)
{
	note_contact(d, rc, err);
	while (d->n_groups) {
		tell(d, failure_of(d, d->groups[0].task, rc, err));
		drop_group(d);
	}
	free(EII_DETACH(d->raw));
}

/* Takes the task. */
static void send_group(struct eii_fetch_driver *d, struct eii_task *task)
{
	const struct eii_fetch_item *items = task->order.fetch.items;
	struct group *group = &d->groups[d->n_groups++];
	uint32_t uids[EII_CORE_CHUNK_MAILS];
	struct eii_error err = { 0 };
	enum eii_rc rc;

	*group = (struct group){ .task = task };
	for (uint16_t i = 0; i < task->order.fetch.n; i++)
		uids[i] = items[i].uid;
	rc = eii_imap_send_bodies(d->imap, uids, task->order.fetch.n, task->order.fetch.head_bytes,
				  &err);
	/* While another group is read, its reading finds that the session is over. */
	if (rc && d->n_groups == 1)
		fail_groups(d, rc, &err);
}

/* The next FETCH leaves before the answer in hand is read to its end. */
static void send_ahead(struct eii_fetch_driver *d)
{
	struct eii_task *task;

	if (d->n_groups == MAX_GROUPS || d->next)
		return;
	task = eii_lane_take(d->options.lane);
	if (!task)
		return;
	if (task->order.type == EII_ORDER_FETCH && !eii_lane_is_cut(d->options.lane, task))
		send_group(d, task);
	else
		d->next = task;
}

/* The item of a UID that has not been given yet, or -1. */
static int find_item(struct group *group, uint32_t uid)
{
	uint16_t n = group->task->order.fetch.n;

	for (size_t k = 0; k < n; k++) {
		size_t i = (group->hint + k) % n;

		if (group->task->order.fetch.items[i].uid != uid)
			continue;
		group->hint = (i + 1) % n;
		return group->is_given[i] ? -1 : (int)i;
	}
	return -1;
}

/* What became of one mail; raw is taken. */
static void tell_body(struct eii_fetch_driver *d, uint32_t uid, enum eii_body_result result,
		      char *raw, uint64_t len)
{
	struct group *group = &d->groups[0];
	int i = find_item(group, uid);
	struct eii_note *note;

	if (i < 0) {
		free(raw);
		return;
	}
	group->is_given[i] = true;
	note = answer(group->task, EII_FACT_MAILBOX_BODY);
	note->raw = raw;
	note->fact.body.slot = group->task->order.fetch.items[i].slot;
	note->fact.body.uid = uid;
	note->fact.body.result = result;
	note->fact.body.len = len;
	tell(d, note);
}

static char *begin_body(void *arg, uint32_t uid, size_t len)
{
	struct eii_fetch_driver *d = arg;
	struct group *group = &d->groups[0];
	int i = find_item(group, uid);

	if (i < 0)
		return NULL;
	group->hint = (size_t)i;
	if (len > group->task->order.fetch.items[i].granted_bytes) {
		tell_body(d, uid, EII_BODY_TOO_LARGE, NULL, len);
		return NULL;
	}
	d->raw = malloc(len + 1);
	if (!d->raw) {
		tell_body(d, uid, EII_BODY_NO_MEMORY, NULL, len);
		return NULL;
	}
	d->raw[len] = '\0';
	d->raw_len = len;
	return d->raw;
}

static void end_body(void *arg, uint32_t uid)
{
	struct eii_fetch_driver *d = arg;

	if (d->raw_len) {
		tell_body(d, uid, EII_BODY_CAME, EII_DETACH(d->raw), d->raw_len);
	} else {
		free(EII_DETACH(d->raw));
		tell_body(d, uid, EII_BODY_EMPTY, NULL, 0);
	}
	send_ahead(d);
}

static void read_group(struct eii_fetch_driver *d)
{
	struct eii_imap_body_taker taker = { .begin = begin_body, .end = end_body, .arg = d };
	const struct eii_task *task = d->groups[0].task;
	struct eii_error err = { 0 };
	enum eii_rc rc = eii_imap_read_bodies(d->imap, &taker, &err);

	if (rc && rc != EII_REJECT) {
		fail_groups(d, rc, &err);
		return;
	}
	if (rc)
		fail(d, task, rc, &err);
	else
		tell(d, answer(task, EII_FACT_MAILBOX_FETCHED));
	note_contact(d, EII_OK, NULL);
	drop_group(d);
}

/* ---- the thread -------------------------------------------------------- */

static void carry_out(struct eii_fetch_driver *d, const struct eii_task *task)
{
	if (task->order.type == EII_ORDER_OPEN)
		do_open(d, task);
	else if (task->order.type == EII_ORDER_LOOK)
		do_look(d, task);
	else if (task->order.type == EII_ORDER_SEARCH)
		do_search(d, task);
	else if (task->order.type == EII_ORDER_SIZES)
		do_sizes(d, task);
	else if (task->order.type == EII_ORDER_FIND)
		do_find(d, task);
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
	tell(d, failure_of(d, task, EII_RETRY, &err));
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
		send_group(d, task);
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
			send_ahead(d);
			read_group(d);
			continue;
		}
		task = d->next ? EII_DETACH(d->next) : eii_lane_wait(d->options.lane);
		if (!task)
			break;
		do_task(d, task);
	}
	/* The goodbye has a time of its own. */
	eii_stop_reset(eii_lane_stop(d->options.lane));
	eii_imap_close(EII_DETACH(d->imap), LOGOUT_MS);
	return NULL;
}
