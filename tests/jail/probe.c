/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jail-probe NAME TARGET_PID PATH: closes the real jail around itself, then
 * tries one way out and says on descriptor 3 what came of it: "out" or the
 * number of the error. A system call that the jail does not know ends it.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "eii/base/text.h"
#include "eii/jail/jail.h"
#include "landlock.h"

#define CHANNEL_FD          3
#define ADDRESS_SPACE_BYTES (256u * 1024 * 1024)

struct target {
	pid_t pid;
	const char *path; /* of a file that does not exist, in a folder that can be written */
};

/* Each attempt returns what its call did: negative with errno set where it failed. */
typedef long (*attempt)(const struct target *target);

static long open_file(const struct target *target)
{
	(void)target;
	return open("/etc/passwd", O_RDONLY);
}

static long open_proc(const struct target *target)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/environ", (int)target->pid);
	return open(path, O_RDONLY);
}

static long open_memory(const struct target *target)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)target->pid);
	return open(path, O_RDWR);
}

static long create_file(const struct target *target)
{
	return open(target->path, O_CREAT | O_WRONLY, 0600);
}

static long look_at_file(const struct target *target)
{
	struct stat st;

	(void)target;
	return stat("/etc/passwd", &st);
}

static long look_at_descriptor(const struct target *target)
{
	struct stat st;

	(void)target;
	/* What fstat() is depends on the C library. */
	return syscall(SYS_fstat, 0, &st);
}

static long make_folder(const struct target *target)
{
	return mkdir(target->path, 0700);
}

static long unlink_file(const struct target *target)
{
	return unlink(target->path);
}

static long open_by_openat2(const struct target *target)
{
	uint64_t how[3] = { O_RDONLY, 0, 0 };

	(void)target;
	return syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", how, sizeof(how));
}

static long make_socket(const struct target *target)
{
	(void)target;
	return socket(AF_INET, SOCK_STREAM, 0);
}

static long make_unix_socket(const struct target *target)
{
	(void)target;
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static long connect_channel(const struct target *target)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(80) };

	(void)target;
	return connect(CHANNEL_FD, (struct sockaddr *)&address, sizeof(address));
}

static long receive_descriptor(const struct target *target)
{
	struct msghdr message = { 0 };

	(void)target;
	return recvmsg(CHANNEL_FD, &message, 0);
}

static long send_descriptor(const struct target *target)
{
	struct msghdr message = { 0 };

	(void)target;
	return sendmsg(CHANNEL_FD, &message, 0);
}

static long fork_process(const struct target *target)
{
	(void)target;
	return fork();
}

static long start_thread(const struct target *target)
{
	(void)target;
	return syscall(SYS_clone, CLONE_VM | CLONE_THREAD | CLONE_SIGHAND, NULL, NULL, NULL, 0);
}

static long start_by_clone3(const struct target *target)
{
	uint64_t arguments[8] = { 0 };

	(void)target;
	return syscall(SYS_clone3, arguments, sizeof(arguments));
}

static long run_program(const struct target *target)
{
	char name[] = "true";
	char *const argv[] = { name, NULL };

	(void)target;
	return execv("/bin/true", argv);
}

static long trace_parent(const struct target *target)
{
	return ptrace(PTRACE_ATTACH, target->pid, NULL, NULL);
}

static long kill_parent(const struct target *target)
{
	return kill(target->pid, SIGKILL);
}

static long kill_by_pidfd(const struct target *target)
{
	return syscall(SYS_pidfd_open, target->pid, 0);
}

static long read_memory_of_parent(const struct target *target)
{
	char byte;
	struct iovec here = { &byte, 1 };
	struct iovec there = { &here, 1 };

	return process_vm_readv(target->pid, &here, 1, &there, 1, 0);
}

static long limit_parent(const struct target *target)
{
	struct rlimit none = { 0, 0 };

	return prlimit(target->pid, RLIMIT_CPU, &none, NULL);
}

static long raise_own_limit(const struct target *target)
{
	struct rlimit more = { RLIM_INFINITY, RLIM_INFINITY };

	(void)target;
	return setrlimit(RLIMIT_CPU, &more);
}

static long map(int protection, int flags, int fd)
{
	return mmap(NULL, 4096, protection, flags, fd, 0) == MAP_FAILED ? -1 : 0;
}

static long map_code(const struct target *target)
{
	(void)target;
	return map(PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static long map_file(const struct target *target)
{
	(void)target;
	return map(PROT_READ, MAP_PRIVATE, CHANNEL_FD);
}

static long make_code(const struct target *target)
{
	static char page[4096] __attribute__((aligned(4096)));

	(void)target;
	return mprotect(page, sizeof(page), PROT_READ | PROT_EXEC);
}

static long copy_descriptor(const struct target *target)
{
	(void)target;
	return dup(CHANNEL_FD);
}

static long read_other_descriptor(const struct target *target)
{
	char byte;

	(void)target;
	return read(0, &byte, 1);
}

static long write_other_descriptor(const struct target *target)
{
	(void)target;
	return write(2, "out\n", 4);
}

static long close_channel(const struct target *target)
{
	(void)target;
	return close(CHANNEL_FD);
}

static long catch_signal(const struct target *target)
{
	(void)target;
	return signal(SIGXCPU, SIG_IGN) == SIG_ERR ? -1 : 0;
}

static long change_itself(const struct target *target)
{
	(void)target;
	return prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
}

static long control_channel(const struct target *target)
{
	(void)target;
	return ioctl(CHANNEL_FD, FIONREAD, NULL);
}

static long make_memory_file(const struct target *target)
{
	(void)target;
	return memfd_create("x", 0);
}

static long use_io_uring(const struct target *target)
{
	(void)target;
	return syscall(SYS_io_uring_setup, 1, NULL);
}

static long use_bpf(const struct target *target)
{
	(void)target;
	return syscall(SYS_bpf, 0, NULL, 0);
}

static long wait_on_futex(const struct target *target)
{
	static int word;

	(void)target;
	return syscall(SYS_futex, &word, 0 /* FUTEX_WAIT */, 1, NULL, NULL, 0);
}

static long wipe_pages(const struct target *target)
{
	static char page[4096] __attribute__((aligned(4096)));

	(void)target;
	return madvise(page, sizeof(page), MADV_REMOVE);
}

static long set_timer(const struct target *target)
{
	(void)target;
	return (long)alarm(1);
}

static long leave_namespace(const struct target *target)
{
	(void)target;
	return unshare(CLONE_NEWUSER);
}

static long call_as_32_bit(const struct target *target)
{
	(void)target;
#ifdef __x86_64__
	long result;

	/* open() is call 5 there: a filter that looks at numbers alone would be fooled. */
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(5L), "b"(0L), "c"(0L), "d"(0L)
			 : "memory");
	return result;
#else
	return syscall(SYS_getpid);
#endif
}

static long call_as_x32(const struct target *target)
{
	(void)target;
	return syscall(0x40000000L | SYS_getpid);
}

/* These are part of the work, and must go on. */
static long use_memory(const struct target *target)
{
	const size_t big = 8u * 1024 * 1024;
	char *memory = malloc(big);

	(void)target;
	if (!memory)
		return -1;
	memset(memory, 1, big);
	memory = realloc(memory, 2 * big);
	free(memory);
	return memory ? 0 : -1;
}

static long use_too_much_memory(const struct target *target)
{
	char *memory = malloc(ADDRESS_SPACE_BYTES);

	(void)target;
	if (!memory)
		return -1;
	free(memory);
	return 0;
}

static const struct {
	const char *name;
	attempt try;
} attempts[] = {
	{ "open-file", open_file },
	{ "open-proc", open_proc },
	{ "open-memory", open_memory },
	{ "create-file", create_file },
	{ "look-at-file", look_at_file },
	{ "look-at-descriptor", look_at_descriptor },
	{ "make-folder", make_folder },
	{ "unlink-file", unlink_file },
	{ "openat2", open_by_openat2 },
	{ "socket", make_socket },
	{ "unix-socket", make_unix_socket },
	{ "connect", connect_channel },
	{ "receive-descriptor", receive_descriptor },
	{ "send-descriptor", send_descriptor },
	{ "fork", fork_process },
	{ "thread", start_thread },
	{ "clone3", start_by_clone3 },
	{ "exec", run_program },
	{ "ptrace", trace_parent },
	{ "kill", kill_parent },
	{ "pidfd", kill_by_pidfd },
	{ "read-parent", read_memory_of_parent },
	{ "limit-parent", limit_parent },
	{ "raise-limit", raise_own_limit },
	{ "map-code", map_code },
	{ "map-file", map_file },
	{ "make-code", make_code },
	{ "dup", copy_descriptor },
	{ "read-other", read_other_descriptor },
	{ "write-other", write_other_descriptor },
	{ "close", close_channel },
	{ "signal", catch_signal },
	{ "prctl", change_itself },
	{ "ioctl", control_channel },
	{ "memory-file", make_memory_file },
	{ "io-uring", use_io_uring },
	{ "bpf", use_bpf },
	{ "futex-wait", wait_on_futex },
	{ "madvise", wipe_pages },
	{ "timer", set_timer },
	{ "namespace", leave_namespace },
	{ "32-bit", call_as_32_bit },
	{ "x32", call_as_x32 },
	{ "memory", use_memory },
	{ "too-much-memory", use_too_much_memory },
};

static int say(const char *text)
{
	return write(CHANNEL_FD, text, strlen(text)) < 0;
}

static int say_result(long result, int error)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%d", error);
	return say(result < 0 ? text : "out");
}

/* Landlock alone, to see that it holds without seccomp in front of it. */
static int try_behind_landlock(attempt try, const struct target *target)
{
	struct eii_error err;
	uint32_t abi = 0;
	long result;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || eii_landlock_restrict(&abi, &err))
		return say("not closed");
	if (abi == 0)
		return say("none");
	result = try(target);
	return say_result(result, errno);
}

static int try_jailed(attempt try, const struct target *target)
{
	const struct eii_jail_options options = { CHANNEL_FD, ADDRESS_SPACE_BYTES };
	struct eii_jail_status status;
	struct eii_error err;
	long result;

	if (eii_jail_close(&options, &status, &err))
		return say(err.text);
	errno = 0;
	result = try(target);
	return say_result(result, errno);
}

/* Sits in the jail until its channel or its parent ends. */
static int wait_jailed(void)
{
	const struct eii_jail_options options = { CHANNEL_FD, 0 };
	struct eii_jail_status status;
	struct eii_error err;
	char byte;

	if (eii_jail_close(&options, &status, &err) || say("ready"))
		return EXIT_FAILURE;
	return read(CHANNEL_FD, &byte, 1) < 0;
}

int main(int argc, char **argv)
{
	struct target target;
	uint64_t pid = 0;

	if (argc != 4 || !eii_text_to_u64(eii_text_of(argv[2]), INT32_MAX, &pid))
		return EXIT_FAILURE;
	target = (struct target){ .pid = (pid_t)pid, .path = argv[3] };
	if (strcmp(argv[1], "wait") == 0)
		return wait_jailed();
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		if (strcmp(argv[1], attempts[i].name) == 0)
			return try_jailed(attempts[i].try, &target);
		if (strncmp(argv[1], "landlock:", 9) == 0 &&
		    strcmp(argv[1] + 9, attempts[i].name) == 0)
			return try_behind_landlock(attempts[i].try, &target);
	}
	return EXIT_FAILURE;
}
