/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/net/url.h"

#include "support.h"

static void test_url__tells_where_secrets_may_go(void **state)
{
	static const struct {
		const char *url;
		bool is_safe, is_google;
	} cases[] = {
		{ "https://oauth2.googleapis.com/token", true, true },
		{ "https://googleapis.com/", true, true },
		{ "https://OAUTH2.GOOGLEAPIS.COM:443/token", true, true },
		{ "https://oauth2.googleapis.com:8443/token", true, false },
		{ "https://evilgoogleapis.com/token", true, false },
		{ "https://googleapis.com.evil.example/", true, false },
		{ "https://user@evil.example/googleapis.com", true, false },
		{ "http://oauth2.googleapis.com/token", false, false },
		{ "http://localhost:8080/token", true, false },
		{ "http://127.0.0.1/token", true, false },
		{ "http://[::1]/token", true, false },
		{ "http://localhost.evil.example/token", false, false },
		{ "ftp://oauth2.googleapis.com/", false, false },
		{ "oauth2.googleapis.com", false, false },
		{ "", false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK(eii_url_is_safe(cases[i].url) == cases[i].is_safe, "%s", cases[i].url);
		CHECK(eii_url_is_below(cases[i].url, "googleapis.com") == cases[i].is_google, "%s",
		      cases[i].url);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_url__tells_where_secrets_may_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
