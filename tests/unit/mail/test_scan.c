/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/scan.h"

#include "support.h"

#include "eii/fields/limits.h"

static struct eii_fields *scan(const char *mail, size_t len)
{
	struct eii_fields *fields = NULL;

	assert_int_equal(eii_header_scan(mail, len, &fields), EII_OK);
	assert_non_null(fields);
	return fields;
}

static void check_text(struct eii_text got, const char *wanted, const char *of)
{
	CHECK(eii_text_equal(got, eii_text_of(wanted)), "'%.*s' is not '%s' of '%s'",
	      EII_TEXT_ARGS(got), wanted, of);
}

static void test_scan__finds_headers_whatever_stands_around_them(void **state)
{
	static const char *const mails[] = {
		"From: A <a@b.example>\r\nSubject: s\r\n\r\nSubject: body\r\n",
		"From: A <a@b.example>\nSubject: s\n\nSubject: body\n",
		("\xef\xbb\xbf"
		 "From: a@b.example\nSubject: s\n\n"),
		"   \r\n\t\r\nFrom: a@b.example\r\nSubject: s\r\n\r\n",
		"From a@b.example Tue Mar  3 10:20:30 2026\nFrom: a@b.example\nSubject: s\n\n",
		"From  : a@b.example\nSubject : s\n\n",
		"From: a@b.example\nthis is no header\nSubject: s\n\n",
		"From: a@b.example\nSubject:\n s\n\n",
		"From: a@b.example\nSUBJECT: s\nSubject: second\n\n",
		"From: a@b.example\nSubject: s",
		"Subject: =?utf-8?Q?s?=\nfrom: a@b.example\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
		struct eii_fields *fields = scan(mails[i], strlen(mails[i]));

		check_text(fields->subject, "s", mails[i]);
		check_text(fields->sender, "a@b.example", mails[i]);
		assert_true(fields->defects & EII_DEFECT_BODY_NOT_READ);
		assert_true(fields->defects & EII_DEFECT_NO_DATE);
		eii_fields_free(fields);
	}
}

static void test_scan__reads_every_field_that_is_shown(void **state)
{
	static const char mail[] = "Reply-To: <other@b.example>\r\n"
				   "Message-ID: <1@b.example> junk\r\n"
				   "Date: Tue, 03 Mar 2026 10:20:30 +0100\r\n"
				   "Date: Tue, 03 Mar 2020 10:20:30 +0100\r\n\r\n";
	struct eii_fields *fields = scan(mail, sizeof(mail) - 1);

	(void)state;
	check_text(fields->reply_to, "other@b.example", mail);
	check_text(fields->message_id, "<1@b.example>", mail);
	check_text(fields->subject, "", mail);
	assert_true(fields->date.is_known);
	assert_int_equal(fields->date.unix_s, 1772529630);
	assert_int_equal(fields->defects, EII_DEFECT_BODY_NOT_READ);
	assert_int_equal(fields->content_kind, EII_CONTENT_EMPTY);
	eii_fields_free(fields);
}

static void test_scan__is_content_with_nothing(void **state)
{
	static const char *const mails[] = { "",    "\r\n",  "\n\nSubject: s\n", "no header at all",
					     ":\n", ": x\n", "\xff\xfe" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
		struct eii_fields *fields = scan(mails[i], strlen(mails[i]));

		check_text(fields->subject, "", mails[i]);
		eii_fields_free(fields);
	}
}

static void test_scan__looks_at_the_first_bytes_only(void **state)
{
	static const char tail[] = "\nSubject: s\n\n";

	(void)state;
	for (size_t over = 0; over <= 1; over++) {
		/* The subject's last letter is the last byte that is looked at, or one behind it.
		 */
		size_t before = EII_LIMIT_SCAN_BYTES - 11 + over;
		char *mail = malloc(before + sizeof(tail));
		struct eii_fields *fields;

		assert_non_null(mail);
		memset(mail, 'x', before);
		mail[1] = ':';
		memcpy(mail + before, tail, sizeof(tail));
		fields = scan(mail, before + sizeof(tail) - 1);
		check_text(fields->subject, over ? "" : "s", "tail");
		eii_fields_free(fields);
		free(mail);
	}
}

static void test_scan__cuts_a_header_over_its_limit(void **state)
{
	(void)state;
	for (size_t over = 0; over <= 1; over++) {
		size_t len = EII_LIMIT_HEADER_BYTES + over;
		struct eii_fields *fields = eii_fields_new();
		char *mail = malloc(8 + len);

		assert_non_null(mail);
		memset(mail, 'x', 8 + len);
		memcpy(mail, "Subject:", 8);
		mail[8 + len - 1] = '\n';
		eii_header_read(eii_text(mail, 8 + len), fields);
		assert_int_equal(!!(fields->defects & EII_DEFECT_HEADER_TOO_LONG), over);
		assert_int_equal(fields->subject.len, EII_LIMIT_SUBJECT_BYTES);
		eii_fields_free(fields);
		free(mail);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scan__finds_headers_whatever_stands_around_them),
		cmocka_unit_test(test_scan__reads_every_field_that_is_shown),
		cmocka_unit_test(test_scan__is_content_with_nothing),
		cmocka_unit_test(test_scan__looks_at_the_first_bytes_only),
		cmocka_unit_test(test_scan__cuts_a_header_over_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
