/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/die.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "support.h"

#define TEXT_BYTES 512

/* A child that dies of it; what it said comes into out. Returns its status. */
static int die(const char *what, int error, char out[TEXT_BYTES])
{
	int fds[2], status = 0;
	size_t len = 0;
	ssize_t n;
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)dup2(fds[1], STDERR_FILENO);
		eii_die(what, error);
	}
	(void)close(fds[1]);
	while ((n = read(fds[0], out + len, TEXT_BYTES - 1 - len)) > 0)
		len += (size_t)n;
	out[len] = '\0';
	(void)close(fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void test_die__says_what_is_missing_in_one_line(void **state)
{
	char long_text[300], out[TEXT_BYTES];
	int status = die("memory", ENOMEM, out);

	(void)state;
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EX_OSERR);
	assert_string_equal(out,
			    "email-intel-imap: cannot go on: memory: Cannot allocate memory\n");
	(void)die("libcurl", 0, out);
	assert_string_equal(out, "email-intel-imap: cannot go on: libcurl\n");
	(void)die("a thread", 100000, out);
	assert_string_equal(out, "email-intel-imap: cannot go on: a thread: unknown error\n");
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	(void)die(long_text, ENOMEM, out);
	assert_int_equal(strlen(out), 256);
	assert_int_equal(out[255], '\n');
}

static void test_die__does_not_wait_for_a_reader_that_does_not_read(void **state)
{
	char page[4096] = { 0 };
	int fds[2], status = 0;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	while (write(fds[1], page, sizeof(page)) > 0)
		;
	assert_int_equal(fcntl(fds[1], F_SETFL, 0), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)dup2(fds[1], STDERR_FILENO);
		(void)alarm(5);
		eii_die("memory", ENOMEM);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EX_OSERR);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

/* In a child, whose streams are its own. */
static void close_streams_and_look(unsigned closed)
{
	int fd;

	for (int i = 0; i < 3; i++) {
		if (closed & (1u << i))
			(void)close(i);
	}
	eii_surroundings_init();
	for (int i = 0; i < 3; i++) {
		if (fcntl(i, F_GETFD) < 0)
			_exit(1);
	}
	fd = open("/dev/null", O_RDONLY);
	if (fd <= STDERR_FILENO)
		_exit(2);
	if (raise(SIGPIPE) || raise(SIGXFSZ))
		_exit(3);
	_exit(0);
}

static void test_die__opens_what_is_closed_of_the_standard_streams(void **state)
{
	(void)state;
	for (unsigned closed = 0; closed < 8; closed++) {
		int status = 0;
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0)
			close_streams_and_look(closed);
		assert_int_equal(waitpid(child, &status, 0), child);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "closed %u: %d", closed,
		      status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_die__says_what_is_missing_in_one_line),
		cmocka_unit_test(test_die__does_not_wait_for_a_reader_that_does_not_read),
		cmocka_unit_test(test_die__opens_what_is_closed_of_the_standard_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
