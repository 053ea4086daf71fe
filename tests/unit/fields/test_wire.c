/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/fields/wire.h"

#include "support.h"
#include "wire_samples.h"

#define HEAD EII_WIRE_ANSWER_HEAD_BYTES

/* ---- ready --------------------------------------------------------------------- */

static void test_wire__ready_word_comes_back(void **state)
{
	static const struct eii_wire_ready rows[] = { { false, 7, 0 }, { true, 0, 3 } };
	struct eii_error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		unsigned char word[EII_WIRE_READY_BYTES];
		struct eii_wire_ready ready;

		eii_wire_ready_encode(&rows[i], word);
		assert_int_equal(eii_wire_ready_decode(word, &ready, &err), EII_OK);
		assert_int_equal(ready.is_relaxed, rows[i].is_relaxed);
		assert_int_equal(ready.landlock_abi, rows[i].landlock_abi);
		assert_int_equal(ready.missing_charsets, rows[i].missing_charsets);
	}
}

static void test_wire__refuses_another_program_or_version(void **state)
{
	static const size_t at[] = { 0, 3, 4 };
	const struct eii_wire_ready ready = { false, 7, 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(at); i++) {
		unsigned char word[EII_WIRE_READY_BYTES];
		struct eii_wire_ready out = { .landlock_abi = 42 };
		struct eii_error err;

		eii_wire_ready_encode(&ready, word);
		word[at[i]]++;
		CHECK(eii_wire_ready_decode(word, &out, &err) == EII_REJECT, "byte %zu", at[i]);
		CHECK(out.landlock_abi == 42, "byte %zu wrote its output", at[i]);
	}
}

/* ---- request ------------------------------------------------------------------- */

static void encode_request(const struct eii_convert_settings *settings, struct eii_buf *out)
{
	struct eii_error err;

	eii_buf_init(out, EII_WIRE_REQUEST_HEAD_BYTES + EII_WIRE_WORDS_MAX_BYTES);
	assert_int_equal(eii_wire_request_encode(9, EII_CONVERT_SCAN, settings, 123456, out, &err),
			 EII_OK);
}

static void test_wire__request_comes_back(void **state)
{
	char longest[EII_LIMIT_MIME_TYPE_BYTES + 1];
	const struct eii_text types[] = { eii_text_of("application/pdf"),
					  eii_text(longest, EII_LIMIT_MIME_TYPE_BYTES + 1),
					  eii_text(longest, EII_LIMIT_MIME_TYPE_BYTES),
					  eii_text_of("") };
	const struct eii_convert_settings settings = { .content = EII_CONTENT_VERBATIM,
						       .attach_forwarded = true,
						       .asks_tlp = true,
						       .inline_image_bytes = 4000000000,
						       .max_content_bytes = 4000000001,
						       .max_file_bytes = UINT64_C(1) << 40,
						       .authority = eii_text_of("mx.example"),
						       .types = types,
						       .n_types = ARRAY_LEN(types) };
	struct eii_wire_request request;
	struct eii_text *out = NULL;
	struct eii_error err;
	struct eii_buf wire;

	(void)state;
	memset(longest, 'x', sizeof(longest));
	encode_request(&settings, &wire);
	assert_int_equal(eii_wire_request_decode((unsigned char *)wire.data, &request, &err),
			 EII_OK);
	assert_int_equal(request.number, 9);
	assert_int_equal(request.mode, EII_CONVERT_SCAN);
	assert_int_equal(request.mail_bytes, 123456);
	assert_int_equal(request.settings.content, EII_CONTENT_VERBATIM);
	assert_true(request.settings.attach_forwarded);
	assert_true(request.settings.asks_tlp);
	assert_int_equal(request.settings.inline_image_bytes, 4000000000);
	assert_int_equal(request.settings.max_content_bytes, 4000000001);
	assert_int_equal(request.settings.max_file_bytes, UINT64_C(1) << 40);
	assert_int_equal(wire.len, EII_WIRE_REQUEST_HEAD_BYTES + request.words_bytes);
	assert_true(request.has_authority);
	assert_int_equal(eii_wire_request_words(&request,
						eii_text(wire.data + EII_WIRE_REQUEST_HEAD_BYTES,
							 request.words_bytes),
						&out, &err),
			 EII_OK);
	assert_true(eii_text_equal(request.settings.authority, settings.authority));
	/* The one that no part can have, and the empty one, are left out. */
	assert_int_equal(request.settings.n_types, 2);
	assert_true(eii_text_equal(request.settings.types[0], types[0]));
	assert_true(eii_text_equal(request.settings.types[1], types[2]));
	free(out);
	eii_buf_clear(&wire);
}

static void test_wire__request_has_a_ceiling_of_types(void **state)
{
	enum { EACH = 128, N = EII_WIRE_WORDS_MAX_BYTES / EACH };
	char name[EACH];
	struct eii_text types[N + 1];
	struct eii_convert_settings settings = { .types = types, .n_types = N };
	struct eii_error err;
	struct eii_buf wire;

	(void)state;
	memset(name, 'x', sizeof(name));
	for (size_t i = 0; i < N; i++)
		types[i] = eii_text(name, EACH - 1);
	types[N] = eii_text(name, 1);
	encode_request(&settings, &wire);
	assert_int_equal(wire.len, EII_WIRE_REQUEST_HEAD_BYTES + EII_WIRE_WORDS_MAX_BYTES);
	eii_buf_reset(&wire);
	settings.n_types = N + 1;
	assert_int_equal(eii_wire_request_encode(9, EII_CONVERT_FULL, &settings, 1, &wire, &err),
			 EII_FATAL);
	assert_int_equal(wire.len, 0);
	eii_buf_clear(&wire);
}

static void test_wire__request_has_a_ceiling_of_its_authority(void **state)
{
	char name[EII_LIMIT_AUTHORITY_BYTES + 1];
	struct eii_convert_settings settings = { .authority = eii_text(name,
								       EII_LIMIT_AUTHORITY_BYTES) };
	struct eii_error err;
	struct eii_buf wire;

	(void)state;
	memset(name, 'x', sizeof(name));
	encode_request(&settings, &wire);
	assert_int_equal(wire.len, EII_WIRE_REQUEST_HEAD_BYTES + 1 + EII_LIMIT_AUTHORITY_BYTES);
	eii_buf_reset(&wire);
	settings.authority.len++;
	assert_int_equal(eii_wire_request_encode(9, EII_CONVERT_FULL, &settings, 1, &wire, &err),
			 EII_FATAL);
	eii_buf_clear(&wire);
}

/* What is announced has to be there. */
static void test_wire__refuses_words_that_are_cut(void **state)
{
	static const struct {
		const char *data;
		size_t len;
		bool has_authority;
		enum eii_rc rc;
	} rows[] = {
		{ "\001a", 2, true, EII_OK },
		{ "\001a\001b", 4, true, EII_OK },
		{ "\000", 1, true, EII_OK },
		{ "", 0, false, EII_OK },
		{ "", 0, true, EII_REJECT },
		{ "\002a", 2, false, EII_REJECT },
		{ "\001a\001", 3, true, EII_REJECT },
		{ "\001", 1, false, EII_REJECT },
		{ "\001a\005b", 4, false, EII_REJECT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_wire_request request = { .has_authority = rows[i].has_authority,
						    .settings = { .n_types = 42 } };
		struct eii_text *words = NULL;
		struct eii_error err;

		CHECK(eii_wire_request_words(&request, eii_text(rows[i].data, rows[i].len), &words,
					     &err) == rows[i].rc,
		      "row %zu", i);
		if (rows[i].rc)
			CHECK(!words && request.settings.n_types == 42, "row %zu wrote its output",
			      i);
		free(words);
	}
}

static void test_wire__refuses_a_broken_request(void **state)
{
	static const struct {
		const char *what;
		size_t at;
		unsigned n;
		uint64_t value;
		enum eii_rc rc;
	} rows[] = {
		{ "magic", 0, 1, 'X', EII_REJECT },
		{ "version", 4, 2, EII_WIRE_VERSION + 1, EII_REJECT },
		{ "mode", 6, 1, EII_CONVERT_SCAN + 1, EII_REJECT },
		{ "content", 7, 1, EII_CONTENT_VERBATIM + 1, EII_REJECT },
		{ "mail", 16, 8, EII_LIMIT_MAIL_BYTES_MAX, EII_OK },
		{ "mail", 16, 8, (uint64_t)EII_LIMIT_MAIL_BYTES_MAX + 1, EII_REJECT },
		{ "types", 40, 4, EII_WIRE_WORDS_MAX_BYTES, EII_OK },
		{ "types", 40, 4, EII_WIRE_WORDS_MAX_BYTES + 1, EII_REJECT },
	};
	const struct eii_convert_settings settings = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_wire_request request = { .number = 42 };
		struct eii_error err;
		struct eii_buf wire;

		encode_request(&settings, &wire);
		wire_patch(wire.data, rows[i].at, rows[i].n, rows[i].value);
		CHECK(eii_wire_request_decode((unsigned char *)wire.data, &request, &err) ==
			      rows[i].rc,
		      "%s %zu", rows[i].what, i);
		if (rows[i].rc)
			CHECK(request.number == 42, "%s wrote its output", rows[i].what);
		eii_buf_clear(&wire);
	}
}

/* ---- answer: heads -------------------------------------------------------------- */

static void test_wire__refuses_a_broken_answer_head(void **state)
{
	static const struct {
		const char *what;
		size_t at;
		unsigned n;
		uint64_t value;
		enum eii_rc rc;
	} rows[] = {
		{ "magic", 0, 1, 'X', EII_REJECT },
		{ "version", 4, 2, EII_WIRE_VERSION + 1, EII_REJECT },
		{ "status", 6, 2, EII_WIRE_FAILED + 1, EII_REJECT },
		{ "body", 16, 8, 100, EII_OK },
		{ "body", 16, 8, 101, EII_REJECT },
		{ "body", 16, 8, UINT64_MAX, EII_REJECT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		EII_AUTO(eii_fields) fields = eii_fields_new();
		struct eii_wire_answer answer = { .number = 42 };
		struct eii_error err;
		struct eii_buf wire;

		wire_write_answer(fields, &wire);
		wire_patch(wire.data, rows[i].at, rows[i].n, rows[i].value);
		CHECK(eii_wire_answer_decode((unsigned char *)wire.data, 100, &answer, &err) ==
			      rows[i].rc,
		      "%s %zu", rows[i].what, i);
		CHECK(answer.number == (rows[i].rc ? 42 : 7), "%s %zu", rows[i].what, i);
		eii_buf_clear(&wire);
	}
}

static void test_wire__failure_is_a_short_text(void **state)
{
	char words[EII_WIRE_FAILURE_MAX_BYTES + 1];
	struct eii_wire_answer answer;
	struct eii_buf_sink sink;
	struct eii_error err;
	struct eii_buf wire;

	(void)state;
	memset(words, 'w', sizeof(words));
	eii_buf_init(&wire, 4096);
	eii_buf_sink_init(&sink, &wire);
	assert_int_equal(
		eii_wire_failure_write(3, eii_text(words, sizeof(words)), &sink.base, &err),
		EII_OK);
	assert_int_equal(
		eii_wire_answer_decode((unsigned char *)wire.data, SIZE_MAX, &answer, &err),
		EII_OK);
	assert_int_equal(answer.status, EII_WIRE_FAILED);
	assert_int_equal(answer.number, 3);
	assert_int_equal(answer.body_bytes, EII_WIRE_FAILURE_MAX_BYTES);
	assert_int_equal(wire.len, HEAD + EII_WIRE_FAILURE_MAX_BYTES);
	wire_patch(wire.data, 16, 8, EII_WIRE_FAILURE_MAX_BYTES + 1);
	assert_int_equal(
		eii_wire_answer_decode((unsigned char *)wire.data, SIZE_MAX, &answer, &err),
		EII_REJECT);
	eii_buf_clear(&wire);
}

static void test_wire__answer_ceiling_follows_the_mail(void **state)
{
	(void)state;
	assert_int_equal(eii_wire_answer_max_bytes(0), EII_LIMIT_ANSWER_EXTRA_BYTES);
	assert_int_equal(eii_wire_answer_max_bytes(1000), EII_LIMIT_ANSWER_EXTRA_BYTES + 8000);
	assert_true(eii_wire_answer_max_bytes(UINT64_MAX) > UINT64_MAX / 2);
}

static void test_wire__writes_nothing_when_the_answer_is_too_large(void **state)
{
	EII_AUTO(eii_fields) fields = wire_sample_fields();
	struct eii_buf_sink sink;
	struct eii_error err;
	struct eii_buf wire;
	size_t size;

	(void)state;
	wire_write_answer(fields, &wire);
	size = wire.len - HEAD;
	eii_buf_reset(&wire);
	eii_buf_sink_init(&sink, &wire);
	assert_int_equal(eii_wire_answer_write(7, fields, size - 1, &sink.base, &err), EII_REJECT);
	assert_int_equal(wire.len, 0);
	assert_int_equal(eii_wire_answer_write(7, fields, size, &sink.base, &err), EII_OK);
	assert_int_equal(wire.len, HEAD + size);
	eii_buf_clear(&wire);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wire__ready_word_comes_back),
		cmocka_unit_test(test_wire__refuses_another_program_or_version),
		cmocka_unit_test(test_wire__request_comes_back),
		cmocka_unit_test(test_wire__request_has_a_ceiling_of_types),
		cmocka_unit_test(test_wire__request_has_a_ceiling_of_its_authority),
		cmocka_unit_test(test_wire__refuses_words_that_are_cut),
		cmocka_unit_test(test_wire__refuses_a_broken_request),
		cmocka_unit_test(test_wire__refuses_a_broken_answer_head),
		cmocka_unit_test(test_wire__failure_is_a_short_text),
		cmocka_unit_test(test_wire__answer_ceiling_follows_the_mail),
		cmocka_unit_test(test_wire__writes_nothing_when_the_answer_is_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
