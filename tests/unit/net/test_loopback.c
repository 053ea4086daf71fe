/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/net/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "eii/base/clock.h"
#include "support.h"

#define WAIT_MS 10000

static int call(const struct eii_loopback *loopback, const char *text)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				       .sin_port = htons(eii_loopback_port(loopback)) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	return fd;
}

/* All that came until the end, and closes it. */
static const char *answer_of(int fd)
{
	static char text[1024];
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len < sizeof(text) - 1) {
		n = recv(fd, text + len, sizeof(text) - 1 - len, 0);
		len += n > 0 ? (size_t)n : 0;
	}
	text[len] = '\0';
	(void)close(fd);
	return text;
}

static enum eii_loopback_event await(struct eii_loopback *loopback, int input_fd,
				     struct eii_text *out)
{
	return eii_loopback_wait(loopback, input_fd, eii_clock_monotonic_ms() + WAIT_MS, out);
}

static void test_loopback__gives_the_target_and_answers(void **state)
{
	EII_AUTO(eii_loopback) loopback = NULL;
	struct eii_text target;
	const char *answer;
	int fd;

	(void)state;
	assert_int_equal(eii_loopback_new(&loopback, NULL), EII_OK);
	fd = call(loopback, "GET /?code=c&state=s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
	assert_int_equal(await(loopback, -1, &target), EII_LOOPBACK_REQUEST);
	assert_true(eii_text_equal(target, eii_text_of("/?code=c&state=s")));
	eii_loopback_answer(loopback, "200 OK", "Done.\n");
	answer = answer_of(fd);
	assert_int_equal(strncmp(answer, "HTTP/1.1 200 OK\r\n", 17), 0);
	assert_non_null(strstr(answer, "\r\n\r\nDone.\n"));
	assert_non_null(strstr(answer, "\r\nContent-Length: 6\r\n"));
}

static void test_loopback__silent_connections_hold_up_nobody(void **state)
{
	EII_AUTO(eii_loopback) loopback = NULL;
	int silent[EII_LOOPBACK_OPEN_MAX + 1];
	struct eii_text target;
	int fd;

	(void)state;
	assert_int_equal(eii_loopback_new(&loopback, NULL), EII_OK);
	for (size_t i = 0; i < ARRAY_LEN(silent); i++)
		silent[i] = call(loopback, "GET");
	fd = call(loopback, "GET /a HTTP/1.1\r\n\r\n");
	assert_int_equal(await(loopback, -1, &target), EII_LOOPBACK_REQUEST);
	assert_true(eii_text_equal(target, eii_text_of("/a")));
	/* Nobody answered it: the next wait does. */
	assert_int_equal(eii_loopback_wait(loopback, -1, 0, &target), EII_LOOPBACK_TIMEOUT);
	assert_int_equal(strncmp(answer_of(fd), "HTTP/1.1 404 ", 13), 0);
	for (size_t i = 0; i < ARRAY_LEN(silent); i++)
		(void)close(silent[i]);
}

static void test_loopback__refuses_what_is_no_get(void **state)
{
	static const char *const cases[] = {
		"POST / HTTP/1.1\r\n\r\n", "GET http://x/ HTTP/1.1\r\n\r\n",
		"GET /\r\n\r\n",           "\r\n",
		"\x16\x03\x01\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO(eii_loopback) loopback = NULL;
		struct eii_text target;
		int fds[2];
		int fd;

		assert_int_equal(eii_loopback_new(&loopback, NULL), EII_OK);
		fd = call(loopback, cases[i]);
		/* A request behind it shows that it is over. */
		fds[0] = call(loopback, "GET /next HTTP/1.1\r\n\r\n");
		CHECK(await(loopback, -1, &target) == EII_LOOPBACK_REQUEST, "%s", cases[i]);
		CHECK(eii_text_equal(target, eii_text_of("/next")), "%s", cases[i]);
		CHECK(strncmp(answer_of(fd), "HTTP/1.1 405 ", 13) == 0, "%s", cases[i]);
		(void)close(fds[0]);
	}
}

static int call_long(const struct eii_loopback *loopback, size_t len)
{
	static char line[EII_LOOPBACK_LINE_MAX + 1];

	memset(line, 'a', len);
	memcpy(line, "GET /", 5);
	memcpy(line + len - 10, " HTTP/1.1\n", 10);
	line[len] = '\0';
	return call(loopback, line);
}

static void test_loopback__reads_a_line_up_to_its_limit(void **state)
{
	static char endless[EII_LOOPBACK_LINE_MAX + 1];
	EII_AUTO(eii_loopback) loopback = NULL;
	struct eii_text target;
	int fd, next;

	(void)state;
	assert_int_equal(eii_loopback_new(&loopback, NULL), EII_OK);
	fd = call_long(loopback, EII_LOOPBACK_LINE_MAX);
	assert_int_equal(await(loopback, -1, &target), EII_LOOPBACK_REQUEST);
	assert_int_equal(target.len, EII_LOOPBACK_LINE_MAX - 4 - 10);
	(void)close(fd);
	memset(endless, 'a', EII_LOOPBACK_LINE_MAX);
	fd = call(loopback, endless);
	next = call(loopback, "GET /next HTTP/1.1\r\n\r\n");
	assert_int_equal(await(loopback, -1, &target), EII_LOOPBACK_REQUEST);
	assert_int_equal(strncmp(answer_of(fd), "HTTP/1.1 414 ", 13), 0);
	(void)close(next);
}

static void test_loopback__waits_for_input_beside_and_for_its_end(void **state)
{
	EII_AUTO(eii_loopback) loopback = NULL;
	struct eii_text target;
	int fds[2];

	(void)state;
	assert_int_equal(eii_loopback_new(&loopback, NULL), EII_OK);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(eii_loopback_wait(loopback, fds[0], 0, &target), EII_LOOPBACK_TIMEOUT);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(await(loopback, fds[0], &target), EII_LOOPBACK_INPUT);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loopback__gives_the_target_and_answers),
		cmocka_unit_test(test_loopback__silent_connections_hold_up_nobody),
		cmocka_unit_test(test_loopback__refuses_what_is_no_get),
		cmocka_unit_test(test_loopback__reads_a_line_up_to_its_limit),
		cmocka_unit_test(test_loopback__waits_for_input_beside_and_for_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
