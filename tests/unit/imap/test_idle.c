/* SPDX-License-Identifier: Apache-2.0 */
/* IDLE against a scripted server. */
#include "eii/base/clock.h"
#include "eii/imap/session.h"

#include "script.h"
#include "support.h"

#define HELLO "<* PREAUTH [CAPABILITY IMAP4rev1 IDLE] hi"

struct outcome {
	enum eii_rc begin, wait, end;
	bool has_grown, has_ended;
};

/* A whole IDLE of at most so long; steps go on behind the opened folder. */
static struct outcome idle(const char *const *steps, int wait_ms, uint32_t timeout_ms)
{
	struct outcome out = { EII_OK, EII_RETRY, EII_RETRY, false, false };
	struct script *script = script_start(steps);
	struct eii_imap *imap = script_open_folder(script, timeout_ms);
	struct eii_error err = { 0 };

	out.begin = eii_imap_idle_begin(imap, &err);
	if (!out.begin)
		out.wait = eii_imap_idle_wait(imap, eii_clock_monotonic_ms() + wait_ms,
					      &out.has_grown, &out.has_ended, &err);
	if (!out.begin && !out.wait)
		out.end = eii_imap_idle_end(imap, timeout_ms, &err);
	eii_imap_free(imap);
	assert_true(script_stop(script));
	return out;
}

static void test_idle__tells_more_mails_and_says_done(void **state)
{
	static const char *const steps[] = { HELLO,
					     SCRIPT_EXAMINE,
					     ">A2 IDLE",
					     "<+ idling",
					     "<* OK Still here",
					     "<* 0 RECENT",
					     "<* 2 EXPUNGE",
					     "<* 2 EXISTS",
					     "<* 3 EXISTS",
					     ">DONE",
					     "<* 4 EXISTS",
					     "<A2 OK Idle completed",
					     NULL };
	struct outcome out = idle(steps, SCRIPT_LONG_MS, SCRIPT_LONG_MS);

	(void)state;
	assert_true(out.has_grown && !out.has_ended && out.end == EII_OK);
}

static void test_idle__heeds_what_comes_before_the_server_waits(void **state)
{
	static const char *const steps[] = { HELLO,       SCRIPT_EXAMINE, ">A2 IDLE", "<* 4 EXISTS",
					     "<+ idling", ">DONE",        "<A2 OK x", NULL };
	struct outcome out = idle(steps, SCRIPT_LONG_MS, SCRIPT_LONG_MS);

	(void)state;
	assert_true(out.has_grown && out.end == EII_OK);
}

static void test_idle__takes_fewer_mails_and_silence_for_nothing(void **state)
{
	static const char *const steps[] = { HELLO,         SCRIPT_EXAMINE, ">A2 IDLE",
					     "<+ idling",   "<* 3 EXISTS",  "<* 1 EXPUNGE",
					     "<* 2 EXISTS", ">DONE",        "<A2 OK x",
					     NULL };
	struct outcome out = idle(steps, SCRIPT_SHORT_MS, SCRIPT_LONG_MS);

	(void)state;
	assert_true(!out.wait && !out.has_grown && !out.has_ended && out.end == EII_OK);
}

static void test_idle__says_no_done_where_the_server_has_ended_it(void **state)
{
	static const char *const by_itself[] = { HELLO,       SCRIPT_EXAMINE,  ">A2 IDLE",
						 "<+ idling", "<A2 OK enough", "#",
						 NULL };
	static const char *const at_once[] = { HELLO, SCRIPT_EXAMINE, ">A2 IDLE", "<A2 OK x", "#",
					       NULL };
	struct outcome out = idle(by_itself, SCRIPT_LONG_MS, SCRIPT_LONG_MS);

	(void)state;
	assert_true(out.has_ended && out.end == EII_OK);
	out = idle(at_once, SCRIPT_LONG_MS, SCRIPT_LONG_MS);
	assert_true(out.has_ended && out.end == EII_OK);
}

static void test_idle__is_rejected_where_the_server_has_none(void **state)
{
	static const char *const absent[] = { SCRIPT_HELLO,
					      SCRIPT_EXAMINE,
					      ">A2 CAPABILITY",
					      "<* CAPABILITY IMAP4rev1",
					      "<A2 OK x",
					      "#",
					      NULL };
	static const char *const later[] = { SCRIPT_HELLO,     SCRIPT_EXAMINE,
					     ">A2 CAPABILITY", "<* CAPABILITY IMAP4rev1 IDLE",
					     "<A2 OK x",       ">A3 IDLE",
					     "<+ idling",      ">DONE",
					     "<A3 OK x",       NULL };
	static const char *const refused[] = { HELLO,      SCRIPT_EXAMINE,
					       ">A2 IDLE", "<A2 BAD what?",
					       "#",        NULL };

	(void)state;
	assert_int_equal(idle(absent, 0, SCRIPT_LONG_MS).begin, EII_REJECT);
	assert_int_equal(idle(refused, 0, SCRIPT_LONG_MS).begin, EII_REJECT);
	assert_int_equal(idle(later, 0, SCRIPT_LONG_MS).end, EII_OK);
}

static void test_idle__finds_out_at_done_that_the_server_is_silent(void **state)
{
	static const char *const steps[] = { HELLO,       SCRIPT_EXAMINE, ">A2 IDLE",
					     "<+ idling", ">DONE",        "#",
					     NULL };
	struct outcome out = idle(steps, SCRIPT_SHORT_MS, SCRIPT_SHORT_MS);

	(void)state;
	assert_true(!out.wait && out.end == EII_RETRY);
}

static void test_idle__is_over_when_the_server_says_goodbye(void **state)
{
	static const char *const steps[] = { HELLO,
					     SCRIPT_EXAMINE,
					     ">A2 IDLE",
					     "<+ idling",
					     "<* BYE Session invalidated - AccessTokenExpired",
					     NULL };

	(void)state;
	assert_int_equal(idle(steps, SCRIPT_LONG_MS, SCRIPT_LONG_MS).wait, EII_RETRY);
}

static void test_idle__ends_at_a_stop_and_takes_its_leave(void **state)
{
	static const char *const steps[] = { HELLO,        SCRIPT_EXAMINE, ">A2 IDLE",
					     "<+ idling",  ">DONE",        ">A3 LOGOUT",
					     "<* BYE bye", "<A2 OK x",     "<A3 OK x",
					     NULL };
	struct script *script = script_start(steps);
	struct eii_imap_options options = script_options(script);
	struct eii_stop *stop = eii_stop_new();
	struct eii_imap_folder folder;
	struct eii_error err = { 0 };
	struct eii_imap *imap = NULL;
	bool has_grown = false, has_ended = false;

	(void)state;
	options.stop = stop;
	assert_int_equal(eii_imap_open(&options, &imap, &err), EII_OK);
	assert_int_equal(eii_imap_examine(imap, "INBOX", &folder, &err), EII_OK);
	assert_int_equal(eii_imap_idle_begin(imap, &err), EII_OK);
	eii_stop_request(stop);
	assert_int_equal(eii_imap_idle_wait(imap, eii_clock_monotonic_ms() + SCRIPT_LONG_MS,
					    &has_grown, &has_ended, &err),
			 EII_RETRY);
	assert_int_equal(err.kind, EII_ERROR_STOPPED);
	eii_imap_close(imap, SCRIPT_LONG_MS);
	eii_stop_free(stop);
	assert_true(script_stop(script));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_idle__tells_more_mails_and_says_done),
		cmocka_unit_test(test_idle__heeds_what_comes_before_the_server_waits),
		cmocka_unit_test(test_idle__takes_fewer_mails_and_silence_for_nothing),
		cmocka_unit_test(test_idle__says_no_done_where_the_server_has_ended_it),
		cmocka_unit_test(test_idle__is_rejected_where_the_server_has_none),
		cmocka_unit_test(test_idle__finds_out_at_done_that_the_server_is_silent),
		cmocka_unit_test(test_idle__is_over_when_the_server_says_goodbye),
		cmocka_unit_test(test_idle__ends_at_a_stop_and_takes_its_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
