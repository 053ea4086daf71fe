/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connector's side against real children: the converter that comes with
 * faults (faulty.c), each fault among good mails.
 */
#include "eii/convert/converter.h"

#include <signal.h>
#include <unistd.h>

#include "conversions.h"
#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/fields/wire.h"
#include "support.h"

#define BATCH 5

/* The mail at place `at` of a batch has the given subject, the others are good. */
static void convert_batch(struct eii_converter *conv, const char *subject, size_t at,
			  struct eii_conversion *out)
{
	char *mails[BATCH];

	for (size_t i = 0; i < BATCH; i++) {
		mails[i] = conversions_mail(i == at ? subject : "good");
		eii_converter_submit(conv, 100 + i, eii_text_of(mails[i]), EII_SUBMIT_FULL);
	}
	for (size_t i = 0; i < BATCH; i++)
		out[i] = conversions_wait(conv);
	for (size_t i = 0; i < BATCH; i++)
		free(mails[i]);
}

static void check_others_good(struct eii_conversion *results, size_t at, const char *row)
{
	for (size_t i = 0; i < BATCH; i++) {
		if (i != at)
			conversions_check_good(&results[i], 100 + i, row);
		CHECK(results[i].number == 100 + i, "%s: order", row);
	}
}

static void free_batch(struct eii_conversion *results)
{
	for (size_t i = 0; i < BATCH; i++)
		eii_fields_free(results[i].fields);
}

static const struct {
	const char *name;
	enum eii_fallback reason;
} fault_rows[] = {
	{ "crash", EII_FALLBACK_CRASHED },    { "leave", EII_FALLBACK_CRASHED },
	{ "hang", EII_FALLBACK_TIMED_OUT },   { "memory", EII_FALLBACK_MEMORY },
	{ "magic", EII_FALLBACK_NONSENSE },   { "number", EII_FALLBACK_NONSENSE },
	{ "size", EII_FALLBACK_NONSENSE },    { "length", EII_FALLBACK_NONSENSE },
	{ "sum", EII_FALLBACK_NONSENSE },     { "count", EII_FALLBACK_NONSENSE },
	{ "utf8", EII_FALLBACK_NONSENSE },    { "nul", EII_FALLBACK_NONSENSE },
	{ "cut-head", EII_FALLBACK_CRASHED }, { "cut-body", EII_FALLBACK_CRASHED },
	{ "refuse", EII_FALLBACK_MEMORY },
};

/* Where the jail is relaxed nothing limits memory: the mail ends in another way. */
static bool reason_fits(const struct eii_converter *conv, enum eii_fallback got,
			enum eii_fallback wanted)
{
	struct eii_converter_info info;

	if (wanted == EII_FALLBACK_MEMORY && eii_converter_info(conv, &info) && info.is_relaxed)
		return got != EII_FALLBACK_NONE;
	return got == wanted;
}

static void test_fallback__faulty_mail_falls_back_to_its_headers(void **state)
{
	EII_AUTO(eii_converter) conv = conversions_converter(EII_FAULTY_CONVERTER);

	(void)state;
	conversions_start(conv);
	for (size_t i = 0; i < ARRAY_LEN(fault_rows); i++) {
		const char *name = fault_rows[i].name;
		EII_AUTO_STR subject = eii_asprintf("[fault:%s]", name);
		size_t at = i % BATCH; /* every place in a batch has its turn */
		struct eii_conversion results[BATCH];
		struct eii_conversion *bad = &results[at];

		convert_batch(conv, subject, at, results);
		CHECK(reason_fits(conv, bad->reason, fault_rows[i].reason), "%s gave %d: %s", name,
		      (int)bad->reason, bad->detail);
		CHECK(bad->detail[0], "%s has no detail", name);
		CHECK(bad->has_headers, "%s", name);
		CHECK(bad->fields->defects & EII_DEFECT_BODY_NOT_READ, "%s", name);
		CHECK(eii_text_equal(bad->fields->subject, eii_text_of(subject)), "%s", name);
		CHECK(bad->fields->content.len == 0, "%s", name);
		check_others_good(results, at, name);
		free_batch(results);
	}
	assert_true(eii_converter_restarts(conv) >= ARRAY_LEN(fault_rows));
}

static void test_fallback__mail_that_ruins_its_scan_too_becomes_facts_alone(void **state)
{
	static const char *const names[] = { "crash", "number", "utf8" };
	EII_AUTO(eii_converter) conv = conversions_converter(EII_FAULTY_CONVERTER);

	(void)state;
	conversions_start(conv);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		EII_AUTO_STR subject = eii_asprintf("[fault-always:%s]", names[i]);
		struct eii_conversion results[BATCH];

		convert_batch(conv, subject, 2, results);
		CHECK(!results[2].has_headers, "%s", names[i]);
		CHECK(results[2].reason != EII_FALLBACK_NONE, "%s", names[i]);
		CHECK(results[2].fields->subject.len == 0, "%s", names[i]);
		CHECK(results[2].fields->defects & EII_DEFECT_BODY_NOT_READ, "%s", names[i]);
		check_others_good(results, 2, names[i]);
		free_batch(results);
	}
}

/* What a mail did to the child must not fall on the next one. */
static void test_fallback__spoilt_child_harms_no_other_mail(void **state)
{
	static const char *const names[] = { "poison", "twice" };
	EII_AUTO(eii_converter) conv = conversions_converter(EII_FAULTY_CONVERTER);

	(void)state;
	conversions_start(conv);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		EII_AUTO_STR subject = eii_asprintf("[fault:%s]", names[i]);
		struct eii_conversion results[BATCH];

		convert_batch(conv, subject, 1, results);
		CHECK(results[1].reason == EII_FALLBACK_NONE, "%s: %s", names[i],
		      results[1].detail);
		check_others_good(results, 1, names[i]);
		free_batch(results);
	}
}

static void test_fallback__kill_from_outside_costs_no_mail(void **state)
{
	EII_AUTO(eii_converter) conv = conversions_converter(EII_FAULTY_CONVERTER);
	struct eii_error err = { 0 };

	(void)state;
	conversions_start(conv);
	for (int round = 0; round < 3; round++) {
		char *mails[BATCH];

		for (size_t i = 0; i < BATCH; i++) {
			mails[i] = conversions_mail("good");
			eii_converter_submit(conv, 100 + i, eii_text_of(mails[i]), EII_SUBMIT_FULL);
		}
		/* They are on their way to the child, which dies with them. */
		assert_int_equal(eii_converter_advance(conv, eii_clock_monotonic_ms(), &err),
				 EII_OK);
		(void)kill(eii_converter_pid(conv), SIGKILL);
		for (size_t i = 0; i < BATCH; i++) {
			struct eii_conversion conversion = conversions_wait(conv);

			conversions_check_good(&conversion, 100 + i, "killed");
			eii_fields_free(conversion.fields);
			free(mails[i]);
		}
	}
}

static void test_fallback__signals_of_a_terminal_do_not_end_the_child(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	EII_AUTO(eii_converter) conv = conversions_converter(EII_FAULTY_CONVERTER);
	EII_AUTO_STR mail = conversions_mail("good");
	struct eii_conversion conversion;
	struct eii_error err;
	int pid;

	(void)state;
	conversions_start(conv);
	pid = eii_converter_pid(conv);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		assert_int_equal(kill(pid, signals[i]), 0);
	assert_int_equal(eii_converter_convert_one(conv, eii_text_of(mail), &conversion, &err),
			 EII_OK);
	eii_fields_free(conversion.fields);
	assert_int_equal(eii_converter_pid(conv), pid);
}

static void test_fallback__idle_child_that_dies_is_replaced(void **state)
{
	EII_AUTO(eii_converter) conv = conversions_converter(EII_FAULTY_CONVERTER);
	EII_AUTO_STR mail = conversions_mail("good");
	struct eii_conversion conversion;
	struct eii_error err;

	(void)state;
	for (int round = 0; round < 2; round++) {
		assert_int_equal(
			eii_converter_convert_one(conv, eii_text_of(mail), &conversion, &err),
			EII_OK);
		conversions_check_good(&conversion, 1, "idle");
		eii_fields_free(conversion.fields);
		(void)kill(eii_converter_pid(conv), SIGKILL);
	}
}

static void test_fallback__replaces_the_child_by_plan(void **state)
{
	const struct eii_converter_options options = {
		.program = EII_FAULTY_CONVERTER,
		.settings = { .content = EII_CONTENT_VERBATIM },
		.replace_after = 10,
	};
	EII_AUTO(eii_converter) conv = eii_converter_new(&options);

	(void)state;
	conversions_start(conv);
	for (int i = 0; i < 6; i++) {
		struct eii_conversion results[BATCH];

		convert_batch(conv, "good", 0, results);
		check_others_good(results, BATCH, "planned");
		free_batch(results);
	}
	assert_int_equal(eii_converter_restarts(conv), 0);
	assert_in_range(eii_converter_replacements(conv), 2, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fallback__faulty_mail_falls_back_to_its_headers),
		cmocka_unit_test(test_fallback__mail_that_ruins_its_scan_too_becomes_facts_alone),
		cmocka_unit_test(test_fallback__spoilt_child_harms_no_other_mail),
		cmocka_unit_test(test_fallback__kill_from_outside_costs_no_mail),
		cmocka_unit_test(test_fallback__signals_of_a_terminal_do_not_end_the_child),
		cmocka_unit_test(test_fallback__idle_child_that_dies_is_replaced),
		cmocka_unit_test(test_fallback__replaces_the_child_by_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
