/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/token/token.h"

#include <signal.h>

#include "../net/web_peer.h"
#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "eii/base/clock.h"
#include "eii/net/http.h"
#include "support.h"

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

static enum eii_rc give_document(void *arg, enum eii_token_secret which, char **out,
				 struct eii_error *err)
{
	const struct scene *scene = arg;

	(void)err;
	*out = which == EII_TOKEN_SECRET_DOCUMENT ? eii_strdup(scene->document) : NULL;
	return EII_OK;
}

static void set_scene(struct scene *scene, const char *const *answers)
{
	const struct eii_http_options options = { .tls = { .verify = true } };
	const struct eii_token_settings settings = { .method = EII_TOKEN_GOOGLE_USER,
						     .secret = give_document,
						     .secret_arg = scene };

	*scene = (struct scene){ .web = { .answers = answers } };
	scene->peer = peer_start(web_peer_serve, &scene->web, 10);
	scene->http = eii_http_new(&options);
	scene->token = eii_token_new(scene->http, &settings);
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
	return eii_token_get(scene->token, need, NULL, out, &scene->err);
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

static enum eii_rc check(const char *document, enum eii_token_method method, struct eii_error *err)
{
	EII_AUTO_STR copy = eii_strdup(document);
	struct scene scene = { .document = copy };
	const struct eii_token_settings settings = { .method = method,
						     .secret = give_document,
						     .secret_arg = &scene };
	EII_AUTO(eii_token) token = eii_token_new(NULL, &settings);

	return eii_token_check(token, err);
}

#define USER(rest)    "{\"client_id\":\"a\",\"client_secret\":\"b\"" rest "}"
#define SERVICE(rest) "{\"type\":\"service_account\",\"client_email\":\"a@b\"" rest "}"
#define EXTERNAL(source)                                                                           \
	"{\"type\":\"external_account\",\"audience\":\"//iam\",\"subject_token_type\":\"jwt\","    \
	"\"token_url\":\"https://sts.googleapis.com/v1/token\","                                   \
	"\"service_account_impersonation_url\":\"https://iamcredentials.googleapis.com/v1/"        \
	"projects/"                                                                                \
	"-/serviceAccounts/box@p.iam.gserviceaccount.com:generateAccessToken\","                   \
	"\"credential_source\":" source "}"

static void test_token__names_what_a_document_lacks_and_which_file_it_is(void **state)
{
	static const struct {
		enum eii_token_method method;
		const char *document, *says;
	} cases[] = {
		{ EII_TOKEN_GOOGLE_USER, "", "not JSON" },
		{ EII_TOKEN_GOOGLE_USER, "/run/secrets/token.json", "not JSON" },
		{ EII_TOKEN_GOOGLE_USER, "[]", "an object" },
		{ EII_TOKEN_GOOGLE_USER, "{}", "client_id is missing" },
		{ EII_TOKEN_GOOGLE_USER, USER(",\"refresh_token\":\"\""),
		  "refresh_token is missing" },
		{ EII_TOKEN_GOOGLE_USER,
		  USER(",\"refresh_token\":\"c\",\"token_uri\":\"http://oauth2.example/token\""),
		  "must begin with https" },
		{ EII_TOKEN_GOOGLE_USER, "{\"installed\":{}}", "this is credentials.json" },
		{ EII_TOKEN_GOOGLE_USER, "{\"web\":{}}", "this is credentials.json" },
		{ EII_TOKEN_GOOGLE_USER, SERVICE(",\"private_key\":\"k\""), "GOOGLE_KEY_JSON" },
		{ EII_TOKEN_GOOGLE_SERVICE, USER(",\"refresh_token\":\"c\""), "GOOGLE_TOKEN_JSON" },
		{ EII_TOKEN_GOOGLE_SERVICE, SERVICE(""), "private_key is missing" },
		{ EII_TOKEN_GOOGLE_SERVICE, EXTERNAL("{}"), "neither file nor url" },
		{ EII_TOKEN_GOOGLE_SERVICE, EXTERNAL("{\"url\":\"file:///etc/passwd\"}"),
		  "neither file nor url" },
		{ EII_TOKEN_GOOGLE_SERVICE, EXTERNAL("{\"executable\":{\"command\":\"/bin/x\"}}"),
		  "executable" },
		{ EII_TOKEN_GOOGLE_SERVICE, EXTERNAL("{\"environment_id\":\"aws1\"}"), "aws" },
		{ EII_TOKEN_GOOGLE_SERVICE,
		  "{\"type\":\"external_account\",\"audience\":\"a\",\"subject_token_type\":\"t\","
		  "\"token_url\":\"https://sts.evil.example/\","
		  "\"service_account_impersonation_url\":\"https://x.googleapis.com/\"}",
		  "hosts of googleapis.com" },
	};
	struct eii_error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK(check(cases[i].document, cases[i].method, &err) == EII_FATAL, "case %zu", i);
		CHECK(err.kind == EII_ERROR_CONFIG && strstr(err.text, cases[i].says), "%s",
		      err.text);
	}
	assert_int_equal(check(USER(",\"refresh_token\":\"c\","
				    "\"token_uri\":\"https://oauth2.googleapis.com/token\""),
			       EII_TOKEN_GOOGLE_USER, &err),
			 EII_OK);
	assert_int_equal(check(USER(",\"refresh_token\":\"c\""), EII_TOKEN_GOOGLE_USER, &err),
			 EII_OK);
	assert_int_equal(
		check(EXTERNAL("{\"file\":\"/var/run/token\"}"), EII_TOKEN_GOOGLE_SERVICE, &err),
		EII_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_token__is_asked_for_once_and_again_when_refused_or_changed),
		cmocka_unit_test(test_token__is_made_anew_when_its_life_is_over),
		cmocka_unit_test(test_token__sorts_refusals_by_what_to_do),
		cmocka_unit_test(test_token__names_what_a_document_lacks_and_which_file_it_is),
	};
	int failed;

	(void)signal(SIGPIPE, SIG_IGN);
	eii_http_global_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	eii_http_global_clear();
	return failed;
}
