/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/base/alloc.h"
#include "eii/config/config.h"
#include "eii/config/secret.h"
#include "scratch.h"
#include "support.h"

/* The official sample's keys, each with a value of its own. */
static const char whole_yaml[] = "opencti:\n"
				 "  url: 'http://localhost:8080/'\n"
				 "  token: 't0ken'\n"
				 "\n"
				 "connector:\n"
				 "  id: '5d0aa3dc-2a0f-4a3f-93c5-000000000001'\n"
				 "  type: 'EXTERNAL_IMPORT'\n"
				 "  name: 'Mail'\n"
				 "  scope:\n"
				 "    - a\n"
				 "    - b\n"
				 "  log_level: info\n"
				 "  duration_period: 5400\n"
				 "email_intel_imap:\n"
				 "  tlp_level: 'clear'\n"
				 "  relative_import_start_date: P1D\n"
				 "  host: imap.example\n"
				 "  port: 0x8f\n"
				 "  username: 12345\n"
				 "  password: 0123\n"
				 "  mailbox: 'Intel/Phishing'\n"
				 "  tls: starttls\n"
				 "  attachments_mime_types: [text/csv, 'application/pdf']\n"
				 "mq:\n"
				 "  host: rabbit.example\n"
				 "  use_ssl: yes\n";

static void assert_password(const struct eii_config *config, const char *wanted)
{
	EII_AUTO_SECRET text = NULL;
	struct eii_error err;

	assert_int_equal(eii_secret_read(config, EII_SECRET_MAIL_PASSWORD, &text, &err), EII_OK);
	assert_string_equal(text, wanted);
}

static void test_official__config_yml_is_read_as_it_is(void **state)
{
	const char *file = scratch_file(state, "config.yml", whole_yaml);
	struct loaded_settings s = load(file, NULL, NULL);
	const struct eii_config *c = s.config;

	CHECK(s.rc == EII_OK, "%s", s.problems.n ? s.problems.items[0].text : "");
	assert_string_equal(c->opencti.url, "http://localhost:8080");
	assert_string_equal(c->connector.id, "5d0aa3dc-2a0f-4a3f-93c5-000000000001");
	assert_string_equal(c->connector.name, "Mail");
	assert_string_equal(c->connector.scope, "a,b");
	assert_int_equal(c->connector.log_level, EII_LOG_INFO);
	assert_int_equal(c->connector.period_s, 5400);
	assert_string_equal(c->report.tlp_level, "clear");
	assert_int_equal(c->mail.start_period_s, 86400);
	assert_string_equal(c->mail.host, "imap.example");
	assert_int_equal(c->mail.port, 143);
	assert_string_equal(c->mail.username, "12345");
	assert_string_equal(c->mail.mailbox, "Intel/Phishing");
	assert_int_equal(c->report.n_types, 2);
	assert_true(eii_text_equal(c->report.types[1], eii_text_of("application/pdf")));
	assert_string_equal(c->mq.host, "rabbit.example");
	assert_int_equal(c->mq.use_ssl, EII_CONFIG_ON);
	assert_password(c, "0123");
	assert_null(find_problem(&s, EII_PROBLEM_UNSAFE, ""));
	assert_null(find_problem(&s, EII_PROBLEM_WARNING, ""));
	unload(&s);
}

static void test_official__what_a_file_holds_otherwise_is_said_with_its_line(void **state)
{
	static const char *const environment[] = { ENOUGH, PASSWORD, NULL };
	const char *file = scratch_file(state, "x.YAML",
					"opencti:\n  uri: a\nconector:\n  id: b\n"
					"connector:\n  auto: true\n  interval: 5\n"
					"  name: [a]\nemail_intel_imap:\n"
					"  google_token_json: {\"refresh_token\": \"hush\"}\n"
					"  port: {a: b}\n  tlp_level: ~\n  mailbox: ''\n"
					"  attachments_mime_types: []\n");
	static const char *const warnings[] = {
		"x.YAML, line 2: unknown key uri in [opencti]; the nearest known one is url",
		"x.YAML, line 3: unknown section conector; it has no effect; the nearest known",
		"CONNECTOR_INTERVAL (",
	};
	static const char *const wrong[] = {
		"x.YAML, line 8): a list stands there; one value is taken",
		"x.YAML, line 10): not a text: put a document like {...} in single",
		"x.YAML, line 11): not a text: something else stands under it",
	};
	struct loaded_settings s = load(file, NULL, environment);

	for (size_t i = 0; i < ARRAY_LEN(warnings); i++)
		CHECK(find_problem(&s, EII_PROBLEM_WARNING, warnings[i]), "%s", warnings[i]);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		CHECK(find_problem(&s, EII_PROBLEM_WRONG, wrong[i]), "%s", wrong[i]);
	assert_int_equal(s.problems.n_wrong, ARRAY_LEN(wrong));
	assert_null(find_problem(&s, EII_PROBLEM_WRONG, "hush"));
	unload(&s);
}

/* Whose value counts here and there, by source: what each reads is in docs/upgrading.md. */
static void test_official__says_where_another_value_counts(void **state)
{
	static const char yaml[] = "opencti:\n  url: https://yaml.example\n  ssl_verify: false\n"
				   "connector:\n  name: yaml\n  duration_period: PT5M\n"
				   "email_intel_imap:\n  host: imap.example\n  port: 993\n"
				   "  username: analyst\n  tls: implicit\n"
				   "mq:\n  host: yaml.example\n";
	static const char dotenv_text[] = "EMAIL_INTEL_IMAP_PASSWORD=hush\nMQ_HOST=dotenv\n"
					  "CONNECTOR_NAME=dotenv\nEMAIL_INTEL_IMAP_PORT=993\n"
					  "EMAIL_INTEL_IMAP_USERNAME=other\n"
					  "EMAIL_INTEL_IMAP_TLS=none\n";
	static const char *const environment[] = { "OPENCTI_URL=https://opencti.example",
						   "OPENCTI_TOKEN=t0ken",
						   "EMAIL_INTEL_IMAP_HOST=imap.example",
						   "EMAIL_INTEL_IMAP_MAILBOX=Intel",
						   "CONNECTOR_SCOPE=x",
						   NULL };
	static const char *const wanted[] = {
		"OPENCTI_SSL_VERIFY: the value of ",
		"CONNECTOR_NAME: the value of ",
		"EMAIL_INTEL_IMAP_USERNAME: the value of ",
		"EMAIL_INTEL_IMAP_MAILBOX: the value of environment counts; the official "
		"connector, "
		"where a config.yml lies, takes its default: ",
		"MQ_HOST: the value of ",
	};
	const char *file = scratch_file(state, "config.yml", yaml);
	const char *dotenv = scratch_file(state, ".env", dotenv_text);
	struct loaded_settings s = load(file, dotenv, environment);
	size_t n = 0;

	assert_int_equal(s.rc, EII_OK);
	assert_string_equal(s.config->opencti.url, "https://opencti.example");
	assert_password(s.config, "hush");
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		CHECK(find_problem(&s, EII_PROBLEM_UNSAFE, wanted[i]), "%s", wanted[i]);
	for (size_t i = 0; i < s.problems.n; i++)
		n += strstr(s.problems.items[i].text, "official connector, where") != NULL;
	assert_int_equal(n, ARRAY_LEN(wanted));
	assert_non_null(find_problem(&s, EII_PROBLEM_UNSAFE, "config.yml, line 10: leave only"));
	assert_null(find_problem(&s, EII_PROBLEM_UNSAFE, "hush"));
	unload(&s);
}

static void test_official__a_dotenv_alone_counts_there_too(void **state)
{
	static const char *const environment[] = { ENOUGH, PASSWORD, "MQ_HOST=a", NULL };
	const char *dotenv = scratch_file(state, ".env",
					  "EMAIL_INTEL_IMAP_HOST=other\nMQ_PORT=1\n"
					  "EMAIL_INTEL_IMAP_USERNAME=analyst\n");
	struct loaded_settings s = load(NULL, dotenv, environment);

	assert_int_equal(s.rc, EII_OK);
	assert_non_null(find_problem(&s, EII_PROBLEM_UNSAFE,
				     "EMAIL_INTEL_IMAP_HOST: the value of environment counts; the "
				     "official connector, where a .env lies, takes that of "));
	assert_null(find_problem(&s, EII_PROBLEM_UNSAFE, "EMAIL_INTEL_IMAP_PASSWORD"));
	assert_non_null(find_problem(&s, EII_PROBLEM_UNSAFE, "MQ_PORT: the value of "));
	assert_null(find_problem(&s, EII_PROBLEM_UNSAFE, "MQ_HOST"));
	assert_null(find_problem(&s, EII_PROBLEM_UNSAFE, "USERNAME"));
	assert_null(find_problem(&s, EII_PROBLEM_UNSAFE, "OPENCTI_URL"));
	unload(&s);
	s = load(scratch_file(state, "config.ini", "[mq]\nvhost = v\n"), dotenv, environment);
	assert_null(find_problem(&s, EII_PROBLEM_UNSAFE, "the official connector"));
	unload(&s);
	s = load_for(EII_CONFIG_TO_ASK, NULL, dotenv, environment);
	assert_null(find_problem(&s, EII_PROBLEM_UNSAFE, "the official connector"));
	unload(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_official__config_yml_is_read_as_it_is),
		cmocka_unit_test(test_official__what_a_file_holds_otherwise_is_said_with_its_line),
		cmocka_unit_test(test_official__says_where_another_value_counts),
		cmocka_unit_test(test_official__a_dotenv_alone_counts_there_too),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
