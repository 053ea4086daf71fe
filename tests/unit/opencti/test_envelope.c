/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/opencti/envelope.h"

#include "eii/base/base64.h"
#include "support.h"

#define WORK "work_2f3a1c1e-7a33-4a69-9d0f-0d2f1c6b8a10_2026-08-20T13:56:00.123Z"
#define USER "88ec0c6a-13ce-5e39-b486-354fe4a7084f"

struct bundle {
	size_t size;
	size_t step;
	enum eii_rc fails_with;
};

static enum eii_rc write_bundle(const void *arg, struct eii_sink *sink, struct eii_error *err)
{
	const struct bundle *bundle = arg;

	for (size_t i = 0; i < bundle->size; i += bundle->step) {
		char bytes[512];
		size_t n = bundle->size - i < bundle->step ? bundle->size - i : bundle->step;
		enum eii_rc rc;

		for (size_t j = 0; j < n; j++)
			bytes[j] = (char)('a' + (i + j) % 26);
		rc = eii_sink_write(sink, bytes, n, err);
		if (rc)
			return rc;
	}
	return bundle->fails_with ? eii_fail(err, bundle->fails_with, "no more") : EII_OK;
}

static struct eii_features features_at(const char *text)
{
	struct eii_version version = { 0, 0, 0 };

	assert_true(eii_version_parse(text, &version));
	return eii_features_of(version);
}

static char *written(const struct eii_envelope *envelope, struct bundle bundle)
{
	struct eii_buf out;
	struct eii_buf_sink sink;
	struct eii_error err = { 0 };
	enum eii_rc rc;

	eii_buf_init(&out, 1 << 20);
	eii_buf_sink_init(&sink, &out);
	rc = eii_envelope_write(envelope, bundle.size, write_bundle, &bundle, &sink.base, &err);
	CHECK(rc == EII_OK, "%s", err.text);
	CHECK(eii_envelope_size(envelope, bundle.size) == out.len, "size of %zu", bundle.size);
	return eii_buf_detach(&out);
}

static void test_envelope__is_pyctis_of_each_version(void **state)
{
	static const struct {
		const char *version;
		const char *work_id;
		const char *user;
		const char *text;
	} cases[] = {
		{ "7.260817.0", WORK, USER,
		  "{\"bundle_type\":\"QUEUE_BUNDLE\",\"applicant_id\":\"" USER
		  "\",\"action_sequence\":3,\"entities_types\":[],\"content\":\"YWJjZA==\","
		  "\"update\":false,\"draft_id\":null,\"no_split\":false,\"work_id\":\"" WORK
		  "\"}" },
		{ "7.260226.0", WORK, USER,
		  "{\"bundle_type\":\"QUEUE_BUNDLE\",\"applicant_id\":\"" USER
		  "\",\"action_sequence\":3,\"entities_types\":[],\"content\":\"YWJjZA==\","
		  "\"update\":false,\"draft_id\":null,\"work_id\":\"" WORK "\"}" },
		{ "6.3.13", NULL, USER,
		  "{\"bundle_type\":\"QUEUE_BUNDLE\",\"applicant_id\":\"" USER
		  "\",\"action_sequence\":3,\"entities_types\":[],\"content\":\"YWJjZA==\","
		  "\"update\":false}" },
		{ "6.0.9", WORK, NULL,
		  "{\"type\":\"bundle\",\"applicant_id\":null,\"action_sequence\":3,"
		  "\"entities_types\":[],\"content\":\"YWJjZA==\",\"update\":false,"
		  "\"work_id\":\"" WORK "\"}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_features features = features_at(cases[i].version);
		struct eii_envelope envelope = { .applicant_id = cases[i].user,
						 .work_id = cases[i].work_id,
						 .sequence = 3,
						 .features = &features };
		char *text = written(&envelope, (struct bundle){ .size = 4, .step = 1 });

		CHECK(!strcmp(text, cases[i].text), "%s: %s", cases[i].version, text);
		free(text);
	}
}

static void test_envelope__names_the_draft_that_it_goes_to(void **state)
{
	struct eii_features features = features_at("6.4.0");
	struct eii_envelope envelope = { .draft_id = "draft-1",
					 .sequence = 1,
					 .features = &features };
	char *text = written(&envelope, (struct bundle){ .size = 4, .step = 1 });

	(void)state;
	assert_non_null(strstr(text, "\"update\":false,\"draft_id\":\"draft-1\"}"));
	free(text);
}

static void test_envelope__keeps_every_byte_of_any_size(void **state)
{
	struct eii_features features = eii_features_newest();
	struct eii_envelope envelope = { .applicant_id = USER,
					 .sequence = 1,
					 .features = &features };

	(void)state;
	for (size_t size = 0; size < 40000; size = size < 10 ? size + 1 : size * 3 - 7) {
		char *text = written(&envelope, (struct bundle){ .size = size, .step = 500 });
		char *begin = strstr(text, "\"content\":\"") + 11;
		struct eii_buf bytes;

		eii_buf_init(&bytes, 1 << 20);
		CHECK(eii_base64_decode(eii_text(begin, strcspn(begin, "\"")), &bytes), "%zu",
		      size);
		CHECK(bytes.len == size, "%zu became %zu", size, bytes.len);
		for (size_t i = 0; i < size; i++)
			CHECK(bytes.data[i] == (char)('a' + i % 26), "byte %zu of %zu", i, size);
		eii_buf_clear(&bytes);
		free(text);
	}
}

static void test_envelope__escapes_ids(void **state)
{
	struct eii_features features = eii_features_newest();
	struct eii_envelope envelope = { .applicant_id = "a\"b\\c\n",
					 .sequence = 1,
					 .features = &features };
	char *text = written(&envelope, (struct bundle){ .size = 0, .step = 1 });

	(void)state;
	assert_non_null(strstr(text, "\"applicant_id\":\"a\\\"b\\\\c\\n\""));
	free(text);
}

static void test_envelope__a_bundle_of_another_size_is_refused(void **state)
{
	static const struct {
		size_t announced;
		struct bundle bundle;
		enum eii_rc rc;
		const char *text;
	} cases[] = {
		{ 10,
		  { .size = 9, .step = 4 },
		  EII_REJECT,
		  "the bundle is shorter than announced" },
		{ 10,
		  { .size = 11, .step = 4 },
		  EII_REJECT,
		  "the bundle is longer than announced" },
		{ 10, { .size = 10, .step = 4, .fails_with = EII_RETRY }, EII_RETRY, "no more" },
	};
	struct eii_features features = eii_features_newest();
	struct eii_envelope envelope = { .sequence = 1, .features = &features };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_count_sink sink;
		struct eii_error err = { 0 };

		eii_count_sink_init(&sink);
		CHECK(eii_envelope_write(&envelope, cases[i].announced, write_bundle,
					 &cases[i].bundle, &sink.base, &err) == cases[i].rc,
		      "case %zu", i);
		CHECK(!strcmp(err.text, cases[i].text), "case %zu: %s", i, err.text);
	}
}

static void test_envelope__ids_beyond_all_bounds_are_refused(void **state)
{
	struct eii_features features = eii_features_newest();
	char id[9000];
	struct eii_envelope envelope = { .work_id = id, .sequence = 1, .features = &features };
	struct bundle bundle = { .size = 1, .step = 1 };
	struct eii_count_sink sink;
	struct eii_error err = { 0 };

	(void)state;
	memset(id, 'x', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	eii_count_sink_init(&sink);
	assert_int_equal(eii_envelope_write(&envelope, 1, write_bundle, &bundle, &sink.base, &err),
			 EII_REJECT);
	assert_int_equal(sink.n_bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_envelope__is_pyctis_of_each_version),
		cmocka_unit_test(test_envelope__names_the_draft_that_it_goes_to),
		cmocka_unit_test(test_envelope__keeps_every_byte_of_any_size),
		cmocka_unit_test(test_envelope__escapes_ids),
		cmocka_unit_test(test_envelope__a_bundle_of_another_size_is_refused),
		cmocka_unit_test(test_envelope__ids_beyond_all_bounds_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
