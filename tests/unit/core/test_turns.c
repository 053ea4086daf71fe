/* SPDX-License-Identifier: Apache-2.0 */
/* Several folders: which are read, whose turn it is, and what becomes of those that go. */
#include <stdio.h>

#include "support.h"
#include "turns_scene.h"

#define DAY_S INT64_C(86400)

static void finish_folder(void)
{
	core->reader.survey->step = EII_SURVEY_DONE;
}

static void test_turns__go_round_until_all_are_through(void **state)
{
	(void)state;
	LIST("+a", "b", "+c", "+d");
	assert_null(turns_folder("b"));
	assert_string_equal(eii_turns_name(core), "a");
	assert_false(eii_turns_is_full(core));
	core->folders.n_turn = EII_FOLDERS_TURN_MAILS - 1;
	assert_false(eii_turns_is_full(core));
	core->folders.n_turn = EII_FOLDERS_TURN_MAILS;
	assert_true(eii_turns_is_full(core));
	assert_true(eii_turns_pass(core));
	assert_string_equal(eii_turns_name(core), "c");
	assert_ptr_equal(core->place, &turns_folder("c")->place);
	finish_folder();
	assert_true(eii_turns_pass(core));
	assert_string_equal(eii_turns_name(core), "d");
	finish_folder();
	assert_true(eii_turns_pass(core));
	/* It has had its turn and was not through. */
	assert_string_equal(eii_turns_name(core), "a");
	core->folders.n_turn = EII_FOLDERS_TURN_MAILS;
	assert_false(eii_turns_is_full(core)); /* nobody waits */
	finish_folder();
	assert_false(eii_turns_pass(core));
}

static void test_turns__leave_nothing_of_one_to_the_next(void **state)
{
	(void)state;
	LIST("+a", "+b");
	core->run.phase = EII_PHASE_FLOW;
	core->run.has_started = core->run.is_start_put = core->run.is_ready = true;
	core->run.is_work_wanted = core->run.has_work = true;
	core->reader.larger_uid = core->reader.sizeless_uid = 7;
	core->place->s.n_starts = 1;
	eii_judge_doubt(&core->reader.judge, 5, 9);
	finish_folder();
	assert_true(eii_turns_pass(core));
	assert_int_equal(core->reader.judge.doubted_last, 0);
	assert_int_equal(core->run.phase, EII_PHASE_LOOK);
	assert_true(eii_run_is_flowing(&core->run)); /* its Work is in use */
	assert_false(core->run.is_start_put || core->run.is_ready);
	assert_false(core->run.is_work_wanted || core->run.has_work);
	assert_false(core->reader.larger_uid || core->reader.sizeless_uid);
	assert_int_equal(turns_folder("a")->place.s.n_starts, 0);
	assert_int_equal(core->reader.survey->step, EII_SURVEY_FOLDER);
	assert_int_equal(core->reader.survey->real_ms, 0); /* an EXAMINE, as another is open */
}

static void test_turns__begin_with_the_folder_that_was_at_work(void **state)
{
	(void)state;
	LIST("+a", "+b", "+c");
	assert_true(turns_folder("a")->place.s.has_turn);
	finish_folder();
	assert_true(eii_turns_pass(core));
	assert_true(turns_folder("b")->place.s.has_turn);
	assert_false(turns_folder("a")->place.s.has_turn);
	LIST("+a", "+b", "+c");
	assert_string_equal(eii_turns_name(core), "b");
	/* It is gone. */
	LIST("+a", "+c");
	assert_string_equal(eii_turns_name(core), "c");
	/* One alone needs no such word in the state. */
	LIST("+c");
	assert_false(turns_folder("c")->place.s.has_turn);
}

static void test_turns__read_so_many_folders_and_say_that_there_are_more(void **state)
{
	char names[EII_CORE_FOLDERS + 1][8];
	const char *list_of[EII_CORE_FOLDERS + 1];
	struct eii_event event;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		(void)snprintf(names[i], sizeof(names[i]), "+f%zu", i);
		list_of[i] = names[i];
	}
	turns_list(list_of, EII_CORE_FOLDERS);
	assert_false(take_event(EII_EVENT_FOLDERS_TOO_MANY, &event));
	assert_int_equal(eii_folders_n_read(&core->folders), EII_CORE_FOLDERS);
	turns_list(list_of, EII_CORE_FOLDERS + 1);
	assert_true(take_event(EII_EVENT_FOLDERS_TOO_MANY, &event));
	assert_int_equal(event.a, EII_CORE_FOLDERS + 1);
	assert_int_equal(event.b, EII_CORE_FOLDERS);
	assert_null(turns_folder("f64"));
	/* Said once; one that goes makes room for the next. */
	turns_list(list_of, EII_CORE_FOLDERS + 1);
	assert_false(take_event(EII_EVENT_FOLDERS_TOO_MANY, &event));
	turns_list(list_of + 1, EII_CORE_FOLDERS);
	assert_non_null(turns_folder("f64"));
	assert_null(turns_folder("f0"));
}

static void test_turns__keep_the_place_of_one_that_is_gone_for_thirty_days(void **state)
{
	struct eii_event event;

	(void)state;
	LIST("+a", "+b");
	turns_know("b", 7, 20);
	LIST("+a", "b"); /* it is there, and not named any more */
	assert_true(take_event(EII_EVENT_FOLDER_GONE, &event));
	assert_int_equal(turns_folder("b")->place.s.gone_s, START_UNIX_S);
	core->pulse.unix_s += 30 * DAY_S - 1;
	LIST("+a");
	assert_false(take_event(EII_EVENT_FOLDER_GONE, &event));
	assert_int_equal(turns_folder("b")->place.s.cursor, 20);
	LIST("+a", "+b");
	assert_int_equal(turns_folder("b")->place.s.gone_s, 0);
	LIST("+a");
	core->pulse.unix_s += 30 * DAY_S;
	LIST("+a");
	assert_null(turns_folder("b"));
}

static void recognise(uint64_t uidvalidity, uint32_t uidnext)
{
	const struct eii_folder_view view = { .uidvalidity = uidvalidity, .uidnext = uidnext };

	assert_true(eii_turns_recognise(core, &view));
}

static void test_turns__recognise_a_folder_that_was_renamed(void **state)
{
	static const struct {
		const char *what;
		uint64_t uidvalidity;
		uint32_t uidnext;
		bool is_there, is_renamed;
	} rows[] = {
		{ "renamed", 7, 21, false, true },
		{ "with more mails", 7, 30, false, true },
		{ "UIDNEXT is below", 7, 20, false, false },
		{ "UIDNEXT is not told", 7, 0, false, false },
		{ "another numbering", 8, 21, false, false },
		{ "the old one is there", 7, 21, true, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)turns_set_up(state);
		LIST("+old");
		turns_know("old", 7, 20);
		if (rows[i].is_there)
			LIST("+new", "old");
		else
			LIST("+new");
		recognise(rows[i].uidvalidity, rows[i].uidnext);
		CHECK(core->place->is_known == rows[i].is_renamed, "%s", rows[i].what);
		CHECK((turns_folder("old") == NULL) == rows[i].is_renamed, "%s", rows[i].what);
		if (rows[i].is_renamed) {
			assert_int_equal(core->place->s.cursor, 20);
			assert_int_equal(core->place->s.gone_s, 0);
		}
		(void)core_tear_down(state);
	}
	(void)turns_set_up(state);
}

static void test_turns__take_no_place_where_two_may_have_been_renamed(void **state)
{
	(void)state;
	LIST("+x", "+y");
	turns_know("x", 7, 20);
	turns_know("y", 7, 3);
	LIST("+new");
	recognise(7, 21);
	assert_false(core->place->is_known);
}

static void test_turns__leave_out_what_the_server_refuses_unless_it_refuses_all(void **state)
{
	const struct eii_failure of_folder = { .kind = EII_FAILURE_CONFIG, .is_folder = true };
	const struct eii_failure other = { .kind = EII_FAILURE_PASSING };
	struct eii_event event;

	(void)state;
	LIST("+a", "+b");
	assert_false(eii_turns_refused(core, &other));
	assert_true(eii_turns_refused(core, &of_folder));
	assert_true(take_event(EII_EVENT_FOLDER_REFUSED, &event));
	assert_string_equal(eii_turns_name(core), "b");
	assert_false(eii_turns_refused(core, &of_folder));
	/* In the middle of its turn the run ends: the next list tells more. */
	LIST("+a", "+b");
	core->run.phase = EII_PHASE_FLOW;
	assert_true(eii_turns_refused(core, &of_folder));
	assert_int_equal(core->run.phase, EII_PHASE_CLOSE);
}

static void test_turns__count_what_is_set_aside_in_all_of_them(void **state)
{
	struct eii_core_view view;

	(void)state;
	LIST("+a", "+b", "+c");
	turns_know("a", 1, 9);
	turns_know("c", 2, 9);
	assert_true(eii_place_set_aside(&turns_folder("a")->place, 3, START_UNIX_S));
	assert_true(eii_place_set_aside(&turns_folder("c")->place, 3, START_UNIX_S));
	assert_true(eii_place_set_aside(&turns_folder("c")->place, 5, START_UNIX_S));
	eii_core_view(core, &view);
	assert_int_equal(view.n_aside, 3);
}

static void test_turns__rest_in_the_inbox_or_the_first_folder(void **state)
{
	(void)state;
	LIST("+a", "+b");
	finish_folder();
	assert_true(eii_turns_pass(core));
	eii_turns_rest(core);
	assert_string_equal(eii_turns_name(core), "a");
	LIST("+a", "+INBOX", "+b");
	eii_turns_rest(core);
	assert_string_equal(eii_turns_name(core), "INBOX");
	LIST("+a", "INBOX", "+b"); /* there, and not read */
	eii_turns_rest(core);
	assert_string_equal(eii_turns_name(core), "a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_turns__go_round_until_all_are_through,
						turns_set_up, core_tear_down),
		cmocka_unit_test_setup_teardown(test_turns__leave_nothing_of_one_to_the_next,
						turns_set_up, core_tear_down),
		cmocka_unit_test_setup_teardown(test_turns__begin_with_the_folder_that_was_at_work,
						turns_set_up, core_tear_down),
		cmocka_unit_test_setup_teardown(
			test_turns__read_so_many_folders_and_say_that_there_are_more, turns_set_up,
			core_tear_down),
		cmocka_unit_test_setup_teardown(
			test_turns__keep_the_place_of_one_that_is_gone_for_thirty_days,
			turns_set_up, core_tear_down),
		cmocka_unit_test_setup_teardown(test_turns__recognise_a_folder_that_was_renamed,
						NULL, core_tear_down),
		cmocka_unit_test_setup_teardown(
			test_turns__take_no_place_where_two_may_have_been_renamed, turns_set_up,
			core_tear_down),
		cmocka_unit_test_setup_teardown(
			test_turns__leave_out_what_the_server_refuses_unless_it_refuses_all,
			turns_set_up, core_tear_down),
		cmocka_unit_test_setup_teardown(test_turns__count_what_is_set_aside_in_all_of_them,
						turns_set_up, core_tear_down),
		cmocka_unit_test_setup_teardown(test_turns__rest_in_the_inbox_or_the_first_folder,
						turns_set_up, core_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
