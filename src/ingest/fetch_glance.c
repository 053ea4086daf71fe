/* SPDX-License-Identifier: Apache-2.0 */
/* What has come to folders that are not open. */
#include "eii/base/alloc.h"
#include "fetch_private.h"

static struct eii_note *note_of(const struct eii_task *task, const struct eii_imap_glimpse *seen)
{
	struct eii_note *note = eii_fetch_answer(task, EII_FACT_MAILBOX_GLANCED);
	uint16_t n = task->order.glance.n;
	struct eii_glimpse *list = eii_calloc(n, sizeof(*list));

	for (uint16_t i = 0; i < n; i++)
		list[i] = (struct eii_glimpse){ .uidvalidity = seen[i].uidvalidity,
						.uidnext = seen[i].uidnext };
	note->list = list;
	note->fact.glance.glimpses = list;
	note->fact.glance.n = n;
	return note;
}

/* Not noted as a contact that failed: the next look finds out what the server does. */
void eii_fetch_glance(struct eii_fetch_driver *d, const struct eii_task *task)
{
	struct eii_imap_glimpse seen[EII_CORE_FOLDERS];
	struct eii_error err = { 0 };
	enum eii_rc rc;

	rc = eii_imap_glance(d->imap, task->order.glance.names, task->order.glance.n, seen, &err);
	if (rc)
		eii_fetch_tell(d, eii_fetch_failure(d, task, NULL, rc, &err));
	else
		eii_fetch_tell(d, note_of(task, seen));
}
