/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/alloc.h"
#include "fetch_private.h"

void eii_fetch_tell(struct eii_fetch_driver *d, struct eii_note *note)
{
	eii_lane_tell(d->options.lane, note);
}

struct eii_note *eii_fetch_answer(const struct eii_task *task, enum eii_fact_type type)
{
	return eii_note_new(type, task->order.number);
}

void eii_fetch_add_infos(struct eii_note *note, const struct eii_imap_info *infos, size_t n)
{
	struct eii_size_info *list = eii_calloc(n ? n : 1, sizeof(*list));

	for (size_t i = 0; i < n; i++)
		list[i] = (struct eii_size_info){
			.uid = infos[i].uid,
			.has_size = infos[i].has_size,
			.has_date = infos[i].has_date,
			.size_bytes = infos[i].size_bytes,
			.internal_unix_s = infos[i].internal_unix_s,
		};
	note->list = list;
	note->fact.sizes.infos = list;
	note->fact.sizes.n = (uint16_t)n;
}

void eii_fetch_note(struct eii_fetch_driver *d, enum eii_rc rc, const struct eii_error *err)
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

struct eii_note *eii_fetch_failure(struct eii_fetch_driver *d, const struct eii_task *task,
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

void eii_fetch_fail(struct eii_fetch_driver *d, const struct eii_task *task, enum eii_rc rc,
		    const struct eii_error *err)
{
	eii_fetch_note(d, rc, err);
	eii_fetch_tell(d, eii_fetch_failure(d, task, NULL, rc, err));
}
