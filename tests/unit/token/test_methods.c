/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "../net/web_peer.h"
#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "eii/net/http.h"
#include "eii/token/token.h"
#include "support.h"

#define GRANT(token, more)                                                                         \
	"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"access_token\":\"" token "\"" more "}"
#define REFUSAL(status, head, body)                                                                \
	"HTTP/1.1 " status "\r\n" head "Connection: close\r\n\r\n{" body "}"

struct scene {
	struct web_peer web;
	struct peer *peer;
	struct eii_http *http;
	struct eii_token_settings settings;
	struct eii_token *token;
	const char *secrets[EII_TOKEN_SECRET_COUNT];
	char *base; /* "http://127.0.0.1:port" */
	char *token_url;
	char said[512];
	struct eii_error err;
};

static enum eii_rc give(void *arg, enum eii_token_secret which, char **out, struct eii_error *err)
{
	const struct scene *scene = arg;

	(void)err;
	*out = eii_strdup(scene->secrets[which]);
	return EII_OK;
}

static void hear(void *arg, const char *words)
{
	struct scene *scene = arg;

	(void)snprintf(scene->said, sizeof(scene->said), "%s", words);
}

static void set_scene(struct scene *scene, enum eii_token_method method, const char *const *answers)
{
	const struct eii_http_options options = { .tls = { .verify = true } };

	*scene = (struct scene){ .web = { .answers = answers } };
	scene->peer = peer_start(web_peer_serve, &scene->web, 10);
	scene->http = eii_http_new(&options);
	scene->base = eii_asprintf("http://127.0.0.1:%u", peer_port(scene->peer));
	scene->token_url = eii_asprintf("%s/token", scene->base);
	scene->settings = (struct eii_token_settings){ .method = method,
						       .tenant = "t-1",
						       .client_id = "app/1",
						       .authority = scene->base,
						       .token_url = scene->token_url,
						       .secret = give,
						       .secret_arg = scene,
						       .say = hear,
						       .say_arg = scene };
}

static void start(struct scene *scene)
{
	scene->token = eii_token_new(scene->http, &scene->settings);
}

static void clear_scene(struct scene *scene)
{
	eii_token_free(scene->token);
	eii_http_free(scene->http);
	peer_stop(scene->peer);
	free(scene->base);
	free(scene->token_url);
}

static enum eii_rc get(struct scene *scene, enum eii_token_need need, const char *wanted)
{
	EII_AUTO_STR got = NULL;
	enum eii_rc rc = eii_token_get(scene->token, need, NULL, &got, &scene->err);

	CHECK(rc || strcmp(got, wanted) == 0, "got %s", got);
	return rc;
}

static int n_requests(struct scene *scene)
{
	return atomic_load(&scene->web.n_requests);
}

/* ---- what is sent -------------------------------------------------------- */

static void test_methods__send_what_each_provider_wants(void **state)
{
	static const char *const answers[] = { GRANT("a", ""), NULL };
	struct scene scene;

	(void)state;
	set_scene(&scene, EII_TOKEN_MICROSOFT_APP, answers);
	scene.secrets[EII_TOKEN_SECRET_CLIENT] = "p~q&r";
	start(&scene);
	assert_int_equal(get(&scene, EII_TOKEN_ANY, "a"), EII_OK);
	assert_non_null(strstr(scene.web.head, "POST /t-1/oauth2/v2.0/token "));
	assert_string_equal(scene.web.body, "grant_type=client_credentials&scope=https%3A%2F%2F"
					    "outlook.office365.com%2F.default&client_id=app%2F1&"
					    "client_secret=p~q%26r");
	clear_scene(&scene);

	set_scene(&scene, EII_TOKEN_MICROSOFT_USER, answers);
	scene.secrets[EII_TOKEN_SECRET_REFRESH] = "0.A+";
	start(&scene);
	assert_int_equal(get(&scene, EII_TOKEN_ANY, "a"), EII_OK);
	assert_string_equal(scene.web.body,
			    "grant_type=refresh_token&refresh_token=0.A%2B&scope=https%3A%2F%2F"
			    "outlook.office.com%2FIMAP.AccessAsUser.All%20offline_access&"
			    "client_id=app%2F1");
	clear_scene(&scene);

	set_scene(&scene, EII_TOKEN_OAUTH, answers);
	scene.secrets[EII_TOKEN_SECRET_CLIENT] = "s";
	scene.settings.scope = "mail";
	start(&scene);
	assert_int_equal(get(&scene, EII_TOKEN_ANY, "a"), EII_OK);
	assert_non_null(strstr(scene.web.head, "POST /token "));
	assert_string_equal(scene.web.body, "grant_type=client_credentials&scope=mail&"
					    "client_id=app%2F1&client_secret=s");
	clear_scene(&scene);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
}

static void test_methods__read_the_federated_token_at_each_request(void **state)
{
	static const char *const answers[] = { GRANT("a", ""), GRANT("b", ""), NULL };
	char path[] = "/tmp/eii-federated-XXXXXX";
	struct scene scene;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(close(fd), 0);
	set_scene(&scene, EII_TOKEN_MICROSOFT_APP, answers);
	scene.settings.federated_token_file = path;
	start(&scene);
	write_file(path, "one.two.three\n");
	assert_int_equal(get(&scene, EII_TOKEN_ANY, "a"), EII_OK);
	assert_non_null(strstr(scene.web.body, "client_assertion=one.two.three"));
	assert_non_null(strstr(scene.web.body, "client-assertion-type%3Ajwt-bearer"));
	write_file(path, "four.five.six");
	/* A new file alone makes no new token: the one at hand lives on. */
	assert_int_equal(get(&scene, EII_TOKEN_ANY, "a"), EII_OK);
	assert_int_equal(get(&scene, EII_TOKEN_FRESH, "b"), EII_OK);
	assert_non_null(strstr(scene.web.body, "client_assertion=four.five.six"));
	write_file(path, "");
	assert_int_equal(get(&scene, EII_TOKEN_FRESH, ""), EII_RETRY);
	assert_non_null(strstr(scene.err.text, "it holds no token"));
	(void)unlink(path);
	clear_scene(&scene);
}

/* ---- what comes back ----------------------------------------------------- */

static void test_methods__tell_microsofts_refusals_with_code_ids_and_cure(void **state)
{
	static const char *const answers[] = {
		REFUSAL("401 No", "",
			"\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: p~q "
			"hush\",\"error_codes\":[7000215],\"trace_id\":\"0a1b-2c\","
			"\"correlation_id\":\"3d-4e\""),
		NULL
	};
	struct scene scene;

	(void)state;
	set_scene(&scene, EII_TOKEN_MICROSOFT_APP, answers);
	scene.secrets[EII_TOKEN_SECRET_CLIENT] = "hush";
	start(&scene);
	assert_int_equal(get(&scene, EII_TOKEN_ANY, ""), EII_FATAL);
	assert_int_equal(scene.err.kind, EII_ERROR_CREDENTIALS);
	CHECK(strstr(scene.err.text, "invalid_client, AADSTS7000215, trace 0a1b-2c, correlation "
				     "3d-4e (the client secret is wrong"),
	      "%s", scene.err.text);
	CHECK(!strstr(scene.err.text, "hush"), "%s", scene.err.text);
	clear_scene(&scene);
}

static void test_methods__do_not_repeat_a_refused_request_within_a_minute(void **state)
{
	static const char *const answers[] = {
		REFUSAL("400 Bad", "", "\"error\":\"invalid_grant\""), GRANT("a", ""), NULL
	};
	struct scene scene;

	(void)state;
	set_scene(&scene, EII_TOKEN_OAUTH, answers);
	scene.secrets[EII_TOKEN_SECRET_CLIENT] = "wrong";
	start(&scene);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(get(&scene, EII_TOKEN_ANY, ""), EII_FATAL);
		assert_non_null(strstr(scene.err.text, "invalid_grant"));
		assert_int_equal(n_requests(&scene), 1);
	}
	/* Another secret is another request. */
	scene.secrets[EII_TOKEN_SECRET_CLIENT] = "right";
	assert_int_equal(get(&scene, EII_TOKEN_ANY, "a"), EII_OK);
	assert_int_equal(n_requests(&scene), 2);
	clear_scene(&scene);
}

static void test_methods__leave_an_endpoint_alone_that_asks_for_it(void **state)
{
	static const char *const answers[] = { GRANT("a", ",\"expires_in\":\"3600\""),
					       REFUSAL("429 Slow", "Retry-After: 3600\r\n",
						       "\"error\":\"x\""),
					       GRANT("b", ""), NULL };
	struct scene scene;

	(void)state;
	set_scene(&scene, EII_TOKEN_OAUTH, answers);
	scene.secrets[EII_TOKEN_SECRET_CLIENT] = "s";
	start(&scene);
	assert_int_equal(get(&scene, EII_TOKEN_ANY, "a"), EII_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(get(&scene, EII_TOKEN_FRESH, ""), EII_RETRY);
	assert_non_null(strstr(scene.err.text, "left alone for 3"));
	assert_int_equal(n_requests(&scene), 2);
	/* What is at hand is good for those who do not ask for a fresh one. */
	assert_int_equal(get(&scene, EII_TOKEN_ANY, "a"), EII_OK);
	assert_int_equal(n_requests(&scene), 2);
	clear_scene(&scene);
}

static void test_methods__keep_a_rotated_refresh_token_before_its_use(void **state)
{
	static const char *const answers[] = { GRANT("a", ",\"refresh_token\":\"r2\""),
					       GRANT("b", ""), GRANT("c", ""), GRANT("d", ""),
					       NULL };
	char path[] = "/tmp/eii-rotated-XXXXXX";
	struct scene scene;

	(void)state;
	assert_non_null(mkdtemp(path));
	set_scene(&scene, EII_TOKEN_MICROSOFT_USER, answers);
	EII_AUTO_STR store = eii_asprintf("%s/store", path);
	scene.settings.refresh_store = store;
	scene.secrets[EII_TOKEN_SECRET_REFRESH] = "r1";
	start(&scene);
	assert_int_equal(get(&scene, EII_TOKEN_ANY, "a"), EII_OK);
	assert_non_null(strstr(scene.web.body, "refresh_token=r1&"));
	assert_int_equal(access(store, F_OK), 0);
	assert_int_equal(get(&scene, EII_TOKEN_FRESH, "b"), EII_OK);
	assert_non_null(strstr(scene.web.body, "refresh_token=r2&"));
	/* A new process goes on with the stored one, */
	eii_token_free(scene.token);
	start(&scene);
	assert_int_equal(get(&scene, EII_TOKEN_ANY, "c"), EII_OK);
	assert_non_null(strstr(scene.web.body, "refresh_token=r2&"));
	/* and a newly configured one wins. */
	scene.secrets[EII_TOKEN_SECRET_REFRESH] = "r9";
	assert_int_equal(get(&scene, EII_TOKEN_ANY, "d"), EII_OK);
	assert_non_null(strstr(scene.web.body, "refresh_token=r9&"));
	(void)unlink(store);
	(void)rmdir(path);
	clear_scene(&scene);
}

/* ---- certificates -------------------------------------------------------- */

/* A certificate of its own with its key, as one PEM text. */
static char *identity_pem(void)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	X509 *certificate = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *text;
	long len;

	(void)ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	(void)X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
	(void)X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	assert_int_equal(X509_set_pubkey(certificate, key), 1);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
	assert_int_equal(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
	len = BIO_get_mem_data(bio, &data);
	text = eii_strndup(data, (size_t)len);
	BIO_free(bio);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return text;
}

static void test_methods__sign_once_more_by_the_endpoints_clock(void **state)
{
	static const char *const answers[] = {
		REFUSAL("401 No", "Date: Sun, 06 Nov 1994 12:00:00 GMT\r\n",
			"\"error\":\"invalid_client\",\"error_codes\":[700024]"),
		GRANT("a", ""), NULL
	};
	EII_AUTO_STR identity = identity_pem();
	struct scene scene;

	(void)state;
	set_scene(&scene, EII_TOKEN_MICROSOFT_APP, answers);
	scene.settings.certificate = identity;
	start(&scene);
	assert_int_equal(eii_token_check(scene.token, &scene.err), EII_OK);
	assert_int_equal(get(&scene, EII_TOKEN_ANY, "a"), EII_OK);
	assert_int_equal(n_requests(&scene), 2);
	CHECK(strstr(scene.said, "ahead of the token endpoint's"), "%s", scene.said);
	assert_non_null(strstr(scene.web.body, "client_assertion=ey"));
	assert_null(strstr(scene.web.body, "client_secret"));
	clear_scene(&scene);
}

static void test_methods__wait_for_a_pair_that_does_not_fit_yet(void **state)
{
	static const char *const answers[] = { GRANT("a", ""), NULL };
	EII_AUTO_STR identity = identity_pem();
	EII_AUTO_STR other = identity_pem();
	struct scene scene;

	(void)state;
	set_scene(&scene, EII_TOKEN_MICROSOFT_APP, answers);
	scene.settings.certificate = identity;
	scene.secrets[EII_TOKEN_SECRET_KEY] = other;
	start(&scene);
	assert_int_equal(get(&scene, EII_TOKEN_ANY, ""), EII_RETRY);
	assert_non_null(strstr(scene.err.text, "does not fit"));
	/* Not read again at once, whatever stands there now. */
	scene.secrets[EII_TOKEN_SECRET_KEY] = identity;
	assert_int_equal(get(&scene, EII_TOKEN_ANY, ""), EII_RETRY);
	assert_non_null(strstr(scene.err.text, "read again in"));
	assert_int_equal(n_requests(&scene), 0);
	clear_scene(&scene);
}

static void test_methods__ask_only_where_secrets_are_safe(void **state)
{
	struct scene scene;

	(void)state;
	set_scene(&scene, EII_TOKEN_MICROSOFT_APP, NULL);
	scene.settings.authority = "http://login.example";
	scene.secrets[EII_TOKEN_SECRET_CLIENT] = "s";
	start(&scene);
	assert_int_equal(get(&scene, EII_TOKEN_ANY, ""), EII_FATAL);
	assert_int_equal(scene.err.kind, EII_ERROR_CONFIG);
	assert_non_null(strstr(scene.err.text, "must begin with https://"));
	clear_scene(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_methods__send_what_each_provider_wants),
		cmocka_unit_test(test_methods__read_the_federated_token_at_each_request),
		cmocka_unit_test(test_methods__tell_microsofts_refusals_with_code_ids_and_cure),
		cmocka_unit_test(test_methods__do_not_repeat_a_refused_request_within_a_minute),
		cmocka_unit_test(test_methods__leave_an_endpoint_alone_that_asks_for_it),
		cmocka_unit_test(test_methods__keep_a_rotated_refresh_token_before_its_use),
		cmocka_unit_test(test_methods__sign_once_more_by_the_endpoints_clock),
		cmocka_unit_test(test_methods__wait_for_a_pair_that_does_not_fit_yet),
		cmocka_unit_test(test_methods__ask_only_where_secrets_are_safe),
	};
	int failed;

	(void)signal(SIGPIPE, SIG_IGN);
	eii_http_global_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	eii_http_global_clear();
	return failed;
}
