/* SPDX-License-Identifier: Apache-2.0 */
/*
 * convert_times MAIL N: converts the mail so many times as the converter does, answer
 * included, but without its jail, which lets no tool write down what it has counted.
 */
#include <stdio.h>
#include <stdlib.h>

#include "eii/base/buf.h"
#include "eii/base/sink.h"
#include "eii/fields/wire.h"
#include "eii/mail/message.h"

#define MAIL_BYTES_MAX 1048576

static bool read_file(const char *name, struct eii_buf *mail)
{
	FILE *file = fopen(name, "rb");
	char *room = eii_buf_reserve(mail, MAIL_BYTES_MAX);

	if (!file || !room)
		return false;
	mail->len = fread(room, 1, MAIL_BYTES_MAX, file);
	return !fclose(file) && mail->len > 0;
}

static bool convert(struct eii_text mail, uint64_t number)
{
	const struct eii_convert_settings settings = { .content = EII_CONTENT_SAFE };
	EII_AUTO(eii_fields) fields = NULL;
	struct eii_count_sink sink;
	struct eii_error err;

	eii_count_sink_init(&sink);
	return eii_message_read(mail.data, mail.len, &settings, &fields, &err) == EII_OK &&
	       eii_wire_answer_write(number, fields, eii_wire_answer_max_bytes(mail.len),
				     &sink.base, &err) == EII_OK;
}

int main(int argc, char **argv)
{
	struct eii_buf mail;
	bool is_done;
	uint64_t n;

	eii_buf_init(&mail, MAIL_BYTES_MAX);
	if (argc != 3 || !eii_text_to_u64(eii_text_of(argv[2]), 1000, &n) ||
	    !read_file(argv[1], &mail))
		return EXIT_FAILURE;
	eii_message_prepare();
	is_done = true;
	for (uint64_t i = 0; i < n && is_done; i++)
		is_done = convert(eii_buf_text(&mail), i);
	eii_buf_clear(&mail);
	return is_done ? EXIT_SUCCESS : EXIT_FAILURE;
}
