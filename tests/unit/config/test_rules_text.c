/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_text.h"

#include "eii/base/alloc.h"
#include "eii/base/buf.h"
#include "support.h"

struct fixture {
	struct eii_rules rules;
	struct eii_problems problems;
};

static void read_text(struct fixture *f, const char *text)
{
	*f = (struct fixture){ .rules.n = 0 };
	eii_rules_text_read(eii_text_of(text), "a place", &f->rules, &f->problems);
}

static void end(struct fixture *f)
{
	eii_rules_clear(&f->rules);
	eii_problems_clear(&f->problems);
}

static void check_text(struct eii_text text, const char *wanted)
{
	CHECK(eii_text_equal(text, eii_text_of(wanted)), "'%.*s', not '%s'", EII_TEXT_ARGS(text),
	      wanted);
}

static void test_rules_text__reads_every_key(void **state)
{
	static const char text[] = "\xef\xbb\xbf; a comment\r\n"
				   "[rule First one]\r\n"
				   "from = *@cert.example, A@b.example\r\n"
				   "To = x@y.example\n"
				   "subject = *a=b*\n"
				   "folder = Intel/*\n"
				   "authenticated = yes\n"
				   "report_type = threat advisory\n"
				   "labels = one , two,, #3\n"
				   "confidence = 100\n"
				   "author = CERT X\n"
				   "tlp = Amber+Strict\n"
				   "tlp_from_mail = Any\n"
				   "markings = PAP:RED, statement/For us, "
				   "marking-definition--01234567-89ab-4def-8000-00000000000a\n"
				   "\n# another\n"
				   "[RULE second]\n"
				   "import = no\n";
	struct fixture f;
	const struct eii_rule *rule;

	(void)state;
	read_text(&f, text);
	CHECK(!f.problems.n, "%s", f.problems.items[0].text);
	assert_int_equal(f.rules.n, 2);
	rule = &f.rules.items[0];
	check_text(rule->name, "First one");
	assert_int_equal(rule->from.n, 2);
	check_text(rule->from.items[1], "a@b.example");
	check_text(rule->to.items[0], "x@y.example");
	check_text(rule->subject.items[0], "*a=b*");
	check_text(rule->folder.items[0], "intel/*");
	assert_int_equal(rule->authenticated, EII_RULE_ASKED_YES);
	assert_false(rule->is_import_refused);
	check_text(rule->report_type, "threat advisory");
	assert_int_equal(rule->n_labels, 3);
	check_text(rule->labels[2], "#3");
	assert_true(rule->has_confidence && rule->confidence == 100);
	check_text(rule->author, "CERT X");
	check_text(rule->tlp, "Amber+Strict");
	assert_true(rule->is_tlp_from_mail_any);
	assert_int_equal(rule->n_markings, 3);
	check_text(rule->markings[1], "statement/For us");
	check_text(f.rules.items[1].name, "second");
	assert_true(f.rules.items[1].is_import_refused);
	assert_false(f.rules.items[1].has_confidence || f.rules.items[1].is_tlp_from_mail_any);
	end(&f);
}

static void test_rules_text__names_what_is_wrong(void **state)
{
	static const struct {
		const char *text, *wanted;
	} rows[] = {
		{ "", "line 1): there is no [rule NAME]" },
		{ "; nothing\n", "there is no [rule NAME]" },
		{ "from = a", "line 1): a key stands before" },
		{ "[rule a]\nlables = x", "line 2): unknown key 'lables'" },
		{ "[rule a]\nfrom = a\nFROM = b", "line 3): from stands twice" },
		{ "[rule a]\n[rule b]\n[rule A]", "line 3): there is a rule 'A' already" },
		{ "[rule a]\nfrom=x\n[rule a]\nto=y", "line 3): there is a rule 'a' already" },
		{ "[rule]", "not a section like" },
		{ "[rule ]", "not a section like" },
		{ "[rules a]", "not a section like" },
		{ "[rule a", "not a section like" },
		{ "[rule a]\nwords", "line 2): neither a [rule NAME]" },
		{ "[rule a]\nfrom =", "from is empty" },
		{ "[rule a]\nfrom = ,", "from: there is no pattern" },
		{ "[rule a]\nimport = never", "import: it is neither yes nor no" },
		{ "[rule a]\nauthenticated = 1", "authenticated: it is neither" },
		{ "[rule a]\nconfidence = 101", "confidence: it is not a whole number" },
		{ "[rule a]\nconfidence = -1", "confidence: it is not" },
		{ "[rule a]\ntlp = TLP:RED", "tlp: it is not one of" },
		{ "[rule a]\ntlp_from_mail = raise", "tlp_from_mail: it is not any" },
		{ "[rule a]\nauthor = x", "author: the platform" },
		{ "[rule a]\nlabels = ,", "labels: there is none" },
		{ "[rule a]\nmarkings = RED", "markings: one of them is none" },
		{ "[rule a]\nmarkings = marking-definition--1", "markings: one of them" },
		{ "[rule a]\nsubject = \xff", "line 2): not UTF-8" },
		{ "[rule a]\nsubject = a\x01", "line 2): not UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture f;

		read_text(&f, rows[i].text);
		CHECK(f.problems.n_wrong == 1, "row %zu: %zu", i, f.problems.n_wrong);
		CHECK(strstr(f.problems.items[0].text, "EMAIL_INTEL_IMAP_RULES (a place, line "),
		      "%s", f.problems.items[0].text);
		CHECK(strstr(f.problems.items[0].text, rows[i].wanted), "'%s', not '%s'",
		      f.problems.items[0].text, rows[i].wanted);
		end(&f);
	}
}

/* A line of key and n bytes. */
static bool takes(const char *before, size_t n, const char *behind)
{
	struct fixture f;
	struct eii_buf text;
	bool is_good;

	eii_buf_init(&text, 1 << 20);
	eii_buf_add_str(&text, before);
	for (size_t i = 0; i < n; i++)
		eii_buf_add_char(&text, 'x');
	eii_buf_add_str(&text, behind);
	read_text(&f, text.data);
	is_good = f.problems.n_wrong == 0;
	end(&f);
	eii_buf_clear(&text);
	return is_good;
}

/* So many of what stands between before and behind, each with a number of its own. */
static bool takes_items(const char *begin, size_t n, const char *before, const char *behind)
{
	struct fixture f;
	struct eii_buf text;
	bool is_good;

	eii_buf_init(&text, 1 << 20);
	eii_buf_add_str(&text, begin);
	for (size_t i = 0; i < n; i++)
		eii_buf_addf(&text, "%s%zu%s", before, i, behind);
	read_text(&f, text.data);
	is_good = f.problems.n_wrong == 0;
	end(&f);
	eii_buf_clear(&text);
	return is_good;
}

static void test_rules_text__holds_everything_to_its_limit(void **state)
{
	static const struct {
		const char *before, *behind;
		size_t max;
	} rows[] = {
		{ "[rule ", "]\n", EII_RULE_NAME_MAX_BYTES },
		{ "[rule a]\nreport_type = ", "\n", EII_RULE_VALUE_MAX_BYTES },
		{ "[rule a]\nauthor = ", "\n", EII_RULE_VALUE_MAX_BYTES },
		{ "[rule a]\nlabels = ", "\n", EII_RULE_VALUE_MAX_BYTES },
		{ "[rule a]\nmarkings = a:", "\n", EII_RULE_VALUE_MAX_BYTES - 2 },
		{ "[rule a]\nfrom = ", "\n", EII_PATTERN_MAX_BYTES },
	};
	static const struct {
		const char *begin, *before, *behind;
		size_t max;
	} lists[] = {
		{ "", "[rule ", "]\n", EII_RULES_MAX },
		{ "[rule a]\nlabels = ", "l", ",", EII_RULE_LABELS_MAX },
		{ "[rule a]\nmarkings = ", "PAP:", ",", EII_RULE_MARKINGS_MAX },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK(takes(rows[i].before, rows[i].max, rows[i].behind), "row %zu", i);
		CHECK(!takes(rows[i].before, rows[i].max + 1, rows[i].behind), "row %zu", i);
	}
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		CHECK(takes_items(lists[i].begin, lists[i].max, lists[i].before, lists[i].behind),
		      "list %zu", i);
		CHECK(!takes_items(lists[i].begin, lists[i].max + 1, lists[i].before,
				   lists[i].behind),
		      "list %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules_text__reads_every_key),
		cmocka_unit_test(test_rules_text__names_what_is_wrong),
		cmocka_unit_test(test_rules_text__holds_everything_to_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
