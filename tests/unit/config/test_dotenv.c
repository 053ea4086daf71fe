/* SPDX-License-Identifier: Apache-2.0 */
#include "dotenv.h"

#include "scratch.h"
#include "support.h"

/* What the reader handed over: "name=value" of each line, joined by "|". */
struct taken {
	char text[4096];
	size_t line;
};

static void take(void *arg, const char *name, const char *value, size_t line)
{
	struct taken *taken = arg;
	size_t used = strlen(taken->text);

	(void)snprintf(taken->text + used, sizeof(taken->text) - used, "%s%s=%s", used ? "|" : "",
		       name, value);
	taken->line = line;
}

static void read_text(void **state, const char *content, struct taken *taken,
		      struct eii_problems *problems)
{
	const struct eii_dotenv_taker taker = { .take = take, .arg = taken };
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
		{ "A=${B}\n", "A=${B}" },
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
		cmocka_unit_test(test_dotenv__names_the_line_that_is_wrong_and_reads_the_others),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
