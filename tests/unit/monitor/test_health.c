/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/monitor/health.h"

#include "eii/base/clock.h"
#include "support.h"

#define NOW_MS   INT64_C(10000000)
#define S        INT64_C(1000)
#define PERIOD_S 60

struct fixture {
	struct eii_stats stats;
	struct eii_contacts *contacts;
	struct eii_watched watched;
	struct eii_buf out;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	f->contacts = eii_contacts_new();
	f->watched = (struct eii_watched){ .stats = &f->stats,
					   .contacts = f->contacts,
					   .period_s = PERIOD_S };
	f->stats.heart_beat_ms = NOW_MS;
	f->stats.fetch_beat_ms = NOW_MS;
	f->stats.queue_beat_ms = NOW_MS;
	f->stats.platform_beat_ms = NOW_MS;
	f->stats.reports_beat_ms = NOW_MS;
	f->stats.is_registered = 1;
	eii_buf_init(&f->out, 65536);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	eii_contacts_free(f->contacts);
	eii_buf_clear(&f->out);
	free(f);
	return 0;
}

static bool says(const struct fixture *f, const char *words)
{
	return strstr(f->out.data, words) != NULL;
}

/* ---- alive ------------------------------------------------------------- */

static bool is_live(struct fixture *f)
{
	eii_buf_reset(&f->out);
	return eii_health_is_live(&f->watched, (struct eii_instant){ .monotonic_ms = NOW_MS },
				  &f->out);
}

static void test_health__a_thread_may_be_silent_up_to_its_limit(void **state)
{
	struct fixture *f = *state;

	assert_true(is_live(f));
	f->stats.heart_beat_ms = NOW_MS - EII_HEALTH_BEAT_S * S + 1;
	assert_true(is_live(f));
	f->stats.heart_beat_ms = NOW_MS - EII_HEALTH_BEAT_S * S;
	assert_false(is_live(f));
	assert_true(says(f, "heart thread: STANDS STILL, last sign of life 180 s ago"));
	assert_true(says(f, "platform thread: ok"));
	f->stats.heart_beat_ms = NOW_MS;
	f->stats.platform_beat_ms = NOW_MS - EII_HEALTH_BEAT_S * S;
	assert_false(is_live(f));
	assert_true(says(f, "platform thread: STANDS STILL"));
}

static void test_health__a_run_may_begin_a_little_late(void **state)
{
	struct fixture *f = *state;

	f->stats.next_run_ms = NOW_MS + 90 * S;
	assert_true(is_live(f));
	assert_true(says(f, "next run in 90 s"));
	f->stats.next_run_ms = NOW_MS - EII_HEALTH_LATE_S * S + 1;
	assert_true(is_live(f));
	f->stats.next_run_ms = NOW_MS - EII_HEALTH_LATE_S * S;
	assert_false(is_live(f));
	assert_true(says(f, "schedule: LATE, a run was due 60 s ago"));
	f->stats.next_run_ms = 0;
	assert_true(is_live(f));
	assert_true(says(f, "a run is on"));
}

static void test_health__stuck_is_longer_than_not_alive(void **state)
{
	struct fixture *f = *state;

	assert_true(EII_HEALTH_STUCK_S > EII_HEALTH_BEAT_S);
	assert_null(eii_health_stuck(&f->stats, NOW_MS));
	assert_null(eii_health_stuck(&f->stats, NOW_MS + EII_HEALTH_STUCK_S * S - 1));
	assert_string_equal(eii_health_stuck(&f->stats, NOW_MS + EII_HEALTH_STUCK_S * S), "heart");
	f->stats.heart_beat_ms = NOW_MS + 10 * S;
	/* An order's deadline is a sign of life until then. */
	f->stats.fetch_beat_ms = NOW_MS + 3600 * S;
	assert_string_equal(eii_health_stuck(&f->stats, NOW_MS + EII_HEALTH_STUCK_S * S), "queue");
	f->stats.queue_beat_ms = NOW_MS + 10 * S;
	assert_string_equal(eii_health_stuck(&f->stats, NOW_MS + EII_HEALTH_STUCK_S * S),
			    "platform");
	/* A clock read just before a beat: no age at all. */
	assert_null(eii_health_stuck(&f->stats, NOW_MS - 1));
}

/* ---- ready ------------------------------------------------------------- */

/* after_s: seconds between what was noted and the question. */
static bool is_ready_after(struct fixture *f, int64_t after_s)
{
	struct eii_instant then = { .monotonic_ms = eii_clock_monotonic_ms() + after_s * S };

	eii_buf_reset(&f->out);
	return eii_health_is_ready(&f->watched, then, &f->out);
}

static void note(struct fixture *f, enum eii_server server, enum eii_rc rc, const char *why)
{
	struct eii_error err = { 0 };

	if (why)
		(void)snprintf(err.text, sizeof(err.text), "%s", why);
	eii_contacts_note(f->contacts, server, rc, &err);
}

static void all_answer(struct fixture *f)
{
	note(f, EII_SERVER_PLATFORM, EII_OK, NULL);
	note(f, EII_SERVER_MAILBOX, EII_OK, NULL);
}

static void test_health__a_part_may_fail_up_to_a_minute(void **state)
{
	struct fixture *f = *state;

	all_answer(f);
	for (int part = 0; part < EII_PARTS; part++) {
		int64_t now_ms = eii_clock_monotonic_ms();
		struct eii_instant then = { .monotonic_ms = now_ms };

		f->stats.fault_since_ms[part] = now_ms - EII_HEALTH_FAULT_S * S + 1;
		eii_buf_reset(&f->out);
		CHECK(eii_health_is_ready(&f->watched, then, &f->out), "part %d", part);
		f->stats.fault_since_ms[part] = now_ms - EII_HEALTH_FAULT_S * S;
		eii_buf_reset(&f->out);
		CHECK(!eii_health_is_ready(&f->watched, then, &f->out), "part %d", part);
		CHECK(says(f, "HAS NOT WORKED for 60 s"), "part %d: %s", part, f->out.data);
		f->stats.fault_since_ms[part] = 0;
	}
	assert_true(is_ready_after(f, 0));
}

static void test_health__what_waits_for_a_person_is_not_ready(void **state)
{
	struct fixture *f = *state;

	all_answer(f);
	f->stats.needs_rights = 1;
	assert_false(is_ready_after(f, 0));
	assert_true(says(f, "rights: MISSING"));
	f->stats.needs_rights = 0;
	f->stats.has_twin = 1;
	assert_false(is_ready_after(f, 0));
	assert_true(says(f, "RUN BY ANOTHER PROCESS"));
	f->stats.has_twin = 0;
	f->stats.has_foreign = 1;
	assert_false(is_ready_after(f, 0));
	assert_true(says(f, "USED BY ANOTHER MAILBOX"));
	f->stats.has_foreign = 0;
	f->stats.n_aside = 2;
	assert_false(is_ready_after(f, 0));
	assert_true(says(f, "mails: 2 SET ASIDE"));
	f->stats.n_aside = 0;
	assert_true(is_ready_after(f, 0));
}

static void test_health__ready_needs_platform_and_mailbox(void **state)
{
	struct fixture *f = *state;

	assert_false(is_ready_after(f, 0));
	assert_true(says(f, "platform: NO ANSWER yet"));
	assert_true(says(f, "mailbox: NO ANSWER yet"));
	assert_true(says(f, "queue: ok, not needed yet"));
	note(f, EII_SERVER_PLATFORM, EII_OK, NULL);
	assert_false(is_ready_after(f, 0));
	note(f, EII_SERVER_MAILBOX, EII_OK, NULL);
	assert_true(is_ready_after(f, 0));
}

static void test_health__ready_needs_a_registration_and_no_stop(void **state)
{
	struct fixture *f = *state;

	all_answer(f);
	f->stats.is_registered = 0;
	assert_false(is_ready_after(f, 0));
	assert_true(says(f, "connector: NOT REGISTERED"));
	f->stats.is_registered = 1;
	f->stats.activity = EII_ACTIVITY_STOPPED;
	assert_false(is_ready_after(f, 0));
	assert_true(says(f, "connector: STOPPING"));
}

static void test_health__an_outage_is_told_after_its_limit_with_the_reason(void **state)
{
	struct fixture *f = *state;

	for (enum eii_server server = 0; server < EII_SERVERS; server++) {
		char words[128];

		all_answer(f);
		note(f, EII_SERVER_QUEUE, EII_OK, NULL);
		note(f, server, EII_RETRY, "connect: refused");
		CHECK(is_ready_after(f, EII_HEALTH_FAILING_S - 1), "%s", f->out.data);
		CHECK(!is_ready_after(f, EII_HEALTH_FAILING_S + 1), "%s", f->out.data);
		(void)snprintf(words, sizeof(words), "%s: FAILS for", eii_server_name(server));
		CHECK(says(f, words), "%s", f->out.data);
		CHECK(says(f, "connect: refused"), "%s", f->out.data);
		note(f, server, EII_OK, NULL);
		CHECK(is_ready_after(f, EII_HEALTH_FAILING_S + 1), "%s", f->out.data);
	}
}

static void test_health__an_outage_from_the_start_is_told_at_once(void **state)
{
	struct fixture *f = *state;

	note(f, EII_SERVER_MAILBOX, EII_OK, NULL);
	note(f, EII_SERVER_PLATFORM, EII_RETRY, "no such host");
	assert_false(is_ready_after(f, 0));
	assert_true(says(f, "platform: FAILS for 0 s: no such host"));
}

static void test_health__silence_is_told_after_each_servers_limit(void **state)
{
	struct fixture *f = *state;

	all_answer(f);
	note(f, EII_SERVER_QUEUE, EII_OK, NULL);
	assert_true(is_ready_after(f, EII_HEALTH_PLATFORM_SILENT_S - 1));
	assert_false(is_ready_after(f, EII_HEALTH_PLATFORM_SILENT_S + 1));
	assert_true(says(f, "platform: SILENT for"));
	assert_true(says(f, "mailbox: ok"));
	assert_false(is_ready_after(f, EII_HEALTH_MAILBOX_SILENT_S(PERIOD_S) + 1));
	assert_true(says(f, "mailbox: SILENT for"));
	/* No mail, no connection: that is no fault. */
	assert_true(says(f, "queue: ok, last answer"));
}

static void test_health__a_refusal_is_an_answer_and_a_stop_says_nothing(void **state)
{
	struct eii_error stopped = { .kind = EII_ERROR_STOPPED };
	struct fixture *f = *state;
	struct eii_contact contact;

	note(f, EII_SERVER_MAILBOX, EII_REJECT, "NO such message");
	eii_contacts_get(f->contacts, EII_SERVER_MAILBOX, &contact);
	assert_true(contact.answered_ms > 0);
	assert_int_equal(contact.n_failures, 0);
	eii_contacts_note(f->contacts, EII_SERVER_MAILBOX, EII_RETRY, &stopped);
	eii_contacts_get(f->contacts, EII_SERVER_MAILBOX, &contact);
	assert_int_equal(contact.n_failures, 0);
	assert_int_equal(contact.failing_ms, 0);
}

static void test_health__an_outage_is_counted_from_its_first_failure(void **state)
{
	struct fixture *f = *state;
	struct eii_contact first, second;

	note(f, EII_SERVER_QUEUE, EII_RETRY, "one");
	eii_contacts_get(f->contacts, EII_SERVER_QUEUE, &first);
	note(f, EII_SERVER_QUEUE, EII_FATAL, "two");
	eii_contacts_get(f->contacts, EII_SERVER_QUEUE, &second);
	assert_int_equal(second.failing_ms, first.failing_ms);
	assert_int_equal(second.n_failures, 2);
	assert_string_equal(second.reason, "two");
	assert_int_equal(second.answered_ms, 0);
}

static void test_health__contacts_may_be_absent(void **state)
{
	struct eii_contact contact;

	(void)state;
	eii_contacts_note(NULL, EII_SERVER_QUEUE, EII_OK, NULL);
	eii_contacts_connected(NULL, EII_SERVER_QUEUE);
	eii_contacts_get(NULL, EII_SERVER_QUEUE, &contact);
	assert_int_equal(contact.answered_ms, 0);
	assert_null(eii_contacts_certificate(NULL, EII_SERVER_QUEUE));
	assert_null(eii_contacts_token(NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_health__##name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_thread_may_be_silent_up_to_its_limit),
		TEST(a_run_may_begin_a_little_late),
		TEST(stuck_is_longer_than_not_alive),
		TEST(a_part_may_fail_up_to_a_minute),
		TEST(what_waits_for_a_person_is_not_ready),
		TEST(ready_needs_platform_and_mailbox),
		TEST(ready_needs_a_registration_and_no_stop),
		TEST(an_outage_is_told_after_its_limit_with_the_reason),
		TEST(an_outage_from_the_start_is_told_at_once),
		TEST(silence_is_told_after_each_servers_limit),
		TEST(a_refusal_is_an_answer_and_a_stop_says_nothing),
		TEST(an_outage_is_counted_from_its_first_failure),
		TEST(contacts_may_be_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
