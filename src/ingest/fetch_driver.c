/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/fetch_driver.h"

#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/ingest/uid_set.h"

#define MAX_GROUPS 2 /* FETCHes sent and not read */

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
	struct eii_order
		searched; /* the last SEARCH of this session, and whether it gave nothing */
	bool was_empty;
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

/* What the server said, where it refused; not a judgement: what is not clearly final passes. */
static void heed_refusal(const struct eii_imap_refusal *why, struct eii_failure *failure)
{
	static const enum eii_failure_kind kinds[] = {
		[EII_IMAP_REFUSAL_PASSING] = EII_FAILURE_PASSING,
		[EII_IMAP_REFUSAL_FINAL_CREDENTIALS] = EII_FAILURE_CREDENTIALS,
		[EII_IMAP_REFUSAL_FINAL_NO_FOLDER] = EII_FAILURE_CONFIG,
		[EII_IMAP_REFUSAL_UNCLEAR] = EII_FAILURE_PASSING,
	};

	if (why->kind == EII_IMAP_REFUSAL_NONE || failure->kind == EII_FAILURE_CONFIG)
		return;
	failure->kind = kinds[why->kind];
	failure->retry_after_s = (why->wait_ms + 999) / 1000;
}

/* refusal is of a session that could not be opened; NULL = the open one's last. */
static struct eii_note *failure_of(struct eii_fetch_driver *d, const struct eii_task *task,
				   const struct eii_imap_refusal *refusal, enum eii_rc rc,
				   const struct eii_error *err)
{
	struct eii_note *note = eii_note_of_failure(EII_FACT_MAILBOX_FAILED, &task->order, rc, err);
	struct eii_failure *failure = &note->fact.failure;

	if (failure->kind == EII_FAILURE_INPUT)
		failure->kind = EII_FAILURE_PASSING;
	if (d->imap && !refusal)
		refusal = eii_imap_last_refusal(d->imap);
	if (refusal)
		heed_refusal(refusal, failure);
	if (d->imap && !eii_imap_is_open(d->imap))
		eii_imap_free(EII_DETACH(d->imap));
	failure->lives = d->imap != NULL;
	return note;
}

static void fail(struct eii_fetch_driver *d, const struct eii_task *task, enum eii_rc rc,
		 const struct eii_error *err)
{
	note_contact(d, rc, err);
	tell(d, failure_of(d, task, NULL, rc, err));
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
	struct eii_note *note = answer(task, type);

	note_contact(d, EII_OK, NULL);
	note->fact.folder = view_of(folder);
	tell(d, note);
}

/* ---- orders but FETCH -------------------------------------------------- */

static void do_open(struct eii_fetch_driver *d, const struct eii_task *task)
{
	struct eii_imap_options options = *d->options.imap;
	struct eii_imap_refusal refusal = { 0 };
	struct eii_imap_folder folder;
	struct eii_error err = { 0 };
	enum eii_rc rc;

	d->was_empty = false;
	eii_imap_close(EII_DETACH(d->imap), EII_IMAP_LOGOUT_MS);
	options.stop = eii_lane_stop(d->options.lane);
	rc = eii_imap_open_why(&options, &d->imap, &refusal, &err);
	if (!rc) {
		eii_contacts_connected(d->options.contacts, EII_SERVER_MAILBOX);
		rc = eii_imap_examine(d->imap, d->options.folder, &folder, &err);
	}
	if (!rc) {
		tell_folder(d, task, EII_FACT_MAILBOX_OPENED, &folder);
		return;
	}
	if (d->imap)
		refusal = *eii_imap_last_refusal(d->imap);
	/* A session without its folder is none. */
	eii_imap_close(EII_DETACH(d->imap), EII_IMAP_LOGOUT_MS);
	note_contact(d, rc, &err);
	tell(d, failure_of(d, task, &refusal, rc, &err));
}

static void do_look(struct eii_fetch_driver *d, const struct eii_task *task)
{
	struct eii_imap_folder folder;
	struct eii_error err = { 0 };
	bool has_changed;
	enum eii_rc rc;

	if (task->order.look.is_fresh)
		rc = eii_imap_reexamine(d->imap, &folder, &err);
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

static void tell_list(struct eii_fetch_driver *d, const struct eii_task *task, bool has_answer)
{
	struct eii_note *note = answer(task, EII_FACT_MAILBOX_SEARCHED);
	const struct eii_uid_set *list = &d->list;

	note->fact.search.has_answer = has_answer;
	note->fact.search.n = (uint32_t)eii_uid_set_count(list);
	note->fact.search.lowest = list->n ? list->ranges[0].first : 0;
	note->fact.search.highest = list->n ? list->ranges[list->n - 1].last : 0;
	tell(d, note);
}

static enum eii_rc find(struct eii_fetch_driver *d, const struct eii_order *order,
			enum eii_imap_way way, struct eii_imap_found *found, struct eii_error *err)
{
	struct eii_imap_uid_taker taker = { .add = add_range, .arg = &d->list };
	uint32_t first = order->search.first ? order->search.first : 1;

	eii_uid_set_clear(&d->list);
	if (order->search.since_unix_s == EII_ORDER_SEARCH_ALL)
		return eii_imap_find_range(d->imap, first, UINT32_MAX, way, &taker, found, err);
	return eii_imap_find_since(d->imap, order->search.since_unix_s,
				   way == EII_IMAP_WAY_FETCH ? EII_IMAP_WAY_SEARCH : way, &taker,
				   found, err);
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

	return is_again ? EII_IMAP_WAY_FETCH : EII_IMAP_WAY_USUAL;
}

static void do_search(struct eii_fetch_driver *d, const struct eii_task *task)
{
	const struct eii_order *order = &task->order;
	enum eii_imap_way way = way_of(d, order);
	struct eii_imap_found found = { 0 };
	struct eii_error err = { 0 };
	bool has_answer;
	enum eii_rc rc;

	rc = find(d, order, way, &found, &err);
	/* By a range of UIDs "none" is no answer at all; what was asked before it was one. */
	has_answer = is_answer(&found) || way == EII_IMAP_WAY_FETCH;
	if (!rc && !has_answer) {
		rc = find(d, order, EII_IMAP_WAY_SEARCH, &found, &err);
		has_answer = is_answer(&found);
	}
	if (rc) {
		fail(d, task, rc, &err);
		return;
	}
	note_contact(d, EII_OK, NULL);
	eii_uid_set_sort(&d->list, order->search.first ? order->search.first : 1, UINT32_MAX);
	d->searched = *order;
	d->was_empty = has_answer && d->list.n == 0;
	tell_list(d, task, has_answer);
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
	note = rc ? failure_of(d, task, NULL, rc, &err) : answer(task, EII_FACT_MAILBOX_SIZES);
	infos = eii_calloc(n ? n : 1, sizeof(*infos));
	for (size_t i = 0; i < n; i++)
		infos[i] = (struct eii_size_info){
			.uid = uids[i],
			.has_size = !rc && answers[i].has_size,
			.has_date = !rc && answers[i].has_date,
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
		tell(d, failure_of(d, d->groups[0].task, NULL, rc, err));
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

/* The group that waits for the UID, and where it stands there; NULL = none does. */
static struct group *group_of(struct eii_fetch_driver *d, uint32_t uid, int *out_item)
{
	for (size_t i = 0; i < d->n_groups; i++) {
		*out_item = find_item(&d->groups[i], uid);
		if (*out_item >= 0)
			return &d->groups[i];
	}
	return NULL;
}

/* What became of one mail; raw is taken. */
static void tell_body(struct eii_fetch_driver *d, uint32_t uid, enum eii_body_result result,
		      char *raw, uint64_t len)
{
	int i;
	struct group *group = group_of(d, uid, &i);
	struct eii_note *note;

	if (!group) {
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

static enum eii_imap_grant grant_body(void *arg, uint32_t uid, size_t len, char **out_room)
{
	struct eii_fetch_driver *d = arg;
	int i;
	struct group *group = group_of(d, uid, &i);

	if (!group)
		return EII_IMAP_UNWANTED;
	if (len > group->task->order.fetch.items[i].granted_bytes) {
		tell_body(d, uid, EII_BODY_TOO_LARGE, NULL, len);
		return EII_IMAP_UNWANTED;
	}
	free(d->raw);
	d->raw = malloc(len + 1);
	if (!d->raw)
		return EII_IMAP_NO_ROOM;
	d->raw[len] = '\0';
	d->raw_len = len;
	*out_room = d->raw;
	return EII_IMAP_GRANTED;
}

static void end_body(void *arg, uint32_t uid)
{
	struct eii_fetch_driver *d = arg;

	tell_body(d, uid, EII_BODY_CAME, EII_DETACH(d->raw), d->raw_len);
	send_ahead(d);
}

/* The answer is over: what came otherwise than as bytes. The rest is silence. */
static void told_body(void *arg, uint32_t uid, enum eii_imap_body what)
{
	struct eii_fetch_driver *d = arg;

	if (what == EII_IMAP_BODY_NIL || what == EII_IMAP_BODY_UNREADABLE)
		tell_body(d, uid, EII_BODY_NIL, NULL, 0);
	else if (what == EII_IMAP_BODY_EMPTY)
		tell_body(d, uid, EII_BODY_EMPTY, NULL, 0);
	else if (what == EII_IMAP_BODY_NO_ROOM)
		tell_body(d, uid, EII_BODY_NO_MEMORY, NULL, 0);
	else if (what == EII_IMAP_BODY_TOO_LARGE)
		tell_body(d, uid, EII_BODY_TOO_LARGE, NULL, d->options.imap->literal_max + 1);
}

static void read_group(struct eii_fetch_driver *d)
{
	struct eii_imap_body_taker taker = {
		.grant = grant_body, .end = end_body, .told = told_body, .arg = d
	};
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
	tell(d, failure_of(d, task, NULL, EII_RETRY, &err));
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
	eii_imap_close(EII_DETACH(d->imap), EII_IMAP_LOGOUT_MS);
	return NULL;
}
