/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/json_writer.h"

#include "eii/base/base64.h"
#include "support.h"

struct output {
	struct eii_json_writer json;
	struct eii_buf_sink sink;
	struct eii_buf buf;
};

static void begin(struct output *out, size_t max)
{
	eii_buf_init(&out->buf, max);
	eii_buf_sink_init(&out->sink, &out->buf);
	eii_json_writer_init(&out->json, &out->sink.base);
}

static void test_json_writer__places_commas_and_colons(void **state)
{
	(void)state;
	struct output out;

	begin(&out, 1000);
	eii_json_object_begin(&out.json);
	eii_json_key(&out.json, "a");
	eii_json_array_begin(&out.json);
	eii_json_u64(&out.json, UINT64_MAX);
	eii_json_i64(&out.json, INT64_MIN);
	eii_json_word(&out.json, EII_JSON_NULL);
	eii_json_array_end(&out.json);
	eii_json_key(&out.json, "o");
	eii_json_object_begin(&out.json);
	eii_json_object_end(&out.json);
	eii_json_key(&out.json, "r");
	eii_json_raw(&out.json, eii_text_of("[1]"));
	eii_json_key(&out.json, "b");
	eii_json_base64(&out.json, "foob", 4);
	eii_json_key(&out.json, "s");
	eii_json_string_begin(&out.json);
	eii_json_string_add(&out.json, eii_text_of("x"));
	eii_json_string_add(&out.json, eii_text_of("\"y"));
	eii_json_string_end(&out.json);
	eii_json_object_end(&out.json);
	assert_int_equal(eii_json_writer_finish(&out.json, NULL), EII_OK);
	assert_string_equal(out.buf.data,
			    "{\"a\":[18446744073709551615,-9223372036854775808,null],\"o\":{},"
			    "\"r\":[1],\"b\":\"Zm9vYg==\",\"s\":\"x\\\"y\"}");
	eii_buf_clear(&out.buf);
}

/* Each byte below 0x80 alone and at each place of a word of eight. */
static void test_json_writer__escapes_at_every_place(void **state)
{
	(void)state;
	for (unsigned c = 1; c < 0x80; c++) {
		char escape[8];
		const char *short_form = strchr("\bb\ff\nn\rr\tt\"\"\\\\", (int)c);

		if (short_form && (c < 0x20 || c == '"' || c == '\\'))
			(void)snprintf(escape, sizeof(escape), "\\%c",
				       c == '"' || c == '\\' ? (int)c : short_form[1]);
		else if (c < 0x20)
			(void)snprintf(escape, sizeof(escape), "\\u%04x", c);
		else
			(void)snprintf(escape, sizeof(escape), "%c", (int)c);
		for (size_t place = 0; place < 17; place++) {
			char text[18] = "aaaaaaaaaaaaaaaaa", wanted[64];
			struct output out;

			text[place] = (char)c;
			(void)snprintf(wanted, sizeof(wanted), "\"%.*s%s%s\"", (int)place, text,
				       escape, text + place + 1);
			begin(&out, 1000);
			eii_json_str(&out.json, text);
			assert_int_equal(eii_json_writer_finish(&out.json, NULL), EII_OK);
			CHECK(strcmp(out.buf.data, wanted) == 0, "%02x at %zu gave %s", c, place,
			      out.buf.data);
			eii_buf_clear(&out.buf);
		}
	}
}

static void test_json_writer__text_beyond_ascii_stays(void **state)
{
	(void)state;
	struct output out;

	begin(&out, 1000);
	eii_json_str(&out.json, "\xc3\xa9\xe2\x80\xa8\xf0\x9f\x93\xa7\x7f");
	assert_int_equal(eii_json_writer_finish(&out.json, NULL), EII_OK);
	assert_string_equal(out.buf.data, "\"\xc3\xa9\xe2\x80\xa8\xf0\x9f\x93\xa7\x7f\"");
	eii_buf_clear(&out.buf);
}

/* Sizes around what it holds back. */
static void test_json_writer__base64_is_whole_at_every_size(void **state)
{
	(void)state;
	static char bytes[2 * EII_JSON_WRITER_HOLD];
	static char coded[4 * EII_JSON_WRITER_HOLD];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 31 + i / 256);
	for (size_t len = EII_JSON_WRITER_HOLD / 4 * 3 - 4; len <= EII_JSON_WRITER_HOLD + 4;
	     len++) {
		struct output out;

		eii_base64_encode(bytes, len, coded);
		begin(&out, sizeof(coded));
		eii_json_base64(&out.json, bytes, len);
		assert_int_equal(eii_json_writer_finish(&out.json, NULL), EII_OK);
		CHECK(out.buf.len == eii_base64_size(len) + 2, "%zu", len);
		CHECK(memcmp(out.buf.data + 1, coded, eii_base64_size(len)) == 0, "%zu", len);
		eii_buf_clear(&out.buf);
	}
}

static void test_json_writer__the_first_failure_stays(void **state)
{
	(void)state;
	static char large[2 * EII_JSON_WRITER_HOLD];
	struct eii_error err = { 0 };
	struct output out;

	memset(large, 'x', sizeof(large));
	begin(&out, 10);
	eii_json_text(&out.json, eii_text(large, sizeof(large)));
	eii_json_str(&out.json, "more");
	assert_int_equal(eii_json_writer_finish(&out.json, &err), EII_REJECT);
	assert_int_not_equal(err.text[0], '\0');
	eii_buf_clear(&out.buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_writer__places_commas_and_colons),
		cmocka_unit_test(test_json_writer__escapes_at_every_place),
		cmocka_unit_test(test_json_writer__text_beyond_ascii_stays),
		cmocka_unit_test(test_json_writer__base64_is_whole_at_every_size),
		cmocka_unit_test(test_json_writer__the_first_failure_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
