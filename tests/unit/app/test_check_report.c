/* SPDX-License-Identifier: Apache-2.0 */
#include "check_report.h"

#include <sysexits.h>

#include "support.h"

/* Of two checks, one with a hostile server's words; for the caller to free(). */
static char *report_in(enum eii_check_format format, int *out_code)
{
	struct eii_check_report report;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	static const struct eii_check_cure cure = { "EMAIL_INTEL_IMAP_HOST", "mend it" };

	eii_check_report_begin(&report, format, out);
	eii_check_report_add(&report, "settings", EII_CHECK_OK, NULL, "%s", "");
	eii_check_report_add(&report, "mailbox", EII_CHECK_FAILED, &cure, "said '%s' \"%d\"",
			     "\x1b[2J\xff\xc3\xbc\n", 7);
	eii_check_report_add(&report, "mailbox", EII_CHECK_FAILED, &cure,
			     "set EMAIL_INTEL_IMAP_TLS");
	eii_check_report_add(&report, "broker", EII_CHECK_NOT_TRIED, NULL, "later");
	*out_code = eii_check_report_end(&report, EX_UNAVAILABLE);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void test_check_report__writes_a_line_for_each(void **state)
{
	int code = 0;
	char *text = report_in(EII_CHECK_LINES, &code);

	(void)state;
	assert_string_equal(text, "settings: ok\n"
				  "mailbox: FAILED: said '?[2J?\xc3\xbc?' \"7\": mend it\n"
				  "mailbox: FAILED: set EMAIL_INTEL_IMAP_TLS\n"
				  "broker: not tried: later\n");
	assert_int_equal(code, EX_UNAVAILABLE);
	free(text);
}

static void test_check_report__writes_one_object(void **state)
{
	int code = 0;
	char *text = report_in(EII_CHECK_JSON, &code);

	(void)state;
	assert_string_equal(text,
			    "{\"schema\":1,\"checks\":["
			    "{\"name\":\"settings\",\"state\":\"ok\",\"detail\":\"\","
			    "\"setting\":\"\",\"do\":\"\"},"
			    "{\"name\":\"mailbox\",\"state\":\"failed\","
			    "\"detail\":\"said '?[2J?\xc3\xbc?' \\\"7\\\"\","
			    "\"setting\":\"EMAIL_INTEL_IMAP_HOST\",\"do\":\"mend it\"},"
			    "{\"name\":\"mailbox\",\"state\":\"failed\","
			    "\"detail\":\"set EMAIL_INTEL_IMAP_TLS\","
			    "\"setting\":\"EMAIL_INTEL_IMAP_TLS\",\"do\":\"mend it\"},"
			    "{\"name\":\"broker\",\"state\":\"not_tried\",\"detail\":\"later\","
			    "\"setting\":\"\",\"do\":\"\"}],"
			    "\"exit_code\":69}\n");
	assert_int_equal(code, EX_UNAVAILABLE);
	free(text);
}

static void test_check_report__tells_of_what_cannot_be_written(void **state)
{
	static const enum eii_check_format formats[] = { EII_CHECK_LINES, EII_CHECK_JSON };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		struct eii_check_report report;
		FILE *out = fopen("/dev/full", "w");

		assert_non_null(out);
		eii_check_report_begin(&report, formats[i], out);
		eii_check_report_add(&report, "settings", EII_CHECK_OK, NULL, "%s", "");
		CHECK(eii_check_report_end(&report, EX_OK) == EX_IOERR, "%zu", i);
		(void)fclose(out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check_report__writes_a_line_for_each),
		cmocka_unit_test(test_check_report__writes_one_object),
		cmocka_unit_test(test_check_report__tells_of_what_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
