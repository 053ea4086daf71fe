/* SPDX-License-Identifier: Apache-2.0 */
/* What the header of a part says of it. */
#include "eii/mail/message.h"

#include "support.h"

#define HEAD  "From: a@b.example\r\nSubject: s\r\nDate: Tue, 03 Mar 2026 10:20:30 +0100\r\n"
#define MIXED HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define END   "--b--\r\n"

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

static void test_part__safe_mode_reads_what_the_official_one_leaves(void **state)
{
	static const struct {
		const char *mail;
		const char *safe;
		const char *verbatim;
	} cases[] = {
		{ HEAD "Content-Transfer-Encoding: quoted-printable \r\n\r\na=3Db", "a=b",
		  "a=3Db" },
		{ HEAD "Content-Transfer-Encoding: (c) quoted-printable\r\n\r\na=3Db", "a=b",
		  "a=3Db" },
		{ HEAD "Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\n"
		       "http://a.example/ \r\nb",
		  "http://a.example/b", "http://a.example/ \r\nb" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_fields *fields = convert(EII_CONTENT_SAFE, cases[i].mail);

		check_text(fields->content, cases[i].safe);
		eii_fields_free(fields);
		fields = convert(EII_CONTENT_VERBATIM, cases[i].mail);
		check_text(fields->content, cases[i].verbatim);
		eii_fields_free(fields);
	}
}

static void test_part__finds_a_name_without_a_semicolon(void **state)
{
	static const char *const headers[] = {
		"Content-Disposition: attachment filename=\"x y.pdf\"",
		"Content-Disposition: attachment, filename=\"x y.pdf\"",
		"Content-Disposition: filename=\"x y.pdf\"",
		"Content-Disposition: attachment\r\n filename=\"x y.pdf\" ; size=3",
		"Content-Type: application/pdf name=\"x y.pdf\"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		struct eii_fields *fields;
		struct eii_buf mail;

		eii_buf_init(&mail, 4096);
		eii_buf_addf(&mail,
			     MIXED "--b\r\n%s\r\nContent-Type: application/pdf\r\n\r\nx\r\n" END,
			     headers[i]);
		fields = convert(EII_CONTENT_SAFE, mail.data);
		CHECK(fields->n_attachments == 1, "%s", headers[i]);
		check_text(fields->attachments[0].name, "x y.pdf");
		check_text(fields->attachments[0].mime_type, "application/pdf");
		eii_fields_free(fields);
		eii_buf_clear(&mail);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_part__safe_mode_reads_what_the_official_one_leaves),
		cmocka_unit_test(test_part__finds_a_name_without_a_semicolon),
	};

	eii_message_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
