/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/state/document.h"

#include "document_support.h"
#include "eii/codec/json.h"

/* ---- round trips ------------------------------------------------------- */

static void test_document__a_place_comes_back(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		struct eii_place_state place;
	} cases[] = {
		{ "least", { .uidvalidity = 1 } },
		{ "cursor", { .uidvalidity = 7, .cursor = 4711 } },
		{ "u32", { .uidvalidity = UINT32_MAX, .cursor = UINT32_MAX } },
		{ "over u32", { .uidvalidity = UINT64_C(1) << 32, .cursor = 1 } },
		{ "2^53", { .uidvalidity = UINT64_C(1) << 53 } },
		{ "over 2^53", { .uidvalidity = (UINT64_C(1) << 53) + 1 } },
		{ "u64", { .uidvalidity = UINT64_MAX, .has_turn = true } },
		{ "window",
		  { .uidvalidity = 7,
		    .has_window = true,
		    .window_since_s = INSTANT,
		    .window_uidnext = 9 } },
		{ "first window", { .uidvalidity = 7, .has_window = true, .window_uidnext = 1 } },
		{ "last window",
		  { .uidvalidity = 7,
		    .has_window = true,
		    .window_since_s = EII_TIMESTAMP_MAX_S,
		    .window_uidnext = UINT32_MAX } },
		{ "in hand",
		  { .uidvalidity = 7,
		    .n_starts = UINT32_MAX,
		    .in_hand = { UINT32_MAX, UINT32_MAX },
		    .n_suspects = 2,
		    .suspects = { { 9, 1 }, { UINT32_MAX, 0 } } } },
		{ "back", { .uidvalidity = 7, .back_uid = 1, .ask_uid = 2, .passed_uid = 4 } },
		{ "owed", { .uidvalidity = 7, .owed_since_s = INSTANT, .gone_s = INSTANT } },
		{ "troubled",
		  { .uidvalidity = 7,
		    .troubled_uid = UINT32_MAX,
		    .troubled_since_s = EII_TIMESTAMP_MAX_S } },
		{ "killers", { .uidvalidity = 7, .n_killers = 2, .killers = { 9, UINT32_MAX } } },
		{ "aside",
		  { .uidvalidity = 7,
		    .n_aside = 2,
		    .aside = { { 1, 0, 0, 0, 0 }, { 2, 999, 3, INSTANT, INSTANT + 60 } } } },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO(eii_document) document = eii_document_new();
		EII_AUTO(eii_document) back = NULL;
		struct eii_place_state place;

		eii_document_put_place(document, KEY, &cases[i].place);
		CHECK(eii_document_place(document, KEY, &place), "%s", cases[i].what);
		same_place(cases[i].what, &place, &cases[i].place);
		back = again(document);
		CHECK(eii_document_place(back, KEY, &place), "%s", cases[i].what);
		same_place(cases[i].what, &place, &cases[i].place);
		CHECK(!eii_document_place(back, OTHER, &place), "%s", cases[i].what);
		CHECK(eii_document_has_places(back), "%s", cases[i].what);
	}
}

static void test_document__the_ledger_comes_back(void **state)
{
	(void)state;
	static const struct eii_ledger cases[] = {
		{ .instance = 1 },
		{ .instance = UINT64_MAX,
		  .wrote_s = 1,
		  .limit_bytes = UINT64_MAX,
		  .limit_s = INSTANT },
		{ .instance = (UINT64_C(1) << 53) + 1,
		  .wrote_s = EII_TIMESTAMP_MAX_S,
		  .limit_bytes = (UINT64_C(1) << 53) - 1 },
		{ .work_id = "work_1",
		  .work_opened_s = INSTANT,
		  .work_sent = 12,
		  .work_told = 11,
		  .work_processed = UINT32_MAX,
		  .work_moved_s = INSTANT,
		  .work_unknown = UINT32_MAX,
		  .has_refused = true,
		  .work_is_closed = true,
		  .work_is_left = true,
		  .n_cleared = 2 },
		{ .work_id = "\"\\\n", .work_sent = UINT32_MAX, .work_told = UINT32_MAX },
		{ .n_cleared = UINT32_MAX },
		{ 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO(eii_document) document = eii_document_new();
		EII_AUTO(eii_document) back = NULL;
		struct eii_ledger read;

		eii_document_put_ledger(document, &cases[i]);
		back = again(document);
		eii_document_ledger(back, &read);
		CHECK(read.instance == cases[i].instance, "%zu", i);
		CHECK(read.wrote_s == cases[i].wrote_s, "%zu", i);
		CHECK(read.limit_bytes == cases[i].limit_bytes && read.limit_s == cases[i].limit_s,
		      "%zu", i);
		CHECK(strcmp(read.work_id, cases[i].work_id) == 0, "%zu", i);
		CHECK(read.work_opened_s == cases[i].work_opened_s, "%zu", i);
		CHECK(read.work_sent == cases[i].work_sent && read.work_told == cases[i].work_told,
		      "%zu", i);
		CHECK(read.work_is_closed == cases[i].work_is_closed &&
			      read.n_cleared == cases[i].n_cleared &&
			      read.has_refused == cases[i].has_refused,
		      "%zu", i);
		CHECK(read.work_processed == cases[i].work_processed &&
			      read.work_moved_s == cases[i].work_moved_s &&
			      read.work_unknown == cases[i].work_unknown &&
			      read.work_is_left == cases[i].work_is_left,
		      "%zu", i);
	}
}

static void test_document__the_rings_come_back(void **state)
{
	(void)state;
	EII_AUTO(eii_document) document = eii_document_new();
	EII_AUTO(eii_document) parsed = NULL;
	EII_AUTO(eii_ring) ring = eii_ring_new();
	EII_AUTO(eii_ring) back = eii_ring_new();
	EII_AUTO(eii_ring) ring_read = NULL;
	EII_AUTO(eii_ring) back_read = NULL;

	fill_ring(ring, 0, 3);
	fill_ring(back, 0, 1);
	eii_document_put_rings(document, ring, back);
	parsed = again(document);
	ring_read = eii_document_ring(parsed, KEY);
	back_read = eii_document_back_ring(parsed);
	assert_int_equal(eii_ring_count(ring_read), 3);
	assert_int_equal(eii_ring_count(back_read), 1);
}

static void test_document__writes_the_form_that_is_documented(void **state)
{
	(void)state;
	static const char wanted[] =
		"{\"last_email_ingestion\":\"2026-08-20T13:56:00+00:00\",\"email_intel_imap\":{"
		"\"version\":1,\"instance\":\"81985529216486895\","
		"\"wrote\":\"2026-08-20T13:56:00+00:00\",\"limit\":134217728,\"refused\":true,"
		"\"work\":{\"id\":\"work_1\",\"opened\":1790000000,\"sent\":12,\"told\":11,"
		"\"processed\":7,\"moved\":1790000300,\"closed\":true,\"cleared\":0},\"ids\":\"\","
		"\"back_ids\":\"\",\"mailboxes\":{"
		"\"soc@mail.example/Reports \\\"1\\\"\":{\"uidvalidity\":7,\"cursor\":4711,"
		"\"window\":{\"since\":\"2026-08-20T13:56:00+00:00\",\"uidnext\":9},\"starts\":1,"
		"\"in_hand\":{\"uid\":4712,\"attempts\":1},\"suspects\":[[4715,2]],"
		"\"back\":4700,\"passed\":4716,\"ask\":4720,\"owed\":1789996400,"
		"\"troubled\":[4712,1789996500],\"killers\":[4711],"
		"\"aside\":[[4703,65535,3,1790000000,1790003600]]}}}}";
	static const struct eii_ledger ledger = {
		.instance = UINT64_C(81985529216486895),
		.wrote_s = INSTANT,
		.limit_bytes = 134217728,
		.has_refused = true,
		.work_processed = 7,
		.work_moved_s = 1790000300,
		.work_id = "work_1",
		.work_opened_s = 1790000000,
		.work_sent = 12,
		.work_told = 11,
		.work_is_closed = true,
	};
	static const struct eii_place_state place = {
		.uidvalidity = 7,
		.cursor = 4711,
		.has_window = true,
		.window_since_s = INSTANT,
		.window_uidnext = 9,
		.n_starts = 1,
		.in_hand = { 4712, 1 },
		.n_suspects = 1,
		.suspects = { { 4715, 2 } },
		.back_uid = 4700,
		.passed_uid = 4716,
		.ask_uid = 4720,
		.owed_since_s = 1789996400,
		.troubled_uid = 4712,
		.troubled_since_s = 1789996500,
		.n_killers = 1,
		.killers = { 4711 },
		.n_aside = 1,
		.aside = { { 4703, EII_ASIDE_NO_MS, 3, 1790000000, 1790003600 } },
	};
	EII_AUTO(eii_document) document = eii_document_new();
	EII_AUTO(eii_ring) empty = eii_ring_new();
	EII_AUTO_STR text = NULL;

	eii_document_set_ingestion(document, INSTANT);
	eii_document_put_ledger(document, &ledger);
	eii_document_put_rings(document, empty, empty);
	eii_document_put_place(document, KEY, &place);
	text = eii_document_format(document);
	assert_string_equal(text, wanted);
	check_comes_out(text, wanted);
}

/* ---- what is unknown --------------------------------------------------- */

static void test_document__what_is_unknown_comes_out_as_it_went_in(void **state)
{
	(void)state;
	static const char unknown_members[] =
		"{\"a\":1.50e3,\"last_email_ingestion\":\"2026-08-20 13:56:00.5\",\"z\":[1, "
		"{\"\\u0041\":null}]}";
	static const char *const cases[] = {
		"{}",
		unknown_members,
		"{\"last_email_ingestion\":null}",
		"{\"email_intel_imap\":{\"version\":2,\"mailboxes\":{\"a\":1}},\"b\":1}",
		"{\"email_intel_imap\":{\"mailboxes\":{\"a\":1}}}",
		"{\"email_intel_imap\":[1]}",
		"{\"email_intel_imap\":{\"version\":1,\"mailboxes\":{\"a\":1},\"new\":{\"x\":[]}}}",
		"{\"a\":1,\"a\":2}",
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_comes_out(cases[i], cases[i]);
}

static void test_document__members_unknown_at_each_level_stay_in_their_order(void **state)
{
	(void)state;
	static const char text[] =
		"{\"a\":1,\"email_intel_imap\":{\"b\":2,\"mailboxes\":{"
		"\"other\":{\"c\":[3],\"ids\":\"\"},"
		"\"soc@mail.example/"
		"INBOX\":{\"d\":4,\"cursor\":1,\"window\":{\"e\":5,\"uidnext\":2,"
		"\"since\":\"2026-08-20T13:56:00+00:00\"},\"f\":{ \"g\" : 7 },\"uidvalidity\":7,"
		"\"in_hand\":{\"h\":8,\"uid\":2,\"attempts\":1,\"i\":9}}},"
		"\"work\":{\"j\":10,\"id\":\"w\",\"k\":11},\"version\":1,\"l\":12},"
		"\"m\":13,\"last_email_ingestion\":\"x\",\"n\":14}";
	static const char wanted[] =
		"{\"a\":1,\"email_intel_imap\":{\"b\":2,\"mailboxes\":{"
		"\"other\":{\"c\":[3],\"ids\":\"\"},"
		"\"soc@mail.example/"
		"INBOX\":{\"d\":4,\"cursor\":5,\"window\":{\"e\":5,\"uidnext\":2,"
		"\"since\":\"2026-08-20T13:56:00+00:00\"},\"f\":{ \"g\" : 7 },\"uidvalidity\":7,"
		"\"in_hand\":{\"h\":8,\"uid\":2,\"attempts\":1,\"i\":9}}},"
		"\"work\":{\"j\":10,\"id\":\"w\",\"k\":11,\"opened\":0,\"sent\":0,\"told\":0,"
		"\"processed\":0,\"moved\":0,\"closed\":false,\"cleared\":0},\"version\":1,\"l\":"
		"12,\"instance\":3},"
		"\"m\":13,\"last_email_ingestion\":\"2026-08-20T13:56:00+00:00\",\"n\":14}";
	EII_AUTO(eii_document) document = eii_document_parse(text);
	struct eii_place_state place;
	struct eii_ledger ledger;
	EII_AUTO_STR out = NULL;

	assert_non_null(document);
	assert_true(eii_document_place(document, OTHER, &place));
	place.cursor = 5;
	eii_document_put_place(document, OTHER, &place);
	eii_document_ledger(document, &ledger);
	ledger.instance = 3;
	eii_document_put_ledger(document, &ledger);
	eii_document_set_ingestion(document, INSTANT);
	out = eii_document_format(document);
	assert_string_equal(out, wanted);
}

static void test_document__a_later_version_is_not_read_and_gives_way_to_ours(void **state)
{
	(void)state;
	static const char text[] = "{\"email_intel_imap\":{\"version\":2,\"instance\":5,"
				   "\"mailboxes\":{\"soc@mail.example/INBOX\":"
				   "{\"uidvalidity\":7,\"cursor\":1}}},\"b\":1}";
	EII_AUTO(eii_document) document = eii_document_parse(text);
	struct eii_place_state place = { .uidvalidity = 7 };
	struct eii_ledger ledger;
	EII_AUTO_STR out = NULL;

	assert_false(eii_document_place(document, OTHER, &place));
	assert_false(eii_document_has_places(document));
	eii_document_ledger(document, &ledger);
	assert_int_equal(ledger.instance, 0);
	place = (struct eii_place_state){ .uidvalidity = 8 };
	eii_document_put_place(document, OTHER, &place);
	out = eii_document_format(document);
	assert_string_equal(out, "{\"email_intel_imap\":{\"version\":1,\"mailboxes\":"
				 "{\"soc@mail.example/INBOX\":{\"uidvalidity\":8,\"cursor\":0}}},"
				 "\"b\":1}");
}

static void test_document__the_last_of_one_name_counts(void **state)
{
	(void)state;
	static const char text[] =
		"{\"email_intel_imap\":5,\"x\":1,\"email\\u005fintel_imap\":{\"version\":2,"
		"\"version\":1,\"mailboxes\":{\"soc@mail.example/INBOX\":{\"cursor\":1,"
		"\"uidvalidity\":9,\"cursor\":2}}}}";
	EII_AUTO(eii_document) document = eii_document_parse(text);
	EII_AUTO(eii_document) back = NULL;
	struct eii_place_state place;

	assert_true(eii_document_place(document, OTHER, &place));
	assert_int_equal(place.cursor, 2);
	place.cursor = 3;
	eii_document_put_place(document, OTHER, &place);
	back = again(document);
	assert_true(eii_document_place(back, OTHER, &place));
	assert_int_equal(place.cursor, 3);
}

/* ---- other programs ---------------------------------------------------- */

static void test_document__the_instant_is_read_in_all_its_forms(void **state)
{
	(void)state;
	static const struct {
		const char *value;
		int64_t unix_s;
	} cases[] = {
		{ "\"2026-08-20T13:56:00.123456+00:00\"", INSTANT },
		{ "\"2026-08-20 15:56:00+02:00\"", INSTANT },
		{ "\"\\u0032026-08-20T13:56:00Z\"", INSTANT },
		{ "\"9999-12-31T23:59:59Z\"", EII_TIMESTAMP_MAX_S },
		{ "\"1969-12-31T23:59:59Z\"", 0 },
		{ "\"10000-01-01T00:00:00Z\"", 0 },
		{ "\"\"", 0 },
		{ "1787234160", 0 },
		{ "null", 0 },
		{ "{}", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO_STR text = eii_asprintf("{\"last_email_ingestion\":%s}", cases[i].value);
		EII_AUTO(eii_document) document = eii_document_parse(text);

		CHECK(document && eii_document_ingestion(document) == cases[i].unix_s, "%s", text);
	}
}

static void test_document__setting_the_instant_to_0_takes_it_away(void **state)
{
	(void)state;
	EII_AUTO(eii_document) document = eii_document_parse(OFFICIAL);
	EII_AUTO_STR text = NULL;

	eii_document_set_ingestion(document, 0);
	text = eii_document_format(document);
	assert_string_equal(text, "{}");
}

static void test_document__reads_what_the_earlier_program_wrote(void **state)
{
	(void)state;
	/* As release 1.0.0 wrote it, a ring of one entry in the mailbox. */
	static const char text[] =
		"{\"last_email_ingestion\":\"2026-08-20T13:56:00+00:00\",\"email_intel_imap\":"
		"{\"version\":1,\"mailboxes\":{\"soc@mail.example/Reports \\\"1\\\"\":"
		"{\"uidvalidity\":4294967295,\"cursor\":4711,"
		"\"window\":{\"since\":\"2026-08-20T13:56:00+00:00\",\"uidnext\":9},\"starts\":2,"
		"\"in_hand\":{\"uid\":4712,\"attempts\":3},"
		"\"ids\":\"AAAAAAAAAAAAAAAAAAAAAA==\"}}}}";
	static const struct eii_place_state wanted = {
		.uidvalidity = UINT32_MAX,
		.cursor = 4711,
		.has_window = true,
		.window_since_s = INSTANT,
		.window_uidnext = 9,
		.n_starts = 2,
		.in_hand = { 4712, 3 },
	};
	EII_AUTO(eii_document) document = eii_document_parse(text);
	EII_AUTO(eii_ring) ring = NULL;
	struct eii_place_state place;

	assert_non_null(document);
	assert_int_equal(eii_document_ingestion(document), INSTANT);
	assert_true(eii_document_place(document, KEY, &place));
	same_place("earlier", &place, &wanted);
	ring = eii_document_ring(document, KEY);
	assert_int_equal(eii_ring_count(ring), 1);
}

/* The ring moves up from the mailbox, once; putting only the place leaves it there. */
static void test_document__the_earlier_ring_is_there_until_one_is_put(void **state)
{
	(void)state;
	EII_AUTO(eii_document)
	document = eii_document_parse(
		OURS("{\"uidvalidity\":7,\"cursor\":1,\"ids\":\"AAAAAAAAAAAAAAAAAAAAAA==\"}"));
	EII_AUTO(eii_document) second = NULL;
	EII_AUTO(eii_document) third = NULL;
	EII_AUTO(eii_ring) ring = NULL;
	EII_AUTO(eii_ring) ring_now = NULL;
	EII_AUTO(eii_ring) empty = eii_ring_new();
	EII_AUTO_STR text = NULL;
	struct eii_place_state place;

	assert_true(eii_document_place(document, OTHER, &place));
	eii_document_put_place(document, OTHER, &place);
	second = again(document);
	ring = eii_document_ring(second, OTHER);
	assert_int_equal(eii_ring_count(ring), 1);
	eii_document_put_place(second, OTHER, &place);
	eii_document_put_rings(second, empty, empty);
	third = again(second);
	ring_now = eii_document_ring(third, OTHER);
	assert_int_equal(eii_ring_count(ring_now), 0);
	text = eii_document_format(third);
	assert_null(strstr(text, "AAAA"));
}

/* As release 1.0.0 reads a number of its own. */
static bool read_u32(const struct eii_json *object, const char *name, uint64_t *out)
{
	return eii_json_as_u64(eii_json_get(object, name), UINT32_MAX, out);
}

static void test_document__the_earlier_program_finds_its_place(void **state)
{
	(void)state;
	static const struct {
		uint64_t uidvalidity;
		bool is_found;
	} cases[] = {
		{ 1, true },
		{ UINT32_MAX, true },
		{ (uint64_t)UINT32_MAX + 1, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_place_state place = {
			.uidvalidity = cases[i].uidvalidity,
			.cursor = UINT32_MAX,
			.has_window = true,
			.window_since_s = INSTANT,
			.window_uidnext = UINT32_MAX,
			.n_starts = 3,
			.in_hand = { 4, 5 },
			.back_uid = 6,
		};
		struct eii_ledger ledger = { .instance = UINT64_MAX, .work_id = "w" };
		EII_AUTO(eii_document) document = eii_document_parse(OFFICIAL);
		EII_AUTO(eii_ring) ring = eii_ring_new();
		EII_AUTO(eii_json) json = NULL;
		const struct eii_json *mailbox;
		uint64_t n;
		EII_AUTO_STR text = NULL;

		fill_aside(&place, EII_DOCUMENT_ASIDE);
		fill_ring(ring, 0, EII_RING_ENTRIES);
		eii_document_put_place(document, KEY, &place);
		eii_document_put_ledger(document, &ledger);
		eii_document_put_rings(document, ring, ring);
		text = eii_document_format(document);
		assert_int_equal(eii_json_parse(eii_text_of(text), SIZE_MAX, &json, NULL), EII_OK);
		mailbox = eii_json_get(
			eii_json_get(eii_json_get(json, "email_intel_imap"), "mailboxes"), KEY);
		CHECK(read_u32(mailbox, "uidvalidity", &n) == cases[i].is_found, "%zu", i);
		if (!cases[i].is_found)
			continue;
		CHECK(n == cases[i].uidvalidity, "%zu", i);
		assert_true(read_u32(mailbox, "cursor", &n) && n == UINT32_MAX);
		assert_true(read_u32(eii_json_get(mailbox, "window"), "uidnext", &n) &&
			    n == UINT32_MAX);
		assert_true(read_u32(eii_json_get(mailbox, "in_hand"), "uid", &n) && n == 4);
		assert_true(read_u32(eii_json_get(mailbox, "in_hand"), "attempts", &n) && n == 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_document__a_place_comes_back),
		cmocka_unit_test(test_document__the_ledger_comes_back),
		cmocka_unit_test(test_document__the_rings_come_back),
		cmocka_unit_test(test_document__writes_the_form_that_is_documented),
		cmocka_unit_test(test_document__what_is_unknown_comes_out_as_it_went_in),
		cmocka_unit_test(test_document__members_unknown_at_each_level_stay_in_their_order),
		cmocka_unit_test(test_document__a_later_version_is_not_read_and_gives_way_to_ours),
		cmocka_unit_test(test_document__the_last_of_one_name_counts),
		cmocka_unit_test(test_document__the_instant_is_read_in_all_its_forms),
		cmocka_unit_test(test_document__setting_the_instant_to_0_takes_it_away),
		cmocka_unit_test(test_document__reads_what_the_earlier_program_wrote),
		cmocka_unit_test(test_document__the_earlier_ring_is_there_until_one_is_put),
		cmocka_unit_test(test_document__the_earlier_program_finds_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
