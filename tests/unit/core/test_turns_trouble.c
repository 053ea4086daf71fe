/* SPDX-License-Identifier: Apache-2.0 */
/* Trouble that belongs to one of several folders, and what it must not do to the others. */
#include "intake_private.h"
#include "run_private.h"
#include "support.h"
#include "turns_scene.h"

static const struct eii_failure of_folder = { .kind = EII_FAILURE_CONFIG, .is_folder = true };

static void test_turns_trouble__ask_for_the_list_again_where_all_are_refused(void **state)
{
	(void)state;
	LIST("+a", "+b");
	assert_true(eii_turns_refused(core, &of_folder));
	assert_false(eii_turns_refused(core, &of_folder));
	/* They may have other names by now. */
	assert_true(core->folders.must_list);
	/* In the middle of a turn too, where all others were refused before. */
	LIST("+a", "+b");
	turns_folder("b")->is_refused = true;
	core->run.phase = EII_PHASE_FLOW;
	assert_true(eii_turns_refused(core, &of_folder));
	assert_int_equal(core->run.phase, EII_PHASE_CLOSE);
}

static void test_turns_trouble__no_answer_from_before_the_list_counts(void **state)
{
	(void)state;
	LIST("+a", "+b");
	eii_turns_begin(core);
	assert_true(eii_turns_refused(core, &of_folder));
	assert_false(turns_folder("a")->is_refused || turns_folder("a")->is_through);
}

static void look_failed(const struct eii_failure *failure)
{
	const struct eii_fact fact = {
		.type = EII_FACT_MAILBOX_FAILED, .order = 5, .now_ms = START_MS, .failure = *failure
	};

	core->reader.doing = EII_ORDER_LOOK;
	core->reader.order = 5;
	eii_intake_heed(core, &fact);
}

static void test_turns_trouble__examine_anew_after_a_refused_examine(void **state)
{
	const struct eii_failure passing = { .kind = EII_FAILURE_PASSING, .lives = true };

	(void)state;
	LIST("+a", "+b");
	core->reader.survey->real_ms = START_MS;
	look_failed(&passing);
	assert_int_equal(core->reader.survey->real_ms, 0);
}

static void test_turns_trouble__pause_where_the_folder_at_rest_is_refused(void **state)
{
	const struct eii_failure refused = { .kind = EII_FAILURE_PASSING,
					     .lives = true,
					     .is_folder = true };

	(void)state;
	LIST("+a", "+b");
	core->run.phase = EII_PHASE_IDLE;
	look_failed(&refused);
	assert_int_equal(core->watch.attempt.n, 1);
	assert_true(core->watch.attempt.due_ms > START_MS);
}

/* A NOOP would tell of the folder that is open, and be taken for the one at rest. */
static void test_turns_trouble__a_sign_of_life_is_of_the_folder_at_rest(void **state)
{
	struct eii_order order;

	(void)state;
	LIST("+a", "+b");
	core->run.phase = EII_PHASE_IDLE;
	core->folders.open = turns_folder("b");
	eii_intake_look(core);
	assert_true(take_order(EII_ORDER_LOOK, &order));
	assert_true(order.look.is_fresh);
	assert_string_equal(order.look.folder, "a");
	core->folders.open = turns_folder("a");
	eii_intake_look(core);
	assert_true(take_order(EII_ORDER_LOOK, &order));
	assert_false(order.look.is_fresh || order.look.folder);
}

static void recognise(uint64_t uidvalidity, uint32_t uidnext)
{
	const struct eii_folder_view view = { .uidvalidity = uidvalidity, .uidnext = uidnext };

	assert_true(eii_turns_recognise(core, &view));
}

static void test_turns_trouble__folders_that_were_there_together_are_two(void **state)
{
	(void)state;
	LIST("+a", "+b");
	turns_know("a", 7, 20);
	LIST("+b");
	recognise(7, 21);
	assert_false(core->place->is_known);
	assert_int_equal(turns_folder("a")->place.s.cursor, 20);
}

static void test_turns_trouble__a_numbering_that_others_share_is_no_sign_of_a_rename(void **state)
{
	(void)state;
	LIST("+old", "+other");
	turns_know("old", 7, 20);
	turns_know("other", 7, 3);
	LIST("+new", "+other");
	core->reader.survey->step = EII_SURVEY_DONE;
	assert_true(eii_turns_pass(core));
	assert_string_equal(eii_turns_name(core), "new");
	recognise(7, 21);
	assert_false(core->place->is_known);
}

#define WROTE       "2026-09-21T00:00:00+00:00"
#define INGESTION   "2026-09-21T13:00:00+00:00"
#define INGESTION_S (START_UNIX_S - 4400)

static void adopt(const char *text)
{
	const struct eii_fact fact = { .type = EII_FACT_REGISTERED, .text = text };

	core->run.phase = EII_PHASE_IDLE;
	eii_course_adopt(core, &fact);
}

static void test_turns_trouble__what_was_taken_over_is_of_inbox(void **state)
{
	(void)state;
	adopt("{\"last_email_ingestion\":\"" INGESTION "\",\"email_intel_imap\":{\"version\":1,"
	      "\"wrote\":\"" WROTE "\",\"mailboxes\":{"
	      "\"u@h/b\":{\"uidvalidity\":1,\"cursor\":5},"
	      "\"u@h/INBOX\":{\"uidvalidity\":2,\"cursor\":6}}}}");
	assert_int_equal(turns_folder("INBOX")->place.his_s, INGESTION_S);
	assert_int_equal(turns_folder("b")->place.his_s, 0);
}

static void test_turns_trouble__the_first_window_is_the_official_ones_in_inbox_alone(void **state)
{
	(void)state;
	adopt("{\"last_email_ingestion\":\"" INGESTION "\"}");
	core->run.phase = EII_PHASE_LOOK;
	LIST("+b", "+INBOX");
	assert_string_equal(eii_turns_name(core), "b");
	assert_int_equal(eii_course_window_since(core), START_UNIX_S - PERIOD_S);
	core->reader.survey->step = EII_SURVEY_DONE;
	assert_true(eii_turns_pass(core));
	assert_int_equal(eii_course_window_since(core), INGESTION_S);
}

/* The instant of a run says nothing of a folder that it has done without. */
static void test_turns_trouble__what_a_run_does_without_is_owed_since_the_one_before(void **state)
{
	(void)state;
	LIST("+a", "+b", "+c");
	turns_know("a", 1, 9);
	turns_know("b", 2, 9);
	turns_know("c", 3, 9);
	LIST("+a", "+b");
	eii_document_set_ingestion(core->store.document, INGESTION_S);
	turns_folder("a")->place.s.owed_since_s = 5;
	turns_folder("b")->is_refused = true;
	eii_turns_succeed(core);
	assert_int_equal(turns_folder("a")->place.s.owed_since_s, 0);
	assert_int_equal(turns_folder("b")->place.s.owed_since_s, INGESTION_S);
	assert_int_equal(turns_folder("c")->place.s.owed_since_s, INGESTION_S);
	/* The first time counts. */
	eii_document_set_ingestion(core->store.document, INGESTION_S + 100);
	eii_turns_succeed(core);
	assert_int_equal(turns_folder("b")->place.s.owed_since_s, INGESTION_S);
}

static void test_turns_trouble__each_folder_is_named_whose_mails_are_let_go(void **state)
{
	struct eii_event event;

	(void)state;
	LIST("+a", "+b", "+c");
	turns_know("a", 1, 9);
	turns_know("b", 2, 19);
	turns_know("c", 3, 29);
	turns_folder("b")->place.s.back_uid = 15;
	turns_folder("c")->place.s.back_uid = 25;
	eii_course_let_go(core);
	assert_true(take_event(EII_EVENT_WORK_LET_GO, &event));
	assert_string_equal(event.words, "b");
	assert_int_equal(event.a, 15);
	assert_int_equal(event.b, 19);
	assert_true(take_event(EII_EVENT_WORK_LET_GO, &event));
	assert_string_equal(event.words, "c");
	assert_int_equal(event.b, 29);
	assert_false(take_event(EII_EVENT_WORK_LET_GO, &event));
}

#define TROUBLE_TEST(test) cmocka_unit_test_setup_teardown(test, turns_set_up, core_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TROUBLE_TEST(test_turns_trouble__ask_for_the_list_again_where_all_are_refused),
		TROUBLE_TEST(test_turns_trouble__no_answer_from_before_the_list_counts),
		TROUBLE_TEST(test_turns_trouble__examine_anew_after_a_refused_examine),
		TROUBLE_TEST(test_turns_trouble__pause_where_the_folder_at_rest_is_refused),
		TROUBLE_TEST(test_turns_trouble__a_sign_of_life_is_of_the_folder_at_rest),
		TROUBLE_TEST(test_turns_trouble__folders_that_were_there_together_are_two),
		TROUBLE_TEST(
			test_turns_trouble__a_numbering_that_others_share_is_no_sign_of_a_rename),
		TROUBLE_TEST(test_turns_trouble__what_was_taken_over_is_of_inbox),
		TROUBLE_TEST(
			test_turns_trouble__the_first_window_is_the_official_ones_in_inbox_alone),
		TROUBLE_TEST(
			test_turns_trouble__what_a_run_does_without_is_owed_since_the_one_before),
		TROUBLE_TEST(test_turns_trouble__each_folder_is_named_whose_mails_are_let_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
