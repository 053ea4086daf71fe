/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connector's side against real children: the converter that comes with
 * faults (faulty.c), each fault among good mails.
 */
#include "eii/convert/converter.h"

#include <signal.h>
#include <unistd.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/fields/wire.h"
#include "support.h"

#define BATCH 5

static struct eii_converter *converter_of(const char *program)
{
	const struct eii_converter_options options = {
		.program = program,
		.settings = { .content = EII_CONTENT_VERBATIM, .max_file_bytes = 1024 * 1024 },
		.cpu_s = 1,
		/* Room for the gconv modules, and little to eat. */
		.address_space_bytes = 256u * 1024 * 1024,
	};

	return eii_converter_new(&options);
}

static char *mail_of(const char *subject)
{
	return eii_asprintf("From: a@example.org\r\nSubject: %s\r\n"
			    "Date: Mon, 1 Jan 2024 10:00:00 +0000\r\n\r\nGood day\r\n",
			    subject);
}

/* Waits for the next result; the test's own patience is its ctest timeout. */
static struct eii_conversion wait_for_next(struct eii_converter *conv)
{
	struct eii_conversion conversion = { 0 };
	struct eii_error err = { 0 };

	while (!eii_converter_next(conv, &conversion)) {
		struct pollfd fd;
		int64_t deadline_ms;

		eii_converter_poll(conv, &fd, &deadline_ms);
		(void)poll(&fd, 1, deadline_ms == INT64_MAX ? -1 : eii_clock_left_ms(deadline_ms));
		CHECK(eii_converter_advance(conv, eii_clock_monotonic_ms(), &err) == EII_OK, "%s",
		      err.text);
	}
	return conversion;
}

static void start(struct eii_converter *conv)
{
	struct eii_error err = { 0 };

	CHECK(eii_converter_start(conv, &err) == EII_OK, "%s", err.text);
}

/* The mail at place `at` of a batch has the given subject, the others are good. */
static void convert_batch(struct eii_converter *conv, const char *subject, size_t at,
			  struct eii_conversion *out)
{
	char *mails[BATCH];

	for (size_t i = 0; i < BATCH; i++) {
		mails[i] = mail_of(i == at ? subject : "good");
		eii_converter_submit(conv, 100 + i, eii_text_of(mails[i]), EII_SUBMIT_FULL);
	}
	for (size_t i = 0; i < BATCH; i++)
		out[i] = wait_for_next(conv);
	for (size_t i = 0; i < BATCH; i++)
		free(mails[i]);
}

static void check_good(const struct eii_conversion *conversion, uint64_t number, const char *row)
{
	CHECK(conversion->number == number, "%s: %d", row, (int)conversion->number);
	CHECK(conversion->reason == EII_FALLBACK_NONE, "%s: mail %d: %s", row, (int)number,
	      conversion->detail);
	CHECK(eii_text_equal(conversion->fields->subject, eii_text_of("good")), "%s", row);
	CHECK(conversion->fields->content.len > 0, "%s", row);
	CHECK(!(conversion->fields->defects & EII_DEFECT_BODY_NOT_READ), "%s", row);
}

static void check_others_good(struct eii_conversion *results, size_t at, const char *row)
{
	for (size_t i = 0; i < BATCH; i++) {
		if (i != at)
			check_good(&results[i], 100 + i, row);
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

static void test_converter__faulty_mail_falls_back_to_its_headers(void **state)
{
	EII_AUTO(eii_converter) conv = converter_of(EII_FAULTY_CONVERTER);

	(void)state;
	start(conv);
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

static void test_converter__mail_that_ruins_its_scan_too_becomes_facts_alone(void **state)
{
	static const char *const names[] = { "crash", "number", "utf8" };
	EII_AUTO(eii_converter) conv = converter_of(EII_FAULTY_CONVERTER);

	(void)state;
	start(conv);
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
static void test_converter__spoilt_child_harms_no_other_mail(void **state)
{
	static const char *const names[] = { "poison", "twice" };
	EII_AUTO(eii_converter) conv = converter_of(EII_FAULTY_CONVERTER);

	(void)state;
	start(conv);
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

static void test_converter__kill_from_outside_costs_no_mail(void **state)
{
	EII_AUTO(eii_converter) conv = converter_of(EII_FAULTY_CONVERTER);
	struct eii_error err = { 0 };

	(void)state;
	start(conv);
	for (int round = 0; round < 3; round++) {
		char *mails[BATCH];

		for (size_t i = 0; i < BATCH; i++) {
			mails[i] = mail_of("good");
			eii_converter_submit(conv, 100 + i, eii_text_of(mails[i]), EII_SUBMIT_FULL);
		}
		/* They are on their way to the child, which dies with them. */
		assert_int_equal(eii_converter_advance(conv, eii_clock_monotonic_ms(), &err),
				 EII_OK);
		(void)kill(eii_converter_pid(conv), SIGKILL);
		for (size_t i = 0; i < BATCH; i++) {
			struct eii_conversion conversion = wait_for_next(conv);

			check_good(&conversion, 100 + i, "killed");
			eii_fields_free(conversion.fields);
			free(mails[i]);
		}
	}
}

static void test_converter__signals_of_a_terminal_do_not_end_the_child(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	EII_AUTO(eii_converter) conv = converter_of(EII_FAULTY_CONVERTER);
	EII_AUTO_STR mail = mail_of("good");
	struct eii_conversion conversion;
	struct eii_error err;
	int pid;

	(void)state;
	start(conv);
	pid = eii_converter_pid(conv);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		assert_int_equal(kill(pid, signals[i]), 0);
	assert_int_equal(eii_converter_convert_one(conv, eii_text_of(mail), &conversion, &err),
			 EII_OK);
	eii_fields_free(conversion.fields);
	assert_int_equal(eii_converter_pid(conv), pid);
}

static void test_converter__idle_child_that_dies_is_replaced(void **state)
{
	EII_AUTO(eii_converter) conv = converter_of(EII_FAULTY_CONVERTER);
	EII_AUTO_STR mail = mail_of("good");
	struct eii_conversion conversion;
	struct eii_error err;

	(void)state;
	for (int round = 0; round < 2; round++) {
		assert_int_equal(
			eii_converter_convert_one(conv, eii_text_of(mail), &conversion, &err),
			EII_OK);
		check_good(&conversion, 1, "idle");
		eii_fields_free(conversion.fields);
		(void)kill(eii_converter_pid(conv), SIGKILL);
	}
}

static void test_converter__replaces_the_child_by_plan(void **state)
{
	const struct eii_converter_options options = {
		.program = EII_FAULTY_CONVERTER,
		.settings = { .content = EII_CONTENT_VERBATIM },
		.replace_after = 10,
	};
	EII_AUTO(eii_converter) conv = eii_converter_new(&options);

	(void)state;
	start(conv);
	for (int i = 0; i < 6; i++) {
		struct eii_conversion results[BATCH];

		convert_batch(conv, "good", 0, results);
		check_others_good(results, BATCH, "planned");
		free_batch(results);
	}
	assert_int_equal(eii_converter_restarts(conv), 0);
	assert_in_range(eii_converter_replacements(conv), 2, 3);
}

static void test_converter__window_is_bounded_in_mails_and_bytes(void **state)
{
	const struct eii_converter_options options = {
		.program = EII_FAULTY_CONVERTER,
		.window_mails = 3,
		.window_bytes = 1000,
	};
	EII_AUTO(eii_converter) conv = eii_converter_new(&options);
	char mail[1000] = "Subject: x";

	(void)state;
	start(conv);
	assert_true(eii_converter_has_room(conv, 5000)); /* alone, it may be larger */
	eii_converter_submit(conv, 1, eii_text(mail, 600), EII_SUBMIT_FULL);
	assert_true(eii_converter_has_room(conv, 400));
	assert_false(eii_converter_has_room(conv, 401));
	eii_converter_submit(conv, 2, eii_text(mail, 100), EII_SUBMIT_FULL);
	eii_converter_submit(conv, 3, eii_text(mail, 100), EII_SUBMIT_FULL);
	assert_false(eii_converter_has_room(conv, 0));
	assert_int_equal(eii_converter_in_hand(conv), 3);
	eii_fields_free(wait_for_next(conv).fields);
	assert_true(eii_converter_has_room(conv, 0));
	eii_converter_drop(conv);
	assert_int_equal(eii_converter_in_hand(conv), 0);
	assert_true(eii_converter_has_room(conv, 5000));
}

static void test_converter__large_mails_both_ways_do_not_block(void **state)
{
	EII_AUTO(eii_converter) conv = converter_of(EII_FAULTY_CONVERTER);
	EII_AUTO_STR head = mail_of("good");
	const size_t len = 900 * 1024;
	char *mail = eii_calloc(len, 1);

	(void)state;
	memset(mail, 'a', len);
	memcpy(mail, head, strlen(head));
	for (size_t i = 100 + strlen(head); i < len; i += 70)
		mail[i] = '\n';
	start(conv);
	/* Four are in flight: more than both sockets' buffers hold. */
	for (uint64_t i = 0; i < 4; i++)
		eii_converter_submit(conv, i, eii_text(mail, len), EII_SUBMIT_FULL);
	for (uint64_t i = 0; i < 4; i++) {
		struct eii_conversion conversion = wait_for_next(conv);

		check_good(&conversion, i, "large");
		assert_true(conversion.fields->content.len > len / 2);
		eii_fields_free(conversion.fields);
	}
	free(mail);
}

static void test_converter__fallback_only_and_too_large_read_the_headers(void **state)
{
	const struct eii_converter_options options = {
		.program = EII_FAULTY_CONVERTER,
		.max_mail_bytes = 200,
	};
	EII_AUTO(eii_converter) conv = eii_converter_new(&options);
	EII_AUTO_STR small = mail_of("[fault:crash]");
	char large[201];

	(void)state;
	memset(large, 'a', sizeof(large));
	memcpy(large, "Subject: large\n\n", 16);
	start(conv);
	eii_converter_submit(conv, 1, eii_text_of(small), EII_SUBMIT_FALLBACK_ONLY);
	eii_converter_submit(conv, 2, eii_text(large, 201), EII_SUBMIT_FULL);
	eii_converter_submit(conv, 3, eii_text(large, 200), EII_SUBMIT_FULL);
	for (uint64_t i = 1; i <= 3; i++) {
		static const enum eii_fallback reasons[] = { EII_FALLBACK_ASKED,
							     EII_FALLBACK_TOO_LARGE,
							     EII_FALLBACK_NONE };
		struct eii_conversion conversion = wait_for_next(conv);

		CHECK(conversion.reason == reasons[i - 1], "mail %d: %d", (int)i,
		      (int)conversion.reason);
		CHECK(conversion.has_headers && conversion.fields->subject.len, "mail %d", (int)i);
		CHECK(!conversion.detail[0], "%s", conversion.detail);
		eii_fields_free(conversion.fields);
	}
	assert_int_equal(eii_converter_restarts(conv), 0);
}

static void test_converter__empty_mail_is_converted(void **state)
{
	EII_AUTO(eii_converter) conv = converter_of(EII_FAULTY_CONVERTER);
	struct eii_conversion conversion;
	struct eii_error err;

	(void)state;
	assert_int_equal(eii_converter_convert_one(conv, eii_text(NULL, 0), &conversion, &err),
			 EII_OK);
	CHECK(conversion.reason == EII_FALLBACK_NONE, "%s", conversion.detail);
	eii_fields_free(conversion.fields);
}

static void test_converter__stalled_child_has_ten_times_its_cpu(void **state)
{
	EII_AUTO(eii_converter) conv = converter_of(EII_FAULTY_CONVERTER);
	EII_AUTO_STR mail = mail_of("[fault:stall]");
	struct eii_conversion conversion;
	struct eii_error err;
	int64_t begun_ms = eii_clock_monotonic_ms();
	int64_t took_ms;

	(void)state;
	assert_int_equal(eii_converter_convert_one(conv, eii_text_of(mail), &conversion, &err),
			 EII_OK);
	took_ms = eii_clock_monotonic_ms() - begun_ms;
	CHECK(conversion.reason == EII_FALLBACK_TIMED_OUT, "%s", conversion.detail);
	CHECK(took_ms >= 10000, "only %d ms", (int)took_ms);
	eii_fields_free(conversion.fields);
}

static void test_converter__that_cannot_start_says_why(void **state)
{
	static const struct {
		const char *program;
		const char *words;
	} rows[] = {
		{ "/nonexistent/converter", "No such file" },
		{ "/dev/null", "Permission denied" },
		{ "/bin/true", "ended by itself" },
		{ "/bin/echo", "converter" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		EII_AUTO(eii_converter) conv = converter_of(rows[i].program);
		struct eii_conversion conversion = { .number = 42 };
		struct eii_error err = { 0 };

		CHECK(eii_converter_start(conv, &err) == EII_RETRY, "%s", rows[i].program);
		CHECK(strstr(err.text, rows[i].words), "%s", err.text);
		CHECK(strstr(err.text, "cannot be started"), "%s", err.text);
		CHECK(eii_converter_convert_one(conv, eii_text_of("x"), &conversion, &err) ==
			      EII_RETRY,
		      "%s", rows[i].program);
		CHECK(conversion.number == 42, "%s wrote its output", rows[i].program);
		CHECK(eii_converter_in_hand(conv) == 0, "%s", rows[i].program);
	}
}

static void test_converter__types_that_cannot_be_sent_are_fatal(void **state)
{
	const size_t n = EII_WIRE_TYPES_MAX_BYTES / 101 + 1;
	struct eii_text *types = eii_calloc(n, sizeof(*types));
	char name[100];
	const struct eii_converter_options options = {
		.program = EII_FAULTY_CONVERTER,
		.settings = { .types = types, .n_types = n },
	};
	EII_AUTO(eii_converter) conv = eii_converter_new(&options);
	struct eii_error err;

	(void)state;
	memset(name, 'a', sizeof(name));
	for (size_t i = 0; i < n; i++)
		types[i] = eii_text(name, sizeof(name));
	assert_int_equal(eii_converter_start(conv, &err), EII_FATAL);
	free(types);
}

static void test_converter__stop_cuts_the_wait(void **state)
{
	EII_AUTO(eii_stop) stop = eii_stop_new();
	const struct eii_converter_options options = { .program = EII_FAULTY_CONVERTER,
						       .stop = stop };
	EII_AUTO(eii_converter) conv = eii_converter_new(&options);
	EII_AUTO_STR mail = mail_of("[fault:stall]");
	struct eii_conversion conversion;
	struct eii_error err = { 0 };

	(void)state;
	start(conv);
	eii_stop_request(stop);
	assert_int_equal(eii_converter_convert_one(conv, eii_text_of(mail), &conversion, &err),
			 EII_RETRY);
	assert_int_equal(err.kind, EII_ERROR_STOPPED);
	assert_int_equal(eii_converter_in_hand(conv), 0);
}

static void test_converter__says_how_well_it_is_jailed(void **state)
{
	EII_AUTO(eii_converter) conv = converter_of(EII_FAULTY_CONVERTER);
	struct eii_converter_info info;

	(void)state;
	assert_false(eii_converter_info(conv, &info));
	start(conv);
	assert_true(eii_converter_info(conv, &info));
#ifdef EII_SANITIZED
	assert_true(info.is_relaxed);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_converter__faulty_mail_falls_back_to_its_headers),
		cmocka_unit_test(test_converter__mail_that_ruins_its_scan_too_becomes_facts_alone),
		cmocka_unit_test(test_converter__spoilt_child_harms_no_other_mail),
		cmocka_unit_test(test_converter__kill_from_outside_costs_no_mail),
		cmocka_unit_test(test_converter__signals_of_a_terminal_do_not_end_the_child),
		cmocka_unit_test(test_converter__idle_child_that_dies_is_replaced),
		cmocka_unit_test(test_converter__replaces_the_child_by_plan),
		cmocka_unit_test(test_converter__window_is_bounded_in_mails_and_bytes),
		cmocka_unit_test(test_converter__large_mails_both_ways_do_not_block),
		cmocka_unit_test(test_converter__fallback_only_and_too_large_read_the_headers),
		cmocka_unit_test(test_converter__empty_mail_is_converted),
		cmocka_unit_test(test_converter__stalled_child_has_ten_times_its_cpu),
		cmocka_unit_test(test_converter__that_cannot_start_says_why),
		cmocka_unit_test(test_converter__types_that_cannot_be_sent_are_fatal),
		cmocka_unit_test(test_converter__stop_cuts_the_wait),
		cmocka_unit_test(test_converter__says_how_well_it_is_jailed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
