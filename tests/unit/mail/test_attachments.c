/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/message.h"

#include "eii/base/alloc.h"
#include "support.h"

#define MIXED                                                                                      \
	"From: a@b.example\r\nSubject: s\r\nDate: Tue, 03 Mar 2026 10:20:30 +0100\r\n"             \
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define PART(header, body) "--b\r\n" header "\r\n\r\n" body "\r\n"
#define END                "--b--\r\n"
#define PDF                PART("Content-Type: application/pdf; name=a.pdf", "%PDF-1.4")

static struct eii_convert_settings settings_for(const struct eii_text *types, size_t n)
{
	return (struct eii_convert_settings){
		.attach_forwarded = true,
		.max_file_bytes = 1024 * 1024,
		.types = types,
		.n_types = n,
	};
}

static struct eii_fields *convert(const struct eii_convert_settings *settings, const char *mail)
{
	struct eii_fields *fields = NULL;
	struct eii_error err;

	assert_int_equal(eii_message_read(mail, strlen(mail), settings, &fields, &err), EII_OK);
	return fields;
}

/* Mail programs declare what they do not know, or call a CSV what opens it. */
static void test_attachments__keeps_by_name_and_first_bytes(void **state)
{
	static const struct {
		const char *part;
		enum eii_file_kind kind;
		enum eii_attachment_fate fate;
	} cases[] = {
		{ PART("Content-Type: application/octet-stream; name=r.PDF", "%PDF-1.4"),
		  EII_FILE_PDF, EII_ATTACHMENT_KEPT },
		{ PART("Content-Type: application/octet-stream", "%PDF-1.4"), EII_FILE_PDF,
		  EII_ATTACHMENT_KEPT },
		{ PART("Content-Type: application/x-pdf; name=r", "%PDF-1.4"), EII_FILE_PDF,
		  EII_ATTACHMENT_KEPT },
		{ PART("Content-Type: application/pdf; name=r.pdf", "words"), EII_FILE_TEXT,
		  EII_ATTACHMENT_KEPT },
		{ PART("Content-Type: application/vnd.ms-excel; name=a.csv", "a,b"), EII_FILE_TEXT,
		  EII_ATTACHMENT_KEPT },
		{ PART("Content-Type: application/vnd.ms-excel; name=a.xls", "a,b"), EII_FILE_TEXT,
		  EII_ATTACHMENT_TYPE_NOT_LISTED },
		{ PART("Content-Type: application/octet-stream; name=a.pdf", "PK\x03\x04"),
		  EII_FILE_ZIP, EII_ATTACHMENT_TYPE_NOT_LISTED },
		{ PART("Content-Type: application/octet-stream; name=a.eml", "Subject: s\r\n\r\nx"),
		  EII_FILE_TEXT, EII_ATTACHMENT_KEPT },
		{ PART("Content-Type: application/zip; name=a.pdf", "%PDF-1.4"), EII_FILE_PDF,
		  EII_ATTACHMENT_TYPE_NOT_LISTED },
	};
	static const struct eii_text types[] = { { "application/pdf", 15 }, { "text/csv", 8 } };
	struct eii_convert_settings settings = settings_for(types, ARRAY_LEN(types));

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO_STR mail = eii_asprintf("%s%s%s", MIXED PART("", "x"), cases[i].part, END);
		struct eii_fields *fields = convert(&settings, mail);

		CHECK(fields->n_attachments == 1, "%zu", i);
		CHECK(fields->attachments[0].kind == cases[i].kind, "%zu is %d", i,
		      (int)fields->attachments[0].kind);
		CHECK(fields->attachments[0].fate == cases[i].fate, "%zu has %d", i,
		      (int)fields->attachments[0].fate);
		eii_fields_free(fields);
	}
}

static void test_attachments__keeps_types_by_pattern(void **state)
{
	static const struct eii_text patterns[] = { { "image/*", 7 }, { "text/csv", 8 } };
	struct eii_convert_settings settings = settings_for(patterns, ARRAY_LEN(patterns));
	struct eii_fields *fields;
	static const char mail[] =
		MIXED PART("", "x") PDF PART("Content-Type: image/x-odd; name=a.odd", "x")
			PART("Content-Type: text/csv; name=a.csv", "a,b") END;

	(void)state;
	fields = convert(&settings, mail);
	assert_int_equal(fields->n_attachments, 3);
	assert_int_equal(fields->attachments[0].fate, EII_ATTACHMENT_TYPE_NOT_LISTED);
	assert_int_equal(fields->attachments[1].fate, EII_ATTACHMENT_KEPT);
	assert_int_equal(fields->attachments[2].fate, EII_ATTACHMENT_KEPT);
	eii_fields_free(fields);
}

/* Words are never left in a file alone where the report has no others. */
static void test_attachments__reads_text_of_no_type_where_there_is_no_other(void **state)
{
#define OCTETS "Content-Type: application/octet-stream"
	static const struct {
		const char *parts, *wanted;
		enum eii_content_mode mode;
	} cases[] = {
		{ PART(OCTETS, "words & more"), "words &amp; more", EII_CONTENT_SAFE },
		{ PART(OCTETS "; name=a.txt", "words"), "words", EII_CONTENT_SAFE },
		{ PART(OCTETS, "<html><p>words</p><script>x</script>"), "<p>words</p>",
		  EII_CONTENT_SAFE },
		{ PART(OCTETS "; name=a.xml", "<?xml version='1.0'?><a/>"),
		  "&lt;?xml version=&#39;1.0&#39;?&gt;&lt;a/&gt;", EII_CONTENT_SAFE },
		{ PART(OCTETS "; name=a.asc", "-----BEGIN PGP MESSAGE-----"), "",
		  EII_CONTENT_SAFE },
		{ PART(OCTETS, "words"), "", EII_CONTENT_VERBATIM },
		{ PART(OCTETS "\r\nContent-Disposition: attachment", "words"), "words",
		  EII_CONTENT_SAFE },
		{ PART(OCTETS, "wor\x01"
			       "ds"),
		  "", EII_CONTENT_SAFE },
		{ PART("Content-Type: text/plain", "mine") PART(OCTETS, "words"), "mine",
		  EII_CONTENT_SAFE },
	};
#undef OCTETS

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO_STR mail = eii_asprintf("%s%s%s", MIXED, cases[i].parts, END);
		struct eii_convert_settings settings = settings_for(NULL, 0);
		struct eii_fields *fields;

		settings.content = cases[i].mode;
		fields = convert(&settings, mail);
		CHECK(eii_text_equal(eii_text_trim(fields->content), eii_text_of(cases[i].wanted)),
		      "%zu gave '%.*s'", i, EII_TEXT_ARGS(fields->content));
		eii_fields_free(fields);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attachments__keeps_by_name_and_first_bytes),
		cmocka_unit_test(test_attachments__keeps_types_by_pattern),
		cmocka_unit_test(test_attachments__reads_text_of_no_type_where_there_is_no_other),
	};

	eii_message_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
