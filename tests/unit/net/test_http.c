/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/net/http.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

#include <openssl/ssl.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "support.h"
#include "web_peer.h"

#define SHORT_MS  200
#define LONG_MS   10000
#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

/* A client, a server and what came of one request. */
struct scene {
	struct web_peer web;
	struct peer *peer;
	struct eii_http *http;
	struct eii_http_reply reply;
	struct eii_error err;
	char url[128];
};

static void set_scene(struct scene *scene, const char *const *answers, SSL_CTX *ctx,
		      const struct eii_http_options *options)
{
	static const struct eii_http_options plain = { .tls = { .verify = true } };

	*scene = (struct scene){ .web = { .answers = answers, .ctx = ctx } };
	scene->peer = peer_start(web_peer_serve, &scene->web, 10);
	scene->http = eii_http_new(options ? options : &plain);
	eii_http_reply_init(&scene->reply);
	(void)snprintf(scene->url, sizeof(scene->url), "%s://localhost:%u/graphql",
		       ctx ? "https" : "http", peer_port(scene->peer));
}

static void clear_scene(struct scene *scene)
{
	eii_http_free(scene->http);
	peer_stop(scene->peer);
	eii_http_reply_clear(&scene->reply);
	SSL_CTX_free(scene->web.ctx);
}

static struct eii_http_request request_of(const struct scene *scene)
{
	return (struct eii_http_request){ .url = scene->url,
					  .body = eii_text("{\"a\":1}", 7),
					  .deadline_ms = eii_clock_monotonic_ms() + LONG_MS };
}

static enum eii_rc post(struct scene *scene)
{
	struct eii_http_request request = request_of(scene);

	return eii_http_post(scene->http, &request, &scene->reply, &scene->err);
}

static void test_http__sends_what_it_was_given_and_gives_what_came(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nbusy", NULL
	};
	static const char *const custom[] = { "X-Custom: one", NULL };
	static const char *const own[] = { "X-Own: two", NULL };
	const struct eii_http_options options = { .tls = { .verify = true },
						  .headers = custom,
						  .user_agent = "agent/1" };
	struct eii_http_request request;
	struct scene scene;

	(void)state;
	set_scene(&scene, answers, NULL, &options);
	request = request_of(&scene);
	request.bearer = "secret";
	request.headers = own;
	CHECK(eii_http_post(scene.http, &request, &scene.reply, &scene.err) == EII_OK, "%s",
	      scene.err.text);
	assert_int_equal(scene.reply.status, 503);
	assert_int_equal(scene.reply.retry_after_s, 7);
	assert_true(scene.reply.is_sent);
	assert_string_equal(scene.reply.body.data, "busy");
	assert_string_equal(scene.web.body, "{\"a\":1}");
	assert_non_null(strstr(scene.web.head, "POST /graphql HTTP/1.1\r\n"));
	assert_non_null(strstr(scene.web.head, "Authorization: Bearer secret\r\n"));
	assert_non_null(strstr(scene.web.head, "Content-Type: application/json\r\n"));
	assert_non_null(strstr(scene.web.head, "X-Custom: one\r\n"));
	assert_non_null(strstr(scene.web.head, "X-Own: two\r\n"));
	assert_non_null(strstr(scene.web.head, "User-Agent: agent/1\r\n"));
	assert_null(strstr(scene.web.head, "Expect:"));
	clear_scene(&scene);
}

#define DATED(date, retry_after)                                                                   \
	"HTTP/1.1 503 Busy\r\nDate: " date "\r\nRetry-After: " retry_after                         \
	"\r\nContent-Length: 0\r\n\r\n"
#define NOON        "Sun, 06 Nov 1994 12:00:00 GMT"
#define NOON_S      784123200
#define WAITS(text) "HTTP/1.1 429 Slow\r\nRetry-After: " text "\r\nContent-Length: 0\r\n\r\n"

static void test_http__reads_when_to_come_again_and_the_servers_time(void **state)
{
	static const struct {
		const char *answer;
		uint32_t retry_after_s;
		int64_t server_unix_s;
	} cases[] = {
		{ OK_ANSWER, 0, 0 },
		{ WAITS("0"), 0, 0 },
		{ WAITS("899"), 899, 0 },
		{ WAITS("3600"), EII_HTTP_RETRY_MAX_S, 0 },
		{ WAITS("3601"), EII_HTTP_RETRY_MAX_S, 0 },
		{ WAITS("99999999999999999999999"), EII_HTTP_RETRY_MAX_S, 0 },
		{ WAITS("-5"), 0, 0 },
		{ WAITS("soon"), 0, 0 },
		{ WAITS(""), 0, 0 },
		{ WAITS("Fri, 31 Dec 9999 23:59:59 GMT"), EII_HTTP_RETRY_MAX_S, 0 },
		{ WAITS(NOON), 0, 0 },
		{ DATED(NOON, "Sun, 06 Nov 1994 12:01:30 GMT"), 90, NOON_S },
		{ DATED(NOON, "Sun, 06 Nov 1994 11:59:59 GMT"), 0, NOON_S },
		{ DATED(NOON, "Sun, 06 Nov 1994 13:00:01 GMT"), EII_HTTP_RETRY_MAX_S, NOON_S },
		{ DATED(" " NOON " ", "7"), 7, NOON_S },
		{ DATED("Sun, 06 Nov 1994 12:00:00 CET", "7"), 7, 0 },
		{ DATED("Sun, 31 Feb 1994 12:00:00 GMT", "7"), 7, 0 },
		{ DATED("Sun, 06 Nov 1994 12:00:60 GMT", "7"), 7, 0 },
		{ DATED("Sunday, 06-Nov-94 12:00:00 GMT", "7"), 7, 0 },
		{ DATED("Sun, 06 Nov 1994 12:00:00 GMTx", "7"), 7, 0 },
		{ DATED("", "7"), 7, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *const answers[] = { cases[i].answer, OK_ANSWER, NULL };
		struct scene scene;

		set_scene(&scene, answers, NULL, NULL);
		CHECK(post(&scene) == EII_OK, "case %zu: %s", i, scene.err.text);
		CHECK(scene.reply.retry_after_s == cases[i].retry_after_s, "case %zu: %u", i,
		      scene.reply.retry_after_s);
		CHECK(scene.reply.server_unix_s == cases[i].server_unix_s, "case %zu: %lld", i,
		      (long long)scene.reply.server_unix_s);
		CHECK(post(&scene) == EII_OK, "case %zu: %s", i, scene.err.text);
		CHECK(!scene.reply.retry_after_s && !scene.reply.server_unix_s, "case %zu", i);
		clear_scene(&scene);
	}
}

static void test_http__a_requests_own_agent_goes_before_the_clients(void **state)
{
	static const char *const answers[] = { OK_ANSWER, NULL };
	const struct eii_http_options options = { .tls = { .verify = true },
						  .user_agent = "agent/1" };
	struct eii_http_request request;
	struct scene scene;

	(void)state;
	set_scene(&scene, answers, NULL, &options);
	request = request_of(&scene);
	request.user_agent = "own/2";
	assert_int_equal(eii_http_post(scene.http, &request, &scene.reply, &scene.err), EII_OK);
	assert_non_null(strstr(scene.web.head, "User-Agent: own/2\r\n"));
	assert_null(strstr(scene.web.head, "agent/1"));
	assert_int_equal(post(&scene), EII_OK);
	assert_non_null(strstr(scene.web.head, "User-Agent: agent/1\r\n"));
	clear_scene(&scene);
}

static void test_http__follows_no_redirect_and_forgets_the_bearer(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n", OK_ANSWER,
		NULL
	};
	struct eii_http_request request;
	struct scene scene;

	(void)state;
	set_scene(&scene, answers, NULL, NULL);
	request = request_of(&scene);
	request.bearer = "secret";
	assert_int_equal(eii_http_post(scene.http, &request, &scene.reply, &scene.err), EII_OK);
	assert_int_equal(scene.reply.status, 302);
	assert_int_equal(atomic_load(&scene.web.n_requests), 1);
	assert_int_equal(post(&scene), EII_OK);
	assert_null(strstr(scene.web.head, "Authorization"));
	clear_scene(&scene);
}

static void test_http__keeps_a_connection_unless_a_fresh_one_is_wanted(void **state)
{
	static const char *const answers[] = { OK_ANSWER, NULL };
	struct eii_http_request request;
	struct scene scene;

	(void)state;
	set_scene(&scene, answers, NULL, NULL);
	assert_int_equal(post(&scene), EII_OK);
	assert_int_equal(post(&scene), EII_OK);
	assert_int_equal(atomic_load(&scene.web.n_connections), 1);
	clear_scene(&scene);

	set_scene(&scene, answers, NULL, NULL);
	request = request_of(&scene);
	request.connection = EII_HTTP_FRESH;
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(eii_http_post(scene.http, &request, &scene.reply, &scene.err),
				 EII_OK);
		assert_int_equal(atomic_load(&scene.web.n_connections), i);
	}
	clear_scene(&scene);
}

static void test_http__bounds_the_answer(void **state)
{
	static const struct {
		size_t bytes;
		enum eii_rc rc;
	} cases[] = { { EII_HTTP_REPLY_MAX, EII_OK }, { EII_HTTP_REPLY_MAX + 1, EII_REJECT } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char head[80];
		const char *const answers[] = { head, NULL };
		struct scene scene;

		(void)snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
			       cases[i].bytes);
		set_scene(&scene, answers, NULL, NULL);
		scene.web.body_bytes = cases[i].bytes;
		CHECK(post(&scene) == cases[i].rc, "%zu: %s", cases[i].bytes, scene.err.text);
		CHECK(scene.reply.body.len == (cases[i].rc ? 0 : cases[i].bytes), "%zu",
		      scene.reply.body.len);
		clear_scene(&scene);
	}
}

static void test_http__says_whether_a_lost_request_may_have_arrived(void **state)
{
	static const char *const answers[] = { "", NULL };
	struct eii_http_request request;
	struct scene scene;

	(void)state;
	set_scene(&scene, answers, NULL, NULL);
	request = request_of(&scene);
	request.connection = EII_HTTP_FRESH;
	assert_int_equal(eii_http_post(scene.http, &request, &scene.reply, &scene.err), EII_RETRY);
	assert_int_equal(scene.err.kind, EII_ERROR_UNREACHABLE);
	assert_true(scene.reply.is_sent);
	assert_int_equal(atomic_load(&scene.web.n_requests), 1);
	peer_stop(scene.peer);
	assert_int_equal(eii_http_post(scene.http, &request, &scene.reply, &scene.err), EII_RETRY);
	assert_int_equal(scene.err.kind, EII_ERROR_UNREACHABLE);
	assert_false(scene.reply.is_sent);
	scene.peer = peer_start(web_peer_serve, &scene.web, 0);
	clear_scene(&scene);
}

static void *request_stop(void *arg)
{
	eii_stop_request(arg);
	return NULL;
}

static void test_http__ends_at_the_deadline_and_at_once_on_stop(void **state)
{
	static const char *const answers[] = { NULL };
	int64_t start = eii_clock_monotonic_ms();
	EII_AUTO(eii_stop) stop = eii_stop_new();
	struct eii_http_request request;
	struct scene scene;
	pthread_t thread;

	(void)state;
	set_scene(&scene, answers, NULL, NULL);
	request = request_of(&scene);
	request.deadline_ms = start + SHORT_MS;
	assert_int_equal(eii_http_post(scene.http, &request, &scene.reply, &scene.err), EII_RETRY);
	CHECK(strstr(scene.err.text, "no answer in time"), "%s", scene.err.text);
	assert_true(scene.reply.is_sent);
	request = request_of(&scene);
	request.stop = stop;
	assert_int_equal(pthread_create(&thread, NULL, request_stop, stop), 0);
	assert_int_equal(eii_http_post(scene.http, &request, &scene.reply, &scene.err), EII_RETRY);
	(void)pthread_join(thread, NULL);
	assert_int_equal(scene.err.kind, EII_ERROR_STOPPED);
	assert_true(eii_clock_monotonic_ms() - start < LONG_MS / 2);
	clear_scene(&scene);
}

static void test_http__names_what_is_wrong_with_a_certificate(void **state)
{
	static const char *const answers[] = { OK_ANSWER, NULL };
	static const struct {
		enum pki_kind kind;
		bool knows_ca, verify;
		enum eii_rc rc;
		const char *says;
	} cases[] = {
		{ PKI_GOOD, true, true, EII_OK, "" },
		{ PKI_GOOD, false, true, EII_FATAL, "issuer: CN = Unit Test CA" },
		{ PKI_EXPIRED, true, true, EII_FATAL, "expired on" },
		{ PKI_WRONG_HOST, true, true, EII_FATAL, "is for another host" },
		{ PKI_EXPIRED, false, false, EII_OK, "" },
	};
	struct pki *pki = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct eii_http_options options = {
			.tls = { .verify = cases[i].verify,
				 .ca = cases[i].knows_ca ? pki_ca_pem(pki) : NULL }
		};
		struct scene scene;
		enum eii_rc rc;

		set_scene(&scene, answers, pki_server_context(pki, cases[i].kind), &options);
		rc = post(&scene);
		CHECK(rc == cases[i].rc, "case %zu: rc %d, %s", i, rc, scene.err.text);
		CHECK(!rc || scene.err.kind == EII_ERROR_CONFIG, "case %zu", i);
		CHECK(scene.err.is_doubtful == (rc && cases[i].kind != PKI_EXPIRED), "case %zu", i);
		CHECK(strstr(scene.err.text, cases[i].says), "case %zu: %s", i, scene.err.text);
		CHECK(!rc || !scene.reply.is_sent, "case %zu", i);
		clear_scene(&scene);
	}
}

/* No HTTP, and no TLS. */
static void serve_stranger(int fd, void *arg)
{
	char byte;

	(void)arg;
	if (recv(fd, &byte, 1, 0) == 1)
		(void)peer_send_str(fd, "* OK IMAP4rev1 ready\r\n");
	peer_drain(fd);
}

static void test_http__takes_a_stranger_for_doubtful(void **state)
{
	static const char *const schemes[] = { "http", "https" };
	const struct eii_http_options options = { .tls = { .verify = true } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		struct scene scene = { .peer = peer_start(serve_stranger, NULL, 1),
				       .http = eii_http_new(&options) };

		eii_http_reply_init(&scene.reply);
		(void)snprintf(scene.url, sizeof(scene.url), "%s://localhost:%u/", schemes[i],
			       peer_port(scene.peer));
		CHECK(post(&scene) == EII_FATAL, "%s: %s", schemes[i], scene.err.text);
		CHECK(scene.err.kind == EII_ERROR_CONFIG && scene.err.is_doubtful, "%s",
		      schemes[i]);
		clear_scene(&scene);
	}
}

static void test_http__refuses_settings_that_cannot_work_without_telling_secrets(void **state)
{
	static const char *const urls[] = { "ftp://localhost/", "localhost", "",
					    "file:///etc/passwd", "http://user:hidden@" };
	static const char *const split[] = { "X-A: b\r\nX-Injected: c", NULL };
	const struct eii_http_options options = { .tls = { .verify = true }, .headers = split };
	struct eii_http_request request;
	struct scene scene;

	(void)state;
	set_scene(&scene, (const char *const[]){ OK_ANSWER, NULL }, NULL, NULL);
	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		request = request_of(&scene);
		request.url = urls[i];
		CHECK(eii_http_post(scene.http, &request, &scene.reply, &scene.err) == EII_FATAL,
		      "%s", urls[i]);
		assert_int_equal(scene.err.kind, EII_ERROR_CONFIG);
		assert_false(scene.err.is_doubtful);
		assert_null(strstr(scene.err.text, "hidden"));
	}
	clear_scene(&scene);
	set_scene(&scene, (const char *const[]){ OK_ANSWER, NULL }, NULL, &options);
	assert_int_equal(post(&scene), EII_FATAL);
	assert_int_equal(atomic_load(&scene.web.n_requests), 0);
	clear_scene(&scene);
}

static void test_http__goes_through_the_proxy_of_its_scheme_unless_excepted(void **state)
{
	static const char *const answers[] = { OK_ANSWER, NULL };
	static const struct {
		const char *no_proxy;
		int n_proxied;
	} cases[] = { { NULL, 1 }, { "localhost", 0 }, { "example.org,.corp", 1 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct web_peer web = { .answers = answers };
		struct peer *proxy = peer_start(web_peer_serve, &web, 10);
		char proxy_url[80];
		const struct eii_http_options options = { .tls = { .verify = true },
							  .http_proxy = proxy_url,
							  .no_proxy = cases[i].no_proxy };
		struct scene scene;

		(void)snprintf(proxy_url, sizeof(proxy_url), "http://localhost:%u",
			       peer_port(proxy));
		set_scene(&scene, answers, NULL, &options);
		CHECK(post(&scene) == EII_OK, "%s", scene.err.text);
		CHECK(atomic_load(&web.n_requests) == cases[i].n_proxied, "case %zu", i);
		CHECK(atomic_load(&scene.web.n_requests) == 1 - cases[i].n_proxied, "case %zu", i);
		clear_scene(&scene);
		peer_stop(proxy);
	}
}

static int set_up(void **state)
{
	(void)signal(SIGPIPE, SIG_IGN);
	eii_http_global_init();
	*state = pki_new();
	return 0;
}

static int tear_down(void **state)
{
	pki_free(*state);
	eii_http_global_clear();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_http__sends_what_it_was_given_and_gives_what_came),
		cmocka_unit_test(test_http__reads_when_to_come_again_and_the_servers_time),
		cmocka_unit_test(test_http__a_requests_own_agent_goes_before_the_clients),
		cmocka_unit_test(test_http__follows_no_redirect_and_forgets_the_bearer),
		cmocka_unit_test(test_http__keeps_a_connection_unless_a_fresh_one_is_wanted),
		cmocka_unit_test(test_http__bounds_the_answer),
		cmocka_unit_test(test_http__says_whether_a_lost_request_may_have_arrived),
		cmocka_unit_test(test_http__ends_at_the_deadline_and_at_once_on_stop),
		cmocka_unit_test(test_http__names_what_is_wrong_with_a_certificate),
		cmocka_unit_test(test_http__takes_a_stranger_for_doubtful),
		cmocka_unit_test(
			test_http__refuses_settings_that_cannot_work_without_telling_secrets),
		cmocka_unit_test(test_http__goes_through_the_proxy_of_its_scheme_unless_excepted),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
