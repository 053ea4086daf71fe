/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/monitor/endpoint.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "eii/base/clock.h"
#include "support.h"

#define ANSWER_MAX 65536

struct fixture {
	struct eii_stats stats;
	struct eii_contacts *contacts;
	struct eii_chronicle *chronicle;
	struct eii_watched watched;
	struct eii_endpoint *endpoint;
	char answer[ANSWER_MAX];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct eii_error err;

	if (!f)
		return -1;
	f->contacts = eii_contacts_new();
	f->chronicle = eii_chronicle_new();
	f->watched = (struct eii_watched){ .stats = &f->stats,
					   .contacts = f->contacts,
					   .chronicle = f->chronicle,
					   .id = "i",
					   .name = "n",
					   .type = "t",
					   .scope = "s",
					   .version = "v",
					   .prefix = "" };
	EII_BEAT(&f->stats, heart_beat_ms);
	EII_BEAT(&f->stats, fetch_beat_ms);
	EII_BEAT(&f->stats, queue_beat_ms);
	EII_BEAT(&f->stats, platform_beat_ms);
	EII_BEAT(&f->stats, reports_beat_ms);
	*state = f;
	return eii_endpoint_start(&f->watched, 0, &f->endpoint, &err) == EII_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	eii_endpoint_free(f->endpoint);
	eii_contacts_free(f->contacts);
	eii_chronicle_free(f->chronicle);
	free(f);
	return 0;
}

static int dial(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* The whole answer to the request, up to the end of the connection. */
static const char *ask(struct fixture *f, const char *request)
{
	int fd = dial(eii_endpoint_port(f->endpoint));
	size_t len = 0;
	ssize_t n;

	assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	while ((n = read(fd, f->answer + len, sizeof(f->answer) - 1 - len)) > 0)
		len += (size_t)n;
	f->answer[len] = '\0';
	(void)close(fd);
	return f->answer;
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

#define END " HTTP/1.0\r\nHost: a\r\n\r\n"

static void test_endpoint__each_path_has_its_answer(void **state)
{
	static const struct {
		const char *request, *status, *part;
	} cases[] = {
		{ "GET /metrics" END, "HTTP/1.1 200 ", "\nruns_total 0\n" },
		{ "GET /" END, "HTTP/1.1 200 ", "\nruns_total 0\n" },
		{ "GET /metrics?name=x" END, "HTTP/1.1 200 ",
		  "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n" },
		{ "GET / HTTP/1.0\r\nHost: a\r\nAccept: text/html,*/*;q=0.8\r\n\r\n",
		  "HTTP/1.1 200 ", "Content-Type: text/html; charset=utf-8\r\n" },
		{ "GET /status" END, "HTTP/1.1 200 ", "<!DOCTYPE html>" },
		{ "GET /status" END, "HTTP/1.1 200 ", "frame-ancestors 'none'\r\n" },
		{ "GET /status" END, "HTTP/1.1 200 ", "X-Content-Type-Options: nosniff\r\n" },
		{ "GET /status" END, "HTTP/1.1 200 ", "Cache-Control: no-store\r\n" },
		{ "GET /status" END, "HTTP/1.1 200 ", "Referrer-Policy: no-referrer\r\n" },
		{ "GET /status.json" END, "HTTP/1.1 200 ", "Content-Type: application/json\r\n" },
		{ "GET /status.json" END, "HTTP/1.1 200 ", "\r\n\r\n{\"schema\":1," },
		{ "GET /health/live" END, "HTTP/1.1 200 ", "heart thread: ok" },
		{ "GET /health/ready" END, "HTTP/1.1 503 ", "connector: NOT REGISTERED" },
		{ "GET /health" END, "HTTP/1.1 404 ", "there are /metrics" },
		{ "GET /metrics/" END, "HTTP/1.1 404 ", "there are /metrics" },
		{ "POST /metrics HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.1 405 ",
		  "Allow: GET, HEAD\r\n" },
		{ "DELETE /" END, "HTTP/1.1 405 ", "Allow: GET, HEAD\r\n" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *answer = ask(f, cases[i].request);

		CHECK(starts(answer, cases[i].status), "%s gave %s", cases[i].request, answer);
		CHECK(strstr(answer, cases[i].part), "%s gave %s", cases[i].request, answer);
	}
}

static void test_endpoint__head_is_a_get_without_body(void **state)
{
	const char *answer = ask(*state, "HEAD /metrics" END);

	assert_true(starts(answer, "HTTP/1.1 200 "));
	assert_null(strstr(answer, "runs_total"));
}

static void test_endpoint__ready_and_live_follow_what_they_watch(void **state)
{
	struct fixture *f = *state;

	f->stats.is_registered = 1;
	eii_contacts_note(f->contacts, EII_SERVER_PLATFORM, EII_OK, NULL);
	eii_contacts_note(f->contacts, EII_SERVER_MAILBOX, EII_OK, NULL);
	assert_true(starts(ask(f, "GET /health/ready" END), "HTTP/1.1 200 "));
	f->stats.heart_beat_ms = eii_clock_monotonic_ms() - 3600 * 1000;
	assert_true(starts(ask(f, "GET /health/live" END), "HTTP/1.1 503 "));
	assert_non_null(strstr(f->answer, "heart thread: STANDS STILL"));
}

static void test_endpoint__silent_clients_keep_no_other_from_asking(void **state)
{
	struct fixture *f = *state;
	int silent[4];

	for (size_t i = 0; i < ARRAY_LEN(silent); i++)
		silent[i] = dial(eii_endpoint_port(f->endpoint));
	assert_true(starts(ask(f, "GET /metrics" END), "HTTP/1.1 200 "));
	for (size_t i = 0; i < ARRAY_LEN(silent); i++)
		(void)close(silent[i]);
}

static void test_endpoint__a_request_beyond_its_memory_is_refused(void **state)
{
	static char request[32768] = "GET /metrics HTTP/1.0\r\nX: ";
	size_t len = strlen(request);

	memset(request + len, 'a', sizeof(request) - len - 5);
	memcpy(request + sizeof(request) - 5, "\r\n\r\n", 5);
	assert_false(starts(ask(*state, request), "HTTP/1.1 200 "));
	assert_true(starts(ask(*state, "GET /metrics" END), "HTTP/1.1 200 "));
}

static void test_endpoint__a_taken_port_is_said_and_nothing_written(void **state)
{
	struct fixture *f = *state;
	struct eii_endpoint *second = NULL;
	struct eii_error err;

	assert_int_equal(
		eii_endpoint_start(&f->watched, eii_endpoint_port(f->endpoint), &second, &err),
		EII_REJECT);
	assert_null(second);
	assert_non_null(strstr(err.text, "Address already in use"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_endpoint__##name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_path_has_its_answer),
		TEST(head_is_a_get_without_body),
		TEST(ready_and_live_follow_what_they_watch),
		TEST(silent_clients_keep_no_other_from_asking),
		TEST(a_request_beyond_its_memory_is_refused),
		TEST(a_taken_port_is_said_and_nothing_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
