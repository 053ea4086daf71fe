/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/config/secret.h"

#include "eii/base/alloc.h"
#include "scratch.h"
#include "support.h"

static struct loaded_settings load_with_file(const char *path)
{
	EII_AUTO_STR variable = eii_asprintf("EMAIL_INTEL_IMAP_PASSWORD_FILE=%s", path);
	const char *const environment[] = { ENOUGH, variable, NULL };

	return load(NULL, NULL, environment);
}

static void test_secret__is_read_anew_each_time(void **state)
{
	const char *path = scratch_file(state, "password", "first\n");
	struct loaded_settings s = load_with_file(path);
	char *text = NULL;

	assert_int_equal(s.rc, EII_OK);
	assert_true(eii_secret_is_given(s.config, EII_SECRET_MAIL_PASSWORD));
	assert_int_equal(eii_secret_read(s.config, EII_SECRET_MAIL_PASSWORD, &text, NULL), EII_OK);
	assert_string_equal(text, "first");
	eii_free_secret(text);
	(void)scratch_file(state, "password", "second");
	assert_int_equal(eii_secret_read(s.config, EII_SECRET_MAIL_PASSWORD, &text, NULL), EII_OK);
	assert_string_equal(text, "second");
	eii_free_secret(text);
	unload(&s);
}

static void test_secret__loses_what_others_add_to_it_and_no_more(void **state)
{
	static const struct {
		const char *content, *secret;
	} cases[] = {
		{ "a", "a" },
		{ "a\n", "a" },
		{ "a\r\n", "a" },
		{ "a\n\n", "a" },
		{ " a \n", " a " },
		{ "a;b #c \"d\"\n", "a;b #c \"d\"" },
		{ "a\r\n\n\r", "a" },
		{ "a\nb\n", "a\nb" },
		{ "\xef\xbb\xbf"
		  "a\n",
		  "a" },
		{ "\na", "\na" },
		{ "a\xef\xbb\xbf", "a\xef\xbb\xbf" },
		{ "\xef\xbb", "\xef\xbb" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *path = scratch_file(state, "password", cases[i].content);
		struct loaded_settings s = load_with_file(path);
		char *text = NULL;

		assert_int_equal(s.rc, EII_OK);
		assert_int_equal(eii_secret_read(s.config, EII_SECRET_MAIL_PASSWORD, &text, NULL),
				 EII_OK);
		CHECK(strcmp(text, cases[i].secret) == 0, "row %zu", i);
		eii_free_secret(text);
		unload(&s);
	}
}

static void test_secret__of_a_variable_loses_the_same(void **state)
{
	static const struct {
		const char *variable, *secret;
	} cases[] = {
		{ "EMAIL_INTEL_IMAP_PASSWORD=a\n", "a" },
		{ "EMAIL_INTEL_IMAP_PASSWORD= a \r\n\n", " a " },
		{ "EMAIL_INTEL_IMAP_PASSWORD=\xef\xbb\xbf"
		  "a",
		  "a" },
		{ "EMAIL_INTEL_IMAP_PASSWORD='a'", "'a'" },
	};
	const char *const empty[] = { ENOUGH, "EMAIL_INTEL_IMAP_PASSWORD=\n", NULL };
	struct loaded_settings s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *const environment[] = { ENOUGH, cases[i].variable, NULL };
		char *text = NULL;

		s = load(NULL, NULL, environment);
		assert_int_equal(s.rc, EII_OK);
		assert_int_equal(eii_secret_read(s.config, EII_SECRET_MAIL_PASSWORD, &text, NULL),
				 EII_OK);
		CHECK(strcmp(text, cases[i].secret) == 0, "row %zu", i);
		eii_free_secret(text);
		unload(&s);
	}
	s = load(NULL, NULL, empty);
	assert_non_null(find_problem(&s, EII_PROBLEM_WRONG, "EMAIL_INTEL_IMAP_PASSWORD: it is"));
	unload(&s);
}

static void test_secret__that_cannot_be_read_is_a_wrong_setting_at_start(void **state)
{
	static const struct {
		const char *content, *problem;
	} cases[] = {
		{ "", "the file is empty" },
		{ "\n", "the file is empty" },
		{ "\xef\xbb\xbf\r\n\n", "the file is empty" },
	};
	struct loaded_settings s;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		s = load_with_file(scratch_file(state, "password", cases[i].content));
		CHECK(find_problem(&s, EII_PROBLEM_WRONG, cases[i].problem), "row %zu", i);
		unload(&s);
	}
	s = load_with_file("/no/such/file");
	assert_non_null(
		find_problem(&s, EII_PROBLEM_WRONG,
			     "EMAIL_INTEL_IMAP_PASSWORD_FILE: /no/such/file: No such file"));
	unload(&s);
}

static void test_secret__may_fill_its_limit_but_not_pass_it(void **state)
{
	EII_AUTO_STR text = eii_calloc(EII_SECRET_MAX_BYTES + 2, 1);
	struct loaded_settings s;

	memset(text, 'x', EII_SECRET_MAX_BYTES);
	s = load_with_file(scratch_file(state, "password", text));
	assert_int_equal(s.rc, EII_OK);
	unload(&s);
	text[EII_SECRET_MAX_BYTES] = 'x';
	s = load_with_file(scratch_file(state, "password", text));
	assert_non_null(find_problem(&s, EII_PROBLEM_WRONG, "larger than 65536 bytes"));
	unload(&s);
}

static void test_secret__fails_for_now_where_its_file_has_gone(void **state)
{
	const char *path = scratch_file(state, "password", "first\n");
	struct loaded_settings s = load_with_file(path);
	char *text = NULL;
	struct eii_error err;

	assert_int_equal(remove(path), 0);
	assert_int_equal(eii_secret_read(s.config, EII_SECRET_MAIL_PASSWORD, &text, &err),
			 EII_RETRY);
	assert_int_equal(err.kind, EII_ERROR_CONFIG);
	assert_null(text);
	unload(&s);
}

static const char *folder_of(void **state, const char *variable, char *out, size_t size)
{
	(void)snprintf(out, size, "%s=%s", variable, (char *)*state);
	return out;
}

static void test_secret__comes_from_a_folder_by_its_name(void **state)
{
	static const char *const variables[] = { "EMAIL_INTEL_IMAP_SECRETS_DIR",
						 "CREDENTIALS_DIRECTORY" };
	char folder[128];

	(void)scratch_file(state, "EMAIL_INTEL_IMAP_PASSWORD", "first\n");
	(void)scratch_file(state, "MQ_PASS", "\r\n");
	(void)scratch_file(state, "OPENCTI_TOKN", "x");
	(void)scratch_file(state, "CONNECTOR_NAME", "x");
	(void)scratch_file(state, "token", "x");
	(void)scratch_file(state, ".hidden", "x");
	for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
		const char *const environment[] = {
			ENOUGH, folder_of(state, variables[i], folder, sizeof(folder)), NULL
		};
		struct loaded_settings s = load(NULL, NULL, environment);
		char *text = NULL;

		CHECK(s.rc == EII_OK, "%s", s.problems.items[0].text);
		(void)scratch_file(state, "EMAIL_INTEL_IMAP_PASSWORD", "second");
		assert_int_equal(eii_secret_read(s.config, EII_SECRET_MAIL_PASSWORD, &text, NULL),
				 EII_OK);
		assert_string_equal(text, "second");
		eii_free_secret(text);
		assert_false(eii_secret_is_given(s.config, EII_SECRET_MQ_PASSWORD));
		CHECK(find_problem(&s, EII_PROBLEM_WARNING,
				   "OPENCTI_TOKN has no effect: it is no secret's variable; the "
				   "nearest known name is OPENCTI_TOKEN"),
		      "%s", variables[i]);
		CHECK(find_problem(&s, EII_PROBLEM_WARNING, "CONNECTOR_NAME has no effect"), "%s",
		      variables[i]);
		/* Beside these two the shared id is doubtful. */
		assert_int_equal(s.problems.n, 3);
		unload(&s);
	}
}

static void test_secret__of_a_folder_counts_where_no_file_is_named(void **state)
{
	const char *named = scratch_file(state, "named", "named");
	EII_AUTO_STR given = eii_asprintf("EMAIL_INTEL_IMAP_PASSWORD_FILE=%s", named);
	char folder[128];
	const char *environment[] = {
		ENOUGH, folder_of(state, "CREDENTIALS_DIRECTORY", folder, sizeof(folder)), given,
		NULL
	};
	struct loaded_settings s;
	char *text = NULL;

	(void)scratch_file(state, "EMAIL_INTEL_IMAP_PASSWORD", "of the folder");
	s = load(NULL, NULL, environment);
	assert_int_equal(s.rc, EII_OK);
	assert_int_equal(eii_secret_read(s.config, EII_SECRET_MAIL_PASSWORD, &text, NULL), EII_OK);
	assert_string_equal(text, "named");
	eii_free_secret(text);
	unload(&s);
	environment[5] = "EMAIL_INTEL_IMAP_PASSWORD=a value";
	s = load(NULL, NULL, environment);
	assert_non_null(find_problem(&s, EII_PROBLEM_WRONG,
				     "EMAIL_INTEL_IMAP_PASSWORD_FILE (CREDENTIALS_DIRECTORY): only "
				     "one of the two may be given"));
	unload(&s);
}

static void test_secret__a_folder_that_is_not_there_is_wrong(void **state)
{
	static const char *const environment[] = { ENOUGH, PASSWORD,
						   "EMAIL_INTEL_IMAP_SECRETS_DIR=/nowhere", NULL };
	struct loaded_settings s = load(NULL, NULL, environment);

	(void)state;
	assert_non_null(find_problem(&s, EII_PROBLEM_WRONG,
				     "EMAIL_INTEL_IMAP_SECRETS_DIR: /nowhere: No such file"));
	unload(&s);
	s = load_for(EII_CONFIG_TO_CONVERT, NULL, NULL, environment);
	assert_int_equal(s.rc, EII_OK);
	unload(&s);
}

static void test_secret__in_quotation_marks_is_kept_and_said(void **state)
{
	struct loaded_settings s = load_with_file(scratch_file(state, "password", "'hush'\n"));
	char *text = NULL;

	assert_int_equal(eii_secret_read(s.config, EII_SECRET_MAIL_PASSWORD, &text, NULL), EII_OK);
	assert_string_equal(text, "'hush'");
	assert_non_null(find_problem(&s, EII_PROBLEM_UNSAFE,
				     "EMAIL_INTEL_IMAP_PASSWORD (environment) is in quotation"));
	assert_null(find_problem(&s, EII_PROBLEM_UNSAFE, "hush"));
	eii_free_secret(text);
	unload(&s);
}

static void test_secret__that_is_not_given_is_null(void **state)
{
	static const char *const environment[] = { ENOUGH, PASSWORD, NULL };
	struct loaded_settings s = load(NULL, NULL, environment);
	char *text = s.err.text;

	(void)state;
	assert_false(eii_secret_is_given(s.config, EII_SECRET_MQ_PASSWORD));
	assert_int_equal(eii_secret_read(s.config, EII_SECRET_MQ_PASSWORD, &text, NULL), EII_OK);
	assert_null(text);
	unload(&s);
}

static void test_secret__headers_are_split_at_semicolons(void **state)
{
	char **headers = NULL;

	(void)state;
	assert_int_equal(eii_secret_headers("X-A: one ; X-B:two:three;;", &headers, NULL), EII_OK);
	assert_string_equal(headers[0], "X-A: one");
	assert_string_equal(headers[1], "X-B: two:three");
	assert_null(headers[2]);
	eii_secret_free_headers(headers);
	assert_int_equal(eii_secret_headers(NULL, &headers, NULL), EII_OK);
	assert_null(headers[0]);
	eii_secret_free_headers(headers);
}

static void test_secret__headers_cannot_be_injected(void **state)
{
	static const char *const cases[] = { "X-A", "X A: b", ": b", "X-A: b\r\nX-B: c",
					     "X-A: b;c" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char **headers = (char **)1;

		CHECK(eii_secret_headers(cases[i], &headers, NULL) == EII_REJECT, "%s", cases[i]);
		CHECK(headers == (char **)1, "%s wrote its output", cases[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_secret__is_read_anew_each_time),
		cmocka_unit_test(test_secret__loses_what_others_add_to_it_and_no_more),
		cmocka_unit_test(test_secret__of_a_variable_loses_the_same),
		cmocka_unit_test(test_secret__that_cannot_be_read_is_a_wrong_setting_at_start),
		cmocka_unit_test(test_secret__may_fill_its_limit_but_not_pass_it),
		cmocka_unit_test(test_secret__fails_for_now_where_its_file_has_gone),
		cmocka_unit_test(test_secret__comes_from_a_folder_by_its_name),
		cmocka_unit_test(test_secret__of_a_folder_counts_where_no_file_is_named),
		cmocka_unit_test(test_secret__a_folder_that_is_not_there_is_wrong),
		cmocka_unit_test(test_secret__in_quotation_marks_is_kept_and_said),
		cmocka_unit_test(test_secret__that_is_not_given_is_null),
		cmocka_unit_test(test_secret__headers_are_split_at_semicolons),
		cmocka_unit_test(test_secret__headers_cannot_be_injected),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
