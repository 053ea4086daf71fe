/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/fields/type_pattern.h"

#include "eii/fields/limits.h"
#include "support.h"

static void test_type_pattern__matches_a_type_a_kind_or_all(void **state)
{
	static const struct {
		const char *pattern, *type;
		bool matches;
	} cases[] = {
		{ "text/csv", "text/csv", true },
		{ "text/csv", "text/csv2", false },
		{ "text/csv2", "text/csv", false },
		{ "image/*", "image/png", true },
		{ "image/*", "images/png", false },
		{ "image/*", "image", false },
		{ "image/*", "imag", false },
		{ "image/*", "image/*", true },
		{ "image/*", "application/pdf", false },
		{ "*/*", "application/pdf", true },
		{ "*", "application/pdf", true },
		{ "/*", "application/pdf", false },
		{ "", "application/pdf", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK(eii_type_pattern_matches(eii_text_of(cases[i].pattern),
					       eii_text_of(cases[i].type)) == cases[i].matches,
		      "%s %s", cases[i].pattern, cases[i].type);
}

static void test_type_pattern__tells_what_can_match(void **state)
{
	static const char *const can[] = {
		"*", "*/*", "image/*", "text/csv", "application/vnd.ms-excel", "image/svg+xml"
	};
	static const char *const cannot[] = { "",          "pdf",   "/",       "text/",
					      "/csv",      "*/csv", "**/*",    "text/c*",
					      "a/b/c",     "a b/c", "a/b;c=d", "multipart/*",
					      "\xc3\xa4/b" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(can); i++)
		CHECK(eii_type_pattern_can_match(eii_text_of(can[i])), "%s", can[i]);
	for (size_t i = 0; i < ARRAY_LEN(cannot); i++)
		CHECK(!eii_type_pattern_can_match(eii_text_of(cannot[i])), "%s", cannot[i]);
}

/* A part's type is never longer: what is cannot be that of a part. */
static void test_type_pattern__is_no_longer_than_a_type_can_be(void **state)
{
	char long_one[EII_LIMIT_MIME_TYPE_BYTES + 2] = "text/";

	(void)state;
	memset(long_one + 5, 'a', sizeof(long_one) - 6);
	assert_false(eii_type_pattern_can_match(eii_text_of(long_one)));
	long_one[EII_LIMIT_MIME_TYPE_BYTES] = '\0';
	assert_true(eii_type_pattern_can_match(eii_text_of(long_one)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_type_pattern__matches_a_type_a_kind_or_all),
		cmocka_unit_test(test_type_pattern__tells_what_can_match),
		cmocka_unit_test(test_type_pattern__is_no_longer_than_a_type_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
