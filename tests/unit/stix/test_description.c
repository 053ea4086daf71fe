/* SPDX-License-Identifier: Apache-2.0 */
#include "description.h"

#include "support.h"

static void write_it(struct eii_fields *fields, struct eii_description *what,
		     struct eii_report_source *source, struct eii_buf *out)
{
	source->fields = fields;
	what->source = source;
	what->name = fields->subject;
	eii_buf_init(out, 4u << 20);
	eii_description_write(what, out);
	assert_true(eii_buf_ok(out));
}

/* 1772529630 is 2026-03-03T09:20:30Z. */
static void test_description__is_the_official_block(void **state)
{
	(void)state;
	struct eii_fields fields = {
		.subject = eii_text_of("Alert"),
		.sender = eii_text_of("a_b@c.example"),
		.date = { .is_known = true,
			  .has_offset = true,
			  .offset_min = 60,
			  .unix_s = 1772529630 },
	};
	struct eii_report_source source = { 0 };
	struct eii_description what = { 0 };
	struct eii_buf out;

	write_it(&fields, &what, &source, &out);
	assert_string_equal(out.data,
			    "**Email Received From**: a\\_b@c.example  \n"
			    "**Email Received At**: 2026-03-03 10:20:30+01:00  \n"
			    "**Email Subject**: Alert  \n"
			    "**Email Attachment Count**: 0  \n"
			    "  \n"
			    "Please consult the content section to view the email content.");
	eii_buf_clear(&out);
	fields.date.has_offset = false;
	write_it(&fields, &what, &source, &out);
	assert_non_null(strstr(out.data, "At**: 2026-03-03 09:20:30  \n"));
	eii_buf_clear(&out);
}

static void test_description__tells_what_an_attachment_pretends(void **state)
{
	static const struct {
		const char *name, *type;
		enum eii_file_kind kind;
		const char *wanted;
	} cases[] = {
		{ "r.pdf", "application/octet-stream", EII_FILE_PDF,
		  ": r.pdf, application/octet-stream taken for application/pdf, 0 bytes, " },
		{ "r.csv", "application/vnd.ms-excel", EII_FILE_TEXT,
		  ": r.csv, application/vnd.ms-excel taken for text/csv, 0 bytes, " },
		{ "r.pdf", "application/x-pdf", EII_FILE_PDF,
		  ": r.pdf, application/x-pdf, 0 bytes, " },
		{ "r.pdf", "application/pdf", EII_FILE_PDF, "type is not listed  \n" },
		{ "r.pdf", "application/pdf", EII_FILE_WINDOWS_PROGRAM,
		  "type is not listed; declared type, name and first bytes disagree, by its name "
		  "application/pdf, by its first bytes "
		  "application/vnd.microsoft.portable-executable  \n" },
		{ "r", "application/pdf", EII_FILE_UNKNOWN,
		  "disagree, by its first bytes nothing that is known  \n" },
		{ "a\xe2\x80\xae"
		  "fdp.exe",
		  "application/x-msdownload", EII_FILE_NOT_SEEN,
		  ": a\\[U+202E\\]fdp.exe, application/x-msdownload, " },
		{ "a\xe2\x80\xae"
		  "fdp.exe",
		  "application/x-msdownload", EII_FILE_NOT_SEEN,
		  "type is not listed; its name holds a direction override  \n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_attachment attachment = { .name = eii_text_of(cases[i].name),
						     .mime_type = eii_text_of(cases[i].type),
						     .kind = cases[i].kind,
						     .fate = EII_ATTACHMENT_TYPE_NOT_LISTED };
		const char *file_names[] = { NULL };
		struct eii_fields fields = { .subject = eii_text_of("Alert"),
					     .attachments = &attachment,
					     .n_attachments = 1 };
		struct eii_report_source source = { 0 };
		struct eii_description what = { .file_names = file_names };
		struct eii_buf out;

		write_it(&fields, &what, &source, &out);
		CHECK(strstr(out.data, cases[i].wanted), "'%s' is not in:\n%s", cases[i].wanted,
		      out.data);
		eii_buf_clear(&out);
	}
}

static void test_description__leaves_out_hashes_where_it_is_set(void **state)
{
	struct eii_attachment attachment = { .name = eii_text_of("a.pdf"),
					     .mime_type = eii_text_of("application/pdf") };
	const char *file_names[] = { "a.pdf" };
	struct eii_fields fields = { .subject = eii_text_of("Alert"),
				     .attachments = &attachment,
				     .n_attachments = 1 };
	struct eii_report_source source = { 0 };
	struct eii_description what = { .file_names = file_names, .without_hashes = true };
	struct eii_buf out;

	(void)state;
	write_it(&fields, &what, &source, &out);
	assert_non_null(strstr(out.data, ": a.pdf, application/pdf, 0 bytes, kept  \n"));
	assert_null(strstr(out.data, "SHA-256"));
	eii_buf_clear(&out);
}

static void test_description__names_who_vouches_for_the_sender(void **state)
{
	static const struct {
		const char *authority;
		enum eii_authentication verdict;
		bool is_told;
	} rows[] = {
		{ "mx.example", EII_AUTHENTICATION_PASSED, true },
		{ "mx.example", EII_AUTHENTICATION_FAILED, false },
		{ "mx.example", EII_AUTHENTICATION_NOT_ASKED, false },
		{ NULL, EII_AUTHENTICATION_PASSED, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_fields fields = { .authentication = rows[i].verdict };
		struct eii_report_source source = { 0 };
		struct eii_description what = { .authority = rows[i].authority };
		struct eii_buf out;

		write_it(&fields, &what, &source, &out);
		CHECK((strstr(out.data, "**Email Sender**: authenticated, by mx.example  \n") !=
		       NULL) == rows[i].is_told,
		      "row %zu: %s", i, out.data);
		eii_buf_clear(&out);
	}
}

static void test_description__tells_what_the_official_one_leaves_out(void **state)
{
	(void)state;
	static const char *const wanted[] = {
		"**Email Attachment Count**: 3  \n",
		"**Email Reply-To**: `r@x.example`  \n",
		"**Email Message-ID**: `<1@x>`  \n",
		"**Email Subject in Full**: Alert",
		"**Attachment 1**: A.pdf, application/pdf, 5 bytes, SHA-256 000102",
		", kept as a \\(2\\).pdf  \n",
		"**Attachment 2**: no name, image/png, 7 bytes, SHA-256 0000",
		", not kept: an image of the body  \n",
		"**Attachment 3**: x.exe, application/x-msdownload, 9 bytes, SHA-256 0000",
		", not kept: its type is not listed",
		"no usable date",
		"could not be converted: it \\*broke\\*  \n",
		"the content does not fit",
		"the raw mail is attached as mail.eml  \n",
		"**Mail**: UID 5 of UIDVALIDITY 7, 3 bytes, received by the server ",
		"1970-01-01 00:00:01+00:00, SHA-256 ba7816bf",
	};
	struct eii_attachment attachments[] = {
		{ .name = eii_text_of("A.pdf"),
		  .mime_type = eii_text_of("application/pdf"),
		  .size_bytes = 5,
		  .sha256 = { 0, 1, 2 } },
		{ .mime_type = eii_text_of("image/png"),
		  .fate = EII_ATTACHMENT_INLINE,
		  .size_bytes = 7 },
		{ .name = eii_text_of("x.exe"),
		  .mime_type = eii_text_of("application/x-msdownload"),
		  .fate = EII_ATTACHMENT_TYPE_NOT_LISTED,
		  .size_bytes = 9 },
	};
	const char *file_names[] = { "a (2).pdf", NULL, NULL };
	struct eii_fields fields = { .subject = eii_text_of("Alert"),
				     .reply_to = eii_text_of("r@x.example"),
				     .message_id = eii_text_of("<1@x>"),
				     .attachments = attachments,
				     .n_attachments = 3 };
	struct eii_report_source source = { .uid = 5,
					    .uidvalidity = 7,
					    .mail_bytes = 3,
					    .internal_unix_s = 1,
					    .raw = eii_text_of("abc"),
					    .fallback = "it *broke*" };
	struct eii_description what = { .name_is_cut = true,
					.file_names = file_names,
					.raw = EII_RAW_KEPT,
					.raw_name = "mail.eml",
					.content_is_cut = true };
	struct eii_buf out;

	write_it(&fields, &what, &source, &out);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		CHECK(strstr(out.data, wanted[i]), "'%s' is not in:\n%s", wanted[i], out.data);
	eii_buf_clear(&out);
	source = (struct eii_report_source){ .uid = 5,
					     .uidvalidity = UINT64_C(1099511627781),
					     .fallback = "no" };
	write_it(&fields, &what, &source, &out);
	assert_non_null(strstr(out.data, "UID 5 of UIDVALIDITY 1099511627781, size not known  \n"));
	eii_buf_clear(&out);
}

static void test_description__lists_attachments_up_to_its_ceiling(void **state)
{
	(void)state;
	enum { COUNT = 256 };
	static struct eii_attachment attachments[COUNT];
	static const char *file_names[COUNT];
	static char name[255];
	struct eii_fields fields = { .attachments = attachments, .n_attachments = COUNT };
	struct eii_report_source source = { 0 };
	struct eii_description what = { .file_names = file_names };
	struct eii_buf out;

	memset(name, '&', sizeof(name));
	for (size_t i = 0; i < COUNT; i++) {
		attachments[i] = (struct eii_attachment){ .name = eii_text(name, sizeof(name)),
							  .mime_type = eii_text_of("a/b"),
							  .fate = EII_ATTACHMENT_TOO_LARGE };
	}
	write_it(&fields, &what, &source, &out);
	assert_in_range(out.len, EII_DESCRIPTION_LIST_BYTES, EII_DESCRIPTION_LIST_BYTES + 2048);
	assert_non_null(strstr(out.data, "\xe2\x80\xa6 and "));
	assert_non_null(strstr(out.data, " more  \n"));
	eii_buf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_description__is_the_official_block),
		cmocka_unit_test(test_description__tells_what_an_attachment_pretends),
		cmocka_unit_test(test_description__names_who_vouches_for_the_sender),
		cmocka_unit_test(test_description__leaves_out_hashes_where_it_is_set),
		cmocka_unit_test(test_description__tells_what_the_official_one_leaves_out),
		cmocka_unit_test(test_description__lists_attachments_up_to_its_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
