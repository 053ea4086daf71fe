/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/rtf.h"

#include "support.h"

#include "eii/mail/charset.h"

#define MAX      (1u << 24)
#define BYTES(s) s, sizeof(s) - 1

static void test_rtf__undoes_compression(void **state)
{
	static const struct {
		const char *row;
		const char *data;
		size_t len;
		bool is_whole;
		const char *text;
	} cases[] = {
		{ "a reference into the first window",
		  BYTES("\x10\0\0\0\x05\0\0\0LZFu\0\0\0\0\x03\0\x03\x0d\x40"), true, "{\\rtf" },
		{ "a reference over itself",
		  BYTES("\x10\0\0\0\x09\0\0\0LZFu\0\0\0\0\x0c"
			"ab\x0c\xf5\x0d\x80"),
		  true, "ababababa" },
		{ "no end mark, but all that was told",
		  BYTES("\x10\0\0\0\x02\0\0\0LZFu\0\0\0\0\x00xy"), true, "xy" },
		{ "less than was told", BYTES("\x10\0\0\0\x03\0\0\0LZFu\0\0\0\0\x00xy"), false,
		  "xy" },
		{ "half a reference", BYTES("\x10\0\0\0\x03\0\0\0LZFu\0\0\0\0\x02x\x0c"), false,
		  "x" },
		{ "stored", BYTES("\x10\0\0\0\x02\0\0\0MELA\0\0\0\0xyz"), true, "xy" },
		{ "stored, cut", BYTES("\x10\0\0\0\x04\0\0\0MELA\0\0\0\0xyz"), false, "xyz" },
		{ "another kind", BYTES("\x10\0\0\0\x02\0\0\0LZFx\0\0\0\0\0xy"), false, "" },
		{ "no header", BYTES("\x10\0\0\0\x02\0\0\0LZFu\0\0\0"), false, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;

		eii_buf_init(&out, MAX);
		CHECK(eii_rtf_decompress(eii_text(cases[i].data, cases[i].len), &out) ==
			      cases[i].is_whole,
		      "%s", cases[i].row);
		CHECK(!strcmp(out.data, cases[i].text), "%s gave '%s'", cases[i].row, out.data);
		eii_buf_clear(&out);
	}
}

static void test_rtf__expands_up_to_the_limit(void **state)
{
	static const char data[] = "\x10\0\0\0\x05\0\0\0LZFu\0\0\0\0\x03\0\x03\x0d\x40";

	(void)state;
	for (size_t max = 4; max <= 5; max++) {
		struct eii_buf out;

		eii_buf_init(&out, max);
		assert_int_equal(eii_rtf_decompress(eii_text(data, sizeof(data) - 1), &out),
				 max == 5);
		assert_int_equal(out.len, max);
		eii_buf_clear(&out);
	}
}

static void check_read(const char *rtf, enum eii_rtf wanted, const char *text)
{
	struct eii_buf out;
	enum eii_rtf got;

	eii_buf_init(&out, MAX);
	got = eii_rtf_read(eii_text_of(rtf), &out);
	CHECK(got == wanted, "%s gave %d", rtf, (int)got);
	CHECK(!strcmp(out.data, text), "%s gave '%s'", rtf, out.data);
	eii_buf_clear(&out);
}

static void test_rtf__reads_text(void **state)
{
	static const char *const cases[][2] = {
		{ "{\\rtf1 a\\par b\\line c\\tab d\\\ne}", "a\r\nb\r\nc\td\r\ne" },
		{ "{\\rtf1 a\r\nb\\{\\}\\\\<&>}", "ab{}\\<&>" },
		{ "{\\rtf1 \\lquote a\\rquote\\ldblquote b\\rdblquote\\bullet\\endash\\emdash}",
		  "\xe2\x80\x98"
		  "a\xe2\x80\x99\xe2\x80\x9c"
		  "b\xe2\x80\x9d\xe2\x80\xa2\xe2\x80\x93\xe2\x80\x94" },
		{ "{\\rtf1 \\'e9\\~\\_\\'zz}", "\xc3\xa9\xc2\xa0\xe2\x80\x91zz" },
		{ "{\\rtf1\\ansicpg1251 \\'ec\\'e8\\'f0}", "\xd0\xbc\xd0\xb8\xd1\x80" },
		/* Two bytes are a character, the second of them as it stands or escaped. */
		{ "{\\rtf1\\ansicpg932 \\'93\\'fa\\'96{\\b }\\'83A}",
		  "\xe6\x97\xa5\xef\xbf\xbd\xe3\x82\xa2" },
		{ "{\\rtf1{\\fonttbl{\\f3\\fcharset161 A;}{\\f4\\cpg1255 B;}}\\f3\\'e1{\\f4\\'e0}"
		  "\\'e1\\plain\\'e9\\f9999\\'e9}",
		  "\xce\xb1\xd7\x90\xce\xb1\xc3\xa9\xc3\xa9" },
		/* \u with as many characters behind it as \uc says. */
		{ "{\\rtf1\\u233?\\uc2\\u233ab{\\uc0\\u233}\\u233ab\\uc0 x}",
		  "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9x" },
		{ "{\\rtf1\\u-10179?\\u-8704?\\u-10179?\\u65?\\u-8704?}", "\xf0\x9f\x98\x80"
									  "A\xef\xbf\xbd" },
		{ "{\\rtf1 a{\\*\\unknown b{\\fldinst c}}{\\info d}{\\pict e}{\\stylesheet f}g}",
		  "ag" },
		{ "{\\rtf1{\\field{\\*\\fldinst HYPERLINK \"u\"}{\\fldrslt words}}}",
		  "HYPERLINK \"u\"words" },
		{ "{\\rtf1 a\\bin3 {}}b\\bin99 c", "ab" },
		{ "{\\rtf1 a}}}b", "ab" },
		{ "{\\rtf1 \\v a\\unknown99999999999999999999 b\\htmlrtf c\\htmlrtf0}", "abc" },
		{ "{\\rtf1 a\\", "a" },
		{ "{\\rtf1 a\\'", "a" },
		{ "{\\rtf1 a\\'4", "a4" },
		{ "{\\rtf1 a\\*", "a" },
		{ "{\\rtf1 a\\abcdefghijklmnopqrstuvwxyzabcdefgh b}", "agh b" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_read(cases[i][0], EII_RTF_TEXT, cases[i][1]);
	check_read("", EII_RTF_NONE, "");
	check_read("{\\rt", EII_RTF_NONE, "");
	check_read("{\\rtf1", EII_RTF_TEXT, "");
}

#define FROM_HTML "{\\rtf1\\ansi\\fromhtml1 "

static void test_rtf__takes_html_out(void **state)
{
	static const char *const cases[][2] = {
		{ FROM_HTML "{\\*\\htmltag64 <p>}a{\\*\\htmltag72 </p>}}", "<p>a</p>" },
		{ FROM_HTML "\\htmlrtf a{b\\htmlrtf0 c}d\\htmlrtf0 e}", "ce" },
		{ FROM_HTML "{\\*\\mhtmltag64 <p>}{\\*\\htmltag241 <!--\\par x\\tab{} -->}}",
		  "<!--\r\nx\t -->" },
		{ FROM_HTML "<&>{\\*\\htmltag84 &nbsp;}\\par\\line\\'e9}",
		  "&lt;&amp;&gt;&nbsp;\r\n<br>\r\n\xc3\xa9" },
		{ FROM_HTML "{\\*\\htmltag84 \\{\\'e9\\u233?\\}}}", "{\xc3\xa9\xc3\xa9}" },
		{ FROM_HTML "{\\pntext{\\*\\htmltag64 <li>}}}", "<li>" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_read(cases[i][0], EII_RTF_HTML, cases[i][1]);
	check_read("{\\rtf1\\fromhtml0 {\\*\\htmltag64 <p>}a}", EII_RTF_TEXT, "<p>a");
	check_read("{\\rtf1\\fromtext a<b}", EII_RTF_TEXT, "a<b");
}

/* At the limit a group's state ends with it; past it the groups are still counted. */
static void test_rtf__counts_groups_past_the_limit(void **state)
{
	(void)state;
	for (size_t n = EII_RTF_GROUPS_MAX - 1; n <= EII_RTF_GROUPS_MAX; n++) {
		bool is_over = n == EII_RTF_GROUPS_MAX;
		struct eii_buf rtf;

		eii_buf_init(&rtf, MAX);
		eii_buf_add_str(&rtf, "{\\rtf1");
		for (size_t i = 1; i < n - 1; i++)
			eii_buf_add_str(&rtf, "{");
		eii_buf_add_str(&rtf, "a{\\*\\unknown b}c");
		for (size_t i = 0; i < n; i++)
			eii_buf_add_str(&rtf, "}");
		check_read(rtf.data, EII_RTF_TEXT, is_over ? "a" : "ac");
		eii_buf_clear(&rtf);
	}
}

static void test_rtf__keeps_the_charsets_of_fonts_up_to_the_limit(void **state)
{
	(void)state;
	for (int n = EII_RTF_FONTS_MAX - 1; n <= EII_RTF_FONTS_MAX; n++) {
		char rtf[128];

		(void)snprintf(rtf, sizeof(rtf),
			       "{\\rtf1{\\fonttbl{\\f%d\\fcharset204 A;}}\\f%d\\'ec}", n, n);
		check_read(rtf, EII_RTF_TEXT, n < EII_RTF_FONTS_MAX ? "\xd0\xbc" : "\xc3\xac");
	}
}

static void test_rtf__writes_up_to_the_ceiling(void **state)
{
	struct eii_buf out;

	(void)state;
	eii_buf_init(&out, 4);
	assert_int_equal(eii_rtf_read(eii_text_of("{\\rtf1 abcd}"), &out), EII_RTF_TEXT);
	assert_true(eii_buf_ok(&out));
	eii_buf_clear(&out);
	assert_int_equal(eii_rtf_read(eii_text_of("{\\rtf1 abcde}"), &out), EII_RTF_TEXT);
	assert_false(eii_buf_ok(&out));
	eii_buf_clear(&out);
}

static void test_rtf__names_code_pages(void **state)
{
	static const struct {
		unsigned int code_page;
		const char *label;
	} cases[] = {
		{ 1252, "cp1252" },       { 932, "cp932" },     { 28591, "iso-8859-1" },
		{ 28606, "iso-8859-16" }, { 28590, "cp28590" }, { 28607, "cp28607" },
		{ 20866, "koi8-r" },      { 65001, "cp65001" }, { 4294967295u, "cp4294967295" },
	};
	char label[EII_CODE_PAGE_LABEL_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		eii_code_page_label(cases[i].code_page, label);
		CHECK(!strcmp(label, cases[i].label), "%u gave %s", cases[i].code_page, label);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rtf__undoes_compression),
		cmocka_unit_test(test_rtf__expands_up_to_the_limit),
		cmocka_unit_test(test_rtf__reads_text),
		cmocka_unit_test(test_rtf__takes_html_out),
		cmocka_unit_test(test_rtf__counts_groups_past_the_limit),
		cmocka_unit_test(test_rtf__keeps_the_charsets_of_fonts_up_to_the_limit),
		cmocka_unit_test(test_rtf__writes_up_to_the_ceiling),
		cmocka_unit_test(test_rtf__names_code_pages),
	};

	eii_charset_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
