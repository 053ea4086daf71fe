/* SPDX-License-Identifier: Apache-2.0 */
#include "mutf7.h"

#include "support.h"

static const struct {
	const char *utf8, *travelling;
} names[] = {
	{ "INBOX", "INBOX" },
	{ "", "" },
	{ "a&b", "a&-b" },
	{ "&", "&-" },
	/* RFC 3501, section 5.1.3 */
	{ "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
	  "~peter/mail/&U,BTFw-/&ZeVnLIqe-" },
	{ "Entw\xc3\xbcrfe", "Entw&APw-rfe" },
	{ "\xc3\xa9&\xc3\xa9", "&AOk-&-&AOk-" },
	{ "\xf0\x9f\x93\xa7 mail", "&2D3c5w- mail" },
	{ "tab\there", "tab&AAk-here" },
};

static void test_mutf7__encodes_and_decodes_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct eii_buf out;

		eii_buf_init(&out, 1024);
		CHECK(eii_mutf7_encode(eii_text_of(names[i].utf8), &out), "%s", names[i].utf8);
		CHECK(strcmp(out.data, names[i].travelling) == 0, "%s", out.data);
		eii_buf_reset(&out);
		eii_mutf7_decode(eii_text_of(names[i].travelling), &out);
		CHECK(strcmp(out.data, names[i].utf8) == 0, "%s", out.data);
		eii_buf_clear(&out);
	}
}

static void test_mutf7__leaves_what_is_no_such_name_as_it_is(void **state)
{
	static const char *const cases[] = { "a&b",   "&AP", "&!!!-", "&2D0-",
					     "&3cc-", "&A-", "&APx-", "x&&-" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;

		eii_buf_init(&out, 1024);
		eii_buf_add_str(&out, "before ");
		eii_mutf7_decode(eii_text_of(cases[i]), &out);
		CHECK(strcmp(out.data + 7, cases[i]) == 0, "%s gave %s", cases[i], out.data);
		eii_buf_clear(&out);
	}
}

static void test_mutf7__refuses_what_is_not_utf8(void **state)
{
	struct eii_buf out;

	(void)state;
	eii_buf_init(&out, 1024);
	assert_false(eii_mutf7_encode(eii_text_of("a\xff"), &out));
	assert_false(eii_mutf7_encode(eii_text_of("\xed\xa0\x80"), &out));
	assert_int_equal(out.len, 0);
	eii_buf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mutf7__encodes_and_decodes_names),
		cmocka_unit_test(test_mutf7__leaves_what_is_no_such_name_as_it_is),
		cmocka_unit_test(test_mutf7__refuses_what_is_not_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
