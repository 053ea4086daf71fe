/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/message.h"

#include "support.h"

#include "eii/base/sink.h"
#include "eii/base/utf8.h"
#include "eii/fields/limits.h"
#include "eii/fields/wire.h"

#define HEAD               "From: a@b.example\r\nSubject: s\r\nDate: Tue, 03 Mar 2026 10:20:30 +0100\r\n"
#define MIXED              HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define PART(header, body) "--b\r\n" header "\r\n\r\n" body "\r\n"
#define BARE(body)         "--b\r\n\r\n" body "\r\n"
#define END                "--b--\r\n"
#define PDF                                                                                        \
	PART("Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64",     \
	     "QUJD")

static const struct eii_text pdf_only[] = { { "application/pdf", 15 } };

static struct eii_convert_settings settings_of(enum eii_content_mode content)
{
	return (struct eii_convert_settings){
		.content = content,
		.attach_forwarded = true,
		.inline_image_bytes = 512 * 1024,
		.max_file_bytes = 1024 * 1024,
		.types = pdf_only,
		.n_types = ARRAY_LEN(pdf_only),
	};
}

static struct eii_fields *convert_with(const struct eii_convert_settings *settings,
				       const char *mail, size_t len)
{
	struct eii_fields *fields = NULL;
	struct eii_error err;

	assert_int_equal(eii_message_read(mail, len, settings, &fields, &err), EII_OK);
	assert_non_null(fields);
	return fields;
}

static struct eii_fields *convert(enum eii_content_mode content, const char *mail)
{
	struct eii_convert_settings settings = settings_of(content);

	return convert_with(&settings, mail, strlen(mail));
}

static void check_text(struct eii_text got, const char *wanted)
{
	CHECK(eii_text_equal(got, eii_text_of(wanted)), "'%.*s' is not '%s'", EII_TEXT_ARGS(got),
	      wanted);
}

static void test_message__chooses_the_body(void **state)
{
	static const struct {
		const char *mail;
		enum eii_content_kind kind;
		const char *content;
	} cases[] = {
		{ HEAD "\r\nhello\r\n", EII_CONTENT_TEXT, "hello\r\n" },
		{ HEAD "Content-Type: text/html\r\n\r\n<b>x</b>", EII_CONTENT_HTML, "<b>x</b>" },
		{ HEAD "\r\n", EII_CONTENT_EMPTY, "" },
		{ "hello", EII_CONTENT_TEXT, "hello" },
		{ MIXED PART("Content-Type: text/plain", "one") BARE("two") END, EII_CONTENT_TEXT,
		  "onetwo" },
		{ MIXED PART("Content-Type: text/html", " \t") BARE("two") END, EII_CONTENT_TEXT,
		  "two" },
		{ HEAD "Content-Type: multipart/alternative; boundary=b\r\n\r\n" BARE("plain")
			  PART("Content-Type: text/html", "<p>html</p>") END,
		  EII_CONTENT_HTML, "<p>html</p>" },
		{ MIXED BARE("a < b") PART("Content-Type: text/html", "<p>html</p>") END,
		  EII_CONTENT_HTML, "a &lt; b<br>\n<p>html</p>" },
		{ MIXED BARE("mine") PART("Content-Type: message/rfc822",
					  "Content-Type: text/html\r\n\r\n<p>theirs</p>") END,
		  EII_CONTENT_TEXT, "mine" },
		{ MIXED PART("Content-Type: message/rfc822",
			     "Content-Type: text/html\r\n\r\n<p>theirs</p>") END,
		  EII_CONTENT_HTML, "<p>theirs</p>" },
		{ MIXED "no delimiter here\r\n", EII_CONTENT_TEXT, "no delimiter here\r\n" },
		{ HEAD
		  "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nY2Fm6Q==",
		  EII_CONTENT_TEXT, "caf\xc3\xa9" },
		{ HEAD "Content-Type: text/html\r\n\r\n"
		       "<meta http-equiv=content-type content='a; Charset = x'>\xe9",
		  EII_CONTENT_HTML,
		  "<meta http-equiv=content-type content='a; charset=utf-8'>\xc3\xa9" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_fields *fields = convert(EII_CONTENT_VERBATIM, cases[i].mail);

		CHECK(fields->content_kind == cases[i].kind, "case %zu", i);
		check_text(fields->content, cases[i].content);
		eii_fields_free(fields);
	}
}

static void test_message__lists_every_attachment_with_its_fate(void **state)
{
	struct eii_fields *fields = convert(
		EII_CONTENT_VERBATIM,
		MIXED PART("Content-Type: text/html", "<img src=\"cid:i%40x\">")
			PDF PART("Content-Type: image/png\r\nContent-ID: <i@x>", "PNG") PART(
				"Content-Type: application/zip\r\nContent-Disposition: attachment; "
				"filename*=utf-8''%C3%BC.zip",
				"PK") END);
	static const struct {
		const char *name;
		const char *type;
		const char *data;
		enum eii_attachment_fate fate;
		uint64_t size_bytes;
	} wanted[] = {
		{ "a.pdf", "application/pdf", "ABC", EII_ATTACHMENT_KEPT, 3 },
		{ "", "image/png", "", EII_ATTACHMENT_INLINE, 3 },
		{ "\xc3\xbc.zip", "application/zip", "", EII_ATTACHMENT_TYPE_NOT_LISTED, 2 },
	};
	/* FIPS 180-4: "abc" in capitals has its own, from sha256sum. */
	static const uint8_t hash[] = { 0xb5, 0xd4, 0x04, 0x5c };

	(void)state;
	assert_int_equal(fields->n_attachments, ARRAY_LEN(wanted));
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		const struct eii_attachment *got = &fields->attachments[i];

		check_text(got->name, wanted[i].name);
		check_text(got->mime_type, wanted[i].type);
		check_text(got->data, wanted[i].data);
		CHECK(got->fate == wanted[i].fate, "%s", wanted[i].type);
		CHECK(got->size_bytes == wanted[i].size_bytes, "%s", wanted[i].type);
	}
	assert_memory_equal(fields->attachments[0].sha256, hash, sizeof(hash));
	eii_fields_free(fields);
}

static void test_message__keeps_a_file_up_to_its_limit(void **state)
{
	struct eii_convert_settings settings = settings_of(EII_CONTENT_VERBATIM);

	(void)state;
	for (settings.max_file_bytes = 2; settings.max_file_bytes <= 3; settings.max_file_bytes++) {
		struct eii_fields *fields =
			convert_with(&settings, MIXED PDF END, strlen(MIXED PDF END));

		assert_int_equal(fields->attachments[0].fate, settings.max_file_bytes == 3
								      ? EII_ATTACHMENT_KEPT
								      : EII_ATTACHMENT_TOO_LARGE);
		assert_int_equal(fields->attachments[0].size_bytes, 3);
		assert_int_equal(fields->attachments[0].data.len,
				 settings.max_file_bytes == 3 ? 3 : 0);
		eii_fields_free(fields);
	}
}

#define INNER "Subject: =?utf-8?Q?in=20n=C3=A9r?=\r\nTo: g: x@y.example;\r\n\r\nbody of it"

static void test_message__keeps_a_forwarded_message_as_it_stands(void **state)
{
	static const char *const mails[] = {
		MIXED BARE("mine") PART("Content-Type: message/rfc822", INNER) END,
		MIXED BARE("mine") "--b\nContent-Type: message/rfc822\n\n" INNER "\n--b--\n",
		MIXED BARE("mine") PART("Content-Type: message/rfc822", INNER),
	};
	struct eii_convert_settings settings = settings_of(EII_CONTENT_VERBATIM);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
		struct eii_fields *fields = convert(EII_CONTENT_VERBATIM, mails[i]);
		struct eii_attachment *eml = &fields->attachments[0];

		assert_int_equal(fields->n_attachments, 1);
		check_text(eml->name, "in n\xc3\xa9r.eml");
		check_text(eml->mime_type, "message/rfc822");
		assert_int_equal(eml->fate, EII_ATTACHMENT_KEPT);
		check_text(i == 2 ? eii_text_trim(eml->data) : eml->data, INNER);
		check_text(fields->content, "mine");
		eii_fields_free(fields);
	}
	settings.attach_forwarded = false;
	eii_fields_free(convert(EII_CONTENT_VERBATIM, mails[0]));
	{
		struct eii_fields *fields = convert_with(&settings, mails[0], strlen(mails[0]));

		assert_int_equal(fields->attachments[0].fate, EII_ATTACHMENT_TYPE_NOT_LISTED);
		eii_fields_free(fields);
	}
}

static void test_message__decodes_a_forwarded_message_in_base64(void **state)
{
	struct eii_fields *fields = convert(
		EII_CONTENT_VERBATIM,
		MIXED PART("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64",
			   "U3ViamVjdDogeA0KDQp0ZXh0") END);

	(void)state;
	check_text(fields->attachments[0].data, "Subject: x\r\n\r\ntext");
	check_text(fields->attachments[0].name, "x.eml");
	check_text(fields->content, "text");
	eii_fields_free(fields);
}

static void test_message__safe_content_is_html_without_what_runs(void **state)
{
	struct eii_fields *fields = convert(
		EII_CONTENT_SAFE, HEAD "Content-Type: text/plain\r\n\r\n<script>x</script>\r\n");

	(void)state;
	assert_int_equal(fields->content_kind, EII_CONTENT_HTML);
	assert_null(eii_text_find(fields->content, "<script"));
	assert_non_null(eii_text_find(fields->content, "&lt;script&gt;"));
	eii_fields_free(fields);
	fields = convert(EII_CONTENT_SAFE,
			 MIXED BARE("beside it")
				 PART("Content-Type: text/html", "<p>x<script>y</script></p>") END);
	assert_int_equal(fields->content_kind, EII_CONTENT_HTML);
	assert_null(eii_text_find(fields->content, "script"));
	assert_non_null(eii_text_find(fields->content, "beside it"));
	eii_fields_free(fields);
	fields = convert(EII_CONTENT_SAFE, HEAD "\r\n");
	assert_int_equal(fields->content_kind, EII_CONTENT_EMPTY);
	eii_fields_free(fields);
}

static void test_message__puts_cid_images_into_safe_html(void **state)
{
	struct eii_fields *fields = convert(
		EII_CONTENT_SAFE,
		MIXED PART("Content-Type: text/html", "<img src=\"cid:i@x\">")
			PART("Content-Type: image/gif\r\nContent-ID: <i@x>", "GIF89a1234567") END);

	(void)state;
	assert_non_null(eii_text_find(fields->content, "data:image/gif;base64,"));
	assert_int_equal(fields->attachments[0].fate, EII_ATTACHMENT_INLINE);
	eii_fields_free(fields);
}

/* Many of one piece between a head and a tail. */
static struct eii_fields *convert_many(const char *head, const char *piece, size_t n,
				       const char *tail)
{
	struct eii_convert_settings settings = settings_of(EII_CONTENT_VERBATIM);
	struct eii_fields *fields;
	struct eii_buf mail;

	eii_buf_init(&mail, 64 * 1024 * 1024);
	eii_buf_add_str(&mail, head);
	for (size_t i = 0; i < n; i++)
		eii_buf_add_str(&mail, piece);
	eii_buf_add_str(&mail, tail);
	fields = convert_with(&settings, mail.data, mail.len);
	eii_buf_clear(&mail);
	return fields;
}

static void test_message__stops_at_the_limit_of_attachments(void **state)
{
	(void)state;
	for (size_t n = EII_LIMIT_ATTACHMENTS; n <= EII_LIMIT_ATTACHMENTS + 1; n++) {
		struct eii_fields *fields = convert_many(MIXED, PDF, n, END);
		bool is_over = n > EII_LIMIT_ATTACHMENTS;

		assert_int_equal(fields->n_attachments, n);
		assert_int_equal(fields->attachments[n - 1].fate,
				 is_over ? EII_ATTACHMENT_TOO_MANY : EII_ATTACHMENT_KEPT);
		assert_int_equal(!!(fields->defects & EII_DEFECT_TOO_MANY_ATTACHMENTS), is_over);
		eii_fields_free(fields);
	}
}

static void test_message__stops_at_the_limit_of_parts(void **state)
{
	(void)state;
	for (size_t n = EII_LIMIT_PARTS; n <= EII_LIMIT_PARTS + 1; n++) {
		struct eii_fields *fields = convert_many(MIXED, BARE("x"), n, END);

		assert_int_equal(!!(fields->defects & EII_DEFECT_TOO_MANY_PARTS),
				 n > EII_LIMIT_PARTS);
		assert_int_equal(fields->content.len, EII_LIMIT_PARTS);
		eii_fields_free(fields);
	}
}

static void test_message__stops_at_a_depth(void **state)
{
	(void)state;
	for (size_t n = EII_LIMIT_DEPTH - 2; n <= EII_LIMIT_DEPTH + 1; n++) {
		struct eii_fields *fields = convert_many(
			HEAD, "Content-Type: message/rfc822\r\n\r\n", n, "\r\nthe bottom");
		bool is_too_deep = fields->defects & EII_DEFECT_TOO_DEEP;

		CHECK(is_too_deep == (n > EII_LIMIT_DEPTH - 1), "%zu", n);
		if (!is_too_deep)
			check_text(fields->content, "the bottom");
		eii_fields_free(fields);
	}
}

static void test_message__cuts_headers_at_their_limit(void **state)
{
	struct eii_fields *fields =
		convert_many("From: a@b.example\r\nTo: ", "g:", 200000,
			     "\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" PDF END);

	(void)state;
	assert_true(fields->defects & EII_DEFECT_HEADER_TOO_LONG);
	assert_int_equal(fields->n_attachments, 1);
	eii_fields_free(fields);
	fields = convert_many("", "X-Filler: 0123456789012345678901234567890123456789\r\n", 250000,
			      HEAD "\r\nbody");
	assert_true(fields->defects & EII_DEFECT_HEADERS_TOO_LONG);
	check_text(fields->content, "body");
	eii_fields_free(fields);
}

static void check_wire(const struct eii_fields *fields, size_t mail_bytes)
{
	struct eii_count_sink sink;
	struct eii_error err;

	eii_count_sink_init(&sink);
	CHECK(!eii_wire_answer_write(1, fields, eii_wire_answer_max_bytes(mail_bytes), &sink.base,
				     &err),
	      "%s", err.text);
}

static void test_message__answers_within_the_wire(void **state)
{
	/* Content that uses up its share, and 9,000 names whose letters take three bytes each. */
	struct eii_convert_settings settings = settings_of(EII_CONTENT_SAFE);
	struct eii_fields *fields;
	struct eii_buf mail;

	(void)state;
	eii_buf_init(&mail, 8 * 1024 * 1024);
	eii_buf_add_str(&mail, MIXED "--b\r\n\r\n");
	for (size_t i = 0; i < 1000000; i++)
		eii_buf_add_char(&mail, '\t');
	eii_buf_add_str(&mail, "x\r\n");
	for (size_t i = 0; i < 9000; i++)
		eii_buf_add_str(
			&mail,
			"--b\r\nContent-Type: application/pdf; name*=windows-1252''"
			"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
			"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
			"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
			"\r\n\r\nx\r\n");
	eii_buf_add_str(&mail, END);
	fields = convert_with(&settings, mail.data, mail.len);
	assert_int_equal(fields->n_attachments, 9000);
	assert_int_equal(fields->attachments[8999].name.len, 51 * 3);
	assert_true(fields->defects & EII_DEFECT_CONTENT_CUT);
	check_wire(fields, mail.len);
	eii_fields_free(fields);
	eii_buf_clear(&mail);
}

static void test_message__makes_three_bytes_of_one_without_a_cut(void **state)
{
	struct eii_fields *fields = convert_many(
		HEAD "Content-Type: text/html; charset=iso-8859-1\r\n\r\n", "\x80", 2000000, "");

	(void)state;
	assert_int_equal(fields->content.len, 6000000);
	assert_int_equal(fields->defects, 0);
	check_wire(fields, 2000000);
	eii_fields_free(fields);
}

static void test_message__cuts_content_at_a_character(void **state)
{
	/* In safe mode a tab may become many bytes: beyond any budget. */
	struct eii_convert_settings settings = settings_of(EII_CONTENT_SAFE);
	struct eii_fields *fields;
	struct eii_buf mail;

	(void)state;
	eii_buf_init(&mail, 4 * 1024 * 1024);
	eii_buf_add_str(&mail, HEAD "Content-Type: text/plain; charset=utf-8\r\n\r\n");
	for (size_t i = 0; i < 1000000; i++)
		eii_buf_add_str(&mail, "\t");
	fields = convert_with(&settings, mail.data, mail.len);
	assert_true(fields->defects & EII_DEFECT_CONTENT_CUT);
	assert_true(fields->content.len <= eii_wire_answer_max_bytes(mail.len));
	assert_true(fields->content.len > mail.len);
	assert_true(eii_utf8_is_valid(fields->content));
	eii_fields_free(fields);
	eii_buf_clear(&mail);
}

static void test_message__cuts_content_at_what_a_message_carries(void **state)
{
	static const char mail[] = HEAD "\r\n0123456789";

	(void)state;
	for (uint32_t max = 9; max <= 10; max++) {
		struct eii_convert_settings settings = settings_of(EII_CONTENT_VERBATIM);
		struct eii_fields *fields;

		settings.max_content_bytes = max;
		fields = convert_with(&settings, mail, sizeof(mail) - 1);
		assert_int_equal(fields->content.len, max);
		assert_int_equal(!!(fields->defects & EII_DEFECT_CONTENT_CUT), max == 9);
		eii_fields_free(fields);
	}
}

static void test_message__survives_whatever_begins_a_mail(void **state)
{
	static const char *const mails[] = {
		"",
		"\r\n",
		"\n\n\n",
		"   \n",
		"\x01\x02",
		"Content-Type: multipart/mixed; boundary=b",
		"Content-Type: multipart/mixed; boundary=b\n\n--b",
		"Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\nx\n----\n",
		"Content-Type: multipart/mixed\n\n--\n\nx\n",
		"Content-Type: message/rfc822\n\n",
		"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n",
		"Content-Type: text/plain; charset=\"\n\nx",
		"Content-Type: multipart/digest; boundary=b\n\n--b\n\n--b\n\n\n--b--",
		("Content-Type: multipart/mixed; boundary=b\n"
		 "Content-Type: text/html\n\n--b\n\nx\n--b--"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
		eii_fields_free(convert(EII_CONTENT_VERBATIM, mails[i]));
		eii_fields_free(convert(EII_CONTENT_SAFE, mails[i]));
	}
	{
		struct eii_convert_settings settings = settings_of(EII_CONTENT_VERBATIM);
		struct eii_fields *fields =
			convert_with(&settings, "Subject: a\0b\r\n\r\nc\0d", 19);

		check_text(fields->subject, "a\xef\xbf\xbd"
					    "b");
		check_text(fields->content, "c\xef\xbf\xbd"
					    "d");
		eii_fields_free(fields);
	}
}

static void test_message__all_charsets_are_held(void **state)
{
	(void)state;
	assert_int_equal(eii_message_missing_charsets(), 0);
}

static int prepare(void **state)
{
	(void)state;
	eii_message_prepare();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message__chooses_the_body),
		cmocka_unit_test(test_message__lists_every_attachment_with_its_fate),
		cmocka_unit_test(test_message__keeps_a_file_up_to_its_limit),
		cmocka_unit_test(test_message__keeps_a_forwarded_message_as_it_stands),
		cmocka_unit_test(test_message__decodes_a_forwarded_message_in_base64),
		cmocka_unit_test(test_message__safe_content_is_html_without_what_runs),
		cmocka_unit_test(test_message__puts_cid_images_into_safe_html),
		cmocka_unit_test(test_message__stops_at_the_limit_of_attachments),
		cmocka_unit_test(test_message__stops_at_the_limit_of_parts),
		cmocka_unit_test(test_message__stops_at_a_depth),
		cmocka_unit_test(test_message__cuts_headers_at_their_limit),
		cmocka_unit_test(test_message__answers_within_the_wire),
		cmocka_unit_test(test_message__makes_three_bytes_of_one_without_a_cut),
		cmocka_unit_test(test_message__cuts_content_at_a_character),
		cmocka_unit_test(test_message__cuts_content_at_what_a_message_carries),
		cmocka_unit_test(test_message__survives_whatever_begins_a_mail),
		cmocka_unit_test(test_message__all_charsets_are_held),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
