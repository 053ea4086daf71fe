/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/imap/session.h"

#include "script.h"
#include "support.h"

#define DONE "<A2 OK x"

/* ---- size and date ----------------------------------------------------- */

struct info_case {
	const char *name, *line;
	struct eii_imap_info info;
};

#define DAY   "INTERNALDATE \"17-Jul-1996 02:44:25 -0700\""
#define DAY_S 837596665
#define BOTH(size)                                                                                 \
	{                                                                                          \
		4, true, true, true, size, DAY_S                                                   \
	}
#define DATED                                                                                      \
	{                                                                                          \
		4, true, false, true, 0, DAY_S                                                     \
	}
#define SIZED                                                                                      \
	{                                                                                          \
		4, true, true, false, 100, 0                                                       \
	}

static const struct info_case info_cases[] = {
	{ "as asked", "UID 4 RFC822.SIZE 100 " DAY, BOTH(100) },
	{ "any order, more items", DAY " FLAGS (\\Seen (x)) UID 4 rfc822.size 9223372036854775807",
	  BOTH(INT64_MAX) },
	{ "a size as a float", "UID 4 RFC822.SIZE 9.3736e+06 " DAY, DATED },
	{ "a negative size", "UID 4 RFC822.SIZE -1 " DAY, DATED },
	{ "a size of 64 bits", "UID 4 RFC822.SIZE 9223372036854775808 " DAY, DATED },
	{ "a huge size", "UID 4 RFC822.SIZE 99999999999999999999999 " DAY, DATED },
	{ "a size of NIL", "UID 4 RFC822.SIZE NIL " DAY, DATED },
	{ "a size in quotes", "UID 4 RFC822.SIZE \"100\" " DAY, DATED },
	{ "a size with a unit", "UID 4 RFC822.SIZE 100B " DAY, DATED },
	{ "a size as a list", "UID 4 RFC822.SIZE (1 (2)) " DAY, DATED },
	{ "a size as a literal", "UID 4 RFC822.SIZE {3}\r\n100 " DAY, DATED },
	{ "no size", "UID 4 " DAY, DATED },
	{ "no date", "UID 4 RFC822.SIZE 100", SIZED },
	{ "a date of NIL", "UID 4 INTERNALDATE NIL RFC822.SIZE 100", SIZED },
	{ "a date that is none",
	  "UID 4 INTERNALDATE \"00-Jan-0000 00:00:00 +0000\" RFC822.SIZE 100", SIZED },
	{ "a date in words", "UID 4 INTERNALDATE \"yesterday\" RFC822.SIZE 100", SIZED },
	{ "a date without quotes", "UID 4 INTERNALDATE 17-Jul-1996 02:44:25 -0700 RFC822.SIZE 100",
	  SIZED },
	{ "a date as a header has it",
	  "UID 4 INTERNALDATE \"Wed, 17 Jul 1996 02:44:25 -0700\" RFC822.SIZE 100", SIZED },
	{ "nothing", "UID 4", { .uid = 4, .is_known = true } },
	{ "a break", "UID 4 RFC822.SIZE 100 INTERNALDATE \"17-Jul", SIZED },
	{ "a UID of 33 bits", "UID 4294967300 RFC822.SIZE 100 " DAY, { .uid = 4 } },
	{ "no UID", "RFC822.SIZE 100 " DAY, { .uid = 4 } },
};

static void test_info__reads_sizes_and_dates_in_every_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(info_cases); i++) {
		const struct info_case *c = &info_cases[i];
		char line[512];
		const char *const steps[] = { SCRIPT_HELLO,
					      SCRIPT_EXAMINE,
					      ">A2 UID FETCH 4,9 (UID RFC822.SIZE INTERNALDATE)",
					      line,
					      "<* 2 FETCH (UID 9 RFC822.SIZE 7 " DAY ")",
					      "<* 3 FETCH (UID 77 RFC822.SIZE 5 " DAY ")",
					      "<* 2 FETCH (FLAGS (\\Seen) UID 9)",
					      DONE,
					      "#",
					      NULL };
		struct eii_imap_info infos[] = { { .uid = 4, .is_known = true, .size_bytes = 1 },
						 { .uid = 9 } };
		struct eii_error err = { 0 };
		struct script *script;
		struct eii_imap *imap;

		(void)snprintf(line, sizeof(line), "<* 1 FETCH (%s)", c->line);
		script = script_start(steps);
		imap = script_open_folder(script, SCRIPT_LONG_MS);
		CHECK(eii_imap_fetch_info(imap, infos, 2, &err) == EII_OK, "%s: %s", c->name,
		      err.text);
		CHECK(infos[0].is_known == c->info.is_known, "%s", c->name);
		CHECK(infos[0].has_size == c->info.has_size, "%s", c->name);
		CHECK(infos[0].has_date == c->info.has_date, "%s", c->name);
		CHECK(infos[0].size_bytes == c->info.size_bytes, "%s: %llu", c->name,
		      (unsigned long long)infos[0].size_bytes);
		CHECK(infos[0].internal_unix_s == c->info.internal_unix_s, "%s", c->name);
		CHECK(infos[1].has_size && infos[1].has_date && infos[1].size_bytes == 7, "%s",
		      c->name);
		eii_imap_free(imap);
		CHECK(script_stop(script), "%s", c->name);
	}
}

/* Keywords are what other programs have made of them, and come unasked. */
static void test_info__reads_past_keywords_of_any_kind(void **state)
{
	static const char *const keywords[] = { "todo(high",   "todo(high)",
						"a)b",         "ab\"cd",
						"a\"b\"c",     "a{1}b",
						"x{3}",        "{3}",
						"[Junk",       "OIB-Seen-[Gmail]/Trash",
						"foo]bar",     "OIB-Seen-OIB/Social Networking",
						"Caf\xc3\xa9", "\\",
						"%*" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keywords); i++) {
		char unasked[128], asked[256];
		const char *const steps[] = { SCRIPT_HELLO,
					      SCRIPT_EXAMINE,
					      ">A2 UID FETCH 4 (UID RFC822.SIZE INTERNALDATE)",
					      unasked,
					      asked,
					      DONE,
					      "#",
					      NULL };
		struct eii_imap_info info = { .uid = 4 };
		struct eii_error err = { 0 };
		struct script *script;
		struct eii_imap *imap;

		(void)snprintf(unasked, sizeof(unasked), "<* 1 FETCH (FLAGS (\\Seen %s))",
			       keywords[i]);
		(void)snprintf(asked, sizeof(asked),
			       "<* 1 FETCH (FLAGS (\\Seen %s) UID 4 RFC822.SIZE 100 " DAY ")",
			       keywords[i]);
		script = script_start(steps);
		imap = script_open_folder(script, SCRIPT_LONG_MS);
		CHECK(eii_imap_fetch_info(imap, &info, 1, &err) == EII_OK, "%s: %s", keywords[i],
		      err.text);
		CHECK(info.has_size && info.has_date && info.size_bytes == 100, "%s", keywords[i]);
		eii_imap_free(imap);
		CHECK(script_stop(script), "%s", keywords[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_info__reads_sizes_and_dates_in_every_form),
		cmocka_unit_test(test_info__reads_past_keywords_of_any_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
