/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/chronicle.h"

#include "eii/ingest/advice.h"
#include "eii/ingest/words.h"
#include "support.h"

#define NOW_S  INT64_C(1790000000)
#define NOW_MS INT64_C(5000000)

struct fixture {
	struct eii_chronicle *chronicle;
	struct eii_core_view view;
	struct eii_told told;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	f->chronicle = eii_chronicle_new();
	f->view.is_registered = true;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	eii_chronicle_free(f->chronicle);
	free(f);
	return 0;
}

/* So many seconds later, with so many mails in all. */
static const struct eii_told *see(struct fixture *f, int64_t after_s, uint64_t n_mails)
{
	struct eii_sight sight = {
		.view = &f->view,
		.now_ms = NOW_MS + after_s * 1000,
		.unix_s = NOW_S + after_s,
		.n_mails = n_mails,
	};

	eii_chronicle_see(f->chronicle, &sight);
	eii_chronicle_read(f->chronicle, &f->told);
	return &f->told;
}

static const struct eii_trouble *hear(struct fixture *f, const struct eii_event *event,
				      int64_t after_s)
{
	eii_chronicle_hear(f->chronicle, event, NOW_S + after_s);
	eii_chronicle_read(f->chronicle, &f->told);
	return &f->told.troubles[EII_PARTS];
}

static void test_chronicle__a_phase_keeps_its_beginning(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(see(f, 0, 0)->phase, EII_TOLD_IDLE);
	assert_int_equal(see(f, 10, 0)->phase_since_s, NOW_S);
	f->view.phase = EII_PHASE_FLOW;
	assert_int_equal(see(f, 20, 0)->phase, EII_TOLD_FLOW);
	assert_int_equal(f->told.phase_since_s, NOW_S + 20);
	f->view.is_paused = true;
	assert_int_equal(see(f, 30, 0)->phase, EII_TOLD_PAUSED);
	f->view.phase = EII_PHASE_STOP;
	assert_int_equal(see(f, 31, 0)->phase, EII_TOLD_STOP);
}

static void test_chronicle__only_what_is_new_is_counted(void **state)
{
	struct fixture *f = *state;

	(void)see(f, 0, 3);
	(void)see(f, 1, 3);
	(void)see(f, 2, 10);
	assert_int_equal(eii_hours_get(&f->told.hours, NOW_S, 0).mails, 10);
}

static void test_chronicle__a_part_fails_and_works_again(void **state)
{
	struct fixture *f = *state;
	const struct eii_trouble *trouble = &f->told.troubles[EII_PART_MAILBOX];

	f->view.fault_since_ms[EII_PART_MAILBOX] = NOW_MS - 60000;
	f->view.fault_kind[EII_PART_MAILBOX] = EII_FAILURE_UNREACHABLE;
	(void)see(f, 0, 0);
	assert_int_equal(trouble->type, EII_EVENT_FAULT);
	assert_int_equal(trouble->since_s, NOW_S - 60);
	assert_string_equal(eii_advice_words(trouble), "The mail server does not answer");
	f->view.waits_for_person[EII_PART_MAILBOX] = true;
	f->view.fault_kind[EII_PART_MAILBOX] = EII_FAILURE_CREDENTIALS;
	(void)see(f, 5, 0);
	assert_int_equal(trouble->type, EII_EVENT_WAITS_PERSON);
	assert_int_equal(trouble->since_s, NOW_S - 60);
	assert_int_equal(trouble->over_s, 0);
	f->view.fault_since_ms[EII_PART_MAILBOX] = 0;
	(void)see(f, 9, 0);
	(void)see(f, 99, 0);
	assert_int_equal(trouble->over_s, NOW_S + 9);
	/* Another one is another one. */
	f->view.fault_since_ms[EII_PART_MAILBOX] = NOW_MS + 100000;
	(void)see(f, 100, 0);
	assert_int_equal(trouble->since_s, NOW_S + 100);
	assert_int_equal(trouble->over_s, 0);
}

static void test_chronicle__hears_what_is_wrong_and_what_ends_it(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(hear(f, &(struct eii_event){ .type = EII_EVENT_RUN_DONE }, 0)->type,
			 EII_EVENT_NONE);
	assert_int_equal(hear(f, &(struct eii_event){ .type = EII_EVENT_FAULT }, 0)->type,
			 EII_EVENT_NONE);
	assert_int_equal(hear(f, &(struct eii_event){ .type = EII_EVENT_OVER_THRESHOLD }, 5)->type,
			 EII_EVENT_OVER_THRESHOLD);
	assert_int_equal(hear(f, &(struct eii_event){ .type = EII_EVENT_RIGHTS_THERE }, 6)->over_s,
			 0);
	assert_int_equal(
		hear(f, &(struct eii_event){ .type = EII_EVENT_UNDER_THRESHOLD }, 7)->over_s,
		NOW_S + 7);
}

static void test_chronicle__nobody_looks(void **state)
{
	struct fixture *f = *state;
	struct eii_sight sight = { .view = &f->view };

	eii_chronicle_see(NULL, &sight);
	eii_chronicle_hear(NULL, &(struct eii_event){ .type = EII_EVENT_TWIN }, NOW_S);
}

/* Each has words of ours, and something to do. */
static void test_chronicle__every_trouble_has_words_and_advice(void **state)
{
	(void)state;
	for (int type = EII_EVENT_NONE + 1; type < EII_EVENTS; type++) {
		struct eii_trouble trouble = { .type = (enum eii_event_type)type };

		if (eii_words_level(trouble.type) < EII_LOG_WARN)
			continue;
		CHECK(*eii_advice_words(&trouble), "%s", eii_words_name(trouble.type));
		CHECK(*eii_advice_do(&trouble), "%s", eii_words_name(trouble.type));
	}
	for (int part = 0; part < EII_PARTS; part++) {
		for (int kind = EII_FAILURE_NONE; kind <= EII_FAILURE_CUT; kind++) {
			struct eii_trouble trouble = { .type = EII_EVENT_FAULT,
						       .part = (enum eii_part)part,
						       .kind = (enum eii_failure_kind)kind };

			CHECK(*eii_advice_words(&trouble), "%d %d", part, kind);
			CHECK(*eii_advice_do(&trouble), "%d %d", part, kind);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_chronicle__##name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_phase_keeps_its_beginning),
		TEST(only_what_is_new_is_counted),
		TEST(a_part_fails_and_works_again),
		TEST(hears_what_is_wrong_and_what_ends_it),
		TEST(nobody_looks),
		TEST(every_trouble_has_words_and_advice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
