/* SPDX-License-Identifier: Apache-2.0 */
/* Files that a plain text holds. */
#include "eii/mail/message.h"

#include "support.h"

#define HEAD "From: a@b.example\r\nSubject: s\r\nDate: Tue, 03 Mar 2026 10:20:30 +0100\r\n\r\n"
#define DATA "#04)#\r\n`\r\n"

static struct eii_fields *convert(enum eii_content_mode content, const char *mail)
{
	static const struct eii_text types[] = { { "application/octet-stream", 24 } };
	const struct eii_convert_settings settings = {
		.content = content, .max_file_bytes = 1000, .types = types, .n_types = 1
	};
	struct eii_fields *fields = NULL;

	assert_int_equal(eii_message_read(mail, strlen(mail), &settings, &fields, NULL), EII_OK);
	return fields;
}

static void test_uuencoded__a_file_in_a_text_is_a_file(void **state)
{
	static const struct {
		const char *mail;
		size_t n;
		const char *name;
	} cases[] = {
		{ HEAD "see:\r\nbegin 644 a b.bin\r\n" DATA "end\r\nbye\r\n", 1, "a b.bin" },
		{ HEAD "begin 644 \xff"
		       "b\r\n" DATA "end\r\n",
		  1,
		  "\xc3\xbf"
		  "b" },
		{ HEAD "begin 0644 a\r\n" DATA "end", 1, "a" },
		{ HEAD "begin 644 a\r\n" DATA "end\r\nbegin 600 b\r\n" DATA "end\r\n", 2, "a" },
		/* A line that looks like a beginning, in front of one. */
		{ HEAD "begin 644 x\r\nbegin 644 a\r\n" DATA "end\r\n", 0, NULL },
		{ HEAD "begin 644 x\r\nno data\r\n\r\nbegin 644 a\r\n" DATA "end\r\n", 1, "a" },
		{ HEAD "begin at the end\r\nend\r\n", 0, NULL },
		{ HEAD "begin 64 a\r\n" DATA "end\r\n", 0, NULL },
		{ HEAD "begin 06444 a\r\n" DATA "end\r\n", 0, NULL },
		{ HEAD "BEGIN 644 a\r\n" DATA "end\r\n", 0, NULL },
		{ HEAD "begin 644 a\r\nend\r\n", 0, NULL },
		{ HEAD "begin 644 a\r\n" DATA, 0, NULL },
		{ HEAD "begin 644 \r\n" DATA "end\r\n", 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_fields *fields = convert(EII_CONTENT_SAFE, cases[i].mail);

		CHECK(fields->n_attachments == cases[i].n, "%s gave %zu", cases[i].mail,
		      fields->n_attachments);
		if (fields->n_attachments) {
			assert_true(eii_text_equal(fields->attachments[0].name,
						   eii_text_of(cases[i].name)));
			assert_true(eii_text_equal(fields->attachments[0].data,
						   eii_text("\x41\x42\x43", 3)));
		}
		eii_fields_free(fields);
		fields = convert(EII_CONTENT_VERBATIM, cases[i].mail);
		assert_int_equal(fields->n_attachments, 0);
		eii_fields_free(fields);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uuencoded__a_file_in_a_text_is_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
