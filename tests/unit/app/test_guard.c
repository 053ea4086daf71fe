/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/guard.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "eii/base/log.h"
#include "eii/monitor/health.h"
#include "support.h"

#define S INT64_C(1000)

/* What is asked of the guard in a process of its own: its exit status, and what it wrote. */
struct outcome {
	int status;
	char log[1024];
};

#define LOG_MS 1000

typedef void guarded(struct eii_guard *guard, struct eii_stats *stats);

static void set_stderr(int fd)
{
	if (dup2(fd, STDERR_FILENO) < 0)
		_exit(99);
}

/* As the daemon does: who logs waits for nobody. */
static void start_log(void)
{
	pthread_t thread;

	eii_log_defer();
	if (pthread_create(&thread, NULL, eii_log_run, NULL) || pthread_detach(thread))
		_exit(99);
}

static struct outcome run(guarded *body, int reader, int writer)
{
	struct outcome outcome = { 0 };
	pid_t pid = fork();
	ssize_t n;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct eii_guard guard = { 0 };
		struct eii_stats stats = { 0 };

		set_stderr(writer);
		eii_log_init(EII_LOG_INFO, EII_LOG_JSON, "test");
		start_log();
		body(&guard, &stats);
		(void)eii_log_finish(LOG_MS);
		_exit(EX_OK);
	}
	(void)close(writer);
	assert_int_equal(waitpid(pid, &outcome.status, 0), pid);
	n = read(reader, outcome.log, sizeof(outcome.log) - 1);
	outcome.log[n > 0 ? n : 0] = '\0';
	(void)close(reader);
	return outcome;
}

static struct outcome run_guarded(guarded *body)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	return run(body, fds[0], fds[1]);
}

/* Checks as often as the daemon does, from the first instant without a sign of life. */
static void check_often(struct eii_guard *guard, struct eii_stats *stats, int n)
{
	int64_t now_ms = EII_HEALTH_STUCK_S * S;

	for (int i = 0; i < n; i++)
		eii_guard_check(guard, stats, now_ms + (int64_t)i * EII_GUARD_CHECK_MS);
}

static void almost(struct eii_guard *guard, struct eii_stats *stats)
{
	check_often(guard, stats, EII_GUARD_CHECKS - 1);
}

static void stuck(struct eii_guard *guard, struct eii_stats *stats)
{
	check_often(guard, stats, EII_GUARD_CHECKS);
}

static void thawed(struct eii_guard *guard, struct eii_stats *stats)
{
	almost(guard, stats);
	stats->heart_beat_ms = 2 * EII_HEALTH_STUCK_S * S;
	stats->fetch_beat_ms = 2 * EII_HEALTH_STUCK_S * S;
	stats->queue_beat_ms = 2 * EII_HEALTH_STUCK_S * S;
	stats->platform_beat_ms = 2 * EII_HEALTH_STUCK_S * S;
	stats->reports_beat_ms = 2 * EII_HEALTH_STUCK_S * S;
	eii_guard_check(guard, stats, 2 * EII_HEALTH_STUCK_S * S);
	stats->heart_beat_ms = 0;
	eii_guard_check(guard, stats, 3 * EII_HEALTH_STUCK_S * S);
}

static void asked_too_often(struct eii_guard *guard, struct eii_stats *stats)
{
	for (int i = 0; i < 100; i++)
		eii_guard_check(guard, stats, EII_HEALTH_STUCK_S * S + i);
}

static void test_guard__ends_what_stands_still_and_says_so(void **state)
{
	struct outcome outcome = run_guarded(stuck);

	(void)state;
	assert_true(WIFEXITED(outcome.status));
	assert_int_equal(WEXITSTATUS(outcome.status), EX_SOFTWARE);
	assert_non_null(strstr(outcome.log, "\"event\":\"app.stuck\""));
	assert_non_null(strstr(outcome.log, "\"thread\":\"heart\""));
}

static void test_guard__waits_for_checks_in_a_row(void **state)
{
	static guarded *const bodies[] = { almost, thawed, asked_too_often };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		struct outcome outcome = run_guarded(bodies[i]);

		CHECK(outcome.status == 0, "%zu: %d %s", i, outcome.status, outcome.log);
		CHECK(outcome.log[0] == '\0', "%zu: %s", i, outcome.log);
	}
}

/* Nobody reads the log, and its pipe is full: that must not hold the end up. */
static void test_guard__ends_also_when_the_log_hangs(void **state)
{
	static char zeros[4096];
	struct outcome outcome;
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	while (write(fds[1], zeros, sizeof(zeros)) > 0)
		;
	assert_int_equal(fcntl(fds[1], F_SETFL, 0), 0);
	outcome = run(stuck, fds[0], fds[1]);
	assert_true(WIFEXITED(outcome.status));
	assert_int_equal(WEXITSTATUS(outcome.status), EX_SOFTWARE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guard__ends_what_stands_still_and_says_so),
		cmocka_unit_test(test_guard__waits_for_checks_in_a_row),
		cmocka_unit_test(test_guard__ends_also_when_the_log_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
