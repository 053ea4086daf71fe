/* SPDX-License-Identifier: Apache-2.0 */
/* Settings that are taken, and are not what they seem: ids that are not one's own, what has no
 * effect. */
#include "eii/config/config.h"
#include "scratch.h"
#include "support.h"

static const char *const enough[] = { ENOUGH, PASSWORD, NULL };

static void test_idle__says_that_an_id_is_a_placeholder_at_any_level(void **state)
{
	static const char *const ids[] = { "CONNECTOR_ID=ChangeMe", "CONNECTOR_ID=changeme",
					   "CONNECTOR_ID=00000000-0000-4000-8000-000000000000" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		const char *const environment[] = { ENOUGH, PASSWORD, ids[i], NULL };
		struct loaded_settings s = load(NULL, NULL, environment);

		assert_int_equal(s.rc, EII_OK);
		CHECK(find_problem(&s, EII_PROBLEM_UNSAFE, "sample's placeholder"), "%s", ids[i]);
		unload(&s);
	}
}

static void test_idle__says_that_an_id_is_everybody_s_at_any_level(void **state)
{
	struct loaded_settings s = load(NULL, NULL, enough);

	(void)state;
	assert_int_equal(s.rc, EII_OK);
	assert_non_null(find_problem(&s, EII_PROBLEM_UNSAFE, "CONNECTOR_ID is the default"));
	unload(&s);
}

/* What pycti does and this connector does not: nothing of it is passed over in silence. */
static void test_idle__weighs_what_has_no_effect(void **state)
{
	static const struct {
		const char *setting;
		const char *words;
		enum eii_problem_level level;
		enum eii_rc rc;
	} rows[] = {
		{ "CONNECTOR_SEND_TO_QUEUE=false", "would go nowhere", EII_PROBLEM_WRONG,
		  EII_FATAL },
		{ "CONNECTOR_SEND_TO_QUEUE=no", "would go nowhere", EII_PROBLEM_WRONG, EII_FATAL },
		{ "CONNECTOR_SEND_TO_DIRECTORY=true", "is to name the directory", EII_PROBLEM_WRONG,
		  EII_FATAL },
		{ "CONNECTOR_SEND_TO_DIRECTORY_PATH=/out", "of no account", EII_PROBLEM_WARNING,
		  EII_OK },
		{ "QUEUE_PROTOCOL=api", "CONNECTOR_QUEUE_PROTOCOL", EII_PROBLEM_WRONG, EII_FATAL },
		{ "CONNECTOR_SEND_TO_S3=True", "no copies", EII_PROBLEM_UNSAFE, EII_OK },
		{ "CONNECTOR_AUTO_CREATE_SERVICE_ACCOUNT=true", "no service account",
		  EII_PROBLEM_UNSAFE, EII_OK },
		{ "CONNECTOR_INTERVAL=5", "took its place", EII_PROBLEM_WARNING, EII_OK },
	};
	static const char *const harmless[] = { ENOUGH,
						PASSWORD,
						"CONNECTOR_VALIDATE_BEFORE_IMPORT=No",
						"CONNECTOR_SEND_TO_QUEUE=Yes",
						"QUEUE_PROTOCOL=AMQP",
						"CONNECTOR_SEND_TO_DIRECTORY=",
						"CONNECTOR_SEND_TO_DIRECTORY_RETENTION=0",
						"CONNECTOR_SEND_TO_S3=False",
						NULL };
	struct loaded_settings s = load(NULL, NULL, harmless);

	(void)state;
	assert_int_equal(s.rc, EII_OK);
	assert_int_equal(s.problems.n, 1); /* the id's */
	unload(&s);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const environment[] = { ENOUGH, PASSWORD, rows[i].setting, NULL };

		s = load(NULL, NULL, environment);
		CHECK(s.rc == rows[i].rc, "%s", rows[i].setting);
		CHECK(find_problem(&s, rows[i].level, rows[i].words), "%s", rows[i].setting);
		unload(&s);
	}
}

static void test_idle__warns_of_an_id_that_breaks_works(void **state)
{
	static const char *const environment[] = { ENOUGH, PASSWORD, "CONNECTOR_ID=a_b", NULL };
	struct loaded_settings s = load(NULL, NULL, environment);

	(void)state;
	assert_non_null(find_problem(&s, EII_PROBLEM_WARNING, "CONNECTOR_ID holds a '_'"));
	unload(&s);
}

/* A level is lowered for senders that are known, and that somebody chose. */
static void test_idle__wants_what_a_mail_s_own_level_needs(void **state)
{
#define SETTING   "EMAIL_INTEL_IMAP_TLP_FROM_MAIL="
#define AUTHORITY "EMAIL_INTEL_IMAP_REQUIRE_AUTHENTICATION=mx.example"
#define RULE      "EMAIL_INTEL_IMAP_RULES=[rule a]\nlabels = x\n[rule b]\ntlp_from_mail = any"
	static const struct {
		const char *settings[3];
		size_t n_wrong;
		const char *words;
	} rows[] = {
		{ { SETTING "raise" }, 0, NULL },
		{ { SETTING "any", AUTHORITY, RULE }, 0, NULL },
		{ { SETTING "any", RULE }, 1, "needs EMAIL_INTEL_IMAP_REQUIRE_AUTHENTICATION" },
		{ { SETTING "any", AUTHORITY }, 1, "needs a rule in EMAIL_INTEL_IMAP_RULES" },
		{ { SETTING "any" }, 2, "needs a rule in EMAIL_INTEL_IMAP_RULES" },
		{ { SETTING "raise", AUTHORITY, RULE }, 1, "EMAIL_INTEL_IMAP_TLP_FROM_MAIL=any" },
		{ { AUTHORITY, RULE }, 1, "rule 'b' has tlp_from_mail = any" },
		{ { SETTING "lower" }, 1, "is not one of off, raise, any" },
	};
#undef SETTING
#undef AUTHORITY
#undef RULE

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const environment[] = { ENOUGH,
						    PASSWORD,
						    rows[i].settings[0],
						    rows[i].settings[1],
						    rows[i].settings[2],
						    NULL };
		struct loaded_settings s = load(NULL, NULL, environment);

		CHECK(s.problems.n_wrong == rows[i].n_wrong, "row %zu: %zu wrong", i,
		      s.problems.n_wrong);
		CHECK(s.rc == (rows[i].n_wrong ? EII_FATAL : EII_OK), "row %zu", i);
		CHECK(!rows[i].words || find_problem(&s, EII_PROBLEM_WRONG, rows[i].words),
		      "row %zu: not a word of %s", i, rows[i].words);
		unload(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_idle__says_that_an_id_is_a_placeholder_at_any_level),
		cmocka_unit_test(test_idle__says_that_an_id_is_everybody_s_at_any_level),
		cmocka_unit_test(test_idle__weighs_what_has_no_effect),
		cmocka_unit_test(test_idle__warns_of_an_id_that_breaks_works),
		cmocka_unit_test(test_idle__wants_what_a_mail_s_own_level_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
