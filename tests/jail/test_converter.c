/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The converter's life where mails do no harm: window, sizes, start, stop.
 */
#include "eii/convert/converter.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "conversions.h"
#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "eii/fields/wire.h"
#include "support.h"

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
	conversions_start(conv);
	assert_true(eii_converter_has_room(conv, 5000)); /* alone, it may be larger */
	eii_converter_submit(conv, 1, eii_text(mail, 600), EII_SUBMIT_FULL);
	assert_true(eii_converter_has_room(conv, 400));
	assert_false(eii_converter_has_room(conv, 401));
	eii_converter_submit(conv, 2, eii_text(mail, 100), EII_SUBMIT_FULL);
	eii_converter_submit(conv, 3, eii_text(mail, 100), EII_SUBMIT_FULL);
	assert_false(eii_converter_has_room(conv, 0));
	assert_int_equal(eii_converter_in_hand(conv), 3);
	eii_fields_free(conversions_wait(conv).fields);
	assert_true(eii_converter_has_room(conv, 0));
	eii_converter_drop(conv);
	assert_int_equal(eii_converter_in_hand(conv), 0);
	assert_true(eii_converter_has_room(conv, 5000));
}

static void test_converter__large_mails_both_ways_do_not_block(void **state)
{
	EII_AUTO(eii_converter) conv = conversions_converter(EII_FAULTY_CONVERTER);
	EII_AUTO_STR head = conversions_mail("good");
	const size_t len = 900 * 1024;
	char *mail = eii_calloc(len, 1);

	(void)state;
	memset(mail, 'a', len);
	memcpy(mail, head, strlen(head));
	for (size_t i = 100 + strlen(head); i < len; i += 70)
		mail[i] = '\n';
	conversions_start(conv);
	/* Four are in flight: more than both sockets' buffers hold. */
	for (uint64_t i = 0; i < 4; i++)
		eii_converter_submit(conv, i, eii_text(mail, len), EII_SUBMIT_FULL);
	for (uint64_t i = 0; i < 4; i++) {
		struct eii_conversion conversion = conversions_wait(conv);

		conversions_check_good(&conversion, i, "large");
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
	EII_AUTO_STR small = conversions_mail("[fault:crash]");
	char large[201];

	(void)state;
	memset(large, 'a', sizeof(large));
	memcpy(large, "Subject: large\n\n", 16);
	conversions_start(conv);
	eii_converter_submit(conv, 1, eii_text_of(small), EII_SUBMIT_FALLBACK_ONLY);
	eii_converter_submit(conv, 2, eii_text(large, 201), EII_SUBMIT_FULL);
	eii_converter_submit(conv, 3, eii_text(large, 200), EII_SUBMIT_FULL);
	for (uint64_t i = 1; i <= 3; i++) {
		static const enum eii_fallback reasons[] = { EII_FALLBACK_ASKED,
							     EII_FALLBACK_TOO_LARGE,
							     EII_FALLBACK_NONE };
		struct eii_conversion conversion = conversions_wait(conv);

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
	EII_AUTO(eii_converter) conv = conversions_converter(EII_FAULTY_CONVERTER);
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
	EII_AUTO(eii_converter) conv = conversions_converter(EII_FAULTY_CONVERTER);
	EII_AUTO_STR mail = conversions_mail("[fault:stall]");
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
		EII_AUTO(eii_converter) conv = conversions_converter(rows[i].program);
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
	const size_t n = EII_WIRE_WORDS_MAX_BYTES / 101 + 1;
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
	EII_AUTO_STR mail = conversions_mail("[fault:stall]");
	struct eii_conversion conversion;
	struct eii_error err = { 0 };

	(void)state;
	conversions_start(conv);
	eii_stop_request(stop);
	assert_int_equal(eii_converter_convert_one(conv, eii_text_of(mail), &conversion, &err),
			 EII_RETRY);
	assert_int_equal(err.kind, EII_ERROR_STOPPED);
	assert_int_equal(eii_converter_in_hand(conv), 0);
}

static void test_converter__says_how_well_it_is_jailed(void **state)
{
	EII_AUTO(eii_converter) conv = conversions_converter(EII_FAULTY_CONVERTER);
	struct eii_converter_info info;

	(void)state;
	assert_false(eii_converter_info(conv, &info));
	conversions_start(conv);
	assert_true(eii_converter_info(conv, &info));
#ifdef EII_SANITIZED
	assert_true(info.is_relaxed);
#endif
}

#define LETTERS ((size_t)45 * 1024 * 1024)

/*
 * Text of which each byte becomes three, in too little memory: no empty content, but the
 * mail's headers and the reason; in enough, all of it.
 */
static void test_converter__without_memory_says_so_and_loses_nothing(void **state)
{
	static const uint64_t mebibytes[] = { 128, 400 };
	static const char head[] =
		"Subject: s\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n";
	const size_t len = sizeof(head) - 1 + LETTERS;
	char *mail = eii_calloc(len, 1);

	(void)state;
	memset(mail, 0x80, len);
	memcpy(mail, head, sizeof(head) - 1);
	for (size_t i = 0; i < ARRAY_LEN(mebibytes); i++) {
		const struct eii_converter_options options = {
			.program = EII_CONVERTER_PROGRAM,
			.settings = { .content = EII_CONTENT_VERBATIM },
			.address_space_bytes = mebibytes[i] * 1024 * 1024,
		};
		EII_AUTO(eii_converter) conv = eii_converter_new(&options);
		struct eii_converter_info info = { 0 };
		struct eii_conversion conversion;

		conversions_start(conv);
		eii_converter_submit(conv, 1, eii_text(mail, len), EII_SUBMIT_FULL);
		conversion = conversions_wait(conv);
		assert_true(eii_converter_info(conv, &info));
		if (i == 0 && !info.is_relaxed) {
			assert_int_equal(conversion.reason, EII_FALLBACK_MEMORY);
			assert_true(conversion.fields->defects & EII_DEFECT_BODY_NOT_READ);
		} else {
			CHECK(conversion.reason == EII_FALLBACK_NONE, "%s", conversion.detail);
			assert_int_equal(conversion.fields->content.len, LETTERS * 3);
		}
		assert_true(eii_text_equal(conversion.fields->subject, eii_text_of("s")));
		eii_fields_free(conversion.fields);
	}
	free(mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_converter__window_is_bounded_in_mails_and_bytes),
		cmocka_unit_test(test_converter__large_mails_both_ways_do_not_block),
		cmocka_unit_test(test_converter__fallback_only_and_too_large_read_the_headers),
		cmocka_unit_test(test_converter__empty_mail_is_converted),
		cmocka_unit_test(test_converter__stalled_child_has_ten_times_its_cpu),
		cmocka_unit_test(test_converter__that_cannot_start_says_why),
		cmocka_unit_test(test_converter__types_that_cannot_be_sent_are_fatal),
		cmocka_unit_test(test_converter__stop_cuts_the_wait),
		cmocka_unit_test(test_converter__says_how_well_it_is_jailed),
		cmocka_unit_test(test_converter__without_memory_says_so_and_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
