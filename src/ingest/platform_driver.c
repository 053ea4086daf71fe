/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/platform_driver.h"

#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/ingest/rights.h"
#include "eii/ingest/words.h"
#include "eii/opencti/work_view.h"
#include "platform_private.h"

#define KNOWN_AT_ONCE 20 /* authors or markings that one order asks for */

/* A ping is not cut by a stop, but by the end of all requests. */
static void end_calls(void *arg)
{
	eii_platform_end_by(arg, eii_clock_monotonic_ms());
}

struct eii_platform_driver *eii_platform_driver_with(
	const struct eii_platform_driver_options *options, eii_platform_carrier *const *carriers)
{
	struct eii_platform_driver *d = EII_NEW(struct eii_platform_driver);

	d->options = *options;
	d->carriers = carriers;
	eii_lane_on_cut(options->lane, end_calls, options->platform);
	return d;
}

void eii_platform_driver_free(struct eii_platform_driver *d)
{
	if (!d)
		return;
	free(d->state);
	free(d);
}

/* ---- the connector ----------------------------------------------------- */

/* A platform that has none would import at once. */
static enum eii_rc check_drafts(struct eii_platform_driver *d, struct eii_error *err)
{
	const char *version;
	enum eii_rc rc;

	if (!d->options.wants_draft)
		return EII_OK;
	rc = eii_platform_about(d->options.platform, &version, err);
	return rc ? rc : eii_platform_needs_drafts(d->options.platform, err);
}

static enum eii_rc do_register(struct eii_platform_driver *d, const struct eii_task *task,
			       struct eii_note *note, struct eii_error *err)
{
	struct eii_platform *platform = d->options.platform;
	struct eii_registration registration = { 0 };
	const struct eii_features *features;
	enum eii_rc rc = check_drafts(d, err);

	(void)task;
	if (!rc)
		rc = eii_platform_register(platform, &registration, err);
	if (rc)
		return rc;
	features = eii_platform_features(platform);
	note->fact.type = EII_FACT_REGISTERED;
	note->fact.registered.has_multipart_work = features->has_multipart_work;
	note->fact.registered.has_work_alive = features->has_work_alive;
	note->fact.registered.has_work_view = true;
	note->fact.registered.has_queue_details = features->has_queue_details;
	note->fact.registered.is_first_state = registration.state == NULL;
	note->fact.registered.is_broker_new =
		eii_registered_tells_new_broker(d->options.registered, &registration);
	eii_note_set_text(note, registration.state);
	eii_registered_put(d->options.registered, &registration, features);
	return EII_OK;
}

static enum eii_rc do_ping(struct eii_platform_driver *d, const struct eii_task *task,
			   struct eii_note *note, struct eii_error *err)
{
	const struct eii_order *order = &task->order;
	struct eii_connector_info info = {
		.is_buffering = order->ping.is_buffering,
		.queue_bytes = order->ping.queue_bytes,
		.last_run_unix_s = order->ping.last_run_unix_s,
		.next_run_unix_s = order->ping.next_run_unix_s,
	};
	enum eii_ping_answer answer = EII_PING_OK;
	EII_AUTO_STR echo = NULL;
	enum eii_rc rc = eii_platform_ping(d->options.platform, order->ping.state, &info, &answer,
					   &echo, err);

	EII_COUNT(d->options.stats, n_pings);
	if (rc) {
		EII_COUNT(d->options.stats, n_failed_pings);
		return rc;
	}
	note->fact.type = EII_FACT_PONG;
	note->fact.yes = answer == EII_PING_NO_CONNECTOR;
	eii_note_set_text(note, echo);
	return EII_OK;
}

static enum eii_rc do_read_state(struct eii_platform_driver *d, const struct eii_task *task,
				 struct eii_note *note, struct eii_error *err)
{
	enum eii_ping_answer answer = EII_PING_OK;
	EII_AUTO_STR state = NULL;
	enum eii_rc rc = eii_platform_read_state(d->options.platform, &answer, &state, err);

	(void)task;
	if (rc)
		return rc;
	note->fact.type = EII_FACT_STATE;
	note->fact.yes = answer == EII_PING_NO_CONNECTOR;
	eii_note_set_text(note, state);
	return EII_OK;
}

static enum eii_rc do_queue_size(struct eii_platform_driver *d, const struct eii_task *task,
				 struct eii_note *note, struct eii_error *err)
{
	struct eii_queue_details details = { 0 };
	enum eii_rc rc = eii_platform_queue(d->options.platform, &details, err);

	(void)task;
	if (rc)
		return rc;
	note->fact.type = EII_FACT_QUEUE_SIZE;
	note->fact.queue.is_known = details.is_known;
	note->fact.queue.size_bytes = details.size_bytes;
	note->fact.queue.n_messages = details.n_messages;
	return EII_OK;
}

/* ---- the Work ---------------------------------------------------------- */

/* Named as the official helper names it, by its Work. */
static enum eii_rc add_draft(struct eii_platform_driver *d, const struct eii_task *task,
			     const char *work_id, struct eii_note *note, struct eii_error *err)
{
	EII_AUTO_STR name = NULL;
	EII_AUTO_STR id = NULL;
	enum eii_rc rc;

	if (!task->order.work.wants_draft || !work_id)
		return EII_OK;
	name = eii_asprintf("%s.json", work_id);
	rc = eii_platform_draft_add(d->options.platform, name, work_id, &id, err);
	if (rc)
		return rc;
	/* What another one holds is unknown in this one. */
	d->n_known_authors = 0;
	d->n_known_markings = 0;
	eii_note_set_draft(note, id);
	return EII_OK;
}

static enum eii_rc do_work_find(struct eii_platform_driver *d, const struct eii_task *task,
				struct eii_note *note, struct eii_error *err)
{
	EII_AUTO_STR id = NULL;
	enum eii_rc rc =
		eii_platform_find_work(d->options.platform, d->options.work_name, &id, err);

	if (!rc)
		rc = add_draft(d, task, id, note, err);
	if (rc)
		return rc;
	note->fact.type = EII_FACT_WORK_FOUND;
	eii_note_set_text(note, id);
	return EII_OK;
}

static enum eii_rc do_work_add(struct eii_platform_driver *d, const struct eii_task *task,
			       struct eii_note *note, struct eii_error *err)
{
	EII_AUTO_STR id = NULL;
	enum eii_rc rc = eii_platform_work_add(d->options.platform, d->options.work_name, &id, err);

	if (!rc) {
		rc = add_draft(d, task, id, note, err);
		/* It is open, and nobody else knows its id. */
		d->has_lost_work = rc != EII_OK;
	}
	if (rc)
		return rc;
	note->fact.type = EII_FACT_WORK_ADDED;
	eii_note_set_text(note, id);
	return EII_OK;
}

static enum eii_rc do_work_tell(struct eii_platform_driver *d, const struct eii_task *task,
				struct eii_note *note, struct eii_error *err)
{
	note->fact.type = EII_FACT_WORK_TOLD;
	return eii_platform_add_expectations(d->options.platform, task->order.work.id,
					     task->order.work.n, err);
}

static char *closing_words(const struct eii_order *order)
{
	if (order->work.reason == EII_EVENT_NONE)
		return eii_asprintf("Connector successfully run, %llu mails imported, %llu "
				    "fallback reports",
				    (unsigned long long)order->work.n_reports,
				    (unsigned long long)order->work.n_fallbacks);
	return eii_asprintf(
		"%llu of %llu mails imported, %llu fallback reports; %s",
		(unsigned long long)order->work.n_reports, (unsigned long long)order->work.n_found,
		(unsigned long long)order->work.n_fallbacks, eii_words_reason(order->work.reason));
}

static enum eii_rc do_work_close(struct eii_platform_driver *d, const struct eii_task *task,
				 struct eii_note *note, struct eii_error *err)
{
	EII_AUTO_STR words = closing_words(&task->order);
	/* One that may go on is not in error: what stands there would count as a refusal. */
	enum eii_work_end end = task->order.work.is_left ? EII_WORK_IN_ERROR : EII_WORK_DONE;

	note->fact.type = EII_FACT_WORK_CLOSED;
	return eii_platform_to_processed(d->options.platform, task->order.work.id, words, end, err);
}

static uint32_t bounded(uint64_t n)
{
	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

static struct eii_work_errors errors_of(const struct eii_work_view *view)
{
	struct eii_work_errors errors = { 0 };

	for (enum eii_work_error kind = 0; kind < EII_WORK_ERROR_N; kind++) {
		if (eii_work_error_is_mendable(kind))
			errors.n_mendable += view->n_by_kind[kind];
		else
			errors.n_other += view->n_by_kind[kind];
	}
	return errors;
}

static enum eii_rc do_work_look(struct eii_platform_driver *d, const struct eii_task *task,
				struct eii_note *note, struct eii_error *err)
{
	struct eii_work_view view = { 0 };
	bool is_alive = true;
	enum eii_rc rc = eii_platform_is_work_alive(d->options.platform, task->order.work.id,
						    &is_alive, err);

	if (!rc)
		rc = eii_platform_work(d->options.platform, task->order.work.id, &view, err);
	if (rc)
		return rc;
	note->fact.type = EII_FACT_WORK_SEEN;
	note->fact.work.exists = view.exists;
	note->fact.work.is_alive = is_alive;
	note->fact.work.is_complete = view.is_complete;
	note->fact.work.has_counts = view.has_counts;
	note->fact.work.expected = bounded(view.n_expected);
	note->fact.work.processed = bounded(view.n_processed);
	note->fact.work.errors = errors_of(&view);
	return EII_OK;
}

/* ---- rights and reports ------------------------------------------------ */

static enum eii_rc read_rights(struct eii_platform_driver *d, struct eii_rights_view *out,
			       struct eii_error *err)
{
	return eii_rights_read(d->options.platform, d->options.report, out, err);
}

static enum eii_rc do_rights(struct eii_platform_driver *d, const struct eii_task *task,
			     struct eii_note *note, struct eii_error *err)
{
	(void)task;
	note->fact.type = EII_FACT_RIGHTS;
	return read_rights(d, &note->fact.rights, err);
}

typedef enum eii_rc question(struct eii_platform *platform, const char *id, bool *out_has,
			     struct eii_error *err);

/*
 * Goes on from *n_known, which were found before, until one of the n is absent or has not its
 * turn any more: an order ends in time, and the core asks again.
 */
static enum eii_rc ask_for_each(const struct eii_platform_driver *d, question *has,
				const char *(*id_at)(const struct eii_report_settings *, size_t),
				size_t n, size_t *n_known, struct eii_error *err)
{
	const size_t last = n - *n_known > KNOWN_AT_ONCE ? *n_known + KNOWN_AT_ONCE : n;

	while (*n_known < last) {
		bool is_there = false;
		enum eii_rc rc = has(d->options.platform, id_at(d->options.report, *n_known),
				     &is_there, err);

		if (rc)
			return rc;
		if (!is_there)
			break;
		(*n_known)++;
	}
	return EII_OK;
}

static enum eii_rc do_known(struct eii_platform_driver *d, const struct eii_task *task,
			    struct eii_note *note, struct eii_error *err)
{
	const struct eii_report_settings *report = d->options.report;
	size_t n_authors = eii_author_count(report);
	size_t n_markings = eii_marking_count(report);
	enum eii_rc rc = ask_for_each(d, eii_platform_has_identity, eii_author_id_at, n_authors,
				      &d->n_known_authors, err);

	(void)task;
	if (!rc)
		rc = ask_for_each(d, eii_platform_has_marking, eii_marking_id_at, n_markings,
				  &d->n_known_markings, err);
	if (rc)
		return rc;
	note->fact.type = EII_FACT_KNOWN;
	note->fact.known.has_author = d->n_known_authors == n_authors;
	note->fact.known.has_marking = d->n_known_markings == n_markings;
	/* Once found: whoever asks again means it. */
	if (note->fact.known.has_author)
		d->n_known_authors = 0;
	if (note->fact.known.has_marking)
		d->n_known_markings = 0;
	eii_platform_enter_draft(d->options.platform, NULL);
	return read_rights(d, &note->fact.known.rights, err);
}

enum eii_rc eii_platform_do_find_reports(struct eii_platform_driver *d, const struct eii_task *task,
					 struct eii_note *note, struct eii_error *err)
{
	const char *ids[EII_CORE_FIND_IDS];
	enum eii_reports_answer answer = EII_REPORTS_UNKNOWN;
	uint16_t n = task->order.find_reports.n;
	bool *is_there = eii_calloc(n, sizeof(*is_there));
	enum eii_rc rc;

	note->list = is_there;
	for (uint16_t i = 0; i < n; i++)
		ids[i] = task->ids[i];
	rc = eii_platform_find_reports(
		d->options.platform, ids, n,
		task->order.find_reports.must_have_text ? EII_REPORTS_WITH_TEXT : EII_REPORTS_ANY,
		&answer, is_there, err);
	if (rc)
		return rc;
	note->fact.type = EII_FACT_REPORTS;
	note->fact.reports.is_known = answer == EII_REPORTS_TOLD;
	note->fact.reports.is_there = is_there;
	note->fact.reports.n = n;
	return EII_OK;
}

/* ---- the thread -------------------------------------------------------- */

struct eii_platform_driver *eii_platform_driver_new(
	const struct eii_platform_driver_options *options)
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

static struct eii_note *failure_of(struct eii_platform_driver *d, const struct eii_task *task,
				   enum eii_rc rc, const struct eii_error *err)
{
	struct eii_platform_failure told = eii_platform_failure(d->options.platform);
	struct eii_note *note =
		eii_note_of_failure(EII_FACT_PLATFORM_FAILED, &task->order, rc, err);
	struct eii_failure *failure = &note->fact.failure;

	failure->lives = true;
	failure->is_outcome_unknown = told.is_outcome_unknown || d->has_lost_work;
	d->has_lost_work = false;
	failure->retry_after_s = told.retry_after_s;
	if (told.code == EII_GRAPHQL_FORBIDDEN)
		failure->kind = EII_FAILURE_RIGHTS;
	if (told.code == EII_GRAPHQL_DRAFT_LOCKED)
		failure->kind = EII_FAILURE_INPUT;
	return note;
}

static void do_task(struct eii_platform_driver *d, const struct eii_task *task)
{
	struct eii_note *note = eii_note_new(EII_FACT_PLATFORM_FAILED, task->order.number);
	struct eii_platform *platform = d->options.platform;
	struct eii_error err = { 0 };
	enum eii_rc rc;

	/* Before it is asked whether the task was cut: see eii_lane_begin(). */
	eii_platform_end_by(platform, 0);
	if (!eii_lane_begin(d->options.lane, task)) {
		eii_note_free(note);
		(void)eii_fail_kind(&err, EII_RETRY, EII_ERROR_STOPPED, "cut");
		note = eii_note_of_failure(EII_FACT_PLATFORM_FAILED, &task->order, EII_RETRY, &err);
		eii_lane_tell(d->options.lane, note);
		return;
	}
	eii_platform_set_deadline(
		platform, task->order.deadline_ms == INT64_MAX ? 0 : task->order.deadline_ms);
	eii_platform_enter_draft(platform, task->order.draft_id);
	rc = d->carriers[task->order.type](d, task, note, &err);
	eii_platform_enter_draft(platform, NULL);
	if (rc) {
		eii_note_free(note);
		note = failure_of(d, task, rc, &err);
	}
	note->fact.server_unix_s = eii_platform_server_unix_s(platform);
	eii_lane_tell(d->options.lane, note);
}

void *eii_platform_driver_run(void *arg)
{
	struct eii_platform_driver *d = arg;

	for (;;) {
		EII_AUTO(eii_task) task = eii_lane_wait(d->options.lane);

		if (!task)
			return NULL;
		do_task(d, task);
	}
}
