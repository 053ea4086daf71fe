/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/text.h"

#include "support.h"

static void test_text__numbers_are_digits_within_bounds(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t max;
		bool ok;
		uint64_t wanted;
	} cases[] = {
		{ "0", 0, true, 0 },
		{ "007", 7, true, 7 },
		{ "255", 255, true, 255 },
		{ "256", 255, false, 0 },
		{ "9", 5, false, 0 },
		{ "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, false, 0 },
		{ "99999999999999999999999", UINT64_MAX, false, 0 },
		{ "", 9, false, 0 },
		{ "-1", 9, false, 0 },
		{ "+1", 9, false, 0 },
		{ " 1", 9, false, 0 },
		{ "1 ", 9, false, 0 },
		{ "0x1", 9, false, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t out = 42;

		CHECK(eii_text_to_u64(eii_text_of(cases[i].text), cases[i].max, &out) ==
			      cases[i].ok,
		      "%s", cases[i].text);
		CHECK(out == (cases[i].ok ? cases[i].wanted : 42), "%s gave %llu", cases[i].text,
		      (unsigned long long)out);
	}
}

static void test_text__compares_and_finds(void **state)
{
	(void)state;
	assert_true(eii_text_equal(eii_text(NULL, 0), eii_text_of("")));
	assert_false(eii_text_equal(eii_text_of("a"), eii_text_of("b")));
	assert_true(eii_text_equal_nocase(eii_text_of("AbC"), eii_text_of("aBc")));
	assert_false(eii_text_equal_nocase(eii_text_of("ab"), eii_text_of("abc")));
	assert_false(eii_text_equal_nocase(eii_text_of("["), eii_text_of("{")));
	assert_true(eii_text_starts_nocase(eii_text_of("Content-Type"), "content-"));
	assert_false(eii_text_starts_nocase(eii_text_of("Con"), "content"));
	assert_string_equal(eii_text_find(eii_text_of("abcabc"), "ca"), "cabc");
	assert_null(eii_text_find(eii_text("abc", 2), "bc"));
	assert_null(eii_text_find(eii_text(NULL, 0), "a"));
}

static void test_text__trims_blanks_and_line_ends(void **state)
{
	(void)state;
	struct eii_text out = eii_text_trim(eii_text_of(" \t\r\na b\r\n "));

	assert_true(eii_text_equal(out, eii_text_of("a b")));
	assert_int_equal(eii_text_trim(eii_text_of(" \r\n")).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text__numbers_are_digits_within_bounds),
		cmocka_unit_test(test_text__compares_and_finds),
		cmocka_unit_test(test_text__trims_blanks_and_line_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
