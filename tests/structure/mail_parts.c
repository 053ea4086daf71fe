/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of mails, for comparison. In, again and again: the bytes of a mail in
 * decimal, a line end, the mail. Out, for each: "messages type raw-in-base64" for every
 * part that is a leaf, a line each, then an empty line.
 */
#include <stdio.h>
#include <stdlib.h>

#include "eii/base/alloc.h"
#include "eii/base/base64.h"
#include "eii/mail/message.h"

#include "message_private.h"

#define MAIL_BYTES_MAX 1048576

static void print_part(const struct eii_part *part)
{
	char *text = eii_calloc(eii_base64_size(part->raw.len) + 1, 1);

	if (part->raw.len)
		eii_base64_encode((const unsigned char *)part->raw.data, part->raw.len, text);
	(void)printf("%u %s %s\n", part->messages, part->type, text);
	free(text);
}

static void print_parts(struct eii_text mail)
{
	const struct eii_convert_settings settings = { .content = EII_CONTENT_VERBATIM };
	EII_AUTO(eii_fields) fields = eii_fields_new();
	struct eii_message message = { .settings = &settings, .fields = fields };

	eii_structure_read(&message, mail);
	for (size_t i = 0; i < message.n_parts; i++) {
		if (message.parts[i].kind != EII_PART_MESSAGE)
			print_part(&message.parts[i]);
	}
	eii_message_clear(&message);
	(void)printf("\n");
}

int main(void)
{
	char *mail = eii_calloc(MAIL_BYTES_MAX, 1);
	char line[32];

	while (fgets(line, sizeof(line), stdin)) {
		size_t len = strtoul(line, NULL, 10);

		if (len > MAIL_BYTES_MAX || fread(mail, 1, len, stdin) != len)
			return EXIT_FAILURE;
		print_parts(eii_text(mail, len));
	}
	free(mail);
	return EXIT_SUCCESS;
}
