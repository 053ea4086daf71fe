/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for the converter program and tells, in the words of a refusal,
 * what the connector has handed to it: variables, descriptors, stack, signals.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "eii/fields/wire.h"

#define CHANNEL_FD 3
#define FD_MAX     1024

static void describe_descriptors(struct eii_buf *out)
{
	eii_buf_add_str(out, " descriptors:");
	for (int fd = 0; fd < FD_MAX; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			eii_buf_addf(out, " %d", fd);
	}
}

static void describe_environment(struct eii_buf *out)
{
	eii_buf_add_str(out, " variables:");
	for (char **variable = environ; *variable; variable++)
		eii_buf_addf(out, " %s", *variable);
}

static void describe_limits(struct eii_buf *out)
{
	struct rlimit stack = { 0 };
	struct sigaction action = { 0 };
	sigset_t mask;

	(void)getrlimit(RLIMIT_STACK, &stack);
	(void)sigaction(SIGINT, NULL, &action);
	(void)sigemptyset(&mask);
	(void)sigprocmask(SIG_BLOCK, NULL, &mask);
	eii_buf_addf(out, " stack: %llu", (unsigned long long)stack.rlim_cur / (1024 * 1024));
	eii_buf_addf(out, " interrupt: %s", action.sa_handler == SIG_IGN ? "ignored" : "taken");
	eii_buf_addf(out, " blocked: %s", sigismember(&mask, SIGUSR1) ? "yes" : "no");
}

int main(int argc, char **argv)
{
	struct eii_buf text, wire;
	struct eii_buf_sink sink;
	struct eii_error err;
	ssize_t n;

	eii_buf_init(&text, EII_WIRE_FAILURE_MAX_BYTES);
	eii_buf_init(&wire, 2 * EII_WIRE_FAILURE_MAX_BYTES);
	eii_buf_sink_init(&sink, &wire);
	eii_buf_addf(&text, "arguments: %d %s", argc, argc > 1 ? argv[1] : "");
	describe_descriptors(&text);
	describe_environment(&text);
	describe_limits(&text);
	if (eii_wire_failure_write(0, eii_buf_text(&text), &sink.base, &err))
		return EXIT_FAILURE;
	n = write(CHANNEL_FD, wire.data, wire.len);
	eii_buf_clear(&text);
	eii_buf_clear(&wire);
	return n > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
