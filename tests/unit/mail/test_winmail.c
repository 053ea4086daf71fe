/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/message.h"

#include "support.h"

#include "eii/fields/limits.h"

#include "cms_samples.h"

/* The streams are made by tests/golden/make_tnef.py. */
#define STREAMS EII_TEST_DATA "/fuzz/corpus/tnef/"
#define MAX     (1u << 26)
#define HEAD    "From: a@b.example\r\nSubject: s\r\nDate: Tue, 03 Mar 2026 10:20:30 +0100\r\n"
#define BASE64  "\r\nContent-Transfer-Encoding: base64\r\n\r\n"
#define TNEF    "Content-Type: application/ms-tnef; name=winmail.dat"
#define HTML    "<p>visible html \xc3\xa9</p>"
#define RTF_TEXT                                                                                   \
	"visible text \xc3\xa1 HYPERLINK &quot;https://evil.example/&quot;words<br>"               \
	"\xe2\x80\x93\xf0\x9f\x98\x80 {}\\"
#define RTF_HTML                                                                                   \
	"<p>visible words <a href=\"https://evil.example/x\" target=\"_blank\" rel=\"noopener "    \
	"noreferrer nofollow\">link \xd0\xbc\xd0\xb8\xd1\x80 a \xe2\x82\xac &amp; b</a></p>"

/* A mail of these tests may well have no words. */
#define INCOMPLETE (EII_DEFECTS_INCOMPLETE & ~(uint32_t)EII_DEFECT_NO_WORDS)

static const struct eii_text types[] = { { "application/pdf", 15 } };

static struct eii_fields *convert(enum eii_content_mode content, struct eii_text mail)
{
	const struct eii_convert_settings settings = {
		.content = content,
		.attach_forwarded = true,
		.max_file_bytes = MAX,
		.types = types,
		.n_types = ARRAY_LEN(types),
	};
	struct eii_fields *fields = NULL;

	assert_int_equal(eii_message_read(mail.data, mail.len, &settings, &fields, NULL), EII_OK);
	return fields;
}

static void read_stream(const char *name, struct eii_buf *out)
{
	char path[512];
	FILE *file;
	char *room;

	(void)snprintf(path, sizeof(path), STREAMS "%s", name);
	file = fopen(path, "re");
	assert_non_null(file);
	room = eii_buf_reserve(out, 65536);
	assert_non_null(room);
	out->len += fread(room, 1, 65536, file);
	(void)fclose(file);
}

/* Adds header and the stream in base64. */
static void add_stream(struct eii_buf *mail, const char *header, const char *name)
{
	struct eii_buf stream;

	eii_buf_init(&stream, MAX);
	read_stream(name, &stream);
	eii_buf_add_str(mail, header);
	eii_buf_add_str(mail, BASE64);
	base64_add(mail, eii_buf_text(&stream));
	eii_buf_add_str(mail, "\r\n");
	eii_buf_clear(&stream);
}

static void check(struct eii_buf *mail, const char *content, uint32_t defects, size_t n_files,
		  const char *row)
{
	struct eii_fields *fields = convert(EII_CONTENT_SAFE, eii_buf_text(mail));

	CHECK(eii_text_equal(fields->content, eii_text_of(content)), "%s gave '%.*s'", row,
	      EII_TEXT_ARGS(fields->content));
	CHECK((fields->defects & INCOMPLETE) == defects, "%s: defects %x", row, fields->defects);
	CHECK(fields->n_attachments == n_files, "%s: %zu files", row, fields->n_attachments);
	eii_fields_free(fields);
	eii_buf_clear(mail);
}

static void test_winmail__reads_body_and_files(void **state)
{
	static const struct {
		const char *stream;
		const char *content;
		uint32_t defects;
		size_t n_files; /* the winmail.dat among them */
	} cases[] = {
		{ "plain", "visible text \xc3\xa9", 0, 3 },
		{ "unicode", "visible text \xc3\xa9", 0, 1 },
		{ "html", HTML, 0, 3 },
		{ "rtf", RTF_TEXT, 0, 3 },
		{ "rtf-html", RTF_HTML, 0, 3 },
		{ "message", "outer words<br>\ninner words", 0, 4 },
		{ "cut", HTML, EII_DEFECT_TNEF_NOT_READ, 3 },
		{ "nested", "words", 0, 1 },
		{ "too-deep", "", EII_DEFECT_TOO_DEEP, 1 },
		{ "counts", "", EII_DEFECT_TNEF_NOT_READ, 1 },
	};
	static const char *const headers[] = {
		TNEF,
		"Content-Type: application/vnd.ms-tnef",
		"Content-Type: application/octet-stream; name=winmail.dat",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases) * ARRAY_LEN(headers); i++) {
		const char *stream = cases[i / ARRAY_LEN(headers)].stream;
		struct eii_buf mail;

		eii_buf_init(&mail, MAX);
		eii_buf_add_str(&mail, HEAD);
		add_stream(&mail, headers[i % ARRAY_LEN(headers)], stream);
		check(&mail, cases[i / ARRAY_LEN(headers)].content,
		      cases[i / ARRAY_LEN(headers)].defects, cases[i / ARRAY_LEN(headers)].n_files,
		      stream);
	}
}

static void test_winmail__files_go_through_the_list_of_types(void **state)
{
	static const struct {
		const char *name;
		const char *type;
		enum eii_attachment_fate fate;
		const char *data;
	} wanted[] = {
		{ "winmail.dat", "application/ms-tnef", EII_ATTACHMENT_TYPE_NOT_LISTED, "" },
		{ "a.pdf", "application/pdf", EII_ATTACHMENT_KEPT, "%PDF-1.4 made\n" },
		{ "held.txt", "text/plain", EII_ATTACHMENT_TYPE_NOT_LISTED, "" },
	};
	struct eii_fields *fields;
	struct eii_buf mail;

	(void)state;
	eii_buf_init(&mail, MAX);
	add_stream(&mail, TNEF, "html");
	fields = convert(EII_CONTENT_SAFE, eii_buf_text(&mail));
	assert_int_equal(fields->n_attachments, ARRAY_LEN(wanted));
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		const struct eii_attachment *got = &fields->attachments[i];

		CHECK(eii_text_equal(got->name, eii_text_of(wanted[i].name)), "%.*s",
		      EII_TEXT_ARGS(got->name));
		CHECK(eii_text_equal(got->mime_type, eii_text_of(wanted[i].type)), "%.*s",
		      EII_TEXT_ARGS(got->mime_type));
		CHECK(got->fate == wanted[i].fate, "%s", wanted[i].name);
		CHECK(eii_text_equal(got->data, eii_text_of(wanted[i].data)), "%s", wanted[i].name);
	}
	assert_int_equal(fields->attachments[2].size_bytes, 4);
	eii_fields_free(fields);
	fields = convert(EII_CONTENT_VERBATIM, eii_buf_text(&mail));
	assert_int_equal(fields->n_attachments, 1);
	assert_int_equal(fields->content.len, 0);
	eii_fields_free(fields);
	eii_buf_clear(&mail);
}

/* What stands in front is the same text for programs without TNEF. */
static void test_winmail__the_text_in_front_is_an_alternative(void **state)
{
	static const struct {
		const char *text;
		const char *stream;
		const char *content;
	} cases[] = {
		{ "other words", "html", HTML },
		{ "other words", "rtf-html", RTF_HTML },
		{ "visible\r\ntext =E9", "unicode", "visible<br>text \xc3\xa9" },
		{ "other words", "unicode", "other words<br>\nvisible text \xc3\xa9" },
		{ "other words", "too-deep", "other words" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool is_deep = !strcmp(cases[i].stream, "too-deep");
		bool is_html = strstr(cases[i].stream, "html");
		struct eii_buf mail;

		eii_buf_init(&mail, MAX);
		eii_buf_add_str(&mail,
				HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
				     "Content-Type: text/plain\r\n"
				     "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
		eii_buf_add_str(&mail, cases[i].text);
		eii_buf_add_str(&mail, "\r\n--b\r\n");
		add_stream(&mail, TNEF, cases[i].stream);
		eii_buf_add_str(&mail, "--b--\r\n");
		check(&mail, cases[i].content, is_deep ? EII_DEFECT_TOO_DEEP : 0, is_html ? 3 : 1,
		      cases[i].content);
	}
}

static void test_winmail__says_what_is_none(void **state)
{
	struct eii_buf mail;

	(void)state;
	eii_buf_init(&mail, MAX);
	eii_buf_add_str(&mail, HEAD TNEF "\r\n\r\nno TNEF");
	/* Its words are no secret for that. */
	check(&mail, "no TNEF", EII_DEFECT_TNEF_NOT_READ, 1, "none");
	eii_buf_add_str(&mail, HEAD TNEF "\r\n\r\n");
	check(&mail, "", EII_DEFECT_TNEF_NOT_READ, 1, "empty");
	eii_buf_add_str(&mail,
			HEAD "Content-Type: application/octet-stream\r\n\r\n\x01\x02\x03 TNEF");
	check(&mail, "", 0, 1, "another file");
}

static void add_number(struct eii_buf *out, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		eii_buf_add_char(out, (char)(n >> (8 * i)));
}

/* A stream whose body is this RTF, which is said to be stored as it is. */
static void add_rtf_stream(struct eii_buf *mail, struct eii_text rtf)
{
	struct eii_buf stream;
	uint32_t len = (uint32_t)rtf.len + 16;

	eii_buf_init(&stream, MAX);
	eii_buf_add(&stream, "\x78\x9f\x3e\x22\x01\0\x01\x03\x90\x06\0", 11);
	add_number(&stream, 4 + 12 + (len + 3) / 4 * 4);
	eii_buf_add(&stream, "\x01\0\0\0\x02\x01\x09\x10\x01\0\0\0", 12);
	add_number(&stream, len);
	add_number(&stream, (uint32_t)rtf.len + 12);
	add_number(&stream, (uint32_t)rtf.len);
	eii_buf_add(&stream, "MELA\0\0\0\0", 8);
	eii_buf_add_text(&stream, rtf);
	/* What fills up to four, and the checksum. */
	eii_buf_add(&stream, "\0\0\0\0", (4 - len % 4) % 4 + 2);
	eii_buf_add_str(mail, HEAD TNEF BASE64);
	base64_add(mail, eii_buf_text(&stream));
	eii_buf_clear(&stream);
}

static void test_winmail__keeps_rtf_without_words(void **state)
{
	static const struct {
		const char *rtf;
		size_t n_files;
	} cases[] = {
		{ "{\\rtf1{\\pict 00ff}}", 2 },
		{ "{\\rtf1{\\object{\\*\\objdata 00ff}}}", 2 },
		{ "{\\rtf1\\par}", 1 },
		{ "no RTF", 2 },
	};
	struct eii_fields *fields;
	struct eii_buf mail;

	(void)state;
	eii_buf_init(&mail, MAX);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		add_rtf_stream(&mail, eii_text_of(cases[i].rtf));
		fields = convert(EII_CONTENT_SAFE, eii_buf_text(&mail));
		CHECK(fields->n_attachments == cases[i].n_files, "%s", cases[i].rtf);
		if (cases[i].n_files == 2) {
			assert_true(eii_text_equal(fields->attachments[1].name,
						   eii_text_of("body.rtf")));
			assert_int_equal(fields->attachments[1].size_bytes, strlen(cases[i].rtf));
		}
		eii_fields_free(fields);
		eii_buf_clear(&mail);
	}
}

static void test_winmail__reads_rtf_up_to_the_limit(void **state)
{
	(void)state;
	for (size_t n = EII_LIMIT_RTF_BYTES; n <= EII_LIMIT_RTF_BYTES + 1; n++) {
		bool is_over = n > EII_LIMIT_RTF_BYTES;
		struct eii_fields *fields;
		struct eii_buf mail;
		struct eii_buf rtf;

		eii_buf_init(&mail, MAX);
		eii_buf_init(&rtf, n);
		eii_buf_add_str(&rtf, "{\\rtf1 words");
		while (rtf.len < n)
			eii_buf_add_char(&rtf, '\n');
		add_rtf_stream(&mail, eii_buf_text(&rtf));
		fields = convert(EII_CONTENT_SAFE, eii_buf_text(&mail));
		assert_int_equal(!!(fields->defects & (uint32_t)EII_DEFECT_TNEF_NOT_READ), is_over);
		if (!is_over)
			assert_true(eii_text_equal(fields->content, eii_text_of("words")));
		eii_fields_free(fields);
		eii_buf_clear(&mail);
		eii_buf_clear(&rtf);
	}
}

/* Messages in one stream, up to the limit and one past it. */
static void test_winmail__counts_streams(void **state)
{
	static const char file[] = "\x02\x02\x90\x06\0\0\0\0\0\0\0\x02\x05\x90\x06\0\x28\0\0\0"
				   "\x01\0\0\0\x0d\0\x01\x37\x01\0\0\0\x16\0\0\0"
				   "0123456789abcdef\x78\x9f\x3e\x22\0\0\0\0\0\0";

	(void)state;
	for (uint32_t n = EII_LIMIT_ATTACHMENTS - 1; n <= EII_LIMIT_ATTACHMENTS; n++) {
		struct eii_buf stream;
		struct eii_buf mail;

		eii_buf_init(&stream, MAX);
		eii_buf_init(&mail, MAX);
		eii_buf_add(&stream, "\x78\x9f\x3e\x22\x01\0", 6);
		for (uint32_t i = 0; i < n; i++)
			eii_buf_add(&stream, file, sizeof(file) - 1);
		eii_buf_add_str(&mail, HEAD TNEF BASE64);
		base64_add(&mail, eii_buf_text(&stream));
		check(&mail, "", n < EII_LIMIT_ATTACHMENTS ? 0 : EII_DEFECT_TOO_MANY_ATTACHMENTS, 1,
		      "streams");
		eii_buf_clear(&stream);
	}
}

static int prepare(void **state)
{
	(void)state;
	eii_message_prepare();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_winmail__reads_body_and_files),
		cmocka_unit_test(test_winmail__files_go_through_the_list_of_types),
		cmocka_unit_test(test_winmail__the_text_in_front_is_an_alternative),
		cmocka_unit_test(test_winmail__says_what_is_none),
		cmocka_unit_test(test_winmail__keeps_rtf_without_words),
		cmocka_unit_test(test_winmail__reads_rtf_up_to_the_limit),
		cmocka_unit_test(test_winmail__counts_streams),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
