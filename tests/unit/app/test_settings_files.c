/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/settings_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "support.h"

static const char *const names[] = { "config.ini",       "config.yml", ".env",
				     "image/config.yml", "image/.env", "image/config.ini" };

/* The working directory becomes an empty one, with a folder "image". */
static int setup(void **state)
{
	char *folder = eii_strdup("/tmp/eii-files-XXXXXX");

	*state = folder;
	return !mkdtemp(folder) || chdir(folder) || mkdir("image", 0700);
}

static void remove_all(void)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)unlink(names[i]);
}

static int teardown(void **state)
{
	remove_all();
	(void)rmdir("image");
	assert_int_equal(chdir("/"), 0);
	(void)rmdir(*state);
	free(*state);
	return 0;
}

static void test_settings_files__one_file_counts(void **state)
{
	static const struct {
		unsigned there; /* bits by names */
		const char *given, *file, *env;
		size_t n_wrong;
	} cases[] = {
		{ 0, NULL, NULL, NULL, 0 },
		{ 1, NULL, "config.ini", NULL, 0 },
		{ 2, NULL, "config.yml", NULL, 0 },
		{ 3, NULL, "config.ini", NULL, 1 },
		{ 3, "other", "other", NULL, 0 },
		{ 1 | 8, NULL, "config.ini", NULL, 0 },
		{ 2 | 8, NULL, "config.yml", NULL, 0 },
		{ 8, NULL, "image/config.yml", NULL, 0 },
		{ 32, NULL, NULL, NULL, 0 },
		{ 4 | 16, NULL, NULL, ".env", 0 },
		{ 16, "other", "other", "image/.env", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_settings_files files;
		struct eii_problems problems;

		remove_all();
		for (size_t n = 0; n < ARRAY_LEN(names); n++) {
			FILE *file = cases[i].there & 1u << n ? fopen(names[n], "w") : NULL;

			assert_true(!file || fclose(file) == 0);
		}
		eii_problems_init(&problems);
		eii_settings_files_find(cases[i].given, "image", &files, &problems);
		CHECK(!cases[i].file == !files.file, "%zu", i);
		CHECK(!files.file || strcmp(files.file, cases[i].file) == 0, "%zu: %s", i,
		      files.file);
		CHECK(!cases[i].env == !files.env, "%zu", i);
		CHECK(!files.env || strcmp(files.env, cases[i].env) == 0, "%zu: %s", i, files.env);
		CHECK(problems.n_wrong == cases[i].n_wrong, "%zu", i);
		eii_problems_clear(&problems);
		eii_settings_files_clear(&files);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings_files__one_file_counts),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
