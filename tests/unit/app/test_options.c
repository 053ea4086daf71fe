/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/options.h"

#include "eii/base/cleanup.h"
#include "support.h"

#define MAX_ARGUMENTS 8

/* Words with blanks between them, as arguments behind the program's name. */
static enum eii_rc parse(const char *line, struct eii_options *out, struct eii_error *err)
{
	static char words[256];
	static char *argv[MAX_ARGUMENTS + 1];
	int argc = 1;
	char *rest = NULL;
	char *word;

	(void)snprintf(words, sizeof(words), "%s", line);
	for (word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		assert_true(argc < MAX_ARGUMENTS);
		argv[argc++] = word;
	}
	argv[argc] = NULL;
	return eii_options_parse(argc, argv, out, err);
}

static void test_options__names_one_action(void **state)
{
	static const struct {
		const char *line;
		enum eii_action action;
		const char *config;
		bool is_once;
		size_t n_files;
	} cases[] = {
		{ "", EII_ACTION_RUN, NULL, false, 0 },
		{ "--once", EII_ACTION_RUN, NULL, true, 0 },
		{ "--config a.ini", EII_ACTION_RUN, "a.ini", false, 0 },
		{ "--config=a.ini --once", EII_ACTION_RUN, "a.ini", true, 0 },
		{ "--check --config a.ini", EII_ACTION_CHECK, "a.ini", false, 0 },
		{ "--check --json", EII_ACTION_CHECK, NULL, false, 0 },
		{ "--json --check", EII_ACTION_CHECK, NULL, false, 0 },
		{ "--check --register", EII_ACTION_CHECK, NULL, false, 0 },
		{ "--check --check", EII_ACTION_CHECK, NULL, false, 0 },
		{ "--print-config", EII_ACTION_PRINT, NULL, false, 0 },
		{ "--dry-run", EII_ACTION_DRY_RUN, NULL, false, 0 },
		{ "--help", EII_ACTION_HELP, NULL, false, 0 },
		{ "-h", EII_ACTION_HELP, NULL, false, 0 },
		{ "--once --help", EII_ACTION_HELP, NULL, true, 0 },
		{ "--version", EII_ACTION_VERSION, NULL, false, 0 },
		{ "health", EII_ACTION_HEALTH, NULL, false, 0 },
		{ "convert a.eml", EII_ACTION_CONVERT, NULL, false, 1 },
		{ "--config x convert a.eml health --help", EII_ACTION_CONVERT, "x", false, 3 },
		{ "convert -- --a.eml", EII_ACTION_CONVERT, NULL, false, 1 },
		{ "--config x login google --client c", EII_ACTION_LOGIN, "x", false, 0 },
		{ "login google --help", EII_ACTION_HELP, NULL, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_options options;
		struct eii_error err;

		CHECK(parse(cases[i].line, &options, &err) == EII_OK, "%s: %s", cases[i].line,
		      err.text);
		CHECK(options.action == cases[i].action, "%s", cases[i].line);
		CHECK(options.is_once == cases[i].is_once, "%s", cases[i].line);
		CHECK(options.n_files == cases[i].n_files, "%s", cases[i].line);
		CHECK(!options.config_path == !cases[i].config, "%s", cases[i].line);
		CHECK(!cases[i].config || strcmp(options.config_path, cases[i].config) == 0, "%s",
		      cases[i].line);
	}
}

static void test_options__gives_the_files_in_their_order(void **state)
{
	struct eii_options options;

	(void)state;
	assert_int_equal(parse("convert -- b.eml --a.eml", &options, NULL), EII_OK);
	assert_string_equal(options.files[0], "b.eml");
	assert_string_equal(options.files[1], "--a.eml");
}

static void test_options__refuses_wrong_usage_in_clear_words(void **state)
{
	static const struct {
		const char *line, *words;
	} cases[] = {
		{ "--nonsense", "unknown argument '--nonsense'" },
		{ "file.eml", "unknown argument 'file.eml'" },
		{ "--config", "--config needs a file" },
		{ "--config=", "--config needs a file" },
		{ "--config a --config b", "--config is given twice" },
		{ "--check --dry-run", "--check and --dry-run do not go together" },
		{ "--once --check", "--once and --check do not go together" },
		{ "--dry-run --once", "--once and --dry-run do not go together" },
		{ "--json", "--json goes with --check" },
		{ "--register", "--register goes with --check" },
		{ "--register --once", "--register goes with --check" },
		{ "--json --dry-run", "--json goes with --check" },
		{ "convert", "convert needs a file" },
		{ "convert --", "convert needs a file" },
		{ "convert --once a.eml", "--once stands behind convert" },
		{ "login", "login needs google or microsoft" },
		{ "--check login google", "--check and login do not go together" },
		{ "--once login google --client c", "--once and login do not go together" },
		{ "health convert a.eml", "health and convert do not go together" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_options options = { .n_files = 42 };
		struct eii_error err;

		CHECK(parse(cases[i].line, &options, &err) == EII_REJECT, "%s", cases[i].line);
		CHECK(strstr(err.text, cases[i].words), "%s: %s", cases[i].line, err.text);
		CHECK(strstr(err.text, "--help"), "%s: %s", cases[i].line, err.text);
		CHECK(options.n_files == 42, "%s wrote its output", cases[i].line);
	}
}

static void test_options__helps_in_lines_of_80_columns(void **state)
{
	static const char *const wanted[] = {
		"\n  --dry-run ",
		"\nPlatform:\n",
		"\nReports:\n",
		"\n  EMAIL_INTEL_IMAP_HOST\n",
		"\n      Mail server (required)\n",
		"\n  NO_PROXY\n",
	};
	EII_AUTO_STR text = NULL;
	size_t size = 0, column = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	eii_options_print_help(out);
	assert_int_equal(fclose(out), 0);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		CHECK(strstr(text, wanted[i]), "%s", wanted[i]);
	for (size_t i = 0; i < size; i++) {
		column = text[i] == '\n' ? 0 : column + (((unsigned char)text[i] & 0xc0) != 0x80);
		CHECK(column <= 80, "%.60s", text + i - 60);
		CHECK(text[i] != '\n' || i == 0 || text[i - 1] != ' ', "%.60s", text + i - 60);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options__names_one_action),
		cmocka_unit_test(test_options__gives_the_files_in_their_order),
		cmocka_unit_test(test_options__refuses_wrong_usage_in_clear_words),
		cmocka_unit_test(test_options__helps_in_lines_of_80_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
