/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/stix/report.h"

#include "eii/base/base64.h"
#include "eii/base/buf.h"
#include "eii/codec/json.h"
#include "support.h"

#define NOW_US   (INT64_C(1787234160) * 1000000 + 5000)
#define ENVELOPE 400
#define PLENTY   (64u << 20)

static const struct eii_report_settings settings = {
	.marking.id = "marking-definition--826578e1-40ad-459f-bc73-ede076f81f37",
	.content = EII_CONTENT_VERBATIM,
	.max_message_bytes = 16u << 20,
	.created_us = NOW_US,
};

/* A mail that the cases change. */
struct mail {
	struct eii_attachment attachments[4];
	struct eii_fields fields;
	struct eii_report_source source;
};

static void make_mail(struct mail *mail)
{
	*mail = (struct mail){
		.fields = { .subject = eii_text_of("Weekly CTI Digest"),
			    .sender = eii_text_of("a@b.example"),
			    .date = { .is_known = true, .has_offset = true, .unix_s = 1787234160 },
			    .content_kind = EII_CONTENT_HTML,
			    .content = eii_text_of("<p>x</p>") },
		.source = { .internal_unix_s = 86400,
			    .now_us = NOW_US,
			    .envelope_bytes = ENVELOPE },
	};
	mail->fields.attachments = mail->attachments;
	mail->source.fields = &mail->fields;
}

static void attach(struct mail *mail, const char *name, struct eii_text data)
{
	mail->attachments[mail->fields.n_attachments++] = (struct eii_attachment){
		.name = eii_text_of(name),
		.mime_type = eii_text_of("application/pdf"),
		.size_bytes = data.len,
		.data = data,
	};
}

static struct eii_text filled(size_t len, char c)
{
	char *data = malloc(len);

	assert_non_null(data);
	memset(data, c, len);
	return eii_text(data, len);
}

static void drop(struct eii_text text)
{
	char *data;

	memcpy(&data, &text.data, sizeof(data));
	free(data);
}

static struct eii_report *report_of(struct mail *mail, const struct eii_report_settings *with)
{
	struct eii_report *report = NULL;
	struct eii_error err;

	CHECK(eii_report_new(with, &mail->source, &report, &err) == EII_OK, "%s", err.text);
	return report;
}

/* A message's bundle, whose announced size is checked on the way. */
static void bundle_of(const struct eii_report *report, unsigned index, struct eii_buf *out)
{
	struct eii_buf_sink sink;

	eii_buf_init(out, PLENTY);
	eii_buf_sink_init(&sink, out);
	assert_int_equal(eii_report_write_bundle(report, index, &sink.base, NULL), EII_OK);
	assert_int_equal(out->len, eii_report_bundle_size(report, index));
}

static struct eii_json *parsed(const struct eii_buf *text)
{
	struct eii_json *json = NULL;
	struct eii_error err;

	CHECK(eii_json_parse(eii_buf_text(text), PLENTY, &json, &err) == EII_OK, "%s", err.text);
	return json;
}

static uint64_t message_bytes(const struct eii_report *report, unsigned index)
{
	return ENVELOPE + eii_base64_size((size_t)eii_report_bundle_size(report, index));
}

#define OBJECT_HEAD                                                                                \
	"{\"type\":\"report\",\"spec_version\":\"2.1\","                                           \
	"\"id\":\"report--7c7a5d61-f17c-5d74-ae12-d9e7c467333c\","                                 \
	"\"created_by_ref\":\"identity--f1f25c53-7d95-5ee6-b5d0-3379bfb2e997\","                   \
	"\"created\":\"2026-08-20T13:56:00.005Z\",\"modified\":\"2026-08-20T13:56:00.005Z\","      \
	"\"name\":\"Weekly CTI Digest\",\"description\":\"**Email Received From**: a@b.example  "  \
	"\\n**Email Received At**: 2026-08-20 13:56:00+00:00  \\n**Email Subject**: Weekly CTI "   \
	"Digest  \\n**Email Attachment Count**: "
#define MARKING "\"marking-definition--826578e1-40ad-459f-bc73-ede076f81f37\""
#define OBJECT_MIDDLE                                                                              \
	"\"report_types\":[\"threat-report\"],\"published\":\"2026-08-20T13:56:00.000Z\","         \
	"\"object_marking_refs\":[" MARKING "],\"x_opencti_content\":\"<p>x</p>\""
#define CONSULT "  \\n  \\nPlease consult the content section to view the email content."

static void test_report__is_member_by_member_the_official_one(void **state)
{
	(void)state;
	struct mail mail;
	EII_AUTO(eii_report) report = NULL;
	struct eii_buf_sink sink;
	struct eii_buf out;

	make_mail(&mail);
	report = report_of(&mail, &settings);
	eii_buf_init(&out, PLENTY);
	eii_buf_sink_init(&sink, &out);
	assert_int_equal(eii_report_write_object(report, &sink.base, NULL), EII_OK);
	assert_string_equal(out.data, OBJECT_HEAD "0" CONSULT "\"," OBJECT_MIDDLE "}");
	eii_buf_clear(&out);
	bundle_of(report, 0, &out);
	assert_memory_equal(out.data, "{\"type\":\"bundle\",\"id\":\"bundle--", 31);
	assert_non_null(strstr(out.data, "\",\"spec_version\":\"2.1\",\"x_opencti_seq\":3,"
					 "\"objects\":[" OBJECT_HEAD));
	assert_non_null(strstr(out.data, OBJECT_MIDDLE ",\"nb_deps\":3}]}"));
	eii_buf_clear(&out);
}

static void test_report__holds_files_as_the_official_one(void **state)
{
	(void)state;
	struct mail mail;
	EII_AUTO(eii_report) report = NULL;
	struct eii_buf out;

	make_mail(&mail);
	attach(&mail, "a.pdf", eii_text_of("PDF!"));
	attach(&mail, "A.pdf", eii_text_of(""));
	report = report_of(&mail, &settings);
	assert_int_equal(eii_report_n_messages(report), 1);
	bundle_of(report, 0, &out);
	assert_non_null(strstr(
		out.data,
		"\"x_opencti_content\":\"<p>x</p>\",\"x_opencti_files\":[{\"name\":"
		"\"a.pdf\",\"mime_type\":\"application/pdf\",\"data\":\"UERGIQ==\","
		"\"object_marking_refs\":[" MARKING "]},{\"name\":\"A (2).pdf\","
		"\"mime_type\":\"application/pdf\",\"data\":\"\",\"object_marking_refs\":[" MARKING
		"]}],\"nb_deps\":3}]}"));
	eii_buf_clear(&out);
}

static void test_report__speaks_to_old_platforms(void **state)
{
	(void)state;
	struct mail mail;
	EII_AUTO(eii_report) report = NULL;
	struct eii_buf out;

	make_mail(&mail);
	attach(&mail, "a.pdf", eii_text_of("x"));
	mail.source.platform.content_member = true;
	mail.source.platform.file_version = true;
	report = report_of(&mail, &settings);
	bundle_of(report, 0, &out);
	assert_non_null(
		strstr(out.data, "\"x_opencti_content\":\"<p>x</p>\",\"content\":\"<p>x</p>\","));
	assert_non_null(strstr(out.data, "],\"version\":\"2026-08-20T13:56:00.005Z\"}]"));
	eii_buf_clear(&out);
}

static void test_report__milliseconds_make_another_id(void **state)
{
	(void)state;
	struct mail mail;
	EII_AUTO(eii_report) report = NULL;
	char plain[EII_ID_BYTES];

	make_mail(&mail);
	eii_report_plain_id(&mail.fields, 0, plain);
	assert_string_equal(plain, "report--7c7a5d61-f17c-5d74-ae12-d9e7c467333c");
	mail.source.milliseconds = 7;
	report = report_of(&mail, &settings);
	assert_string_equal(eii_report_published(report), "2026-08-20T13:56:00.007Z");
	assert_string_not_equal(eii_report_id(report), plain);
}

static void test_report__without_a_date_takes_the_servers(void **state)
{
	(void)state;
	struct mail mail;
	EII_AUTO(eii_report) report = NULL;

	make_mail(&mail);
	mail.fields.date.is_known = false;
	report = report_of(&mail, &settings);
	assert_string_equal(eii_report_published(report), "1970-01-02T00:00:00.000Z");
}

static void test_report__of_a_fallback_holds_the_raw_mail(void **state)
{
	(void)state;
	struct mail mail;
	EII_AUTO(eii_report) report = NULL;
	struct eii_buf out;

	make_mail(&mail);
	mail.fields.content = eii_text_of("");
	mail.fields.content_kind = EII_CONTENT_EMPTY;
	mail.source.raw = eii_text_of("From: a\n\nx");
	mail.source.fallback = "the converter crashed";
	report = report_of(&mail, &settings);
	assert_int_equal(eii_report_n_files(report), 1);
	bundle_of(report, 0, &out);
	assert_non_null(strstr(out.data,
			       "\"x_opencti_content\":\"\",\"x_opencti_files\":[{\"name\":"
			       "\"mail.eml\",\"mime_type\":\"message/rfc822\","
			       "\"data\":\"RnJvbTogYQoKeA==\""));
	assert_non_null(strstr(out.data, "could not be converted: the converter crashed"));
	eii_buf_clear(&out);
}

/* ---- limits ------------------------------------------------------------ */

/* Content that makes the request just so large; the description is measured first. */
static size_t room_for_content(struct mail *mail)
{
	struct eii_text content = mail->fields.content;
	EII_AUTO(eii_report) report = NULL;
	EII_AUTO(eii_json) json = NULL;
	struct eii_buf out;
	const char *description;
	size_t used = EII_REPORT_REQUEST_MARGIN_BYTES + EII_REPORT_REQUEST_PER_FILE_BYTES;

	report = report_of(mail, &settings);
	bundle_of(report, 0, &out);
	json = parsed(&out);
	description =
		eii_json_get_str(eii_json_first(eii_json_get(json, "objects")), "description");
	used += mail->fields.subject.len + strlen(description);
	for (const char *p = description; *p; p++)
		used += *p == '\n' || *p == '\\';
	eii_buf_clear(&out);
	mail->fields.content = content;
	return EII_REPORT_REQUEST_WITH_FILES_BYTES - used;
}

static void check_split(const struct eii_report *report, unsigned content_index)
{
	struct eii_buf bundles[2];

	assert_int_equal(eii_report_n_messages(report), 2);
	bundle_of(report, 0, &bundles[0]);
	bundle_of(report, 1, &bundles[1]);
	assert_non_null(strstr(bundles[content_index].data, "x_opencti_content"));
	assert_null(strstr(bundles[content_index].data, "x_opencti_files"));
	assert_null(strstr(bundles[1 - content_index].data, "x_opencti_content"));
	assert_non_null(strstr(bundles[1 - content_index].data, "x_opencti_files"));
	for (unsigned i = 0; i < 2; i++) {
		assert_non_null(strstr(bundles[i].data, eii_report_id(report)));
		assert_non_null(
			strstr(bundles[i].data, "\"published\":\"2026-08-20T13:56:00.000Z\""));
	}
	eii_buf_clear(&bundles[0]);
	eii_buf_clear(&bundles[1]);
}

static void test_report__is_split_one_byte_past_the_platforms_limit(void **state)
{
	(void)state;
	struct mail mail;
	EII_AUTO(eii_report) report = NULL;
	struct eii_text content;
	size_t room;

	make_mail(&mail);
	attach(&mail, "a.pdf", eii_text_of("x"));
	room = room_for_content(&mail);
	content = filled(room + 1, 'c');
	mail.fields.content = eii_text(content.data, room);
	report = report_of(&mail, &settings);
	assert_int_equal(eii_report_n_messages(report), 1);
	eii_report_free(EII_DETACH(report));
	mail.fields.content = content;
	report = report_of(&mail, &settings);
	check_split(report, 0);
	eii_report_free(EII_DETACH(report));
	mail.source.platform.files_first = true;
	report = report_of(&mail, &settings);
	check_split(report, 1);
	/* Without a file there is nothing to split. */
	eii_report_free(EII_DETACH(report));
	mail.fields.n_attachments = 0;
	report = report_of(&mail, &settings);
	assert_int_equal(eii_report_n_messages(report), 1);
	drop(content);
}

/* Cyrillic is six bytes a letter there, two here. */
static void test_report__counts_as_the_platform_does(void **state)
{
	(void)state;
	struct mail mail;
	EII_AUTO(eii_report) report = NULL;
	struct eii_buf content;

	make_mail(&mail);
	attach(&mail, "a.pdf", eii_text_of("x"));
	eii_buf_init(&content, PLENTY);
	for (size_t i = 0; i < 160000; i++)
		eii_buf_add_str(&content, "\xd0\x94");
	mail.fields.content = eii_buf_text(&content);
	report = report_of(&mail, &settings);
	assert_int_equal(eii_report_n_messages(report), 1);
	eii_report_free(EII_DETACH(report));
	for (size_t i = 0; i < 10000; i++)
		eii_buf_add_str(&content, "\xd0\x94");
	mail.fields.content = eii_buf_text(&content);
	report = report_of(&mail, &settings);
	assert_int_equal(eii_report_n_messages(report), 2);
	eii_buf_clear(&content);
}

static void test_report__drops_the_largest_file_one_byte_past_the_brokers_limit(void **state)
{
	(void)state;
	struct eii_report_settings with = settings;
	struct mail mail;
	EII_AUTO(eii_report) report = NULL;
	struct eii_text large = filled(300000, 'l'), small = filled(200000, 's');
	struct eii_buf out;

	make_mail(&mail);
	attach(&mail, "small.pdf", small);
	attach(&mail, "large.pdf", large);
	report = report_of(&mail, &with);
	with.max_message_bytes = message_bytes(report, 0);
	eii_report_free(EII_DETACH(report));
	report = report_of(&mail, &with);
	assert_int_equal(eii_report_n_files(report), 2);
	eii_report_free(EII_DETACH(report));
	with.max_message_bytes--;
	report = report_of(&mail, &with);
	assert_int_equal(eii_report_n_files(report), 1);
	assert_int_equal(eii_report_n_left_out(report), 1);
	bundle_of(report, 0, &out);
	assert_non_null(strstr(out.data, "\"name\":\"small.pdf\""));
	assert_null(strstr(out.data, "\"name\":\"large.pdf\""));
	assert_non_null(strstr(out.data, "not kept: it does not fit into a message"));
	assert_in_range(message_bytes(report, 0), 1, with.max_message_bytes);
	eii_buf_clear(&out);
	drop(large);
	drop(small);
}

static void test_report__then_cuts_the_content(void **state)
{
	(void)state;
	struct mail mail;
	EII_AUTO(eii_report) report = NULL;
	struct eii_text content = filled(500000, 'c'), file = filled(1000, 'f');
	struct eii_buf out;

	make_mail(&mail);
	mail.fields.content = content;
	attach(&mail, "a.pdf", file);
	mail.source.max_message_bytes = 100000;
	report = report_of(&mail, &settings);
	assert_int_equal(eii_report_n_files(report), 0);
	assert_in_range(message_bytes(report, 0), 99000, 100000);
	bundle_of(report, 0, &out);
	assert_non_null(strstr(out.data, "<p>[The rest did not fit into a message"));
	assert_non_null(strstr(out.data, "the content does not fit into a message and was cut"));
	eii_buf_clear(&out);
	drop(content);
	drop(file);
}

/* 20 MiB of controls: 6 bytes each for the platform, over its 50 MB without files too. */
static void test_report__cuts_what_the_platform_would_refuse(void **state)
{
	(void)state;
	struct eii_report_settings with = settings;
	struct mail mail;
	EII_AUTO(eii_report) report = NULL;
	struct eii_text content = filled(20u << 20, '\x01');

	with.max_message_bytes = 0;
	make_mail(&mail);
	mail.fields.content = content;
	report = report_of(&mail, &with);
	assert_in_range(eii_report_bundle_size(report, 0), 52000000, 52428800);
	drop(content);
}

static void test_report__that_fits_nowhere_is_refused(void **state)
{
	(void)state;
	struct mail mail;
	struct eii_report *report = (struct eii_report *)&mail;
	struct eii_error err = { 0 };

	make_mail(&mail);
	mail.source.max_message_bytes = ENVELOPE + 100;
	assert_int_equal(eii_report_new(&settings, &mail.source, &report, &err), EII_REJECT);
	assert_ptr_equal(report, &mail);
	assert_non_null(strstr(err.text, "MQ_MAX_MESSAGE_BYTES"));
}

/* The longest names and addresses that a mail can have, in the least that a broker takes. */
static void test_report__fits_the_least_limit_at_its_worst(void **state)
{
	(void)state;
	struct mail mail;
	EII_AUTO(eii_report) report = NULL;
	struct eii_text subject = filled(65536, '&'), sender = filled(1024, '_');

	make_mail(&mail);
	mail.fields.subject = subject;
	mail.fields.sender = sender;
	mail.fields.reply_to = sender;
	mail.fields.message_id = sender;
	mail.source.max_message_bytes = EII_REPORT_MIN_LIMIT_BYTES;
	report = report_of(&mail, &settings);
	assert_in_range(message_bytes(report, 0), 1, EII_REPORT_MIN_LIMIT_BYTES);
	assert_int_equal(eii_report_name(report).len, EII_REPORT_NAME_MAX_BYTES);
	drop(subject);
	drop(sender);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_report__is_member_by_member_the_official_one),
		cmocka_unit_test(test_report__holds_files_as_the_official_one),
		cmocka_unit_test(test_report__speaks_to_old_platforms),
		cmocka_unit_test(test_report__milliseconds_make_another_id),
		cmocka_unit_test(test_report__without_a_date_takes_the_servers),
		cmocka_unit_test(test_report__of_a_fallback_holds_the_raw_mail),
		cmocka_unit_test(test_report__is_split_one_byte_past_the_platforms_limit),
		cmocka_unit_test(test_report__counts_as_the_platform_does),
		cmocka_unit_test(
			test_report__drops_the_largest_file_one_byte_past_the_brokers_limit),
		cmocka_unit_test(test_report__then_cuts_the_content),
		cmocka_unit_test(test_report__cuts_what_the_platform_would_refuse),
		cmocka_unit_test(test_report__that_fits_nowhere_is_refused),
		cmocka_unit_test(test_report__fits_the_least_limit_at_its_worst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
