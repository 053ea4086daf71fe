/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/alloc.h"
#include "eii/base/buf.h"
#include "eii/imap/session.h"
#include "script.h"
#include "support.h"

#define HELLO                                                                                      \
	"<* PREAUTH [CAPABILITY IMAP4rev1] hi", ">A1 EXAMINE \"INBOX\"",                           \
		"<* OK [UIDVALIDITY 7] x", "<* OK [UIDNEXT 12] x", "<A1 OK x"
#define ASKED ">A2 UID FETCH 3:5 (UID BODY.PEEK[])"

/* What the taker heard, as "uid=bytes;"; a mail of UID 5 that begins with '!' is not wanted. */
struct heard {
	struct eii_buf text;
	char room[4096];
	size_t len;
	bool skips_5;
};

static char *begin(void *arg, uint32_t uid, size_t len)
{
	struct heard *heard = arg;

	if ((heard->skips_5 && uid == 5) || len > sizeof(heard->room))
		return NULL;
	heard->len = len;
	return heard->room;
}

static void end(void *arg, uint32_t uid)
{
	struct heard *heard = arg;

	eii_buf_addf(&heard->text, "%u=%.*s;", uid, (int)heard->len, heard->room);
}

static struct eii_imap *open_folder(const struct script *script, uint32_t timeout_ms)
{
	struct eii_imap *imap = script_open(script, timeout_ms);
	struct eii_imap_folder folder;
	struct eii_error err = { 0 };

	CHECK(eii_imap_examine(imap, "INBOX", &folder, &err) == EII_OK, "%s", err.text);
	return imap;
}

struct body_case {
	const char *name;
	enum eii_rc rc;
	const char *heard;
	const char *answers[8];
};

static const struct body_case good_cases[] = {
	{ "in order",
	  EII_OK,
	  "3=abc;4=;5=\r\n;",
	  { "=* 1 FETCH (UID 3 BODY[] {3}\r\nabc)\r\n* 2 FETCH (UID 4 BODY[] {0}\r\n)\r\n",
	    "=* 3 FETCH (UID 5 BODY[] {2}\r\n\r\n)\r\nA2 OK x\r\n" } },
	{ "any order, one missing",
	  EII_OK,
	  "5=x;3=y;",
	  { "=* 3 FETCH (UID 5 BODY[] {1}\r\nx)\r\n* 1 FETCH (UID 3 BODY[] {1}\r\ny)\r\nA2 OK "
	    "x\r\n" } },
	{ "the UID behind the body",
	  EII_OK,
	  "3=abc;",
	  { "=* 1 FETCH (BODY[] {3}\r\nabc UID 3)\r\nA2 OK x\r\n" } },
	{ "quoted, and none",
	  EII_OK,
	  "3=a\"b\\;",
	  { "=* 1 FETCH (UID 3 BODY[] \"a\\\"b\\\\\")\r\n* 2 FETCH (UID 4 BODY[] NIL)\r\nA2 OK "
	    "x\r\n" } },
	{ "in pieces",
	  EII_OK,
	  "3=abc;",
	  { "=* 1 FET", "=CH (UID 3 BODY[] {", "=3}\r", "=\nab", "=c)\r\nA2 O", "=K x\r\n" } },
	{ "other items, lists and literals between",
	  EII_OK,
	  "3=abc;",
	  { "=* 1 FETCH (FLAGS (\\Seen $x) MODSEQ (12) UID 3 X-A (\"(\" NIL (1 {2}\r\n))) \")\") "
	    "BODY[HEADER.FIELDS (\"a b\")] {1}\r\nz BODY[] {3}\r\nabc)\r\nA2 OK x\r\n" } },
	{ "literal8",
	  EII_OK,
	  "3=abc;",
	  { "=* 1 FETCH (UID 3 BODY[] ~{3}\r\nabc)\r\nA2 OK x\r\n" } },
	{ "a mail that looks like an answer",
	  EII_OK,
	  "3=)\r\nA2 OK x\r\n;",
	  { "=* 1 FETCH (UID 3 BODY[] {12}\r\n)\r\nA2 OK x\r\n)\r\nA2 OK x\r\n" } },
	{ "unasked and twice",
	  EII_OK,
	  "3=a;",
	  { "=* 9 FETCH (UID 99 BODY[] {1}\r\nq)\r\n* 1 FETCH (UID 3 BODY[] {1}\r\na)\r\n",
	    "=* 1 FETCH (UID 3 BODY[] {1}\r\nb)\r\n* 2 FETCH (UID 4 FLAGS ())\r\nA2 OK x\r\n" } },
	{ "news between",
	  EII_OK,
	  "3=a;",
	  { "=* 12 EXISTS\r\n* 1 EXPUNGE\r\n* OK [ALERT] hi {3}\r\n* 1 FETCH (UID 3 BODY[] "
	    "{1}\r\na)"
	    "\r\n* BYEBYE\r\n* () EXISTS\r\n* \r\nA2 OK x\r\n" } },
	{ "unwanted",
	  EII_OK,
	  "3=a;",
	  { "=* 1 FETCH (UID 5 BODY[] {5000}\r\n", "=" /* 5000 bytes, set by the test */,
	    "=)\r\n* 1 FETCH (UID 3 BODY[] {1}\r\na)\r\nA2 OK x\r\n" } },
	{ "refused",
	  EII_REJECT,
	  "3=a;",
	  { "=* 1 FETCH (UID 3 BODY[] {1}\r\na)\r\nA2 NO some are gone\r\n" } },
};

static void test_bodies__come_in_every_form_that_servers_use(void **state)
{
	static char many[5002];

	(void)state;
	memset(many, 'm', sizeof(many) - 1);
	many[0] = '=';
	for (size_t i = 0; i < ARRAY_LEN(good_cases); i++) {
		const struct body_case *c = &good_cases[i];
		const char *steps[20] = { HELLO, ASKED };
		const uint32_t uids[] = { 3, 4, 5 };
		struct heard heard = { .skips_5 = strcmp(c->name, "unwanted") == 0 };
		struct eii_imap_body_taker taker = { .begin = begin, .end = end, .arg = &heard };
		struct eii_error err = { 0 };
		struct script *script;
		struct eii_imap *imap;
		size_t n = 6;
		enum eii_rc rc;

		for (size_t k = 0; c->answers[k]; k++)
			steps[n++] = strcmp(c->answers[k], "=") == 0 ? many : c->answers[k];
		steps[n] = "#";
		eii_buf_init(&heard.text, 65536);
		script = script_start(steps);
		imap = open_folder(script, SCRIPT_LONG_MS);
		rc = eii_imap_send_bodies(imap, uids, 3, 0, &err);
		CHECK(rc == EII_OK, "%s: %s", c->name, err.text);
		rc = eii_imap_read_bodies(imap, &taker, &err);
		CHECK(rc == c->rc, "%s: rc %d, %s", c->name, rc, err.text);
		CHECK(strcmp(heard.text.data, c->heard) == 0, "%s: %s", c->name, heard.text.data);
		CHECK(eii_imap_is_open(imap), "%s", c->name);
		eii_buf_clear(&heard.text);
		eii_imap_free(imap);
		CHECK(script_stop(script), "%s", c->name);
	}
}

static const struct body_case bad_cases[] = {
	{ "silence", EII_RETRY, "no answer in time", { "#" } },
	{ "closed", EII_RETRY, "closed the connection", { NULL } },
	{ "hangs in a literal",
	  EII_RETRY,
	  "no answer in time",
	  { "=* 1 FETCH (UID 3 BODY[] {9}\r\nabc", "#" } },
	{ "closes in a literal",
	  EII_RETRY,
	  "closed the connection",
	  { "=* 1 FETCH (UID 3 BODY[] {9}\r\nabc" } },
	{ "a literal over the limit",
	  EII_RETRY,
	  "over the limit",
	  { "=* 1 FETCH (UID 3 BODY[] {1048577}\r\n", "#" } },
	{ "a skipped literal over the limit",
	  EII_RETRY,
	  "over the limit",
	  { "=* 1 FETCH (UID 3 X {1048577}\r\n", "#" } },
	{ "a literal of 2^63",
	  EII_RETRY,
	  "cannot be read",
	  { "=* 1 FETCH (UID 3 BODY[] {9223372036854775808}\r\n", "#" } },
	{ "a literal of 2^64-1",
	  EII_RETRY,
	  "cannot be read",
	  { "=* 1 FETCH (UID 3 BODY[] {18446744073709551615}\r\n", "#" } },
	{ "a literal of -1",
	  EII_RETRY,
	  "cannot be read",
	  { "=* 1 FETCH (UID 3 BODY[] {-1}\r\n", "#" } },
	{ "an empty number",
	  EII_RETRY,
	  "cannot be read",
	  { "=* 1 FETCH (UID 3 BODY[] {}\r\n", "#" } },
	{ "an open quote",
	  EII_RETRY,
	  "cannot be read",
	  { "=* 1 FETCH (UID 3 BODY[] \"abc\r\n", "#" } },
	{ "an open list", EII_RETRY, "cannot be read", { "=* 1 FETCH (UID 3\r\n", "#" } },
	{ "a name without a value", EII_RETRY, "cannot be read", { "=* 1 FETCH (UID\r\n", "#" } },
	{ "no list", EII_RETRY, "cannot be read", { "=* 1 FETCH NIL\r\n", "#" } },
	{ "an open bracket", EII_RETRY, "cannot be read", { "=* 1 FETCH (BODY[ 1)\r\n", "#" } },
	{ "another tag", EII_RETRY, "not to what was asked", { "=A9 OK x\r\n", "#" } },
	{ "a tag of 33 bits",
	  EII_RETRY,
	  "not to what was asked",
	  { "=A4294967298 OK x\r\n", "#" } },
	{ "no tag", EII_RETRY, "not to what was asked", { "=OK x\r\n", "#" } },
	{ "neither OK nor NO", EII_RETRY, "neither OK", { "=A2 MAYBE\r\n", "#" } },
	{ "a star alone", EII_RETRY, "not IMAP", { "=*\r\n", "#" } },
	{ "asks for more", EII_RETRY, "asks for more", { "=+ go\r\n", "#" } },
	{ "BYE", EII_RETRY, "'going down'", { "=* BYE going down\r\n" } },
	{ "a literal over the limit elsewhere",
	  EII_RETRY,
	  "over 1048576 bytes",
	  { "=* X {1048577}\r\n", "#" } },
};

static void test_bodies__end_the_session_when_an_answer_makes_no_sense(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad_cases); i++) {
		const struct body_case *c = &bad_cases[i];
		const char *steps[20] = { HELLO, ASKED };
		const uint32_t uids[] = { 3, 4, 5 };
		struct heard heard = { 0 };
		struct eii_imap_body_taker taker = { .begin = begin, .end = end, .arg = &heard };
		struct eii_error err = { 0 };
		struct script *script;
		struct eii_imap *imap;
		enum eii_rc rc;

		memcpy(&steps[6], c->answers, sizeof(c->answers));
		eii_buf_init(&heard.text, 65536);
		script = script_start(steps);
		imap = open_folder(script,
				   strstr(c->heard, "in time") ? SCRIPT_SHORT_MS : SCRIPT_LONG_MS);
		rc = eii_imap_send_bodies(imap, uids, 3, 0, &err);
		CHECK(rc == EII_OK, "%s: %s", c->name, err.text);
		rc = eii_imap_read_bodies(imap, &taker, &err);
		CHECK(rc == c->rc, "%s: rc %d", c->name, rc);
		CHECK(strstr(err.text, c->heard), "%s: %s", c->name, err.text);
		CHECK(heard.text.len == 0, "%s: %s", c->name, heard.text.data);
		CHECK(!eii_imap_is_open(imap), "%s", c->name);
		rc = eii_imap_read_bodies(imap, &taker, &err);
		CHECK(rc == EII_RETRY, "%s goes on", c->name);
		eii_buf_clear(&heard.text);
		eii_imap_free(imap);
		CHECK(script_stop(script), "%s", c->name);
	}
}

static void test_bodies__cut_at_the_head_even_where_the_server_sends_all(void **state)
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
	struct eii_imap *imap = open_folder(script, SCRIPT_LONG_MS);
	struct heard heard = { 0 };
	struct eii_imap_body_taker taker = { .begin = begin, .end = end, .arg = &heard };
	struct eii_error err = { 0 };

	(void)state;
	eii_buf_init(&heard.text, 1024);
	assert_int_equal(eii_imap_send_bodies(imap, uids, 2, 4, &err), EII_OK);
	CHECK(eii_imap_read_bodies(imap, &taker, &err) == EII_OK, "%s", err.text);
	assert_int_equal(eii_imap_send_bodies(imap, uids, 1, 4, &err), EII_OK);
	CHECK(eii_imap_read_bodies(imap, &taker, &err) == EII_OK, "%s", err.text);
	assert_string_equal(heard.text.data, "3=abcd;9=efgh;3=abcd;");
	eii_buf_clear(&heard.text);
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

/* Dovecot 2.3 puts the first group's OK behind the second group's bodies. */
static void test_bodies__of_a_later_group_wait_for_their_turn(void **state)
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
	struct eii_imap *imap = open_folder(script, SCRIPT_LONG_MS);
	struct heard heard = { 0 };
	struct eii_imap_body_taker taker = { .begin = begin, .end = end, .arg = &heard };
	struct eii_imap_folder folder;
	struct eii_error err = { 0 };
	bool has_changed;

	(void)state;
	eii_buf_init(&heard.text, 1024);
	assert_int_equal(eii_imap_send_bodies(imap, uids, 1, 0, &err), EII_OK);
	assert_int_equal(eii_imap_send_bodies(imap, uids + 1, 2, 0, &err), EII_OK);
	CHECK(eii_imap_read_bodies(imap, &taker, &err) == EII_OK, "%s", err.text);
	assert_string_equal(heard.text.data, "3=a;");
	CHECK(eii_imap_read_bodies(imap, &taker, &err) == EII_OK, "%s", err.text);
	assert_string_equal(heard.text.data, "3=a;4=b;5=c;");
	CHECK(eii_imap_look(imap, &has_changed, &folder, &err) == EII_OK, "%s", err.text);
	eii_buf_clear(&heard.text);
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

static void test_bodies__under_way_are_bounded_and_forbid_other_commands(void **state)
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
	imap = open_folder(script, SCRIPT_LONG_MS);
	for (size_t i = 0; i < EII_IMAP_PIPELINE_MAX; i++)
		assert_int_equal(eii_imap_send_bodies(imap, uids, EII_IMAP_FETCH_MAX, 0, &err),
				 EII_OK);
	assert_int_equal(eii_imap_send_bodies(imap, uids, 1, 0, &err), EII_RETRY);
	assert_false(eii_imap_is_open(imap));
	eii_imap_free(imap);
	assert_true(script_stop(script));

	script = script_start(steps);
	imap = open_folder(script, SCRIPT_LONG_MS);
	assert_int_equal(eii_imap_send_bodies(imap, uids, EII_IMAP_FETCH_MAX + 1, 0, &err),
			 EII_RETRY);
	eii_imap_free(imap);
	assert_true(script_stop(script));

	script = script_start(steps);
	imap = open_folder(script, SCRIPT_LONG_MS);
	assert_int_equal(eii_imap_send_bodies(imap, uids, 1, 0, &err), EII_OK);
	assert_int_equal(eii_imap_fetch_info(imap, &info, 1, &err), EII_RETRY);
	CHECK(strstr(err.text, "not read"), "%s", err.text);
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies__come_in_every_form_that_servers_use),
		cmocka_unit_test(test_bodies__end_the_session_when_an_answer_makes_no_sense),
		cmocka_unit_test(test_bodies__cut_at_the_head_even_where_the_server_sends_all),
		cmocka_unit_test(test_bodies__of_a_later_group_wait_for_their_turn),
		cmocka_unit_test(test_bodies__under_way_are_bounded_and_forbid_other_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
