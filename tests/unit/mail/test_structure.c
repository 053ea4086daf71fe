/* SPDX-License-Identifier: Apache-2.0 */
/* What a mail is cut into; the words of its parts, and its files. */
#include "eii/mail/message.h"

#include "support.h"

#include "eii/fields/limits.h"

#define HEAD  "From: a@b.example\r\nSubject: s\r\nDate: Tue, 03 Mar 2026 10:20:30 +0100\r\n"
#define MIXED HEAD "Content-Type: multipart/mixed; boundary=b\r\n"
#define ONE   "--b\r\nContent-Type: text/plain\r\n\r\none "
#define END   "\r\n--b--\r\n"

static const struct eii_text pdf_only[] = { { "application/pdf", 15 } };

static struct eii_fields *convert(const char *mail, size_t len)
{
	const struct eii_convert_settings settings = {
		.content = EII_CONTENT_VERBATIM,
		.attach_forwarded = true,
		.max_file_bytes = 1024 * 1024,
		.types = pdf_only,
		.n_types = ARRAY_LEN(pdf_only),
	};
	struct eii_fields *fields = NULL;
	struct eii_error err;

	assert_int_equal(eii_message_read(mail, len, &settings, &fields, &err), EII_OK);
	return fields;
}

static void check_text(struct eii_text got, const char *wanted, const char *of)
{
	CHECK(eii_text_equal(got, eii_text_of(wanted)), "'%.*s' is not '%s' of '%s'",
	      EII_TEXT_ARGS(got), wanted, of);
}

static void test_structure__loses_no_words_where_no_blank_line_ends_a_header(void **state)
{
	static const struct {
		const char *mail;
		const char *content;
	} cases[] = {
		{ MIXED "\r\n" ONE "\r\n--b\r\nContent-Type: text/plain\r\ntwo\r\na: b" END,
		  "one two\r\na: b" },
		{ MIXED "\n" ONE "\n--b\nContent-Type: text/plain\ntwo\n--b--\n", "one two" },
		{ MIXED "\r\n--b\r\ntwo\r\nthree" END, "two\r\nthree" },
		{ MIXED "\r\n--b\r\nContent-Type: text/html\r\n<p>x</p>" END, "<p>x</p>" },
		{ MIXED "\r\n--b\r\nContent-Type: text/plain\r\n \r\ntwo" END, "two" },
		/* The first part right behind the header of its multipart. */
		{ MIXED ONE "\r\n--b\r\n\r\ntwo" END, "one two" },
		{ MIXED "\r\n--b\r\nContent-Type: multipart/mixed; boundary=c\r\n--c\r\n"
			"Content-Type: text/plain\r\n\r\none \r\n--c\r\n\r\ntwo\r\n--c--" END,
		  "one two" },
		{ HEAD "Content-Type: multipart/mixed; boundary=\"a:b\"\r\n--a:b\r\n\r\none\r\n"
		       "--a:b--\r\n",
		  "one" },
		/* A mail itself. */
		{ HEAD "Content-Type: text/plain\r\nsome words\r\na: b\r\n",
		  "some words\r\na: b\r\n" },
		{ HEAD "https://a.example/\r\nwords", "https://a.example/\r\nwords" },
		/* Lines between fields that mails have. */
		{ HEAD "junk here\r\nContent-Type: text/html\r\n\r\n<p>x</p>", "<p>x</p>" },
		{ MIXED "\r\n--b\r\nContent-Type: text/plain\r\njunk here\r\n"
			"Content-Transfer-Encoding: base64\r\n\r\neA==" END,
		  "x" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_fields *fields = convert(cases[i].mail, strlen(cases[i].mail));

		check_text(fields->content, cases[i].content, cases[i].mail);
		check_text(fields->subject, "s", cases[i].mail);
		eii_fields_free(fields);
	}
}

#define FILE_HEAD                                                                                  \
	"--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: "          \
	"base64\r\n"

static void test_structure__loses_no_file_where_no_blank_line_ends_a_header(void **state)
{
	static const char *const mails[] = {
		MIXED "\r\n" FILE_HEAD "\r\nQUJD" END,
		MIXED "\r\n" FILE_HEAD "QUJD" END,
		MIXED FILE_HEAD "QUJD\r\n",
		MIXED FILE_HEAD "QU\r\nJD" END "words behind the end\r\n--b\r\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
		struct eii_fields *fields = convert(mails[i], strlen(mails[i]));

		CHECK(fields->n_attachments == 1, "case %zu", i);
		check_text(fields->attachments[0].data, "ABC", mails[i]);
		eii_fields_free(fields);
	}
}

static void test_structure__keeps_a_message_that_begins_oddly(void **state)
{
	static const struct {
		const char *header;
		const char *message;
	} cases[] = {
		{ "\r\n", "Subject: x\r\n\r\nwords" },
		{ "\r\n", "\r\nwords" },
		{ "\r\n", "\r\nSubject: x\r\n\r\nwords" },
		{ "\r\n", "  \r\nSubject: x\r\n\r\nwords" },
		{ "\r\n", "words\r\nand more" },
		{ "\r\n", "Subject: x\r\nwords" },
		{ "\r\n", ">From here\r\non" },
		{ "Content-Transfer-Encoding: base64\r\n\r\n", "Subject: x\r\n\r\nno base64" },
		{ "", "words without a header" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_fields *fields;
		struct eii_buf mail;

		eii_buf_init(&mail, 4096);
		eii_buf_addf(&mail,
			     MIXED "\r\n" ONE "\r\n--b\r\nContent-Type: message/rfc822\r\n%s%s" END,
			     cases[i].header, cases[i].message);
		fields = convert(mail.data, mail.len);
		CHECK(fields->n_attachments == 1, "case %zu", i);
		check_text(fields->attachments[0].data, cases[i].message, mail.data);
		check_text(fields->content, "one ", mail.data);
		eii_fields_free(fields);
		eii_buf_clear(&mail);
	}
}

static void test_structure__finds_a_boundary_in_every_form(void **state)
{
	static const char *const mails[] = {
		HEAD "Content-Type: multipart/mixed; boundary*0=a; boundary*1=b\r\n\r\n"
		     "--ab\r\n\r\nwords\r\n--ab--",
		HEAD "Content-Type: multipart/mixed; boundary=\"a  \"\r\n\r\n--a "
		     "\t\r\n\r\nwords\r\n--a--",
		HEAD
		"Content-Type: multipart/mixed; boundary=\"--\"\r\n\r\n----\r\n\r\nwords\r\n------",
		HEAD "Content-Type: multipart/mixed; "
		     "boundary=a\r\n\r\n--ab\r\n--a\r\n--a\r\n\r\nwords\r\n"
		     "--a--",
		HEAD "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a--\r\nwords",
		HEAD "Content-Type: multipart/mixed; boundary=a\r\n\r\nwords",
		HEAD "Content-Type: multipart/mixed; boundary=\"\"\r\n\r\nwords",
		HEAD "Content-Type: multipart/mixed\r\n\r\nwords",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
		struct eii_fields *fields = convert(mails[i], strlen(mails[i]));

		check_text(fields->content, "words", mails[i]);
		eii_fields_free(fields);
	}
}

/* Lines that are compared with every boundary around: 40,000 with 1,000 are the most. */
static void test_structure__ends_the_search_for_delimiters(void **state)
{
	static const size_t n_open = 800;
	struct eii_fields *fields;
	struct eii_buf mail;

	(void)state;
	for (size_t over = 0; over <= 1; over++) {
		eii_buf_init(&mail, 64 * 1024 * 1024);
		eii_buf_add_str(&mail, HEAD);
		for (size_t i = 0; i < n_open; i++)
			eii_buf_addf(&mail,
				     "Content-Type: multipart/mixed; boundary=b%zu\r\n--b%zu\r\n",
				     i, i);
		for (size_t i = 0; i < (over ? 50000 : 49000); i++)
			eii_buf_add_str(&mail, "--\r\n");
		eii_buf_add_str(&mail, "--b0\r\n\r\nthe end");
		fields = convert(mail.data, mail.len);
		assert_int_equal(!!(fields->defects & (uint32_t)EII_DEFECT_TOO_MANY_PARTS), over);
		eii_fields_free(fields);
		eii_buf_clear(&mail);
	}
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
		cmocka_unit_test(test_structure__loses_no_words_where_no_blank_line_ends_a_header),
		cmocka_unit_test(test_structure__loses_no_file_where_no_blank_line_ends_a_header),
		cmocka_unit_test(test_structure__keeps_a_message_that_begins_oddly),
		cmocka_unit_test(test_structure__finds_a_boundary_in_every_form),
		cmocka_unit_test(test_structure__ends_the_search_for_delimiters),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
