/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"

#include "eii/base/utf8.h"
#include "eii/fields/limits.h"
#include "eii/stix/report.h"
#include "support.h"

static void name_of(const char *subject, const char *sender, struct eii_buf *out)
{
	struct eii_fields fields = { .subject = eii_text_of(subject),
				     .sender = eii_text_of(sender) };

	eii_buf_init(out, EII_REPORT_NAME_MAX_BYTES);
	(void)eii_names_report(&fields, out);
	assert_true(eii_buf_ok(out));
}

static void test_names__of_reports_are_one_line_and_never_blank(void **state)
{
	(void)state;
	static const struct {
		const char *subject, *sender, *wanted;
	} cases[] = {
		{ "Alert", "a@b", "Alert" },
		{ "s", "a@b", "s" },
		{ " \t Alert \r\n", "a@b", "Alert" },
		{ "two\r\n lines\n\n\tmore", "a@b", "two lines more" },
		{ "a\tb", "a@b", "a\tb" },
		{ "", "a@b", "<no subject> from a@b" },
		{ " \r\n\xc2\xa0", "a@b", "<no subject> from a@b" },
		{ "\xe2\x80\x8b\xef\xbb\xbf", "a@b", "<no subject> from a@b" },
		{ "", "", "<no subject> from" },
		{ "invoice\xe2\x80\xae"
		  "fdp.exe",
		  "a@b",
		  "invoice\xe2\x80\xae"
		  "fdp.exe" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;

		name_of(cases[i].subject, cases[i].sender, &out);
		CHECK(strcmp(out.data, cases[i].wanted) == 0, "'%s' gave '%s'", cases[i].subject,
		      out.data);
		eii_buf_clear(&out);
	}
}

static void test_names__of_reports_end_at_500_bytes(void **state)
{
	(void)state;
	char subject[600];
	struct eii_buf out;

	memset(subject, 'x', sizeof(subject));
	subject[500] = '\0';
	name_of(subject, "", &out);
	assert_int_equal(out.len, 500);
	assert_int_equal(out.data[499], 'x');
	eii_buf_clear(&out);
	subject[500] = 'x';
	subject[501] = '\0';
	name_of(subject, "", &out);
	assert_int_equal(out.len, 500);
	assert_string_equal(out.data + 497, "\xe2\x80\xa6");
	eii_buf_clear(&out);
	/* A character of three bytes that would be cut in its middle. */
	for (size_t i = 0; i < 590; i += 3)
		memcpy(subject + i, "\xe2\x82\xac", 3);
	subject[591] = '\0';
	name_of(subject, "", &out);
	assert_true(eii_utf8_is_valid(eii_buf_text(&out)));
	assert_in_range(out.len, 480, 500);
	eii_buf_clear(&out);
}

static void check_file(struct eii_name_set *set, const char *name, const char *type,
		       const char *wanted)
{
	char *given = eii_names_file(set, eii_text_of(name), eii_text_of(type));

	CHECK(strcmp(given, wanted) == 0, "'%s' gave '%s', not '%s'", name, given, wanted);
	free(given);
}

static void test_names__of_files_are_plain(void **state)
{
	(void)state;
	static const struct {
		const char *name, *type, *wanted;
	} cases[] = {
		{ "a.pdf", "application/pdf", "a.pdf" },
		{ "", "application/pdf", "attachment.pdf" },
		{ "  ", "text/csv", "attachment.csv" },
		{ "..", "message/rfc822", "attachment.eml" },
		{ "x/", "application/x-odd", "attachment.bin" },
		{ "\x01\xe2\x80\xae", "text/plain", "attachment.txt" },
		{ "../../etc/cron.d/x.pdf", "application/pdf", "x.pdf" },
		{ "C:\\temp\\x.pdf", "application/pdf", "x.pdf" },
		{ "..\\..\\x.pdf", "application/pdf", "x.pdf" },
		{ "a\"b\\c.pdf", "application/pdf", "a_b\\c.pdf" },
		{ "a\x01\tb.pdf", "application/pdf", "a b.pdf" },
		{ "a\r\n b.pdf", "application/pdf", "a b.pdf" },
		{ "invoice\xe2\x80\xae"
		  "fdp.exe",
		  "application/pdf", "invoicefdp.exe" },
		{ "\xc4\x8a.pdf", "application/pdf", "\xc4\x8a.pdf" },
		{ ".bashrc", "text/plain", ".bashrc.txt" },
		{ ".bashrc", "application/x-odd", ".bashrc" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_name_set set = { 0 };

		check_file(&set, cases[i].name, cases[i].type, cases[i].wanted);
		eii_name_set_clear(&set);
	}
}

static void test_names__of_files_differ_in_lower_case(void **state)
{
	(void)state;
	struct eii_name_set set = { 0 };

	check_file(&set, "a.pdf", "application/pdf", "a.pdf");
	check_file(&set, "A.PDF", "application/pdf", "A (2).PDF");
	check_file(&set, "a.pdf", "application/pdf", "a (3).pdf");
	check_file(&set, "a (2).pdf", "application/pdf", "a (2) (2).pdf");
	check_file(&set, "\xc3\x84", "text/plain", "\xc3\x84.txt");
	check_file(&set, "\xc3\xa4", "text/plain", "\xc3\xa4 (2).txt");
	check_file(&set, "", "text/plain", "attachment.txt");
	check_file(&set, "", "text/plain", "attachment (2).txt");
	eii_name_set_clear(&set);
}

/* The platform cuts stems at 200 characters: two that differ behind that collide there. */
static void test_names__of_files_differ_where_the_platform_cuts(void **state)
{
	(void)state;
	struct eii_name_set set = { 0 };
	char first[256], second[256];
	char *names[2];

	memset(first, 'n', sizeof(first));
	memcpy(first + 230, "1.pdf", 6);
	memcpy(second, first, sizeof(second));
	second[230] = '2';
	names[0] = eii_names_file(&set, eii_text_of(first), eii_text_of("application/pdf"));
	names[1] = eii_names_file(&set, eii_text_of(second), eii_text_of("application/pdf"));
	assert_string_equal(names[0], first);
	assert_true(strncmp(names[0], names[1], 200) != 0);
	assert_string_equal(names[1] + strlen(names[1]) - 8, " (2).pdf");
	free(names[0]);
	free(names[1]);
	eii_name_set_clear(&set);
}

static void test_names__of_files_keep_their_ending_at_the_ceiling(void **state)
{
	(void)state;
	static char name[EII_LIMIT_FILE_NAME_BYTES + 2];
	struct eii_name_set set = { 0 };
	char *given;

	memset(name, 'm', EII_LIMIT_FILE_NAME_BYTES);
	memcpy(name + EII_LIMIT_FILE_NAME_BYTES - 4, ".pdf", 5);
	check_file(&set, name, "application/pdf", name);
	eii_name_set_clear(&set);
	memset(name, 'm', EII_LIMIT_FILE_NAME_BYTES);
	memcpy(name + EII_LIMIT_FILE_NAME_BYTES - 3, ".pdf", 5);
	given = eii_names_file(&set, eii_text_of(name), eii_text_of("application/pdf"));
	assert_int_equal(strlen(given), EII_LIMIT_FILE_NAME_BYTES);
	assert_string_equal(given + EII_LIMIT_FILE_NAME_BYTES - 4, ".pdf");
	free(given);
	eii_name_set_clear(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names__of_reports_are_one_line_and_never_blank),
		cmocka_unit_test(test_names__of_reports_end_at_500_bytes),
		cmocka_unit_test(test_names__of_files_are_plain),
		cmocka_unit_test(test_names__of_files_differ_in_lower_case),
		cmocka_unit_test(test_names__of_files_differ_where_the_platform_cuts),
		cmocka_unit_test(test_names__of_files_keep_their_ending_at_the_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
