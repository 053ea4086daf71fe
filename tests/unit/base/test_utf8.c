/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/utf8.h"

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "support.h"

static void test_utf8__valid_is_what_the_rfc_says(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t prefix;
	} cases[] = {
		{ "", 0 },
		{ "plain text of more than eight bytes", 35 },
		{ "\xc2\x80\xdf\xbf", 4 },
		{ "\xe0\xa0\x80\xef\xbf\xbf", 6 },
		{ "\xed\x9f\xbf\xee\x80\x80", 6 },
		{ "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8 },
		/* Overlong, surrogate, beyond U+10FFFF, cut off, stray. */
		{ "ab\xc0\x80", 2 },
		{ "ab\xc1\xbf", 2 },
		{ "\xe0\x9f\xbf", 0 },
		{ "\xf0\x8f\xbf\xbf", 0 },
		{ "\xed\xa0\x80", 0 },
		{ "\xf4\x90\x80\x80", 0 },
		{ "\xf5\x80\x80\x80", 0 },
		{ "abcdefgh\xe2\x82", 8 },
		{ "a\x80", 1 },
		{ "\xc3(", 0 },
		{ "\xff", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t n = eii_utf8_valid_prefix(cases[i].text, strlen(cases[i].text));

		CHECK(n == cases[i].prefix, "row %zu gave %zu", i, n);
	}
}

static void test_utf8__every_code_point_comes_back(void **state)
{
	(void)state;
	struct eii_buf buf;

	eii_buf_init(&buf, 16);
	for (uint32_t c = 0; c <= 0x110000; c++) {
		bool is_scalar = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
		uint32_t back = 0;

		eii_buf_reset(&buf);
		eii_utf8_add(&buf, c);
		CHECK(eii_utf8_decode(buf.data, buf.len, &back) == buf.len, "U+%04X", c);
		CHECK(back == (is_scalar ? c : 0xfffd), "U+%04X gave U+%04X", c, back);
	}
	eii_buf_clear(&buf);
}

static void test_utf8__cuts_between_characters(void **state)
{
	(void)state;
	struct eii_text text = eii_text_of("a\xe2\x82\xac"
					   "b");

	assert_int_equal(eii_utf8_cut(text, 9), 5);
	assert_int_equal(eii_utf8_cut(text, 5), 5);
	assert_int_equal(eii_utf8_cut(text, 4), 4);
	assert_int_equal(eii_utf8_cut(text, 3), 1);
	assert_int_equal(eii_utf8_cut(text, 2), 1);
	assert_int_equal(eii_utf8_cut(text, 0), 0);
}

static void test_utf8__makes_one_line_of_a_strangers_words(void **state)
{
	(void)state;
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ "", "" },
		{ "k\xc3\xb6nnen", "k\xc3\xb6nnen" },
		{ "a\r\nb\x1b[1m\x7f", "a??b?[1m?" },
		{ "\xff\xc3", "??" },
		{ "a\xe2\x82", "a??" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO_STR text = eii_strdup(cases[i].text);

		eii_utf8_make_line(text);
		CHECK(strcmp(text, cases[i].wanted) == 0, "%zu: %s", i, text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_utf8__makes_one_line_of_a_strangers_words),
		cmocka_unit_test(test_utf8__valid_is_what_the_rfc_says),
		cmocka_unit_test(test_utf8__every_code_point_comes_back),
		cmocka_unit_test(test_utf8__cuts_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
