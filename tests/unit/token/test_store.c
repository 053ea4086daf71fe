/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "support.h"
#include "token_private.h"

static char directory[] = "/tmp/eii-store-XXXXXX";

static void test_store__keeps_what_followed_the_configured_token(void **state)
{
	EII_AUTO_STR path = eii_asprintf("%s/refresh", directory);
	EII_AUTO_STR rest = eii_asprintf("%s.new", path);
	EII_AUTO_STR second = NULL;
	struct stat status;

	(void)state;
	assert_int_equal(eii_token_store_check(path, NULL), EII_OK);
	assert_null(eii_token_store_read(path, "configured"));
	assert_int_equal(eii_token_store_write(path, "configured", "first", NULL), EII_OK);
	assert_int_equal(eii_token_store_write(path, "configured", "second\"\\", NULL), EII_OK);
	second = eii_token_store_read(path, "configured");
	assert_string_equal(second, "second\"\\");
	/* Another configured token: what followed the old one counts no more. */
	assert_null(eii_token_store_read(path, "configured anew"));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_not_equal(access(rest, F_OK), 0);
	(void)unlink(path);
}

static void test_store__takes_a_rest_of_a_crash_and_refuses_what_cannot_be_written(void **state)
{
	EII_AUTO_STR path = eii_asprintf("%s/refresh", directory);
	EII_AUTO_STR rest = eii_asprintf("%s.new", path);
	struct eii_error err = { 0 };
	FILE *file = fopen(rest, "w");

	(void)state;
	assert_non_null(file);
	(void)fputs("half", file);
	(void)fclose(file);
	assert_int_equal(eii_token_store_write(path, "a", "b", &err), EII_OK);
	(void)unlink(path);
	assert_int_equal(eii_token_store_write("/nowhere/refresh", "a", "b", &err), EII_RETRY);
	assert_non_null(strstr(err.text, "EMAIL_INTEL_IMAP_REFRESH_TOKEN_STORE"));
	assert_int_equal(eii_token_store_check("/nowhere/refresh", &err), EII_RETRY);
}

static void test_store__passes_over_a_file_that_is_no_store(void **state)
{
	static const char *const contents[] = { "", "{", "[]", "{}", "{\"configured\":1}" };
	EII_AUTO_STR path = eii_asprintf("%s/refresh", directory);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(contents); i++) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		(void)fputs(contents[i], file);
		(void)fclose(file);
		assert_null(eii_token_store_read(path, "configured"));
	}
	(void)unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store__keeps_what_followed_the_configured_token),
		cmocka_unit_test(
			test_store__takes_a_rest_of_a_crash_and_refuses_what_cannot_be_written),
		cmocka_unit_test(test_store__passes_over_a_file_that_is_no_store),
	};
	int failed;

	if (!mkdtemp(directory))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)rmdir(directory);
	return failed;
}
