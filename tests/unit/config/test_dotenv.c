/* SPDX-License-Identifier: Apache-2.0 */
#include "dotenv.h"

#include "eii/base/buf.h"
#include "eii/config/config.h"
#include "scratch.h"
#include "support.h"

/* What the reader handed over: "name=value" of each line, joined by "|". */
struct taken {
	char text[4096];
	size_t line;
	size_t n_replaced;  /* of the last one, as the next */
	char undefined[64]; /* "" = none */
};

static const char *const environment[] = { "E=env", "EMPTY=", "BOTH=env", "Ex=other", NULL };

static void take(void *arg, const struct eii_dotenv_entry *entry)
{
	struct taken *taken = arg;
	size_t used = strlen(taken->text);

	(void)snprintf(taken->text + used, sizeof(taken->text) - used, "%s%s=%s", used ? "|" : "",
		       entry->name, entry->value);
	taken->line = entry->line;
	taken->n_replaced = entry->n_replaced;
	(void)snprintf(taken->undefined, sizeof(taken->undefined), "%s",
		       entry->undefined ? entry->undefined : "");
}

static void read_text(void **state, const char *content, struct taken *taken,
		      struct eii_problems *problems)
{
	const struct eii_dotenv_taker taker = {
		.take = take,
		.arg = taken,
		.environment = environment,
	};
	const char *path = scratch_file(state, ".env", content);

	*taken = (struct taken){ .line = 0 };
	eii_problems_init(problems);
	assert_int_equal(eii_dotenv_read(path, &taker, problems, NULL), EII_OK);
}

static void test_dotenv__reads_what_compose_reads(void **state)
{
	static const struct {
		const char *content, *wanted;
	} cases[] = {
		{ "A=b\n", "A=b" },
		{ "A=b", "A=b" },
		{ "\xef\xbb\xbf"
		  "A=b\r\nC=d\r\n",
		  "A=b|C=d" },
		{ "# x\n\n  # y\nexport A=b\n", "A=b" },
		{ "export\tA=b\n", "A=b" },
		{ "exported=b\n", "exported=b" },
		{ " A = b c \n", "A=b c" },
		{ "A=\n", "A=" },
		{ "A=b # c\n", "A=b" },
		{ "A=b#c;d\n", "A=b#c;d" },
		{ "A=# c\n", "A=" },
		{ "A=#\n", "A=" },
		{ "A=#x\n", "A=#x" },
		{ "A= #x y#z #c\n", "A=#x y#z" },
		{ "A='b # \\n \"c\" $d' # e\n", "A=b # \\n \"c\" $d" },
		{ "A=\"b # \\\"c\\\" \\\\ \\$d \\x 'e'\"\n", "A=b # \"c\" \\ $d \\x 'e'" },
		{ "A=\"b\\nc\\td\"\n", "A=b\nc\td" },
		{ "A=\" b \"\n", "A= b " },
		{ "A=''\n", "A=" },
		{ "A=b'c'\n", "A=b'c'" },
		{ "A=b=c\n", "A=b=c" },
		{ "A=$B$\n", "A=$B$" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_problems problems;
		struct taken taken;

		read_text(state, cases[i].content, &taken, &problems);
		CHECK(strcmp(taken.text, cases[i].wanted) == 0, "%s gave %s", cases[i].content,
		      taken.text);
		CHECK(problems.n == 0, "%s: %s", cases[i].content, problems.items[0].text);
		eii_problems_clear(&problems);
	}
}

static void test_dotenv__replaces_variables_as_compose_does(void **state)
{
	static const struct {
		const char *content, *wanted;
		size_t n_replaced;
		const char *undefined;
	} cases[] = {
		{ "A=${E}\n", "A=env", 1, "" },
		{ "A=x${E}y${E}z # ${E}\n", "A=xenvyenvz", 2, "" },
		{ "A=\"${E} \\${E} \\\\${E}\"\n", "A=env ${E} \\env", 2, "" },
		{ "A='${E}'\n", "A=${E}", 0, "" },
		{ "A=${B}\n", "A=", 1, "B" },
		{ "A=${B}${C}\n", "A=", 2, "B" },
		{ "A=${B:-x y}\n", "A=x y", 1, "" },
		{ "A=${B:-}\n", "A=", 1, "" },
		{ "A=${B-x:-y}\n", "A=x:-y", 1, "" },
		{ "A=${EMPTY:-x}\n", "A=x", 1, "" },
		{ "A=${EMPTY-x}\n", "A=", 1, "" },
		{ "A=${EMPTY}\n", "A=", 1, "" },
		{ "A=${E:-x}${E-x}\n", "A=envenv", 2, "" },
		{ "B=1\nA=${B}\n", "B=1|A=1", 1, "" },
		{ "B=1\nB=2\nA=${B}\n", "B=1|B=2|A=2", 1, "" },
		{ "A=${B}\nB=1\n", "A=|B=1", 0, "" },
		{ "BOTH=file\nA=${BOTH}\n", "BOTH=file|A=env", 1, "" },
		{ "B='${E}'\nA=${B}\n", "B=${E}|A=${E}", 1, "" },
		{ "A=a${E\n", "A=a${E", 0, "" },
		{ "A=\"a${E\"\n", "A=a${E", 0, "" },
		{ "A=\"a${E\" # }\n", "A=a${E", 0, "" },
		{ "A=$\n", "A=$", 0, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_problems problems;
		struct taken taken;

		read_text(state, cases[i].content, &taken, &problems);
		CHECK(strcmp(taken.text, cases[i].wanted) == 0, "%s gave %s", cases[i].content,
		      taken.text);
		CHECK(problems.n == 0, "%s: %s", cases[i].content, problems.items[0].text);
		CHECK(taken.n_replaced == cases[i].n_replaced, "%s: %zu", cases[i].content,
		      taken.n_replaced);
		CHECK(strcmp(taken.undefined, cases[i].undefined) == 0, "%s: %s", cases[i].content,
		      taken.undefined);
		eii_problems_clear(&problems);
	}
}

/* Each line doubles the one above it: 1, 2, 4, ... KiB. */
static void test_dotenv__bounds_what_values_become(void **state)
{
	struct eii_buf content;
	struct eii_problems problems;
	struct taken taken;
	EII_AUTO_STR text = NULL;

	eii_buf_init(&content, 65536);
	eii_buf_add_str(&content, "A0=");
	for (int i = 0; i < 1024; i++)
		eii_buf_add_char(&content, 'x');
	for (int i = 1; i < 32; i++)
		eii_buf_addf(&content, "\nA%d=${A%d}${A%d}", i, i - 1, i - 1);
	text = eii_buf_detach(&content);
	read_text(state, text, &taken, &problems);
	assert_true(problems.n_wrong > 0);
	/* 1 + 2 + ... + 512 KiB are kept; there is no room for the next 1024. */
	assert_non_null(strstr(problems.items[0].text, ".env, line 11: "));
	assert_non_null(strstr(problems.items[0].text, "too long"));
	eii_problems_clear(&problems);
}

static void test_dotenv__says_what_is_replaced_in_a_secret(void **state)
{
	static const char *const outside[] = { ENOUGH, "OUTSIDE=t0ken2", NULL };
	static const struct {
		const char *dotenv;
		enum eii_problem_level level;
		const char *words; /* NULL = nothing is said */
	} cases[] = {
		{ "EMAIL_INTEL_IMAP_PASSWORD=a${OUTSIDE}\n", EII_PROBLEM_WARNING, "was replaced" },
		{ "EMAIL_INTEL_IMAP_PASSWORD=a${b}c\n", EII_PROBLEM_WRONG, "not defined" },
		{ "EMAIL_INTEL_IMAP_PASSWORD='a${b}c'\n", EII_PROBLEM_WARNING, NULL },
		{ "EMAIL_INTEL_IMAP_PASSWORD=a${b:-c}\n", EII_PROBLEM_WARNING, "was replaced" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct loaded_settings s =
			load(NULL, scratch_file(state, ".env", cases[i].dotenv), outside);
		const char *said = find_problem(&s, cases[i].level, "EMAIL_INTEL_IMAP_PASSWORD (");

		CHECK((said != NULL) == (cases[i].words != NULL), "%s", cases[i].dotenv);
		CHECK(!said || !cases[i].words || strstr(said, cases[i].words), "%s: %s",
		      cases[i].dotenv, said);
		CHECK(!said || (!strstr(said, "t0ken2") && !strstr(said, "{b")), "%s", said);
		unload(&s);
	}
}

static void test_dotenv__says_what_is_not_defined_in_a_setting(void **state)
{
	static const char *const outside[] = { ENOUGH, PASSWORD, "PLACE=Spam", NULL };
	const char *dotenv = scratch_file(state, ".env",
					  "EMAIL_INTEL_IMAP_MAILBOX=${PLACE}/${ELSEWHERE}x\n"
					  "NOT_OURS=${ELSEWHERE}\n");
	struct loaded_settings s = load(NULL, dotenv, outside);
	const char *said = find_problem(&s, EII_PROBLEM_WARNING, "ELSEWHERE is not defined");

	assert_int_equal(s.rc, EII_OK);
	assert_string_equal(s.config->mail.mailbox, "Spam/x");
	assert_non_null(said);
	assert_non_null(strstr(said, "EMAIL_INTEL_IMAP_MAILBOX ("));
	unload(&s);
}

static void test_dotenv__names_the_line_that_is_wrong_and_reads_the_others(void **state)
{
	static const struct {
		const char *line, *problem;
	} cases[] = {
		{ "A", "not NAME=value" },
		{ "=b", "not NAME=value" },
		{ "A B=c", "not NAME=value" },
		{ "A='b", "a value cannot go on over lines" },
		{ "A=\"b\\\"", "a value cannot go on over lines" },
		{ "A='b' c", "behind the closing quote" },
		{ "A=\xff", "not UTF-8" },
		{ "A=${}", "single quotes" },
		{ "A=${1}", "single quotes" },
		{ "A=${B:?x}", "single quotes" },
		{ "A=${B:+x}", "single quotes" },
		{ "A=${B:}", "single quotes" },
		{ "A=${B.c}", "single quotes" },
		{ "A=\"${!}\"", "single quotes" },
		{ "A=${B:-${E}}", "holds another" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_problems problems;
		struct taken taken;
		char content[64];

		(void)snprintf(content, sizeof(content), "X=1\n%s\nY=2\n", cases[i].line);
		read_text(state, content, &taken, &problems);
		CHECK(strcmp(taken.text, "X=1|Y=2") == 0, "%s gave %s", cases[i].line, taken.text);
		CHECK(taken.line == 3, "%s", cases[i].line);
		CHECK(problems.n_wrong == 1, "%s", cases[i].line);
		CHECK(strstr(problems.items[0].text, ".env, line 2: "), "%s",
		      problems.items[0].text);
		CHECK(strstr(problems.items[0].text, cases[i].problem), "%s",
		      problems.items[0].text);
		eii_problems_clear(&problems);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dotenv__reads_what_compose_reads),
		cmocka_unit_test(test_dotenv__replaces_variables_as_compose_does),
		cmocka_unit_test(test_dotenv__bounds_what_values_become),
		cmocka_unit_test(test_dotenv__says_what_is_replaced_in_a_secret),
		cmocka_unit_test(test_dotenv__says_what_is_not_defined_in_a_setting),
		cmocka_unit_test(test_dotenv__names_the_line_that_is_wrong_and_reads_the_others),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
