/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/token/code.h"

#include "eii/base/alloc.h"
#include "eii/base/cleanup.h"
#include "support.h"

#define STATE "0123456789abcdefghijABCDEFGHIJ0123456789-_x"

static void test_code__challenge_is_that_of_rfc_7636(void **state)
{
	/* Appendix B. */
	EII_AUTO_STR challenge = eii_code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");

	(void)state;
	assert_string_equal(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

static void test_code__each_attempt_has_a_proof_of_its_own(void **state)
{
	struct eii_code_proof one, two;

	(void)state;
	eii_code_prove(&one);
	eii_code_prove(&two);
	assert_int_equal(strlen(one.verifier), EII_CODE_BYTES);
	assert_int_equal(strlen(one.state), EII_CODE_BYTES);
	assert_string_not_equal(one.verifier, two.verifier);
	assert_string_not_equal(one.state, two.state);
	assert_string_not_equal(one.verifier, one.state);
	/* RFC 7636, section 4.1: unreserved characters alone. */
	assert_int_equal(strspn(one.verifier, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					      "0123456789-._~"),
			 EII_CODE_BYTES);
}

static void test_code__url_has_what_google_wants_and_no_verifier(void **state)
{
	const struct eii_code_request request = { .endpoint = "https://accounts.example/auth",
						  .client_id = "id+1",
						  .redirect = "http://127.0.0.1:4711",
						  .scope = "https://mail.google.com/",
						  .login_hint = "a@b.example" };
	struct eii_code_request without = request;
	const struct eii_code_proof proof = { "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
					      STATE };
	EII_AUTO_STR url = eii_code_url(&request, &proof);
	EII_AUTO_STR plain = NULL;

	(void)state;
	without.login_hint = NULL;
	plain = eii_code_url(&without, &proof);
	assert_string_equal(url,
			    "https://accounts.example/auth?response_type=code&client_id=id%2B1&"
			    "redirect_uri=http%3A%2F%2F127.0.0.1%3A4711&"
			    "scope=https%3A%2F%2Fmail.google.com%2F&state=" STATE
			    "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&"
			    "code_challenge_method=S256&access_type=offline&prompt=consent&"
			    "login_hint=a%40b.example");
	assert_null(strstr(plain, "login_hint"));
}

static void test_code__redirect_is_read_from_a_target_and_from_a_pasted_address(void **state)
{
	static const struct {
		const char *address, *code, *error;
	} cases[] = {
		{ "/?state=" STATE "&code=4/0Ab_c-d&scope=x", "4/0Ab_c-d", "" },
		{ "/?code=4%2F0Ab%2b&state=" STATE, "4/0Ab+", "" },
		{ "http://127.0.0.1:4711/?code=c&state=" STATE "#", "c", "" },
		{ "http://127.0.0.1:4711/?code=c&state=" STATE "#code=d", "c", "" },
		{ "/?error=access_denied&state=" STATE, "", "access_denied" },
		{ "/?a&&=&code=c&state=" STATE, "c", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_redirect got;

		CHECK(eii_redirect_parse(eii_text_of(cases[i].address), STATE, &got) ==
			      EII_REDIRECT_OURS,
		      "%s", cases[i].address);
		CHECK(strcmp(got.code, cases[i].code) == 0, "%s: %s", cases[i].address, got.code);
		CHECK(strcmp(got.error, cases[i].error) == 0, "%s: %s", cases[i].address,
		      got.error);
	}
}

static void test_code__redirect_that_is_none_leaves_the_output_alone(void **state)
{
	static const struct {
		const char *address;
		enum eii_redirect_kind kind;
	} cases[] = {
		{ "", EII_REDIRECT_STRANGE },
		{ "/favicon.ico", EII_REDIRECT_STRANGE },
		{ "/?state=" STATE, EII_REDIRECT_STRANGE },
		{ "/#code=c&state=" STATE, EII_REDIRECT_STRANGE },
		{ "/?Code=c&state=" STATE, EII_REDIRECT_STRANGE },
		{ "/?code=c", EII_REDIRECT_OF_ANOTHER },
		{ "/?code=c&state=", EII_REDIRECT_OF_ANOTHER },
		{ "/?code=c&state=" STATE "x", EII_REDIRECT_OF_ANOTHER },
		{ "/?code=c&state=x123456789abcdefghijABCDEFGHIJ0123456789-_x",
		  EII_REDIRECT_OF_ANOTHER },
		{ "/?error=access_denied&state=0", EII_REDIRECT_OF_ANOTHER },
		{ "/?code=c&code=c&state=" STATE, EII_REDIRECT_UNREADABLE },
		{ "/?code=&code=c&state=" STATE, EII_REDIRECT_UNREADABLE },
		{ "/?code=c&state=" STATE "&state=" STATE, EII_REDIRECT_UNREADABLE },
		{ "/?code=c&error=e&state=" STATE, EII_REDIRECT_UNREADABLE },
		{ "/?code=&state=" STATE, EII_REDIRECT_UNREADABLE },
		{ "/?code=a%2&state=" STATE, EII_REDIRECT_UNREADABLE },
		{ "/?code=a%&state=" STATE, EII_REDIRECT_UNREADABLE },
		{ "/?code=a%zz&state=" STATE, EII_REDIRECT_UNREADABLE },
		{ "/?code=a%00b&state=" STATE, EII_REDIRECT_UNREADABLE },
		{ "/?code=a%0d%0ab&state=" STATE, EII_REDIRECT_UNREADABLE },
		{ "/?code=a+b&state=" STATE, EII_REDIRECT_UNREADABLE },
		{ "/?error=%1b%5b2J&state=" STATE, EII_REDIRECT_UNREADABLE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_redirect got = { .code = "before" };

		CHECK(eii_redirect_parse(eii_text_of(cases[i].address), STATE, &got) ==
			      cases[i].kind,
		      "%s", cases[i].address);
		CHECK(strcmp(got.code, "before") == 0, "%s wrote its output", cases[i].address);
	}
}

static enum eii_redirect_kind parse_long(const char *name, size_t len, struct eii_redirect *out)
{
	EII_AUTO_STR value = eii_calloc(len + 1, 1);
	EII_AUTO_STR address = NULL;

	memset(value, 'a', len);
	address = eii_asprintf("/?%s=%s&state=" STATE, name, value);
	return eii_redirect_parse(eii_text_of(address), STATE, out);
}

static void test_code__redirect_is_read_up_to_its_limits(void **state)
{
	struct eii_redirect got;

	(void)state;
	assert_int_equal(parse_long("code", EII_CODE_MAX, &got), EII_REDIRECT_OURS);
	assert_int_equal(strlen(got.code), EII_CODE_MAX);
	assert_int_equal(parse_long("code", EII_CODE_MAX + 1, &got), EII_REDIRECT_UNREADABLE);
	assert_int_equal(parse_long("error", EII_CODE_WORD_MAX, &got), EII_REDIRECT_OURS);
	assert_int_equal(strlen(got.error), EII_CODE_WORD_MAX);
	assert_int_equal(parse_long("error", EII_CODE_WORD_MAX + 1, &got), EII_REDIRECT_UNREADABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_code__challenge_is_that_of_rfc_7636),
		cmocka_unit_test(test_code__each_attempt_has_a_proof_of_its_own),
		cmocka_unit_test(test_code__url_has_what_google_wants_and_no_verifier),
		cmocka_unit_test(
			test_code__redirect_is_read_from_a_target_and_from_a_pasted_address),
		cmocka_unit_test(test_code__redirect_that_is_none_leaves_the_output_alone),
		cmocka_unit_test(test_code__redirect_is_read_up_to_its_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
