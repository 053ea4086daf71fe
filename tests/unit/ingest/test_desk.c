/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/desk.h"

#include <poll.h>
#include <pthread.h>

#include "eii/base/clock.h"
#include "scripted_platform.h"
#include "support.h"

#define KEY         "intel@mail.example/INBOX"
#define DEADLINE_MS 20000

/* A state as the official connector leaves it. */
#define OFFICIAL   "{\"last_email_ingestion\": \"2026-08-20T13:56:00+00:00\", \"kept\": [1]}"
#define OFFICIAL_S INT64_C(1787234160)

struct fixture {
	struct scripted_platform platform;
	struct eii_desk *desk;
	pthread_t thread;
};

static void start(struct fixture *f, const char *state)
{
	struct eii_desk_options options = { .platform = &f->platform.base, .mailbox_key = KEY };

	scripted_platform_init(&f->platform, state);
	f->desk = eii_desk_new(&options);
	assert_int_equal(pthread_create(&f->thread, NULL, eii_desk_run, f->desk), 0);
}

static void stop(struct fixture *f)
{
	eii_desk_stop(f->desk);
	assert_int_equal(pthread_join(f->thread, NULL), 0);
	eii_desk_free(f->desk);
	scripted_platform_clear(&f->platform);
}

static struct eii_desk_call *ask(struct fixture *f, struct eii_desk_call *call)
{
	struct eii_queue *answers = eii_desk_answers(f->desk);
	struct pollfd fd = { .fd = eii_queue_fd(answers), .events = POLLIN };
	struct eii_desk_call *answer;

	eii_desk_post(f->desk, call);
	assert_int_equal(poll(&fd, 1, DEADLINE_MS), 1);
	answer = eii_queue_take(answers);
	assert_ptr_equal(answer, call);
	return answer;
}

static enum eii_rc ask_rc(struct fixture *f, enum eii_desk_kind kind)
{
	struct eii_desk_call *call = ask(f, eii_desk_call_new(kind));
	enum eii_rc rc = call->rc;

	eii_desk_call_free(call);
	return rc;
}

static enum eii_rc save_cursor(struct fixture *f, uint32_t cursor)
{
	struct eii_desk_call *call = eii_desk_call_new(EII_DESK_SAVE);
	enum eii_rc rc;

	call->mailbox = eii_mailbox_state_new();
	call->mailbox->uidvalidity = 7;
	call->mailbox->cursor = cursor;
	call->generation = eii_desk_generation(f->desk);
	call = ask(f, call);
	rc = call->rc;
	eii_desk_call_free(call);
	return rc;
}

static uint32_t stored_cursor(struct fixture *f)
{
	EII_AUTO_STR text = scripted_platform_state(&f->platform);
	EII_AUTO(eii_state) state = eii_state_parse(text);
	EII_AUTO(eii_mailbox_state) mailbox = eii_state_get_mailbox(state, KEY);

	return mailbox ? mailbox->cursor : 0;
}

static void test_desk__takes_the_official_connectors_state_over(void **state)
{
	struct fixture f;
	struct eii_desk_call *call;

	(void)state;
	start(&f, OFFICIAL);
	call = ask(&f, eii_desk_call_new(EII_DESK_REGISTER));
	assert_int_equal(call->rc, EII_OK);
	assert_int_equal(call->ingestion_s, OFFICIAL_S);
	assert_null(call->mailbox);
	eii_desk_call_free(call);
	assert_int_equal(f.platform.n_pings, 1);
	assert_int_equal(f.platform.n_bare_pings, 0);
	{
		EII_AUTO_STR text = scripted_platform_state(&f.platform);
		EII_AUTO(eii_state) kept = eii_state_parse(text);

		assert_int_equal(eii_state_last_ingestion(kept), OFFICIAL_S);
	}
	assert_int_equal(save_cursor(&f, 12), EII_OK);
	assert_int_equal(stored_cursor(&f), 12);
	{
		EII_AUTO_STR text = scripted_platform_state(&f.platform);

		assert_non_null(strstr(text, "\"kept\""));
		assert_non_null(strstr(text, "2026-08-20T13:56:00+00:00"));
	}
	stop(&f);
}

static void test_desk__gives_a_place_up_that_another_connector_has_passed(void **state)
{
	static const char stored[] =
		"{\"last_email_ingestion\":\"2026-08-20T13:56:00+00:00\","
		"\"email_intel_imap\":{\"version\":1,\"left\":\"2026-08-19T00:00:00+00:00\","
		"\"mailboxes\":{\"" KEY "\":{\"uidvalidity\":7,\"cursor\":5}}}}";
	struct fixture f;
	struct eii_desk_call *call;

	(void)state;
	start(&f, stored);
	call = ask(&f, eii_desk_call_new(EII_DESK_REGISTER));
	assert_int_equal(call->ingestion_s, OFFICIAL_S);
	assert_non_null(call->mailbox);
	assert_int_equal(call->mailbox->uidvalidity, 0);
	eii_desk_call_free(call);
	/* What is saved from here on was made with that in view. */
	assert_int_equal(save_cursor(&f, 12), EII_OK);
	call = ask(&f, eii_desk_call_new(EII_DESK_REGISTER));
	assert_int_equal(call->mailbox->uidvalidity, 7);
	assert_int_equal(call->mailbox->cursor, 12);
	eii_desk_call_free(call);
	stop(&f);
}

static void test_desk__sees_a_reset_once_and_raises_the_generation(void **state)
{
	struct fixture f;
	uint64_t before;
	struct eii_desk_call *call;

	(void)state;
	start(&f, NULL);
	assert_int_equal(ask_rc(&f, EII_DESK_REGISTER), EII_OK);
	assert_int_equal(save_cursor(&f, 12), EII_OK);
	before = eii_desk_generation(f.desk);
	scripted_platform_reset(&f.platform);
	assert_int_equal(save_cursor(&f, 13), EII_REJECT);
	assert_int_equal(eii_desk_generation(f.desk), before + 1);
	assert_int_equal(stored_cursor(&f), 0);
	call = ask(&f, eii_desk_call_new(EII_DESK_REGISTER));
	assert_int_equal(call->rc, EII_OK);
	assert_null(call->mailbox);
	assert_int_equal(call->ingestion_s, 0);
	eii_desk_call_free(call);
	assert_int_equal(save_cursor(&f, 5), EII_OK);
	assert_int_equal(stored_cursor(&f), 5);
	assert_int_equal(eii_desk_generation(f.desk), before + 1);
	stop(&f);
}

static void test_desk__sees_a_reset_whose_echo_was_lost(void **state)
{
	struct fixture f;
	uint64_t before;

	(void)state;
	start(&f, NULL);
	assert_int_equal(ask_rc(&f, EII_DESK_REGISTER), EII_OK);
	assert_int_equal(save_cursor(&f, 12), EII_OK);
	before = eii_desk_generation(f.desk);
	scripted_platform_reset(&f.platform);
	f.platform.lose_echoes = 1;
	assert_int_equal(save_cursor(&f, 13), EII_RETRY);
	assert_int_equal(eii_desk_generation(f.desk), before);
	/* The state is asked for before anything is sent again. */
	assert_int_equal(save_cursor(&f, 13), EII_REJECT);
	assert_int_equal(eii_desk_generation(f.desk), before + 1);
	assert_int_equal(f.platform.n_reads, 1);
	assert_int_equal(stored_cursor(&f), 0);
	stop(&f);
}

static void test_desk__takes_a_reset_before_the_registration_for_none(void **state)
{
	struct fixture f;
	uint64_t before;

	(void)state;
	start(&f, NULL);
	scripted_platform_reset(&f.platform);
	before = eii_desk_generation(f.desk);
	assert_int_equal(ask_rc(&f, EII_DESK_REGISTER), EII_OK);
	assert_int_equal(save_cursor(&f, 12), EII_OK);
	assert_int_equal(eii_desk_generation(f.desk), before);
	assert_int_equal(stored_cursor(&f), 12);
	stop(&f);
}

static void test_desk__asks_all_again_where_the_first_ping_fails(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, NULL);
	scripted_platform_reset(&f.platform);
	f.platform.lose_echoes = 1;
	assert_int_equal(ask_rc(&f, EII_DESK_REGISTER), EII_RETRY);
	assert_int_equal(ask_rc(&f, EII_DESK_REGISTER), EII_OK);
	assert_int_equal(f.platform.n_registers, 2);
	/* The reset's echo is behind us: the first place that is saved stays. */
	assert_int_equal(save_cursor(&f, 12), EII_OK);
	assert_int_equal(stored_cursor(&f), 12);
	assert_int_equal(f.platform.n_bare_pings, 0);
	stop(&f);
}

static void test_desk__registers_a_deleted_connector_again(void **state)
{
	struct fixture f;
	uint64_t before;

	(void)state;
	start(&f, OFFICIAL);
	assert_int_equal(ask_rc(&f, EII_DESK_REGISTER), EII_OK);
	assert_int_equal(save_cursor(&f, 12), EII_OK);
	before = eii_desk_generation(f.desk);
	scripted_platform_delete(&f.platform);
	assert_int_equal(save_cursor(&f, 13), EII_REJECT);
	assert_int_equal(eii_desk_generation(f.desk), before + 1);
	f.platform.register_failures = 1; /* LOCK_ERROR for 5 s */
	assert_int_equal(ask_rc(&f, EII_DESK_REGISTER), EII_RETRY);
	assert_int_equal(ask_rc(&f, EII_DESK_REGISTER), EII_OK);
	assert_int_equal(f.platform.n_registers, 3);
	assert_int_equal(save_cursor(&f, 1), EII_OK);
	assert_int_equal(stored_cursor(&f), 1);
	stop(&f);
}

static void test_desk__ignores_a_place_of_an_older_generation(void **state)
{
	struct fixture f;
	struct eii_desk_call *call = eii_desk_call_new(EII_DESK_SAVE);

	(void)state;
	start(&f, NULL);
	assert_int_equal(ask_rc(&f, EII_DESK_REGISTER), EII_OK);
	call->mailbox = eii_mailbox_state_new();
	call->mailbox->cursor = 99;
	call->generation = eii_desk_generation(f.desk) - 1;
	call = ask(&f, call);
	assert_int_equal(call->rc, EII_REJECT);
	eii_desk_call_free(call);
	assert_int_equal(stored_cursor(&f), 0);
	stop(&f);
}

static void test_desk__saves_what_is_handed_in_by_itself(void **state)
{
	struct fixture f;
	EII_AUTO(eii_mailbox_state) mailbox = eii_mailbox_state_new();
	int64_t deadline;

	(void)state;
	start(&f, NULL);
	assert_int_equal(ask_rc(&f, EII_DESK_REGISTER), EII_OK);
	mailbox->uidvalidity = 7;
	for (mailbox->cursor = 1; mailbox->cursor < 100; mailbox->cursor++)
		eii_desk_hand_in(f.desk, eii_desk_generation(f.desk), mailbox);
	deadline = eii_clock_monotonic_ms() + DEADLINE_MS;
	while (stored_cursor(&f) != 99 && eii_clock_left_ms(deadline) > 0)
		(void)poll(NULL, 0, 20);
	assert_int_equal(stored_cursor(&f), 99);
	/* One ping for all of them. */
	assert_in_range(f.platform.n_pings, 2, 3);
	stop(&f);
}

static void test_desk__answers_what_was_posted_before_its_end(void **state)
{
	struct fixture f;
	struct eii_desk_call *call = eii_desk_call_new(EII_DESK_WORK_OPEN);

	(void)state;
	start(&f, NULL);
	call->text = strdup("intel");
	call = ask(&f, call);
	assert_string_equal(call->work_id, "work of intel");
	eii_desk_call_free(call);
	call = ask(&f, eii_desk_call_new(EII_DESK_QUEUE_SIZE));
	assert_true(call->bytes > 4710 && call->bytes < 4712);
	eii_desk_call_free(call);
	stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_desk__takes_the_official_connectors_state_over),
		cmocka_unit_test(test_desk__gives_a_place_up_that_another_connector_has_passed),
		cmocka_unit_test(test_desk__sees_a_reset_once_and_raises_the_generation),
		cmocka_unit_test(test_desk__sees_a_reset_whose_echo_was_lost),
		cmocka_unit_test(test_desk__takes_a_reset_before_the_registration_for_none),
		cmocka_unit_test(test_desk__asks_all_again_where_the_first_ping_fails),
		cmocka_unit_test(test_desk__registers_a_deleted_connector_again),
		cmocka_unit_test(test_desk__ignores_a_place_of_an_older_generation),
		cmocka_unit_test(test_desk__saves_what_is_handed_in_by_itself),
		cmocka_unit_test(test_desk__answers_what_was_posted_before_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
