/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/imap/session.h"

#include "eii/base/alloc.h"
#include "eii/base/buf.h"
#include "script.h"
#include "support.h"

/* ---- searching --------------------------------------------------------- */

static void note_range(void *arg, uint32_t first, uint32_t last)
{
	eii_buf_addf(arg, "%u-%u ", first, last);
}

struct search_case {
	const char *name;
	enum eii_rc rc;
	const char *found;
	const char *is; /* of the answer: a(nswer) e(search) A(LL) r(eadable) */
	uint64_t n_uids;
	const char *steps[14];
};

#define ASKED   ">A2 UID SEARCH UID 2:10"
#define ASKED_E ">A2 UID SEARCH RETURN (ALL) UID 2:10"
#define PLAIN(...)                                                                                 \
	{                                                                                          \
		SCRIPT_HELLO, SCRIPT_EXAMINE, ASKED, __VA_ARGS__, "#"                              \
	}
#define SHORT(...)                                                                                 \
	{                                                                                          \
		SCRIPT_HELLO_E, SCRIPT_EXAMINE, ASKED_E, __VA_ARGS__, "#"                          \
	}
#define DONE "<A2 OK x"

static const struct search_case search_cases[] = {
	{ "one line", EII_OK, "3-5 9-9 ", "ar", 4, PLAIN("<* SEARCH 3 4 5 9", DONE) },
	{ "several lines, any order", EII_OK, "9-9 3-4 ", "ar", 3,
	  PLAIN("<* SEARCH 9 ", "<* SEARCH", "<* search  3 4", DONE) },
	{ "a line for each", EII_OK, "3-4 9-9 ", "ar", 3,
	  PLAIN("<* SEARCH 3", "<* SEARCH 4", "<* SEARCH 9", DONE) },
	{ "outside is dropped", EII_OK, "2-2 10-10 ", "ar", 2,
	  PLAIN("<* SEARCH 0 1 2 10 11 4294967295", DONE) },
	{ "none", EII_OK, "", "ar", 0, PLAIN("<* SEARCH", DONE) },
	{ "no line at all", EII_OK, "", "r", 0, PLAIN(DONE) },
	{ "other lines only", EII_OK, "", "r", 0,
	  PLAIN("<* 3 EXISTS", "<", "<* OK still here", "<* SEARCHED 3", DONE) },
	{ "with a modification sequence", EII_OK, "3-3 5-5 ", "ar", 2,
	  PLAIN("<* SEARCH 3 5 (MODSEQ 917162500)", DONE) },
	{ "plain, answered as ESEARCH", EII_OK, "3-4 ", "aeAr", 2,
	  PLAIN("<* ESEARCH UID ALL 3:4", DONE) },
	{ "ESEARCH", EII_OK, "3-5 9-9 ", "aeAr", 4,
	  SHORT("<* ESEARCH (TAG \"A2\") UID ALL 5:3,9,11:4294967295", DONE) },
	{ "ESEARCH answered by SEARCH", EII_OK, "3-3 5-5 ", "ar", 2, SHORT("<* SEARCH 3 5", DONE) },
	{ "ESEARCH without UID", EII_OK, "3-4 ", "aeAr", 2,
	  SHORT("<* ESEARCH (TAG \"A2\") ALL 3:4", DONE) },
	{ "ESEARCH without TAG", EII_OK, "3-4 ", "aeAr", 2, SHORT("<* ESEARCH UID ALL 3:4", DONE) },
	{ "ESEARCH, an item behind ALL", EII_OK, "3-4 ", "aeAr", 2,
	  SHORT("<* ESEARCH (TAG \"A2\") UID ALL 3:4 COUNT 2", DONE) },
	{ "ESEARCH, items around ALL", EII_OK, "3-4 9-9 ", "aeAr", 3,
	  SHORT("<* ESEARCH (TAG \"A2\") UID MIN 3 X-A (1 (2 3)) X-B \"a b\" X-C 1:2,4 COUNT 3 ALL "
		"3:4,9 MAX 9 MODSEQ 77",
		DONE) },
	{ "ESEARCH, a tag with brackets in it", EII_OK, "3-3 ", "aeAr", 1,
	  SHORT("<* ESEARCH (TAG \"ALL 7\") UID ALL 3", DONE) },
	{ "ESEARCH finds nothing", EII_OK, "", "aer", 0,
	  SHORT("<* ESEARCH (TAG \"A2\") UID", DONE) },
	{ "ESEARCH counts some and gives none", EII_OK, "", "ae", 0,
	  SHORT("<* ESEARCH (TAG \"A2\") UID COUNT 4", DONE) },
	{ "ESEARCH counts none and gives none", EII_OK, "", "aer", 0,
	  SHORT("<* ESEARCH (TAG \"A2\") UID COUNT 0", DONE) },
	{ "ESEARCH that breaks off", EII_OK, "", "aer", 0,
	  SHORT("<* ESEARCH ALL", "<* ESEARCH (TAG", "<* ESEARCH", DONE) },
	{ "refused", EII_REJECT, "", "r", 0, PLAIN("<A2 NO no") },
	{ "refused after an answer", EII_REJECT, "3-3 ", "ar", 1,
	  PLAIN("<* SEARCH 3", "<A2 NO [UNAVAILABLE] no") },
	{ "not numbers", EII_OK, "3-3 5-5 ", "a", 2, PLAIN("<* SEARCH 3 x 5", DONE) },
	{ "a number of 33 bits", EII_OK, "", "a", 0, PLAIN("<* SEARCH 4294967296", DONE) },
	{ "a star", EII_OK, "", "aeA", 0, SHORT("<* ESEARCH (TAG \"A2\") UID ALL 1:*", DONE) },
};

static const char *describe(const struct eii_imap_found *found, char out[8])
{
	(void)snprintf(out, 8, "%s%s%s%s", found->has_answer ? "a" : "",
		       found->is_esearch ? "e" : "", found->has_all ? "A" : "",
		       found->is_readable ? "r" : "");
	return out;
}

static void test_search__finds_uids_within_the_range_asked_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(search_cases); i++) {
		const struct search_case *c = &search_cases[i];
		struct script *script = script_start(c->steps);
		struct eii_imap *imap = script_open_folder(script, SCRIPT_LONG_MS);
		struct eii_buf found;
		struct eii_imap_uid_taker taker = { .add = note_range, .arg = &found };
		struct eii_imap_found out = { 0 };
		struct eii_error err = { 0 };
		char is[8];
		enum eii_rc rc;

		eii_buf_init(&found, 1024);
		rc = eii_imap_find_range(imap, 2, 10, EII_IMAP_WAY_USUAL, &taker, &out, &err);
		CHECK(rc == c->rc, "%s: rc %d, %s", c->name, rc, err.text);
		CHECK(strcmp(found.data, c->found) == 0, "%s: %s", c->name, found.data);
		CHECK(strcmp(describe(&out, is), c->is) == 0, "%s: %s", c->name, is);
		CHECK(out.n_uids == c->n_uids, "%s: %llu", c->name, (unsigned long long)out.n_uids);
		CHECK(eii_imap_is_open(imap), "%s", c->name);
		eii_buf_clear(&found);
		eii_imap_free(imap);
		CHECK(script_stop(script), "%s", c->name);
	}
}

static void test_search__asks_again_in_another_way(void **state)
{
	static const struct {
		const char *name, *found;
		enum eii_imap_way way;
		const char *steps[14];
	} cases[] = {
		{ "plain SEARCH although ESEARCH is there",
		  "3-3 ",
		  EII_IMAP_WAY_SEARCH,
		  { SCRIPT_HELLO_E, SCRIPT_EXAMINE, ASKED, "<* SEARCH 3", DONE, "#" } },
		{ "FETCH",
		  "3-4 9-9 ",
		  EII_IMAP_WAY_FETCH,
		  { SCRIPT_HELLO_E, SCRIPT_EXAMINE, ">A2 UID FETCH 2:10,* (UID)",
		    "<* 1 FETCH (UID 3)", "<* 2 FETCH (FLAGS () UID 4)", "<* 3 FETCH (UID 9)",
		    "<* 4 FETCH (UID 11)", DONE, "#" } },
		{ "FETCH of nothing",
		  "",
		  EII_IMAP_WAY_FETCH,
		  { SCRIPT_HELLO_E, SCRIPT_EXAMINE, ">A2 UID FETCH 2:10,* (UID)", DONE, "#" } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct script *script = script_start(cases[i].steps);
		struct eii_imap *imap = script_open_folder(script, SCRIPT_LONG_MS);
		struct eii_buf found;
		struct eii_imap_uid_taker taker = { .add = note_range, .arg = &found };
		struct eii_imap_found out = { 0 };
		struct eii_error err = { 0 };

		eii_buf_init(&found, 1024);
		CHECK(eii_imap_find_range(imap, 2, 10, cases[i].way, &taker, &out, &err) == EII_OK,
		      "%s: %s", cases[i].name, err.text);
		CHECK(strcmp(found.data, cases[i].found) == 0, "%s: %s", cases[i].name, found.data);
		CHECK(out.has_answer == (found.len > 0), "%s", cases[i].name);
		eii_buf_clear(&found);
		eii_imap_free(imap);
		CHECK(script_stop(script), "%s", cases[i].name);
	}
}

/* Who asks in the old way gets a failure, but the session lives. */
static void test_search__takes_no_answer_for_none(void **state)
{
	static const char *const answers[] = { "<* 3 EXISTS", "<* SEARCH x" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		const char *const steps[] = { SCRIPT_HELLO, SCRIPT_EXAMINE, ASKED, answers[i], DONE,
					      ">A3 NOOP",   "<A3 OK x",     "#",   NULL };
		struct script *script = script_start(steps);
		struct eii_imap *imap = script_open_folder(script, SCRIPT_LONG_MS);
		struct eii_buf found;
		struct eii_imap_uid_taker taker = { .add = note_range, .arg = &found };
		struct eii_imap_folder folder;
		struct eii_error err = { 0 };
		bool has_changed;

		eii_buf_init(&found, 1024);
		assert_int_equal(eii_imap_search_range(imap, 2, 10, &taker, &err), EII_RETRY);
		CHECK(strstr(err.text, i ? "cannot be read" : "did not answer"), "%s", err.text);
		CHECK(eii_imap_look(imap, &has_changed, &folder, &err) == EII_OK, "%s", err.text);
		eii_buf_clear(&found);
		eii_imap_free(imap);
		assert_true(script_stop(script));
	}
}

static void drop_range(void *arg, uint32_t first, uint32_t last)
{
	(void)arg;
	(void)first;
	(void)last;
}

static void test_search__ends_with_a_search_that_does_not_end(void **state)
{
	static const char *const endless[] = { "^ 1 3 5 7 9", "^,1:2,4", "^* SEARCH 1 3 5\r\n",
					       "^\r\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(endless); i++) {
		const char *const steps[] = { i == 1 ? SCRIPT_HELLO_E : SCRIPT_HELLO,
					      SCRIPT_EXAMINE,
					      i == 1 ? ASKED_E : ASKED,
					      i == 0   ? "=* SEARCH"
					      : i == 1 ? "=* ESEARCH UID ALL 1"
						       : "=",
					      endless[i],
					      NULL };
		struct script *script = script_start(steps);
		struct eii_imap *imap = script_open_folder(script, SCRIPT_LONG_MS);
		struct eii_imap_uid_taker taker = { .add = drop_range };
		struct eii_error err = { 0 };

		assert_int_equal(eii_imap_search_range(imap, 2, 10, &taker, &err), EII_RETRY);
		CHECK(strstr(err.text, "over 33554432 bytes"), "%s", err.text);
		assert_false(eii_imap_is_open(imap));
		eii_imap_free(imap);
		assert_true(script_stop(script));
	}
}

static void test_search__searches_by_day(void **state)
{
	static const char *const steps[] = { SCRIPT_HELLO,
					     SCRIPT_EXAMINE,
					     ">A2 UID SEARCH SINCE 17-Jul-1996",
					     "<* SEARCH 4294967295",
					     "<A2 OK x",
					     "#",
					     NULL };
	struct script *script = script_start(steps);
	struct eii_imap *imap = script_open_folder(script, SCRIPT_LONG_MS);
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
static void test_search__takes_a_million_uids_in_one_line(void **state)
{
	static const char *const heads[] = {
		"=* 1000000 EXISTS\r\n* SEARCH",
		"=* 1000000 EXISTS\r\n* ESEARCH (TAG \"A2\") UID ALL 1,2"
	};
	static const char *const commands[] = { ">A2 UID SEARCH UID 1:4294967295",
						">A2 UID SEARCH RETURN (ALL) UID 1:4294967295" };
	static const char *const greetings[] = { SCRIPT_HELLO, SCRIPT_HELLO_E };
	uint64_t n = 1000000;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char *line = eii_calloc(n, 10);
		const char *const steps[] = { greetings[i], SCRIPT_EXAMINE, commands[i], heads[i],
					      line,         "<A2 OK x",     "#",         NULL };
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
		imap = script_open_folder(script, SCRIPT_LONG_MS);
		CHECK(eii_imap_search_range(imap, 1, UINT32_MAX, &taker, &err) == EII_OK, "%s",
		      err.text);
		assert_int_equal(tally.n, n + 2 * i);
		assert_int_equal(tally.sum, n * (n + 10) + 3 * i);
		eii_imap_free(imap);
		assert_true(script_stop(script));
		free(line);
	}
}

/* Three mails may have become a thousand more, but not as many as one likes to say. */
static void test_search__gives_no_more_runs_than_there_can_be_mails(void **state)
{
	static const struct {
		unsigned n;
		const char *is;
	} cases[] = { { 1006, "ar" }, { 1007, "a" }, { 200000, "a" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct eii_buf line;
		const char *steps[] = {
			SCRIPT_HELLO, SCRIPT_EXAMINE, ">A2 UID SEARCH UID 1:4294967295",
			"",           DONE,           "#",
			NULL
		};
		struct tally tally = { 0 };
		struct eii_imap_uid_taker taker = { .add = count_range, .arg = &tally };
		struct eii_imap_found out = { 0 };
		struct eii_error err = { 0 };
		struct script *script;
		struct eii_imap *imap;
		char is[8];

		eii_buf_init(&line, 4 * 1024 * 1024);
		eii_buf_add_str(&line, "<* SEARCH");
		for (unsigned k = 0; k < cases[i].n; k++)
			eii_buf_addf(&line, " %u", 2 * k + 1);
		for (size_t k = 0; steps[k]; k++) {
			if (!steps[k][0])
				steps[k] = line.data;
		}
		script = script_start(steps);
		imap = script_open_folder(script, SCRIPT_LONG_MS);
		CHECK(eii_imap_find_range(imap, 1, UINT32_MAX, EII_IMAP_WAY_USUAL, &taker, &out,
					  &err) == EII_OK,
		      "%s", err.text);
		CHECK(tally.n == (cases[i].n < 1006 ? cases[i].n : 1006), "%llu",
		      (unsigned long long)tally.n);
		assert_string_equal(describe(&out, is), cases[i].is);
		eii_imap_free(imap);
		assert_true(script_stop(script));
		eii_buf_clear(&line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_search__finds_uids_within_the_range_asked_for),
		cmocka_unit_test(test_search__asks_again_in_another_way),
		cmocka_unit_test(test_search__takes_no_answer_for_none),
		cmocka_unit_test(test_search__ends_with_a_search_that_does_not_end),
		cmocka_unit_test(test_search__searches_by_day),
		cmocka_unit_test(test_search__takes_a_million_uids_in_one_line),
		cmocka_unit_test(test_search__gives_no_more_runs_than_there_can_be_mails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
