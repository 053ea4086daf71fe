/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/first_bytes.h"

#include "support.h"

#define FILE_OF(kind, bytes)                                                                       \
	{                                                                                          \
		kind, bytes, sizeof(bytes) - 1                                                     \
	}

static void test_first_bytes__tell_the_kind(void **state)
{
	static const struct {
		enum eii_file_kind kind;
		const char *bytes;
		size_t len;
	} files[] = {
		FILE_OF(EII_FILE_NOT_SEEN, ""),
		FILE_OF(EII_FILE_PDF, "%PDF-1.7\n\xe2\xe3"),
		FILE_OF(EII_FILE_PDF, "junk before\n%PDF-1.4"),
		FILE_OF(EII_FILE_RTF, "{\\rtf1 words}"),
		FILE_OF(EII_FILE_OLE, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"),
		FILE_OF(EII_FILE_ZIP, "PK\x03\x04\x14\0"),
		FILE_OF(EII_FILE_GZIP, "\x1f\x8b\x08\0"),
		FILE_OF(EII_FILE_7Z, "7z\xbc\xaf\x27\x1c\0\x04"),
		FILE_OF(EII_FILE_RAR, "Rar!\x1a\x07\x01\0"),
		FILE_OF(EII_FILE_PNG, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
		FILE_OF(EII_FILE_JPEG, "\xff\xd8\xff\xe0\0\x10JFIF"),
		FILE_OF(EII_FILE_GIF, "GIF89a\x01\0"),
		FILE_OF(EII_FILE_WEBP, "RIFF\x10\0\0\0WEBPVP8 "),
		FILE_OF(EII_FILE_RIFF, "RIFF\x10\0\0\0WAVEfmt "),
		FILE_OF(EII_FILE_TEXT, "a WEBP of words"),
		FILE_OF(EII_FILE_ISO_MEDIA, "\0\0\0\x18"
					    "ftypmp42"),
		FILE_OF(EII_FILE_UNIX_PROGRAM, "\x7f"
					       "ELF\x02\x01\x01"),
		FILE_OF(EII_FILE_SHORTCUT, "\x4c\0\0\0\x01\x14\x02\0\0\0"),
		FILE_OF(EII_FILE_UNKNOWN, "MZ\x90\0"),
		FILE_OF(EII_FILE_TEXT, "MZ is how a program begins, and this is no program"),
		FILE_OF(EII_FILE_HTML, "\xef\xbb\xbf \r\n<!DOCTYPE HTML><p>x"),
		FILE_OF(EII_FILE_HTML, "<html>"),
		FILE_OF(EII_FILE_HTML, "<svg xmlns='http://www.w3.org/2000/svg'/>"),
		FILE_OF(EII_FILE_XML, "<?xml version='1.0'?><a/>"),
		FILE_OF(EII_FILE_TEXT, "<p>words"),
		FILE_OF(EII_FILE_TEXT, "a,b\r\n\xe4\xf6,\x1b$B\f"),
		FILE_OF(EII_FILE_TEXT, "\xff\xfe"
				       "a\0b\0"),
		FILE_OF(EII_FILE_UNKNOWN, "words\0words"),
		FILE_OF(EII_FILE_UNKNOWN, "\x01\x02\x03"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		const enum eii_file_kind kind =
			eii_first_bytes_kind(eii_text(files[i].bytes, files[i].len));

		CHECK(kind == files[i].kind, "%zu '%s' gave %d", i, files[i].bytes, (int)kind);
	}
}

/* Two letters alone begin many a file: a program has a head of 64 bytes. */
static void test_first_bytes__want_a_programs_whole_head(void **state)
{
	char head[64] = "MZ\x90";

	(void)state;
	assert_int_equal(eii_first_bytes_kind(eii_text(head, 63)), EII_FILE_UNKNOWN);
	assert_int_equal(eii_first_bytes_kind(eii_text(head, 64)), EII_FILE_WINDOWS_PROGRAM);
}

static void test_first_bytes__look_no_further_than_they_say(void **state)
{
	char file[EII_FIRST_BYTES_MAX + 1];

	(void)state;
	memset(file, 'a', sizeof(file));
	file[EII_FIRST_BYTES_MAX] = '\0';
	assert_int_equal(eii_first_bytes_kind(eii_text(file, sizeof(file))), EII_FILE_TEXT);
	file[EII_FIRST_BYTES_MAX - 1] = '\0';
	assert_int_equal(eii_first_bytes_kind(eii_text(file, sizeof(file))), EII_FILE_UNKNOWN);
	file[EII_FIRST_BYTES_MAX - 1] = 'a';
	memcpy(file + 1024 - 5, "%PDF-", 5);
	assert_int_equal(eii_first_bytes_kind(eii_text(file, sizeof(file))), EII_FILE_PDF);
	memcpy(file + 1024 - 5, "a%PDF-", 6);
	assert_int_equal(eii_first_bytes_kind(eii_text(file, sizeof(file))), EII_FILE_TEXT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_bytes__tell_the_kind),
		cmocka_unit_test(test_first_bytes__want_a_programs_whole_head),
		cmocka_unit_test(test_first_bytes__look_no_further_than_they_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
