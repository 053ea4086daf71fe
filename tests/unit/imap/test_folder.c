/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/imap/session.h"

#include "script.h"
#include "support.h"

/* ---- folders ----------------------------------------------------------- */

struct folder_case {
	const char *name, *folder;
	enum eii_rc rc;
	enum eii_error_kind kind;
	const char *says;
	struct eii_imap_folder out;
	const char *steps[12];
};

/* A literal of more than the line that it would have to fit in. */
static char long_name[EII_IMAP_LINE_MAX + 200];

static void fill_long_name(void)
{
	static const char tail[] = " x {3}\r\nabc\r\n";
	size_t n = (size_t)snprintf(long_name, sizeof(long_name), "=* LIST () \"/\" {%d}\r\n",
				    EII_IMAP_LINE_MAX + 1);

	memset(long_name + n, 'n', EII_IMAP_LINE_MAX + 1);
	memcpy(long_name + n + EII_IMAP_LINE_MAX + 1, tail, sizeof(tail));
}

static const struct folder_case folder_cases[] = {
	{ "all at once",
	  "INBOX",
	  EII_OK,
	  0,
	  "",
	  { 7, 12, 3, true, true, EII_IMAP_UIDNEXT_TOLD },
	  { SCRIPT_HELLO, SCRIPT_EXAMINE, "#" } },
	{ "any case, other codes",
	  "INBOX",
	  EII_OK,
	  0,
	  "",
	  { 4294967295, 1, 0, true, true, EII_IMAP_UIDNEXT_TOLD },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"INBOX\"", "<* FLAGS (\\Seen)", "<* 0 exists",
	    "<* 0 RECENT", "<* ok [uidvalidity 4294967295]", "<* OK [HIGHESTMODSEQ 5] x",
	    "<* OK [UIDNEXT 1] x", "<A1 ok x", NULL } },
	{ "quotes and other scripts",
	  "A \"b\\\" & \xe6\x97\xa5\xe6\x9c\xac",
	  EII_OK,
	  0,
	  "",
	  { 7, 12, 0, false, true, EII_IMAP_UIDNEXT_TOLD },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"A \\\"b\\\\\\\" &- &ZeVnLA-\"", "<* OK [UIDVALIDITY 7]",
	    "<* OK [UIDNEXT 12]", "<A1 OK x", "#" } },
	{ "UIDNEXT by STATUS",
	  "INBOX",
	  EII_OK,
	  0,
	  "",
	  { 7, 99, 1, true, false, EII_IMAP_UIDNEXT_BY_STATUS },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"INBOX\"", "<* 1 EXISTS", "<* OK [UIDVALIDITY 7] x",
	    "<A1 OK x", ">A2 STATUS \"INBOX\" (UIDNEXT)", "<* STATUS {5}", "<INBOX (UIDNEXT 99)",
	    "<A2 OK x", "#" } },
	{ "UIDNEXT by the last mail",
	  "INBOX",
	  EII_OK,
	  0,
	  "",
	  { 7, 42, 1, true, false, EII_IMAP_UIDNEXT_DERIVED },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"INBOX\"", "<* 1 EXISTS", "<* OK [UIDVALIDITY 7] x",
	    "<A1 OK x", ">A2 STATUS \"INBOX\" (UIDNEXT)", "<A2 NO x", ">A3 UID FETCH * (UID)",
	    "<* 1 FETCH (UID 41)", "<A3 OK x", "#" } },
	{ "UIDNEXT by the last number that there is",
	  "INBOX",
	  EII_OK,
	  0,
	  "",
	  { 7, UINT32_MAX, 1, true, false, EII_IMAP_UIDNEXT_DERIVED },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"INBOX\"", "<* 1 EXISTS", "<* OK [UIDVALIDITY 7] x",
	    "<A1 OK x", ">A2 STATUS \"INBOX\" (UIDNEXT)", "<A2 NO x", ">A3 UID FETCH * (UID)",
	    "<* 1 FETCH (UID 4294967295)", "<A3 OK x", "#" } },
	{ "UIDNEXT nowhere, no mail",
	  "INBOX",
	  EII_OK,
	  0,
	  "",
	  { 7, 1, 0, true, false, EII_IMAP_UIDNEXT_DERIVED },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"INBOX\"", "<* 0 EXISTS", "<* OK [UIDVALIDITY 7] x",
	    "<A1 OK x", ">A2 STATUS \"INBOX\" (UIDNEXT)", "<A2 BAD x", "#" } },
	{ "neither UIDNEXT nor EXISTS",
	  "INBOX",
	  EII_OK,
	  0,
	  "",
	  { 7, 1, 0, false, false, EII_IMAP_UIDNEXT_DERIVED },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"INBOX\"", "<* OK [UIDVALIDITY 7] x", "<A1 OK x",
	    ">A2 STATUS \"INBOX\" (UIDNEXT)", "<A2 BAD x", ">A3 UID FETCH * (UID)", "<A3 BAD x",
	    "#" } },
	{ "UIDNEXT of 33 bits",
	  "INBOX",
	  EII_OK,
	  0,
	  "",
	  { 7, 5, 1, true, false, EII_IMAP_UIDNEXT_BY_STATUS },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"INBOX\"", "<* 1 EXISTS", "<* OK [UIDVALIDITY 7] x",
	    "<* OK [UIDNEXT 4294967296] x", "<A1 OK x", ">A2 STATUS \"INBOX\" (UIDNEXT)",
	    "<* STATUS INBOX (MESSAGES 1 UIDNEXT 5)", "<A2 OK x", "#" } },
	{ "UIDVALIDITY of 64 bits",
	  "INBOX",
	  EII_OK,
	  0,
	  "",
	  { UINT64_MAX, 12, 0, true, true, EII_IMAP_UIDNEXT_TOLD },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"INBOX\"", "<* 0 EXISTS",
	    "<* OK [UIDVALIDITY 18446744073709551615] x", "<* OK [UIDNEXT 12] x", "<A1 OK x",
	    "#" } },
	{ "UIDVALIDITY of 65 bits, as a hash",
	  "INBOX",
	  EII_OK,
	  0,
	  "",
	  { UINT64_C(0xedf2aa6b38fc416d), 12, 0, true, true, EII_IMAP_UIDNEXT_TOLD },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"INBOX\"", "<* 0 EXISTS",
	    "<* OK [UIDVALIDITY 18446744073709551616] x", "<* OK [UIDNEXT 12] x", "<A1 OK x",
	    "#" } },
	{ "UIDVALIDITY by STATUS",
	  "INBOX",
	  EII_OK,
	  0,
	  "",
	  { 8, 13, 0, true, true, EII_IMAP_UIDNEXT_TOLD },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"INBOX\"", "<* 0 EXISTS", "<* OK [UIDNEXT 12] x",
	    "<A1 OK x", ">A2 STATUS \"INBOX\" (UIDNEXT UIDVALIDITY)",
	    "<* STATUS INBOX (UIDNEXT 13 UIDVALIDITY 8)", "<A2 OK x", "#" } },
	{ "UIDVALIDITY of 65 bits by STATUS, as the same hash",
	  "INBOX",
	  EII_OK,
	  0,
	  "",
	  { UINT64_C(0xedf2aa6b38fc416d), 13, 0, true, true, EII_IMAP_UIDNEXT_TOLD },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"INBOX\"", "<* 0 EXISTS", "<* OK [UIDNEXT 12] x",
	    "<A1 OK x", ">A2 STATUS \"INBOX\" (UIDNEXT UIDVALIDITY)",
	    "<* STATUS INBOX (UIDNEXT 13 UIDVALIDITY 18446744073709551616)", "<A2 OK x", "#" } },
	{ "UIDVALIDITY that is no number, then by STATUS",
	  "INBOX",
	  EII_OK,
	  0,
	  "",
	  { 8, 13, 0, true, true, EII_IMAP_UIDNEXT_TOLD },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"INBOX\"", "<* 0 EXISTS", "<* OK [UIDNEXT 12] x",
	    "<* OK [UIDVALIDITY none] x", "<A1 OK x", ">A2 STATUS \"INBOX\" (UIDNEXT UIDVALIDITY)",
	    "<* STATUS INBOX (UIDNEXT 13 UIDVALIDITY 8)", "<A2 OK x", "#" } },
	{ "UIDVALIDITY 0",
	  "INBOX",
	  EII_FATAL,
	  EII_ERROR_CONFIG,
	  "no lasting UIDs",
	  { 0 },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"INBOX\"", "<* OK [UIDVALIDITY 0] x", "<A1 OK x",
	    ">A2 STATUS \"INBOX\" (UIDNEXT UIDVALIDITY)", "<A2 OK x", "#" } },
	{ "no UIDVALIDITY this time",
	  "INBOX",
	  EII_RETRY,
	  EII_ERROR_CONFIG,
	  "no lasting UIDs",
	  { 0 },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"INBOX\"", "<A1 OK x",
	    ">A2 STATUS \"INBOX\" (UIDNEXT UIDVALIDITY)", "<A2 OK x", "#" } },
	{ "absent",
	  "Intel",
	  EII_FATAL,
	  EII_ERROR_CONFIG,
	  "no folder 'Intel' ('gone'); there are: 'INBOX', '\xe6\x97\xa5\xe6\x9c\xac', 'a\"b', "
	  "'x?y'",
	  { 0 },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"Intel\"", "<A1 NO gone", ">A2 LIST \"\" \"*\"",
	    "<* LIST (\\HasNoChildren) \"/\" INBOX", "<* LIST () NIL \"&ZeVnLA-\"",
	    "<* LIST (\\Noselect) \"/\" top\r\n* LIST () \"/\" {3}\r\na\"b",
	    "<* LIST () \"/\" \"x\x01y\"\r\n* LIST (\r\n* LIST", "<A2 OK x", "#" } },
	{ "there, but refused",
	  "Intel",
	  EII_RETRY,
	  EII_ERROR_OTHER,
	  "cannot be opened now: 'locked'",
	  { 0 },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"Intel\"", "<A1 NO locked", ">A2 LIST \"\" \"*\"",
	    "<* LIST () \"/\" Intel", "<A2 OK x", "#" } },
	{ "not allowed",
	  "Intel",
	  EII_RETRY,
	  EII_ERROR_OTHER,
	  "may not be read",
	  { 0 },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"Intel\"", "<A1 NO [NOPERM] no", ">A2 LIST \"\" \"*\"",
	    "<* LIST () \"/\" Intel", "<A2 OK x", "#" } },
	{ "refused, and the list too",
	  "Intel",
	  EII_RETRY,
	  EII_ERROR_OTHER,
	  "cannot be opened now: 'no'",
	  { 0 },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"Intel\"", "<A1 NO no", ">A2 LIST \"\" \"*\"",
	    "<A2 NO LIST failed", "#" } },
	{ "refused, and the list is empty",
	  "Intel",
	  EII_RETRY,
	  EII_ERROR_OTHER,
	  "cannot be opened now: 'no'",
	  { 0 },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"Intel\"", "<A1 NO no", ">A2 LIST \"\" \"*\"", "<A2 OK x",
	    "#" } },
	{ "the one folder that is always there",
	  "inbox",
	  EII_RETRY,
	  EII_ERROR_OTHER,
	  "cannot be opened now: 'no'",
	  { 0 },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"inbox\"", "<A1 NO no", ">A2 LIST \"\" \"*\"",
	    "<* LIST () \"/\" other", "<A2 OK x", "#" } },
	{ "refused for now: nothing is listed",
	  "Intel",
	  EII_RETRY,
	  EII_ERROR_OTHER,
	  "cannot be opened now: 'Request is throttled.'",
	  { 0 },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"Intel\"", "<A1 NO Request is throttled.", "#" } },
	{ "absent by its own word, and nothing is listed",
	  "Intel",
	  EII_FATAL,
	  EII_ERROR_CONFIG,
	  "no folder 'Intel' ('gone'); there are: none",
	  { 0 },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"Intel\"", "<A1 NO [NONEXISTENT] gone",
	    ">A2 LIST \"\" \"*\"", "<A2 NO x", "#" } },
	{ "a name in the list that is too long",
	  "Intel",
	  EII_RETRY,
	  EII_ERROR_OTHER,
	  "cannot be opened now",
	  { 0 },
	  { SCRIPT_HELLO, ">A1 EXAMINE \"Intel\"", "<A1 NO no", ">A2 LIST \"\" \"*\"", long_name,
	    "<* LIST () \"/\" Intel", "<A2 OK x", "#" } },
	{ "not UTF-8",
	  "a\xff",
	  EII_FATAL,
	  EII_ERROR_CONFIG,
	  "not UTF-8",
	  { 0 },
	  { SCRIPT_HELLO, "#" } },
};

static bool is_same(const struct eii_imap_folder *a, const struct eii_imap_folder *b)
{
	return a->uidvalidity == b->uidvalidity && a->uidnext == b->uidnext &&
	       a->n_mails == b->n_mails && a->has_mails == b->has_mails &&
	       a->has_uidnext == b->has_uidnext && a->uidnext_by == b->uidnext_by;
}

static void test_folder__opens_folders_and_says_why_not(void **state)
{
	(void)state;
	fill_long_name();
	for (size_t i = 0; i < ARRAY_LEN(folder_cases); i++) {
		const struct folder_case *c = &folder_cases[i];
		struct script *script = script_start(c->steps);
		struct eii_imap *imap = script_open(script, SCRIPT_LONG_MS);
		struct eii_imap_folder out = { .uidvalidity = 91, .uidnext = 92, .n_mails = 93 };
		const struct eii_imap_folder before = out;
		struct eii_error err = { 0 };
		enum eii_rc rc = eii_imap_examine(imap, c->folder, &out, &err);

		CHECK(rc == c->rc, "%s: rc %d, %s", c->name, rc, err.text);
		CHECK(!rc || err.kind == c->kind, "%s: kind %d", c->name, err.kind);
		CHECK(strstr(err.text, c->says), "%s: %s", c->name, err.text);
		CHECK(is_same(&out, rc ? &before : &c->out), "%s: %llx %u %u", c->name,
		      (unsigned long long)out.uidvalidity, out.uidnext, out.n_mails);
		eii_imap_free(imap);
		CHECK(script_stop(script), "%s", c->name);
	}
}

static void test_folder__lists_a_bounded_number_of_folders(void **state)
{
	static char list[64 * 40];
	const char *const steps[] = { SCRIPT_HELLO, ">A1 EXAMINE \"x\"",
				      "<A1 NO no",  ">A2 LIST \"\" \"*\"",
				      list,         "<A2 OK x",
				      "#",          NULL };
	struct script *script;
	struct eii_imap *imap;
	struct eii_imap_folder out;
	struct eii_error err = { 0 };
	size_t len = 1;

	(void)state;
	list[0] = '=';
	for (int i = 0; i < EII_IMAP_FOLDERS_SHOWN + 5; i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "* LIST () \"/\" f%02d\r\n",
					i);
	script = script_start(steps);
	imap = script_open(script, SCRIPT_LONG_MS);
	assert_int_equal(eii_imap_examine(imap, "x", &out, &err), EII_FATAL);
	CHECK(strstr(err.text, "'f19', ..."), "%s", err.text);
	assert_null(strstr(err.text, "f20"));
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

struct seen {
	size_t n;
	char names[8][32];
	char separators[8];
	unsigned attributes[8];
};

static void see(void *arg, const struct eii_listed_folder *folder)
{
	struct seen *seen = arg;

	assert_true(seen->n < ARRAY_LEN(seen->names));
	(void)snprintf(seen->names[seen->n], sizeof(seen->names[0]), "%s", folder->name);
	seen->separators[seen->n] = folder->separator;
	seen->attributes[seen->n++] = folder->attributes;
}

static enum eii_rc list_by(const char *const *steps, struct seen *seen)
{
	const struct eii_imap_folder_taker taker = { .add = see, .arg = seen };
	struct script *script = script_start(steps);
	struct eii_imap *imap = script_open(script, SCRIPT_LONG_MS);
	struct eii_error err = { 0 };
	enum eii_rc rc = eii_imap_list(imap, &taker, &err);

	eii_imap_free(imap);
	assert_true(script_stop(script));
	return rc;
}

static void test_folder__lists_folders_with_what_they_are_for(void **state)
{
	const char *const steps[] = {
		"<* PREAUTH [CAPABILITY IMAP4rev1 LIST-EXTENDED SPECIAL-USE] hi",
		">A1 LIST \"\" \"*\" RETURN (SPECIAL-USE)",
		"<* LIST (\\HasNoChildren) \"/\" INBOX",
		"<* LIST (\\Noselect \\HasChildren) \"/\" \"[Gmail]\"",
		"<* LIST (\\JUNK) \".\" \"L&APY-sung\"",
		"<* LIST () NIL {3}",
		"<a b",
		"<* LIST () \"/\" \"a&AAA-b\"", /* a NUL is in no name */
		"<* LIST broken",
		"<A1 OK x",
		"#",
		NULL
	};
	struct seen seen = { 0 };

	(void)state;
	assert_int_equal(list_by(steps, &seen), EII_OK);
	assert_int_equal(seen.n, 4);
	assert_string_equal(seen.names[0], "INBOX");
	assert_int_equal(seen.attributes[0], 0);
	assert_string_equal(seen.names[1], "[Gmail]");
	assert_int_equal(seen.attributes[1], EII_FOLDER_NOSELECT);
	assert_string_equal(seen.names[2], "L\xc3\xb6sung");
	assert_int_equal(seen.attributes[2], EII_FOLDER_JUNK);
	assert_int_equal(seen.separators[2], '.');
	assert_string_equal(seen.names[3], "a b");
	assert_int_equal(seen.separators[3], '\0');
}

static void test_folder__lists_plainly_where_the_server_can_no_more(void **state)
{
	const char *const steps[] = { SCRIPT_HELLO, ">A1 LIST \"\" \"*\"", "<A1 NO no", "#", NULL };
	struct seen seen = { 0 };

	(void)state;
	assert_int_equal(list_by(steps, &seen), EII_REJECT);
	assert_int_equal(seen.n, 0);
}

/* ---- looking ----------------------------------------------------------- */

#define AGAIN(tag, n, next)                                                                        \
	">" tag " EXAMINE \"INBOX\"", "<* " n " EXISTS", "<* OK [UIDVALIDITY 7] x",                \
		"<* OK [UIDNEXT " next "] x", "<" tag " OK x"

static void test_folder__looks_again_only_when_there_is_news(void **state)
{
	static const struct {
		const char *name;
		bool has_changed;
		uint32_t uidnext;
		const char *steps[20];
	} cases[] = {
		{ "nothing",
		  false,
		  12,
		  { SCRIPT_HELLO, SCRIPT_EXAMINE, ">A2 NOOP", "<A2 OK x", "#" } },
		{ "the same count",
		  false,
		  12,
		  { SCRIPT_HELLO, SCRIPT_EXAMINE, ">A2 NOOP", "<* 3 EXISTS",
		    "<* 1 FETCH (FLAGS (\\Seen))", "<A2 OK x", "#" } },
		{ "one more",
		  true,
		  13,
		  { SCRIPT_HELLO, SCRIPT_EXAMINE, ">A2 NOOP", "<* 4 EXISTS", "<* 1 RECENT",
		    "<A2 OK x", AGAIN("A3", "4", "13"), "#" } },
		{ "one gone and one come",
		  true,
		  13,
		  { SCRIPT_HELLO, SCRIPT_EXAMINE, ">A2 NOOP", "<* 1 EXPUNGE", "<* 3 EXISTS",
		    "<A2 OK x", AGAIN("A3", "3", "13"), "#" } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct script *script = script_start(cases[i].steps);
		struct eii_imap *imap = script_open_folder(script, SCRIPT_LONG_MS);
		struct eii_imap_folder out = { 0 };
		bool has_changed = !cases[i].has_changed;
		struct eii_error err = { 0 };

		CHECK(eii_imap_look(imap, &has_changed, &out, &err) == EII_OK, "%s: %s",
		      cases[i].name, err.text);
		CHECK(has_changed == cases[i].has_changed, "%s", cases[i].name);
		CHECK(out.uidnext == cases[i].uidnext, "%s: %u", cases[i].name, out.uidnext);
		eii_imap_free(imap);
		CHECK(script_stop(script), "%s", cases[i].name);
	}
}

static void test_folder__opens_the_folder_again_on_demand(void **state)
{
	static const char *const steps[] = {
		SCRIPT_HELLO, SCRIPT_EXAMINE, AGAIN("A2", "3", "12"), AGAIN("A3", "4", "13"), "#",
		NULL
	};
	struct script *script = script_start(steps);
	struct eii_imap *imap = script_open_folder(script, SCRIPT_LONG_MS);
	struct eii_imap_folder out = { 0 };
	struct eii_error err = { 0 };

	(void)state;
	CHECK(eii_imap_reexamine(imap, &out, &err) == EII_OK, "%s", err.text);
	assert_int_equal(out.uidnext, 12);
	CHECK(eii_imap_reexamine(imap, &out, &err) == EII_OK, "%s", err.text);
	assert_int_equal(out.uidnext, 13);
	assert_int_equal(out.n_mails, 4);
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

static void test_folder__ends_when_the_folder_cannot_be_opened_again(void **state)
{
	static const char *const steps[] = {
		SCRIPT_HELLO, SCRIPT_EXAMINE, ">A2 EXAMINE \"INBOX\"", "<A2 NO [INUSE] locked", "#",
		NULL
	};
	struct script *script = script_start(steps);
	struct eii_imap *imap = script_open_folder(script, SCRIPT_LONG_MS);
	struct eii_imap_folder out = { 0 };
	struct eii_error err = { 0 };

	(void)state;
	assert_int_equal(eii_imap_reexamine(imap, &out, &err), EII_RETRY);
	CHECK(strstr(err.text, "cannot be opened again: 'locked'"), "%s", err.text);
	assert_int_equal(eii_imap_last_refusal(imap)->code, EII_IMAP_CODE_INUSE);
	assert_int_equal(eii_imap_last_refusal(imap)->step, EII_IMAP_STEP_EXAMINE);
	assert_false(eii_imap_is_open(imap));
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folder__opens_folders_and_says_why_not),
		cmocka_unit_test(test_folder__lists_a_bounded_number_of_folders),
		cmocka_unit_test(test_folder__lists_folders_with_what_they_are_for),
		cmocka_unit_test(test_folder__lists_plainly_where_the_server_can_no_more),
		cmocka_unit_test(test_folder__looks_again_only_when_there_is_news),
		cmocka_unit_test(test_folder__opens_the_folder_again_on_demand),
		cmocka_unit_test(test_folder__ends_when_the_folder_cannot_be_opened_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
