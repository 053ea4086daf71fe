/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that others wrote: broken, out of range, too much of it. */
#include "document_support.h"

static void test_document_odd__empty_and_unreadable_texts_are_told_apart(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool is_read, is_empty;
	} cases[] = {
		{ NULL, true, true },
		{ "", true, true },
		{ " \r\n\t", true, true },
		{ "null", true, true },
		{ " null ", true, true },
		{ "{}", true, false },
		{ " { } ", true, false },
		{ "[]", false, false },
		{ "\"{}\"", false, false },
		{ "{", false, false },
		{ "{} x", false, false },
		{ "{\"a\":1,}", false, false },
		{ "{\"a\":\x01 1}", false, false },
		{ "\xef\xbb\xbf{}", false, false },
		{ "{\"a\":\"\xff\"}", false, false },
		{ "nul", false, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO(eii_document) document = eii_document_parse(cases[i].text);

		CHECK(!document == !cases[i].is_read, "%zu", i);
		CHECK(eii_document_text_is_empty(cases[i].text) == cases[i].is_empty, "%zu", i);
	}
}

static void test_document_odd__a_text_of_1_mib_is_read_and_one_past_it_is_not(void **state)
{
	(void)state;
	const size_t n = EII_DOCUMENT_MAX_BYTES - strlen("{\"a\":\"\"}");
	EII_AUTO_STR largest = repeated("{\"a\":\"", 'x', n, "\"}");
	EII_AUTO_STR larger = repeated("{\"a\":\"", 'x', n + 1, "\"}");
	EII_AUTO(eii_document) document = eii_document_parse(largest);
	struct eii_place_state place = { .uidvalidity = 7 };
	EII_AUTO(eii_document) back = NULL;

	assert_null(eii_document_parse(larger));
	assert_non_null(document);
	check_comes_out(largest, largest);
	/* Ours has no room: what is foreign gives way. */
	eii_document_put_place(document, KEY, &place);
	back = again(document);
	assert_true(eii_document_place(back, KEY, &place));
}

static void test_document_odd__64_levels_are_read_and_65_are_not(void **state)
{
	(void)state;
	for (size_t depth = 63; depth <= 64; depth++) {
		EII_AUTO_STR open = repeated("{\"a\":", '[', depth, "");
		EII_AUTO_STR text = repeated(open, ']', depth, "}");
		EII_AUTO(eii_document) document = eii_document_parse(text);

		CHECK(!document == (depth == 64), "%zu", depth);
		if (document)
			check_comes_out(text, text);
	}
}

static void test_document_odd__a_place_that_makes_no_sense_is_none(void **state)
{
	(void)state;
	static const char *const cases[] = {
		"{}",
		"[]",
		"5",
		"null",
		"{\"uidvalidity\":7}",
		"{\"cursor\":7}",
		"{\"uidvalidity\":0,\"cursor\":1}",
		"{\"uidvalidity\":-1,\"cursor\":1}",
		"{\"uidvalidity\":1.5,\"cursor\":1}",
		"{\"uidvalidity\":18446744073709551616,\"cursor\":1}",
		"{\"uidvalidity\":\"18446744073709551616\",\"cursor\":1}",
		"{\"uidvalidity\":\"\",\"cursor\":1}",
		"{\"uidvalidity\":\"7x\",\"cursor\":1}",
		"{\"uidvalidity\":true,\"cursor\":1}",
		"{\"uidvalidity\":7,\"cursor\":4294967296}",
		"{\"uidvalidity\":7,\"cursor\":-1}",
		"{\"uidvalidity\":7,\"cursor\":[1]}",
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO_STR text = eii_asprintf(OURS("%s"), cases[i]);
		EII_AUTO(eii_document) document = eii_document_parse(text);
		struct eii_place_state place;

		CHECK(document && !eii_document_place(document, OTHER, &place), "%s", text);
		check_comes_out(text, text);
	}
}

static void test_document_odd__odd_values_of_a_place_are_brought_into_range(void **state)
{
	(void)state;
	static const struct {
		const char *members;
		struct eii_place_state place;
	} cases[] = {
		{ "", { 0 } },
		{ ",\"uidvalidity\":7.0,\"cursor\":1e3", { .cursor = 1000 } },
		{ ",\"uidvalidity\":\"7\",\"cursor\":\"5\"", { .cursor = 5 } },
		{ ",\"starts\":4294967296,\"back\":4294967296,\"ask\":-1", { 0 } },
		{ ",\"starts\":4294967295,\"back\":4294967295,\"ask\":1e0",
		  { .n_starts = UINT32_MAX, .back_uid = UINT32_MAX, .ask_uid = 1 } },
		{ ",\"owed\":1e9", { .owed_since_s = 1000000000 } },
		{ ",\"owed\":-1", { 0 } },
		{ ",\"killers\":[0,7,-1,\"x\",7,\"8\"]", { .n_killers = 2, .killers = { 7, 8 } } },
		{ ",\"troubled\":[\"7\",1e9,3]",
		  { .troubled_uid = 7, .troubled_since_s = 1000000000 } },
		{ ",\"troubled\":[0,1000000000]", { 0 } },
		{ ",\"troubled\":[4294967296,1000000000]", { 0 } },
		{ ",\"troubled\":[7]", { 0 } },
		{ ",\"troubled\":[7,-1]", { 0 } },
		{ ",\"troubled\":[7,253402300800]", { 0 } },
		{ ",\"troubled\":{\"7\":1000000000}", { 0 } },
		{ ",\"troubled\":7", { 0 } },
		{ ",\"killers\":7", { 0 } },
		{ ",\"killers\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]",
		  { .n_killers = 16,
		    .killers = { 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17 } } },
		{ ",\"owed\":253402300800", { 0 } },
		{ ",\"in_hand\":{\"uid\":0,\"attempts\":3}", { 0 } },
		{ ",\"in_hand\":{\"uid\":4294967296,\"attempts\":3}", { 0 } },
		{ ",\"in_hand\":{\"uid\":1,\"attempts\":\"x\"}", { .in_hand.uid = 1 } },
		{ ",\"in_hand\":[1,2]", { 0 } },
		{ ",\"suspects\":[[5,2],[0,1],[],3,[6],[7,\"x\"],[5,3]]",
		  { .n_suspects = 3, .suspects = { { 6, 0 }, { 7, 0 }, { 5, 3 } } } },
		{ ",\"suspects\":[[1,1],[2,1],[3,1],[4,1],[5,1],[6,1],[7,1],[8,1],[9,1]]",
		  { .n_suspects = 8,
		    .suspects = { { 2, 1 },
				  { 3, 1 },
				  { 4, 1 },
				  { 5, 1 },
				  { 6, 1 },
				  { 7, 1 },
				  { 8, 1 },
				  { 9, 1 } } } },
		{ ",\"suspects\":{\"5\":2}", { 0 } },
		{ ",\"window\":{\"since\":\"1960-01-01T00:00:00Z\",\"uidnext\":5}",
		  { .has_window = true, .window_uidnext = 5 } },
		{ ",\"window\":{\"since\":\"x\",\"uidnext\":5}", { 0 } },
		{ ",\"window\":{\"since\":\"2026-08-20T13:56:00Z\",\"uidnext\":4294967296}",
		  { 0 } },
		{ ",\"window\":{\"since\":\"2026-08-20T13:56:00Z\"}", { 0 } },
		{ ",\"aside\":{}", { 0 } },
		{ ",\"aside\":[5,null,[],[0,1,1,1,1],[4294967296,1,1,1,1],[[1]],\"x\",{\"1\":1}]",
		  { 0 } },
		{ ",\"aside\":[[9,65533,1,1,1],[3],[9,2,2,2,2],[5,1000,65536,253402300800,-1,8,"
		  "\"y\"],"
		  "[6,999,65535,253402300799,\"7\"],[7,65534,1,1,1],[8,65532,1,1,1]]",
		  { .n_aside = 6,
		    .aside = { { 3, EII_ASIDE_NO_MS, 0, 0, 0 },
			       { 5, EII_ASIDE_NO_MS, UINT16_MAX, 0, 0 },
			       { 6, 999, UINT16_MAX, EII_TIMESTAMP_MAX_S, 7 },
			       { 7, EII_ASIDE_NO_HEADER, 1, 1, 1 },
			       { 8, EII_ASIDE_NO_MS, 1, 1, 1 },
			       { 9, EII_ASIDE_ASK_FIRST, 1, 1, 1 } } } },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO_STR text =
			eii_asprintf(OURS("{\"uidvalidity\":7,\"cursor\":0%s}"), cases[i].members);
		EII_AUTO(eii_document) document = eii_document_parse(text);
		struct eii_place_state place, wanted = cases[i].place;

		wanted.uidvalidity = 7;
		CHECK(document && eii_document_place(document, OTHER, &place), "%s", text);
		same_place(text, &place, &wanted);
		check_comes_out(text, text);
	}
}

/* 300 in falling order: the 256 lowest stay. */
static void test_document_odd__more_than_256_set_aside_are_bounded(void **state)
{
	(void)state;
	EII_AUTO(eii_document) document = NULL;
	struct eii_place_state place;
	struct eii_buf list;
	EII_AUTO_STR text = NULL;

	eii_buf_init(&list, EII_DOCUMENT_MAX_BYTES);
	for (unsigned uid = 300; uid; uid--)
		eii_buf_addf(&list, "%s[%u,1,2,3,4]", list.len ? "," : "", uid);
	text = eii_asprintf(OURS("{\"uidvalidity\":7,\"cursor\":0,\"aside\":[%s]}"), list.data);
	eii_buf_clear(&list);
	document = eii_document_parse(text);
	assert_true(eii_document_place(document, OTHER, &place));
	assert_int_equal(place.n_aside, EII_DOCUMENT_ASIDE);
	for (unsigned i = 0; i < EII_DOCUMENT_ASIDE; i++)
		CHECK(place.aside[i].uid == i + 1, "%u", i);
}

static void test_document_odd__odd_values_of_the_ledger_are_none(void **state)
{
	(void)state;
	static const struct {
		const char *members;
		struct eii_ledger ledger;
	} cases[] = {
		{ "\"instance\":18446744073709551615", { .instance = UINT64_MAX } },
		{ "\"instance\":\"18446744073709551615\"", { .instance = UINT64_MAX } },
		{ "\"instance\":18446744073709551616", { 0 } },
		{ "\"instance\":-5,\"limit\":\"x\",\"wrote\":7", { 0 } },
		{ "\"instance\":{},\"limit\":[1],\"wrote\":\"12\"", { 0 } },
		{ "\"work\":[\"id\"]", { 0 } },
		{ "\"work\":{\"id\":5,\"sent\":3,\"closed\":true}", { 0 } },
		{ "\"work\":{\"sent\":3,\"cleared\":4}", { .n_cleared = 4 } },
		{ "\"work\":{\"id\":\"w\",\"opened\":253402300800,\"sent\":4294967296,"
		  "\"told\":-1,\"closed\":1,\"cleared\":\"x\"}",
		  { .work_id = "w" } },
		{ "\"work\":{\"id\":\"\\u0077\\u00e9\",\"opened\":253402300799,\"closed\":true}",
		  { .work_id = "w\xc3\xa9",
		    .work_opened_s = EII_TIMESTAMP_MAX_S,
		    .work_is_closed = true } },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO_STR text =
			eii_asprintf("{\"email_intel_imap\":{\"version\":1,%s}}", cases[i].members);
		EII_AUTO(eii_document) document = eii_document_parse(text);
		struct eii_ledger read;

		CHECK(document, "%s", text);
		eii_document_ledger(document, &read);
		CHECK(read.instance == cases[i].ledger.instance, "%s", text);
		CHECK(read.wrote_s == cases[i].ledger.wrote_s, "%s", text);
		CHECK(read.limit_bytes == cases[i].ledger.limit_bytes, "%s", text);
		CHECK(strcmp(read.work_id, cases[i].ledger.work_id) == 0, "%s", text);
		CHECK(read.work_opened_s == cases[i].ledger.work_opened_s, "%s", text);
		CHECK(!read.work_sent && !read.work_told, "%s", text);
		CHECK(read.work_is_closed == cases[i].ledger.work_is_closed, "%s", text);
		CHECK(read.n_cleared == cases[i].ledger.n_cleared, "%s", text);
	}
}

static void test_document_odd__a_work_id_of_127_bytes_is_held_and_a_longer_one_is_none(void **state)
{
	(void)state;
	for (size_t n = 127; n <= 128; n++) {
		EII_AUTO_STR text =
			repeated("{\"email_intel_imap\":{\"version\":1,\"work\":{\"id\":\"", 'w', n,
				 "\"}}}");
		EII_AUTO(eii_document) document = eii_document_parse(text);
		struct eii_ledger ledger;

		eii_document_ledger(document, &ledger);
		CHECK(strlen(ledger.work_id) == (n == 127 ? n : 0), "%zu", n);
	}
}

/* Decoded as a C string each of these would be a name of ours. */
static void test_document_odd__a_name_with_a_nul_is_none_of_ours(void **state)
{
	(void)state;
	static const char text[] = "{\"email_intel_imap\\u0000\":1,\"email_intel_imap\":{"
				   "\"version\":1,\"version\\u0000\":2,"
				   "\"mailboxes\":{\"soc@mail.example/"
				   "INBOX\\u0000x\":{\"uidvalidity\":7,\"cursor\":1}}}}";
	EII_AUTO(eii_document) document = eii_document_parse(text);
	struct eii_place_state place;

	assert_non_null(document);
	assert_true(eii_document_has_places(document));
	assert_false(eii_document_place(document, OTHER, &place));
	check_comes_out(text, text);
}

/* As by a caller that cut it at so many bytes. */
static void test_document_odd__half_a_character_of_a_work_id_is_left_out(void **state)
{
	(void)state;
	struct eii_ledger ledger = { .work_id = "w\xc3" }, read;
	EII_AUTO(eii_document) document = eii_document_new();
	EII_AUTO(eii_document) back = NULL;

	eii_document_put_ledger(document, &ledger);
	back = again(document);
	eii_document_ledger(back, &read);
	assert_string_equal(read.work_id, "w");
}

static void test_document_odd__a_draft_stands_with_its_work_alone(void **state)
{
	static const char *const works[] = { "work_1", "" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(works); i++) {
		struct eii_ledger ledger = { .draft_id = "draft-1", .n_cleared = 1 }, read;
		EII_AUTO(eii_document) document = eii_document_new();
		EII_AUTO(eii_document) back = NULL;

		(void)snprintf(ledger.work_id, sizeof(ledger.work_id), "%s", works[i]);
		eii_document_put_ledger(document, &ledger);
		back = again(document);
		eii_document_ledger(back, &read);
		assert_string_equal(read.draft_id, *works[i] ? "draft-1" : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_document_odd__empty_and_unreadable_texts_are_told_apart),
		cmocka_unit_test(test_document_odd__a_text_of_1_mib_is_read_and_one_past_it_is_not),
		cmocka_unit_test(test_document_odd__64_levels_are_read_and_65_are_not),
		cmocka_unit_test(test_document_odd__a_place_that_makes_no_sense_is_none),
		cmocka_unit_test(test_document_odd__odd_values_of_a_place_are_brought_into_range),
		cmocka_unit_test(test_document_odd__more_than_256_set_aside_are_bounded),
		cmocka_unit_test(test_document_odd__odd_values_of_the_ledger_are_none),
		cmocka_unit_test(
			test_document_odd__a_work_id_of_127_bytes_is_held_and_a_longer_one_is_none),
		cmocka_unit_test(test_document_odd__a_name_with_a_nul_is_none_of_ours),
		cmocka_unit_test(test_document_odd__half_a_character_of_a_work_id_is_left_out),
		cmocka_unit_test(test_document_odd__a_draft_stands_with_its_work_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
