/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/rules/pattern.h"

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "support.h"

static bool is_match(const char *pattern, const char *text)
{
	struct eii_patterns patterns = { .n = 0 };
	struct eii_error err = { 0 };
	bool result;

	CHECK(eii_patterns_parse(eii_text_of(pattern), &patterns, &err) == EII_OK, "%s: %s",
	      pattern, err.text);
	result = eii_patterns_match(&patterns, eii_text_of(text));
	eii_patterns_clear(&patterns);
	return result;
}

static void test_pattern__matches_all_of_the_text(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool is_match;
	} rows[] = {
		{ "abc", "abc", true },
		{ "ABC", "abc", true },
		{ "abc", "abcd", false },
		{ "abc", "ab", false },
		{ "*", "", true },
		{ "*", "anything", true },
		{ "a*", "a", true },
		{ "a*", "ba", false },
		{ "*a", "aba", true },
		{ "*a", "ab", false },
		{ "a*a", "a", false },
		{ "a*a", "aa", true },
		{ "a**b", "ab", true },
		{ "*ab*", "xxaby", true },
		{ "*aab*aab*", "aabaab", true },
		{ "*aab*aab*", "aabab", false },
		{ "*aab", "aaab", true },
		{ "?", "", false },
		{ "?", "x", true },
		{ "??", "\xc3\xbc", false },
		{ "*??*", "\xc3\xbc", false },
		{ "*?b*",
		  "\xc3\xbc"
		  "b",
		  true },
		{ "a?c",
		  "a\xc3\xbc"
		  "c",
		  true },
		{ "*?", "\xc3\xbc", true },
		{ "*?a?*", "ba\xc3\xbc", true },
		{ "*?a?", "a\xc3\xbc", false },
		{ "GR\xc3\x9c\xc3\x9f"
		  "E*",
		  "gr\xc3\xbc\xc3\x9f"
		  "e aus",
		  true },
		{ "*@cert.example", "a@cert.example", true },
		{ "*@cert.example", "a@cert.example.evil", false },
		{ "*@*.example", "a@b@c.example", true },
		{ "[a-z]", "a", false },
		{ "a.c", "abc", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK(is_match(rows[i].pattern, rows[i].text) == rows[i].is_match, "%s on %s",
		      rows[i].pattern, rows[i].text);
}

static void test_pattern__takes_any_of_a_list(void **state)
{
	static const char list[] = " , a@b.example ,*@c.example,, ";

	(void)state;
	assert_true(is_match(list, "a@b.example"));
	assert_true(is_match(list, "x@c.example"));
	assert_false(is_match(list, ""));
	assert_false(is_match(list, "x@b.example"));
	/* A comma is written as `?`. */
	assert_true(is_match("one? two", "one, two"));
}

static void fill(char *text, size_t n_items, size_t len)
{
	for (size_t i = 0; i < n_items; i++) {
		memset(text + i * (len + 1), 'x', len);
		text[i * (len + 1) + len] = ',';
	}
	text[n_items * (len + 1) - 1] = '\0';
}

static void test_pattern__holds_lists_to_their_limits(void **state)
{
	static const struct {
		size_t n_items, len;
		bool is_good;
	} rows[] = {
		{ 1, EII_PATTERN_MAX_BYTES, true },
		{ 1, EII_PATTERN_MAX_BYTES + 1, false },
		{ EII_PATTERNS_MAX, 1, true },
		{ EII_PATTERNS_MAX + 1, 1, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		EII_AUTO_STR text = eii_calloc(rows[i].n_items * (rows[i].len + 1), 1);
		struct eii_patterns patterns = { .n = 42 };
		struct eii_error err;

		fill(text, rows[i].n_items, rows[i].len);
		CHECK(eii_patterns_parse(eii_text_of(text), &patterns, &err) ==
			      (rows[i].is_good ? EII_OK : EII_REJECT),
		      "row %zu", i);
		CHECK(patterns.n == (rows[i].is_good ? rows[i].n_items : 42), "row %zu", i);
		if (rows[i].is_good)
			eii_patterns_clear(&patterns);
	}
}

static void test_pattern__refuses_lists_of_nothing(void **state)
{
	static const char *const rows[] = { "", " ", ",", " , ,", "\xff" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_patterns patterns = { .n = 42 };
		struct eii_error err;

		CHECK(eii_patterns_parse(eii_text_of(rows[i]), &patterns, &err) == EII_REJECT,
		      "row %zu", i);
		assert_int_equal(patterns.n, 42);
	}
}

/* Long texts that nearly match: the time limit of the test is what they would pass. */
static void test_pattern__is_not_slow_on_any_text(void **state)
{
	static const char *const rows[] = {
		"*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b",
		"*aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab*",
		"*?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?b*",
		"*a?a*a?a*a?a*a?a*a?a*a?a*a?a*ab*",
	};
	static char text[65536 + 1];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK(!is_match(rows[i], text), "%s", rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pattern__matches_all_of_the_text),
		cmocka_unit_test(test_pattern__takes_any_of_a_list),
		cmocka_unit_test(test_pattern__holds_lists_to_their_limits),
		cmocka_unit_test(test_pattern__refuses_lists_of_nothing),
		cmocka_unit_test(test_pattern__is_not_slow_on_any_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
