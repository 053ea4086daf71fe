/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/codec/json_members.h"

#include "support.h"

static void test_json_members__come_as_they_stand(void **state)
{
	(void)state;
	static const char text[] = " { \"a\" : 1.50e3 ,\"b\\\"}\":{\"x\":[1,\"]}\",{}]}, "
				   "\"c\":\"\\\\\",\"d\":null,\"e\":[ ] }";
	static const struct {
		const char *name, *value;
	} wanted[] = {
		{ "\"a\"", "1.50e3" },   { "\"b\\\"}\"", "{\"x\":[1,\"]}\",{}]}" },
		{ "\"c\"", "\"\\\\\"" }, { "\"d\"", "null" },
		{ "\"e\"", "[ ]" },
	};
	struct eii_json_member member;
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		CHECK(eii_json_members_next(eii_text_of(text), &at, &member), "member %zu", i);
		CHECK(eii_text_equal(member.name, eii_text_of(wanted[i].name)), "%s gave %.*s",
		      wanted[i].name, EII_TEXT_ARGS(member.name));
		CHECK(eii_text_equal(member.value, eii_text_of(wanted[i].value)), "%s gave %.*s",
		      wanted[i].value, EII_TEXT_ARGS(member.value));
	}
	assert_false(eii_json_members_next(eii_text_of(text), &at, &member));
}

/* Each prefix of an object in memory of its exact size: a sanitizer sees any step beyond. */
static void test_json_members__never_read_behind_a_broken_text(void **state)
{
	(void)state;
	static const char text[] = "{\"a\":\"\\\"x\",\"b\":[{\"c\":1}],\"d\":12}";

	for (size_t len = 0; len < sizeof(text); len++) {
		char *copy = malloc(len ? len : 1);
		struct eii_json_member member;
		size_t at = 0, n = 0;

		assert_non_null(copy);
		memcpy(copy, text, len);
		while (eii_json_members_next(eii_text(copy, len), &at, &member)) {
			CHECK(member.value.data + member.value.len <= copy + len, "%zu", len);
			CHECK(++n <= 3, "%zu", len);
		}
		free(copy);
	}
}

static void test_json_members__of_no_object_are_none(void **state)
{
	(void)state;
	static const char *const cases[] = {
		"", "[]", "{}", "null", "\"{\"", "{1:2}", "{\"a\" 1}"
	};
	struct eii_json_member member;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t at = 0;

		CHECK(!eii_json_members_next(eii_text_of(cases[i]), &at, &member), "%s", cases[i]);
	}
}

static void test_json_elements__come_as_they_stand(void **state)
{
	(void)state;
	static const char text[] = " [ 1.50e3 ,{\"x\":[1,\"]\"]},\"a,\\\"\", [ ],null ] ";
	static const char *const wanted[] = { "1.50e3", "{\"x\":[1,\"]\"]}", "\"a,\\\"\"", "[ ]",
					      "null" };
	static const char *const none[] = { "", "[]", "[ ]", "{}", "{\"a\":1}", "1", "\"[1]\"" };
	struct eii_text element;
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		CHECK(eii_json_elements_next(eii_text_of(text), &at, &element), "%zu", i);
		CHECK(eii_text_equal(element, eii_text_of(wanted[i])), "%s gave %.*s", wanted[i],
		      EII_TEXT_ARGS(element));
	}
	assert_false(eii_json_elements_next(eii_text_of(text), &at, &element));
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		at = 0;
		CHECK(!eii_json_elements_next(eii_text_of(none[i]), &at, &element), "%s", none[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_members__come_as_they_stand),
		cmocka_unit_test(test_json_members__never_read_behind_a_broken_text),
		cmocka_unit_test(test_json_members__of_no_object_are_none),
		cmocka_unit_test(test_json_elements__come_as_they_stand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
