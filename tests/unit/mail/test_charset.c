/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/charset.h"

#include "support.h"

#include "charset_standard.h"
#include "charset_table.h"
#include "eii/base/utf8.h"

#define BYTES(literal) (literal), sizeof(literal) - 1

struct decoded {
	const char *label;
	const char *bytes;
	size_t len;
	const char *wanted;
};

static void check_decoded(const struct decoded *row)
{
	struct eii_buf out;

	eii_buf_init(&out, 1024);
	eii_charset_decode(eii_text(row->bytes, row->len), eii_text_of(row->label), &out);
	CHECK(eii_text_equal(eii_buf_text(&out), eii_text_of(row->wanted)),
	      "%s gave '%s', not '%s'", row->label, out.data, row->wanted);
	eii_buf_clear(&out);
}

static void test_charset__reads_labels_as_browsers_do(void **state)
{
	static const struct decoded cases[] = {
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
		/* NEC's row 13, and kana of half width. */
		{ "iso-2022-jp", BYTES("\x1b$B-!F|\x1b(B"), "\xe2\x91\xa0\xe6\x97\xa5" },
		{ "cp50221", BYTES("\x1b(I6E\x1b(B"), "\xef\xbd\xb6\xef\xbe\x85" },
		/* A pair that means nothing moves none of those behind it. */
		{ "iso-2022-jp", BYTES("\x1b$B/!F|K\\\x1b(B"),
		  "\xef\xbf\xbd\xe6\x97\xa5\xe6\x9c\xac" },
		{ "big5", BYTES("\xfa\x5f\xa4\xa4"), "\xe5\x80\xa9\xe4\xb8\xad" },
		{ "big5", BYTES("\x87\x7b"), "\xf0\xa1\xb5\x93" },
		{ "big5", BYTES("\x81\xfe\xa4\xa4"), "\xef\xbf\xbd\xe4\xb8\xad" },
		{ "koi8-r", BYTES("\xcf"), "\xd0\xbe" },
		{ "utf-7", BYTES("x+AOk-y"), "x\xc3\xa9y" },
		{ "utf-7", BYTES("a +2AA- b"), "a \xef\xbf\xbd b" },
		{ "utf-16", BYTES("\xfe\xff\x00\xe9"), "\xc3\xa9" },
		{ "utf-16le", BYTES("\xfe\xff\x00\xe9"), "\xc3\xa9" },
		{ "utf-16", BYTES("\xe9\x00"), "\xc3\xa9" },
		{ "", BYTES("\xff\xfe\xe9\x00"), "\xc3\xa9" },
		{ "iso-8859-1", BYTES("\xff\xfe"), "\xc3\xbf\xc3\xbe" },
		{ "utf-16le",
		  BYTES("\xe9\x00\x00\xd8"
			"a\x00"),
		  "\xc3\xa9\xef\xbf\xbd"
		  "a" },
		{ "tis-620", BYTES("\xc3"), "\xe0\xb8\xa3" },
		{ "iso-8859-8-i", BYTES("\xfa"), "\xd7\xaa" },
		{ "utf-8*en", BYTES("a"), "a" },
		/* One error for each beginning of a character, as in browsers. */
		{ "utf-8", BYTES("\xc3\xa9\xe2\x82\xf0\x9f\x98!\xff"),
		  "\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd!\xef\xbf\xbd" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_decoded(&cases[i]);
}

/* Some of iconv's keep a letter until they know that no mark follows. */
static void test_charset__keeps_the_last_character(void **state)
{
	static const struct decoded cases[] = {
		{ "windows-1255", BYTES("\xf9\xec\xe5\xed"), "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d" },
		{ "windows-1258", BYTES("\xea"), "\xc3\xaa" },
		{ "tcvn", BYTES("\xaa"), "\xc3\xaa" },
		{ "tcvn", BYTES("\xaa\xb3"), "\xe1\xba\xbf" },
		{ "tcvn", BYTES("\xad\xad"), "\xc6\xb0\xc6\xb0" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_decoded(&cases[i]);
}

static void test_charset__takes_valid_utf8_where_the_label_fails(void **state)
{
	static const struct decoded cases[] = {
		{ "iso-2022-jp", BYTES("\xe6\x97\xa5 \xc3\xa9"), "\xe6\x97\xa5 \xc3\xa9" },
		{ "iso-2022-kr", BYTES("\xe6\x97\xa5"), "\xe6\x97\xa5" },
		{ "utf-7", BYTES("\xe6\x97\xa5"), "\xe6\x97\xa5" },
		{ "hz-gb-2312", BYTES("\xe6\x97\xa5\xe6\x97\xa5"), "\xe6\x97\xa5\xe6\x97\xa5" },
		{ "us-ascii", BYTES("\xe6\x97\xa5"), "\xe6\x97\xa5" },
		{ "shift_jis", BYTES("voil\xc3\xa0"), "voil\xc3\xa0" },
		{ "euc-kr", BYTES("\xe6\x97\xa5"), "\xe6\x97\xa5" },
		{ "euc-tw", BYTES("\xe6\x97\xa5"), "\xe6\x97\xa5" },
		/* Not where it does not fail, is of one byte a character, or has a mark. */
		{ "gb2312", BYTES("\xe6\x97\xa5\xe6"), "\xe9\x8f\x83\xe3\x83\xa6" },
		{ "gb2312", BYTES("\xc4\xa3"), "\xe6\xa8\xa1" },
		{ "iso-8859-1", BYTES("\xc3\xa9"), "\xc3\x83\xc2\xa9" },
		{ "windows-1253", BYTES("\xd2\xaa"), "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "ibm437", BYTES("\xc3\xa9"), "\xe2\x94\x9c\xe2\x8c\x90" },
		/* Nor where the rest is not UTF-8, or ASCII. */
		{ "iso-2022-jp", BYTES("\xe6\x97\xa5\xff"),
		  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "iso-2022-jp", BYTES("\x1b$B-!!"), "\xe2\x91\xa0\xef\xbf\xbd" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_decoded(&cases[i]);
}

/* What a decoder makes of a cut text is what it makes of the whole, but for the cut's end. */
static void check_cuts(enum eii_encoding encoding, struct eii_text bytes)
{
	struct eii_buf whole;
	struct eii_buf cut;

	eii_buf_init(&whole, bytes.len * 4);
	eii_buf_init(&cut, bytes.len * 4);
	(void)eii_charset_standard_decode(encoding, bytes, &whole);
	CHECK(eii_buf_ok(&whole), "%d", encoding);
	for (size_t len = 0; len <= bytes.len; len++) {
		eii_buf_reset(&cut);
		(void)eii_charset_standard_decode(encoding, eii_text(bytes.data, len), &cut);
		CHECK(eii_utf8_is_valid(eii_buf_text(&cut)), "%d at %zu", encoding, len);
		/* At most three characters stand for one that is cut. */
		for (int i = 0; i < 3 && memcmp(cut.data, whole.data, cut.len) != 0; i++)
			cut.len = eii_utf8_cut(eii_buf_text(&cut), cut.len - 1);
		CHECK(memcmp(cut.data, whole.data, cut.len) == 0, "%d at %zu", encoding, len);
	}
	eii_buf_clear(&whole);
	eii_buf_clear(&cut);
}

static void test_charset__reads_a_text_cut_anywhere_the_same(void **state)
{
	char bytes[400];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * i / 3 + i * 7 + (i % 5) * 0x80);
	memcpy(bytes + 90, "\x1b$B-!\x1b(J~\x1b(I12\x1b$@F|\x1b(B", 22);
	for (int encoding = 0; encoding <= EII_ENCODING_EUC_KR; encoding++)
		check_cuts((enum eii_encoding)encoding, eii_text(bytes, sizeof(bytes)));
}

/* The longest output of each: errors, escapes without characters, kana of half width. */
static void test_charset__gives_at_most_three_bytes_for_one(void **state)
{
	static const struct {
		enum eii_encoding encoding;
		const char *piece;
	} cases[] = {
		{ EII_ENCODING_UTF_8, "\xff" },          { EII_ENCODING_WINDOWS_1252, "\x80" },
		{ EII_ENCODING_UTF_16BE, "\xff\xfe" },   { EII_ENCODING_UTF_16LE, "\x01\xdc" },
		{ EII_ENCODING_GB18030, "\x80" },        { EII_ENCODING_GB18030, "\x81\x30\x81" },
		{ EII_ENCODING_BIG5, "\x88\x62" },       { EII_ENCODING_BIG5, "\x80" },
		{ EII_ENCODING_EUC_JP, "\x8f" },         { EII_ENCODING_ISO_2022_JP, "\x1b" },
		{ EII_ENCODING_ISO_2022_JP, "\x1b(I1" }, { EII_ENCODING_ISO_2022_JP, "\x1b(I" },
		{ EII_ENCODING_SHIFT_JIS, "\xb1" },      { EII_ENCODING_EUC_KR, "\x81" },
	};
	const size_t size = (size_t)1024 * 1024;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf bytes;
		struct eii_buf out;

		eii_buf_init(&bytes, size + 8);
		while (bytes.len < size)
			eii_buf_add_str(&bytes, cases[i].piece);
		eii_buf_init(&out, bytes.len * 3);
		(void)eii_charset_standard_decode(cases[i].encoding, eii_buf_text(&bytes), &out);
		CHECK(eii_buf_ok(&out), "row %zu", i);
		eii_buf_clear(&out);
		eii_buf_clear(&bytes);
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

static void test_charset__knows_how_ascii_is_written(void **state)
{
	static const struct {
		const char *label;
		bool begins;
		bool extends;
	} cases[] = {
		{ "utf-8", true, true },         { "koi8-r", true, true },
		{ "gb2312", true, true },        { "iso-2022-jp", true, false },
		{ "utf-7", true, false },        { "hz", true, false },
		{ "johab", true, true },         { "utf-16", false, false },
		{ "unicodefffe", false, false }, { "utf-32le", false, false },
		{ "ibm037", false, false },      { "ibm850", true, true },
		{ "us-ascii", true, false },     { "", true, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_text label = eii_text_of(cases[i].label);

		CHECK(eii_charset_begins_as_ascii(label) == cases[i].begins, "%s", cases[i].label);
		CHECK(eii_charset_extends_ascii(label) == cases[i].extends, "%s", cases[i].label);
	}
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
		cmocka_unit_test(test_charset__keeps_the_last_character),
		cmocka_unit_test(test_charset__takes_valid_utf8_where_the_label_fails),
		cmocka_unit_test(test_charset__reads_a_text_cut_anywhere_the_same),
		cmocka_unit_test(test_charset__gives_at_most_three_bytes_for_one),
		cmocka_unit_test(test_charset__knows_what_is_a_charset),
		cmocka_unit_test(test_charset__knows_how_ascii_is_written),
		cmocka_unit_test(test_charset__all_that_are_held_are_found_here),
		cmocka_unit_test(test_charset__makes_valid_utf8_of_any_bytes_in_any_charset),
		cmocka_unit_test(test_charset__stops_at_the_ceiling_of_its_output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
