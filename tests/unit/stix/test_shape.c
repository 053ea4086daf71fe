/* SPDX-License-Identifier: Apache-2.0 */
/* What a report has beyond the official connector's members, where it is asked for. */
#include "eii/base/buf.h"
#include "eii/stix/report.h"
#include "support.h"

#define NOW_US INT64_C(1787234160005000)

static const struct eii_report_settings settings = {
	.marking.id = "marking-definition--826578e1-40ad-459f-bc73-ede076f81f37",
	.content = EII_CONTENT_VERBATIM,
	.created_us = NOW_US,
};
#define MARKING "\"marking-definition--826578e1-40ad-459f-bc73-ede076f81f37\""

struct mail {
	struct eii_attachment attachment;
	struct eii_fields fields;
	struct eii_report_source source;
};

static void make_mail(struct mail *mail)
{
	*mail = (struct mail){
		.attachment = { .name = eii_text_of("a.pdf"),
				.mime_type = eii_text_of("application/pdf"),
				.size_bytes = 1,
				.data = eii_text_of("x") },
		.fields = { .subject = eii_text_of("Weekly CTI Digest"),
			    .sender = eii_text_of("a@b.example"),
			    .date = { .is_known = true, .has_offset = true, .unix_s = 1787234160 },
			    .content_kind = EII_CONTENT_HTML,
			    .content = eii_text_of("<p>x</p>") },
		.source = { .now_us = NOW_US },
	};
	mail->fields.attachments = &mail->attachment;
	mail->fields.n_attachments = 1;
	mail->source.fields = &mail->fields;
}

/* The first message's bundle, whose announced size is checked on the way. */
static void bundle_of(struct mail *mail, const struct eii_report_settings *with,
		      struct eii_buf *out)
{
	EII_AUTO(eii_report) report = NULL;
	struct eii_buf_sink sink;
	struct eii_error err;

	CHECK(eii_report_new(with, &mail->source, &report, &err) == EII_OK, "%s", err.text);
	eii_buf_init(out, 1 << 20);
	eii_buf_sink_init(&sink, out);
	assert_int_equal(eii_report_write_bundle(report, 0, &sink.base, NULL), EII_OK);
	assert_int_equal(out->len, eii_report_bundle_size(report, 0));
}

static void test_shape__says_what_its_rule_says(void **state)
{
	static const struct eii_text labels[] = { { "one", 3 }, { "t\"wo", 4 } };
	struct eii_report_shape shape = { .type = eii_text_of("advisory"),
					  .labels = labels,
					  .n_labels = 2,
					  .n_markings = 2,
					  .has_confidence = true,
					  .confidence = 0 };
	char wanted[1024];
	struct mail mail;
	struct eii_buf out;

	(void)state;
	eii_author_of(eii_text_of("CERT"), &shape.author);
	eii_marking_of_tlp(EII_TLP_GREEN, &shape.markings[0]);
	assert_true(eii_marking_parse(eii_text_of("PAP:RED"), &shape.markings[1]));
	make_mail(&mail);
	mail.source.shape = &shape;
	bundle_of(&mail, &settings, &out);
	(void)snprintf(wanted, sizeof(wanted), "\"created_by_ref\":\"%s\"", shape.author.id);
	assert_non_null(strstr(out.data, wanted));
	(void)snprintf(wanted, sizeof(wanted),
		       "\"report_types\":[\"advisory\"],\"published\":"
		       "\"2026-08-20T13:56:00.000Z\",\"object_marking_refs\":[\"%s\",\"%s\"],"
		       "\"labels\":[\"one\",\"t\\\"wo\"],\"confidence\":0,",
		       shape.markings[0].id, shape.markings[1].id);
	assert_non_null(strstr(out.data, wanted));
	(void)snprintf(wanted, sizeof(wanted), "\"object_marking_refs\":[\"%s\",\"%s\"]}]",
		       shape.markings[0].id, shape.markings[1].id);
	assert_non_null(strstr(out.data, wanted));
	/* 1, and what it refers to: an author and two markings. */
	assert_non_null(strstr(out.data, "\"x_opencti_seq\":4,"));
	assert_non_null(strstr(out.data, "\"nb_deps\":4}]}"));
	eii_buf_clear(&out);
}

static void test_shape__names_the_message_id_where_asked(void **state)
{
	static const char wanted[] = "\"object_marking_refs\":[" MARKING "],"
				     "\"external_references\":[{\"source_name\":\"Email\","
				     "\"external_id\":\"<a\\\"b@c.example>\"}],";
	static const struct {
		const char *message_id;
		bool is_asked, is_named;
	} rows[] = {
		{ " <a\"b@c.example> ", true, true },
		{ "<a\"b@c.example>", false, false },
		{ "", true, false },
		{ " ", true, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_report_settings with = settings;
		struct mail mail;
		struct eii_buf out;

		with.has_reference = rows[i].is_asked;
		make_mail(&mail);
		mail.fields.message_id = eii_text_of(rows[i].message_id);
		bundle_of(&mail, &with, &out);
		CHECK(!strstr(out.data, "external_references") == !rows[i].is_named, "row %zu", i);
		CHECK(!strstr(out.data, wanted) == !rows[i].is_named, "row %zu", i);
		eii_buf_clear(&out);
	}
}

#define ALL_MARKINGS "\"object_marking_refs\":["

/* What a report is marked with, by the names of levels. */
static void check_marked(struct mail *mail, const struct eii_report_settings *with,
			 const char *const *wanted, enum eii_tlp own, size_t row)
{
	EII_AUTO(eii_report) report = NULL;
	struct eii_marking marking;
	char refs[1024] = ALL_MARKINGS;
	struct eii_buf out;
	struct eii_error err;

	for (size_t i = 0; wanted[i]; i++) {
		assert_true(eii_marking_parse(eii_text_of(wanted[i]), &marking));
		(void)snprintf(refs + strlen(refs), sizeof(refs) - strlen(refs), "%s\"%s\"",
			       i ? "," : "", marking.id);
	}
	(void)snprintf(refs + strlen(refs), sizeof(refs) - strlen(refs), "]");
	bundle_of(mail, with, &out);
	CHECK(strstr(out.data, refs), "row %zu: %s is not in %s", row, refs, out.data);
	eii_buf_clear(&out);
	assert_int_equal(eii_report_new(with, &mail->source, &report, &err), EII_OK);
	CHECK(eii_report_own_tlp(report) == own, "row %zu: %d", row,
	      (int)eii_report_own_tlp(report));
}

static void test_shape__is_marked_as_the_mail_says_where_that_is_stricter(void **state)
{
	static const struct {
		const char *usual;
		enum eii_tlp said;
		const char *wanted[3];
		bool is_own;
	} rows[] = {
		{ "amber", EII_TLP_NONE, { "amber" }, false },
		{ "amber", EII_TLP_CLEAR, { "amber" }, false },
		{ "amber", EII_TLP_AMBER, { "amber" }, false },
		{ "amber", EII_TLP_AMBER_STRICT, { "amber+strict" }, true },
		{ "amber", EII_TLP_RED, { "red" }, true },
		{ "red", EII_TLP_AMBER_STRICT, { "red" }, false },
		/* Another marking goes on to count. */
		{ "PAP:RED", EII_TLP_CLEAR, { "clear", "PAP:RED" }, true },
		{ "PAP:RED", EII_TLP_NONE, { "PAP:RED" }, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_report_settings with = settings;
		struct mail mail;

		make_mail(&mail);
		mail.fields.tlp = rows[i].said;
		/* That it has passed lowers nothing without a rule. */
		mail.fields.authentication = EII_AUTHENTICATION_PASSED;
		assert_true(eii_marking_parse(eii_text_of(rows[i].usual), &with.marking));
		check_marked(&mail, &with, rows[i].wanted,
			     rows[i].is_own ? rows[i].said : EII_TLP_NONE, i);
	}
}

static void test_shape__is_lowered_for_a_sender_that_is_known_and_meant(void **state)
{
	static const struct {
		bool is_lowered_by_mail;
		enum eii_authentication authentication;
		enum eii_tlp said;
		const char *wanted[3];
		bool is_own;
	} rows[] = {
		{ true, EII_AUTHENTICATION_PASSED, EII_TLP_GREEN, { "green", "PAP:RED" }, true },
		{ true, EII_AUTHENTICATION_PASSED, EII_TLP_CLEAR, { "clear", "PAP:RED" }, true },
		{ true, EII_AUTHENTICATION_PASSED, EII_TLP_RED, { "red", "PAP:RED" }, true },
		{ true, EII_AUTHENTICATION_PASSED, EII_TLP_AMBER, { "amber", "PAP:RED" }, false },
		{ true, EII_AUTHENTICATION_PASSED, EII_TLP_NONE, { "amber", "PAP:RED" }, false },
		{ false, EII_AUTHENTICATION_PASSED, EII_TLP_GREEN, { "amber", "PAP:RED" }, false },
		{ true, EII_AUTHENTICATION_FAILED, EII_TLP_GREEN, { "amber", "PAP:RED" }, false },
		{ true,
		  EII_AUTHENTICATION_NOT_ASKED,
		  EII_TLP_GREEN,
		  { "amber", "PAP:RED" },
		  false },
		{ false, EII_AUTHENTICATION_NOT_ASKED, EII_TLP_RED, { "red", "PAP:RED" }, true },
	};
	struct eii_report_shape shape = { .n_markings = 2 };

	(void)state;
	eii_marking_of_tlp(EII_TLP_AMBER, &shape.markings[0]);
	assert_true(eii_marking_parse(eii_text_of("PAP:RED"), &shape.markings[1]));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct mail mail;

		make_mail(&mail);
		shape.is_lowered_by_mail = rows[i].is_lowered_by_mail;
		mail.fields.authentication = rows[i].authentication;
		mail.fields.tlp = rows[i].said;
		mail.source.shape = &shape;
		check_marked(&mail, &settings, rows[i].wanted,
			     rows[i].is_own ? rows[i].said : EII_TLP_NONE, i);
	}
}

/* The most that a rule can ask for, and the mail's level beside it. */
static void test_shape__has_room_for_every_marking(void **state)
{
	struct eii_report_shape shape = { .n_markings = EII_REPORT_SHAPE_MARKINGS };
	const char *wanted[EII_REPORT_MARKINGS + 1] = { "red" };
	char names[EII_REPORT_SHAPE_MARKINGS][8];
	struct mail mail;

	(void)state;
	for (size_t i = 0; i < EII_REPORT_SHAPE_MARKINGS; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "PAP:%zu", i);
		assert_true(eii_marking_parse(eii_text_of(names[i]), &shape.markings[i]));
		wanted[i + 1] = names[i];
	}
	wanted[EII_REPORT_MARKINGS] = NULL;
	make_mail(&mail);
	mail.fields.tlp = EII_TLP_RED;
	mail.source.shape = &shape;
	check_marked(&mail, &settings, wanted, EII_TLP_RED, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shape__says_what_its_rule_says),
		cmocka_unit_test(test_shape__names_the_message_id_where_asked),
		cmocka_unit_test(test_shape__is_marked_as_the_mail_says_where_that_is_stricter),
		cmocka_unit_test(test_shape__is_lowered_for_a_sender_that_is_known_and_meant),
		cmocka_unit_test(test_shape__has_room_for_every_marking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
