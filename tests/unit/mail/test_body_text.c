/* SPDX-License-Identifier: Apache-2.0 */
/* The charset of a body, by what its header and its HTML say. */
#include "support.h"

#include "eii/fields/fields.h"
#include "eii/mail/message.h"

#define E_ACUTE "\xc3\xa9"

static void test_body_text__takes_the_charset_of_html_where_the_header_has_none(void **state)
{
	static const struct {
		const char *mail;
		const char *wanted;
	} cases[] = {
		{ "Content-Type: text/html\n\n<meta charset=koi8-r>\xcf",
		  "<meta charset=koi8-r>\xd0\xbe" },
		{ "Content-Type: text/html; charset=koi8-r\n\n<meta charset=utf-8>\xcf",
		  "<meta charset=utf-8>\xd0\xbe" },
		{ "Content-Type: text/html; charset=us-ascii\n\n<meta charset='koi8-r'>\xcf",
		  "<meta charset='koi8-r'>\xd0\xbe" },
		/* A <meta> that can be read says that the text is not what it says. */
		{ "Content-Type: text/html\n\n<meta charset=utf-16><p>" E_ACUTE "</p>",
		  "<meta charset=utf-16><p>" E_ACUTE "</p>" },
		{ "Content-Type: text/html\n\n<meta charset=utf-16le><p>\xe9</p>",
		  "<meta charset=utf-16le><p>" E_ACUTE "</p>" },
		{ "Content-Type: text/html\n\n<meta charset=utf-32><p>words</p>",
		  "<meta charset=utf-32><p>words</p>" },
		{ "Content-Type: text/html\n\n<meta charset=ibm037><p>words</p>",
		  "<meta charset=ibm037><p>words</p>" },
		/* In a comment it is none, nor is what only begins so; what is long goes on. */
		{ "Content-Type: text/html\n\n<!-- <meta charset=utf-16> --><meta "
		  "charset=koi8-r>\xcf",
		  "<!-- <meta charset=utf-16> --><meta charset=koi8-r>\xd0\xbe" },
		{ "Content-Type: text/html\n\n<!--><meta charset=koi8-r>\xcf",
		  "<!--><meta charset=koi8-r>\xd0\xbe" },
		{ "Content-Type: text/html\n\n<!-- <meta charset=koi8-r>\xe9",
		  "<!-- <meta charset=koi8-r>" E_ACUTE },
		{ "Content-Type: text/html\n\n<metal charset=koi8-r><p charset=koi8-r>\xe9",
		  "<metal charset=koi8-r><p charset=koi8-r>" E_ACUTE },
		{ "Content-Type: text/html\n\n<meta name=a><META\tcontent='x;charset=koi8-r'>\xcf",
		  "<meta name=a><META\tcontent='x;charset=koi8-r'>\xd0\xbe" },
		{ "Content-Type: text/html\n\n<meta/charset=koi8-r>\xcf",
		  "<meta/charset=koi8-r>\xd0\xbe" },
		/* Only HTML is asked. */
		{ "Content-Type: text/plain\n\n<meta charset=koi8-r>\xe9",
		  "<meta charset=koi8-r>" E_ACUTE },
	};
	const struct eii_convert_settings settings = { .content = EII_CONTENT_VERBATIM };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *mail = cases[i].mail;
		struct eii_fields *fields;
		struct eii_error err;

		assert_int_equal(eii_message_read(mail, strlen(mail), &settings, &fields, &err),
				 EII_OK);
		CHECK(eii_text_equal(fields->content, eii_text_of(cases[i].wanted)),
		      "'%s' gave '%.*s'", mail, EII_TEXT_ARGS(fields->content));
		eii_fields_free(fields);
	}
}

#define RTF                                                                                        \
	"{\\rtf1\\ansi{\\fonttbl\\f0 Arial;}\\f0 some words {\\field{\\*\\fldinst HYPERLINK "      \
	"\"http://x/\"}{\\fldrslt click}}}"

static void test_body_text__default_mode_reads_what_the_bytes_are(void **state)
{
	static const struct {
		const char *header;
		const char *body;
		size_t len; /* 0: to its end */
		const char *wanted;
	} cases[] = {
		/* Said to be a charset in which the bytes are no text. */
		{ "text/plain; charset=utf-16", "words\r\nhere", 0, "words<br>here" },
		{ "text/plain; charset=ibm037", "words", 0, "words" },
		{ "text/plain; charset=utf-16", "w\0o\0r\0d\0", 8, "word" },
		{ "text/plain; charset=ibm037", "\xa6\x96\x99\x84", 0, "word" },
		/* UTF-16, and not said to be. */
		{ "text/plain", "w\0o\0r\0d\0", 8, "word" },
		{ "text/plain; charset=utf-8", "\0w\0o\0r\0d", 8, "word" },
		{ "text/plain", "w\0o\0r\0d", 7,
		  "w\xef\xbf\xbdo\xef\xbf\xbdr\xef\xbf\xbd"
		  "d" },
		{ "text/plain", "w\0o\0rrd\0", 8, "w\xef\xbf\xbdo\xef\xbf\xbdrrd\xef\xbf\xbd" },
		/* Japanese in seven bits, and not said to be; what breaks is none. */
		{ "text/plain", "\x1b$B$\"\x1b(B", 0, "\xe3\x81\x82" },
		{ "text/plain; charset=us-ascii", "a\x1b$@F|\x1b(J", 0, "a\xe6\x97\xa5" },
		{ "text/plain", "\x1b$B$\"\x1b(B\x1b$B$", 0, "$B$&quot;(B$B$" },
		{ "text/plain", "\x1b$B$\"\x1b(B\xe9", 0, "$B$&quot;(B" E_ACUTE },
		{ "text/plain; charset=iso-8859-1", "\x1b$B$\"\x1b(B", 0, "$B$&quot;(B" },
		/* RTF. */
		{ "text/rtf", RTF, 0, "some words HYPERLINK &quot;http://x/&quot;click" },
		{ "application/rtf", RTF, 0, "some words HYPERLINK &quot;http://x/&quot;click" },
		{ "text/richtext", "<bold>words</bold>", 0, "&lt;bold&gt;words&lt;/bold&gt;" },
		/* Calendars and cards. */
		{ "text/calendar", "A:http://x/a\r\n b\\,c\\nd\\\\e", 0,
		  "A:http://x/ab,c<br>d\\e" },
		{ "text/x-vcard", "URL:http\\://x/a\n\tb", 0, "URL:http://x/ab" },
	};
	const struct eii_convert_settings settings = { .content = EII_CONTENT_SAFE };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const size_t len = cases[i].len ? cases[i].len : strlen(cases[i].body);
		struct eii_fields *fields;
		struct eii_buf mail;

		eii_buf_init(&mail, 4096);
		eii_buf_addf(&mail, "Content-Type: %s\r\n\r\n", cases[i].header);
		eii_buf_add(&mail, cases[i].body, len);
		assert_int_equal(eii_message_read(mail.data, mail.len, &settings, &fields, NULL),
				 EII_OK);
		CHECK(eii_text_equal(fields->content, eii_text_of(cases[i].wanted)),
		      "row %zu, %s, gave '%.*s'", i, cases[i].header,
		      EII_TEXT_ARGS(fields->content));
		eii_fields_free(fields);
		eii_buf_clear(&mail);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_body_text__default_mode_reads_what_the_bytes_are),
		cmocka_unit_test(
			test_body_text__takes_the_charset_of_html_where_the_header_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
