/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/token/login.h"

#include "../net/web_peer.h"
#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "eii/net/http.h"
#include "support.h"
#include "token_private.h"

#define ANSWER(status, body) "HTTP/1.1 " status "\r\nConnection: close\r\n\r\n{" body "}"
#define DEVICE                                                                                     \
	ANSWER("200 OK", "\"device_code\":\"d/1\",\"user_code\":\"AB-CD\",\"verification_uri\":"   \
			 "\"https://login.example/device\",\"expires_in\":900,\"interval\":1")
#define REFUSAL(word, code)                                                                        \
	ANSWER("400 Bad Request", "\"error\":\"" word "\",\"error_codes\":[" code "]")
#define TOKENS(scope, more) ANSWER("200 OK", "\"access_token\":\"a\",\"scope\":\"" scope "\"" more)
#define IMAP_SCOPE          "https://outlook.office.com/IMAP.AccessAsUser.All"

struct scene {
	struct web_peer web;
	struct peer *peer;
	struct eii_http *http;
	char *base; /* "http://127.0.0.1:port" */
	struct eii_login_microsoft app;
	struct eii_login_tokens tokens;
	struct eii_error err;
};

static void set_scene(struct scene *scene, const char *const *answers)
{
	const struct eii_http_options options = { .tls = { .verify = true } };

	*scene = (struct scene){ .web = { .answers = answers } };
	scene->peer = peer_start(web_peer_serve, &scene->web, 10);
	scene->http = eii_http_new(&options);
	scene->base = eii_asprintf("http://127.0.0.1:%u/", peer_port(scene->peer));
	scene->app = (struct eii_login_microsoft){ .tenant = "t-1",
						   .client_id = "app/1",
						   .authority = scene->base };
}

static void clear_scene(struct scene *scene)
{
	eii_login_clear_tokens(&scene->tokens);
	eii_http_free(scene->http);
	peer_stop(scene->peer);
	free(scene->base);
}

/* ---- Microsoft ------------------------------------------------------------- */

/* With every wait over at once. */
static enum eii_rc poll_at_once(struct scene *scene)
{
	struct eii_device device = { .code = eii_strdup("d/1"),
				     .user_code = eii_strdup("AB-CD"),
				     .address = eii_strdup("https://login.example/device"),
				     .end_ms = INT64_MAX };
	enum eii_rc rc = eii_login_await_device(scene->http, &scene->app, &device, &scene->tokens,
						&scene->err);

	eii_device_clear(&device);
	return rc;
}

static void test_login__asks_for_a_device_code_and_then_for_the_tokens(void **state)
{
	static const char *const first[] = { DEVICE, NULL };
	static const char *const then[] = { REFUSAL("authorization_pending", "70016"),
					    TOKENS(IMAP_SCOPE, ",\"refresh_token\":\"M.C1!*$\""),
					    NULL };
	struct eii_device device = { 0 };
	struct scene scene;

	(void)state;
	set_scene(&scene, first);
	assert_int_equal(eii_login_ask_device(scene.http, &scene.app, &device, &scene.err), EII_OK);
	assert_non_null(strstr(scene.web.head, "POST /t-1/oauth2/v2.0/devicecode "));
	assert_string_equal(scene.web.body, "client_id=app%2F1&scope=https%3A%2F%2F"
					    "outlook.office.com%2FIMAP.AccessAsUser.All%20"
					    "offline_access");
	assert_string_equal(device.user_code, "AB-CD");
	eii_device_clear(&device);
	clear_scene(&scene);

	set_scene(&scene, then);
	assert_int_equal(poll_at_once(&scene), EII_OK);
	assert_non_null(strstr(scene.web.head, "POST /t-1/oauth2/v2.0/token "));
	assert_string_equal(scene.web.body, "client_id=app%2F1&grant_type=urn%3Aietf%3Aparams%3A"
					    "oauth%3Agrant-type%3Adevice_code&device_code=d%2F1");
	assert_string_equal(scene.tokens.access, "a");
	assert_string_equal(scene.tokens.refresh, "M.C1!*$");
	clear_scene(&scene);
}

static void test_login__a_scope_of_its_own_is_made_to_last(void **state)
{
	static const char *const answers[] = { DEVICE, NULL };
	struct eii_device device = { 0 };
	struct scene scene;

	(void)state;
	set_scene(&scene, answers);
	scene.app.scope = "https://outlook.office365.us/.default";
	assert_int_equal(eii_login_ask_device(scene.http, &scene.app, &device, &scene.err), EII_OK);
	assert_non_null(strstr(scene.web.body, "%2F.default%20offline_access"));
	eii_device_clear(&device);
	scene.app.scope = "offline_access x";
	assert_int_equal(eii_login_ask_device(scene.http, &scene.app, &device, &scene.err), EII_OK);
	assert_non_null(strstr(scene.web.body, "scope=offline_access%20x"));
	eii_device_clear(&device);
	clear_scene(&scene);
}

static void test_login__says_what_to_click_where(void **state)
{
	static const struct {
		const char *answer, *words;
	} cases[] = {
		{ REFUSAL("authorization_declined", "0"), "declined in the browser" },
		{ REFUSAL("access_denied", "0"), "declined in the browser" },
		{ REFUSAL("expired_token", "70019"), "not used in time" },
		{ REFUSAL("bad_verification_code", "0"), "begin again" },
		{ REFUSAL("invalid_client", "7000218"), "Allow public client flows" },
		{ REFUSAL("unauthorized_client", "700016"), "--client" },
		{ REFUSAL("invalid_grant", "65001"), "Grant admin consent" },
		{ REFUSAL("access_denied_by_policy", "53003"), "Authentication flows" },
		{ REFUSAL("interaction_required", "50076"), "second factor" },
		{ REFUSAL("odd", "1"), "check what was registered" },
		{ TOKENS(IMAP_SCOPE, ""), "no refresh token came" },
		{ TOKENS(IMAP_SCOPE, ",\"refresh_token\":\"\""), "no refresh token came" },
		{ TOKENS(IMAP_SCOPE, ",\"refresh_token\":\"a\\nb\""), "no refresh token came" },
		{ TOKENS("https://graph.microsoft.com/User.Read", ",\"refresh_token\":\"r\""),
		  "right to read mail was not granted" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *const answers[] = { cases[i].answer, NULL };
		struct scene scene;

		set_scene(&scene, answers);
		CHECK(poll_at_once(&scene) == EII_FATAL, "%s", cases[i].words);
		CHECK(scene.err.kind == EII_ERROR_CREDENTIALS, "%s", cases[i].words);
		CHECK(strstr(scene.err.text, cases[i].words), "%s: %s", cases[i].words,
		      scene.err.text);
		CHECK(!scene.tokens.access && !scene.tokens.refresh, "%s", cases[i].words);
		clear_scene(&scene);
	}
}

static void test_login__a_busy_endpoint_is_asked_again(void **state)
{
	static const char *const answers[] = { "HTTP/1.1 503 Busy\r\nConnection: close\r\n\r\n<p>",
					       "", TOKENS(IMAP_SCOPE, ",\"refresh_token\":\"r\""),
					       NULL };
	struct scene scene;

	(void)state;
	set_scene(&scene, answers);
	assert_int_equal(poll_at_once(&scene), EII_OK);
	assert_string_equal(scene.tokens.refresh, "r");
	clear_scene(&scene);
}

static void test_login__no_secret_goes_to_an_endpoint_without_tls(void **state)
{
	static const char *const answers[] = { DEVICE, NULL };
	struct eii_device device = { 0 };
	struct scene scene;

	(void)state;
	set_scene(&scene, answers);
	scene.app.authority = "http://login.example";
	assert_int_equal(eii_login_ask_device(scene.http, &scene.app, &device, &scene.err),
			 EII_FATAL);
	assert_int_equal(scene.err.kind, EII_ERROR_CONFIG);
	clear_scene(&scene);
}

/* ---- Google ------------------------------------------------------------------ */

static void test_login__reads_a_desktop_client_and_names_each_other_file(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "", "not JSON" },
		{ "{}", "not a client's file" },
		{ "{\"web\":{\"client_id\":\"i\",\"client_secret\":\"s\"}}", "Web application" },
		{ "{\"type\":\"service_account\"}", "service account" },
		{ "{\"refresh_token\":\"r\"}", "a token already" },
		{ "{\"installed\":{\"client_id\":\"i\"}}", "client_secret is missing" },
		{ "{\"installed\":{\"client_id\":\"i\",\"client_secret\":\"\"}}", "is missing" },
	};
	struct eii_login_client client = { 0 };
	struct eii_error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK(eii_login_read_client(eii_text_of(cases[i].text), &client, &err) == EII_FATAL,
		      "%s", cases[i].text);
		CHECK(strstr(err.text, cases[i].words), "%s: %s", cases[i].text, err.text);
		CHECK(strstr(err.text, "Desktop app"), "%s: %s", cases[i].text, err.text);
		CHECK(!client.id, "%s wrote its output", cases[i].text);
	}
	assert_int_equal(eii_login_read_client(eii_text_of("{\"installed\":{\"client_id\":\"i\","
							   "\"client_secret\":\"s\",\"token_uri\":"
							   "\"https://evil.example/\"}}"),
					       &client, &err),
			 EII_OK);
	assert_string_equal(client.id, "i");
	assert_string_equal(client.secret, "s");
	eii_login_clear_client(&client);
}

static enum eii_rc give(void *arg, enum eii_token_secret which, char **out, struct eii_error *err)
{
	(void)err;
	*out = which == EII_TOKEN_SECRET_DOCUMENT ? eii_strdup(arg) : NULL;
	return EII_OK;
}

static void test_login__its_document_is_what_google_user_reads(void **state)
{
	char id[] = "i", secret[] = "s\"\\";
	const struct eii_login_client client = { .id = id, .secret = secret };
	EII_AUTO_SECRET document = eii_login_google_document(&client, "1//r");
	const struct eii_token_settings settings = { .method = EII_TOKEN_GOOGLE_USER,
						     .secret = give,
						     .secret_arg = document };
	EII_AUTO(eii_token) token = eii_token_new(NULL, &settings);

	(void)state;
	assert_int_equal(eii_token_check(token, NULL), EII_OK);
	assert_string_equal(document,
			    "{\"type\":\"authorized_user\",\"client_id\":\"i\",\"client_secret\":"
			    "\"s\\\"\\\\\",\"refresh_token\":\"1//r\",\"token_uri\":"
			    "\"https://oauth2.googleapis.com/token\",\"scopes\":["
			    "\"https://mail.google.com/\"]}");
}

static void test_login__knows_the_words_that_googles_pages_show(void **state)
{
	(void)state;
	assert_non_null(strstr(eii_login_google_cure("redirect_uri_mismatch"), "Desktop app"));
	assert_non_null(strstr(eii_login_google_cure("access_denied"), "Test users"));
	assert_non_null(strstr(eii_login_google_cure("admin_policy_enforced"), "Trusted"));
	assert_null(eii_login_google_cure("odd"));
	assert_null(eii_login_google_cure(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_login__asks_for_a_device_code_and_then_for_the_tokens),
		cmocka_unit_test(test_login__a_scope_of_its_own_is_made_to_last),
		cmocka_unit_test(test_login__says_what_to_click_where),
		cmocka_unit_test(test_login__a_busy_endpoint_is_asked_again),
		cmocka_unit_test(test_login__no_secret_goes_to_an_endpoint_without_tls),
		cmocka_unit_test(test_login__reads_a_desktop_client_and_names_each_other_file),
		cmocka_unit_test(test_login__its_document_is_what_google_user_reads),
		cmocka_unit_test(test_login__knows_the_words_that_googles_pages_show),
	};
	int failed;

	eii_http_global_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	eii_http_global_clear();
	return failed;
}
