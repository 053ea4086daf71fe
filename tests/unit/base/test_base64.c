/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/base64.h"

#include "support.h"

/* RFC 4648, section 10. */
static const struct {
	const char *plain, *coded;
} vectors[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
};

static void test_base64__is_that_of_the_rfc_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		char coded[16] = "";
		struct eii_buf plain;

		eii_base64_encode(vectors[i].plain, strlen(vectors[i].plain), coded);
		CHECK(strcmp(coded, vectors[i].coded) == 0, "%s gave %s", vectors[i].plain, coded);
		CHECK(eii_base64_size(strlen(vectors[i].plain)) == strlen(vectors[i].coded), "%s",
		      vectors[i].plain);
		eii_buf_init(&plain, 16);
		CHECK(eii_base64_decode(eii_text_of(vectors[i].coded), &plain), "%s",
		      vectors[i].coded);
		CHECK(strcmp(plain.data, vectors[i].plain) == 0, "%s", vectors[i].coded);
		eii_buf_clear(&plain);
	}
}

static void test_base64__every_byte_comes_back(void **state)
{
	(void)state;
	unsigned char bytes[256];
	char coded[344];
	struct eii_buf plain;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(255 - i);
	eii_base64_encode(bytes, sizeof(bytes), coded);
	eii_buf_init(&plain, sizeof(bytes));
	assert_true(eii_base64_decode(eii_text(coded, sizeof(coded)), &plain));
	assert_memory_equal(plain.data, bytes, sizeof(bytes));
	eii_buf_clear(&plain);
}

static void test_base64__refuses_other_texts_and_leaves_the_output_alone(void **state)
{
	(void)state;
	static const char *const cases[] = { "Z",        "Zg=",      "Zg",      "Zg==Zg==",
					     "Zm9v\n",   "Zm9vZ===", "====",    "Z m9",
					     "Zm9vZm-_", "Zm=v",     "Zm9vZm9v" };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;

		/* The last one is right, but does not fit. */
		eii_buf_init(&out, 5);
		eii_buf_add_str(&out, "x");
		CHECK(!eii_base64_decode(eii_text_of(cases[i]), &out), "%s", cases[i]);
		CHECK(out.len == 1, "%s wrote its output", cases[i]);
		eii_buf_clear(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64__is_that_of_the_rfc_both_ways),
		cmocka_unit_test(test_base64__every_byte_comes_back),
		cmocka_unit_test(test_base64__refuses_other_texts_and_leaves_the_output_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
