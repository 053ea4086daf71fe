/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/message.h"

#include "eii/base/alloc.h"

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
/* Zero-width space and non-joiner, figure space, grapheme joiner, as spacers of preheaders. */
#define NOTHING "&#8203;&zwnj;&#8199;&#847;&#8203;&zwnj;&#8199;&#847;"
#define LIST    "<hr><p><b>Addresses in this mail that are not links above</b></p><ul>"

static void test_content__shows_the_text_of_html_without_words(void **state)
{
	static const struct {
		const char *mail;
		bool shows_text;
	} cases[] = {
		{ ALTERNATIVE "<p>&nbsp;</p>\r\n--b--\r\n", true },
		{ ALTERNATIVE "<p>1234567890123456789</p>\r\n--b--\r\n", true },
		{ ALTERNATIVE "<p>12345678901234567890</p>\r\n--b--\r\n", false },
		/* Many characters that show nothing, and many that say nothing. */
		{ ALTERNATIVE "<p>" NOTHING NOTHING NOTHING NOTHING NOTHING "\r\n--b--\r\n", true },
		{ ALTERNATIVE "<p>- - - - - - - - - - - - - - - - - - - -\r\n--b--\r\n", true },
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

/* A body is looked at in steps: what it says counts wherever it begins. */
static void test_content__words_count_behind_any_run_of_nothing(void **state)
{
	static const size_t ends[] = { 1024, 8192 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		for (size_t n = ends[i] - 32; n <= ends[i] + 8; n++) {
			EII_AUTO_STR mail = eii_asprintf(
				ALTERNATIVE "%*s12345678901234567890\r\n--b--\r\n", (int)n, "<i>");
			struct eii_fields *fields = convert(EII_CONTENT_SAFE, mail);

			CHECK(!memmem(fields->content.data, fields->content.len, "plain", 5),
			      "behind %zu bytes", n);
			CHECK(memmem(fields->content.data, fields->content.len, "01234567890", 11),
			      "behind %zu bytes", n);
			eii_fields_free(fields);
		}
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

#define MIXED "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define PAGE  "\r\nContent-Type: text/html\r\n\r\n<p>a page with words enough</p>\r\n"

/* What stands beside HTML in one of the alternatives, as Apple's Mail writes it. */
static void test_content__text_beside_html_in_an_alternative_is_shown(void **state)
{
	static const char mail[] = HEAD "Content-Type: multipart/alternative; boundary=a\r\n\r\n"
					"--a\r\n\r\nplain\r\n"
					"--a\r\n" MIXED "--b" PAGE
					"--b\r\nContent-Type: application/pdf\r\n\r\n%PDF-\r\n"
					"--b\r\n\r\nthe last words\r\n--b--\r\n--a--\r\n";
	struct eii_fields *fields = convert(EII_CONTENT_SAFE, mail);

	(void)state;
	check_text(fields->content, "<p>a page with words enough</p><br>\nthe last words");
	eii_fields_free(fields);
}

/* And an alternative of HTML in another one, however deep either stands, is not. */
static void test_content__alternatives_of_html_are_not_shown(void **state)
{
	static const char mail[] =
		HEAD "Content-Type: multipart/alternative; boundary=a\r\n\r\n"
		     "--a\r\n" MIXED "--b\r\n\r\nplain\r\n--b\r\n\r\nplainer\r\n--b--\r\n"
		     "--a\r\n" MIXED "--b" PAGE "--b--\r\n--a--\r\n";
	struct eii_fields *fields = convert(EII_CONTENT_SAFE, mail);

	(void)state;
	check_text(fields->content, "<p>a page with words enough</p>");
	eii_fields_free(fields);
}

static void test_content__shows_what_a_reader_would_see(void **state)
{
	static const struct {
		const char *mail, *content;
	} cases[] = {
		/* HTML that has a name, and XHTML. */
		{ HEAD MIXED "--b\r\n\r\nwords\r\n--b\r\nContent-Type: text/html; name=a.html\r\n"
			     "Content-Disposition: inline\r\n\r\n<p>page</p>\r\n--b--\r\n",
		  "words<br>\n<p>page</p>" },
		{ ALTERNATIVE "<p>words and more and more text</p>\r\n--b--\r\n",
		  "<p>words and more and more text</p>" LIST
		  "<li>other part: http://t.example/</li></ul>" },
		{ HEAD "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nplain\r\n"
		       "--b\r\nContent-Type: application/xhtml+xml\r\n\r\n"
		       "<p>words and more and more text</p>\r\n--b--\r\n",
		  "<p>words and more and more text</p>" },
		/* Blanks of Unicode are no words. */
		{ HEAD MIXED "--b\r\n\r\n\xc2\xa0\xe2\x80\x8b\r\n--b\r\nContent-Type: "
			     "text/enriched\r\n\r\nwords\r\n--b--\r\n",
		  "words" },
		/* Text of any type, where there is nothing else to read. */
		{ HEAD "Content-Type: application/json\r\n\r\n[1]", "[1]" },
		{ HEAD "Content-Type: application/msword\r\n\r\n<html><p>words", "<p>words</p>" },
		{ HEAD "Content-Type: x/y\r\nContent-Disposition: attachment\r\n\r\nwords", "" },
		/* What is said to be base64: cut off, with a stray byte, and none at all. */
		{ HEAD "Content-Transfer-Encoding: base64\r\n\r\nd29yZHM", "words" },
		{ HEAD "Content-Transfer-Encoding: base64\r\n\r\nd29yZHMgYW5kIG1vcmVz\r\ne",
		  "words and mores" },
		{ HEAD "Content-Transfer-Encoding: base64\r\n\r\nthese are plain words",
		  "these are plain words" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_fields *fields = convert(EII_CONTENT_SAFE, cases[i].mail);

		CHECK(eii_text_equal(fields->content, eii_text_of(cases[i].content)),
		      "case %zu: '%.*s'", i, EII_TEXT_ARGS(fields->content));
		eii_fields_free(fields);
	}
}

static void test_content__lists_addresses_of_files_that_are_not_kept(void **state)
{
	static const char mail[] = HEAD MIXED
		"--b\r\n\r\nwords\r\n"
		"--b\r\nContent-Type: text/html; name=a.html\r\nContent-Disposition: "
		"attachment\r\n\r\n"
		"<a href='http://page.example/'>x</a>\r\n"
		"--b\r\nContent-Type: "
		"application/json\r\n\r\n{\"a\":\"http:\\/\\/json.example\\/\"}\r\n"
		"--b\r\nContent-Type: message/external-body; access-type=URL;\r\n"
		" URL=\"http://body.example/\"\r\n\r\nContent-Type: text/plain\r\n\r\n--b--\r\n";
	static const struct eii_text types[] = { { "text/html", 9 } };
	struct eii_convert_settings settings = { .content = EII_CONTENT_SAFE,
						 .max_file_bytes = 1000 };
	struct eii_fields *fields = convert(EII_CONTENT_SAFE, mail);

	(void)state;
	check_text(fields->content, "words" LIST "<li>other part: http://page.example/</li>"
				    "<li>other part: http://json.example/</li>"
				    "<li>other part: http://body.example/</li></ul>");
	eii_fields_free(fields);
	settings.types = types;
	settings.n_types = ARRAY_LEN(types);
	assert_int_equal(eii_message_read(mail, strlen(mail), &settings, &fields, NULL), EII_OK);
	assert_null(eii_text_find(fields->content, "page.example"));
	eii_fields_free(fields);
}

/* What a program makes a link of that shows the text. */
static void test_content__lists_what_would_be_links_in_a_text(void **state)
{
	struct eii_fields *fields = convert(
		EII_CONTENT_SAFE, HEAD
		"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\n"
		"www.a.example/1, (mailto:b@c.example) ftp://d.example www. mailto: "
		"x.www.e.example http://www.f.example\r\n--b\r\nContent-Type: text/html\r\n\r\n"
		"<p>12345678901234567890</p>\r\n--b--\r\n");

	(void)state;
	check_text(fields->content,
		   "<p>12345678901234567890</p>" LIST "<li>other part: ftp://d.example</li>"
		   "<li>other part: http://www.f.example</li>"
		   "<li>other part: mailto:b@c.example</li>"
		   "<li>other part: www.a.example/1</li></ul>");
	eii_fields_free(fields);
}

/* Words of a part that is said to be signed, and of header fields in base64. */
static void test_content__shows_words_that_a_type_hides(void **state)
{
	static const struct {
		const char *mail;
		const char *content;
	} cases[] = {
		{ HEAD "Content-Type: application/pkcs7-mime\r\n\r\nwords", "words" },
		{ HEAD "Content-Type: application/octet-stream\r\n\r\n{\\rtf1 words}", "words" },
		{ HEAD "Content-Type: application/msword; name=a.doc\r\n\r\n{\\rtf1 words}",
		  "words" },
		{ HEAD MIXED "--b\r\n\r\nwords\r\n--b\r\nContent-Type: text/rfc822-headers\r\n"
			     "Content-Transfer-Encoding: base64\r\n\r\n"
			     "U3ViamVjdDogaW5uZXI=\r\n--b--\r\n",
		  "words<hr><p><b>Subject:</b> inner</p>" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_fields *fields = convert(EII_CONTENT_SAFE, cases[i].mail);

		CHECK(eii_text_equal(fields->content, eii_text_of(cases[i].content)),
		      "row %zu gave '%.*s'", i, EII_TEXT_ARGS(fields->content));
		eii_fields_free(fields);
	}
}

static void check_body_elsewhere(void)
{
	static const char mail[] =
		HEAD MIXED "--b\r\n\r\nwords\r\n--b\r\nContent-Type: message/external-body; "
			   "access-type=anon-ftp;\r\n"
			   " site=h.example; directory=d; name=f\r\n\r\n\r\n--b--\r\n";
	struct eii_fields *fields = convert(EII_CONTENT_SAFE, mail);

	check_text(fields->content, "words" LIST "<li>other part: ftp://h.example/d/f</li></ul>");
	eii_fields_free(fields);
}

#define FILE_OF(type, name, bytes)                                                                 \
	HEAD MIXED "--b\r\n\r\nwords\r\n--b\r\nContent-Type: " type "\r\nContent-Disposition: "    \
		   "attachment; filename=" name "\r\n\r\n" bytes "\r\n--b--\r\n"

/* By what a file is taken for, and where it comes from. */
static void test_content__lists_addresses_of_files_of_any_type(void **state)
{
	static const struct {
		const char *mail;
		bool is_listed;
	} cases[] = {
		{ FILE_OF("application/octet-stream", "a.html", "<html><a href=http://f/>"), true },
		{ FILE_OF("application/octet-stream", "a.shtml", "<html><a href=http://f/>"),
		  true },
		{ FILE_OF("application/xhtml+xml", "a.xhtml", "<?xml?><a href='http://f/'/>"),
		  true },
		{ FILE_OF("image/svg+xml", "a.svg", "<svg><a href='http://f/'/></svg>"), true },
		{ FILE_OF("application/ics", "a.ics", "URL:http:\r\n //f/"), true },
		{ FILE_OF("text/javascript", "a.js", "a='\\x68ttp://f/'"), true },
		{ FILE_OF("application/rtf", "a.rtf", "{\\rtf1 http:{}//f/}"), true },
		{ FILE_OF("application/octet-stream", "a.rtf", "{\\rtf1 http:{}//f/}"), true },
		{ FILE_OF("application/msword", "a.doc", "{\\rtf1 http:{}//f/}"), true },
		{ FILE_OF("application/msword", "a.doc", "http://f/"), false },
		{ FILE_OF("text/css", "a.css", "a{b:u\\72l(http://f/)}"), true },
		{ FILE_OF("text/watch-html", "a", "<a href='&#104;ttp://f/'>"), true },
		{ FILE_OF("application/pdf", "a.pdf", "%PDF-1.4 http://f/"), false },
		{ HEAD MIXED "--b\r\nContent-Location: http://f/\r\n\r\nwords\r\n--b--\r\n", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_fields *fields = convert(EII_CONTENT_SAFE, cases[i].mail);

		CHECK((eii_text_find(fields->content, "<li>other part: http://f/</li>") != NULL) ==
			      cases[i].is_listed,
		      "row %zu gave '%.*s'", i, EII_TEXT_ARGS(fields->content));
		eii_fields_free(fields);
	}
	check_body_elsewhere();
}

/* A raw header may be no UTF-8; the content is. */
static void test_content__a_location_is_text(void **state)
{
	struct eii_fields *fields = convert(EII_CONTENT_SAFE, HEAD MIXED
					    "--b\r\nContent-Location: http://f/\xff\r\n\r\n"
					    "words\r\n--b--\r\n");

	(void)state;
	check_text(fields->content, "words" LIST "<li>other part: http://f/\xc3\xbf</li></ul>");
	eii_fields_free(fields);
}

static void test_content__a_mail_without_words_is_incomplete(void **state)
{
	static const struct {
		const char *mail;
		bool is_incomplete;
	} cases[] = {
		{ HEAD "Content-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\n", true },
		{ HEAD "Content-Type: text/html; name=a.html\r\nContent-Disposition: attachment\r\n"
		       "\r\n<p>words",
		  false },
		{ HEAD "Content-Type: text/html; name=a.html\r\nContent-Disposition: attachment\r\n"
		       "\r\n<p>",
		  true },
		{ HEAD "Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-1.4\r\n\x01", false },
		{ HEAD "Content-Type: image/png\r\n\r\n", false },
		{ HEAD "\r\n", false },
		{ HEAD MIXED
		  "--b\r\n\r\nwords\r\n--b\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\n\r\n"
		  "--b--\r\n",
		  false },
	};
	static const struct eii_text types[] = { { "application/pdf", 15 } };
	const struct eii_convert_settings settings = { .content = EII_CONTENT_SAFE,
						       .max_file_bytes = 1000,
						       .types = types,
						       .n_types = ARRAY_LEN(types) };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_fields *fields = NULL;

		assert_int_equal(eii_message_read(cases[i].mail, strlen(cases[i].mail), &settings,
						  &fields, NULL),
				 EII_OK);
		CHECK(!(fields->defects & (uint32_t)EII_DEFECT_NO_WORDS) != cases[i].is_incomplete,
		      "case %zu: %x", i, fields->defects);
		eii_fields_free(fields);
	}
}

/* A file "x.eml" of a type that says nothing is a message, if it begins as one. */
static void test_content__quotes_a_message_that_is_not_declared(void **state)
{
	static const char octets[] = HEAD MIXED
		"--b\r\n\r\nwords\r\n--b\r\nContent-Type: application/octet-stream; name=X.EML\r\n"
		"Content-Transfer-Encoding: base64\r\n\r\n";
	static const struct {
		const char *body, *content;
	} cases[] = {
		{ "U3ViamVjdDogeA0KDQp0ZXh0",
		  "words<hr><p><b>Subject:</b> x</p><blockquote>text</blockquote>" },
		{ "AAECAw==", "words" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO_STR mail = eii_asprintf("%s%s\r\n--b--\r\n", octets, cases[i].body);
		struct eii_fields *fields = convert(EII_CONTENT_SAFE, mail);

		check_text(fields->content, cases[i].content);
		assert_int_equal(fields->n_attachments, 1);
		eii_fields_free(fields);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_content__text_beside_html_in_an_alternative_is_shown),
		cmocka_unit_test(test_content__alternatives_of_html_are_not_shown),
		cmocka_unit_test(test_content__shows_what_a_reader_would_see),
		cmocka_unit_test(test_content__lists_addresses_of_files_that_are_not_kept),
		cmocka_unit_test(test_content__lists_addresses_of_files_of_any_type),
		cmocka_unit_test(test_content__a_location_is_text),
		cmocka_unit_test(test_content__lists_what_would_be_links_in_a_text),
		cmocka_unit_test(test_content__shows_words_that_a_type_hides),
		cmocka_unit_test(test_content__a_mail_without_words_is_incomplete),
		cmocka_unit_test(test_content__quotes_a_message_that_is_not_declared),
		cmocka_unit_test(test_content__shows_the_text_of_html_without_words),
		cmocka_unit_test(test_content__words_count_behind_any_run_of_nothing),
		cmocka_unit_test(test_content__lists_addresses_of_what_is_not_shown),
		cmocka_unit_test(test_content__reads_the_addresses_of_a_calendar),
		cmocka_unit_test(test_content__lists_addresses_of_what_was_cut),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
