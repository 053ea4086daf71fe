/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/sink.h"

#include "eii/base/base64.h"
#include "support.h"

#define BYTES 40000

static void test_sink__counts(void **state)
{
	(void)state;
	struct eii_count_sink count;

	eii_count_sink_init(&count);
	assert_int_equal(eii_sink_write(&count.base, "abc", 3, NULL), EII_OK);
	assert_int_equal(eii_sink_write(&count.base, "", 0, NULL), EII_OK);
	assert_int_equal(eii_sink_write(&count.base, "de", 2, NULL), EII_OK);
	assert_int_equal(count.n_bytes, 5);
}

static void test_sink__into_a_buffer_ends_at_its_ceiling(void **state)
{
	(void)state;
	struct eii_buf_sink sink;
	struct eii_error err = { 0 };
	struct eii_buf buf;

	eii_buf_init(&buf, 4);
	eii_buf_sink_init(&sink, &buf);
	assert_int_equal(eii_sink_write(&sink.base, "abcd", 4, &err), EII_OK);
	assert_int_equal(eii_sink_write(&sink.base, "e", 1, &err), EII_REJECT);
	assert_string_equal(buf.data, "abcd");
	assert_int_not_equal(err.text[0], '\0');
	eii_buf_clear(&buf);
}

/* Pieces of every kind of size, also ones of whole chunks while something is held. */
static void test_sink__base64_does_not_depend_on_the_pieces(void **state)
{
	(void)state;
	static const size_t steps[] = { 1,
					2,
					3,
					100,
					EII_BASE64_SINK_CHUNK - 1,
					EII_BASE64_SINK_CHUNK,
					EII_BASE64_SINK_CHUNK + 1,
					BYTES };
	static unsigned char bytes[BYTES];
	static char wanted[BYTES * 2];

	for (size_t i = 0; i < BYTES; i++)
		bytes[i] = (unsigned char)(i * 7 + i / 256);
	eii_base64_encode(bytes, BYTES, wanted);
	for (size_t s = 0; s < ARRAY_LEN(steps); s++) {
		struct eii_base64_sink sink;
		struct eii_buf_sink next;
		struct eii_buf buf;

		eii_buf_init(&buf, sizeof(wanted));
		eii_buf_sink_init(&next, &buf);
		eii_base64_sink_init(&sink, &next.base);
		for (size_t i = 0; i < BYTES; i += steps[s]) {
			size_t n = BYTES - i < steps[s] ? BYTES - i : steps[s];

			assert_int_equal(eii_sink_write(&sink.base, bytes + i, n, NULL), EII_OK);
		}
		assert_int_equal(eii_base64_sink_finish(&sink, NULL), EII_OK);
		CHECK(buf.len == eii_base64_size(BYTES), "step %zu: %zu", steps[s], buf.len);
		CHECK(memcmp(buf.data, wanted, buf.len) == 0, "step %zu", steps[s]);
		eii_buf_clear(&buf);
	}
}

static void test_sink__base64_hands_a_failure_on(void **state)
{
	(void)state;
	static unsigned char bytes[EII_BASE64_SINK_CHUNK];
	struct eii_base64_sink sink;
	struct eii_buf_sink next;
	struct eii_buf buf;

	eii_buf_init(&buf, 3);
	eii_buf_sink_init(&next, &buf);
	eii_base64_sink_init(&sink, &next.base);
	assert_int_equal(eii_sink_write(&sink.base, bytes, sizeof(bytes), NULL), EII_REJECT);
	eii_buf_reset(&buf);
	eii_base64_sink_init(&sink, &next.base);
	assert_int_equal(eii_sink_write(&sink.base, bytes, 1, NULL), EII_OK);
	assert_int_equal(eii_base64_sink_finish(&sink, NULL), EII_REJECT);
	eii_buf_clear(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sink__counts),
		cmocka_unit_test(test_sink__into_a_buffer_ends_at_its_ceiling),
		cmocka_unit_test(test_sink__base64_does_not_depend_on_the_pieces),
		cmocka_unit_test(test_sink__base64_hands_a_failure_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
