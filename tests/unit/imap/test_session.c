/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/imap/session.h"

#include "script.h"
#include "support.h"

/* ---- misuse and the end ------------------------------------------------ */

static void test_session__fetches_nothing_before_a_folder_is_open(void **state)
{
	static const char *const steps[] = { SCRIPT_HELLO, "#", NULL };
	struct script *script = script_start(steps);
	struct eii_imap *imap = script_open(script, SCRIPT_LONG_MS);
	struct eii_imap_info info = { .uid = 1 };
	uint32_t uid = 1;
	struct eii_error err = { 0 };

	(void)state;
	assert_int_equal(eii_imap_send_bodies(imap, &uid, 1, 0, &err), EII_RETRY);
	assert_int_equal(eii_imap_fetch_info(imap, &info, 1, &err), EII_RETRY);
	assert_false(eii_imap_is_open(imap));
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

static void test_session__says_goodbye_and_waits_no_longer_than_told(void **state)
{
	static const char *const polite[] = { SCRIPT_HELLO, ">A1 LOGOUT", "<* BYE see you",
					      "<A1 OK x", NULL };
	static const char *const deaf[] = { SCRIPT_HELLO, ">A1 LOGOUT", "#", NULL };
	static const char *const *const both[] = { polite, deaf };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct script *script = script_start(both[i]);

		eii_imap_close(script_open(script, SCRIPT_LONG_MS), 100);
		assert_true(script_stop(script));
	}
	eii_imap_close(NULL, 100);
}

/* Providers count a session for a while that was not signed off: also at the end of all. */
static void test_session__says_goodbye_after_a_stop(void **state)
{
	static const char *const steps[] = { SCRIPT_HELLO, ">A1 LOGOUT", "<* BYE see you",
					     "<A1 OK x", NULL };
	struct script *script = script_start(steps);
	struct eii_imap_options options = script_options(script);
	EII_AUTO(eii_stop) stop = eii_stop_new();
	struct eii_imap *imap = NULL;
	struct eii_error err = { 0 };

	(void)state;
	options.stop = stop;
	CHECK(eii_imap_open(&options, &imap, &err) == EII_OK, "%s", err.text);
	eii_stop_request(stop);
	eii_imap_close(imap, SCRIPT_LONG_MS);
	assert_true(script_stop(script));
}

/* What is still to come is not waited for. */
static void test_session__says_goodbye_in_the_middle_of_bodies(void **state)
{
	static const char *const steps[] = { SCRIPT_HELLO, SCRIPT_EXAMINE,
					     ">A2 UID FETCH 3 (UID BODY.PEEK[])", ">A3 LOGOUT",
					     NULL };
	struct script *script = script_start(steps);
	struct eii_imap *imap = script_open_folder(script, SCRIPT_LONG_MS);
	const uint32_t uid = 3;
	struct eii_error err = { 0 };

	(void)state;
	assert_int_equal(eii_imap_send_bodies(imap, &uid, 1, 0, &err), EII_OK);
	eii_imap_close(imap, SCRIPT_LONG_MS);
	assert_true(script_stop(script));
}

/* What the server said of the old token does not say what keeps the fresh one away. */
static void test_session__a_fresh_token_that_cannot_be_had_now_passes(void **state)
{
	static const char *const steps[] = { "<* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] hi",
					     ">A1 AUTHENTICATE XOAUTH2",
					     "<+",
					     ">dXNlcj11AWF1dGg9QmVhcmVyIG9sZAEB",
					     "<A1 NO [AUTHENTICATIONFAILED] expired",
					     "#",
					     NULL };
	struct script *script = script_start(steps);
	struct eii_imap_options options = script_options(script);
	struct script_secrets secrets = { .first = "old", .fresh = NULL };
	struct eii_imap_refusal why = { .kind = EII_IMAP_REFUSAL_UNCLEAR };
	struct eii_imap *imap = NULL;
	struct eii_error err = { 0 };

	(void)state;
	options.auth = EII_IMAP_AUTH_XOAUTH2;
	options.secret = script_give_secret;
	options.secret_arg = &secrets;
	assert_int_equal(eii_imap_open_why(&options, &imap, &why, &err), EII_RETRY);
	assert_int_equal(err.kind, EII_ERROR_UNREACHABLE);
	assert_int_equal(why.kind, EII_IMAP_REFUSAL_NONE);
	assert_null(imap);
	assert_true(script_stop(script));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_session__fetches_nothing_before_a_folder_is_open),
		cmocka_unit_test(test_session__says_goodbye_and_waits_no_longer_than_told),
		cmocka_unit_test(test_session__says_goodbye_after_a_stop),
		cmocka_unit_test(test_session__says_goodbye_in_the_middle_of_bodies),
		cmocka_unit_test(test_session__a_fresh_token_that_cannot_be_had_now_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
