/* SPDX-License-Identifier: Apache-2.0 */
#include "markdown.h"

#include "support.h"

struct pair {
	const char *text, *wanted;
};

static void check_each(const struct pair *cases, size_t n,
		       void (*write)(struct eii_text text, struct eii_buf *out))
{
	for (size_t i = 0; i < n; i++) {
		struct eii_buf out;

		eii_buf_init(&out, 4096);
		eii_buf_add_str(&out, "");
		write(eii_text_of(cases[i].text), &out);
		CHECK(eii_text_equal(eii_buf_text(&out), eii_text_of(cases[i].wanted)),
		      "%s gave %.*s", cases[i].text, (int)out.len, out.data);
		eii_buf_clear(&out);
	}
}

static void test_markdown__escapes_what_would_be_markup(void **state)
{
	static const struct pair cases[] = {
		{ "plain, (words)", "plain, \\(words\\)" },
		{ "a\r\nb\tc\x01", "a  b c " },
		{ "![x](data:1)", "&#33;\\[x\\]\\(data:1\\)" },
		{ "<b>&amp;", "&lt;b&gt;&amp;amp;" },
		{ "`*_|#~\\", "\\`\\*\\_\\|\\#\\~\\\\" },
		{ "http://evil.example/", "http\\://evil.example/" },
		{ "a\xe2\x80\xaegpj.exe", "a\\[U+202E\\]gpj.exe" },
		{ "a\xe2\x80\x8f.exe", "a.exe" },
		{ "Gr\xc3\xbc\xc3\x9f"
		  "e",
		  "Gr\xc3\xbc\xc3\x9f"
		  "e" },
		{ "1:2", "1:2" },
	};

	(void)state;
	check_each(cases, ARRAY_LEN(cases), eii_markdown_escape);
}

static void test_markdown__puts_addresses_into_code(void **state)
{
	static const struct pair cases[] = {
		{ "", "" },
		{ "a_b", "a\\_b" },
		{ "http://evil.example/a_b?c=1&d", "`http://evil.example/a_b?c=1&d`" },
		{ "see WWW.evil.example", "`see WWW.evil.example`" },
		{ "www2.evil.example", "www2.evil.example" },
		{ "<1@x>", "`<1@x>`" },
		{ "ww\xe2\x80\x8fw.evil.example", "`www.evil.example`" },
		{ "a\xe2\x80\xae@b", "`a[U+202E]@b`" },
		{ "a@b\r\nc", "`a@b  c`" },
		/* enough backticks */
		{ "`a@b`", "`` `a@b` ``" },
		{ "a``b```c@d", "````a``b```c@d````" },
		{ "@`", "`` @` ``" },
		{ " @ ", "`  @  `" },
		/* what is looked for in code, too */
		{ "![a@b](data:1)", "&#33;`[a@b](data:1)`" },
		{ "a@b !![c", "`a@b !`&#33;`[c`" },
		{ "a@b <CODE>c</code>", "`a@b `&lt;`CODE>c`&lt;`/code>`" },
	};

	(void)state;
	check_each(cases, ARRAY_LEN(cases), eii_markdown_value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_markdown__escapes_what_would_be_markup),
		cmocka_unit_test(test_markdown__puts_addresses_into_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
