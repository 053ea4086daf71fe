/* SPDX-License-Identifier: Apache-2.0 */
/*
 * safe_html FILE... : writes FILE.safe beside each FILE, its HTML as a report in safe
 * mode would have it, with the list of addresses. A cid: of "picture@test" is a small GIF, others
 * are unknown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "eii/mail/html.h"

#define MAX_BYTES ((size_t)256 * 1024 * 1024)

static bool find_picture(void *context, struct eii_text cid, struct eii_html_image *out)
{
	/* A GIF of one red pixel. */
	static const char gif[] =
		"GIF89a\1\0\1\0\x80\0\0\xff\0\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;";

	(void)context;
	if (!eii_text_equal(cid, eii_text_of("picture@test")))
		return false;
	*out = (struct eii_html_image){ .data = gif, .len = sizeof(gif) - 1 };
	return true;
}

static bool read_file(const char *path, struct eii_buf *out)
{
	FILE *file = fopen(path, "rb");
	size_t n = 1;

	if (!file)
		return false;
	while (n > 0) {
		char *room = eii_buf_reserve(out, 65536);

		n = room ? fread(room, 1, 65536, file) : 0;
		out->len += n;
	}
	return fclose(file) == 0 && eii_buf_ok(out);
}

static bool write_file(const char *path, const struct eii_buf *text)
{
	FILE *file = fopen(path, "wb");
	bool ok;

	if (!file)
		return false;
	ok = fwrite(text->data, 1, text->len, file) == text->len;
	return fclose(file) == 0 && ok;
}

static bool convert(const char *path)
{
	EII_AUTO(eii_addresses) addresses = eii_addresses_new();
	const struct eii_html_options options = { .find_cid = find_picture,
						  .inline_image_bytes = 524288,
						  .addresses = addresses };
	EII_AUTO_STR target = eii_asprintf("%s.safe", path);
	struct eii_error err = { 0 };
	struct eii_buf in;
	struct eii_buf out;
	bool ok;

	eii_buf_init(&in, MAX_BYTES);
	eii_buf_init(&out, MAX_BYTES);
	ok = read_file(path, &in) &&
	     eii_html_sanitize(eii_buf_text(&in), &options, &out, &err) == EII_OK;
	if (ok)
		(void)eii_addresses_write(addresses, &out);
	ok = ok && write_file(target, &out);
	if (!ok)
		(void)fprintf(stderr, "%s: %s\n", path, err.text[0] ? err.text : "read or write");
	eii_buf_clear(&in);
	eii_buf_clear(&out);
	return ok;
}

int main(int argc, char **argv)
{
	int status = EXIT_SUCCESS;

	for (int i = 1; i < argc; i++) {
		if (!convert(argv[i]))
			status = EXIT_FAILURE;
	}
	return status;
}
