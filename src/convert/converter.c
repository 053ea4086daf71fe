/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/convert/converter.h"

#include <stdlib.h>
#include <string.h>

#include "converter_private.h"
#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/fields/limits.h"

#define SLOW_MAIL_US 1000000                      /* CPU: the child is replaced after it */
#define GROWN_BYTES  ((uint64_t)64 * 1024 * 1024) /* resident, idle */
#define BIG_BYTES    ((size_t)4 * 1024 * 1024)    /* a mail or content after which one looks */
#define LOOK_EVERY   64                           /* mails */
#define SPARE_AHEAD  64 /* mails before a planned replacement its child is started */
#define GATHER_MS    1  /* so long a child that has enough to do is not listened to */

/* ---- life ------------------------------------------------------------------ */

struct eii_converter *eii_converter_new(const struct eii_converter_options *options)
{
	struct eii_converter *conv = EII_NEW(struct eii_converter);
	struct eii_converter_options *own = &conv->options;

	*own = *options;
	conv->program = eii_strdup(options->program);
	own->program = conv->program;
	if (!own->max_mail_bytes || own->max_mail_bytes > EII_LIMIT_MAIL_BYTES_MAX)
		own->max_mail_bytes = EII_LIMIT_MAIL_BYTES_MAX;
	if (!own->address_space_bytes)
		own->address_space_bytes = EII_LIMIT_ADDRESS_SPACE_BYTES;
	if (!own->cpu_s)
		own->cpu_s = EII_LIMIT_CPU_S;
	if (!own->window_mails)
		own->window_mails = EII_CONVERTER_WINDOW_MAILS;
	if (!own->window_bytes)
		own->window_bytes = EII_CONVERTER_WINDOW_BYTES;
	if (!own->replace_after)
		own->replace_after = EII_CONVERTER_REPLACE_AFTER;
	eii_jobs_init(&conv->jobs, own->window_mails);
	conv->child = EII_NEW(struct eii_child);
	conv->child->process.fd = -1;
	conv->spare.fd = -1;
	conv->polled_ms = -1;
	conv->look_ms = INT64_MAX;
	return conv;
}

/* Our wish: nobody is to blame. */
static void dismiss_child(struct eii_converter *conv)
{
	if (eii_converter_has_child(conv))
		(void)eii_child_finish(conv->child);
	conv->is_retiring = false;
	conv->look_ms = INT64_MAX;
}

void eii_converter_free(struct eii_converter *conv)
{
	if (!conv)
		return;
	dismiss_child(conv);
	if (conv->spare.pid)
		(void)eii_process_finish(&conv->spare);
	eii_jobs_clear(&conv->jobs);
	free(conv->child);
	free(conv->program);
	free(conv);
}

static enum eii_rc begin_child(struct eii_converter *conv, int64_t now_ms, struct eii_error *err)
{
	struct eii_process process = conv->spare;

	conv->spare = (struct eii_process){ .fd = -1 };
	if (!process.pid) {
		enum eii_rc rc = eii_process_start(conv->program, conv->options.address_space_bytes,
						   &process, err);

		if (rc)
			return eii_failure_of_start(conv, now_ms, err);
	}
	eii_child_adopt(conv->child, process);
	eii_jobs_unsend(&conv->jobs);
	conv->begun_ms = now_ms;
	conv->start_due_ms = now_ms + EII_CONVERTER_START_TIMEOUT_MS;
	return EII_OK;
}

/* ---- mails in ---------------------------------------------------------------- */

bool eii_converter_has_room(const struct eii_converter *conv, size_t mail_bytes)
{
	const struct eii_jobs *jobs = &conv->jobs;

	if (jobs->n == 0)
		return true;
	return jobs->n < jobs->capacity && jobs->bytes + mail_bytes <= conv->options.window_bytes;
}

void eii_converter_write_head(struct eii_converter *conv, struct eii_job *job)
{
	eii_buf_reset(&job->head);
	if (job->mode == EII_CONVERT_SCAN && job->mail.len > EII_LIMIT_SCAN_BYTES)
		job->mail.len = EII_LIMIT_SCAN_BYTES;
	/* eii_converter_start() has tried that the settings fit. */
	if (eii_wire_request_encode(job->number, job->mode, &conv->options.settings, job->mail.len,
				    &job->head, NULL))
		abort();
}

void eii_converter_submit(struct eii_converter *conv, uint64_t number, struct eii_text mail,
			  enum eii_submit mode)
{
	struct eii_job *job = eii_jobs_add(&conv->jobs);

	job->number = number;
	job->mail = mail;
	job->counted = mail.len;
	conv->jobs.bytes += mail.len;
	if (mode == EII_SUBMIT_FALLBACK_ONLY)
		job->reason = EII_FALLBACK_ASKED;
	else if (mail.len > conv->options.max_mail_bytes)
		job->reason = EII_FALLBACK_TOO_LARGE;
	if (job->reason)
		job->mode = EII_CONVERT_SCAN;
	eii_converter_write_head(conv, job);
}

void eii_converter_finish_head(struct eii_converter *conv, struct eii_fields *fields)
{
	struct eii_job *job = eii_jobs_head(&conv->jobs);

	if (job->mode == EII_CONVERT_SCAN)
		fields->defects |= EII_DEFECT_BODY_NOT_READ;
	job->fields = fields;
	conv->jobs.n_done++;
	conv->look_ms = INT64_MAX;
}

/* ---- planned replacement --------------------------------------------------------- */

static bool has_grown(const struct eii_converter *conv)
{
	return eii_process_resident_bytes(&conv->child->process) > GROWN_BYTES;
}

/* What was answered within a second has not used one. */
static bool was_slow(const struct eii_converter *conv, int64_t now_ms)
{
	return conv->has_mark && now_ms - conv->mark_ms > SLOW_MAIL_US / 1000 &&
	       eii_process_cpu_us(&conv->child->process) - conv->mark_cpu_us > SLOW_MAIL_US;
}

/* After an answer: whether this child shall get no more. */
static void consider_retiring(struct eii_converter *conv, const struct eii_job *job, int64_t now_ms)
{
	const struct eii_child *child = conv->child;
	bool must_look = job->mail.len > BIG_BYTES || child->answer.body_bytes > BIG_BYTES ||
			 child->n_answered % LOOK_EVERY == 0;

	if (child->n_answered >= conv->options.replace_after || was_slow(conv, now_ms) ||
	    (must_look && has_grown(conv)))
		conv->is_retiring = true;
	if (child->n_answered + SPARE_AHEAD >= conv->options.replace_after && !conv->spare.pid)
		/* When this fails, the replacement itself will say so. */
		(void)!eii_process_start(conv->program, conv->options.address_space_bytes,
					 &conv->spare, NULL);
}

/* Once the child has answered all that it was given whole; the rest is sent anew. */
static void retire_child(struct eii_converter *conv)
{
	if (!conv->is_retiring || conv->jobs.n_sent > conv->jobs.n_done)
		return;
	dismiss_child(conv);
	conv->start_due_ms = 0;
	conv->n_replacements++;
}

/* ---- reading and writing ----------------------------------------------------------- */

static void take_answer(struct eii_converter *conv, struct eii_fields *fields, int64_t now_ms)
{
	struct eii_job *job = eii_jobs_head(&conv->jobs);

	job->has_headers = true;
	eii_converter_finish_head(conv, fields);
	consider_retiring(conv, job, now_ms);
	eii_failure_start_clock(conv, now_ms);
}

static void take_ready(struct eii_converter *conv)
{
	conv->ready = conv->child->ready;
	conv->has_ready = true;
	conv->n_failed_starts = 0;
}

/* One event of the child; *out_more: there may be another. */
static enum eii_rc read_event(struct eii_converter *conv, int64_t now_ms, bool *out_more,
			      struct eii_error *err)
{
	const struct eii_job *head = eii_jobs_head(&conv->jobs);
	bool is_due = head && conv->jobs.n_sent > conv->jobs.n_done;
	struct eii_child_expected expected = { 0 };
	struct eii_fields *fields = NULL;
	struct eii_error why = { 0 };

	*out_more = true;
	if (is_due) {
		expected.number = head->number;
		expected.wire.mode = head->mode;
		expected.wire.mail_bytes = head->mail.len;
		expected.wire.has_authority = conv->options.settings.authority.len > 0;
		expected.wire.asks_tlp = conv->options.settings.asks_tlp;
		expected.wire.max_file_bytes = conv->options.settings.max_file_bytes;
	}
	switch (eii_child_read(conv->child, is_due ? &expected : NULL, &fields, &why)) {
	case EII_CHILD_READY:
		take_ready(conv);
		return EII_OK;
	case EII_CHILD_ANSWER:
		take_answer(conv, fields, now_ms);
		return EII_OK;
	case EII_CHILD_FAILED:
		return eii_failure_found(conv, EII_FALLBACK_MEMORY, &why, now_ms, err);
	case EII_CHILD_NONSENSE:
		return eii_failure_found(conv, EII_FALLBACK_NONSENSE, &why, now_ms, err);
	case EII_CHILD_ENDED:
		return eii_failure_ended(conv, now_ms, err);
	case EII_CHILD_WAIT:
		break;
	}
	*out_more = false;
	return EII_OK;
}

static void send_jobs(struct eii_converter *conv, int64_t now_ms)
{
	if (!conv->child->is_ready || conv->is_retiring)
		return;
	/* That the other end is gone shows in reading, after what it had answered. */
	(void)eii_jobs_send(&conv->jobs, conv->child->process.fd);
	eii_failure_start_clock(conv, now_ms);
}

static enum eii_rc serve_child(struct eii_converter *conv, int64_t now_ms, struct eii_error *err)
{
	bool has_more = true;

	while (has_more && eii_converter_has_child(conv)) {
		enum eii_rc rc;

		send_jobs(conv, now_ms);
		rc = read_event(conv, now_ms, &has_more, err);
		if (rc)
			return rc;
		retire_child(conv);
	}
	return EII_OK;
}

enum eii_rc eii_converter_advance(struct eii_converter *conv, int64_t now_ms, struct eii_error *err)
{
	enum eii_rc rc = EII_OK;

	if (conv->polled_ms >= 0 && now_ms > conv->polled_ms)
		conv->wall_ms += now_ms - conv->polled_ms;
	conv->polled_ms = -1;
	/* Each round ends a child, or is the last; a failed start makes it the last. */
	while (conv->is_wanted) {
		if (!eii_converter_has_child(conv) && now_ms >= conv->start_due_ms)
			rc = begin_child(conv, now_ms, err);
		if (rc || !eii_converter_has_child(conv))
			return rc;
		rc = serve_child(conv, now_ms, err);
		if (rc)
			return rc;
		if (!eii_converter_has_child(conv))
			continue;
		rc = eii_failure_check_clock(conv, now_ms, err);
		if (!rc && eii_converter_has_child(conv))
			return eii_failure_check_start(conv, now_ms, err);
		if (rc)
			return rc;
	}
	return EII_OK;
}

static bool has_enough_to_do(const struct eii_jobs *jobs)
{
	return jobs->n_sent - jobs->n_done > jobs->capacity / 2;
}

void eii_converter_poll(struct eii_converter *conv, struct pollfd *out, int64_t *out_deadline_ms)
{
	const struct eii_jobs *jobs = &conv->jobs;
	bool may_send = conv->child->is_ready && !conv->is_retiring;

	*out = (struct pollfd){ .fd = conv->child->process.fd, .events = POLLIN };
	*out_deadline_ms = INT64_MAX;
	conv->polled_ms = eii_clock_monotonic_ms();
	conv->child->is_drained = false;
	if (!conv->is_wanted)
		return;
	if (!eii_converter_has_child(conv) || !conv->child->is_ready) {
		*out_deadline_ms = conv->start_due_ms;
		return;
	}
	if (may_send && jobs->n_sent < jobs->n)
		out->events |= POLLOUT;
	*out_deadline_ms = conv->look_ms;
	if (!has_enough_to_do(jobs))
		return;
	/* Answers are taken in bulk, not each as it comes; an end shows all the same. */
	out->events &= (short)~POLLIN;
	if (conv->polled_ms + GATHER_MS < conv->look_ms)
		*out_deadline_ms = conv->polled_ms + GATHER_MS;
}

/* ---- results ----------------------------------------------------------------------- */

bool eii_converter_next(struct eii_converter *conv, struct eii_conversion *out)
{
	struct eii_job *job;

	if (conv->jobs.n_done == 0)
		return false;
	job = eii_jobs_at(&conv->jobs, 0);
	out->number = job->number;
	out->fields = job->fields;
	out->reason = job->reason;
	out->has_headers = job->has_headers;
	memcpy(out->detail, job->detail, sizeof(out->detail));
	eii_jobs_pop(&conv->jobs);
	return true;
}

const char *eii_fallback_text(enum eii_fallback reason)
{
	static const char *const texts[EII_FALLBACKS] = {
		[EII_FALLBACK_NONE] = "",
		[EII_FALLBACK_ASKED] = "it was not given to the converter",
		[EII_FALLBACK_TOO_LARGE] = "it is over the size limit",
		[EII_FALLBACK_CRASHED] = "the converter crashed on it",
		[EII_FALLBACK_TIMED_OUT] = "the converter ran out of time on it",
		[EII_FALLBACK_MEMORY] = "the converter ran out of memory on it",
		[EII_FALLBACK_NONSENSE] = "the converter gave an invalid answer for it",
	};

	return reason < EII_FALLBACKS && texts[reason] ? texts[reason] : "";
}

size_t eii_converter_in_hand(const struct eii_converter *conv)
{
	return conv->jobs.n;
}

void eii_converter_drop(struct eii_converter *conv)
{
	const struct eii_job *head = eii_jobs_head(&conv->jobs);

	/* Bytes of a mail that are under way cannot be taken back. */
	if (head && head->sent > 0) {
		dismiss_child(conv);
		conv->start_due_ms = 0;
	}
	while (conv->jobs.n) {
		eii_fields_free(eii_jobs_at(&conv->jobs, 0)->fields);
		eii_jobs_pop(&conv->jobs);
	}
}

bool eii_converter_info(const struct eii_converter *conv, struct eii_converter_info *out)
{
	if (!conv->has_ready)
		return false;
	out->is_relaxed = conv->ready.is_relaxed;
	out->landlock_abi = conv->ready.landlock_abi;
	out->missing_charsets = conv->ready.missing_charsets;
	return true;
}

uint64_t eii_converter_restarts(const struct eii_converter *conv)
{
	return conv->n_restarts;
}

uint64_t eii_converter_replacements(const struct eii_converter *conv)
{
	return conv->n_replacements;
}

int eii_converter_pid(const struct eii_converter *conv)
{
	return (int)conv->child->process.pid;
}

/* ---- waiting ------------------------------------------------------------------------ */

/* One wait and one step of eii_converter_advance(). */
static enum eii_rc wait_and_advance(struct eii_converter *conv, struct eii_error *err)
{
	struct pollfd poll;
	int64_t deadline_ms;

	eii_converter_poll(conv, &poll, &deadline_ms);
	if (eii_stop_wait(conv->options.stop, poll.fd, poll.events, deadline_ms) ==
	    EII_WAIT_STOPPED)
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_STOPPED,
				     "stopped while the converter was awaited");
	return eii_converter_advance(conv, eii_clock_monotonic_ms(), err);
}

/* That the settings can be sent is found out before the first mail. */
static enum eii_rc try_settings(const struct eii_converter *conv, struct eii_error *err)
{
	struct eii_buf head;
	enum eii_rc rc;

	eii_buf_init(&head, EII_WIRE_REQUEST_HEAD_BYTES + EII_WIRE_WORDS_MAX_BYTES);
	rc = eii_wire_request_encode(0, EII_CONVERT_FULL, &conv->options.settings, 0, &head, err);
	eii_buf_clear(&head);
	return rc;
}

enum eii_rc eii_converter_begin(struct eii_converter *conv, struct eii_error *err)
{
	enum eii_rc rc = try_settings(conv, err);

	if (rc)
		return rc;
	conv->is_wanted = true;
	if (!eii_converter_has_child(conv))
		conv->start_due_ms = 0;
	return EII_OK;
}

enum eii_rc eii_converter_start(struct eii_converter *conv, struct eii_error *err)
{
	enum eii_rc rc = eii_converter_begin(conv, err);

	if (!rc)
		rc = eii_converter_advance(conv, eii_clock_monotonic_ms(), err);
	while (!rc && !conv->child->is_ready)
		rc = wait_and_advance(conv, err);
	return rc;
}

enum eii_rc eii_converter_convert_one(struct eii_converter *conv, struct eii_text mail,
				      struct eii_conversion *out, struct eii_error *err)
{
	enum eii_rc rc = eii_converter_start(conv, err);

	if (rc)
		return rc;
	eii_converter_submit(conv, 1, mail, EII_SUBMIT_FULL);
	rc = eii_converter_advance(conv, eii_clock_monotonic_ms(), err);
	while (!rc && conv->jobs.n_done == 0)
		rc = wait_and_advance(conv, err);
	if (rc) {
		eii_converter_drop(conv);
		return rc;
	}
	(void)eii_converter_next(conv, out);
	return EII_OK;
}
