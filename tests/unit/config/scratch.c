/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

#include <dirent.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "support.h"

int scratch_setup(void **state)
{
	char *folder = eii_strdup("/tmp/eii-config-XXXXXX");

	if (!mkdtemp(folder))
		return -1;
	*state = folder;
	return 0;
}

int scratch_teardown(void **state)
{
	DIR *dir = opendir(*state);
	struct dirent *entry;

	for (entry = readdir(dir); entry; entry = readdir(dir)) {
		char *path = eii_asprintf("%s/%s", (char *)*state, entry->d_name);

		(void)unlink(path);
		free(path);
	}
	(void)closedir(dir);
	(void)rmdir(*state);
	free(*state);
	return 0;
}

const char *scratch_file(void **state, const char *name, const char *content)
{
	static char paths[4][128];
	static size_t next;
	char *path = paths[next++ % ARRAY_LEN(paths)];
	FILE *file;

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", (char *)*state, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(content, 1, strlen(content), file), strlen(content));
	assert_int_equal(fclose(file), 0);
	return path;
}

struct loaded_settings load_for(enum eii_config_purpose purpose, const char *file,
				const char *dotenv, const char *const *environment)
{
	const struct eii_config_sources sources = {
		.file_path = file,
		.env_path = dotenv,
		.environment = environment,
		.purpose = purpose,
	};
	struct loaded_settings settings = { .config = NULL };

	eii_problems_init(&settings.problems);
	settings.rc =
		eii_config_load(&sources, &settings.config, &settings.problems, &settings.err);
	assert_true((settings.rc == EII_OK) == (settings.config != NULL));
	assert_true((settings.rc == EII_OK) == (settings.problems.n_wrong == 0));
	return settings;
}

struct loaded_settings load(const char *file, const char *dotenv, const char *const *environment)
{
	return load_for(EII_CONFIG_TO_RUN, file, dotenv, environment);
}

void unload(struct loaded_settings *settings)
{
	eii_config_free(settings->config);
	eii_problems_clear(&settings->problems);
}

const char *find_problem(const struct loaded_settings *settings, enum eii_problem_level level,
			 const char *words)
{
	for (size_t i = 0; i < settings->problems.n; i++) {
		const struct eii_problem *item = &settings->problems.items[i];

		if (item->level == level && strstr(item->text, words))
			return item->text;
	}
	return NULL;
}
