/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/memory_limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "eii/base/text.h"

#define LINE_BYTES 4096

/* Where a group's limit stands, by the kernel's cgroup-v1/memory.rst and cgroup-v2.rst. */
struct layout {
	const char *folder;
	const char *file;
};

static const struct layout version_1 = { "/sys/fs/cgroup/memory", "memory.limit_in_bytes" };
static const struct layout version_2 = { "/sys/fs/cgroup", "memory.max" };

/* "max" is no number: no limit. */
static uint64_t read_limit(const char *path)
{
	FILE *file = fopen(path, "re");
	uint64_t limit = UINT64_MAX;
	char line[32];

	if (!file)
		return UINT64_MAX;
	if (!fgets(line, sizeof(line), file) ||
	    !eii_text_to_u64(eii_text_trim(eii_text_of(line)), UINT64_MAX, &limit))
		limit = UINT64_MAX;
	(void)fclose(file);
	return limit;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/*
 * Of the group and those around it. In a container the path may be the host's, which is
 * not there: then the root that is mounted, the last one looked at, is the own group.
 */
static uint64_t limit_of(const char *root, const struct layout *layout, const char *group)
{
	EII_AUTO_STR path = eii_strdup(group);
	uint64_t limit = UINT64_MAX;

	for (;;) {
		EII_AUTO_STR file =
			eii_asprintf("%s%s%s/%s", root, layout->folder, path, layout->file);
		char *slash = strrchr(path, '/');

		limit = least(limit, read_limit(file));
		if (!*path)
			return limit;
		*(slash ? slash : path) = '\0';
	}
}

/* A line of /proc/self/cgroup: "number:controllers:/path"; of version 2 "0::/path". */
static uint64_t limit_of_line(const char *root, char *line)
{
	char *controllers = strchr(line, ':');
	char *path = controllers ? strchr(controllers + 1, ':') : NULL;
	const struct layout *layout = NULL;
	char *rest = NULL;

	if (!path)
		return UINT64_MAX;
	*path++ = '\0';
	path[strcspn(path, "\n")] = '\0';
	controllers++;
	if (!*controllers)
		layout = &version_2;
	for (char *name = strtok_r(controllers, ",", &rest); name;
	     name = strtok_r(NULL, ",", &rest)) {
		if (strcmp(name, "memory") == 0)
			layout = &version_1;
	}
	if (!layout)
		return UINT64_MAX;
	/* "/" is the root itself; and nothing leads out of it. */
	return limit_of(root, layout, *path != '/' || !path[1] || strstr(path, "/..") ? "" : path);
}

uint64_t eii_memory_limit_bytes(const char *root)
{
	EII_AUTO_STR name = eii_asprintf("%s/proc/self/cgroup", root);
	FILE *file = fopen(name, "re");
	char line[LINE_BYTES];
	uint64_t limit = least(limit_of(root, &version_1, ""), limit_of(root, &version_2, ""));

	if (!file)
		return limit;
	while (fgets(line, sizeof(line), file))
		limit = least(limit, limit_of_line(root, line));
	(void)fclose(file);
	return limit;
}
