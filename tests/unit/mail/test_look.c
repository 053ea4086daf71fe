/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/look.h"

#include "support.h"

static void test_look__counts_characters_that_show_something(void **state)
{
	static const struct {
		const char *text;
		size_t n_visible;
		bool has_words;
	} cases[] = {
		{ "", 0, false },
		{ " \t\r\n\x7f", 0, false },
		{ "a 1", 2, true },
		{ "\xc2\xa0\xe2\x80\x8b\xe3\x80\x80\xef\xbb\xbf\xef\xb8\x8f", 0, false },
		{ "- \xe2\x80\x94 \xe2\x80\xa2 \xe2\x9c\x93 \xef\xbf\xbd", 5, false },
		{ "\xf0\x9f\x98\x80", 1, false },
		{ "\xc3\xa9", 1, true },
		{ "\xc2\xb5", 1, true },
		{ "\xe3\x81\x82\xe6\xbc\xa2\xd7\xa9\xd8\xa8\xe0\xb8\x81", 5, true },
		{ "\xef\xbc\x91", 1, true }, /* a fullwidth digit */
		{ "\xf0\xa0\xae\xb7", 1, true },
		{ "\xff\xff", 2, false },
		{ "1234567890", 8, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_look look = { .max = 8 };

		eii_look_at(eii_text_of(cases[i].text), &look);
		CHECK(look.n_visible == cases[i].n_visible, "case %zu: %zu", i, look.n_visible);
		CHECK(look.has_words == cases[i].has_words, "case %zu", i);
	}
}

/* What was seen before counts, and nothing is over before a word was found. */
static void test_look__goes_on_until_both_are_known(void **state)
{
	struct eii_look look = { .max = 2 };

	(void)state;
	eii_look_at(eii_text_of("---"), &look);
	assert_int_equal(look.n_visible, 2);
	assert_false(eii_look_is_over(&look));
	eii_look_at(eii_text_of("-a"), &look);
	assert_int_equal(look.n_visible, 2);
	assert_true(eii_look_is_over(&look));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_look__counts_characters_that_show_something),
		cmocka_unit_test(test_look__goes_on_until_both_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
