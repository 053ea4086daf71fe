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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shape__says_what_its_rule_says),
		cmocka_unit_test(test_shape__names_the_message_id_where_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
