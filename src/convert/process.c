/* SPDX-License-Identifier: Apache-2.0 */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "eii/base/cleanup.h"
#include "eii/base/text.h"

#define CHILD_FD        3
#define FIRST_FREE_FD   10 /* ours are moved above what the child's get */
#define FD_SCAN_MAX     65536
#define STACK_BYTES     ((rlim_t)8 * 1024 * 1024) /* the same wherever it runs */
#define NUMBER_TEXT_MAX 24

/* All that the child needs between vfork() and exec, made before. */
struct launch {
	const char *program;
	char *const *argv;
	int socket;
	int null;
	volatile int failure; /* errno of the child, which shares our memory until its exec */
};

/* Only what is async-signal-safe from here to exec. */
static void close_from(int first)
{
	struct rlimit limit = { FD_SCAN_MAX, FD_SCAN_MAX };

	if (close_range((unsigned)first, ~0u, 0) == 0)
		return;
	/* A kernel before 5.9, or an outer filter. */
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur > FD_SCAN_MAX)
		limit.rlim_cur = FD_SCAN_MAX;
	for (int fd = first; fd < (int)limit.rlim_cur; fd++)
		(void)close(fd);
}

static bool place_descriptors(const struct launch *launch)
{
	if (dup2(launch->socket, CHILD_FD) < 0)
		return false;
	if (dup2(launch->null, STDIN_FILENO) < 0 || dup2(launch->null, STDOUT_FILENO) < 0)
		return false;
#ifndef EII_SANITIZED /* whose reports go to standard error */
	if (dup2(launch->null, STDERR_FILENO) < 0)
		return false;
#endif
	close_from(CHILD_FD + 1);
	return true;
}

/*
 * Signals that a terminal or a service manager sends to all processes of a
 * group are for the connector; the child ends when its descriptor does.
 */
static void ignore_signals(void)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	sigset_t none;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		(void)signal(ignored[i], SIG_IGN);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void run_child(struct launch *launch) __attribute__((noreturn));
static void run_child(struct launch *launch)
{
	static char locale[] = "LC_ALL=C.UTF-8";
	char *const environment[] = { locale, NULL };
	struct rlimit stack;

	ignore_signals();
	if (getrlimit(RLIMIT_STACK, &stack) == 0) {
		stack.rlim_cur = stack.rlim_max < STACK_BYTES ? stack.rlim_max : STACK_BYTES;
		(void)setrlimit(RLIMIT_STACK, &stack);
	}
	if (place_descriptors(launch))
		(void)execve(launch->program, launch->argv, environment);
	launch->failure = errno;
	_exit(127);
}

/* Nothing interrupts the child while it runs in our memory. */
static pid_t spawn(struct launch *launch)
{
	sigset_t all, before;
	pid_t pid;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	/*
	 * Not posix_spawn(), which cannot set the limit of the stack, nor fork(), which
	 * copies page tables. The child calls what is async-signal-safe only.
	 */
	pid = vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork) */
	if (pid == 0)
		run_child(launch); /* NOLINT(clang-analyzer-unix.Vfork) */
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pid;
}

static int move_up(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);

	(void)close(fd);
	return moved;
}

static enum eii_rc launch_child(const char *program, uint64_t address_space_bytes, int socket,
				pid_t *out, struct eii_error *err)
{
	static char name[] = "email-intel-imap-converter";
	char number[NUMBER_TEXT_MAX];
	char *const argv[] = { name, number, NULL };
	EII_AUTO_FD null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct launch launch = { .program = program, .argv = argv, .socket = socket };
	pid_t pid;

	if (null >= 0)
		null = move_up(null);
	if (null < 0)
		return eii_fail(err, EII_RETRY, "open /dev/null for the converter: %s",
				strerror(errno));
	/* The usual mistakes, said without a child: tools like valgrind make a fork of vfork(). */
	if (access(program, X_OK))
		return eii_fail(err, EII_RETRY, "start the converter %s: %s", program,
				strerror(errno));
	launch.null = null;
	(void)snprintf(number, sizeof(number), "%" PRIu64, address_space_bytes);
	pid = spawn(&launch);
	if (pid < 0)
		return eii_fail(err, EII_RETRY, "start the converter: %s", strerror(errno));
	if (launch.failure) {
		(void)waitpid(pid, NULL, 0);
		return eii_fail(err, EII_RETRY, "start the converter %s: %s", program,
				strerror(launch.failure));
	}
	*out = pid;
	return EII_OK;
}

/* Our end does not block, theirs has a number above the child's. */
static bool make_pair(int *out_ours, int *out_theirs)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return false;
	*out_ours = pair[0];
	*out_theirs = move_up(pair[1]);
	if (*out_theirs >= 0 && fcntl(pair[0], F_SETFL, O_NONBLOCK) == 0)
		return true;
	(void)close(pair[0]);
	return false;
}

enum eii_rc eii_process_start(const char *program, uint64_t address_space_bytes,
			      struct eii_process *out, struct eii_error *err)
{
	struct eii_process process = { .fd = -1 };
	EII_AUTO_FD theirs = -1;
	enum eii_rc rc;

	if (!make_pair(&process.fd, &theirs))
		return eii_fail(err, EII_RETRY, "a socket pair for the converter: %s",
				strerror(errno));
	rc = launch_child(program, address_space_bytes, theirs, &process.pid, err);
	if (rc) {
		(void)close(process.fd);
		return rc;
	}
	(void)clock_getcpuclockid(process.pid, &process.cpu_clock);
	*out = process;
	return EII_OK;
}

struct eii_process_end eii_process_finish(struct eii_process *process)
{
	struct eii_process_end end = { 0 };
	struct rusage usage = { 0 };
	pid_t got;

	/* A process that has begun to end keeps the status of its own end. */
	(void)kill(process->pid, SIGKILL);
	do {
		got = wait4(process->pid, &end.status, 0, &usage);
	} while (got < 0 && errno == EINTR);
	(void)close(process->fd);
	end.peak_bytes = (uint64_t)usage.ru_maxrss * 1024;
	*process = (struct eii_process){ .fd = -1 };
	return end;
}

int64_t eii_process_cpu_us(const struct eii_process *process)
{
	struct timespec used = { 0 };

	if (clock_gettime(process->cpu_clock, &used))
		return 0;
	return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

uint64_t eii_process_resident_bytes(const struct eii_process *process)
{
	char text[128];
	const char *word;
	uint64_t pages = 0;
	EII_AUTO_FD fd = -1;
	ssize_t n;

	(void)snprintf(text, sizeof(text), "/proc/%d/statm", (int)process->pid);
	fd = open(text, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	/* The second of the numbers, in pages. */
	word = strchr(text, ' ');
	if (!word ||
	    !eii_text_to_u64(eii_text(word + 1, strcspn(word + 1, " ")), UINT32_MAX, &pages))
		return 0;
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void eii_process_guard_cpu(struct eii_process *process, int64_t used_us, uint32_t cpu_s)
{
	int64_t allowance_us = (int64_t)cpu_s * 1000000;
	struct rlimit limit;

	/* One call serves for many mails; between two looks small ones may use 1.6 s. */
	if (process->cpu_limit_us - used_us > allowance_us + 3000000)
		return;
	process->cpu_limit_us = used_us + 3 * allowance_us + 3000000;
	limit.rlim_cur = (rlim_t)(process->cpu_limit_us / 1000000);
	limit.rlim_max = RLIM_INFINITY;
	(void)prlimit(process->pid, RLIMIT_CPU, &limit, NULL);
}
