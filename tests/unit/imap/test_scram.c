/* SPDX-License-Identifier: Apache-2.0 */
#include "scram.h"

#include "support.h"

#define NONCE        "rOprNGfwEbeRWgbNEkqO"
#define SERVER_NONCE NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define SALT         "W22ZaJ0SNY7soEsUEjb6gQ=="
#define PROOF        "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="

/* RFC 7677, section 3. */
static void test_scram__speaks_the_words_of_rfc_7677(void **state)
{
	EII_AUTO(eii_scram) scram = eii_scram_new("user", "pencil", NULL, NONCE);
	EII_AUTO_STR answer = NULL;
	const char *why = NULL;

	(void)state;
	assert_string_equal(eii_scram_first(scram), "n,,n=user,r=" NONCE);
	answer = eii_scram_answer(scram, eii_text_of("r=" SERVER_NONCE ",s=" SALT ",i=4096"), &why);
	assert_non_null(answer);
	assert_string_equal(answer, "c=biws,r=" SERVER_NONCE ",p=" PROOF);
	assert_true(eii_scram_is_proven(
		scram, eii_text_of("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")));
	assert_false(eii_scram_is_proven(
		scram, eii_text_of("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G8=")));
	assert_false(eii_scram_is_proven(scram, eii_text_of("e=other-error")));
	assert_false(eii_scram_is_proven(scram, eii_text_of("v=")));
	assert_false(eii_scram_is_proven(scram, eii_text_of("")));
}

static void test_scram__binds_the_channel_and_escapes_the_name(void **state)
{
	static const unsigned char binding[EII_SCRAM_BINDING_BYTES] = { 1, 2, 3 };
	EII_AUTO(eii_scram) scram = eii_scram_new("a,b=c", "p", binding, "nonce");
	EII_AUTO_STR answer = NULL;
	const char *why = NULL;

	(void)state;
	assert_string_equal(eii_scram_first(scram), "p=tls-exporter,,n=a=2Cb=3Dc,r=nonce");
	answer = eii_scram_answer(scram, eii_text_of("r=noncex,s=" SALT ",i=4096"), &why);
	assert_non_null(answer);
	/* base64 of the header and the 32 bytes */
	assert_non_null(strstr(
		answer,
		"c=cD10bHMtZXhwb3J0ZXIsLAECAwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA,r=noncex,p="));
}

static void test_scram__takes_no_answer_that_is_not_for_it(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "cannot be read" },
		{ "r=noncex", "cannot be read" },
		{ "r=noncex,s=" SALT, "cannot be read" },
		{ "r=noncex,s=" SALT ",i=", "cannot be read" },
		{ "r=noncex,s=" SALT ",i=-4096", "cannot be read" },
		{ "r=noncex,s=" SALT ",i=99999999999999999999", "cannot be read" },
		{ "r=noncex,s=,i=4096", "cannot be read" },
		{ "r=noncex,s=!,i=4096", "cannot be read" },
		{ "m=ext,r=noncex,s=" SALT ",i=4096", "cannot be read" },
		{ "r=nonce,s=" SALT ",i=4096", "another sign-in" },
		{ "r=other,s=" SALT ",i=4096", "another sign-in" },
		{ "r=noncex,s=" SALT ",i=4095", "too few" },
		{ "r=noncex,s=" SALT ",i=1000001", "too many" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO(eii_scram) scram = eii_scram_new("u", "p", NULL, "nonce");
		const char *why = NULL;

		CHECK(!eii_scram_answer(scram, eii_text_of(cases[i].text), &why), "%s",
		      cases[i].text);
		CHECK(strstr(why, cases[i].says), "%s: %s", cases[i].text, why);
		/* Nothing is proven to one who was not asked. */
		assert_false(eii_scram_is_proven(
			scram, eii_text_of("v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")));
	}
}

static void test_scram__works_up_to_the_limit(void **state)
{
	EII_AUTO(eii_scram) scram = eii_scram_new("u", "p", NULL, "nonce");
	EII_AUTO_STR answer = NULL;
	const char *why = NULL;

	(void)state;
	answer = eii_scram_answer(scram, eii_text_of("r=noncex,s=" SALT ",i=1000000"), &why);
	assert_non_null(answer);
	/* One answer only. */
	assert_null(eii_scram_answer(scram, eii_text_of("r=noncex,s=" SALT ",i=4096"), &why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scram__speaks_the_words_of_rfc_7677),
		cmocka_unit_test(test_scram__binds_the_channel_and_escapes_the_name),
		cmocka_unit_test(test_scram__takes_no_answer_that_is_not_for_it),
		cmocka_unit_test(test_scram__works_up_to_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
