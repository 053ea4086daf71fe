/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/rules/judge.h"

#include "support.h"

#define NOW_S 1790000000

struct fixture {
	struct eii_filters filters;
	struct eii_rules rules;
	struct eii_rule items[2];
	struct eii_selection selection;
	struct eii_fields fields;
	struct eii_judged_mail mail;
};

static int setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){
		.fields = { .subject = eii_text_of("Weekly Advisory"),
			    .sender = eii_text_of("Alice@CERT.example"),
			    .recipients = eii_text_of("cti@soc.example\nBox@soc.example\n"),
			    .authentication = EII_AUTHENTICATION_NOT_ASKED },
		.mail = { .has_headers = true,
			  .folder = eii_text_of("Intel/CERT"),
			  .size_bytes = 1000,
			  .internal_unix_s = NOW_S - 100,
			  .now_unix_s = NOW_S },
	};
	f.rules.items = f.items;
	f.selection = (struct eii_selection){ .filters = &f.filters, .rules = &f.rules };
	f.mail.fields = &f.fields;
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	eii_filters_clear(&f->filters);
	for (size_t i = 0; i < ARRAY_LEN(f->items); i++) {
		eii_patterns_clear(&f->items[i].from);
		eii_patterns_clear(&f->items[i].to);
		eii_patterns_clear(&f->items[i].subject);
		eii_patterns_clear(&f->items[i].folder);
	}
	return 0;
}

static void set(struct eii_patterns *patterns, const char *text)
{
	struct eii_error err;

	eii_patterns_clear(patterns);
	assert_int_equal(eii_patterns_parse(eii_text_of(text), patterns, &err), EII_OK);
}

static enum eii_left_out reason(const struct fixture *f)
{
	return eii_judge(&f->selection, &f->mail).left_out;
}

static const struct eii_rule *rule(const struct fixture *f)
{
	return eii_judge(&f->selection, &f->mail).rule;
}

static void test_judge__leaves_nothing_out_by_itself(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(reason(f), EII_LEFT_OUT_NOT);
	assert_null(rule(f));
}

static void test_judge__compares_each_part_with_its_filter(void **state)
{
	struct fixture *f = *state;

	set(&f->filters.senders, "*@cert.example");
	assert_int_equal(reason(f), EII_LEFT_OUT_NOT);
	set(&f->filters.senders, "*@other.example");
	assert_int_equal(reason(f), EII_LEFT_OUT_SENDER);
	eii_patterns_clear(&f->filters.senders);
	set(&f->filters.recipients, "nobody@soc.example, box@*");
	assert_int_equal(reason(f), EII_LEFT_OUT_NOT);
	/* One address, never the whole list. */
	set(&f->filters.recipients, "cti@*box@soc.example");
	assert_int_equal(reason(f), EII_LEFT_OUT_RECIPIENT);
	eii_patterns_clear(&f->filters.recipients);
	set(&f->filters.subjects, "*ADVISORY");
	assert_int_equal(reason(f), EII_LEFT_OUT_NOT);
	set(&f->filters.subjects, "advisory");
	assert_int_equal(reason(f), EII_LEFT_OUT_SUBJECT);
}

static void test_judge__holds_size_and_age_to_the_limit(void **state)
{
	struct fixture *f = *state;

	f->filters.max_bytes = 1000;
	assert_int_equal(reason(f), EII_LEFT_OUT_NOT);
	f->mail.size_bytes = 1001;
	assert_int_equal(reason(f), EII_LEFT_OUT_SIZE);
	f->filters.max_bytes = 0;
	f->filters.max_age_s = 100;
	assert_int_equal(reason(f), EII_LEFT_OUT_NOT);
	f->mail.now_unix_s++;
	assert_int_equal(reason(f), EII_LEFT_OUT_AGE);
	f->mail.internal_unix_s = NOW_S + 1000;
	assert_int_equal(reason(f), EII_LEFT_OUT_NOT);
}

static void test_judge__asks_for_the_senders_authentication_first(void **state)
{
	static const struct {
		enum eii_authentication authentication;
		enum eii_left_out wanted;
	} rows[] = {
		{ EII_AUTHENTICATION_PASSED, EII_LEFT_OUT_SENDER },
		{ EII_AUTHENTICATION_NO_RESULT, EII_LEFT_OUT_AUTHENTICATION },
		{ EII_AUTHENTICATION_FAILED, EII_LEFT_OUT_AUTHENTICATION },
		{ EII_AUTHENTICATION_NO_ONE_SENDER, EII_LEFT_OUT_AUTHENTICATION },
	};
	struct fixture *f = *state;

	f->selection.authority = "mx.example";
	set(&f->filters.senders, "nobody");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		f->fields.authentication = rows[i].authentication;
		CHECK(reason(f) == rows[i].wanted, "row %zu", i);
	}
}

static void test_judge__passes_what_has_no_header(void **state)
{
	struct fixture *f = *state;

	f->selection.authority = "mx.example";
	f->mail.has_headers = false;
	f->fields = (struct eii_fields){ .subject = eii_text_of("") };
	set(&f->filters.senders, "a");
	set(&f->filters.recipients, "a");
	set(&f->filters.subjects, "a");
	assert_int_equal(reason(f), EII_LEFT_OUT_NOT);
	f->filters.max_bytes = 999;
	assert_int_equal(reason(f), EII_LEFT_OUT_SIZE);
}

static void test_judge__takes_the_first_rule_that_matches_in_all(void **state)
{
	struct fixture *f = *state;

	f->rules.n = 2;
	assert_ptr_equal(rule(f), &f->items[0]);
	set(&f->items[0].from, "*@cert.example");
	set(&f->items[0].to, "box@soc.example");
	set(&f->items[0].subject, "weekly*");
	set(&f->items[0].folder, "intel/*");
	assert_ptr_equal(rule(f), &f->items[0]);
	set(&f->items[0].folder, "intel");
	assert_ptr_equal(rule(f), &f->items[1]);
	set(&f->items[0].folder, "intel/*");
	set(&f->items[0].subject, "daily*");
	assert_ptr_equal(rule(f), &f->items[1]);
	set(&f->items[1].from, "nobody");
	assert_null(rule(f));
}

static void test_judge__leaves_out_what_a_rule_does_not_import(void **state)
{
	struct fixture *f = *state;

	f->rules.n = 1;
	f->items[0].is_import_refused = true;
	assert_int_equal(reason(f), EII_LEFT_OUT_RULE);
	assert_ptr_equal(rule(f), &f->items[0]);
}

static void test_judge__knows_who_was_vouched_for(void **state)
{
	struct fixture *f = *state;

	f->rules.n = 1;
	f->selection.authority = "mx.example";
	f->fields.authentication = EII_AUTHENTICATION_PASSED;
	f->items[0].authenticated = EII_RULE_ASKED_YES;
	assert_ptr_equal(rule(f), &f->items[0]);
	f->items[0].authenticated = EII_RULE_ASKED_NO;
	assert_null(rule(f));
	/* Nobody vouches for a mail that cannot be read; and it has no sender, whatever one asks.
	 */
	f->mail.has_headers = false;
	f->fields.authentication = EII_AUTHENTICATION_NOT_ASKED;
	assert_ptr_equal(rule(f), &f->items[0]);
	set(&f->items[0].from, "*");
	assert_null(rule(f));
}

static void test_judge__has_words_for_each_reason(void **state)
{
	struct fixture *f = *state;

	for (int i = EII_LEFT_OUT_NOT + 1; i < EII_LEFT_OUTS; i++) {
		assert_true(*eii_left_out_word((enum eii_left_out)i));
		assert_true(*eii_left_out_words((enum eii_left_out)i, &f->fields));
	}
}

#define JUDGE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		JUDGE_TEST(test_judge__leaves_nothing_out_by_itself),
		JUDGE_TEST(test_judge__compares_each_part_with_its_filter),
		JUDGE_TEST(test_judge__holds_size_and_age_to_the_limit),
		JUDGE_TEST(test_judge__asks_for_the_senders_authentication_first),
		JUDGE_TEST(test_judge__passes_what_has_no_header),
		JUDGE_TEST(test_judge__takes_the_first_rule_that_matches_in_all),
		JUDGE_TEST(test_judge__leaves_out_what_a_rule_does_not_import),
		JUDGE_TEST(test_judge__knows_who_was_vouched_for),
		JUDGE_TEST(test_judge__has_words_for_each_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
