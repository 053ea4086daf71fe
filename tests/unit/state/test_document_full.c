/* SPDX-License-Identifier: Apache-2.0 */
/* Our object within its 64 KiB: what gives way, and in what order. */
#include "document_support.h"

/* The whole of our object, as it stands in the text. */
static size_t ours_bytes(const char *text)
{
	const char *start = strstr(text, "\"email_intel_imap\":");

	assert_non_null(start);
	start += strlen("\"email_intel_imap\":");
	/* It is the last member in all of these. */
	return strlen(start) - 1;
}

struct counts {
	size_t bytes, n_back, n_ids, n_aside;
	bool has_place;
};

static struct counts counts_of(const struct eii_document *document, const char *key)
{
	EII_AUTO_STR text = eii_document_format(document);
	EII_AUTO(eii_document) parsed = eii_document_parse(text);
	EII_AUTO(eii_ring) ring = NULL;
	EII_AUTO(eii_ring) back = NULL;
	struct eii_place_state place = { 0 };
	struct counts counts = { .bytes = ours_bytes(text) };

	assert_non_null(parsed);
	ring = eii_document_ring(parsed, key);
	back = eii_document_back_ring(parsed);
	counts.has_place = eii_document_place(parsed, key, &place);
	counts.n_aside = place.n_aside;
	counts.n_ids = eii_ring_count(ring);
	counts.n_back = eii_ring_count(back);
	return counts;
}

static void test_document_full__256_mails_set_aside_come_back(void **state)
{
	(void)state;
	EII_AUTO(eii_document) document = eii_document_new();
	EII_AUTO(eii_document) back = NULL;
	struct eii_place_state place = { .uidvalidity = 7 }, read;

	fill_aside(&place, EII_DOCUMENT_ASIDE);
	eii_document_put_place(document, KEY, &place);
	back = again(document);
	assert_true(eii_document_place(back, KEY, &read));
	same_place("256", &read, &place);
}

/* All that one connector can have, over what a text has. */
static struct eii_document *full_over(const char *text)
{
	struct eii_document *document = eii_document_parse(text);
	EII_AUTO(eii_ring) ring = eii_ring_new();
	struct eii_place_state place = {
		.uidvalidity = UINT64_MAX,
		.cursor = UINT32_MAX,
		.has_window = true,
		.window_since_s = EII_TIMESTAMP_MAX_S,
		.window_uidnext = UINT32_MAX,
		.n_starts = UINT32_MAX,
		.in_hand = { UINT32_MAX, UINT32_MAX },
		.n_suspects = EII_DOCUMENT_SUSPECTS,
		.back_uid = UINT32_MAX,
		.passed_uid = UINT32_MAX,
		.ask_uid = UINT32_MAX,
		.owed_since_s = EII_TIMESTAMP_MAX_S,
		.troubled_uid = UINT32_MAX,
		.troubled_since_s = EII_TIMESTAMP_MAX_S,
	};
	struct eii_ledger ledger = {
		.instance = UINT64_MAX,
		.wrote_s = EII_TIMESTAMP_MAX_S,
		.limit_bytes = UINT64_MAX,
		.work_opened_s = EII_TIMESTAMP_MAX_S,
		.work_sent = UINT32_MAX,
		.work_told = UINT32_MAX,
		.n_cleared = UINT32_MAX,
	};

	assert_non_null(document);
	memset(ledger.work_id, 0x01, sizeof(ledger.work_id) - 1); /* six characters each */
	for (uint32_t i = 0; i < EII_DOCUMENT_SUSPECTS; i++)
		place.suspects[i] = (struct eii_suspect){ UINT32_MAX - i, UINT32_MAX };
	fill_aside(&place, EII_DOCUMENT_ASIDE);
	fill_ring(ring, 0, EII_RING_ENTRIES);
	eii_document_put_rings(document, ring, ring);
	eii_document_put_ledger(document, &ledger);
	eii_document_put_place(document, KEY, &place);
	return document;
}

static void test_document_full__all_of_one_connector_fits(void **state)
{
	(void)state;
	EII_AUTO(eii_document) document = full_over("{}");
	struct counts counts = counts_of(document, KEY);

	assert_true(counts.bytes < 40960); /* as docs/state.md says */
	assert_true(counts.has_place);
	assert_int_equal(counts.n_back, EII_RING_ENTRIES);
	assert_int_equal(counts.n_ids, EII_RING_ENTRIES);
	assert_int_equal(counts.n_aside, EII_DOCUMENT_ASIDE);
}

/* With an unknown member of n bytes in our object. */
static char *with_unknown(size_t n)
{
	return repeated("{\"email_intel_imap\":{\"version\":1,\"new\":\"", 'x', n, "\"}}");
}

static struct counts counts_with_unknown(size_t n)
{
	EII_AUTO_STR text = with_unknown(n);
	EII_AUTO(eii_document) document = full_over(text);

	return counts_of(document, KEY);
}

static void test_document_full__at_the_limit_all_is_kept_and_one_past_it_three_ids_go(void **state)
{
	(void)state;
	const size_t room = EII_DOCUMENT_OURS_BYTES - counts_with_unknown(0).bytes;
	struct counts at = counts_with_unknown(room), past = counts_with_unknown(room + 1);

	assert_int_equal(at.bytes, EII_DOCUMENT_OURS_BYTES);
	assert_int_equal(at.n_back, EII_RING_ENTRIES);
	assert_int_equal(past.bytes, EII_DOCUMENT_OURS_BYTES + 1 - 64);
	assert_int_equal(past.n_back, EII_RING_ENTRIES - 3);
	assert_int_equal(past.n_ids, EII_RING_ENTRIES);
}

/* The oldest go: what is assigned again to the newest is what it had. */
static void test_document_full__the_newest_ids_stay(void **state)
{
	(void)state;
	const size_t room = EII_DOCUMENT_OURS_BYTES - counts_with_unknown(0).bytes;
	EII_AUTO_STR text = with_unknown(room + 640);
	EII_AUTO(eii_document) document = full_over(text);
	EII_AUTO(eii_document) back = again(document);
	EII_AUTO(eii_ring) cut = eii_document_back_ring(back);
	EII_AUTO(eii_ring) whole = eii_document_ring(back, KEY);
	unsigned n = EII_RING_ENTRIES - 1;
	uint8_t newest[EII_RING_IDENTITY_BYTES] = { (uint8_t)(n >> 8), (uint8_t)n };
	EII_AUTO_STR id = eii_asprintf("report--%u", n);
	bool is_known;

	assert_int_equal(eii_ring_count(cut), EII_RING_ENTRIES - 30);
	assert_int_equal(eii_ring_assign(cut, EII_RING_DISTINCT, id, newest, 1, &is_known),
			 eii_ring_assign(whole, EII_RING_DISTINCT, id, newest, 1, &is_known));
	assert_true(is_known);
	assert_int_equal(eii_ring_count(cut), EII_RING_ENTRIES - 30);
}

/* What is over is 64 KiB or less at each size, and each stage waits for the one before. */
static void test_document_full__gives_way_in_its_order(void **state)
{
	(void)state;
	for (size_t n = 0; n < 80000; n += 997) {
		struct counts counts = counts_with_unknown(n);

		CHECK(counts.bytes <= EII_DOCUMENT_OURS_BYTES, "%zu", n);
		CHECK(counts.has_place, "%zu", n);
		CHECK(counts.n_ids == EII_RING_ENTRIES || !counts.n_back, "%zu", n);
		/* The unknown member goes before a mail that is set aside. */
		CHECK(counts.n_aside == EII_DOCUMENT_ASIDE, "%zu", n);
	}
}

#define FOLDERS 64

/* So many folders, with names as long as file systems have them and all that a place can hold. */
static struct eii_document *with_folders(size_t n_aside)
{
	EII_AUTO(eii_document) full = full_over("{}");
	struct eii_document *document = full_over("{}");
	struct eii_place_state place;

	assert_true(eii_document_place(full, KEY, &place));
	fill_aside(&place, n_aside);
	place.gone_s = EII_TIMESTAMP_MAX_S;
	place.has_turn = true;
	eii_document_drop_place(document, KEY);
	for (unsigned i = 0; i < FOLDERS; i++) {
		EII_AUTO_STR name = repeated("soc@mail.example/", 'n', 250, "");
		EII_AUTO_STR key = eii_asprintf("%s%02u", name, i);

		eii_document_put_place(document, key, &place);
	}
	return document;
}

static void test_document_full__so_many_folders_keep_their_places(void **state)
{
	static const size_t asides[] = { 0, 3, EII_DOCUMENT_ASIDE };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(asides); i++) {
		EII_AUTO(eii_document) document = with_folders(asides[i]);
		EII_AUTO_STR text = eii_document_format(document);
		EII_AUTO(eii_document) back = eii_document_parse(text);

		assert_non_null(back);
		CHECK(ours_bytes(text) <= EII_DOCUMENT_OURS_BYTES, "%zu", i);
		for (unsigned k = 0; k < FOLDERS; k++) {
			EII_AUTO_STR key = eii_document_key(back, "soc@mail.example/", k);
			struct eii_place_state place;

			CHECK(key && eii_document_place(back, key, &place), "%zu %u", i, k);
			CHECK(place.cursor == UINT32_MAX && place.has_turn, "%zu %u", i, k);
		}
	}
}

/* n mailboxes as an earlier version wrote them, each with a full ring. */
static char *with_mailboxes(unsigned n, size_t ring_chars, const char *more)
{
	EII_AUTO_STR ids = repeated("", 'A', ring_chars, "");
	struct eii_buf text;

	eii_buf_init(&text, EII_DOCUMENT_MAX_BYTES);
	eii_buf_add_str(&text, "{\"email_intel_imap\":{\"version\":1,\"mailboxes\":{");
	for (unsigned i = 0; i < n; i++)
		eii_buf_addf(&text, "%s\"m%u\":{\"uidvalidity\":1,\"cursor\":%u,\"ids\":\"%s\"%s}",
			     i ? "," : "", i, i, ids, more);
	eii_buf_add_str(&text, "}}}");
	assert_true(eii_buf_ok(&text));
	return eii_buf_detach(&text);
}

static void test_document_full__other_mailboxes_lose_their_rings_and_stay(void **state)
{
	(void)state;
	EII_AUTO_STR text = with_mailboxes(20, 10922, "");
	EII_AUTO(eii_document) document = full_over(text);
	EII_AUTO(eii_document) back = again(document);
	struct counts counts = counts_of(document, KEY);
	struct eii_place_state place;

	assert_true(counts.bytes <= EII_DOCUMENT_OURS_BYTES);
	assert_int_equal(counts.n_back, 0);
	assert_int_equal(counts.n_ids, 0);
	assert_int_equal(counts.n_aside, EII_DOCUMENT_ASIDE);
	for (unsigned i = 0; i < 20; i++) {
		EII_AUTO_STR key = eii_asprintf("m%u", i);

		CHECK(eii_document_place(back, key, &place), "%u", i);
		CHECK(place.cursor == i, "%u", i);
	}
}

/* An earlier program's text over the limit is read, and written within it. */
static void test_document_full__nothing_put_is_within_the_limit_too(void **state)
{
	(void)state;
	EII_AUTO_STR text = with_mailboxes(20, 10922, "");
	EII_AUTO(eii_document) document = eii_document_parse(text);
	struct counts counts = counts_of(document, "m3");

	assert_true(counts.bytes <= EII_DOCUMENT_OURS_BYTES);
	assert_true(counts.has_place);
}

static void test_document_full__thousands_of_mailboxes_leave_our_place(void **state)
{
	(void)state;
	EII_AUTO_STR text =
		with_mailboxes(4000, 4, ",\"new\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"");
	EII_AUTO(eii_document) document = full_over(text);
	struct counts counts = counts_of(document, KEY);

	assert_true(counts.bytes <= EII_DOCUMENT_OURS_BYTES);
	assert_true(counts.has_place);
}

/* A known member that is large and odd is in nobody's way. */
static void test_document_full__odd_members_of_ours_are_bounded(void **state)
{
	(void)state;
	static const char *const cases[] = {
		"\"instance\":\"",
		"\"wrote\":\"",
		"\"work\":{\"id\":\"w\",\"x\":\"",
		"\"ids\":\"\\\"\\u00e9",
		"\"back_ids\":\"",
		"\"mailboxes\":\"",
		"\"mailboxes\":{\"soc@mail.example/INBOX\":\"",
		"\"mailboxes\":{\"soc@mail.example/INBOX\":{\"x\":\"",
		"\"mailboxes\":{\"soc@mail.example/INBOX\":{\"window\":{\"x\":\"",
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO_STR start =
			eii_asprintf("{\"email_intel_imap\":{\"version\":1,%s", cases[i]);
		size_t n_open = 0;
		EII_AUTO_STR ends = NULL;
		EII_AUTO_STR text = NULL;
		EII_AUTO(eii_document) document = NULL;
		EII_AUTO(eii_document) untouched = NULL;
		EII_AUTO_STR out = NULL;
		struct eii_place_state place = { .uidvalidity = 7, .has_window = true };

		for (const char *p = start; *p; p++)
			n_open += *p == '{';
		ends = repeated("\"", '}', n_open, "");
		text = repeated(start, 'x', 100000, ends);
		untouched = eii_document_parse(text);
		CHECK(untouched, "%s", cases[i]);
		out = eii_document_format(untouched);
		CHECK(ours_bytes(out) <= EII_DOCUMENT_OURS_BYTES, "%s", cases[i]);
		document = eii_document_parse(text);
		eii_document_put_place(document, OTHER, &place);
		CHECK(counts_of(document, OTHER).bytes <= EII_DOCUMENT_OURS_BYTES, "%s", cases[i]);
		CHECK(counts_of(document, OTHER).has_place, "%s", cases[i]);
	}
}

/* No mailbox is named like that; the object is whole all the same. */
static void test_document_full__a_key_over_the_limit_has_no_place(void **state)
{
	(void)state;
	EII_AUTO_STR key = repeated("", 'k', EII_DOCUMENT_OURS_BYTES, "");
	EII_AUTO(eii_document) document = eii_document_new();
	struct eii_place_state place = { .uidvalidity = 7 };

	eii_document_put_place(document, key, &place);
	assert_true(counts_of(document, key).bytes < EII_DOCUMENT_OURS_BYTES);
}

/* Two mailboxes over one another's limit: the mails set aside give way from the last on. */
static void test_document_full__of_the_mails_set_aside_the_latest_go(void **state)
{
	(void)state;
	EII_AUTO(eii_document) document = full_over("{}");
	EII_AUTO(eii_document) back = NULL;
	struct eii_place_state place, read;
	size_t n_aside = 0;
	EII_AUTO_STR text = NULL;

	assert_true(eii_document_place(document, KEY, &place));
	for (unsigned i = 0; i < 6; i++) {
		EII_AUTO_STR key = eii_asprintf("m%u", i);

		eii_document_put_place(document, key, &place);
	}
	text = eii_document_format(document);
	assert_true(ours_bytes(text) <= EII_DOCUMENT_OURS_BYTES);
	back = eii_document_parse(text);
	for (unsigned i = 0; i < 6; i++) {
		EII_AUTO_STR key = eii_asprintf("m%u", i);

		CHECK(eii_document_place(back, key, &read), "%u", i);
		n_aside += read.n_aside;
		for (size_t j = 0; j < read.n_aside; j++)
			CHECK(read.aside[j].uid == place.aside[j].uid, "%u %zu", i, j);
	}
	assert_in_range(n_aside, 900, 1535);
}

/* Of a place both what is unknown and mails set aside may have to go. */
static void test_document_full__a_place_loses_what_is_unknown_before_its_mails(void **state)
{
	(void)state;
	EII_AUTO_STR text =
		repeated("{\"email_intel_imap\":{\"version\":1,\"mailboxes\":{\"m0\":{\"new\":\"",
			 'x', 60000, "\"}}}}");
	EII_AUTO(eii_document) document = full_over(text);
	EII_AUTO(eii_document) back = NULL;
	struct eii_place_state place, read;

	assert_true(eii_document_place(document, KEY, &place));
	for (unsigned i = 0; i < 6; i++) {
		EII_AUTO_STR key = eii_asprintf("m%u", i);

		eii_document_put_place(document, key, &place);
	}
	assert_true(counts_of(document, KEY).bytes <= EII_DOCUMENT_OURS_BYTES);
	back = again(document);
	assert_true(eii_document_place(back, "m0", &read));
	assert_true(eii_document_place(back, "m5", &read));
	assert_int_equal(read.n_aside, EII_DOCUMENT_ASIDE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_document_full__256_mails_set_aside_come_back),
		cmocka_unit_test(test_document_full__all_of_one_connector_fits),
		cmocka_unit_test(
			test_document_full__at_the_limit_all_is_kept_and_one_past_it_three_ids_go),
		cmocka_unit_test(test_document_full__the_newest_ids_stay),
		cmocka_unit_test(test_document_full__so_many_folders_keep_their_places),
		cmocka_unit_test(test_document_full__gives_way_in_its_order),
		cmocka_unit_test(test_document_full__other_mailboxes_lose_their_rings_and_stay),
		cmocka_unit_test(test_document_full__nothing_put_is_within_the_limit_too),
		cmocka_unit_test(test_document_full__thousands_of_mailboxes_leave_our_place),
		cmocka_unit_test(test_document_full__odd_members_of_ours_are_bounded),
		cmocka_unit_test(test_document_full__a_key_over_the_limit_has_no_place),
		cmocka_unit_test(test_document_full__of_the_mails_set_aside_the_latest_go),
		cmocka_unit_test(
			test_document_full__a_place_loses_what_is_unknown_before_its_mails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
