/* SPDX-License-Identifier: Apache-2.0 */
/* What others wrote beside us: mailboxes that are not ours, members that we do not know. */
#include "document_support.h"

#define WITH(cursor, more)                                                                         \
	"{\"email_intel_imap\":{\"version\":1,\"mailboxes\":{\"a\":{\"uidvalidity\":1,\"cursor\":" \
	"5},"                                                                                      \
	"\"b\":{\"uidvalidity\":2,\"cursor\":" cursor more "}}}}"

static void test_document_foreign__tells_whether_a_foreign_place_moved(void **state)
{
	(void)state;
	static const struct {
		const char *here, *there;
		bool differs;
	} cases[] = {
		{ "{}", "{}", false },
		{ WITH("1", ""), WITH("1", ""), false },
		{ WITH("1", ""), WITH("2", ""), true },
		{ WITH("1", ""), "{}", false },
		{ "{}", WITH("1", ""), true },
		{ WITH("1", ""), WITH("1", ",\"starts\":1"), true },
		{ WITH("1", ""), WITH("1", ",\"in_hand\":{\"uid\":1,\"attempts\":1}"), true },
		{ WITH("1", ""), WITH("1", ",\"back\":1"), true },
		{ WITH("1", ""), WITH("1", ",\"ask\":1"), true },
		{ WITH("1", ""), WITH("1", ",\"aside\":[[1,2,3,4,5]]"), true },
		{ WITH("1", ",\"aside\":[[1,2,3,4,5]]"), WITH("1", ",\"aside\":[[1,2,3,4,6]]"),
		  true },
		{ WITH("1", ""),
		  WITH("1", ",\"window\":{\"since\":\"2026-08-20T13:56:00Z\",\"uidnext\":1}"),
		  true },
		/* Not of a place: spelling, members that are unknown, an earlier version's ring. */
		{ WITH("1", ""), WITH("1", ",\"new\":1"), false },
		{ WITH("1", ""), WITH("1.0", ",\"ids\":\"\""), false },
		/* No place at all. */
		{ WITH("1", ""), WITH("\"x\"", ""), false },
		{ WITH("\"x\"", ""), WITH("1", ""), true },
		/* The key itself is ours, whatever is there. */
		{ WITH("1", ""),
		  "{\"email_intel_imap\":{\"version\":1,\"mailboxes\":{\"\\u0061\":{"
		  "\"uidvalidity\":9,"
		  "\"cursor\":9}}}}",
		  false },
		{ "{}", "{\"last_email_ingestion\":\"2026-08-20T13:56:00Z\",\"x\":1}", false },
		{ WITH("1", ""),
		  "{\"email_intel_imap\":{\"version\":2,\"mailboxes\":{\"b\":{"
		  "\"uidvalidity\":2,\"cursor\":3}}}}",
		  false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO(eii_document) here = eii_document_parse(cases[i].here);
		EII_AUTO(eii_document) there = eii_document_parse(cases[i].there);

		assert_true(here && there);
		CHECK(eii_document_take_foreign(here, there, "a") == cases[i].differs, "%zu", i);
		/* Taken once it is known. */
		CHECK(!eii_document_take_foreign(here, there, "a"), "%zu", i);
	}
}

static const char here_text[] =
	"{\"old\":1,\"last_email_ingestion\":\"2026-08-20T13:56:00+00:00\",\"email_intel_imap\":{"
	"\"version\":1,\"instance\":5,\"work\":{\"id\":\"w\",\"sent\":1},"
	"\"ids\":\"AAAAAAAAAAAAAAAAAAAAAA==\",\"mailboxes\":{"
	"\"a\":{\"uidvalidity\":1,\"cursor\":5},\"b\":{\"uidvalidity\":2,\"cursor\":1},"
	"\"gone\":{\"uidvalidity\":3,\"cursor\":1}},\"old\":2}}";
static const char there_text[] =
	"{\"last_email_ingestion\":\"2020-01-01T00:00:00Z\",\"x\":[1],\"email_intel_imap\":{"
	"\"version\":1,\"instance\":6,\"limit\":7,\"work\":{\"id\":\"v\",\"y\":2},\"ids\":\"\","
	"\"back_ids\":\"AAAAAAAAAAAAAAAAAAAAAA==\",\"mailboxes\":{"
	"\"b\":{\"uidvalidity\":2,\"cursor\":8,\"z\":3},"
	"\"a\":{\"uidvalidity\":1,\"cursor\":4,\"u\":4,\"aside\":[[1,2,3,4,5]]}},\"new\":5}}";

static void test_document_foreign__ours_stays_and_the_rest_becomes_as_it_is_there(void **state)
{
	(void)state;
	EII_AUTO(eii_document) here = eii_document_parse(here_text);
	EII_AUTO(eii_document) there = eii_document_parse(there_text);
	EII_AUTO_STR text = NULL;

	assert_true(eii_document_take_foreign(here, there, "a"));
	text = eii_document_format(here);
	assert_string_equal(text,
			    "{\"last_email_ingestion\":\"2026-08-20T13:56:00+00:00\",\"x\":[1],"
			    "\"email_intel_imap\":{\"version\":1,\"instance\":5,"
			    "\"work\":{\"id\":\"w\",\"y\":2,\"opened\":0,\"sent\":1,\"told\":0,"
			    "\"processed\":0,\"moved\":0,\"closed\":false,\"cleared\":0},\"ids\":"
			    "\"AAAAAAAAAAAAAAAAAAAAAA==\","
			    "\"back_ids\":\"\",\"mailboxes\":{"
			    "\"b\":{\"uidvalidity\":2,\"cursor\":8,\"z\":3},"
			    "\"a\":{\"uidvalidity\":1,\"cursor\":5,\"u\":4}},\"new\":5}}");
}

/* What was put counts as what was read; so does what was put over the other one. */
static void test_document_foreign__what_was_put_takes_part(void **state)
{
	(void)state;
	EII_AUTO(eii_document) here = eii_document_new();
	EII_AUTO(eii_document) there = eii_document_new();
	EII_AUTO(eii_document) back = NULL;
	EII_AUTO(eii_ring) ring = eii_ring_new();
	struct eii_place_state mine = { .uidvalidity = 1, .cursor = 5 };
	struct eii_place_state others = { .uidvalidity = 2, .cursor = 6 };
	struct eii_ledger ledger = { .instance = 9 }, read;
	struct eii_place_state place;

	fill_ring(ring, 0, 2);
	eii_document_put_place(here, "a", &mine);
	eii_document_put_place(here, "b", &mine);
	eii_document_put_ledger(here, &ledger);
	eii_document_put_rings(here, ring, ring);
	eii_document_put_place(there, "b", &others);
	assert_true(eii_document_take_foreign(here, there, "a"));
	back = again(here);
	assert_true(eii_document_place(back, "a", &place));
	same_place("a", &place, &mine);
	assert_true(eii_document_place(back, "b", &place));
	same_place("b", &place, &others);
	eii_document_ledger(back, &read);
	assert_int_equal(read.instance, 9);
}

/* After a reset nothing of ours comes back by it. */
static void test_document_foreign__what_is_absent_here_stays_absent(void **state)
{
	(void)state;
	EII_AUTO(eii_document) here = eii_document_new();
	EII_AUTO(eii_document) there = eii_document_parse(there_text);
	EII_AUTO(eii_document) back = NULL;
	EII_AUTO(eii_ring) ring = NULL;
	struct eii_place_state place;
	struct eii_ledger ledger;

	assert_true(eii_document_take_foreign(here, there, "a"));
	assert_false(eii_document_place(here, "a", &place));
	assert_true(eii_document_has_places(here));
	back = again(here);
	assert_false(eii_document_place(back, "a", &place));
	assert_true(eii_document_place(back, "b", &place));
	eii_document_ledger(back, &ledger);
	assert_int_equal(ledger.instance, 0);
	assert_string_equal(ledger.work_id, "");
	assert_int_equal(eii_document_ingestion(back), 0);
	ring = eii_document_back_ring(back);
	assert_int_equal(eii_ring_count(ring), 0);
	/* And can be put again. */
	place = (struct eii_place_state){ .uidvalidity = 4 };
	eii_document_put_place(here, "a", &place);
	assert_true(eii_document_place(here, "a", &place));
	assert_int_equal(place.uidvalidity, 4);
}

static void test_document_foreign__an_absent_place_alone_is_none(void **state)
{
	(void)state;
	EII_AUTO(eii_document) here = eii_document_new();
	EII_AUTO(eii_document)
	there = eii_document_parse(
		"{\"email_intel_imap\":{\"version\":1,\"mailboxes\":{\"a\":{\"uidvalidity\":1,"
		"\"cursor\":5}}}}");
	EII_AUTO_STR text = NULL;

	assert_false(eii_document_take_foreign(here, there, "a"));
	assert_false(eii_document_has_places(here));
	text = eii_document_format(here);
	assert_string_equal(
		text, "{\"email_intel_imap\":{\"version\":1,\"ids\":\"\",\"back_ids\":\"\"}}");
}

static void test_document_foreign__nothing_of_ours_makes_nothing_of_ours(void **state)
{
	(void)state;
	EII_AUTO(eii_document) here = eii_document_parse(OFFICIAL);
	EII_AUTO(eii_document) there = eii_document_parse("{\"x\":1}");
	EII_AUTO_STR text = NULL;

	assert_false(eii_document_take_foreign(here, there, "a"));
	text = eii_document_format(here);
	assert_string_equal(text,
			    "{\"x\":1,\"last_email_ingestion\":\"2026-08-20T13:56:00+00:00\"}");
}

static void test_document_foreign__the_official_one_is_taken_over(void **state)
{
	(void)state;
	EII_AUTO(eii_document) document = eii_document_parse(OFFICIAL);
	struct eii_place_state place;

	assert_non_null(document);
	assert_int_equal(eii_document_ingestion(document), INSTANT);
	assert_false(eii_document_place(document, KEY, &place));
	assert_false(eii_document_has_places(document));
	check_comes_out(OFFICIAL, "{\"last_email_ingestion\":\"2026-08-20T13:56:00+00:00\"}");
}

static void test_document_foreign__names_another_mailbox(void **state)
{
	static const struct {
		const char *text, *key, *foreign;
	} cases[] = {
		{ WITH("1", ""), "a", "b" },
		{ WITH("1", ""), "b", "a" },
		{ WITH("1", ""), "c", "a" },
		{ "{}", "a", NULL },
		{ "{\"email_intel_imap\":{\"version\":1,\"mailboxes\":{\"\\u0061\":{}}}}", "a",
		  NULL },
		{ "{\"email_intel_imap\":{\"version\":2,\"mailboxes\":{\"b\":{}}}}", "a", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO(eii_document) document = eii_document_parse(cases[i].text);
		EII_AUTO_STR found = eii_document_foreign_key(document, cases[i].key);

		CHECK(!found == !cases[i].foreign, "%zu", i);
		CHECK(!found || strcmp(found, cases[i].foreign) == 0, "%zu: %s", i, found);
	}
}

#define FOLDERS                                                                                    \
	"{\"email_intel_imap\":{\"version\":1,\"mailboxes\":{"                                     \
	"\"u@h/a\":{\"uidvalidity\":1,\"cursor\":5},\"u@h2/a\":{\"uidvalidity\":2,\"cursor\":6},"  \
	"\"u@h/\\u00e4\":{\"uidvalidity\":3,\"cursor\":7}}}}"

static void test_document_foreign__all_folders_of_an_account_are_ours(void **state)
{
	EII_AUTO(eii_document) document = eii_document_parse(FOLDERS);
	EII_AUTO(eii_document) there = eii_document_parse(FOLDERS);
	const struct eii_place_state moved = { .uidvalidity = 1, .cursor = 9 };
	EII_AUTO_STR first = eii_document_key(document, "u@h/", 0);
	EII_AUTO_STR second = eii_document_key(document, "u@h/", 1);
	EII_AUTO_STR third = eii_document_key(document, "u@h/", 2);
	EII_AUTO_STR foreign = eii_document_foreign_key(document, "u@h/");
	struct eii_place_state place;

	(void)state;
	assert_string_equal(first, "u@h/a");
	assert_string_equal(second, "u@h/\xc3\xa4");
	assert_null(third);
	assert_string_equal(foreign, "u@h2/a");
	/* What another process has of ours is no news, and does not come over what was put. */
	eii_document_put_place(document, "u@h/a", &moved);
	eii_document_drop_place(document, "u@h/\xc3\xa4");
	assert_false(eii_document_take_foreign(document, there, "u@h/"));
	assert_true(eii_document_place(document, "u@h/a", &place));
	assert_int_equal(place.cursor, 9);
	assert_false(eii_document_place(document, "u@h/\xc3\xa4", &place));
	assert_true(eii_document_place(document, "u@h2/a", &place));
}

/* A late older ping, which a reset has come before, brings none of them back. */
static void test_document_foreign__no_folder_of_an_account_comes_back(void **state)
{
	EII_AUTO(eii_document) document = eii_document_parse("{}");
	EII_AUTO(eii_document) there = eii_document_parse(FOLDERS);
	struct eii_place_state place;

	(void)state;
	(void)eii_document_take_foreign(document, there, "u@h/");
	assert_false(eii_document_place(document, "u@h/a", &place));
	assert_false(eii_document_place(document, "u@h/\xc3\xa4", &place));
	assert_true(eii_document_place(document, "u@h2/a", &place));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_document_foreign__tells_whether_a_foreign_place_moved),
		cmocka_unit_test(test_document_foreign__names_another_mailbox),
		cmocka_unit_test(
			test_document_foreign__ours_stays_and_the_rest_becomes_as_it_is_there),
		cmocka_unit_test(test_document_foreign__what_was_put_takes_part),
		cmocka_unit_test(test_document_foreign__what_is_absent_here_stays_absent),
		cmocka_unit_test(test_document_foreign__an_absent_place_alone_is_none),
		cmocka_unit_test(test_document_foreign__nothing_of_ours_makes_nothing_of_ours),
		cmocka_unit_test(test_document_foreign__the_official_one_is_taken_over),
		cmocka_unit_test(test_document_foreign__all_folders_of_an_account_are_ours),
		cmocka_unit_test(test_document_foreign__no_folder_of_an_account_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
