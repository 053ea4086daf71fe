/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/publish.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/base/log.h"
#include "publish_private.h"

struct eii_publish *eii_publish_new(const struct eii_publish_options *options)
{
	struct eii_publish *p = EII_NEW(struct eii_publish);
	struct eii_backoff backoff = { .first_ms = options->first_wait_ms,
				       .max_ms = options->max_wait_ms };

	p->options = *options;
	p->done_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	p->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (p->done_fd < 0 || p->wake_fd < 0)
		abort();
	p->cursor = eii_cursor_new();
	p->ring = eii_ring_new();
	p->link_backoff = backoff;
	p->nack_backoff = backoff;
	p->next_number = 1;
	p->oldest = 1;
	p->next_conversion = 1;
	return p;
}

void eii_publish_free(struct eii_publish *p)
{
	if (!p)
		return;
	eii_publish_drop_line(p);
	eii_cursor_free(p->cursor);
	eii_ring_free(p->ring);
	eii_ring_free(p->run_ring);
	free(p->work_id);
	(void)close(p->done_fd);
	(void)close(p->wake_fd);
	free(p);
}

void eii_publish_wake(struct eii_publish *p)
{
	(void)eventfd_write(p->wake_fd, 1);
}

int eii_publish_done_fd(const struct eii_publish *p)
{
	return p->done_fd;
}

enum eii_rc eii_publish_result(const struct eii_publish *p, struct eii_error *out)
{
	if (out)
		*out = p->result_error;
	return p->result;
}

/* ---- the schedule ------------------------------------------------------ */

/* Sleeps until the next run, a wake-up, a reset or a stop; keeps all else going. */
static void wait_for_next(struct eii_publish *p, int64_t wait_ms)
{
	int64_t until = eii_clock_monotonic_ms() + wait_ms;
	eventfd_t ignored;

	p->trouble = TROUBLE_NONE;
	p->is_idle = true;
	atomic_store(&p->options.stats->next_run_ms, until);
	while (p->trouble == TROUBLE_NONE && eii_clock_left_ms(until) > 0) {
		eii_publish_wait(p, until);
		if (eventfd_read(p->wake_fd, &ignored) == 0)
			break;
	}
	atomic_store(&p->options.stats->next_run_ms, 0);
	p->is_idle = false;
}

/*
 * Here, because the kernel ends a child with the thread that started it. One that
 * cannot be started now is tried again when there is a mail for it.
 */
static void start_converter(struct eii_publish *p)
{
	struct eii_converter_info info = { 0 };
	struct eii_error err;

	if (eii_converter_start(p->options.converter, &err)) {
		EII_LOG(ERROR, "converter.not_started", "The converter cannot be started",
			EII_STR("reason", err.text), EII_STR("next", "retry"));
		return;
	}
	(void)eii_converter_info(p->options.converter, &info);
	EII_LOG(INFO, "converter.started", "Converter started in its jail",
		EII_U64("landlock_abi", info.landlock_abi),
		EII_U64("missing_charsets", info.missing_charsets));
	if (info.is_relaxed)
		EII_LOG_PLAINLY(ERROR, "converter.relaxed",
				"The converter's jail is relaxed: this build is for tests only");
	else if (!info.landlock_abi)
		EII_LOG_PLAINLY(WARN, "converter.no_landlock",
				"This kernel has no landlock; the rest of the jail holds");
}

static void tell_schedule(struct eii_publish *p, int64_t last_run_s, int64_t next_run_s)
{
	p->told.last_run_s = last_run_s;
	p->told.next_run_s = next_run_s;
	eii_publish_tell(p);
}

static void end_with(struct eii_publish *p, enum eii_rc rc)
{
	p->result = rc;
	p->result_error = p->trouble_error;
}

static const char *words_for(enum eii_error_kind kind)
{
	switch (kind) {
	case EII_ERROR_CREDENTIALS:
		return "A server refuses the sign-in that worked before; trying again";
	case EII_ERROR_UNREACHABLE:
		return "A server cannot be reached; trying again";
	case EII_ERROR_CONFIG:
		return "A setting that worked before no longer does; trying again";
	case EII_ERROR_OTHER:
	case EII_ERROR_STOPPED:
		break;
	}
	return "The run failed; trying again";
}

struct schedule {
	struct eii_backoff backoff;
	unsigned n_failures;
};

/* How long to wait after a run; negative: the thread ends. */
static int64_t after_run(struct eii_publish *p, struct schedule *schedule, enum run_result result)
{
	bool once = p->options.mode == EII_PUBLISH_ONCE;
	uint32_t wait;

	switch (result) {
	case RUN_DONE:
		schedule->n_failures = 0;
		eii_backoff_succeeded(&schedule->backoff);
		/* A run that paused for its whole period has left mails behind. */
		if (p->trouble == TROUBLE_NONE)
			atomic_store(&p->options.stats->last_success_s, eii_clock_unix_s());
		return once ? -1 : (int64_t)p->options.period_s * 1000;
	case RUN_AGAIN:
		/* A server that renumbers at each look must not make a busy loop. */
		return eii_backoff_next(&schedule->backoff);
	case RUN_STOPPED:
		return -1;
	case RUN_FATAL:
		end_with(p, EII_FATAL);
		return -1;
	case RUN_FAILED:
		break;
	}
	EII_COUNT(p->options.stats, n_failed_runs);
	/* Queue or converter have had their tries within the run. */
	if (once &&
	    (p->trouble == TROUBLE_GAVE_UP || ++schedule->n_failures >= p->options.max_tries)) {
		end_with(p, EII_RETRY);
		return -1;
	}
	wait = eii_backoff_next(&schedule->backoff);
	EII_LOG(ERROR, "run.failed", words_for(p->trouble_error.kind),
		EII_STR("reason", p->trouble_error.text), EII_STR("next", "retry"),
		EII_U64("delay_ms", wait));
	return wait;
}

void *eii_publish_run(void *arg)
{
	struct eii_publish *p = arg;
	struct schedule schedule = { .backoff = { .first_ms = p->options.first_wait_ms,
						  .max_ms = p->options.max_wait_ms } };

	start_converter(p);
	while (!eii_publish_is_stopping(p)) {
		int64_t started_s = eii_clock_unix_s();
		enum run_result result;
		int64_t wait_ms;

		atomic_store(&p->options.stats->activity, EII_ACTIVITY_RUNNING);
		result = eii_publish_one_run(p);
		atomic_store(&p->options.stats->activity, EII_ACTIVITY_IDLE);
		wait_ms = after_run(p, &schedule, result);
		if (wait_ms < 0)
			break;
		tell_schedule(p, started_s, eii_clock_unix_s() + wait_ms / 1000);
		wait_for_next(p, wait_ms);
	}
	atomic_store(&p->options.stats->activity, EII_ACTIVITY_STOPPED);
	(void)eventfd_write(p->done_fd, 1);
	return NULL;
}
