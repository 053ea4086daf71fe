/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/buf.h"

#include "support.h"

static void test_buf__grows_up_to_its_ceiling(void **state)
{
	(void)state;
	struct eii_buf buf;

	eii_buf_init(&buf, 1000);
	assert_string_equal(buf.data, "");
	for (size_t i = 0; i < 1000; i++)
		eii_buf_add_char(&buf, 'x');
	assert_true(eii_buf_ok(&buf));
	assert_int_equal(strlen(buf.data), 1000);
	eii_buf_add_char(&buf, 'x');
	assert_false(eii_buf_ok(&buf));
	assert_int_equal(buf.len, 1000);
	eii_buf_clear(&buf);
}

static void test_buf__an_addition_past_the_ceiling_adds_nothing(void **state)
{
	(void)state;
	struct eii_buf buf;

	eii_buf_init(&buf, 4);
	eii_buf_add_str(&buf, "ab");
	eii_buf_add_str(&buf, "cde");
	assert_string_equal(buf.data, "ab");
	eii_buf_add_char(&buf, 'f'); /* marked: nothing more goes in */
	assert_string_equal(buf.data, "ab");
	assert_null(eii_buf_reserve(&buf, 1));
	eii_buf_reset(&buf);
	assert_true(eii_buf_ok(&buf));
	eii_buf_addf(&buf, "%d%s", 12, "xy");
	assert_string_equal(buf.data, "12xy");
	eii_buf_clear(&buf);
}

static void test_buf__grows_after_a_ceiling_of_nothing(void **state)
{
	(void)state;
	struct eii_buf buf;

	eii_buf_init(&buf, 0);
	eii_buf_add_str(&buf, "");
	assert_true(eii_buf_ok(&buf));
	eii_buf_add_char(&buf, 'x');
	assert_false(eii_buf_ok(&buf));
	eii_buf_reset(&buf);
	buf.max = 3;
	eii_buf_add_str(&buf, "abc");
	assert_string_equal(buf.data, "abc");
	eii_buf_clear(&buf);
}

static void test_buf__a_length_that_would_wrap_is_refused(void **state)
{
	(void)state;
	struct eii_buf buf;

	eii_buf_init(&buf, SIZE_MAX / 2);
	eii_buf_add_char(&buf, 'x');
	assert_null(eii_buf_reserve(&buf, SIZE_MAX));
	assert_false(eii_buf_ok(&buf));
	eii_buf_clear(&buf);
}

static void test_buf__gives_its_bytes_away(void **state)
{
	(void)state;
	struct eii_buf buf;
	char *text;

	eii_buf_init(&buf, 100);
	text = eii_buf_detach(&buf);
	assert_string_equal(text, "");
	free(text);
	eii_buf_add_text(&buf, eii_text_of("abc"));
	text = eii_buf_detach(&buf);
	assert_string_equal(text, "abc");
	assert_int_equal(buf.len, 0);
	free(text);
}

static void test_buf__shrinks_only_what_is_large(void **state)
{
	(void)state;
	struct eii_buf buf;

	eii_buf_init(&buf, 10000);
	eii_buf_add_str(&buf, "abc");
	eii_buf_shrink(&buf, 4096);
	assert_int_equal(buf.len, 0);
	assert_int_not_equal(buf.capacity, 0);
	assert_non_null(eii_buf_reserve(&buf, 5000));
	eii_buf_shrink(&buf, 4096);
	assert_int_equal(buf.capacity, 0);
	eii_buf_clear(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buf__grows_up_to_its_ceiling),
		cmocka_unit_test(test_buf__an_addition_past_the_ceiling_adds_nothing),
		cmocka_unit_test(test_buf__grows_after_a_ceiling_of_nothing),
		cmocka_unit_test(test_buf__a_length_that_would_wrap_is_refused),
		cmocka_unit_test(test_buf__gives_its_bytes_away),
		cmocka_unit_test(test_buf__shrinks_only_what_is_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
