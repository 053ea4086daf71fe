/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/codec/json.h"

#include "support.h"

#define MAX_BYTES 65536

static struct eii_json *parsed(const char *text)
{
	struct eii_json *json = NULL;
	struct eii_error err;

	CHECK(eii_json_parse(eii_text_of(text), MAX_BYTES, &json, &err) == EII_OK, "%s: %s", text,
	      err.text);
	return json;
}

static void test_json__reads_members_by_type(void **state)
{
	(void)state;
	EII_AUTO(eii_json)
	json = parsed("{\"s\":\"caf\\u00e9\",\"n\":12,\"b\":true,\"z\":null,\"a\":[1,2,3],"
		      "\"o\":{\"x\":1},\"S\":\"other\"} \n");
	uint64_t number = 42;

	assert_string_equal(eii_json_get_str(json, "s"), "caf\xc3\xa9");
	assert_null(eii_json_get_str(json, "n"));
	assert_null(eii_json_get_str(json, "absent"));
	assert_true(eii_json_as_u64(eii_json_get(json, "n"), 12, &number));
	assert_int_equal(number, 12);
	assert_true(eii_json_as_bool(eii_json_get(json, "b"), false));
	assert_false(eii_json_as_bool(eii_json_get(json, "s"), false));
	assert_int_equal(eii_json_type(eii_json_get(json, "z")), EII_JSON_IS_NULL);
	assert_int_equal(eii_json_type(eii_json_get(json, "a")), EII_JSON_IS_ARRAY);
	assert_int_equal(eii_json_type(eii_json_get(json, "o")), EII_JSON_IS_OBJECT);
	assert_int_equal(eii_json_type(eii_json_get(json, "q")), EII_JSON_IS_NONE);
	assert_int_equal(eii_json_count(eii_json_get(json, "a")), 3);
	assert_string_equal(eii_json_name(eii_json_first(json)), "s");
	assert_null(eii_json_get(eii_json_get(json, "q"), "x"));
}

static void test_json__the_last_of_two_names_counts(void **state)
{
	(void)state;
	EII_AUTO(eii_json) json = parsed("{\"a\":\"1\",\"a\":\"2\"}");

	assert_string_equal(eii_json_get_str(json, "a"), "2");
}

static void test_json__whole_numbers_only_within_bounds(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool ok;
	} cases[] = {
		{ "0", true },      { "100", true },    { "101", false },
		{ "-1", false },    { "1.5", false },   { "1e2", true },
		{ "1e3", false },   { "1e400", false }, { "9007199254740994", false },
		{ "\"5\"", false }, { "null", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO(eii_json) json = parsed(cases[i].text);
		uint64_t out = 42;

		CHECK(eii_json_as_u64(json, 100, &out) == cases[i].ok, "%s", cases[i].text);
		CHECK(cases[i].ok || out == 42, "%s wrote its output", cases[i].text);
	}
}

static void test_json__refuses_what_is_none_and_leaves_the_output_alone(void **state)
{
	(void)state;
	static const char *const cases[] = {
		"",    " ",    "{",   "}",        "[1,]",     "{\"a\"}",          "{'a':1}",
		"nul", "{} x", "\"a", "\"a\nb\"", "\"\xff\"", "\"\xed\xa0\x80\"", "[1 2]",
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_json *json = NULL;
		struct eii_error err = { 0 };

		CHECK(eii_json_parse(eii_text_of(cases[i]), MAX_BYTES, &json, &err) == EII_REJECT,
		      "%s", cases[i]);
		CHECK(!json, "%s wrote its output", cases[i]);
		CHECK(err.text[0], "%s left no words", cases[i]);
	}
}

static void nested(size_t depth, char *out)
{
	memset(out, '[', depth);
	memset(out + depth, ']', depth);
	out[2 * depth] = '\0';
}

static void test_json__depth_and_size_end_at_their_ceilings(void **state)
{
	(void)state;
	char text[2 * EII_JSON_MAX_DEPTH + 8];
	struct eii_json *json = NULL;

	nested(EII_JSON_MAX_DEPTH, text);
	assert_int_equal(eii_json_parse(eii_text_of(text), strlen(text), &json, NULL), EII_OK);
	eii_json_free(json);
	assert_int_equal(eii_json_parse(eii_text_of(text), strlen(text) - 1, &json, NULL),
			 EII_REJECT);
	nested(EII_JSON_MAX_DEPTH + 1, text);
	assert_int_equal(eii_json_parse(eii_text_of(text), MAX_BYTES, &json, NULL), EII_REJECT);
}

/* Brackets inside strings do not nest. */
static void test_json__brackets_in_strings_are_text(void **state)
{
	(void)state;
	char text[256] = "\"";

	memset(text + 1, '[', 200);
	strncat(text, "\\\"[\"", 10);
	eii_json_free(parsed(text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json__reads_members_by_type),
		cmocka_unit_test(test_json__the_last_of_two_names_counts),
		cmocka_unit_test(test_json__whole_numbers_only_within_bounds),
		cmocka_unit_test(test_json__refuses_what_is_none_and_leaves_the_output_alone),
		cmocka_unit_test(test_json__depth_and_size_end_at_their_ceilings),
		cmocka_unit_test(test_json__brackets_in_strings_are_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
