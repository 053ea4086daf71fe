/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/error.h"

#include "eii/base/utf8.h"
#include "support.h"

#define ROOM (EII_ERROR_TEXT_MAX - 1)

/* A text of n letters and then characters of two, three and four bytes. */
static void make_text(char *out, size_t n)
{
	memset(out, 'a', n);
	memcpy(out + n, "\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80", 10);
}

static void test_error__is_never_cut_inside_a_character(void **state)
{
	(void)state;
	for (size_t over = 0; over <= 10; over++) {
		char text[EII_ERROR_TEXT_MAX + 32];
		struct eii_error err = { 0 };
		size_t len;

		make_text(text, ROOM - 9 + over);
		assert_int_equal(eii_fail(&err, EII_RETRY, "%s", text), EII_RETRY);
		len = strlen(err.text);
		CHECK(eii_utf8_is_valid(eii_text_of(err.text)), "over by %zu", over);
		CHECK(len + 4 > ROOM, "over by %zu: %zu", over, len);
		assert_int_equal(eii_fail_in(&err, EII_RETRY, "outer"), EII_RETRY);
		CHECK(eii_utf8_is_valid(eii_text_of(err.text)), "inside, over by %zu", over);
	}
}

static void test_error__is_in_doubt_until_another_is_written(void **state)
{
	struct eii_error err = { 0 };

	(void)state;
	assert_int_equal(eii_fail_doubtful(&err, EII_FATAL, EII_ERROR_CONFIG, "no %s", "TLS"),
			 EII_FATAL);
	assert_int_equal(eii_fail_in(&err, EII_FATAL, "server"), EII_FATAL);
	assert_string_equal(err.text, "server: no TLS");
	assert_int_equal(err.kind, EII_ERROR_CONFIG);
	assert_true(err.is_doubtful);
	assert_int_equal(eii_fail_doubtful(NULL, EII_FATAL, EII_ERROR_CONFIG, "no"), EII_FATAL);
	assert_int_equal(eii_fail_kind(&err, EII_FATAL, EII_ERROR_CONFIG, "no file"), EII_FATAL);
	assert_false(err.is_doubtful);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_error__is_never_cut_inside_a_character),
		cmocka_unit_test(test_error__is_in_doubt_until_another_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
