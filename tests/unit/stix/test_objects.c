/* SPDX-License-Identifier: Apache-2.0 */
/* Author and marking: the two objects that every report refers to. */
#include "eii/base/buf.h"
#include "eii/stix/author.h"
#include "eii/stix/marking.h"
#include "eii/stix/report.h"

#include "support.h"

#define CREATED_US (INT64_C(1787234160) * 1000000 + 123456)

static void check_bundle(const struct eii_buf *out, const char *object)
{
	char wanted[1024];
	const char *id = strstr(out->data, "bundle--");

	assert_non_null(id);
	(void)snprintf(wanted, sizeof(wanted),
		       "{\"type\":\"bundle\",\"id\":\"%.44s\",\"spec_version\":\"2.1\","
		       "\"x_opencti_seq\":1,\"objects\":[%s]}",
		       id, object);
	assert_string_equal(out->data, wanted);
}

static void test_objects__the_author_is_the_official_one(void **state)
{
	(void)state;
	struct eii_report_settings settings = { .created_us = CREATED_US };
	struct eii_buf_sink sink;
	struct eii_buf out;

	eii_buf_init(&out, 4096);
	eii_buf_sink_init(&sink, &out);
	assert_int_equal(eii_author_write_bundle(&settings, 0, &sink.base, NULL), EII_OK);
	check_bundle(&out,
		     "{\"type\":\"identity\",\"spec_version\":\"2.1\",\"id\":"
		     "\"identity--f1f25c53-7d95-5ee6-b5d0-3379bfb2e997\",\"created\":"
		     "\"2026-08-20T13:56:00.123Z\",\"modified\":\"2026-08-20T13:56:00.123Z\","
		     "\"name\":\"Email Intel IMAP\",\"description\":\"Email Intel IMAP Connector\","
		     "\"identity_class\":\"organization\",\"nb_deps\":1}");
	eii_buf_clear(&out);
}

static void test_objects__markings_are_the_official_ones(void **state)
{
	(void)state;
	static const struct {
		enum eii_tlp tlp;
		const char *object;
	} cases[] = {
		{ EII_TLP_CLEAR,
		  "{\"type\":\"marking-definition\",\"spec_version\":\"2.1\",\"id\":"
		  "\"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9\",\"created\":"
		  "\"2017-01-20T00:00:00.000Z\",\"definition_type\":\"tlp\",\"name\":\"TLP:WHITE\","
		  "\"definition\":{\"tlp\":\"white\"},\"nb_deps\":1}" },
		{ EII_TLP_RED,
		  "{\"type\":\"marking-definition\",\"spec_version\":\"2.1\",\"id\":"
		  "\"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed\",\"created\":"
		  "\"2017-01-20T00:00:00.000Z\",\"definition_type\":\"tlp\",\"name\":\"TLP:RED\","
		  "\"definition\":{\"tlp\":\"red\"},\"nb_deps\":1}" },
		{ EII_TLP_AMBER_STRICT,
		  "{\"type\":\"marking-definition\",\"spec_version\":\"2.1\",\"id\":"
		  "\"marking-definition--826578e1-40ad-459f-bc73-ede076f81f37\",\"created\":"
		  "\"2026-08-20T13:56:00.123Z\",\"definition_type\":\"statement\",\"definition\":{"
		  "\"statement\":\"custom\"},\"x_opencti_definition\":\"TLP:AMBER+STRICT\","
		  "\"x_opencti_definition_type\":\"TLP\",\"nb_deps\":1}" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_report_settings settings = { .created_us = CREATED_US };
		struct eii_buf_sink sink;
		struct eii_buf out;

		eii_marking_of_tlp(cases[i].tlp, &settings.marking);
		eii_buf_init(&out, 4096);
		eii_buf_sink_init(&sink, &out);
		assert_int_equal(eii_marking_write_bundle(&settings, 0, &sink.base, NULL), EII_OK);
		check_bundle(&out, cases[i].object);
		eii_buf_clear(&out);
	}
}

static void test_objects__others_go_by_their_index(void **state)
{
	struct eii_author author;
	struct eii_marking markings[2];
	struct eii_report_settings settings = { .authors = &author,
						.n_authors = 1,
						.markings = markings,
						.n_markings = 2,
						.created_us = CREATED_US };
	struct eii_buf_sink sink;
	struct eii_buf out;

	(void)state;
	eii_author_of(eii_text_of("CERT \"X\""), &author);
	eii_marking_of_tlp(EII_TLP_CLEAR, &settings.marking);
	eii_marking_of_tlp(EII_TLP_GREEN, &markings[0]);
	assert_true(eii_marking_parse(eii_text_of("PAP:RED"), &markings[1]));
	assert_int_equal(eii_author_count(&settings), 2);
	assert_int_equal(eii_marking_count(&settings), 3);
	assert_string_equal(eii_author_id_at(&settings, 1), author.id);
	assert_string_equal(eii_marking_id_at(&settings, 2), markings[1].id);
	eii_buf_init(&out, 4096);
	eii_buf_sink_init(&sink, &out);
	assert_int_equal(eii_author_write_bundle(&settings, 1, &sink.base, NULL), EII_OK);
	assert_non_null(strstr(out.data, author.id));
	assert_non_null(strstr(out.data, "\"name\":\"CERT \\\"X\\\"\",\"identity_class\""));
	/* An upsert would write over what the platform says of it. */
	assert_null(strstr(out.data, "description"));
	eii_buf_reset(&out);
	assert_int_equal(eii_marking_write_bundle(&settings, 1, &sink.base, NULL), EII_OK);
	assert_non_null(strstr(out.data, "TLP:GREEN"));
	assert_int_equal(eii_marking_write_bundle(&settings, 2, &sink.base, NULL), EII_REJECT);
	eii_buf_clear(&out);
}

static void test_objects__markings_go_by_their_id_too(void **state)
{
	static const char own[] = "marking-definition--0123456789AB-4def-8000-00000000000a";
	struct eii_marking marking, level;

	(void)state;
	eii_marking_of_tlp(EII_TLP_RED, &level);
	assert_true(eii_marking_parse(eii_text_of(level.id), &marking));
	assert_int_equal(marking.tlp, EII_TLP_RED);
	assert_true(eii_marking_parse(
		eii_text_of("marking-definition--01234567-89AB-4def-8000-00000000000a"), &marking));
	assert_int_equal(marking.tlp, EII_TLP_NONE);
	assert_string_equal(marking.id, "marking-definition--01234567-89ab-4def-8000-00000000000a");
	assert_false(eii_marking_parse(eii_text_of(own), &marking));
}

static void test_objects__a_full_sink_is_told(void **state)
{
	(void)state;
	struct eii_report_settings settings = { 0 };
	struct eii_error err = { 0 };
	struct eii_buf_sink sink;
	struct eii_buf out;

	eii_buf_init(&out, 10);
	eii_buf_sink_init(&sink, &out);
	assert_int_equal(eii_author_write_bundle(&settings, 0, &sink.base, &err), EII_REJECT);
	assert_int_equal(eii_marking_write_bundle(&settings, 0, &sink.base, &err), EII_REJECT);
	eii_buf_clear(&out);
}

static void test_objects__another_marking_is_not_made(void **state)
{
	(void)state;
	struct eii_report_settings settings = { .created_us = CREATED_US };
	struct eii_error err = { 0 };
	struct eii_buf_sink sink;
	struct eii_buf out;

	assert_true(eii_marking_parse(eii_text_of("PAP:RED"), &settings.marking));
	eii_buf_init(&out, 4096);
	eii_buf_sink_init(&sink, &out);
	assert_int_equal(eii_marking_write_bundle(&settings, 0, &sink.base, &err), EII_REJECT);
	assert_int_equal(out.len, 0);
	eii_buf_clear(&out);
}

/* The ids are a platform's own. */
static void test_objects__markings_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *text, *id;
	} cases[] = {
		{ "white", "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9" },
		{ "CLEAR", "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9" },
		{ "green", "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da" },
		{ "Amber", "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82" },
		{ "AMBER+STRICT", "marking-definition--826578e1-40ad-459f-bc73-ede076f81f37" },
		{ "red", "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed" },
		{ "TLP:White", "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9" },
		{ "tlp:red", "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed" },
		{ "TLP:TEST", "marking-definition--907bb632-e3c2-52fa-b484-cf166a7d377c" },
		{ "PAP:CLEAR", "marking-definition--4cdff7eb-acb8-543f-8573-829eb9fe8b34" },
		{ "PAP:RED", "marking-definition--4e4e3b84-de45-53df-9d9b-b21207699fd8" },
		{ "statement/custom", "marking-definition--624ceec7-626d-5808-a4b1-ec4447860f6c" },
		{ "statement/Größe", "marking-definition--c6c77961-f7c7-5cbb-bbb7-075d77cb704e" },
		{ "statement/PAP:RED", "marking-definition--230ff3cf-7003-57b4-843d-523d162ba172" },
	};
	static const char *const wrong[] = { "",  "amber strict", "amber+", "redd",  ":x",
					     "/", "PAP:",         "TLP:",   "type/", "/name" };
	struct eii_marking marking = { .tlp = EII_TLP_GREEN };

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		CHECK(!eii_marking_parse(eii_text_of(wrong[i]), &marking), "%s", wrong[i]);
		CHECK(marking.tlp == EII_TLP_GREEN, "%s wrote its output", wrong[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK(eii_marking_parse(eii_text_of(cases[i].text), &marking), "%s", cases[i].text);
		CHECK(strcmp(marking.id, cases[i].id) == 0, "%s: %s", cases[i].text, marking.id);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_objects__the_author_is_the_official_one),
		cmocka_unit_test(test_objects__markings_are_the_official_ones),
		cmocka_unit_test(test_objects__others_go_by_their_index),
		cmocka_unit_test(test_objects__markings_go_by_their_id_too),
		cmocka_unit_test(test_objects__a_full_sink_is_told),
		cmocka_unit_test(test_objects__another_marking_is_not_made),
		cmocka_unit_test(test_objects__markings_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
