/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/imap/session.h"

#include "eii/base/alloc.h"
#include "eii/base/buf.h"
#include "script.h"
#include "support.h"

#define HELLO   "<* PREAUTH [CAPABILITY IMAP4rev1] hi"
#define HELLO_E "<* PREAUTH [CAPABILITY IMAP4rev1 ESEARCH] hi"
#define EXAMINE                                                                                    \
	">A1 EXAMINE \"INBOX\"", "<* 3 EXISTS", "<* OK [UIDVALIDITY 7] ok",                        \
		"<* OK [UIDNEXT 12] ok", "<A1 OK [READ-ONLY] done"

/* A session with the folder of EXAMINE open. */
static struct eii_imap *open_folder(const struct script *script)
{
	struct eii_imap *imap = script_open(script, SCRIPT_LONG_MS);
	struct eii_imap_folder folder;
	struct eii_error err = { 0 };

	CHECK(eii_imap_examine(imap, "INBOX", &folder, &err) == EII_OK, "%s", err.text);
	return imap;
}

/* ---- folders ----------------------------------------------------------- */

struct folder_case {
	const char *name, *folder;
	enum eii_rc rc;
	enum eii_error_kind kind;
	const char *says;
	struct eii_imap_folder out;
	const char *steps[12];
};

static const struct folder_case folder_cases[] = {
	{ "all at once", "INBOX", EII_OK, 0, "", { 7, 12, 3 }, { HELLO, EXAMINE, "#" } },
	{ "any case, other codes",
	  "INBOX",
	  EII_OK,
	  0,
	  "",
	  { 4294967295, 1, 0 },
	  { HELLO, ">A1 EXAMINE \"INBOX\"", "<* FLAGS (\\Seen)", "<* 0 exists", "<* 0 RECENT",
	    "<* ok [uidvalidity 4294967295]", "<* OK [HIGHESTMODSEQ 5] x", "<* OK [UIDNEXT 1] x",
	    "<A1 ok x", NULL } },
	{ "quotes and other scripts",
	  "A \"b\\\" & \xe6\x97\xa5\xe6\x9c\xac",
	  EII_OK,
	  0,
	  "",
	  { 7, 12, 0 },
	  { HELLO, ">A1 EXAMINE \"A \\\"b\\\\\\\" &- &ZeVnLA-\"", "<* OK [UIDVALIDITY 7]",
	    "<* OK [UIDNEXT 12]", "<A1 OK x", "#" } },
	{ "UIDNEXT by STATUS",
	  "INBOX",
	  EII_OK,
	  0,
	  "",
	  { 7, 99, 1 },
	  { HELLO, ">A1 EXAMINE \"INBOX\"", "<* 1 EXISTS", "<* OK [UIDVALIDITY 7] x", "<A1 OK x",
	    ">A2 STATUS \"INBOX\" (UIDNEXT)", "<* STATUS {5}", "<INBOX (UIDNEXT 99)", "<A2 OK x",
	    "#" } },
	{ "UIDNEXT by the last mail",
	  "INBOX",
	  EII_OK,
	  0,
	  "",
	  { 7, 42, 1 },
	  { HELLO, ">A1 EXAMINE \"INBOX\"", "<* 1 EXISTS", "<* OK [UIDVALIDITY 7] x", "<A1 OK x",
	    ">A2 STATUS \"INBOX\" (UIDNEXT)", "<A2 NO x", ">A3 UID FETCH * (UID)",
	    "<* 1 FETCH (UID 41)", "<A3 OK x", "#" } },
	{ "UIDNEXT nowhere, no mail",
	  "INBOX",
	  EII_OK,
	  0,
	  "",
	  { 7, 1, 0 },
	  { HELLO, ">A1 EXAMINE \"INBOX\"", "<* OK [UIDVALIDITY 7] x", "<A1 OK x",
	    ">A2 STATUS \"INBOX\" (UIDNEXT)", "<A2 BAD x", "#" } },
	{ "no UIDVALIDITY",
	  "INBOX",
	  EII_FATAL,
	  EII_ERROR_CONFIG,
	  "no lasting UIDs",
	  { 0 },
	  { HELLO, ">A1 EXAMINE \"INBOX\"", "<* OK [UIDVALIDITY 0] x", "<A1 OK x", "#" } },
	{ "absent",
	  "Intel",
	  EII_FATAL,
	  EII_ERROR_CONFIG,
	  "no folder 'Intel' ('gone'); there are: 'INBOX', '\xe6\x97\xa5\xe6\x9c\xac', 'a\"b', "
	  "'x?y'",
	  { 0 },
	  { HELLO, ">A1 EXAMINE \"Intel\"", "<A1 NO gone", ">A2 LIST \"\" \"*\"",
	    "<* LIST (\\HasNoChildren) \"/\" INBOX", "<* LIST () NIL \"&ZeVnLA-\"",
	    "<* LIST (\\Noselect) \"/\" top\r\n* LIST () \"/\" {3}\r\na\"b",
	    "<* LIST () \"/\" \"x\x01y\"\r\n* LIST (\r\n* LIST", "<A2 OK x", "#" } },
	{ "there, but refused",
	  "Intel",
	  EII_RETRY,
	  EII_ERROR_OTHER,
	  "cannot be opened now: 'locked'",
	  { 0 },
	  { HELLO, ">A1 EXAMINE \"Intel\"", "<A1 NO locked", ">A2 LIST \"\" \"*\"",
	    "<* LIST () \"/\" Intel", "<A2 OK x", "#" } },
	{ "not allowed",
	  "Intel",
	  EII_FATAL,
	  EII_ERROR_CONFIG,
	  "may not be read",
	  { 0 },
	  { HELLO, ">A1 EXAMINE \"Intel\"", "<A1 NO [NOPERM] no", "#" } },
	{ "not UTF-8", "a\xff", EII_FATAL, EII_ERROR_CONFIG, "not UTF-8", { 0 }, { HELLO, "#" } },
};

static void test_session__opens_folders_and_says_why_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(folder_cases); i++) {
		const struct folder_case *c = &folder_cases[i];
		struct script *script = script_start(c->steps);
		struct eii_imap *imap = script_open(script, SCRIPT_LONG_MS);
		struct eii_imap_folder out = { 91, 92, 93 };
		const struct eii_imap_folder before = out;
		struct eii_error err = { 0 };
		enum eii_rc rc = eii_imap_examine(imap, c->folder, &out, &err);

		CHECK(rc == c->rc, "%s: rc %d, %s", c->name, rc, err.text);
		CHECK(!rc || err.kind == c->kind, "%s: kind %d", c->name, err.kind);
		CHECK(strstr(err.text, c->says), "%s: %s", c->name, err.text);
		CHECK(memcmp(&out, rc ? &before : &c->out, sizeof(out)) == 0, "%s: %u %u %u",
		      c->name, out.uidvalidity, out.uidnext, out.n_mails);
		eii_imap_free(imap);
		CHECK(script_stop(script), "%s", c->name);
	}
}

static void test_session__lists_a_bounded_number_of_folders(void **state)
{
	static char list[64 * 40];
	const char *const steps[] = { HELLO,       ">A1 EXAMINE \"x\"",
				      "<A1 NO no", ">A2 LIST \"\" \"*\"",
				      list,        "<A2 OK x",
				      "#",         NULL };
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

/* ---- looking ----------------------------------------------------------- */

#define AGAIN(tag, n, next)                                                                        \
	">" tag " EXAMINE \"INBOX\"", "<* " n " EXISTS", "<* OK [UIDVALIDITY 7] x",                \
		"<* OK [UIDNEXT " next "] x", "<" tag " OK x"

static void test_session__looks_again_only_when_there_is_news(void **state)
{
	static const struct {
		const char *name;
		bool has_changed;
		uint32_t uidnext;
		const char *steps[20];
	} cases[] = {
		{ "nothing", false, 12, { HELLO, EXAMINE, ">A2 NOOP", "<A2 OK x", "#" } },
		{ "the same count",
		  false,
		  12,
		  { HELLO, EXAMINE, ">A2 NOOP", "<* 3 EXISTS", "<* 1 FETCH (FLAGS (\\Seen))",
		    "<A2 OK x", "#" } },
		{ "one more",
		  true,
		  13,
		  { HELLO, EXAMINE, ">A2 NOOP", "<* 4 EXISTS", "<* 1 RECENT", "<A2 OK x",
		    AGAIN("A3", "4", "13"), "#" } },
		{ "one gone and one come",
		  true,
		  13,
		  { HELLO, EXAMINE, ">A2 NOOP", "<* 1 EXPUNGE", "<* 3 EXISTS", "<A2 OK x",
		    AGAIN("A3", "3", "13"), "#" } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct script *script = script_start(cases[i].steps);
		struct eii_imap *imap = open_folder(script);
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

/* ---- searching --------------------------------------------------------- */

static void note_range(void *arg, uint32_t first, uint32_t last)
{
	eii_buf_addf(arg, "%u-%u ", first, last);
}

struct search_case {
	const char *name;
	enum eii_rc rc;
	const char *found;
	const char *steps[14];
};

static const struct search_case search_cases[] = {
	{ "one line",
	  EII_OK,
	  "3-5 9-9 ",
	  { HELLO, EXAMINE, ">A2 UID SEARCH UID 2:10", "<* SEARCH 3 4 5 9", "<A2 OK x", "#" } },
	{ "several lines, any order",
	  EII_OK,
	  "9-9 3-4 ",
	  { HELLO, EXAMINE, ">A2 UID SEARCH UID 2:10", "<* SEARCH 9 ", "<* SEARCH",
	    "<* search  3 4", "<A2 OK x", "#" } },
	{ "outside is dropped",
	  EII_OK,
	  "2-2 10-10 ",
	  { HELLO, EXAMINE, ">A2 UID SEARCH UID 2:10", "<* SEARCH 0 1 2 10 11 4294967295",
	    "<A2 OK x", "#" } },
	{ "no line at all",
	  EII_OK,
	  "",
	  { HELLO, EXAMINE, ">A2 UID SEARCH UID 2:10", "<A2 OK x", "#" } },
	{ "ESEARCH",
	  EII_OK,
	  "3-5 9-9 ",
	  { HELLO_E, EXAMINE, ">A2 UID SEARCH RETURN (ALL) UID 2:10",
	    "<* ESEARCH (TAG \"A2\") UID ALL 5:3,9,11:4294967295", "<A2 OK x", "#" } },
	{ "ESEARCH finds nothing",
	  EII_OK,
	  "",
	  { HELLO_E, EXAMINE, ">A2 UID SEARCH RETURN (ALL) UID 2:10", "<* ESEARCH (TAG \"A2\") UID",
	    "<A2 OK x", "#" } },
	{ "ESEARCH that breaks off",
	  EII_OK,
	  "",
	  { HELLO_E, EXAMINE, ">A2 UID SEARCH RETURN (ALL) UID 2:10", "<* ESEARCH ALL",
	    "<* ESEARCH (TAG", "<* ESEARCH", "<A2 OK x", "#" } },
	{ "refused",
	  EII_REJECT,
	  "",
	  { HELLO, EXAMINE, ">A2 UID SEARCH UID 2:10", "<A2 NO no", "#" } },
	{ "not numbers",
	  EII_RETRY,
	  "",
	  { HELLO, EXAMINE, ">A2 UID SEARCH UID 2:10", "<* SEARCH 3 x", "#" } },
	{ "a number of 33 bits",
	  EII_RETRY,
	  "",
	  { HELLO, EXAMINE, ">A2 UID SEARCH UID 2:10", "<* SEARCH 4294967296", "#" } },
	{ "a star",
	  EII_RETRY,
	  "",
	  { HELLO_E, EXAMINE, ">A2 UID SEARCH RETURN (ALL) UID 2:10",
	    "<* ESEARCH (TAG \"A2\") UID ALL 1:*", "#" } },
};

static void test_session__finds_uids_within_the_range_asked_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(search_cases); i++) {
		const struct search_case *c = &search_cases[i];
		struct script *script = script_start(c->steps);
		struct eii_imap *imap = open_folder(script);
		struct eii_buf found;
		struct eii_imap_uid_taker taker = { .add = note_range, .arg = &found };
		struct eii_error err = { 0 };
		enum eii_rc rc;

		eii_buf_init(&found, 1024);
		rc = eii_imap_search_range(imap, 2, 10, &taker, &err);
		CHECK(rc == c->rc, "%s: rc %d, %s", c->name, rc, err.text);
		CHECK(strcmp(found.data, c->found) == 0, "%s: %s", c->name, found.data);
		CHECK(eii_imap_is_open(imap) == (rc != EII_RETRY), "%s", c->name);
		eii_buf_clear(&found);
		eii_imap_free(imap);
		CHECK(script_stop(script), "%s", c->name);
	}
}

static void test_session__searches_by_day(void **state)
{
	static const char *const steps[] = { HELLO,
					     EXAMINE,
					     ">A2 UID SEARCH SINCE 17-Jul-1996",
					     "<* SEARCH 4294967295",
					     "<A2 OK x",
					     "#",
					     NULL };
	struct script *script = script_start(steps);
	struct eii_imap *imap = open_folder(script);
	struct eii_buf found;
	struct eii_imap_uid_taker taker = { .add = note_range, .arg = &found };
	struct eii_error err = { 0 };

	(void)state;
	eii_buf_init(&found, 1024);
	/* 837596665 = 1996-07-17T09:44:25Z */
	CHECK(eii_imap_search_since(imap, 837596665, &taker, &err) == EII_OK, "%s", err.text);
	assert_string_equal(found.data, "4294967295-4294967295 ");
	eii_buf_clear(&found);
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

struct tally {
	uint64_t n, sum;
};

static void count_range(void *arg, uint32_t first, uint32_t last)
{
	struct tally *tally = arg;

	for (uint64_t uid = first; uid <= last; uid++) {
		tally->n++;
		tally->sum += uid;
	}
}

/* Every other UID, so that no ranges help: 7.9 MB in one line, over EII_IMAP_LINE_MAX. */
static void test_session__takes_a_million_uids_in_one_line(void **state)
{
	static const char *const heads[] = { "=* SEARCH", "=* ESEARCH (TAG \"A2\") UID ALL 1,2" };
	static const char *const commands[] = { ">A2 UID SEARCH UID 1:4294967295",
						">A2 UID SEARCH RETURN (ALL) UID 1:4294967295" };
	static const char *const greetings[] = { HELLO, HELLO_E };
	uint64_t n = 1000000;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char *line = eii_calloc(n, 10);
		const char *const steps[] = { greetings[i], EXAMINE,    commands[i], heads[i],
					      line,         "<A2 OK x", "#",         NULL };
		struct tally tally = { 0 };
		struct eii_imap_uid_taker taker = { .add = count_range, .arg = &tally };
		struct eii_error err = { 0 };
		struct script *script;
		struct eii_imap *imap;
		size_t len = 1;

		line[0] = '=';
		for (uint64_t k = 0; k < n; k++)
			len += (size_t)snprintf(line + len, 10 * n - len, "%c%llu", i ? ',' : ' ',
						(unsigned long long)(2 * k + 11));
		(void)snprintf(line + len, 10 * n - len, "\r\n");
		script = script_start(steps);
		imap = open_folder(script);
		CHECK(eii_imap_search_range(imap, 1, UINT32_MAX, &taker, &err) == EII_OK, "%s",
		      err.text);
		assert_int_equal(tally.n, n + 2 * i);
		assert_int_equal(tally.sum, n * (n + 10) + 3 * i);
		eii_imap_free(imap);
		assert_true(script_stop(script));
		free(line);
	}
}

/* ---- size and date ----------------------------------------------------- */

static void test_session__reads_sizes_and_dates_of_the_mails_asked_for(void **state)
{
	static const char *const steps[] = {
		HELLO,
		EXAMINE,
		">A2 UID FETCH 3:5,9 (UID RFC822.SIZE INTERNALDATE)",
		"<* 2 FETCH (UID 4 RFC822.SIZE 100 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\")",
		"<* 1 FETCH (INTERNALDATE \" 1-Jan-1970 00:00:00 +0000\" FLAGS (\\Seen (x)) UID 3 "
		"rfc822.size 9223372036854775807)",
		"<* 8 FETCH (UID 77 RFC822.SIZE 5 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\")",
		"<* 3 FETCH (UID 5 RFC822.SIZE 5 INTERNALDATE \"yesterday\")",
		"<* 3 FETCH (FLAGS (\\Seen) UID 5)",
		"<A2 OK x",
		"#",
		NULL
	};
	struct script *script = script_start(steps);
	struct eii_imap *imap = open_folder(script);
	struct eii_imap_info infos[] = {
		{ .uid = 3 }, { .uid = 4 }, { .uid = 5, .is_known = true }, { .uid = 9 }
	};
	struct eii_error err = { 0 };

	(void)state;
	CHECK(eii_imap_fetch_info(imap, infos, 4, &err) == EII_OK, "%s", err.text);
	assert_true(infos[0].is_known && infos[1].is_known);
	assert_int_equal(infos[0].size_bytes, INT64_MAX);
	assert_int_equal(infos[0].internal_unix_s, 0);
	assert_int_equal(infos[1].size_bytes, 100);
	assert_int_equal(infos[1].internal_unix_s, 837596665);
	assert_false(infos[2].is_known || infos[3].is_known);
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

/* ---- misuse and the end ------------------------------------------------ */

static void test_session__fetches_nothing_before_a_folder_is_open(void **state)
{
	static const char *const steps[] = { HELLO, "#", NULL };
	struct script *script = script_start(steps);
	struct eii_imap *imap = script_open(script, SCRIPT_LONG_MS);
	struct eii_imap_info info = { .uid = 1 };
	uint32_t uid = 1;
	struct eii_error err = { 0 };

	(void)state;
	assert_int_equal(eii_imap_send_bodies(imap, &uid, 1, 0, &err), EII_RETRY);
	assert_int_equal(eii_imap_fetch_info(imap, &info, 1, &err), EII_RETRY);
	assert_false(eii_imap_is_open(imap));
	eii_imap_free(imap);
	assert_true(script_stop(script));
}

static void test_session__says_goodbye_and_waits_no_longer_than_told(void **state)
{
	static const char *const polite[] = { HELLO, ">A1 LOGOUT", "<* BYE see you", "<A1 OK x",
					      NULL };
	static const char *const deaf[] = { HELLO, ">A1 LOGOUT", "#", NULL };
	static const char *const *const both[] = { polite, deaf };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct script *script = script_start(both[i]);

		eii_imap_close(script_open(script, SCRIPT_LONG_MS), 100);
		assert_true(script_stop(script));
	}
	eii_imap_close(NULL, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_session__opens_folders_and_says_why_not),
		cmocka_unit_test(test_session__lists_a_bounded_number_of_folders),
		cmocka_unit_test(test_session__looks_again_only_when_there_is_news),
		cmocka_unit_test(test_session__finds_uids_within_the_range_asked_for),
		cmocka_unit_test(test_session__searches_by_day),
		cmocka_unit_test(test_session__takes_a_million_uids_in_one_line),
		cmocka_unit_test(test_session__reads_sizes_and_dates_of_the_mails_asked_for),
		cmocka_unit_test(test_session__fetches_nothing_before_a_folder_is_open),
		cmocka_unit_test(test_session__says_goodbye_and_waits_no_longer_than_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
