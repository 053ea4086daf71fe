/* SPDX-License-Identifier: Apache-2.0 */
/* The mail itself as a file of its report: EMAIL_INTEL_IMAP_ATTACH_ORIGINAL. */
#include "eii/stix/report.h"

#include "eii/base/buf.h"
#include "support.h"

#define EML "\"x_opencti_files\":[{\"name\":\"mail.eml\",\"mime_type\":\"message/rfc822\","

/* One mail's report object under these settings. */
static void write_object(const struct eii_report_settings *settings, const char *fallback,
			 uint32_t defects, struct eii_text raw, struct eii_buf *out)
{
	struct eii_fields fields = { .subject = eii_text_of("s"),
				     .sender = eii_text_of("a@b.example"),
				     .defects = defects };
	struct eii_report_source source = { .fields = &fields, .raw = raw, .fallback = fallback };
	EII_AUTO(eii_report) report = NULL;
	struct eii_buf_sink sink;
	struct eii_error err;

	eii_buf_init(out, 1u << 20);
	eii_buf_sink_init(&sink, out);
	assert_int_equal(eii_report_new(settings, &source, &report, &err), EII_OK);
	assert_int_equal(eii_report_write_object(report, &sink.base, &err), EII_OK);
}

static void test_original__is_attached_as_is_set(void **state)
{
	static const struct {
		enum eii_attach_original when;
		const char *fallback;
		uint32_t defects;
		const char *raw;
		bool is_attached;
		const char *note; /* NULL = nothing is said of the raw mail */
	} cases[] = {
		{ EII_ATTACH_ORIGINAL_FALLBACK, NULL, 0, "x", false, NULL },
		{ EII_ATTACH_ORIGINAL_FALLBACK, "no", 0, "x", true, "attached as mail.eml" },
		{ EII_ATTACH_ORIGINAL_FALLBACK, NULL, EII_DEFECT_TOO_DEEP, "x", true,
		  "attached as mail.eml" },
		{ EII_ATTACH_ORIGINAL_FALLBACK, "no", 0, "", false, "could not be fetched" },
		{ EII_ATTACH_ORIGINAL_ALWAYS, NULL, 0, "x", true, "attached as mail.eml" },
		{ EII_ATTACH_ORIGINAL_ALWAYS, "no", 0, "x", true, "attached as mail.eml" },
		{ EII_ATTACH_ORIGINAL_ALWAYS, NULL, 0, "", false, "could not be fetched" },
		{ EII_ATTACH_ORIGINAL_NEVER, NULL, 0, "x", false, NULL },
		{ EII_ATTACH_ORIGINAL_NEVER, "no", 0, "x", false, "not attached, as is set" },
		{ EII_ATTACH_ORIGINAL_NEVER, NULL, EII_DEFECT_TOO_DEEP, "x", false,
		  "not attached, as is set" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_report_settings settings = { .attach_original = cases[i].when };
		struct eii_buf out;

		write_object(&settings, cases[i].fallback, cases[i].defects,
			     eii_text_of(cases[i].raw), &out);
		CHECK((strstr(out.data, EML) != NULL) == cases[i].is_attached, "%zu: %s", i,
		      out.data);
		CHECK(!cases[i].note == !strstr(out.data, "raw mail"), "%zu: %s", i, out.data);
		CHECK(!cases[i].note || strstr(out.data, cases[i].note), "%zu: %s", i, out.data);
		eii_buf_clear(&out);
	}
}

/* What does not fit is left out, and said: never the report for the sake of the original. */
static void test_original__is_left_out_where_it_does_not_fit(void **state)
{
	struct eii_report_settings settings = { .attach_original = EII_ATTACH_ORIGINAL_ALWAYS,
						.max_message_bytes = EII_REPORT_MIN_LIMIT_BYTES };
	char *raw = malloc(EII_REPORT_MIN_LIMIT_BYTES);
	struct eii_buf out;

	(void)state;
	assert_non_null(raw);
	memset(raw, 'x', EII_REPORT_MIN_LIMIT_BYTES);
	write_object(&settings, NULL, 0, eii_text(raw, EII_REPORT_MIN_LIMIT_BYTES), &out);
	assert_null(strstr(out.data, EML));
	assert_non_null(strstr(out.data, "does not fit into a message and is not attached"));
	eii_buf_clear(&out);
	free(raw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_original__is_attached_as_is_set),
		cmocka_unit_test(test_original__is_left_out_where_it_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
