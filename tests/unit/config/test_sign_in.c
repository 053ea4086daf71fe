/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/alloc.h"
#include "eii/config/config.h"
#include "eii/config/secret.h"
#include "scratch.h"
#include "support.h"

#define AUTH(method)   "EMAIL_INTEL_IMAP_AUTH=" method
#define IMAP(variable) "EMAIL_INTEL_IMAP_" variable

static void test_sign_in__takes_each_method_with_all_that_it_needs(void **state)
{
	static const struct {
		enum eii_config_auth auth;
		const char *environment[16];
	} cases[] = {
		{ EII_CONFIG_AUTH_PASSWORD, { ENOUGH, AUTH("password"), PASSWORD } },
		{ EII_CONFIG_AUTH_PASSWORD, { ENOUGH, PASSWORD } },
		{ EII_CONFIG_AUTH_GOOGLE_USER,
		  { ENOUGH, AUTH("google-user"), IMAP("GOOGLE_TOKEN_JSON={}") } },
		{ EII_CONFIG_AUTH_GOOGLE_SERVICE,
		  { ENOUGH, AUTH("google-service-account"), IMAP("GOOGLE_KEY_JSON={}"),
		    IMAP("TOKEN_SCOPE=s") } },
		{ EII_CONFIG_AUTH_MICROSOFT_APP,
		  { ENOUGH, AUTH("microsoft-app"), IMAP("TENANT_ID=t"), IMAP("CLIENT_ID=c"),
		    IMAP("CLIENT_SECRET=s"), IMAP("AUTHORITY=a") } },
		{ EII_CONFIG_AUTH_MICROSOFT_APP,
		  { ENOUGH, AUTH("microsoft-app"), IMAP("TENANT_ID=t"), IMAP("CLIENT_ID=c"),
		    IMAP("CLIENT_CERTIFICATE=/dev/null"), IMAP("CLIENT_KEY=/dev/null"),
		    IMAP("CLIENT_KEY_PASSPHRASE=p") } },
		{ EII_CONFIG_AUTH_MICROSOFT_USER,
		  { ENOUGH, AUTH("microsoft-user"), IMAP("TENANT_ID=t"), IMAP("CLIENT_ID=c"),
		    IMAP("REFRESH_TOKEN=r"), IMAP("REFRESH_TOKEN_STORE=/x") } },
		{ EII_CONFIG_AUTH_OAUTH,
		  { ENOUGH, AUTH("oauth"), IMAP("TOKEN_URL=https://x.example/t"),
		    IMAP("CLIENT_ID=c"), IMAP("CLIENT_SECRET=s") } },
		{ EII_CONFIG_AUTH_OAUTH,
		  { ENOUGH, AUTH("oauth"), IMAP("TOKEN_URL=https://x.example/t"),
		    IMAP("CLIENT_ID=c"), IMAP("TOKEN_GRANT=refresh_token"),
		    IMAP("REFRESH_TOKEN=r") } },
		{ EII_CONFIG_AUTH_CERTIFICATE,
		  { ENOUGH, AUTH("certificate"), IMAP("TLS_CERT=/dev/null"),
		    IMAP("TLS_KEY=/dev/null") } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct loaded_settings s = load(NULL, NULL, cases[i].environment);

		CHECK(s.rc == EII_OK, "case %zu: %s", i,
		      s.problems.n ? s.problems.items[0].text : "");
		CHECK(s.config->mail.sign_in.auth == cases[i].auth, "case %zu", i);
		unload(&s);
	}
}

static void test_sign_in__names_what_is_missing_doubled_or_foreign(void **state)
{
	static const struct {
		const char *environment[16];
		const char *says;
	} cases[] = {
		{ { ENOUGH, AUTH("password") }, "IMAP_PASSWORD: not given, and needed" },
		{ { ENOUGH, AUTH("password"), PASSWORD, IMAP("GOOGLE_TOKEN_JSON={}") },
		  "GOOGLE_TOKEN_JSON: given, and not for this method (EMAIL_INTEL_IMAP_AUTH is "
		  "password)" },
		{ { ENOUGH, PASSWORD, IMAP("CLIENT_ID=c") },
		  "IMAP_CLIENT_ID: given, and not for this method" },
		{ { ENOUGH, AUTH("google-user"), PASSWORD },
		  "IMAP_GOOGLE_TOKEN_JSON: not given, and needed" },
		{ { ENOUGH, AUTH("microsoft-app"), IMAP("CLIENT_SECRET=s") },
		  "IMAP_TENANT_ID, EMAIL_INTEL_IMAP_CLIENT_ID: not given, and needed" },
		{ { ENOUGH, AUTH("microsoft-app"), IMAP("TENANT_ID=t"), IMAP("CLIENT_ID=c") },
		  "nor is there a workload identity" },
		{ { ENOUGH, AUTH("microsoft-app"), IMAP("TENANT_ID=t"), IMAP("CLIENT_ID=c"),
		    IMAP("CLIENT_SECRET=s"), IMAP("CLIENT_CERTIFICATE=/dev/null") },
		  "CLIENT_CERTIFICATE: both are given" },
		{ { ENOUGH, AUTH("microsoft-app"), IMAP("TENANT_ID=t"), IMAP("CLIENT_ID=c"),
		    IMAP("CLIENT_SECRET=s"), IMAP("CLIENT_KEY=/dev/null") },
		  "IMAP_CLIENT_KEY: given without EMAIL_INTEL_IMAP_CLIENT_CERTIFICATE" },
		{ { ENOUGH, AUTH("microsoft-user"), IMAP("TENANT_ID=t"), IMAP("CLIENT_ID=c") },
		  "IMAP_REFRESH_TOKEN: not given, and needed" },
		{ { ENOUGH, AUTH("oauth"), IMAP("CLIENT_ID=c"), IMAP("CLIENT_SECRET=s") },
		  "IMAP_TOKEN_URL: not given, and needed" },
		{ { ENOUGH, AUTH("oauth"), IMAP("TOKEN_URL=https://x.example/t"),
		    IMAP("CLIENT_ID=c") },
		  "none is given; one must be" },
		{ { ENOUGH, AUTH("oauth"), IMAP("TOKEN_URL=https://x.example/t"),
		    IMAP("CLIENT_ID=c"), IMAP("CLIENT_SECRET=s"), IMAP("REFRESH_TOKEN=r") },
		  "IMAP_REFRESH_TOKEN: given, and not for this method" },
		{ { ENOUGH, AUTH("certificate") }, "IMAP_TLS_CERT: not given, and needed" },
		{ { ENOUGH, PASSWORD, IMAP("TLS_KEY=/dev/null") },
		  "given without EMAIL_INTEL_IMAP_TLS_CERT" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct loaded_settings s = load(NULL, NULL, cases[i].environment);

		CHECK(s.rc == EII_FATAL, "case %zu", i);
		CHECK(find_problem(&s, EII_PROBLEM_WRONG, cases[i].says), "case %zu: %s", i,
		      s.problems.n ? s.problems.items[s.problems.n - 1].text : "");
		unload(&s);
	}
}

#define AZURE                                                                                      \
	"AZURE_TENANT_ID=at", "AZURE_CLIENT_ID=ac", "AZURE_AUTHORITY_HOST=https://login/",         \
		"AZURE_FEDERATED_TOKEN_FILE=/var/run/token"

static void test_sign_in__is_filled_by_a_workload_identity_and_never_chosen_by_it(void **state)
{
	static const char *const all[] = { ENOUGH, AUTH("microsoft-app"), AZURE, NULL };
	static const char *const some[] = {
		ENOUGH, AUTH("microsoft-app"), AZURE, IMAP("TENANT_ID=t"), IMAP("CLIENT_SECRET=s"),
		NULL
	};
	static const char *const unasked[] = { ENOUGH, PASSWORD, AZURE, NULL };
	static const char *const empty[] = { ENOUGH, AUTH("microsoft-app"),
					     "AZURE_TENANT_ID=", NULL };
	struct loaded_settings s = load(NULL, NULL, all);

	(void)state;
	assert_int_equal(s.rc, EII_OK);
	assert_string_equal(s.config->mail.sign_in.tenant_id, "at");
	assert_string_equal(s.config->mail.sign_in.client_id, "ac");
	assert_string_equal(s.config->mail.sign_in.authority, "https://login/");
	assert_string_equal(s.config->mail.sign_in.federated_token_file, "/var/run/token");
	unload(&s);
	s = load(NULL, NULL, some);
	assert_int_equal(s.rc, EII_OK);
	assert_string_equal(s.config->mail.sign_in.tenant_id, "t");
	assert_string_equal(s.config->mail.sign_in.client_id, "ac");
	/* With a secret the file does not count. */
	assert_null(s.config->mail.sign_in.federated_token_file);
	unload(&s);
	s = load(NULL, NULL, unasked);
	assert_int_equal(s.config->mail.sign_in.auth, EII_CONFIG_AUTH_PASSWORD);
	assert_null(s.config->mail.sign_in.tenant_id);
	unload(&s);
	s = load(NULL, NULL, empty);
	assert_non_null(find_problem(&s, EII_PROBLEM_WRONG, "IMAP_TENANT_ID"));
	unload(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sign_in__takes_each_method_with_all_that_it_needs),
		cmocka_unit_test(test_sign_in__names_what_is_missing_doubled_or_foreign),
		cmocka_unit_test(
			test_sign_in__is_filled_by_a_workload_identity_and_never_chosen_by_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
