/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/jail/channel.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "support.h"

/* Writes all bytes in pieces of a size, from a process of its own, and closes. */
static pid_t feed(int fd, struct eii_text bytes, size_t piece)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	for (size_t at = 0; at < bytes.len; at += piece) {
		size_t n = bytes.len - at < piece ? bytes.len - at : piece;

		if (write(fd, bytes.data + at, n) != (ssize_t)n)
			_exit(1);
	}
	_exit(0);
}

/* A channel that reads the bytes; *out_pid is the feeder. */
static struct eii_channel *channel_of(struct eii_text bytes, size_t piece, int *out_fd,
				      pid_t *out_pid)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	*out_pid = feed(pair[1], bytes, piece);
	(void)close(pair[1]);
	*out_fd = pair[0];
	return eii_channel_new(pair[0]);
}

static void add_request(struct eii_buf *wire, uint64_t number, struct eii_text mail)
{
	const struct eii_text types[] = { eii_text_of("application/pdf"), eii_text_of("text/csv") };
	const struct eii_convert_settings settings = { .types = types, .n_types = 2 };
	struct eii_error err;

	assert_int_equal(
		eii_wire_request_encode(number, EII_CONVERT_FULL, &settings, mail.len, wire, &err),
		EII_OK);
	eii_buf_add_text(wire, mail);
}

/* Sizes around the channel's buffer, large ones between small ones. */
static const size_t sizes[] = { 0, 1, 100, 65535, 65536, 65537, 10, 300000, 0, 20 };

static void test_channel__requests_come_whole_however_they_are_cut(void **state)
{
	static const size_t pieces[] = { 7, 4096, 1 << 20 };
	char *mail = eii_calloc(300000, 1);
	struct eii_buf wire;

	(void)state;
	memset(mail, 'm', 300000);
	eii_buf_init(&wire, 8u * 1024 * 1024);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		add_request(&wire, i, eii_text(mail, sizes[i]));
	for (size_t p = 0; p < ARRAY_LEN(pieces); p++) {
		struct eii_channel_request request;
		struct eii_error err = { 0 };
		bool has_ended = false;
		pid_t pid;
		int fd;
		EII_AUTO(eii_channel)
		channel = channel_of(eii_buf_text(&wire), pieces[p], &fd, &pid);

		for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
			CHECK(eii_channel_read(channel, &request, &has_ended, &err) == EII_OK, "%s",
			      err.text);
			CHECK(!has_ended && request.wire.number == i, "request %zu", i);
			CHECK(eii_text_equal(request.mail, eii_text(mail, sizes[i])), "mail %zu",
			      i);
			CHECK(request.wire.settings.n_types == 2, "types of %zu", i);
			CHECK(eii_text_equal(request.wire.settings.types[1],
					     eii_text_of("text/csv")),
			      "types of %zu", i);
			if (i % 2)
				eii_channel_shrink(channel);
		}
		assert_int_equal(eii_channel_read(channel, &request, &has_ended, &err), EII_OK);
		assert_true(has_ended);
		(void)close(fd);
		(void)waitpid(pid, NULL, 0);
	}
	eii_buf_clear(&wire);
	free(mail);
}

static void test_channel__cut_request_is_refused(void **state)
{
	static const size_t lengths[] = { 1,
					  EII_WIRE_REQUEST_HEAD_BYTES - 1,
					  EII_WIRE_REQUEST_HEAD_BYTES,
					  EII_WIRE_REQUEST_HEAD_BYTES + 5,
					  EII_WIRE_REQUEST_HEAD_BYTES + 25,
					  EII_WIRE_REQUEST_HEAD_BYTES + 25 + 99 };
	static const size_t mails[] = { 100, 100000 };
	char mail[100000];

	(void)state;
	memset(mail, 'm', sizeof(mail));
	for (size_t i = 0; i < ARRAY_LEN(lengths) * ARRAY_LEN(mails); i++) {
		struct eii_channel_request request = { .wire.number = 42 };
		struct eii_error err = { 0 };
		struct eii_buf wire;
		bool has_ended = false;
		pid_t pid;
		int fd;

		eii_buf_init(&wire, 200000);
		add_request(&wire, 1, eii_text(mail, mails[i % 2]));
		EII_AUTO(eii_channel)
		channel = channel_of(eii_text(wire.data, lengths[i / 2]), 1 << 20, &fd, &pid);
		CHECK(eii_channel_read(channel, &request, &has_ended, &err) == EII_REJECT,
		      "%zu bytes", lengths[i / 2]);
		CHECK(request.wire.number == 42 && !has_ended, "%zu bytes", lengths[i / 2]);
		(void)close(fd);
		(void)waitpid(pid, NULL, 0);
		eii_buf_clear(&wire);
	}
}

static void test_channel__refuses_what_is_no_request(void **state)
{
	struct eii_channel_request request;
	struct eii_error err;
	bool has_ended = false;
	char noise[200];
	pid_t pid;
	int fd;

	(void)state;
	memset(noise, 'n', sizeof(noise));
	EII_AUTO(eii_channel) channel = channel_of(eii_text(noise, sizeof(noise)), 200, &fd, &pid);
	assert_int_equal(eii_channel_read(channel, &request, &has_ended, &err), EII_REJECT);
	(void)close(fd);
	(void)waitpid(pid, NULL, 0);
}

static void test_channel__writes_pieces_of_all_sizes_in_order(void **state)
{
	char *piece = eii_calloc(300000, 1);
	int pair[2];
	pid_t pid;
	int status;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	pid = fork();
	if (pid == 0) {
		EII_AUTO(eii_channel) channel = eii_channel_new(pair[1]);
		struct eii_sink *sink = eii_channel_sink(channel);
		struct eii_error err;
		enum eii_rc rc = EII_OK;

		(void)close(pair[0]);
		for (size_t i = 0; i < ARRAY_LEN(sizes) && !rc; i++) {
			memset(piece, 'a' + (int)i, sizes[i]);
			rc = eii_sink_write(sink, piece, sizes[i], &err);
		}
		_exit(rc || eii_channel_flush(channel, &err));
	}
	(void)close(pair[1]);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		assert_int_equal(recv(pair[0], piece, sizes[i], MSG_WAITALL), sizes[i]);
		for (size_t j = 0; j < sizes[i]; j++)
			CHECK(piece[j] == 'a' + (int)i, "byte %zu of piece %zu", j, i);
	}
	assert_int_equal(recv(pair[0], piece, 1, 0), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void)close(pair[0]);
	free(piece);
}

static void test_channel__writing_to_nobody_is_told(void **state)
{
	struct eii_error err;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	(void)close(pair[0]);
	(void)signal(SIGPIPE, SIG_IGN);
	EII_AUTO(eii_channel) channel = eii_channel_new(pair[1]);
	assert_int_equal(eii_sink_write(eii_channel_sink(channel), "x", 1, &err), EII_OK);
	assert_int_equal(eii_channel_flush(channel, &err), EII_RETRY);
	(void)close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_channel__requests_come_whole_however_they_are_cut),
		cmocka_unit_test(test_channel__cut_request_is_refused),
		cmocka_unit_test(test_channel__refuses_what_is_no_request),
		cmocka_unit_test(test_channel__writes_pieces_of_all_sizes_in_order),
		cmocka_unit_test(test_channel__writing_to_nobody_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
