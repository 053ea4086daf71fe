/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/opencti/headers.h"

#include "eii/base/buf.h"
#include "support.h"

static void test_headers__splits_as_pycti(void **state)
{
	static const struct {
		const char *text;
		const char *lines[4];
	} cases[] = {
		{ NULL, { NULL } },
		{ "", { NULL } },
		{ " ; ;", { NULL } },
		{ "X-A:1", { "X-A: 1" } },
		{ " X-A : 1 ; X-B:: a:b ;", { "X-A: 1", "X-B: : a:b" } },
		{ "X-Empty:", { "X-Empty: " } },
		{ "x:\xc3\xa9", { "x: \xc3\xa9" } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO(eii_custom_headers) headers = NULL;
		size_t n = 0;

		CHECK(eii_custom_headers_parse(cases[i].text, &headers, NULL) == EII_OK, "case %zu",
		      i);
		for (; cases[i].lines[n]; n++)
			CHECK(headers->lines[n] && !strcmp(headers->lines[n], cases[i].lines[n]),
			      "case %zu, line %zu", i, n);
		CHECK(!headers->lines[n], "case %zu has more", i);
	}
}

static void test_headers__refuses_the_rest_without_telling_it(void **state)
{
	static const struct {
		const char *text;
		const char *words;
	} cases[] = {
		{ "secret-word", "header 1: not of the form" },
		{ "X-A: 1;secret-word", "header 2: not of the form" },
		{ ": secret-word", "its name is not one" },
		{ "X A: secret-word", "its name is not one" },
		{ "X-A: secret-word\r\nX-B: 2", "control character" },
		{ "authorization: secret-word", "made of OPENCTI_TOKEN" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_custom_headers *headers = NULL;
		struct eii_error err = { 0 };

		CHECK(eii_custom_headers_parse(cases[i].text, &headers, &err) == EII_FATAL,
		      "case %zu", i);
		CHECK(err.kind == EII_ERROR_CONFIG && strstr(err.text, cases[i].words),
		      "case %zu: %s", i, err.text);
		CHECK(!strstr(err.text, "secret-word"), "case %zu tells it", i);
		CHECK(!headers, "case %zu wrote its output", i);
	}
}

static void test_headers__takes_the_limit_and_not_one_past_it(void **state)
{
	EII_AUTO(eii_custom_headers) headers = NULL;
	struct eii_custom_headers *more = NULL;
	struct eii_buf text;

	(void)state;
	eii_buf_init(&text, 4096);
	for (int i = 0; i < EII_CUSTOM_HEADERS_MAX; i++)
		eii_buf_addf(&text, "X-%d:1;", i);
	assert_int_equal(eii_custom_headers_parse(text.data, &headers, NULL), EII_OK);
	assert_non_null(headers->lines[EII_CUSTOM_HEADERS_MAX - 1]);
	eii_buf_add_str(&text, "X-More:1");
	assert_int_equal(eii_custom_headers_parse(text.data, &more, NULL), EII_FATAL);
	assert_null(more);
	eii_buf_clear(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers__splits_as_pycti),
		cmocka_unit_test(test_headers__refuses_the_rest_without_telling_it),
		cmocka_unit_test(test_headers__takes_the_limit_and_not_one_past_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
