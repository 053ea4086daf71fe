/* SPDX-License-Identifier: Apache-2.0 */
#include "secret_folder.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/config/secret.h"
#include "file.h"
#include "nearest.h"

/* Whether it can be read and there is nothing in it. */
static bool is_empty(const char *path)
{
	struct eii_error err;
	struct eii_buf content;
	bool is_read, has_text;

	eii_buf_init(&content, EII_SECRET_MAX_BYTES);
	is_read = eii_file_read(path, &content, &err) == EII_OK;
	has_text = eii_file_secret(eii_buf_text(&content)).len > 0;
	if (content.capacity)
		explicit_bzero(content.data, content.len);
	eii_buf_clear(&content);
	return is_read && !has_text;
}

static void judge_unknown(const struct eii_reading *reading, const char *file, const char *variable)
{
	if (eii_name_is_ours(file))
		eii_problems_add(reading->problems, EII_PROBLEM_WARNING,
				 "%s: the file %s has no effect: it is no secret's variable; the "
				 "nearest known name is %s",
				 variable, file, eii_nearest_variable(file));
}

static void take_file(struct eii_reading *reading, const char *folder, const char *file,
		      const char *variable)
{
	struct eii_given_value *value;
	EII_AUTO_STR path = NULL;
	struct eii_name name;

	if (!eii_name_find_variable(file, &name) || name.form != EII_NAME_VALUE ||
	    eii_table[name.row].type != EII_TYPE_SECRET) {
		judge_unknown(reading, file, variable);
		return;
	}
	value = &reading->given->files[name.row];
	path = eii_asprintf("%s/%s", folder, file);
	if (!value->text && !is_empty(path))
		eii_given_put(value, path, variable);
}

void eii_secret_folder_read(struct eii_reading *reading, const char *folder, const char *variable)
{
	DIR *directory = opendir(folder);
	const struct dirent *entry;

	if (!directory) {
		eii_problems_add(reading->problems, EII_PROBLEM_WRONG, "%s: %s: %s", variable,
				 folder, strerror(errno));
		return;
	}
	for (entry = readdir(directory); entry; entry = readdir(directory)) {
		if (entry->d_name[0] != '.') /* Kubernetes keeps ..data there */
			take_file(reading, folder, entry->d_name, variable);
	}
	(void)closedir(directory);
}
