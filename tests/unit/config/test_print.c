/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/config/config.h"

#include "eii/base/alloc.h"
#include "scratch.h"
#include "support.h"
#include "table.h"

/* What eii_config_print() prints, for the caller to free(). */
static char *printed(const struct loaded_settings *s)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(s->rc, EII_OK);
	eii_config_print(s->config, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void test_print__prints_where_each_setting_came_from(void **state)
{
	const char *password = scratch_file(state, "password", "s3cret\n");
	EII_AUTO_STR given = eii_asprintf("EMAIL_INTEL_IMAP_PASSWORD_FILE=%s", password);
	EII_AUTO_STR shown = eii_asprintf("\n%s  # environment\n", given);
	const char *const environment[] = { ENOUGH, given, "CONNECTOR_SCOPE=same", NULL };
	const char *ini = scratch_file(state, "config.ini",
				       "[email_intel_imap]\nport = 1143\nhost = old.example\n"
				       "[connector]\nscope = same\n");
	const char *dotenv = scratch_file(state, ".env", "\nEMAIL_INTEL_IMAP_PORT=143\n");
	struct loaded_settings s = load(ini, dotenv, environment);
	EII_AUTO_STR text = printed(&s);
	static const char *const places[] = {
		"EMAIL_INTEL_IMAP_PORT=143  # ", ".env, line 2, over ",
		"config.ini, line 2\n",          "# environment, over ",
		"config.ini, line 3\n",          "CONNECTOR_SCOPE=same  # environment\n"
	};

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		CHECK(strstr(text, places[i]), "%s", places[i]);
	assert_non_null(strstr(text, shown));
	assert_null(strstr(text, "s3cret"));
	unload(&s);
}

static void test_print__prints_no_pem_text(void **state)
{
	static const char *const environment[] = {
		ENOUGH, PASSWORD, "HTTPS_CA_CERTIFICATES=-----BEGIN CERTIFICATE-----\nAAAA\n", NULL
	};
	struct loaded_settings s = load(NULL, NULL, environment);
	EII_AUTO_STR text = printed(&s);

	(void)state;
	assert_non_null(strstr(text, "HTTPS_CA_CERTIFICATES=(PEM text)  # environment\n"));
	unload(&s);
}

static void test_print__prints_what_a_workload_identity_fills(void **state)
{
	static const char *const environment[] = { ENOUGH,
						   "EMAIL_INTEL_IMAP_AUTH=microsoft-app",
						   "EMAIL_INTEL_IMAP_CLIENT_ID=ours",
						   "AZURE_TENANT_ID=tenant",
						   "AZURE_CLIENT_ID=theirs",
						   "AZURE_FEDERATED_TOKEN_FILE=/dev/null",
						   NULL };
	struct loaded_settings s = load(NULL, NULL, environment);
	EII_AUTO_STR text = printed(&s);

	(void)state;
	assert_non_null(strstr(text, "_TENANT_ID=tenant  # environment, by AZURE_TENANT_ID\n"));
	assert_non_null(strstr(text, "_CLIENT_ID=ours  # environment\n"));
	assert_non_null(strstr(text, "AZURE_FEDERATED_TOKEN_FILE=/dev/null  # environment\n"));
	unload(&s);
}

static void test_print__prints_every_setting_but_no_secret(void **state)
{
	static const char *const environment[] = { ENOUGH, PASSWORD,
						   "HTTP_PROXY=http://me:pw@proxy.example", NULL };
	struct loaded_settings s = load(NULL, NULL, environment);
	char *text = printed(&s);

	(void)state;
	assert_non_null(strstr(text, "OPENCTI_URL=https://opencti.example  # environment\n"));
	assert_non_null(strstr(text, "EMAIL_INTEL_IMAP_PASSWORD=***  # environment\n"));
	assert_non_null(strstr(text, "HTTP_PROXY=http://***@proxy.example  # environment\n"));
	assert_non_null(strstr(text, "EMAIL_INTEL_IMAP_PORT=993  # default\n"));
	assert_non_null(strstr(text, "EMAIL_INTEL_IMAP_PROXY=  # not given\n"));
	assert_null(strstr(text, "s3cret"));
	assert_null(strstr(text, "t0ken"));
	for (size_t i = 0; i < eii_table_len; i++)
		CHECK(strstr(text, eii_table[i].variable), "%s", eii_table[i].variable);
	free(text);
	unload(&s);
}

/* Given as it is by default is not changed; a secret that is given is. */
static void test_print__names_what_is_not_the_default(void **state)
{
	static const char *const environment[] = { ENOUGH, PASSWORD, "EMAIL_INTEL_IMAP_PORT=993",
						   "CONNECTOR_STATUS_DETAILS=true", NULL };
	struct loaded_settings s = load(NULL, NULL, environment);
	const char *names[EII_CONFIG_CHANGED_MAX];
	bool has_password = false, has_details = false;
	size_t n;

	(void)state;
	assert_int_equal(s.rc, EII_OK);
	n = eii_config_changed(s.config, names, EII_CONFIG_CHANGED_MAX);
	for (size_t i = 0; i < n; i++) {
		CHECK(strcmp(names[i], "EMAIL_INTEL_IMAP_PORT") != 0, "%s", names[i]);
		has_password = has_password || !strcmp(names[i], "EMAIL_INTEL_IMAP_PASSWORD");
		has_details = has_details || !strcmp(names[i], "CONNECTOR_STATUS_DETAILS");
	}
	assert_true(has_password && has_details);
	assert_int_equal(eii_config_changed(s.config, names, 1), 1);
	unload(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_print__names_what_is_not_the_default),
		cmocka_unit_test(test_print__prints_where_each_setting_came_from),
		cmocka_unit_test(test_print__prints_no_pem_text),
		cmocka_unit_test(test_print__prints_what_a_workload_identity_fills),
		cmocka_unit_test(test_print__prints_every_setting_but_no_secret),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
