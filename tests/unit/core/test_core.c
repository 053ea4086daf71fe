/* SPDX-License-Identifier: Apache-2.0 */
/* What several of the core's objects decide together. */
#include "eii/core/core.h"

#include "core_private.h"
#include "support.h"

#define START_MS     1000000
#define START_UNIX_S INT64_C(1790000000)
#define PERIOD_S     3600
#define DAY_S        86400

static struct eii_core *core;

static int set_up(void **state)
{
	static const struct eii_core_config config = {
		.mailbox_key = "u@h/INBOX",
		.budget_bytes = 1 << 20,
		.budget_mails = 100,
		.max_mail_bytes = 1 << 20,
		.scan_bytes = 1024,
		.window_messages = 16,
		.window_bytes = 1 << 20,
		.period_s = PERIOD_S,
		.start_period_s = PERIOD_S,
		.now_ms = START_MS,
		.unix_s = START_UNIX_S,
	};

	(void)state;
	core = eii_core_new(&config);
	core->pulse.wakes_ms = EII_PULSE_NEVER;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	eii_core_free(core);
	core = NULL;
	return 0;
}

static void tell(enum eii_fact_type type, int64_t now_ms)
{
	const struct eii_fact fact = { .type = type, .now_ms = now_ms, .unix_s = START_UNIX_S };

	eii_core_tell(core, &fact);
}

/* The next order of the type; those before it are dropped. */
static bool take_order(enum eii_order_type type, struct eii_order *out)
{
	while (eii_core_take_order(core, out)) {
		if (out->type == type)
			return true;
	}
	return false;
}

static int64_t queue_fault(void)
{
	struct eii_core_view view;

	eii_core_view(core, &view);
	return view.fault_since_ms[EII_PART_QUEUE];
}

/* ---- an alarm ------------------------------------------------------------- */

static void test_core__shows_an_alarm_as_a_fault_of_the_queue(void **state)
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

/* The TELL of this type that the core has given, with its words; the test's own memory. */
static bool take_event(enum eii_event_type type, struct eii_event *out)
{
	struct eii_order order;

	while (take_order(EII_ORDER_TELL, &order)) {
		*out = order.tell;
		if (order.tell.type == type)
			return true;
	}
	return false;
}

static void test_core__says_why_the_broker_takes_nothing(void **state)
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

static void test_core__hands_a_nacked_marking_over_again_after_a_pause(void **state)
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

/* ---- mails set aside -------------------------------------------------------- */

/* A run of which UID 4 is set aside and due, and UID 9 was refused; nothing else is there. */
static void have_one_aside_and_one_troubled(uint16_t n_tries)
{
	core->run.phase = EII_PHASE_FLOW;
	core->run.is_ready = true;
	core->reader.is_open = true;
	core->reader.survey.step = EII_SURVEY_DONE;
	core->reader.survey.begun_ms = START_MS;
	core->place.is_known = true;
	core->place.s.uidvalidity = 7;
	core->place.s.n_aside = 1;
	core->place.s.aside[0] = (struct eii_aside){ .uid = 4,
						     .milliseconds = EII_ASIDE_NO_MS,
						     .n_tries = n_tries,
						     .first_unix_s = START_UNIX_S - DAY_S,
						     .next_unix_s = START_UNIX_S };
	core->reader.judge.n = 1;
	core->reader.judge.troubled[0] =
		(struct eii_wanted){ .uid = 9, .n_refused = 1, .refused_ms = START_MS };
}

static void test_core__asks_for_what_was_set_aside_before_what_nobody_has_judged(void **state)
{
	struct eii_order order;

	(void)state;
	have_one_aside_and_one_troubled(1);
	tell(EII_FACT_TIME, START_MS + 1);
	assert_true(take_order(EII_ORDER_FETCH, &order));
	assert_int_equal(order.fetch.items[0].uid, 4);
	assert_true(order.fetch.is_header);
	assert_true(order.fetch.wants_info);
}

/* Mails that are all withheld leave no empty Work behind. */
static void test_core__wants_a_work_when_a_report_is_to_be_made(void **state)
{
	uint16_t slot;

	(void)state;
	have_one_aside_and_one_troubled(1);
	core->run.is_start_put = true;
	tell(EII_FACT_TIME, START_MS + 1);
	assert_true(core->run.is_ready);
	assert_false(core->work.is_wanted);
	slot = eii_line_take(&core->line, 9, 100);
	eii_line_move(&core->line, slot, EII_STAGE_CONVERTED);
	tell(EII_FACT_TIME, START_MS + 2);
	assert_true(core->work.is_wanted);
	/* Nothing is dialled before the state has its id. */
	eii_work_opened(&core->work, &core->pulse, "work_1");
	eii_core_touch(core);
	tell(EII_FACT_TIME, START_MS + 3);
	assert_false(core->run.has_work);
	assert_int_equal(core->link.state, EII_LINK_DOWN);
	core->store.sent = core->store.newest;
	core->store.stored = core->store.newest;
	tell(EII_FACT_TIME, START_MS + 4);
	assert_true(core->run.has_work);
	assert_int_equal(core->link.state, EII_LINK_DIALLING);
}

/* Its header has come: the server works, but may withhold what is below headers. */
static void test_core__judges_no_mail_by_the_header_of_another(void **state)
{
	static const struct {
		uint16_t n_tries;
		uint64_t n_bodies;
	} rows[] = { { 1, 0 }, { 2, 1 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_order order;
		struct eii_fact fact = { .type = EII_FACT_MAILBOX_BODY,
					 .now_ms = START_MS + 2,
					 .unix_s = START_UNIX_S };

		have_one_aside_and_one_troubled(rows[i].n_tries);
		tell(EII_FACT_TIME, START_MS + 1);
		assert_true(take_order(EII_ORDER_FETCH, &order));
		fact.order = order.number;
		fact.body.uid = 4;
		fact.body.slot = order.fetch.items[0].slot;
		fact.body.result = EII_BODY_CAME;
		fact.body.len = 100;
		eii_core_tell(core, &fact);
		CHECK(core->reader.judge.n_bodies == rows[i].n_bodies, "row %zu: %llu", i,
		      (unsigned long long)core->reader.judge.n_bodies);
		tear_down(NULL);
		set_up(NULL);
	}
}

static void test_core__takes_date_and_size_of_a_mail_that_was_set_aside(void **state)
{
	const struct eii_size_info info = { .uid = 4,
					    .has_size = true,
					    .has_date = true,
					    .size_bytes = 777,
					    .internal_unix_s = START_UNIX_S - DAY_S };
	struct eii_fact fact = { .type = EII_FACT_MAILBOX_SIZES,
				 .now_ms = START_MS + 2,
				 .unix_s = START_UNIX_S };
	const struct eii_entry *entry;
	struct eii_order order;

	(void)state;
	have_one_aside_and_one_troubled(2);
	tell(EII_FACT_TIME, START_MS + 1);
	assert_true(take_order(EII_ORDER_FETCH, &order));
	fact.order = order.number;
	fact.sizes.infos = &info;
	fact.sizes.n = 1;
	eii_core_tell(core, &fact);
	entry = eii_line_at(&core->line, order.fetch.items[0].slot);
	assert_true(entry->has_date);
	assert_int_equal(entry->internal_unix_s, info.internal_unix_s);
	assert_int_equal(entry->size_bytes, 777);
}

/* ---- the state's instants --------------------------------------------------- */

static void test_core__believes_no_ingestion_that_is_far_ahead(void **state)
{
	static const struct {
		int64_t ahead_s, since_s;
	} rows[] = {
		{ -7 * DAY_S, START_UNIX_S - 7 * DAY_S },
		{ 0, START_UNIX_S },
		{ EII_CLOCK_OFF_S, START_UNIX_S }, /* a clock may be off by so much */
		{ EII_CLOCK_OFF_S + 1, START_UNIX_S - PERIOD_S },
		{ 400 * DAY_S, START_UNIX_S - PERIOD_S },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		eii_document_set_ingestion(core->store.document, START_UNIX_S + rows[i].ahead_s);
		CHECK(eii_course_window_since(core) == rows[i].since_s, "row %zu", i);
	}
}

/* ---- the Work ---------------------------------------------------------------- */

static void test_core__lets_a_closed_work_go_of_which_nobody_can_say_more(void **state)
{
	struct eii_ledger *ledger = &core->store.ledger;

	(void)state;
	core->registry.is_live = true;
	ledger->work_id[0] = 'w'; /* of an earlier life */
	ledger->work_sent = 3;
	ledger->work_told = 3;
	core->place.s.back_uid = 1;
	eii_run_tend(core);
	assert_true(eii_work_is_open(&core->work));
	ledger->work_is_closed = true;
	eii_run_tend(core);
	assert_false(eii_work_is_open(&core->work));
	assert_int_equal(core->place.s.back_uid, 0);
	assert_true(core->has_told_cannot_say);
}

/* ---- mails that the server withholds ---------------------------------------- */

/* A single run's fifth try in a row at n mails, of which the last is found to be there. */
static void withhold(uint16_t n, uint64_t n_bodies)
{
	struct eii_reader *reader = &core->reader;
	const struct eii_fact found = {
		.type = EII_FACT_MAILBOX_FOUND, .order = 5, .yes = true, .now_ms = START_MS
	};

	core->pulse.config.mode = EII_CORE_ONCE;
	core->run.phase = EII_PHASE_FLOW;
	reader->survey.step = EII_SURVEY_DONE;
	reader->judge.n_bodies = n_bodies;
	reader->bodies_then = n_bodies;
	reader->attempt.n = 4;
	for (uint16_t i = 0; i + 1 < n; i++)
		reader->judge.troubled[i] = (struct eii_wanted){ .uid = i + 1u,
								 .n_refused = 1,
								 .bodies_then = n_bodies,
								 .refused_ms = START_MS };
	reader->judge.n = (uint16_t)(n - 1);
	reader->finding = (struct eii_wanted){
		.uid = n, .n_refused = 1, .bodies_then = n_bodies, .refused_ms = START_MS
	};
	reader->doing = EII_ORDER_FIND;
	reader->order = found.order;
	eii_intake_heed(core, &found);
}

static void test_core__sets_few_mails_aside_in_a_single_run_or_fewer_than_came(void **state)
{
	static const struct {
		uint16_t n;
		uint64_t n_bodies;
		bool is_set_aside;
	} rows[] = { { 8, 0, true }, { 9, 0, false }, { 9, 9, false }, { 9, 10, true } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)set_up(state);
		withhold(rows[i].n, rows[i].n_bodies);
		CHECK(core->place.s.n_aside == (rows[i].is_set_aside ? rows[i].n : 0), "row %zu",
		      i);
		CHECK(core->run.phase == (rows[i].is_set_aside ? EII_PHASE_FLOW : EII_PHASE_CLOSE),
		      "row %zu", i);
		CHECK(core->run.code == EII_OVER_GAVE_UP, "row %zu", i);
		(void)tear_down(state);
	}
}

/* ---- the line --------------------------------------------------------------- */

static struct eii_entry *take(enum eii_stage stage)
{
	uint16_t slot = eii_line_take(&core->line, 7, 1000);

	eii_line_move(&core->line, slot, stage);
	return eii_line_at(&core->line, slot);
}

/* The limit with which the one mail's report is made. */
static uint64_t made_with(void)
{
	struct eii_order order = { .type = EII_ORDER_NONE };

	(void)take(EII_STAGE_CONVERTED);
	eii_outlet_tend(core);
	while (order.type != EII_ORDER_MAKE)
		assert_true(eii_core_take_order(core, &order));
	eii_outlet_drop(core, order.make.slot);
	return order.make.limit_bytes;
}

static void test_core__keeps_to_a_learnt_limit_for_a_day(void **state)
{
	static const struct {
		int64_t age_s;
		uint64_t limit_bytes;
	} rows[] = {
		{ 0, 5000 }, { DAY_S - 1, 5000 }, { DAY_S, 0 }, { -1, 0 }, { START_UNIX_S, 0 },
	};

	(void)state;
	core->store.ledger.work_id[0] = 'w';
	core->store.ledger.limit_bytes = 5000;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		core->store.ledger.limit_s = START_UNIX_S - rows[i].age_s;
		CHECK(made_with() == rows[i].limit_bytes, "row %zu", i);
	}
}

/* It is done when it was read: no number, no Work, no report. */
static void test_core__settles_what_is_left_out(void **state)
{
	struct eii_fact fact = { .type = EII_FACT_CONVERTED, .order = 9 };
	struct eii_order order = { .type = EII_ORDER_NONE };
	struct eii_entry *entry = take(EII_STAGE_CONVERTING);
	uint64_t n_settled = core->run.n_settled;

	(void)state;
	entry->order = 9;
	fact.converted.slot = (uint16_t)(entry - core->line.entries);
	fact.converted.is_left_out = true;
	eii_outlet_heed(core, &fact);
	eii_outlet_tend(core);
	assert_int_equal(core->run.n_settled, n_settled + 1);
	assert_int_equal(core->run.n_reports, 0);
	assert_int_equal(eii_ring_count(core->ring), 0);
	while (order.type != EII_ORDER_DROP)
		assert_true(eii_core_take_order(core, &order));
	for (int stage = EII_STAGE_RAW; stage < EII_STAGES; stage++)
		assert_int_equal(eii_line_n(&core->line, (enum eii_stage)stage), 0);
}

/* Its own event tells of it: no report is there that it could be counted with. */
static void test_core__counts_no_report_where_not_even_facts_fit(void **state)
{
	struct eii_entry *entry = take(EII_STAGE_MAKING);
	struct eii_fact made = {
		.type = EII_FACT_MADE, .order = 77, .now_ms = START_MS, .unix_s = START_UNIX_S
	};
	struct eii_event event;

	(void)state;
	entry->order = 77;
	made.made.slot = (uint16_t)(entry - core->line.entries);
	eii_outlet_heed(core, &made);
	assert_true(take_event(EII_EVENT_NO_REPORT, &event));
	assert_int_equal(event.a, 7);
	assert_int_equal(core->run.n_settled, 1);
	assert_int_equal(core->run.n_reports, 0);
	assert_int_equal(core->run.n_fallbacks, 0);
}

static void test_core__tells_of_a_converter_that_does_not_answer(void **state)
{
	const struct eii_fault *fault = &core->teller.faults[EII_PART_CONVERTER];

	(void)state;
	(void)take(EII_STAGE_RAW);
	eii_outlet_tend(core);
	assert_int_equal(eii_line_n(&core->line, EII_STAGE_CONVERTING), 1);
	assert_int_equal(core->pulse.wakes_ms, START_MS + EII_POLICY_CONVERT_MS);
	core->pulse.now_ms = START_MS + EII_POLICY_CONVERT_MS - 1;
	eii_outlet_tend(core);
	assert_int_equal(fault->since_ms, 0);
	core->pulse.now_ms = START_MS + EII_POLICY_CONVERT_MS;
	eii_outlet_tend(core);
	assert_int_equal(fault->since_ms, START_MS + EII_POLICY_CONVERT_MS);
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
	struct eii_entry *entry = take(EII_STAGE_READY);

	entry->n_messages = 1;
	entry->bytes[0] = 100;
}

/* A connection on which reports go, and a mail that is on its way to be one. */
static void have_one_on_its_way(void)
{
	core->run.phase = EII_PHASE_FLOW;
	core->link.state = EII_LINK_READY;
	(void)take(EII_STAGE_RAW);
	be_ready();
	assert_int_equal(n_sends(), 1);
}

static void test_core__sends_in_bursts_while_mails_are_on_their_way(void **state)
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

static void test_core__fills_the_window_at_once(void **state)
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

static void test_core__holds_no_message_back_across_a_stop(void **state)
{
	(void)state;
	have_one_on_its_way();
	be_ready();
	assert_int_equal(n_sends(), 0);
	core->pulse.stop_ms = core->pulse.now_ms;
	assert_int_equal(n_sends(), 1);
}

#define CORE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(test_core__shows_an_alarm_as_a_fault_of_the_queue),
		CORE_TEST(test_core__says_why_the_broker_takes_nothing),
		CORE_TEST(test_core__hands_a_nacked_marking_over_again_after_a_pause),
		CORE_TEST(test_core__asks_for_what_was_set_aside_before_what_nobody_has_judged),
		CORE_TEST(test_core__wants_a_work_when_a_report_is_to_be_made),
		CORE_TEST(test_core__judges_no_mail_by_the_header_of_another),
		CORE_TEST(test_core__takes_date_and_size_of_a_mail_that_was_set_aside),
		CORE_TEST(test_core__believes_no_ingestion_that_is_far_ahead),
		CORE_TEST(test_core__lets_a_closed_work_go_of_which_nobody_can_say_more),
		cmocka_unit_test(
			test_core__sets_few_mails_aside_in_a_single_run_or_fewer_than_came),
		CORE_TEST(test_core__keeps_to_a_learnt_limit_for_a_day),
		CORE_TEST(test_core__settles_what_is_left_out),
		CORE_TEST(test_core__counts_no_report_where_not_even_facts_fit),
		CORE_TEST(test_core__tells_of_a_converter_that_does_not_answer),
		CORE_TEST(test_core__sends_in_bursts_while_mails_are_on_their_way),
		CORE_TEST(test_core__fills_the_window_at_once),
		CORE_TEST(test_core__holds_no_message_back_across_a_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
