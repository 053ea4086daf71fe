/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/state/state.h"

#include "eii/base/alloc.h"

#include "support.h"

#define KEY      "soc@mail.example/Reports \"1\""
#define INSTANT  INT64_C(1787234160)
#define OFFICIAL "{\"last_email_ingestion\": \"2026-08-20T13:56:00+00:00\"}"

static struct eii_mailbox_state *full_mailbox(void)
{
	struct eii_mailbox_state *mailbox = eii_mailbox_state_new();
	static const uint8_t identity[EII_RING_IDENTITY_BYTES] = { 1, 2, 3 };

	mailbox->uidvalidity = UINT32_MAX;
	mailbox->cursor = 4711;
	mailbox->has_window = true;
	mailbox->window_since_s = INSTANT;
	mailbox->window_uidnext = 4800;
	mailbox->n_starts = 2;
	mailbox->in_hand_uid = 4712;
	mailbox->in_hand_attempts = 3;
	(void)eii_ring_assign(mailbox->ring, EII_RING_COMPATIBLE, "report--x", identity, 1);
	return mailbox;
}

static void check_same(const struct eii_mailbox_state *a, const struct eii_mailbox_state *b)
{
	assert_non_null(a);
	assert_int_equal(a->uidvalidity, b->uidvalidity);
	assert_int_equal(a->cursor, b->cursor);
	assert_int_equal(a->has_window, b->has_window);
	assert_int_equal(a->window_since_s, b->window_since_s);
	assert_int_equal(a->window_uidnext, b->window_uidnext);
	assert_int_equal(a->n_starts, b->n_starts);
	assert_int_equal(a->in_hand_uid, b->in_hand_uid);
	assert_int_equal(a->in_hand_attempts, b->in_hand_attempts);
	assert_int_equal(eii_ring_count(a->ring), eii_ring_count(b->ring));
}

static void test_state__a_mailbox_comes_back(void **state)
{
	(void)state;
	EII_AUTO(eii_mailbox_state) mailbox = full_mailbox();
	EII_AUTO(eii_mailbox_state) back = NULL;
	EII_AUTO(eii_mailbox_state) copy = eii_mailbox_state_copy(mailbox);
	EII_AUTO(eii_state) first = eii_state_new();
	EII_AUTO(eii_state) second = NULL;
	EII_AUTO_STR text = NULL;

	check_same(copy, mailbox);
	eii_state_put_mailbox(first, KEY, mailbox);
	text = eii_state_format(first);
	second = eii_state_parse(text);
	back = eii_state_get_mailbox(second, KEY);
	check_same(back, mailbox);
	assert_null(eii_state_get_mailbox(second, "other@mail.example/INBOX"));
}

static void test_state__the_official_one_is_taken_over(void **state)
{
	(void)state;
	EII_AUTO(eii_state) official = eii_state_parse(OFFICIAL);

	assert_false(eii_state_is_empty(official));
	assert_int_equal(eii_state_last_ingestion(official), INSTANT);
	assert_null(eii_state_get_mailbox(official, KEY));
}

static void test_state__writes_the_instant_as_the_official_one(void **state)
{
	(void)state;
	EII_AUTO(eii_state) ours = eii_state_new();
	EII_AUTO_STR text = NULL;

	eii_state_set_last_ingestion(ours, INSTANT);
	assert_int_equal(eii_state_last_ingestion(ours), INSTANT);
	text = eii_state_format(ours);
	assert_string_equal(text, "{\"last_email_ingestion\":\"2026-08-20T13:56:00+00:00\"}");
}

static void test_state__foreign_members_come_out_as_they_went_in(void **state)
{
	(void)state;
	static const char text[] = "{\"z\":1.50e400,\"last_email_ingestion\":\"x\",\"caf\\u00e9\":"
				   "[{\"a\": \"\\\"}\"}],\"n\":12345678901234567890}";
	EII_AUTO(eii_state) parsed = eii_state_parse(text);
	EII_AUTO_STR same = eii_state_format(parsed);
	EII_AUTO_STR changed = NULL;

	assert_string_equal(same, text);
	assert_int_equal(eii_state_last_ingestion(parsed), 0);
	eii_state_set_last_ingestion(parsed, INSTANT);
	changed = eii_state_format(parsed);
	assert_string_equal(
		changed, "{\"z\":1.50e400,\"last_email_ingestion\":\"2026-08-20T13:56:00+00:00\","
			 "\"caf\\u00e9\":[{\"a\": \"\\\"}\"}],\"n\":12345678901234567890}");
}

static void test_state__sees_that_another_connector_went_on(void **state)
{
	static const struct {
		const char *ours, *seen, *left;
		bool is_overtaken;
	} cases[] = {
		{ "1", "2026-08-20T13:56:00+00:00", "2026-08-20T13:56:00+00:00", false },
		{ "1", "2026-08-20T13:56:01+00:00", "2026-08-20T13:56:00+00:00", true },
		{ "1", "2026-08-20T13:55:59+00:00", "2026-08-20T13:56:00+00:00", false },
		{ "1", "2026-08-20T13:56:00+00:00", "1970-01-01T00:00:00+00:00", true },
		{ "1", "2026-08-20T13:56:00+00:00", "garbage", false },
		{ "1", "garbage", "2026-08-20T13:56:00+00:00", false },
		{ "2", "2026-08-20T13:56:01+00:00", "2026-08-20T13:56:00+00:00", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		EII_AUTO_STR text = eii_asprintf(
			"{\"last_email_ingestion\":\"%s\",\"email_intel_imap\":{\"version\":%s,"
			"\"left\":\"%s\",\"mailboxes\":{\"k\":{\"uidvalidity\":1,\"cursor\":5}}}}",
			cases[i].seen, cases[i].ours, cases[i].left);
		EII_AUTO(eii_state) parsed = eii_state_parse(text);
		EII_AUTO_STR same = eii_state_format(parsed);
		EII_AUTO(eii_state) again = eii_state_parse(same);

		CHECK(eii_state_is_overtaken(parsed) == cases[i].is_overtaken, "case %zu", i);
		CHECK(eii_state_is_overtaken(again) == cases[i].is_overtaken, "case %zu", i);
		eii_state_catch_up(parsed);
		CHECK(!eii_state_is_overtaken(parsed), "case %zu", i);
	}
}

static void test_state__what_is_written_here_overtakes_nobody(void **state)
{
	EII_AUTO(eii_state) ours = eii_state_new();
	EII_AUTO(eii_mailbox_state) mailbox = eii_mailbox_state_new();
	EII_AUTO(eii_state) parsed = NULL;
	EII_AUTO_STR text = NULL;

	(void)state;
	assert_false(eii_state_is_overtaken(ours));
	mailbox->uidvalidity = 1;
	eii_state_put_mailbox(ours, "k", mailbox);
	eii_state_set_last_ingestion(ours, 1787234160);
	assert_false(eii_state_is_overtaken(ours));
	text = eii_state_format(ours);
	parsed = eii_state_parse(text);
	assert_false(eii_state_is_overtaken(parsed));
}

static void test_state__other_mailboxes_stay(void **state)
{
	(void)state;
	static const char text[] =
		"{\"email_intel_imap\":{\"version\":1,\"mailboxes\":{\"a@b/c\":{\"uidvalidity\":1,"
		"\"cursor\":5,\"later\":[1]},\"d@e/f\":{\"uidvalidity\":2,\"cursor\":6}}},\"k\":0}";
	EII_AUTO(eii_state) parsed = eii_state_parse(text);
	EII_AUTO(eii_mailbox_state) mailbox = eii_state_get_mailbox(parsed, "d@e/f");
	EII_AUTO_STR out = NULL;

	assert_non_null(mailbox);
	assert_int_equal(mailbox->cursor, 6);
	mailbox->cursor = 7;
	eii_state_put_mailbox(parsed, "d@e/f", mailbox);
	out = eii_state_format(parsed);
	assert_string_equal(
		out, "{\"k\":0,\"email_intel_imap\":{\"version\":1,\"mailboxes\":{\"a@b/c\":"
		     "{\"uidvalidity\":1,\"cursor\":5,\"later\":[1]},\"d@e/f\":{\"uidvalidity\":2,"
		     "\"cursor\":7}}}}");
}

static void test_state__what_is_none_is_empty(void **state)
{
	(void)state;
	static const char *const texts[] = {
		NULL, "",      " \n",     "null", "{}",   "[]",
		"12", "\"{\"", "{\"a\":", "{]",   "\xff", "{\"a\":1}x"
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		EII_AUTO(eii_state) parsed = eii_state_parse(texts[i]);
		EII_AUTO_STR out = eii_state_format(parsed);

		CHECK(eii_state_is_empty(parsed), "%s", texts[i] ? texts[i] : "NULL");
		CHECK(strcmp(out, "{}") == 0, "%s", out);
	}
}

static void test_state__an_empty_echo_is_null_blank_or_the_word(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool is_empty;
	} cases[] = {
		{ NULL, true },  { "", true },      { "  ", true },       { "null", true },
		{ "{}", false }, { "\"\"", false }, { "garbage", false }, { OFFICIAL, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK(eii_state_text_is_empty(cases[i].text) == cases[i].is_empty, "row %zu", i);
}

/* Each is a document that is fine but for ours: no place then, rather than a wrong one. */
static void test_state__a_place_that_makes_no_sense_is_none(void **state)
{
	(void)state;
	static const char *const ours[] = {
		"null",
		"[]",
		"{}",
		"{\"version\":1}",
		"{\"version\":2,\"mailboxes\":{\"k\":{\"uidvalidity\":1,\"cursor\":5}}}",
		"{\"version\":0,\"mailboxes\":{\"k\":{\"uidvalidity\":1,\"cursor\":5}}}",
		"{\"version\":1,\"mailboxes\":[]}",
		"{\"version\":1,\"mailboxes\":{\"k\":7}}",
		"{\"version\":1,\"mailboxes\":{\"k\":{\"uidvalidity\":0,\"cursor\":5}}}",
		"{\"version\":1,\"mailboxes\":{\"k\":{\"uidvalidity\":\"1\",\"cursor\":5}}}",
		"{\"version\":1,\"mailboxes\":{\"k\":{\"uidvalidity\":1}}}",
		"{\"version\":1,\"mailboxes\":{\"k\":{\"uidvalidity\":1,\"cursor\":-1}}}",
		"{\"version\":1,\"mailboxes\":{\"k\":{\"uidvalidity\":1,\"cursor\":4294967296}}}",
		"{\"version\":1,\"mailboxes\":{\"k\":{\"uidvalidity\":1.5,\"cursor\":1}}}",
	};

	for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
		char text[512];
		EII_AUTO(eii_state) parsed = NULL;

		(void)snprintf(text, sizeof(text), "{\"email_intel_imap\":%s}", ours[i]);
		parsed = eii_state_parse(text);
		CHECK(!eii_state_get_mailbox(parsed, "k"), "%s", ours[i]);
	}
}

static void test_state__a_half_window_or_a_broken_ring_is_left_out(void **state)
{
	(void)state;
	static const char text[] =
		"{\"email_intel_imap\":{\"version\":1,\"mailboxes\":{\"k\":{\"uidvalidity\":1,"
		"\"cursor\":5,\"window\":{\"since\":\"soon\",\"uidnext\":9},\"ids\":\"x\","
		"\"in_hand\":7,\"starts\":\"many\"}}}}";
	EII_AUTO(eii_state) parsed = eii_state_parse(text);
	EII_AUTO(eii_mailbox_state) mailbox = eii_state_get_mailbox(parsed, "k");

	assert_non_null(mailbox);
	assert_false(mailbox->has_window);
	assert_int_equal(mailbox->n_starts, 0);
	assert_int_equal(mailbox->in_hand_uid, 0);
	assert_int_equal(eii_ring_count(mailbox->ring), 0);
}

static void test_state__stays_small(void **state)
{
	(void)state;
	EII_AUTO(eii_mailbox_state) mailbox = full_mailbox();
	EII_AUTO(eii_state) ours = eii_state_new();
	EII_AUTO_STR text = NULL;

	for (uint32_t i = 0; i < 2 * EII_RING_ENTRIES; i++) {
		uint8_t identity[EII_RING_IDENTITY_BYTES] = { 0 };

		memcpy(identity, &i, sizeof(i));
		(void)eii_ring_assign(mailbox->ring, EII_RING_COMPATIBLE, "report--y", identity, i);
	}
	eii_state_put_mailbox(ours, KEY, mailbox);
	eii_state_put_mailbox(ours, KEY, mailbox);
	text = eii_state_format(ours);
	assert_in_range(strlen(text), 10000, 12000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_state__a_mailbox_comes_back),
		cmocka_unit_test(test_state__the_official_one_is_taken_over),
		cmocka_unit_test(test_state__writes_the_instant_as_the_official_one),
		cmocka_unit_test(test_state__foreign_members_come_out_as_they_went_in),
		cmocka_unit_test(test_state__sees_that_another_connector_went_on),
		cmocka_unit_test(test_state__what_is_written_here_overtakes_nobody),
		cmocka_unit_test(test_state__other_mailboxes_stay),
		cmocka_unit_test(test_state__what_is_none_is_empty),
		cmocka_unit_test(test_state__an_empty_echo_is_null_blank_or_the_word),
		cmocka_unit_test(test_state__a_place_that_makes_no_sense_is_none),
		cmocka_unit_test(test_state__a_half_window_or_a_broken_ring_is_left_out),
		cmocka_unit_test(test_state__stays_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
