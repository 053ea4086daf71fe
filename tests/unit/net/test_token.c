/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/net/token.h"

#include <signal.h>

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "eii/base/clock.h"
#include "eii/net/http.h"
#include "support.h"
#include "web_peer.h"

#define GRANT(token, life)                                                                         \
	"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"access_token\":\"" token                   \
	"\",\"expires_in\":" life ",\"token_type\":\"Bearer\"}"
#define REFUSAL(status, error)                                                                     \
	"HTTP/1.1 " status "\r\nConnection: close\r\n\r\n{\"error\":\"" error                      \
	"\",\"error_description\":\"x\"}"

struct scene {
	struct web_peer web;
	struct peer *peer;
	struct eii_http *http;
	struct eii_token *token;
	char *document;
	struct eii_error err;
};

static void set_scene(struct scene *scene, const char *const *answers)
{
	const struct eii_http_options options = { .tls = { .verify = true } };

	*scene = (struct scene){ .web = { .answers = answers } };
	scene->peer = peer_start(web_peer_serve, &scene->web, 10);
	scene->http = eii_http_new(&options);
	scene->token = eii_token_new(scene->http);
	scene->document = eii_asprintf("{\"client_id\":\"id\",\"client_secret\":\"s/+=&\","
				       "\"refresh_token\":\"1//r\",\"token_uri\":"
				       "\"http://127.0.0.1:%u/token\"}",
				       peer_port(scene->peer));
}

static void clear_scene(struct scene *scene)
{
	eii_token_free(scene->token);
	eii_http_free(scene->http);
	peer_stop(scene->peer);
	free(scene->document);
}

static enum eii_rc get(struct scene *scene, enum eii_token_need need, char **out)
{
	return eii_token_get(scene->token, scene->document, need, NULL, out, &scene->err);
}

static void expect_token(struct scene *scene, enum eii_token_need need, const char *token,
			 int n_requests)
{
	EII_AUTO_STR got = NULL;

	CHECK(get(scene, need, &got) == EII_OK, "%s", scene->err.text);
	assert_string_equal(got, token);
	assert_int_equal(atomic_load(&scene->web.n_requests), n_requests);
}

static void test_token__is_asked_for_once_and_again_when_refused_or_changed(void **state)
{
	static const char *const answers[] = { GRANT("first", "3600"), GRANT("second", "3600"),
					       GRANT("third", "3600"), NULL };
	struct scene scene;
	char *longer;

	(void)state;
	set_scene(&scene, answers);
	expect_token(&scene, EII_TOKEN_ANY, "first", 1);
	assert_string_equal(scene.web.body, "grant_type=refresh_token&client_id=id&"
					    "client_secret=s%2F%2B%3D%26&refresh_token=1%2F%2Fr");
	assert_non_null(strstr(scene.web.head, "application/x-www-form-urlencoded"));
	expect_token(&scene, EII_TOKEN_ANY, "first", 1);
	expect_token(&scene, EII_TOKEN_FRESH, "second", 2);
	expect_token(&scene, EII_TOKEN_ANY, "second", 2);
	longer = eii_asprintf("%s ", scene.document);
	free(scene.document);
	scene.document = longer;
	expect_token(&scene, EII_TOKEN_ANY, "third", 3);
	clear_scene(&scene);
}

static void test_token__is_made_anew_when_its_life_is_over(void **state)
{
	static const char *const answers[] = { GRANT("first", "0"), GRANT("second", "3600"), NULL };
	int64_t before_s = eii_clock_unix_s();
	_Atomic int64_t end_s = 0;
	struct scene scene;

	(void)state;
	set_scene(&scene, answers);
	eii_token_watch(scene.token, &end_s);
	expect_token(&scene, EII_TOKEN_ANY, "first", 1);
	assert_true(end_s >= before_s && end_s <= before_s + 60);
	expect_token(&scene, EII_TOKEN_ANY, "second", 2);
	assert_true(end_s >= before_s + 3600 && end_s <= before_s + 3660);
	expect_token(&scene, EII_TOKEN_ANY, "second", 2);
	clear_scene(&scene);
}

static void test_token__sorts_refusals_by_what_to_do(void **state)
{
	static const struct {
		const char *answer;
		enum eii_rc rc;
		enum eii_error_kind kind;
		const char *says;
	} cases[] = {
		{ REFUSAL("400 Bad", "invalid_grant"), EII_FATAL, EII_ERROR_CREDENTIALS,
		  "consent again" },
		{ REFUSAL("401 No", "invalid_client"), EII_FATAL, EII_ERROR_CREDENTIALS,
		  "client_secret is wrong" },
		{ REFUSAL("503 Busy", "invalid_grant"), EII_RETRY, EII_ERROR_UNREACHABLE, "503" },
		{ REFUSAL("429 Many", "slow"), EII_RETRY, EII_ERROR_UNREACHABLE, "429" },
		{ "HTTP/1.1 502 Bad\r\nConnection: close\r\n\r\n<html>", EII_RETRY,
		  EII_ERROR_UNREACHABLE, "502" },
		{ "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", EII_RETRY,
		  EII_ERROR_UNREACHABLE, "no access token" },
		{ GRANT("line\\u0001break", "1"), EII_RETRY, EII_ERROR_UNREACHABLE,
		  "no access token" },
		{ "", EII_RETRY, EII_ERROR_UNREACHABLE, "token endpoint" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *const answers[] = { cases[i].answer, NULL };
		struct scene scene;
		char untouched = 'u';
		char *got = &untouched;

		set_scene(&scene, answers);
		CHECK(get(&scene, EII_TOKEN_ANY, &got) == cases[i].rc, "case %zu: %s", i,
		      scene.err.text);
		CHECK(scene.err.kind == cases[i].kind, "case %zu: kind %d", i, scene.err.kind);
		CHECK(strstr(scene.err.text, cases[i].says), "case %zu: %s", i, scene.err.text);
		CHECK(!strstr(scene.err.text, "1//r"), "case %zu tells a secret", i);
		assert_ptr_equal(got, &untouched);
		clear_scene(&scene);
	}
}

static void test_token__names_what_a_document_lacks(void **state)
{
	static const struct {
		const char *document, *says;
	} cases[] = {
		{ "", "not JSON" },
		{ "/run/secrets/token.json", "not JSON" },
		{ "[]", "an object" },
		{ "{}", "client_id is missing" },
		{ "{\"client_id\":\"a\",\"client_secret\":\"b\",\"refresh_token\":\"\"}",
		  "refresh_token is missing" },
		{ "{\"client_id\":\"a\",\"client_secret\":\"b\",\"refresh_token\":\"c\"}",
		  "token_uri is missing" },
		{ "{\"client_id\":\"a\",\"client_secret\":\"b\",\"refresh_token\":\"c\","
		  "\"token_uri\":\"http://oauth2.example/token\"}",
		  "must begin with https" },
		{ "{\"client_id\":\"a\",\"client_secret\":\"b\",\"refresh_token\":\"c\","
		  "\"token_uri\":\"http://localhost.evil.example/token\"}",
		  "must begin with https" },
	};
	struct eii_error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK(eii_token_check(cases[i].document, &err) == EII_FATAL, "case %zu", i);
		CHECK(err.kind == EII_ERROR_CONFIG && strstr(err.text, cases[i].says), "%s",
		      err.text);
	}
	assert_int_equal(
		eii_token_check("{\"client_id\":\"a\",\"client_secret\":\"b\",\"refresh_token\":"
				"\"c\",\"token_uri\":\"https://oauth2.googleapis.com/token\"}",
				&err),
		EII_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_token__is_asked_for_once_and_again_when_refused_or_changed),
		cmocka_unit_test(test_token__is_made_anew_when_its_life_is_over),
		cmocka_unit_test(test_token__sorts_refusals_by_what_to_do),
		cmocka_unit_test(test_token__names_what_a_document_lacks),
	};
	int failed;

	(void)signal(SIGPIPE, SIG_IGN);
	eii_http_global_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	eii_http_global_clear();
	return failed;
}
