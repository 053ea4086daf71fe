/* SPDX-License-Identifier: Apache-2.0 */
#include "content.h"

#include "support.h"

static void test_content__costs_what_json_and_python_write(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t json, python;
	} cases[] = {
		{ "", 0, 0 },
		{ "abc\x7f", 4, 4 },
		{ "\"\\\n\r\t\b\f", 14, 14 },
		{ "\x01\x1f", 12, 12 },
		{ "\xc3\xa9", 2, 6 },
		{ "\xe2\x82\xac", 3, 6 },
		{ "\xf0\x9f\x93\xa7", 4, 12 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_cost cost = eii_cost_of(eii_text_of(cases[i].text));

		CHECK(cost.json == cases[i].json, "row %zu: JSON %llu", i,
		      (unsigned long long)cost.json);
		CHECK(cost.python == cases[i].python, "row %zu: Python %llu", i,
		      (unsigned long long)cost.python);
	}
}

static void test_content__images_beside_data_are_disarmed(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool keeps;
		const char *wanted; /* NULL = stays as it is */
	} cases[] = {
		{ "", false, NULL },
		{ "![x](http://a)", false, NULL },
		{ "data: here", false, NULL },
		{ "data: !", false, NULL },
		{ "data: !! [", false, NULL },
		{ "data: !![", false, "data: !&#33;[" },
		{ "![x](DATA:1)", false, NULL },
		{ "![x](data:1)", false, "&#33;[x](data:1)" },
		{ "data: ![a![b]", false, "data: &#33;[a&#33;[b]" },
		{ "<![if !mso]>x<![endif]>data:", true, "<![if !mso]>x<![endif]>data:" },
		{ "<![if !mso]>x<![endif]-->data:", true, "<![if !mso]>x<![endif]-->data:" },
		{ "<![if !mso]>data:", false, "<&#33;[if !mso]>data:" },
		{ "<![CDATA[ a\nb ]]>data:", true, "<![CDATA[ a\nb ]]>data:" },
		/* What only looks like one. */
		{ "<![if x](data:1)", true, "<&#33;[if x](data:1)" },
		{ "<![if [x]>](data:1)", true, "<&#33;[if [x]>](data:1)" },
		{ "<![CDATA[x](data:1)]]>", true, "<&#33;[CDATA[x](data:1)]]>" },
		{ "<![x](data:1)", true, "<&#33;[x](data:1)" },
		{ "![if !mso]>data:", true, "&#33;[if !mso]>data:" },
		{ "data:<![if", true, "data:<&#33;[if" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf out;
		bool changed;

		eii_buf_init(&out, 4096);
		changed = eii_content_disarm(
			eii_text_of(cases[i].text),
			cases[i].keeps ? EII_CONDITIONS_KEEP : EII_CONDITIONS_DISARM, &out);
		CHECK(changed == (cases[i].wanted != NULL), "%s", cases[i].text);
		CHECK(!changed || strcmp(out.data, cases[i].wanted) == 0, "%s gave %s",
		      cases[i].text, out.data);
		CHECK(changed || out.len == 0, "%s wrote its output", cases[i].text);
		eii_buf_clear(&out);
	}
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *p = strstr(text, what); p; p = strstr(p + 1, what))
		n++;
	return n;
}

static void test_content__keeps_a_thousand_conditions(void **state)
{
	(void)state;
	struct eii_buf text, out;

	eii_buf_init(&text, 1u << 20);
	eii_buf_init(&out, 1u << 20);
	eii_buf_add_str(&text, "data:");
	for (size_t i = 0; i < EII_CONTENT_MAX_CONDITIONS + 1; i++)
		eii_buf_add_str(&text, "<![endif]>");
	assert_true(eii_content_disarm(eii_buf_text(&text), EII_CONDITIONS_KEEP, &out));
	assert_int_equal(count(out.data, "<![endif]>"), EII_CONTENT_MAX_CONDITIONS);
	assert_int_equal(count(out.data, "<&#33;[endif]>"), 1);
	eii_buf_clear(&text);
	eii_buf_clear(&out);
}

static void test_content__is_cut_within_its_budget(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"plain text that goes on and on and on and on, far beyond the budget of this test, "
		"and does not stop even there",
		"\xd0\x94\xd0\x94\xd0\x94\xd0\x94\xd0\x94\xd0\x94\xd0\x94\xd0\x94\xd0\x94\xd0\x94"
		"\xd0\x94\xd0\x94\xd0\x94\xd0\x94\xd0\x94\xd0\x94\xd0\x94\xd0\x94\xd0\x94\xd0\x94",
		"\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
		"\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct eii_cost budget = { .json = 100, .python = 110 };
		struct eii_cost cost;
		struct eii_buf out;

		eii_buf_init(&out, 4096);
		eii_content_cut(eii_text_of(texts[i]), EII_CONTENT_TEXT, budget, &out);
		cost = eii_cost_of(eii_buf_text(&out));
		CHECK(cost.json <= budget.json && cost.python <= budget.python, "%s", out.data);
		CHECK(strstr(out.data, "was left out.]"), "%s", out.data);
		eii_buf_clear(&out);
	}
}

static void test_content__is_not_cut_inside_a_tag_or_entity(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t room;
		const char *kept;
	} cases[] = {
		{ "ab<a href=\"x\">cd</a>", 8, "ab" },
		{ "ab<a href=\"x\">cd</a>", 15, "ab<a href=\"x\">c" },
		{ "ab&amp;cd", 4, "ab" },
		{ "ab&amp;cd", 7, "ab&amp;" },
		{ "abcdef", 4, "abcd" },
	};
	struct eii_buf note, out;

	eii_buf_init(&note, 4096);
	eii_buf_init(&out, 4096);
	eii_content_cut(eii_text_of(""), EII_CONTENT_HTML, (struct eii_cost){ 0 }, &note);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t room = note.len + cases[i].room;
		struct eii_cost budget = { .json = 0, .python = 2 * room };

		/* The quotes cost two bytes each. */
		budget.json = eii_cost_of(eii_text(cases[i].text, cases[i].room)).json + note.len;
		eii_buf_reset(&out);
		eii_content_cut(eii_text_of(cases[i].text), EII_CONTENT_HTML, budget, &out);
		CHECK(out.len == strlen(cases[i].kept) + note.len &&
			      memcmp(out.data, cases[i].kept, strlen(cases[i].kept)) == 0,
		      "%s gave %s", cases[i].text, out.data);
	}
	eii_buf_clear(&note);
	eii_buf_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_content__costs_what_json_and_python_write),
		cmocka_unit_test(test_content__images_beside_data_are_disarmed),
		cmocka_unit_test(test_content__keeps_a_thousand_conditions),
		cmocka_unit_test(test_content__is_cut_within_its_budget),
		cmocka_unit_test(test_content__is_not_cut_inside_a_tag_or_entity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
