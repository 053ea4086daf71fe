/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include "support.h"

#define PASSING     EII_IMAP_REFUSAL_PASSING
#define CREDENTIALS EII_IMAP_REFUSAL_FINAL_CREDENTIALS
#define NO_FOLDER   EII_IMAP_REFUSAL_FINAL_NO_FOLDER
#define UNCLEAR     EII_IMAP_REFUSAL_UNCLEAR

static void test_judge__knows_codes_in_any_case(void **state)
{
	static const struct {
		const char *name;
		enum eii_imap_code code;
		enum eii_imap_refusal_kind kind;
	} cases[] = {
		{ "", EII_IMAP_CODE_NONE, UNCLEAR },
		{ "XYZZY", EII_IMAP_CODE_OTHER, UNCLEAR },
		{ "UNAVAILABL", EII_IMAP_CODE_OTHER, UNCLEAR },
		{ "UNAVAILABLE2", EII_IMAP_CODE_OTHER, UNCLEAR },
		{ "ALERT", EII_IMAP_CODE_ALERT, UNCLEAR },
		{ "AUTHENTICATIONFAILED", EII_IMAP_CODE_AUTHENTICATIONFAILED, CREDENTIALS },
		{ "AuthorizationFailed", EII_IMAP_CODE_AUTHORIZATIONFAILED, CREDENTIALS },
		{ "CANNOT", EII_IMAP_CODE_CANNOT, UNCLEAR },
		{ "CLIENTBUG", EII_IMAP_CODE_CLIENTBUG, UNCLEAR },
		{ "CONTACTADMIN", EII_IMAP_CODE_CONTACTADMIN, UNCLEAR },
		{ "CORRUPTION", EII_IMAP_CODE_CORRUPTION, UNCLEAR },
		{ "EXPIRED", EII_IMAP_CODE_EXPIRED, CREDENTIALS },
		{ "EXPUNGEISSUED", EII_IMAP_CODE_EXPUNGEISSUED, UNCLEAR },
		{ "INUSE", EII_IMAP_CODE_INUSE, PASSING },
		{ "LIMIT", EII_IMAP_CODE_LIMIT, PASSING },
		{ "NONEXISTENT", EII_IMAP_CODE_NONEXISTENT, NO_FOLDER },
		{ "NOPERM", EII_IMAP_CODE_NOPERM, UNCLEAR },
		{ "OVERQUOTA", EII_IMAP_CODE_OVERQUOTA, PASSING },
		{ "PRIVACYREQUIRED", EII_IMAP_CODE_PRIVACYREQUIRED, UNCLEAR },
		{ "SERVERBUG", EII_IMAP_CODE_SERVERBUG, PASSING },
		{ "throttled", EII_IMAP_CODE_THROTTLED, PASSING },
		{ "unavailable", EII_IMAP_CODE_UNAVAILABLE, PASSING },
		{ "WEBALERT", EII_IMAP_CODE_WEBALERT, CREDENTIALS },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		enum eii_imap_code code = eii_imap_code_of(eii_text_of(cases[i].name));

		CHECK(code == cases[i].code, "%s: %d", cases[i].name, code);
		CHECK(eii_imap_judge(code, eii_text_of("no")) == cases[i].kind, "%s",
		      cases[i].name);
	}
}

/* Sentences as they were reported, for the patterns that are to find them. */
static void test_judge__knows_what_providers_write(void **state)
{
	static const struct {
		const char *words;
		enum eii_imap_refusal_kind kind;
	} cases[] = {
		{ "Request is throttled. Suggested Backoff Time: 299910 milliseconds", PASSING },
		{ "Server Unavailable. 15", PASSING },
		{ "Account exceeded command or bandwidth limits. (Failure)", PASSING },
		{ "Account exceeded bandwidth limits.", PASSING },
		{ "Quota exceeded", PASSING },
		{ "Too many simultaneous connections. (Failure)", PASSING },
		{ "Too many login failures", PASSING },
		{ "Maximum number of connections from user+IP exceeded (mail_max_userip_"
		  "connections=10)",
		  PASSING },
		{ "Temporary authentication failure. [mail:2026-11-27 10:00:00]", PASSING },
		{ "Service temporarily unavailable", PASSING },
		{ "Temporary System Problem", PASSING },
		{ "LOGIN Server error - Please try again later", PASSING },
		{ "UID FETCH Server error - Please try again later", PASSING },
		{ "FETCH Server error while fetching messages", PASSING },
		{ "CAPABILITY Rate limit hit.", PASSING },
		{ "System Error (Failure)", PASSING },
		{ "Internal error occurred. Refer to server log for more information.", PASSING },
		{ "Service Unavailable", PASSING },
		{ "Server shutting down.", PASSING },
		{ "Session expired, please login again.", PASSING },
		{ "Session invalidated - AccessTokenExpired", PASSING },
		{ "Connection closed. 14", PASSING },
		{ "Connection is closed. 13", PASSING },
		{ "Autologout; idle for too long", PASSING },
		{ "Disconnected for inactivity.", PASSING },
		{ "Timeout while waiting for lock", PASSING },
		{ "Invalid credentials (Failure)", CREDENTIALS },
		{ "LOGIN invalid credentials or IMAP is disabled sc=cYXlpv732Cg1", CREDENTIALS },
		{ "Invalid user name or password. Please use full email address as user name.",
		  CREDENTIALS },
		{ "Application-specific password required: https://support.example (Failure)",
		  CREDENTIALS },
		{ "NEOBHODIM parol prilozheniya / Application password is REQUIRED", CREDENTIALS },
		{ "Web login required.", CREDENTIALS },
		{ "Please log in via your web browser: https://support.example (Failure)",
		  CREDENTIALS },
		{ "Account does not have a valid mailbox. Login to your account via a web browser.",
		  CREDENTIALS },
		{ "Your account is not enabled for IMAP use. Please visit your settings page",
		  CREDENTIALS },
		{ "IMAP access is disabled for your domain.", CREDENTIALS },
		{ "You are yet to enable IMAP for your account.", CREDENTIALS },
		{ "AuthFailed:LogonDenied-BasicAuthBlocked", CREDENTIALS },
		{ "AUTHENTICATE failed.", UNCLEAR },
		{ "LOGIN failed.", UNCLEAR },
		{ "Authentication failed.", UNCLEAR },
		{ "User is authenticated but not connected.", UNCLEAR },
		{ "Command Argument Error. 11", UNCLEAR },
		{ "EXAMINE Unsafe Login. Please contact support", UNCLEAR },
		{ "Request not ending with \\r\\n", UNCLEAR },
		{ "Mailbox doesn't exist: Intel", UNCLEAR },
		{ "Incorrect password, please try again", UNCLEAR },
		{ "", UNCLEAR },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK(eii_imap_judge(EII_IMAP_CODE_NONE, eii_text_of(cases[i].words)) ==
			      cases[i].kind,
		      "%s", cases[i].words);
}

static void test_judge__lets_time_outweigh_all_else(void **state)
{
	static const struct {
		enum eii_imap_code code;
		const char *words;
		enum eii_imap_refusal_kind kind;
	} cases[] = {
		{ EII_IMAP_CODE_AUTHENTICATIONFAILED, "Authentication failed.", CREDENTIALS },
		{ EII_IMAP_CODE_AUTHENTICATIONFAILED, "Too many attempts", PASSING },
		{ EII_IMAP_CODE_AUTHENTICATIONFAILED, "temporary failure", PASSING },
		{ EII_IMAP_CODE_UNAVAILABLE, "Invalid credentials", PASSING },
		{ EII_IMAP_CODE_ALERT, "Invalid credentials", CREDENTIALS },
		{ EII_IMAP_CODE_ALERT, "Too many simultaneous connections.", PASSING },
		{ EII_IMAP_CODE_OTHER, "Invalid credentials", CREDENTIALS },
		{ EII_IMAP_CODE_NONEXISTENT, "Invalid credentials", NO_FOLDER },
		{ EII_IMAP_CODE_NONEXISTENT, "System error", PASSING },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK(eii_imap_judge(cases[i].code, eii_text_of(cases[i].words)) == cases[i].kind,
		      "%d %s", cases[i].code, cases[i].words);
}

static void test_judge__hears_how_long_to_wait(void **state)
{
	static const struct {
		const char *words;
		uint32_t wait_ms;
	} cases[] = {
		{ "Request is throttled. Suggested Backoff Time: 299961 milliseconds", 299961 },
		{ "Suggested Backoff Time: 3600000 milliseconds", 3600000 },
		{ "Suggested Backoff Time: 3600001 milliseconds", 3600000 },
		{ "Suggested Backoff Time: 99999999999999999999999", 3600000 },
		{ "Suggested Backoff Time: -1", 0 },
		{ "Suggested Backoff Time: ", 0 },
		{ "Request is throttled.", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK(eii_imap_wait_told(eii_text_of(cases[i].words)) == cases[i].wait_ms, "%s",
		      cases[i].words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge__knows_codes_in_any_case),
		cmocka_unit_test(test_judge__knows_what_providers_write),
		cmocka_unit_test(test_judge__lets_time_outweigh_all_else),
		cmocka_unit_test(test_judge__hears_how_long_to_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
