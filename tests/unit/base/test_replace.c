/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/replace.h"

#include <sys/stat.h>
#include <unistd.h>

#include "eii/base/cleanup.h"
#include "support.h"

static char directory[] = "/tmp/eii-replace-XXXXXX";

static void assert_content(const char *path, const char *wanted)
{
	char content[64] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_non_null(fgets(content, sizeof(content), file));
	(void)fclose(file);
	assert_string_equal(content, wanted);
}

static void test_replace__is_for_its_owner_alone_and_leaves_nothing_beside(void **state)
{
	EII_AUTO_STR path = eii_asprintf("%s/secret", directory);
	EII_AUTO_STR rest = eii_asprintf("%s.new", path);
	struct stat status;
	FILE *file = fopen(rest, "w");

	(void)state;
	/* What a crash left behind. */
	assert_non_null(file);
	(void)fclose(file);
	assert_int_equal(eii_replace_check(path, NULL), EII_OK);
	assert_int_equal(eii_replace_file(path, eii_text_of("one"), NULL), EII_OK);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(eii_replace_file(path, eii_text_of("two"), NULL), EII_OK);
	assert_content(path, "two");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_not_equal(access(rest, F_OK), 0);
	assert_int_equal(unlink(path), 0);
}

static void test_replace__names_what_cannot_be_written(void **state)
{
	EII_AUTO_STR path = eii_asprintf("%s/folder", directory);
	EII_AUTO_STR inside = eii_asprintf("%s/x", path);
	EII_AUTO_STR rest = eii_asprintf("%s.new", path);
	struct eii_error err = { 0 };

	(void)state;
	assert_int_equal(eii_replace_check("/nowhere/secret", &err), EII_RETRY);
	assert_non_null(strstr(err.text, "/nowhere/secret"));
	assert_int_equal(eii_replace_file("/nowhere/secret", eii_text_of("x"), &err), EII_RETRY);
	assert_int_equal(err.kind, EII_ERROR_CONFIG);
	/* A folder that holds something stands in its place. */
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(eii_replace_file(inside, eii_text_of("x"), NULL), EII_OK);
	assert_int_equal(eii_replace_file(path, eii_text_of("x"), &err), EII_RETRY);
	assert_non_null(strstr(err.text, "cannot be replaced"));
	assert_int_not_equal(access(rest, F_OK), 0);
	assert_int_equal(unlink(inside), 0);
	assert_int_equal(rmdir(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replace__is_for_its_owner_alone_and_leaves_nothing_beside),
		cmocka_unit_test(test_replace__names_what_cannot_be_written),
	};
	int failed;

	if (!mkdtemp(directory))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)rmdir(directory);
	return failed;
}
