/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/fetcher.h"

#include <poll.h>
#include <pthread.h>

#include "eii/base/clock.h"
#include "scripted_mailbox.h"
#include "support.h"

#define NOW_S       INT64_C(1790000000)
#define DAY_S       86400
#define MAX_MAIL    1000
#define DEADLINE_MS 20000

struct fixture {
	struct scripted_mailbox box;
	struct eii_budget *budget;
	struct eii_fetcher *fetcher;
	pthread_t thread;
	/* What came, in order. */
	uint32_t mails[SCRIPTED_MAX_MAILS];
	enum eii_mail_form forms[SCRIPTED_MAX_MAILS];
	size_t n_mails;
	uint32_t lost[16];
	size_t n_lost;
	uint32_t n_planned, n_settled, n_asked;
	enum eii_fetch_permit permit;
	struct eii_fetch_event answer; /* LOOKED or ENDED */
};

static void start(struct fixture *f)
{
	struct eii_fetcher_options options = { .mailbox = &f->box.base,
					       .max_mail_bytes = MAX_MAIL,
					       .first_wait_ms = 1,
					       .max_wait_ms = 2 };

	f->budget = eii_budget_new(1 << 20, 5000);
	options.budget = f->budget;
	f->fetcher = eii_fetcher_new(&options);
	assert_int_equal(pthread_create(&f->thread, NULL, eii_fetcher_run, f->fetcher), 0);
}

static void stop(struct fixture *f)
{
	eii_fetcher_stop(f->fetcher);
	assert_int_equal(pthread_join(f->thread, NULL), 0);
	eii_fetcher_free(f->fetcher);
	assert_int_equal(eii_budget_used(f->budget), 0);
	eii_budget_free(f->budget);
}

static void heed(struct fixture *f, struct eii_fetch_event *event)
{
	switch (event->type) {
	case EII_FETCH_PLANNED:
		f->n_planned += event->n;
		break;
	case EII_FETCH_SETTLED:
		f->n_settled += event->n;
		break;
	case EII_FETCH_ASKED:
		f->n_asked++;
		eii_fetcher_permit(f->fetcher, f->permit);
		break;
	case EII_FETCH_MAIL:
		f->mails[f->n_mails] = event->mail->uid;
		f->forms[f->n_mails++] = event->mail->form;
		eii_budget_release(f->budget, event->mail->reserved);
		break;
	case EII_FETCH_LOST:
		f->lost[f->n_lost++] = event->uid;
		break;
	case EII_FETCH_LOOKED:
	case EII_FETCH_ENDED:
		f->answer = *event;
		f->answer.mail = NULL;
		f->answer.uids = NULL;
		break;
	}
}

/* Takes events until the one of this type has come. */
static void wait_for(struct fixture *f, enum eii_fetch_event_type type)
{
	struct eii_queue *events = eii_fetcher_events(f->fetcher);
	int64_t deadline = eii_clock_monotonic_ms() + DEADLINE_MS;

	for (;;) {
		struct pollfd fd = { .fd = eii_queue_fd(events), .events = POLLIN };
		struct eii_fetch_event *event;
		enum eii_fetch_event_type came;

		assert_true(poll(&fd, 1, eii_clock_left_ms(deadline)) > 0);
		event = eii_queue_take(events);
		if (!event)
			continue;
		came = event->type;
		heed(f, event);
		eii_fetch_event_free(event);
		if (came == type)
			return;
	}
}

static void look(struct fixture *f, const struct eii_fetch_place *place)
{
	eii_fetcher_look(f->fetcher, place);
	wait_for(f, EII_FETCH_LOOKED);
}

static void look_and_go(struct fixture *f, const struct eii_fetch_place *place)
{
	look(f, place);
	assert_int_equal(f->answer.rc, EII_OK);
	eii_fetcher_go(f->fetcher, 0);
	wait_for(f, EII_FETCH_ENDED);
}

static const struct eii_fetch_place fresh = { .new_window_since_s = NOW_S };

static struct eii_fetch_place after(uint32_t cursor)
{
	return (struct eii_fetch_place){ .has_cursor = true, .uidvalidity = 7, .cursor = cursor };
}

static void test_fetcher__begins_a_window_at_an_instant_not_at_a_day(void **state)
{
	struct fixture f = { 0 };

	(void)state;
	scripted_mailbox_init(&f.box, 7, 13);
	scripted_mailbox_add(&f.box, 3, NOW_S - 40 * DAY_S, "old");
	scripted_mailbox_add(&f.box, 5, NOW_S - 1, "one second too old");
	scripted_mailbox_add(&f.box, 8, NOW_S, "just in time");
	scripted_mailbox_add(&f.box, 12, NOW_S + 9, "new");
	start(&f);
	look_and_go(&f, &fresh);
	assert_int_equal(f.answer.rc, EII_OK);
	assert_true(f.answer.found.place.has_window);
	assert_int_equal(f.answer.found.place.window_uidnext, 13);
	assert_int_equal(f.answer.found.place.window_since_s, NOW_S);
	assert_int_equal(f.n_mails, 2);
	assert_int_equal(f.mails[0], 8);
	assert_int_equal(f.mails[1], 12);
	assert_int_equal(f.n_settled, 1);
	assert_int_equal(f.n_planned, 2);
	stop(&f);
}

static void test_fetcher__takes_every_mail_from_the_windows_uidnext_on(void **state)
{
	struct fixture f = { 0 };
	struct eii_fetch_place place = after(8);

	(void)state;
	place.has_window = true;
	place.window_since_s = NOW_S;
	place.window_uidnext = 13;
	scripted_mailbox_init(&f.box, 7, 20);
	scripted_mailbox_add(&f.box, 8, NOW_S, "settled before");
	scripted_mailbox_add(&f.box, 9, NOW_S, "of the window");
	scripted_mailbox_add(&f.box, 14, NOW_S - 900 * DAY_S, "copied: old date, new uid");
	start(&f);
	look_and_go(&f, &place);
	assert_int_equal(f.n_mails, 2);
	assert_int_equal(f.mails[0], 9);
	assert_int_equal(f.mails[1], 14);
	stop(&f);
}

static void test_fetcher__finds_only_what_is_above_the_cursor(void **state)
{
	struct fixture f = { 0 };
	struct eii_fetch_place place = after(11);

	(void)state;
	scripted_mailbox_init(&f.box, 7, 13);
	scripted_mailbox_add(&f.box, 11, NOW_S, "done");
	scripted_mailbox_add(&f.box, 12, NOW_S - 400 * DAY_S, "late, with an old date");
	start(&f);
	look_and_go(&f, &place);
	assert_int_equal(f.n_mails, 1);
	assert_int_equal(f.mails[0], 12);
	stop(&f);
}

static void test_fetcher__looks_for_nothing_where_nothing_is_new(void **state)
{
	struct fixture f = { 0 };
	struct eii_fetch_place place = after(12);

	(void)state;
	scripted_mailbox_init(&f.box, 7, 13);
	start(&f);
	look(&f, &place);
	assert_int_equal(f.answer.found.n_candidates, 0);
	assert_int_equal(f.box.n_searches, 0);
	look(&f, &place);
	assert_int_equal(f.box.n_opens, 1);
	assert_int_equal(f.box.n_looks, 1);
	assert_int_equal(f.box.n_searches, 0);
	stop(&f);
}

static void test_fetcher__begins_anew_when_uidvalidity_changed(void **state)
{
	struct fixture f = { 0 };
	struct eii_fetch_place place = after(400);

	(void)state;
	place.new_window_since_s = NOW_S;
	scripted_mailbox_init(&f.box, 8, 3);
	scripted_mailbox_add(&f.box, 2, NOW_S + 1, "renumbered");
	start(&f);
	look_and_go(&f, &place);
	assert_int_equal(f.n_mails, 1);
	assert_int_equal(f.answer.found.place.uidvalidity, 8);
	stop(&f);
}

static void test_fetcher__ends_when_the_server_renumbers_in_mid_run(void **state)
{
	struct fixture f = { 0 };
	struct eii_fetch_place place = after(0);

	(void)state;
	scripted_mailbox_init(&f.box, 7, 3);
	f.box.uidvalidity_next = 8;
	scripted_mailbox_add(&f.box, 1, NOW_S, "x")->fault = SCRIPTED_DEADLY;
	start(&f);
	look_and_go(&f, &place);
	assert_int_equal(f.answer.rc, EII_REJECT);
	assert_int_equal(f.n_mails, 0);
	stop(&f);
}

static void test_fetcher__tells_the_expunged_from_the_withheld(void **state)
{
	struct fixture f = { 0 };
	struct eii_fetch_place place = after(0);

	(void)state;
	scripted_mailbox_init(&f.box, 7, 6);
	scripted_mailbox_add(&f.box, 1, NOW_S, "a");
	scripted_mailbox_add(&f.box, 2, NOW_S, "b")->fault = SCRIPTED_EXPUNGED;
	scripted_mailbox_add(&f.box, 3, NOW_S, "c")->fault = SCRIPTED_WITHHELD;
	scripted_mailbox_add(&f.box, 4, NOW_S, "d");
	start(&f);
	look_and_go(&f, &place);
	assert_int_equal(f.answer.rc, EII_OK);
	assert_int_equal(f.n_lost, 1);
	assert_int_equal(f.lost[0], 2);
	assert_int_equal(f.n_mails, 3);
	assert_int_equal(f.mails[2], 3);
	assert_int_equal(f.forms[2], EII_MAIL_FACTS);
	stop(&f);
}

/* One bad mail among many: the rest comes whole, the bad one as facts. */
static void check_one_bad_among_many(enum scripted_fault fault)
{
	enum { N = 600, BAD = 251 };
	struct fixture *f = calloc(1, sizeof(*f));
	struct eii_fetch_place place = after(0);
	size_t n_facts = 0;

	scripted_mailbox_init(&f->box, 7, N + 1);
	for (uint32_t uid = 1; uid <= N; uid++)
		scripted_mailbox_add(&f->box, uid, NOW_S, "mail");
	f->box.mails[BAD - 1].fault = fault;
	start(f);
	look_and_go(f, &place);
	CHECK(f->answer.rc == EII_OK, "%s", f->answer.error.text);
	assert_int_equal(f->n_mails, N);
	for (size_t i = 0; i < f->n_mails; i++) {
		if (f->forms[i] != EII_MAIL_FACTS)
			continue;
		assert_int_equal(f->mails[i], BAD);
		n_facts++;
	}
	assert_int_equal(n_facts, 1);
	assert_int_equal(f->n_planned, N);
	stop(f);
	free(f);
}

static void test_fetcher__halves_a_chunk_that_is_refused(void **state)
{
	(void)state;
	check_one_bad_among_many(SCRIPTED_REFUSED);
}

static void test_fetcher__halves_a_chunk_that_kills_the_session(void **state)
{
	(void)state;
	check_one_bad_among_many(SCRIPTED_DEADLY);
}

static void test_fetcher__takes_the_head_of_a_mail_over_the_limit(void **state)
{
	struct fixture f = { 0 };
	struct eii_fetch_place place = after(0);

	(void)state;
	scripted_mailbox_init(&f.box, 7, 3);
	scripted_mailbox_add(&f.box, 1, NOW_S, "at the limit")->claimed_size = MAX_MAIL;
	scripted_mailbox_add(&f.box, 2, NOW_S, "one over")->claimed_size = MAX_MAIL + 1;
	start(&f);
	look_and_go(&f, &place);
	assert_int_equal(f.n_mails, 2);
	assert_int_equal(f.forms[0], EII_MAIL_WHOLE);
	assert_int_equal(f.forms[1], EII_MAIL_HEAD);
	assert_int_equal(f.box.heads, 1);
	stop(&f);
}

static void test_fetcher__asks_before_each_mail_when_careful(void **state)
{
	struct fixture f = { .permit = EII_FETCH_PERMIT_HEAD };
	struct eii_fetch_place place = after(0);

	(void)state;
	scripted_mailbox_init(&f.box, 7, 5);
	for (uint32_t uid = 1; uid <= 4; uid++)
		scripted_mailbox_add(&f.box, uid, NOW_S, "mail");
	start(&f);
	look(&f, &place);
	eii_fetcher_go(f.fetcher, 3);
	wait_for(&f, EII_FETCH_ENDED);
	assert_int_equal(f.n_asked, 3);
	assert_int_equal(f.n_mails, 4);
	assert_int_equal(f.forms[2], EII_MAIL_HEAD);
	assert_int_equal(f.forms[3], EII_MAIL_WHOLE);
	stop(&f);
}

static void test_fetcher__hands_a_refused_sign_in_on_only_at_first(void **state)
{
	struct fixture f = { 0 };
	struct eii_fetch_place place = after(0);

	(void)state;
	scripted_mailbox_init(&f.box, 7, 2);
	f.box.open_rc = EII_FATAL;
	f.box.n_open_failures = 1;
	start(&f);
	look(&f, &place);
	assert_int_equal(f.answer.rc, EII_FATAL);
	look(&f, &place);
	assert_int_equal(f.answer.rc, EII_OK);
	f.box.is_open = false;
	f.box.n_open_failures = 1;
	look(&f, &place);
	assert_int_equal(f.answer.rc, EII_RETRY);
	stop(&f);
}

static void test_fetcher__ends_soon_when_aborted(void **state)
{
	struct fixture f = { 0 };
	struct eii_fetch_place place = after(0);

	(void)state;
	scripted_mailbox_init(&f.box, 7, 2);
	scripted_mailbox_add(&f.box, 1, NOW_S, "mail");
	start(&f);
	eii_budget_pause(f.budget);
	look(&f, &place);
	eii_fetcher_go(f.fetcher, 0);
	wait_for(&f, EII_FETCH_PLANNED);
	eii_fetcher_abort(f.fetcher);
	wait_for(&f, EII_FETCH_ENDED);
	assert_int_equal(f.answer.rc, EII_RETRY);
	assert_int_equal(f.answer.error.kind, EII_ERROR_STOPPED);
	assert_int_equal(f.n_mails, 0);
	eii_budget_resume(f.budget);
	eii_fetcher_allow(f.fetcher);
	look_and_go(&f, &place);
	assert_int_equal(f.n_mails, 1);
	stop(&f);
}

/* A server that owes nothing is told at the end; the cut of an abort must not come between. */
static void test_fetcher__closes_an_idle_session_uncut(void **state)
{
	static const struct {
		const char *name;
		bool is_aborted_first;
	} cases[] = { { "after a run", false }, { "after the run's abort", true } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f = { 0 };
		struct eii_fetch_place place = after(0);

		scripted_mailbox_init(&f.box, 7, 2);
		scripted_mailbox_add(&f.box, 1, NOW_S, "mail");
		start(&f);
		f.box.cut = eii_fetcher_cut(f.fetcher);
		f.box.was_cut_at_close = true;
		look_and_go(&f, &place);
		assert_true(f.box.is_open);
		if (cases[i].is_aborted_first)
			eii_fetcher_abort(f.fetcher);
		stop(&f);
		CHECK(!f.box.is_open, "%s", cases[i].name);
		CHECK(!f.box.was_cut_at_close, "%s", cases[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fetcher__begins_a_window_at_an_instant_not_at_a_day),
		cmocka_unit_test(test_fetcher__takes_every_mail_from_the_windows_uidnext_on),
		cmocka_unit_test(test_fetcher__finds_only_what_is_above_the_cursor),
		cmocka_unit_test(test_fetcher__looks_for_nothing_where_nothing_is_new),
		cmocka_unit_test(test_fetcher__begins_anew_when_uidvalidity_changed),
		cmocka_unit_test(test_fetcher__ends_when_the_server_renumbers_in_mid_run),
		cmocka_unit_test(test_fetcher__tells_the_expunged_from_the_withheld),
		cmocka_unit_test(test_fetcher__halves_a_chunk_that_is_refused),
		cmocka_unit_test(test_fetcher__halves_a_chunk_that_kills_the_session),
		cmocka_unit_test(test_fetcher__takes_the_head_of_a_mail_over_the_limit),
		cmocka_unit_test(test_fetcher__asks_before_each_mail_when_careful),
		cmocka_unit_test(test_fetcher__hands_a_refused_sign_in_on_only_at_first),
		cmocka_unit_test(test_fetcher__ends_soon_when_aborted),
		cmocka_unit_test(test_fetcher__closes_an_idle_session_uncut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
