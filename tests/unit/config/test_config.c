/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/config/config.h"

#include "eii/base/alloc.h"
#include "eii/config/secret.h"
#include "scratch.h"
#include "support.h"
#include "table.h"

#define LONG_BYTES 8192

static const char *const enough[] = { ENOUGH, PASSWORD, NULL };

static void assert_secret(const struct eii_config *config, enum eii_secret secret,
			  const char *wanted)
{
	struct eii_error err;
	char *text = NULL;

	assert_int_equal(eii_secret_read(config, secret, &text, &err), EII_OK);
	assert_string_equal(text, wanted);
	eii_free_secret(text);
}

static void test_config__has_the_official_defaults(void **state)
{
	struct loaded_settings s = load(NULL, NULL, enough);
	const struct eii_config *c = s.config;

	(void)state;
	assert_int_equal(s.rc, EII_OK);
	assert_string_equal(c->connector.id,
			    "email-intel-imap--ee2beb6c-4e99-47e6-ab5b-f3eea350f601");
	assert_string_equal(c->connector.type, "EXTERNAL_IMPORT");
	assert_string_equal(c->connector.name, "Email Intel IMAP");
	assert_string_equal(c->connector.scope, "email-intel-imap");
	assert_int_equal(c->connector.log_level, EII_LOG_ERROR);
	assert_int_equal(c->connector.period_s, 3600);
	assert_int_equal(c->connector.queue_threshold_mb, 500);
	assert_int_equal(c->connector.metrics_port, 9095);
	assert_false(c->connector.run_and_terminate);
	assert_int_equal(c->mail.port, 993);
	assert_string_equal(c->mail.mailbox, "INBOX");
	assert_int_equal(c->mail.start_period_s, 30 * 86400);
	assert_int_equal(c->mail.max_mail_bytes, 50 * 1024 * 1024);
	assert_string_equal(c->report.tlp_level, "amber+strict");
	assert_int_equal(c->report.n_types, 3);
	assert_true(eii_text_equal(c->report.types[1], eii_text_of("text/csv")));
	assert_int_equal(c->report.content, EII_CONTENT_SAFE);
	assert_true(c->report.attach_forwarded);
	assert_int_equal(c->report.attach_original, EII_ATTACH_ORIGINAL_FALLBACK);
	assert_true(c->report.attachment_hashes);
	assert_false(c->report.external_reference);
	assert_int_equal(c->report.tlp_from_mail, EII_CONFIG_TLP_OFF);
	assert_null(c->mq.host);
	assert_int_equal(c->mq.port, 0);
	assert_int_equal(c->mq.use_ssl, EII_CONFIG_NOT_GIVEN);
	assert_int_equal(c->mq.max_message_bytes, 512 * 1024 * 1024);
	unload(&s);
}

static void test_config__verifies_every_connection_unless_told_otherwise(void **state)
{
	static const char *const careless[] = { ENOUGH,
						PASSWORD,
						"OPENCTI_SSL_VERIFY=False",
						"EMAIL_INTEL_IMAP_TLS_VERIFY=no",
						"MQ_USE_SSL_REJECT_UNAUTHORIZED=0",
						NULL };
	static const char *const own_id[] = { ENOUGH, PASSWORD,
					      "CONNECTOR_ID=5d0aa3dc-2a0f-4a3f-93c5-000000000001",
					      NULL };
	struct loaded_settings s = load(NULL, NULL, own_id);

	(void)state;
	assert_true(s.config->opencti.ssl_verify);
	assert_true(s.config->mail.tls_verify);
	assert_true(s.config->mq.verify);
	assert_null(find_problem(&s, EII_PROBLEM_UNSAFE, ""));
	unload(&s);
	s = load(NULL, NULL, careless);
	assert_false(s.config->opencti.ssl_verify);
	assert_false(s.config->mail.tls_verify);
	assert_false(s.config->mq.verify);
	assert_non_null(find_problem(&s, EII_PROBLEM_UNSAFE, "OPENCTI_SSL_VERIFY"));
	assert_non_null(find_problem(&s, EII_PROBLEM_UNSAFE, "EMAIL_INTEL_IMAP_TLS_VERIFY"));
	assert_non_null(find_problem(&s, EII_PROBLEM_UNSAFE, "MQ_USE_SSL_REJECT_UNAUTHORIZED"));
	unload(&s);
}

static void test_config__takes_environment_over_dotenv_over_ini(void **state)
{
	static const char *const environment[] = { ENOUGH, PASSWORD, "CONNECTOR_NAME=environment",
						   "EMAIL_INTEL_IMAP_MAILBOX=", NULL };
	const char *ini = scratch_file(state, "config.ini",
				       "[connector]\nname = ini\nscope = ini\n"
				       "[email_intel_imap]\nmailbox = ini\ntls_verify = \n"
				       "[MQ]\nHost: ini.example\n");
	const char *dotenv =
		scratch_file(state, ".env", "CONNECTOR_NAME=dotenv\nCONNECTOR_SCOPE=dotenv\n");
	struct loaded_settings s = load(ini, dotenv, environment);

	assert_int_equal(s.rc, EII_OK);
	assert_string_equal(s.config->connector.name, "environment");
	assert_string_equal(s.config->connector.scope, "dotenv");
	assert_string_equal(s.config->mail.mailbox, "ini");
	assert_true(s.config->mail.tls_verify);
	assert_string_equal(s.config->mq.host, "ini.example");
	unload(&s);
}

/* With a backslash before what would end the text or escape; for the caller to free(). */
static char *in_double_quotes(const char *text)
{
	char *escaped = eii_calloc(2 * strlen(text) + 1, 1);
	size_t n = 0;

	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			escaped[n++] = '\\';
		escaped[n++] = *text;
	}
	return escaped;
}

/* Debian's inih alone would cut the line at 200 bytes and drop what follows " ;". */
static void test_config__keeps_long_and_odd_values_from_every_source(void **state)
{
	static const char odd[] = "a ;b #c \"d\" 'e' \\f =g: [h] \xc3\xa4 $i";
	char *value = eii_calloc(LONG_BYTES + sizeof(odd), 1);
	char *text;

	memset(value, 'x', LONG_BYTES);
	memcpy(value + LONG_BYTES, odd, sizeof(odd));
	for (int source = 0; source < 3; source++) {
		const char *environment[] = { ENOUGH, NULL, NULL };
		const char *ini = NULL, *dotenv = NULL;
		struct loaded_settings s;

		if (source == 0) {
			text = eii_asprintf("[email_intel_imap]\r\npassword=%s  \r\n", value);
			ini = scratch_file(state, "config.ini", text);
		} else if (source == 1) {
			EII_AUTO_STR escaped = in_double_quotes(value);

			text = eii_asprintf("EMAIL_INTEL_IMAP_PASSWORD=\"%s\"\n", escaped);
			dotenv = scratch_file(state, ".env", text);
		} else {
			text = eii_asprintf("EMAIL_INTEL_IMAP_PASSWORD=%s", value);
			environment[4] = text;
		}
		s = load(ini, dotenv, environment);
		CHECK(s.rc == EII_OK, "source %d: %s", source, s.err.text);
		assert_secret(s.config, EII_SECRET_MAIL_PASSWORD, value);
		unload(&s);
		free(text);
	}
	free(value);
}

static void test_config__names_all_wrong_settings_at_once(void **state)
{
	static const char *const environment[] = { "OPENCTI_URL=opencti.example",
						   "EMAIL_INTEL_IMAP_HOST=imap.example",
						   "CONNECTOR_DURATION_PERIOD=5M",
						   "MQ_USE_SSL=perhaps", NULL };
	const char *ini = scratch_file(state, "config.ini",
				       "; first line\n[email_intel_imap]\nport = 99999\n"
				       "tlp_level = purple\nnonsense\n  continued\n");
	struct loaded_settings s = load(ini, NULL, environment);
	static const char *const wanted[] = {
		"OPENCTI_URL (environment): 'opencti.example' is not an address like https://",
		"OPENCTI_TOKEN is not given",
		"EMAIL_INTEL_IMAP_USERNAME is not given",
		"CONNECTOR_DURATION_PERIOD (environment): '5M' is not a duration",
		"MQ_USE_SSL (environment): 'perhaps' is not true or false",
		"config.ini, line 3): '99999' is not a whole number within 1 and 65535",
		"config.ini, line 4): 'purple' is not one of white, clear, green, amber, amber",
		"config.ini, line 5: neither a [section], nor key = value, nor a comment",
		"config.ini, line 6: begins with a blank: a value cannot go on over lines",
		"EMAIL_INTEL_IMAP_GOOGLE_TOKEN_JSON: neither is given; exactly one must be",
	};

	assert_int_equal(s.rc, EII_FATAL);
	assert_int_equal(s.err.kind, EII_ERROR_CONFIG);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		CHECK(find_problem(&s, EII_PROBLEM_WRONG, wanted[i]), "%s", wanted[i]);
	assert_int_equal(s.problems.n_wrong, ARRAY_LEN(wanted));
	unload(&s);
}

static void test_config__says_what_stands_behind_a_refused_value(void **state)
{
	static const char *const environment[] = {
		ENOUGH,
		PASSWORD,
		"EMAIL_INTEL_IMAP_PORT=tcp://10.0.0.12:9095",
		"MQ_PORT=\"5672\"",
		"EMAIL_INTEL_IMAP_MAX_MAIL_BYTES=5.24288e+07",
		"MQ_MAX_MESSAGE_BYTES=5e+7x",
		NULL,
	};
	static const char *const wanted[] = {
		"'tcp://10.0.0.12:9095' is not a whole number within 1 and 65535; Kubernetes",
		"within 1 and 65535; the quotation marks are part of the value here",
		"a YAML tool has rewritten the number",
	};
	struct loaded_settings s = load(NULL, NULL, environment);

	(void)state;
	assert_int_equal(s.rc, EII_FATAL);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		CHECK(find_problem(&s, EII_PROBLEM_WRONG, wanted[i]), "%s", wanted[i]);
	assert_null(find_problem(&s, EII_PROBLEM_WRONG,
				 "5e+7x' is not a whole number within 65536 "
				 "and 536870912;"));
	unload(&s);
}

static void test_config__says_that_quotation_marks_are_kept(void **state)
{
	static const char quoted_folder[] = "EMAIL_INTEL_IMAP_MAILBOX=\"Intel\"";
	static const char *const environment[] = { ENOUGH, "EMAIL_INTEL_IMAP_PASSWORD='hush'",
						   quoted_folder, "CONNECTOR_NAME='", NULL };
	struct loaded_settings s = load(NULL, NULL, environment);

	(void)state;
	assert_int_equal(s.rc, EII_OK);
	assert_string_equal(s.config->mail.mailbox, "\"Intel\"");
	assert_secret(s.config, EII_SECRET_MAIL_PASSWORD, "'hush'");
	assert_non_null(find_problem(&s, EII_PROBLEM_UNSAFE,
				     "EMAIL_INTEL_IMAP_MAILBOX (environment) is in quotation"));
	assert_non_null(find_problem(&s, EII_PROBLEM_UNSAFE,
				     "EMAIL_INTEL_IMAP_PASSWORD (environment) is in quotation"));
	assert_null(find_problem(&s, EII_PROBLEM_UNSAFE, "hush"));
	assert_null(find_problem(&s, EII_PROBLEM_UNSAFE, "CONNECTOR_NAME"));
	unload(&s);
}

static void test_config__never_shows_a_secret(void **state)
{
	static const char *const environment[] = {
		"OPENCTI_URL=https://me:hush1@opencti.example with blanks",
		"OPENCTI_TOKEN=hush2\nhush2",
		"OPENCTI_CUSTOM_HEADERS=hush3",
		"EMAIL_INTEL_IMAP_GOOGLE_TOKEN_JSON=hush4",
		"MQ_USE_SSL_KEY=hush5",
		"HTTPS_PROXY=http://me:hush6@proxy.example\n",
		NULL,
	};
	struct loaded_settings s = load(NULL, NULL, environment);

	(void)state;
	assert_int_equal(s.rc, EII_FATAL);
	assert_non_null(find_problem(&s, EII_PROBLEM_WRONG, "OPENCTI_TOKEN (environment)"));
	assert_non_null(
		find_problem(&s, EII_PROBLEM_WRONG, "OPENCTI_CUSTOM_HEADERS (environment)"));
	assert_non_null(find_problem(&s, EII_PROBLEM_WRONG, "GOOGLE_TOKEN_JSON (environment)"));
	assert_non_null(find_problem(&s, EII_PROBLEM_WRONG, "MQ_USE_SSL_KEY (environment)"));
	assert_non_null(find_problem(&s, EII_PROBLEM_WRONG, "'https://***@opencti.example with"));
	for (size_t i = 0; i < s.problems.n; i++)
		CHECK(!strstr(s.problems.items[i].text, "hush"), "%s", s.problems.items[i].text);
	unload(&s);
}

static void test_config__wants_exactly_one_way_to_sign_in(void **state)
{
	static const char *const both[] = { ENOUGH, PASSWORD,
					    "EMAIL_INTEL_IMAP_GOOGLE_TOKEN_JSON={}", NULL };
	static const char *const neither[] = { ENOUGH, NULL };
	static const char *const token[] = { ENOUGH, "EMAIL_INTEL_IMAP_GOOGLE_TOKEN_JSON={}",
					     NULL };
	struct loaded_settings s = load(NULL, NULL, both);

	(void)state;
	assert_non_null(find_problem(&s, EII_PROBLEM_WRONG, "both are given"));
	unload(&s);
	s = load(NULL, NULL, neither);
	assert_non_null(find_problem(&s, EII_PROBLEM_WRONG, "neither is given"));
	unload(&s);
	s = load(NULL, NULL, token);
	assert_int_equal(s.config->mail.sign_in.auth, EII_CONFIG_AUTH_GOOGLE_USER);
	unload(&s);
}

static void test_config__refuses_a_value_and_its_file_form_from_any_sources(void **state)
{
	const char *file = scratch_file(state, "password", "s3cret\n");
	EII_AUTO_STR ini_text = eii_asprintf("[email_intel_imap]\npassword_file = %s\n", file);
	const char *ini = scratch_file(state, "config.ini", ini_text);
	struct loaded_settings s = load(ini, NULL, enough);

	assert_non_null(find_problem(&s, EII_PROBLEM_WRONG,
				     "EMAIL_INTEL_IMAP_PASSWORD (environment) and "
				     "EMAIL_INTEL_IMAP_PASSWORD_FILE ("));
	assert_non_null(find_problem(&s, EII_PROBLEM_WRONG, "line 2): only one of the two"));
	unload(&s);
}

static void test_config__names_the_nearest_known_key(void **state)
{
	const char *ini = scratch_file(state, "config.ini",
				       "early = 1\n[email_intel_imap]\nusrname = x\nurl = y\n"
				       "[connector]\nauto = true\ninterval = 5\n"
				       "[conector]\na = 1\nb = 2\n");
	const char *dotenv = scratch_file(
		state, ".env", "OPENCTI_TOKN=x\nPATH=y\nCONNECTOR_AUTO=true\nMQ_PORTT=\n");
	static const char *const wanted[] = {
		"config.ini, line 1: keys before the first [section] have no effect",
		"config.ini, line 3: unknown key usrname in [email_intel_imap]; the nearest",
		"known one is username",
		"config.ini, line 4: unknown key url in [email_intel_imap]; the nearest",
		"known one is url in [opencti]",
		"CONNECTOR_INTERVAL (",
		"unknown section [conector]; its keys have no effect; the nearest known one is [",
		"OPENCTI_TOKN; the nearest known one is OPENCTI_TOKEN",
		".env, line 4: unknown variable MQ_PORTT; the nearest known one is MQ_PORT",
	};
	struct loaded_settings s = load(ini, dotenv, enough);

	assert_int_equal(s.rc, EII_OK);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		CHECK(find_problem(&s, EII_PROBLEM_WARNING, wanted[i]), "%s", wanted[i]);
	/* The two keys take two rows each; the id is the default. */
	assert_int_equal(s.problems.n, ARRAY_LEN(wanted) - 2 + 1);
	unload(&s);
}

static void test_config__names_unknown_variables_of_the_environment_that_begin_like_ours(
	void **state)
{
	static const char *const environment[] = {
		ENOUGH, PASSWORD, "CONNECTOR_ID=5d0aa3dc-2a0f-4a3f-93c5-000000000001",
		"EMAIL_INTEL_IMAP_MAIBOX=x", "OPENCTI_URI=https://opencti.example",
		"CONNECTOR_LOGLEVEL=", "MQ_HOSTT=x",
		/* None of ours, or not for us. */
		"opencti_urll=x", "OPENCTIX=x", "HOME=/", "novalue", "OPENCTI_CONFIG_HASH=x",
		"OPENCTI_SERVER_SERVICE_HOST=10.0.0.1", "OPENCTI_SERVER_SERVICE_PORT=80",
		"OPENCTI_SERVER_SERVICE_PORT_HTTP=80", "OPENCTI_SERVER_PORT=tcp://10.0.0.1:80",
		"OPENCTI_SERVER_PORT_80_TCP=tcp://10.0.0.1:80",
		"OPENCTI_SERVER_PORT_80_TCP_ADDR=10.0.0.1", "OPENCTI_SERVER_PORT_53_UDP_PROTO=udp",
		NULL
	};
	static const char *const wanted[] = {
		"environment: unknown variable EMAIL_INTEL_IMAP_MAIBOX; the nearest known one",
		"OPENCTI_URI; the nearest known one is OPENCTI_URL",
		"CONNECTOR_LOGLEVEL; the nearest known one is CONNECTOR_LOG_LEVEL",
		"MQ_HOSTT; the nearest known one is MQ_HOST",
	};
	struct loaded_settings s = load(NULL, NULL, environment);

	(void)state;
	assert_int_equal(s.rc, EII_OK);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		CHECK(find_problem(&s, EII_PROBLEM_WARNING, wanted[i]), "%s", wanted[i]);
	assert_int_equal(s.problems.n, ARRAY_LEN(wanted));
	unload(&s);
}

static void test_config__reads_proxies_in_lower_case_where_upper_is_absent(void **state)
{
	static const char *const environment[] = { ENOUGH,
						   PASSWORD,
						   "http_proxy=http://lower.example",
						   "HTTPS_PROXY=http://upper.example",
						   "https_proxy=http://lower.example",
						   "no_proxy=a,b",
						   "NO_PROXY=",
						   NULL };
	struct loaded_settings s = load(NULL, NULL, environment);

	(void)state;
	assert_string_equal(s.config->network.http_proxy, "http://lower.example");
	assert_string_equal(s.config->network.https_proxy, "http://upper.example");
	assert_string_equal(s.config->network.no_proxy, "a,b");
	unload(&s);
}

static void test_config__needs_nothing_to_convert_but_obeys_what_shapes(void **state)
{
	static const char *const environment[] = { "EMAIL_INTEL_IMAP_TLP_LEVEL=WHITE",
						   "EMAIL_INTEL_IMAP_PORT=no port", NULL };
	static const char *const wrong[] = { "EMAIL_INTEL_IMAP_TLP_LEVEL=violet", NULL };
	struct loaded_settings s = load_for(EII_CONFIG_TO_CONVERT, NULL, NULL, environment);

	(void)state;
	assert_int_equal(s.rc, EII_OK);
	assert_string_equal(s.config->report.tlp_level, "white");
	assert_int_equal(s.config->mail.port, 993);
	unload(&s);
	s = load_for(EII_CONFIG_TO_CONVERT, NULL, NULL, wrong);
	assert_int_equal(s.rc, EII_FATAL);
	unload(&s);
	s = load_for(EII_CONFIG_TO_ASK, NULL, NULL, wrong);
	assert_int_equal(s.rc, EII_OK);
	unload(&s);
}

static void test_config__reads_the_way_to_the_mailbox_and_no_secret_for_a_login(void **state)
{
	static const char *const environment[] = {
		"OPENCTI_URL=nothing",
		"CONNECTOR_LOG_LEVEL=loud",
		"EMAIL_INTEL_IMAP_HOST=imap.a",
		"EMAIL_INTEL_IMAP_PORT=1993",
		"EMAIL_INTEL_IMAP_PASSWORD=p",
		"EMAIL_INTEL_IMAP_PASSWORD_FILE=/nowhere",
		"EMAIL_INTEL_IMAP_AUTH=microsoft-user",
		"HTTPS_PROXY=http://proxy.a:3128",
		NULL,
	};
	static const char *const wrong[] = { "EMAIL_INTEL_IMAP_PORT=0", NULL };
	struct loaded_settings s = load_for(EII_CONFIG_TO_LOG_IN, NULL, NULL, environment);

	(void)state;
	assert_int_equal(s.rc, EII_OK);
	assert_string_equal(s.config->mail.host, "imap.a");
	assert_int_equal(s.config->mail.port, 1993);
	assert_string_equal(s.config->network.https_proxy, "http://proxy.a:3128");
	assert_false(eii_secret_is_given(s.config, EII_SECRET_MAIL_PASSWORD));
	unload(&s);
	s = load_for(EII_CONFIG_TO_LOG_IN, NULL, NULL, NULL);
	assert_int_equal(s.rc, EII_OK);
	assert_null(s.config->mail.host);
	unload(&s);
	s = load_for(EII_CONFIG_TO_LOG_IN, NULL, NULL, wrong);
	assert_int_equal(s.rc, EII_FATAL);
	unload(&s);
}

static void test_config__ends_after_one_run_with_a_period_of_zero(void **state)
{
	static const char *const environment[] = { ENOUGH, PASSWORD, "CONNECTOR_DURATION_PERIOD=0",
						   NULL };
	struct loaded_settings s = load(NULL, NULL, environment);

	(void)state;
	assert_true(s.config->connector.run_and_terminate);
	unload(&s);
}

static void test_config__says_which_file_cannot_be_read(void **state)
{
	EII_AUTO_STR absent = eii_asprintf("%s/absent.ini", (char *)*state);
	struct loaded_settings s = load(absent, NULL, enough);

	assert_non_null(
		find_problem(&s, EII_PROBLEM_WRONG, "absent.ini: No such file or directory"));
	unload(&s);
}

static void test_config__has_room_for_every_row_of_the_table(void **state)
{
	(void)state;
	assert_true(eii_table_len <= EII_TABLE_MAX);
	for (size_t i = 0; i < eii_table_len; i++) {
		const char *key = eii_section_key(eii_table[i].section, eii_table[i].variable);
		bool has_prefix =
			eii_table[i].section == EII_SECTION_NETWORK || key != eii_table[i].variable;

		CHECK(has_prefix, "%s is in the wrong section", eii_table[i].variable);
		CHECK(eii_table[i].standard || eii_table[i].sample, "%s: nothing to show",
		      eii_table[i].variable);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_config__has_the_official_defaults),
		cmocka_unit_test(test_config__verifies_every_connection_unless_told_otherwise),
		cmocka_unit_test(test_config__takes_environment_over_dotenv_over_ini),
		cmocka_unit_test(test_config__keeps_long_and_odd_values_from_every_source),
		cmocka_unit_test(test_config__names_all_wrong_settings_at_once),
		cmocka_unit_test(test_config__says_what_stands_behind_a_refused_value),
		cmocka_unit_test(test_config__says_that_quotation_marks_are_kept),
		cmocka_unit_test(test_config__never_shows_a_secret),
		cmocka_unit_test(test_config__wants_exactly_one_way_to_sign_in),
		cmocka_unit_test(test_config__refuses_a_value_and_its_file_form_from_any_sources),
		cmocka_unit_test(test_config__names_the_nearest_known_key),
		cmocka_unit_test(
			test_config__names_unknown_variables_of_the_environment_that_begin_like_ours),
		cmocka_unit_test(test_config__reads_proxies_in_lower_case_where_upper_is_absent),
		cmocka_unit_test(test_config__needs_nothing_to_convert_but_obeys_what_shapes),
		cmocka_unit_test(
			test_config__reads_the_way_to_the_mailbox_and_no_secret_for_a_login),
		cmocka_unit_test(test_config__ends_after_one_run_with_a_period_of_zero),
		cmocka_unit_test(test_config__says_which_file_cannot_be_read),
		cmocka_unit_test(test_config__has_room_for_every_row_of_the_table),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
