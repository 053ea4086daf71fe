/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tries to leave the real jail (probe.c), one way after the other, and looks
 * at the real converter from outside.
 */
#include "eii/jail/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "eii/convert/converter.h"
#include "support.h"

#define PATIENCE_MS 10000

struct outcome {
	int status; /* of waitpid() */
	char said[128];
};

static void exec_probe(const char *name, const char *pid, const char *path, int channel)
	__attribute__((noreturn));
static void exec_probe(const char *name, const char *pid, const char *path, int channel)
{
	if (channel != 3) {
		(void)dup2(channel, 3);
		(void)close(channel);
	}
	(void)execl(EII_JAIL_PROBE, "jail-probe", name, pid, path, (char *)NULL);
	_exit(127);
}

/* Reads what it says until it ends. */
static void listen_to(int fd, char *out, size_t size)
{
	size_t n = 0;
	ssize_t got;

	do {
		got = read(fd, out + n, size - 1 - n);
		if (got > 0)
			n += (size_t)got;
	} while (got > 0 && n < size - 1);
	out[n] = '\0';
}

static struct outcome probe(const char *name, const char *path)
{
	struct outcome outcome = { 0 };
	char pid_text[24];
	int pair[2];
	pid_t pid;

	(void)snprintf(pid_text, sizeof(pid_text), "%d", (int)getpid());
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	pid = fork();
	if (pid == 0) {
		(void)close(pair[0]);
		exec_probe(name, pid_text, path, pair[1]);
	}
	(void)close(pair[1]);
	listen_to(pair[0], outcome.said, sizeof(outcome.said));
	(void)close(pair[0]);
	assert_int_equal(waitpid(pid, &outcome.status, 0), pid);
	return outcome;
}

/* The name of a file that nothing may create. */
static char *forbidden_path(void)
{
	const char *folder = getenv("TMPDIR");

	return eii_asprintf("%s/eii-jail-%d", folder ? folder : "/tmp", (int)getpid());
}

static void test_jail__ends_whoever_tries_to_leave(void **state)
{
	static const char *const names[] = {
		"make-folder",
		"unlink-file",
		"openat2",
		"socket",
		"unix-socket",
		"connect",
		"receive-descriptor",
		"send-descriptor",
		"fork",
		"thread",
		"clone3",
		"exec",
		"ptrace",
		"kill",
		"pidfd",
		"read-parent",
		"limit-parent",
		"raise-limit",
		"map-code",
		"map-file",
		"make-code",
		"dup",
		"read-other",
		"write-other",
		"close",
		"signal",
		"prctl",
		"ioctl",
		"memory-file",
		"io-uring",
		"bpf",
		"futex-wait",
		"madvise",
		"timer",
		"namespace",
		"32-bit",
#ifdef __x86_64__
		"x32",
#endif
	};
	EII_AUTO_STR path = forbidden_path();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct outcome outcome = probe(names[i], path);

		CHECK(WIFSIGNALED(outcome.status) && WTERMSIG(outcome.status) == SIGSYS,
		      "%s: status %x, said '%s'", names[i], (unsigned)outcome.status, outcome.said);
		CHECK(!outcome.said[0], "%s said '%s'", names[i], outcome.said);
		CHECK(access(path, F_OK) != 0, "%s made %s", names[i], path);
	}
}

static void test_jail__has_no_files(void **state)
{
	static const char *const names[] = { "open-file",   "open-proc",    "open-memory",
					     "create-file", "look-at-file", "look-at-descriptor" };
	EII_AUTO_STR path = forbidden_path();
	EII_AUTO_STR absent = eii_asprintf("%d", ENOENT);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct outcome outcome = probe(names[i], path);

#ifndef __x86_64__
		/* stat() is another call on other machines: ended instead of told. */
		if (WIFSIGNALED(outcome.status) && WTERMSIG(outcome.status) == SIGSYS)
			continue;
#endif
		CHECK(strcmp(outcome.said, absent) == 0, "%s: status %x, said '%s'", names[i],
		      (unsigned)outcome.status, outcome.said);
		CHECK(access(path, F_OK) != 0, "%s made %s", names[i], path);
	}
}

static void test_jail__leaves_memory_up_to_the_limit(void **state)
{
	EII_AUTO_STR no_memory = eii_asprintf("%d", ENOMEM);
	struct outcome some = probe("memory", "");
	struct outcome much = probe("too-much-memory", "");

	(void)state;
	assert_string_equal(some.said, "out");
	assert_string_equal(much.said, no_memory);
}

static void test_jail__landlock_holds_without_seccomp(void **state)
{
	static const char *const names[] = { "landlock:open-file", "landlock:create-file",
					     "landlock:open-memory" };
	EII_AUTO_STR path = forbidden_path();
	EII_AUTO_STR denied = eii_asprintf("%d", EACCES);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct outcome outcome = probe(names[i], path);

		if (strcmp(outcome.said, "none") == 0)
			skip();
		CHECK(strcmp(outcome.said, denied) == 0, "%s said '%s'", names[i], outcome.said);
		CHECK(access(path, F_OK) != 0, "%s made %s", names[i], path);
	}
}

static bool ends_in_time(int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	char byte;

	return poll(&wait, 1, PATIENCE_MS) == 1 && read(fd, &byte, 1) == 0;
}

/* The channel's other end stays open here: only the death signal can end it. */
static void test_jail__dies_with_its_parent(void **state)
{
	char word[6] = { 0 };
	int pair[2];
	pid_t parent;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	parent = fork();
	if (parent == 0) {
		if (fork() == 0)
			exec_probe("wait", "1", "", pair[1]);
		(void)close(pair[1]);
		(void)pause();
		_exit(0);
	}
	(void)close(pair[1]);
	assert_int_equal(recv(pair[0], word, 5, MSG_WAITALL), 5);
	assert_string_equal(word, "ready");
	(void)kill(parent, SIGKILL);
	assert_int_equal(waitpid(parent, NULL, 0), parent);
	assert_true(ends_in_time(pair[0]));
	(void)close(pair[0]);
}

/* ---- the real converter, from outside --------------------------------------- */

static struct eii_converter *converter_of(const char *program)
{
	const struct eii_converter_options options = { .program = program };

	return eii_converter_new(&options);
}

/* The value of a line "Name:\tvalue" of /proc/PID/status. */
static void read_status(int pid, const char *name, char *out, size_t size)
{
	EII_AUTO_STR path = eii_asprintf("/proc/%d/status", pid);
	FILE *file = fopen(path, "re");
	size_t n = strlen(name);
	char line[256];

	assert_non_null(file);
	out[0] = '\0';
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, name, n) == 0 && line[n] == ':')
			(void)snprintf(out, size, "%s", line + n + 2);
	}
	(void)fclose(file);
	out[strcspn(out, "\n")] = '\0';
}

static void test_jail__is_closed_around_the_converter(void **state)
{
	static const struct {
		const char *name;
		const char *value;
	} rows[] = { { "Seccomp", "2" }, { "NoNewPrivs", "1" }, { "Threads", "1" } };
	EII_AUTO(eii_converter) conv = converter_of(EII_CONVERTER_PROGRAM);
	struct eii_converter_info info;
	struct eii_error err = { 0 };

	(void)state;
	CHECK(eii_converter_start(conv, &err) == EII_OK, "%s", err.text);
	assert_true(eii_converter_info(conv, &info));
	assert_false(info.is_relaxed);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char value[64];

		read_status(eii_converter_pid(conv), rows[i].name, value, sizeof(value));
		CHECK(strcmp(value, rows[i].value) == 0, "%s is '%s'", rows[i].name, value);
	}
}

static void test_jail__converter_is_given_nothing_of_the_connector(void **state)
{
	EII_AUTO(eii_converter) conv = converter_of(EII_JAIL_WITNESS);
	EII_AUTO_FD secret = open("/etc/passwd", O_RDONLY); /* not closed on exec */
	EII_AUTO_FD high = fcntl(secret, F_DUPFD, 200);     /* neither is this one */
	struct eii_error err = { 0 };
	sigset_t blocked;

	(void)state;
	assert_true(secret >= 0 && high >= 0);
	assert_int_equal(setenv("EMAIL_INTEL_IMAP_PASSWORD", "secret", 1), 0);
	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &blocked, NULL);
	assert_int_equal(eii_converter_start(conv, &err), EII_RETRY);
	CHECK(strstr(err.text, "arguments: 2 536870912 "
			       "descriptors: 0 1 2 3 "
			       "variables: LC_ALL=C.UTF-8 "
			       "stack: 8 interrupt: ignored blocked: no"),
	      "%s", err.text);
	(void)sigprocmask(SIG_UNBLOCK, &blocked, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jail__ends_whoever_tries_to_leave),
		cmocka_unit_test(test_jail__has_no_files),
		cmocka_unit_test(test_jail__leaves_memory_up_to_the_limit),
		cmocka_unit_test(test_jail__landlock_holds_without_seccomp),
		cmocka_unit_test(test_jail__dies_with_its_parent),
		cmocka_unit_test(test_jail__is_closed_around_the_converter),
		cmocka_unit_test(test_jail__converter_is_given_nothing_of_the_connector),
	};

#ifdef EII_SANITIZED
	/* The jail is relaxed in such a build: nothing to try. */
	return 77;
#endif
	return cmocka_run_group_tests(tests, NULL, NULL);
}
