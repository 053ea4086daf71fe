/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/config/settings.h"

#include "support.h"

static void test_settings_named__finds_the_first_name(void **state)
{
	static const struct {
		const char *text, *name;
	} cases[] = {
		{ "", "" },
		{ "imap.example: cannot connect", "" },
		{ "EMAIL_INTEL_IMAP_TLS=implicit (EMAIL_INTEL_IMAP_PORT)", "EMAIL_INTEL_IMAP_TLS" },
		{ "refused; check MQ_USER and MQ_PASS", "MQ_USER" },
		{ "OPENCTI_TOKEN_FILE: /run/token: no such file", "OPENCTI_TOKEN_FILE" },
		{ ".env, line 1: unknown variable EMAIL_INTEL_IMAP_HOSTS; the nearest known one is "
		  "EMAIL_INTEL_IMAP_HOST",
		  "EMAIL_INTEL_IMAP_HOSTS" },
		{ "CONNECTOR_SEND_TO_DIRECTORY (environment) has no effect",
		  "CONNECTOR_SEND_TO_DIRECTORY" },
		{ "the proxy (https_proxy) refuses", "https_proxy" },
		{ "X_OPENCTI_URL, xOPENCTI_URL and opencti_url are none", "" },
		{ "the last:HTTP_PROXY", "HTTP_PROXY" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_text found = eii_settings_named_in(cases[i].text);

		CHECK(eii_text_equal(found, eii_text_of(cases[i].name)), "%s: %.*s", cases[i].text,
		      EII_TEXT_ARGS(found));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings_named__finds_the_first_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
