/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "eii/base/log.h"
#include "log_queue.h"
#include "support.h"

#define PATIENCE_MS 60000
#define TEXT_BYTES  2000 /* of a line's text, more than a pipe holds of 100 of them */

static int saved_stderr = -1;
static int ends[2] = { -1, -1 };
static pthread_t writer;

/* Standard error goes into a pipe that nobody reads yet. */
static int redirect(void **state)
{
	(void)state;
	if (pipe2(ends, O_CLOEXEC))
		return -1;
	saved_stderr = dup(STDERR_FILENO);
	if (dup2(ends[1], STDERR_FILENO) < 0)
		return -1;
	eii_log_init(EII_LOG_INFO, EII_LOG_PLAIN, "n");
	eii_log_defer();
	return pthread_create(&writer, NULL, eii_log_run, NULL);
}

static int restore(void **state)
{
	(void)state;
	(void)dup2(saved_stderr, STDERR_FILENO);
	(void)close(saved_stderr);
	(void)close(ends[0]);
	(void)close(ends[1]);
	return 0;
}

static void log_lines(size_t n)
{
	static char text[TEXT_BYTES + 1];

	memset(text, 'x', TEXT_BYTES);
	for (size_t i = 0; i < n; i++)
		EII_LOG(INFO, "e", "m", EII_U64("i", i), EII_STR("text", text));
}

/* Reads until the words come, and gives the number of lines up to there. */
static size_t read_up_to(const char *words)
{
	static char piece[65536];
	size_t n_lines = 0, held = 0;

	for (;;) {
		ssize_t n = read(ends[0], piece + held, sizeof(piece) - held - 1);
		const char *found;
		char *last;

		assert_true(n > 0);
		held += (size_t)n;
		piece[held] = '\0';
		found = strstr(piece, words);
		for (const char *p = piece; *p && (!found || p < found); p++)
			n_lines += *p == '\n';
		if (found)
			return n_lines;
		/* The line that is not whole yet is read on. */
		last = strrchr(piece, '\n');
		if (!last)
			continue;
		held = strlen(last + 1);
		memmove(piece, last + 1, held + 1);
	}
}

/* What came after the words is read away until the writer has come to its end. */
static void join_writer(void)
{
	static char piece[65536];

	while (pthread_tryjoin_np(writer, NULL)) {
		struct pollfd fd = { .fd = ends[0], .events = POLLIN };

		if (poll(&fd, 1, 10) > 0)
			(void)!read(ends[0], piece, sizeof(piece));
	}
}

static void test_log_queue__who_logs_waits_for_no_reader(void **state)
{
	(void)state;
	/* Far more than pipe and queue hold: comes to its end all the same. */
	log_lines(4 * EII_LOG_QUEUE_BYTES / TEXT_BYTES);
	/* Nobody reads: the end is not waited for longer than was said. */
	assert_false(eii_log_finish(1));
	/* What the queue has comes out, then how much is lost. */
	assert_true(read_up_to("\"event\":\"log.dropped\",\"lines\":") >=
		    EII_LOG_QUEUE_BYTES / (TEXT_BYTES + 100));
	join_writer();
}

static void test_log_queue__last_words_come_out(void **state)
{
	(void)state;
	log_lines(3);
	eii_log_terminal("words for a person");
	assert_true(eii_log_finish(PATIENCE_MS));
	assert_int_equal(read_up_to("words for a person"), 3);
	(void)pthread_join(writer, NULL);
	/* From here on who logs writes. */
	EII_LOG_PLAINLY(INFO, "e", "direct");
	assert_int_equal(read_up_to("INFO:n:direct"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_log_queue__who_logs_waits_for_no_reader,
						redirect, restore),
		cmocka_unit_test_setup_teardown(test_log_queue__last_words_come_out, redirect,
						restore),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
