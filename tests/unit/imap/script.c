/* SPDX-License-Identifier: Apache-2.0 */
#include "script.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "support.h"

struct script {
	const char *const *steps;
	int fd;
	uint16_t port;
	pthread_t thread;
	char wrong[1024]; /* what the client said instead, "" = nothing */
};

static bool transmit(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static void receive_line(int fd, char *out, size_t capacity)
{
	size_t len = 0;
	char c;

	while (recv(fd, &c, 1, 0) == 1 && c != '\n') {
		if (len + 1 < capacity && c != '\r')
			out[len++] = c;
	}
	out[len] = '\0';
}

static void drain(int fd)
{
	char bytes[4096];

	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		;
}

static bool transmit_with_nuls(int fd, const char *text)
{
	EII_AUTO_STR bytes = eii_strdup(text);

	for (size_t i = 0; text[i]; i++) {
		if (text[i] == '%')
			bytes[i] = '\0';
	}
	return transmit(fd, bytes, strlen(text));
}

static void flood(int fd, const char *text)
{
	char many[65536];
	size_t len = strlen(text), n = sizeof(many) / len * len;

	for (size_t i = 0; i < n; i += len)
		memcpy(many + i, text, len);
	while (transmit(fd, many, n))
		;
}

static bool follow(struct script *script, int fd, const char *step)
{
	char line[4096];

	switch (step[0]) {
	case '<':
		return transmit(fd, step + 1, strlen(step + 1)) && transmit(fd, "\r\n", 2);
	case '=':
		return transmit(fd, step + 1, strlen(step + 1));
	case '#':
		drain(fd);
		return false;
	case '%':
		return transmit_with_nuls(fd, step + 1);
	case '^':
		flood(fd, step + 1);
		return false;
	default:
		receive_line(fd, line, sizeof(line));
		if (strcmp(line, step + 1) == 0)
			return true;
		(void)snprintf(script->wrong, sizeof(script->wrong), "'%.400s', not '%.400s'", line,
			       step + 1);
		return false;
	}
}

static void *run(void *arg)
{
	struct script *script = arg;
	int fd = accept(script->fd, NULL, NULL), on = 1;

	/* A line and its end leave one after the other, and not when the first is confirmed. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	for (size_t i = 0; fd >= 0 && script->steps[i]; i++) {
		if (!follow(script, fd, script->steps[i]))
			break;
	}
	/* What the client still says must not make the kernel reset the connection. */
	(void)shutdown(fd, SHUT_WR);
	drain(fd);
	(void)close(fd);
	return NULL;
}

struct script *script_start(const char *const *steps)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct script *script = EII_NEW(struct script);
	socklen_t size = sizeof(address);

	(void)signal(SIGPIPE, SIG_IGN);
	script->steps = steps;
	script->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(script->fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(script->fd, 1), 0);
	assert_int_equal(getsockname(script->fd, (struct sockaddr *)&address, &size), 0);
	script->port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&script->thread, NULL, run, script), 0);
	return script;
}

enum eii_rc script_give_secret(void *arg, enum eii_imap_secret_need need, char **out,
			       struct eii_error *err)
{
	struct script_secrets *secrets = arg;

	secrets->n_asked++;
	if (need == EII_IMAP_SECRET_FRESH && !secrets->fresh)
		return eii_fail_kind(err, EII_RETRY, EII_ERROR_UNREACHABLE,
				     "token endpoint: connection lost");
	*out = eii_strdup(need == EII_IMAP_SECRET_FRESH ? secrets->fresh : secrets->first);
	return EII_OK;
}

static enum eii_rc give_password(void *arg, enum eii_imap_secret_need need, char **out,
				 struct eii_error *err)
{
	(void)arg;
	(void)need;
	(void)err;
	*out = eii_strdup("p");
	return EII_OK;
}

struct eii_imap_options script_options(const struct script *script)
{
	return (struct eii_imap_options){ .host = "127.0.0.1",
					  .port = script->port,
					  .tls = EII_IMAP_TLS_NONE,
					  .user = "u",
					  .secret = give_password,
					  .literal_max = 1024 * 1024,
					  .open_timeout_ms = SCRIPT_LONG_MS,
					  .timeout_ms = SCRIPT_LONG_MS };
}

int script_stop(struct script *script)
{
	bool is_right;

	(void)pthread_join(script->thread, NULL);
	(void)close(script->fd);
	is_right = !script->wrong[0];
	if (!is_right)
		print_error("the client said %s\n", script->wrong);
	free(script);
	return is_right;
}

struct eii_imap *script_open(const struct script *script, uint32_t timeout_ms)
{
	struct eii_imap_options options = script_options(script);
	struct eii_error err = { 0 };
	struct eii_imap *imap = NULL;

	options.timeout_ms = timeout_ms;
	CHECK(eii_imap_open(&options, &imap, &err) == EII_OK, "%s", err.text);
	return imap;
}

struct eii_imap *script_open_folder(const struct script *script, uint32_t timeout_ms)
{
	struct eii_imap *imap = script_open(script, timeout_ms);
	struct eii_imap_folder folder;
	struct eii_error err = { 0 };

	CHECK(eii_imap_examine(imap, "INBOX", &folder, &err) == EII_OK, "%s", err.text);
	return imap;
}
