/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/imap/session.h"
#include "script.h"
#include "support.h"

#define CAPABLE(list) "<* OK [CAPABILITY IMAP4rev1 " list "] ready"
/* base64 of NUL u NUL p */
#define PLAIN_U_P "AHUAcA=="

/* What a server counts as failed is not done to it a second time. */
static void test_password__tries_login_once_for_each_password(void **state)
{
	static const struct {
		const char *secret;
		const char *steps[8];
	} sessions[] = {
		{ "p",
		  { CAPABLE("AUTH=PLAIN SASL-IR"), ">A1 AUTHENTICATE PLAIN " PLAIN_U_P, "<A1 NO no",
		    ">A2 LOGIN \"u\" \"p\"", "<A2 NO no", "#" } },
		{ "p",
		  { CAPABLE("AUTH=PLAIN SASL-IR"), ">A1 AUTHENTICATE PLAIN " PLAIN_U_P, "<A1 NO no",
		    "#" } },
		{ "q",
		  { CAPABLE("AUTH=PLAIN SASL-IR"), ">A1 AUTHENTICATE PLAIN AHUAcQ==", "<A1 NO no",
		    ">A2 LOGIN \"u\" \"q\"", "<A2 NO no", "#" } },
	};
	struct eii_imap_tried tried = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sessions); i++) {
		struct script *script = script_start(sessions[i].steps);
		struct eii_imap_options options = script_options(script);
		struct script_secrets secrets = { .first = sessions[i].secret };
		struct eii_imap *imap = NULL;
		struct eii_error err = { 0 };

		options.user = "u";
		options.secret = script_give_secret;
		options.secret_arg = &secrets;
		options.tried = &tried;
		CHECK(eii_imap_open(&options, &imap, &err) == EII_RETRY, "session %zu", i);
		CHECK(script_stop(script), "session %zu", i);
	}
}

/* By name SCRAM alone: the password itself never leaves. */
static void test_password__breaks_off_what_does_not_know_the_password(void **state)
{
	static const struct {
		const char *steps[8], *says;
	} faults[] = {
		{ { CAPABLE("AUTH=PLAIN"), "#" }, "without TLS no other sign-in hides" },
		{ { CAPABLE("AUTH=SCRAM-SHA-256"), ">A1 AUTHENTICATE SCRAM-SHA-256",
		    "<A1 OK come in", "#" },
		  "without knowing the password" },
		{ { CAPABLE("AUTH=SCRAM-SHA-256"), ">A1 AUTHENTICATE SCRAM-SHA-256", "<A1 NO no",
		    "#" },
		  "'no'" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		struct script *script = script_start(faults[i].steps);
		struct eii_imap_options options = script_options(script);
		struct eii_imap *imap = NULL;
		struct eii_error err = { 0 };

		options.sasl = EII_IMAP_SASL_SCRAM_SHA_256;
		CHECK(eii_imap_open(&options, &imap, &err) != EII_OK, "case %zu", i);
		CHECK(strstr(err.text, faults[i].says), "case %zu: %s", i, err.text);
		CHECK(script_stop(script), "case %zu", i);
	}
}

static void test_password__goes_by_plain_before_scram(void **state)
{
	static const char *const steps[] = { CAPABLE("AUTH=SCRAM-SHA-256 AUTH=PLAIN SASL-IR"),
					     ">A1 AUTHENTICATE PLAIN " PLAIN_U_P,
					     "<A1 OK [CAPABILITY IMAP4rev1] in", "#", NULL };
	struct script *script = script_start(steps);
	struct eii_imap_options options = script_options(script);
	struct eii_imap *imap = NULL;

	(void)state;
	assert_int_equal(eii_imap_open(&options, &imap, NULL), EII_OK);
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_password__tries_login_once_for_each_password),
		cmocka_unit_test(test_password__goes_by_plain_before_scram),
		cmocka_unit_test(test_password__breaks_off_what_does_not_know_the_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
