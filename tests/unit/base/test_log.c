/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/log.h"

#include <fcntl.h>
#include <unistd.h>

#include "support.h"

#define LINE_MAX_BYTES 65536

static int saved_stderr = -1;
static int ends[2] = { -1, -1 };

/* Standard error goes into a pipe that holds a line. */
static int redirect(void **state)
{
	(void)state;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return -1;
	saved_stderr = dup(STDERR_FILENO);
	return dup2(ends[1], STDERR_FILENO) < 0 ? -1 : 0;
}

static int restore(void **state)
{
	(void)state;
	(void)dup2(saved_stderr, STDERR_FILENO);
	(void)close(saved_stderr);
	(void)close(ends[0]);
	(void)close(ends[1]);
	return 0;
}

/* All that was written since the last time. */
static const char *written(void)
{
	static char line[LINE_MAX_BYTES];
	ssize_t n = read(ends[0], line, sizeof(line) - 1);

	line[n > 0 ? n : 0] = '\0';
	return line;
}

static void test_log__writes_the_official_keys(void **state)
{
	(void)state;
	const char *line;

	eii_log_init(EII_LOG_INFO, EII_LOG_JSON, "Email Intel IMAP");
	EII_LOG(WARN, "mail.odd", "An odd mail", EII_STR("reason", "it \"is\""), EII_U64("uid", 7),
		EII_I64("delay_ms", -1), EII_STR("absent", NULL));
	line = written();
	assert_memory_equal(line, "{\"timestamp\":\"2", 15);
	/* Microseconds and Z: 27 characters. */
	assert_int_equal(line[14 + 26], 'Z');
	assert_string_equal(line + 14 + 27,
			    "\",\"level\":\"WARNING\",\"name\":\"Email Intel IMAP\",\"message\":"
			    "\"An odd mail\",\"attributes\":{\"event\":\"mail.odd\",\"reason\":"
			    "\"it \\\"is\\\"\",\"uid\":7,\"delay_ms\":-1}}\n");
}

static void test_log__a_mail_cannot_forge_a_line(void **state)
{
	(void)state;
	static char large[5000];
	const char *line;

	eii_log_init(EII_LOG_INFO, EII_LOG_JSON, "n");
	EII_LOG(INFO, "e", "m", EII_TEXT("t", eii_text_of("a\n{\"level\":\"\xff\r\x1b[2J")));
	line = written();
	assert_non_null(strstr(line, "\"t\":\"a\\n{\\\"level\\\":\\\"\xef\xbf\xbd\\r\\u001b[2J\""));
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	memset(large, 'x', sizeof(large));
	EII_LOG(INFO, "e", "m", EII_TEXT("t", eii_text(large, sizeof(large))));
	line = written();
	assert_in_range(strlen(line), 2048, 2300);
	assert_non_null(strstr(line, "\"}}\n"));
}

/* Twelve long texts, each byte of which takes six in JSON. */
static void test_log__cuts_long_texts_and_keeps_the_line(void **state)
{
	static char text[4096];
	struct eii_log_field fields[12];
	const char *line;
	size_t len;

	(void)state;
	memset(text, 1, sizeof(text) - 1);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		fields[i] = (struct eii_log_field)EII_STR("text", text);
	for (unsigned format = EII_LOG_JSON; format <= EII_LOG_PLAIN; format++) {
		eii_log_init(EII_LOG_INFO, (enum eii_log_format)format, "n");
		eii_log_write(EII_LOG_INFO, "mail.long", "A long mail", fields, ARRAY_LEN(fields));
		line = written();
		len = strlen(line);
		assert_in_range(len, 8000, 16384);
		assert_int_equal(line[len - 1], '\n');
		assert_int_equal(line[len - 2], '}');
	}
}

static void test_log__plain_form_and_level(void **state)
{
	(void)state;
	eii_log_init(EII_LOG_WARN, EII_LOG_PLAIN, "n");
	assert_false(eii_log_enabled(EII_LOG_INFO));
	EII_LOG(INFO, "e", "not this", EII_U64("n", 1));
	EII_LOG(ERROR, "e", "this", EII_U64("n", 1));
	assert_string_equal(written(), "ERROR:n:this {\"event\":\"e\",\"n\":1}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_log__writes_the_official_keys, redirect,
						restore),
		cmocka_unit_test_setup_teardown(test_log__a_mail_cannot_forge_a_line, redirect,
						restore),
		cmocka_unit_test_setup_teardown(test_log__cuts_long_texts_and_keeps_the_line,
						redirect, restore),
		cmocka_unit_test_setup_teardown(test_log__plain_form_and_level, redirect, restore),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
