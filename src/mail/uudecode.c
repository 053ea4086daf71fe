/* SPDX-License-Identifier: Apache-2.0 */
#include <gmime/gmime.h>

#include "message_private.h"

/*
 * By GMime's decoder, which needs the "begin" line to be told of; what stands in
 * front of it is not file content.
 */
void eii_uudecode(struct eii_text text, struct eii_buf *out)
{
	GMimeEncoding decoder;
	const char *begin = text.data;
	const char *end = text.data + text.len;
	char *room;

	while (begin && begin < end && (end - begin < 6 || memcmp(begin, "begin ", 6) != 0)) {
		begin = memchr(begin, '\n', (size_t)(end - begin));
		begin = begin ? begin + 1 : end;
	}
	if (!begin || begin == end)
		return;
	g_mime_encoding_init_decode(&decoder, GMIME_CONTENT_ENCODING_UUENCODE);
	text = eii_text(begin, (size_t)(end - begin));
	room = eii_buf_reserve(out, g_mime_encoding_outlen(&decoder, text.len));
	if (!room)
		return;
	out->len += g_mime_encoding_step(&decoder, text.data, text.len, room);
	out->data[out->len] = '\0';
}
