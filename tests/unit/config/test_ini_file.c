/* SPDX-License-Identifier: Apache-2.0 */
#include "ini_file.h"

#include "eii/base/alloc.h"
#include "scratch.h"
#include "support.h"

/* What the reader handed over: "section.key=value@line" of each, joined by "|". */
struct taken {
	char text[4096];
};

static void take(void *arg, const char *section, const char *key, const char *value, size_t line)
{
	struct taken *taken = arg;
	size_t used = strlen(taken->text);

	(void)snprintf(taken->text + used, sizeof(taken->text) - used, "%s%s.%s=%s@%zu",
		       used ? "|" : "", section, key, value, line);
}

static void read_text(void **state, const char *content, struct taken *taken,
		      struct eii_problems *problems)
{
	const struct eii_ini_taker taker = { .take = take, .arg = taken };
	const char *path = scratch_file(state, "config.ini", content);

	taken->text[0] = '\0';
	eii_problems_init(problems);
	assert_int_equal(eii_ini_read(path, &taker, problems, NULL), EII_OK);
}

static void test_ini_file__takes_values_as_they_stand(void **state)
{
	static const struct {
		const char *content, *wanted;
	} cases[] = {
		{ "[a]\nb=c\n", "a.b=c@2" },
		{ "[a]\nb=c", "a.b=c@2" },
		{ "\xef\xbb\xbf[a]\r\nb = c \r\n", "a.b=c@2" },
		{ "; x\n# y\n\n[a] ; z\nb: c\n  ; w\nd=e\n", "a.b=c@5|a.d=e@7" },
		{ "[a]\nb=c ;d #e\n", "a.b=c ;d #e@2" },
		{ "[a]\nb=\"c\" 'd'\n", "a.b=\"c\" 'd'@2" },
		{ "[a]\nb=c=d:e\n", "a.b=c=d:e@2" },
		{ "[a]\nb=[c]\n", "a.b=[c]@2" },
		{ "[a]\nb=\nc=d\n", "a.b=@2|a.c=d@3" },
		{ "[a]\nb=1\n[c]\nb=2\n", "a.b=1@2|c.b=2@4" },
		{ "b=c\n", ".b=c@1" },
		{ "[a]\nb=1\nb=2\n", "a.b=1@2|a.b=2@3" },
		{ "", "" },
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

static void test_ini_file__names_the_line_that_is_wrong_and_reads_the_others(void **state)
{
	static const struct {
		const char *line, *problem;
	} cases[] = {
		{ "nonsense", "neither a [section], nor key = value" },
		{ " indented", "a value cannot go on over lines" },
		{ " b = c", "a value cannot go on over lines" },
		{ "[open", "not a section" },
		{ "[a] b", "not a section" },
		{ "= c", "no key before" },
		{ "b=\xff", "not UTF-8" },
		{ "0123456789012345678901234567890123456789012345678=c", "name is too long" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_problems problems;
		struct taken taken;
		char content[128];

		(void)snprintf(content, sizeof(content), "[a]\nx=1\n%s\ny=2\n", cases[i].line);
		read_text(state, content, &taken, &problems);
		CHECK(strcmp(taken.text, "a.x=1@2|a.y=2@4") == 0, "%s gave %s", cases[i].line,
		      taken.text);
		CHECK(problems.n_wrong == 1, "%s", cases[i].line);
		CHECK(strstr(problems.items[0].text, "config.ini, line 3: "), "%s",
		      problems.items[0].text);
		CHECK(strstr(problems.items[0].text, cases[i].problem), "%s",
		      problems.items[0].text);
		eii_problems_clear(&problems);
	}
}

static void test_ini_file__takes_a_key_at_its_limit(void **state)
{
	struct eii_problems problems;
	struct taken taken;

	read_text(state, "[a]\n012345678901234567890123456789012345678901234567=c\n", &taken,
		  &problems);
	assert_string_equal(taken.text, "a.012345678901234567890123456789012345678901234567=c@2");
	eii_problems_clear(&problems);
}

/* Line numbers stay short whatever stands before: line 100,000 is still one. */
static void test_ini_file__counts_lines_up_to_the_limit_of_a_file(void **state)
{
	EII_AUTO_STR content = eii_calloc(100101, 1);
	struct eii_problems problems;
	struct taken taken;

	memset(content, '\n', 100000);
	memcpy(content + 100000, "[a]\nb=c", 8);
	read_text(state, content, &taken, &problems);
	assert_string_equal(taken.text, "a.b=c@100002");
	eii_problems_clear(&problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ini_file__takes_values_as_they_stand),
		cmocka_unit_test(test_ini_file__names_the_line_that_is_wrong_and_reads_the_others),
		cmocka_unit_test(test_ini_file__takes_a_key_at_its_limit),
		cmocka_unit_test(test_ini_file__counts_lines_up_to_the_limit_of_a_file),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
