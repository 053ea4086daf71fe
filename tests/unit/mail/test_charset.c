/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/charset.h"

#include "support.h"

#include "charset_table.h"
#include "eii/base/utf8.h"

#define BYTES(literal) (literal), sizeof(literal) - 1

static void test_charset__reads_labels_as_browsers_do(void **state)
{
	static const struct {
		const char *label;
		const char *bytes;
		size_t len;
		const char *wanted;
	} cases[] = {
		{ "utf-8", BYTES("caf\xc3\xa9"), "caf\xc3\xa9" },
		{ "UTF8",
		  BYTES("\xef\xbb\xbf"
			"a"),
		  "a" },
		{ "iso-8859-1", BYTES("\x80 \xfc"), "\xe2\x82\xac \xc3\xbc" },
		{ "us-ascii", BYTES("caf\xe9"), "caf\xc3\xa9" },
		{ "us-ascii", BYTES("caf\xc3\xa9"), "caf\xc3\xa9" },
		{ "", BYTES("caf\xe9"), "caf\xc3\xa9" },
		{ "x-nonsense", BYTES("caf\xe9"), "caf\xc3\xa9" },
		{ "unicode_escape", BYTES("\\u00e9"), "\\u00e9" },
		{ "utf-8", BYTES("caf\xe9"), "caf\xc3\xa9" },
		{ "utf-8", BYTES("\xc3\xa9 caf\xe9!"), "\xc3\xa9 caf\xef\xbf\xbd!" },
		{ "gb2312", BYTES("\xb1\xa8\xb8\xe6"), "\xe6\x8a\xa5\xe5\x91\x8a" },
		{ "hz-gb-2312", BYTES("~{1(8f~} ~~"), "\xe6\x8a\xa5\xe5\x91\x8a ~" },
		{ "ks_c_5601-1987", BYTES("\xba\xb8"), "\xeb\xb3\xb4" },
		{ "x-sjis", BYTES("\x95\xf1"), "\xe5\xa0\xb1" },
		{ "shift_jis", BYTES("\x87\x40"), "\xe2\x91\xa0" },
		{ "iso-2022-jp", BYTES("\x1b$BJs\x1b(B!"), "\xe5\xa0\xb1!" },
		{ "koi8-r", BYTES("\xcf"), "\xd0\xbe" },
		{ "utf-7", BYTES("x+AOk-y"), "x\xc3\xa9y" },
		{ "utf-7", BYTES("a +2AA- b"), "a \xef\xbf\xbd b" },
		{ "utf-16", BYTES("\xfe\xff\x00\xe9"), "\xc3\xa9" },
		{ "utf-16le",
		  BYTES("\xe9\x00\x00\xd8"
			"a\x00"),
		  "\xc3\xa9\xef\xbf\xbd"
		  "a" },
		{ "tis-620", BYTES("\xc3"), "\xe0\xb8\xa3" },
		{ "iso-8859-8-i", BYTES("\xfa"), "\xd7\xaa" },
		{ "utf-8*en", BYTES("a"), "a" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;

		eii_buf_init(&out, 1024);
		eii_charset_decode(eii_text(cases[i].bytes, cases[i].len),
				   eii_text_of(cases[i].label), &out);
		CHECK(eii_text_equal(eii_buf_text(&out), eii_text_of(cases[i].wanted)),
		      "%s gave '%s', not '%s'", cases[i].label, out.data, cases[i].wanted);
		eii_buf_clear(&out);
	}
}

static void test_charset__knows_what_is_a_charset(void **state)
{
	(void)state;
	assert_true(eii_charset_is_known(eii_text_of("Windows-1251")));
	assert_true(eii_charset_is_known(eii_text_of("ISO_8859-1:1987")));
	assert_false(eii_charset_is_known(eii_text_of("us-ascii")));
	assert_false(eii_charset_is_known(eii_text_of("unknown-8bit")));
	assert_false(eii_charset_is_known(eii_text_of("idna")));
	assert_false(eii_charset_is_known(eii_text_of("../../etc/passwd")));
	assert_false(eii_charset_is_known(eii_text("utf-8\0x", 7)));
	assert_false(eii_charset_is_known(eii_text(NULL, 0)));
}

static void test_charset__all_that_are_held_are_found_here(void **state)
{
	(void)state;
	eii_charset_prepare();
	assert_int_equal(eii_charset_missing(), 0);
}

static void test_charset__makes_valid_utf8_of_any_bytes_in_any_charset(void **state)
{
	size_t n;
	const struct eii_charset *charsets = eii_charset_table(&n);
	char bytes[512];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7 + i / 256);
	for (size_t i = 0; i < n; i++) {
		struct eii_buf out;

		eii_buf_init(&out, sizeof(bytes) * 4 + 64);
		eii_charset_decode(eii_text(bytes, sizeof(bytes)),
				   eii_text_of(charsets[i].iconv_name), &out);
		CHECK(eii_utf8_is_valid(eii_buf_text(&out)), "%s", charsets[i].iconv_name);
		CHECK(out.len > 0, "%s", charsets[i].iconv_name);
		eii_buf_clear(&out);
	}
}

static void test_charset__stops_at_the_ceiling_of_its_output(void **state)
{
	static char bytes[4096];
	struct eii_buf out;

	(void)state;
	memset(bytes, 0xe9, sizeof(bytes));
	eii_buf_init(&out, 100);
	eii_charset_decode(eii_text(bytes, sizeof(bytes)), eii_text_of("koi8-r"), &out);
	assert_false(eii_buf_ok(&out));
	assert_true(out.len <= 100);
	eii_buf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_charset__reads_labels_as_browsers_do),
		cmocka_unit_test(test_charset__knows_what_is_a_charset),
		cmocka_unit_test(test_charset__all_that_are_held_are_found_here),
		cmocka_unit_test(test_charset__makes_valid_utf8_of_any_bytes_in_any_charset),
		cmocka_unit_test(test_charset__stops_at_the_ceiling_of_its_output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
