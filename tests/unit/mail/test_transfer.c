/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/transfer.h"

#include "support.h"

static void check(void (*decode)(struct eii_text, struct eii_buf *), const char *in,
		  const char *wanted)
{
	struct eii_buf out;

	eii_buf_init(&out, 4096);
	decode(eii_text_of(in), &out);
	CHECK(eii_text_equal(eii_buf_text(&out), eii_text_of(wanted)), "'%s' gave '%s', not '%s'",
	      in, out.data, wanted);
	eii_buf_clear(&out);
}

static void decode_base64(struct eii_text text, struct eii_buf *out)
{
	(void)eii_base64_lenient(text, out);
}

static void test_transfer__base64_forgives(void **state)
{
	(void)state;
	check(decode_base64, "", "");
	check(decode_base64, "SGVsbG8=", "Hello");
	check(decode_base64, "SGVs\r\nbG8=\r\n", "Hello");
	check(decode_base64, "SGVsbG8", "Hello");
	check(decode_base64, "SG!Vs bG*8=", "Hello");
	check(decode_base64, "SGVsbG8=\n-- list footer --\n", "Hello");
	check(decode_base64, "SGVsbA=x=", "Hell\x0c"); /* one '=' of two does not end it */
	check(decode_base64, "=SGVsbG8=", "Hello");
	check(decode_base64, "====", "");
}

static void test_transfer__base64_says_when_a_character_is_lost(void **state)
{
	struct eii_buf out;

	(void)state;
	eii_buf_init(&out, 64);
	assert_true(eii_base64_lenient(eii_text_of("SGVsbG8"), &out));
	assert_false(eii_base64_lenient(eii_text_of("SGVsbG8gS"), &out));
	assert_string_equal(out.data, "HelloHello ");
	eii_buf_clear(&out);
}

static void decode_base64_text(struct eii_text text, struct eii_buf *out)
{
	(void)eii_base64_text(text, out);
}

static void test_transfer__base64_of_a_text_is_read_to_its_end(void **state)
{
	(void)state;
	check(decode_base64_text, "", "");
	check(decode_base64_text, "SGVsbG8=", "Hello");
	check(decode_base64_text, "SGVsbG8=\r\nSGVsbG8=", "HelloHello");
	check(decode_base64_text, "SGVsbG8=SGVsbG8=\n", "HelloHello");
	check(decode_base64_text, "SGVsbG8=\n-- \nmy list footer\n",
	      "Hello\n-- \nmy list footer\n");
	check(decode_base64_text, "from outside, take care\n\nSGVsbG8=\n",
	      "from outside, take care\n\nHello");
	/* Nothing that is words beside it; a word alone may be part of it. */
	check(decode_base64_text, "SGVsbG8=\n--\n", "Hello");
	check(decode_base64_text, "SG!Vs bG*8=", "Hello");
}

static void test_transfer__an_encoding_that_is_not_clear_is_guessed(void **state)
{
	static const struct {
		const char *raw;
		enum eii_transfer transfer;
	} cases[] = {
		{ "", EII_TRANSFER_IDENTITY },
		{ "plain words", EII_TRANSFER_IDENTITY },
		{ "abcdefghijklmno", EII_TRANSFER_IDENTITY },
		{ "abcdefghijklmnop", EII_TRANSFER_BASE64 },
		{ "\r\nSGVsbG8gSGVs\r\nbG8=\r\n", EII_TRANSFER_BASE64 },
		{ "SGVsbG8gSGVsbG8h and more", EII_TRANSFER_IDENTITY },
		{ "a=3Db", EII_TRANSFER_QUOTED_PRINTABLE },
		{ "a=3Db=\r\nc", EII_TRANSFER_QUOTED_PRINTABLE },
		{ "a=3Db c=d", EII_TRANSFER_IDENTITY },
		{ "a=\nb", EII_TRANSFER_IDENTITY },
		{ "begin 644 a\n#04)#\n`\nend\n", EII_TRANSFER_UUENCODE },
	};
	static const struct {
		const char *value;
		bool is_clear;
	} values[] = {
		{ "", true },         { "base64", true },        { " (a) BASE64 (b)\r\n", true },
		{ "\"8bit\"", true }, { "7bit, base64", false }, { "base64; x=y", false },
		{ "base-64", false }, { "x-foo", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK(eii_transfer_guess(eii_text_of(cases[i].raw)) == cases[i].transfer, "%s",
		      cases[i].raw);
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		CHECK(eii_transfer_is_clear(eii_text_of(values[i].value)) == values[i].is_clear,
		      "%s", values[i].value);
}

static void test_transfer__quoted_printable_forgives(void **state)
{
	(void)state;
	check(eii_quoted_printable, "a=3Db", "a=b");
	check(eii_quoted_printable, "soft=\r\nbreak=\nhere= \t\n.", "softbreakhere.");
	check(eii_quoted_printable, "=zz =4", "=zz =4");
	check(eii_quoted_printable, "=c3=A9", "\xc3\xa9");
	check(eii_quoted_printable, "end=", "end");
	check(eii_quoted_printable, "a_b", "a_b");
	check(eii_quoted_word, "a_b=5F=zz", "a b_=zz");
}

static void test_transfer__uuencode_is_undone(void **state)
{
	(void)state;
	check(eii_uudecode, "words\nbegin 644 hello.txt\r\n%:&5L;&\\\r\n`\r\nend\r\nmore", "hello");
	check(eii_uudecode, "begin 644 cut\n%:&5L", "hel");
	check(eii_uudecode, "no begin line\n%:&5L;&\\\n", "");
}

static void test_transfer__finds_the_encoding(void **state)
{
	static const struct {
		const char *value;
		enum eii_transfer wanted;
		enum eii_transfer verbatim;
	} cases[] = {
		{ " base64\r\n", EII_TRANSFER_BASE64, EII_TRANSFER_BASE64 },
		{ "BASE64 ", EII_TRANSFER_BASE64, EII_TRANSFER_BASE64 },
		{ "\"base64\"", EII_TRANSFER_BASE64, EII_TRANSFER_BASE64 },
		{ " Quoted-Printable\r\n", EII_TRANSFER_QUOTED_PRINTABLE,
		  EII_TRANSFER_QUOTED_PRINTABLE },
		{ " quoted-printable \r\n", EII_TRANSFER_QUOTED_PRINTABLE, EII_TRANSFER_IDENTITY },
		{ "\t(a (b\\)) c) quoted-printable (d)", EII_TRANSFER_QUOTED_PRINTABLE,
		  EII_TRANSFER_IDENTITY },
		{ "(a)base64(b)", EII_TRANSFER_BASE64, EII_TRANSFER_IDENTITY },
		{ "(base64", EII_TRANSFER_IDENTITY, EII_TRANSFER_IDENTITY },
		{ "x-uuencode", EII_TRANSFER_UUENCODE, EII_TRANSFER_UUENCODE },
		{ "8bit", EII_TRANSFER_IDENTITY, EII_TRANSFER_IDENTITY },
		{ "", EII_TRANSFER_IDENTITY, EII_TRANSFER_IDENTITY },
		{ "zip", EII_TRANSFER_IDENTITY, EII_TRANSFER_IDENTITY },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct eii_text value = eii_text_of(cases[i].value);

		CHECK(eii_transfer_of(value) == cases[i].wanted, "'%s'", cases[i].value);
		CHECK(eii_transfer_verbatim(value) == cases[i].verbatim, "'%s'", cases[i].value);
	}
}

static void test_transfer__keeps_to_the_ceiling(void **state)
{
	struct eii_buf out;

	(void)state;
	eii_buf_init(&out, 5);
	(void)eii_base64_lenient(eii_text_of("SGVsbG8gd29ybGQ="), &out);
	assert_false(eii_buf_ok(&out));
	assert_int_equal(out.len, 0);
	eii_buf_reset(&out);
	eii_quoted_printable(eii_text_of("longer than five"), &out);
	assert_false(eii_buf_ok(&out));
	assert_int_equal(out.len, 0);
	eii_buf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transfer__base64_forgives),
		cmocka_unit_test(test_transfer__base64_says_when_a_character_is_lost),
		cmocka_unit_test(test_transfer__base64_of_a_text_is_read_to_its_end),
		cmocka_unit_test(test_transfer__an_encoding_that_is_not_clear_is_guessed),
		cmocka_unit_test(test_transfer__quoted_printable_forgives),
		cmocka_unit_test(test_transfer__uuencode_is_undone),
		cmocka_unit_test(test_transfer__finds_the_encoding),
		cmocka_unit_test(test_transfer__keeps_to_the_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
