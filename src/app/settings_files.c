/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/settings_files.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "eii/app/options.h"
#include "eii/base/alloc.h"

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Of the working directory, else of the image's folder; for the caller to free(). */
static char *find_one(const char *name, const char *image)
{
	char *path;

	if (is_there(name))
		return eii_strdup(name);
	path = eii_asprintf("%s/%s", image, name);
	if (is_there(path))
		return path;
	free(path);
	return NULL;
}

static char *find_file(const char *image, struct eii_problems *problems)
{
	if (!is_there(EII_OPTIONS_CONFIG_FILE))
		return find_one(EII_OPTIONS_YAML_FILE, image);
	if (is_there(EII_OPTIONS_YAML_FILE))
		eii_problems_add(problems, EII_PROBLEM_WRONG,
				 EII_OPTIONS_CONFIG_FILE
				 " and " EII_OPTIONS_YAML_FILE
				 " both lie in the working directory, and only one is read: take "
				 "one away, or name the other with --config");
	return eii_strdup(EII_OPTIONS_CONFIG_FILE);
}

void eii_settings_files_find(const char *given, const char *image, struct eii_settings_files *out,
			     struct eii_problems *problems)
{
	out->file = given ? eii_strdup(given) : find_file(image, problems);
	out->env = find_one(EII_OPTIONS_ENV_FILE, image);
}

void eii_settings_files_clear(struct eii_settings_files *files)
{
	free(files->file);
	free(files->env);
}
