/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses that scripts hide in their strings. */
#include "eii/mail/addresses.h"

#include "support.h"

#include "eii/mail/html.h"

#define OUT_MAX 100000

/* What the list has, as HTML; the caller frees it. */
static char *list_of(struct eii_addresses *addresses)
{
	struct eii_buf out;

	eii_buf_init(&out, OUT_MAX);
	(void)eii_addresses_write(addresses, &out);
	return eii_buf_detach(&out);
}

static void test_script__escapes_hide_no_address(void **state)
{
	static const struct {
		const char *script;
		const char *line; /* NULL: no address */
	} cases[] = {
		{ "a='http://x/1'", "http://x/1" },
		{ "a='http:\\/\\/x\\/2'", "http://x/2" },
		{ "a='\\x68ttp\\x3a\\x2f\\x2Fx/3'", "http://x/3" },
		{ "a='\\u0068ttps\\u003A//x/4'", "https://x/4" },
		{ "a='\\u{68}ttp\\u{00003a}//x/5'", "http://x/5" },
		{ "a='\\150ttp\\72//x/6'", "http://x/6" },
		{ "a='http://x/7\\nb'", "http://x/7" },
		{ "a='ht\\\ntp://x/8'", "http://x/8" },
		{ "a='ht\\\r\ntp://x/9'", "http://x/9" },
		{ "a='ht'+\"tp:/\" + `/x/10`", "http://x/10" },
		{ "a=unescape('%3Ca%20href=%22http%3A//x/11%22')", "http://x/11" },
		{ "a=unescape('%68%74%74%70%3a%2f%2fx/12')", "http://x/12" },
		{ "a=atob('aHR0cHM6Ly94LzEzLzE=')", "https://x/13/1" },
		/* Bytes that are no UTF-8. */
		{ "a=unescape('http%3A//x/%ff')", "http://x/\xc3\xbf" },
		{ "a=atob('aHR0cDovL3gv/2FhYWFhYQ==')", "http://x/\xc3\xbf"
							"aaaaaa" },
		/* Escapes that are none stay what they are, at the end too. */
		{ "a='\\xzzhttp://x/14'", "http://x/14" },
		{ "a='\\u{68http://x/15'", "http://x/15" },
		{ "'\\", NULL },
		{ "'\\x6", NULL },
		{ "'\\u{68", NULL },
		{ "'a' +", NULL },
		{ "'%3a%2", NULL },
		/* One character less than strings are looked at for base64. */
		{ "a=atob('aHR0cDovL3gvMQ=')", NULL },
		{ "a=atob('aHR0cDovL3gvMQ==')", "http://x/1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO(eii_addresses) addresses = eii_addresses_new();
		char wanted[512] = "";
		EII_AUTO_STR list = NULL;

		eii_addresses_add_scripted(addresses, EII_ADDRESS_SCRIPT,
					   eii_text_of(cases[i].script));
		list = list_of(addresses);
		if (cases[i].line)
			(void)snprintf(wanted, sizeof(wanted),
				       "<hr><p><b>Addresses in this mail that are not links above"
				       "</b></p><ul><li>script: %s</li></ul>",
				       cases[i].line);
		CHECK(!strcmp(list, wanted), "%s gave %s", cases[i].script, list);
	}
}

static void test_script__they_are_looked_for_wherever_a_script_may_stand(void **state)
{
	static const struct {
		const char *html;
		const char *line;
	} cases[] = {
		{ "<script>a='\\x68ttp://x/1'</script>", "script: http://x/1" },
		{ "<p onclick='a=\"\\x68ttp\\x3a//x/2\"'>", "script: http://x/2" },
		{ "<svg><script>a='\\x68ttp://x/3'</script></svg>", "script: http://x/3" },
		{ "<a href=\"javascript:a='\\x68ttp://x/4'\">y</a>", "link: http://x/4" },
		{ "<a href='data:text/html,<script>a=\"\\x68ttp://x/5\"</script>'>y</a>",
		  "link: http://x/5" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EII_AUTO(eii_addresses) addresses = eii_addresses_new();
		const struct eii_html_options options = { .addresses = addresses };
		EII_AUTO_STR list = NULL;
		struct eii_buf out;

		eii_buf_init(&out, OUT_MAX);
		assert_int_equal(
			eii_html_sanitize(eii_text_of(cases[i].html), &options, &out, NULL),
			EII_OK);
		list = list_of(addresses);
		CHECK(strstr(list, cases[i].line), "%s gave %s", cases[i].html, list);
		eii_buf_clear(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_script__escapes_hide_no_address),
		cmocka_unit_test(test_script__they_are_looked_for_wherever_a_script_may_stand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
