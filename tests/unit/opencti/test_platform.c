/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/opencti/platform.h"

#include "eii/base/alloc.h"
#include "eii/net/http.h"
#include "fake_http.h"
#include "support.h"

#define ID "2f3a1c1e-7a33-4a69-9d0f-0d2f1c6b8a10"

static enum eii_rc give_token(void *arg, char **out, struct eii_error *err)
{
	(void)arg;
	(void)err;
	*out = eii_strdup("t");
	return EII_OK;
}

struct fixture {
	struct fake_http server;
	struct eii_http *http;
	struct eii_platform *platform;
	struct eii_error err;
};

static void begin(struct fixture *f, const struct fake_reply *replies, int n)
{
	struct eii_http_options http_options = { .user_agent = EII_GRAPHQL_USER_AGENT };
	struct eii_platform_options options = { .connector_id = ID,
						.connector_name = "Email \"Intel\" IMAP",
						.connector_scope = " email-intel-imap, ,b",
						.queue_threshold_mb = 500 };
	char url[64];

	memset(f, 0, sizeof(*f));
	fake_http_start(&f->server, replies, n);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", f->server.port);
	f->http = eii_http_new(&http_options);
	options.graphql =
		(struct eii_graphql_options){ .url = url, .token = give_token, .http = f->http };
	f->platform = eii_platform_new(&options);
}

static void end(struct fixture *f)
{
	eii_platform_free(f->platform);
	eii_http_free(f->http);
	fake_http_stop(&f->server);
	fake_http_clear(&f->server);
}

#define OK(json)                                                                                   \
	{                                                                                          \
		.status = 200, .body = "{\"data\":" json "}"                                       \
	}
#define ABOUT(version) OK("{\"about\":{\"version\":\"" version "\"}}")
#define REFUSED(code, message)                                                                     \
	{                                                                                          \
		.status = 200, .body = "{\"errors\":[{\"message\":\"" message                      \
				       "\",\"extensions\":{\"code\":\"" code                       \
				       "\"}}],\"data\":null}"                                      \
	}
#define REGISTERED(state)                                                                          \
	OK("{\"registerConnector\":{\"id\":\"" ID "\",\"connector_state\":" state                  \
	   ",\"connector_user_id\":\"u1\",\"config\":{\"connection\":{\"host\":\"rabbit\","        \
	   "\"vhost\":"                                                                            \
	   "\"/\",\"use_ssl\":true,\"port\":5671,\"user\":\"guest\",\"pass\":\"p\\\"w\"},"         \
	   "\"push\":\"push_x\",\"push_routing\":\"push_routing_x\",\"push_exchange\":\"ex\"}}}")

#define WHOLE_INPUT                                                                                \
	"{\"input\":{\"id\":\"" ID "\",\"name\":\"Email \\\"Intel\\\" IMAP\",\"type\":"            \
	"\"EXTERNAL_IMPORT\",\"scope\":[\"email-intel-imap\",\"b\"],\"auto\":false,"               \
	"\"auto_update\":false,\"enrichment_resolution\":\"none\",\"only_contextual\":false,"      \
	"\"playbook_compatible\":false,\"listen_callback_uri\":null}}"
#define SHORT_INPUT                                                                                \
	"{\"input\":{\"id\":\"" ID "\",\"name\":\"Email \\\"Intel\\\" IMAP\",\"type\":"            \
	"\"EXTERNAL_IMPORT\",\"scope\":[\"email-intel-imap\",\"b\"],\"auto\":false,"               \
	"\"only_contextual\":false,\"playbook_compatible\":false}}"

static const char *variables_of(const struct fake_http *server, int i)
{
	const char *at = strstr(fake_http_body(server, i), "\"variables\":");

	assert_non_null(at);
	return at + 12;
}

/* The request's variables are exactly these. */
static void expect_variables(const struct fake_http *server, int i, const char *text)
{
	const char *variables = variables_of(server, i);

	CHECK(strlen(variables) == strlen(text) + 1 && !strncmp(variables, text, strlen(text)),
	      "request %d has %s", i, variables);
}

/* ---- registration ------------------------------------------------------ */

static void test_platform__registers_with_pyctis_whole_input(void **state)
{
	static const struct fake_reply replies[] = {
		ABOUT("7.260817.0"), REGISTERED("\"{\\\"last_email_ingestion\\\":\\\"x\\\"}\"")
	};
	struct eii_registration registration = { 0 };
	struct fixture f;

	(void)state;
	begin(&f, replies, 2);
	CHECK(eii_platform_register(f.platform, &registration, &f.err) == EII_OK, "%s", f.err.text);
	expect_variables(&f.server, 1, WHOLE_INPUT);
	assert_string_equal(registration.state, "{\"last_email_ingestion\":\"x\"}");
	assert_string_equal(registration.connector_user_id, "u1");
	assert_string_equal(registration.mq_host, "rabbit");
	assert_string_equal(registration.mq_vhost, "/");
	assert_string_equal(registration.mq_user, "guest");
	assert_string_equal(registration.mq_password, "p\"w");
	assert_int_equal(registration.mq_port, 5671);
	assert_true(registration.mq_uses_tls);
	assert_string_equal(registration.push_queue, "push_x");
	assert_string_equal(registration.push_routing, "push_routing_x");
	assert_string_equal(registration.push_exchange, "ex");
	assert_true(eii_platform_features(f.platform)->has_no_split);
	eii_registration_clear(&registration);
	end(&f);
}

static void test_platform__an_old_one_gets_what_it_knows(void **state)
{
	static const struct fake_reply replies[] = { ABOUT("6.0.0"), REGISTERED("null") };
	struct eii_registration registration = { 0 };
	struct fixture f;

	(void)state;
	begin(&f, replies, 2);
	CHECK(eii_platform_register(f.platform, &registration, &f.err) == EII_OK, "%s", f.err.text);
	expect_variables(&f.server, 1, SHORT_INPUT);
	assert_null(registration.state);
	assert_true(eii_platform_features(f.platform)->needs_file_version);
	eii_registration_clear(&registration);
	end(&f);
}

static void test_platform__the_short_input_follows_only_a_refused_whole_one(void **state)
{
	static const struct {
		struct fake_reply refusal;
		int n_requests;
		enum eii_rc rc;
	} cases[] = {
		{ REFUSED("BAD_USER_INPUT", "unknown field"), 3, EII_OK },
		{ REFUSED("GRAPHQL_VALIDATION_FAILED", "unknown type"), 3, EII_OK },
		{ REFUSED("FUNCTIONAL_ERROR", "Validation against schema failed"), 2, EII_RETRY },
		{ { .status = 502, .body = "" }, 2, EII_RETRY },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fake_reply replies[] = { ABOUT("a version of tomorrow"), cases[i].refusal,
						REGISTERED("\"\"") };
		struct eii_registration registration = { .mq_port = 42 };
		struct fixture f;

		begin(&f, replies, 3);
		CHECK(eii_platform_register(f.platform, &registration, &f.err) == cases[i].rc,
		      "case %zu: %s", i, f.err.text);
		CHECK(f.server.n_requests == cases[i].n_requests, "case %zu", i);
		expect_variables(&f.server, 1, WHOLE_INPUT);
		if (cases[i].rc)
			CHECK(registration.mq_port == 42, "case %zu wrote its output", i);
		else
			expect_variables(&f.server, 2, SHORT_INPUT);
		eii_registration_clear(&registration);
		end(&f);
	}
}

static void test_platform__a_connector_just_deleted_is_tried_again(void **state)
{
	static const struct fake_reply replies[] = {
		ABOUT("7.260817.0"),
		REFUSED("INTERNAL_SERVER_ERROR",
			"Unexpected error value: { extensions: { code: \\\"LOCK_ERROR\\\" } }")
	};
	struct eii_registration registration = { 0 };
	struct fixture f;

	(void)state;
	begin(&f, replies, 2);
	assert_int_equal(eii_platform_register(f.platform, &registration, &f.err), EII_RETRY);
	assert_int_equal(eii_platform_failure(f.platform).code, EII_GRAPHQL_LOCKED);
	assert_int_equal(eii_platform_failure(f.platform).retry_after_s, 5);
	end(&f);
}

static void test_platform__an_answer_without_what_we_need_is_refused(void **state)
{
	static const char *const needed[] = { "host", "vhost", "user",         "pass",
					      "port", "push",  "push_routing", "push_exchange" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
		static const struct fake_reply whole = REGISTERED("null");
		EII_AUTO_STR body = eii_strdup(whole.body);
		EII_AUTO_STR quoted = eii_asprintf("\"%s\":", needed[i]);
		struct fake_reply replies[] = { ABOUT("7.260817.0"),
						{ .status = 200, .body = body } };
		struct eii_registration registration = { .mq_port = 42 };
		struct fixture f;

		*(strstr(body, quoted) + 1) = 'X';
		begin(&f, replies, 2);
		CHECK(eii_platform_register(f.platform, &registration, &f.err) == EII_RETRY, "%s",
		      needed[i]);
		CHECK(strstr(f.err.text, needed[i]), "%s: %s", needed[i], f.err.text);
		CHECK(registration.mq_port == 42 && !registration.mq_host, "%s", needed[i]);
		end(&f);
	}
}

/* ---- ping and state ---------------------------------------------------- */

static void test_platform__ping_carries_state_and_info(void **state)
{
	static const struct fake_reply replies[] = {
		ABOUT("7.260817.0"),
		OK("{\"pingConnector\":{\"id\":\"x\",\"connector_state\":\"{\\\"a\\\":1}\"}}"),
		OK("{\"pingConnector\":{\"id\":\"x\",\"connector_state\":null}}"),
		OK("{\"pingConnector\":{\"id\":\"x\",\"connector_state\":\"\"}}"),
	};
	struct eii_connector_info info = { .is_buffering = true,
					   .queue_bytes = 2500000,
					   .next_run_unix_s = 1787234160 };
	enum eii_ping_answer answer;
	const char *version;
	char *echo;
	struct fixture f;

	(void)state;
	begin(&f, replies, 4);
	assert_int_equal(eii_platform_about(f.platform, &version, &f.err), EII_OK);
	assert_string_equal(version, "7.260817.0");
	CHECK(eii_platform_ping(f.platform, "{\"a\":1}", &info, &answer, &echo, &f.err) == EII_OK,
	      "%s", f.err.text);
	assert_int_equal(answer, EII_PING_OK);
	assert_string_equal(echo, "{\"a\":1}");
	free(echo);
	expect_variables(&f.server, 1,
			 "{\"id\":\"" ID "\",\"state\":\"{\\\"a\\\":1}\",\"connectorInfo\":{"
			 "\"run_and_terminate\":false,\"buffering\":true,\"queue_threshold\":"
			 "500.000000,\"queue_messages_size\":2.500000,\"next_run_datetime\":"
			 "\"2026-08-20T13:56:00Z\",\"last_run_datetime\":null}}");
	assert_int_equal(eii_platform_ping(f.platform, NULL, NULL, &answer, &echo, &f.err), EII_OK);
	assert_null(echo);
	expect_variables(&f.server, 2, "{\"id\":\"" ID "\"}");
	assert_int_equal(eii_platform_ping(f.platform, NULL, NULL, &answer, &echo, &f.err), EII_OK);
	assert_string_equal(echo, "");
	free(echo);
	end(&f);
}

static void test_platform__an_old_one_gets_no_info(void **state)
{
	static const struct fake_reply replies[] = {
		ABOUT("6.2.11"),
		OK("{\"pingConnector\":{\"id\":\"x\",\"connector_state\":null}}")
	};
	struct eii_connector_info info = { 0 };
	enum eii_ping_answer answer;
	const char *version;
	char *echo;
	struct fixture f;

	(void)state;
	begin(&f, replies, 2);
	assert_int_equal(eii_platform_about(f.platform, &version, &f.err), EII_OK);
	assert_int_equal(eii_platform_ping(f.platform, "s", &info, &answer, &echo, &f.err), EII_OK);
	assert_null(strstr(fake_http_body(&f.server, 1), "onnectorInfo"));
	end(&f);
}

static void test_platform__tells_a_deleted_connector_from_a_failure(void **state)
{
	static const struct {
		struct fake_reply reply;
		enum eii_rc rc;
	} cases[] = {
		{ REFUSED("FUNCTIONAL_ERROR", "No connector found with the specified ID"), EII_OK },
		{ REFUSED("FUNCTIONAL_ERROR", "something else"), EII_RETRY },
		{ REFUSED("INTERNAL_SERVER_ERROR", "No connector found"), EII_RETRY },
		{ OK("{\"pingConnector\":null}"), EII_RETRY },
		{ { .status = 503, .body = "" }, EII_RETRY },
		{ { .way = FAKE_CUT }, EII_RETRY },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		enum eii_ping_answer answer = EII_PING_OK;
		char untouched[] = "x", *echo = untouched;
		struct fake_reply replies[] = { cases[i].reply, cases[i].reply };
		struct fixture f;

		begin(&f, replies, 2);
		CHECK(eii_platform_ping(f.platform, "s", NULL, &answer, &echo, &f.err) ==
			      cases[i].rc,
		      "case %zu: %s", i, f.err.text);
		if (cases[i].rc)
			CHECK(answer == EII_PING_OK && echo == untouched, "case %zu", i);
		else
			CHECK(answer == EII_PING_NO_CONNECTOR && !echo, "case %zu", i);
		end(&f);
	}
}

static void test_platform__says_when_a_pings_outcome_is_unknown(void **state)
{
	static const struct fake_reply replies[] = { { .status = 504, .body = "" },
						     { .status = 429, .body = "" } };
	enum eii_ping_answer answer;
	char *echo;
	struct fixture f;

	(void)state;
	begin(&f, replies, 2);
	assert_int_equal(eii_platform_ping(f.platform, "s", NULL, &answer, &echo, &f.err),
			 EII_RETRY);
	assert_true(eii_platform_failure(f.platform).is_outcome_unknown);
	assert_int_equal(eii_platform_ping(f.platform, "s", NULL, &answer, &echo, &f.err),
			 EII_RETRY);
	assert_false(eii_platform_failure(f.platform).is_outcome_unknown);
	end(&f);
}

static void test_platform__reads_state_and_queue(void **state)
{
	static const struct fake_reply replies[] = {
		OK("{\"connector\":{\"id\":\"x\",\"connector_state\":\"null\"}}"),
		OK("{\"connector\":null}"),
		OK("{\"connector\":{\"connector_queue_details\":{\"messages_number\":3,"
		   "\"messages_size\":1234.5}}}"),
		OK("{\"connector\":{\"connector_queue_details\":null}}"),
	};
	struct eii_queue_details queue = { 0 };
	enum eii_ping_answer answer;
	char *text;
	struct fixture f;

	(void)state;
	begin(&f, replies, 4);
	assert_int_equal(eii_platform_read_state(f.platform, &answer, &text, &f.err), EII_OK);
	assert_int_equal(answer, EII_PING_OK);
	assert_string_equal(text, "null");
	free(text);
	assert_int_equal(eii_platform_read_state(f.platform, &answer, &text, &f.err), EII_OK);
	assert_int_equal(answer, EII_PING_NO_CONNECTOR);
	assert_null(text);
	assert_int_equal(eii_platform_queue(f.platform, &queue, &f.err), EII_OK);
	assert_true(queue.is_known && queue.n_messages == 3 && queue.size_bytes == 1234.5);
	assert_int_equal(eii_platform_queue(f.platform, &queue, &f.err), EII_RETRY);
	assert_true(queue.n_messages == 3);
	end(&f);
}

/* ---- works ------------------------------------------------------------- */

static void test_platform__a_work_from_first_to_last(void **state)
{
	static const struct fake_reply replies[] = {
		ABOUT("7.260817.0"),
		OK("{\"workAdd\":{\"id\":\"work_1\"}}"),
		OK("{\"workEdit\":{\"addExpectations\":\"work_1\"}}"),
		OK("{\"workEdit\":{\"reportExpectation\":\"work_1\"}}"),
		OK("{\"isWorkAlive\":true}"),
		OK("{\"isWorkAlive\":false}"),
		OK("{\"workEdit\":{\"toProcessed\":\"work_1\"}}"),
	};
	const char *version;
	char *work_id = NULL;
	bool is_alive = false;
	struct fixture f;

	(void)state;
	begin(&f, replies, 7);
	assert_int_equal(eii_platform_about(f.platform, &version, &f.err), EII_OK);
	assert_int_equal(eii_platform_work_add(f.platform, "Email", &work_id, &f.err), EII_OK);
	assert_string_equal(work_id, "work_1");
	expect_variables(&f.server, 1,
			 "{\"connectorId\":\"" ID "\",\"friendlyName\":\"Email\","
			 "\"isMultiPartWork\":true}");
	assert_int_equal(eii_platform_add_expectations(f.platform, work_id, 250, &f.err), EII_OK);
	expect_variables(&f.server, 2, "{\"id\":\"work_1\",\"expectations\":250}");
	assert_int_equal(
		eii_platform_report_expectation(f.platform, work_id, "why\n", NULL, &f.err),
		EII_OK);
	expect_variables(&f.server, 3,
			 "{\"id\":\"work_1\",\"error\":{\"error\":\"why\\n\",\"source\":null}}");
	assert_int_equal(eii_platform_is_work_alive(f.platform, work_id, &is_alive, &f.err),
			 EII_OK);
	assert_true(is_alive);
	assert_int_equal(eii_platform_is_work_alive(f.platform, work_id, &is_alive, &f.err),
			 EII_OK);
	assert_false(is_alive);
	assert_int_equal(eii_platform_to_processed(f.platform, work_id, "3 mails",
						   EII_WORK_IN_ERROR, &f.err),
			 EII_OK);
	expect_variables(&f.server, 6,
			 "{\"id\":\"work_1\",\"message\":\"3 mails\",\"inError\":true}");
	free(work_id);
	end(&f);
}

static void test_platform__old_ones_are_asked_for_nothing_they_lack(void **state)
{
	static const struct fake_reply replies[] = { ABOUT("6.1.11"),
						     OK("{\"workAdd\":{\"id\":\"w\"}}") };
	struct eii_queue_details queue = { .is_known = true, .n_messages = 9 };
	const char *version;
	char *work_id = NULL;
	bool is_alive = false;
	struct fixture f;

	(void)state;
	begin(&f, replies, 2);
	assert_int_equal(eii_platform_about(f.platform, &version, &f.err), EII_OK);
	assert_int_equal(eii_platform_is_work_alive(f.platform, "w", &is_alive, &f.err), EII_OK);
	assert_true(is_alive);
	assert_int_equal(eii_platform_queue(f.platform, &queue, &f.err), EII_OK);
	assert_false(queue.is_known);
	assert_true(queue.n_messages == 0);
	assert_int_equal(eii_platform_work_add(f.platform, "x", &work_id, &f.err), EII_OK);
	assert_null(strstr(fake_http_body(&f.server, 1), "isMultiPartWork"));
	assert_int_equal(f.server.n_requests, 2);
	free(work_id);
	end(&f);
}

static void test_platform__what_counts_is_never_sent_twice(void **state)
{
	static const struct fake_reply replies[] = { { .way = FAKE_CUT },
						     { .way = FAKE_CUT },
						     { .way = FAKE_CUT } };
	char untouched[] = "x", *work_id = untouched;
	struct fixture f;

	(void)state;
	begin(&f, replies, 3);
	assert_int_equal(eii_platform_work_add(f.platform, "x", &work_id, &f.err), EII_RETRY);
	assert_true(eii_platform_failure(f.platform).is_outcome_unknown);
	assert_ptr_equal(work_id, untouched);
	assert_int_equal(eii_platform_add_expectations(f.platform, "w", 1, &f.err), EII_RETRY);
	assert_true(eii_platform_failure(f.platform).is_outcome_unknown);
	assert_int_equal(eii_platform_report_expectation(f.platform, "w", "e", NULL, &f.err),
			 EII_RETRY);
	assert_true(eii_platform_failure(f.platform).is_outcome_unknown);
	end(&f);
	assert_int_equal(f.server.n_requests, 3);
}

static void test_platform__asks_for_author_and_marking(void **state)
{
	static const struct fake_reply replies[] = {
		OK("{\"identity\":{\"id\":\"x\"}}"),
		OK("{\"identity\":null}"),
		OK("{\"markingDefinition\":{\"id\":\"x\"}}"),
		OK("{\"markingDefinition\":null}"),
		{ .status = 500, .body = "" },
	};
	bool has = false;
	struct fixture f;

	(void)state;
	begin(&f, replies, 5);
	assert_int_equal(eii_platform_has_identity(f.platform, "identity--1", &has, &f.err),
			 EII_OK);
	assert_true(has);
	assert_int_equal(eii_platform_has_identity(f.platform, "identity--1", &has, &f.err),
			 EII_OK);
	assert_false(has);
	assert_int_equal(eii_platform_has_marking(f.platform, "m", &has, &f.err), EII_OK);
	assert_true(has);
	assert_int_equal(eii_platform_has_marking(f.platform, "m", &has, &f.err), EII_OK);
	assert_false(has);
	has = true;
	assert_int_equal(eii_platform_has_marking(f.platform, "m", &has, &f.err), EII_RETRY);
	assert_true(has);
	expect_variables(&f.server, 0, "{\"id\":\"identity--1\"}");
	end(&f);
}

static void test_platform__a_state_of_a_megabyte_passes(void **state)
{
	static const struct fake_reply replies[] = {
		OK("{\"pingConnector\":{\"id\":\"x\",\"connector_state\":null}}"), { .status = 200 }
	};
	size_t n = 1000000;
	char *text = calloc(1, 5000001);
	enum eii_ping_answer answer;
	char *echo;
	struct fixture f;

	(void)state;
	memset(text, 'a', n);
	begin(&f, replies, 2);
	assert_int_equal(eii_platform_ping(f.platform, text, NULL, &answer, &echo, &f.err), EII_OK);
	memset(text, 'a', 5000000);
	assert_int_equal(eii_platform_ping(f.platform, text, NULL, &answer, &echo, &f.err),
			 EII_REJECT);
	end(&f);
	assert_int_equal(f.server.n_requests, 1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_platform__registers_with_pyctis_whole_input),
		cmocka_unit_test(test_platform__an_old_one_gets_what_it_knows),
		cmocka_unit_test(test_platform__the_short_input_follows_only_a_refused_whole_one),
		cmocka_unit_test(test_platform__a_connector_just_deleted_is_tried_again),
		cmocka_unit_test(test_platform__an_answer_without_what_we_need_is_refused),
		cmocka_unit_test(test_platform__ping_carries_state_and_info),
		cmocka_unit_test(test_platform__an_old_one_gets_no_info),
		cmocka_unit_test(test_platform__tells_a_deleted_connector_from_a_failure),
		cmocka_unit_test(test_platform__says_when_a_pings_outcome_is_unknown),
		cmocka_unit_test(test_platform__reads_state_and_queue),
		cmocka_unit_test(test_platform__a_work_from_first_to_last),
		cmocka_unit_test(test_platform__old_ones_are_asked_for_nothing_they_lack),
		cmocka_unit_test(test_platform__what_counts_is_never_sent_twice),
		cmocka_unit_test(test_platform__asks_for_author_and_marking),
		cmocka_unit_test(test_platform__a_state_of_a_megabyte_passes),
	};

	eii_http_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
