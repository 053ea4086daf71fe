/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/imap/session.h"

#include "eii/net/tls.h"
#include "script.h"
#include "support.h"

#define PASSING       EII_IMAP_REFUSAL_PASSING
#define UNCLEAR       EII_IMAP_REFUSAL_UNCLEAR
#define CAPABLE(list) "<* OK [CAPABILITY IMAP4rev1 " list "] ready"
#define SIGNED_IN     "<A1 OK [CAPABILITY IMAP4rev1] in"

/* ---- bad starts -------------------------------------------------------------- */

struct opening {
	const char *name;
	enum eii_imap_tls tls;
	enum eii_rc rc;
	const char *says;
	const char *steps[8];
	enum eii_imap_refusal_kind refused;
	enum eii_imap_step step;
};

static char long_line[EII_IMAP_LINE_MAX + 100];

static const struct opening openings[] = {
	{ "silence", EII_IMAP_TLS_NONE, EII_RETRY, "no answer in time", { "#" }, 0, 0 },
	{ "closed at once", EII_IMAP_TLS_NONE, EII_RETRY, "closed the connection", { NULL }, 0, 0 },
	{ "BYE",
	  EII_IMAP_TLS_NONE,
	  EII_RETRY,
	  "'busy'",
	  { "<* BYE busy" },
	  UNCLEAR,
	  EII_IMAP_STEP_GREETING },
	{ "BYE with a reason",
	  EII_IMAP_TLS_NONE,
	  EII_RETRY,
	  "'Too many connections'",
	  { "<* BYE [ALERT] Too many connections" },
	  PASSING,
	  EII_IMAP_STEP_GREETING },
	{ "NO",
	  EII_IMAP_TLS_NONE,
	  EII_RETRY,
	  "refuses the session: 'overloaded'",
	  { "<* NO [UNAVAILABLE] overloaded", "#" },
	  PASSING,
	  EII_IMAP_STEP_GREETING },
	{ "web server",
	  EII_IMAP_TLS_NONE,
	  EII_FATAL,
	  "no IMAP server",
	  { "<HTTP/1.1 400 Bad Request", "#" },
	  0,
	  0 },
	{ "binary",
	  EII_IMAP_TLS_NONE,
	  EII_FATAL,
	  "no IMAP server",
	  { "<\x01\xff\x80*", "#" },
	  0,
	  0 },
	{ "a star and a blank",
	  EII_IMAP_TLS_NONE,
	  EII_FATAL,
	  "no IMAP server",
	  { "<* ", "#" },
	  0,
	  0 },
	{ "a blank line first",
	  EII_IMAP_TLS_NONE,
	  EII_RETRY,
	  "'busy'",
	  { "<", "<* BYE busy" },
	  UNCLEAR,
	  EII_IMAP_STEP_GREETING },
	{ "an endless line",
	  EII_IMAP_TLS_NONE,
	  EII_RETRY,
	  "over 1048576 bytes",
	  { long_line, "#" },
	  0,
	  0 },
	{ "blank lines without end",
	  EII_IMAP_TLS_NONE,
	  EII_RETRY,
	  "over 8388608 bytes",
	  { "^\r\n" },
	  0,
	  0 },
	{ "a literal of 2^64-1 in the greeting",
	  EII_IMAP_TLS_NONE,
	  EII_RETRY,
	  "no answer in time",
	  { "<* OK {18446744073709551615}", ">A1 CAPABILITY", "<* {18446744073709551615}", "#" },
	  0,
	  0 },
	{ "no capabilities",
	  EII_IMAP_TLS_NONE,
	  EII_RETRY,
	  "does not say what it can do: 'what'",
	  { "<* OK hi", ">A1 CAPABILITY", "<A1 BAD what", "#" },
	  UNCLEAR,
	  EII_IMAP_STEP_CAPABILITY },
	{ "no capabilities for now",
	  EII_IMAP_TLS_NONE,
	  EII_RETRY,
	  "does not say what it can do",
	  { "<* OK hi", ">A1 CAPABILITY", "<A1 NO [LIMIT] CAPABILITY Rate limit hit.", "#" },
	  PASSING,
	  EII_IMAP_STEP_CAPABILITY },
	{ "STARTTLS not listed",
	  EII_IMAP_TLS_STARTTLS,
	  EII_FATAL,
	  "refuses STARTTLS: 'not here' (set EMAIL_INTEL_IMAP_TLS=implicit",
	  { "<* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi", ">A1 STARTTLS", "<A1 NO not here", "#" },
	  UNCLEAR,
	  EII_IMAP_STEP_STARTTLS },
	{ "STARTTLS not listed, on asking",
	  EII_IMAP_TLS_STARTTLS,
	  EII_FATAL,
	  "refuses STARTTLS: 'not here'",
	  { "<* OK hi", ">A1 STARTTLS", "<A1 NO not here", ">A2 CAPABILITY",
	    "<* CAPABILITY IMAP4rev1", "<A2 OK x", "#" },
	  UNCLEAR,
	  EII_IMAP_STEP_STARTTLS },
	{ "STARTTLS listed and unknown",
	  EII_IMAP_TLS_STARTTLS,
	  EII_FATAL,
	  "refuses STARTTLS: 'what'",
	  { "<* OK [CAPABILITY IMAP4rev1 STARTTLS] hi", ">A1 STARTTLS", "<A1 BAD what", "#" },
	  UNCLEAR,
	  EII_IMAP_STEP_STARTTLS },
	{ "STARTTLS listed and refused",
	  EII_IMAP_TLS_STARTTLS,
	  EII_RETRY,
	  "STARTTLS is not possible now: 'no'",
	  { "<* OK [CAPABILITY IMAP4rev1 STARTTLS] hi", ">A1 STARTTLS", "<A1 NO no", "#" },
	  UNCLEAR,
	  EII_IMAP_STEP_STARTTLS },
	{ "STARTTLS refused for now",
	  EII_IMAP_TLS_STARTTLS,
	  EII_RETRY,
	  "STARTTLS is not possible now: 'no'",
	  { "<* OK hi", ">A1 STARTTLS", "<A1 NO [UNAVAILABLE] no", "#" },
	  PASSING,
	  EII_IMAP_STEP_STARTTLS },
	{ "signed in before STARTTLS",
	  EII_IMAP_TLS_STARTTLS,
	  EII_FATAL,
	  "before STARTTLS",
	  { "<* PREAUTH hi", "#" },
	  0,
	  0 },
	{ "commands injected before TLS",
	  EII_IMAP_TLS_STARTTLS,
	  EII_RETRY,
	  "plain text into the start of TLS",
	  { "<* OK hi", ">A1 STARTTLS", "=A1 OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n", "#" },
	  0,
	  0 },
	{ "a handshake that hangs",
	  EII_IMAP_TLS_STARTTLS,
	  EII_RETRY,
	  "no answer in time",
	  { "<* OK hi", ">A1 STARTTLS", "<A1 OK go", "#" },
	  0,
	  0 },
	{ "plain text on the TLS port",
	  EII_IMAP_TLS_IMPLICIT,
	  EII_FATAL,
	  "does not speak TLS from the start on this port: set EMAIL_INTEL_IMAP_TLS=starttls",
	  { "<* OK hi", "#" },
	  0,
	  0 },
	{ "TLS where plain text was to come",
	  EII_IMAP_TLS_STARTTLS,
	  EII_FATAL,
	  "speaks TLS from the start on this port: set EMAIL_INTEL_IMAP_TLS=implicit",
	  { ">A0 NOOP", "=\x15\x03\x01\x7f\x02\x02\x46", NULL },
	  0,
	  0 },
	{ "TLS, and an alert that looks like a line",
	  EII_IMAP_TLS_STARTTLS,
	  EII_FATAL,
	  "set EMAIL_INTEL_IMAP_TLS=implicit",
	  { ">A0 NOOP", "=\x15\x03\x03\x7f\x02\x02\x0a", NULL },
	  0,
	  0 },
	{ "perhaps TLS: it hangs up",
	  EII_IMAP_TLS_STARTTLS,
	  EII_RETRY,
	  "if it waits for TLS, set EMAIL_INTEL_IMAP_TLS=implicit",
	  { ">A0 NOOP", NULL },
	  0,
	  0 },
	{ "merely slow",
	  EII_IMAP_TLS_STARTTLS,
	  EII_RETRY,
	  "STARTTLS is not possible now",
	  { ">A0 NOOP", "<* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\nA0 BAD too early",
	    ">A1 STARTTLS", "<A1 NO no", "#" },
	  UNCLEAR,
	  EII_IMAP_STEP_STARTTLS },
};

static void test_greeting__gives_up_on_a_bad_start_with_words_and_without_a_password(void **state)
{
	struct eii_tls_options tls = { .verify = true };

	(void)state;
	memset(long_line, 'x', sizeof(long_line) - 1);
	memcpy(long_line, "<* OK ", 6);
	for (size_t i = 0; i < ARRAY_LEN(openings); i++) {
		const struct opening *c = &openings[i];
		struct script *script = script_start(c->steps);
		struct eii_imap_options options = script_options(script);
		struct script_secrets secrets = { .first = "p", .fresh = "p" };
		struct eii_imap_refusal why = { .kind = UNCLEAR };
		struct eii_imap *imap = NULL;
		struct eii_error err = { 0 };
		enum eii_rc rc;

		options.tls = c->tls;
		options.open_timeout_ms =
			strstr(c->says, "in time") ? SCRIPT_SHORT_MS : SCRIPT_LONG_MS;
		options.tls_options = &tls;
		options.secret = script_give_secret;
		options.secret_arg = &secrets;
		rc = eii_imap_open_why(&options, &imap, &why, &err);
		CHECK(rc == c->rc, "%s: rc %d, %s", c->name, rc, err.text);
		CHECK(strstr(err.text, c->says), "%s: %s", c->name, err.text);
		CHECK(err.is_doubtful == (rc == EII_FATAL), "%s", c->name);
		CHECK(why.kind == c->refused, "%s: kind %d", c->name, why.kind);
		CHECK(!why.kind || why.step == c->step, "%s: step %d", c->name, why.step);
		CHECK(secrets.n_asked == 0, "%s", c->name);
		assert_null(imap);
		CHECK(script_stop(script), "%s", c->name);
	}
}

static void test_greeting__waits_for_a_greeting_that_is_merely_slow(void **state)
{
	static const char *const steps[] = {
		">A0 NOOP", CAPABLE(""), "<A0 OK what was that", ">A1 LOGIN \"u\" \"p\"", SIGNED_IN,
		"#",        NULL
	};
	struct script *script = script_start(steps);
	struct eii_imap_options options = script_options(script);
	struct eii_imap *imap = NULL;
	struct eii_error err = { 0 };

	(void)state;
	CHECK(eii_imap_open(&options, &imap, &err) == EII_OK, "%s", err.text);
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_greeting__gives_up_on_a_bad_start_with_words_and_without_a_password),
		cmocka_unit_test(test_greeting__waits_for_a_greeting_that_is_merely_slow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
