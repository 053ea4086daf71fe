/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/html.h"

#include "support.h"

static void test_html_text__shows_text_as_it_was_written(void **state)
{
	static const struct {
		const char *text;
		const char *html;
	} cases[] = {
		{ "", "" },
		{ "a b", "a b" },
		{ "a\nb\r\nc\rd\n", "a<br>b<br>c<br>d<br>" },
		{ "<a href=\"x\">'&", "&lt;a href=&quot;x&quot;&gt;&#39;&amp;" },
		{ "a  b   c", "a&nbsp; b&nbsp;&nbsp; c" },
		{ "  a ", "&nbsp;&nbsp;a&nbsp;" },
		{ "x \ny", "x&nbsp;<br>y" },
		{ "\ta", "&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;a" },
		{ "1234567\ta", "1234567 a" },
		{ "\xc3\xa9"
		  "23456\ta",
		  "\xc3\xa9"
		  "23456&nbsp; a" },
		{ "a\x01\x7f\xe2\x80\xae"
		  "b",
		  "a[U+202E]b" },
		{ "a\xe2\x81\xa6\xe2\x81\xaa\xe2\x80\x8f\xef\xbb\xbf"
		  "b",
		  "a[U+2066]\xe2\x81\xaa\xe2\x80\x8f"
		  "b" },
		{ "\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;

		eii_buf_init(&out, 1000);
		eii_text_to_html(eii_text_of(cases[i].text), &out);
		CHECK(strcmp(out.data, cases[i].html) == 0, "row %zu gave %s", i, out.data);
		eii_buf_clear(&out);
	}
}

static void test_html_text__ends_at_the_ceiling_and_says_so(void **state)
{
	(void)state;
	for (size_t max = 0; max < 16; max++) {
		struct eii_buf out;

		eii_buf_init(&out, max);
		eii_text_to_html(eii_text_of("ab<cd\nef"), &out); /* ab&lt;cd<br>ef: 14 bytes */
		CHECK(eii_buf_ok(&out) == (max >= 14), "ceiling %zu", max);
		CHECK(out.len <= max, "ceiling %zu", max);
		CHECK(strncmp(out.data, "ab&lt;cd<br>ef", out.len) == 0, "%s", out.data);
		eii_buf_clear(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_html_text__shows_text_as_it_was_written),
		cmocka_unit_test(test_html_text__ends_at_the_ceiling_and_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
