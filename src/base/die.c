/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/die.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#define LINE_BYTES   256
#define LAST_WORD_MS 1000

static size_t add(char line[LINE_BYTES], size_t len, const char *text)
{
	size_t n = strnlen(text, LINE_BYTES - 1 - len);

	memcpy(line + len, text, n);
	return len + n;
}

void eii_die(const char *what, int error)
{
	struct pollfd fd = { .fd = STDERR_FILENO, .events = POLLOUT };
	char line[LINE_BYTES];
	size_t len = add(line, 0, "email-intel-imap: cannot go on: ");
	ssize_t n;

	len = add(line, len, what);
	if (error) {
		const char *text = strerrordesc_np(error);

		len = add(line, len, ": ");
		len = add(line, len, text ? text : "unknown error");
	}
	line[len++] = '\n';
	if (poll(&fd, 1, LAST_WORD_MS) == 1) {
		n = write(STDERR_FILENO, line, len);
		(void)n;
	}
	_exit(EX_OSERR);
}

/* Passwords and mails are in it: no dump of a crash, and nothing that reads it from beside. */
static void keep_memory_private(void)
{
#ifndef EII_SANITIZED /* the leak checker reads it from beside */
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

void eii_surroundings_init(void)
{
	int fd;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	keep_memory_private();
	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		(void)close(fd);
}
