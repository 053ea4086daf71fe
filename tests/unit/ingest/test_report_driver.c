/* SPDX-License-Identifier: Apache-2.0 */
/* The driver in its thread, with the real converter. */
#include "eii/ingest/report_driver.h"

#include "eii/base/alloc.h"
#include "eii/ingest/parcel.h"
#include "eii/opencti/envelope.h"
#include "scene.h"
#include "support.h"

#define WORK "work_1"

struct fixture {
	struct scene scene;
	struct eii_converter *converter;
	struct eii_registered *registered;
	struct eii_report_settings report;
	struct eii_filters filters;
	struct eii_rules rules;
	struct eii_selection selection;
	struct eii_report_driver *driver;
};

static int setup(void **state)
{
	struct fixture *f = EII_NEW(struct fixture);
	struct eii_registration registration = { .connector_user_id = eii_strdup("user") };
	struct eii_features features = { 0 };
	struct eii_converter_options converter = {
		.program = EII_CONVERTER_PROGRAM,
		.settings = { .content = EII_CONTENT_SAFE, .max_file_bytes = 1024 * 1024 },
	};
	struct eii_report_driver_options options;

	scene_init(&f->scene);
	f->converter = eii_converter_new(&converter);
	f->registered = eii_registered_new();
	eii_registered_put(f->registered, &registration, &features);
	f->selection = (struct eii_selection){ .filters = &f->filters, .rules = &f->rules };
	f->report = (struct eii_report_settings){ .created_us = 1790000000000000 };
	options = (struct eii_report_driver_options){ .lane = f->scene.lane,
						      .converter = f->converter,
						      .registered = f->registered,
						      .report = &f->report,
						      .selection = &f->selection,
						      .folder = "INBOX",
						      .stats = &f->scene.stats };
	f->driver = eii_report_driver_new(&options);
	scene_start(&f->scene, eii_report_driver_run, f->driver);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	scene_stop(&f->scene);
	eii_report_driver_free(f->driver);
	eii_converter_free(f->converter);
	eii_registered_free(f->registered);
	scene_clear(&f->scene);
	free(f);
	return 0;
}

static struct eii_parcel *mail(const char *subject, const char *body)
{
	struct eii_parcel *parcel = eii_parcel_new(7);

	parcel->raw = eii_asprintf("From: a@example.org\r\nMessage-ID: <1@example.org>\r\n"
				   "Subject: %s\r\nDate: Mon, 1 Jan 2024 10:00:00 +0000\r\n\r\n%s",
				   subject, body);
	parcel->raw_len = strlen(parcel->raw);
	return parcel;
}

static uint64_t post(struct fixture *f, const struct eii_order *order, struct eii_parcel *parcel)
{
	struct eii_task *task = eii_task_new(order);

	task->parcel = eii_parcel_ref(parcel);
	task->fields = parcel->fields;
	eii_lane_post(f->scene.lane, task);
	eii_lane_hand_over(f->scene.lane);
	return order->number;
}

static uint64_t convert(struct fixture *f, struct eii_parcel *parcel)
{
	struct eii_order order = scene_order(&f->scene, EII_ORDER_CONVERT);

	order.convert.slot = 3;
	return post(f, &order, parcel);
}

static uint64_t make(struct fixture *f, struct eii_parcel *parcel, uint64_t limit_bytes)
{
	struct eii_order order = scene_order(&f->scene, EII_ORDER_MAKE);

	order.make.slot = 3;
	order.make.milliseconds = 5;
	order.make.limit_bytes = limit_bytes;
	order.make.work_id = WORK;
	return post(f, &order, parcel);
}

/* As the heart does: what a note has brought is the parcel's. */
static void take_converted(struct fixture *f, struct eii_parcel *parcel, uint64_t order)
{
	EII_AUTO(eii_note) note = scene_take(&f->scene, EII_FACT_CONVERTED, order);

	assert_ptr_equal(note->parcel, parcel);
	assert_int_equal(note->fact.converted.slot, 3);
	assert_int_equal(note->fact.converted.reason, 0);
	assert_non_null(strstr(note->fact.converted.plain_id, "report--"));
	eii_parcel_set_fields(parcel, EII_DETACH(note->fields));
}

static void test_report_driver__bytes_become_fields_and_these_a_report(void **state)
{
	struct fixture *f = *state;
	struct eii_parcel *parcel = mail("good", "words\r\n");
	struct eii_envelope envelope = { .applicant_id = "user",
					 .work_id = WORK,
					 .sequence = 1,
					 .features = &(const struct eii_features){ 0 } };

	take_converted(f, parcel, convert(f, parcel));
	assert_true(eii_text_equal(parcel->fields->subject, eii_text_of("good")));
	{
		EII_AUTO(eii_note) note = scene_take(&f->scene, EII_FACT_MADE, make(f, parcel, 0));

		assert_ptr_equal(note->parcel, parcel);
		assert_int_equal(note->fact.made.n_messages, 1);
		assert_string_equal(eii_report_name(note->report).data, "good");
		assert_int_equal(
			note->fact.made.bytes[0],
			eii_envelope_size(&envelope, eii_report_bundle_size(note->report, 0)));
	}
	assert_int_equal(f->scene.stats.n_converted, 1);
	assert_int_equal(f->scene.stats.n_no_report, 0);
	eii_parcel_unref(parcel);
}

static enum eii_left_out judged_in(struct fixture *f, struct eii_parcel *parcel,
				   uint64_t size_bytes, const char *folder)
{
	struct eii_order order = scene_order(&f->scene, EII_ORDER_CONVERT);
	EII_AUTO(eii_note) note = NULL;
	enum eii_left_out reason;

	order.convert.slot = 3;
	order.convert.size_bytes = size_bytes;
	order.convert.folder = folder;
	order.convert.is_head_only = parcel->raw_len == 0;
	note = scene_take(&f->scene, EII_FACT_CONVERTED, post(f, &order, parcel));
	reason = note->converted->verdict.left_out;
	assert_int_equal(note->fact.converted.is_left_out, reason != EII_LEFT_OUT_NOT);
	eii_parcel_unref(parcel);
	return reason;
}

static enum eii_left_out judged(struct fixture *f, struct eii_parcel *parcel, uint64_t size_bytes)
{
	return judged_in(f, parcel, size_bytes, NULL);
}

static void test_report_driver__judges_by_header_and_by_the_servers_size(void **state)
{
	struct fixture *f = *state;
	struct eii_error err;

	assert_int_equal(eii_patterns_parse(eii_text_of("*wanted*"), &f->filters.subjects, &err),
			 EII_OK);
	f->filters.max_bytes = 1000;
	assert_int_equal(judged(f, mail("a Wanted one", "x"), 0), EII_LEFT_OUT_NOT);
	assert_int_equal(judged(f, mail("another", "x"), 0), EII_LEFT_OUT_SUBJECT);
	assert_int_equal(judged(f, mail("wanted", "x"), 1001), EII_LEFT_OUT_SIZE);
	eii_filters_clear(&f->filters);
}

static void test_report_driver__judges_by_the_folder_that_the_mail_is_in(void **state)
{
	struct fixture *f = *state;
	struct eii_rule rule = { .is_import_refused = true };
	struct eii_error err;

	assert_int_equal(eii_patterns_parse(eii_text_of("spam"), &rule.folder, &err), EII_OK);
	f->rules = (struct eii_rules){ .items = &rule, .n = 1 };
	assert_int_equal(judged(f, mail("of the one folder", "x"), 0), EII_LEFT_OUT_NOT);
	assert_int_equal(judged_in(f, mail("a", "x"), 0, "Reports"), EII_LEFT_OUT_NOT);
	assert_int_equal(judged_in(f, mail("b", "x"), 0, "Spam"), EII_LEFT_OUT_RULE);
	f->rules = (struct eii_rules){ 0 };
	eii_patterns_clear(&rule.folder);
}

static void test_report_driver__passes_what_the_server_withholds(void **state)
{
	struct fixture *f = *state;
	struct eii_error err;

	assert_int_equal(eii_patterns_parse(eii_text_of("*wanted*"), &f->filters.subjects, &err),
			 EII_OK);
	f->selection.authority = "mx.example.org";
	assert_int_equal(judged(f, eii_parcel_new(7), 100), EII_LEFT_OUT_NOT);
	eii_filters_clear(&f->filters);
}

static void test_report_driver__two_deliveries_of_one_mail_have_one_identity(void **state)
{
	struct fixture *f = *state;
	struct eii_parcel *parcels[] = { mail("good", "words\r\n"),
					 mail("forwarded here", "words\r\n"),
					 mail("good", "other words\r\n") };
	uint8_t identities[3][EII_CORE_IDENTITY_BYTES], heads[3][EII_CORE_IDENTITY_BYTES];
	uint64_t orders[3];

	for (int i = 0; i < 3; i++)
		orders[i] = convert(f, parcels[i]);
	for (int i = 0; i < 3; i++) {
		EII_AUTO(eii_note) note = scene_take(&f->scene, EII_FACT_CONVERTED, orders[i]);

		memcpy(identities[i], note->fact.converted.identity, sizeof(identities[i]));
		memcpy(heads[i], note->fact.converted.head_identity, sizeof(heads[i]));
	}
	assert_memory_equal(identities[0], identities[1], EII_CORE_IDENTITY_BYTES);
	assert_memory_not_equal(identities[0], identities[2], EII_CORE_IDENTITY_BYTES);
	assert_memory_equal(heads[0], heads[2], EII_CORE_IDENTITY_BYTES);
	assert_memory_not_equal(heads[0], identities[0], EII_CORE_IDENTITY_BYTES);
	for (int i = 0; i < 3; i++)
		eii_parcel_unref(parcels[i]);
}

/* A slot's next mail is answered; of the one before nobody hears again. */
static void test_report_driver__what_was_dropped_is_not_answered(void **state)
{
	struct fixture *f = *state;
	struct eii_parcel *dropped = mail("dropped", "words\r\n");
	struct eii_parcel *parcel = mail("good", "words\r\n");

	take_converted(f, dropped, convert(f, dropped));
	eii_parcel_drop(dropped);
	(void)make(f, dropped, 0);
	(void)convert(f, dropped);
	take_converted(f, parcel, convert(f, parcel));
	scene_expect(&f->scene, EII_FACT_MADE, make(f, parcel, 0));
	eii_parcel_unref(dropped);
	eii_parcel_unref(parcel);
}

static void test_report_driver__not_even_the_facts_fit(void **state)
{
	struct fixture *f = *state;
	struct eii_parcel *parcel = mail("good", "words\r\n");

	take_converted(f, parcel, convert(f, parcel));
	{
		EII_AUTO(eii_note)
		note = scene_take(&f->scene, EII_FACT_MADE, make(f, parcel, 100));

		assert_int_equal(note->fact.made.n_messages, 0);
		assert_null(note->report);
	}
	assert_int_equal(f->scene.stats.n_no_report, 1);
	eii_parcel_unref(parcel);
}

/* Without a byte the place tells two mails apart: their facts may be the same. */
static void test_report_driver__mails_of_facts_alone_are_told_apart_by_their_place(void **state)
{
	static const struct {
		uint64_t uidvalidity;
		uint32_t uid;
	} rows[] = { { 7, 4 }, { 7, 5 }, { 8, 4 }, { 7, 4 } };
	uint8_t identities[ARRAY_LEN(rows)][EII_CORE_IDENTITY_BYTES];
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_parcel *parcel = eii_parcel_new(rows[i].uid);
		struct eii_order order = scene_order(&f->scene, EII_ORDER_CONVERT);

		order.convert.is_head_only = true;
		order.convert.uid = rows[i].uid;
		order.convert.uidvalidity = rows[i].uidvalidity;
		(void)post(f, &order, parcel);
		{
			EII_AUTO(eii_note)
			note = scene_take(&f->scene, EII_FACT_CONVERTED, order.number);

			memcpy(identities[i], note->fact.converted.identity, sizeof(identities[i]));
		}
		eii_parcel_unref(parcel);
	}
	assert_memory_not_equal(identities[0], identities[1], EII_CORE_IDENTITY_BYTES);
	assert_memory_not_equal(identities[0], identities[2], EII_CORE_IDENTITY_BYTES);
	assert_memory_equal(identities[0], identities[3], EII_CORE_IDENTITY_BYTES);
}

/* A mail of facts alone: there are no bytes. */
static void test_report_driver__no_bytes_are_a_header_that_cannot_be_read(void **state)
{
	struct fixture *f = *state;
	struct eii_parcel *parcel = eii_parcel_new(7);
	struct eii_order order = scene_order(&f->scene, EII_ORDER_CONVERT);

	order.convert.is_head_only = true;
	order.convert.internal_unix_s = 1700000000;
	(void)post(f, &order, parcel);
	{
		EII_AUTO(eii_note) note = scene_take(&f->scene, EII_FACT_CONVERTED, order.number);

		assert_int_not_equal(note->fact.converted.reason, 0);
		assert_non_null(note->fields);
	}
	eii_parcel_unref(parcel);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_report_driver__##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(bytes_become_fields_and_these_a_report),
		TEST(judges_by_header_and_by_the_servers_size),
		TEST(judges_by_the_folder_that_the_mail_is_in),
		TEST(passes_what_the_server_withholds),
		TEST(two_deliveries_of_one_mail_have_one_identity),
		TEST(what_was_dropped_is_not_answered),
		TEST(mails_of_facts_alone_are_told_apart_by_their_place),
		TEST(not_even_the_facts_fit),
		TEST(no_bytes_are_a_header_that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
