/* SPDX-License-Identifier: Apache-2.0 */
/* What the server says of folders that are not open. */
#include "eii/imap/session.h"

#include "script.h"
#include "support.h"

#define HELLO                "<* PREAUTH [CAPABILITY IMAP4rev1 LIST-STATUS] hi"
#define STATUS_OF(tag, name) ">" tag " STATUS " name " (UIDNEXT UIDVALIDITY)"
#define LIST_OF(names)       ">A1 LIST \"\" (" names ") RETURN (STATUS (UIDNEXT UIDVALIDITY))"
#define NAMES_MAX            3

struct glance_case {
	const char *name;
	const char *names[NAMES_MAX];
	struct eii_imap_glimpse out[NAMES_MAX];
	const char *steps[12];
};

static const struct glance_case cases[] = {
	{ "STATUS of each",
	  { "Junk", "a b" },
	  { { 7, 12 }, { 8, 3 } },
	  { SCRIPT_HELLO, STATUS_OF("A1", "\"Junk\""), "<* STATUS Junk (UIDNEXT 12 UIDVALIDITY 7)",
	    "<A1 OK x", STATUS_OF("A2", "\"a b\""), "<* STATUS \"a b\" (UIDVALIDITY 8 UIDNEXT 3)",
	    "<A2 OK x", "#" } },
	{ "all at once",
	  { "Junk", "a b", "c" },
	  { { 7, 12 }, { 8, 3 }, { 9, 1 } },
	  { HELLO, LIST_OF("\"Junk\" \"a b\" \"c\""), "<* LIST () \"/\" Junk",
	    "<* STATUS c (UIDNEXT 1 UIDVALIDITY 9)", "<* STATUS \"a b\" (UIDVALIDITY 8 UIDNEXT 3)",
	    "<* STATUS Junk (MESSAGES 4 UIDNEXT 12 UIDVALIDITY 7)", "<A1 OK x", "#" } },
	{ "all at once but one, which is asked for alone",
	  { "a", "b" },
	  { { 7, 12 }, { 8, 3 } },
	  { HELLO, LIST_OF("\"a\" \"b\""), "<* STATUS a (UIDNEXT 12 UIDVALIDITY 7)", "<A1 OK x",
	    STATUS_OF("A2", "\"b\""), "<* STATUS b (UIDNEXT 3 UIDVALIDITY 8)", "<A2 OK x", "#" } },
	{ "a server that has LIST-STATUS and refuses it",
	  { "a" },
	  { { 7, 12 } },
	  { HELLO, LIST_OF("\"a\""), "<A1 BAD what?", STATUS_OF("A2", "\"a\""),
	    "<* STATUS a (UIDNEXT 12 UIDVALIDITY 7)", "<A2 OK x", "#" } },
	{ "one that is refused, in any way, costs the next nothing",
	  { "a", "b", "c" },
	  { { 0, 0 }, { 0, 0 }, { 9, 2 } },
	  { SCRIPT_HELLO, STATUS_OF("A1", "\"a\""), "<A1 NO [NONEXISTENT] gone",
	    STATUS_OF("A2", "\"b\""), "<A2 BAD what?", STATUS_OF("A3", "\"c\""),
	    "<* STATUS c (UIDNEXT 2 UIDVALIDITY 9)", "<A3 OK x", "#" } },
	{ "names as they travel: quotes, UTF-7, a literal, INBOX in any case",
	  { "a \"b\\", "\xe6\x97\xa5\xe6\x9c\xac & (x)", "INBOX" },
	  { { 1, 2 }, { 3, 4 }, { 5, 6 } },
	  { HELLO, LIST_OF("\"a \\\"b\\\\\" \"&ZeVnLA- &- (x)\" \"INBOX\""),
	    "<* STATUS {5}\r\na \"b\\ (UIDNEXT 2 UIDVALIDITY 1)",
	    "<* STATUS \"&ZeVnLA- &- (x)\" (UIDNEXT 4 UIDVALIDITY 3)",
	    "<* STATUS inbox (UIDNEXT 6 UIDVALIDITY 5)", "<A1 OK x", "#" } },
	{ "a wildcard is a name by STATUS alone",
	  { "a*" },
	  { { 1, 2 } },
	  { HELLO, STATUS_OF("A1", "\"a*\""), "<* STATUS \"a*\" (UIDNEXT 2 UIDVALIDITY 1)",
	    "<A1 OK x", "#" } },
	{ "numbers that are none, or too large",
	  { "a", "b", "c" },
	  { { 7, 0 }, { UINT64_C(0xedf2aa6b38fc416d), UINT32_MAX }, { 0, 0 } },
	  { SCRIPT_HELLO, STATUS_OF("A1", "\"a\""),
	    "<* STATUS a (UIDNEXT 4294967296 UIDVALIDITY 7)", "<A1 OK x", STATUS_OF("A2", "\"b\""),
	    "<* STATUS b (UIDNEXT 4294967295 UIDVALIDITY 18446744073709551616)", "<A2 OK x",
	    STATUS_OF("A3", "\"c\""), "<* STATUS c (UIDNEXT -1 UIDVALIDITY x)", "<A3 OK x", "#" } },
	{ "answers that are cut, of others, or of nothing",
	  { "a" },
	  { { 0, 0 } },
	  { SCRIPT_HELLO, STATUS_OF("A1", "\"a\""), "<* STATUS", "<* STATUS a", "<* STATUS (",
	    "<* STATUS \"a (UIDNEXT 3)", "<* STATUS b (UIDNEXT 3 UIDVALIDITY 4)", "<A1 OK x",
	    "#" } },
	{ "not UTF-8: it is not asked for",
	  { "a\xff", "b" },
	  { { 0, 0 }, { 3, 2 } },
	  { SCRIPT_HELLO, STATUS_OF("A1", "\"b\""), "<* STATUS b (UIDNEXT 2 UIDVALIDITY 3)",
	    "<A1 OK x", "#" } },
};

static size_t count(const struct glance_case *c)
{
	size_t n = 0;

	while (n < NAMES_MAX && c->names[n])
		n++;
	return n;
}

static void test_glance__tells_what_the_server_says_of_each_folder(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct glance_case *c = &cases[i];
		struct script *script = script_start(c->steps);
		struct eii_imap *imap = script_open(script, SCRIPT_LONG_MS);
		struct eii_imap_glimpse out[NAMES_MAX] = { 0 };
		struct eii_error err = { 0 };
		enum eii_rc rc = eii_imap_glance(imap, c->names, count(c), out, &err);

		CHECK(rc == EII_OK, "%s: %s", c->name, err.text);
		for (size_t k = 0; k < count(c); k++)
			CHECK(out[k].uidvalidity == c->out[k].uidvalidity &&
				      out[k].uidnext == c->out[k].uidnext,
			      "%s: %zu: %llx %u", c->name, k,
			      (unsigned long long)out[k].uidvalidity, out[k].uidnext);
		CHECK(eii_imap_last_refusal(imap)->kind == EII_IMAP_REFUSAL_NONE, "%s", c->name);
		eii_imap_free(imap);
		CHECK(script_stop(script), "%s", c->name);
	}
}

static void test_glance__asks_in_one_command_for_as_many_as_are_read_at_all(void **state)
{
	static char list[64 * 8 + 80], answers[64 * 48];
	const char *const steps[] = { HELLO, list, answers, "<A1 OK x", "#", NULL };
	char names[EII_IMAP_GLANCE_MAX][8];
	const char *pointers[EII_IMAP_GLANCE_MAX];
	struct eii_imap_glimpse out[EII_IMAP_GLANCE_MAX];
	size_t at = (size_t)snprintf(list, sizeof(list), ">A1 LIST \"\" ("), len = 1;
	struct eii_error err = { 0 };
	struct script *script;
	struct eii_imap *imap;

	(void)state;
	answers[0] = '=';
	for (unsigned i = 0; i < EII_IMAP_GLANCE_MAX; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "f%02u", i);
		pointers[i] = names[i];
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s\"%s\"", i ? " " : "",
				       names[i]);
		len += (size_t)snprintf(answers + len, sizeof(answers) - len,
					"* STATUS %s (UIDNEXT %u UIDVALIDITY 7)\r\n", names[i],
					i + 1);
	}
	(void)snprintf(list + at, sizeof(list) - at, ") RETURN (STATUS (UIDNEXT UIDVALIDITY))");
	script = script_start(steps);
	imap = script_open(script, SCRIPT_LONG_MS);
	assert_int_equal(eii_imap_glance(imap, pointers, ARRAY_LEN(pointers), out, &err), EII_OK);
	for (unsigned i = 0; i < EII_IMAP_GLANCE_MAX; i++)
		assert_int_equal(out[i].uidnext, i + 1);
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

static void test_glance__does_not_ask_twice_for_what_was_refused_and_hears_of_the_open_folder(
	void **state)
{
	const char *const steps[] = { "<* PREAUTH [CAPABILITY IMAP4rev1 LIST-STATUS IDLE] hi",
				      ">A1 EXAMINE \"INBOX\"",
				      "<* 3 EXISTS",
				      "<* OK [UIDVALIDITY 7]",
				      "<* OK [UIDNEXT 12]",
				      "<A1 OK x",
				      ">A2 LIST \"\" (\"a\") RETURN (STATUS (UIDNEXT UIDVALIDITY))",
				      "<A2 NO not now",
				      STATUS_OF("A3", "\"a\""),
				      "<* 4 EXISTS",
				      "<A3 OK x",
				      STATUS_OF("A4", "\"a\""),
				      "<A4 OK x",
				      ">A5 IDLE",
				      "<+ idling",
				      ">DONE",
				      "<A5 OK x",
				      "#",
				      NULL };
	struct script *script = script_start(steps);
	struct eii_imap *imap = script_open_folder(script, SCRIPT_LONG_MS);
	const char *name = "a";
	struct eii_imap_glimpse out = { .uidnext = 5 };
	bool has_grown = false, has_ended = false;
	struct eii_error err = { 0 };

	(void)state;
	assert_int_equal(eii_imap_glance(imap, &name, 1, &out, &err), EII_OK);
	assert_int_equal(out.uidnext, 0);
	assert_int_equal(eii_imap_glance(imap, &name, 1, &out, &err), EII_OK);
	assert_int_equal(eii_imap_idle_begin(imap, &err), EII_OK);
	assert_int_equal(eii_imap_idle_wait(imap, INT64_MAX, &has_grown, &has_ended, &err), EII_OK);
	assert_true(has_grown); /* what came meanwhile is not waited for */
	assert_int_equal(eii_imap_idle_end(imap, SCRIPT_LONG_MS, &err), EII_OK);
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

static void test_glance__ends_with_its_session_and_leaves_the_output_alone(void **state)
{
	const char *const steps[] = { SCRIPT_HELLO, STATUS_OF("A1", "\"a\""), "<* BYE enough", "#",
				      NULL };
	struct script *script = script_start(steps);
	struct eii_imap *imap = script_open(script, SCRIPT_LONG_MS);
	const char *name = "a";
	struct eii_imap_glimpse out = { .uidnext = 5 };
	struct eii_error err = { 0 };

	(void)state;
	assert_int_equal(eii_imap_glance(imap, &name, 1, &out, &err), EII_RETRY);
	assert_int_equal(out.uidnext, 5);
	assert_false(eii_imap_is_open(imap));
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_glance__tells_what_the_server_says_of_each_folder),
		cmocka_unit_test(test_glance__asks_in_one_command_for_as_many_as_are_read_at_all),
		cmocka_unit_test(
			test_glance__does_not_ask_twice_for_what_was_refused_and_hears_of_the_open_folder),
		cmocka_unit_test(test_glance__ends_with_its_session_and_leaves_the_output_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
