/* SPDX-License-Identifier: Apache-2.0 */
/* What the core does on its connection to the queue. */
#include "core_private.h"
#include "core_scene.h"
#include "support.h"
#include "wire.h"

static int64_t queue_fault(void)
{
	struct eii_core_view view;

	eii_core_view(core, &view);
	return view.fault_since_ms[EII_PART_QUEUE];
}

/* ---- an account that is refused -------------------------------------------- */

static void tell_registered(int64_t now_ms, bool is_broker_new)
{
	const struct eii_fact fact = { .type = EII_FACT_REGISTERED,
				       .order = 77,
				       .now_ms = now_ms,
				       .unix_s = START_UNIX_S,
				       .registered.is_broker_new = is_broker_new };

	core->calls.doing = EII_ORDER_REGISTER;
	core->calls.order = fact.order;
	eii_core_tell(core, &fact);
}

/* What the platform told before was refused: it waits until something else is told. */
static void test_core_queue__dials_at_once_by_what_a_new_registration_tells(void **state)
{
	static const struct eii_failure refused = { .kind = EII_FAILURE_CREDENTIALS };

	(void)state;
	core->registry.is_live = core->registry.was_live = true;
	eii_attempt_failed(&core->link.dial, &core->pulse, &refused);
	assert_true(core->link.dial.due_ms > START_MS);
	tell_registered(START_MS, false);
	assert_true(core->link.dial.due_ms > START_MS);
	tell_registered(START_MS, true);
	assert_int_equal(core->link.dial.due_ms, 0);
}

/* ---- an alarm ------------------------------------------------------------- */

static void test_core_queue__shows_an_alarm_as_a_fault_of_the_queue(void **state)
{
	(void)state;
	core->link.state = EII_LINK_READY;
	core->run.phase = EII_PHASE_FLOW;
	assert_int_equal(queue_fault(), 0);
	tell(EII_FACT_QUEUE_BLOCKED, START_MS + 5);
	assert_int_equal(queue_fault(), START_MS + 5);
	core->teller.faults[EII_PART_QUEUE].since_ms = START_MS + 6; /* a later one */
	assert_int_equal(queue_fault(), START_MS + 5);
	core->teller.faults[EII_PART_QUEUE].since_ms = START_MS + 4; /* an earlier one */
	assert_int_equal(queue_fault(), START_MS + 4);
	core->teller.faults[EII_PART_QUEUE].since_ms = 0;
	tell(EII_FACT_QUEUE_UNBLOCKED, START_MS + 7);
	assert_int_equal(queue_fault(), 0);
}

static void test_core_queue__says_why_the_broker_takes_nothing(void **state)
{
	char words[EII_CORE_WORDS_BYTES + 10];
	struct eii_fact fact = { .type = EII_FACT_QUEUE_BLOCKED,
				 .now_ms = START_MS,
				 .unix_s = START_UNIX_S,
				 .text = words };
	struct eii_event event;

	(void)state;
	memset(words, 'w', sizeof(words) - 1);
	words[sizeof(words) - 1] = '\0';
	core->link.state = EII_LINK_READY;
	core->run.phase = EII_PHASE_FLOW;
	eii_core_tell(core, &fact);
	memset(words, 'x', sizeof(words)); /* a fact's text is the driver's */
	tell(EII_FACT_TIME, START_MS + EII_TELLER_STANDS_MS - 1);
	assert_false(take_event(EII_EVENT_BLOCKED, &event));
	tell(EII_FACT_TIME, START_MS + EII_TELLER_STANDS_MS);
	assert_true(take_event(EII_EVENT_BLOCKED, &event));
	assert_int_equal(event.a, EII_TELLER_STANDS_MS / 1000);
	assert_int_equal(strlen(event.words), EII_CORE_WORDS_BYTES - 1);
	assert_int_equal(strspn(event.words, "w"), EII_CORE_WORDS_BYTES - 1);
	/* One without words has none of an earlier one. */
	tell(EII_FACT_QUEUE_UNBLOCKED, START_MS + EII_TELLER_STANDS_MS);
	tell(EII_FACT_QUEUE_BLOCKED, START_MS + EII_TELLER_STANDS_MS);
	tell(EII_FACT_TIME, START_MS + 2 * EII_TELLER_STANDS_MS);
	assert_true(take_event(EII_EVENT_BLOCKED, &event));
	assert_string_equal(event.words, "");
}

static void test_core_queue__hands_a_nacked_marking_over_again_after_a_pause(void **state)
{
	const struct eii_message marking = { .number = 500, .kind = EII_MESSAGE_MARKING };
	const struct eii_fact nacked = { .type = EII_FACT_QUEUE_OUTCOME,
					 .order = 500,
					 .now_ms = START_MS,
					 .unix_s = START_UNIX_S,
					 .outcome = { .result = EII_OUTCOME_NACKED } };
	struct eii_order order;
	int64_t due_ms;

	(void)state;
	core->run.phase = EII_PHASE_FLOW;
	core->link.state = EII_LINK_MARKING;
	core->link.is_marking_sent = true;
	core->link.ask_since_ms = START_MS;
	eii_link_write(&core->link, &marking);
	eii_core_tell(core, &nacked);
	due_ms = core->link.nack.due_ms;
	assert_true(due_ms > START_MS);
	tell(EII_FACT_TIME, due_ms - 1);
	assert_false(take_order(EII_ORDER_SEND, &order));
	tell(EII_FACT_TIME, due_ms);
	assert_true(take_order(EII_ORDER_SEND, &order));
	assert_int_equal(order.send.kind, EII_MESSAGE_MARKING);
	assert_int_equal(core->link.state, EII_LINK_MARKING); /* no new connection for it */
}

static void expect_object(enum eii_message_kind kind, unsigned index)
{
	struct eii_order order;

	assert_true(take_order(EII_ORDER_SEND, &order));
	assert_int_equal(order.send.kind, kind);
	assert_int_equal(order.send.index, index);
}

static void test_core_queue__hands_over_all_authors_and_markings(void **state)
{
	struct eii_order order;

	(void)state;
	core->pulse.config.n_more_authors = 1;
	core->pulse.config.n_more_markings = 1;
	core->run.phase = EII_PHASE_FLOW;
	core->link.state = EII_LINK_AUTHOR;
	eii_wire_author_confirmed(core);
	expect_object(EII_MESSAGE_AUTHOR, 1);
	expect_object(EII_MESSAGE_MARKING, 0);
	expect_object(EII_MESSAGE_MARKING, 1);
	assert_false(take_order(EII_ORDER_SEND, &order));
	/* A line that breaks may have lost the author, though the marking is there. */
	core->link.knows_marking = true;
	eii_wire_is_over(core);
	assert_false(core->link.is_marking_sent);
	core->link.knows_author = true;
	core->link.is_marking_sent = true;
	eii_wire_is_over(core);
	assert_true(core->link.is_marking_sent);
}

static void test_core_queue__never_sends_the_platforms_own_marking(void **state)
{
	struct eii_order order;

	(void)state;
	core->pulse.config.marking_is_given = true;
	core->pulse.config.n_more_markings = 1;
	core->run.phase = EII_PHASE_FLOW;
	core->link.state = EII_LINK_AUTHOR;
	eii_wire_author_confirmed(core);
	expect_object(EII_MESSAGE_MARKING, 1);
	assert_false(take_order(EII_ORDER_SEND, &order));
}

/* ---- bursts ----------------------------------------------------------------- */

static unsigned n_sends(void)
{
	struct eii_order order;
	unsigned n = 0;

	eii_outlet_tend(core);
	while (eii_core_take_order(core, &order))
		n += order.type == EII_ORDER_SEND;
	return n;
}

static void be_ready(void)
{
	struct eii_entry *entry = take_mail(EII_STAGE_READY);

	entry->n_messages = 1;
	entry->bytes[0] = 100;
}

/* A connection on which reports go, and a mail that is on its way to be one. */
static void have_one_on_its_way(void)
{
	core->run.phase = EII_PHASE_FLOW;
	core->link.state = EII_LINK_READY;
	(void)take_mail(EII_STAGE_RAW);
	be_ready();
	assert_int_equal(n_sends(), 1);
}

static void test_core_queue__sends_in_bursts_while_mails_are_on_their_way(void **state)
{
	(void)state;
	have_one_on_its_way();
	be_ready();
	be_ready();
	assert_int_equal(n_sends(), 0);
	core->pulse.now_ms += EII_BURST_MS;
	assert_int_equal(n_sends(), 2);
	/* The last ones wait for nobody. */
	be_ready();
	assert_int_equal(n_sends(), 0);
	eii_outlet_drop(core, (uint16_t)eii_line_first(&core->line, EII_STAGE_CONVERTING));
	assert_int_equal(n_sends(), 1);
}

static void test_core_queue__fills_the_window_at_once(void **state)
{
	(void)state;
	have_one_on_its_way();
	/* One is open. */
	for (uint32_t i = 2; i < core->pulse.config.window_messages; i++)
		be_ready();
	assert_int_equal(n_sends(), 0);
	be_ready();
	assert_int_equal(n_sends(), core->pulse.config.window_messages - 1);
}

static void test_core_queue__holds_no_message_back_across_a_stop(void **state)
{
	(void)state;
	have_one_on_its_way();
	be_ready();
	assert_int_equal(n_sends(), 0);
	core->pulse.stop_ms = core->pulse.now_ms;
	assert_int_equal(n_sends(), 1);
}

/* ---- files alone ------------------------------------------------------------ */

static void answer(enum eii_fact_type type, uint64_t order)
{
	const struct eii_fact fact = {
		.type = type, .order = order, .now_ms = core->pulse.now_ms, .unix_s = START_UNIX_S
	};

	eii_core_tell(core, &fact);
}

/* A directory that is open, and a mail of which the platform might have a report. */
static uint64_t have_one_written(void)
{
	struct eii_order order;

	core->pulse.config.way = EII_CORE_TO_FILES;
	core->run.phase = EII_PHASE_FLOW;
	core->run.is_start_put = true;
	core->run.is_ready = true;
	take_mail(EII_STAGE_CONVERTED)->must_ask = true;
	tell(EII_FACT_TIME, START_MS);
	assert_true(core->run.has_work);
	assert_false(core->work.is_wanted);
	assert_true(take_order(EII_ORDER_DIAL, &order));
	answer(EII_FACT_QUEUE_DIALLED, order.number);
	assert_int_equal(core->link.state, EII_LINK_READY);
	return order.number;
}

static uint64_t make_and_send(void)
{
	struct eii_fact made = { .type = EII_FACT_MADE,
				 .now_ms = core->pulse.now_ms,
				 .unix_s = START_UNIX_S,
				 .made = { .n_messages = 1, .bytes = { 100 } } };
	int slot = eii_line_first(&core->line, EII_STAGE_MAKING);
	struct eii_order order;

	assert_true(slot >= 0);
	made.order = core->line.entries[slot].order;
	made.made.slot = (uint16_t)slot;
	eii_core_tell(core, &made);
	assert_int_equal(eii_line_n(&core->line, EII_STAGE_ASKING), 0);
	core->pulse.now_ms += EII_BURST_MS;
	tell(EII_FACT_TIME, core->pulse.now_ms);
	assert_true(take_order(EII_ORDER_SEND, &order));
	assert_int_equal(order.send.kind, EII_MESSAGE_REPORT);
	return order.number;
}

static void test_core_queue__needs_no_work_and_asks_for_nothing_where_files_are_written(
	void **state)
{
	(void)state;
	(void)have_one_written();
	answer(EII_FACT_QUEUE_OUTCOME, make_and_send());
	assert_int_equal(core->run.n_settled, 1);
	assert_int_equal(core->run.n_reports, 1);
	assert_int_equal(core->store.ledger.work_sent, 0);
	assert_int_equal(core->place->s.back_uid, 0);
}

static void test_core_queue__a_directory_works_again_with_a_file_not_when_it_opens(void **state)
{
	const struct eii_fact full = { .type = EII_FACT_QUEUE_FAILED,
				       .now_ms = START_MS,
				       .unix_s = START_UNIX_S,
				       .failure = { .kind = EII_FAILURE_STORAGE } };
	struct eii_order order;

	(void)state;
	(void)have_one_written();
	(void)make_and_send();
	eii_core_tell(core, &full);
	assert_int_equal(core->link.state, EII_LINK_DOWN);
	assert_int_equal(core->store.ledger.work_unknown, 0);
	tell(EII_FACT_TIME, core->link.dial.due_ms);
	assert_true(take_order(EII_ORDER_DIAL, &order));
	answer(EII_FACT_QUEUE_DIALLED, order.number);
	assert_true(queue_fault() != 0);
	assert_int_equal(core->link.dial.n, 1);
}

/* ---- a draft ----------------------------------------------------------------- */

static void have_a_work(const char *draft_id)
{
	core->pulse.config.wants_draft = true;
	core->run.phase = EII_PHASE_FLOW;
	core->run.is_start_put = true;
	core->run.is_ready = true;
	(void)snprintf(core->store.ledger.work_id, sizeof(core->store.ledger.work_id), "work_1");
	eii_course_work_opened(core, draft_id);
}

static void test_core_queue__sends_to_the_draft_of_its_work(void **state)
{
	struct eii_order order;

	(void)state;
	core->link.is_known = true;
	have_a_work("draft-1");
	assert_true(eii_core_has_its_work(core));
	assert_string_equal(eii_core_draft(core), "draft-1");
	/* What an earlier draft has of author and marking is nothing to this one. */
	assert_false(core->link.is_known);
	core->link.state = EII_LINK_READY;
	be_ready();
	eii_outlet_tend(core);
	assert_true(take_order(EII_ORDER_SEND, &order));
	assert_string_equal(order.draft_id, "draft-1");
	core->pulse.config.wants_draft = false;
	assert_null(eii_core_draft(core));
}

static void test_core_queue__lets_a_work_without_a_draft_go(void **state)
{
	(void)state;
	have_a_work(NULL);
	assert_false(eii_core_has_its_work(core));
	assert_false(eii_course_may_go_on(core));
	assert_true(core->store.ledger.work_is_left);
}

static void test_core_queue__goes_back_where_a_draft_is_closed(void **state)
{
	static const struct eii_failure closed = { .kind = EII_FAILURE_INPUT },
					passing = { .kind = EII_FAILURE_PASSING };

	(void)state;
	have_a_work("draft-1");
	assert_false(eii_course_lost_draft(core, EII_ORDER_KNOWN, &passing));
	assert_false(eii_course_lost_draft(core, EII_ORDER_WORK_TELL, &closed));
	assert_int_equal(core->run.reason, EII_EVENT_NONE);
	assert_true(eii_course_lost_draft(core, EII_ORDER_FIND_REPORTS, &closed));
	assert_int_equal(core->run.reason, EII_EVENT_WORK_LOST);
}

#define CORE_TEST(name) cmocka_unit_test_setup_teardown(name, core_set_up, core_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(test_core_queue__dials_at_once_by_what_a_new_registration_tells),
		CORE_TEST(test_core_queue__shows_an_alarm_as_a_fault_of_the_queue),
		CORE_TEST(test_core_queue__says_why_the_broker_takes_nothing),
		CORE_TEST(test_core_queue__hands_a_nacked_marking_over_again_after_a_pause),
		CORE_TEST(test_core_queue__hands_over_all_authors_and_markings),
		CORE_TEST(test_core_queue__never_sends_the_platforms_own_marking),
		CORE_TEST(test_core_queue__sends_in_bursts_while_mails_are_on_their_way),
		CORE_TEST(test_core_queue__fills_the_window_at_once),
		CORE_TEST(test_core_queue__holds_no_message_back_across_a_stop),
		CORE_TEST(
			test_core_queue__needs_no_work_and_asks_for_nothing_where_files_are_written),
		CORE_TEST(test_core_queue__a_directory_works_again_with_a_file_not_when_it_opens),
		CORE_TEST(test_core_queue__sends_to_the_draft_of_its_work),
		CORE_TEST(test_core_queue__lets_a_work_without_a_draft_go),
		CORE_TEST(test_core_queue__goes_back_where_a_draft_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
