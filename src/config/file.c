/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "eii/base/cleanup.h"

#define STEP_BYTES 4096

enum eii_rc eii_file_read(const char *path, struct eii_buf *out, struct eii_error *err)
{
	EII_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = 1;

	if (fd < 0)
		return eii_fail(err, EII_REJECT, "%s: %s", path, strerror(errno));
	while (got) {
		char step[STEP_BYTES];

		got = read(fd, step, sizeof(step));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return eii_fail(err, EII_REJECT, "%s: %s", path, strerror(errno));
		eii_buf_add(out, step, (size_t)got);
		explicit_bzero(step, sizeof(step));
		if (!eii_buf_ok(out))
			return eii_fail(err, EII_REJECT, "%s: larger than %zu bytes", path,
					out->max);
	}
	return EII_OK;
}

bool eii_file_next_line(struct eii_text *rest, struct eii_text *out)
{
	const char *end;
	size_t len;

	if (!rest->len)
		return false;
	end = memchr(rest->data, '\n', rest->len);
	len = end ? (size_t)(end - rest->data) : rest->len;
	*out = eii_text(rest->data, len);
	*rest = eii_text(rest->data + len + (end ? 1 : 0), rest->len - len - (end ? 1 : 0));
	if (out->len && out->data[out->len - 1] == '\r')
		out->len--;
	return true;
}

struct eii_text eii_file_without_bom(struct eii_text text)
{
	if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
		return eii_text(text.data + 3, text.len - 3);
	return text;
}

struct eii_text eii_file_secret(struct eii_text text)
{
	text = eii_file_without_bom(text);
	while (text.len && (text.data[text.len - 1] == '\n' || text.data[text.len - 1] == '\r'))
		text.len--;
	return text;
}
