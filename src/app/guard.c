/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/guard.h"

#include <sysexits.h>
#include <unistd.h>

#include "eii/base/log.h"
#include "eii/monitor/health.h"

#define LAST_WORDS_MS 1000

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
	EII_LOG(ERROR, "app.stuck",
		"A thread stands still: ending, so that the process is started anew",
		EII_STR("thread", thread), EII_U64("for_at_least_s", EII_HEALTH_STUCK_S),
		EII_STR("next", "exit"), EII_I64("exit_code", EX_SOFTWARE));
	(void)eii_log_finish(LAST_WORDS_MS);
	_exit(EX_SOFTWARE);
}
