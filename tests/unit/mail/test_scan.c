/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/scan.h"

#include "support.h"

#include "eii/fields/limits.h"
#include "eii/mail/message.h"

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
				   "Delivered-To: box@b.example\r\n"
				   "To: A <a@b.example>, c@b.example\r\n"
				   "Cc: d@b.example\r\n"
				   "Bcc-To: no@b.example\r\n"
				   "Message-ID: <1@b.example> junk\r\n"
				   "Date: Tue, 03 Mar 2026 10:20:30 +0100\r\n"
				   "Date: Tue, 03 Mar 2020 10:20:30 +0100\r\n\r\n";
	struct eii_fields *fields = scan(mail, sizeof(mail) - 1);

	(void)state;
	check_text(fields->reply_to, "other@b.example", mail);
	check_text(fields->recipients, "box@b.example\na@b.example\nc@b.example\nd@b.example\n",
		   mail);
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

#define RAW "\xd0\xd2\xc9" /* three letters in koi8-r */

/* 8-bit bytes in a header: UTF-8, else as the first text part, else windows-1252. */
static void test_scan__reads_raw_bytes_as_the_first_text_part(void **state)
{
	static const char in_koi8[] = "\xd0\xbf\xd1\x80\xd0\xb8";
	static const char in_windows_1252[] = "\xc3\x90\xc3\x92\xc3\x89";
	static const struct {
		const char *mail;
		const char *wanted;
	} cases[] = {
		{ "Subject: " RAW "\nContent-Type: text/plain; charset=koi8-r\n\nx", in_koi8 },
		{ "Content-Type: TEXT/HTML;\r\n charset=\"KOI8-R\"\r\nSubject: " RAW "\r\n\r\n",
		  in_koi8 },
		{ "Subject: " RAW "\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
		  "Content-Type: image/png\n\nx\n--b\n"
		  "Content-Type: multipart/alternative; boundary=c\n\n--c\n"
		  "Content-Type: text/plain; charset=koi8-r\n\nx\n--c\n"
		  "Content-Type: text/html; charset=windows-1251\n\n",
		  in_koi8 },
		{ "Subject: =?utf-8?Q?=D0=BF?=\xd2\xc9\nContent-Type: text/plain; charset=koi8-r\n",
		  in_koi8 },
		{ "Subject: \xd0\xbf\xd1\x80\xd0\xb8\nContent-Type: text/plain; charset=koi8-r\n\n",
		  in_koi8 },
		/* Cut in a character. */
		{ "Subject: \xd0\xbf\xd1\x80\xd0\nContent-Type: text/plain; charset=utf-8\n\n",
		  "\xd0\xbf\xd1\x80\xef\xbf\xbd" },
		{ "Subject: " RAW "\n\n", in_windows_1252 },
		{ "Subject: " RAW "\nContent-Type: text/plain\n\nContent-Type: text/plain; "
		  "charset=koi8-r\n",
		  in_windows_1252 },
		{ "Subject: " RAW "\nContent-Type: text/plain; charset=us-ascii\n\n",
		  in_windows_1252 },
		{ "Subject: " RAW "\nContent-Type: text/plain; charset=utf-16\n\n",
		  in_windows_1252 },
		{ "Subject: " RAW "\nContent-Type: text/plain; charset=iso-2022-jp\n\n",
		  in_windows_1252 },
		{ "Subject: " RAW "\nContent-Type: multipart/mixed; boundary=b\n\n--b",
		  in_windows_1252 },
		{ "Subject: " RAW "\nContent-Type: multipart/mixed; boundary=b\n\n--b--\n\n--",
		  in_windows_1252 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_fields *fields = scan(cases[i].mail, strlen(cases[i].mail));

		check_text(fields->subject, cases[i].wanted, cases[i].mail);
		eii_fields_free(fields);
	}
}

/* The label's last letter is the last byte that is looked at, or one behind it. */
static void test_scan__looks_for_a_charset_in_the_first_bytes_only(void **state)
{
	static const char head[] =
		"Subject: " RAW "\nContent-Type: multipart/mixed; boundary=b\n\n";
	static const char part[] = "\n--b\nContent-Type: text/plain; charset=windows-1251\n\n";

	(void)state;
	for (size_t over = 0; over <= 1; over++) {
		size_t before = EII_LIMIT_SCAN_BYTES - (sizeof(part) - 3) + over;
		char *mail = malloc(before + sizeof(part));
		struct eii_fields *fields = eii_fields_new();

		assert_non_null(mail);
		memset(mail, 'x', before);
		memcpy(mail, head, sizeof(head) - 1);
		memcpy(mail + before, part, sizeof(part));
		eii_header_read(eii_text(mail, before + sizeof(part) - 1), fields);
		check_text(fields->subject,
			   over ? "\xc3\x90\xc3\x92\xc3\x89" : "\xd0\xa0\xd0\xa2\xd0\x99", "part");
		eii_fields_free(fields);
		free(mail);
	}
}

/* The parser takes the same charset, for the names of files as well. */
static void test_scan__names_are_the_same_when_the_whole_is_read(void **state)
{
	static const char mail[] =
		"Subject: " RAW "\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
		"Content-Type: text/plain; charset=koi8-r\r\n\r\n" RAW "\r\n--b\r\n"
		"Content-Type: application/zip; name=\"" RAW ".zip\"\r\n\r\nPK\r\n--b\r\n"
		"Content-Type: message/rfc822\r\n\r\nSubject: " RAW "\r\n\r\ninner\r\n--b--\r\n";
	const struct eii_convert_settings settings = { .content = EII_CONTENT_VERBATIM };
	struct eii_fields *scanned = scan(mail, sizeof(mail) - 1);
	struct eii_fields *fields;
	struct eii_error err;

	(void)state;
	assert_int_equal(eii_message_read(mail, sizeof(mail) - 1, &settings, &fields, &err),
			 EII_OK);
	check_text(scanned->subject, "\xd0\xbf\xd1\x80\xd0\xb8", "scan");
	check_text(fields->subject, "\xd0\xbf\xd1\x80\xd0\xb8", "subject");
	assert_int_equal(fields->n_attachments, 2);
	check_text(fields->attachments[0].name, "\xd0\xbf\xd1\x80\xd0\xb8.zip", "name");
	check_text(fields->attachments[1].name, "\xd0\xbf\xd1\x80\xd0\xb8.eml", "inner subject");
	eii_fields_free(fields);
	eii_fields_free(scanned);
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
		cmocka_unit_test(test_scan__reads_raw_bytes_as_the_first_text_part),
		cmocka_unit_test(test_scan__looks_for_a_charset_in_the_first_bytes_only),
		cmocka_unit_test(test_scan__names_are_the_same_when_the_whole_is_read),
		cmocka_unit_test(test_scan__cuts_a_header_over_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
