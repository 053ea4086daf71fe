/* SPDX-License-Identifier: Apache-2.0 */
/* What several of the core's objects decide together. */
#include "eii/core/core.h"

#include "core_private.h"
#include "core_scene.h"
#include "support.h"

#define DAY_S 86400

/* ---- mails set aside -------------------------------------------------------- */

/* A run of which UID 4 is set aside and due, and UID 9 was refused; nothing else is there. */
static void have_one_aside_and_one_troubled(uint16_t n_tries)
{
	core->run.phase = EII_PHASE_FLOW;
	core->run.is_ready = true;
	core->reader.is_open = true;
	core->reader.survey->step = EII_SURVEY_DONE;
	core->reader.survey->begun_ms = START_MS;
	core->place->is_known = true;
	core->place->s.uidvalidity = 7;
	core->place->s.n_aside = 1;
	core->place->s.aside[0] = (struct eii_aside){ .uid = 4,
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
		core_tear_down(NULL);
		core_set_up(NULL);
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
	core->place->s.back_uid = 1;
	eii_run_tend(core);
	assert_true(eii_work_is_open(&core->work));
	ledger->work_is_closed = true;
	eii_run_tend(core);
	assert_false(eii_work_is_open(&core->work));
	assert_int_equal(core->place->s.back_uid, 0);
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
	reader->survey->step = EII_SURVEY_DONE;
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
		(void)core_set_up(state);
		withhold(rows[i].n, rows[i].n_bodies);
		CHECK(core->place->s.n_aside == (rows[i].is_set_aside ? rows[i].n : 0), "row %zu",
		      i);
		CHECK(core->run.phase == (rows[i].is_set_aside ? EII_PHASE_FLOW : EII_PHASE_CLOSE),
		      "row %zu", i);
		CHECK(core->run.code == EII_OVER_GAVE_UP, "row %zu", i);
		(void)core_tear_down(state);
	}
}

/* ---- the line --------------------------------------------------------------- */

/* The limit with which the one mail's report is made. */
static uint64_t made_with(void)
{
	struct eii_order order = { .type = EII_ORDER_NONE };

	(void)take_mail(EII_STAGE_CONVERTED);
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
	struct eii_entry *entry = take_mail(EII_STAGE_CONVERTING);
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

/* The slots are another run's by then: who is there is none of them. */
static void test_core__heeds_no_answer_about_mails_of_a_run_that_is_over(void **state)
{
	static const bool is_there[] = { true };
	struct eii_fact answer = { .type = EII_FACT_REPORTS,
				   .now_ms = START_MS,
				   .unix_s = START_UNIX_S,
				   .reports = { .is_known = true, .is_there = is_there, .n = 1 } };
	struct eii_entry *entry = take_mail(EII_STAGE_ASKING);
	struct eii_order order;

	(void)state;
	entry->must_ask = true;
	core->run.phase = EII_PHASE_FLOW;
	core->registry.is_wanted = false;
	tell(EII_FACT_TIME, START_MS);
	assert_true(take_order(EII_ORDER_FIND_REPORTS, &order));
	assert_int_equal(order.find_reports.n, 1);
	eii_outlet_drop_all(core);
	while (take_mail(EII_STAGE_ASKING) != entry)
		eii_line_free(&core->line, (uint16_t)eii_line_first(&core->line, EII_STAGE_ASKING));
	answer.order = order.number;
	eii_bureau_heed(core, &answer);
	assert_int_equal(core->run.n_settled, 0);
	assert_int_equal(entry->stage, EII_STAGE_ASKING);
}

/* Its own event tells of it: no report is there that it could be counted with. */
/* UID 7 was named twice by lives that ended, and is named now; only what is asked for is in hand.
 */
static void test_core__names_no_killer_by_runs_that_break_off(void **state)
{
	static const struct {
		bool is_asked;
		uint32_t in_hand, attempts;
	} rows[] = { { false, 0, 2 }, { true, 7, 3 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eii_place_state *s;

		(void)core_set_up(state);
		s = &core->place->s;
		s->in_hand = (struct eii_suspect){ 7, 2 };
		core->run.phase = EII_PHASE_FLOW;
		assert_true(eii_careful_name(&core->run.careful, s, 7));
		if (rows[i].is_asked)
			(void)take_mail(EII_STAGE_FETCHING);
		eii_course_break(core, EII_EVENT_PAUSED_OUT);
		CHECK(s->in_hand.uid == rows[i].in_hand, "row %zu: %u", i, s->in_hand.uid);
		CHECK((rows[i].is_asked ? s->in_hand : s->suspects[0]).attempts == rows[i].attempts,
		      "row %zu", i);
		(void)core_tear_down(state);
	}
}

static void test_core__counts_no_report_where_not_even_facts_fit(void **state)
{
	struct eii_entry *entry = take_mail(EII_STAGE_MAKING);
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
	(void)take_mail(EII_STAGE_RAW);
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

#define CORE_TEST(name) cmocka_unit_test_setup_teardown(name, core_set_up, core_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
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
		CORE_TEST(test_core__heeds_no_answer_about_mails_of_a_run_that_is_over),
		cmocka_unit_test(test_core__names_no_killer_by_runs_that_break_off),
		CORE_TEST(test_core__counts_no_report_where_not_even_facts_fit),
		CORE_TEST(test_core__tells_of_a_converter_that_does_not_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
