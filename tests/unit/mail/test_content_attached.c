/* SPDX-License-Identifier: Apache-2.0 */
/* Text that is declared as an attachment, where nothing else in a mail speaks. */
#include "eii/mail/message.h"

#include "support.h"

#define HEAD  "From: a@b.example\r\nSubject: s\r\nDate: Tue, 03 Mar 2026 10:20:30 +0100\r\n"
#define MIXED "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define FILED "Content-Disposition: attachment; filename="
#define TEXT  "--b\r\nContent-Type: text/plain\r\n" FILED "a.txt\r\n\r\n"
#define PAGE  "--b\r\nContent-Type: text/html\r\n" FILED "a.html\r\n\r\n"
#define PDF   "--b\r\nContent-Type: application/pdf\r\n" FILED "a.pdf\r\n\r\n%PDF-1.4\r\n"

static struct eii_fields *convert(enum eii_content_mode content, const char *mail)
{
	static const struct eii_text types[] = { { "text/plain", 10 } };
	const struct eii_convert_settings settings = {
		.content = content, .types = types, .n_types = 1, .max_file_bytes = 1000
	};
	struct eii_fields *fields = NULL;

	assert_int_equal(eii_message_read(mail, strlen(mail), &settings, &fields, NULL), EII_OK);
	return fields;
}

struct row {
	const char *mail;
	const char *content;
};

static void check_rows(enum eii_content_mode content, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct eii_fields *fields = convert(content, rows[i].mail);

		CHECK(eii_text_equal(fields->content, eii_text_of(rows[i].content)),
		      "row %zu gave '%.*s'", i, EII_TEXT_ARGS(fields->content));
		CHECK(!(fields->defects & (uint32_t)EII_DEFECT_NO_WORDS) || !rows[i].content[0],
		      "row %zu has words and says that it has none", i);
		eii_fields_free(fields);
	}
}

static void test_attached__is_shown_where_nothing_else_speaks(void **state)
{
	static const struct row rows[] = {
		{ HEAD "Content-Disposition: attachment\r\n\r\nwords", "words" },
		{ HEAD "Content-Type: text/html\r\n" FILED "a.html\r\n\r\n<p>words",
		  "<p>words</p>" },
		{ HEAD MIXED PDF TEXT "words\r\n--b--\r\n", "words" },
		{ HEAD MIXED PAGE "<p>words\r\n" PDF "--b--\r\n", "<p>words</p>" },
		/* Signs are no words, and stay. */
		{ HEAD MIXED "--b\r\n\r\n-- \r\n" TEXT "words\r\n--b--\r\n",
		  "--&nbsp;<br>\nwords" },
		{ HEAD MIXED "--b\r\nContent-Type: text/html\r\n\r\n<p>&nbsp;\r\n" TEXT
			     "words\r\n--b--\r\n",
		  "<p>\xc2\xa0</p><br>\nwords" },
		/* By the rules of bodies: all of them, but of alternatives the HTML. */
		{ HEAD MIXED TEXT "one\r\n" TEXT "two\r\n--b--\r\n", "one<br>\ntwo" },
		{ HEAD "Content-Type: multipart/alternative; boundary=b\r\n\r\n" TEXT
		       "plain\r\n" PAGE "<p>a page that says it all\r\n--b--\r\n",
		  "<p>a page that says it all</p>" },
		/* Other text, the first of it that has words. */
		{ HEAD MIXED "--b\r\nContent-Type: text/csv\r\n" FILED "a.csv\r\n\r\n;;\r\n"
			     "--b\r\nContent-Type: application/octet-stream\r\n" FILED
			     "b.txt\r\n\r\nwords\r\n"
			     "--b\r\nContent-Type: text/csv\r\n" FILED "c.csv\r\n\r\nmore\r\n--b--",
		  "words" },
		/* Of a message inside likewise. */
		{ HEAD MIXED
		  "--b\r\n\r\nlook\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
		  "Subject: i\r\nContent-Disposition: attachment\r\n\r\nwords\r\n--b--\r\n",
		  "look<hr><p><b>Subject:</b> i</p><blockquote>words</blockquote>" },
	};

	(void)state;
	check_rows(EII_CONTENT_SAFE, rows, ARRAY_LEN(rows));
}

static void test_attached__is_no_content_otherwise(void **state)
{
	static const struct row safe[] = {
		{ HEAD MIXED "--b\r\n\r\n0\r\n" TEXT "words\r\n--b--\r\n", "0" },
		{ HEAD MIXED TEXT "words\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
				  "Subject: i\r\n\r\ninner\r\n--b--\r\n",
		  "<hr><p><b>Subject:</b> i</p><blockquote>inner</blockquote>" },
		{ HEAD FILED "a.txt\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n", "" },
	};
	static const struct row verbatim[] = {
		{ HEAD "Content-Disposition: attachment\r\n\r\nwords", "" },
		{ HEAD MIXED PAGE "<p>words\r\n" PDF "--b--\r\n", "" },
	};

	(void)state;
	check_rows(EII_CONTENT_SAFE, safe, ARRAY_LEN(safe));
	check_rows(EII_CONTENT_VERBATIM, verbatim, ARRAY_LEN(verbatim));
}

/* What is shown stays a file, with its bytes where its type is listed. */
static void test_attached__stays_a_file(void **state)
{
	struct eii_fields *fields =
		convert(EII_CONTENT_SAFE, HEAD MIXED TEXT "words\r\n" PAGE "<p>more\r\n--b--\r\n");

	(void)state;
	assert_int_equal(fields->n_attachments, 2);
	assert_int_equal(fields->attachments[0].fate, EII_ATTACHMENT_KEPT);
	assert_true(eii_text_equal(fields->attachments[0].data, eii_text_of("words")));
	assert_int_equal(fields->attachments[1].fate, EII_ATTACHMENT_TYPE_NOT_LISTED);
	eii_fields_free(fields);
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
		cmocka_unit_test(test_attached__is_shown_where_nothing_else_speaks),
		cmocka_unit_test(test_attached__is_no_content_otherwise),
		cmocka_unit_test(test_attached__stays_a_file),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
