/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/opencti/version.h"

#include "support.h"

static struct eii_version version_of(const char *text)
{
	struct eii_version version = { 0, 0, 0 };

	CHECK(eii_version_parse(text, &version), "%s", text);
	return version;
}

static void test_version__parses_both_numberings(void **state)
{
	static const struct {
		const char *text;
		struct eii_version version;
	} cases[] = {
		{ "6.0.0", { 6, 0, 0 } },
		{ "6.9.22", { 6, 9, 22 } },
		{ "7.260817.0", { 7, 260817, 0 } },
		{ "6.9.22-rc1", { 6, 9, 22 } },
		{ "7.260817.0+build", { 7, 260817, 0 } },
		{ "4294967295.0.0", { UINT32_MAX, 0, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK(!eii_version_compare(version_of(cases[i].text), cases[i].version), "%s",
		      cases[i].text);
}

static void test_version__refuses_the_rest(void **state)
{
	static const char *const cases[] = {
		"",       "6",    "6.1",    "6.1.",           ".1.2",
		"v6.1.2", "6..2", "latest", "4294967296.0.0", "6.-1.0"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_version version = { 42, 42, 42 };

		CHECK(!eii_version_parse(cases[i], &version), "%s", cases[i]);
		CHECK(version.major == 42 && version.minor == 42 && version.patch == 42,
		      "%s wrote its output", cases[i]);
	}
}

/* Each feature at the release that brought (or ended) it and at the one before. */
static void test_version__features_begin_and_end_where_the_releases_say(void **state)
{
#define FEATURE(member) offsetof(struct eii_features, member)
	static const struct {
		size_t offset;
		const char *without;
		const char *with;
	} cases[] = {
		{ FEATURE(needs_content_member), "6.2.2", "6.2.1" },
		{ FEATURE(needs_file_version), "6.0.3", "6.0.2" },
		{ FEATURE(sends_files_first), "6.9.6", "6.9.7" },
		{ FEATURE(sends_files_first), "6.9.13", "6.9.12" },
		{ FEATURE(has_multipart_work), "7.260421.9", "7.260422.0" },
		{ FEATURE(has_work_alive), "6.8.6", "6.8.7" },
		{ FEATURE(has_connector_info), "6.2.11", "6.2.12" },
		{ FEATURE(has_queue_details), "6.1.11", "6.1.12" },
		{ FEATURE(has_callback_uri), "6.5.6", "6.5.7" },
		{ FEATURE(has_resolution), "6.8.8", "6.8.9" },
		{ FEATURE(has_bundle_type), "6.0.9", "6.0.10" },
		{ FEATURE(has_draft_id), "6.3.13", "6.4.0" },
		{ FEATURE(has_draft_context), "6.4.11", "6.5.0" },
		{ FEATURE(has_no_split), "7.260226.1", "7.260227.0" },
	};
#undef FEATURE

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_features with = eii_features_of(version_of(cases[i].with));
		struct eii_features without = eii_features_of(version_of(cases[i].without));
		bool has, has_not;

		memcpy(&has, (const char *)&with + cases[i].offset, sizeof(has));
		memcpy(&has_not, (const char *)&without + cases[i].offset, sizeof(has_not));
		CHECK(has, "case %zu, %s", i, cases[i].with);
		CHECK(!has_not, "case %zu, %s", i, cases[i].without);
	}
}

static void test_version__the_newest_needs_no_crutch(void **state)
{
	struct eii_features features = eii_features_newest();

	(void)state;
	assert_false(features.needs_content_member || features.needs_file_version ||
		     features.sends_files_first);
	assert_true(features.has_no_split && features.has_multipart_work);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version__parses_both_numberings),
		cmocka_unit_test(test_version__refuses_the_rest),
		cmocka_unit_test(test_version__features_begin_and_end_where_the_releases_say),
		cmocka_unit_test(test_version__the_newest_needs_no_crutch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
