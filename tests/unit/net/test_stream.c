/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/net/stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/net/tls.h"
#include "peer.h"
#include "support.h"

#define SHORT_MS 150
#define LONG_MS  10000

static void serve_silence(int fd, void *arg)
{
	(void)arg;
	peer_drain(fd);
}

/* A byte every 20 ms: no single wait is ever long. */
static void serve_drip(int fd, void *arg)
{
	struct pollfd gone = { .fd = fd, .events = POLLIN };

	(void)arg;
	while (poll(&gone, 1, 20) == 0) {
		if (!peer_send(fd, "x", 1))
			return;
	}
}

static void serve_goodbye(int fd, void *arg)
{
	(void)arg;
	(void)peer_send_str(fd, "bye");
}

static void serve_count(int fd, void *arg)
{
	size_t *n_received = arg;
	char bytes[65536];
	ssize_t n;

	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
		*n_received += (size_t)n;
		if (bytes[n - 1] == '.')
			(void)peer_send_str(fd, "done");
	}
}

static enum eii_rc connect_to(struct peer *peer, int64_t wait_ms, const struct eii_stop *stop,
			      struct eii_stream **out, struct eii_error *err)
{
	return eii_stream_connect("server", "localhost", peer_port(peer),
				  eii_clock_monotonic_ms() + wait_ms, stop, out, err);
}

static void test_stream__ends_a_read_at_its_deadline_whatever_comes(void **state)
{
	struct peer *peer = peer_start(serve_drip, NULL, 1);
	EII_AUTO(eii_stream) stream = NULL;
	struct eii_error err = { 0 };
	int64_t start = eii_clock_monotonic_ms();
	size_t n = 77;
	enum eii_rc rc;
	char byte;

	(void)state;
	assert_int_equal(connect_to(peer, SHORT_MS, NULL, &stream, &err), EII_OK);
	do {
		n = 77;
		rc = eii_stream_read(stream, &byte, 1, &n, &err);
	} while (!rc);
	CHECK(rc == EII_RETRY && err.kind == EII_ERROR_UNREACHABLE, "%s", err.text);
	CHECK(strstr(err.text, "no answer in time"), "%s", err.text);
	assert_int_equal(n, 77);
	assert_true(eii_clock_monotonic_ms() - start < LONG_MS / 2);
	eii_stream_free(EII_DETACH(stream));
	peer_stop(peer);
}

static void *request_stop(void *arg)
{
	eii_stop_request(arg);
	return NULL;
}

static void test_stream__is_cut_by_stop(void **state)
{
	struct peer *peer = peer_start(serve_silence, NULL, 1);
	EII_AUTO(eii_stop) stop = eii_stop_new();
	EII_AUTO(eii_stream) stream = NULL;
	struct eii_error err = { 0 };
	int64_t start = eii_clock_monotonic_ms();
	pthread_t thread;
	size_t n = 77;
	char byte;

	(void)state;
	assert_int_equal(connect_to(peer, LONG_MS, stop, &stream, &err), EII_OK);
	assert_int_equal(pthread_create(&thread, NULL, request_stop, stop), 0);
	assert_int_equal(eii_stream_read(stream, &byte, 1, &n, &err), EII_RETRY);
	(void)pthread_join(thread, NULL);
	assert_int_equal(err.kind, EII_ERROR_STOPPED);
	assert_int_equal(n, 77);
	assert_true(eii_clock_monotonic_ms() - start < LONG_MS / 2);
	eii_stream_free(EII_DETACH(stream));
	peer_stop(peer);
}

static void test_stream__tells_the_end_from_a_failure(void **state)
{
	struct peer *peer = peer_start(serve_goodbye, NULL, 1);
	EII_AUTO(eii_stream) stream = NULL;
	struct eii_error err = { 0 };
	char bytes[8];
	size_t n = 0;

	(void)state;
	assert_int_equal(connect_to(peer, LONG_MS, NULL, &stream, &err), EII_OK);
	assert_int_equal(eii_stream_read(stream, bytes, sizeof(bytes), &n, &err), EII_OK);
	assert_int_equal(n, 3);
	assert_int_equal(eii_stream_read(stream, bytes, sizeof(bytes), &n, &err), EII_OK);
	assert_int_equal(n, 0);
	eii_stream_free(EII_DETACH(stream));
	peer_stop(peer);
}

static void test_stream__sends_what_is_held_before_it_reads(void **state)
{
	static const size_t sizes[] = { 1, EII_STREAM_HELD_MAX - 1, EII_STREAM_HELD_MAX,
					EII_STREAM_HELD_MAX + 1, 3 * EII_STREAM_HELD_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		size_t n_received = 0, n = 0;
		struct peer *peer = peer_start(serve_count, &n_received, 1);
		EII_AUTO(eii_stream) stream = NULL;
		char *bytes = eii_calloc(sizes[i], 1);
		struct eii_error err = { 0 };
		char answer[8];

		assert_int_equal(connect_to(peer, LONG_MS, NULL, &stream, &err), EII_OK);
		assert_int_equal(eii_stream_write(stream, bytes, sizes[i], &err), EII_OK);
		assert_int_equal(eii_stream_write(stream, ".", 1, &err), EII_OK);
		assert_int_equal(eii_stream_read(stream, answer, sizeof(answer), &n, &err), EII_OK);
		assert_int_equal(n, 4);
		eii_stream_free(EII_DETACH(stream));
		peer_stop(peer);
		CHECK(n_received == sizes[i] + 1, "%zu of %zu", n_received, sizes[i] + 1);
		free(bytes);
	}
}

static void test_stream__says_that_nobody_listens(void **state)
{
	struct peer *peer = peer_start(serve_silence, NULL, 0);
	uint16_t port = peer_port(peer);
	struct eii_stream *stream = NULL;
	struct eii_error err = { 0 };

	(void)state;
	peer_stop(peer);
	assert_int_equal(eii_stream_connect("server", "127.0.0.1", port,
					    eii_clock_monotonic_ms() + LONG_MS, NULL, &stream,
					    &err),
			 EII_RETRY);
	CHECK(err.kind == EII_ERROR_UNREACHABLE && strstr(err.text, "refused"), "%s", err.text);
	assert_null(stream);
}

static void test_stream__refuses_names_that_are_none(void **state)
{
	char long_name[EII_STREAM_HOST_MAX + 2];
	const char *const cases[] = { "", long_name };

	(void)state;
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_stream *stream = NULL;
		struct eii_error err = { 0 };

		CHECK(eii_stream_connect("server", cases[i], 1, eii_clock_monotonic_ms() + LONG_MS,
					 NULL, &stream, &err) == EII_FATAL,
		      "case %zu", i);
		assert_int_equal(err.kind, EII_ERROR_CONFIG);
		assert_null(stream);
	}
}

static void test_stream__refuses_plain_text_in_the_start_of_tls(void **state)
{
	struct eii_tls_options options = { .verify = true };
	EII_AUTO(eii_stream) stream = NULL;
	struct eii_error err = { 0 };
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	stream = eii_stream_take_fd("server", "localhost", 143, ends[0], NULL);
	eii_stream_set_deadline(stream, eii_clock_monotonic_ms() + LONG_MS);
	assert_int_equal(write(ends[1], "* OK hello\r\n", 12), 12);
	assert_int_equal(eii_stream_start_tls(stream, &options, &err), EII_RETRY);
	CHECK(strstr(err.text, "plain text into the start of TLS"), "%s", err.text);
	assert_int_equal(eii_stream_tls_trouble(stream), EII_TLS_TROUBLE_NOT_TLS);
	assert_false(eii_stream_is_tls(stream));
	assert_true(eii_stream_is_private(stream));
	(void)close(ends[1]);
}

static void test_stream__ends_a_handshake_at_its_deadline(void **state)
{
	struct peer *peer = peer_start(serve_silence, NULL, 1);
	struct eii_tls_options options = { .verify = true };
	EII_AUTO(eii_stream) stream = NULL;
	struct eii_error err = { 0 };

	(void)state;
	assert_int_equal(connect_to(peer, SHORT_MS, NULL, &stream, &err), EII_OK);
	assert_int_equal(eii_stream_start_tls(stream, &options, &err), EII_RETRY);
	CHECK(strstr(err.text, "no answer in time"), "%s", err.text);
	assert_int_equal(eii_stream_tls_trouble(stream), EII_TLS_TROUBLE_OTHER);
	eii_stream_free(EII_DETACH(stream));
	peer_stop(peer);
}

/* Speaks only when it is spoken to, and plainly. */
static void serve_plain(int fd, void *arg)
{
	char bytes[1];

	(void)arg;
	if (recv(fd, bytes, 1, 0) == 1)
		(void)peer_send_str(fd, "* BAD what was that\r\n");
	peer_drain(fd);
}

static void test_stream__tells_what_speaks_no_tls(void **state)
{
	struct peer *peer = peer_start(serve_plain, NULL, 1);
	struct eii_tls_options options = { .verify = true };
	EII_AUTO(eii_stream) stream = NULL;
	struct eii_error err = { 0 };

	(void)state;
	assert_int_equal(connect_to(peer, LONG_MS, NULL, &stream, &err), EII_OK);
	assert_int_equal(eii_stream_start_tls(stream, &options, &err), EII_FATAL);
	CHECK(strstr(err.text, "does not speak TLS") && err.is_doubtful, "%s", err.text);
	assert_int_equal(eii_stream_tls_trouble(stream), EII_TLS_TROUBLE_NOT_TLS);
	eii_stream_free(EII_DETACH(stream));
	peer_stop(peer);
}

static void test_stream__waits_for_its_first_bytes_and_lives_on(void **state)
{
	struct peer *peer = peer_start(serve_plain, NULL, 1);
	EII_AUTO(eii_stream) stream = NULL;
	struct eii_error err = { 0 };
	char bytes[64];
	size_t n = 0;

	(void)state;
	assert_int_equal(connect_to(peer, LONG_MS, NULL, &stream, &err), EII_OK);
	assert_false(eii_stream_has_input(stream, SHORT_MS));
	/* What is held goes out with it. */
	assert_int_equal(eii_stream_write(stream, "?", 1, &err), EII_OK);
	assert_true(eii_stream_has_input(stream, LONG_MS));
	assert_int_equal(eii_stream_read(stream, bytes, sizeof(bytes), &n, &err), EII_OK);
	assert_int_equal(n, 21);
	eii_stream_free(EII_DETACH(stream));
	peer_stop(peer);
}

static void test_stream__has_a_last_word_after_a_stop(void **state)
{
	size_t n_received = 0, n = 0;
	struct peer *peer = peer_start(serve_count, &n_received, 1);
	EII_AUTO(eii_stop) stop = eii_stop_new();
	EII_AUTO(eii_stream) stream = NULL;
	struct eii_error err = { 0 };
	char answer[8];

	(void)state;
	assert_int_equal(connect_to(peer, LONG_MS, stop, &stream, &err), EII_OK);
	eii_stop_request(stop);
	eii_stream_ignore_stop(stream);
	assert_int_equal(eii_stream_write(stream, "bye.", 4, &err), EII_OK);
	assert_int_equal(eii_stream_read(stream, answer, sizeof(answer), &n, &err), EII_OK);
	assert_int_equal(n, 4);
	eii_stream_free(EII_DETACH(stream));
	peer_stop(peer);
}

/* Two TLS records in one packet. */
static void serve_two_records(int fd, void *arg)
{
	SSL *ssl = SSL_new(arg);
	int on = 1, off = 0;
	char line[64];

	(void)SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1 && SSL_read(ssl, line, sizeof(line)) > 0) {
		(void)setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
		(void)SSL_write(ssl, "a", 1);
		(void)SSL_write(ssl, "b", 1);
		(void)setsockopt(fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
	}
	peer_drain(fd);
	SSL_free(ssl);
}

static void check_read(struct eii_stream *stream, char awaited)
{
	struct eii_error err = { 0 };
	char byte = '-';
	size_t n = 0;

	CHECK(eii_stream_read(stream, &byte, 1, &n, &err) == EII_OK, "%s", err.text);
	assert_int_equal(byte, awaited);
}

static void test_stream__knows_of_what_tls_has_read_ahead(void **state)
{
	EII_AUTO(eii_stream) stream = NULL;
	struct pki *pki = pki_new();
	SSL_CTX *ctx = pki_server_context(pki, PKI_GOOD);
	struct peer *peer = peer_start(serve_two_records, ctx, 1);
	struct eii_tls_options options = { .verify = true, .ca = pki_ca_pem(pki) };
	struct eii_error err = { 0 };
	int64_t deadline_ms = eii_clock_monotonic_ms() + LONG_MS;

	(void)state;
	assert_int_equal(eii_stream_connect("server", "localhost", peer_port(peer), deadline_ms,
					    NULL, &stream, &err),
			 EII_OK);
	CHECK(eii_stream_start_tls(stream, &options, &err) == EII_OK, "%s", err.text);
	assert_int_equal(eii_stream_write(stream, "hello", 5, &err), EII_OK);
	check_read(stream, 'a');
	assert_true(eii_stream_has_input(stream, 0));
	check_read(stream, 'b');
	assert_false(eii_stream_has_input(stream, 0));
	eii_stream_free(EII_DETACH(stream));
	peer_stop(peer);
	SSL_CTX_free(ctx);
	pki_free(pki);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stream__ends_a_read_at_its_deadline_whatever_comes),
		cmocka_unit_test(test_stream__is_cut_by_stop),
		cmocka_unit_test(test_stream__tells_the_end_from_a_failure),
		cmocka_unit_test(test_stream__sends_what_is_held_before_it_reads),
		cmocka_unit_test(test_stream__says_that_nobody_listens),
		cmocka_unit_test(test_stream__refuses_names_that_are_none),
		cmocka_unit_test(test_stream__refuses_plain_text_in_the_start_of_tls),
		cmocka_unit_test(test_stream__ends_a_handshake_at_its_deadline),
		cmocka_unit_test(test_stream__tells_what_speaks_no_tls),
		cmocka_unit_test(test_stream__waits_for_its_first_bytes_and_lives_on),
		cmocka_unit_test(test_stream__has_a_last_word_after_a_stop),
		cmocka_unit_test(test_stream__knows_of_what_tls_has_read_ahead),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
