/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decode_records LABEL: the records on standard input, each its length in four bytes,
 * least first, and its bytes, decoded one by one, in the same form to standard output.
 */
#include <stdio.h>
#include <stdlib.h>

#include "eii/base/buf.h"
#include "eii/mail/charset.h"

#define RECORD_MAX ((size_t)1024 * 1024)

static bool read_record(struct eii_buf *record)
{
	unsigned char head[4];
	size_t len;
	char *room;

	eii_buf_reset(record);
	if (fread(head, 1, sizeof(head), stdin) != sizeof(head))
		return false;
	len = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 |
	      (size_t)head[3] << 24;
	room = eii_buf_reserve(record, len);
	if (!room || fread(room, 1, len, stdin) != len)
		abort();
	record->len = len;
	return true;
}

static void write_record(const struct eii_buf *record)
{
	size_t len = record->len;
	unsigned char head[4] = { (unsigned char)len, (unsigned char)(len >> 8),
				  (unsigned char)(len >> 16), (unsigned char)(len >> 24) };

	if (!eii_buf_ok(record) || fwrite(head, 1, sizeof(head), stdout) != sizeof(head) ||
	    fwrite(record->data, 1, len, stdout) != len)
		abort();
}

int main(int argc, char **argv)
{
	struct eii_buf in;
	struct eii_buf out;

	if (argc != 2)
		return 2;
	eii_charset_prepare();
	eii_buf_init(&in, RECORD_MAX);
	eii_buf_init(&out, RECORD_MAX * 4);
	while (read_record(&in)) {
		eii_buf_reset(&out);
		eii_charset_decode(eii_buf_text(&in), eii_text_of(argv[1]), &out);
		write_record(&out);
	}
	eii_buf_clear(&in);
	eii_buf_clear(&out);
	return fflush(stdout) == 0 ? 0 : 1;
}
