/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml_file.h"

#include "eii/base/alloc.h"
#include "eii/base/buf.h"
#include "file.h"
#include "scratch.h"
#include "support.h"
#include "yaml_value.h"

/* What the reader handed over: "section.key=value@line" of each, joined by "|". */
struct taken {
	char text[4096];
	size_t n;
};

static void take(void *arg, const struct eii_yaml_entry *entry)
{
	static const char marks[] = { [EII_YAML_QUOTED] = 'q',
				      [EII_YAML_PLAIN] = 'p',
				      [EII_YAML_LIST] = 'l',
				      [EII_YAML_NESTED] = 'n' };
	struct taken *taken = arg;
	size_t used = strlen(taken->text);

	taken->n++;
	(void)snprintf(taken->text + used, sizeof(taken->text) - used, "%s%s.%s=%c:%s@%zu",
		       used ? "|" : "", eii_section_name(entry->section), entry->key,
		       marks[entry->kind], entry->value, entry->line);
}

static void take_unknown(void *arg, const char *name, size_t line)
{
	struct taken *taken = arg;
	size_t used = strlen(taken->text);

	(void)snprintf(taken->text + used, sizeof(taken->text) - used, "%s?%s@%zu", used ? "|" : "",
		       name, line);
}

static enum eii_rc read_path(const char *path, struct taken *taken, struct eii_problems *problems,
			     struct eii_error *err)
{
	const struct eii_yaml_taker taker = {
		.take = take,
		.unknown = take_unknown,
		.arg = taken,
	};

	*taken = (struct taken){ .n = 0 };
	eii_problems_init(problems);
	return eii_yaml_read(path, &taker, problems, err);
}

static void read_text(void **state, const char *content, struct taken *taken,
		      struct eii_problems *problems)
{
	const char *path = scratch_file(state, "config.yml", content);

	assert_int_equal(read_path(path, taken, problems, NULL), EII_OK);
}

static void test_yaml_file__takes_every_form_of_a_value(void **state)
{
	static const struct {
		const char *content, *wanted;
	} cases[] = {
		{ "opencti:\n  url: 'a: #b'\n", "opencti.url=q:a: #b@2" },
		{ "opencti:\n  url: \"a\\tb\" # c\n", "opencti.url=q:a\tb@2" },
		{ "\xef\xbb\xbfopencti:\r\n  url: a b # c\r\n", "opencti.url=p:a b@2" },
		{ "---\nopencti: {url: a, token: b}\n...\n",
		  "opencti.url=p:a@2|opencti.token=p:b@2" },
		{ "connector:\n  scope:\n    - a\n    - 'b'\n  id: c\n",
		  "connector.scope=l:a,b@2|connector.id=p:c@5" },
		{ "connector:\n  scope: [a, b,]\n", "connector.scope=l:a,b@2" },
		{ "connector:\n  scope: []\n", "connector.scope=l:,@2" },
		{ "connector:\n  scope: [[a]]\n", "connector.scope=n:@2" },
		{ "connector:\n  scope: {a: b}\n", "connector.scope=n:@2" },
		{ "opencti:\n  token: |\n    a\n    b\n", "opencti.token=q:a\nb\n@2" },
		{ "opencti:\n  token: >-\n    a\n    b\n", "opencti.token=q:a b@2" },
		{ "opencti:\n  token:\n  url: ~\n", "opencti.token=p:@2|opencti.url=p:~@3" },
		{ "opencti:\nMQ:\n  Host: a\n", "mq.Host=p:a@3" },
		{ "other:\n  a: b\nconnector:\n  id: c\n", "?other@1|connector.id=p:c@4" },
		{ "OPENCTI_URL: a\n", "?OPENCTI_URL@1" },
		{ "opencti:\n  token: !!str 1\n", "opencti.token=p:1@2" },
		{ "", "" },
		{ "# nothing\n", "" },
		{ "---\n", "" },
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

/* As PyYAML's safe loader: checked with it. */
static void test_yaml_file__merges_and_repeats_as_the_official_connector(void **state)
{
	static const struct {
		const char *content, *wanted;
	} cases[] = {
		{ "connector: {id: &x a, name: *x}\n", "connector.id=p:a@1|connector.name=p:a@1" },
		{ "opencti: {url: a}\nopencti: {token: b}\n", "opencti.token=p:b@2" },
		{ "opencti: {url: a, url: b}\n", "opencti.url=p:a@1|opencti.url=p:b@1" },
		{ "mq: &m {host: a, port: 1}\nMQ:\n  host: b\n  <<: *m\n",
		  "mq.host=p:a@1|mq.port=p:1@1|mq.host=p:b@3" },
		{ "x: &x {host: a}\ny: &y {host: b}\nmq: {<<: [*x, *y]}\n",
		  "?x@1|?y@2|mq.host=p:b@2|mq.host=p:a@1" },
		{ "x: &x {mq: {host: a}}\n<<: *x\n", "?x@1|mq.host=p:a@1" },
		{ "x: &x {mq: {host: a}}\n<<: *x\nmq: {port: 1}\n", "?x@1|mq.port=p:1@3" },
		{ "mq: {'<<': {host: a}}\n", "mq.<<=n:@1" },
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

static void test_yaml_file__names_the_line_that_is_wrong(void **state)
{
	static const struct {
		const char *content, *problem;
	} cases[] = {
		{ "opencti:\n\turl: a\n", "line 2: not YAML: found character that cannot start" },
		{ "opencti:\n  url: a: b\n", "line 2: not YAML: mapping values are not allowed" },
		{ "opencti:\n  url: 'a\n", "line 3: not YAML: found unexpected end of stream" },
		{ "opencti:\n  url: %a\n", "line 2: not YAML: found character that cannot start" },
		{ "opencti:\n  url: *a\n", "line 2: not YAML: found undefined alias" },
		{ "opencti:\n  url: \xff\n", "line 2: not YAML: invalid leading UTF-8 octet" },
		{ "opencti:\n  url: {a: b\n", "line 3: not YAML: did not find expected ',' or" },
		{ "- opencti\n", "line 1: not sections like opencti:" },
		{ "opencti\n", "line 1: not sections like opencti:" },
		{ "mq:\nopencti: a\n", "line 2: a section has keys under it" },
		{ "\nopencti: [a]\n", "line 2: a section has keys under it" },
		{ "opencti:\n  [a, b]: c\n", "line 2: a key has to be a word" },
		{ "opencti:\n  ? {a: b}\n", "line 2: a key has to be a word" },
		{ "opencti:\n  \"a\\0b\": c\n", "line 2: a key has to be a word" },
		{ "opencti:\n  <<: a\n", "line 2: << needs a mapping" },
		{ "opencti: &a\n  <<: *a\n", "line 1: merge keys (<<) stand too deep" },
		{ "opencti:\n  url: !!binary aGk=\n", "line 2: tags (!...) are not read" },
		{ "opencti:\n  url: !ours a\n", "line 2: tags (!...) are not read" },
		{ "opencti:\n  url: a\n---\nmq:\n", "line 4: a second document (---) begins" },
		{ "opencti:\n  url: a\n...\n%\n", "line 4: not YAML: " },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_problems problems;
		struct taken taken;

		read_text(state, cases[i].content, &taken, &problems);
		CHECK(problems.n_wrong == 1, "%s: %zu", cases[i].content, problems.n_wrong);
		CHECK(strstr(problems.items[0].text, "config.yml, line "), "%s",
		      problems.items[0].text);
		CHECK(strstr(problems.items[0].text, cases[i].problem), "%s: %s", cases[i].content,
		      problems.items[0].text);
		eii_problems_clear(&problems);
	}
}

/* "mq: {a: 1, a: 1, ...}" with so many keys, or a list with so many entries. */
static char *with_entries(const char *begin, const char *entry, size_t n, const char *end)
{
	struct eii_buf text;

	eii_buf_init(&text, EII_FILE_SETTINGS_MAX);
	eii_buf_add_str(&text, begin);
	for (size_t i = 0; i < n; i++)
		eii_buf_add_str(&text, entry);
	eii_buf_add_str(&text, end);
	return eii_buf_detach(&text);
}

static void test_yaml_file__takes_as_many_entries_as_its_limit(void **state)
{
	static const struct {
		const char *begin, *entry, *end;
		size_t others; /* entries beside the repeated one */
	} cases[] = {
		{ "mq: {", "a: 1, ", "}\n", 1 },
		{ "mq: {a: [", "b, ", "]}\n", 2 },
		{ "x: &x {b: 1}\nmq: {<<: [", "*x, ", "]}\n", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (size_t past = 0; past < 2; past++) {
			bool is_merge = i == 2;
			size_t limit = is_merge ? (EII_YAML_ENTRIES_MAX - 3) / 2
						: EII_YAML_ENTRIES_MAX - cases[i].others;
			EII_AUTO_STR content = with_entries(cases[i].begin, cases[i].entry,
							    limit + past, cases[i].end);
			struct eii_problems problems;
			struct taken taken;

			read_text(state, content, &taken, &problems);
			CHECK(problems.n_wrong == past, "%zu, %zu past: %zu", i, past,
			      problems.n_wrong);
			CHECK(!past || strstr(problems.items[0].text, "too many entries"), "%s",
			      problems.items[0].text);
			eii_problems_clear(&problems);
		}
	}
}

/* Aliases of aliases that stand for 10^9 entries. */
static void test_yaml_file__is_not_blown_up_by_aliases(void **state)
{
	static const char content[] = "a: &a {x: 1}\n"
				      "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
				      "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n"
				      "d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n"
				      "e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\n"
				      "f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]\n"
				      "mq: {<<: *f, host: h}\n";
	struct eii_problems problems;
	struct taken taken;

	read_text(state, content, &taken, &problems);
	assert_int_equal(problems.n_wrong, 1);
	assert_non_null(strstr(problems.items[0].text, "too many entries"));
	assert_true(taken.n < EII_YAML_ENTRIES_MAX);
	eii_problems_clear(&problems);
}

static void test_yaml_file__merges_as_deep_as_its_limit(void **state)
{
	for (size_t past = 0; past < 2; past++) {
		EII_AUTO_STR begin =
			with_entries("mq: ", "{<<: ", EII_YAML_MERGES_MAX + past, "{host: h}");
		EII_AUTO_STR content = with_entries(begin, "}", EII_YAML_MERGES_MAX + past, "\n");
		struct eii_problems problems;
		struct taken taken;

		read_text(state, content, &taken, &problems);
		CHECK(problems.n_wrong == past, "%zu past", past);
		CHECK(strcmp(taken.text, past ? "" : "mq.host=p:h@1") == 0, "%s", taken.text);
		eii_problems_clear(&problems);
	}
}

static void test_yaml_file__takes_a_file_of_its_largest_size(void **state)
{
	for (size_t past = 0; past < 2; past++) {
		EII_AUTO_STR content = eii_calloc(EII_FILE_SETTINGS_MAX + 2, 1);
		struct eii_problems problems;
		struct eii_error err = { 0 };
		struct taken taken;
		const char *path;
		enum eii_rc rc;

		memset(content, '#', EII_FILE_SETTINGS_MAX + past);
		memcpy(content, "mq: {host: h} ", 14);
		path = scratch_file(state, "config.yml", content);
		rc = read_path(path, &taken, &problems, &err);
		CHECK(rc == (past ? EII_REJECT : EII_OK), "%zu past: %s", past, err.text);
		CHECK(taken.n == 1 - past, "%zu past", past);
		eii_problems_clear(&problems);
	}
}

/* Depth, then nodes: the stream's and the document's begin and end count, too. */
static void test_yaml_file__is_as_deep_and_large_as_its_limits(void **state)
{
	static const struct {
		const char *begin, *entry, *end, *problem;
		size_t limit;
	} cases[] = {
		{ "x: ", "[", "", "too deep in each other", EII_YAML_DEPTH_MAX - 1 },
		{ "x: [", "a,", "]\n", "too many entries", EII_YAML_NODES_MAX - 9 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (size_t past = 0; past < 2; past++) {
			EII_AUTO_STR content = with_entries(cases[i].begin, cases[i].entry,
							    cases[i].limit + past, cases[i].end);
			struct eii_problems problems;
			struct taken taken;
			bool is_said;

			read_text(state, content, &taken, &problems);
			is_said = problems.n && strstr(problems.items[0].text, cases[i].problem);
			CHECK(is_said == (past == 1), "%zu, %zu past: %s", i, past,
			      problems.n ? problems.items[0].text : "");
			eii_problems_clear(&problems);
		}
	}
}

static void test_yaml_file__reads_what_is_nested_without_end_in_no_time(void **state)
{
	static const char *const entries[] = { "[", "- ", "{a: ", "- &a\n", "? ", "[\n" };

	for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
		size_t n = (EII_FILE_SETTINGS_MAX - 1) / strlen(entries[i]);
		EII_AUTO_STR content = with_entries("", entries[i], n, "");
		struct eii_problems problems;
		struct taken taken;

		read_text(state, content, &taken, &problems);
		CHECK(problems.n_wrong == 1, "%s", entries[i]);
		eii_problems_clear(&problems);
	}
}

static void test_yaml_value__knows_the_numbers_of_yaml(void **state)
{
	static const struct {
		const char *text;
		enum eii_setting_type type;
		const char *wanted;
	} cases[] = {
		{ "993", EII_TYPE_PORT, "993" },
		{ "+993", EII_TYPE_PORT, "993" },
		{ "-1", EII_TYPE_PORT, "-1" },
		{ "0", EII_TYPE_U32, "0" },
		{ "1_000", EII_TYPE_U32, "1000" },
		{ "0x3E1", EII_TYPE_PORT, "993" },
		{ "0b101", EII_TYPE_PORT, "5" },
		{ "0143", EII_TYPE_PORT, "99" },
		{ "0993", EII_TYPE_PORT, "0993" }, /* no octal number: a text */
		{ "1:30", EII_TYPE_PORT, "90" },
		{ "1:60", EII_TYPE_PORT, "1:60" },
		{ "1:", EII_TYPE_PORT, "1:" },
		{ "993.0", EII_TYPE_PORT, "993.0" },
		{ "18446744073709551615", EII_TYPE_U64, "18446744073709551615" },
		{ "18446744073709551616", EII_TYPE_U64, "18446744073709551616" },
		{ "0xg", EII_TYPE_U64, "0xg" },
		{ "0x", EII_TYPE_U64, "0x" },
		{ "_1", EII_TYPE_U64, "_1" },
		{ "3600", EII_TYPE_DURATION, "PT3600S" },
		{ "-5", EII_TYPE_DURATION, "-PT5S" },
		{ "0.5", EII_TYPE_DURATION, "PT0.5S" },
		{ ".5", EII_TYPE_DURATION, "PT0.5S" },
		{ "5.", EII_TYPE_DURATION, "PT5.0S" },
		{ ".", EII_TYPE_DURATION, "." },
		{ "1:30:00", EII_TYPE_DURATION, "PT5400S" },
		{ "01:30:00", EII_TYPE_DURATION, "01:30:00" },
		{ "PT1H", EII_TYPE_DURATION, "PT1H" },
		{ "1e3", EII_TYPE_DURATION, "1e3" },
		{ "0123", EII_TYPE_SECRET, "0123" },
		{ "yes", EII_TYPE_TEXT, "yes" },
		{ "yes", EII_TYPE_BOOL, "yes" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *text = eii_yaml_plain(cases[i].text, cases[i].type);

		CHECK(strcmp(text, cases[i].wanted) == 0, "%s gave %s", cases[i].text, text);
		eii_free_secret(text);
	}
	assert_true(eii_yaml_is_null("") && eii_yaml_is_null("~") && eii_yaml_is_null("Null"));
	assert_false(eii_yaml_is_null("nULL") || eii_yaml_is_null("none"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_yaml_file__takes_every_form_of_a_value),
		cmocka_unit_test(test_yaml_file__merges_and_repeats_as_the_official_connector),
		cmocka_unit_test(test_yaml_file__names_the_line_that_is_wrong),
		cmocka_unit_test(test_yaml_file__takes_as_many_entries_as_its_limit),
		cmocka_unit_test(test_yaml_file__is_not_blown_up_by_aliases),
		cmocka_unit_test(test_yaml_file__merges_as_deep_as_its_limit),
		cmocka_unit_test(test_yaml_file__takes_a_file_of_its_largest_size),
		cmocka_unit_test(test_yaml_file__is_as_deep_and_large_as_its_limits),
		cmocka_unit_test(test_yaml_file__reads_what_is_nested_without_end_in_no_time),
		cmocka_unit_test(test_yaml_value__knows_the_numbers_of_yaml),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
