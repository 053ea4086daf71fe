/* SPDX-License-Identifier: Apache-2.0 */
#include "wire_samples.h"

#include "support.h"
#include "wire_private.h"

/* Overwrites n bytes at an offset with a little-endian number. */
void wire_patch(char *data, size_t at, unsigned n, uint64_t number)
{
	struct eii_wire_writer writer = { (unsigned char *)data + at };

	eii_wire_put(&writer, n, number);
}

/* Two attachments, every text set. */
struct eii_fields *wire_sample_fields(void)
{
	struct eii_fields *fields = eii_fields_new();
	struct eii_attachment *a;

	fields->subject = eii_text_of("Gr\xc3\xbc\xc3\x9f"
				      "e");
	fields->sender = eii_text_of("a@example.org");
	fields->reply_to = eii_text_of("b@example.org");
	fields->recipients = eii_text_of("c@example.org\nd@example.org\n");
	fields->message_id = eii_text_of("<1@example.org>");
	fields->date = (struct eii_date){ true, true, -90, -1000 };
	fields->content_kind = EII_CONTENT_HTML;
	fields->content = eii_text_of("<p>hello</p>");
	fields->defects = EII_DEFECT_TOO_DEEP | EII_DEFECT_NO_DATE;
	fields->n_addresses = 1000;
	a = eii_fields_add_attachment(fields);
	a->name = eii_text_of("a.pdf");
	a->mime_type = eii_text_of("application/pdf");
	a->kind = EII_FILE_PDF;
	a->data = eii_text("%PDF\0\xff", 6);
	a->size_bytes = 6;
	memset(a->sha256, 0xab, sizeof(a->sha256));
	a = eii_fields_add_attachment(fields);
	a->name = eii_text_of("b.png");
	a->mime_type = eii_text_of("image/png");
	a->fate = EII_ATTACHMENT_TYPE_NOT_LISTED;
	a->size_bytes = 77;
	return fields;
}

/* A whole answer; the caller frees *out with eii_buf_clear(). */
void wire_write_answer(const struct eii_fields *fields, struct eii_buf *out)
{
	struct eii_buf_sink sink;
	struct eii_error err = { 0 };

	eii_buf_init(out, 64u * 1024 * 1024);
	eii_buf_sink_init(&sink, out);
	CHECK(eii_wire_answer_write(7, fields, SIZE_MAX, &sink.base, &err) == EII_OK, "%s",
	      err.text);
}
