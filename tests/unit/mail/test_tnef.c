/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/mail/tnef.h"

#include "support.h"

#define BYTES(s)                                                                                   \
	{                                                                                          \
		s, sizeof(s) - 1                                                                   \
	}
#define SIGNATURE "\x78\x9f\x3e\x22\x01\0"
#define BODY      "\x01\x0c\x80\x02\0\x05\0\0\0words\x2b\x02"

static void check_text(struct eii_text got, const char *wanted, size_t row)
{
	CHECK(eii_text_equal(got, eii_text_of(wanted)), "row %zu: '%.*s' is not '%s'", row,
	      EII_TEXT_ARGS(got), wanted);
}

static void test_tnef__walks_over_attributes(void **state)
{
	static const struct {
		struct eii_text bytes;
		size_t n_attributes;
		bool is_cut;
		const char *last;
	} cases[] = {
		{ BYTES(SIGNATURE), 0, false, "" },
		{ BYTES(SIGNATURE BODY), 1, false, "words" },
		{ BYTES(SIGNATURE BODY BODY), 2, false, "words" },
		{ BYTES(SIGNATURE BODY "\x02\x0f\x80\x06\0\0\0\0\0"), 2, false, "" },
		{ BYTES(SIGNATURE BODY "\x02\x0f\x80\x06\0\x03\0\0\0ab"), 2, true, "ab" },
		{ BYTES(SIGNATURE BODY "\x02\x0f\x80\x06\0\xff\xff\xff\xff"), 2, true, "" },
		{ BYTES(SIGNATURE BODY "\x02\x0f\x80\x06\0\0\0\0"), 1, true, "words" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_tnef_attribute attribute = { .id = 0 };
		struct eii_tnef_walk walk;
		size_t n = 0;

		assert_true(eii_tnef_walk_init(&walk, cases[i].bytes));
		while (eii_tnef_walk_next(&walk, &attribute))
			n++;
		CHECK(n == cases[i].n_attributes, "row %zu: %zu", i, n);
		CHECK(walk.is_cut == cases[i].is_cut, "row %zu", i);
		check_text(attribute.data, cases[i].last, i);
	}
}

static void test_tnef__tells_levels_and_numbers(void **state)
{
	static const struct eii_text bytes = BYTES(SIGNATURE BODY "\x02\x0f\x80\x06\0\0\0\0\0\0\0");
	struct eii_tnef_attribute attribute;
	struct eii_tnef_walk walk;

	(void)state;
	assert_true(eii_tnef_walk_init(&walk, bytes));
	assert_true(eii_tnef_walk_next(&walk, &attribute));
	assert_int_equal(attribute.id, EII_TNEF_BODY);
	assert_false(attribute.is_of_file);
	assert_true(eii_tnef_walk_next(&walk, &attribute));
	assert_int_equal(attribute.id, EII_TNEF_FILE_DATA);
	assert_true(attribute.is_of_file);
}

static void test_tnef__refuses_what_is_none(void **state)
{
	static const struct eii_text cases[] = { BYTES(""), BYTES("\x78\x9f\x3e\x22\x01"),
						 BYTES("\x78\x9f\x3e\x23\x01\0") };
	struct eii_tnef_walk walk;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK(!eii_tnef_walk_init(&walk, cases[i]), "row %zu", i);
}

#define ONE   "\x01\0\0\0"
#define TWO   "\x02\0\0\0"
#define GUID  "0123456789abcdef"
#define WORDS "\x05\0\0\0words\0\0\0"

static void test_tnef__walks_over_properties(void **state)
{
	static const struct {
		struct eii_text bytes;
		size_t n_properties;
		bool is_cut;
		const char *last;
	} cases[] = {
		{ BYTES("\0\0\0\0"), 0, false, "" },
		{ BYTES(ONE "\x03\0\xde\x3f\x07\0\0\0"), 1, false, "\x07" },
		{ BYTES(ONE "\x0b\0\xde\x3f\x07\0\0\0"), 1, false, "\x07" },
		{ BYTES(ONE "\x14\0\xde\x3f\x31\x32\x33\x34\x35\x36\x37\x38"), 1, false,
		  "12345678" },
		{ BYTES(ONE "\x48\0\xde\x3f" GUID), 1, false, GUID },
		{ BYTES(ONE "\x1e\0\0\x10" ONE WORDS), 1, false, "words" },
		{ BYTES(TWO "\x1e\0\0\x10" ONE WORDS "\x03\0\xde\x3f\x08\0\0\0"), 2, false,
		  "\x08" },
		/* Of several values the first. */
		{ BYTES(ONE "\x1e\x10\0\x10" TWO WORDS "\x01\0\0\0x\0\0\0"), 1, false, "words" },
		{ BYTES(ONE "\x03\x10\0\x10" TWO "\x07\0\0\0\x08\0\0\0"), 1, false, "\x07" },
		{ BYTES(ONE "\x1e\0\0\x10\0\0\0\0"), 1, false, "" },
		/* Named, by a number and by a string. */
		{ BYTES(ONE "\x1e\0\0\x80" GUID "\0\0\0\0\x07\0\0\0" ONE WORDS), 1, false,
		  "words" },
		{ BYTES(ONE "\x1e\0\0\x80" GUID "\x01\0\0\0\x02\0\0\0n\0\0\0" ONE WORDS), 1, false,
		  "words" },
		/* An object begins with its interface. */
		{ BYTES(ONE "\x0d\0\x01\x37" ONE "\x15\0\0\0" GUID "words\0\0\0"), 1, false,
		  "words" },
		{ BYTES(ONE "\x0d\0\x01\x37" ONE "\x05\0\0\0words\0\0\0"), 1, false, "" },
		/* Cut. */
		{ BYTES("\x01\0\0"), 0, true, "" },
		{ BYTES(ONE "\x1e\0\0"), 0, true, "" },
		{ BYTES(ONE "\x1e\0\0\x10" ONE "\x05\0\0\0wor"), 1, true, "wor" },
		{ BYTES(ONE "\x1e\0\0\x10" ONE "\xff\xff\xff\xffwor"), 1, true, "wor" },
		{ BYTES(ONE "\x1e\0\0\x10" ONE), 0, true, "" },
		{ BYTES(ONE "\x1e\0\0\x80" GUID "\x01\0\0\0\xff\xff\xff\xff"), 0, true, "" },
		{ BYTES(ONE "\x1e\0\0\x80"
			    "0123456789abcde"),
		  0, true, "" },
		{ BYTES("\xff\xff\xff\xff\x03\x10\0\x10\xff\xff\xff\xff\x07\0\0\0"), 1, true,
		  "\x07" },
		{ BYTES(TWO "\x03\0\xde\x3f\x07\0\0\0"), 1, true, "\x07" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_mapi_property property = { .id = 0 };
		struct eii_mapi_property last = { .id = 0 };
		struct eii_mapi_walk walk;
		size_t n = 0;

		eii_mapi_walk_init(&walk, cases[i].bytes);
		while (eii_mapi_walk_next(&walk, &property)) {
			last = property;
			n++;
		}
		CHECK(n == cases[i].n_properties, "row %zu: %zu", i, n);
		CHECK(walk.is_cut == cases[i].is_cut, "row %zu", i);
		if (last.type == EII_MAPI_LONG || last.type == 0x0b)
			last.value.len = 1;
		check_text(last.value, cases[i].last, i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tnef__walks_over_attributes),
		cmocka_unit_test(test_tnef__tells_levels_and_numbers),
		cmocka_unit_test(test_tnef__refuses_what_is_none),
		cmocka_unit_test(test_tnef__walks_over_properties),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
