/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/folder_choice.h"

#include "support.h"

static void test_folder_choice__is_a_name_where_nothing_reads_in_another_way(void **state)
{
	static const struct {
		const char *value;
		bool is_name;
	} rows[] = {
		{ "INBOX", true },      { "Lists/Intel 2026", true }, { "Wichtig!", true },
		{ "Lists/*", false },   { "Lists/%", false },         { "a,b", false },
		{ "!Internal", false }, { "\\Junk", false },          { "a\\b", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK(eii_folder_choice_is_name(rows[i].value) == rows[i].is_name, "%s",
		      rows[i].value);
}

static bool wants(const char *value, const char *name, char separator, unsigned attributes)
{
	const struct eii_listed_folder folder = { name, separator, attributes };
	EII_AUTO(eii_folder_choice) choice = NULL;
	struct eii_error err;

	CHECK(eii_folder_choice_parse(value, &choice, &err) == EII_OK, "%s", value);
	return eii_folder_choice_wants(choice, &folder);
}

static void test_folder_choice__matches_names_and_patterns(void **state)
{
	static const struct {
		const char *value, *name;
		char separator;
		bool is_wanted;
	} rows[] = {
		{ "INBOX,Spam", "INBOX", '/', true },
		{ "INBOX,Spam", "Inbox", '/', true },
		{ "inbox,Spam", "INBOX", '/', true },
		{ "INBOX,Spam", "Spam", '/', true },
		{ "INBOX , Spam", "Spam", '/', true },
		{ "INBOX,Spam", "spam", '/', false },
		{ "INBOX,Spam", "Spam/x", '/', false },
		{ "Lists/%", "Lists/a", '/', true },
		{ "Lists/%", "Lists/", '/', true },
		{ "Lists/%", "Lists/a/b", '/', false },
		{ "Lists/%", "Lists/a/b", '.', true },
		{ "Lists/%", "Lists/a/b", '\0', true },
		{ "Lists/*", "Lists/a/b", '/', true },
		{ "Lists/*", "Lists", '/', false },
		{ "*", "INBOX", '/', true },
		{ "*b*", "abc", '/', true },
		{ "*b*", "ac", '/', false },
		{ "%/%", "a/b", '/', true },
		{ "%/%", "a/b/c", '/', false },
		{ "*,!Lists/*", "Lists/a", '/', false },
		{ "!Lists/*,*", "Lists/a", '/', false },
		{ "*,! Lists/a", "Lists/a", '/', false },
		{ "*,!Lists/*", "Other", '/', true },
		{ "*,!inbox", "INBOX", '/', false },
		{ "a\\,b", "a,b", '/', true },
		{ "a\\,b", "a", '/', false },
		{ "a\\*,x", "a*", '/', true },
		{ "a\\*,x", "ab", '/', false },
		{ "a\\%,x", "a%", '/', true },
		{ "\\!a,x", "!a", '/', true },
		{ "a!b,x", "a!b", '/', true },
		{ "a\\\\b", "a\\b", '/', true },
		{ "L\xc3\xb6segeld/%", "L\xc3\xb6segeld/x", '/', true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK(wants(rows[i].value, rows[i].name, rows[i].separator, 0) == rows[i].is_wanted,
		      "row %zu: %s, %s", i, rows[i].value, rows[i].name);
}

static void test_folder_choice__knows_special_uses(void **state)
{
	static const struct {
		const char *value, *name;
		unsigned attributes;
		bool is_wanted;
	} rows[] = {
		{ "\\Junk", "Spam", EII_FOLDER_JUNK, true },
		{ "\\jUNK", "Spam", EII_FOLDER_JUNK, true },
		{ "\\Junk", "Junk", 0, false },
		{ "INBOX,\\All", "Everything", EII_FOLDER_ALL, true },
		{ "*,!\\Archive", "Old", EII_FOLDER_ARCHIVE, false },
		{ "*", "Old", EII_FOLDER_ARCHIVE, true },
		{ "*", "Marked", EII_FOLDER_IMPORTANT, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK(wants(rows[i].value, rows[i].name, '/', rows[i].attributes) ==
			      rows[i].is_wanted,
		      "row %zu: %s, %s", i, rows[i].value, rows[i].name);
}

static void test_folder_choice__takes_what_patterns_leave_out_by_its_name_alone(void **state)
{
	static const unsigned left_out[] = {
		EII_FOLDER_NOSELECT, EII_FOLDER_NONEXISTENT, EII_FOLDER_ALL,  EII_FOLDER_SENT,
		EII_FOLDER_DRAFTS,   EII_FOLDER_TRASH,       EII_FOLDER_JUNK, EII_FOLDER_FLAGGED,
	};
	static const char *const without_mails[] = { "Calendar", "Contacts/Suppliers", "Tasks",
						     "Sync Issues/Conflicts" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(left_out); i++) {
		CHECK(!wants("*", "x", '/', left_out[i]), "row %zu", i);
		CHECK(!wants("x%", "x", '/', left_out[i]), "row %zu", i);
		CHECK(wants("*,x", "x", '/', left_out[i]), "row %zu", i);
	}
	for (size_t i = 0; i < ARRAY_LEN(without_mails); i++) {
		CHECK(!wants("*", without_mails[i], '/', 0), "%s", without_mails[i]);
		CHECK(wants("*,Calendar,Contacts/Suppliers,Tasks,Sync Issues/Conflicts",
			    without_mails[i], '/', 0),
		      "%s", without_mails[i]);
	}
	assert_true(wants("*", "Lists/Calendar", '/', 0));
}

static void test_folder_choice__rejects_what_names_no_folder(void **state)
{
	static const char *const values[] = {
		"",   ",",      "a,",  ",a",     "a,,b",   "!",          "a,!",
		"!a", "!a,!b*", "a\\", "a\\b,c", "\\Spam", "\\Noselect", "\\",
	};
	struct eii_error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		struct eii_folder_choice *choice = NULL;

		CHECK(eii_folder_choice_parse(values[i], &choice, &err) == EII_REJECT, "%s",
		      values[i]);
		CHECK(!choice, "%s", values[i]);
	}
}

static void test_folder_choice__is_bounded(void **state)
{
	char value[EII_FOLDER_CHOICE_BYTES + 2];
	struct eii_folder_choice *choice = NULL;
	struct eii_error err;

	(void)state;
	memset(value, 'a', sizeof(value));
	value[EII_FOLDER_CHOICE_BYTES + 1] = '\0';
	assert_int_equal(eii_folder_choice_parse(value, &choice, &err), EII_REJECT);
	value[EII_FOLDER_CHOICE_BYTES] = '\0';
	assert_int_equal(eii_folder_choice_parse(value, &choice, &err), EII_OK);
	assert_true(eii_folder_choice_is_named(choice, value));
	assert_false(eii_folder_choice_is_named(choice, "a"));
	eii_folder_choice_free(choice);
}

/* Stars in a row are no more work than one. */
static void test_folder_choice__is_quick_with_any_pattern(void **state)
{
	char value[1001], name[1001];

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		value[i] = i % 2 ? 'a' : '*';
	memset(name, 'a', 1000);
	value[1000] = name[1000] = '\0';
	name[999] = 'b';
	assert_false(wants(value, name, '/', 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folder_choice__is_a_name_where_nothing_reads_in_another_way),
		cmocka_unit_test(test_folder_choice__matches_names_and_patterns),
		cmocka_unit_test(test_folder_choice__knows_special_uses),
		cmocka_unit_test(
			test_folder_choice__takes_what_patterns_leave_out_by_its_name_alone),
		cmocka_unit_test(test_folder_choice__rejects_what_names_no_folder),
		cmocka_unit_test(test_folder_choice__is_bounded),
		cmocka_unit_test(test_folder_choice__is_quick_with_any_pattern),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
