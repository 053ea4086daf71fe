/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "eii/base/json_writer.h"
#include "eii/base/replace.h"
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

enum eii_rc eii_token_store_write(const char *path, const char *configured, const char *rotated,
				  struct eii_error *err)
{
	struct eii_buf content;
	enum eii_rc rc;

	eii_buf_init(&content, (size_t)2 * EII_TOKEN_TEXT_MAX);
	make_content(configured, rotated, &content);
	rc = eii_replace_file(path, eii_buf_text(&content), err);
	explicit_bzero(content.data, content.len);
	eii_buf_clear(&content);
	return rc ? eii_fail_in(err, rc, SETTING) : EII_OK;
}

enum eii_rc eii_token_store_check(const char *path, struct eii_error *err)
{
	enum eii_rc rc = eii_replace_check(path, err);

	return rc ? eii_fail_in(err, rc, SETTING) : EII_OK;
}
