/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/codec/lower.h"

#include "support.h"

static void test_lower__maps_as_javascript(void **state)
{
	(void)state;
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ "", "" },
		{ "ABC xyz 1", "abc xyz 1" },
		{ "\xc3\x84\xc3\x96", "\xc3\xa4\xc3\xb6" },
		/* A sigma at a word's end, and one inside. */
		{ "\xce\x9f\xce\x94\xce\x9f\xce\xa3", "\xce\xbf\xce\xb4\xce\xbf\xcf\x82" },
		{ "\xce\xa3\xce\x91", "\xcf\x83\xce\xb1" },
		/* U+0130 becomes two characters. */
		{ "\xc4\xb0", "i\xcc\x87" },
		{ "\xe1\xba\x9e", "\xc3\x9f" },
		{ "\xf0\x9f\x93\xa7 MAIL", "\xf0\x9f\x93\xa7 mail" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;

		eii_buf_init(&out, 1024);
		eii_lower(eii_text_of(cases[i].text), &out);
		CHECK(eii_text_equal(eii_buf_text(&out), eii_text_of(cases[i].wanted)),
		      "%s gave %s", cases[i].text, out.data);
		eii_buf_clear(&out);
	}
}

static void test_lower__trims_as_javascript(void **state)
{
	(void)state;
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ "  a b\t\r\n", "a b" },
		{ "\xef\xbb\xbf\xc2\xa0x\xe3\x80\x80\xe2\x80\xa8", "x" },
		{ "\x1c\xc2\x85x\xc2\x85\x1f", "\x1c\xc2\x85x\xc2\x85\x1f" },
		{ "\xe2\x80\x8bx", "\xe2\x80\x8bx" },
		{ " \xc2\xa0 ", "" },
		{ "", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_text out = eii_lower_trim(eii_text_of(cases[i].text));

		CHECK(eii_text_equal(out, eii_text_of(cases[i].wanted)), "row %zu gave %.*s", i,
		      EII_TEXT_ARGS(out));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lower__maps_as_javascript),
		cmocka_unit_test(test_lower__trims_as_javascript),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
