/* SPDX-License-Identifier: Apache-2.0 */
/* Words of multiparts that break the rules, and of bodies whose encoding is not clear. */
#include "eii/mail/message.h"
#include "eii/mail/scan.h"

#include "eii/fields/limits.h"

#include "support.h"

#define HEAD  "From: a@b.example\r\nSubject: s\r\nDate: Tue, 03 Mar 2026 10:20:30 +0100\r\n"
#define MIXED HEAD "Content-Type: multipart/mixed; boundary=b\r\n"
#define WORDS "--b\r\n\r\nwords\r\n"
#define IMAGE                                                                                      \
	"--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n"              \
	"iVBORw0KGgo=\r\n"
#define LIST           "<hr><p><b>Addresses in this mail that are not links above</b></p><ul>"
#define OTHER(address) LIST "<li>other part: " address "</li></ul>"
/* <a href="http://x/">y</a> */
#define PAGE_BASE64                                                                                \
	"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"                     \
	"PGEgaHJlZj0iaHR0cDovL3gvIj55PC9hPg==\r\n"
#define PAGE "<a href=\"http://x/\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">y</a>"

static struct eii_fields *convert(enum eii_content_mode content, const char *mail)
{
	const struct eii_convert_settings settings = { .content = content };
	struct eii_fields *fields = NULL;
	struct eii_error err;

	assert_int_equal(eii_message_read(mail, strlen(mail), &settings, &fields, &err), EII_OK);
	return fields;
}

struct row {
	const char *mail;
	const char *content;
};

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct eii_fields *fields = convert(EII_CONTENT_SAFE, rows[i].mail);

		CHECK(eii_text_equal(fields->content, eii_text_of(rows[i].content)),
		      "'%.*s' is not '%s' of row %zu: %s", EII_TEXT_ARGS(fields->content),
		      rows[i].content, i, rows[i].mail);
		eii_fields_free(fields);
	}
}

/* Whatever stands there, and whether it is shown: it is no file of the mail. */
static void test_divide__what_stands_beside_parts_is_no_attachment(void **state)
{
	static const char *const mails[] = {
		MIXED "\r\nThis is a message in MIME format.\r\n" WORDS "--b--\r\n",
		MIXED "\r\nfor you http://x/1\r\n" WORDS "--b--\r\nmore http://x/2\r\n",
		MIXED "\r\nfor you\r\n--b--\r\n",
		MIXED "\r\n" WORDS "--b--\r\n<html><p>y</html>\r\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
		struct eii_fields *fields = convert(EII_CONTENT_SAFE, mails[i]);

		CHECK(fields->n_attachments == 0, "row %zu: %zu", i, fields->n_attachments);
		eii_fields_free(fields);
	}
}

static void test_divide__what_stands_beside_parts_is_not_lost(void **state)
{
	static const struct row rows[] = {
		/* Its addresses, where parts have words. */
		{ MIXED "\r\nfor you http://x/1\r\n" WORDS "--b--\r\n",
		  "words" OTHER("http://x/1") },
		{ MIXED "\r\n" WORDS "--b--\r\nmore http://x/2\r\n", "words" OTHER("http://x/2") },
		{ MIXED "\r\n" WORDS "--b--\r\n<html><a href='http://x/?a&amp;b'>y</a></html>\r\n",
		  "words" OTHER("http://x/?a&amp;b") },
		{ MIXED "\r\nThis is a multi-part message in MIME format.\r\n" WORDS "--b--\r\n",
		  "words" },
		/* Its words, where no part has any. */
		{ MIXED "\r\nfor you\r\n" IMAGE "--b--\r\n", "for you" },
		{ MIXED "\r\n" IMAGE "--b--\r\nbehind it\r\n", "behind it<br>" },
		{ MIXED "\r\nThis is a multi-part message in MIME format.\r\n" IMAGE "--b--\r\n",
		  "" },
		{ MIXED "\r\nThis is MIME, see http://x/3\r\n" IMAGE "--b--\r\n",
		  "This is MIME, see http://x/3" },
		/* Of an inner multipart up to the next delimiter of the outer one. */
		{ MIXED
		  "\r\n--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\none\r\n"
		  "--c--\r\nhttp://x/4\r\n" WORDS "--b--\r\n",
		  "one<br>\nwords" OTHER("http://x/4") },
		/* Parts that other programs read behind the end. */
		{ MIXED "\r\n" WORDS "--b--\r\n--b\r\n" PAGE_BASE64 "--b--\r\n",
		  "words<br>\n" PAGE },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void test_divide__reads_parts_between_delimiters_of_another_name(void **state)
{
	static const struct row rows[] = {
		{ MIXED "\r\n--c\r\n" PAGE_BASE64 "--c--\r\n", PAGE },
		{ HEAD "Content-Type: multipart/mixed\r\n\r\n--c\r\n" PAGE_BASE64 "--c--\r\n",
		  PAGE },
		{ HEAD "Content-Type: multipart/mixed; boundary=B\r\n\r\n--b\r\n" PAGE_BASE64
		       "--b--\r\n",
		  PAGE },
		/* Beside a part that is read anyhow. */
		{ MIXED
		  "\r\n" WORDS
		  "--b\r\nContent-Type: multipart/mixed; boundary=d\r\n\r\n--c\r\n" PAGE_BASE64
		  "--c--\r\n--b--\r\n",
		  "words<br>\n" PAGE },
		/* No part stands behind it: as it stands. */
		{ MIXED "\r\n--c\r\nwords\r\n", "--c<br>words<br>" },
		{ MIXED "\r\n" WORDS
			"--b\r\nContent-Type: multipart/mixed; boundary=d\r\n\r\n--c\r\n"
			"http://x/5\r\n--b--\r\n",
		  "words" OTHER("http://x/5") },
	};
	struct eii_fields *fields;

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
	fields = convert(EII_CONTENT_VERBATIM, rows[0].mail);
	assert_null(memmem(fields->content.data, fields->content.len, "<a", 2));
	eii_fields_free(fields);
}

static void test_divide__decodes_a_multipart(void **state)
{
	/* "--b\r\n\r\nwords\r\n--b--\r\n" */
	static const char in_base64[] = "LS1iDQoNCndvcmRzDQotLWItLQ0K\r\n";
	struct row rows[] = { { NULL, "words" }, { NULL, "words" } };
	char whole[512];
	char inner[512];

	(void)state;
	(void)snprintf(whole, sizeof(whole), MIXED "Content-Transfer-Encoding: base64\r\n\r\n%s",
		       in_base64);
	(void)snprintf(inner, sizeof(inner),
		       HEAD "Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n"
			    "Content-Type: multipart/mixed; boundary=b\r\n"
			    "Content-Transfer-Encoding: base64\r\n\r\n%s--c--\r\n",
		       in_base64);
	rows[0].mail = whole;
	rows[1].mail = inner;
	check_rows(rows, ARRAY_LEN(rows));
}

static void test_divide__lines_may_end_in_cr_alone(void **state)
{
	static const struct row rows[] = {
		{ "Subject: s\rContent-Type: text/html\r\r<b>x</b>", "<b>x</b>" },
		{ "Subject: s\rContent-Type: multipart/mixed; boundary=b\r\r--b\r\rwords\r--b--\r",
		  "words" },
		/* Only the body of one part. */
		{ MIXED "\r\n--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
			"--c\r\rwords\r--c--\r\r\n--b--\r\n",
		  "words" },
	};
	struct eii_fields *fields;
	struct eii_buf untouched;

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
	fields = convert(EII_CONTENT_VERBATIM, rows[0].mail);
	assert_true(eii_text_equal(fields->subject, eii_text_of("s")));
	eii_fields_free(fields);
	assert_int_equal(eii_header_scan(rows[0].mail, strlen(rows[0].mail), &fields), EII_OK);
	assert_true(eii_text_equal(fields->subject, eii_text_of("s")));
	eii_fields_free(fields);
	assert_false(eii_bare_cr(eii_text_of("a\rb\n"), &untouched));
	assert_false(eii_bare_cr(eii_text_of("a"), &untouched));
}

static void test_divide__an_encoding_that_is_not_clear_is_judged_by_the_bytes(void **state)
{
	static const struct row rows[] = {
		{ HEAD "Content-Transfer-Encoding: 7bit, base64\r\n\r\nc29tZSB3b3JkcyBoZXJl\r\n",
		  "some words here" },
		{ HEAD "Content-Transfer-Encoding: base64, 7bit\r\n\r\nplain words and more\r\n",
		  "plain words and more<br>" },
		{ HEAD
		  "Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n\r\n"
		  "c29tZSB3b3JkcyBoZXJl\r\n",
		  "some words here" },
		{ HEAD
		  "Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
		  "plain words and more\r\n",
		  "plain words and more<br>" },
		{ HEAD "Content-Transfer-Encoding: base-64\r\n\r\nc29tZSB3b3JkcyBoZXJl\r\n",
		  "some words here" },
		{ HEAD "Content-Transfer-Encoding: x-qp\r\n\r\na=3Db\r\n", "a=b<br>" },
		/* What is clear stays as it is. */
		{ HEAD "Content-Transfer-Encoding: 7bit\r\n\r\nc29tZSB3b3JkcyBoZXJl\r\n",
		  "c29tZSB3b3JkcyBoZXJl<br>" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void test_divide__ends_at_its_depth(void **state)
{
	struct eii_fields *fields;
	struct eii_buf mail;

	(void)state;
	eii_buf_init(&mail, 1 << 20);
	eii_buf_add_str(&mail, HEAD);
	/* Each names a boundary that is not there, and holds the next. */
	for (size_t i = 0; i < 2000; i++)
		eii_buf_addf(&mail, "Content-Type: multipart/mixed; boundary=no\r\n\r\n--c%zu\r\n",
			     i);
	eii_buf_add_str(&mail, "Content-Type: text/plain\r\n\r\nwords\r\n");
	fields = convert(EII_CONTENT_SAFE, mail.data);
	assert_non_null(memmem(fields->content.data, fields->content.len, "words", 5));
	eii_fields_free(fields);
	eii_buf_clear(&mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_divide__what_stands_beside_parts_is_no_attachment),
		cmocka_unit_test(test_divide__what_stands_beside_parts_is_not_lost),
		cmocka_unit_test(test_divide__reads_parts_between_delimiters_of_another_name),
		cmocka_unit_test(test_divide__decodes_a_multipart),
		cmocka_unit_test(test_divide__lines_may_end_in_cr_alone),
		cmocka_unit_test(test_divide__an_encoding_that_is_not_clear_is_judged_by_the_bytes),
		cmocka_unit_test(test_divide__ends_at_its_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
