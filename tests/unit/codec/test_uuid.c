/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/codec/uuid.h"

#include "support.h"

/* RFC 9562, appendix A.4: the DNS namespace and "www.example.com". */
static void test_uuid__version_5_is_that_of_the_rfc(void **state)
{
	(void)state;
	static const uint8_t dns[EII_UUID_BYTES] = {
		0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1,
		0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8
	};
	char out[EII_UUID_TEXT_BYTES];

	eii_uuid_v5(dns, eii_text_of("www.example.com"), out);
	assert_string_equal(out, "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

static void test_uuid__version_4_is_new_each_time(void **state)
{
	(void)state;
	char first[EII_UUID_TEXT_BYTES], second[EII_UUID_TEXT_BYTES];

	eii_uuid_v4(first);
	eii_uuid_v4(second);
	assert_string_not_equal(first, second);
	assert_true(eii_uuid_is_valid(eii_text_of(first)));
	assert_int_equal(first[14], '4');
	assert_non_null(strchr("89ab", first[19]));
}

static void test_uuid__other_texts_are_not_valid(void **state)
{
	(void)state;
	static const char *const cases[] = {
		"",
		"2ed6657d-e927-568b-95e1-2665a8aea6a",
		"2ed6657d-e927-568b-95e1-2665a8aea6a20",
		"2ed6657d_e927-568b-95e1-2665a8aea6a2",
		"2ed6657de-927-568b-95e1-2665a8aea6a2",
		"2ed6657g-e927-568b-95e1-2665a8aea6a2",
	};

	assert_true(eii_uuid_is_valid(eii_text_of("2ED6657D-e927-568b-95e1-2665a8aea6a2")));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK(!eii_uuid_is_valid(eii_text_of(cases[i])), "%s", cases[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uuid__version_5_is_that_of_the_rfc),
		cmocka_unit_test(test_uuid__version_4_is_new_each_time),
		cmocka_unit_test(test_uuid__other_texts_are_not_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
