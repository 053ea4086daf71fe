/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that each end with NUL on standard input -> for each one report on a
 * line of standard output, in which a mail has it wherever a mail can put text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "eii/base/buf.h"
#include "eii/base/sink.h"
#include "eii/stix/report.h"

#define INPUT_MAX (64u << 20)

static bool read_all(struct eii_buf *out)
{
	char block[65536];
	ssize_t n;

	while ((n = read(STDIN_FILENO, block, sizeof(block))) > 0)
		eii_buf_add(out, block, (size_t)n);
	return n == 0 && eii_buf_ok(out);
}

static bool write_report(struct eii_text value)
{
	struct eii_report_settings settings = { 0 };
	struct eii_attachment attachment = { .name = value,
					     .mime_type = eii_text_of("application/pdf"),
					     .kind = EII_FILE_TEXT,
					     .data = eii_text_of("x"),
					     .size_bytes = 1 };
	struct eii_fields fields = { .subject = value,
				     .sender = eii_text_of("from@example.org"),
				     .reply_to = value,
				     .message_id = value,
				     .attachments = &attachment,
				     .n_attachments = 1 };
	struct eii_report_source source = { .fields = &fields, .fallback = "test" };
	EII_AUTO(eii_report) report = NULL;
	struct eii_buf_sink sink;
	struct eii_error err;
	struct eii_buf line;
	bool is_written;

	eii_buf_init(&line, INPUT_MAX);
	eii_buf_sink_init(&sink, &line);
	is_written = !eii_report_new(&settings, &source, &report, &err) &&
		     !eii_report_write_object(report, &sink.base, &err);
	if (is_written)
		(void)printf("%.*s\n", EII_TEXT_ARGS(eii_buf_text(&line)));
	else
		(void)fprintf(stderr, "%s\n", err.text);
	eii_buf_clear(&line);
	return is_written;
}

int main(void)
{
	struct eii_buf input;
	bool is_right;

	eii_buf_init(&input, INPUT_MAX);
	is_right = read_all(&input);
	for (size_t at = 0; is_right && at < input.len;) {
		struct eii_text value =
			eii_text(input.data + at, strnlen(input.data + at, input.len - at));

		is_right = write_report(value);
		at += value.len + 1;
	}
	eii_buf_clear(&input);
	return is_right ? EXIT_SUCCESS : EXIT_FAILURE;
}
