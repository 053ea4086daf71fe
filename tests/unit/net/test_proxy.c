/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/net/proxy.h"

#include <sys/socket.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "eii/base/clock.h"
#include "peer.h"
#include "support.h"

#define BYTES(text) text, sizeof(text) - 1

/* A proxy that says what it is told to, whatever it hears, and keeps that. */
struct fake {
	const char *first; /* its answer to what comes first */
	size_t first_len;
	size_t heard_first; /* bytes that it waits for before it */
	const char *second;
	size_t second_len, heard_second;
	char heard[1024];
	size_t n_heard;
};

static bool hear(int fd, struct fake *fake, size_t n)
{
	while (n) {
		ssize_t got = recv(fd, fake->heard + fake->n_heard, n, 0);

		if (got <= 0)
			return false;
		fake->n_heard += (size_t)got;
		n -= (size_t)got;
	}
	return true;
}

static void serve(int fd, void *arg)
{
	struct fake *fake = arg;

	if (!hear(fd, fake, fake->heard_first) || !peer_send(fd, fake->first, fake->first_len))
		return;
	if (fake->second &&
	    (!hear(fd, fake, fake->heard_second) || !peer_send(fd, fake->second, fake->second_len)))
		return;
	peer_drain(fd);
}

static enum eii_rc dial(struct fake *fake, const char *form, const char *host, int *fd,
			struct eii_error *err)
{
	struct peer *peer = peer_start(serve, fake, 1);
	EII_AUTO_STR url = eii_asprintf("%s127.0.0.1:%u", form, peer_port(peer));
	enum eii_rc rc;
	char c;

	*fd = -1;
	rc = eii_proxy_dial(url, "IMAP server", host, 993, eii_clock_monotonic_ms() + 30000, NULL,
			    fd, err);
	if (!rc) {
		/* What the server says first is still there. */
		while (recv(*fd, &c, 1, 0) < 0)
			;
		assert_int_equal(c, '*');
		(void)close(*fd);
	}
	peer_stop(peer);
	return rc;
}

#define CONNECT "CONNECT imap.example:993 HTTP/1.1\r\nHost: imap.example:993\r\n"

static void test_proxy__asks_for_a_tunnel_and_reads_no_byte_of_it(void **state)
{
	struct fake fake = { BYTES("HTTP/1.1 200 OK\r\nVia: x\r\n\r\n* OK"),
			     .heard_first = sizeof(CONNECT "\r\n") - 1 };
	struct fake known = {
		BYTES("HTTP/1.0 200 fine\n\n* OK"),
		.heard_first = sizeof(CONNECT "Proxy-Authorization: Basic dTpwOnc=\r\n\r\n") - 1
	};
	struct eii_error err = { 0 };
	int fd;

	(void)state;
	CHECK(dial(&fake, "http://", "imap.example", &fd, &err) == EII_OK, "%s", err.text);
	assert_memory_equal(fake.heard, CONNECT "\r\n", fake.n_heard);
	CHECK(dial(&known, "http://u:p%3Aw@", "imap.example", &fd, &err) == EII_OK, "%s", err.text);
	assert_memory_equal(known.heard, CONNECT "Proxy-Authorization: Basic dTpwOnc=\r\n\r\n",
			    known.n_heard);
}

static void test_proxy__tells_what_a_refusal_means(void **state)
{
	static const struct {
		const char *answer;
		enum eii_rc rc;
		const char *says;
		bool is_certain;
	} cases[] = {
		{ "HTTP/1.1 403 Forbidden\r\n\r\n", EII_FATAL,
		  "(403): whoever runs it must open port 993", false },
		{ "HTTP/1.1 404 Not Found\r\n\r\n", EII_FATAL, "(404)", false },
		{ "HTTP/1.1 408 Request Timeout\r\n\r\n", EII_RETRY, "(408)", false },
		{ "HTTP/1.1 429 Too Many Requests\r\n\r\n", EII_RETRY, "(429)", false },
		{ "HTTP/1.1 407 Who\r\n\r\n", EII_FATAL, "407", true },
		{ "HTTP/1.1 502 Bad\r\n\r\n", EII_RETRY, "(502)", false },
		{ "* OK IMAP4rev1 ready\r\n\r\n", EII_FATAL, "no HTTP proxy", false },
		{ "HTTP/1.1 2\r\n\r\n", EII_FATAL, "no HTTP proxy", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fake fake = { cases[i].answer, strlen(cases[i].answer), .heard_first = 10 };
		struct eii_error err = { 0 };
		int fd;

		CHECK(dial(&fake, "http://u:hush@", "imap.example", &fd, &err) == cases[i].rc, "%s",
		      cases[i].answer);
		CHECK(strstr(err.text, cases[i].says), "%s", err.text);
		CHECK(err.is_doubtful == (cases[i].rc == EII_FATAL && !cases[i].is_certain), "%s",
		      cases[i].answer);
		CHECK(!strstr(err.text, "hush"), "%s", err.text);
		assert_int_equal(fd, -1);
	}
}

static void test_proxy__takes_an_answer_up_to_its_limit(void **state)
{
	static const char begin[] = "HTTP/1.1 200 OK\r\nX: ";

	(void)state;
	for (size_t over = 0; over < 2; over++) {
		size_t len = EII_PROXY_ANSWER_MAX + over;
		EII_AUTO_STR answer = eii_calloc(len + 2, 1);
		struct fake fake = { answer, len + 1, .heard_first = 10 };
		struct eii_error err = { 0 };
		int fd;

		memset(answer, 'x', len);
		memcpy(answer, begin, sizeof(begin) - 1);
		memcpy(answer + len - 4, "\r\n\r\n*", 5);
		CHECK(dial(&fake, "http://", "imap.example", &fd, &err) ==
			      (over ? EII_RETRY : EII_OK),
		      "%zu: %s", over, err.text);
	}
}

static void test_proxy__speaks_socks_5(void **state)
{
	static const char reply[] = "\5\0\0\1\x7f\0\0\1\x12\x34* OK";
	static const char by_name[] = "\5\1\0"
				      "\5\1\0\3\014imap.example\3\341";
	static const char known[] = "\5\2\0\2"
				    "\1\1u\1p"
				    "\5\1\0\1\x7f\0\0\1\3\341";
	struct fake fake = { BYTES("\5\0"), .heard_first = 3, BYTES(reply), .heard_second = 19 };
	struct fake asking = { BYTES("\5\2\1\0"), .heard_first = 4, BYTES(reply),
			       .heard_second = 15 };
	struct eii_error err = { 0 };
	int fd;

	(void)state;
	CHECK(dial(&fake, "socks5h://", "imap.example", &fd, &err) == EII_OK, "%s", err.text);
	assert_memory_equal(fake.heard, by_name, sizeof(by_name) - 1);
	/* socks5: the name is looked up here. */
	CHECK(dial(&asking, "socks5://u:p@", "127.0.0.1", &fd, &err) == EII_OK, "%s", err.text);
	assert_memory_equal(asking.heard, known, sizeof(known) - 1);
}

static void test_proxy__tells_what_socks_refuses(void **state)
{
	static const struct {
		const char *second;
		enum eii_rc rc;
		const char *says;
	} cases[] = {
		{ "\5\2\0\1aaaaaa", EII_FATAL, "its rules forbid it" },
		{ "\5\5\0\1aaaaaa", EII_RETRY, "refuses its connection" },
		{ "\5\xff\0\1aaaaaa", EII_RETRY, "it failed" },
		{ "\4\1\0\1aaaaaa", EII_FATAL, "no SOCKS 5 proxy" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fake fake = { BYTES("\5\0"), .heard_first = 3, cases[i].second, 10,
				     .heard_second = 19 };
		struct eii_error err = { 0 };
		int fd;

		CHECK(dial(&fake, "socks5h://", "imap.example", &fd, &err) == cases[i].rc,
		      "%zu: %s", i, err.text);
		CHECK(strstr(err.text, cases[i].says), "%s", err.text);
		CHECK(err.is_doubtful == (cases[i].rc == EII_FATAL), "%zu", i);
	}
}

static void test_proxy__knows_its_addresses(void **state)
{
	static const struct {
		const char *url;
		bool is_valid;
	} cases[] = {
		{ "http://proxy.example:3128", true },
		{ "socks5://[::1]:1080", true },
		{ "socks5h://u:p@proxy.example", true },
		{ "https://proxy.example", false },
		{ "socks4://proxy.example", false },
		{ "proxy.example:3128", false },
		{ "http://", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK(eii_proxy_is_valid(cases[i].url) == cases[i].is_valid, "%s", cases[i].url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_proxy__asks_for_a_tunnel_and_reads_no_byte_of_it),
		cmocka_unit_test(test_proxy__tells_what_a_refusal_means),
		cmocka_unit_test(test_proxy__takes_an_answer_up_to_its_limit),
		cmocka_unit_test(test_proxy__speaks_socks_5),
		cmocka_unit_test(test_proxy__tells_what_socks_refuses),
		cmocka_unit_test(test_proxy__knows_its_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
