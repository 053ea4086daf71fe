/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/convert/converter.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "child.h"
#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/fields/limits.h"
#include "eii/fields/wire.h"
#include "jobs.h"

#define START_TIMEOUT_MS   20000 /* for the ready word; 8 ms where nothing is wrong */
#define START_DELAY_MS     100   /* after a failed start, doubled each time */
#define START_DELAY_MAX_MS 10000
#define WALL_FACTOR        10 /* a throttled container is not the mail's fault */
#define LOOK_AGAIN_MS      100
#define SLOW_MAIL_US       1000000             /* CPU: the child is replaced after it */
#define GROWN_BYTES        (64u * 1024 * 1024) /* resident, idle */
#define BIG_BYTES          (4u * 1024 * 1024)  /* a mail or content after which one looks */
#define LOOK_EVERY         64                  /* mails */
#define SPARE_AHEAD        64 /* mails before a planned replacement its child is started */

struct eii_converter {
	struct eii_converter_options options;
	char *program; /* owned */
	struct eii_jobs jobs;
	struct eii_child *child;  /* owned; its process may be none */
	struct eii_process spare; /* started ahead of a planned replacement */
	bool is_wanted;           /* start() was called: there shall be a child */
	bool is_retiring;         /* nothing more goes to this child */
	bool has_ready;
	struct eii_wire_ready ready; /* of the last child that was */
	unsigned n_failed_starts;    /* in a row */
	int64_t start_due_ms;        /* not before; or until when the ready word is awaited */
	int64_t polled_ms;           /* since when the child's wall clock runs; -1 = it does not */
	int64_t wall_ms;             /* of the head, while we read */
	int64_t mark_cpu_us;         /* the child's clock when the head began */
	int64_t look_ms;             /* when its clock is looked at; INT64_MAX = nothing is due */
	uint64_t n_restarts;
	uint64_t n_replacements;
};

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

static bool has_child(const struct eii_converter *conv)
{
	return conv->child->process.pid != 0;
}

/* Our wish: nobody is to blame. */
static void dismiss_child(struct eii_converter *conv)
{
	if (has_child(conv))
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

/* A failed start: the next one waits. Returns EII_RETRY with its text. */
static enum eii_rc fail_start(struct eii_converter *conv, int64_t now_ms, struct eii_error *err)
{
	int64_t delay_ms = START_DELAY_MAX_MS;

	if (conv->n_failed_starts < 7) /* 100 ms << 6 is the last below the maximum */
		delay_ms = START_DELAY_MS << conv->n_failed_starts;
	conv->n_failed_starts++;
	conv->start_due_ms = now_ms + delay_ms;
	return eii_fail_in(err, EII_RETRY, "the converter cannot be started");
}

static enum eii_rc begin_child(struct eii_converter *conv, int64_t now_ms, struct eii_error *err)
{
	struct eii_process process = conv->spare;

	conv->spare = (struct eii_process){ .fd = -1 };
	if (!process.pid) {
		enum eii_rc rc = eii_process_start(conv->program, conv->options.address_space_bytes,
						   &process, err);

		if (rc)
			return fail_start(conv, now_ms, err);
	}
	eii_child_adopt(conv->child, process);
	eii_jobs_unsend(&conv->jobs);
	conv->start_due_ms = now_ms + START_TIMEOUT_MS;
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

static void write_head(struct eii_converter *conv, struct eii_job *job)
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
	write_head(conv, job);
}

/* ---- the fallback chain ------------------------------------------------------- */

static void finish_job(struct eii_converter *conv, struct eii_job *job, struct eii_fields *fields)
{
	if (job->mode == EII_CONVERT_SCAN || !job->has_headers)
		fields->defects |= EII_DEFECT_BODY_NOT_READ;
	job->fields = fields;
	conv->jobs.n_done++;
	conv->look_ms = INT64_MAX;
}

/* What became of the child, and whether somebody else did it. */
struct verdict {
	enum eii_fallback reason;
	bool is_from_outside; /* killed by neither us nor itself */
	struct eii_error why;
};

/* The head goes one step down: once more, its headers only, nothing. */
static void step_down(struct eii_converter *conv, const struct verdict *verdict, bool was_first)
{
	struct eii_job *job = eii_jobs_head(&conv->jobs);

	if (!job->was_retried && (!was_first || verdict->is_from_outside)) {
		job->was_retried = true;
		return;
	}
	/* The first reason is the one to tell; a scan's failure is rarely of interest. */
	if (!job->reason || !job->detail[0]) {
		if (!job->reason)
			job->reason = verdict->reason;
		(void)snprintf(job->detail, sizeof(job->detail), "%.*s",
			       EII_CONVERSION_DETAIL_MAX - 1, verdict->why.text);
	}
	if (job->mode == EII_CONVERT_SCAN) {
		finish_job(conv, job, eii_fields_new());
		return;
	}
	job->mode = EII_CONVERT_SCAN;
	job->was_retried = false;
	write_head(conv, job);
}

/*
 * The child has failed and is gone. EII_RETRY: it did so before any mail.
 */
static enum eii_rc handle_failure(struct eii_converter *conv, const struct verdict *verdict,
				  int64_t now_ms, struct eii_error *err)
{
	struct eii_job *head = eii_jobs_head(&conv->jobs);
	bool was_first = conv->child->n_answered == 0;
	bool is_blamed = head && head->sent > 0;

	conv->is_retiring = false;
	conv->look_ms = INT64_MAX;
	conv->n_restarts++;
	if (is_blamed)
		step_down(conv, verdict, was_first);
	eii_jobs_unsend(&conv->jobs);
	if (!is_blamed && was_first) {
		*err = verdict->why;
		return fail_start(conv, now_ms, err);
	}
	conv->start_due_ms = now_ms;
	return EII_OK;
}

/* Reads the cause from how the process ended. */
static void judge_end(const struct eii_converter *conv, struct eii_process_end end,
		      struct verdict *out)
{
	bool is_big = end.peak_bytes > conv->options.address_space_bytes / 4;
	int signal_number = WIFSIGNALED(end.status) ? WTERMSIG(end.status) : 0;

	*out = (struct verdict){ .reason = EII_FALLBACK_CRASHED };
	if (!signal_number) {
		(void)eii_fail(&out->why, EII_REJECT, "the converter ended by itself, code %d",
			       WEXITSTATUS(end.status));
		return;
	}
	if (signal_number == SIGXCPU)
		out->reason = EII_FALLBACK_TIMED_OUT;
	else if (is_big && signal_number != SIGSEGV && signal_number != SIGKILL)
		out->reason = EII_FALLBACK_MEMORY; /* abort() cannot say so: the jail forbids it */
	out->is_from_outside = signal_number == SIGKILL || signal_number == SIGTERM;
	(void)eii_fail(&out->why, EII_REJECT,
		       "the converter was ended by signal %d (%s), %llu MiB at its peak",
		       signal_number, sigdescr_np(signal_number),
		       (unsigned long long)end.peak_bytes / (1024 * 1024));
}

static enum eii_rc fail_ended(struct eii_converter *conv, int64_t now_ms, struct eii_error *err)
{
	struct verdict verdict;

	judge_end(conv, eii_child_finish(conv->child), &verdict);
	return handle_failure(conv, &verdict, now_ms, err);
}

/* A failure that we have found ourselves; the child may be in any state. */
static enum eii_rc fail_found(struct eii_converter *conv, enum eii_fallback reason,
			      const struct eii_error *why, int64_t now_ms, struct eii_error *err)
{
	struct verdict verdict = { .reason = reason, .why = *why };

	(void)eii_child_finish(conv->child);
	return handle_failure(conv, &verdict, now_ms, err);
}

/* ---- deadlines ----------------------------------------------------------------- */

static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The head's time begins, if one is with the child. */
static void start_clock(struct eii_converter *conv, int64_t now_ms)
{
	const struct eii_job *head = eii_jobs_head(&conv->jobs);

	if (conv->look_ms != INT64_MAX || !head || head->sent == 0)
		return;
	conv->mark_cpu_us = eii_process_cpu_us(&conv->child->process);
	conv->wall_ms = 0;
	conv->look_ms = now_ms + (int64_t)conv->options.cpu_s * 1000;
	eii_process_guard_cpu(&conv->child->process, conv->mark_cpu_us, conv->options.cpu_s);
}

static enum eii_rc check_clock(struct eii_converter *conv, int64_t now_ms, struct eii_error *err)
{
	int64_t limit_ms = (int64_t)conv->options.cpu_s * 1000;
	int64_t used_ms, left_ms;
	struct eii_error why;

	if (now_ms < conv->look_ms)
		return EII_OK;
	used_ms = (eii_process_cpu_us(&conv->child->process) - conv->mark_cpu_us) / 1000;
	left_ms = min64(limit_ms - used_ms, limit_ms * WALL_FACTOR - conv->wall_ms);
	if (left_ms > 0) {
		conv->look_ms = now_ms + (left_ms > LOOK_AGAIN_MS ? left_ms : LOOK_AGAIN_MS);
		return EII_OK;
	}
	(void)eii_fail(&why, EII_REJECT,
		       "the converter had used %lld ms of CPU in %lld ms, %lld ms are allowed",
		       (long long)used_ms, (long long)conv->wall_ms, (long long)limit_ms);
	return fail_found(conv, EII_FALLBACK_TIMED_OUT, &why, now_ms, err);
}

static enum eii_rc check_start(struct eii_converter *conv, int64_t now_ms, struct eii_error *err)
{
	struct eii_error why;

	if (conv->child->is_ready || now_ms < conv->start_due_ms)
		return EII_OK;
	(void)eii_fail(&why, EII_RETRY, "it was not ready within %d s", START_TIMEOUT_MS / 1000);
	return fail_found(conv, EII_FALLBACK_TIMED_OUT, &why, now_ms, err);
}

/* ---- planned replacement --------------------------------------------------------- */

static bool has_grown(const struct eii_converter *conv)
{
	return eii_process_resident_bytes(&conv->child->process) > GROWN_BYTES;
}

/* After an answer: whether this child shall get no more. */
static void consider_retiring(struct eii_converter *conv, const struct eii_job *job)
{
	const struct eii_child *child = conv->child;
	int64_t used_us = eii_process_cpu_us(&child->process) - conv->mark_cpu_us;
	bool is_big = job->mail.len > BIG_BYTES || child->answer.body_bytes > BIG_BYTES;

	if (child->n_answered >= conv->options.replace_after || used_us > SLOW_MAIL_US)
		conv->is_retiring = true;
	else if ((is_big || child->n_answered % LOOK_EVERY == 0) && has_grown(conv))
		conv->is_retiring = true;
	if (child->n_answered + SPARE_AHEAD >= conv->options.replace_after && !conv->spare.pid)
		/* When this fails, the replacement itself will say so. */
		(void)!eii_process_start(conv->program, conv->options.address_space_bytes,
					 &conv->spare, NULL);
}

/* Once the child has answered all it was given. */
static void retire_child(struct eii_converter *conv)
{
	const struct eii_job *head = eii_jobs_head(&conv->jobs);

	if (!conv->is_retiring || (head && head->sent > 0))
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
	finish_job(conv, job, fields);
	consider_retiring(conv, job);
	start_clock(conv, now_ms);
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
		return fail_found(conv, EII_FALLBACK_MEMORY, &why, now_ms, err);
	case EII_CHILD_NONSENSE:
		return fail_found(conv, EII_FALLBACK_NONSENSE, &why, now_ms, err);
	case EII_CHILD_ENDED:
		return fail_ended(conv, now_ms, err);
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
	start_clock(conv, now_ms);
}

static enum eii_rc serve_child(struct eii_converter *conv, int64_t now_ms, struct eii_error *err)
{
	bool has_more = true;

	while (has_more && has_child(conv)) {
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
		if (!has_child(conv) && now_ms >= conv->start_due_ms)
			rc = begin_child(conv, now_ms, err);
		if (rc || !has_child(conv))
			return rc;
		rc = serve_child(conv, now_ms, err);
		if (rc)
			return rc;
		if (!has_child(conv))
			continue;
		rc = check_clock(conv, now_ms, err);
		if (!rc && has_child(conv))
			return check_start(conv, now_ms, err);
		if (rc)
			return rc;
	}
	return EII_OK;
}

void eii_converter_poll(struct eii_converter *conv, struct pollfd *out, int64_t *out_deadline_ms)
{
	const struct eii_jobs *jobs = &conv->jobs;
	bool may_send = conv->child->is_ready && !conv->is_retiring;

	*out = (struct pollfd){ .fd = conv->child->process.fd, .events = POLLIN };
	*out_deadline_ms = INT64_MAX;
	conv->polled_ms = eii_clock_monotonic_ms();
	if (!conv->is_wanted)
		return;
	if (!has_child(conv) || !conv->child->is_ready) {
		*out_deadline_ms = conv->start_due_ms;
		return;
	}
	if (may_send && jobs->n_sent < jobs->n)
		out->events |= POLLOUT;
	*out_deadline_ms = conv->look_ms;
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

	eii_buf_init(&head, EII_WIRE_REQUEST_HEAD_BYTES + EII_WIRE_TYPES_MAX_BYTES);
	rc = eii_wire_request_encode(0, EII_CONVERT_FULL, &conv->options.settings, 0, &head, err);
	eii_buf_clear(&head);
	return rc;
}

enum eii_rc eii_converter_start(struct eii_converter *conv, struct eii_error *err)
{
	enum eii_rc rc = try_settings(conv, err);

	if (rc)
		return rc;
	conv->is_wanted = true;
	if (!has_child(conv))
		conv->start_due_ms = 0;
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
