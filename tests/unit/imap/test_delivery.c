/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/alloc.h"
#include "heard.h"
#include "support.h"

/* ---- room ---------------------------------------------------------------- */

/* A line of text and a literal of n bytes behind it, for free(). */
static char *with_literal(const char *line, size_t n, const char *rest)
{
	size_t len = strlen(line);
	char *step = eii_calloc(len + n + strlen(rest) + 1, 1);

	memcpy(step, line, len);
	memset(step + len, 'm', n);
	memcpy(step + len + n, rest, strlen(rest));
	return step;
}

static void test_delivery__over_the_limit_are_read_past(void **state)
{
	char *over = with_literal("=* 1 FETCH (UID 3 BODY[] {1048577}\r\n", 1048577, ")\r\n");
	const char *const steps[] = { HELLO, ASKED,
				      over,  "=* 2 FETCH (UID 4 BODY[] {1}\r\nb)\r\nA2 OK x\r\n",
				      "#",   NULL };
	struct script *script = script_start(steps);
	struct eii_imap *imap = script_open_folder(script, SCRIPT_LONG_MS);
	struct heard heard = { 0 };
	struct eii_imap_body_taker taker = heard_taker(&heard);
	struct eii_error err = { 0 };

	(void)state;
	heard_init(&heard);
	CHECK(heard_read_three(imap, &taker, &err) == EII_OK, "%s", err.text);
	assert_string_equal(heard.text.data, "4=b;");
	assert_string_equal(heard.told.data, "3:too large 4:whole 5:absent");
	heard_clear(&heard);
	eii_imap_free(imap);
	assert_true(script_stop(script));
	free(over);
}

static void test_delivery__are_refused_with_a_reason(void **state)
{
	static const char *const steps[] = {
		HELLO,
		ASKED,
		"=* 1 FETCH (UID 3 BODY[] {1}\r\na)\r\n* 2 FETCH (BODY[] {1}\r\nb UID 4)\r\n",
		"=* 3 FETCH (UID 5 BODY[] {1}\r\nc)\r\nA2 OK x\r\n",
		"#",
		NULL
	};
	struct script *script = script_start(steps);
	struct eii_imap *imap = script_open_folder(script, SCRIPT_LONG_MS);
	struct heard heard = { .skips_5 = true };
	struct eii_imap_body_taker taker = heard_granting_taker(&heard);
	struct eii_error err = { 0 };

	(void)state;
	heard_init(&heard);
	CHECK(heard_read_three(imap, &taker, &err) == EII_OK, "%s", err.text);
	assert_string_equal(heard.text.data, "3=a;");
	assert_string_equal(heard.told.data, "3:whole 4:no room 5:unwanted");
	heard_clear(&heard);
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

/* What comes before its UID waits for it, up to a limit; a mail asked for alone need not. */
static void test_delivery__before_their_uid_are_bounded(void **state)
{
	const size_t most = EII_IMAP_KEPT_MAX;
	char *at = with_literal("=* 1 FETCH (BODY[] {2097152}\r\n", most, " UID 3)\r\n");
	char *over = with_literal("=* 2 FETCH (BODY[] {2097153}\r\n", most + 1, " UID 4)\r\n");
	char *alone = with_literal("=* 2 FETCH (BODY[] {2097153}\r\n", most + 1, " UID 4)\r\n");
	const char *const steps[] = { HELLO, ASKED,      at,
				      over,  "<A2 OK x", ">A3 UID FETCH 4 (UID BODY.PEEK[])",
				      alone, "<A3 OK x", "#",
				      NULL };
	const uint32_t four = 4;
	struct script *script = script_start(steps);
	struct eii_imap_options options = script_options(script);
	struct eii_imap *imap = NULL;
	struct heard heard = { 0 };
	struct eii_imap_body_taker taker = heard_taker(&heard);
	struct eii_imap_folder folder;
	struct eii_error err = { 0 };

	(void)state;
	options.literal_max = 2 * most;
	heard_init(&heard);
	CHECK(eii_imap_open(&options, &imap, &err) == EII_OK, "%s", err.text);
	CHECK(eii_imap_examine(imap, "INBOX", &folder, &err) == EII_OK, "%s", err.text);
	CHECK(heard_read_three(imap, &taker, &err) == EII_OK, "%s", err.text);
	/* This taker has no room for either: that it was asked is what counts. */
	assert_string_equal(heard.told.data, "3:unwanted 4:ask alone 5:absent");
	eii_buf_reset(&heard.told);
	assert_int_equal(eii_imap_send_bodies(imap, &four, 1, 0, &err), EII_OK);
	CHECK(eii_imap_read_bodies(imap, &taker, &err) == EII_OK, "%s", err.text);
	assert_string_equal(heard.told.data, "4:unwanted");
	heard_clear(&heard);
	eii_imap_free(imap);
	assert_true(script_stop(script));
	free(at);
	free(over);
	free(alone);
}

/* Each that was asked for has bytes of its own, but not each that comes. */
static void test_delivery__before_their_uid_are_counted(void **state)
{
	char *flood = with_literal("^* 1 FETCH (BODY[] {4000}\r\n", 4000, " UID 3)\r\n");
	const char *const steps[] = { HELLO, ASKED, flood, NULL };
	const char *const alone[] = { HELLO, ">A2 UID FETCH 4 (UID BODY.PEEK[])", flood, NULL };
	const uint32_t four = 4;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct script *script = script_start(i ? alone : steps);
		struct eii_imap *imap = script_open_folder(script, SCRIPT_LONG_MS);
		struct heard heard = { 0 };
		struct eii_imap_body_taker taker = heard_taker(&heard);
		struct eii_error err = { 0 };
		enum eii_rc rc;

		heard_init(&heard);
		if (i) {
			assert_int_equal(eii_imap_send_bodies(imap, &four, 1, 0, &err), EII_OK);
			rc = eii_imap_read_bodies(imap, &taker, &err);
		} else {
			rc = heard_read_three(imap, &taker, &err);
		}
		assert_int_equal(rc, EII_RETRY);
		CHECK(strstr(err.text, "over 8388608 bytes"), "%s", err.text);
		CHECK(heard.n_asked == 1, "%u", heard.n_asked);
		heard_clear(&heard);
		eii_imap_free(imap);
		assert_true(script_stop(script));
	}
	free(flood);
}

static void test_delivery__asked_for_alone_are_presumed_and_checked(void **state)
{
	static const struct {
		const char *answer, *heard, *told;
	} cases[] = {
		{ "=* 1 FETCH (BODY[] {3}\r\nabc UID 3)\r\n", "3=abc;", "3:whole" },
		{ "=* 1 FETCH (BODY[] {3}\r\nabc UID 4)\r\n", "", "3:unreadable" },
		{ "=* 1 FETCH (BODY[] {3}\r\nabc)\r\n", "", "3:unreadable" },
		{ "=* 9 FETCH (BODY[] {3}\r\nxyz UID 9)\r\n* 1 FETCH (UID 3 BODY[] {3}\r\nabc)\r\n",
		  "3=abc;", "3:whole" },
	};
	const uint32_t three = 3;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *const steps[] = { HELLO,
					      ">A2 UID FETCH 3 (UID BODY.PEEK[])",
					      cases[i].answer,
					      "<A2 OK x",
					      "#",
					      NULL };
		struct script *script = script_start(steps);
		struct eii_imap *imap = script_open_folder(script, SCRIPT_LONG_MS);
		struct heard heard = { 0 };
		struct eii_imap_body_taker taker = heard_taker(&heard);
		struct eii_error err = { 0 };

		heard_init(&heard);
		assert_int_equal(eii_imap_send_bodies(imap, &three, 1, 0, &err), EII_OK);
		CHECK(eii_imap_read_bodies(imap, &taker, &err) == EII_OK, "%s", err.text);
		CHECK(strcmp(heard.text.data, cases[i].heard) == 0, "%zu: %s", i, heard.text.data);
		CHECK(strcmp(heard.told.data, cases[i].told) == 0, "%zu: %s", i, heard.told.data);
		heard_clear(&heard);
		eii_imap_free(imap);
		assert_true(script_stop(script));
	}
}

/* ---- parts and groups ------------------------------------------------------ */

static void test_delivery__may_be_headers_alone(void **state)
{
	static const char *const steps[] = {
		HELLO,
		">A2 UID FETCH 3,4 (UID BODY.PEEK[HEADER]<0.4>)",
		"=* 1 FETCH (UID 3 BODY[HEADER]<0> {4}\r\nabcd)\r\n",
		"=* 2 FETCH (UID 4 BODY[HEADER] {6}\r\nefghij)\r\nA2 OK x\r\n",
		"#",
		NULL
	};
	const uint32_t uids[] = { 3, 4 };
	struct script *script = script_start(steps);
	struct eii_imap *imap = script_open_folder(script, SCRIPT_LONG_MS);
	struct heard heard = { 0 };
	struct eii_imap_body_taker taker = heard_taker(&heard);
	struct eii_error err = { 0 };

	(void)state;
	heard_init(&heard);
	assert_int_equal(eii_imap_send_headers(imap, uids, 2, 4, &err), EII_OK);
	CHECK(eii_imap_read_bodies(imap, &taker, &err) == EII_OK, "%s", err.text);
	assert_string_equal(heard.text.data, "3=abcd;4=efgh;");
	heard_clear(&heard);
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

static void test_delivery__cut_at_the_head_even_where_the_server_sends_all(void **state)
{
	static const char *const steps[] = {
		HELLO,
		">A2 UID FETCH 3,9 (UID BODY.PEEK[]<0.4>)",
		"=* 1 FETCH (UID 3 BODY[]<0> {4}\r\nabcd)\r\n",
		"=* 2 FETCH (UID 9 BODY[] {6}\r\nefghij)\r\nA2 OK x\r\n",
		">A3 UID FETCH 3 (UID BODY.PEEK[]<0.4>)",
		"=* 1 FETCH (BODY[]<0> {6}\r\nabcdef UID 3)\r\nA3 OK x\r\n",
		"#",
		NULL
	};
	const uint32_t uids[] = { 3, 9 };
	struct script *script = script_start(steps);
	struct eii_imap *imap = script_open_folder(script, SCRIPT_LONG_MS);
	struct heard heard = { 0 };
	struct eii_imap_body_taker taker = heard_taker(&heard);
	struct eii_error err = { 0 };

	(void)state;
	heard_init(&heard);
	assert_int_equal(eii_imap_send_bodies(imap, uids, 2, 4, &err), EII_OK);
	CHECK(eii_imap_read_bodies(imap, &taker, &err) == EII_OK, "%s", err.text);
	assert_int_equal(eii_imap_send_bodies(imap, uids, 1, 4, &err), EII_OK);
	CHECK(eii_imap_read_bodies(imap, &taker, &err) == EII_OK, "%s", err.text);
	assert_string_equal(heard.text.data, "3=abcd;9=efgh;3=abcd;");
	heard_clear(&heard);
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

/* Dovecot 2.3 puts the first group's OK behind the second group's bodies. */
static void test_delivery__of_a_later_group_wait_for_their_turn(void **state)
{
	static const char *const steps[] = {
		HELLO,
		">A2 UID FETCH 3 (UID BODY.PEEK[])",
		">A3 UID FETCH 4,5 (UID BODY.PEEK[])",
		"=* 1 FETCH (UID 3 BODY[] {1}\r\na)\r\n* 2 FETCH (UID 4 BODY[] {1}\r\nb)\r\n",
		"=* 3 FETCH (BODY[] {1}\r\nc UID 5)\r\nA2 OK x\r\nA3 OK x\r\n",
		">A4 NOOP",
		"<A4 OK x",
		"#",
		NULL
	};
	const uint32_t uids[] = { 3, 4, 5 };
	struct script *script = script_start(steps);
	struct eii_imap *imap = script_open_folder(script, SCRIPT_LONG_MS);
	struct heard heard = { 0 };
	struct eii_imap_body_taker taker = heard_taker(&heard);
	struct eii_imap_folder folder;
	struct eii_error err = { 0 };
	bool has_changed;

	(void)state;
	heard_init(&heard);
	assert_int_equal(eii_imap_send_bodies(imap, uids, 1, 0, &err), EII_OK);
	assert_int_equal(eii_imap_send_bodies(imap, uids + 1, 2, 0, &err), EII_OK);
	CHECK(eii_imap_read_bodies(imap, &taker, &err) == EII_OK, "%s", err.text);
	assert_string_equal(heard.text.data, "3=a;");
	CHECK(eii_imap_read_bodies(imap, &taker, &err) == EII_OK, "%s", err.text);
	assert_string_equal(heard.text.data, "3=a;4=b;5=c;");
	CHECK(eii_imap_look(imap, &has_changed, &folder, &err) == EII_OK, "%s", err.text);
	heard_clear(&heard);
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

/* A taker that grants is asked at once, whichever group it is of. */
static void test_delivery__of_a_later_group_are_granted_at_once(void **state)
{
	static const char *const steps[] = {
		HELLO,
		">A2 UID FETCH 3 (UID BODY.PEEK[])",
		">A3 UID FETCH 5,6 (UID BODY.PEEK[])",
		"=* 3 FETCH (UID 5 BODY[] {1}\r\nb)\r\n* 1 FETCH (UID 3 BODY[] {1}\r\na)\r\n",
		"=A2 OK x\r\nA3 OK x\r\n",
		"#",
		NULL
	};
	const uint32_t uids[] = { 3, 5, 6 };
	struct script *script = script_start(steps);
	struct eii_imap *imap = script_open_folder(script, SCRIPT_LONG_MS);
	struct heard heard = { 0 };
	struct eii_imap_body_taker taker = heard_granting_taker(&heard);
	struct eii_error err = { 0 };

	(void)state;
	heard_init(&heard);
	assert_int_equal(eii_imap_send_bodies(imap, uids, 1, 0, &err), EII_OK);
	assert_int_equal(eii_imap_send_bodies(imap, uids + 1, 2, 0, &err), EII_OK);
	CHECK(eii_imap_read_bodies(imap, &taker, &err) == EII_OK, "%s", err.text);
	assert_string_equal(heard.text.data, "5=b;3=a;");
	assert_string_equal(heard.told.data, "3:whole");
	CHECK(eii_imap_read_bodies(imap, &taker, &err) == EII_OK, "%s", err.text);
	assert_string_equal(heard.text.data, "5=b;3=a;");
	assert_string_equal(heard.told.data, "3:whole 5:whole 6:absent");
	heard_clear(&heard);
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

static void test_delivery__groups_may_be_answered_in_another_order(void **state)
{
	static const char *const steps[] = { HELLO,
					     ">A2 UID FETCH 3 (UID BODY.PEEK[])",
					     ">A3 UID FETCH 4 (UID BODY.PEEK[])",
					     "=A3 NO [LIMIT] Rate limit hit.\r\n* 1 FETCH (UID 3 "
					     "BODY[] {1}\r\na)\r\nA2 OK x\r\n",
					     ">A4 NOOP",
					     "<A4 OK x",
					     "#",
					     NULL };
	const uint32_t uids[] = { 3, 4 };
	struct script *script = script_start(steps);
	struct eii_imap *imap = script_open_folder(script, SCRIPT_LONG_MS);
	struct heard heard = { 0 };
	struct eii_imap_body_taker taker = heard_taker(&heard);
	struct eii_imap_folder folder;
	struct eii_error err = { 0 };
	bool has_changed;

	(void)state;
	heard_init(&heard);
	assert_int_equal(eii_imap_send_bodies(imap, uids, 1, 0, &err), EII_OK);
	assert_int_equal(eii_imap_send_bodies(imap, uids + 1, 1, 0, &err), EII_OK);
	CHECK(eii_imap_read_bodies(imap, &taker, &err) == EII_OK, "%s", err.text);
	assert_int_equal(eii_imap_last_refusal(imap)->kind, EII_IMAP_REFUSAL_NONE);
	assert_int_equal(eii_imap_read_bodies(imap, &taker, &err), EII_REJECT);
	assert_int_equal(eii_imap_last_refusal(imap)->kind, EII_IMAP_REFUSAL_PASSING);
	assert_int_equal(eii_imap_last_refusal(imap)->code, EII_IMAP_CODE_LIMIT);
	assert_string_equal(heard.told.data, "3:whole 4:refused");
	CHECK(eii_imap_look(imap, &has_changed, &folder, &err) == EII_OK, "%s", err.text);
	heard_clear(&heard);
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

/* Those that cannot be granted at once are held, but not without end. */
static void test_delivery__that_wait_for_their_turn_are_bounded(void **state)
{
	const size_t most = EII_IMAP_HELD_MAX;
	char *large = with_literal("=* 2 FETCH (UID 4 BODY[] {16777216}\r\n", most, ")\r\n");
	const char *const steps[] = { HELLO,
				      ">A2 UID FETCH 3 (UID BODY.PEEK[])",
				      ">A3 UID FETCH 4,5 (UID BODY.PEEK[])",
				      large,
				      "=* 3 FETCH (UID 5 BODY[] {1}\r\nb)\r\n",
				      "#",
				      NULL };
	const uint32_t uids[] = { 3, 4, 5 };
	struct script *script = script_start(steps);
	struct eii_imap_options options = script_options(script);
	struct eii_imap *imap = NULL;
	struct heard heard = { 0 };
	struct eii_imap_body_taker taker = heard_taker(&heard);
	struct eii_imap_folder folder;
	struct eii_error err = { 0 };

	(void)state;
	options.literal_max = most;
	heard_init(&heard);
	CHECK(eii_imap_open(&options, &imap, &err) == EII_OK, "%s", err.text);
	CHECK(eii_imap_examine(imap, "INBOX", &folder, &err) == EII_OK, "%s", err.text);
	assert_int_equal(eii_imap_send_bodies(imap, uids, 1, 0, &err), EII_OK);
	assert_int_equal(eii_imap_send_bodies(imap, uids + 1, 2, 0, &err), EII_OK);
	assert_int_equal(eii_imap_read_bodies(imap, &taker, &err), EII_RETRY);
	CHECK(strstr(err.text, "an order that cannot be held"), "%s", err.text);
	assert_string_equal(heard.told.data, "3:lost 4:lost 5:broken");
	heard_clear(&heard);
	eii_imap_free(imap);
	assert_true(script_stop(script));
	free(large);
}

static void test_delivery__under_way_are_bounded_and_forbid_other_commands(void **state)
{
	static const char *const steps[] = { HELLO, "#", NULL };
	struct script *script;
	struct eii_imap *imap;
	struct eii_imap_info info = { .uid = 1 };
	struct eii_error err = { 0 };
	uint32_t uids[EII_IMAP_FETCH_MAX + 1];

	(void)state;
	for (uint32_t i = 0; i < ARRAY_LEN(uids); i++)
		uids[i] = 2 * i + 1;
	script = script_start(steps);
	imap = script_open_folder(script, SCRIPT_LONG_MS);
	for (size_t i = 0; i < EII_IMAP_PIPELINE_MAX; i++)
		assert_int_equal(eii_imap_send_bodies(imap, uids, EII_IMAP_FETCH_MAX, 0, &err),
				 EII_OK);
	assert_int_equal(eii_imap_send_bodies(imap, uids, 1, 0, &err), EII_RETRY);
	assert_false(eii_imap_is_open(imap));
	eii_imap_free(imap);
	assert_true(script_stop(script));

	script = script_start(steps);
	imap = script_open_folder(script, SCRIPT_LONG_MS);
	assert_int_equal(eii_imap_send_bodies(imap, uids, EII_IMAP_FETCH_MAX + 1, 0, &err),
			 EII_RETRY);
	eii_imap_free(imap);
	assert_true(script_stop(script));

	script = script_start(steps);
	imap = script_open_folder(script, SCRIPT_LONG_MS);
	assert_int_equal(eii_imap_send_bodies(imap, uids, 1, 0, &err), EII_OK);
	assert_int_equal(eii_imap_fetch_info(imap, &info, 1, &err), EII_RETRY);
	CHECK(strstr(err.text, "not read"), "%s", err.text);
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delivery__over_the_limit_are_read_past),
		cmocka_unit_test(test_delivery__are_refused_with_a_reason),
		cmocka_unit_test(test_delivery__before_their_uid_are_bounded),
		cmocka_unit_test(test_delivery__before_their_uid_are_counted),
		cmocka_unit_test(test_delivery__asked_for_alone_are_presumed_and_checked),
		cmocka_unit_test(test_delivery__may_be_headers_alone),
		cmocka_unit_test(test_delivery__cut_at_the_head_even_where_the_server_sends_all),
		cmocka_unit_test(test_delivery__of_a_later_group_wait_for_their_turn),
		cmocka_unit_test(test_delivery__of_a_later_group_are_granted_at_once),
		cmocka_unit_test(test_delivery__groups_may_be_answered_in_another_order),
		cmocka_unit_test(test_delivery__that_wait_for_their_turn_are_bounded),
		cmocka_unit_test(test_delivery__under_way_are_bounded_and_forbid_other_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
