/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strike LOG CALLS WHAT NUMBER -- PROGRAM ARGUMENT...: runs a program and strikes at the NUMBERth
 * of its system calls, counted over all its threads.
 *
 * CALLS: outgoing (connect, and on sockets send*, write*, shutdown, close), any (besides, what
 * reads, waits, opens) or one by its name. WHAT: count, kill, term (SIGTERM before the call, which
 * goes on) or the number of an errno that the call gives instead. A shutdown or close that fails
 * has still been done, as the kernel does it. Each counted call is a line of LOG.
 *
 * Processes that the program starts are followed, because the filter is theirs as well, but their
 * calls are not counted. Ends as the program does: 128 + n for signal n. x86-64 only.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST_ARGUMENT 6 /* of the program's */
#define OPTIONS                                                                                    \
	(PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |  \
	 PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD)

enum what { COUNT, KILL, TERM, FAIL };

struct call {
	long number;
	const char *name;
	bool is_outgoing;
	bool is_for_sockets; /* counted on a socket only */
};

static const struct call calls[] = {
	{ SYS_connect, "connect", true, true },    { SYS_sendto, "sendto", true, true },
	{ SYS_sendmsg, "sendmsg", true, true },    { SYS_sendmmsg, "sendmmsg", true, true },
	{ SYS_write, "write", true, true },        { SYS_writev, "writev", true, true },
	{ SYS_shutdown, "shutdown", true, true },  { SYS_close, "close", true, true },
	{ SYS_read, "read", false, false },        { SYS_readv, "readv", false, false },
	{ SYS_recvfrom, "recvfrom", false, true }, { SYS_recvmsg, "recvmsg", false, true },
	{ SYS_poll, "poll", false, false },        { SYS_ppoll, "ppoll", false, false },
	{ SYS_socket, "socket", false, false },    { SYS_openat, "openat", false, false },
	{ SYS_mmap, "mmap", false, false },        { SYS_clone3, "clone3", false, false },
	{ SYS_futex, "futex", false, false },
};
#define N_CALLS (sizeof(calls) / sizeof(calls[0]))

struct strike {
	FILE *log;
	const char *calls;
	enum what what;
	int error;
	unsigned long at, seen;
	pid_t program;
	pid_t failing; /* the thread whose call shall fail at its end, 0 = none */
};

static void give_up(const char *what)
{
	perror(what);
	exit(125);
}

static bool is_chosen(const struct strike *strike, const struct call *call)
{
	if (!strcmp(strike->calls, "any"))
		return true;
	if (!strcmp(strike->calls, "outgoing"))
		return call->is_outgoing;
	return !strcmp(strike->calls, call->name);
}

/* ---- the program's side ------------------------------------------------------ */

static void install_filter(const struct strike *strike)
{
	struct sock_filter code[2 * N_CALLS + 2];
	struct sock_fprog program = { .filter = code };
	unsigned short n = 0;

	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < N_CALLS; i++) {
		if (!is_chosen(strike, &calls[i]))
			continue;
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							 (unsigned)calls[i].number, 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program.len = n;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		give_up("seccomp");
}

static void begin_program(const struct strike *strike, char **command) __attribute__((noreturn));
static void begin_program(const struct strike *strike, char **command)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (ptrace(PTRACE_TRACEME, 0, 0, 0))
		give_up("ptrace");
	(void)raise(SIGSTOP);
	install_filter(strike);
	(void)execv(command[0], command);
	give_up(command[0]);
	_exit(125);
}

/* ---- ours --------------------------------------------------------------------- */

static const struct call *find_call(const struct strike *strike, long number)
{
	for (size_t i = 0; i < N_CALLS; i++) {
		if (calls[i].number == number && is_chosen(strike, &calls[i]))
			return &calls[i];
	}
	return NULL;
}

static bool is_socket(pid_t pid, unsigned long fd)
{
	char path[64], target[16] = "";

	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%lu", pid, fd);
	return readlink(path, target, sizeof(target) - 1) > 0 && !strncmp(target, "socket:", 7);
}

static bool is_of_program(const struct strike *strike, pid_t tid)
{
	return syscall(SYS_tgkill, strike->program, tid, 0) == 0;
}

static void fail_call(struct strike *strike, pid_t tid, struct user_regs_struct *regs)
{
	if (regs->orig_rax == SYS_close || regs->orig_rax == SYS_shutdown) {
		strike->failing = tid;
		return;
	}
	regs->orig_rax = ~0ull;
	regs->rax = (unsigned long long)-strike->error;
	(void)ptrace(PTRACE_SETREGS, tid, 0, regs);
}

static void finish_failing(struct strike *strike, pid_t tid)
{
	struct user_regs_struct regs;

	strike->failing = 0;
	if (ptrace(PTRACE_GETREGS, tid, 0, &regs))
		return;
	regs.rax = (unsigned long long)-strike->error;
	(void)ptrace(PTRACE_SETREGS, tid, 0, &regs);
}

static void judge_call(struct strike *strike, pid_t tid)
{
	struct user_regs_struct regs;
	const struct call *call;

	if (!is_of_program(strike, tid) || ptrace(PTRACE_GETREGS, tid, 0, &regs))
		return;
	call = find_call(strike, (long)regs.orig_rax);
	if (!call || (call->is_for_sockets && !is_socket(tid, regs.rdi)))
		return;
	strike->seen++;
	(void)fprintf(strike->log, "%lu %s %ld\n", strike->seen, call->name, (long)regs.rdi);
	if (strike->seen != strike->at)
		return;
	if (strike->what == KILL)
		(void)kill(strike->program, SIGKILL);
	else if (strike->what == TERM)
		(void)kill(strike->program, SIGTERM);
	else if (strike->what == FAIL)
		fail_call(strike, tid, &regs);
}

/* Gives the signal that the thread shall get with its next step. */
static int judge_stop(struct strike *strike, pid_t tid, int status)
{
	int number = WSTOPSIG(status);

	if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_SECCOMP << 8))) {
		judge_call(strike, tid);
		return 0;
	}
	if (number == (SIGTRAP | 0x80)) {
		if (strike->failing == tid)
			finish_failing(strike, tid);
		return 0;
	}
	/* Events, and the first stop of a new thread. */
	if (status >> 16 || number == SIGSTOP)
		return 0;
	return number;
}

static int follow(struct strike *strike)
{
	for (;;) {
		int status = 0;
		pid_t tid = waitpid(-1, &status, __WALL);
		int number;

		if (tid < 0)
			return 125;
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			if (tid != strike->program)
				continue;
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		}
		number = judge_stop(strike, tid, status);
		(void)ptrace(strike->failing == tid ? PTRACE_SYSCALL : PTRACE_CONT, tid, 0, number);
	}
}

static bool parse(struct strike *strike, int argc, char **argv)
{
	const char *what = argc > FIRST_ARGUMENT ? argv[3] : "";

	if (argc <= FIRST_ARGUMENT || strcmp(argv[5], "--") != 0)
		return false;
	strike->calls = argv[2];
	strike->error = (int)strtol(what, NULL, 10);
	strike->what = strike->error               ? FAIL
		       : strcmp(what, "kill") == 0 ? KILL
		       : strcmp(what, "term") == 0 ? TERM
						   : COUNT;
	strike->at = strtoul(argv[4], NULL, 10);
	strike->log = fopen(argv[1], "we");
	return strike->log;
}

int main(int argc, char **argv)
{
	struct strike strike = { 0 };
	int status;

	if (!parse(&strike, argc, argv)) {
		(void)fprintf(stderr,
			      "usage: strike LOG CALLS WHAT NUMBER -- PROGRAM ARGUMENT...\n");
		return 125;
	}
	strike.program = fork();
	if (strike.program < 0)
		give_up("fork");
	if (strike.program == 0)
		begin_program(&strike, argv + FIRST_ARGUMENT);
	if (waitpid(strike.program, &status, 0) < 0 ||
	    ptrace(PTRACE_SETOPTIONS, strike.program, 0, OPTIONS) ||
	    ptrace(PTRACE_CONT, strike.program, 0, 0))
		give_up("ptrace");
	status = follow(&strike);
	if (fclose(strike.log))
		return 125;
	return status;
}
