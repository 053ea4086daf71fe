/* SPDX-License-Identifier: Apache-2.0 */
#include "scan.h"

#include "eii/base/buf.h"
#include "imap_private.h"
#include "support.h"

static void test_scan__takes_several_blanks_for_one(void **state)
{
	static const struct {
		const char *text;
		bool is_read;
		size_t n;
	} cases[] = {
		{ "", false, 0 },    { "a ", false, 0 }, { "\t", false, 0 },  { " ", true, 1 },
		{ " a b", true, 1 }, { "   ", true, 3 }, { "  a ", true, 2 }, { "  \t", true, 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_imap_scan scan = eii_imap_scan_of(eii_text_of(cases[i].text));

		CHECK(eii_imap_scan_blanks(&scan) == cases[i].is_read, "'%s'", cases[i].text);
		CHECK(scan.at == cases[i].text + cases[i].n, "'%s'", cases[i].text);
	}
}

static void test_scan__reads_numbers_up_to_their_limit(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
		bool is_read;
		uint64_t number;
	} cases[] = {
		{ "0", 10, true, 0 },
		{ "10 ", 10, true, 10 },
		{ "11", 10, false, 0 },
		{ "007x", 10, true, 7 },
		{ "", 10, false, 0 },
		{ "-1", 10, false, 0 },
		{ "4294967295", UINT32_MAX, true, UINT32_MAX },
		{ "4294967296", UINT32_MAX, false, 0 },
		{ "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, false, 0 },
		{ "99999999999999999999999", UINT64_MAX, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_imap_scan scan = eii_imap_scan_of(eii_text_of(cases[i].text));
		uint64_t number = 42;

		CHECK(eii_imap_scan_number(&scan, cases[i].max, &number) == cases[i].is_read, "%s",
		      cases[i].text);
		CHECK(number == (cases[i].is_read ? cases[i].number : 42), "%s", cases[i].text);
		CHECK(cases[i].is_read || scan.at == cases[i].text, "%s moved", cases[i].text);
	}
}

static void test_scan__finds_literals_at_the_end_only(void **state)
{
	static const struct {
		const char *text;
		bool is_found;
		uint64_t len;
	} cases[] = {
		{ "x {3}", true, 3 },
		{ "x ~{0}", true, 0 },
		{ "{9223372036854775807}", true, INT64_MAX },
		{ "{9223372036854775808}", false, 0 },
		{ "a{3}", false, 0 },
		{ "({3}", true, 3 },
		{ "a~{3}", false, 0 },
		{ "~{3}", true, 3 },
		{ "{3} ", false, 0 },
		{ "{3", false, 0 },
		{ "{}", false, 0 },
		{ "{-1}", false, 0 },
		{ "{3+}", false, 0 },
		{ "3}", false, 0 },
		{ "", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t len = 42;
		size_t start = 42;

		CHECK(eii_imap_scan_ends_in_literal(eii_text_of(cases[i].text), &len, &start) ==
			      cases[i].is_found,
		      "%s", cases[i].text);
		CHECK(len == (cases[i].is_found ? cases[i].len : 42), "%s", cases[i].text);
	}
}

static void test_scan__takes_escapes_out_of_quotes(void **state)
{
	static const struct {
		const char *text, *inside;
	} cases[] = {
		{ "\"abc\"", "abc" },     { "\"\" x", "" },  { "\"a\\\"b\\\\\"", "a\"b\\" },
		{ "\"( {3}\"", "( {3}" }, { "\"abc", NULL }, { "\"abc\\\"", NULL },
		{ "abc\"", NULL },        { "\"\\", NULL },  { "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_imap_scan scan = eii_imap_scan_of(eii_text_of(cases[i].text));
		struct eii_buf out;
		bool is_read;

		eii_buf_init(&out, 64);
		is_read = eii_imap_scan_quoted(&scan, &out);
		CHECK(is_read == (cases[i].inside != NULL), "%s", cases[i].text);
		CHECK(!is_read || strcmp(out.data, cases[i].inside) == 0, "%s", out.data);
		CHECK(is_read || (out.len == 0 && scan.at == cases[i].text), "%s", cases[i].text);
		eii_buf_clear(&out);
	}
}

static void test_scan__makes_words_that_fit_a_log(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "plain \xc3\xbc", "plain \xc3\xbc" },
		{ "a\r\nb\x1b[0m\x7f", "a??b?[0m?" },
		{ "\xff\xc3", "??" },
		{ "\xc2\x85 \xe2\x80\xa8", "? ?" },
		{ "0123456789012345678", "012345678901234" },
		{ "01234567890123\xc3\xbc", "01234567890123" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char out[16];

		eii_veil_words(NULL, eii_text_of(cases[i].text), out, sizeof(out));
		CHECK(strcmp(out, cases[i].words) == 0, "%s", out);
	}
}

static void test_scan__writes_sets_of_uids(void **state)
{
	static const struct {
		uint32_t uids[5];
		size_t n;
		const char *set;
	} cases[] = {
		{ { 7 }, 1, "7" },
		{ { 1, 2, 3 }, 3, "1:3" },
		{ { 1, 3, 4, 5, 9 }, 5, "1,3:5,9" },
		{ { UINT32_MAX - 1, UINT32_MAX }, 2, "4294967294,4294967295" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;

		eii_buf_init(&out, 1024);
		eii_imap_add_uid_set(&out, cases[i].uids, cases[i].n);
		CHECK(strcmp(out.data, cases[i].set) == 0, "%s", out.data);
		eii_buf_clear(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scan__takes_several_blanks_for_one),
		cmocka_unit_test(test_scan__reads_numbers_up_to_their_limit),
		cmocka_unit_test(test_scan__finds_literals_at_the_end_only),
		cmocka_unit_test(test_scan__takes_escapes_out_of_quotes),
		cmocka_unit_test(test_scan__makes_words_that_fit_a_log),
		cmocka_unit_test(test_scan__writes_sets_of_uids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
