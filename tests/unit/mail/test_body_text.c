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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_body_text__takes_the_charset_of_html_where_the_header_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
