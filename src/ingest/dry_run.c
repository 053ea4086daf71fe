/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/dry_run.h"

#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/log.h"
#include "eii/base/stream_sink.h"
#include "eii/ingest/parcel.h"
#include "eii/state/document.h"
#include "platform_private.h"

#define WORK_ID "dry-run"

/* ---- the platform ------------------------------------------------------ */

static enum eii_rc do_register(struct eii_platform_driver *d, const struct eii_task *task,
			       struct eii_note *note, struct eii_error *err)
{
	struct eii_features features = eii_features_newest();
	struct eii_registration registration = { 0 };
	enum eii_ping_answer answer;
	const char *version;

	(void)task;
	if (eii_platform_about(d->options.platform, &version, err) ||
	    eii_platform_read_state(d->options.platform, &answer, &d->state, err))
		EII_LOG(WARN, "dry_run.no_state",
			"The platform's state cannot be read: showing the first window",
			EII_STR("reason", err->text));
	eii_registered_put(d->options.registered, &registration, &features);
	note->fact.type = EII_FACT_REGISTERED;
	note->fact.registered.has_multipart_work = true;
	note->fact.registered.has_work_alive = true;
	note->fact.registered.has_work_view = true;
	note->fact.registered.is_first_state = d->state == NULL;
	eii_note_set_text(note, d->state);
	return EII_OK;
}

static enum eii_rc do_ping(struct eii_platform_driver *d, const struct eii_task *task,
			   struct eii_note *note, struct eii_error *err)
{
	(void)err;
	free(d->state);
	d->state = eii_strdup(task->order.ping.state);
	note->fact.type = EII_FACT_PONG;
	eii_note_set_text(note, d->state);
	return EII_OK;
}

static enum eii_rc do_read_state(struct eii_platform_driver *d, const struct eii_task *task,
				 struct eii_note *note, struct eii_error *err)
{
	(void)task;
	(void)err;
	note->fact.type = EII_FACT_STATE;
	eii_note_set_text(note, d->state);
	return EII_OK;
}

static enum eii_rc do_queue_size(struct eii_platform_driver *d, const struct eii_task *task,
				 struct eii_note *note, struct eii_error *err)
{
	(void)d;
	(void)task;
	(void)err;
	note->fact.type = EII_FACT_QUEUE_SIZE;
	note->fact.queue.is_known = true;
	return EII_OK;
}

static enum eii_rc do_work_find(struct eii_platform_driver *d, const struct eii_task *task,
				struct eii_note *note, struct eii_error *err)
{
	(void)d;
	(void)task;
	(void)err;
	note->fact.type = EII_FACT_WORK_FOUND;
	return EII_OK;
}

static enum eii_rc do_work_add(struct eii_platform_driver *d, const struct eii_task *task,
			       struct eii_note *note, struct eii_error *err)
{
	(void)d;
	(void)err;
	note->fact.type = EII_FACT_WORK_ADDED;
	eii_note_set_text(note, WORK_ID);
	if (task->order.work.wants_draft)
		eii_note_set_draft(note, WORK_ID);
	return EII_OK;
}

static enum eii_rc do_work_tell(struct eii_platform_driver *d, const struct eii_task *task,
				struct eii_note *note, struct eii_error *err)
{
	(void)err;
	d->n_told += task->order.work.n;
	note->fact.type = EII_FACT_WORK_TOLD;
	return EII_OK;
}

static enum eii_rc do_work_close(struct eii_platform_driver *d, const struct eii_task *task,
				 struct eii_note *note, struct eii_error *err)
{
	(void)d;
	(void)task;
	(void)err;
	note->fact.type = EII_FACT_WORK_CLOSED;
	return EII_OK;
}

static enum eii_rc do_work_look(struct eii_platform_driver *d, const struct eii_task *task,
				struct eii_note *note, struct eii_error *err)
{
	(void)task;
	(void)err;
	note->fact.type = EII_FACT_WORK_SEEN;
	note->fact.work.exists = true;
	note->fact.work.is_alive = true;
	note->fact.work.is_complete = true;
	note->fact.work.has_counts = true;
	note->fact.work.expected = d->n_told;
	note->fact.work.processed = d->n_told;
	return EII_OK;
}

static enum eii_rc do_rights(struct eii_platform_driver *d, const struct eii_task *task,
			     struct eii_note *note, struct eii_error *err)
{
	(void)d;
	(void)task;
	(void)err;
	note->fact.type = EII_FACT_RIGHTS;
	return EII_OK;
}

static enum eii_rc do_known(struct eii_platform_driver *d, const struct eii_task *task,
			    struct eii_note *note, struct eii_error *err)
{
	(void)d;
	(void)task;
	(void)err;
	note->fact.type = EII_FACT_KNOWN;
	note->fact.known.has_author = true;
	note->fact.known.has_marking = true;
	return EII_OK;
}

struct eii_platform_driver *eii_dry_platform_new(const struct eii_platform_driver_options *options)
{
	static eii_platform_carrier *const carriers[EII_ORDERS] = {
		[EII_ORDER_REGISTER] = do_register,
		[EII_ORDER_PING] = do_ping,
		[EII_ORDER_READ_STATE] = do_read_state,
		[EII_ORDER_QUEUE_SIZE] = do_queue_size,
		[EII_ORDER_WORK_FIND] = do_work_find,
		[EII_ORDER_WORK_ADD] = do_work_add,
		[EII_ORDER_WORK_TELL] = do_work_tell,
		[EII_ORDER_WORK_CLOSE] = do_work_close,
		[EII_ORDER_WORK_LOOK] = do_work_look,
		[EII_ORDER_RIGHTS] = do_rights,
		[EII_ORDER_KNOWN] = do_known,
		[EII_ORDER_FIND_REPORTS] = eii_platform_do_find_reports,
	};

	return eii_platform_driver_with(options, carriers);
}

/* Of several folders each is named; another that only begins alike is no place of ours. */
static void tell_place(const struct eii_document *document, const char *key,
		       const char *mailbox_key)
{
	size_t len = strlen(mailbox_key);
	bool is_one = strcmp(key, mailbox_key) == 0;
	struct eii_place_state place;

	if (!is_one && mailbox_key[len - 1] != '/')
		return;
	if (!eii_document_place(document, key, &place))
		return;
	EII_LOG(INFO, "dry_run.place", "The place that would be stored",
		EII_STR("folder", is_one ? NULL : key + len),
		EII_U64("uidvalidity", place.uidvalidity), EII_U64("cursor", place.cursor),
		EII_I64("last_email_ingestion", eii_document_ingestion(document)));
}

void eii_dry_platform_tell_place(const struct eii_platform_driver *d, const char *mailbox_key)
{
	EII_AUTO(eii_document) document = eii_document_parse(d->state);

	for (size_t i = 0; document; i++) {
		EII_AUTO_STR key = eii_document_key(document, mailbox_key, i);

		if (!key)
			return;
		tell_place(document, key, mailbox_key);
	}
}

/* ---- the queue --------------------------------------------------------- */

static void print(const struct eii_dry_queue *queue, const struct eii_task *task)
{
	struct eii_stream_sink sink;
	struct eii_error err;

	eii_stream_sink_init(&sink, queue->stream);
	if (task->order.send.kind != EII_MESSAGE_REPORT || task->order.send.index > 0)
		return;
	if (eii_report_write_object(task->parcel->report, &sink.base, &err) ||
	    eii_sink_write(&sink.base, "\n", 1, &err))
		EII_LOG(ERROR, "dry_run.not_printed", "A report could not be printed",
			EII_STR("reason", err.text));
}

static enum eii_fact_type answer_of(enum eii_order_type type)
{
	if (type == EII_ORDER_DIAL)
		return EII_FACT_QUEUE_DIALLED;
	return type == EII_ORDER_SEND ? EII_FACT_QUEUE_OUTCOME : EII_FACT_QUEUE_HUNG_UP;
}

void *eii_dry_queue_run(void *arg)
{
	const struct eii_dry_queue *queue = arg;

	for (;;) {
		EII_AUTO(eii_task) task = eii_lane_wait(queue->lane);
		struct eii_note *note;

		if (!task)
			break;
		note = eii_note_new(answer_of(task->order.type), task->order.number);
		note->slot = EII_NOTE_NO_SLOT;
		if (task->order.type == EII_ORDER_SEND)
			print(queue, task);
		eii_lane_tell(queue->lane, note);
	}
	(void)fflush(queue->stream);
	return NULL;
}
