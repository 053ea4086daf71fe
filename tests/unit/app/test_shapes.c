/* SPDX-License-Identifier: Apache-2.0 */
#include "shapes.h"

#include "support.h"

#define RED "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"

static void test_shapes__each_rule_has_its_own(void **state)
{
	static struct eii_rule items[2];
	const struct eii_rules rules = { items, 2 };
	struct eii_report_settings settings = { .created_us = 1 };
	const struct eii_report_shape *shape;

	(void)state;
	eii_marking_of_tlp(EII_TLP_AMBER, &settings.marking);
	items[1] = (struct eii_rule){ .report_type = eii_text_of("advisory"),
				      .author = eii_text_of("CERT X"),
				      .tlp = eii_text_of("red"),
				      .markings = { eii_text_of("PAP:RED") },
				      .n_markings = 1,
				      .labels = { eii_text_of("a") },
				      .n_labels = 1,
				      .has_confidence = true,
				      .confidence = 7 };
	eii_shapes_fill(&rules, &settings);
	shape = &settings.shapes[0];
	assert_string_equal(shape->author.id, "");
	assert_int_equal(shape->n_markings, 1);
	assert_string_equal(shape->markings[0].id, settings.marking.id);
	assert_false(shape->has_confidence || shape->type.len || shape->n_labels);
	shape = &settings.shapes[1];
	assert_int_equal(shape->n_markings, 2);
	assert_string_equal(shape->markings[0].id, RED);
	assert_true(eii_text_equal(shape->markings[1].name, eii_text_of("PAP:RED")));
	assert_true(shape->has_confidence && shape->confidence == 7);
	assert_true(eii_text_equal(shape->type, eii_text_of("advisory")));
	assert_int_equal(shape->n_labels, 1);
	assert_int_equal(settings.n_authors, 1);
	assert_string_equal(settings.authors[0].id, shape->author.id);
	eii_shapes_clear(&settings);
	assert_int_equal(settings.n_authors + settings.n_markings, 0);
}

static void test_shapes__declare_each_once_and_levels_first(void **state)
{
	static struct eii_rule items[4];
	const struct eii_rules rules = { items, 4 };
	struct eii_report_settings settings = { .created_us = 1 };

	(void)state;
	eii_marking_of_tlp(EII_TLP_AMBER, &settings.marking);
	items[0] = (struct eii_rule){ .author = eii_text_of("cert x"),
				      .markings = { eii_text_of("PAP:RED"), eii_text_of(RED) },
				      .n_markings = 2 };
	items[1] = (struct eii_rule){ .author = eii_text_of("CERT X"),
				      .tlp = eii_text_of("red"),
				      .markings = { eii_text_of("PAP:RED") },
				      .n_markings = 1 };
	items[2] = (struct eii_rule){ .author = eii_text_of("Email Intel IMAP"),
				      .tlp = eii_text_of("amber") };
	/* What is not imported has no report. */
	items[3] = (struct eii_rule){ .is_import_refused = true,
				      .author = eii_text_of("nobody"),
				      .tlp = eii_text_of("green") };
	eii_shapes_fill(&rules, &settings);
	assert_int_equal(settings.n_authors, 1);
	assert_int_equal(settings.n_markings, 2);
	assert_string_equal(settings.markings[0].id, RED);
	assert_int_equal(settings.markings[1].tlp, EII_TLP_NONE);
	eii_shapes_clear(&settings);
}

static void check_levels(const struct eii_report_settings *settings, const char *wanted)
{
	static const char letters[] = "?cgasr";
	char found[8] = "";

	for (size_t i = 0; i < settings->n_markings && i < sizeof(found) - 1; i++)
		found[i] = letters[settings->markings[i].tlp];
	assert_string_equal(found, wanted);
}

/* Each level that a mail can name is among them, and none that it cannot. */
static void test_shapes__declare_what_mails_can_name(void **state)
{
	static struct eii_rule items[3];
	const struct eii_rules rules = { items, 3 };
	const struct eii_rules none = { 0 };
	struct eii_report_settings settings = { .has_own_tlp = true };

	(void)state;
	eii_marking_of_tlp(EII_TLP_AMBER, &settings.marking);
	eii_shapes_fill(&none, &settings);
	check_levels(&settings, "sr");
	eii_shapes_clear(&settings);
	assert_true(eii_marking_parse(eii_text_of("PAP:RED"), &settings.marking));
	eii_shapes_fill(&none, &settings);
	check_levels(&settings, "cgasr");
	eii_shapes_clear(&settings);
	eii_marking_of_tlp(EII_TLP_RED, &settings.marking);
	items[0] = (struct eii_rule){ .tlp = eii_text_of("clear"), .is_import_refused = true };
	items[1] = (struct eii_rule){ .tlp = eii_text_of("green"),
				      .markings = { eii_text_of("PAP:RED"),
						    eii_text_of("TLP:AMBER+STRICT") },
				      .n_markings = 2 };
	items[2] = (struct eii_rule){ .tlp = eii_text_of("amber") };
	eii_shapes_fill(&rules, &settings);
	check_levels(&settings, "gsa?");
	eii_shapes_clear(&settings);
	items[2].is_tlp_from_mail_any = true;
	eii_shapes_fill(&rules, &settings);
	assert_true(settings.shapes[2].is_lowered_by_mail);
	assert_false(settings.shapes[1].is_lowered_by_mail);
	check_levels(&settings, "gsac?");
	eii_shapes_clear(&settings);
	settings.has_own_tlp = false;
	eii_shapes_fill(&none, &settings);
	check_levels(&settings, "");
	eii_shapes_clear(&settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes__each_rule_has_its_own),
		cmocka_unit_test(test_shapes__declare_each_once_and_levels_first),
		cmocka_unit_test(test_shapes__declare_what_mails_can_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
