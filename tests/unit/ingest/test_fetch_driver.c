/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/fetch_driver.h"

#include <poll.h>

#include "../imap/script.h"
#include "eii/base/clock.h"
#include "scene.h"
#include "support.h"

#define HELLO "<* PREAUTH [CAPABILITY IMAP4rev1] hi"
#define EXAMINE                                                                                    \
	">A1 EXAMINE \"INBOX\"", "<* 3 EXISTS", "<* OK [UIDVALIDITY 7] ok",                        \
		"<* OK [UIDNEXT 12] ok", "<A1 OK [READ-ONLY] done"
#define GOODBYE(tag) ">" tag " LOGOUT", "<* BYE so long", "<" tag " OK x"

struct fixture {
	struct scene scene;
	struct script *script;
	struct eii_imap_options imap;
	struct eii_fetch_driver *driver;
};

static void prepare(struct fixture *f, const char *const *steps)
{
	struct eii_fetch_driver_options options = { .imap = &f->imap, .folder = "INBOX" };

	scene_init(&f->scene);
	f->script = script_start(steps);
	f->imap = script_options(f->script);
	options.lane = f->scene.lane;
	f->driver = eii_fetch_driver_new(&options);
}

static void expect_open(struct fixture *f, uint64_t order)
{
	struct eii_note *note = scene_take(&f->scene, EII_FACT_MAILBOX_OPENED, order);

	assert_int_equal(note->fact.folder.uidvalidity, 7);
	assert_int_equal(note->fact.folder.uidnext, 12);
	assert_int_equal(note->fact.folder.n_mails, 3);
	eii_note_free(note);
}

/* A driver whose session is open: the script begins with HELLO and EXAMINE. */
static void begin(struct fixture *f, const char *const *steps)
{
	prepare(f, steps);
	scene_start(&f->scene, eii_fetch_driver_run, f->driver);
	expect_open(f, scene_do(&f->scene, EII_ORDER_OPEN));
}

static void end(struct fixture *f)
{
	scene_stop(&f->scene);
	assert_true(script_stop(f->script));
	eii_fetch_driver_free(f->driver);
	scene_clear(&f->scene);
}

static uint64_t fetch(struct fixture *f, const struct eii_fetch_item *items, uint16_t n)
{
	struct eii_order order = scene_order(&f->scene, EII_ORDER_FETCH);

	order.fetch.items = items;
	order.fetch.n = n;
	scene_post(&f->scene, &order);
	return order.number;
}

static void expect_body(struct fixture *f, uint64_t order, uint32_t uid, uint16_t slot,
			enum eii_body_result result, const char *bytes)
{
	struct eii_note *note = scene_take(&f->scene, EII_FACT_MAILBOX_BODY, order);

	CHECK(note->fact.body.uid == uid && note->fact.body.slot == slot, "uid %u in slot %u",
	      note->fact.body.uid, note->fact.body.slot);
	CHECK(note->fact.body.result == result, "uid %u: %d", uid, note->fact.body.result);
	if (bytes) {
		assert_string_equal(note->raw, bytes);
		assert_int_equal(note->fact.body.len, strlen(bytes));
	} else {
		assert_null(note->raw);
	}
	eii_note_free(note);
}

/* ---- what there is ----------------------------------------------------- */

static void test_fetch_driver__walks_the_list_of_a_search_by_sizes(void **state)
{
	static const char *const steps[] = {
		HELLO,
		EXAMINE,
		">A2 UID SEARCH UID 3:4294967295",
		"<* SEARCH 11 5 4",
		"<A2 OK x",
		">A3 UID FETCH 4,5 (UID RFC822.SIZE INTERNALDATE)",
		"<* 1 FETCH (UID 4 RFC822.SIZE 10 INTERNALDATE \"20-Aug-2026 13:56:00 +0000\")",
		"<A3 OK x",
		">A4 UID FETCH 11 (UID RFC822.SIZE INTERNALDATE)",
		"<A4 OK x",
		">A5 UID SEARCH UID 5:5",
		"<* SEARCH 5",
		"<A5 OK x",
		">A6 UID SEARCH UID 6:6",
		"<* SEARCH",
		"<A6 OK x",
		">A7 NOOP",
		"<A7 OK x",
		GOODBYE("A8"),
		NULL
	};
	struct eii_order order;
	struct eii_note *note;
	struct fixture f;

	(void)state;
	begin(&f, steps);
	order = scene_order(&f.scene, EII_ORDER_SEARCH);
	order.search.first = 3;
	order.search.since_unix_s = EII_ORDER_SEARCH_ALL;
	scene_post(&f.scene, &order);
	note = scene_take(&f.scene, EII_FACT_MAILBOX_SEARCHED, order.number);
	assert_int_equal(note->fact.search.n, 3);
	assert_int_equal(note->fact.search.lowest, 4);
	assert_int_equal(note->fact.search.highest, 11);
	eii_note_free(note);

	order = scene_order(&f.scene, EII_ORDER_SIZES);
	order.sizes.max = 2;
	scene_post(&f.scene, &order);
	note = scene_take(&f.scene, EII_FACT_MAILBOX_SIZES, order.number);
	assert_int_equal(note->fact.sizes.n, 2);
	assert_true(note->fact.sizes.infos[0].has_size && note->fact.sizes.infos[0].has_date);
	assert_int_equal(note->fact.sizes.infos[0].size_bytes, 10);
	assert_int_equal(note->fact.sizes.infos[1].uid, 5);
	assert_false(note->fact.sizes.infos[1].has_size);
	assert_false(note->fact.sizes.is_end);
	eii_note_free(note);
	order = scene_order(&f.scene, EII_ORDER_SIZES);
	order.sizes.after = 5;
	order.sizes.max = 250;
	scene_post(&f.scene, &order);
	note = scene_take(&f.scene, EII_FACT_MAILBOX_SIZES, order.number);
	assert_int_equal(note->fact.sizes.n, 1);
	assert_true(note->fact.sizes.is_end);
	eii_note_free(note);

	for (uint32_t uid = 5; uid <= 6; uid++) {
		order = scene_order(&f.scene, EII_ORDER_FIND);
		order.find.uid = uid;
		scene_post(&f.scene, &order);
		note = scene_take(&f.scene, EII_FACT_MAILBOX_FOUND, order.number);
		CHECK(note->fact.yes == (uid == 5), "uid %u", uid);
		eii_note_free(note);
	}
	scene_expect(&f.scene, EII_FACT_MAILBOX_LOOKED, scene_do(&f.scene, EII_ORDER_LOOK));
	end(&f);
}

static void test_fetch_driver__tells_which_mails_a_refused_sizes_asked_for(void **state)
{
	static const char *const steps[] = { HELLO,
					     EXAMINE,
					     ">A2 UID SEARCH UID 1:4294967295",
					     "<* SEARCH 4 5",
					     "<A2 OK x",
					     ">A3 UID FETCH 4,5 (UID RFC822.SIZE INTERNALDATE)",
					     "<A3 NO not now",
					     GOODBYE("A4"),
					     NULL };
	struct eii_order order;
	struct eii_note *note;
	struct fixture f;

	(void)state;
	begin(&f, steps);
	order = scene_order(&f.scene, EII_ORDER_SEARCH);
	order.search.since_unix_s = EII_ORDER_SEARCH_ALL;
	scene_post(&f.scene, &order);
	scene_expect(&f.scene, EII_FACT_MAILBOX_SEARCHED, order.number);
	order = scene_order(&f.scene, EII_ORDER_SIZES);
	order.sizes.max = 250;
	scene_post(&f.scene, &order);
	note = scene_take(&f.scene, EII_FACT_MAILBOX_FAILED, order.number);
	assert_int_equal(note->fact.failure.kind, EII_FAILURE_PASSING);
	assert_true(note->fact.failure.lives);
	assert_int_equal(note->fact.sizes.n, 2);
	assert_int_equal(note->fact.sizes.infos[1].uid, 5);
	assert_false(note->fact.sizes.infos[1].has_size);
	eii_note_free(note);
	end(&f);
}

/* OK alone is no answer, also where it is asked for once more; "none" is one. */
static void test_fetch_driver__tells_an_answer_of_none_from_no_answer(void **state)
{
	static const char *const steps[] = { HELLO,
					     EXAMINE,
					     ">A2 UID SEARCH UID 3:4294967295",
					     "<A2 OK x",
					     ">A3 UID SEARCH UID 3:4294967295",
					     "<A3 OK x",
					     ">A4 UID SEARCH UID 3:4294967295",
					     "<* SEARCH",
					     "<A4 OK x",
					     ">A5 UID FETCH 3:4294967295 (UID)",
					     "<* 3 FETCH (UID 9)",
					     "<A5 OK x",
					     GOODBYE("A6"),
					     NULL };
	/* The third time the empty answer is not believed, and another way is taken. */
	static const struct {
		bool has_answer;
		uint32_t n;
	} expected[] = { { false, 0 }, { true, 0 }, { true, 1 } };
	struct fixture f;

	(void)state;
	begin(&f, steps);
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		struct eii_order order = scene_order(&f.scene, EII_ORDER_SEARCH);
		struct eii_note *note;

		order.search.first = 3;
		order.search.since_unix_s = EII_ORDER_SEARCH_ALL;
		scene_post(&f.scene, &order);
		note = scene_take(&f.scene, EII_FACT_MAILBOX_SEARCHED, order.number);
		CHECK(note->fact.search.has_answer == expected[i].has_answer, "look %zu", i);
		CHECK(note->fact.search.n == expected[i].n, "look %zu: %u", i, note->fact.search.n);
		eii_note_free(note);
	}
	end(&f);
}

/* ---- bodies ------------------------------------------------------------ */

/* The server waits for the second command before it ends its first answer. */
static void test_fetch_driver__sends_the_next_fetch_before_it_has_read_the_last(void **state)
{
	static const char *const steps[] = { HELLO,
					     EXAMINE,
					     ">A2 UID FETCH 4 (UID BODY.PEEK[])",
					     "<* 1 FETCH (UID 4 BODY[] {3}",
					     "<one)",
					     ">A3 UID FETCH 5 (UID BODY.PEEK[])",
					     "<A2 OK x",
					     "<* 2 FETCH (UID 5 BODY[] {3}",
					     "<two)",
					     "<A3 OK x",
					     GOODBYE("A4"),
					     NULL };
	const struct eii_fetch_item first = { .uid = 4, .slot = 10, .granted_bytes = 100 };
	const struct eii_fetch_item second = { .uid = 5, .slot = 11, .granted_bytes = 100 };
	uint64_t opened, order_1, order_2;
	struct fixture f;

	(void)state;
	prepare(&f, steps);
	opened = scene_do(&f.scene, EII_ORDER_OPEN);
	order_1 = fetch(&f, &first, 1);
	order_2 = fetch(&f, &second, 1);
	scene_start(&f.scene, eii_fetch_driver_run, f.driver);
	expect_open(&f, opened);
	expect_body(&f, order_1, 4, 10, EII_BODY_CAME, "one");
	scene_expect(&f.scene, EII_FACT_MAILBOX_FETCHED, order_1);
	expect_body(&f, order_2, 5, 11, EII_BODY_CAME, "two");
	scene_expect(&f.scene, EII_FACT_MAILBOX_FETCHED, order_2);
	end(&f);
}

/* 4 fits to the byte, 5 is one over, 6 is empty, 7 does not come, 8 is NIL. */
static void test_fetch_driver__takes_no_byte_more_than_was_granted(void **state)
{
	static const char *const steps[] = { HELLO,
					     EXAMINE,
					     ">A2 UID FETCH 4:8 (UID BODY.PEEK[])",
					     "<* 1 FETCH (UID 4 BODY[] {3}",
					     "<one)",
					     "<* 2 FETCH (UID 5 BODY[] {4}",
					     "<four)",
					     "<* 3 FETCH (UID 6 BODY[] {0}",
					     "<)",
					     "<* 5 FETCH (UID 8 BODY[] NIL)",
					     "<A2 OK x",
					     GOODBYE("A3"),
					     NULL };
	const struct eii_fetch_item items[] = { { .uid = 4, .slot = 0, .granted_bytes = 3 },
						{ .uid = 5, .slot = 1, .granted_bytes = 3 },
						{ .uid = 6, .slot = 2, .granted_bytes = 3 },
						{ .uid = 7, .slot = 3, .granted_bytes = 3 },
						{ .uid = 8, .slot = 4, .granted_bytes = 3 } };
	struct fixture f;
	uint64_t order;

	(void)state;
	begin(&f, steps);
	order = fetch(&f, items, ARRAY_LEN(items));
	expect_body(&f, order, 4, 0, EII_BODY_CAME, "one");
	expect_body(&f, order, 5, 1, EII_BODY_TOO_LARGE, NULL);
	expect_body(&f, order, 6, 2, EII_BODY_EMPTY, NULL);
	expect_body(&f, order, 8, 4, EII_BODY_NIL, NULL);
	scene_expect(&f.scene, EII_FACT_MAILBOX_FETCHED, order);
	end(&f);
}

static void test_fetch_driver__answers_each_fetch_that_dies_with_the_session(void **state)
{
	static const char *const steps[] = { HELLO,
					     EXAMINE,
					     ">A2 UID FETCH 4 (UID BODY.PEEK[])",
					     ">A3 UID FETCH 5 (UID BODY.PEEK[])",
					     "<* 1 FETCH (UID 4 BODY[] {300}",
					     "<half",
					     NULL };
	const struct eii_fetch_item first = { .uid = 4, .slot = 10, .granted_bytes = 1000 };
	const struct eii_fetch_item second = { .uid = 5, .slot = 11, .granted_bytes = 1000 };
	uint64_t opened, order_1, order_2;
	struct eii_note *note;
	struct fixture f;

	(void)state;
	prepare(&f, steps);
	opened = scene_do(&f.scene, EII_ORDER_OPEN);
	order_1 = fetch(&f, &first, 1);
	order_2 = fetch(&f, &second, 1);
	scene_start(&f.scene, eii_fetch_driver_run, f.driver);
	expect_open(&f, opened);
	note = scene_take(&f.scene, EII_FACT_MAILBOX_FAILED, order_1);
	assert_int_equal(note->fact.failure.kind, EII_FAILURE_UNREACHABLE);
	assert_false(note->fact.failure.lives);
	eii_note_free(note);
	scene_expect_failure(&f.scene, EII_FACT_MAILBOX_FAILED, order_2, EII_FAILURE_UNREACHABLE);
	/* Nothing goes on without a session. */
	scene_expect_failure(&f.scene, EII_FACT_MAILBOX_FAILED, fetch(&f, &first, 1),
			     EII_FAILURE_UNREACHABLE);
	end(&f);
}

static void test_fetch_driver__a_refused_fetch_leaves_the_session(void **state)
{
	static const char *const steps[] = { HELLO,
					     EXAMINE,
					     ">A2 UID FETCH 4 (UID BODY.PEEK[])",
					     "<A2 NO [SERVERBUG] no",
					     ">A3 UID FETCH 4 (UID BODY.PEEK[])",
					     "<A3 OK x",
					     GOODBYE("A4"),
					     NULL };
	const struct eii_fetch_item item = { .uid = 4, .slot = 10, .granted_bytes = 1000 };
	struct eii_note *note;
	struct fixture f;

	(void)state;
	begin(&f, steps);
	note = scene_take(&f.scene, EII_FACT_MAILBOX_FAILED, fetch(&f, &item, 1));
	assert_int_equal(note->fact.failure.kind, EII_FAILURE_PASSING);
	assert_true(note->fact.failure.lives);
	eii_note_free(note);
	scene_expect(&f.scene, EII_FACT_MAILBOX_FETCHED, fetch(&f, &item, 1));
	end(&f);
}

/* ---- cuts -------------------------------------------------------------- */

static void test_fetch_driver__a_cut_ends_a_wait_at_once(void **state)
{
	static const char *const steps[] = { HELLO,
					     EXAMINE,
					     ">A2 UID FETCH 4,5 (UID BODY.PEEK[])",
					     "<* 1 FETCH (UID 4 BODY[] {3}",
					     "<one)",
					     "#",
					     NULL };
	const struct eii_fetch_item items[] = { { .uid = 4, .slot = 0, .granted_bytes = 1000 },
						{ .uid = 5, .slot = 1, .granted_bytes = 1000 } };
	struct fixture f;
	uint64_t order;

	(void)state;
	begin(&f, steps);
	order = fetch(&f, items, ARRAY_LEN(items));
	expect_body(&f, order, 4, 0, EII_BODY_CAME, "one");
	eii_lane_cut(f.scene.lane);
	scene_expect_failure(&f.scene, EII_FACT_MAILBOX_FAILED, order, EII_FAILURE_CUT);
	end(&f);
}

/* What hangs beyond its order's instant is cut by the heart, and took too long. */
static void test_fetch_driver__a_cut_at_the_deadline_is_no_answer_in_time(void **state)
{
	static const char *const steps[] = { HELLO, EXAMINE, ">A2 NOOP", "#", NULL };
	struct eii_order order;
	struct fixture f;

	(void)state;
	begin(&f, steps);
	order = scene_order(&f.scene, EII_ORDER_LOOK);
	order.deadline_ms = eii_clock_monotonic_ms() + SCRIPT_SHORT_MS;
	scene_post(&f.scene, &order);
	while (eii_lane_due_ms(f.scene.lane) > eii_clock_monotonic_ms())
		(void)poll(NULL, 0, eii_clock_left_ms(eii_lane_due_ms(f.scene.lane)));
	eii_lane_cut(f.scene.lane);
	scene_expect_failure(&f.scene, EII_FACT_MAILBOX_FAILED, order.number,
			     EII_FAILURE_UNREACHABLE);
	end(&f);
}

#define TEST(name) cmocka_unit_test(test_fetch_driver__##name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(walks_the_list_of_a_search_by_sizes),
		TEST(tells_which_mails_a_refused_sizes_asked_for),
		TEST(tells_an_answer_of_none_from_no_answer),
		TEST(sends_the_next_fetch_before_it_has_read_the_last),
		TEST(takes_no_byte_more_than_was_granted),
		TEST(answers_each_fetch_that_dies_with_the_session),
		TEST(a_refused_fetch_leaves_the_session),
		TEST(a_cut_ends_a_wait_at_once),
		TEST(a_cut_at_the_deadline_is_no_answer_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
