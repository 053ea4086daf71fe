/* SPDX-License-Identifier: Apache-2.0 */
#include "heard.h"
#include "support.h"

struct body_case {
	const char *name;
	enum eii_rc rc;
	const char *heard, *told;
	const char *answers[8];
};

#define ALL_WHOLE "3:whole 4:whole 5:whole"
#define THREE     "3:whole 4:absent 5:absent"

static const struct body_case good_cases[] = {
	{ "in order",
	  EII_OK,
	  "3=abc;4=x;5=\r\n;",
	  ALL_WHOLE,
	  { "=* 1 FETCH (UID 3 BODY[] {3}\r\nabc)\r\n* 2 FETCH (UID 4 BODY[] {1}\r\nx)\r\n",
	    "=* 3 FETCH (UID 5 BODY[] {2}\r\n\r\n)\r\nA2 OK x\r\n" } },
	{ "any order, one missing",
	  EII_OK,
	  "5=x;3=y;",
	  "3:whole 4:absent 5:whole",
	  { "=* 3 FETCH (UID 5 BODY[] {1}\r\nx)\r\n* 1 FETCH (UID 3 BODY[] {1}\r\ny)\r\nA2 OK "
	    "x\r\n" } },
	{ "the UID behind the body",
	  EII_OK,
	  "3=abc;",
	  THREE,
	  { "=* 1 FETCH (BODY[] {3}\r\nabc UID 3)\r\nA2 OK x\r\n" } },
	{ "no UID at all",
	  EII_OK,
	  "",
	  "3:absent 4:absent 5:absent",
	  { "=* 1 FETCH (BODY[] {3}\r\nabc)\r\nA2 OK x\r\n" } },
	{ "quoted, and none",
	  EII_OK,
	  "3=a\"b\\;",
	  "3:whole 4:nil 5:absent",
	  { "=* 1 FETCH (UID 3 BODY[] \"a\\\"b\\\\\")\r\n* 2 FETCH (UID 4 BODY[] NIL)\r\nA2 OK "
	    "x\r\n" } },
	{ "without a byte",
	  EII_OK,
	  "",
	  "3:empty 4:empty 5:nil",
	  { "=* 1 FETCH (UID 3 BODY[] {0}\r\n)\r\n* 2 FETCH (BODY[] \"\" UID 4)\r\n",
	    "=* 3 FETCH (BODY[] NIL UID 5)\r\nA2 OK x\r\n" } },
	{ "NIL first, then the mail",
	  EII_OK,
	  "3=a;",
	  THREE,
	  { "=* 1 FETCH (UID 3 BODY[] NIL)\r\n* 1 FETCH (UID 3 BODY[] {1}\r\na)\r\nA2 OK x\r\n" } },
	{ "nothing", EII_OK, "", "3:absent 4:absent 5:absent", { "=A2 OK x\r\n" } },
	{ "in pieces",
	  EII_OK,
	  "3=abc;",
	  THREE,
	  { "=* 1 FET", "=CH (UID 3 BODY[] {", "=3}\r", "=\nab", "=c)\r\nA2 O", "=K x\r\n" } },
	{ "other items, lists and literals between",
	  EII_OK,
	  "3=abc;",
	  THREE,
	  { "=* 1 FETCH (FLAGS (\\Seen $x) MODSEQ (12) UID 3 X-A (\"(\" NIL (1 {2}\r\n))) \")\") "
	    "BODY[HEADER.FIELDS (\"a b\")] {1}\r\nz BODY[] {3}\r\nabc)\r\nA2 OK x\r\n" } },
	{ "literal8",
	  EII_OK,
	  "3=abc;",
	  THREE,
	  { "=* 1 FETCH (UID 3 BODY[] ~{3}\r\nabc)\r\nA2 OK x\r\n" } },
	{ "a mail that looks like an answer",
	  EII_OK,
	  "3=)\r\nA2 OK x\r\n;",
	  THREE,
	  { "=* 1 FETCH (UID 3 BODY[] {12}\r\n)\r\nA2 OK x\r\n)\r\nA2 OK x\r\n" } },
	{ "unasked and twice",
	  EII_OK,
	  "3=a;",
	  THREE,
	  { "=* 9 FETCH (UID 99 BODY[] {1}\r\nq)\r\n* 1 FETCH (UID 3 BODY[] {1}\r\na)\r\n",
	    "=* 1 FETCH (UID 3 BODY[] {1}\r\nb)\r\n* 2 FETCH (UID 4 FLAGS ())\r\nA2 OK x\r\n" } },
	{ "news between",
	  EII_OK,
	  "3=a;",
	  THREE,
	  { "=* 12 EXISTS\r\n* 1 EXPUNGE\r\n* OK [ALERT] hi {3}\r\n* 1 FETCH (UID 3 BODY[] "
	    "{1}\r\na)"
	    "\r\n* BYEBYE\r\n* () EXISTS\r\n* \r\nA2 OK x\r\n" } },
	{ "blank lines, a star, a plus, words and literals between",
	  EII_OK,
	  "3=a;4=b;",
	  "3:whole 4:whole 5:absent",
	  { "=\r\n\r\n* 1 FETCH (UID 3 BODY[] {1}\r\na)\r\n \r\n*\r\n+ idling\r\n",
	    "=* XNEWS {12}\r\nA2 OK x\r\nA2  {4}\r\n* 1 end\r\n",
	    "=* 2 FETCH (UID 4 BODY[] {1}\r\nb)\r\n\r\nA2 OK x\r\n" } },
	{ "NULs in lines",
	  EII_OK,
	  "3=a?b;4=b;",
	  "3:whole 4:whole 5:absent",
	  { "%* OK %\r\n* 1 FETCH (UID 3 FLAGS (%) BODY[] \"a%b\" X %%)\r\n",
	    "=* 2 FETCH (UID 4 BODY[] {1}\r\nb)\r\nA2 OK x\r\n" } },
	{ "keywords of other programs between",
	  EII_OK,
	  "3=a;",
	  THREE,
	  { "=* 1 FETCH (FLAGS (\\Seen ab\"cd))\r\n* 1 FETCH (FLAGS (x{3}))\r\n",
	    "=* 1 FETCH (FLAGS (todo(high [Junk) UID 3 BODY[] {1}\r\na)\r\nA2 OK x\r\n" } },
	{ "a literal two bytes too short",
	  EII_OK,
	  "3=ab;4=c;",
	  "3:whole 4:whole 5:absent",
	  { "=* 1 FETCH (UID 3 BODY[] {2}\r\nab\r\n)\r\n",
	    "=* 2 FETCH (UID 4 BODY[] {1}\r\nc)\r\nA2 OK x\r\n" } },
	{ "answers that break off",
	  EII_OK,
	  "4=b;",
	  "3:unreadable 4:whole 5:unreadable",
	  { "=* 1 FETCH (UID 3 BODY[] \"abc\r\n* 2 FETCH (UID 4 BODY[] {1}\r\nb)\r\n",
	    "=* 3 FETCH (UID 5\r\n* 3 FETCH (UID\r\n* 3 FETCH NIL\r\n",
	    "=* 3 FETCH (BODY[ 1)\r\n* 3 FETCH\r\nA2 OK x\r\n" } },
	{ "a body as a word, as a list",
	  EII_OK,
	  "",
	  "3:unreadable 4:unreadable 5:absent",
	  { "=* 1 FETCH (UID 3 BODY[] abc)\r\n* 2 FETCH (UID 4 BODY[] (a {1}\r\nb c))\r\nA2 OK "
	    "x\r\n" } },
	{ "broken behind the body",
	  EII_OK,
	  "3=a;",
	  THREE,
	  { "=* 1 FETCH (UID 3 BODY[] {1}\r\na X \"q {2}\r\nzz y\r\nA2 OK x\r\n" } },
	{ "unwanted",
	  EII_OK,
	  "3=a;",
	  "3:whole 4:absent 5:unwanted",
	  { "=* 1 FETCH (UID 5 BODY[] {5000}\r\n", "=" /* 5000 bytes, set by the test */,
	    "=)\r\n* 1 FETCH (UID 3 BODY[] {1}\r\na)\r\nA2 OK x\r\n" } },
	{ "refused",
	  EII_REJECT,
	  "3=a;",
	  "3:whole 4:refused 5:refused",
	  { "=* 1 FETCH (UID 3 BODY[] {1}\r\na)\r\nA2 NO some are gone\r\n" } },
	{ "refused after a NIL, by BAD",
	  EII_REJECT,
	  "",
	  "3:nil 4:refused 5:refused",
	  { "=* 1 FETCH (UID 3 BODY[] NIL)\r\nA2 BAD no\r\n" } },
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
		struct heard heard = { .skips_5 = strcmp(c->name, "unwanted") == 0 };
		struct eii_imap_body_taker taker = heard_taker(&heard);
		struct eii_error err = { 0 };
		struct script *script;
		struct eii_imap *imap;
		size_t n = 6;
		enum eii_rc rc;

		for (size_t k = 0; c->answers[k]; k++)
			steps[n++] = strcmp(c->answers[k], "=") == 0 ? many : c->answers[k];
		steps[n] = "#";
		heard_init(&heard);
		script = script_start(steps);
		imap = script_open_folder(script, SCRIPT_LONG_MS);
		rc = heard_read_three(imap, &taker, &err);
		CHECK(rc == c->rc, "%s: rc %d, %s", c->name, rc, err.text);
		CHECK(strcmp(heard.text.data, c->heard) == 0, "%s: %s", c->name, heard.text.data);
		CHECK(strcmp(heard.told.data, c->told) == 0, "%s: %s", c->name, heard.told.data);
		CHECK(eii_imap_is_open(imap), "%s", c->name);
		heard_clear(&heard);
		eii_imap_free(imap);
		CHECK(script_stop(script), "%s", c->name);
	}
}

#define LOST_ALL   "3:lost 4:lost 5:lost"
#define BROKEN_3   "3:broken 4:lost 5:lost"
#define TOO_LARGE3 "3:too large 4:lost 5:lost"

static const struct body_case bad_cases[] = {
	{ "silence", EII_RETRY, "no answer in time", LOST_ALL, { "#" } },
	{ "closed", EII_RETRY, "closed the connection", LOST_ALL, { NULL } },
	{ "hangs in a literal",
	  EII_RETRY,
	  "no answer in time",
	  BROKEN_3,
	  { "=* 1 FETCH (UID 3 BODY[] {9}\r\nabc", "#" } },
	{ "closes in a literal",
	  EII_RETRY,
	  "closed the connection",
	  BROKEN_3,
	  { "=* 1 FETCH (UID 3 BODY[] {9}\r\nabc" } },
	/* 1 MiB is the limit of these sessions, and EII_IMAP_SKIP_MAX is 256 MiB. */
	{ "a literal that is not worth reading past",
	  EII_RETRY,
	  "over the limit",
	  TOO_LARGE3,
	  { "=* 1 FETCH (UID 3 BODY[] {269484033}\r\n", "#" } },
	{ "one that is",
	  EII_RETRY,
	  "no answer in time",
	  BROKEN_3,
	  { "=* 1 FETCH (UID 3 BODY[] {269484032}\r\n", "#" } },
	{ "one of nobody's",
	  EII_RETRY,
	  "over the limit",
	  LOST_ALL,
	  { "=* 1 FETCH (BODY[] {269484033}\r\n", "#" } },
	{ "a literal of 2^63",
	  EII_RETRY,
	  "cannot be read",
	  BROKEN_3,
	  { "=* 1 FETCH (UID 3 BODY[] {9223372036854775808}\r\n", "#" } },
	{ "a literal of 2^64-1",
	  EII_RETRY,
	  "cannot be read",
	  BROKEN_3,
	  { "=* 1 FETCH (UID 3 BODY[] {18446744073709551615}\r\n", "#" } },
	{ "a literal of -1",
	  EII_RETRY,
	  "cannot be read",
	  BROKEN_3,
	  { "=* 1 FETCH (UID 3 BODY[] ~{-1}\r\n", "#" } },
	{ "an empty number",
	  EII_RETRY,
	  "cannot be read",
	  BROKEN_3,
	  { "=* 1 FETCH (UID 3 BODY[] {}\r\n", "#" } },
	{ "another tag", EII_RETRY, "not to what was asked", LOST_ALL, { "=A9 OK x\r\n", "#" } },
	{ "a tag of 33 bits",
	  EII_RETRY,
	  "not to what was asked",
	  LOST_ALL,
	  { "=A4294967298 OK x\r\n", "#" } },
	{ "no tag", EII_RETRY, "not to what was asked", LOST_ALL, { "=OK x\r\n", "#" } },
	{ "neither OK nor NO", EII_RETRY, "neither OK", LOST_ALL, { "=A2 MAYBE\r\n", "#" } },
	{ "asks for more, and no more comes",
	  EII_RETRY,
	  "no answer in time",
	  LOST_ALL,
	  { "=+ go\r\n", "#" } },
	{ "BYE", EII_RETRY, "'going down'", LOST_ALL, { "=* BYE going down\r\n" } },
	{ "BYE after one",
	  EII_RETRY,
	  "'going down'",
	  "3:lost 4:whole 5:lost",
	  { "=* 2 FETCH (UID 4 BODY[] {1}\r\nb)\r\n* BYE going down\r\n" } },
	{ "more than a command may be answered",
	  EII_RETRY,
	  "over 8388608 bytes",
	  LOST_ALL,
	  { "^* 3 EXISTS\r\n" } },
	{ "a literal that nobody needs, without end",
	  EII_RETRY,
	  "over 8388608 bytes",
	  LOST_ALL,
	  { "=* X {9000000}\r\n", "^x" } },
	{ "one line without end", EII_RETRY, "over 1048576 bytes", LOST_ALL, { "^x" } },
};

static void test_bodies__end_the_session_when_it_is_lost(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad_cases); i++) {
		const struct body_case *c = &bad_cases[i];
		const char *steps[20] = { HELLO, ASKED };
		struct heard heard = { 0 };
		struct eii_imap_body_taker taker = heard_taker(&heard);
		struct eii_error err = { 0 };
		struct script *script;
		struct eii_imap *imap;
		enum eii_rc rc;

		memcpy(&steps[6], c->answers, sizeof(c->answers));
		heard_init(&heard);
		script = script_start(steps);
		imap = script_open_folder(script, strstr(c->heard, "in time") ? SCRIPT_SHORT_MS
									      : SCRIPT_LONG_MS);
		rc = heard_read_three(imap, &taker, &err);
		CHECK(rc == c->rc, "%s: rc %d", c->name, rc);
		CHECK(strstr(err.text, c->heard), "%s: %s", c->name, err.text);
		CHECK(strcmp(heard.told.data, c->told) == 0, "%s: %s", c->name, heard.told.data);
		CHECK(!eii_imap_is_open(imap), "%s", c->name);
		rc = eii_imap_read_bodies(imap, &taker, &err);
		CHECK(rc == EII_RETRY, "%s goes on", c->name);
		heard_clear(&heard);
		eii_imap_free(imap);
		CHECK(script_stop(script), "%s", c->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies__come_in_every_form_that_servers_use),
		cmocka_unit_test(test_bodies__end_the_session_when_it_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
