/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/imap/session.h"

#include "script.h"
#include "support.h"

#define CAPABLE(list) "<* OK [CAPABILITY IMAP4rev1 " list "] ready"
#define SIGNED_IN     "<A1 OK [CAPABILITY IMAP4rev1] in"

/* ---- servers that repeat what they hear ------------------------------------ */

/* What a client said in its sign-in, and pieces of it, behind each kind of no. */
static void test_echo__lets_no_echo_of_it_out(void **state)
{
	static const char *const echoes[] = {
		"AUTHENTICATE PLAIN AHUAaHVudGVyMi1zZWNyZXQ=",
		"AHUAaHVudGVyMi1zZWNyZXQ=",
		"'AHUAaHVudGVy'",
		"dGVyMi1z",
		"aHVudGVyMi1zZWNyZXQ=",
		"hunter2-secret",
		"pass=hunter2-se",
		"HUNTER2-SECRET",
		"ter2-",
	};
	/* What stands before and behind it. */
	static const char *const forms[][2] = {
		{ "=A1 NO [AUTHENTICATIONFAILED] ", "\r\n" },
		{ "=A1 NO [AUTHENTICATIONFAILED] it was ", " ok?\r\n" },
		{ "=* BYE ", "\r\n" },
		{ "=A1 NO [", "] no\r\n" },
		{ "=* NO ", "\r\nA1 NO [EXPIRED] no\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(echoes) * ARRAY_LEN(forms); i++) {
		const char *echo = echoes[i / ARRAY_LEN(forms)];
		char answer[256];
		const char *const steps[] = { CAPABLE("AUTH=PLAIN SASL-IR LOGINDISABLED"),
					      ">A1 AUTHENTICATE PLAIN AHUAaHVudGVyMi1zZWNyZXQ=",
					      answer, "#", NULL };
		struct script_secrets secrets = { .first = "hunter2-secret" };
		struct eii_imap_refusal why = { 0 };
		struct eii_imap *imap = NULL;
		struct eii_error err = { 0 };
		struct eii_imap_options options;
		struct script *script;

		(void)snprintf(answer, sizeof(answer), "%s%s%s", forms[i % ARRAY_LEN(forms)][0],
			       echo, forms[i % ARRAY_LEN(forms)][1]);
		script = script_start(steps);
		options = script_options(script);
		options.secret = script_give_secret;
		options.secret_arg = &secrets;
		CHECK(eii_imap_open_why(&options, &imap, &why, &err) != EII_OK, "%s", answer);
		CHECK(!strstr(err.text, echo) && !strstr(why.words, echo), "%s: %s", answer,
		      err.text);
		CHECK(!strstr(err.text, "ter2") && !strstr(err.text, "VudG"), "%s: %s", answer,
		      err.text);
		CHECK(script_stop(script), "%s", answer);
	}
}

/* The same in a session that is signed in, and in what a token was refused with. */
static void test_echo__lets_no_echo_out_later_either(void **state)
{
	static const char *const steps[] = { CAPABLE("AUTH=PLAIN SASL-IR"),
					     ">A1 AUTHENTICATE PLAIN AHUAaHVudGVyMg==",
					     SIGNED_IN,
					     ">A2 EXAMINE \"INBOX\"",
					     "<A2 NO no folder for hunter2 here",
					     ">A3 LIST \"\" \"*\"",
					     "<* LIST () \"/\" \"box of AHUAaHVudGVyMg==\"",
					     "<* LIST () \"/\" INBOX",
					     "<A3 OK x",
					     "#",
					     NULL };
	/* base64 of {"token":"hunter2"} */
	static const char *const token_steps[] = { CAPABLE("AUTH=XOAUTH2"),
						   ">A1 AUTHENTICATE XOAUTH2",
						   "<+",
						   ">dXNlcj11AWF1dGg9QmVhcmVyIGh1bnRlcjIBAQ==",
						   "<+ eyJ0b2tlbiI6Imh1bnRlcjIifQ==",
						   ">",
						   "<A1 NO [EXPIRED] dXNlcj11AWF1dGg9QmVhcmVyI",
						   "#",
						   NULL };
	struct script_secrets secrets = { .first = "hunter2", .fresh = "hunter2" };
	struct script *script = script_start(steps);
	struct eii_imap_options options = script_options(script);
	struct eii_imap *imap = NULL;
	struct eii_imap_folder folder;
	struct eii_error err = { 0 };

	(void)state;
	options.secret = script_give_secret;
	options.secret_arg = &secrets;
	CHECK(eii_imap_open(&options, &imap, &err) == EII_OK, "%s", err.text);
	assert_int_equal(eii_imap_examine(imap, "INBOX", &folder, &err), EII_RETRY);
	CHECK(strstr(err.text, "no folder for *** here"), "%s", err.text);
	CHECK(!strstr(err.text, "AHUA"), "%s", err.text);
	eii_imap_free(imap);
	assert_true(script_stop(script));

	script = script_start(token_steps);
	options = script_options(script);
	options.auth = EII_IMAP_AUTH_XOAUTH2;
	options.secret = script_give_secret;
	options.secret_arg = &secrets;
	assert_int_equal(eii_imap_open(&options, &imap, &err), EII_FATAL);
	CHECK(!strstr(err.text, "hunter2") && !strstr(err.text, "dXNl"), "%s", err.text);
	assert_true(script_stop(script));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo__lets_no_echo_of_it_out),
		cmocka_unit_test(test_echo__lets_no_echo_out_later_either),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
