/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/guard.h"

#include <signal.h>
#include <sysexits.h>
#include <unistd.h>

#include "eii/base/log.h"
#include "eii/monitor/health.h"

#define LAST_WORDS_S 5

static void end_now(int number)
{
	(void)number;
	_exit(EX_SOFTWARE);
}

/* What the thread hangs in may be the log itself, when nobody reads it: not for ever. */
static void bound_last_words(void)
{
	struct sigaction action = { .sa_handler = end_now };

	(void)sigaction(SIGALRM, &action, NULL);
	(void)alarm(LAST_WORDS_S);
}

void eii_guard_check(struct eii_guard *guard, const struct eii_stats *stats, int64_t now_ms)
{
	const char *thread;

	if (now_ms < guard->due_ms)
		return;
	guard->due_ms = now_ms + EII_GUARD_CHECK_MS;
	thread = eii_health_stuck(stats, now_ms);
	guard->n_stuck = thread ? guard->n_stuck + 1 : 0;
	if (guard->n_stuck < EII_GUARD_CHECKS)
		return;
	bound_last_words();
	EII_LOG(ERROR, "app.stuck",
		"A thread stands still: ending, so that the process is started anew",
		EII_STR("thread", thread), EII_U64("for_at_least_s", EII_HEALTH_STUCK_S),
		EII_STR("next", "exit"), EII_I64("exit_code", EX_SOFTWARE));
	_exit(EX_SOFTWARE);
}
