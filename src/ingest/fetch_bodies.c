/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "fetch_private.h"

static void drop_group(struct eii_fetch_driver *d)
{
	eii_task_free(d->groups[0].task);
	d->groups[0] = d->groups[1];
	d->n_groups--;
}

/* Every FETCH that is out ends with the session. */
static void fail_groups(struct eii_fetch_driver *d, enum eii_rc rc, const struct eii_error *err)
{
	eii_fetch_note(d, rc, err);
	while (d->n_groups) {
		eii_fetch_tell(d, eii_fetch_failure(d, d->groups[0].task, NULL, rc, err));
		drop_group(d);
	}
	free(EII_DETACH(d->raw));
}

/* A refusal is an answer of nothing. */
static enum eii_rc tell_info(struct eii_fetch_driver *d, const struct eii_task *task,
			     struct eii_error *err)
{
	uint32_t uid = task->order.fetch.items[0].uid;
	struct eii_imap_info info = { .uid = uid };
	enum eii_rc rc = eii_imap_fetch_info(d->imap, &info, 1, err);
	struct eii_note *note;

	if (rc && rc != EII_REJECT)
		return rc;
	note = eii_fetch_answer(task, EII_FACT_MAILBOX_SIZES);
	if (rc)
		info = (struct eii_imap_info){ .uid = uid };
	eii_fetch_add_infos(note, &info, 1);
	eii_fetch_tell(d, note);
	return EII_OK;
}

void eii_fetch_send_group(struct eii_fetch_driver *d, struct eii_task *task)
{
	const struct eii_fetch_item *items = task->order.fetch.items;
	struct eii_fetch_group *group = &d->groups[d->n_groups++];
	uint32_t uids[EII_CORE_CHUNK_MAILS];
	enum eii_rc (*send)(struct eii_imap *, const uint32_t *, size_t, uint32_t,
			    struct eii_error *) =
		task->order.fetch.is_header ? eii_imap_send_headers : eii_imap_send_bodies;
	struct eii_error err = { 0 };
	enum eii_rc rc = EII_OK;

	*group = (struct eii_fetch_group){ .task = task };
	for (uint16_t i = 0; i < task->order.fetch.n; i++)
		uids[i] = items[i].uid;
	if (task->order.fetch.wants_info)
		rc = tell_info(d, task, &err);
	if (!rc)
		rc = send(d->imap, uids, task->order.fetch.n, task->order.fetch.head_bytes, &err);
	/* While another group is read, its reading finds that the session is over. */
	if (rc && d->n_groups == 1)
		fail_groups(d, rc, &err);
}

void eii_fetch_send_ahead(struct eii_fetch_driver *d)
{
	struct eii_task *task;

	if (d->n_groups == EII_FETCH_GROUPS || d->next)
		return;
	task = eii_lane_take(d->options.lane);
	if (!task)
		return;
	if (task->order.type == EII_ORDER_FETCH && !task->order.fetch.wants_info &&
	    !eii_lane_is_cut(d->options.lane, task))
		eii_fetch_send_group(d, task);
	else
		d->next = task;
}

/* The item of a UID that has not been given yet, or -1. */
static int find_item(struct eii_fetch_group *group, uint32_t uid)
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
static struct eii_fetch_group *group_of(struct eii_fetch_driver *d, uint32_t uid, int *out_item)
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
	struct eii_fetch_group *group = group_of(d, uid, &i);
	struct eii_note *note;

	if (!group) {
		free(raw);
		return;
	}
	group->is_given[i] = true;
	note = eii_fetch_answer(group->task, EII_FACT_MAILBOX_BODY);
	note->raw = raw;
	note->fact.body.slot = group->task->order.fetch.items[i].slot;
	note->fact.body.uid = uid;
	note->fact.body.result = result;
	note->fact.body.len = len;
	eii_fetch_tell(d, note);
}

static enum eii_imap_grant grant_body(void *arg, uint32_t uid, size_t len, char **out_room)
{
	struct eii_fetch_driver *d = arg;
	int i;
	struct eii_fetch_group *group = group_of(d, uid, &i);

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
	eii_fetch_send_ahead(d);
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

void eii_fetch_read_group(struct eii_fetch_driver *d)
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
		eii_fetch_fail(d, task, rc, &err);
	else
		eii_fetch_tell(d, eii_fetch_answer(task, EII_FACT_MAILBOX_FETCHED));
	eii_fetch_note(d, EII_OK, NULL);
	drop_group(d);
}
