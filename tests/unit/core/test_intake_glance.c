/* SPDX-License-Identifier: Apache-2.0 */
/* Between two runs: what comes to the folders that are not open. */
#include "support.h"
#include "turns_scene.h"

#define MINUTE_MS 60000

static void see(const char *name, uint64_t uidvalidity, uint32_t uidnext)
{
	turns_folder(name)->survey.folder =
		(struct eii_folder_view){ .uidvalidity = uidvalidity, .uidnext = uidnext };
}

static void rest(void)
{
	eii_turns_rest(core);
	core->folders.open = eii_folders_at(&core->folders);
	core->run.phase = EII_PHASE_IDLE;
	core->schedule.due_ms = core->pulse.now_ms + INT64_C(1000) * PERIOD_S;
	(void)eii_watch_allow(&core->watch, &core->pulse, 0);
}

/* A run has ended with three folders, and the session is open. */
static void begin(void)
{
	LIST("+a", "+b", "+c", "d");
	see("a", 1, 10);
	see("b", 2, 20);
	see("c", 3, 30);
	core->pulse.config.push = EII_CORE_PUSH_AUTO;
	core->registry.is_live = core->store.is_live = true;
	core->store.stored = core->store.sent = core->store.newest;
	core->reader.is_open = true;
	core->reader.talked_ms = START_MS;
	rest();
}

static void answer(const struct eii_order *order, struct eii_fact fact)
{
	fact.now_ms = core->pulse.now_ms;
	fact.unix_s = START_UNIX_S;
	fact.order = order->number;
	eii_core_tell(core, &fact);
}

/* The two others say these numbers; gives what is asked for then. */
static enum eii_order_type glimpse(struct eii_glimpse b, struct eii_glimpse c)
{
	const struct eii_glimpse both[] = { b, c };
	struct eii_order order;

	assert_true(take_order(EII_ORDER_GLANCE, &order));
	answer(&order, (struct eii_fact){ .type = EII_FACT_MAILBOX_GLANCED,
					  .glance = { .glimpses = both, .n = 2 } });
	return core->reader.doing;
}

#define B(...) ((struct eii_glimpse){ __VA_ARGS__ })
#define C(...) B(__VA_ARGS__)

static void test_glance__is_at_the_folders_that_are_not_open_behind_a_run(void **state)
{
	struct eii_order order;

	(void)state;
	begin();
	tell(EII_FACT_TIME, START_MS);
	assert_true(take_order(EII_ORDER_GLANCE, &order));
	assert_int_equal(order.glance.n, 2);
	assert_string_equal(order.glance.names[0], "b");
	assert_string_equal(order.glance.names[1], "c");
	assert_int_equal(order.deadline_ms, START_MS + EII_READER_CALL_MS);
}

static void test_glance__comes_after_a_minute_of_idle(void **state)
{
	struct eii_order watch;

	(void)state;
	begin();
	tell(EII_FACT_TIME, START_MS);
	assert_int_equal(glimpse(B(2, 20), C(3, 30)), EII_ORDER_WATCH);
	assert_true(take_order(EII_ORDER_WATCH, &watch));
	assert_int_equal(watch.watch.until_ms, START_MS + MINUTE_MS);
	/* A server that ends IDLE by itself causes no glance before its time. */
	tell(EII_FACT_TIME, START_MS + MINUTE_MS - 1);
	answer(&watch, (struct eii_fact){ .type = EII_FACT_MAILBOX_WATCHED });
	assert_int_equal(core->reader.doing, EII_ORDER_WATCH);
	assert_true(take_order(EII_ORDER_WATCH, &watch));
	assert_int_equal(watch.watch.until_ms, START_MS + MINUTE_MS);
	tell(EII_FACT_TIME, START_MS + MINUTE_MS);
	answer(&watch, (struct eii_fact){ .type = EII_FACT_MAILBOX_WATCHED });
	assert_int_equal(core->reader.doing, EII_ORDER_GLANCE);
}

static void test_glance__that_shows_another_number_begins_a_run_with_that_folder(void **state)
{
	static const struct {
		const char *what;
		struct eii_glimpse b, c;
		const char *first; /* NULL = no run */
	} rows[] = {
		{ "as they were", { 2, 20 }, { 3, 30 }, NULL },
		{ "a mail in the second", { 2, 21 }, { 3, 30 }, "b" },
		{ "a mail in the third", { 2, 20 }, { 3, 31 }, "c" },
		{ "in both", { 2, 21 }, { 3, 31 }, "b" },
		{ "a new numbering", { 2, 20 }, { 4, 30 }, "c" },
		{ "back", { 2, 20 }, { 3, 29 }, "c" },
		{ "one is refused", { 0, 0 }, { 3, 31 }, "c" },
		{ "both are", { 0, 0 }, { 0, 0 }, NULL },
		{ "UIDNEXT is not told", { 2, 0 }, { 3, 0 }, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_order order;
		bool is_run;

		(void)turns_set_up(state);
		begin();
		tell(EII_FACT_TIME, START_MS);
		(void)glimpse(rows[i].b, rows[i].c);
		is_run = core->run.phase == EII_PHASE_LOOK;
		CHECK(is_run == (rows[i].first != NULL), "%s", rows[i].what);
		if (is_run) {
			assert_true(take_order(EII_ORDER_LIST, &order));
			LIST("+a", "+b", "+c", "d");
			CHECK(strcmp(eii_turns_name(core), rows[i].first) == 0, "%s", rows[i].what);
			/* The one after it begins as it always does. */
			LIST("+a", "+b", "+c", "d");
			assert_string_equal(eii_turns_name(core), rows[i].first);
		}
		(void)core_tear_down(state);
	}
	(void)turns_set_up(state);
}

static void test_glance__that_no_examine_confirms_causes_no_run_every_minute(void **state)
{
	(void)state;
	begin();
	for (unsigned i = 0; i <= EII_FOLDERS_TOLD; i++) {
		bool is_run;

		tell(EII_FACT_TIME, core->pulse.now_ms + MINUTE_MS);
		(void)glimpse(B(2, 21), C(3, 30));
		is_run = core->run.phase == EII_PHASE_LOOK;
		CHECK(is_run == (i < EII_FOLDERS_TOLD), "%u", i);
		core->reader.doing = EII_ORDER_NONE;
		rest();
	}
	/* What comes then is another number, if the look at it is put off for a while. */
	tell(EII_FACT_TIME, core->pulse.now_ms + MINUTE_MS);
	(void)glimpse(B(2, 22), C(3, 30));
	assert_int_equal(core->run.phase, EII_PHASE_IDLE);
	tell(EII_FACT_TIME, core->pulse.now_ms + EII_WATCH_WORTH_MS);
	assert_int_equal(core->run.phase, EII_PHASE_LOOK);
}

static void test_glance__is_not_at_what_the_server_refused_or_nobody_looked_at(void **state)
{
	struct eii_order order;

	(void)state;
	begin();
	turns_folder("b")->is_refused = true;
	tell(EII_FACT_TIME, START_MS);
	assert_true(take_order(EII_ORDER_GLANCE, &order));
	assert_int_equal(order.glance.n, 1);
	assert_string_equal(order.glance.names[0], "c");
	(void)core_tear_down(state);
	(void)turns_set_up(state);
	begin();
	turns_folder("b")->is_refused = true;
	see("c", 0, 0);
	tell(EII_FACT_TIME, START_MS);
	assert_int_equal(core->reader.doing, EII_ORDER_WATCH);
}

static void test_glance__that_fails_is_nobody_elses_trouble(void **state)
{
	const struct eii_fact failed = { .type = EII_FACT_MAILBOX_FAILED,
					 .failure = { .kind = EII_FAILURE_UNREACHABLE } };
	struct eii_order order;
	struct eii_event event;

	(void)state;
	begin();
	tell(EII_FACT_TIME, START_MS);
	assert_true(take_order(EII_ORDER_GLANCE, &order));
	/* Also where a run has begun meanwhile. */
	tell(EII_FACT_WAKE, START_MS + 1);
	assert_int_equal(core->run.phase, EII_PHASE_LOOK);
	answer(&order, failed);
	assert_int_equal(core->reader.attempt.n, 0);
	assert_false(take_event(EII_EVENT_FAULT, &event));
	assert_int_equal(core->reader.doing, EII_ORDER_OPEN);
	assert_int_equal(core->watch.glance_ms, START_MS + 1 + INT64_C(2) * MINUTE_MS);
}

static void test_glance__is_not_waited_for_at_a_stop(void **state)
{
	struct eii_order order;

	(void)state;
	begin();
	tell(EII_FACT_TIME, START_MS);
	assert_true(take_order(EII_ORDER_GLANCE, &order));
	tell(EII_FACT_STOP, START_MS + 1);
	assert_true(take_order(EII_ORDER_OVER, &order));
}

static void test_glance__has_nothing_to_do_where_one_folder_is_read(void **state)
{
	(void)state;
	begin();
	LIST("+a");
	rest();
	core->store.stored = core->store.sent = core->store.newest;
	tell(EII_FACT_TIME, START_MS);
	assert_int_equal(core->reader.doing, EII_ORDER_WATCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_glance__is_at_the_folders_that_are_not_open_behind_a_run, turns_set_up,
			core_tear_down),
		cmocka_unit_test_setup_teardown(test_glance__comes_after_a_minute_of_idle,
						turns_set_up, core_tear_down),
		cmocka_unit_test_setup_teardown(
			test_glance__that_shows_another_number_begins_a_run_with_that_folder, NULL,
			core_tear_down),
		cmocka_unit_test_setup_teardown(
			test_glance__that_no_examine_confirms_causes_no_run_every_minute,
			turns_set_up, core_tear_down),
		cmocka_unit_test_setup_teardown(
			test_glance__is_not_at_what_the_server_refused_or_nobody_looked_at,
			turns_set_up, core_tear_down),
		cmocka_unit_test_setup_teardown(test_glance__that_fails_is_nobody_elses_trouble,
						turns_set_up, core_tear_down),
		cmocka_unit_test_setup_teardown(test_glance__is_not_waited_for_at_a_stop,
						turns_set_up, core_tear_down),
		cmocka_unit_test_setup_teardown(
			test_glance__has_nothing_to_do_where_one_folder_is_read, turns_set_up,
			core_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
