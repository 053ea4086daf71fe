/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole mail, in both modes of content. Whatever it holds, there is an answer,
 * which the wire takes, and each text of it is UTF-8 without NUL.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "eii/base/sink.h"
#include "eii/base/utf8.h"
#include "eii/fields/wire.h"
#include "eii/mail/message.h"
#include "eii/mail/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	(void)fprintf(stderr, "%s\n", what);
	abort();
}

static void check_text(struct eii_text text, const char *what)
{
	require(eii_utf8_is_valid(text), what);
	require(!text.len || !memchr(text.data, '\0', text.len), what);
}

static void check_fields(const struct eii_fields *fields, size_t size)
{
	struct eii_count_sink sink;

	check_text(fields->subject, "subject");
	check_text(fields->sender, "sender");
	check_text(fields->reply_to, "Reply-To");
	check_text(fields->message_id, "Message-ID");
	check_text(fields->content, "content");
	require((fields->content_kind == EII_CONTENT_EMPTY) == !fields->content.len, "kind");
	for (size_t i = 0; i < fields->n_attachments; i++) {
		check_text(fields->attachments[i].name, "file name");
		check_text(fields->attachments[i].mime_type, "MIME type");
		require(fields->attachments[i].mime_type.len > 0, "no MIME type");
	}
	eii_count_sink_init(&sink);
	require(!eii_wire_answer_write(1, fields, eii_wire_answer_max_bytes(size), &sink.base,
				       NULL),
		"the wire refuses the answer");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct eii_text types[] = { { "application/pdf", 15 }, { "text/plain", 10 } };
	struct eii_convert_settings settings = {
		.attach_forwarded = true,
		.inline_image_bytes = 65536,
		.max_file_bytes = 1 << 20,
		.types = types,
		.n_types = 2,
	};
	static bool is_prepared;
	struct eii_fields *fields;

	if (!is_prepared) {
		eii_message_prepare();
		is_prepared = true;
	}
	for (int mode = 0; mode < 2; mode++) {
		settings.content = mode ? EII_CONTENT_SAFE : EII_CONTENT_VERBATIM;
		fields = NULL;
		require(!eii_message_read((const char *)data, size, &settings, &fields, NULL),
			"no answer");
		check_fields(fields, size);
		eii_fields_free(fields);
	}
	fields = NULL;
	require(!eii_header_scan((const char *)data, size, &fields), "no answer of the scanner");
	check_fields(fields, size);
	eii_fields_free(fields);
	return 0;
}
