/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/ingest/words.h"

#include <fcntl.h>
#include <unistd.h>

#include "eii/core/fact.h"
#include "support.h"

#define LINE_MAX_BYTES 4096

/* What the event's line says; "" = there is none. */
static const char *line_of(const struct eii_event *event)
{
	static char line[LINE_MAX_BYTES];
	int saved = dup(STDERR_FILENO), ends[2];
	ssize_t n;

	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	eii_words_log(event);
	n = read(ends[0], line, sizeof(line) - 1);
	line[n > 0 ? n : 0] = '\0';
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	(void)close(saved);
	(void)close(ends[0]);
	(void)close(ends[1]);
	return line;
}

/* The name of the event's line, the test's own memory. */
static void name_of(const char *line, char *out, size_t capacity)
{
	const char *at = strstr(line, "\"event\":\"");
	size_t len;

	assert_non_null(at);
	at += strlen("\"event\":\"");
	len = strcspn(at, "\"");
	assert_true(len < capacity);
	memcpy(out, at, len);
	out[len] = '\0';
}

static void test_words__each_event_has_a_name_of_its_own(void **state)
{
	(void)state;
	char names[EII_EVENTS][64] = { "" };

	for (int type = EII_EVENT_NONE + 1; type < EII_EVENTS; type++) {
		struct eii_event event = { .type = (enum eii_event_type)type, .words = "" };

		name_of(line_of(&event), names[type], sizeof(names[type]));
		for (int before = 1; before < type; before++)
			CHECK(strcmp(names[before], names[type]) != 0, "%s", names[type]);
	}
}

static void test_words__say_part_reason_and_numbers(void **state)
{
	(void)state;
	struct eii_event event = {
		.type = EII_EVENT_FAULT, .part = EII_PART_QUEUE, .a = 1500, .words = "refused"
	};
	const char *line = line_of(&event);

	assert_non_null(strstr(line, "\"level\":\"WARNING\""));
	assert_non_null(strstr(line, "{\"event\":\"part.failed\",\"part\":\"queue\","
				     "\"delay_ms\":1500,\"reason\":\"refused\","
				     "\"next\":\"retry\"}"));
	event = (struct eii_event){ .type = EII_EVENT_RUN_BROKEN,
				    .reason = EII_EVENT_STOPPED,
				    .a = 9,
				    .b = 4,
				    .words = "" };
	assert_non_null(strstr(line_of(&event), "\"found\":9,\"reports\":4,"
						"\"reason\":\"the connector was stopped\""));
}

static void test_words__say_how_far_a_clock_is_behind(void **state)
{
	const struct eii_event event = { .type = EII_EVENT_CLOCK_OFF, .a = (uint64_t)-3600 };

	(void)state;
	assert_non_null(strstr(line_of(&event), "\"ahead_s\":-3600"));
}

static void test_words__say_what_the_first_window_passed_over(void **state)
{
	const struct eii_event event = {
		.type = EII_EVENT_WINDOW_EMPTY, .a = 7, .b = 1790000000, .words = ""
	};
	const char *line = line_of(&event);

	(void)state;
	assert_non_null(strstr(line, "\"level\":\"WARNING\""));
	assert_non_null(strstr(line, "\"event\":\"run.window_empty\",\"mails\":7,"
				     "\"since\":\"2026-09-21T14:13:20+00:00\""));
}

static void test_words__name_each_right_that_is_missing(void **state)
{
	(void)state;
	struct eii_event event = { .type = EII_EVENT_RIGHTS_MISSING, .a = 1 + 8, .words = "" };

	assert_non_null(strstr(line_of(&event), "\"missing\":\"CONNECTORAPI, the marking\""));
	event.a = 2 + 4;
	assert_non_null(
		strstr(line_of(&event), "\"missing\":\"KNOWLEDGE_KNUPDATE, KNOWLEDGE_KNUPLOAD\""));
}

static void test_words__each_reason_of_a_mail_has_words(void **state)
{
	(void)state;
	assert_null(eii_words_mail_reason(EII_MAIL_REASON_NONE));
	for (unsigned reason = 1; reason < EII_MAIL_REASONS; reason++) {
		bool is_used = reason < 7 || reason >= EII_MAIL_REASON_OVER_LIMIT;

		CHECK(eii_words_mail_reason(reason), "reason %u", reason);
		CHECK(!is_used || eii_words_mail_reason(reason)[0], "reason %u", reason);
	}
	for (int type = 0; type < EII_EVENTS; type++)
		assert_non_null(eii_words_reason((enum eii_event_type)type));
}

static int set_up(void **state)
{
	(void)state;
	eii_log_init(EII_LOG_DEBUG, EII_LOG_JSON, "n");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words__each_event_has_a_name_of_its_own),
		cmocka_unit_test(test_words__say_part_reason_and_numbers),
		cmocka_unit_test(test_words__say_how_far_a_clock_is_behind),
		cmocka_unit_test(test_words__say_what_the_first_window_passed_over),
		cmocka_unit_test(test_words__name_each_right_that_is_missing),
		cmocka_unit_test(test_words__each_reason_of_a_mail_has_words),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
