/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/message.h"

#include "support.h"

#define HEAD "From: a@b.example\r\nSubject: s\r\nDate: Tue, 03 Mar 2026 10:20:30 +0100\r\n"

static struct eii_fields *convert(enum eii_content_mode content, const char *mail)
{
	const struct eii_convert_settings settings = { .content = content };
	struct eii_fields *fields = NULL;
	struct eii_error err;

	assert_int_equal(eii_message_read(mail, strlen(mail), &settings, &fields, &err), EII_OK);
	return fields;
}

static void check_text(struct eii_text got, const char *wanted)
{
	CHECK(eii_text_equal(got, eii_text_of(wanted)), "'%.*s' is not '%s'", EII_TEXT_ARGS(got),
	      wanted);
}

#define ALTERNATIVE                                                                                \
	HEAD "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nwords in plain "   \
	     "text "                                                                               \
	     "http://t.example/\r\n--b\r\nContent-Type: text/html\r\n\r\n"
#define LIST "<hr><p><b>Addresses in this mail that are not links above</b></p><ul>"

static void test_content__shows_the_text_of_html_without_words(void **state)
{
	static const struct {
		const char *mail;
		bool shows_text;
	} cases[] = {
		{ ALTERNATIVE "<p>&nbsp;</p>\r\n--b--\r\n", true },
		{ ALTERNATIVE "<p>1234567890123456789</p>\r\n--b--\r\n", true },
		{ ALTERNATIVE "<p>12345678901234567890</p>\r\n--b--\r\n", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_fields *fields = convert(EII_CONTENT_SAFE, cases[i].mail);
		const bool has_text = memmem(fields->content.data, fields->content.len,
					     "words in plain text", 19) != NULL;

		CHECK(has_text == cases[i].shows_text, "case %zu: %.*s", i,
		      EII_TEXT_ARGS(fields->content));
		eii_fields_free(fields);
		fields = convert(EII_CONTENT_VERBATIM, cases[i].mail);
		assert_int_equal(fields->n_addresses, 0);
		assert_null(memmem(fields->content.data, fields->content.len, "words", 5));
		eii_fields_free(fields);
	}
}

static void test_content__lists_addresses_of_what_is_not_shown(void **state)
{
	struct eii_fields *fields =
		convert(EII_CONTENT_SAFE, ALTERNATIVE "<p>12345678901234567890</p>\r\n--b--\r\n");

	(void)state;
	check_text(fields->content, "<p>12345678901234567890</p>" LIST
				    "<li>other part: http://t.example/</li></ul>");
	assert_int_equal(fields->n_addresses, 1);
	eii_fields_free(fields);
}

/* Its lines go on, its texts have escapes, and it may have a name. */
static void test_content__reads_the_addresses_of_a_calendar(void **state)
{
	struct eii_fields *fields =
		convert(EII_CONTENT_SAFE, ALTERNATIVE
			"<p>12345678901234567890</p>\r\n--b\r\n"
			"Content-Type: text/calendar; name=i.ics\r\n\r\n"
			"URL:https://c.example/a\r\n b?\r\n\tc\\,d\\;e\\nsee http://d.example/\r\n"
			"X:https://e.example/\r\nY\r\n--b--\r\n");

	(void)state;
	check_text(fields->content,
		   "<p>12345678901234567890</p>" LIST "<li>other part: http://t.example/</li>"
		   "<li>other part: https://c.example/ab?c,d;e</li>"
		   "<li>other part: http://d.example/</li>"
		   "<li>other part: https://e.example/</li></ul>");
	eii_fields_free(fields);
}

#define TABS 200000 /* written, each is eight blanks that do not collapse */

static void test_content__lists_addresses_of_what_was_cut(void **state)
{
	static const char begin[] =
		HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n";
	static const char end[] = "x http://t.example/1\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
				  "http://t.example/2\r\n--b--\r\n";
	struct eii_fields *fields;
	struct eii_buf mail;

	(void)state;
	eii_buf_init(&mail, TABS * 2);
	eii_buf_add_str(&mail, begin);
	for (size_t i = 0; i < TABS; i++)
		eii_buf_add_char(&mail, '\t');
	eii_buf_add_str(&mail, end);
	fields = convert(EII_CONTENT_SAFE, mail.data);
	assert_true(fields->defects & (uint32_t)EII_DEFECT_CONTENT_CUT);
	assert_int_equal(fields->n_addresses, 2);
	assert_non_null(memmem(fields->content.data, fields->content.len,
			       "<li>other part: http://t.example/1</li>"
			       "<li>other part: http://t.example/2</li>",
			       78));
	eii_fields_free(fields);
	eii_buf_clear(&mail);
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
		cmocka_unit_test(test_content__shows_the_text_of_html_without_words),
		cmocka_unit_test(test_content__lists_addresses_of_what_is_not_shown),
		cmocka_unit_test(test_content__reads_the_addresses_of_a_calendar),
		cmocka_unit_test(test_content__lists_addresses_of_what_was_cut),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
