/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/parcel.h"

#include "support.h"

static const struct eii_report_settings settings = { .marking.tlp = EII_TLP_CLEAR,
						     .created_us = 1790000000000000 };

static struct eii_report *report_of(const struct eii_parcel *parcel)
{
	struct eii_report_source source = { .fields = parcel->fields, .uid = parcel->uid };
	struct eii_report *report = NULL;
	struct eii_error err;

	CHECK(eii_report_new(&settings, &source, &report, &err) == EII_OK, "%s", err.text);
	return report;
}

static struct eii_fields *fields_of(const char *subject)
{
	struct eii_fields *fields = eii_fields_new();

	fields->subject = eii_fields_keep(fields, eii_text_of(subject));
	return fields;
}

/* Sanitizers tell whether what a reader has is still there. */
static void test_parcel__what_a_reader_has_outlives_drop_and_replacement(void **state)
{
	(void)state;
	struct eii_parcel *parcel = eii_parcel_new(7);
	const struct eii_report *seen;
	struct eii_parcel *reader;

	eii_parcel_set_fields(parcel, fields_of("first"));
	eii_parcel_set_report(parcel, report_of(parcel));
	reader = eii_parcel_ref(parcel);
	seen = reader->report;
	eii_parcel_set_fields(parcel, fields_of("second"));
	assert_null(parcel->report);
	eii_parcel_set_report(parcel, report_of(parcel));
	assert_string_equal(eii_report_name(seen).data, "first");
	eii_parcel_unref(parcel);
	assert_string_equal(eii_report_name(seen).data, "first");
	assert_string_equal(eii_report_name(reader->report).data, "second");
	eii_parcel_unref(reader);
	eii_parcel_unref(NULL);
}

static void test_parcel__nothing_is_kept_where_nobody_reads(void **state)
{
	(void)state;
	struct eii_parcel *parcel = eii_parcel_new(7);

	eii_parcel_set_fields(parcel, fields_of("first"));
	eii_parcel_set_fields(parcel, fields_of("second"));
	assert_null(parcel->past);
	eii_parcel_unref(parcel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parcel__what_a_reader_has_outlives_drop_and_replacement),
		cmocka_unit_test(test_parcel__nothing_is_kept_where_nobody_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
