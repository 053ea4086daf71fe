/* SPDX-License-Identifier: Apache-2.0 */
/* The instants of a stop, and what it still does. */
#include "eii/core/core.h"

#include "core_private.h"
#include "core_scene.h"
#include "support.h"

#define SENT_NUMBER UINT64_C(500)

/* Whether an order of the type was given since the last look. */
static bool was_ordered(enum eii_order_type type)
{
	struct eii_order order;
	bool was = false;

	while (eii_core_take_order(core, &order))
		was = was || order.type == type;
	return was;
}

/* ---- the connection to the queue ----------------------------------------- */

static uint16_t take(uint32_t uid, enum eii_stage stage)
{
	const struct eii_size_info info = { .uid = uid };
	uint16_t slot;

	(void)eii_place_list(core->place, &info);
	slot = eii_line_take(&core->line, uid, 1000);
	core->line.entries[slot].n_messages = 1;
	eii_line_move(&core->line, slot, stage);
	return slot;
}

/* Mails flow, and the message of UID 7 waits for its confirm. */
static void stop_with_one_open(void)
{
	struct eii_message message = { .number = SENT_NUMBER,
				       .kind = EII_MESSAGE_REPORT,
				       .sent_ms = START_MS };

	core->run.phase = EII_PHASE_FLOW;
	core->run.has_work = true;
	core->link.state = EII_LINK_READY;
	core->place->is_known = true;
	core->store.ledger.work_id[0] = 'w';
	message.slot = take(7, EII_STAGE_SENT);
	core->line.entries[message.slot].n_sent = 1;
	core->line.entries[message.slot].n_open = 1;
	eii_link_write(&core->link, &message);
	tell(EII_FACT_STOP, START_MS);
}

static void test_core_stop__sends_what_is_made_for_three_seconds(void **state)
{
	static const struct {
		int64_t after_ms;
		bool is_sent;
	} rows[] = {
		{ 0, true },
		{ EII_STOP_CONVERT_MS - 1, true },
		{ EII_STOP_CONVERT_MS, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)core_set_up(state);
		stop_with_one_open();
		assert_false(was_ordered(EII_ORDER_SEND));
		(void)take(8, EII_STAGE_READY);
		tell(EII_FACT_TIME, START_MS + rows[i].after_ms);
		CHECK(was_ordered(EII_ORDER_SEND) == rows[i].is_sent, "row %zu", i);
		(void)core_tear_down(state);
	}
}

static void test_core_stop__waits_seven_seconds_for_confirms(void **state)
{
	(void)state;
	stop_with_one_open();
	tell(EII_FACT_TIME, START_MS + EII_STOP_CONFIRM_MS - 1);
	assert_false(was_ordered(EII_ORDER_HANG_UP));
	assert_int_equal(eii_core_wakes_at_ms(core), START_MS + EII_STOP_CONFIRM_MS);
	tell(EII_FACT_TIME, START_MS + EII_STOP_CONFIRM_MS);
	assert_true(was_ordered(EII_ORDER_HANG_UP));
}

/* A report that is being made, and nothing under way: the core wakes by itself. */
static void test_core_stop__waits_three_seconds_for_what_is_being_made(void **state)
{
	(void)state;
	stop_with_one_open();
	tell(EII_FACT_TIME, START_MS);
	core->link.n_open = 0;
	core->link.n = 0;
	core->line.entries[eii_line_first(&core->line, EII_STAGE_SENT)].n_open = 0;
	(void)take(8, EII_STAGE_MAKING);
	tell(EII_FACT_TIME, START_MS + EII_STOP_CONVERT_MS - 1);
	assert_false(was_ordered(EII_ORDER_HANG_UP));
	assert_int_equal(eii_core_wakes_at_ms(core), START_MS + EII_STOP_CONVERT_MS);
	tell(EII_FACT_TIME, START_MS + EII_STOP_CONVERT_MS);
	assert_true(was_ordered(EII_ORDER_HANG_UP));
}

static void test_core_stop__counts_a_confirm_of_the_last_instant(void **state)
{
	const struct eii_fact confirm = { .type = EII_FACT_QUEUE_OUTCOME,
					  .order = SENT_NUMBER,
					  .now_ms = START_MS + EII_STOP_CONFIRM_MS - 1,
					  .unix_s = START_UNIX_S,
					  .outcome = { .result = EII_OUTCOME_CONFIRMED } };

	(void)state;
	stop_with_one_open();
	eii_core_tell(core, &confirm);
	assert_int_equal(core->run.n_reports, 1);
	assert_int_equal(core->store.ledger.work_sent, 1);
	assert_int_equal(core->place->s.cursor, 7);
	/* Nothing else is waited for. */
	assert_true(was_ordered(EII_ORDER_HANG_UP));
}

static void test_core_stop__is_over_in_time_whatever_hangs(void **state)
{
	(void)state;
	stop_with_one_open();
	core->registry.is_live = true;
	core->store.is_live = true;
	tell(EII_FACT_TIME, START_MS + EII_STOP_CONFIRM_MS);
	tell(EII_FACT_TIME, START_MS + EII_STOP_WORK_MS - 1);
	assert_false(eii_core_is_over(core));
	assert_int_equal(eii_core_wakes_at_ms(core), START_MS + EII_STOP_WORK_MS);
	tell(EII_FACT_TIME, START_MS + EII_STOP_WORK_MS);
	assert_true(eii_core_is_over(core));
	assert_true(was_ordered(EII_ORDER_OVER));
}

/* ---- the platform ---------------------------------------------------------- */

/* The next order of the platform's part, with what comes before it dropped. */
static struct eii_order take_call(void)
{
	struct eii_order order;

	while (eii_core_take_order(core, &order)) {
		if (order.number == core->calls.order)
			return order;
	}
	return (struct eii_order){ .type = EII_ORDER_NONE };
}

static void begin_an_open_work(uint32_t n_untold)
{
	struct eii_ledger *ledger = &core->store.ledger;

	core->registry.is_live = true;
	core->store.is_live = true;
	core->place->is_known = true;
	core->place->s.uidvalidity = 7;
	ledger->work_id[0] = 'w';
	ledger->work_sent = 3;
	ledger->work_told = 3 - n_untold;
	eii_core_touch(core);
}

static void cut(const struct eii_order *order, int64_t now_ms)
{
	const struct eii_fact fact = { .type = EII_FACT_PLATFORM_FAILED,
				       .order = order->number,
				       .now_ms = now_ms,
				       .unix_s = START_UNIX_S,
				       .failure = { .kind = EII_FAILURE_CUT,
						    .is_outcome_unknown = true } };

	eii_core_tell(core, &fact);
}

/* Pings hang; whatever else is asked is answered. */
static void test_core_stop__closes_the_work_where_pings_hang(void **state)
{
	static const struct {
		uint32_t n_untold;
		enum eii_order_type next;
	} rows[] = { { 2, EII_ORDER_WORK_TELL }, { 0, EII_ORDER_WORK_CLOSE } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_order order;

		(void)core_set_up(state);
		begin_an_open_work(rows[i].n_untold);
		tell(EII_FACT_STOP, START_MS);
		order = take_call();
		CHECK(order.type == EII_ORDER_PING, "row %zu: %d", i, order.type);
		cut(&order, START_MS + EII_STOP_CUT_MS);
		order = take_call();
		CHECK(order.type == rows[i].next, "row %zu: %d", i, order.type);
		(void)core_tear_down(state);
	}
}

/* A ping that hung before it did not carry what was confirmed since: it is tried once more. */
static void test_core_stop__stores_first_where_a_ping_hung_before_it(void **state)
{
	struct eii_order order;

	(void)state;
	begin_an_open_work(2);
	core->registry.is_wanted = false;
	core->store.seen_ms = START_MS;
	tell(EII_FACT_TIME, START_MS);
	order = take_call();
	assert_int_equal(order.type, EII_ORDER_PING);
	tell(EII_FACT_STOP, START_MS + 1);
	cut(&order, START_MS + 1 + EII_STOP_CUT_MS);
	order = take_call();
	assert_int_equal(order.type, EII_ORDER_READ_STATE);
	cut(&order, START_MS + 1 + 2 * EII_STOP_CUT_MS);
	/* Neither leaves the Work without its turn. */
	assert_false(eii_core_is_over(core));
	order = take_call();
	assert_int_equal(order.type, EII_ORDER_WORK_TELL);
}

static void pong(const struct eii_order *order, int64_t now_ms)
{
	char *text = strdup(order->ping.state);
	const struct eii_fact fact = { .type = EII_FACT_PONG,
				       .order = order->number,
				       .now_ms = now_ms,
				       .unix_s = START_UNIX_S,
				       .text = text };

	eii_core_tell(core, &fact);
	free(text);
}

/* The Work's calls hang; the place is stored, and a mail is confirmed behind that. */
static void test_core_stop__stores_what_is_confirmed_while_the_works_calls_hang(void **state)
{
	struct eii_fact confirm = { .type = EII_FACT_QUEUE_OUTCOME,
				    .order = SENT_NUMBER,
				    .unix_s = START_UNIX_S,
				    .outcome = { .result = EII_OUTCOME_CONFIRMED } };
	struct eii_fact hung_up = { .type = EII_FACT_QUEUE_HUNG_UP, .unix_s = START_UNIX_S };
	struct eii_order order, hang_up;
	int64_t now_ms = START_MS;

	(void)state;
	begin_an_open_work(2);
	core->work.can_say = true;
	core->store.seen_ms = START_MS;
	stop_with_one_open();
	order = take_call();
	assert_int_equal(order.type, EII_ORDER_PING);
	pong(&order, ++now_ms);
	for (int i = 0; i < 3; i++) {
		order = take_call();
		CHECK(order.type == EII_ORDER_WORK_TELL || order.type == EII_ORDER_WORK_LOOK,
		      "%d: %d", i, order.type);
		if (i < 2)
			cut(&order, now_ms += EII_STOP_CUT_MS);
	}
	confirm.now_ms = ++now_ms;
	eii_core_tell(core, &confirm);
	assert_int_equal(core->run.n_reports, 1);
	assert_true(take_order(EII_ORDER_HANG_UP, &hang_up));
	hung_up.order = hang_up.number;
	hung_up.now_ms = ++now_ms;
	eii_core_tell(core, &hung_up);
	assert_false(eii_core_is_over(core));
	cut(&order, now_ms + EII_STOP_CUT_MS);
	assert_int_equal(take_call().type, EII_ORDER_PING);
}

#define STOP_TEST(name) cmocka_unit_test_setup_teardown(name, core_set_up, core_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_core_stop__sends_what_is_made_for_three_seconds),
		STOP_TEST(test_core_stop__waits_seven_seconds_for_confirms),
		STOP_TEST(test_core_stop__waits_three_seconds_for_what_is_being_made),
		STOP_TEST(test_core_stop__counts_a_confirm_of_the_last_instant),
		STOP_TEST(test_core_stop__is_over_in_time_whatever_hangs),
		cmocka_unit_test(test_core_stop__closes_the_work_where_pings_hang),
		STOP_TEST(test_core_stop__stores_first_where_a_ping_hung_before_it),
		STOP_TEST(test_core_stop__stores_what_is_confirmed_while_the_works_calls_hang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
