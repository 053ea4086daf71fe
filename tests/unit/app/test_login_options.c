/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/login_options.h"

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "login_result.h"
#include "support.h"

#define MAX_ARGUMENTS 16

static enum eii_rc parse(const char *line, struct eii_login_options *out, struct eii_error *err)
{
	static char words[1024];
	static char *argv[MAX_ARGUMENTS + 1];
	int argc = 0;
	char *rest = NULL;

	(void)snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		assert_true(argc < MAX_ARGUMENTS);
		argv[argc++] = word;
	}
	argv[argc] = NULL;
	return eii_login_options_parse(argc, argv, out, err);
}

static void test_login_options__read_each_form(void **state)
{
	struct eii_login_options options;

	(void)state;
	assert_int_equal(parse("google --client c.json --user a@b --output=-", &options, NULL),
			 EII_OK);
	assert_int_equal(options.provider, EII_LOGIN_AT_GOOGLE);
	assert_string_equal(options.client, "c.json");
	assert_string_equal(options.user, "a@b");
	assert_string_equal(options.output, "-");
	assert_null(options.secret);
	assert_false(options.without_sign_in);
	assert_int_equal(parse("microsoft --no-sign-in --tenant=corp.example --client i-1 --secret "
			       "soc.token-1",
			       &options, NULL),
			 EII_OK);
	assert_int_equal(options.provider, EII_LOGIN_AT_MICROSOFT);
	assert_string_equal(options.tenant, "corp.example");
	assert_string_equal(options.secret, "soc.token-1");
	assert_true(options.without_sign_in);
}

static void test_login_options__refuse_wrong_usage_in_clear_words(void **state)
{
	static const struct {
		const char *line, *words;
	} cases[] = {
		{ "", "needs google or microsoft" },
		{ "yahoo", "needs google or microsoft" },
		{ "google", "google needs --client" },
		{ "google --client", "--client needs a value" },
		{ "google --client=", "--client needs a value" },
		{ "google --client a --client b", "--client is given twice" },
		{ "google --client a --tenant t", "google has no --tenant" },
		{ "google --clients a", "unknown argument '--clients'" },
		{ "google --client a b", "unknown argument 'b'" },
		{ "microsoft --tenant t", "microsoft needs --client" },
		{ "microsoft --client i", "microsoft needs --tenant" },
		{ "microsoft --client i --tenant t/../u", "--tenant is an id or a domain" },
		{ "google --client a --secret Upper", "--secret is a name" },
		{ "google --client a --secret -a", "--secret is a name" },
		{ "google --client a --secret a-", "--secret is a name" },
		{ "google --client a --secret a..b", "--secret is a name" },
		{ "google --client a --secret a-.b", "--secret is a name" },
		{ "google --client a --secret .a", "--secret is a name" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_login_options options = { .without_sign_in = true };
		struct eii_error err;

		CHECK(parse(cases[i].line, &options, &err) == EII_REJECT, "%s", cases[i].line);
		CHECK(strstr(err.text, cases[i].words), "%s: %s", cases[i].line, err.text);
		CHECK(strstr(err.text, "--help"), "%s: %s", cases[i].line, err.text);
		CHECK(options.without_sign_in, "%s wrote its output", cases[i].line);
	}
}

static enum eii_rc parse_long(const char *before, size_t len)
{
	EII_AUTO_STR value = eii_calloc(len + 1, 1);
	EII_AUTO_STR line = NULL;
	struct eii_login_options options;

	memset(value, 'a', len);
	line = eii_asprintf("%s%s", before, value);
	return parse(line, &options, NULL);
}

static void test_login_options__take_names_up_to_their_limits(void **state)
{
	static const char secret[] = "google --client a --secret ";
	static const char tenant[] = "microsoft --client a --tenant ";

	(void)state;
	assert_int_equal(parse_long(secret, 253), EII_OK);
	assert_int_equal(parse_long(secret, 254), EII_REJECT);
	assert_int_equal(parse_long(tenant, 253), EII_OK);
	assert_int_equal(parse_long(tenant, 254), EII_REJECT);
}

static void test_login_options__name_the_file(void **state)
{
	static const struct {
		const char *line, *path;
	} cases[] = {
		{ "google --client a", "token.json" },
		{ "microsoft --client a --tenant t", "refresh_token" },
		{ "google --client a --secret soc", "soc.yaml" },
		{ "google --client a --secret soc --output x", "x" },
		{ "google --client a --output -", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_login_options options;
		EII_AUTO_STR path = NULL;

		CHECK(parse(cases[i].line, &options, NULL) == EII_OK, "%s", cases[i].line);
		path = eii_login_result_path(&options);
		CHECK(!path == !cases[i].path, "%s", cases[i].line);
		CHECK(!path || strcmp(path, cases[i].path) == 0, "%s", cases[i].line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_login_options__read_each_form),
		cmocka_unit_test(test_login_options__refuse_wrong_usage_in_clear_words),
		cmocka_unit_test(test_login_options__take_names_up_to_their_limits),
		cmocka_unit_test(test_login_options__name_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
