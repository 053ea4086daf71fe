/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "eii/base/json_writer.h"
#include "eii/base/sink.h"
#include "eii/token/jwt.h"
#include "token_private.h"

#define SETTING "EMAIL_INTEL_IMAP_REFRESH_TOKEN_STORE"

/*
 * {"configured":"<hash>","refresh_token":"..."}: the stored one counts for the
 * configured one that it came from. Members may be added, and none may change.
 */
static char *hash_of(const char *configured)
{
	uint8_t hash[EII_HASH_SHA256_BYTES];

	eii_sha256_of(configured, strlen(configured), hash);
	return eii_jwt_base64url(hash, sizeof(hash));
}

static enum eii_rc fail(const char *path, const char *what, struct eii_error *err)
{
	return eii_fail_kind(err, EII_RETRY, EII_ERROR_CONFIG, SETTING ": %s: %s: %s", path, what,
			     strerror(errno));
}

char *eii_token_store_read(const char *path, const char *configured)
{
	EII_AUTO_STR hash = hash_of(configured);
	EII_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	EII_AUTO(eii_json) root = NULL;
	char content[EII_TOKEN_TEXT_MAX + 256];
	const char *owner, *token;
	ssize_t len;

	if (fd < 0)
		return NULL;
	len = read(fd, content, sizeof(content));
	if (len < 0)
		return NULL;
	(void)!eii_json_parse(eii_text(content, (size_t)len), sizeof(content), &root, NULL);
	explicit_bzero(content, sizeof(content));
	owner = eii_json_get_str(root, "configured");
	token = eii_json_get_str(root, "refresh_token");
	if (!owner || !token || !token[0] || strcmp(owner, hash) != 0)
		return NULL;
	return eii_strdup(token);
}

static void make_content(const char *configured, const char *rotated, struct eii_buf *out)
{
	EII_AUTO_STR hash = hash_of(configured);
	struct eii_json_writer json;
	struct eii_buf_sink sink;

	eii_buf_sink_init(&sink, out);
	eii_json_writer_init(&json, &sink.base);
	eii_json_object_begin(&json);
	eii_json_key(&json, "configured");
	eii_json_str(&json, hash);
	eii_json_key(&json, "refresh_token");
	eii_json_str(&json, rotated);
	eii_json_object_end(&json);
	(void)!eii_json_writer_finish(&json, NULL);
	eii_buf_add_char(out, '\n');
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

static enum eii_rc replace(const char *path, struct eii_text content, struct eii_error *err)
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
	if (rename(fresh, path))
		return fail(path, "cannot be replaced", err);
	sync_directory(path);
	return EII_OK;
}

enum eii_rc eii_token_store_write(const char *path, const char *configured, const char *rotated,
				  struct eii_error *err)
{
	struct eii_buf content;
	enum eii_rc rc;

	eii_buf_init(&content, (size_t)2 * EII_TOKEN_TEXT_MAX);
	make_content(configured, rotated, &content);
	rc = replace(path, eii_buf_text(&content), err);
	explicit_bzero(content.data, content.len);
	eii_buf_clear(&content);
	return rc;
}

enum eii_rc eii_token_store_check(const char *path, struct eii_error *err)
{
	EII_AUTO_STR directory = directory_of(path);

	if (access(directory, W_OK | X_OK))
		return fail(path, "its directory cannot be written", err);
	return EII_OK;
}
