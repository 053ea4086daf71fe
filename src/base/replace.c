/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "eii/base/cleanup.h"

static enum eii_rc fail(const char *path, const char *what, struct eii_error *err)
{
	return eii_fail_kind(err, EII_RETRY, EII_ERROR_CONFIG, "%s: %s: %s", path, what,
			     strerror(errno));
}

static bool write_whole(int fd, struct eii_text text)
{
	while (text.len) {
		ssize_t n = write(fd, text.data, text.len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			text = eii_text(text.data + n, text.len - (size_t)n);
	}
	return fsync(fd) == 0;
}

/* For the caller to free(). */
static char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return eii_strdup(".");
	return slash == path ? eii_strdup("/") : eii_strndup(path, (size_t)(slash - path));
}

/* A rename is certain only once its directory is. */
static void sync_directory(const char *path)
{
	EII_AUTO_STR directory = directory_of(path);
	EII_AUTO_FD fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		(void)fsync(fd);
}

enum eii_rc eii_replace_file(const char *path, struct eii_text content, struct eii_error *err)
{
	EII_AUTO_STR fresh = eii_asprintf("%s.new", path);
	EII_AUTO_FD fd = -1;

	(void)unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(fresh, "cannot be made", err);
	if (!write_whole(fd, content)) {
		enum eii_rc rc = fail(fresh, "cannot be written", err);

		(void)unlink(fresh);
		return rc;
	}
	if (rename(fresh, path)) {
		enum eii_rc rc = fail(path, "cannot be replaced", err);

		(void)unlink(fresh);
		return rc;
	}
	sync_directory(path);
	return EII_OK;
}

enum eii_rc eii_replace_check(const char *path, struct eii_error *err)
{
	EII_AUTO_STR directory = directory_of(path);

	if (access(directory, W_OK | X_OK))
		return fail(path, "its directory cannot be written", err);
	return EII_OK;
}
