/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "converter_private.h"
#include "eii/base/utf8.h"

#define START_DELAY_MS     1000 /* after a failed start, doubled each time */
#define START_DELAY_MAX_MS 10000
#define WALL_FACTOR        10 /* a throttled container is not the mail's fault */
#define LOOK_AGAIN_MS      100
#define MARK_EVERY         16   /* mails after which its CPU clock is read in any case */
#define SHORT_LIFE_MS      1000 /* a child that ends sooner, unasked, has not really started */

enum eii_rc eii_failure_of_start(struct eii_converter *conv, int64_t now_ms, struct eii_error *err)
{
	int64_t delay_ms = START_DELAY_MAX_MS;

	if (conv->n_failed_starts < 4) /* 1 s << 3 is the last below the maximum */
		delay_ms = START_DELAY_MS << conv->n_failed_starts;
	conv->n_failed_starts++;
	conv->start_due_ms = now_ms + delay_ms;
	return eii_fail_in(err, EII_RETRY, "the converter cannot be started");
}

/* ---- the fallback chain ------------------------------------------------------- */

/* What became of the child, and whether somebody else did it. */
struct verdict {
	enum eii_fallback reason;
	bool is_from_outside; /* killed by neither us nor itself */
	struct eii_error why;
};

/* The head goes one step down: once more, its headers only, nothing. */
static void step_down(struct eii_converter *conv, const struct verdict *verdict)
{
	struct eii_job *job = eii_jobs_head(&conv->jobs);
	struct eii_text why = eii_text_of(verdict->why.text);
	bool was_first = conv->child->n_answered == 0;

	if (!job->was_retried && (!was_first || verdict->is_from_outside)) {
		job->was_retried = true;
		return;
	}
	/* The first reason is the one to tell; a scan's failure is rarely of interest. */
	if (!job->reason)
		job->reason = verdict->reason;
	if (!job->detail[0])
		(void)snprintf(job->detail, sizeof(job->detail), "%.*s",
			       (int)eii_utf8_cut(why, sizeof(job->detail) - 1), why.data);
	if (job->mode == EII_CONVERT_SCAN) {
		eii_converter_finish_head(conv, eii_fields_new());
		return;
	}
	job->mode = EII_CONVERT_SCAN;
	job->was_retried = false;
	eii_converter_write_head(conv, job);
}

/* The child has failed and is gone. EII_RETRY: it did so at its start. */
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
		step_down(conv, verdict);
	eii_jobs_unsend(&conv->jobs);
	conv->start_due_ms = now_ms;
	if (is_blamed || !was_first || now_ms - conv->begun_ms > SHORT_LIFE_MS)
		return EII_OK;
	(void)eii_fail(err, EII_RETRY, "%s", verdict->why.text);
	return eii_failure_of_start(conv, now_ms, err);
}

/* Reads the cause from how the process ended. */
static void judge_end(const struct eii_converter *conv, struct eii_process_end end,
		      struct verdict *out)
{
	bool is_big = end.peak_bytes > conv->options.address_space_bytes / 4;
	int signal_number = WIFSIGNALED(end.status) ? WTERMSIG(end.status) : 0;

	*out = (struct verdict){ .reason = EII_FALLBACK_CRASHED };
	if (!signal_number) {
		if (WEXITSTATUS(end.status) == EX_OSERR)
			out->reason = EII_FALLBACK_MEMORY; /* eii_memory_is_gone() */
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
		       (unsigned long long)(end.peak_bytes >> 20));
}

enum eii_rc eii_failure_ended(struct eii_converter *conv, int64_t now_ms, struct eii_error *err)
{
	struct verdict verdict;

	judge_end(conv, eii_child_finish(conv->child), &verdict);
	return handle_failure(conv, &verdict, now_ms, err);
}

/* A failure that we have found ourselves; the child may be in any state. */
enum eii_rc eii_failure_found(struct eii_converter *conv, enum eii_fallback reason,
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

static void mark_cpu(struct eii_converter *conv, int64_t now_ms)
{
	conv->mark_cpu_us = eii_process_cpu_us(&conv->child->process);
	conv->has_mark = true;
	conv->mark_ms = now_ms;
	conv->look_ms = now_ms + (int64_t)conv->options.cpu_s * 1000;
	eii_process_guard_cpu(&conv->child->process, conv->mark_cpu_us, conv->options.cpu_s);
}

/* Most mails are over before anybody looks, and cost no call. */
void eii_failure_start_clock(struct eii_converter *conv, int64_t now_ms)
{
	const struct eii_job *head = eii_jobs_head(&conv->jobs);

	if (conv->look_ms != INT64_MAX || !head || head->sent == 0)
		return;
	conv->wall_ms = 0;
	conv->has_mark = false;
	conv->look_ms = now_ms + LOOK_AGAIN_MS;
	if (conv->child->n_answered % MARK_EVERY == 0)
		mark_cpu(conv, now_ms);
}

enum eii_rc eii_failure_check_clock(struct eii_converter *conv, int64_t now_ms,
				    struct eii_error *err)
{
	int64_t limit_ms = (int64_t)conv->options.cpu_s * 1000;
	int64_t used_ms, left_ms;
	struct eii_error why;

	if (now_ms < conv->look_ms)
		return EII_OK;
	if (!conv->has_mark) {
		mark_cpu(conv, now_ms);
		return EII_OK;
	}
	used_ms = (eii_process_cpu_us(&conv->child->process) - conv->mark_cpu_us) / 1000;
	left_ms = min64(limit_ms - used_ms, limit_ms * WALL_FACTOR - conv->wall_ms);
	if (left_ms > 0) {
		conv->look_ms = now_ms + (left_ms > LOOK_AGAIN_MS ? left_ms : LOOK_AGAIN_MS);
		return EII_OK;
	}
	(void)eii_fail(&why, EII_REJECT,
		       "the converter had used %lld ms of CPU in %lld ms, %lld ms are allowed",
		       (long long)used_ms, (long long)conv->wall_ms, (long long)limit_ms);
	return eii_failure_found(conv, EII_FALLBACK_TIMED_OUT, &why, now_ms, err);
}

enum eii_rc eii_failure_check_start(struct eii_converter *conv, int64_t now_ms,
				    struct eii_error *err)
{
	struct eii_error why;

	if (conv->child->is_ready || now_ms < conv->start_due_ms)
		return EII_OK;
	(void)eii_fail(&why, EII_RETRY, "it was not ready within %d s",
		       EII_CONVERTER_START_TIMEOUT_MS / 1000);
	return eii_failure_found(conv, EII_FALLBACK_TIMED_OUT, &why, now_ms, err);
}
