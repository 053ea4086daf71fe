/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/fields/file_type.h"

#include "support.h"

struct witness {
	const char *declared, *name;
	enum eii_file_kind kind;
	const char *judged;
	bool agrees;
};

#define OCTETS "application/octet-stream"
#define DOCX   "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#define EXE    "application/vnd.microsoft.portable-executable"

static const struct witness witnesses[] = {
	/* a declared type that says something stands */
	{ "application/pdf", "a.pdf", EII_FILE_PDF, "application/pdf", true },
	{ "application/x-pdf", "a.pdf", EII_FILE_PDF, "application/pdf", true },
	{ "application/x-odd", "a.odd", EII_FILE_UNKNOWN, "application/x-odd", true },
	{ "text/plain", "notes", EII_FILE_TEXT, "text/plain", true },
	{ "text/plain", "a.csv", EII_FILE_TEXT, "text/plain", true },
	{ "application/json", "a.txt", EII_FILE_TEXT, "application/json", true },
	/* one that says nothing: name and first bytes */
	{ OCTETS, "report.PDF", EII_FILE_PDF, "application/pdf", true },
	{ OCTETS, "report", EII_FILE_PDF, "application/pdf", true },
	{ OCTETS, "", EII_FILE_TEXT, "text/plain", true },
	{ OCTETS, "a.csv", EII_FILE_TEXT, "text/csv", true },
	{ OCTETS, "a.docx", EII_FILE_ZIP, DOCX, true },
	{ OCTETS, "a.docx", EII_FILE_OLE, DOCX, true },
	{ OCTETS, "a.zip", EII_FILE_ZIP, "application/zip", true },
	{ OCTETS, "a.odd", EII_FILE_UNKNOWN, OCTETS, true },
	{ OCTETS, "", EII_FILE_NOT_SEEN, OCTETS, true },
	{ OCTETS, "a.pdf", EII_FILE_NOT_SEEN, "application/pdf", true },
	{ "application/force-download", "a.eml", EII_FILE_TEXT, "message/rfc822", true },
	{ OCTETS, "a.exe", EII_FILE_WINDOWS_PROGRAM, EXE, true },
	/* a CSV that a mail program calls a workbook */
	{ "application/vnd.ms-excel", "a.csv", EII_FILE_TEXT, "text/csv", true },
	{ "application/vnd.ms-excel", "a.xls", EII_FILE_OLE, "application/vnd.ms-excel", true },
	{ "application/vnd.ms-excel", "a.xlsx", EII_FILE_ZIP, "application/vnd.ms-excel", true },
	/* they cannot all be true */
	{ OCTETS, "a.pdf", EII_FILE_WINDOWS_PROGRAM, EXE, false },
	{ OCTETS, "a.pdf", EII_FILE_UNKNOWN, OCTETS, false },
	{ "application/pdf", "a.pdf", EII_FILE_ZIP, "application/pdf", false },
	{ "application/pdf", "a.exe", EII_FILE_PDF, "application/pdf", false },
	{ "application/pdf", "", EII_FILE_HTML, "application/pdf", false },
	{ "text/plain", "a.html", EII_FILE_HTML, "text/plain", false },
	{ "text/plain", "a.txt", EII_FILE_UNKNOWN, "text/plain", false },
	{ "image/png", "a.png", EII_FILE_JPEG, "image/png", false },
	{ "audio/mpeg", "a.mp3", EII_FILE_WINDOWS_PROGRAM, "audio/mpeg", false },
	{ "application/x-odd", "a.odd", EII_FILE_WINDOWS_PROGRAM, "application/x-odd", false },
	{ "application/msword", "a.doc", EII_FILE_RTF, "application/msword", false },
};

static void test_file_type__weighs_the_three_witnesses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(witnesses); i++) {
		const struct witness *w = &witnesses[i];
		struct eii_text declared = eii_text_of(w->declared), name = eii_text_of(w->name);
		struct eii_text judged = eii_file_type_judge(declared, name, w->kind);

		CHECK(eii_text_equal(judged, eii_text_of(w->judged)), "%s '%s' %d gave %.*s",
		      w->declared, w->name, (int)w->kind, EII_TEXT_ARGS(judged));
		CHECK(eii_file_type_agrees(declared, name, w->kind) == w->agrees, "%s '%s' %d",
		      w->declared, w->name, (int)w->kind);
	}
}

/* What a kind is called is a type of the table, which can begin so. */
static void test_file_type__names_every_kind(void **state)
{
	(void)state;
	assert_null(eii_file_type_of_kind(EII_FILE_NOT_SEEN));
	assert_null(eii_file_type_of_kind(EII_FILE_UNKNOWN));
	for (int kind = EII_FILE_TEXT; kind < EII_FILE_KINDS; kind++) {
		const char *type = eii_file_type_of_kind((enum eii_file_kind)kind);

		CHECK(type != NULL, "%d", kind);
		CHECK(eii_file_ending_of(eii_text_of(type)).len, "%s", type);
		CHECK(eii_file_type_agrees(eii_text_of(type), eii_text_of(""),
					   (enum eii_file_kind)kind),
		      "%s", type);
	}
}

static void test_file_type__knows_endings(void **state)
{
	static const char *const known[] = { "pdf", "PDF", "jpeg", "docx", "webm", "vcs", "7z" };
	static const char *const unknown[] = {
		"", "odd", "pdf (comment)", "p df", "pd", "pdff", "2", "averyveryverylongending"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		CHECK(eii_file_ending_is_known(eii_text_of(known[i])), "%s", known[i]);
	for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
		CHECK(!eii_file_ending_is_known(eii_text_of(unknown[i])), "%s", unknown[i]);
	assert_true(
		eii_text_equal(eii_file_ending_of(eii_text_of("image/jpeg")), eii_text_of("jpg")));
	assert_true(eii_file_ending_is_of(eii_text_of("JPEG"), eii_text_of("image/pjpeg")));
	assert_false(eii_file_ending_is_of(eii_text_of("png"), eii_text_of("image/jpeg")));
	assert_int_equal(eii_file_ending_of(eii_text_of(OCTETS)).len, 0);
	assert_int_equal(eii_file_ending_at(eii_text_of(".bashrc")), 7);
	assert_int_equal(eii_file_ending_at(eii_text_of("a.b.c")), 3);
}

static void test_file_type__sees_what_turns_a_name(void **state)
{
	(void)state;
	assert_true(eii_file_name_turns(eii_text_of("a\xe2\x80\xae"
						    "fdp.exe")));
	assert_true(eii_file_name_turns(eii_text_of("a\xe2\x81\xa9")));
	assert_false(eii_file_name_turns(eii_text_of("a\xe2\x80\x8f\xe2\x81\xaa.pdf")));
	assert_false(eii_file_name_turns(eii_text_of("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file_type__weighs_the_three_witnesses),
		cmocka_unit_test(test_file_type__names_every_kind),
		cmocka_unit_test(test_file_type__knows_endings),
		cmocka_unit_test(test_file_type__sees_what_turns_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
