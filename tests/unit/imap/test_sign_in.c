/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/alloc.h"
#include "eii/imap/session.h"
#include "eii/net/tls.h"
#include "script.h"
#include "support.h"

/* Hands out its secrets in turn. */
struct secrets {
	const char *first, *fresh;
	int n_asked;
};

static enum eii_rc give(void *arg, enum eii_imap_secret_need need, char **out,
			struct eii_error *err)
{
	struct secrets *secrets = arg;

	(void)err;
	secrets->n_asked++;
	*out = eii_strdup(need == EII_IMAP_SECRET_FRESH ? secrets->fresh : secrets->first);
	return EII_OK;
}

struct sign_in {
	const char *name, *user, *secret;
	enum eii_imap_auth auth;
	enum eii_rc rc;
	enum eii_error_kind kind;
	const char *says;
	const char *steps[12];
};

#define CAPABLE(list) "<* OK [CAPABILITY IMAP4rev1 " list "] ready"
#define SIGNED_IN     "<A1 OK [CAPABILITY IMAP4rev1] in"
/* base64 of NUL u NUL p, and of the two XOAUTH2 responses */
#define PLAIN_U_P   "AHUAcA=="
#define XOAUTH2_OLD "dXNlcj11AWF1dGg9QmVhcmVyIG9sZAEB"
#define XOAUTH2_NEW "dXNlcj11AWF1dGg9QmVhcmVyIG5ldwEB"

static const struct sign_in cases[] = {
	{ "PLAIN at once",
	  "u",
	  "p",
	  EII_IMAP_AUTH_PASSWORD,
	  EII_OK,
	  0,
	  "",
	  { CAPABLE("AUTH=PLAIN SASL-IR"), ">A1 AUTHENTICATE PLAIN " PLAIN_U_P, SIGNED_IN, "#" } },
	{ "PLAIN when asked",
	  "u",
	  "p",
	  EII_IMAP_AUTH_PASSWORD,
	  EII_OK,
	  0,
	  "",
	  { CAPABLE("AUTH=PLAIN"), ">A1 AUTHENTICATE PLAIN", "<+ ", ">" PLAIN_U_P, SIGNED_IN,
	    "#" } },
	{ "a bare plus",
	  "u",
	  "p",
	  EII_IMAP_AUTH_PASSWORD,
	  EII_OK,
	  0,
	  "",
	  { CAPABLE("AUTH=PLAIN"), ">A1 AUTHENTICATE PLAIN", "<+", ">" PLAIN_U_P, SIGNED_IN,
	    "#" } },
	{ "capabilities when asked",
	  "u",
	  "p",
	  EII_IMAP_AUTH_PASSWORD,
	  EII_OK,
	  0,
	  "",
	  { "<* OK ready", ">A1 CAPABILITY", "<* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR",
	    "<A1 OK done", ">A2 AUTHENTICATE PLAIN " PLAIN_U_P, "<A2 OK in", ">A3 CAPABILITY",
	    "<* CAPABILITY IMAP4rev1", "<A3 OK done", "#" } },
	{ "LOGIN in quotes",
	  "u",
	  "a\"b\\c %*(){5}",
	  EII_IMAP_AUTH_PASSWORD,
	  EII_OK,
	  0,
	  "",
	  { CAPABLE(""), ">A1 LOGIN \"u\" \"a\\\"b\\\\c %*(){5}\"", SIGNED_IN, "#" } },
	{ "LOGIN with literals",
	  "u",
	  "p\xc3\xa4",
	  EII_IMAP_AUTH_PASSWORD,
	  EII_OK,
	  0,
	  "",
	  { CAPABLE(""), ">A1 LOGIN {1}", "<+ go", ">u {3}", "<+ go", ">p\xc3\xa4", SIGNED_IN,
	    "#" } },
	{ "an empty password",
	  "u",
	  "",
	  EII_IMAP_AUTH_PASSWORD,
	  EII_OK,
	  0,
	  "",
	  { CAPABLE(""), ">A1 LOGIN \"u\" \"\"", SIGNED_IN, "#" } },
	{ "LOGINDISABLED",
	  "u",
	  "p",
	  EII_IMAP_AUTH_PASSWORD,
	  EII_FATAL,
	  EII_ERROR_CONFIG,
	  "no password without TLS",
	  { CAPABLE("LOGINDISABLED STARTTLS"), "#" } },
	{ "wrong password",
	  "u",
	  "p",
	  EII_IMAP_AUTH_PASSWORD,
	  EII_FATAL,
	  EII_ERROR_CREDENTIALS,
	  "'wrong \xc3\xbc'",
	  { CAPABLE("AUTH=PLAIN SASL-IR"), ">A1 AUTHENTICATE PLAIN " PLAIN_U_P,
	    "<A1 NO [AUTHENTICATIONFAILED] wrong \xc3\xbc", "#" } },
	{ "a server that tells the secret",
	  "u",
	  "hunter2",
	  EII_IMAP_AUTH_PASSWORD,
	  EII_FATAL,
	  EII_ERROR_CREDENTIALS,
	  "check user name and password",
	  { CAPABLE(""), ">A1 LOGIN \"u\" \"hunter2\"", "<A1 NO not hunter2", "#" } },
	{ "BAD",
	  "u",
	  "p",
	  EII_IMAP_AUTH_PASSWORD,
	  EII_FATAL,
	  EII_ERROR_CREDENTIALS,
	  "'what'",
	  { CAPABLE(""), ">A1 LOGIN \"u\" \"p\"", "<A1 BAD what", "#" } },
	{ "not now",
	  "u",
	  "p",
	  EII_IMAP_AUTH_PASSWORD,
	  EII_RETRY,
	  EII_ERROR_UNREACHABLE,
	  "not possible now",
	  { CAPABLE(""), ">A1 LOGIN \"u\" \"p\"", "<A1 NO [unavailable] backend down", "#" } },
	{ "too many",
	  "u",
	  "p",
	  EII_IMAP_AUTH_PASSWORD,
	  EII_RETRY,
	  EII_ERROR_UNREACHABLE,
	  "not possible now",
	  { CAPABLE(""), ">A1 LOGIN \"u\" \"p\"",
	    "<A1 NO [ALERT] Too many simultaneous connections. (Failure)", "#" } },
	{ "BYE instead",
	  "u",
	  "p",
	  EII_IMAP_AUTH_PASSWORD,
	  EII_RETRY,
	  EII_ERROR_UNREACHABLE,
	  "ends the session: 'down'",
	  { CAPABLE(""), ">A1 LOGIN \"u\" \"p\"", "<* BYE down" } },
	{ "XOAUTH2",
	  "u",
	  "old",
	  EII_IMAP_AUTH_XOAUTH2,
	  EII_OK,
	  0,
	  "",
	  { CAPABLE("AUTH=XOAUTH2 SASL-IR"), ">A1 AUTHENTICATE XOAUTH2 " XOAUTH2_OLD, SIGNED_IN,
	    "#" } },
	{ "a fresh token after a refusal",
	  "u",
	  "old",
	  EII_IMAP_AUTH_XOAUTH2,
	  EII_OK,
	  0,
	  "",
	  { CAPABLE("AUTH=XOAUTH2"), ">A1 AUTHENTICATE XOAUTH2", "<+", ">" XOAUTH2_OLD,
	    "<+ eyJzIjoiNDAxIn0=", ">", "<A1 NO no", ">A2 AUTHENTICATE XOAUTH2", "<+",
	    ">" XOAUTH2_NEW, "<A2 OK [CAPABILITY IMAP4rev1] in", "#" } },
	{ "both tokens refused",
	  "u",
	  "old",
	  EII_IMAP_AUTH_XOAUTH2,
	  EII_FATAL,
	  EII_ERROR_CREDENTIALS,
	  "{\"s\":\"401\"}",
	  { CAPABLE("AUTH=XOAUTH2 SASL-IR"), ">A1 AUTHENTICATE XOAUTH2 " XOAUTH2_OLD, "<A1 NO no",
	    ">A2 AUTHENTICATE XOAUTH2 " XOAUTH2_NEW, "<+ eyJzIjoiNDAxIn0=", ">",
	    "<A2 NO [AUTHENTICATIONFAILED] still no", "#" } },
	{ "no XOAUTH2",
	  "u",
	  "old",
	  EII_IMAP_AUTH_XOAUTH2,
	  EII_FATAL,
	  EII_ERROR_CONFIG,
	  "no sign-in by token",
	  { CAPABLE("AUTH=PLAIN"), "#" } },
};

static void test_sign_in__speaks_as_the_server_wants_and_sorts_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct sign_in *c = &cases[i];
		struct script *script = script_start(c->steps);
		struct eii_imap_options options = script_options(script);
		struct secrets secrets = { .first = c->secret, .fresh = "new" };
		struct eii_imap *imap = NULL;
		struct eii_error err = { 0 };
		enum eii_rc rc;

		options.user = c->user;
		options.auth = c->auth;
		options.secret = give;
		options.secret_arg = &secrets;
		rc = eii_imap_open(&options, &imap, &err);
		CHECK(rc == c->rc, "%s: rc %d, %s", c->name, rc, err.text);
		CHECK(err.kind == c->kind, "%s: kind %d", c->name, err.kind);
		CHECK(strstr(err.text, c->says), "%s: %s", c->name, err.text);
		CHECK(!strstr(err.text, "hunter2"), "%s tells the secret", c->name);
		CHECK((imap != NULL) == (rc == EII_OK), "%s", c->name);
		eii_imap_free(imap);
		CHECK(script_stop(script), "%s", c->name);
	}
}

struct opening {
	const char *name;
	enum eii_imap_tls tls;
	enum eii_rc rc;
	const char *says;
	const char *steps[8];
};

static char long_line[EII_IMAP_LINE_MAX + 100];

static const struct opening openings[] = {
	{ "silence", EII_IMAP_TLS_NONE, EII_RETRY, "no answer in time", { "#" } },
	{ "closed at once", EII_IMAP_TLS_NONE, EII_RETRY, "closed the connection", { NULL } },
	{ "BYE", EII_IMAP_TLS_NONE, EII_RETRY, "'busy'", { "<* BYE busy" } },
	{ "web server",
	  EII_IMAP_TLS_NONE,
	  EII_FATAL,
	  "no IMAP server",
	  { "<HTTP/1.1 400 Bad Request", "#" } },
	{ "binary", EII_IMAP_TLS_NONE, EII_FATAL, "no IMAP server", { "<\x01\xff\x80*", "#" } },
	{ "a star and a blank", EII_IMAP_TLS_NONE, EII_FATAL, "no IMAP server", { "<* ", "#" } },
	{ "an empty line", EII_IMAP_TLS_NONE, EII_FATAL, "no IMAP server", { "<", "#" } },
	{ "an endless line",
	  EII_IMAP_TLS_NONE,
	  EII_RETRY,
	  "over 1048576 bytes",
	  { long_line, "#" } },
	{ "a literal of 2^64-1 in the greeting",
	  EII_IMAP_TLS_NONE,
	  EII_RETRY,
	  "no answer in time",
	  { "<* OK {18446744073709551615}", ">A1 CAPABILITY", "<* {18446744073709551615}", "#" } },
	{ "no capabilities",
	  EII_IMAP_TLS_NONE,
	  EII_RETRY,
	  "does not say what it can do",
	  { "<* OK hi", ">A1 CAPABILITY", "<A1 BAD what", "#" } },
	{ "STARTTLS refused",
	  EII_IMAP_TLS_STARTTLS,
	  EII_FATAL,
	  "refuses STARTTLS: 'not here'",
	  { "<* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi", ">A1 STARTTLS", "<A1 NO not here",
	    "#" } },
	{ "signed in before STARTTLS",
	  EII_IMAP_TLS_STARTTLS,
	  EII_FATAL,
	  "before STARTTLS",
	  { "<* PREAUTH hi", "#" } },
	{ "commands injected before TLS",
	  EII_IMAP_TLS_STARTTLS,
	  EII_RETRY,
	  "plain text into the start of TLS",
	  { "<* OK hi", ">A1 STARTTLS", "=A1 OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
	    "#" } },
	{ "a handshake that hangs",
	  EII_IMAP_TLS_STARTTLS,
	  EII_RETRY,
	  "no answer in time",
	  { "<* OK hi", ">A1 STARTTLS", "<A1 OK go", "#" } },
	{ "plain text on the TLS port", EII_IMAP_TLS_IMPLICIT, EII_RETRY, "", { "<* OK hi", "#" } },
};

static void test_sign_in__gives_up_on_a_bad_start_with_words_and_without_a_password(void **state)
{
	struct eii_tls_options tls = { .verify = true };

	(void)state;
	memset(long_line, 'x', sizeof(long_line) - 1);
	memcpy(long_line, "<* OK ", 6);
	for (size_t i = 0; i < ARRAY_LEN(openings); i++) {
		const struct opening *c = &openings[i];
		struct script *script = script_start(c->steps);
		struct eii_imap_options options = script_options(script);
		struct secrets secrets = { .first = "p", .fresh = "p" };
		struct eii_imap *imap = NULL;
		struct eii_error err = { 0 };
		enum eii_rc rc;

		options.tls = c->tls;
		options.open_timeout_ms =
			strstr(c->says, "in time") ? SCRIPT_SHORT_MS : SCRIPT_LONG_MS;
		options.tls_options = &tls;
		options.secret = give;
		options.secret_arg = &secrets;
		rc = eii_imap_open(&options, &imap, &err);
		/* Whether the first bytes come before or in the handshake is a race. */
		CHECK(rc == c->rc || (c->tls == EII_IMAP_TLS_IMPLICIT && rc == EII_FATAL),
		      "%s: rc %d, %s", c->name, rc, err.text);
		CHECK(strstr(err.text, c->says), "%s: %s", c->name, err.text);
		CHECK(secrets.n_asked == 0, "%s", c->name);
		assert_null(imap);
		CHECK(script_stop(script), "%s", c->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sign_in__speaks_as_the_server_wants_and_sorts_refusals),
		cmocka_unit_test(
			test_sign_in__gives_up_on_a_bad_start_with_words_and_without_a_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
