/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/opencti/graphql.h"

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/codec/json.h"
#include "eii/net/http.h"
#include "fake_http.h"
#include "support.h"

#define TOKEN "flgrn_octi_tkn_secret"

static enum eii_rc give_token(void *arg, char **out, struct eii_error *err)
{
	(void)arg;
	(void)err;
	*out = eii_strdup(TOKEN);
	return EII_OK;
}

static enum eii_rc give_no_token(void *arg, char **out, struct eii_error *err)
{
	(void)arg;
	(void)out;
	return eii_fail_kind(err, EII_FATAL, EII_ERROR_CONFIG, "no token file");
}

struct fixture {
	struct fake_http server;
	struct eii_http *http;
	struct eii_graphql *graphql;
	struct eii_graphql_answer answer;
	struct eii_error err;
};

static void begin(struct fixture *f, const struct fake_reply *replies, int n,
		  const struct eii_stop *stop)
{
	static const char *const headers[] = { "X-Own: yes", NULL };
	struct eii_http_options http_options = { .headers = headers };
	char url[64];

	memset(f, 0, sizeof(*f));
	fake_http_start(&f->server, replies, n);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/base//", f->server.port);
	f->http = eii_http_new(&http_options);
	f->graphql = eii_graphql_new(&(struct eii_graphql_options){
		.url = url, .token = give_token, .http = f->http, .stop = stop });
}

static void end(struct fixture *f)
{
	eii_graphql_answer_clear(&f->answer);
	eii_graphql_free(f->graphql);
	eii_http_free(f->http);
	fake_http_stop(&f->server);
	fake_http_clear(&f->server);
}

static enum eii_rc ask(struct fixture *f, enum eii_graphql_way way)
{
	struct eii_graphql_call call = { .name = "thing",
					 .document = "query{thing(a:\"b\"){id}}",
					 .variables = eii_text_of("{\"n\":1}"),
					 .way = way };

	return eii_graphql_call(f->graphql, &call, &f->answer, &f->err);
}

static void test_graphql__sends_document_variables_and_headers(void **state)
{
	static const struct fake_reply replies[] = {
		{ .status = 200, .body = "{\"data\":{\"thing\":{\"id\":\"7\"}}}" }
	};
	struct fixture f;

	(void)state;
	begin(&f, replies, 1, NULL);
	CHECK(ask(&f, EII_GRAPHQL_QUERY) == EII_OK, "%s", f.err.text);
	assert_string_equal(eii_json_get_str(eii_json_get(f.answer.data, "thing"), "id"), "7");
	assert_string_equal(
		fake_http_body(&f.server, 0),
		"{\"query\":\"query{thing(a:\\\"b\\\"){id}}\",\"variables\":{\"n\":1}}");
	assert_int_equal(strncmp(f.server.requests[0], "POST /base/graphql HTTP/1.1\r\n", 29), 0);
	assert_non_null(strstr(f.server.requests[0], "Authorization: Bearer " TOKEN "\r\n"));
	assert_non_null(strstr(f.server.requests[0], "-Agent: EmailIntelImap/" EII_VERSION "\r\n"));
	assert_non_null(strstr(f.server.requests[0], "Content-Type: application/json\r\n"));
	assert_non_null(strstr(f.server.requests[0], "X-Own: yes\r\n"));
	end(&f);
}

#define ERROR(code, message)                                                                       \
	"{\"errors\":[{\"message\":\"" message "\",\"extensions\":{\"code\":\"" code               \
	"\"},\"name\":\"" code "\"}],\"data\":{\"thing\":null}}"
/* Before 6.2.14 */
#define OLD_ERROR(code, message)                                                                   \
	"{\"errors\":[{\"message\":\"" message "\",\"name\":\"" code                               \
	"\",\"time_thrown\":\"x\"}],\"data\":null}"

struct failure {
	struct fake_reply reply;
	enum eii_rc rc;
	enum eii_error_kind kind;
	enum eii_graphql_code code;
	bool is_outcome_unknown;
	const char *text;
};

static const struct failure failures[] = {
	{ { .status = 200, .body = ERROR("AUTH_REQUIRED", "You must be logged in to do this.") },
	  EII_FATAL,
	  EII_ERROR_CREDENTIALS,
	  EII_GRAPHQL_AUTH_REQUIRED,
	  false,
	  "OPENCTI_TOKEN is wrong, or its user lacks" },
	{ { .status = 200, .body = OLD_ERROR("AUTH_REQUIRED", "You must be logged in.") },
	  EII_FATAL,
	  EII_ERROR_CREDENTIALS,
	  EII_GRAPHQL_AUTH_REQUIRED,
	  false,
	  "role Connector" },
	{ { .status = 200, .body = "{\"errors\":[{\"message\":\"x AUTH_REQUIRED y\"}]}" },
	  EII_FATAL,
	  EII_ERROR_CREDENTIALS,
	  EII_GRAPHQL_AUTH_REQUIRED,
	  false,
	  "OPENCTI_TOKEN" },
	{ { .status = 200, .body = ERROR("FORBIDDEN_ACCESS", "no") },
	  EII_FATAL,
	  EII_ERROR_CREDENTIALS,
	  EII_GRAPHQL_FORBIDDEN,
	  false,
	  "lacks a right" },
	{ { .status = 200, .body = ERROR("IP_FORBIDDEN", "no") },
	  EII_FATAL,
	  EII_ERROR_CREDENTIALS,
	  EII_GRAPHQL_FORBIDDEN,
	  false,
	  "allowed addresses" },
	{ { .status = 200, .body = ERROR("FUNCTIONAL_ERROR", "No connector found") },
	  EII_RETRY,
	  EII_ERROR_OTHER,
	  EII_GRAPHQL_FUNCTIONAL,
	  false,
	  "No connector found" },
	{ { .status = 200, .body = ERROR("BAD_USER_INPUT", "unknown field \\\"foo\\\"") },
	  EII_REJECT,
	  EII_ERROR_OTHER,
	  EII_GRAPHQL_BAD_INPUT,
	  false,
	  "unknown field \"foo\"" },
	{ { .status = 200, .body = ERROR("GRAPHQL_VALIDATION_FAILED", "Cannot query field") },
	  EII_REJECT,
	  EII_ERROR_OTHER,
	  EII_GRAPHQL_BAD_DOCUMENT,
	  false,
	  "Cannot query field" },
	{ { .status = 400, .body = ERROR("GRAPHQL_VALIDATION_FAILED", "Cannot query field") },
	  EII_REJECT,
	  EII_ERROR_OTHER,
	  EII_GRAPHQL_BAD_DOCUMENT,
	  false,
	  "Cannot query field" },
	{ { .status = 200,
	    .body = ERROR("INTERNAL_SERVER_ERROR",
			  "Unexpected error value: { extensions: { code: \\\"LOCK_ERROR\\\" } }") },
	  EII_RETRY,
	  EII_ERROR_OTHER,
	  EII_GRAPHQL_LOCKED,
	  false,
	  "still works on this" },
	{ { .status = 500, .body = ERROR("WORK_NOT_ALIVE", "work is dead") },
	  EII_RETRY,
	  EII_ERROR_OTHER,
	  EII_GRAPHQL_WORK_NOT_ALIVE,
	  false,
	  "work is dead" },
	{ { .status = 200, .body = ERROR("INTERNAL_SERVER_ERROR", "oops") },
	  EII_RETRY,
	  EII_ERROR_OTHER,
	  EII_GRAPHQL_OTHER,
	  true,
	  "oops" },
	{ { .status = 200, .body = ERROR("UNSUPPORTED_ERROR", "filter") },
	  EII_RETRY,
	  EII_ERROR_OTHER,
	  EII_GRAPHQL_UNSUPPORTED,
	  true,
	  "filter" },
	{ { .status = 200, .body = ERROR("SOMETHING_NEW", TOKEN " and b2N0aV90a25 what") },
	  EII_RETRY,
	  EII_ERROR_OTHER,
	  EII_GRAPHQL_OTHER,
	  true,
	  "refused thing: *** and *** what" },
	{ { .status = 200, .body = "{\"errors\":[7]}" },
	  EII_RETRY,
	  EII_ERROR_OTHER,
	  EII_GRAPHQL_OTHER,
	  true,
	  "an error without words" },
	{ { .status = 500, .body = "{\"status\":\"error\",\"error\":\"Unexpected token\"}" },
	  EII_RETRY,
	  EII_ERROR_UNREACHABLE,
	  EII_GRAPHQL_NONE,
	  true,
	  "HTTP 500" },
	{ { .status = 502, .body = "<html><h1>Bad Gateway</h1></html>" },
	  EII_RETRY,
	  EII_ERROR_UNREACHABLE,
	  EII_GRAPHQL_NONE,
	  true,
	  "HTTP 502" },
	{ { .status = 504, .body = "" },
	  EII_RETRY,
	  EII_ERROR_UNREACHABLE,
	  EII_GRAPHQL_NONE,
	  true,
	  "HTTP 504" },
	{ { .status = 408, .body = "" },
	  EII_RETRY,
	  EII_ERROR_UNREACHABLE,
	  EII_GRAPHQL_NONE,
	  true,
	  "HTTP 408" },
	{ { .status = 429, .body = "{\"message\":\"Too many requests\"}" },
	  EII_RETRY,
	  EII_ERROR_UNREACHABLE,
	  EII_GRAPHQL_NONE,
	  false,
	  "HTTP 429" },
	{ { .status = 413, .body = "" },
	  EII_REJECT,
	  EII_ERROR_OTHER,
	  EII_GRAPHQL_NONE,
	  false,
	  "HTTP 413" },
	{ { .status = 401, .body = "<html>" },
	  EII_FATAL,
	  EII_ERROR_CREDENTIALS,
	  EII_GRAPHQL_NONE,
	  false,
	  "in front of the platform refuses us (HTTP 401): let whoever runs it allow" },
	{ { .status = 403, .body = "<html>" },
	  EII_FATAL,
	  EII_ERROR_CREDENTIALS,
	  EII_GRAPHQL_NONE,
	  false,
	  "in front of the platform refuses us (HTTP 403): let whoever runs it allow" },
	{ { .status = 302, .headers = "Location: http://elsewhere/\r\n", .body = "" },
	  EII_FATAL,
	  EII_ERROR_CONFIG,
	  EII_GRAPHQL_NONE,
	  false,
	  "final address" },
	{ { .status = 404, .body = "<html>" },
	  EII_FATAL,
	  EII_ERROR_CONFIG,
	  EII_GRAPHQL_NONE,
	  false,
	  "no platform at OPENCTI_URL" },
	{ { .status = 405, .body = "" },
	  EII_FATAL,
	  EII_ERROR_CONFIG,
	  EII_GRAPHQL_NONE,
	  false,
	  "no platform at OPENCTI_URL" },
	{ { .status = 200, .body = "<html>welcome</html>" },
	  EII_RETRY,
	  EII_ERROR_UNREACHABLE,
	  EII_GRAPHQL_NONE,
	  true,
	  "no JSON" },
	{ { .status = 200, .body = "[1]" },
	  EII_RETRY,
	  EII_ERROR_UNREACHABLE,
	  EII_GRAPHQL_NONE,
	  true,
	  "no JSON" },
	{ { .status = 200, .body = "{\"data\":null}" },
	  EII_RETRY,
	  EII_ERROR_OTHER,
	  EII_GRAPHQL_NONE,
	  true,
	  "without data" },
	{ { .status = 200, .body = "{\"data\":{}} trailing" },
	  EII_RETRY,
	  EII_ERROR_UNREACHABLE,
	  EII_GRAPHQL_NONE,
	  true,
	  "no JSON" },
	{ { .way = FAKE_CUT },
	  EII_RETRY,
	  EII_ERROR_UNREACHABLE,
	  EII_GRAPHQL_NONE,
	  true,
	  "OpenCTI, thing: " },
};

/* What a server in front of a platform says while there is none behind it. */
static bool may_pass(int status)
{
	return status == 403 || status == 404 || status == 405 || status == 302;
}

static void test_graphql__sorts_every_failure(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
		const struct failure *want = &failures[i];
		struct fixture f;
		enum eii_rc rc;

		begin(&f, &want->reply, 1, NULL);
		rc = ask(&f, EII_GRAPHQL_ONCE);
		CHECK(rc == want->rc && f.err.kind == want->kind, "case %zu gave %d/%d: %s", i, rc,
		      f.err.kind, f.err.text);
		CHECK(f.err.is_doubtful == (want->rc == EII_FATAL && may_pass(want->reply.status)),
		      "case %zu", i);
		CHECK(f.answer.code == want->code, "case %zu: code %d", i, f.answer.code);
		CHECK(f.answer.is_outcome_unknown == want->is_outcome_unknown, "case %zu", i);
		CHECK(strstr(f.err.text, want->text), "case %zu: %s", i, f.err.text);
		CHECK(!strstr(f.err.text, TOKEN), "case %zu tells the token", i);
		CHECK(!f.answer.data, "case %zu has data", i);
		end(&f);
	}
}

static void test_graphql__nobody_there_is_no_unknown_outcome(void **state)
{
	static const struct fake_reply replies[] = { { .way = FAKE_CUT } };
	struct fixture f;

	(void)state;
	begin(&f, replies, 0, NULL);
	fake_http_stop(&f.server);
	assert_int_equal(ask(&f, EII_GRAPHQL_ONCE), EII_RETRY);
	assert_int_equal(f.err.kind, EII_ERROR_UNREACHABLE);
	assert_false(f.answer.is_outcome_unknown);
	eii_graphql_free(f.graphql);
	eii_http_free(f.http);
}

static void test_graphql__tells_how_long_to_wait_and_what_the_server_says(void **state)
{
	static const struct fake_reply replies[] = {
		{ .status = 429, .headers = "Retry-After: 7\r\n", .body = "" },
		{ .status = 503,
		  .headers = "Retry-After: 3600\r\nDate: Sun, 06 Nov 1994 12:00:00 GMT\r\n",
		  .body = ERROR("INTERNAL_SERVER_ERROR", "busy") },
		{ .status = 200, .body = "{\"data\":{}}" },
		{ .way = FAKE_CUT },
	};
	static const struct eii_graphql_answer wanted[] = {
		{ .retry_after_s = 7, .http_status = 429 },
		{ .retry_after_s = 900, .http_status = 503, .server_unix_s = 784123200 },
		{ .http_status = 200 },
		{ 0 },
	};
	struct fixture f;

	(void)state;
	begin(&f, replies, 4, NULL);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		CHECK((ask(&f, EII_GRAPHQL_ONCE) == EII_OK) == (i == 2), "case %zu", i);
		CHECK(f.answer.retry_after_s == wanted[i].retry_after_s, "case %zu", i);
		CHECK(f.answer.http_status == wanted[i].http_status, "case %zu", i);
		CHECK(f.answer.server_unix_s == wanted[i].server_unix_s, "case %zu", i);
	}
	end(&f);
}

static void test_graphql__what_must_not_repeat_goes_on_a_connection_of_its_own(void **state)
{
	static const struct fake_reply replies[] = {
		{ .status = 200, .body = "{\"data\":{}}" },
		{ .status = 200, .body = "{\"data\":{}}" },
		{ .status = 200, .body = "{\"data\":{}}" },
	};
	struct fixture f;

	(void)state;
	begin(&f, replies, 3, NULL);
	assert_int_equal(ask(&f, EII_GRAPHQL_ONCE), EII_OK);
	assert_int_equal(ask(&f, EII_GRAPHQL_ONCE), EII_OK);
	assert_int_equal(ask(&f, EII_GRAPHQL_ONCE), EII_OK);
	eii_graphql_answer_clear(&f.answer);
	fake_http_stop(&f.server);
	assert_int_equal(f.server.n_connections, 3);
	eii_graphql_free(f.graphql);
	eii_http_free(f.http);
	fake_http_clear(&f.server);
}

static void test_graphql__a_stop_cuts_all_but_the_states_ping(void **state)
{
	static const struct fake_reply hang[] = { { .way = FAKE_HANG } };
	static const struct fake_reply fine[] = { { .status = 200, .body = "{\"data\":{}}" } };
	EII_AUTO(eii_stop) stop = eii_stop_new();
	int64_t began_ms = eii_clock_monotonic_ms();
	struct fixture f;

	(void)state;
	eii_stop_request(stop);
	begin(&f, hang, 1, stop);
	assert_int_equal(ask(&f, EII_GRAPHQL_QUERY), EII_RETRY);
	assert_int_equal(f.err.kind, EII_ERROR_STOPPED);
	end(&f);
	begin(&f, fine, 1, stop);
	CHECK(ask(&f, EII_GRAPHQL_UNSTOPPED) == EII_OK, "%s", f.err.text);
	end(&f);
	assert_true(eii_clock_monotonic_ms() - began_ms < 5000);
}

static void test_graphql__without_a_token_nothing_is_sent(void **state)
{
	static const struct fake_reply replies[] = { { .way = FAKE_CUT } };
	struct eii_graphql_options options = { .token = give_no_token };
	struct fixture f;
	char url[64];

	(void)state;
	begin(&f, replies, 1, NULL);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", f.server.port);
	eii_graphql_free(f.graphql);
	options.url = url;
	options.http = f.http;
	f.graphql = eii_graphql_new(&options);
	assert_int_equal(ask(&f, EII_GRAPHQL_QUERY), EII_FATAL);
	assert_string_equal(f.err.text, "no token file");
	end(&f);
	assert_int_equal(f.server.n_requests, 0);
}

struct watched {
	int n_calls, n_failed;
	int64_t ms;
	char text[EII_ERROR_TEXT_MAX];
};

static void watch(void *arg, int64_t ms, enum eii_rc rc, const struct eii_error *err)
{
	struct watched *watched = arg;

	watched->n_calls++;
	watched->n_failed += rc != EII_OK;
	watched->ms += ms;
	if (rc)
		(void)snprintf(watched->text, sizeof(watched->text), "%s", err->text);
}

static void test_graphql__whoever_watches_is_told_of_each_call(void **state)
{
	static const struct fake_reply replies[] = {
		{ .status = 200, .body = "{\"data\":{\"thing\":{\"id\":\"7\"}}}" },
		{ .status = 503, .body = "busy" },
	};
	struct watched watched = { 0 };
	struct eii_graphql_options options = { .token = give_token,
					       .watch = watch,
					       .watch_arg = &watched };
	struct fixture f;
	char url[64];

	(void)state;
	begin(&f, replies, 2, NULL);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", f.server.port);
	eii_graphql_free(f.graphql);
	options.url = url;
	options.http = f.http;
	f.graphql = eii_graphql_new(&options);
	assert_int_equal(ask(&f, EII_GRAPHQL_QUERY), EII_OK);
	assert_int_equal(ask(&f, EII_GRAPHQL_QUERY), EII_RETRY);
	end(&f);
	assert_int_equal(watched.n_calls, 2);
	assert_int_equal(watched.n_failed, 1);
	assert_in_range(watched.ms, 0, EII_GRAPHQL_TIMEOUT_MS);
	assert_string_equal(watched.text, f.err.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_graphql__sends_document_variables_and_headers),
		cmocka_unit_test(test_graphql__whoever_watches_is_told_of_each_call),
		cmocka_unit_test(test_graphql__sorts_every_failure),
		cmocka_unit_test(test_graphql__nobody_there_is_no_unknown_outcome),
		cmocka_unit_test(test_graphql__tells_how_long_to_wait_and_what_the_server_says),
		cmocka_unit_test(
			test_graphql__what_must_not_repeat_goes_on_a_connection_of_its_own),
		cmocka_unit_test(test_graphql__a_stop_cuts_all_but_the_states_ping),
		cmocka_unit_test(test_graphql__without_a_token_nothing_is_sent),
	};

	eii_http_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
